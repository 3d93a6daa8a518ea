"""Whatever a Vendure shop answers, only our own errors come out of its adapter, and they mean the right thing."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from partners.contract import Wanted
from partners.records import load_records
from partners.registry import open_partner
from partners.vendure.adapter import VendurePartner
from partners.vendure.graph import refused
from partners.vendure.offers import plain, spellings
from partners.vendure.settings import Settings
from partners.vendure.wire import Refusal, money
from retail.errors import AisleError, BadResponse, Misconfigured, RateLimited, Rejected, Unreachable
from retail.gtin import Gtin
from retail.money import Money
from retail.order import PartnerOrder
from tests.partners.contract import (
    HOME,
    agreed,
)
from tests.partners.fake_vendure import GOODS, RECORD, SECRET, FakeVendure
from tests.real.vendure_server import PERMISSIONS


@pytest.fixture
def shop() -> FakeVendure:
    return FakeVendure()


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


# The guide


def test_the_guide_names_every_setting_and_permission_and_its_record_opens(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "partners-vendure.md").read_text("utf-8")
    table = guide.partition("| setting | without it |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == set(Settings.model_fields)
    assert all(f"`{permission}`" in guide for permission in PERMISSIONS)
    block = guide.partition("## The record\n\n")[2].partition("\n\n|")[0]
    path = tmp_path / "partners.toml"
    path.write_text("\n".join(line.removeprefix("    ") for line in block.splitlines()), "utf-8")
    (record,) = load_records(path)
    assert open_partner(record, SECRET).capabilities.ship_to == ("DE", "AT")
