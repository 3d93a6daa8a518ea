"""Turning a cart into a quote: every partner is asked what it would charge now; what changed is said, never hidden."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

from partners.contract import Catalogue, PartnerQuote, Wanted
from retail.address import Address
from retail.cart import Cart, CartLine, Change, Quote
from retail.errors import AisleError
from retail.ids import new_id
from retail.money import Money, total
from retail.order import OrderLine, Shipping

DEADLINE = 3.0  # seconds for a partner to answer before its remembered prices are used


async def quote(
    cart: Cart, address: Address | None, partners: Mapping[str, Catalogue], now: datetime, lasts: timedelta
) -> Quote:
    """What ``cart`` would cost at ``address`` now; its id becomes the order's id.

    A partner that does not answer in 3 s is quoted from what is remembered (``confirmed`` False): it will
    refuse, not reprice, if that is no longer right. Raises ValueError for an empty cart or one that has sold out.
    """
    if not cart.lines:
        raise ValueError("The cart is empty. Please choose something first.")
    wanted: dict[str, list[CartLine]] = {}
    for line in cart.lines:
        wanted.setdefault(line.offer.partner, []).append(line)
    answers = await asyncio.gather(
        *(_ask(partners.get(partner), lines, address) for partner, lines in wanted.items())
    )
    by_partner = dict(zip(wanted, answers, strict=True))
    lines: list[OrderLine] = []
    changes: list[Change] = []
    for index, chosen in enumerate(cart.lines):
        quoted, said = _line(index, chosen, by_partner[chosen.offer.partner])
        changes += said
        if quoted is not None:
            lines.append(quoted)
    if not lines:
        raise ValueError("Everything in the cart has just sold out. Please choose something else.")
    currency = lines[0].price.currency
    if any(line.price.currency != currency for line in lines):
        raise ValueError("These are sold in different currencies. Please order them one after the other.")
    freight = [
        Shipping(partner, answer.shipping if answer else _remembered_shipping(wanted[partner], currency))
        for partner, answer in by_partner.items()
        if any(line.partner == partner for line in lines)
    ]
    amount = total((line.sum() for line in lines), currency) + total(
        (part.price for part in freight), currency
    )
    return Quote(
        id=new_id(),
        lines=tuple(lines),
        shipping=tuple(freight),
        total=amount,
        made_at=now,
        expires_at=now + lasts,
        confirmed={partner: answer is not None for partner, answer in by_partner.items()},
        changes=tuple(changes),
    )


async def _ask(
    partner: Catalogue | None, lines: list[CartLine], address: Address | None
) -> PartnerQuote | None:
    if partner is None:
        return None
    wanted = [Wanted(line.offer.sku, line.quantity) for line in lines]
    try:
        async with asyncio.timeout(DEADLINE):
            answer = await partner.quote(wanted, address)
    except (AisleError, TimeoutError):
        return None
    # Another currency than the customer saw is no price of what was chosen.
    currencies = {answer.shipping.currency, *(line.price.currency for line in answer.lines)}
    return answer if currencies == {lines[0].offer.price.currency} else None


def _line(index: int, chosen: CartLine, answer: PartnerQuote | None) -> tuple[OrderLine | None, list[Change]]:
    offer, quantity, price, ships_by = (
        chosen.offer,
        chosen.quantity,
        chosen.offer.price,
        chosen.offer.ships_by,
    )
    changes = []
    said = next((line for line in answer.lines if line.sku == offer.sku), None) if answer else None
    if answer and (said is None or said.available <= 0):
        return None, [Change(index, offer.name, "gone", quantity, 0)]
    if said is not None:
        if said.available < quantity:
            changes.append(Change(index, offer.name, "available", quantity, said.available))
            quantity = said.available
        if said.price != price:
            changes.append(Change(index, offer.name, "price", price.minor, said.price.minor))
            price = said.price
        ships_by = said.ships_by or ships_by
    line = OrderLine(
        id=new_id(),
        partner=offer.partner,
        sku=offer.sku,
        gtin=offer.gtin,
        name=offer.name,
        quantity=quantity,
        price=price,
        options=dict(offer.options),
        ships_by=ships_by,
        picture=offer.picture,
    )
    return line, changes


def _remembered_shipping(lines: list[CartLine], currency: str) -> Money:
    """One parcel: the dearest of its lines' own shipping."""
    known = [line.offer.shipping for line in lines if line.offer.shipping is not None]
    return max(known, key=lambda price: price.minor, default=Money.zero(currency))
