"""Quotes: partners are asked now; what is not as the customer saw it is said, old and new."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from partners.contract import PartnerQuote, QuotedLine, Wanted
from partners.goods import sample_assortment
from partners.memory import MemoryPartner
from retail.address import Address
from retail.cart import Cart, Change, Quote
from retail.money import Money
from retail.offer import Offer
from sync import quoting
from tests.retail.samples import ADA, NOW

LASTS = timedelta(minutes=15)


def partner(name: str) -> MemoryPartner:
    return MemoryPartner(sample_assortment(name), now=lambda: NOW)


async def offer(partner: MemoryPartner, sku: str) -> Offer:
    found = await partner.find(sku=sku)
    assert found is not None
    return found


async def ask(cart: Cart, *partners: MemoryPartner) -> Quote:
    by_id = {one.partner_id: one for one in partners}
    return await quoting.quote(cart, ADA.address, by_id, NOW, LASTS)


async def test_every_partner_is_asked_and_all_adds_up() -> None:
    north, east = partner("north"), partner("east")
    cart = Cart().add(await offer(north, "NO-00"), 2).add(await offer(east, "EA-20"))
    cart = cart.add(await offer(north, "NO-10"))

    quote = await ask(cart, north, east)

    assert [(line.partner, line.sku, line.quantity, line.price.minor) for line in quote.lines] == [
        ("north", "NO-00", 2, 4990),
        ("east", "EA-20", 1, 2490),
        ("north", "NO-10", 1, 12900),
    ]
    assert {part.partner: part.price.minor for part in quote.shipping} == {"north": 590, "east": 390}
    assert quote.total == Money(2 * 4990 + 2490 + 12900 + 590 + 390, "EUR")
    assert quote.goods() == Money(2 * 4990 + 2490 + 12900, "EUR")
    assert (quote.confirmed, quote.changes) == ({"north": True, "east": True}, ())
    assert (quote.made_at, quote.expires_at) == (NOW, NOW + LASTS)
    assert len({line.id for line in quote.lines} | {quote.id}) == 4


async def test_a_changed_price_is_said_old_and_new() -> None:
    north = partner("north")
    cart = Cart().add(await offer(north, "NO-00"), 2)
    north.change("NO-00", price_minor=5490)

    quote = await ask(cart, north)

    assert quote.changes == (Change(0, "Linen shirt", "price", 4990, 5490),)
    assert (quote.lines[0].price.minor, quote.total.minor) == (5490, 2 * 5490 + 490)


async def test_fewer_pieces_are_said_and_sold() -> None:
    north = partner("north")
    cart = Cart().add(await offer(north, "NO-00"), 5)
    north.change("NO-00", stock=3)

    quote = await ask(cart, north)

    assert quote.changes == (Change(0, "Linen shirt", "available", 5, 3),)
    assert (quote.lines[0].quantity, quote.total.minor) == (3, 3 * 4990 + 490)


async def test_what_has_sold_out_is_gone_from_the_quote_and_costs_no_shipping() -> None:
    north, east = partner("north"), partner("east")
    cart = Cart().add(await offer(north, "NO-00"), 2).add(await offer(east, "EA-00"))
    north.change("NO-00", stock=0)

    quote = await ask(cart, north, east)

    assert quote.changes == (Change(0, "Linen shirt", "gone", 2, 0),)
    assert [line.partner for line in quote.lines] == ["east"]
    assert quote.total == Money(4990 + 490, "EUR")
    assert quote.confirmed == {"north": True, "east": True}


async def test_when_nothing_is_left_the_customer_is_told() -> None:
    north = partner("north")
    cart = Cart().add(await offer(north, "NO-00"))
    north.change("NO-00", stock=0)

    with pytest.raises(ValueError, match="sold out"):
        await ask(cart, north)
    with pytest.raises(ValueError, match="cart is empty"):
        await ask(Cart(), north)


@pytest.mark.parametrize("fault", ["500", "429", "garbage"])
async def test_a_partner_that_does_not_answer_is_quoted_from_memory(fault: str) -> None:
    north, east = partner("north"), partner("east")
    cart = Cart().add(await offer(north, "NO-00"), 2).add(await offer(north, "NO-10"))
    cart = cart.add(await offer(east, "EA-00"))
    north.change("NO-00", price_minor=5490)
    north.faults.plan(fault, 1, "quote")

    quote = await ask(cart, north, east)

    assert quote.confirmed == {"north": False, "east": True}
    assert quote.changes == ()
    assert quote.lines[0].price.minor == 4990
    assert {part.partner: part.price.minor for part in quote.shipping} == {"north": 590, "east": 490}


async def test_a_partner_that_is_not_known_any_more_is_quoted_from_memory() -> None:
    north = partner("north")
    cart = Cart().add(await offer(north, "NO-00"))

    quote = await ask(cart)

    assert quote.confirmed == {"north": False}
    assert quote.total.minor == 5480


class Abroad(MemoryPartner):
    """A partner that suddenly names its prices in another currency."""

    async def quote(self, lines: Sequence[Wanted], address: Address | None) -> PartnerQuote:
        quoted = tuple(QuotedLine(line.sku, Money(5200, "USD"), line.quantity) for line in lines)
        return PartnerQuote(quoted, Money(500, "USD"), NOW)


async def test_another_currency_than_the_customer_saw_is_no_answer() -> None:
    north = Abroad(sample_assortment("north"), now=lambda: NOW)
    cart = Cart().add(await offer(north, "NO-00"))

    quote = await ask(cart, north)

    assert quote.confirmed == {"north": False}
    assert quote.total == Money(5480, "EUR")
