"""The questions that an adapter asks a Vendure shop, answered in its own words but checked against what was asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from partners.contract import PartnerRecord
from partners.vendure import queries
from partners.vendure.graph import Graph, answered
from partners.vendure.settings import Settings
from partners.vendure.wire import BookedOrder, Hits, OrderList, Variant, VariantsAnswer, read
from retail.errors import BadResponse

MOST_ROWS = 100  # what a shop answers at most in one page
MOST_VARIANTS = 1000  # of one product


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
        """The variants that a filter lets through, at most 100, as the shop says: check them."""
        data = await self.graph.admin(queries.VARIANTS, filter=asked, take=MOST_ROWS)
        return read(VariantsAnswer, data, "productVariants")

    async def with_ids(self, ids: Sequence[str]) -> VariantsAnswer:
        """Exactly these variants as far as they exist, in this order."""
        answer = await self.variants(id={"in": list(ids)})
        rank = {variant: number for number, variant in enumerate(ids)}
        chosen = [variant for variant in answer.product_variants.items if variant.id in rank]
        return _only(answer, sorted(chosen, key=lambda variant: rank[variant.id]))

    async def with_skus(self, skus: Iterable[str]) -> VariantsAnswer:
        """Exactly the variants with these SKUs that are for sale.

        Vendure lets two variants share a SKU. Nobody can say which of them is meant, so neither is answered.
        """
        wanted = set(skus)
        answer = await self.variants(sku={"in": sorted(wanted)})
        count = Counter(variant.sku for variant in on_sale(answer))
        return _only(answer, [one for one in on_sale(answer) if one.sku in wanted and count[one.sku] == 1])

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


def on_sale(answer: VariantsAnswer) -> list[Variant]:
    """The variants of ``answer`` that are for sale at all."""
    return [one for one in answer.product_variants.items if one.enabled and one.product.enabled]


def _only(answer: VariantsAnswer, chosen: Sequence[Variant]) -> VariantsAnswer:
    variants = answer.product_variants.model_copy(update={"items": tuple(chosen)})
    return answer.model_copy(update={"product_variants": variants})
