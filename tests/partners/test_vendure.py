"""The Vendure adapter keeps the contract, and whatever a shop answers, only our own errors come out of it."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from partners.contract import Capabilities, PartnerRecord, Wanted
from partners.registry import Partner
from partners.vendure.adapter import VendurePartner
from partners.vendure.graph import refused
from partners.vendure.offers import plain, spellings
from partners.vendure.wire import Refusal, money
from retail.errors import AisleError, BadResponse, Misconfigured, RateLimited, Rejected, Unreachable
from retail.gtin import Gtin
from retail.money import Money
from retail.order import PartnerOrder
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
from tests.partners.fake_vendure import NAME, PASSWORD, FakeVendure
from tests.partners.faulty_vendure import FaultyNetwork

SECRET = f"{NAME}:{PASSWORD}"
RECORD = PartnerRecord(
    id="tees",
    name="Tees",
    protocol="vendure",
    endpoint="http://127.0.0.1:9",
    capabilities=Capabilities("B"),
    credential="tees",
    settings={"currency": "USD", "country": "DE"},
)
GOODS = Goods(one="TEE100-BLK-M", other="TEE100-BLK-S", third="RJK200-BLK-S", text="crew neck")


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


# What the shop's errors mean


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        ("INSUFFICIENT_STOCK_ERROR", Rejected, "sold_out"),
        ("ORDER_LIMIT_ERROR", Rejected, "too_many"),
        ("INELIGIBLE_SHIPPING_METHOD_ERROR", Rejected, "address"),
        ("EMAIL_ADDRESS_CONFLICT_ERROR", Rejected, "customer"),
        ("GUEST_CHECKOUT_ERROR", Rejected, "customer"),
        ("ORDER_INTERCEPTOR_ERROR", Rejected, "refused"),
        ("PAYMENT_DECLINED_ERROR", Rejected, "payment"),
        ("SOMETHING_NEW_ERROR", Rejected, "refused"),
        ("INVALID_CREDENTIALS_ERROR", Misconfigured, None),
        ("ORDER_MODIFICATION_ERROR", Unreachable, None),
        ("MANUAL_PAYMENT_STATE_ERROR", Unreachable, None),
    ],
)
def test_typed_errors(code: str, kind: type[AisleError], reason: str | None) -> None:
    error = refused(Refusal.model_validate({"errorCode": code, "message": "words"}))
    assert type(error) is kind
    assert getattr(error, "reason", None) == reason


@pytest.mark.parametrize(
    ("status", "code", "looking", "placing"),
    [
        (200, "INTERNAL_SERVER_ERROR", Unreachable, Unreachable),
        (200, None, Unreachable, Unreachable),
        (200, "ENTITY_NOT_FOUND", Unreachable, Unreachable),
        (200, "USER_INPUT_ERROR", Misconfigured, Rejected),
        (200, "CHANNEL_NOT_FOUND", Misconfigured, Misconfigured),
        (400, "GRAPHQL_VALIDATION_FAILED", Misconfigured, Misconfigured),
        (400, "BAD_USER_INPUT", Misconfigured, Misconfigured),
    ],
)
async def test_entries_in_errors(
    shop: FakeVendure, status: int, code: str | None, looking: type[AisleError], placing: type[AisleError]
) -> None:
    spoilt = ""

    def spoil(request: httpx.Request) -> httpx.Response:
        response = shop.answer(request)
        if shop.asked[-1] == spoilt:
            entry = {"message": "words", "extensions": {"code": code} if code else {}}
            return httpx.Response(status, json={"data": None, "errors": [entry]})
        return response

    async with aclosing(VendurePartner(RECORD, SECRET, httpx.MockTransport(spoil))) as partner:
        order = await agreed(partner, Wanted(GOODS.one, 1))
        spoilt = "Variants"
        with pytest.raises(looking):
            await partner.find(sku=GOODS.one)
        spoilt = "SetAddress"
        with pytest.raises(placing) as caught:
            await partner.place(order)
    assert getattr(caught.value, "reason", None) == ("address" if placing is Rejected else None)
    assert getattr(caught.value, "sent", None) is (False if placing is Unreachable else None)
    assert shop.orders == {}


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


# Whatever is answered


BODIES = (
    b"",
    b"null",
    b"[]",
    b"{}",
    b"0",
    b'"text"',
    b'{"data": null}',
    b'{"data": {}}',
    b'{"data": []}',
    b'{"data": {"productVariants": null, "search": null, "orders": null, "login": null}}',
    b'{"data": {"productVariants": {"items": [null]}, "search": {"items": 1}, "orders": {"items": [{}]}}}',
    b'{"errors": []}',
    b'{"errors": "no"}',
    b'{"errors": [{}]}',
    b'{"errors": [{"message": 7}]}',
    b'{"errors": [{"message": "x", "extensions": {"code": ["FORBIDDEN"]}}]}',
    b'{"errors": [{"message": "x", "extensions": null}], "data": null}',
    b'{"data": {"login": {"errorCode": 7}}}',
    b'{"data": NaN}',
    b'{"data": {}, "data": {}}',
    b"\xff\xfe\x00",
    b"[" * 5000,
    b"<html>Welcome to Hotel WiFi</html>",
)
STATUSES = (200, 201, 204, 301, 400, 401, 403, 404, 409, 418, 429, 500, 503, 599)
KINDS = (
    "application/json",
    "application/graphql-response+json",
    "text/html",
    "application/json; charset=utf-16",
    "",
)


def everything(
    partner: VendurePartner,
    order: PartnerOrder,
    reference: str = "CODE1",
    booking: PartnerOrder | None = None,
) -> dict[str, Callable[[], Awaitable[object]]]:
    """Every question that the contract allows, ready to be asked; about ``booking`` once it is placed."""
    booking = booking or order
    return {
        "search": lambda: partner.search("tee"),
        "find": lambda: partner.find(sku=GOODS.one),
        "variants": lambda: partner.variants("1"),
        "similar": lambda: partner.similar("1"),
        "quote": lambda: partner.quote([Wanted(GOODS.one, 1)], HOME),
        "place": lambda: partner.place(order),
        "look_up": lambda: partner.look_up(booking.key),
        "status": lambda: partner.status(reference, booking.lines),
        "cancel": lambda: partner.cancel(reference),
    }


@pytest.fixture
async def order(shop: FakeVendure) -> PartnerOrder:
    async with aclosing(VendurePartner(RECORD, SECRET, httpx.MockTransport(shop.answer))) as partner:
        return await agreed(partner, Wanted(GOODS.one, 1))


@pytest.mark.parametrize("status", STATUSES)
async def test_no_status_body_or_encoding_leaks_a_foreign_exception(status: int, order: PartnerOrder) -> None:
    tried = 0
    for body in BODIES:
        for kind in KINDS:
            for coding in ("identity", "gzip"):
                response = {"content-type": kind, "content-encoding": coding, "vendure-auth-token": "t"}

                def answer(
                    request: httpx.Request, body: bytes = body, head: Any = response
                ) -> httpx.Response:
                    return httpx.Response(status, headers=head, stream=httpx.ByteStream(body))

                for name in everything(VendurePartner(RECORD, SECRET), order):
                    partner = VendurePartner(RECORD, SECRET, httpx.MockTransport(answer))
                    with pytest.raises(AisleError) as caught:
                        await everything(partner, order)[name]()
                    assert name in ("place", "cancel") or not isinstance(caught.value, Rejected)
                    assert not (status == 429 and not isinstance(caught.value, RateLimited))
                    tried += 1
    assert tried == len(BODIES) * len(KINDS) * 2 * 9


VALUES: tuple[object, ...] = (
    None,
    True,
    -1,
    10**30,
    1.5,
    "",
    "x" * 200_000,
    "\u202e",
    [],
    {},
    [None],
    {"errorCode": "E"},
)


def _places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(deeper for key, child in children for deeper in _places(child, (*path, key)))]


def _corrupt(document: Any, chance: random.Random) -> Any:
    *way, last = chance.choice(_places(document)[1:])
    node = document
    for key in way:
        node = node[key]
    node[last] = chance.choice(VALUES)
    return document


REQUESTS = {"place": 13, "quote": 7}  # the others need at most 3, signing in included


@pytest.mark.parametrize("seed", range(150))
async def test_one_wrong_value_anywhere_leaks_no_foreign_exception(seed: int) -> None:
    chance, shop = random.Random(seed), FakeVendure()
    before = wrong = 0

    def answer(request: httpx.Request) -> httpx.Response:
        response = shop.answer(request)
        if len(shop.asked) != before + wrong:
            return response
        document = _corrupt(response.json(), chance)
        return httpx.Response(200, content=json.dumps(document), headers=dict(response.headers))

    async with aclosing(VendurePartner(RECORD, SECRET, httpx.MockTransport(shop.answer))) as honest:
        order = await agreed(honest, Wanted(GOODS.one, 1), Wanted(GOODS.third, 2))
        bought = await agreed(honest, Wanted(GOODS.one, 1))
        reference = (await honest.place(bought)).reference
        shop.ship(reference)
    for name in everything(VendurePartner(RECORD, SECRET), order):
        before, wrong = len(shop.asked), chance.randint(1, REQUESTS.get(name, 3))
        async with aclosing(VendurePartner(RECORD, SECRET, httpx.MockTransport(answer))) as partner:
            with suppress(AisleError):
                await everything(partner, order, reference, bought)[name]()
    assert sum(1 for made in shop.orders.values() if made.placed_at) <= 2


# Small things


def test_every_spelling_of_a_gtin() -> None:
    assert spellings(Gtin("04006381333931")) == ["4006381333931", "04006381333931"]
    assert spellings(Gtin("00000096385074")) == [
        "96385074",
        "000096385074",
        "0000096385074",
        "00000096385074",
    ]


@pytest.mark.parametrize(
    ("base", "picture"),
    [
        (None, "http://127.0.0.1:9/assets/tee.jpg?preset=medium"),
        ("http://127.0.0.1:9/elsewhere", "http://127.0.0.1:9/assets/tee.jpg?preset=medium"),
        ("https://pictures.example", None),
    ],
)
async def test_pictures_come_only_from_where_the_record_says(
    shop: FakeVendure, base: str | None, picture: str | None
) -> None:
    record = replace(RECORD, picture_base=base)
    async with aclosing(VendurePartner(record, SECRET, httpx.MockTransport(shop.answer))) as partner:
        found = await partner.find(sku=GOODS.one)
    assert found is not None
    assert found.picture == picture


def test_html_becomes_text() -> None:
    assert plain("<p>Soft&nbsp;&amp; warm</p>\n<br/>\u200b40&deg;<script>") == "Soft & warm 40°"
    assert len(plain("x" * 10_000)) == 4000


@pytest.mark.parametrize(
    ("amount", "currency", "decimals", "minor"),
    [
        (1290, "EUR", 2, 1290),
        (129000, "JPY", 2, 1290),
        (1290, "JPY", 0, 1290),
        (1290, "KWD", 2, 12900),
        (12900, "EUR", 3, 1290),
    ],
)
def test_the_shops_amounts_become_ours(amount: int, currency: str, decimals: int, minor: int) -> None:
    assert money(amount, currency, decimals) == Money(minor, currency)


@pytest.mark.parametrize(("amount", "currency"), [(1250, "XXQ"), (129001, "JPY"), (10**17, "EUR")])
def test_amounts_that_are_none_are_not_rounded(amount: int, currency: str) -> None:
    with pytest.raises(BadResponse):
        money(amount, currency, 2)
