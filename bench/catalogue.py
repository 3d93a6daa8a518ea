"""A million variants in the encrypted catalogue: loading them, keeping them up to date while searching, looking them up.

The load runs in a process of its own, so that its memory is its own. Beside it, in the same run: the same rows put into
a bare SQLite file, with nothing derived from them and nothing encrypted. ``PER_PRODUCT=4`` makes it 250,000 products
in four sizes and colours each, instead of a million different ones.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import secrets
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import quantiles
from typing import Any

from bench.assortment import NOW, Assortment, Generated
from partners.contract import ChangePage, OfferPage
from retail.offer import Offer
from sync.catalogue import Shelf
from sync.catalogue.changes import refresh
from sync.opening import CATALOGUE_CACHE
from sync.store.engine import open_engine

VARIANTS = 1_000_000
CHANGED = 10_000
BARE = 200_000  # rows for the bare file: enough to say how many a second
ASKED = 2_000  # look-ups of each kind
LIKENESSES = 400
LARGE = "Wardrobe"  # the category that three in ten are in
COLUMNS = 14
PAUSE = 0.01  # seconds between searches: still some ten people who type at once
LOOK_AGAIN = 0.02  # seconds between looks at the log
MIXED = 7_919  # a prime: numbers that jump all over the assortment


class Partner(Generated):
    """The assortment with one category of 300,000; the last ``CHANGED`` in its log got another price and stock."""

    async def search(self, text: str, *, limit: int = 24, cursor: str | None = None) -> OfferPage:
        """One page of everything."""
        page = await super().search(text, limit=limit, cursor=cursor)
        return OfferPage(tuple(map(_sorted, page.offers)), page.cursor)

    async def changes(self, cursor: str | None, *, limit: int = 100) -> ChangePage | None:
        """Nothing at first, then a hundredth of the assortment, a page at a time."""
        start = int(cursor or 0)
        if cursor is None:
            return ChangePage("0")
        if start == 0 and not self.moved:
            return ChangePage("0")
        end = min(start + limit, CHANGED)
        return ChangePage(str(end), tuple(map(self._changed, range(start, end))), more=end < CHANGED)

    moved = False

    def _changed(self, number: int) -> Offer:
        one = _sorted(self.assortment.offer(number * MIXED % self.assortment.variants))
        return replace(one, price=one.price + one.price, available=(one.available + 1) % 8)


def _sorted(offer: Offer) -> Offer:
    return replace(offer, category=LARGE) if int(offer.product[-1]) < 3 else offer


class Log:
    """The write-ahead log of the file at ``path``, watched: ``most_mb`` is its largest size, in MB of 2**20 bytes."""

    def __init__(self, path: Path) -> None:
        self.most_mb = 0.0
        self._file = path.with_name(path.name + "-wal")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Log:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(LOOK_AGAIN):
            self.most_mb = max(self.most_mb, self._file.stat().st_size / 2**20)


def load(path: str, key: str, variants: str, per_product: str) -> None:
    """What the process of its own does: load everything as a device does, and say what it took."""
    engine = open_engine(Path(path), bytes.fromhex(key), synchronous="NORMAL", cache_mb=CATALOGUE_CACHE)
    shelf = Shelf(engine)
    partner = Partner(Assortment(int(variants), int(per_product)))
    assert partner.assortment.words
    started, cpu = time.perf_counter(), time.process_time()
    with Log(Path(path)) as log:
        asyncio.run(refresh(engine, partner, NOW))  # type: ignore[arg-type]
    took = {"load_s": time.perf_counter() - started, "load_cpu_s": time.process_time() - cpu}
    assert shelf.counts() == (int(variants) // int(per_product), int(variants))
    engine.dispose()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(took | {"rss_mb": memory, "log_mb": log.most_mb}))


def run() -> Iterator[dict[str, object]]:
    """Load, look up, change."""
    per_product = int(os.environ.get("PER_PRODUCT", "1"))
    assortment = Assortment(VARIANTS, per_product)
    chance = random.Random(7)
    with tempfile.TemporaryDirectory(prefix="aisle-bench-") as folder:
        path, key = Path(folder) / "catalogue.db", secrets.token_bytes(32)
        bare_per_s = _bare(assortment, Path(folder) / "bare.db")
        command = [
            sys.executable,
            "-m",
            "bench.catalogue",
            str(path),
            key.hex(),
            str(VARIANTS),
            str(per_product),
        ]
        said = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        figures: dict[str, float] = json.loads(said)
        figures["load_per_s"] = VARIANTS / figures["load_s"]
        figures["bare_load_per_s"] = bare_per_s
        engine = open_engine(path, key, synchronous="NORMAL", cache_mb=CATALOGUE_CACHE)
        shelf = Shelf(engine)
        offers = [assortment.offer(chance.randrange(VARIANTS)) for _ in range(ASKED)]
        figures["lookup_gtin_p95_ms"] = _p95(shelf.by_gtin, [one.gtin for one in offers])
        figures["lookup_sku_p95_ms"] = _p95(shelf.by_sku, [one.sku.lower() for one in offers])
        alike = [one.product for one in offers if _sorted(one).category == LARGE][: LIKENESSES // 2]
        alike += [one.product for one in offers if _sorted(one).category != LARGE][: LIKENESSES // 2]
        figures["similar_p95_ms"] = _p95(lambda one: shelf.similar(one, 6, {"north"}), alike)
        started = time.perf_counter()
        assert len(shelf.gtins()) == VARIANTS
        figures["gtins_s"] = time.perf_counter() - started
        with Log(path) as log:
            figures |= _delta(shelf, assortment, chance)
        figures["log_mb"] = max(figures["log_mb"], log.most_mb)
        engine.dispose()
        figures["disk_mb"] = sum(file.stat().st_size for file in path.parent.glob("catalogue*")) / 1e6
    yield {
        "bench": "catalogue",
        "figures": {name: round(value, 3) for name, value in figures.items()}
        | {"variants": VARIANTS, "products": VARIANTS // per_product},
        "limit": {
            "load_s": 300.0,
            "rss_mb": 400.0,
            "log_mb": 64.0,
            "delta_10000_s": 5.0,
            "lookup_gtin_p95_ms": 1.0,
            "lookup_sku_p95_ms": 1.0,
            "similar_p95_ms": 30.0,
        },
    }


def _p95(ask: Callable[[Any], object], asked: Sequence[object]) -> float:
    taken = []
    for one in asked:
        started = time.perf_counter()
        assert ask(one)
        taken.append((time.perf_counter() - started) * 1000)
    return quantiles(taken, n=20)[-1]


def _delta(shelf: Shelf, assortment: Assortment, chance: random.Random) -> dict[str, float]:
    """Ten thousand changes, with searches all the while, as on a kiosk: in the same process."""
    partner = Partner(assortment)
    partner.moved = True
    took: dict[str, float] = {}

    def follow() -> None:
        started = time.perf_counter()
        done = asyncio.run(refresh(shelf.engine, partner, NOW))  # type: ignore[arg-type]
        took["delta_10000_s"] = time.perf_counter() - started
        assert (done.count, done.whole) == (CHANGED, False)

    quiet = _searches(shelf, assortment, chance, lambda done: done < 200)
    thread = threading.Thread(target=follow)
    thread.start()
    during = _searches(shelf, assortment, chance, lambda done: thread.is_alive() or done < 2)
    thread.join()
    changed = partner._changed(CHANGED - 1)
    assert shelf.by_sku(changed.sku)[0].price == changed.price
    return took | {
        "search_p95_ms": quantiles(quiet, n=20)[-1],
        "search_during_delta_p95_ms": quantiles(during, n=20)[-1],
        "searches_during_delta": len(during),
    }


def _searches(
    shelf: Shelf, assortment: Assortment, chance: random.Random, more: Callable[[int], bool]
) -> list[float]:
    taken: list[float] = []
    while more(len(taken)):
        words = assortment.name(chance.randrange(VARIANTS // assortment.per_product)).split()
        started = time.perf_counter()
        shelf.search(" ".join(words[: 1 + len(taken) % 2]), NOW)
        taken.append((time.perf_counter() - started) * 1000)
        time.sleep(PAUSE)
    return taken


def _bare(assortment: Assortment, path: Path) -> float:
    """Rows a second into a bare SQLite file with the same three indexes."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        columns = ", ".join(f"c{number}" for number in range(COLUMNS))
        connection.execute(f"CREATE TABLE offers ({columns})")
        for number in (1, 2, 3):
            connection.execute(f"CREATE INDEX i{number} ON offers (c{number})")
        started = time.perf_counter()
        for start in range(0, BARE, 4_000):
            rows = [_bare_row(one) for one in assortment.offers(start, start + 4_000)]
            connection.executemany(f"INSERT INTO offers VALUES ({','.join('?' * COLUMNS)})", rows)
            connection.commit()
        return BARE / (time.perf_counter() - started)


def _bare_row(one: Offer) -> tuple[object, ...]:
    return (
        one.partner, one.sku, one.gtin, one.product, one.name, one.brand, one.category, one.description,
        one.price.minor, one.shipping and one.shipping.minor, one.price.currency, one.available,
        one.as_of.timestamp(), json.dumps(dict(one.options)),
    )  # fmt: skip


if __name__ == "__main__":
    load(*sys.argv[1:])
