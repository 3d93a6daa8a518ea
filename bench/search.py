"""Finding one of 1,000,000 products, each with a name of its own, in the encrypted catalogue; tantivy beside it.

Queries are made from names: two words of one in any order, unfinished, or mistyped by chance. A product is found when it
is among the first ten; for a single mistyped word, any product that has the word is right. The time is that of the
processor until the rows of the first ten are known, a hundred queries here and the same hundred in tantivy by turns, all
of it twice, the better of either: what else the machine does is no matter. ``page_...`` has the listings, too, and is
measured once.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from pathlib import Path
from statistics import quantiles
from typing import Any

import tantivy

from bench.assortment import COLOUR_WORDS, NOW, SIZE_WORDS, Assortment, Generated
from sync.catalogue import EVERYTHING, Filters, Shelf, load
from sync.catalogue.search import find
from sync.catalogue.spelling import SLIPS_FROM
from sync.catalogue.words import fold
from sync.opening import CATALOGUE_CACHE
from sync.store.engine import open_engine, reading

PRODUCTS = 1_000_000
QUERIES = 500  # of each kind
WARMING = 100  # other ones of each kind before them, not measured
TURN = 100  # queries of ours, then the same of tantivy
LETTERS = "abcdefghijklmnopqrstuvwxyz"
FIRST = 10  # a product is found when it is among so many
# Kinds of mistyped queries, and what the share of them that is found is called.
TYPOS = {"one_typo": "one_edit", "two_typo": "two_edits", "swap": "swap", "word_typo": "word_typo"}
HOSTILE = (
    "x" * 10_000,
    "ab " * 3_000,
    "!?" * 5_000,
    "🙂" * 500,
    '"' * 99,
    "NEAR(a b)",
    "name : *",
    "\x00\ud800",
    "%_" * 99,
    COLOUR_WORDS,  # words that very many have, never all together
    SIZE_WORDS,
    "0200000",  # a piece of every code
)
LIMITS = {
    "exact_p95_ms": 3.0,
    "prefix_p95_ms": 3.0,
    "one_typo_p95_ms": 3.0,
    "swap_p95_ms": 3.0,
    "word_typo_p95_ms": 3.0,
    "two_typo_p95_ms": 6.0,
    "recall_one_edit": 0.99,
    "recall_two_edits": 0.97,
    "recall_word_typo": 0.97,
    "recall_swap": 0.97,
    "typo_p50_times_tantivy": 1.0,
    "typo_p95_times_tantivy": 1.0,
    "typos_found_less_than_tantivy": 0.0,
    "hostile_max_ms": 20.0,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, the product it was made from, and the word that any right product has (None: only that product is)."""

    text: str
    product: int
    word: str | None = None


def queries(assortment: Assortment, chance: random.Random) -> dict[str, list[Asked]]:
    """Queries by kind."""
    products = assortment.variants // assortment.per_product
    made: dict[str, list[Asked]] = {
        kind: [] for kind in ("exact", "prefix", "one_typo", "two_typo", "swap", "word_typo", "word_prefix")
    }
    while any(len(asked) < QUERIES for asked in made.values()):
        product = chance.randrange(products)
        words = list(assortment.parts(product)[1:3])
        chance.shuffle(words)
        one, two = words
        made["exact"].append(Asked(f"{one} {two}", product))
        made["prefix"].append(Asked(f"{one} {two[: max(1, len(two) - chance.randint(1, 4))]}", product))
        made["word_prefix"].append(Asked(one[: chance.randint(1, 5)], product))
        if len(one) >= 4:
            made["one_typo"].append(Asked(f"{slip(one, chance)} {two}", product))
            made["word_typo"].append(Asked(slip(one, chance), product, fold(one)))
            made["swap"].append(Asked(f"{two} {swap(one, chance)}", product))
        if len(one) >= 8 and chance.random() < 0.5:
            made["two_typo"].append(Asked(f"{slip(slip(one, chance), chance)} {two}", product))
        elif len(one) >= 4 and len(two) >= 4:
            made["two_typo"].append(Asked(f"{slip(one, chance)} {slip(two, chance)}", product))
    return {kind: asked[:QUERIES] for kind, asked in made.items()}


def slip(word: str, chance: random.Random) -> str:
    """``word`` with a letter too many, too few, another, or two of them swapped."""
    while True:
        at, letter = chance.randrange(len(word)), chance.choice(LETTERS)
        changed = chance.choice(
            (
                word[:at] + letter + word[at:],
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at + 1 :],
                swap(word, chance),
            )
        )
        if fold(changed) != fold(word):
            return changed


def swap(word: str, chance: random.Random) -> str:
    """``word`` with two neighbours swapped; as it was when all its letters are the same."""
    places = [at for at in range(len(word) - 1) if word[at] != word[at + 1]]
    if not places:
        return word
    at = chance.choice(places)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def run() -> Iterator[dict[str, object]]:
    """Load the catalogue as a device does, then search it."""
    assortment = Assortment(PRODUCTS)
    with tempfile.TemporaryDirectory(prefix="aisle-bench-") as folder:
        path = Path(folder) / "catalogue.db"
        engine = open_engine(path, secrets.token_bytes(32), synchronous="NORMAL", cache_mb=CATALOGUE_CACHE)
        shelf = Shelf(engine)
        asyncio.run(load(engine, Generated(assortment), NOW))  # type: ignore[arg-type]
        assert shelf.counts() == (PRODUCTS, PRODUCTS)
        figures = measure(shelf, assortment)
        figures["disk_mb"] = round(path.stat().st_size / 1e6)
        engine.dispose()
    yield {"bench": "search", "figures": figures | {"products": PRODUCTS}, "limit": LIMITS}


def measure(shelf: Shelf, assortment: Assortment) -> dict[str, float]:
    """Every figure of one catalogue."""
    kinds = queries(assortment, random.Random(20))
    known = _Known(shelf)
    figures: dict[str, float] = {"words": len(assortment.words)}
    rival = _Tantivy(assortment)
    beside = dict.fromkeys(("exact", *TYPOS), 0) | dict.fromkeys(TYPOS, 2)  # slips that tantivy forgives
    ours: dict[str, float] = {}
    theirs: dict[str, float] = {}
    with reading(shelf.engine) as connection:
        before = queries(assortment, random.Random(19))  # a kiosk that has been in use for a while
        for asked in before.values():
            for one in asked[:WARMING]:
                find(connection, one.text, EVERYTHING, FIRST, 0)
                rival.find(one.text, 2)

        def our_rows(text: str) -> Sequence[int]:
            return find(connection, text, EVERYTHING, FIRST, 0).rows

        for kind, asked in kinds.items():
            slips = beside.get(kind)
            finders: list[Callable[[str], Sequence[int]]] = [our_rows]
            if slips is not None:
                finders.append(partial(rival.find, slips=slips))
            found, *others = _in_turns(asked, finders)
            figures |= _times(kind, [took for took, _ in found])
            if kind != "word_prefix":
                ours[kind] = _recall(assortment, asked, [known.numbers(rows) for _, rows in found])
            for rivals in others:
                figures |= _times(f"tantivy_{kind}", [took for took, _ in rivals])
                theirs[kind] = _recall(assortment, asked, [rows for _, rows in rivals])
    for kind, name in TYPOS.items():
        figures |= {f"recall_{name}": ours[kind], f"tantivy_recall_{name}": theirs[kind]}
    figures["recall_exact"], figures["recall_prefix"] = ours["exact"], ours["prefix"]
    for cut in ("p50", "p95"):
        times = {kind: figures[f"{kind}_{cut}_ms"] / figures[f"tantivy_{kind}_{cut}_ms"] for kind in TYPOS}
        figures[f"typo_{cut}_times_tantivy"] = round(max(times.values()), 2)
    figures["typos_found_less_than_tantivy"] = round(
        max(max(theirs[kind] - ours[kind], 0.0) for kind in TYPOS), 3
    )
    pages = [
        _timed(lambda text: shelf.search(text, NOW, limit=FIRST), one.text)[0]
        for kind in ("exact", "one_typo")
        for one in kinds[kind]
    ]
    figures |= _times("page", pages)
    some = [one.text.split()[0] for one in kinds["exact"][:100]]
    figures |= _times("facets", [_timed(lambda text: shelf.facets(text), text)[0] for text in some])
    figures |= _times(
        "filtered",
        [
            _timed(lambda text: shelf.search(text, NOW, filters=Filters(size="M", available=True)), text)[0]
            for text in some
        ],
    )
    figures |= _times("browse", [_timed(lambda text: shelf.search(text, NOW), "")[0] for _ in range(50)])
    hostile = [
        min(_timed(lambda text: shelf.search(text, NOW), text)[0] for _ in range(2)) for text in HOSTILE
    ]
    figures["hostile_max_ms"] = round(max(hostile), 2)  # the better of two, as other things run, too
    return figures


def _in_turns(
    asked: Sequence[Asked], finders: Sequence[Callable[[str], Sequence[int]]]
) -> list[list[tuple[float, Sequence[int]]]]:
    """What each of ``finders`` finds and how long that takes, some queries at a time, each twice: the better counts."""
    done: list[list[tuple[float, Sequence[int]]]] = [[] for _ in finders]
    for start in range(0, len(asked), TURN):
        block = asked[start : start + TURN]
        rounds = [[[_timed(finder, one.text) for one in block] for finder in finders] for _ in range(2)]
        for answers, first, second in zip(done, *rounds, strict=True):
            answers.extend(min(pair, key=itemgetter(0)) for pair in zip(first, second, strict=True))
    return done


class _Known:
    """Which products the rows of a catalogue stand for."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def numbers(self, rows: Sequence[int]) -> list[int]:
        if not rows:
            return []
        marks = ",".join("?" * len(rows))
        with reading(self._shelf.engine) as connection:
            found = connection.exec_driver_sql(
                f"SELECT id FROM products WHERE row IN ({marks})", tuple(rows)
            ).scalars()
            return [int(id_[2:]) for id_ in found]


class _Tantivy:
    """The same names in tantivy: every word must be there, an exact one counts more.

    It forgives as much as we do, one slip and in words from eight letters two: nobody knows how often a finger slipped.
    """

    def __init__(self, assortment: Assortment) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("name", stored=False)
        builder.add_integer_field("product", stored=True)
        self._schema = builder.build()
        index = tantivy.Index(self._schema)
        writer = index.writer(heap_size=200_000_000, num_threads=1)
        for product in range(assortment.variants // assortment.per_product):
            writer.add_document(tantivy.Document(name=fold(assortment.name(product)), product=product))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self._searcher = index.searcher()

    def find(self, text: str, slips: int) -> list[int]:
        """The first ten."""
        parts: list[tuple[Any, Any]] = []
        for word in fold(text).split():
            exact = tantivy.Query.term_query(self._schema, "name", word)
            if not slips:
                parts.append((tantivy.Occur.Must, exact))
                continue
            most = min(slips, 2) if len(word) >= SLIPS_FROM[1] else 1
            near = tantivy.Query.fuzzy_term_query(
                self._schema, "name", word, distance=most, transposition_cost_one=True
            )
            parts += [(tantivy.Occur.Must, near), (tantivy.Occur.Should, exact)]
        hits = self._searcher.search(tantivy.Query.boolean_query(parts), limit=FIRST, count=False).hits
        return [self._searcher.doc(address)["product"][0] for _, address in hits]


def _recall(assortment: Assortment, asked: Sequence[Asked], found: Sequence[Sequence[int]]) -> float:
    right = 0
    for one, products in zip(asked, found, strict=True):
        if one.word is None:
            right += one.product in products
        else:
            right += any(one.word in fold(assortment.name(product)).split() for product in products)
    return round(right / len(asked), 3)


def _timed(do: Callable[[str], Any], text: str) -> tuple[float, Any]:
    started = time.thread_time()
    answer = do(text)
    return (time.thread_time() - started) * 1000, answer


def _times(kind: str, taken: Sequence[float]) -> dict[str, float]:
    cuts = quantiles(taken, n=20)
    return {f"{kind}_p50_ms": round(cuts[9], 3), f"{kind}_p95_ms": round(cuts[-1], 3)}
