"""Looking at, signing in to and buying from a real Vendure shop, which is the only judge of what it sold."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from partners.contract import LineAnswer, Wanted
from partners.vendure.adapter import VendurePartner
from retail.address import Address, Customer
from retail.errors import Misconfigured
from retail.gtin import Gtin
from retail.ids import new_id
from retail.money import Money
from retail.order import PartnerLine
from tests.real.vendure_partner import (
    LONDON,
    SHIPPING,
    TEE,
    of_lines,
    order_of,
    partner,
    tee,
)
from tests.real.vendure_server import Admin, Shop
from tests.real.vendure_staff import all_orders, books, ship, with_key

PRICE = Money(2388, "USD")  # 19.90 and a fifth of it in tax


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
    assert datetime.now(UTC) - found.as_of < timedelta(minutes=1)


async def test_its_picture_is_there_and_small(shop: VendurePartner) -> None:
    picture = (await tee(shop)).picture
    assert picture is not None
    async with httpx.AsyncClient(trust_env=False, verify=False, timeout=60) as client:
        answer = await client.get(picture)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert len(answer.content) < 100_000


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
