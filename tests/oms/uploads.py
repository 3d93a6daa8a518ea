"""Orders as a device uploads them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from oms.auth import Claims
from oms.orders import store
from oms.uploads import read_upload
from retail.address import Address, Customer
from retail.gtin import Gtin
from retail.ids import new_id
from retail.money import Money
from retail.order import Order, OrderLine, Payment, Shipping, partner_orders
from retail.status import LineState, LineStatus, PartnerOrderState, Shipment
from retail.strict import digest, to_data
from sync.protocol import EnrolAnswer, OrderUpload

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
DEVICE = EnrolAnswer(
    "d1", "berlin", "K7", "", ""
)  # one that was never enrolled, for what stands behind the door
ZOE = Customer(
    "Zoë Canary",
    "zoe.canary@example.com",
    Address("DE", ("Kanarienweg 5",), "Berlin", "10115"),
    "+491701234567",
)


def upload(
    device: EnrolAnswer,
    serial: int = 1001,
    *,
    partners: tuple[str, ...] = ("north", "south"),
    method: Any = "till",
    number: str | None = None,
    customer: Customer = ZOE,
) -> OrderUpload:
    """A new order of ``device``: one line of two pieces for each of ``partners``, all queued."""
    lines = tuple(
        OrderLine(
            new_id(), partner, f"SKU-{partner}", Gtin("04012345678901"), "Rain coat", 2, Money(1290, "EUR")
        )
        for partner in partners
    )
    shipping = tuple(Shipping(partner, Money(490, "EUR")) for partner in partners)
    whole = Money((2 * 1290 + 490) * len(partners), "EUR")
    order = Order(
        id=new_id(),
        number=number or f"{device.prefix}-{serial}",
        device=device.device,
        store=device.store,
        created_at=NOW,
        customer=customer,
        lines=lines,
        shipping=shipping,
        payments=(Payment(method, "T-1001", whole),),
        total=whole,
        language="de",
    )
    parts = partner_orders(order, {})
    states = tuple(
        PartnerOrderState(part.key, 1, tuple(LineState(x.line, LineStatus.QUEUED) for x in part.lines), NOW)
        for part in parts
    )
    return OrderUpload(order, digest(order), parts, states)


def data(*uploads: OrderUpload) -> dict[str, Any]:
    """``uploads`` as the body of one request."""
    return {"version": 1, "orders": [to_data(one) for one in uploads]}


def moved(old: OrderUpload, status: LineStatus, part: int = 0, **more: Any) -> OrderUpload:
    """``old`` after its partner order number ``part`` has got to ``status``, one revision up."""
    states = list(old.states)
    state = states[part]
    counts: dict[LineStatus, dict[str, Any]] = {
        LineStatus.ACCEPTED: {"accepted": 2},
        LineStatus.SHIPPED: {"accepted": 2, "shipped": 2},
        LineStatus.DELIVERED: {"accepted": 2, "shipped": 2},
        LineStatus.REJECTED: {"refused": 2, "reason": "sold_out"},
    }
    lines = tuple(replace(line, status=status, **counts.get(status, {})) for line in state.lines)
    shipments = state.shipments
    if status in (LineStatus.SHIPPED, LineStatus.DELIVERED) and not shipments:
        carried = tuple((line.line, 2) for line in state.lines)
        shipments = (Shipment(f"parcel-{part}", carried, "DHL", "JJD0001", NOW + timedelta(hours=1)),)
    states[part] = replace(
        state,
        revision=state.revision + 1,
        lines=lines,
        shipments=shipments,
        changed_at=state.changed_at + timedelta(minutes=1),
        **more,
    )
    return replace(old, states=tuple(states))


def again(old: OrderUpload, **changes: Any) -> OrderUpload:
    """``old`` with another content under the same id, its digest right."""
    order = replace(old.order, **changes)
    parts = partner_orders(order, {}, iter([part.key for part in old.partner_orders]))
    return replace(old, order=order, digest=digest(order), partner_orders=parts)


def put(engine: Engine, *uploads: OrderUpload) -> None:
    """Store ``uploads`` as the intake would, without a device."""
    with Session(engine) as session:
        stored(session, *uploads)
        session.commit()


def stored(session: Session, *uploads: OrderUpload) -> None:
    """As ``put``, but the caller commits."""
    claims = Claims(DEVICE.device, DEVICE.store, 1)
    answers = store(session, [read_upload(to_data(one), claims) for one in uploads], NOW)
    assert all(answer.result == "stored" for answer in answers)
