"""Events: the CloudEvents form, and ids that follow from their cause."""

from __future__ import annotations

import json

import pytest

from retail.events import TYPES, Event, OrderCreated, ShipmentProcessed, event
from retail.strict import from_json, to_json
from tests.retail.samples import NOW

CREATED = OrderCreated("S1-1001", "store-1", "device-1")


def test_an_event_has_the_form_of_cloudevents() -> None:
    made = event("order-1", CREATED, NOW, cause="order-1")

    assert json.loads(to_json(made)) == {
        "specversion": "1.0",
        "id": made.id,
        "source": "/aisle/oms",
        "type": "OrderCreated",
        "subject": "order-1",
        "time": "2026-03-14T09:26:53.589793Z",
        "datacontenttype": "application/json",
        "data": {"number": "S1-1001", "store": "store-1", "device": "device-1"},
    }
    assert from_json(Event, to_json(made)) == made


def test_the_same_cause_makes_the_same_event() -> None:
    first = event("order-1", CREATED, NOW, cause="c")

    assert event("order-1", CREATED, NOW, cause="c").id == first.id
    others = [
        event("order-2", CREATED, NOW, cause="c"),
        event("order-1", CREATED, NOW, cause="d"),
        event("order-1", ShipmentProcessed("k", "p1", "NordPost", "T-1", ("l",)), NOW, cause="c"),
        event("order-1", CREATED, NOW),
        event("order-1", CREATED, NOW),
    ]
    assert len({first.id, *(other.id for other in others)}) == 6


def test_only_events_are_sent() -> None:
    with pytest.raises(LookupError, match="Money is not an event"):
        event("order-1", type("Money", (), {})(), NOW)


def test_every_type_is_under_its_name() -> None:
    assert all(kind.__name__ == name for name, kind in TYPES.items())
    assert {
        "OrderCreated",
        "OrderProcessed",
        "ShipmentPrepared",
        "ShipmentProcessed",
        "OrderFulfilled",
    } <= set(TYPES)


def test_an_unknown_field_in_the_envelope_is_refused() -> None:
    text = to_json(event("order-1", CREATED, NOW)).replace('"type"', '"traceparent":"x","type"')

    with pytest.raises(ValueError, match="traceparent"):
        from_json(Event, text)
