"""The adapter against a real Vendure shop, which is the only judge of whether it buys what it should, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from partners import placing
from partners.contract import LineAnswer, Wanted
from partners.vendure.adapter import VendurePartner
from retail.address import Address, Customer
from retail.errors import BadResponse, Misconfigured, Rejected, Unreachable
from retail.gtin import Gtin
from retail.ids import new_id
from retail.money import Money
from retail.offer import Offer
from retail.order import PartnerLine, PartnerOrder
from tests.real.vendure_partner import (
    ADA,
    LONDON,
    SHIPPING,
    LossyNetwork,
    of_lines,
    order_of,
    partner,
    repriced,
)
from tests.real.vendure_server import Admin, Shop

TEE = "TEE100-BLK-M"
PRICE = Money(2388, "USD")  # 19.90 and a fifth of it in tax
ORDERS = """query ($skip: Int!) { orders(options: {take: 100, skip: $skip}) {
  totalItems items { id code state orderPlacedAt customFields { aisleKey } } } }"""


@pytest.fixture
async def shop(vendure: Shop) -> AsyncIterator[VendurePartner]:
    """The adapter on a good network."""
    async with aclosing(partner(vendure)) as adapter:
        yield adapter


async def tee(shop: VendurePartner, sku: str = TEE) -> Offer:
    found = await shop.find(sku=sku)
    assert found is not None
    return found


def all_orders(staff: Admin) -> list[dict[str, Any]]:
    """Every order that the shop knows, placed or not."""
    found: list[dict[str, Any]] = []
    while True:
        page = staff(ORDERS, skip=len(found))["orders"]
        found += page["items"]
        if len(found) >= page["totalItems"]:
            return found


def with_key(staff: Admin, key: str) -> list[dict[str, Any]]:
    return [order for order in all_orders(staff) if order["customFields"]["aisleKey"] == key]


def books(staff: Admin, reference: str) -> dict[str, Any]:
    """One order as the shop's own people see it."""
    query = """query ($code: String!) { orders(options: {filter: {code: {eq: $code}}}) { items {
      id state totalWithTax customFields { aisleKey aisleLines }
      customer { emailAddress firstName lastName phoneNumber }
      shippingAddress { fullName streetLine1 streetLine2 city province postalCode countryCode phoneNumber }
      payments { id method amount state transactionId metadata }
      lines { id quantity productVariant { sku } } } } }"""
    (found,) = staff(query, code=reference)["orders"]["items"]
    assert isinstance(found, dict)
    return found


def ship(staff: Admin, reference: str, pieces: dict[str, int], tracking: str, state: str = "Shipped") -> str:
    """Put ``pieces`` by SKU in a parcel and hand it over; answers the parcel's id."""
    lines = [
        {"orderLineId": line["id"], "quantity": pieces[line["productVariant"]["sku"]]}
        for line in books(staff, reference)["lines"]
        if line["productVariant"]["sku"] in pieces
    ]
    arguments = [{"name": "method", "value": "DPD"}, {"name": "trackingCode", "value": tracking}]
    made = staff(
        """mutation ($input: FulfillOrderInput!) { addFulfillmentToOrder(input: $input) {
          __typename ... on Fulfillment { id } ... on ErrorResult { message } } }""",
        input={"lines": lines, "handler": {"code": "manual-fulfillment", "arguments": arguments}},
    )["addFulfillmentToOrder"]
    parcel = str(made["id"])
    if state != "Pending":
        move(staff, parcel, state)
    return parcel


def move(staff: Admin, parcel: str, state: str) -> None:
    moved = staff(
        """mutation ($id: ID!, $state: String!) { transitionFulfillmentToState(id: $id, state: $state) {
          __typename ... on Fulfillment { state } ... on ErrorResult { message } } }""",
        id=parcel,
        state=state,
    )["transitionFulfillmentToState"]
    assert moved["state"] == state


def change(staff: Admin, sku: str, **values: object) -> None:
    """Let the shop's people change a variant."""
    found = staff(
        "query ($sku: String!) { productVariants(options: {filter: {sku: {eq: $sku}}}) { items { id } } }",
        sku=sku,
    )["productVariants"]["items"]
    staff(
        "mutation ($input: [UpdateProductVariantInput!]!) { updateProductVariants(input: $input) { id } }",
        input=[{"id": found[0]["id"], **values}],
    )


# Looking


async def test_a_barcode_finds_its_one_variant_in_every_spelling(shop: VendurePartner) -> None:
    found = await shop.find(gtin=Gtin.parse("2000000000909"))
    assert found is not None
    assert (found.sku, found.name, found.options) == (
        TEE,
        "Crew Neck T-Shirt",
        {"size": "M", "colour": "Black"},
    )
    assert (found.price, found.brand, found.category) == (PRICE, "Everyday", "Apparel")
    assert found.description == "Organic cotton crew neck. Wash at 40°."
    assert found.picture is not None
    assert datetime.now(UTC) - found.as_of < timedelta(minutes=1)


async def test_a_sku_finds_itself_and_never_a_neighbour(shop: VendurePartner) -> None:
    assert (await tee(shop)).gtin == "02000000000909"
    assert await shop.find(sku="TEE100") is None
    assert await shop.find(sku=TEE.lower()) is None
    assert await shop.find(gtin=Gtin("04006381333931")) is None
    assert await shop.find(gtin=Gtin("02000000000909"), sku="TEE100-BLK-S") is None


async def test_search_pages_through_everything_without_repeating(shop: VendurePartner) -> None:
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = await shop.search("", limit=30, cursor=cursor)
        found += [offer.sku for offer in page.offers]
        cursor = page.cursor
        if cursor is None:
            break
    # 108 variants, of which three share a SKU and so cannot be sold.
    assert len(found) == len(set(found)) == 105


async def test_search_finds_words_and_other_scripts(shop: VendurePartner) -> None:
    assert {offer.name for offer in (await shop.search("jacket")).offers} == {"Rain Jacket"}
    assert {offer.sku for offer in (await shop.search("手ぬぐい")).offers} == {"TNG300-BLK-M", "TNG300-RED-M"}
    assert (await shop.search("nothing is called this")).offers == ()


async def test_variants_are_those_of_the_product_with_their_stock(shop: VendurePartner) -> None:
    offers = await shop.variants((await tee(shop)).product)
    assert len(offers) == 12
    assert {offer.name for offer in offers} == {"Crew Neck T-Shirt"}
    assert {offer.sku for offer in offers if not offer.available} == {"TEE100-RED-XL"}
    assert await shop.variants("999999") == ()


async def test_similar_products_share_facets_most_shared_first(shop: VendurePartner) -> None:
    names = [offer.name for offer in await shop.similar((await tee(shop)).product)]
    assert names == ["Rain Jacket", "手ぬぐい Tenugui"]
    assert len(await shop.similar((await tee(shop, "L2201308")).product, limit=3)) == 3


async def test_a_quote_says_what_the_shop_charges_and_leaves_nothing_there(
    shop: VendurePartner, staff: Admin
) -> None:
    before = len(all_orders(staff))
    wanted = [Wanted(TEE, 3), Wanted("TEE100-RED-XL", 1), Wanted("RJK200-BLK-L", 5), Wanted("GONE", 1)]
    quote = await shop.quote(wanted, LONDON)
    assert [(line.sku, line.price.minor, line.available) for line in quote.lines] == [
        (TEE, 2388, 3),
        ("TEE100-RED-XL", 2388, 0),
        ("RJK200-BLK-L", 15480, 2),
        ("GONE", 0, 0),
    ]
    assert quote.shipping == SHIPPING
    assert len(all_orders(staff)) == before


async def test_a_quote_where_the_shop_does_not_ship_has_nothing_available(shop: VendurePartner) -> None:
    quote = await shop.quote([Wanted(TEE, 1)], replace(LONDON, country="AQ"))
    assert [line.available for line in quote.lines] == [0]


async def test_a_quote_without_an_address_is_for_the_home_country(shop: VendurePartner) -> None:
    assert (await shop.quote([Wanted(TEE, 1)], None)).shipping == SHIPPING


# Buying


async def test_an_order_stands_in_the_books_exactly_as_agreed(shop: VendurePartner, staff: Admin) -> None:
    order = order_of((await tee(shop), 2))
    placed = await shop.place(order)
    assert placed.lines == (LineAnswer(order.lines[0].line, 2),)
    assert (placed.total, placed.state, placed.shipments) == (Money(5276, "USD"), "accepted", ())
    found = books(staff, placed.reference)
    assert (found["state"], found["totalWithTax"]) == ("PaymentSettled", 5276)
    assert found["customFields"]["aisleKey"] == order.key
    (payment,) = found["payments"]
    assert (payment["method"], payment["amount"], payment["transactionId"]) == (
        "endless-aisle",
        5276,
        "M1-0042-1",
    )


async def test_quote_and_booking_are_the_same_to_the_cent(shop: VendurePartner) -> None:
    skus = [TEE, "TNG300-RED-M", "L2201308"]
    quote = await shop.quote([Wanted(sku, number) for number, sku in enumerate(skus, 1)], LONDON)
    lines = [
        PartnerLine(new_id(), line.sku, (await tee(shop, line.sku)).gtin, number, line.price)
        for number, line in enumerate(quote.lines, 1)
    ]
    order = of_lines(tuple(lines), shipping=quote.shipping)
    assert (await shop.place(order)).total == order.total


@pytest.mark.parametrize(
    "customer",
    [
        Customer(
            "山田 太郎",
            "taro@example.com",
            Address("JP", ("千代田1-1", "皇居 宮内庁", "3階"), "千代田区", "100-0001", "東京都"),
            "+81332131111",
        ),
        Customer(
            "محمد بن أحمد",
            "m@example.com",
            Address("SA", ("طريق الملك فهد ٢٣", "حي العليا"), "الرياض", "12211"),
        ),
        Customer(
            "Nguyễn Thị Ðào",
            "dao@example.com",
            Address("VN", ("12 Phố Huế",), "Hà Nội", "100000"),
            "+842438255555",
        ),
    ],
    ids=["Japanese", "Arabic", "Vietnamese"],
)
async def test_names_and_addresses_arrive_byte_for_byte(
    shop: VendurePartner, staff: Admin, customer: Customer
) -> None:
    placed = await shop.place(order_of((await tee(shop), 1), customer=customer))
    found = books(staff, placed.reference)
    address = customer.address
    assert found["shippingAddress"] == {
        "fullName": customer.name,
        "streetLine1": address.lines[0],
        "streetLine2": ", ".join(address.lines[1:]) or None,
        "city": address.city,
        "province": address.region,
        "postalCode": address.postal_code,
        "countryCode": address.country,
        "phoneNumber": customer.phone,
    }
    assert (found["customer"]["firstName"], found["customer"]["emailAddress"]) == (
        customer.name,
        customer.email,
    )


async def test_one_article_in_two_lines_is_one_line_there_and_two_here(
    shop: VendurePartner, staff: Admin
) -> None:
    offer = await tee(shop)
    lines = tuple(PartnerLine(new_id(), offer.sku, offer.gtin, quantity, offer.price) for quantity in (1, 2))
    order = of_lines(lines)
    placed = await shop.place(order)
    assert [line["quantity"] for line in books(staff, placed.reference)["lines"]] == [3]
    looked_up = await shop.look_up(order.key)
    assert looked_up is not None
    assert looked_up.lines == (LineAnswer(lines[0].line, 1), LineAnswer(lines[1].line, 2))
    ship(staff, placed.reference, {offer.sku: 2}, "T1")
    (parcel,) = (await shop.status(placed.reference, lines)).shipments
    assert parcel.lines == ((lines[0].line, 1), (lines[1].line, 1))


async def test_a_key_that_is_booked_answers_its_booking(shop: VendurePartner, staff: Admin) -> None:
    order = order_of((await tee(shop), 1))
    first = await shop.place(order)
    assert await shop.place(order) == first
    assert len(with_key(staff, order.key)) == 1


async def test_the_customers_account_at_the_shop_is_not_used(shop: VendurePartner, vendure: Shop) -> None:
    order = order_of((await tee(shop), 1))
    async with aclosing(partner(vendure, customer_email="store-7@example.com")) as ours:
        assert (await ours.place(order)).state == "accepted"


# Refusals


@pytest.fixture
def untouched(staff: Admin) -> Any:
    """Check that no order, not even an unfinished one, was left behind."""
    before = {order["id"] for order in all_orders(staff)}

    def check(order: PartnerOrder) -> None:
        assert {found["id"] for found in all_orders(staff)} == before
        assert with_key(staff, order.key) == []

    return check


async def refusal(shop: VendurePartner, order: PartnerOrder) -> str:
    with pytest.raises(Rejected) as caught:
        await shop.place(order)
    return caught.value.reason


async def test_sold_out_is_refused(shop: VendurePartner, untouched: Any) -> None:
    order = order_of((await tee(shop), 1), (await tee(shop, "RJK200-BLK-S"), 3))
    assert await refusal(shop, order) == "sold_out"
    untouched(order)


async def test_another_price_is_refused_before_anything_is_paid(
    shop: VendurePartner, staff: Admin, untouched: Any
) -> None:
    offer = await tee(shop, "TNG300-BLK-M")
    order = order_of((offer, 1))
    change(staff, offer.sku, price=1300)
    try:
        assert await refusal(shop, order) == "price_changed"
        untouched(order)
    finally:
        change(staff, offer.sku, price=1200)
    assert await refusal(shop, repriced(order, 1)) == "price_changed"
    assert await refusal(shop, repriced(order, -1)) == "price_changed"


async def test_another_shipping_price_is_refused(shop: VendurePartner, untouched: Any) -> None:
    order = order_of((await tee(shop), 1), shipping=Money(490, "USD"))
    assert await refusal(shop, order) == "price_changed"
    untouched(order)


async def test_another_currency_is_refused(shop: VendurePartner, untouched: Any) -> None:
    offer = replace(await tee(shop), price=Money(2388, "EUR"))
    order = order_of((offer, 1), shipping=Money(500, "EUR"))
    assert await refusal(shop, order) == "currency_changed"
    untouched(order)


async def test_an_article_with_another_barcode_is_refused(shop: VendurePartner, untouched: Any) -> None:
    order = order_of((replace(await tee(shop), gtin=Gtin("04006381333931")), 1))
    assert await refusal(shop, order) == "product_changed"
    untouched(order)


async def test_an_unknown_article_is_refused(shop: VendurePartner, untouched: Any) -> None:
    order = order_of((replace(await tee(shop), sku="GONE"), 1))
    assert await refusal(shop, order) == "unknown_sku"
    untouched(order)


async def test_a_sku_that_three_variants_share_is_not_sold(shop: VendurePartner, untouched: Any) -> None:
    sku = "404.038.96"  # Vendure's demo shop has it three times, at different prices
    assert await shop.find(sku=sku) is None
    assert (await shop.search(sku)).offers == ()
    assert [line.available for line in (await shop.quote([Wanted(sku, 1)], LONDON)).lines] == [0]
    order = order_of((replace(await tee(shop), sku=sku), 1))
    assert await refusal(shop, order) == "unknown_sku"
    untouched(order)


async def test_a_disabled_article_is_unknown(shop: VendurePartner, staff: Admin) -> None:
    offer = await tee(shop, "RJK200-RED-L")
    change(staff, offer.sku, enabled=False)
    try:
        assert await shop.find(sku=offer.sku) is None
        assert await refusal(shop, order_of((offer, 1))) == "unknown_sku"
    finally:
        change(staff, offer.sku, enabled=True)


async def test_an_address_that_the_shop_does_not_serve_is_refused(
    shop: VendurePartner, untouched: Any
) -> None:
    customer = replace(ADA, address=replace(LONDON, country="AQ"))
    order = order_of((await tee(shop), 1), customer=customer)
    assert await refusal(shop, order) == "address"
    untouched(order)


async def test_an_address_is_never_cut(shop: VendurePartner, untouched: Any) -> None:
    long = replace(LONDON, lines=("1 High Street", "x" * 100, "y" * 100))
    order = order_of((await tee(shop), 1), customer=replace(ADA, address=long))
    assert await refusal(shop, order) == "address"
    untouched(order)


async def test_the_stock_running_out_while_ordering_is_refused(
    vendure: Shop, staff: Admin, untouched: Any
) -> None:
    class SellingOut(LossyNetwork):
        """Empties the shelf just before the draft is frozen."""

        async def handle_async_request(self, request: Any) -> Any:
            if b"ArrangingPayment" in request.content:
                change(staff, "RJK200-RED-M", stockOnHand=0)
            return await super().handle_async_request(request)

    async with aclosing(partner(vendure, SellingOut("none"))) as shop:
        order = order_of((await tee(shop, "RJK200-RED-M"), 2))
        assert await refusal(shop, order) == "sold_out"
    untouched(order)
    change(staff, "RJK200-RED-M", stockOnHand=2)


# Lost requests and answers


async def test_an_order_whose_answer_was_lost_is_found_by_its_key(vendure: Shop, staff: Admin) -> None:
    network = LossyNetwork("Pay")
    async with aclosing(partner(vendure, network)) as shop:
        order = order_of((await tee(shop), 2))
        with pytest.raises(Unreachable) as caught:
            await shop.place(order)
        assert caught.value.sent is True
        placed = await shop.look_up(order.key)
        assert placed is not None
        assert (placed.total, placed.lines) == (order.total, (LineAnswer(order.lines[0].line, 2),))
        assert await shop.place(order) == placed
    assert [found["code"] for found in with_key(staff, order.key)] == [placed.reference]


async def test_placing_settles_a_lost_answer_by_asking(vendure: Shop) -> None:
    now = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
    async with aclosing(partner(vendure, LossyNetwork("Pay"))) as shop:
        order = order_of((await tee(shop), 1))
        outcome = await placing.send(shop, order)
        assert isinstance(outcome, placing.Unknown)
        sent = placing.Sent(first_at=now, last_at=now, unknown=True)
        assert placing.next_step(shop.capabilities, sent, now) == "ask"
        asked = await placing.ask(shop, order, sent, now)
        assert isinstance(asked, placing.Booked)
        assert asked.placed.total == order.total


STEPS = (
    "ByKey",
    "Variants",
    "Create",
    "SetKey",
    "AddItems",
    "SetCustomer",
    "SetAddress",
    "ShippingMethods",
    "SetShippingMethod",
    "Move",
    "Pay",
)


@pytest.mark.parametrize("request_lost", [True, False], ids=["request", "answer"])
@pytest.mark.parametrize("step", STEPS)
async def test_whatever_is_lost_trying_again_buys_it_exactly_once(
    vendure: Shop, staff: Admin, step: str, request_lost: bool
) -> None:
    before = {order["id"] for order in all_orders(staff) if order["orderPlacedAt"]}
    network = LossyNetwork(step, request_lost=request_lost)
    async with aclosing(partner(vendure)) as shop:
        order = order_of((await tee(shop), 1))
    async with aclosing(partner(vendure, network)) as shop:
        with pytest.raises(Unreachable) as caught:
            await shop.place(order)
        assert caught.value.sent is (step == "Pay")
        placed = await shop.place(order)
    assert [found["code"] for found in with_key(staff, order.key)] == [placed.reference]
    bought = {found["id"] for found in all_orders(staff) if found["orderPlacedAt"]} - before
    assert len(bought) == 1


async def test_a_payment_that_arrives_late_cannot_buy_a_second_time(vendure: Shop, staff: Admin) -> None:
    held: list[Any] = []

    class Holding(LossyNetwork):
        """Keeps the first payment back, as a slow network does."""

        async def handle_async_request(self, request: Any) -> Any:
            if b"mutation Pay" in request.content and not held:
                held.append(request)
            return await super().handle_async_request(request)

    network = Holding("Pay", request_lost=True)
    async with aclosing(partner(vendure, network)) as shop:
        order = order_of((await tee(shop), 1))
        with pytest.raises(Unreachable):
            await shop.place(order)
        assert await shop.look_up(order.key) is None
        placed = await shop.place(order)
        late = await network.handle_async_request(held[0])
        await late.aread()
    assert late.json()["data"]["addManualPaymentToOrder"]["errorCode"] == "MANUAL_PAYMENT_STATE_ERROR"
    assert [found["code"] for found in with_key(staff, order.key)] == [placed.reference]
    assert len(books(staff, placed.reference)["payments"]) == 1


async def test_an_unfinished_order_that_no_longer_holds_is_cancelled_not_paid(
    vendure: Shop, staff: Admin
) -> None:
    async with aclosing(partner(vendure, LossyNetwork("Pay", request_lost=True))) as shop:
        order = order_of((await tee(shop, "RJK200-BLK-M"), 2))
        with pytest.raises(Unreachable):
            await shop.place(order)
        change(staff, "RJK200-BLK-M", stockOnHand=1)
        assert await refusal(shop, order) == "sold_out"
        assert await shop.look_up(order.key) is None
    assert with_key(staff, order.key) == []
    change(staff, "RJK200-BLK-M", stockOnHand=2)


async def test_two_attempts_at_once_buy_once(vendure: Shop, staff: Admin) -> None:
    async with aclosing(partner(vendure)) as one, aclosing(partner(vendure)) as other:
        order = order_of((await tee(one), 1))
        before = {found["id"] for found in all_orders(staff) if found["orderPlacedAt"]}
        answers = await asyncio.gather(one.place(order), other.place(order), return_exceptions=True)
        assert all(hasattr(answer, "reference") or isinstance(answer, Unreachable) for answer in answers)
        placed = await one.place(order)
    assert [found["code"] for found in with_key(staff, order.key)] == [placed.reference]
    bought = {found["id"] for found in all_orders(staff) if found["orderPlacedAt"]} - before
    assert len(bought) == 1


# Afterwards


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


# Signing in


async def test_a_wrong_password_says_what_to_mend(vendure: Shop) -> None:
    wrong = replace(vendure, secret="aisle@example.com:wrong")
    async with aclosing(partner(wrong)) as shop:
        with pytest.raises(Misconfigured, match="name and password"):
            await shop.find(sku=TEE)


async def test_a_session_that_ended_is_renewed(vendure: Shop, staff: Admin) -> None:
    async with aclosing(partner(vendure)) as shop:
        await tee(shop)
        administrators = staff("{ administrators { items { id emailAddress user { id } } } }")[
            "administrators"
        ]
        (aisle,) = [one for one in administrators["items"] if one["emailAddress"] == "aisle@example.com"]
        password = vendure.secret.partition(":")[2]
        # A new password ends every session of the account.
        staff(
            "mutation ($input: UpdateAdministratorInput!) { updateAdministrator(input: $input) { id } }",
            input={"id": aisle["id"], "password": password},
        )
        assert (await tee(shop)).sku == TEE


async def test_an_api_key_works_instead_of_a_password(vendure: Shop, staff: Admin) -> None:
    roles = staff("{ roles { items { id code } } }")["roles"]["items"]
    (superadmin,) = [role["id"] for role in roles if role["code"] == "__super_admin_role__"]
    made = staff(
        "mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { apiKey } }",
        input={"roleIds": [superadmin], "translations": [{"languageCode": "en", "name": "aisle"}]},
    )["createApiKey"]
    keyed = replace(vendure, secret=made["apiKey"])
    async with aclosing(partner(keyed, sign_in="api_key")) as shop:
        placed = await shop.place(order_of((await tee(shop), 1)))
    assert placed.state == "accepted"
