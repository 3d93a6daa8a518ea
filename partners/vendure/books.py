"""What stands in a Vendure shop's books, in our words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from partners.contract import LineAnswer, Placed
from partners.vendure.wire import BookedOrder, Fulfillment, Ours, money
from retail.errors import BadResponse
from retail.status import Shipment

GONE = ("Shipped", "Delivered")  # states of a parcel that has left


def placed(order: BookedOrder, ours: Sequence[Ours], decimals: int) -> Placed:
    """``order`` as the booking of our lines; a SKU that stands in several of them is dealt out in their order.

    Raises BadResponse when it has pieces that we did not order.
    """
    state = _state(order)
    parcels = shipped(order)
    kept: Counter[str] = Counter()
    for line in order.lines:
        # A cancelled order keeps what it was, as its state already says that nothing of it comes.
        pieces = line.order_placed_quantity if state == "cancelled" else line.quantity
        kept[line.product_variant.sku] += pieces
    answers = []
    for line_id, sku, quantity in ours:
        accepted = min(quantity, kept[sku])
        kept[sku] -= accepted
        refused = quantity - accepted
        answers.append(
            LineAnswer(line_id, accepted, refused=refused, reason="cancelled" if refused else None)
        )
    if any(kept.values()):
        extra = ", ".join(sorted(sku for sku, pieces in kept.items() if pieces))
        raise BadResponse(f"order {order.code} has pieces that we did not order: {extra}")
    return Placed(
        order.code,
        tuple(answers),
        money(order.total_with_tax, order.currency_code, decimals),
        state,
        tuple(_shipments(order, parcels, ours)),
    )


def shipped(order: BookedOrder) -> list[Fulfillment]:
    """The parcels that have left, oldest first."""
    gone = [parcel for parcel in order.fulfillments or () if parcel.state in GONE]
    return sorted(gone, key=lambda parcel: (len(parcel.id), parcel.id))


def packing(order: BookedOrder) -> bool:
    """Whether parcels are being made or have left."""
    return any(parcel.state != "Cancelled" for parcel in order.fulfillments or ())


def _state(order: BookedOrder) -> Literal["accepted", "shipped", "delivered", "cancelled"]:
    pieces = sum(line.quantity for line in order.lines)
    if order.state == "Cancelled" or not pieces:
        return "cancelled"
    parcels = shipped(order)
    if _count(parcel for parcel in parcels if parcel.state == "Delivered") >= pieces:
        return "delivered"
    return "shipped" if _count(parcels) >= pieces else "accepted"


def _count(parcels: Iterable[Fulfillment]) -> int:
    return sum(line.quantity for parcel in parcels for line in parcel.lines)


def _shipments(
    order: BookedOrder, parcels: Sequence[Fulfillment], ours: Sequence[Ours]
) -> Iterable[Shipment]:
    skus = {line.id: line.product_variant.sku for line in order.lines}
    waiting = {line_id: quantity for line_id, _, quantity in ours}
    for parcel in parcels:
        inside: Counter[str] = Counter()
        for line in parcel.lines:
            inside[skus.get(line.order_line_id, "")] += line.quantity
        yield Shipment(
            parcel.id,
            tuple(_deal(inside, ours, waiting)),
            parcel.method,
            parcel.tracking_code or "",
            order.happened(parcel.id, "Shipped"),
            order.happened(parcel.id, "Delivered"),
        )


def _deal(
    inside: Mapping[str, int], ours: Sequence[Ours], waiting: dict[str, int]
) -> Iterable[tuple[str, int]]:
    left = dict(inside)
    for line_id, sku, _ in ours:
        pieces = min(left.get(sku, 0), waiting[line_id])
        if pieces:
            left[sku] -= pieces
            waiting[line_id] -= pieces
            yield line_id, pieces
