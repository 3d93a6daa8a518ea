"""The promises of every partner, kept with a real Vendure shop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest

from partners.contract import Wanted
from partners.registry import Partner
from partners.vendure.adapter import VendurePartner
from tests.partners.contract import Behind, CatalogueContract, Goods, OrderingContract, agreed, booked
from tests.partners.faulty_vendure import FaultyNetwork
from tests.real.vendure_partner import loopback
from tests.real.vendure_partner import partner as open_shop
from tests.real.vendure_server import Admin, Shop

STOCK = 9
NET = {"TEE100-BLK-L": 1990, "TEE100-BLK-XL": 1990, "RJK200-RED-S": 12900}  # prices without tax
VARIANTS = """query ($filter: ProductVariantFilterParameter!) { productVariants(options: {filter: $filter}) {
  items { id price stockLevels { stockAllocated } } } }"""
CHANGE = "mutation ($input: [UpdateProductVariantInput!]!) { updateProductVariants(input: $input) { id } }"
LEDGER = """query ($skip: Int!) { orders(options: {take: 100, skip: $skip}) { totalItems items {
  code state orderPlacedAt totalWithTax currencyCode customFields { aisleKey }
  lines { orderPlacedQuantity productVariant { sku } }
  customer { emailAddress firstName }
  shippingAddress { fullName streetLine1 streetLine2 city postalCode phoneNumber } } } }"""
SHIP = """mutation ($input: FulfillOrderInput!) { addFulfillmentToOrder(input: $input) {
  __typename ... on Fulfillment { id } ... on ErrorResult { message } } }"""
MOVE = """mutation ($id: ID!, $state: String!) { transitionFulfillmentToState(id: $id, state: $state) {
  __typename ... on Fulfillment { state } ... on ErrorResult { message } } }"""


class BehindShop:
    """The real shop's own side, through its own people."""

    def __init__(self, staff: Admin) -> None:
        self._staff = staff
        self.network = FaultyNetwork(loopback(), self._shelf)

    async def ledger(self) -> Sequence[Mapping[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            page = self._staff(LEDGER, skip=len(found))["orders"]
            found += page["items"]
            if len(found) >= page["totalItems"]:
                break
        return [
            {
                "key": one["customFields"]["aisleKey"],
                "reference": one["code"],
                "lines": [
                    {"sku": line["productVariant"]["sku"], "quantity": line["orderPlacedQuantity"]}
                    for line in one["lines"]
                ],
                "total_minor": one["totalWithTax"],
                "currency": one["currencyCode"],
                "state": one["state"].lower(),
                "customer": [one["customer"], one["shippingAddress"]],
            }
            for one in found
            if one["orderPlacedAt"]
        ]

    async def fault(self, fault: str, times: int | None = 1, on: str | None = None) -> None:
        self.network.plan(fault, times, on)

    async def pass_time(self, ahead: timedelta) -> None:
        """Nothing at a Vendure shop grows old."""

    async def ship(self, reference: str) -> None:
        query = "query ($code: String!) { orders(options: {filter: {code: {eq: $code}}}) { items { lines { id quantity } } } }"
        (order,) = self._staff(query, code=reference)["orders"]["items"]
        lines = [{"orderLineId": line["id"], "quantity": line["quantity"]} for line in order["lines"]]
        arguments = [{"name": "method", "value": "DPD"}, {"name": "trackingCode", "value": f"T{reference}"}]
        given = {"lines": lines, "handler": {"code": "manual-fulfillment", "arguments": arguments}}
        parcel = self._staff(SHIP, input=given)["addFulfillmentToOrder"]["id"]
        assert (
            self._staff(MOVE, id=parcel, state="Shipped")["transitionFulfillmentToState"]["state"]
            == "Shipped"
        )

    async def change(self, sku: str, *, price_minor: int | None = None, stock: int | None = None) -> None:
        assert price_minor is None
        self._change({"sku": {"eq": sku}}, stock=stock)

    def reset(self, sku: str) -> None:
        """As the tests expect it."""
        self._change({"sku": {"eq": sku}}, stock=STOCK, net=NET[sku])

    def _shelf(self, variant: str, fault: str) -> None:
        by_id = {"id": {"eq": variant}}
        if fault == "sold-out":
            self._change(by_id, stock=0)
        else:
            (found,) = self._staff(VARIANTS, filter=by_id)["productVariants"]["items"]
            self._change(by_id, net=found["price"] + found["price"] // 10)

    def _change(self, rule: Mapping[str, Any], stock: int | None = None, net: int | None = None) -> None:
        (found,) = self._staff(VARIANTS, filter=rule)["productVariants"]["items"]
        given = {"id": found["id"]}
        if stock is not None:
            given["stockOnHand"] = stock + sum(level["stockAllocated"] for level in found["stockLevels"])
        if net is not None:
            given["price"] = net
        self._staff(CHANGE, input=[given])


@pytest.fixture
def goods() -> Goods:
    return Goods(one="TEE100-BLK-L", other="TEE100-BLK-XL", third="RJK200-RED-S", text="crew neck")


@pytest.fixture
async def behind(staff: Admin) -> AsyncIterator[BehindShop]:
    side = BehindShop(staff)
    for sku in NET:
        side.reset(sku)
    yield side
    for sku in NET:
        side.reset(sku)


@pytest.fixture
async def partner(vendure: Shop, behind: BehindShop) -> AsyncIterator[VendurePartner]:
    async with aclosing(open_shop(vendure, behind.network)) as adapter:
        yield adapter


class TestVendure(CatalogueContract, OrderingContract):
    """Every promise, at class B."""

    async def test_the_same_key_again_is_a_second_order_elsewhere(
        self, partner: Partner, behind: Behind, goods: Goods
    ) -> None:
        """Better than class B must be: the adapter asks before it orders."""
        order = await agreed(partner, Wanted(goods.one, 1))
        assert await partner.place(order) == await partner.place(order)
        assert len(await booked(behind, order.key)) == 1
