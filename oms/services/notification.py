"""Tells the customer and the store what happens to an order, by mail; in the order's language.

OrderCreated       -> store      there is a new order
OrderProcessed     -> customer   paid, thank you
ShipmentProcessed  -> customer   a parcel is on its way, with its tracking
LinesRejected      -> customer, store   what cannot be supplied, and what is given back
OrderNeedsPerson   -> store      what somebody has to settle
OrderFulfilled     -> customer   nothing more comes

A mail is a row whose id is the event's id and the role of who gets it, written in the transaction that handles
the event; ``oms.mail`` sends it. So an event makes each mail once, however often it is delivered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlmodel import Session, col, select

from oms.composing import CUSTOMER, MAILS, News
from oms.events.models import MailOut
from oms.letters import words_for
from oms.models import OrderRow, PartnerOrderRow, PartnerOrderStateRow, PartnerRow
from oms.store import insert_new
from partners.contract import PartnerRecord
from retail.errors import Rejected
from retail.events import TYPES, Event, LinesRejected, OrderNeedsPerson, ShipmentProcessed
from retail.order import Order, PartnerOrder
from retail.status import PartnerOrderState
from retail.strict import from_data, from_json

NAME = "notification"
EVENTS = tuple(MAILS)


def handle(session: Session, event: Event) -> list[Event]:
    """Queue the mails that ``event`` asks for; nothing follows from them."""
    return handle_all(session, [event])


def handle_all(session: Session, events: Sequence[Event]) -> list[Event]:
    """As ``handle``, for many events with few questions to the database."""
    subjects = {event.subject for event in events}
    stored = session.connection().execute(
        select(col(OrderRow.id), col(OrderRow.body)).where(col(OrderRow.id).in_(subjects))
    )
    orders = {row.id: row.body for row in stored}
    insert_new(
        session,
        MailOut,
        [mail for event in events for mail in _mails(session, event, orders)],
        col(MailOut.id),
    )
    return []


def _mails(session: Session, event: Event, orders: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The rows for ``event``; ``orders`` are the stored ones, by id."""
    if event.subject not in orders:
        raise Rejected("no_such_order", f"the order {event.subject} is not stored")
    news = _news(session, event, _order(orders[event.subject]))
    for role, compose in MAILS[event.type]:
        letter = compose(news)
        yield {
            "id": f"{event.id}:{role}",
            "order_id": news.order.id,
            "recipient": news.order.customer.email if role == CUSTOMER else f"store:{news.order.store}",
            "language": letter.language,
            "subject": letter.subject,
            "text": letter.text(),
            "html": letter.html(),
            "state": "queued",
            "attempts": 0,
            "created_at": event.time,
            "next_try_at": event.time,
        }


def _news(session: Session, event: Event, order: Order) -> News:
    body: object = from_data(TYPES[event.type], event.data)
    words = words_for(order.language)
    if isinstance(body, (LinesRejected, OrderNeedsPerson)):
        return News(order, words, body, *_about(session, body.key))
    if isinstance(body, ShipmentProcessed):
        return News(order, words, body, None, _state(session, body.key))
    return News(order, words, body)


@lru_cache(maxsize=1024)
def _order(body: str) -> Order:
    """An order never changes, and its events follow each other closely; checking it costs more than its mail."""
    return from_json(Order, body)


def _about(session: Session, key: str) -> tuple[PartnerOrder, PartnerOrderState | None, str]:
    """The partner order, where it stands, and its partner's name."""
    found = session.exec(select(PartnerOrderRow.body).where(PartnerOrderRow.key == key)).first()
    if found is None:
        raise Rejected("no_such_partner_order", f"the partner order {key} is not stored")
    part = from_json(PartnerOrder, found)
    record = session.exec(select(PartnerRow.body).where(PartnerRow.id == part.partner)).first()
    name = from_json(PartnerRecord, record).name if record is not None else part.partner
    return part, _state(session, key), name


def _state(session: Session, key: str) -> PartnerOrderState | None:
    found = session.exec(select(PartnerOrderStateRow.body).where(PartnerOrderStateRow.key == key)).first()
    return from_json(PartnerOrderState, found) if found is not None else None
