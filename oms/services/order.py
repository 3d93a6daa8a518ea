"""Records how an order was paid, then lets it be fulfilled.

OrderCreated -> one row per payment -> OrderProcessed, once the recorded payments come to the order's total

What was paid at the till counts as paid: the till's receipt number is the proof. Gift cards and links are
recorded by whoever settles them; until then the order waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, select
from sqlmodel import Session, col

from oms.models import OrderRow, PaymentRow
from oms.store import insert_new
from retail.errors import Rejected
from retail.events import Event, OrderCreated, OrderProcessed, event
from retail.money import Money, total
from retail.order import Order
from retail.strict import from_json

NAME = "order"
EVENTS = (OrderCreated.__name__,)


_IDS: BindParameter[str] = bindparam("ids", expanding=True)
_BODIES = select(col(OrderRow.id), col(OrderRow.body)).where(col(OrderRow.id).in_(_IDS))
_PAID = select(col(PaymentRow.order_id), col(PaymentRow.minor), col(PaymentRow.currency)).where(
    col(PaymentRow.order_id).in_(_IDS)
)


def handle(session: Session, cause: Event) -> list[Event]:
    """Record what the till took for the order ``cause.subject``; a repeat records nothing more."""
    return handle_all(session, [cause])


def handle_all(session: Session, causes: Sequence[Event]) -> list[Event]:
    """As ``handle`` for each of ``causes``, with few statements."""
    ids = sorted({cause.subject for cause in causes})
    bodies = {row.id: row.body for row in session.connection().execute(_BODIES, {"ids": ids})}
    orders: list[tuple[Order, Event]] = []
    for cause in causes:
        if cause.subject not in bodies:
            raise Rejected("no_such_order", f"the order {cause.subject} is not stored")
        orders.append((from_json(Order, bodies[cause.subject]), cause))
    rows = [row for order, cause in orders for row in _rows(order, cause.time)]
    insert_new(session, PaymentRow, rows, col(PaymentRow.position))
    paid: dict[str, list[Money]] = {}
    for row in session.connection().execute(_PAID, {"ids": ids}):
        paid.setdefault(row.order_id, []).append(Money(row.minor, row.currency))
    return [done for order, cause in orders for done in _processed(order, paid.get(order.id, []), cause)]


def _rows(order: Order, now: datetime) -> Iterator[dict[str, Any]]:
    for position, payment in enumerate(order.payments):
        if payment.method == "till":
            yield {
                "order_id": order.id,
                "position": position,
                "method": payment.method,
                "reference": payment.reference,
                "minor": payment.amount.minor,
                "currency": payment.amount.currency,
                "recorded_at": now,
            }


def _processed(order: Order, paid: Sequence[Money], cause: Event) -> list[Event]:
    """OrderProcessed when everything is paid; its id follows from the order, so there is only one."""
    if total(paid, order.total.currency) != order.total:
        return []
    return [event(order.id, OrderProcessed(order.number, len(paid)), cause.time, cause=order.id)]
