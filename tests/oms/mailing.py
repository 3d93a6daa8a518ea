"""An order of three lines at two partners, its partner orders and states, as the OMS stores them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlmodel import Session

from oms.models import OrderRow, PartnerOrderRow, PartnerOrderStateRow
from retail.address import Address, Customer
from retail.gtin import Gtin
from retail.money import Money
from retail.order import Order, OrderLine, PartnerOrder, Payment, Shipping, partner_orders
from retail.status import LineState, LineStatus, PartnerOrderState, Shipment
from retail.strict import digest, to_json

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BERLIN = Customer(
    "Anna Schäfer",
    "anna@example.com",
    Address("DE", ("Lange Straße 5", "Hinterhaus"), "Berlin", "10115"),
    "+491701234567",
)


def eur(minor: int) -> Money:
    """Cents."""
    return Money(minor, "EUR")


def an_order(language: str = "en", customer: Customer = BERLIN, name: str = "Wool coat") -> Order:
    """2 x 129.00 and 19.90 from north (shipping 4.90), 39.50 from atelier: 322.30 EUR."""
    coat = OrderLine(
        "L1", "north", "C-M", Gtin("04006381333931"), name, 2, eur(12900),
        {"size": "M", "colour": "Moss"}, date(2026, 11, 24),
    )  # fmt: skip
    scarf = OrderLine(
        "L2", "north", "S-1", Gtin("04006381333948"), "Scarf", 1, eur(1990), {}, date(2026, 11, 24)
    )
    cup = OrderLine(
        "L3",
        "atelier",
        "CUP",
        Gtin("04006381333955"),
        "Cup & saucer <blue>",
        1,
        eur(3950),
        {},
        date(2027, 1, 4),
    )
    total = eur(2 * 12900 + 1990 + 3950 + 490)
    return Order(
        id="order-1",
        number="A7-1042",
        device="D1",
        store="berlin",
        created_at=NOW,
        customer=customer,
        lines=(coat, scarf, cup),
        shipping=(Shipping("north", eur(490)), Shipping("atelier", eur(0))),
        payments=(Payment("till", "T-1001", total),),
        total=total,
        language=language,
    )


def parts(order: Order) -> tuple[PartnerOrder, PartnerOrder]:
    """The partner orders with keys ``north`` and ``atelier``."""
    north, atelier = partner_orders(order, {}, ["north", "atelier"])
    return north, atelier


def a_state(part: PartnerOrder, *lines: LineState, parcels: tuple[Shipment, ...] = ()) -> PartnerOrderState:
    """Where ``part`` stands; accepted as a whole when no ``lines`` are given."""
    accepted = tuple(LineState(line.line, LineStatus.ACCEPTED, line.quantity) for line in part.lines)
    return PartnerOrderState(part.key, 2, lines or accepted, NOW + timedelta(minutes=1), shipments=parcels)


def store_order(session: Session, order: Order, *states: PartnerOrderState) -> None:
    """What intake leaves in the tables."""
    session.add(
        OrderRow(
            id=order.id, number=order.number, store=order.store, device=order.device, received_at=NOW,
            digest=digest(order), body=to_json(order),
        )
    )  # fmt: skip
    session.flush()
    for part in parts(order):
        session.add(
            PartnerOrderRow(
                key=part.key, order_id=order.id, number=part.number, partner=part.partner,
                placed_by=part.placed_by, body=to_json(part),
            )
        )  # fmt: skip
    session.flush()
    found = {state.key: state for state in states}
    for part in parts(order):
        state = found.get(part.key, a_state(part))
        session.add(
            PartnerOrderStateRow(
                key=part.key,
                order_id=order.id,
                status=state.status(),
                revision=state.revision,
                body=to_json(state),
            )
        )


def named(order: Order, name: str) -> Order:
    """``order`` of a customer called ``name``."""
    return replace(order, customer=replace(order.customer, name=name))
