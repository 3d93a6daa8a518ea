"""A Vendure shop as a partner: looking through its search and variants, buying through draft orders.

Ordering class B: our key and our lines are custom fields of the order, written before it can be placed and unique
in the shop's own database, so every outcome can be asked for. ``place`` itself asks first: a key that is booked is
answered, and what an earlier attempt left unfinished is finished or removed. So a claim that nothing was bought
(``Unreachable.sent`` False, for everything before the payment) can never lead to a second order, not even at a shop
whose own order process books earlier than Vendure's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import httpx

from partners.contract import (
    Cancelled,
    ChangePage,
    LineAnswer,
    OfferPage,
    PartnerQuote,
    PartnerRecord,
    Placed,
    Wanted,
)
from partners.vendure import books, buying, queries, quoting
from partners.vendure.draft import Draft
from partners.vendure.graph import Graph, answered
from partners.vendure.offers import gtin_of, offer, offers, spellings
from partners.vendure.settings import read_settings
from partners.vendure.shop import MOST_ROWS, Shop, for_sale
from partners.vendure.wire import money
from retail.address import Address
from retail.errors import BadResponse, Rejected, Unreachable
from retail.gtin import Gtin
from retail.offer import Offer
from retail.order import PartnerLine, PartnerOrder

PREPARING = 45.0  # seconds for everything before the payment


class VendurePartner:
    """The shop of ``record``. ``secret`` is ``NAME:PASSWORD`` of an administrator there, or an API key.

    Raises Misconfigured, saying what to mend, when the record or the secret cannot be used; sends nothing.
    """

    def __init__(
        self, record: PartnerRecord, secret: str | None, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.partner_id = record.id
        self.capabilities = record.capabilities
        settings = read_settings(record)
        self._shop = Shop(record, settings, Graph(record, secret, settings, transport))

    async def aclose(self) -> None:
        """Close every connection."""
        await self._shop.graph.aclose()

    # Looking

    async def search(self, text: str, *, limit: int = 24, cursor: str | None = None) -> OfferPage:
        """Offers by the shop's own search, which knows words and SKUs. ``cursor`` is a row number.

        A page may hold fewer offers than ``limit``: what has no barcode is left out.
        """
        skip = int(cursor) if cursor else 0
        hits = await self._shop.hits(
            term=text, groupByProduct=False, take=max(1, min(limit, MOST_ROWS)), skip=skip
        )
        found = await self._offers([hit.sku for hit in hits.items])
        end = skip + len(hits.items)
        return OfferPage(found, str(end) if hits.items and end < hits.total_items else None)

    async def changes(self, cursor: str | None, *, limit: int = 100) -> ChangePage | None:
        """Vendure cannot tell: stock and deleted variants leave no trace in the time that a variant was changed."""
        return None

    async def find(self, *, gtin: Gtin | None = None, sku: str | None = None) -> Offer | None:
        """The one offer with exactly this code, or None; BadResponse when the shop has two."""
        if gtin is None and sku is None:
            raise ValueError("a gtin or a sku is needed")
        asked: dict[str, object] = {}
        if gtin is not None:
            asked["barcode"] = {"in": spellings(gtin)}
        if sku is not None:
            asked["sku"] = {"eq": sku}
        answer = await self._shop.variants(**asked)
        found = [
            variant
            for variant in for_sale(answer)
            if gtin in (None, gtin_of(variant)) and sku in (None, variant.sku)
        ]
        if len(found) > 1:
            raise BadResponse(f"{len(found)} variants have the code {sku or gtin}")
        return offer(self._shop, found[0], answer.global_settings, _now()) if found else None

    async def variants(self, product: str) -> Sequence[Offer]:
        """All offers of one of the shop's products, by its id there."""
        return tuple(offers(self._shop, await self._shop.of_product(product), _now()))

    async def similar(self, product: str, *, limit: int = 8) -> Sequence[Offer]:
        """One offer each of other products that share facets (brand, category) with it, most shared first."""
        variants = (await self._shop.of_product(product)).product_variants.items
        mine = {value.id for variant in variants for value in variant.product.facet_values}
        if not mine:
            return ()
        asked = [{"or": sorted(mine)}]
        hits = await self._shop.hits(groupByProduct=True, facetValueFilters=asked, take=MOST_ROWS, skip=0)
        others = [hit for hit in hits.items if hit.product_id != product]
        others.sort(key=lambda hit: -len(mine.intersection(hit.facet_value_ids)))
        return await self._offers([hit.sku for hit in others[:limit]])

    async def quote(self, lines: Sequence[Wanted], address: Address | None) -> PartnerQuote:
        """What the shop would charge; a SKU that is not known any more has none available and costs nothing."""
        return await quoting.quote(self._shop, lines, address, _now())

    # Buying

    async def place(self, order: PartnerOrder) -> Placed:
        """Place ``order``; a key that is booked already answers its booking, at any age."""
        try:
            async with asyncio.timeout(PREPARING):
                prepared = await buying.prepare(self._shop, order)
        except TimeoutError as error:
            raise Unreachable("the shop is too slow to order from", sent=False) from error
        except Unreachable as error:
            raise Unreachable(str(error), sent=False) from error
        return prepared if isinstance(prepared, Placed) else await self._pay(order, prepared)

    async def look_up(self, key: str) -> Placed | None:
        """What is booked under ``key``; an order that is only being made is not."""
        found = [order for order in await self._shop.with_key(key) if order.order_placed_at]
        return buying.booking(self._shop, found[0]) if found else None

    async def status(self, reference: str, lines: Sequence[PartnerLine]) -> Placed:
        """How the order with the code ``reference`` stands; BadResponse when there is none."""
        ours = [(line.line, line.sku, line.quantity) for line in lines]
        return books.placed(await self._shop.with_code(reference), ours, self._shop.settings.decimals)

    async def cancel(self, reference: str) -> Cancelled:
        """Cancel the whole order as long as no parcel is being made.

        Vendure itself would cancel shipped pieces too, so that is asked first. The payment stays as it is in the
        shop's books: giving the money back is between the two companies.
        """
        if not self.capabilities.cancel:
            return Cancelled(False, "not_possible")
        order = await self._shop.with_code(reference)
        if order.state == "Cancelled":
            return Cancelled(True)
        if books.shipped(order):
            return Cancelled(False, "shipped")
        if books.packing(order):
            return Cancelled(False, "packing")
        asked = {"orderId": order.id, "reason": "Cancelled by the customer", "cancelShipping": True}
        try:
            data = await self._shop.graph.admin(queries.CANCEL, refusal="refused", input=asked)
            after = answered(dict[str, str], data, "cancelOrder")
        except Rejected as error:
            return Cancelled(False, error.reason)
        return Cancelled(True) if after.get("state") == "Cancelled" else Cancelled(False, "refused")

    # Inside

    async def _offers(self, skus: Sequence[str]) -> tuple[Offer, ...]:
        return tuple(offers(self._shop, await self._shop.with_skus(skus), _now())) if skus else ()

    async def _pay(self, order: PartnerOrder, draft: Draft) -> Placed:
        """The point of no return: from here on only the shop's own word says whether it was bought."""
        try:
            paid = await draft.pay(order.number, order.key)
        except Rejected:
            await draft.discard()
            raise
        if paid.id != draft.order.id or paid.order_placed_at is None:
            raise BadResponse(f"order {draft.order.code} was paid but is not placed (state {paid.state})")
        total = money(paid.total_with_tax, paid.currency_code, self._shop.settings.decimals)
        return Placed(paid.code, tuple(LineAnswer(line.line, line.quantity) for line in order.lines), total)


def _now() -> datetime:
    return datetime.now(UTC)
