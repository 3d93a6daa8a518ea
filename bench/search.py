"""Searching 100,000 remembered products, three offers each, in the encrypted catalogue as a kiosk has it."""

from __future__ import annotations

import asyncio
import random
import secrets
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles

from partners.contract import OfferPage
from retail.gtin import Gtin, check_digit
from retail.money import Money
from retail.offer import Offer
from sync.catalogue import Shelf, load
from sync.store.engine import open_engine

PRODUCTS = 100_000
QUERIES = 1_500
NOW = datetime(2026, 3, 14, tzinfo=UTC)
SYLLABLES = [first + second for first in "bdfgklmnprstv" for second in "aeioué"]
KINDS = (
    "Shirt",
    "Jacket",
    "Trousers",
    "Dress",
    "Shoe",
    "Hat",
    "Bag",
    "Lamp",
    "Chair",
    "Table",
    "Mug",
    "Kettle",
)
STUFFS = ("linen", "wool", "cotton", "leather", "canvas", "oak", "steel", "glass", "silk", "cork")
COLOURS = ("ochre", "navy", "olive", "crème", "black", "white", "coral", "grey", "rosé", "teal")


class Generated:
    """A partner with a third of all offers, made from a seed."""

    def __init__(self, partner: str, products: Sequence[tuple[str, str, str, str]]) -> None:
        self.partner_id = partner
        self._products = products

    async def search(self, text: str, *, limit: int = 24, cursor: str | None = None) -> OfferPage:
        """One page of everything."""
        start = int(cursor or 0)
        offers = [self._offer(number) for number in range(start, min(start + limit, len(self._products)))]
        more = start + limit < len(self._products)
        return OfferPage(tuple(offers), str(start + limit) if more else None)

    def _offer(self, number: int) -> Offer:
        product, name, brand, category = self._products[number]
        payload = f"02{number:011d}"
        return Offer(
            partner=self.partner_id,
            sku=f"{self.partner_id}-{number}",
            gtin=Gtin(payload + check_digit(payload)),
            product=product,
            name=name,
            price=Money(1000 + number * 37 % 20000, "EUR"),
            available=number * 7 % 11,
            as_of=NOW,
            brand=brand,
            category=category,
            description=f"{name} by {brand}.",
            options={"size": "M", "colour": COLOURS[number % len(COLOURS)]},
            shipping=Money(490, "EUR"),
        )


def products(count: int, chance: random.Random) -> list[tuple[str, str, str, str]]:
    """(id, name, brand, category) of made-up things; common words, rare words and accents mixed."""
    rare = ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))).title() for _ in range(count // 5)]
    brands = ["".join(chance.choices(SYLLABLES, k=2)).title() for _ in range(400)]
    made = []
    for number in range(count):
        kind = chance.choice(KINDS)
        name = f"{chance.choice(rare)} {chance.choice(STUFFS)} {kind.lower()} {chance.choice(COLOURS)}"
        made.append((f"product-{number}", name, chance.choice(brands), f"{kind}s"))
    return made


def queries(
    made: Sequence[tuple[str, str, str, str]], chance: random.Random
) -> dict[str, list[tuple[str, str | None]]]:
    """(words, category) by kind of query."""
    found: dict[str, list[tuple[str, str | None]]] = {
        kind: []
        for kind in ("one_word", "two_words", "prefix", "common_word", "no_accents", "category", "browse")
    }
    for _ in range(QUERIES // len(found)):
        _, name, brand, category = chance.choice(made)
        words = name.split()
        found["one_word"].append((words[0], None))
        found["two_words"].append((f"{words[1]} {words[0].upper()}", None))
        found["prefix"].append((words[0][: chance.randint(2, 5)], None))
        found["common_word"].append((chance.choice(words[1:]), None))
        plain = f"{brand} {words[0]}".replace("é", "e").replace("è", "e")
        found["no_accents"].append((plain, None))
        found["category"].append((words[2], category))
        found["browse"].append(("", category))
    return found


def run() -> Iterator[dict[str, object]]:
    """Load the catalogue as a device does, then search it."""
    chance = random.Random(20)
    made = products(PRODUCTS, chance)
    with tempfile.TemporaryDirectory(prefix="aisle-bench-") as folder:
        engine = open_engine(Path(folder) / "catalogue.db", secrets.token_bytes(32), synchronous="NORMAL")
        shelf = Shelf(engine)
        started = time.perf_counter()
        for partner in ("north", "east", "south"):
            asyncio.run(load(engine, Generated(partner, made), NOW))  # type: ignore[arg-type]
        load_s = time.perf_counter() - started
        assert shelf.counts() == (PRODUCTS, 3 * PRODUCTS)
        kinds = queries(made, chance)
        figures: dict[str, float] = {}
        everything: list[float] = []
        for kind, asked in kinds.items():
            taken = [_time(shelf, words, category) for words, category in asked]
            figures[f"{kind}_p95_ms"] = round(quantiles(taken, n=20)[-1], 2)
            everything += taken
        cuts = quantiles(everything, n=20)
        engine.dispose()
    figures = {"p50_ms": round(cuts[9], 2), "p95_ms": round(cuts[-1], 2)} | figures
    yield {
        "bench": "search",
        "figures": figures | {"load_s": round(load_s, 1), "products": PRODUCTS},
        "limit": {"p95_ms": 20.0},
    }


def _time(shelf: Shelf, words: str, category: str | None) -> float:
    started = time.perf_counter()
    shelf.search(words, NOW, category=category)
    return (time.perf_counter() - started) * 1000
