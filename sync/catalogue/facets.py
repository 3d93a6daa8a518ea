"""What the products found can be narrowed by, with how many there are of each."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from babel.numbers import get_currency_precision
from sqlalchemy import Connection

from sync.catalogue.bands import PriceCount, price_bands
from sync.catalogue.filters import EVERYTHING, OFFERS, Filters, Wanted, marks_of
from sync.catalogue.index import EACH, KINDS, told, trait_key
from sync.catalogue.listings import size_key
from sync.catalogue.ranking import Found, narrowed
from sync.catalogue.schema import CATEGORIES
from sync.catalogue.search import find
from sync.catalogue.words import fold

LOOKED_AT = 2000  # products whose offers are looked at; of more, every nth
SPREAD = 300  # products whose prices stand for those of the whole catalogue; each is a place of its own on the disk
STREAMED = 100_000  # matches that are gone through for that
# A number for a row that looks like chance: sizes and colours come back at every so many products.
CHANCE = "(({}" + f" / {CATEGORIES}) * 2654435761 % 4294967296 / 65536)"
MOST_VALUES = 400  # of one facet, the most frequent; of more, nobody could choose
MANY = "SELECT count(*) FROM (SELECT 1 FROM lexicon WHERE lexicon MATCH ? LIMIT ?)"
SOME = f"""SELECT found FROM (SELECT rowid AS found FROM lexicon WHERE lexicon MATCH ? LIMIT ?)
 WHERE {CHANCE.format("found")} % ? = 0"""  # noqa: S608
SOME_OF_ALL = f"SELECT row FROM (SELECT row FROM products LIMIT ?) WHERE {CHANCE.format('row')} % ? = 0"  # noqa: S608
PRICED = (
    f"SELECT o.product, o.price FROM {EACH} CROSS JOIN offers o ON o.product = j.value"  # noqa: S608
    " WHERE o.currency = (SELECT currency FROM store)"
)
# One of every so many products of the whole catalogue, from its beginning to its end.
EVENLY = f"""SELECT DISTINCT row FROM (SELECT (SELECT row FROM products WHERE row >= j.value ORDER BY row LIMIT 1) AS row
 FROM {EACH}) WHERE row IS NOT NULL"""  # noqa: S608
PRODUCTS = f"SELECT p.row, p.brand, p.category FROM {EACH} CROSS JOIN products p ON p.row = j.value"  # noqa: S608
# The ends of one index, for each category and whether it can be had: no product is looked at.
ENDS = "SELECT {}(price) FROM products WHERE category = c.name AND buyable = b.value AND price >= 0"
PRICES = f"""SELECT min(low), max(high) FROM (
 SELECT ({ENDS.format("min")}) AS low, ({ENDS.format("max")}) AS high
 FROM categories c CROSS JOIN json_each('[0, 1]') b)"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class FacetCount:
    """One value to narrow by, as it is written in the catalogue, and how many of the products found have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """What can be narrowed by, the most frequent first; sizes in their order.

    The counts of one facet are those with all filters but its own, so that another value of it can be chosen.
    ``price`` is the lowest and the highest in minor units of the store's currency, None when nothing is sold in it;
    ``prices`` are bands in between. ``approximate``: there are so many matches that the counts are estimated from a
    part of them; ``prices_approximate`` says so for the bands.
    """

    category: tuple[FacetCount, ...] = ()
    brand: tuple[FacetCount, ...] = ()
    size: tuple[FacetCount, ...] = ()
    colour: tuple[FacetCount, ...] = ()
    partner: tuple[FacetCount, ...] = ()
    price: tuple[int, int] | None = None
    approximate: bool = False
    prices: tuple[PriceCount, ...] = ()
    prices_approximate: bool = False


@dataclass(slots=True)
class _Tally:
    """Products by kind and value, values as they are compared and as they are written first."""

    products: dict[str, Counter[str]] = field(default_factory=lambda: {kind: Counter() for kind in KINDS})
    written: dict[tuple[str, str], str] = field(default_factory=dict)
    prices: dict[int, set[int]] = field(default_factory=dict)
    share: float = 1.0

    def add(self, kind: str, value: str) -> None:
        key = trait_key(kind, value)
        self.written.setdefault((kind, key), value)
        self.products[kind][key] += 1

    def ends(self) -> tuple[int, int] | None:
        """The lowest and the highest price."""
        every = [price for prices in self.prices.values() for price in prices]
        return (min(every), max(every)) if every else None

    def values(self, kind: str) -> tuple[FacetCount, ...]:
        """The most frequent values of one kind with the number of products."""
        counts = [
            FacetCount(self.written[kind, key], max(1, round(count / self.share)))
            for key, count in self.products[kind].items()
        ]
        best = sorted(counts, key=lambda one: (-one.count, fold(one.value)))[:MOST_VALUES]
        return tuple(sorted(best, key=lambda one: size_key(one.value)) if kind == "size" else best)


def count_facets(connection: Connection, text: str, filters: Filters) -> Facets:
    """What is found for ``text`` can be narrowed by this. Exact up to some thousands of matches."""
    found = find(connection, text, EVERYTHING, 0, 0)
    if found.all_rows == ():
        return Facets()
    if not found.meant and filters == EVERYTHING:
        return _whole(connection)
    tally = _tally(connection, found, filters)
    approximate = tally.share < 1
    priced = tally
    by_kind = {kind: tally.values(kind) for kind in KINDS}
    for kind in KINDS:
        if getattr(filters, kind) is not None:  # without its own filter, so that another value can be chosen
            without: dict[str, Any] = {kind: None}
            other = _tally(connection, found, replace(filters, **without))
            by_kind[kind] = other.values(kind)
            approximate |= other.share < 1
    if filters.price_from is not None or filters.price_to is not None:
        priced = _tally(connection, found, replace(filters, price_from=None, price_to=None))
        approximate |= priced.share < 1
    return _facets(connection, by_kind, approximate, priced, priced.ends())


def _facets(
    connection: Connection,
    by_kind: dict[str, tuple[FacetCount, ...]],
    approximate: bool,
    priced: _Tally,
    price: tuple[int, int] | None,
) -> Facets:
    category, brand, partner, size, colour = (by_kind[kind] for kind in KINDS)
    currency = connection.exec_driver_sql("SELECT currency FROM store").scalar_one()
    bands = price_bands(priced.prices, 10 ** get_currency_precision(currency), priced.share)
    return Facets(category, brand, size, colour, partner, price, approximate, bands, priced.share < 1)


def _tally(connection: Connection, found: Found, filters: Filters) -> _Tally:
    """Count what has all of the filters. Size, colour, partner and price count for a variant that has the rest, too."""
    tally = _Tally()
    marks = marks_of(connection, filters)
    if marks is None:
        return tally
    rows: Sequence[int]
    if found.all_rows is not None:
        rows = found.all_rows
    else:
        rows, tally.share = _some(connection, narrowed(found.meant, marks))
    listed = json.dumps(list(rows))
    wanted = Wanted(filters)
    about = {
        row: {("brand", brand), ("category", category)}
        for row, brand, category in connection.exec_driver_sql(PRODUCTS, (listed,))
        if wanted.described(brand, category)
    }
    seen: dict[int, set[tuple[str, str]]] = {}
    for row, *offer in connection.exec_driver_sql(OFFERS, (listed,)):
        if row in about and wanted.has(*offer):
            partner, options, price, _ = offer
            size, colour, _ = told(options)
            seen.setdefault(row, set()).update((("partner", partner), ("size", size), ("colour", colour)))
            if price is not None:
                tally.prices.setdefault(row, set()).add(price)
    for row, traits in seen.items():
        for kind, value in traits | about[row]:
            if value or kind == "category":
                tally.add(kind, value)
    return tally


def _some(connection: Connection, question: str) -> tuple[Sequence[int], float]:
    """Rows for a question, all or every nth, and which share of all that is."""
    if question:
        count = connection.exec_driver_sql(MANY, (question, STREAMED)).scalar_one()
    else:
        count = connection.exec_driver_sql("SELECT min(products, ?) FROM totals", (STREAMED,)).scalar_one()
    step = -(-count // LOOKED_AT) or 1
    values = (STREAMED, step)
    rows = (
        connection.exec_driver_sql(SOME, (question, *values))
        if question
        else connection.exec_driver_sql(SOME_OF_ALL, values)
    )
    found = rows.scalars().all()
    return found, len(found) / count if count else 1.0


def _whole(connection: Connection) -> Facets:
    """The facets of the whole catalogue, which are counted as it is loaded."""
    tally = _Tally()
    for kind, value, key, products in connection.exec_driver_sql(
        "SELECT kind, value, key, products FROM traits"
    ):
        tally.written[kind, key] = value
        tally.products[kind][key] = products
    low, high = connection.exec_driver_sql(PRICES).one()
    price = None if low is None else (low, high)
    return _facets(
        connection, {kind: tally.values(kind) for kind in KINDS}, False, _evenly(connection), price
    )


def _evenly(connection: Connection) -> _Tally:
    """The prices of products all over the catalogue; of all of them when they are few."""
    count, newest = connection.exec_driver_sql(
        f"SELECT products, (SELECT ifnull(max(row), 0) / {CATEGORIES} FROM products) FROM totals"  # noqa: S608
    ).one()
    if count <= LOOKED_AT:
        rows = connection.exec_driver_sql("SELECT row FROM products").scalars().all()
    else:
        step = newest / SPREAD
        # Anywhere in each step: sizes and colours come back at every so many products. The same each time.
        chance = random.Random(SPREAD)  # noqa: S311
        places = [int((nth + chance.random()) * step) * CATEGORIES for nth in range(SPREAD)]
        rows = connection.exec_driver_sql(EVENLY, (json.dumps(places),)).scalars().all()
    tally = _Tally(share=len(rows) / count if count else 1.0)
    for row, price in connection.exec_driver_sql(PRICED, (json.dumps(list(rows)),)):
        tally.prices.setdefault(row, set()).add(price)
    return tally
