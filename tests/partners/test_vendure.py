"""The Vendure adapter keeps the contract with a shop in memory, and signs in, refuses and computes as it should."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from partners.contract import Capabilities, Wanted
from partners.registry import Partner
from partners.vendure.adapter import VendurePartner
from retail.errors import BadResponse, Misconfigured, RateLimited, Rejected
from retail.money import Money
from tests.partners.contract import (
    CUSTOMER,
    HOME,
    Behind,
    CatalogueContract,
    Goods,
    OrderingContract,
    agreed,
    booked,
)
from tests.partners.fake_vendure import GOODS, RECORD, SECRET, FakeVendure
from tests.partners.faulty_vendure import FaultyNetwork


class BehindFake:
    """The fake shop's own side."""

    def __init__(self, shop: FakeVendure) -> None:
        self._shop = shop
        self.network = FaultyNetwork(httpx.MockTransport(shop.answer), self._shelf)

    async def ledger(self) -> Sequence[Mapping[str, Any]]:
        return [
            {
                "key": one.fields["aisleKey"],
                "reference": f"CODE{one.id}",
                "lines": [{"sku": sku, "quantity": pieces} for sku, pieces in one.lines.items()],
                "total_minor": one.total,
                "currency": "USD",
                "state": one.state.lower(),
                "customer": [one.customer, one.address],
            }
            for one in self._shop.orders.values()
            if one.placed_at
        ]

    async def fault(self, fault: str, times: int | None = 1, on: str | None = None) -> None:
        self.network.plan(fault, times, on)

    async def pass_time(self, ahead: timedelta) -> None:
        """Nothing at a Vendure shop grows old."""

    async def ship(self, reference: str) -> None:
        self._shop.ship(reference)

    async def change(self, sku: str, *, price_minor: int | None = None, stock: int | None = None) -> None:
        for variant in self._shop.variants.values():
            if variant.sku == sku:
                variant.price = variant.price if price_minor is None else price_minor
                variant.stock = variant.stock if stock is None else stock

    def _shelf(self, variant: str, fault: str) -> None:
        found = self._shop.variants[variant]
        if fault == "sold-out":
            found.stock = 0
        else:
            found.price += found.price // 10


@pytest.fixture
def goods() -> Goods:
    return GOODS


@pytest.fixture
def shop() -> FakeVendure:
    return FakeVendure()


@pytest.fixture
def behind(shop: FakeVendure) -> BehindFake:
    return BehindFake(shop)


@pytest.fixture
async def partner(behind: BehindFake) -> AsyncIterator[VendurePartner]:
    async with aclosing(VendurePartner(RECORD, SECRET, behind.network)) as adapter:
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


# Signing in


async def test_it_signs_in_once_and_again_when_the_session_has_ended(
    shop: FakeVendure, partner: VendurePartner
) -> None:
    await partner.find(sku=GOODS.one)
    await partner.find(sku=GOODS.one)
    assert shop.asked == ["SignIn", "Variants", "Variants"]
    shop.token = "Bearer token-2"
    assert await partner.find(sku=GOODS.one) is not None
    assert shop.asked[3:] == ["Variants", "SignIn", "Variants"]


async def test_what_stays_forbidden_is_misconfigured(shop: FakeVendure) -> None:
    def forgetful(request: httpx.Request) -> httpx.Response:
        shop.token = f"Bearer token-{len(shop.asked)}"
        return shop.answer(request)

    async with aclosing(VendurePartner(RECORD, SECRET, httpx.MockTransport(forgetful))) as partner:
        with pytest.raises(Misconfigured, match="check its role"):
            await partner.find(sku=GOODS.one)
    assert shop.asked == ["SignIn", "Variants", "SignIn", "Variants"]


async def test_a_shop_without_bearer_tokens_is_misconfigured(shop: FakeVendure) -> None:
    def cookies_only(request: httpx.Request) -> httpx.Response:
        response = shop.answer(request)
        response.headers.pop("vendure-auth-token", None)
        return response

    async with aclosing(VendurePartner(RECORD, SECRET, httpx.MockTransport(cookies_only))) as partner:
        with pytest.raises(Misconfigured, match="tokenMethod"):
            await partner.find(sku=GOODS.one)


async def test_an_api_key_is_sent_as_it_is(shop: FakeVendure) -> None:
    heads: list[httpx.Headers] = []

    def noting(request: httpx.Request) -> httpx.Response:
        heads.append(request.headers)
        request.headers["authorization"] = shop.token
        return shop.answer(request)

    record = replace(RECORD, settings={"sign_in": "api_key", "channel_token": "store-7"})
    async with aclosing(VendurePartner(record, "lookup:key", httpx.MockTransport(noting))) as partner:
        await partner.find(sku=GOODS.one)
    assert [(head["vendure-api-key"], head["vendure-token"]) for head in heads] == [("lookup:key", "store-7")]


@pytest.mark.parametrize("secret", [None, "", "no-colon"])
def test_a_secret_that_cannot_be_one_is_told_at_once(secret: str | None) -> None:
    with pytest.raises(Misconfigured, match="NAME:PASSWORD"):
        VendurePartner(RECORD, secret)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"curency": "EUR"}, "'curency'"),
        ({"currency": "euro"}, "'currency'"),
        ({"decimals": "two"}, "'decimals'"),
        ({"customer_email": "nobody"}, "name@example.com"),
        ({"sign_in": "cookie"}, "'sign_in'"),
    ],
)
def test_a_wrong_setting_is_named(settings: dict[str, str], words: str) -> None:
    with pytest.raises(Misconfigured, match=words):
        VendurePartner(replace(RECORD, settings=settings), SECRET)


# Refusals and amounts


async def test_a_registered_customers_address_is_refused(partner: VendurePartner, shop: FakeVendure) -> None:
    order = await agreed(
        partner, Wanted(GOODS.one, 1), customer=replace(CUSTOMER, email="registered@example.com")
    )
    with pytest.raises(Rejected) as caught:
        await partner.place(order)
    assert caught.value.reason == "customer"
    assert shop.orders == {}


async def test_one_address_of_ours_can_stand_for_all_customers(shop: FakeVendure) -> None:
    record = replace(RECORD, settings={"customer_email": "store-7@example.com"})
    async with aclosing(VendurePartner(record, SECRET, httpx.MockTransport(shop.answer))) as partner:
        await partner.place(await agreed(partner, Wanted(GOODS.one, 1)))
    (made,) = shop.orders.values()
    assert made.customer["emailAddress"] == "store-7@example.com"
    assert CUSTOMER.email not in repr(made)


async def test_a_payment_that_books_nothing_is_not_believed(shop: FakeVendure) -> None:
    def unplaced(request: httpx.Request) -> httpx.Response:
        response = shop.answer(request)
        if shop.asked[-1] == "Pay":
            document = response.json()
            document["data"]["addManualPaymentToOrder"]["orderPlacedAt"] = None
            return httpx.Response(200, json=document)
        return response

    async with aclosing(VendurePartner(RECORD, SECRET, httpx.MockTransport(unplaced))) as partner:
        with pytest.raises(BadResponse, match="is not placed"):
            await partner.place(await agreed(partner, Wanted(GOODS.one, 1)))


async def test_country_and_method_outside_the_record_are_refused_unasked(shop: FakeVendure) -> None:
    network = httpx.MockTransport(shop.answer)
    async with aclosing(VendurePartner(RECORD, SECRET, network)) as open_to_all:
        order = await agreed(open_to_all, Wanted(GOODS.one, 1))
    record = replace(RECORD, capabilities=Capabilities("B", ship_to=("GB",)))
    async with aclosing(VendurePartner(record, SECRET, network)) as partner:
        with pytest.raises(Rejected, match="DE"):
            await partner.place(order)
        assert (await partner.quote([Wanted(GOODS.one, 1)], HOME)).lines[0].available == 0
    record = replace(RECORD, settings={"shipping_method": "by-boat"})
    async with aclosing(VendurePartner(record, SECRET, network)) as partner:
        with pytest.raises(Rejected, match="by-boat"):
            await partner.place(order)


async def test_a_discount_that_does_not_divide_evenly_keeps_the_total_exact(shop: FakeVendure) -> None:
    def discounted(request: httpx.Request) -> httpx.Response:
        document = shop.answer(request)
        if shop.asked[-1] not in ("SetShippingMethod", "Move", "Pay"):
            return document
        data = document.json()
        (order,) = data["data"].values()
        if order.get("lines"):
            order["lines"][0]["proratedLinePriceWithTax"] -= 100
            order["totalWithTax"] -= 100
        return httpx.Response(200, json=data)

    async with aclosing(VendurePartner(RECORD, SECRET, httpx.MockTransport(discounted))) as partner:
        quote = await partner.quote([Wanted(GOODS.one, 3)], HOME)
        assert (quote.lines[0].price.minor, quote.shipping.minor) == (2354, 502)
        order = await agreed(partner, Wanted(GOODS.one, 3))
        assert (await partner.place(order)).total == order.total == Money(3 * 2388 - 100 + 500, "USD")


async def test_a_dearer_article_is_not_made_up_for_by_cheaper_shipping(
    partner: VendurePartner, behind: BehindFake, shop: FakeVendure
) -> None:
    order = await agreed(partner, Wanted(GOODS.one, 1))
    ten = Money(10, "USD")
    line = replace(order.lines[0], price=order.lines[0].price - ten)
    with pytest.raises(Rejected, match=f"price_changed: {GOODS.one} is 2388 now"):
        await partner.place(replace(order, lines=(line,), shipping=order.shipping + ten))
    assert shop.orders == {}


async def test_an_order_that_is_only_being_made_is_not_found(
    partner: VendurePartner, behind: BehindFake, shop: FakeVendure
) -> None:
    order = await agreed(partner, Wanted(GOODS.one, 1))
    await behind.fault("429", 1, "place")
    with pytest.raises(RateLimited):
        await partner.place(order)
    assert [(made.state, made.fields["aisleKey"]) for made in shop.orders.values()] == [
        ("ArrangingPayment", order.key)
    ]
    assert await partner.look_up(order.key) is None
    placed = await partner.place(order)
    assert await partner.look_up(order.key) == placed
    assert len(shop.orders) == 1
