"""Paid at the till is paid: recorded once, then the order may be fulfilled."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from oms.models import PaymentRow
from oms.services import order
from retail.errors import Rejected
from retail.events import Event, OrderCreated, event
from retail.money import Money
from retail.order import Payment
from tests.oms.uploads import DEVICE, NOW, again, put, upload


def created(order_id: str) -> Event:
    return event(order_id, OrderCreated("K7-1001", "berlin", "d1"), NOW, cause=order_id)


def handle(engine: Engine, cause: Event) -> list[Event]:
    with Session(engine) as session:
        events = order.handle(session, cause)
        session.commit()
        return events


def payments(engine: Engine) -> list[tuple[int, str, str, int, str]]:
    with Session(engine) as session:
        rows = session.exec(select(PaymentRow)).all()
    assert all(row.recorded_at == NOW for row in rows)
    return sorted((row.position, row.method, row.reference, row.minor, row.currency) for row in rows)


def test_a_till_payment_is_recorded_and_the_order_goes_on(engines: tuple[Engine, Engine]) -> None:
    writer, _ = engines
    one = upload(DEVICE)
    put(writer, one)
    (processed,) = handle(writer, created(one.order.id))
    assert (processed.type, processed.subject, processed.time) == ("OrderProcessed", one.order.id, NOW)
    assert processed.data == {"number": "K7-1001", "payments": 1}
    assert payments(writer) == [(0, "till", "T-1001", 6140, "EUR")]


def test_a_repeat_records_nothing_more_and_is_the_same_event(engines: tuple[Engine, Engine]) -> None:
    writer, _ = engines
    one = upload(DEVICE)
    put(writer, one)
    first, second = handle(writer, created(one.order.id)), handle(writer, created(one.order.id))
    assert first == second
    assert len(payments(writer)) == 1


def test_two_receipts_are_two_payments(engines: tuple[Engine, Engine]) -> None:
    writer, _ = engines
    one = upload(DEVICE)
    paid = (Payment("till", "T-1", Money(6000, "EUR")), Payment("till", "T-2", Money(140, "EUR")))
    put(writer, again(one, payments=paid))
    (processed,) = handle(writer, created(one.order.id))
    assert processed.data["payments"] == 2
    assert payments(writer) == [(0, "till", "T-1", 6000, "EUR"), (1, "till", "T-2", 140, "EUR")]


@pytest.mark.parametrize("method", ["link", "gift_card"])
def test_what_the_till_did_not_take_is_not_paid_yet(engines: tuple[Engine, Engine], method: str) -> None:
    writer, _ = engines
    one = upload(DEVICE, method=method)
    put(writer, one)
    assert handle(writer, created(one.order.id)) == []
    assert payments(writer) == []


def test_an_order_paid_in_part_waits(engines: tuple[Engine, Engine]) -> None:
    writer, _ = engines
    one = upload(DEVICE)
    paid = (Payment("till", "T-1", Money(6000, "EUR")), Payment("link", "L-2", Money(140, "EUR")))
    put(writer, again(one, payments=paid))
    assert handle(writer, created(one.order.id)) == []
    assert payments(writer) == [(0, "till", "T-1", 6000, "EUR")]


def test_an_order_that_is_not_there_is_refused(engines: tuple[Engine, Engine]) -> None:
    with pytest.raises(Rejected, match="not stored"):
        handle(engines[0], created("nobody"))
