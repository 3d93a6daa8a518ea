"""What happened to the goods is told once, whatever order the news comes in."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session

from oms.schema import migrate
from oms.services import fulfilment
from oms.store import make_engine
from retail.errors import Rejected
from retail.events import Event, OrderProcessed, PartnerOrderMoved, event
from retail.ids import new_id
from retail.status import LineStatus
from sync.protocol import OrderUpload
from tests.oms.locks import until, waiting_for_locks
from tests.oms.uploads import DEVICE, NOW, moved, put, upload

S = LineStatus


def paid(one: OrderUpload) -> Event:
    return event(one.order.id, OrderProcessed(one.order.number, 1), NOW, cause=one.order.id)


def news(one: OrderUpload, part: int = 0) -> Event:
    state = one.states[part]
    return event(one.order.id, PartnerOrderMoved(state.key, state.revision, state.status()), NOW)


def handle(engine: Engine, *causes: Event) -> list[Event]:
    with Session(engine) as session:
        events = (
            fulfilment.handle_all(session, causes) if len(causes) > 1 else fulfilment.handle(session, *causes)
        )
        session.commit()
        return events


def told(events: list[Event]) -> list[tuple[str, dict[str, Any]]]:
    return [(found.type, dict(found.data)) for found in events]


def test_an_order_from_payment_to_the_last_parcel(engines: tuple[Engine, Engine]) -> None:
    writer, _ = engines
    one = upload(DEVICE)
    north, south = (part.key for part in one.partner_orders)
    first, second = (line.id for line in one.order.lines)
    put(writer, one)
    assert handle(writer, paid(one)) == []
    one = moved(one, S.ACCEPTED)
    put(writer, one)
    assert told(handle(writer, news(one))) == [
        ("ShipmentPrepared", {"key": north, "partner": "north", "lines": [first]})
    ]
    one = moved(moved(one, S.SHIPPED), S.SHIPPED, 1)
    put(writer, one)
    parcel = {"carrier": "DHL", "tracking": "JJD0001"}
    assert told(handle(writer, news(one, 1))) == [
        ("ShipmentProcessed", {"key": north, "shipment": "parcel-0", "lines": [first], **parcel}),
        ("ShipmentPrepared", {"key": south, "partner": "south", "lines": [second]}),
        ("ShipmentProcessed", {"key": south, "shipment": "parcel-1", "lines": [second], **parcel}),
        ("OrderFulfilled", {"number": one.order.number, "shipped": 4, "refused": 0}),
    ]
    assert handle(writer, news(one)) == []
    one = moved(one, S.DELIVERED)
    put(writer, one)
    assert handle(writer, news(one)) == []


def test_nothing_is_told_before_the_order_is_paid(engines: tuple[Engine, Engine]) -> None:
    writer, _ = engines
    one = moved(upload(DEVICE, partners=("north",)), S.SHIPPED)
    put(writer, one)
    assert handle(writer, news(one)) == []
    assert [kind for kind, _ in told(handle(writer, paid(one)))] == [
        "ShipmentPrepared",
        "ShipmentProcessed",
        "OrderFulfilled",
    ]
    assert handle(writer, paid(one)) == []


def test_what_was_refused_is_counted(engines: tuple[Engine, Engine]) -> None:
    writer, _ = engines
    one = moved(moved(upload(DEVICE), S.SHIPPED), S.REJECTED, 1)
    put(writer, one)
    assert told(handle(writer, paid(one)))[-1] == (
        "OrderFulfilled",
        {"number": one.order.number, "shipped": 2, "refused": 2},
    )


def test_an_order_of_which_nothing_was_sent_is_not_fulfilled(engines: tuple[Engine, Engine]) -> None:
    writer, _ = engines
    one = moved(moved(upload(DEVICE), S.REJECTED), S.CANCELLED, 1)
    put(writer, one)
    assert handle(writer, paid(one)) == []


def test_an_order_that_is_not_there_is_refused(engines: tuple[Engine, Engine]) -> None:
    with pytest.raises(Rejected, match="not stored"):
        handle(engines[0], event("nobody", OrderProcessed("K7-1", 1), NOW))


def test_two_processes_tell_once_and_overlook_nothing(engines: tuple[Engine, Engine]) -> None:
    """Payment and the last parcel arrive at two processes at the same moment."""
    writer, _ = engines
    for serial in range(20):
        one = moved(upload(DEVICE, 2000 + serial, partners=("north",)), S.SHIPPED)
        put(writer, one)
        with ThreadPoolExecutor(3) as pool:
            causes = [paid(one), news(one), paid(one)]
            events = [found for work in pool.map(handle, [writer] * 3, causes) for found in work]
        assert sorted(kind for kind, _ in told(events)) == [
            "OrderFulfilled",
            "ShipmentPrepared",
            "ShipmentProcessed",
        ]


def test_a_parcel_that_leaves_while_the_payment_is_handled_is_not_overlooked(
    postgresql: tuple[Engine, Engine],
) -> None:
    """One process has looked at the states and not committed; the other must wait, else neither tells."""
    writer, reader = postgresql
    one = upload(DEVICE, partners=("north",))
    put(writer, one)
    one = moved(one, S.SHIPPED)
    with ThreadPoolExecutor(1) as pool, Session(writer) as first:
        assert fulfilment.handle(first, paid(one)) == []
        put(writer, one)
        second = pool.submit(handle, writer, news(one))
        until(lambda: waiting_for_locks(reader) == 1)
        first.commit()
        kinds = [kind for kind, _ in told(second.result(60))]
    assert kinds == ["ShipmentPrepared", "ShipmentProcessed", "OrderFulfilled"]


# -- whatever the order of delivery ------------------------------------------------------------------------

PATHS = [
    [S.ACCEPTED, S.SHIPPED, S.DELIVERED],
    [S.ACCEPTED, S.SHIPPED],
    [S.BACKORDERED, S.ACCEPTED, S.SHIPPED],
    [S.SHIPPED],
    [S.REJECTED],
    [S.UNKNOWN, S.CANCELLED],
    [S.ACCEPTED],
    [],
]


@pytest.fixture(scope="module")
def one_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One database for all examples; each has an order of its own."""
    url = f"sqlite:///{tmp_path_factory.mktemp('fulfilment') / 'oms.db'}"
    migrate(url)
    engine = make_engine(url)
    yield engine
    engine.dispose()


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_delivery_ends_the_same(one_database: Engine, data: st.DataObject) -> None:
    """Events are delivered in any order, some twice, each after its state was stored; the outcome is the states'."""
    paths = [data.draw(st.sampled_from(PATHS), label=partner) for partner in ("north", "south")]
    one = upload(DEVICE, number=f"{DEVICE.prefix}-{new_id()[-12:].upper()}")
    states, events = [one], [(0, paid(one))]
    for part, path in enumerate(paths):
        for status in path:
            one = moved(one, status, part)
            events.append((len(states), news(one, part)))
            states.append(one)
    repeats = data.draw(st.lists(st.sampled_from(events)), label="repeats")
    found: list[Event] = []
    stored, was_paid = 0, False
    put(one_database, states[0])
    deliveries = data.draw(st.permutations([*events, *repeats]), label="deliveries")
    while deliveries:
        size = data.draw(st.integers(1, 4), label="together")
        together, deliveries = deliveries[:size], deliveries[size:]
        needed = max(upto for upto, _ in together)
        upto = max(stored, needed, data.draw(st.integers(0, len(states) - 1), label="stored"))
        put(one_database, *states[stored + 1 : upto + 1])
        stored = upto
        was_paid = was_paid or any(step.type == "OrderProcessed" for _, step in together)
        new = handle(one_database, *(step for _, step in together))
        assert was_paid or not new
        found += new
    assert len({step.id for step in found}) == len(found)
    assert _summary(found) == _expected(paths)


def _summary(events: list[Event]) -> dict[str, list[str]]:
    parcels = sorted(step.data["shipment"] for step in events if step.type == "ShipmentProcessed")
    prepared = sorted(step.data["partner"] for step in events if step.type == "ShipmentPrepared")
    fulfilled = [
        f"{step.data['shipped']}/{step.data['refused']}" for step in events if step.type == "OrderFulfilled"
    ]
    return {"prepared": prepared, "parcels": parcels, "fulfilled": fulfilled}


def _expected(paths: list[list[LineStatus]]) -> dict[str, list[str]]:
    """From the last states alone. A partner order that was accepted and then cancelled may be told or not: not here."""
    last = [path[-1] if path else S.QUEUED for path in paths]
    sent = [status in (S.SHIPPED, S.DELIVERED) for status in last]
    taken = [status in (S.SHIPPED, S.DELIVERED, S.ACCEPTED) for status in last]
    over = all(status in (S.SHIPPED, S.DELIVERED, S.REJECTED, S.CANCELLED) for status in last) and any(sent)
    return {
        "prepared": [name for name, is_it in zip(("north", "south"), taken, strict=True) if is_it],
        "parcels": [f"parcel-{part}" for part, is_it in enumerate(sent) if is_it],
        "fulfilled": [f"{2 * sum(sent)}/{2 * (2 - sum(sent))}"] if over else [],
    }
