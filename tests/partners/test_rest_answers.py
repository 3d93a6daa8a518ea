"""Whatever a partner answers, the rest adapter says something true or raises one of our errors."""

from __future__ import annotations

import asyncio
import copy
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partners.contract import Cancelled, OfferPage, PartnerQuote, Placed, Wanted
from partners.goods import sample_assortment
from partners.http import DEADLINE
from partners.rest.adapter import RestPartner
from partners.simulator import dialect
from partners.simulator.books import Books
from partners.simulator.entries import Clock, Wish
from partners.simulator.record import mapping as mapping_of
from partners.simulator.record import simulator_record
from retail.address import Address, Customer
from retail.errors import BadResponse, Misconfigured, RateLimited, Rejected, Unreachable
from retail.money import Money
from retail.offer import Offer
from retail.order import PartnerLine, PartnerOrder
from tests.loop_time import go_by, until_idle

RECORD = simulator_record("north", "North", "http://north.test", "B")
OFFERS = tuple(
    item.offer("north", "EUR", datetime(2026, 3, 1, tzinfo=UTC)) for item in sample_assortment().items
)
HOME = Address("DE", ("Lange Straße 1",), "Görlitz", "02826")
LINES = tuple(PartnerLine(f"l{n}", o.sku, o.gtin, n + 1, o.price) for n, o in enumerate(OFFERS[:2]))
ORDER = PartnerOrder(
    key="01890000-0000-7000-8000-000000000001",
    order="01890000-0000-7000-8000-000000000002",
    number="K1-000001-1",
    partner="north",
    placed_by="kiosk-1",
    created_at=datetime(2026, 3, 1, tzinfo=UTC),
    customer=Customer("Zoë", "zoe@example.com", HOME),
    lines=LINES,
    shipping=Money(490, "EUR"),
    total=Money(4990 * 3 + 490, "EUR"),
)
Ask = Callable[[RestPartner], Awaitable[object]]
ASKS: dict[str, Ask] = {
    "search": lambda p: p.search("shirt"),
    "find_gtin": lambda p: p.find(gtin=OFFERS[0].gtin),
    "find_sku": lambda p: p.find(sku=OFFERS[0].sku),
    "variants": lambda p: p.variants("linen-shirt"),
    "similar": lambda p: p.similar("linen-shirt"),
    "quote": lambda p: p.quote([Wanted(line.sku, line.quantity) for line in LINES], HOME),
    "place": lambda p: p.place(ORDER),
    "look_up": lambda p: p.look_up(ORDER.key),
    "status": lambda p: p.status("N-1001", LINES),
    "cancel": lambda p: p.cancel("N-1001"),
}


def answering(answer: httpx.Response, record: Any = RECORD) -> RestPartner:
    """A partner that answers everything like this."""
    return RestPartner(record, None, httpx.MockTransport(lambda request: answer))


def saying(data: object, status: int = 200) -> RestPartner:
    """A partner that answers everything with this JSON."""
    return answering(httpx.Response(status, json=data))


@contextmanager
def books() -> Iterator[Books]:
    opened = Books(sample_assortment(), None, ships_after=0.0, clock=Clock())
    try:
        yield opened
    finally:
        opened.close()


def good_answers() -> dict[str, Any]:
    """One right answer of the simulated partner for each operation."""
    with books() as opened:
        wishes = [Wish(line.sku, line.quantity, line.price.minor, line.line) for line in LINES]
        entry = opened.book(
            ORDER.key, wishes, shipping=ORDER.shipping, customer={}, digest="", idempotency_key=None
        )
        order = dialect.order(entry, opened)
        items = [dialect.item(one, "EUR", opened.clock.at()) for one in opened.of_product("linen-shirt")]
        others = [dialect.item(one, "EUR", opened.clock.at()) for one in opened.of_product("rain-jacket")]
        asked = dialect.NewQuote(positions=[dialect.Asked(itemCode=w.sku, count=w.quantity) for w in wishes])
        return {
            "search": {"items": items, "next": "24"},
            "find_gtin": {"items": items[:1], "next": None},
            "find_sku": items[0],
            "variants": {"items": items},
            "similar": {"items": others},
            "quote": dialect.quote(asked, opened),
            "place": order,
            "look_up": {"orders": [order]},
            "status": order,
            "cancel": {"result": "WITHDRAWN"},
        }


GOOD = good_answers()


@pytest.mark.parametrize("name", sorted(ASKS))
async def test_a_right_answer_is_understood(name: str) -> None:
    found = await ASKS[name](saying(GOOD[name]))
    assert found
    if isinstance(found, Placed):
        assert (found.reference, found.total, found.state) == ("N-1001", ORDER.total, "shipped")
        assert [(line.line, line.accepted) for line in found.lines] == [("l0", 1), ("l1", 2)]
        assert found.shipments[0].lines == (("l0", 1), ("l1", 2))


BODIES = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b"true",
    b"1",
    b'"x"',
    b"[[]]",
    b'{"error": null}',
    b'{"error": "x"}',
    b'{"error": {"code": 5}}',
    b'{"error": {"code": ["x"]}}',
    b'{"error": {"code": "SOMETHING_NEW", "message": "m"}}',
    b'{"items": null, "orders": null}',
    b'{"items": [null], "orders": [null]}',
    b'{"items": [{}], "orders": [{}]}',
    b'{"items": {"a": 1}, "orders": {"a": 1}}',
    b'{"result": {"a": 1}}',
    b'{"itemCode": 1}',
    b'{"unitPrice": NaN}',
    b"\xff\xfe",
    b"<html>",
    b"[" * 40 + b"]" * 40,
]
KINDS = ["application/json", "text/html", ""]
STATUSES = [200, 201, 204, 301, 304, 400, 401, 403, 404, 405, 409, 422, 429, 500, 503, 599]


@pytest.mark.parametrize("status", STATUSES)
async def test_no_status_body_or_type_leaks_a_foreign_exception(status: int) -> None:
    for body in BODIES:
        for kind in KINDS:
            for name, ask in ASKS.items():
                answer = httpx.Response(status, content=body, headers={"content-type": kind} if kind else {})
                # Everything that is no answer must be an error, above all for look_up: "not there" buys again.
                with pytest.raises((BadResponse, Misconfigured, RateLimited, Unreachable)):
                    print(name, body, kind, await ask(answering(answer)))


@pytest.mark.parametrize("name", ["place", "look_up", "status", "cancel"])
@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_is_ours_to_mend(name: str, status: int) -> None:
    with pytest.raises(Misconfigured):
        await ASKS[name](saying({"error": {"code": "WHO_ARE_YOU"}}, status))


UNDERSTOOD = (Offer, OfferPage, PartnerQuote, Placed, Cancelled, tuple)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["N-1001", "BOOKED", "129.00", "EUR", "NO-00", "2026-03-01", ORDER.key, "9" * 400]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


def places(data: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield here
    for key, child in (
        data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    ):
        yield from places(child, (*here, key))


def changed(data: Any, where: tuple[Any, ...], new: Any) -> Any:
    if not where:
        return new
    whole = copy.deepcopy(data)
    at = whole
    for key in where[:-1]:
        at = at[key]
    at[where[-1]] = new
    return whole


@settings(max_examples=400)
@given(st.data())
async def test_an_answer_with_anything_wrong_anywhere_is_understood_or_a_bad_response(
    data: st.DataObject,
) -> None:
    name = data.draw(st.sampled_from(sorted(ASKS)))
    answer = GOOD[name]
    for _ in range(data.draw(st.integers(1, 3))):
        answer = changed(answer, data.draw(st.sampled_from(list(places(answer)))), data.draw(JSON))
    try:
        found = await ASKS[name](saying(answer))
    except BadResponse:
        return
    not_there = name.startswith("find") or (name == "look_up" and answer == {"orders": []})
    assert isinstance(found, UNDERSTOOD) or (found is None and not_there)


async def test_nothing_is_there_only_when_the_partner_says_so() -> None:
    assert await saying({"orders": []}).look_up(ORDER.key) is None
    assert await saying({"error": {"code": "NO_SUCH_ORDER"}}, 404).look_up(ORDER.key) is None
    order = GOOD["place"]
    with pytest.raises(BadResponse, match="other orders came back"):
        await saying({"orders": [{**order, "yourReference": "another"}]}).look_up(ORDER.key)
    with pytest.raises(BadResponse, match="2 orders stand under one key"):
        await saying({"orders": [order, {**order, "orderNumber": "N-1002"}]}).look_up(ORDER.key)
    with pytest.raises(BadResponse, match="no list"):
        await saying({}).look_up(ORDER.key)


async def test_one_order_that_was_cancelled_and_one_that_stands_is_one() -> None:
    gone = {**GOOD["place"], "orderNumber": "N-1000", "status": "WITHDRAWN", "parcels": []}
    found = await saying({"orders": [gone, GOOD["place"]]}).look_up(ORDER.key)
    assert found is not None
    assert found.reference == "N-1001"


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        ({"yourReference": "another"}, "north place: the answer is about another order"),
        ({"status": "LOST"}, "north place: state 'LOST', which the mapping's statuses do not have"),
        ({"grandTotal": "1.005"}, "north place: forms.order: to_minor: an amount with a fraction"),
        ({"grandTotal": None}, "north place: total_minor: Input should be a valid integer"),
        ({"orderNumber": ""}, "north place: reference: String should have at least 1 character"),
        ({"positions": []}, "north place: lines: not every item ordered is answered"),
        (
            {"parcels": [{"parcelNumber": "1", "sentAt": "2026-03-01T10:00:00", "positions": []}]},
            "parcels.0.shipped_at",
        ),
    ],
)
async def test_a_booking_that_does_not_fit_is_a_bad_response_naming_the_field(
    spoil: dict[str, Any], says: str
) -> None:
    with pytest.raises(BadResponse) as caught:
        await saying({**GOOD["place"], **spoil}, 201).place(ORDER)
    assert says in str(caught.value)


def position(sku: str, confirmed: int, later: int = 0, refused: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "itemCode": sku,
        "yourPosition": None,
        "confirmed": confirmed,
        "later": later,
        "refused": refused,
        "expectedOn": None,
        "why": None,
        **more,
    }


@pytest.mark.parametrize(
    ("rows", "understood"),
    [
        ([("a", 2, 0, 0), ("b", 1, 0, 0)], [(1, 0, 0), (1, 0, 0), (1, 0, 0)]),
        ([("b", 0, 0, 1), ("a", 1, 1, 0)], [(1, 0, 0), (0, 0, 1), (0, 1, 0)]),
        ([("a", 1, 0, 0), ("a", 0, 0, 1), ("b", 1, 0, 0)], [(1, 0, 0), (1, 0, 0), (0, 0, 1)]),
    ],
)
async def test_lines_are_told_by_item_when_ours_are_not_echoed(
    rows: list[tuple[str, int, int, int]], understood: list[tuple[int, int, int]]
) -> None:
    """Two of our lines are of one item, with another between."""
    a, b = OFFERS[0], OFFERS[1]
    lines = tuple(PartnerLine(f"l{n}", o.sku, o.gtin, 1, o.price) for n, o in enumerate((a, b, a)))
    order = replace(ORDER, lines=lines)
    codes = {"a": a.sku, "b": b.sku}
    answer = {
        **GOOD["place"],
        "parcels": [],
        "positions": [position(codes[row[0]], *row[1:]) for row in rows],
    }
    placed = await saying(answer).place(order)
    assert [(one.accepted, one.backordered, one.refused) for one in placed.lines] == understood
    assert [one.line for one in placed.lines] == ["l0", "l1", "l2"]


@pytest.mark.parametrize(
    "rows",
    [
        [position(LINES[0].sku, 1), position(LINES[1].sku, 1)],
        [position(LINES[0].sku, 1), position(LINES[1].sku, 3)],
        [position(LINES[0].sku, 1), position(LINES[1].sku, 2), position("NO-31", 1)],
        [position(LINES[0].sku, 1, yourPosition="l1"), position(LINES[1].sku, 2)],
        [position(LINES[0].sku, 2, later=-1), position(LINES[1].sku, 2)],
    ],
)
async def test_pieces_that_do_not_add_up_are_a_bad_response(rows: list[dict[str, Any]]) -> None:
    with pytest.raises(BadResponse, match="lines"):
        await saying({**GOOD["place"], "positions": rows}).place(ORDER)


async def test_a_partner_that_tells_no_lines_took_all() -> None:
    answer = {**GOOD["place"], "positions": None}
    placed = await saying(answer).place(ORDER)
    assert [(line.line, line.accepted) for line in placed.lines] == [("l0", 1), ("l1", 2)]


async def test_a_refusal_with_status_200_is_a_refusal() -> None:
    with pytest.raises(Rejected) as caught:
        await saying({"error": {"code": "OUT_OF_STOCK", "message": "no\x00 more\u202e"}}).place(ORDER)
    assert (caught.value.reason, caught.value.detail) == ("sold_out", "no more")


async def test_a_refusal_for_a_reason_nobody_mapped_leaves_the_outcome_unknown() -> None:
    with pytest.raises(BadResponse, match="DUPLICATE"):
        await saying({"error": {"code": "DUPLICATE", "message": "we have it already"}}, 409).place(ORDER)


async def test_an_address_line_that_would_be_cut_is_refused_before_anything_is_sent() -> None:
    sent: list[httpx.Request] = []

    def remember(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(201, json=GOOD["place"])

    able = replace(RECORD.capabilities, address_line_limit=13)
    partner = RestPartner(replace(RECORD, capabilities=able), None, httpx.MockTransport(remember))
    with pytest.raises(Rejected, match="address: an address line has 14 characters, they print 13"):
        await partner.place(ORDER)
    assert sent == []


async def test_what_is_sent_says_everything_in_their_words() -> None:
    sent: list[httpx.Request] = []

    def remember(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(201, json=GOOD["place"])

    record = simulator_record("north", "North", "http://north.test/", "A", token="other")
    await RestPartner(record, "s3cret", httpx.MockTransport(remember)).place(ORDER)
    [request] = sent
    assert (request.method, str(request.url)) == ("POST", "http://north.test/api/orders")
    assert request.headers["authorization"] == "Bearer s3cret"
    assert request.headers["idempotency-key"] == ORDER.key
    assert json.loads(request.content) == {
        "yourReference": ORDER.key,
        "yourNumber": "K1-000001-1",
        "lang": "en",
        "currencyCode": "EUR",
        "freight": "4.90",
        "grandTotal": "154.60",
        "positions": [
            {
                "yourPosition": f"l{n}",
                "itemCode": f"NO-0{n}",
                "ean": LINES[n].gtin.short,
                "count": n + 1,
                "unitPrice": "49.90",
            }
            for n in range(2)
        ],
        "consignee": {
            "name": "Zoë",
            "mail": "zoe@example.com",
            "phone": None,
            "street": ["Lange Straße 1"],
            "town": "Görlitz",
            "zip": "02826",
            "province": None,
            "countryCode": "DE",
        },
    }


@pytest.mark.parametrize(
    ("path", "picture"),
    [
        ("/pictures/a b.png", "http://north.test/pictures/a b.png"),
        ("http://north.test/p.png", "http://north.test/p.png"),
        ("https://elsewhere.test/p.png", None),
        ("//elsewhere.test/p.png", None),
        ("http://[::1", None),
        (None, None),
    ],
)
async def test_pictures_come_from_the_partner_only(path: str | None, picture: str | None) -> None:
    offer = await saying({**GOOD["find_sku"], "image": path}).find(sku="NO-00")
    assert offer is not None
    assert offer.picture == picture


async def test_what_people_read_has_nothing_hidden_in_it() -> None:
    answer = {
        **GOOD["find_sku"],
        "title": " Linen\u202e\n shirt\x00 ",
        "text": None,
        "brandName": "Cafe\u0301",
    }
    offer = await saying(answer).find(sku="NO-00")
    assert offer is not None
    assert (offer.name, offer.description, offer.brand) == ("Linen shirt", "", "Café")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("itemCode", ""),
        ("itemCode", "a\nb"),
        ("title", " \n"),
        ("unitPrice", "-1.00"),
        ("unitPrice", "1e30"),
        ("currencyCode", "EURO"),
        ("currencyCode", "XXZ"),
        ("onHand", -1),
        ("onHand", True),
        ("onHand", "5"),
        ("onHand", 10**30),
        ("swatchHex", "red"),
        ("dispatchOn", "soon"),
        ("ean", "4006381333932"),
        ("ean", None),
        ("attributes", [{"name": "size", "value": 5}]),
    ],
)
async def test_an_offer_with_a_wrong_field_is_a_bad_response(field: str, value: Any) -> None:
    with pytest.raises(BadResponse, match="north find_sku: offer 0"):
        await saying({**GOOD["find_sku"], field: value}).find(sku="NO-00")


@pytest.mark.parametrize("name", ["find_sku", "quote", "place"])
async def test_a_currency_that_is_none_is_a_bad_response(name: str) -> None:
    """Also when the mapping takes amounts as they are, so that nothing else looks at it."""
    mapping = mapping_of("B")
    for form, text in mapping["forms"].items():
        mapping["forms"][form] = re.sub(r"to_minor\(\w+, currencyCode\)", "`100`", text)
    with pytest.raises(BadResponse, match="currency"):
        await ASKS[name](
            answering(
                httpx.Response(200, json={**GOOD[name], "currencyCode": "XXZ"}),
                replace(RECORD, mapping=mapping),
            )
        )


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"deadline_seconds": "soon"}, "is a number"),
        ({"deadline_seconds": "600"}, "0.1 to 60"),
        ({"at_once": "0"}, "1 to 64"),
    ],
)
def test_settings_that_cannot_be_are_told(settings: dict[str, str], says: str) -> None:
    with pytest.raises(Misconfigured, match=says):
        RestPartner(replace(RECORD, settings=settings), None)


async def test_a_partner_is_waited_for_as_long_as_its_record_says() -> None:
    async def never(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    for own, waits in (({"deadline_seconds": "60"}, True), ({}, False)):
        partner = RestPartner(replace(RECORD, settings=own), None, httpx.MockTransport(never))
        asking = asyncio.create_task(partner.place(ORDER))
        await until_idle()
        go_by(DEADLINE + 1)
        await until_idle()
        assert asking.done() is not waits
        go_by(60)
        with pytest.raises(Unreachable):
            await asking
        await partner.aclose()
