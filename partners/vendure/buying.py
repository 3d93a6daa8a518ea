"""Making an order at a Vendure shop that is exactly what was agreed, up to the moment before it is paid."""

from __future__ import annotations

from collections import Counter

from partners.contract import Placed
from partners.vendure import books
from partners.vendure.draft import Draft, address_input, remove
from partners.vendure.offers import available, gtin_of
from partners.vendure.shop import Shop
from partners.vendure.wire import BookedOrder, read_ours
from retail.errors import BadResponse, Rejected, Unreachable
from retail.order import PartnerOrder


async def prepare(shop: Shop, order: PartnerOrder) -> Placed | Draft:
    """What is booked under the key of ``order``, or else a frozen draft that is exactly ``order``, ready to be paid.

    A draft that an earlier attempt froze is taken up again as long as it still holds: should that attempt's payment
    be under way somewhere, it and ours pay the same order, and only one of them can. Anything else that was begun
    under the key is removed first.
    """
    for found in await shop.with_key(order.key):
        if found.order_placed_at:
            return booking(shop, found)
        draft = Draft(shop, found)
        if found.state == "ArrangingPayment" and await _holds(shop, order, draft):
            return draft
        await remove(shop.graph, found.id, found.state)
    return await _make(shop, order)


def booking(shop: Shop, order: BookedOrder) -> Placed:
    """``order`` by the lines that were written into it; BadResponse when they are not there."""
    ours = read_ours(order.custom_fields.aisle_lines, f"order {order.code}")
    return books.placed(order, ours, shop.settings.decimals)


async def _holds(shop: Shop, order: PartnerOrder, draft: Draft) -> bool:
    """Whether a frozen draft is what was agreed, and the shop still has all of it."""
    try:
        await _variants(shop, order)
        _agreed(order, draft)
        await _in_stock(shop, order)
    except (Rejected, BadResponse):
        return False
    return True


async def _make(shop: Shop, order: PartnerOrder) -> Draft:
    """A new frozen draft that is exactly ``order``, with its key; on an error none is left.

    Raises Rejected with the reason that ``Ordering.place`` promises.
    """
    customer, can = order.customer, shop.record.capabilities
    if can.ship_to and customer.address.country not in can.ship_to:
        raise Rejected("address", f"nothing is sent to {customer.address.country}")
    address = address_input(customer.address, customer.name, customer.phone, can.address_line_limit)
    wanted = await _variants(shop, order)
    draft, ready = await Draft.create(shop), False
    try:
        await draft.set_key(order.key, [(line.line, line.sku, line.quantity) for line in order.lines])
        if short := await draft.add(wanted):
            raise Rejected("sold_out", f"{len(short)} of {len(wanted)} articles are short")
        await draft.customer(customer)
        await draft.address(address)
        await draft.shipping()
        _agreed(order, draft)
        await _freeze(shop, draft, order)
        _agreed(order, draft)
        ready = True
    finally:
        if not ready:
            await draft.discard()
    return draft


def _pieces(order: PartnerOrder) -> Counter[str]:
    pieces: Counter[str] = Counter()
    for line in order.lines:
        pieces[line.sku] += line.quantity
    return pieces


async def _variants(shop: Shop, order: PartnerOrder) -> dict[str, int]:
    """Pieces by variant id; Rejected when an article is gone or is not what it was."""
    pieces = _pieces(order)
    answer = await shop.with_skus(pieces)
    known = {variant.sku: variant for variant in answer.product_variants.items}
    for line in order.lines:
        if line.sku not in known:
            raise Rejected("unknown_sku", line.sku)
        if gtin_of(known[line.sku]) != line.gtin:
            raise Rejected("product_changed", f"{line.sku} has another barcode now")
    return {known[sku].id: quantity for sku, quantity in pieces.items()}


def _agreed(order: PartnerOrder, draft: Draft) -> None:
    """Rejected when the draft is not what was agreed, to the minor unit."""
    made, code = draft.pieces(), draft.order.code
    if draft.order.order_placed_at is not None:
        raise BadResponse(f"order {code} is placed though nothing was paid")
    if {sku: quantity for sku, (quantity, _) in made.items()} != dict(_pieces(order)):
        raise BadResponse(f"order {code} has other pieces than we put in")
    if draft.order.currency_code != order.total.currency:
        raise Rejected("currency_changed", f"{draft.order.currency_code} instead of {order.total.currency}")
    for line in order.lines:
        if made[line.sku][1] != line.price:
            raise Rejected("price_changed", f"{line.sku} is {made[line.sku][1].minor} now")
    if draft.total() != order.total:
        raise Rejected("price_changed", f"total {draft.total().minor}, of it shipping {draft.rest().minor}")


async def _freeze(shop: Shop, draft: Draft, order: PartnerOrder) -> None:
    """Freeze the draft. The shop says only in words why it will not, so what can be the cause is asked again."""
    try:
        await draft.freeze()
    except Rejected as error:
        found = [(one.id, one.state) for one in await shop.with_key(order.key)]
        if found != [(draft.order.id, "Draft")]:
            raise Unreachable(f"draft {draft.order.code} was moved by somebody else") from error
        await _in_stock(shop, order)
        raise


async def _in_stock(shop: Shop, order: PartnerOrder) -> None:
    """Rejected when the shop has less than was ordered."""
    pieces = _pieces(order)
    answer = await shop.with_skus(pieces)
    stock = {one.sku: available(one, answer.global_settings) for one in answer.product_variants.items}
    for sku, quantity in pieces.items():
        if stock.get(sku, 0) < quantity:
            raise Rejected("sold_out" if sku in stock else "unknown_sku", sku)
