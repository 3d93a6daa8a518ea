"""Records how an order was paid, then lets it be fulfilled.

OrderCreated -> one row per payment -> OrderProcessed, once the recorded payments come to the order's total

What was paid at the till counts as paid: the till's receipt number is the proof. Gift cards and links are
recorded by whoever settles them; until then the order waits.
"""

from __future__ import annotations

from sqlalchemy import select
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


def handle(session: Session, cause: Event) -> list[Event]:
    """Record what the till took for the order ``cause.subject``; a repeat records nothing more."""
    row = session.connection().execute(
        select(col(OrderRow.body), col(OrderRow.received_at)).where(col(OrderRow.id) == cause.subject)
    )
    found = row.first()
    if found is None:
        raise Rejected("no_such_order", f"the order {cause.subject} is not stored")
    order = from_json(Order, found.body)
    rows = [
        {
            "order_id": order.id,
            "position": position,
            "method": payment.method,
            "reference": payment.reference,
            "minor": payment.amount.minor,
            "currency": payment.amount.currency,
            "recorded_at": cause.time,
        }
        for position, payment in enumerate(order.payments)
        if payment.method == "till"
    ]
    insert_new(session, PaymentRow, rows, col(PaymentRow.position))
    return processed(session, order, cause)


def processed(session: Session, order: Order, cause: Event) -> list[Event]:
    """OrderProcessed when everything is paid; its id follows from the order, so there is only one."""
    rows = session.connection().execute(
        select(col(PaymentRow.minor), col(PaymentRow.currency)).where(col(PaymentRow.order_id) == order.id)
    )
    paid = [Money(row.minor, row.currency) for row in rows]
    if total(paid, order.total.currency) != order.total:
        return []
    return [event(order.id, OrderProcessed(order.number, len(paid)), cause.time, cause=order.id)]
