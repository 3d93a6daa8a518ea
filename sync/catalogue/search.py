"""Finding products by words: word order, case and accents do not matter, the last word may be unfinished."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from retail.offer import Listing
from sync.catalogue.schema import CATEGORIES

WORDS = re.compile(r"\w+", re.UNICODE)
MOST_WORDS = 12
RANKED = (
    2_500  # matches; of more, those with the words in their name come first and nothing finer is computed
)
BUYABLE = (
    "EXISTS (SELECT 1 FROM products INDEXED BY products_buyable WHERE buyable = 1 AND row = lexicon.rowid)"
)
MATCHES = "FROM lexicon WHERE lexicon MATCH ?"


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Some of the ``total`` products found. Each listing carries one offer per partner, the best.

    ``categories`` counts the matches whatever category was asked for. ``as_of`` is the oldest answer on this
    page, None when it is empty; ``stale`` says whether that is older than can be believed. ``exact_total``: False
    when there are more than were counted, then ``total`` and ``categories`` are what was counted. ``corrected`` are
    the words that were searched for in place of those typed, ``relaxed`` those that had to be left out.
    """

    listings: tuple[Listing, ...]
    total: int
    categories: Mapping[str, int]
    stale: bool
    as_of: datetime | None
    exact_total: bool = True
    corrected: str | None = None
    relaxed: tuple[str, ...] = ()


def match_expression(text: str) -> str | None:
    """``text`` as an FTS5 query that can do no harm; None when no word is in it."""
    words = WORDS.findall(unicodedata.normalize("NFC", text).replace("_", " "))[:MOST_WORDS]
    if not words:
        return None
    *whole, last = words
    return " ".join([*(f'"{word}"' for word in whole), f'"{last}"*'])


def find_rows(
    connection: Connection, text: str, category: str | None, limit: int, offset: int
) -> tuple[list[int], Mapping[str, int]]:
    """The row numbers of one page of products, best first, and the counts per category over all matches."""
    query = match_expression(text)
    if query is None:
        return _browse(connection, category, limit, offset)
    names = {
        row.number: row.name for row in connection.exec_driver_sql("SELECT number, name FROM categories")
    }
    counts = {
        names.get(row.number, ""): row.n
        for row in connection.exec_driver_sql(
            f"SELECT rowid % {CATEGORIES} AS number, count(*) AS n {MATCHES} GROUP BY 1",
            (query,),
        )
    }
    if category is None:
        wanted, only = sum(counts.values()), ""
    else:
        number = next((number for number, name in names.items() if name == category), 0)
        wanted, only = counts.get(category, 0), f"AND rowid % {CATEGORIES} = {number}"
    if offset >= wanted:
        return [], counts
    if wanted <= RANKED:
        rows = connection.exec_driver_sql(
            f"SELECT rowid {MATCHES} {only}"
            f" ORDER BY {BUYABLE} DESC, bm25(lexicon, 8.0, 4.0, 1.0), rowid LIMIT ? OFFSET ?",
            (query, limit, offset),
        )
    else:
        in_name, elsewhere = f"name : ({query})", f"({query}) NOT name : ({query})"
        parts = [
            f"SELECT rowid {MATCHES} {only} AND {can}" for can in (BUYABLE, f"NOT {BUYABLE}") for _ in "12"
        ]
        rows = connection.exec_driver_sql(
            f"{' UNION ALL '.join(parts)} LIMIT ? OFFSET ?",
            (in_name, elsewhere, in_name, elsewhere, limit, offset),
        )
    return [row.rowid for row in rows], counts


def _browse(
    connection: Connection, category: str | None, limit: int, offset: int
) -> tuple[list[int], Mapping[str, int]]:
    counted = connection.exec_driver_sql(
        "SELECT category, count(*) AS n FROM products GROUP BY category"
    ).all()
    where, values = ("", ()) if category is None else ("WHERE category = ?", (category,))
    rows = connection.exec_driver_sql(
        f"SELECT row FROM products {where} ORDER BY buyable DESC, row LIMIT ? OFFSET ?",  # noqa: S608
        (*values, limit, offset),
    ).all()
    return [row.row for row in rows], {row.category: row.n for row in counted}


def similar_rows(connection: Connection, product: str, limit: int) -> list[int]:
    """The row numbers of buyable products like this one: its brand in its category, then its category, by price."""
    this = connection.exec_driver_sql("SELECT * FROM products WHERE id = ?", (product,)).first()
    if this is None:
        return []
    found: list[int] = []
    if this.brand:
        rows = connection.exec_driver_sql(
            "SELECT row FROM products WHERE brand = ? AND category = ? AND buyable = 1 AND row <> ?"
            " ORDER BY abs(price - ?), row LIMIT ?",
            (this.brand, this.category, this.row, this.price, limit),
        )
        found += rows.scalars()
    near: list[tuple[int, int]] = []
    for side, way in (("<=", "DESC"), (">", "ASC")):
        rows = connection.exec_driver_sql(
            "SELECT row, price FROM products WHERE category = ? AND buyable = 1 AND row <> ?"  # noqa: S608
            f" AND price {side} ? ORDER BY price {way}, row LIMIT ?",
            (this.category, this.row, this.price, 2 * limit),
        )
        near += [(abs(row.price - this.price), row.row) for row in rows]
    found += [row for _, row in sorted(near) if row not in found]
    return found[:limit]
