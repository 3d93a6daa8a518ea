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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Result, select
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


def handle(session: Session, cause: Event) -> list[Event]:
    """What has become due for the order ``cause.subject`` and was never said before."""
    number = _lock(session, cause.subject)
    if cause.type == PAID:
        _once(session, cause.subject, [(PAID, f"{PAID}/{cause.subject}")])
    elif not _paid(session, cause.subject):
        return []
    due = list(_due(number, cause.subject, _parts(session, cause.subject), cause.time))
    new = _once(session, cause.subject, [(step.type, step.id) for step in due])
    return [step for step in due if step.id in new]


def _lock(session: Session, order_id: str) -> str:
    """The order's number. Two processes never look at one order at the same time, so none overlooks the other."""
    number = session.connection().execute(
        select(col(OrderRow.number)).where(col(OrderRow.id) == order_id).with_for_update(key_share=True)
    )
    found: str | None = number.scalar()
    if found is None:
        raise Rejected("no_such_order", f"the order {order_id} is not stored")
    return found


def _paid(session: Session, order_id: str) -> bool:
    step = FulfilmentStep
    found = select(col(step.event_id)).where(col(step.order_id) == order_id, col(step.step) == PAID)
    return session.connection().execute(found).first() is not None


def _once(session: Session, order_id: str, steps: Sequence[tuple[str, str]]) -> set[str]:
    """Those ids of ``steps`` (type and id) that are noted for the first time."""
    rows = [{"event_id": identity, "order_id": order_id, "step": kind} for kind, identity in steps]
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


def _parts(session: Session, order_id: str) -> list[_Part]:
    part, state = PartnerOrderRow, PartnerOrderStateRow
    rows: Result[Any] = session.connection().execute(
        select(col(part.key), col(part.partner), col(part.body), col(state.body).label("state"))
        .join(state, col(state.key) == col(part.key))
        .where(col(part.order_id) == order_id)
        .order_by(col(part.number))
    )
    return [
        _Part(
            row.key,
            row.partner,
            # Only the counts: to check the whole partner order again would cost most of this service's time.
            {line["line"]: line["quantity"] for line in json.loads(row.body)["lines"]},
            from_json(PartnerOrderState, row.state),
        )
        for row in rows
    ]


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
