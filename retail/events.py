"""Events of the OMS in a CloudEvents 1.0 envelope. Past tense; the subject is always the order's id.

OrderCreated -> OrderProcessed -> ShipmentPrepared -> ShipmentProcessed -> OrderFulfilled
PartnerOrderMoved and OrderNeedsPerson are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import NAMESPACE_URL, uuid5

from pydantic import ConfigDict

from retail.ids import new_id
from retail.strict import STRICT, to_data

SOURCE = "/aisle/oms"


@dataclass(frozen=True, slots=True)
class OrderCreated:
    """The OMS has stored an order that a device sent."""

    number: str
    store: str
    device: str


@dataclass(frozen=True, slots=True)
class OrderProcessed:
    """The order's payment is recorded; its lines may be bought."""

    number: str
    payments: int


@dataclass(frozen=True, slots=True)
class PartnerOrderMoved:
    """The owner of a partner order reported a newer state of it (``revision``)."""

    key: str
    revision: int
    status: str


@dataclass(frozen=True, slots=True)
class OrderNeedsPerson:
    """A partner order cannot go on by itself; ``reason`` is a stable code."""

    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class LinesRejected:
    """A partner refused these lines (ids); the customer has to be told."""

    key: str
    lines: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class ShipmentPrepared:
    """A partner has accepted a partner order and prepares its parcels."""

    key: str
    partner: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShipmentProcessed:
    """A parcel has left; its tracking is known if the carrier gives one."""

    key: str
    shipment: str
    carrier: str
    tracking: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrderFulfilled:
    """Every line that could be supplied has been sent; nothing more will come."""

    number: str
    shipped: int
    refused: int


TYPES: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        OrderCreated,
        OrderProcessed,
        PartnerOrderMoved,
        OrderNeedsPerson,
        LinesRejected,
        ShipmentPrepared,
        ShipmentProcessed,
        OrderFulfilled,
    )
}


@dataclass(frozen=True, slots=True)
class Event:
    """The CloudEvents envelope. ``id`` is unique per event; a repeat of the same news has the same id."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: str
    type: str
    subject: str
    time: datetime
    data: Mapping[str, Any]
    source: str = SOURCE
    specversion: str = "1.0"
    datacontenttype: str = "application/json"


def event(subject: str, body: object, now: datetime, *, cause: str | None = None) -> Event:
    """``body`` (one of ``TYPES``) in its envelope, about the order ``subject``.

    With ``cause`` (what made it happen: another event's id, a parcel's id) the id follows from type and cause,
    so that the same cause never makes two different events.
    """
    kind = type(body).__name__
    if kind not in TYPES:
        raise LookupError(f"{kind} is not an event")
    identity = str(uuid5(NAMESPACE_URL, f"{kind}/{subject}/{cause}")) if cause else new_id()
    return Event(identity, kind, subject, now, to_data(body))
