"""What a Vendure shop would charge now, computed by the shop itself on a draft that is removed again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from partners.contract import PartnerQuote, QuotedLine, Wanted
from partners.vendure.draft import Draft, address_input
from partners.vendure.offers import available, price_of
from partners.vendure.shop import Shop
from partners.vendure.wire import Variant
from retail.address import Address
from retail.errors import Rejected
from retail.money import Money


async def quote(
    shop: Shop, lines: Sequence[Wanted], address: Address | None, as_of: datetime
) -> PartnerQuote:
    """The shop's word on ``lines``.

    What does not divide evenly by the pieces is part of ``shipping``, so that the total is exact. Where the shop
    does not ship, nothing is available.
    """
    wanted: Counter[str] = Counter()
    for line in lines:
        wanted[line.sku] += line.quantity
    answer = await shop.with_skus(wanted)
    known = {variant.sku: variant for variant in answer.product_variants.items}
    there = {
        sku: min(available(variant, answer.global_settings), wanted[sku]) for sku, variant in known.items()
    }
    prices = {sku: price_of(variant, shop.settings) for sku, variant in known.items()}
    shipping = nothing = Money.zero(_currency(shop, prices))
    if any(there.values()):
        draft = await Draft.create(shop)
        try:
            there |= await _fill(draft, known, there)
            await _send_to(shop, draft, address)
            prices |= {sku: price for sku, (_, price) in draft.pieces().items() if sku in known}
            shipping = draft.rest()
        except Rejected:
            there = {}
        finally:
            await draft.discard()
    return PartnerQuote(
        tuple(
            QuotedLine(line.sku, prices.get(line.sku, nothing), min(line.quantity, there.get(line.sku, 0)))
            for line in lines
        ),
        shipping,
        as_of,
    )


async def _fill(draft: Draft, known: Mapping[str, Variant], there: Mapping[str, int]) -> dict[str, int]:
    """Put in what is there; answers what is there after all of that of which it is less."""
    short = await draft.add({known[sku].id: pieces for sku, pieces in there.items() if pieces})
    return {sku: short[variant.id] for sku, variant in known.items() if variant.id in short}


async def _send_to(shop: Shop, draft: Draft, address: Address | None) -> None:
    """Say where the draft goes: without an address to the record's country, else wherever the shop assumes."""
    can = shop.record.capabilities
    if address is not None:
        if can.ship_to and address.country not in can.ship_to:
            raise Rejected("address", f"nothing is sent to {address.country}")
        await draft.address(address_input(address, "-", None, can.address_line_limit))
    elif shop.settings.country:
        await draft.address({"streetLine1": "-", "countryCode": shop.settings.country})
    await draft.shipping()


def _currency(shop: Shop, prices: Mapping[str, Money]) -> str:
    """What the shop charges in; of nothing that is known any more, what its record says."""
    guess = next(iter(shop.record.capabilities.currencies), "EUR")
    return shop.settings.currency or next((price.currency for price in prices.values()), guess)
