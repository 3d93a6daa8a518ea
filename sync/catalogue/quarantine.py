"""Rows that are no offers, kept with the reason until their source is read again: they stop nobody else.

A source is a partner's own list ("partner north") or a file ("file autumn.jsonl"). What a row named before stays on
the shelf as it was: that it cannot be read now does not mean that it is gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection

from partners.contract import BadOffer

MOST = 10_000  # kept of one source; a person mends the cause, not ten thousand rows


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One row that was put aside: its place in the source (from 1), which field is wrong, and why, for a person."""

    source: str
    row: int
    partner: str | None
    sku: str | None
    field: str
    reason: str
    at: datetime


def source_of(partner: str) -> str:
    """What the list of ``partner`` is called as a source."""
    return f"partner {partner}"


def clear(connection: Connection, source: str) -> None:
    """Forget the rows of ``source``: it is read anew."""
    connection.exec_driver_sql("DELETE FROM quarantine WHERE source = ?", (source,))


def put_aside(connection: Connection, rows: Iterable[Quarantined], generation: int) -> None:
    """Keep ``rows``; what is on the shelf under their SKUs counts as listed in this ``generation``."""
    found = list(rows)
    if not found:
        return
    kept = connection.exec_driver_sql(
        "SELECT count(*) FROM quarantine WHERE source = ?", (found[0].source,)
    ).scalar_one()
    room = [
        (one.source, one.row, one.partner, one.sku, one.field, one.reason, one.at.timestamp())
        for one in found[: max(0, MOST - kept)]
    ]
    if room:
        connection.exec_driver_sql("INSERT OR REPLACE INTO quarantine VALUES (?,?,?,?,?,?,?)", room)
    named = [(generation, one.sku, one.sku, one.partner) for one in found if one.partner and one.sku]
    if named:
        connection.exec_driver_sql(
            "UPDATE offers SET generation = max(generation, ?)"
            " WHERE sku = ? COLLATE NOCASE AND sku = ? AND partner = ?",
            named,
        )


def of_partner(
    connection: Connection, partner: str, bad: Iterable[BadOffer], generation: int, at: datetime
) -> None:
    """Put aside rows of a partner's own list, numbered in the order in which they came."""
    source = source_of(partner)
    row = connection.exec_driver_sql(
        "SELECT ifnull(max(row), 0) FROM quarantine WHERE source = ?", (source,)
    ).scalar_one()
    rows = [
        Quarantined(source, row + number, partner, one.sku, one.field, one.reason, at)
        for number, one in enumerate(bad, 1)
    ]
    put_aside(connection, rows, generation)


def mended(connection: Connection, partner: str, skus: Iterable[str]) -> None:
    """Forget what was wrong with these SKUs in the partner's own list: they came again, or are gone."""
    source = source_of(partner)
    if connection.exec_driver_sql("SELECT 1 FROM quarantine WHERE source = ? LIMIT 1", (source,)).first():
        named = [(source, sku) for sku in skus]
        if named:
            connection.exec_driver_sql("DELETE FROM quarantine WHERE source = ? AND sku = ?", named)


def quarantined(connection: Connection, limit: int) -> tuple[Quarantined, ...]:
    """The rows that are put aside, by source and place."""
    rows = connection.exec_driver_sql(
        "SELECT source, row, partner, sku, field, reason, at FROM quarantine ORDER BY source, row LIMIT ?",
        (limit,),
    )
    return tuple(
        Quarantined(source, row, partner, sku, field, reason, datetime.fromtimestamp(at, UTC))
        for source, row, partner, sku, field, reason, at in rows.all()
    )
