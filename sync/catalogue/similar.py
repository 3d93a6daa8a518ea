"""Products like another one, from what this device remembers: its style in other colours, then what is near it.

Near is a sum: the words and attributes in common, the same brand, and how far the price is away. Only the category's
nearest in price and so many of the brand are looked at, so a category may be as large as it likes. What is looked at
stands in two indexes; that of the styles, by brand and category, has no price, so that a price that changes does not touch it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from math import log
from typing import NamedTuple

from sqlalchemy import Connection

from retail.offer import Listing
from sync.catalogue.likeness import alike, kin_of, marks_of
from sync.catalogue.schema import NO_PRICE

LOOKED_AT = 200  # products of the category on either side of the price
MOST_OF_BRAND = 2_000
COMPARED = 40  # of either, word by word
# What one of each is worth; a price twice or half as high costs PRICE * log 2.
WORDS, BRAND, PRICE = 2.0, 1.0, 1.0
MOST_STYLES = 100


@dataclass(frozen=True, slots=True)
class Similar:
    """What is like a product, most alike first: the ``same`` in another colour or size, then what is only ``near`` it."""

    same: tuple[Listing, ...] = ()
    near: tuple[Listing, ...] = ()

    def __iter__(self) -> Iterator[Listing]:
        yield from self.same
        yield from self.near


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
) -> tuple[list[int], list[int]]:
    """The row numbers of at most ``limit`` other products that can be had: of the same style, and near it.

    ``partners``: from one of these; None means from anyone but the ``hidden``.
    """
    about = connection.exec_driver_sql(
        "SELECT row, brand, category, price, style, signature FROM products WHERE id = ?", (product,)
    ).first()
    same: list[int] = []
    near: list[int] = []
    if about is not None:
        this = This(*about)
        seen = {this.row}
        for found, candidates in ((same, _same_style(connection, this)), (near, _near(connection, this))):
            fresh = [row for row in candidates if row not in seen]
            seen.update(fresh)
            while fresh and len(same) + len(near) < limit:
                some, fresh = fresh[: 4 * limit], fresh[4 * limit :]
                found += _to_be_had(connection, some, partners, hidden)
    return same[:limit], near[: max(0, limit - len(same))]


def _same_style(connection: Connection, this: This) -> list[int]:
    rows = connection.exec_driver_sql(
        "SELECT row FROM products WHERE style = ? AND buyable = 1 ORDER BY abs(price - ?), row LIMIT ?",
        (this.style, this.price, MOST_STYLES),
    )
    return list(rows.scalars())


def _near(connection: Connection, this: This) -> list[int]:
    """The nearest first. Signatures, which stand in the indexes, say which few are worth comparing word by word."""
    by_price: dict[int, float] = {}
    for side, way in (("<=", "DESC"), (">", "ASC")):
        rows = connection.exec_driver_sql(
            "SELECT row, price, signature FROM products WHERE category = ? AND buyable = 1"  # noqa: S608
            f" AND price {side} ? AND row <> ? ORDER BY price {way} LIMIT ?",
            (this.category, this.price, this.row, LOOKED_AT),
        )
        for row, price, signature in rows.all():
            by_price[row] = WORDS * alike(this.signature, signature) - _apart(this.price, price)
    of_brand: dict[int, float] = {}
    if this.brand:
        rows = connection.exec_driver_sql(
            "SELECT row, signature FROM products INDEXED BY products_style"
            " WHERE style BETWEEN ? AND ? AND row <> ? LIMIT ?",
            (*kin_of(this.style), this.row, MOST_OF_BRAND),
        )
        of_brand = {row: alike(this.signature, signature) for row, signature in rows.all()}
    compared: dict[int, None] = {}
    for rough in (by_price, of_brand):
        compared |= dict.fromkeys(sorted(rough, key=lambda row: (-rough[row], row))[:COMPARED])
    score = _compared(connection, this, list(compared))
    best = sorted(score, key=lambda row: (-score[row], row))
    return best + sorted(by_price.keys() - compared.keys(), key=lambda row: (-by_price[row], row))


def _apart(one: int, other: int) -> float:
    """What the distance of two prices costs."""
    if NO_PRICE in (one, other):  # in another currency: nobody knows how far
        return 0.0 if one == other else PRICE
    return PRICE * abs(log((other + 1) / (one + 1)))


def _compared(connection: Connection, this: This, rows: list[int]) -> dict[int, float]:
    """How near ``rows`` are, word by word."""
    told = connection.exec_driver_sql(
        "SELECT p.row, p.brand, p.price, t.name, t.attributes FROM json_each(?) j"
        " CROSS JOIN products p ON p.row = j.value"
        " JOIN tellings t ON t.product = p.row AND t.digest = p.told",
        (json.dumps([this.row, *rows]),),
    ).all()
    marks = {row: set(marks_of(name, attributes)) for row, _, _, name, attributes in told}
    mine = marks.get(this.row, set())
    score = {}
    for row, brand, price, _, _ in told:
        if row != this.row:
            words = len(mine & marks[row]) / max(1, len(mine | marks[row]))
            same = bool(brand) and brand == this.brand
            score[row] = WORDS * words + BRAND * same - _apart(this.price, price)
    return score


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
