"""Parcels and cancellations of orders at a real Vendure shop."""

from __future__ import annotations

from dataclasses import replace

import pytest

from partners.contract import LineAnswer
from partners.vendure.adapter import VendurePartner
from retail.errors import BadResponse
from retail.money import Money
from tests.real.vendure_partner import (
    TEE,
    order_of,
    tee,
)
from tests.real.vendure_server import Admin
from tests.real.vendure_staff import books, move, ship


async def test_status_follows_the_parcels(shop: VendurePartner, staff: Admin) -> None:
    offer, other = await tee(shop), await tee(shop, "TNG300-BLK-M")
    order = order_of((offer, 2), (other, 1))
    reference = (await shop.place(order)).reference
    first = ship(staff, reference, {offer.sku: 2}, "DPD1")
    status = await shop.status(reference, order.lines)
    assert status.state == "accepted"
    (parcel,) = status.shipments
    assert (parcel.id, parcel.carrier, parcel.tracking) == (first, "DPD", "DPD1")
    assert parcel.lines == ((order.lines[0].line, 2),)
    assert parcel.shipped_at is not None
    assert parcel.delivered_at is None
    second = ship(staff, reference, {other.sku: 1}, "DPD2")
    status = await shop.status(reference, order.lines)
    assert (status.state, [one.tracking for one in status.shipments]) == ("shipped", ["DPD1", "DPD2"])
    move(staff, first, "Delivered")
    assert (await shop.status(reference, order.lines)).state == "shipped"
    move(staff, second, "Delivered")
    status = await shop.status(reference, order.lines)
    assert status.state == "delivered"
    assert all(one.delivered_at is not None for one in status.shipments)
    assert status.lines == (LineAnswer(order.lines[0].line, 2), LineAnswer(order.lines[1].line, 1))


async def test_pieces_that_the_shop_cancels_are_refused_in_the_status(
    shop: VendurePartner, staff: Admin
) -> None:
    order = order_of((await tee(shop), 3))
    reference = (await shop.place(order)).reference
    found = books(staff, reference)
    staff(
        "mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename } }",
        input={"orderId": found["id"], "lines": [{"orderLineId": found["lines"][0]["id"], "quantity": 1}]},
    )
    status = await shop.status(reference, order.lines)
    assert status.state == "accepted"
    assert status.lines == (LineAnswer(order.lines[0].line, 2, refused=1, reason="cancelled"),)


async def test_status_of_an_order_with_strange_pieces_is_not_believed(shop: VendurePartner) -> None:
    order = order_of((await tee(shop), 2))
    placed = await shop.place(order)
    with pytest.raises(BadResponse):
        await shop.status(placed.reference, [replace(order.lines[0], quantity=1)])
    with pytest.raises(BadResponse):
        await shop.status("NOSUCHORDER", order.lines)


async def test_an_order_is_cancelled_once_and_its_shipping_with_it(
    shop: VendurePartner, staff: Admin
) -> None:
    order = order_of((await tee(shop), 2))
    reference = (await shop.place(order)).reference
    assert (await shop.cancel(reference)).done
    assert (await shop.cancel(reference)).done
    status = await shop.status(reference, order.lines)
    assert (status.state, status.total) == ("cancelled", Money(0, "USD"))
    found = books(staff, reference)
    # Vendure leaves the money where it is: giving it back is between the two companies.
    assert (found["state"], [payment["state"] for payment in found["payments"]]) == ("Cancelled", ["Settled"])


async def test_what_is_shipped_or_being_packed_is_not_cancelled(shop: VendurePartner, staff: Admin) -> None:
    order = order_of((await tee(shop), 2))
    reference = (await shop.place(order)).reference
    parcel = ship(staff, reference, {TEE: 1}, "T1", state="Pending")
    refused = await shop.cancel(reference)
    assert (refused.done, refused.reason) == (False, "packing")
    move(staff, parcel, "Shipped")
    refused = await shop.cancel(reference)
    assert (refused.done, refused.reason) == (False, "shipped")
    assert books(staff, reference)["state"] == "PartiallyShipped"
