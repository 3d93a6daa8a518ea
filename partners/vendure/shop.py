"""The questions that an adapter asks a Vendure shop, answered in its own words but checked against what was asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from partners.contract import PartnerRecord
from partners.vendure import queries
from partners.vendure.graph import Graph, answered
from partners.vendure.settings import Settings
from partners.vendure.wire import BookedOrder, Hits, OrderList, Variant, VariantsAnswer, read
from retail.errors import BadResponse

MOST_ROWS = 100  # what the shop API answers at most in one page
MOST_VARIANTS = 1000  # what the admin API does


@dataclass(frozen=True, slots=True)
class Shop:
    """One shop: its record, the record's settings, and its two APIs."""

    record: PartnerRecord
    settings: Settings
    graph: Graph

    async def hits(self, **asked: object) -> Hits:
        """A page of the shop's search."""
        return answered(Hits, await self.graph.shop(queries.SEARCH, input=asked), "search")

    async def variants(self, **asked: object) -> VariantsAnswer:
        """The variants that a filter lets through, as the shop says: check them."""
        data = await self.graph.admin(queries.VARIANTS, filter=asked, take=MOST_VARIANTS)
        return read(VariantsAnswer, data, "productVariants")

    async def with_skus(self, skus: Iterable[str]) -> VariantsAnswer:
        """Exactly the variants with these SKUs that are for sale, in this order."""
        rank = {sku: number for number, sku in enumerate(skus)}
        answer = await self.variants(sku={"in": list(rank)})
        chosen = [variant for variant in for_sale(answer) if variant.sku in rank]
        chosen.sort(key=lambda variant: rank[variant.sku])
        variants = answer.product_variants.model_copy(update={"items": tuple(chosen)})
        return answer.model_copy(update={"product_variants": variants})

    async def of_product(self, product: str) -> VariantsAnswer:
        """All variants of one product."""
        data = await self.graph.admin(queries.VARIANTS_OF_PRODUCT, product=product, take=MOST_VARIANTS)
        answer = read(VariantsAnswer, data, "productVariants")
        if any(variant.product.id != product for variant in answer.product_variants.items):
            raise BadResponse("variants of another product than asked for")
        return answer

    async def with_key(self, key: str) -> tuple[BookedOrder, ...]:
        """The orders with our ``key``, placed or not; there is at most one."""
        data = await self.graph.admin(queries.BY_KEY, key=key)
        found = answered(OrderList, data, "orders").items
        if len(found) > 1 or any(order.custom_fields.aisle_key != key for order in found):
            raise BadResponse("orders with another key than asked for")
        return found

    async def with_code(self, reference: str) -> BookedOrder:
        """The order with the shop's own ``reference``; BadResponse when there is none."""
        data = await self.graph.admin(queries.BY_CODE, code=reference)
        found = answered(OrderList, data, "orders").items
        if [order.code for order in found] != [reference]:
            raise BadResponse(f"{self.record.id} knows no order {reference}")
        return found[0]


def for_sale(answer: VariantsAnswer) -> list[Variant]:
    """The variants of ``answer`` that can be sold.

    Vendure lets two variants share a SKU. Nobody can say which of them is meant by it, so neither is sold.
    """
    enabled = [one for one in answer.product_variants.items if one.enabled and one.product.enabled]
    count = Counter(variant.sku for variant in enabled)
    return [variant for variant in enabled if count[variant.sku] == 1]
