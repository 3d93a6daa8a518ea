"""Finding products by words: word order, case and accents do not matter, the last word may be unfinished."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from retail.offer import Listing

WORDS = re.compile(r"\w+", re.UNICODE)
MOST_WORDS = 12


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Some of the ``total`` products found. Each listing carries one offer per partner, the best.

    ``categories`` counts all matches, whatever category was asked for. ``as_of`` is the oldest answer on this
    page, None when it is empty; ``stale`` says whether that is older than can be believed.
    """

    listings: tuple[Listing, ...]
    total: int
    categories: Mapping[str, int]
    stale: bool
    as_of: datetime | None


def match_expression(text: str) -> str | None:
    """``text`` as an FTS5 query that can do no harm; None when no word is in it."""
    words = WORDS.findall(text.replace("_", " "))[:MOST_WORDS]
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
    found = connection.exec_driver_sql(
        "SELECT p.row, p.category FROM lexicon JOIN products p ON p.row = lexicon.rowid WHERE lexicon MATCH ?"
        " ORDER BY p.buyable DESC, bm25(lexicon, 8.0, 4.0, 1.0), p.row",
        (query,),
    ).all()
    counts: dict[str, int] = {}
    for row in found:
        counts[row.category] = counts.get(row.category, 0) + 1
    rows = [row.row for row in found if category is None or row.category == category]
    return rows[offset : offset + limit], counts


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
