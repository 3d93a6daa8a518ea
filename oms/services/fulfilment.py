"""Follows an order's partner orders and says once what has happened to the goods.

    OrderProcessed, PartnerOrderMoved --> look at the stored states -->
        ShipmentPrepared    per partner order that its partner has accepted
        ShipmentProcessed   per parcel that has left
        OrderFulfilled      when every line has been sent or will never be, and one was sent

What is due follows from the stored states alone, never from which event came: events may come late, twice or in
another order. Nothing is said before the order is paid (OrderProcessed).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, select
from sqlmodel import Session, col

from oms.models import FulfilmentStep, OrderRow, PartnerOrderRow, PartnerOrderStateRow
from oms.store import insert_new
from retail.errors import Rejected
from retail.events import (
    Event,
    OrderFulfilled,
    OrderProcessed,
    PartnerOrderMoved,
    ShipmentPrepared,
    ShipmentProcessed,
    event,
)
from retail.status import FINAL, LineState, LineStatus, PartnerOrderState
from retail.strict import from_json

NAME = "fulfilment"
EVENTS = (OrderProcessed.__name__, PartnerOrderMoved.__name__)
PAID = OrderProcessed.__name__  # the step that lets the others happen

TAKEN = frozenset({LineStatus.ACCEPTED, LineStatus.BACKORDERED, LineStatus.SHIPPED, LineStatus.DELIVERED})
SENT = frozenset({LineStatus.SHIPPED, LineStatus.DELIVERED})

_IDS: BindParameter[str] = bindparam("ids", expanding=True)
# In one order everywhere, so that two processes with the same orders wait instead of dying.
_LOCKED = (
    select(col(OrderRow.id), col(OrderRow.number))
    .where(col(OrderRow.id).in_(_IDS))
    .order_by(col(OrderRow.id))
    .with_for_update(key_share=True)
)
_PAID = select(col(FulfilmentStep.order_id)).where(
    col(FulfilmentStep.order_id).in_(_IDS), col(FulfilmentStep.step) == PAID
)
_PARTS: Any = (
    select(
        col(PartnerOrderRow.order_id),
        col(PartnerOrderRow.key),
        col(PartnerOrderRow.partner),
        col(PartnerOrderRow.body),
        col(PartnerOrderStateRow.body).label("state"),
    )
    .join(PartnerOrderStateRow, col(PartnerOrderStateRow.key) == col(PartnerOrderRow.key))
    .where(col(PartnerOrderRow.order_id).in_(_IDS))
    .order_by(col(PartnerOrderRow.number))
)


def handle(session: Session, cause: Event) -> list[Event]:
    """What has become due for the order ``cause.subject`` and was never said before."""
    return handle_all(session, [cause])


def handle_all(session: Session, causes: Sequence[Event]) -> list[Event]:
    """As ``handle`` for each of ``causes``, looking at every order once."""
    numbers = _lock(session, {cause.subject for cause in causes})
    for cause in causes:
        if cause.subject not in numbers:
            raise Rejected("no_such_order", f"the order {cause.subject} is not stored")
    paid = sorted({cause.subject for cause in causes if cause.type == PAID})
    _once(session, [(PAID, f"{PAID}/{order_id}", order_id) for order_id in paid])
    ready = set(session.connection().execute(_PAID, {"ids": sorted(numbers)}).scalars())
    parts = _parts(session, ready)
    now = {cause.subject: cause.time for cause in causes}
    due = [
        step
        for order_id in sorted(ready)
        for step in _due(numbers[order_id], order_id, parts[order_id], now[order_id])
    ]
    new = _once(session, [(step.type, step.id, step.subject) for step in due])
    return [step for step in due if step.id in new]


def _lock(session: Session, ids: Set[str]) -> dict[str, str]:
    """The orders' numbers. Two processes never look at one order at the same time, so none overlooks the other."""
    rows = session.connection().execute(_LOCKED, {"ids": sorted(ids)})
    return {row.id: row.number for row in rows}


def _once(session: Session, steps: Sequence[tuple[str, str, str]]) -> set[str]:
    """Those ids of ``steps`` (type, id, order) that are noted for the first time."""
    rows = [{"event_id": identity, "order_id": order, "step": kind} for kind, identity, order in steps]
    return insert_new(session, FulfilmentStep, rows, col(FulfilmentStep.event_id))


@dataclass(frozen=True, slots=True)
class _Part:
    """What is asked of one partner order here: pieces ordered by line, and where it stands."""

    key: str
    partner: str
    ordered: Mapping[str, int]
    state: PartnerOrderState

    def shipped(self, line: LineState) -> int:
        """Pieces of ``line`` that were sent; a partner that does not count them has sent all it took."""
        if line.status not in SENT:
            return 0
        return line.shipped or line.accepted or self.ordered[line.line] - line.refused


def _parts(session: Session, ids: Set[str]) -> dict[str, list[_Part]]:
    found: dict[str, list[_Part]] = {order_id: [] for order_id in ids}
    for row in session.connection().execute(_PARTS, {"ids": sorted(ids)}) if ids else ():
        # Only the counts: to check the whole partner order again would cost most of this service's time.
        ordered = {line["line"]: line["quantity"] for line in json.loads(row.body)["lines"]}
        state = from_json(PartnerOrderState, row.state)
        found[row.order_id].append(_Part(row.key, row.partner, ordered, state))
    return found


def _due(number: str, order_id: str, parts: Sequence[_Part], now: datetime) -> Iterator[Event]:
    for part in parts:
        taken = tuple(line.line for line in part.state.lines if line.status in TAKEN)
        if taken:
            prepared = ShipmentPrepared(part.key, part.partner, taken)
            yield event(order_id, prepared, now, cause=part.key)
        for parcel in part.state.shipments:
            if parcel.shipped_at is None:
                continue
            carried = tuple(line for line, _ in parcel.lines)
            left = ShipmentProcessed(part.key, parcel.id, parcel.carrier, parcel.tracking, carried)
            yield event(order_id, left, now, cause=f"{part.key}/{parcel.id}")
    found = {line.status for part in parts for line in part.state.lines}
    if found <= SENT | FINAL and found & SENT:
        shipped = sum(part.shipped(line) for part in parts for line in part.state.lines)
        ordered = sum(sum(part.ordered.values()) for part in parts)
        yield event(order_id, OrderFulfilled(number, shipped, ordered - shipped), now, cause=order_id)
