"""What a real Vendure shop will not or must not sell, and that nothing is left there afterwards."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from typing import Any

from partners.contract import Wanted
from partners.vendure.adapter import VendurePartner
from retail.gtin import Gtin
from retail.money import Money
from tests.real.vendure_partner import (
    ADA,
    LONDON,
    LossyNetwork,
    order_of,
    partner,
    refusal,
    repriced,
    tee,
)
from tests.real.vendure_server import Admin, Shop
from tests.real.vendure_staff import change


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
