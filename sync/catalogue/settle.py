"""What is derived from offers: which words describe a product, whether it can be had and for how much, what finds it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import Connection

from sync.catalogue import index
from sync.catalogue.likeness import signature_of, style_of
from sync.catalogue.schema import CATEGORIES, NO_PRICE
from sync.store.engine import many

PUT_PRODUCT = (
    "INSERT OR REPLACE INTO products (row, id, told, brand, category, buyable, price, words, style, signature)"
    " VALUES (?,?,?,?,?,?,?,?,?,?)"
)
PUT_TELLING = "INSERT OR IGNORE INTO tellings VALUES (?,?,?,?,?,?,?)"
# Most changes are of prices and stock; an index whose columns do not change is then not touched.
PUT_PRICE = "UPDATE products SET price = ? WHERE row = ?"
PUT_STOCK = "UPDATE products SET buyable = ?, price = ? WHERE row = ?"


class Telling(NamedTuple):
    """What a partner says about a product; ``attributes`` are JSON."""

    name: str
    brand: str
    category: str
    description: str
    attributes: str


class Known(NamedTuple):
    """As much of an offer as its product depends on. ``row`` 0 stands for one that is new; ``options`` are JSON.

    ``price`` is None in another currency than the store's.
    """

    row: int
    partner: str
    sku: str
    gtin: int
    product: int
    told: int
    price: int | None
    available: int
    options: str


@dataclass(slots=True)
class Touched:
    """A product that a batch changes: how it stands in the table (None: it is new) and its offers afterwards."""

    id: str
    row: int
    before: tuple[Any, ...] | None
    offers: dict[tuple[str, str], Known] = field(default_factory=dict)
    tellings: dict[int, Telling] = field(default_factory=dict)
    kept: frozenset[int] = frozenset()  # digests of the tellings in the table


def settle(connection: Connection, products: Iterable[Touched]) -> int:
    """Write what is derived from the offers that these products have now; gives the new ones their row numbers.

    Returns by how many products there are more.
    """
    numbers: dict[str, int] = {}
    serial: int | None = None
    difference = 0
    put: list[tuple[Any, ...]] = []
    stock: list[tuple[int, int, int]] = []
    price: list[tuple[int, int]] = []
    tellings: list[tuple[Any, ...]] = []
    untold: list[tuple[int, int]] = []
    gone: list[int] = []
    moved: list[tuple[int, int]] = []
    words_gone: list[int] = []
    words_put: list[tuple[int, str]] = []
    for one in products:
        if not one.offers:
            if one.before is not None:
                difference -= 1
                gone.append(one.row)
                words_gone.append(one.row)
                untold += [(one.row, each) for each in one.kept]
            continue
        first = min(one.offers)
        told = one.offers[first].told
        telling = one.tellings[told]
        if telling.category not in numbers:
            numbers[telling.category] = _number(connection, telling.category)
        if one.row:
            row = one.row - one.row % CATEGORIES + numbers[telling.category]
        else:
            if serial is None:
                newest = connection.exec_driver_sql("SELECT ifnull(max(row), 0) FROM products").scalar_one()
                serial = newest // CATEGORIES
            serial += 1
            difference += 1
            row = serial * CATEGORIES + numbers[telling.category]
        if one.row and row != one.row:
            moved.append((row, one.row))
            gone.append(one.row)
        offers = one.offers.values()
        options = _options(offers)
        words = _words(one, telling)
        now = (
            row,
            one.id,
            told,
            telling.brand,
            telling.category,
            int(any(offer.available for offer in offers)),
            min((offer.price for offer in offers if offer.price is not None), default=NO_PRICE),
            digest(words),
            style_of(telling, options),
            signature_of(telling),
        )
        before = one.before
        if before is None or now[:5] + now[7:] != before[:5] + before[7:]:
            put.append(now)
        elif now[5] != before[5]:
            stock.append((now[5], now[6], row))
        elif now[6] != before[6]:
            price.append((now[6], row))
        if before is None or now[7] != before[7] or row != one.row:
            words_put.append((row, words))
            if before is not None:
                words_gone.append(one.row)
        used = {offer.told for offer in offers}
        tellings += [(row, each, *one.tellings[each]) for each in used - one.kept]
        untold += [(row, each) for each in one.kept - used]
        one.row = row
    many(connection, "UPDATE offers SET product = ? WHERE product = ?", moved)
    many(connection, "UPDATE tellings SET product = ? WHERE product = ?", moved)
    many(connection, "DELETE FROM products WHERE row = ?", [(row,) for row in gone])
    index.forget(connection, words_gone)
    many(connection, "DELETE FROM tellings WHERE product = ? AND digest = ?", untold)
    many(connection, PUT_PRODUCT, put)
    many(connection, PUT_STOCK, stock)
    many(connection, PUT_PRICE, price)
    many(connection, PUT_TELLING, tellings)
    index.put(connection, words_put)
    return difference


def _number(connection: Connection, name: str) -> int:
    """The number of a category, made when it is new. Past the last one they share the number 0."""
    found = connection.exec_driver_sql("SELECT number FROM categories WHERE name = ?", (name,)).scalar()
    if found is None:
        count = connection.exec_driver_sql("SELECT count(*) FROM categories").scalar_one()
        found = count + 1 if count + 1 < CATEGORIES else 0
        if found:
            connection.exec_driver_sql("INSERT INTO categories VALUES (?, ?)", (found, name))
    return int(found)


def _options(offers: Iterable[Known]) -> set[str]:
    """Every value of an option that one of these has."""
    values: set[str] = set()
    for text in {offer.options for offer in offers}:
        values.update(_values(text))
    return values


def _words(product: Touched, told: Telling) -> str:
    """What a product is found by: what its describing partner says, what the others call it, codes, who sells what."""
    codes = {product.id}
    more: set[str] = set()
    for offer in product.offers.values():
        codes.update((offer.sku, f"{offer.gtin:014d}"))
        telling = product.tellings[offer.told]
        if telling is not told:
            more.update((telling.name, telling.brand, telling.category))
        if telling.attributes:
            more.update(json.loads(telling.attributes).values())
    sellers = ((offer.partner, offer.options) for offer in product.offers.values())
    return index.text_of(told.name, told.brand, told.category, more, codes, sellers)


@lru_cache(maxsize=10_000)
def _values(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text).values())


def digest(text: str) -> int:
    """A number of 63 bits that stands for ``text``."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()) >> 1
