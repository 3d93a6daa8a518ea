"""Products like another one, from what this device remembers: its style in other colours, then what is near it.

Near is a sum: the words and attributes in common, the same brand, and how far the price is away. Only the nearest in
price are looked at, of the brand and of the category, so a category may be as large as it likes.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from math import log
from typing import NamedTuple

from sqlalchemy import Connection

from sync.catalogue.likeness import alike, marks_of

LOOKED_AT = 200  # products on either side of the price, of the brand and of the category each
COMPARED = 60  # of them, word by word
WORDS, BRAND, PRICE = (
    2.0,
    1.0,
    1.0,
)  # what one of each is worth; a price twice or half as high costs PRICE * log 2
MOST_STYLES = 100


class This(NamedTuple):
    """The product that others are compared with."""

    row: int
    brand: str
    category: str
    price: int
    style: int
    signature: int


def similar_rows(
    connection: Connection,
    product: str,
    limit: int,
    partners: Collection[str] | None = None,
    hidden: Collection[str] = (),
) -> list[int]:
    """The row numbers of at most ``limit`` other products, most alike first, that can be had.

    ``partners``: from one of these; None means from anyone but the ``hidden``.
    """
    about = connection.exec_driver_sql(
        "SELECT row, brand, category, price, style, signature FROM products WHERE id = ?", (product,)
    ).first()
    if about is None:
        return []
    this = This(*about)
    found: list[int] = []
    seen = {this.row}
    for candidates in (_same_style(connection, this), _near(connection, this)):
        fresh = [row for row in candidates if row not in seen]
        seen.update(fresh)
        while fresh and len(found) < limit:
            some, fresh = fresh[: 4 * limit], fresh[4 * limit :]
            found += _to_be_had(connection, some, partners, hidden)
    return found[:limit]


def _same_style(connection: Connection, this: This) -> list[int]:
    rows = connection.exec_driver_sql(
        "SELECT row FROM products WHERE style = ? AND buyable = 1 ORDER BY abs(price - ?), row LIMIT ?",
        (this.style, this.price, MOST_STYLES),
    )
    return list(rows.scalars())


def _near(connection: Connection, this: This) -> list[int]:
    """The nearest first. Signatures, which stand in the index, say which few are worth comparing word by word."""
    found: dict[int, tuple[float, int]] = {}  # what brand and price are worth, and the signature
    for worth, where, values in _ranges(this):
        for side, way in (("<=", "DESC"), (">", "ASC")):
            rows = connection.exec_driver_sql(
                f"SELECT row, price, signature FROM products WHERE {where} AND buyable = 1"  # noqa: S608
                f" AND price {side} ? AND row <> ? ORDER BY price {way} LIMIT ?",
                (*values, this.price, this.row, LOOKED_AT),
            )
            for row, price, signature in rows.all():
                apart = PRICE * abs(log((price + 1) / (this.price + 1)))
                found.setdefault(row, (worth - apart, signature))
    rough = {row: worth + WORDS * alike(this.signature, bits) for row, (worth, bits) in found.items()}
    best = sorted(rough, key=lambda row: (-rough[row], row))
    compared, rest = best[:COMPARED], best[COMPARED:]
    marks = _marks(connection, [this.row, *compared])
    mine = marks.get(this.row, set())
    score = {
        row: found[row][0] + WORDS * len(mine & marks[row]) / max(1, len(mine | marks[row]))
        for row in compared
    }
    return sorted(compared, key=lambda row: (-score[row], row)) + rest


def _marks(connection: Connection, rows: list[int]) -> dict[int, set[str]]:
    """The words and attributes of these products."""
    told = connection.exec_driver_sql(
        "SELECT p.row, t.name, t.attributes FROM json_each(?) j CROSS JOIN products p ON p.row = j.value"
        " JOIN tellings t ON t.product = p.row AND t.digest = p.told",
        (json.dumps(rows),),
    )
    return {row: set(marks_of(name, attributes)) for row, name, attributes in told.all()}


def _ranges(this: This) -> Iterator[tuple[float, str, tuple[str, ...]]]:
    if this.brand:
        yield BRAND, "brand = ? AND brand <> '' AND category = ?", (this.brand, this.category)
    yield 0.0, "category = ?", (this.category,)


def _to_be_had(
    connection: Connection, rows: list[int], partners: Collection[str] | None, hidden: Collection[str]
) -> list[int]:
    wanted = json.dumps(sorted(hidden if partners is None else set(partners) - set(hidden)))
    among = "NOT IN" if partners is None else "IN"
    found = connection.exec_driver_sql(
        "SELECT DISTINCT o.product FROM json_each(?) j CROSS JOIN offers o ON o.product = j.value"  # noqa: S608
        f" WHERE o.available > 0 AND o.partner {among} (SELECT value FROM json_each(?))",
        (json.dumps(rows), wanted),
    )
    good = set(found.scalars())
    return [row for row in rows if row in good]
