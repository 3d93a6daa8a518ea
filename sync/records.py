"""What the rows of the queue mean: orders with what moves beside them, read with their digests checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

import structlog
from sqlalchemy import Connection, select
from sqlalchemy.engine import Row

from partners.placing import Sent
from retail.errors import AisleError
from retail.order import Order, PartnerOrder
from retail.status import OrderStatus, PartnerOrderState, order_status
from retail.strict import digest, from_json, sealed, to_json
from sync.outcomes import queued
from sync.store.models import FactRow, JournalRow, OrderRow, PartnerOrderRow

T = TypeVar("T")
log = structlog.get_logger("sync.queue")

orders: Any = OrderRow.__table__  # type: ignore[attr-defined]
parts: Any = PartnerOrderRow.__table__  # type: ignore[attr-defined]
facts: Any = FactRow.__table__  # type: ignore[attr-defined]
journal: Any = JournalRow.__table__  # type: ignore[attr-defined]

# Placing is what a customer waits for: its statements are as they are, the others are built from the tables.
INSERT_ORDER = "INSERT INTO orders (id, number, body, digest, revision, synced) VALUES (?, ?, ?, ?, 1, 0)"
INSERT_PART = (
    "INSERT INTO partner_orders (key, order_id, partner, placed_by, body, digest, status, state,"
    " next_at, unknown, baffled, claimed_at, lease) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0)"
)


class Damaged(AisleError):
    """A stored order does not match its digest; it is never shown or sent as if it were right."""


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """An order with what moves beside it; ``states`` are in the order of ``partner_orders``.

    ``synced`` says whether the OMS has exactly this; ``problem`` is the OMS's reason for refusing it.
    """

    order: Order
    partner_orders: tuple[PartnerOrder, ...]
    states: tuple[PartnerOrderState, ...]
    synced: bool
    revision: int
    problem: str | None = None

    def status(self) -> OrderStatus:
        """The order's status, computed from its lines."""
        return order_status(line.status for state in self.states for line in state.lines)


@dataclass(frozen=True, slots=True)
class Claim:
    """One partner order in one worker's hands until its lease ends; ``mode`` says what it wants."""

    token: str
    order: PartnerOrder
    state: PartnerOrderState
    sent: Sent
    mode: Literal["place", "follow"]


@dataclass(frozen=True, slots=True)
class QueueHealth:
    """Partner orders by status, orders the OMS has not got, and the age of the oldest not yet placed (seconds)."""

    by_status: Mapping[str, int]
    unsynced: int
    oldest_seconds: float | None


def part_row(order: PartnerOrder, now: datetime) -> tuple[str, ...]:
    """The values of INSERT_PART for a partner order that may be placed."""
    state = queued(order, now)
    who = (order.key, order.order, order.partner, order.placed_by)
    return (*who, *sealed(order), state.status().value, to_json(state))


def checked(kind: type[T], body: str, expected: str) -> T:
    """``body`` as a ``kind``, when it is what was written. Raises Damaged."""
    try:
        value = from_json(kind, body)
    except ValueError as error:
        raise Damaged("its record cannot be read any more") from error
    if digest(value) != expected:
        raise Damaged("its record was changed or damaged after it was written")
    return value


def state_of(row: Row[Any]) -> PartnerOrderState:
    """Where the partner order of ``row`` stands. Raises Damaged when that cannot be trusted."""
    try:
        state = from_json(PartnerOrderState, row.state)
    except ValueError as error:
        raise Damaged("where it stands cannot be read any more") from error
    if state.key != row.key or state.status() != row.status:
        raise Damaged("where it stands was changed or damaged after it was written")
    return state


def record_of(connection: Connection, row: Row[Any]) -> OrderRecord:
    """The order of ``row`` with its partner orders. Raises Damaged when it cannot be trusted."""
    order = checked(Order, row.body, row.digest)
    rows = connection.execute(select(parts).where(parts.c.order_id == row.id).order_by(parts.c.seq)).all()
    return OrderRecord(
        order,
        tuple(checked(PartnerOrder, part.body, part.digest) for part in rows),
        tuple(state_of(part) for part in rows),
        synced=row.synced >= row.revision and row.sync_problem is None,
        revision=row.revision,
        problem=row.sync_problem,
    )


def records_of(connection: Connection, rows: Iterable[Row[Any]]) -> Iterator[OrderRecord]:
    """Those of ``rows`` that can be trusted."""
    for row in rows:
        try:
            yield record_of(connection, row)
        except Damaged as error:
            log.error("a stored order is damaged", order=row.id, why=str(error))


def time_of(seconds: float | None) -> datetime | None:
    """UNIX ``seconds`` as a time."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
