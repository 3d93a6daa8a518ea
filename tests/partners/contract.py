"""The promises of ``partners/contract.py`` as tests, for an adapter's test module to inherit.

A module gives three fixtures: ``partner`` (the adapter), ``behind`` (the partner's own side, where its books can be
read and things made to go wrong) and ``goods`` (some SKUs that it sells). What a real shop cannot be made to do,
its ``behind`` skips.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import pytest

from partners.contract import Placed, Wanted
from partners.http import DEADLINE
from partners.registry import Partner
from retail.address import Address, Customer
from retail.errors import (
    AisleError,
    BadResponse,
    Misconfigured,
    RateLimited,
    Rejected,
    TemporaryError,
    Unreachable,
)
from retail.gtin import Gtin, check_digit
from retail.ids import new_id
from retail.money import Money, total
from retail.order import PartnerLine, PartnerOrder
from tests.loop_time import go_by

HOME = Address("DE", ("Lange Straße 1\u00bd", "Hinterhaus"), "Görlitz", "02826")
CUSTOMER = Customer("Zoë O’Hara 王", "zoe@example.com", HOME, "+4917012345678")
AT_MOST_ASTRAY = timedelta(seconds=2)  # clocks of this machine and of the partner's
NOBODY = Gtin("0299999999999" + check_digit("0299999999999"))


@dataclass(frozen=True, slots=True)
class Goods:
    """What the partner sells, for the tests: two variants of one product and something else; ``text`` finds them."""

    one: str
    other: str
    third: str
    text: str


class Behind(Protocol):
    """The partner's own side."""

    async def ledger(self) -> Sequence[Mapping[str, Any]]:
        """Its orders, in the form of the simulator's ``GET /ledger``."""
        ...

    async def fault(self, fault: str, times: int | None = 1, on: str | None = None) -> None:
        """Let something go wrong (``partners.faults``)."""
        ...

    async def pass_time(self, ahead: timedelta) -> None:
        """Let the partner's clock be this far ahead."""
        ...

    async def ship(self, reference: str) -> None:
        """Let an order leave the partner's house."""
        ...

    async def change(self, sku: str, *, price_minor: int | None = None, stock: int | None = None) -> None:
        """Set another price or stock."""
        ...

    async def withdraw(self, sku: str) -> None:
        """Sell this no longer; only asked of partners that can tell what changed."""
        ...


async def agreed(partner: Partner, *wanted: Wanted, customer: Customer = CUSTOMER) -> PartnerOrder:
    """An order at the prices that the partner quotes now."""
    quote = await partner.quote(wanted, customer.address)
    lines = []
    for number, (wish, line) in enumerate(zip(wanted, quote.lines, strict=True)):
        offer = await partner.find(sku=wish.sku)
        assert offer is not None
        lines.append(PartnerLine(f"line-{number}", wish.sku, offer.gtin, wish.quantity, line.price))
    goods = total((line.price * line.quantity for line in lines), quote.shipping.currency)
    return PartnerOrder(
        key=new_id(),
        order=new_id(),
        number="K1-000001-1",
        partner=partner.partner_id,
        placed_by="kiosk-1",
        created_at=datetime.now(UTC),
        customer=customer,
        lines=tuple(lines),
        shipping=quote.shipping,
        total=goods + quote.shipping,
        language="de",
    )


async def booked(behind: Behind, key: str) -> list[Mapping[str, Any]]:
    """What stands in the partner's own books under ``key``."""
    return [row for row in await behind.ledger() if row["key"] == key]


class CatalogueContract:
    """Looking."""

    async def test_search_finds_what_it_is_asked_for(self, partner: Partner, goods: Goods) -> None:
        page = await partner.search(goods.text, limit=10)
        assert goods.one in {offer.sku for offer in page.offers}
        assert goods.third not in {offer.sku for offer in page.offers}

    async def test_an_empty_search_is_the_whole_catalogue_page_by_page(
        self, partner: Partner, goods: Goods
    ) -> None:
        found, cursor, pages = [], None, 0
        while pages < 100:
            page = await partner.search("", limit=7, cursor=cursor)
            assert len(page.offers) <= 7
            found += [offer.sku for offer in page.offers]
            cursor, pages = page.cursor, pages + 1
            if cursor is None:
                break
        assert len(found) == len(set(found))
        assert {goods.one, goods.other, goods.third} <= set(found)

    async def test_nothing_like_it_is_no_offer_and_no_error(self, partner: Partner) -> None:
        page = await partner.search("zzqx nothing is called this", limit=5)
        assert (page.offers, page.cursor) == ((), None)

    async def test_the_same_thing_is_found_by_either_code(self, partner: Partner, goods: Goods) -> None:
        before = datetime.now(UTC) - AT_MOST_ASTRAY
        by_sku = await partner.find(sku=goods.one)
        assert by_sku is not None
        by_gtin = await partner.find(gtin=by_sku.gtin)
        assert by_gtin is not None
        both = await partner.find(gtin=by_sku.gtin, sku=goods.one)
        for offer in (by_gtin, both):
            assert replace(by_sku, as_of=before) == (offer and replace(offer, as_of=before))
        assert (by_sku.partner, by_sku.sku) == (partner.partner_id, goods.one)
        assert by_sku.price.minor > 0
        assert by_sku.available > 0
        assert before <= by_sku.as_of <= datetime.now(UTC) + AT_MOST_ASTRAY
        assert by_sku.as_of.utcoffset() == timedelta(0)

    async def test_an_unknown_code_is_none_never_a_neighbour(self, partner: Partner, goods: Goods) -> None:
        known = await partner.find(sku=goods.one)
        assert known is not None
        assert await partner.find(gtin=NOBODY) is None
        for sku in ("no-such-sku", goods.one[:-1], f"{goods.one} ", "a/../b?c=d&e#f", "%"):
            assert await partner.find(sku=sku) is None
        assert await partner.find(gtin=NOBODY, sku=goods.one) is None

    async def test_other_things_that_come_back_are_not_believed(
        self, partner: Partner, behind: Behind, goods: Goods
    ) -> None:
        offer = await partner.find(sku=goods.one)
        assert offer is not None
        await behind.fault("wrong-item", 2, "find")
        assert await partner.find(gtin=NOBODY) is None
        assert await partner.find(sku=f"{goods.one}x") is None

    async def test_a_code_is_needed(self, partner: Partner) -> None:
        with pytest.raises(ValueError, match="gtin or a sku"):
            await partner.find()

    async def test_variants_are_all_of_one_product(self, partner: Partner, goods: Goods) -> None:
        offer = await partner.find(sku=goods.one)
        assert offer is not None
        variants = await partner.variants(offer.product)
        assert {goods.one, goods.other} <= {one.sku for one in variants}
        assert {one.product for one in variants} == {offer.product}
        assert len({tuple(one.options.items()) for one in variants}) == len(variants)
        assert await partner.variants("no-such-product") == ()

    async def test_similar_is_something_else(self, partner: Partner, goods: Goods) -> None:
        offer = await partner.find(sku=goods.one)
        assert offer is not None
        similar = await partner.similar(offer.product, limit=3)
        assert len(similar) <= 3
        assert offer.product not in {one.product for one in similar}

    async def test_a_quote_answers_every_line_in_the_order_asked(
        self, partner: Partner, goods: Goods
    ) -> None:
        quote = await partner.quote([Wanted(goods.third, 1), Wanted(goods.one, 2)], HOME)
        assert [line.sku for line in quote.lines] == [goods.third, goods.one]
        for line in quote.lines:
            offer = await partner.find(sku=line.sku)
            assert offer is not None
            assert line.price == offer.price
        assert quote.lines[1].available >= 2
        assert quote.shipping.currency == quote.lines[0].price.currency
        assert (await partner.quote([Wanted(goods.one, 1)], None)).lines[0].available >= 1

    async def test_a_quote_says_what_is_gone(self, partner: Partner, behind: Behind, goods: Goods) -> None:
        await behind.change(goods.third, stock=0)
        quote = await partner.quote([Wanted(goods.third, 1)], HOME)
        assert quote.lines[0].available == 0
        offer = await partner.find(sku=goods.third)
        assert offer is not None
        assert offer.available == 0

    async def test_changes_behind_a_cursor_are_what_is_new_there(
        self, partner: Partner, behind: Behind, goods: Goods
    ) -> None:
        start = await partner.changes(None)
        if start is None:
            return  # it cannot tell, and says so; its whole list is read instead
        assert (start.offers, start.gone, start.more) == ((), (), False)
        quiet = await partner.changes(start.cursor)
        assert quiet is not None
        assert (quiet.offers, quiet.gone, quiet.more) == ((), (), False)
        before = await partner.find(sku=goods.one)
        assert before is not None
        await behind.change(goods.one, price_minor=before.price.minor + 100, stock=4)

        page = await partner.changes(start.cursor)

        assert page is not None
        assert [(one.sku, one.price.minor, one.available) for one in page.offers] == [
            (goods.one, before.price.minor + 100, 4)
        ]
        assert (page.gone, page.more) == ((), False)
        again, after = await partner.changes(start.cursor), await partner.changes(page.cursor)
        assert again is not None
        assert (again.cursor, [one.sku for one in again.offers]) == (page.cursor, [goods.one])
        assert after is not None
        assert (after.cursor, after.offers, after.gone) == (page.cursor, (), ())
        await behind.change(goods.one, price_minor=before.price.minor)

    async def test_many_changes_come_in_pages(self, partner: Partner, behind: Behind, goods: Goods) -> None:
        start = await partner.changes(None)
        if start is None:
            return
        for sku in (goods.one, goods.other, goods.third):
            await behind.change(sku, stock=7)
        cursor, found, more, pages = start.cursor, [], True, 0
        while more:
            page = await partner.changes(cursor, limit=1)
            assert page is not None
            found += [one.sku for one in page.offers]
            cursor, more, pages = page.cursor, page.more, pages + 1
        assert (found, pages) == ([goods.one, goods.other, goods.third], 3)

    async def test_a_cursor_that_nobody_knows_means_reading_everything(self, partner: Partner) -> None:
        assert await partner.changes("no such cursor") is None
        assert await partner.changes("987654321") is None

    @pytest.mark.parametrize("fault", ["500", "429", "garbage"])
    async def test_looking_at_a_broken_partner_raises_only_our_errors(
        self, partner: Partner, behind: Behind, goods: Goods, fault: str
    ) -> None:
        kinds = {"500": Unreachable, "429": RateLimited, "garbage": BadResponse}
        offer = await partner.find(sku=goods.one)
        assert offer is not None
        await behind.fault(fault, 3, "any")
        with pytest.raises(kinds[fault]):
            await partner.search("a")
        with pytest.raises(kinds[fault]):
            await partner.find(gtin=offer.gtin)
        with pytest.raises(kinds[fault]):
            await partner.quote([Wanted(goods.one, 1)], HOME)
        assert (await partner.find(sku=goods.one)) is not None


class OrderingContract:
    """Buying."""

    async def test_what_is_placed_stands_in_their_books_once_and_whole(
        self, partner: Partner, behind: Behind, goods: Goods
    ) -> None:
        order = await agreed(partner, Wanted(goods.one, 2), Wanted(goods.third, 1))
        before = await partner.find(sku=goods.one)
        placed = await partner.place(order)
        assert placed.total == order.total
        assert placed.state == "accepted"
        assert [(a.line, a.accepted, a.backordered, a.refused) for a in placed.lines] == [
            ("line-0", 2, 0, 0),
            ("line-1", 1, 0, 0),
        ]
        [row] = await booked(behind, order.key)
        assert row["reference"] == placed.reference
        assert (row["total_minor"], row["currency"]) == (order.total.minor, order.total.currency)
        assert [(line["sku"], line["quantity"]) for line in row["lines"]] == [
            (goods.one, 2),
            (goods.third, 1),
        ]
        after = await partner.find(sku=goods.one)
        assert before is not None
        assert after is not None
        assert before.available - after.available == 2

    async def test_the_address_arrives_as_it_was_typed(
        self, partner: Partner, behind: Behind, goods: Goods
    ) -> None:
        order = await agreed(partner, Wanted(goods.one, 1))
        await partner.place(order)
        [row] = await booked(behind, order.key)
        text = repr(row["customer"])
        for typed in (
            CUSTOMER.name,
            CUSTOMER.email,
            CUSTOMER.phone,
            *HOME.lines,
            HOME.city,
            HOME.postal_code,
        ):
            assert str(typed) in text

    async def test_the_same_key_again_is_the_same_order_at_class_a(
        self, partner: Partner, behind: Behind, goods: Goods
    ) -> None:
        _only(partner, "A")
        order = await agreed(partner, Wanted(goods.one, 1))
        assert await partner.place(order) == await partner.place(order)
        assert len(await booked(behind, order.key)) == 1

    async def test_the_same_key_again_is_a_second_order_elsewhere(
        self, partner: Partner, behind: Behind, goods: Goods
    ) -> None:
        """Not a promise but a fact that placing relies on: see that the test partner is as bad as it should be."""
        _only(partner, "B", "C")
        order = await agreed(partner, Wanted(goods.one, 1))
        first, second = await partner.place(order), await partner.place(order)
        assert first.reference != second.reference
        assert len(await booked(behind, order.key)) == 2

    async def test_an_expired_key_buys_again(self, partner: Partner, behind: Behind, goods: Goods) -> None:
        """Not a promise either (R04): keys of class A die."""
        _only(partner, "A")
        order = await agreed(partner, Wanted(goods.one, 1))
        first = await partner.place(order)
        await behind.pass_time(partner.capabilities.key_life - timedelta(minutes=1))
        assert (await partner.place(order)).reference == first.reference
        await behind.pass_time(partner.capabilities.key_life + timedelta(minutes=1))
        assert (await partner.place(order)).reference != first.reference

    async def test_it_is_found_by_our_key(self, partner: Partner, behind: Behind, goods: Goods) -> None:
        _needs(partner.capabilities.can_look_up, "cannot be asked")
        first = await agreed(partner, Wanted(goods.one, 1))
        second = await agreed(partner, Wanted(goods.one, 1), Wanted(goods.third, 2))
        placed = [await partner.place(order) for order in (first, second)]
        assert [await partner.look_up(order.key) for order in (first, second)] == placed

    async def test_what_was_never_sent_is_not_found(self, partner: Partner) -> None:
        _needs(partner.capabilities.can_look_up, "cannot be asked")
        assert await partner.look_up(new_id()) is None

    async def test_who_cannot_be_asked_says_so(self, partner: Partner) -> None:
        _needs(not partner.capabilities.can_look_up, "can be asked")
        with pytest.raises(Misconfigured):
            await partner.look_up(new_id())

    @pytest.mark.parametrize("fault", ["drop-after-accept", "timeout-after-accept", "500", "garbage"])
    async def test_a_lost_answer_is_an_unknown_outcome_that_can_be_settled(
        self, partner: Partner, behind: Behind, goods: Goods, fault: str
    ) -> None:
        order = await agreed(partner, Wanted(goods.one, 1))
        await behind.fault(fault, 1, "place")
        placing = asyncio.create_task(partner.place(order))
        if fault == "timeout-after-accept":
            while not placing.done() and not await booked(behind, order.key):  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            go_by(DEADLINE + 1)
        with pytest.raises((Unreachable, BadResponse)) as caught:
            await placing
        assert getattr(caught.value, "sent", True) is True
        [row] = await booked(behind, order.key)
        if partner.capabilities.can_look_up:
            found = await partner.look_up(order.key)
            assert found is not None
            assert (found.reference, found.total) == (row["reference"], order.total)
        if partner.capabilities.ordering_class == "A":
            assert (await partner.place(order)).reference == row["reference"]
            assert len(await booked(behind, order.key)) == 1

    async def test_a_busy_partner_bought_nothing(
        self, partner: Partner, behind: Behind, goods: Goods
    ) -> None:
        order = await agreed(partner, Wanted(goods.one, 1))
        await behind.fault("429", 1, "place")
        with pytest.raises(RateLimited) as caught:
            await partner.place(order)
        assert caught.value.retry_after >= 1
        assert await booked(behind, order.key) == []

    async def test_sold_out_buys_nothing(self, partner: Partner, behind: Behind, goods: Goods) -> None:
        order = await agreed(partner, Wanted(goods.one, 1), Wanted(goods.third, 1))
        stock = await _stock(partner, goods.one)
        await behind.change(goods.third, stock=0)
        await _refused(partner, behind, order, "sold_out")
        assert await _stock(partner, goods.one) == stock

    async def test_sold_out_at_the_last_moment_buys_nothing(
        self, partner: Partner, behind: Behind, goods: Goods
    ) -> None:
        order = await agreed(partner, Wanted(goods.one, 1))
        await behind.fault("sold-out")
        await _refused(partner, behind, order, "sold_out")

    async def test_more_than_there_is_buys_nothing(
        self, partner: Partner, behind: Behind, goods: Goods
    ) -> None:
        await behind.change(goods.one, stock=2)
        order = await agreed(partner, Wanted(goods.one, 3))
        await _refused(partner, behind, order, "sold_out")

    async def test_another_price_buys_nothing(self, partner: Partner, behind: Behind, goods: Goods) -> None:
        order = await agreed(partner, Wanted(goods.one, 1))
        await behind.fault("reprice")
        await _refused(partner, behind, order, "price_changed")
        again = await agreed(partner, Wanted(goods.one, 1))
        assert again.lines[0].price.minor > order.lines[0].price.minor
        assert (await partner.place(again)).total == again.total

    async def test_another_shipping_price_buys_nothing(
        self, partner: Partner, behind: Behind, goods: Goods
    ) -> None:
        order = await agreed(partner, Wanted(goods.one, 1))
        cent = Money(1, order.total.currency)
        order = replace(order, shipping=order.shipping + cent, total=order.total + cent)
        await _refused(partner, behind, order, "price_changed")

    async def test_an_unknown_item_buys_nothing(self, partner: Partner, behind: Behind, goods: Goods) -> None:
        order = await agreed(partner, Wanted(goods.one, 1))
        lines = (replace(order.lines[0], sku="no-such-sku"),)
        await _refused(partner, behind, replace(order, lines=lines), "unknown_sku")

    async def test_a_part_is_said_to_be_a_part(self, partner: Partner, behind: Behind, goods: Goods) -> None:
        _needs(partner.capabilities.partial_acceptance, "takes all or nothing")
        order = await agreed(partner, Wanted(goods.one, 2))
        await behind.fault("partial")
        placed = await partner.place(order)
        [line] = placed.lines
        assert (line.accepted, line.backordered, line.refused, line.reason) == (1, 0, 1, "sold_out")
        assert placed.total == order.lines[0].price + order.shipping

    async def test_what_comes_later_has_a_date(self, partner: Partner, behind: Behind, goods: Goods) -> None:
        _needs(partner.capabilities.backorder, "has no backorders")
        order = await agreed(partner, Wanted(goods.one, 1))
        await behind.fault("partial")
        placed = await partner.place(order)
        [line] = placed.lines
        assert (line.accepted, line.backordered, line.refused) == (0, 1, 0)
        assert line.promised is not None
        assert placed.total == order.total

    async def test_status_follows_the_parcel(self, partner: Partner, behind: Behind, goods: Goods) -> None:
        order = await agreed(partner, Wanted(goods.one, 2), Wanted(goods.third, 1))
        placed = await partner.place(order)
        assert await partner.status(placed.reference, order.lines) == placed
        await behind.ship(placed.reference)
        shipped = await partner.status(placed.reference, order.lines)
        assert shipped.state == "shipped"
        [parcel] = shipped.shipments
        assert parcel.id
        assert parcel.carrier
        assert parcel.tracking
        assert parcel.shipped_at is not None
        assert parcel.delivered_at is None
        assert parcel.lines == (("line-0", 2), ("line-1", 1))
        assert shipped.lines == placed.lines
        if partner.capabilities.can_look_up:
            assert await partner.look_up(order.key) == shipped

    async def test_an_order_that_is_none_has_no_status(self, partner: Partner) -> None:
        with pytest.raises(BadResponse):
            await partner.status("N-999999", ())

    async def test_cancelled_before_it_left(self, partner: Partner, behind: Behind, goods: Goods) -> None:
        _needs(partner.capabilities.cancel, "never cancels")
        stock = await _stock(partner, goods.one)
        order = await agreed(partner, Wanted(goods.one, 2))
        placed = await partner.place(order)
        assert (await partner.cancel(placed.reference)).done is True
        assert (await partner.cancel(placed.reference)).done is True
        assert (await partner.status(placed.reference, order.lines)).state == "cancelled"
        assert (await booked(behind, order.key))[0]["state"] == "cancelled"
        assert await _stock(partner, goods.one) == stock

    async def test_cancelling_what_has_left_is_refused(
        self, partner: Partner, behind: Behind, goods: Goods
    ) -> None:
        _needs(partner.capabilities.cancel, "never cancels")
        order = await agreed(partner, Wanted(goods.one, 1))
        placed = await partner.place(order)
        await behind.ship(placed.reference)
        refused = await partner.cancel(placed.reference)
        assert (refused.done, refused.reason) == (False, "shipped")
        assert (await partner.status(placed.reference, order.lines)).state == "shipped"

    @pytest.mark.parametrize("fault", ["500", "429", "garbage"])
    async def test_asking_a_broken_partner_raises_only_our_errors(
        self, partner: Partner, behind: Behind, goods: Goods, fault: str
    ) -> None:
        order = await agreed(partner, Wanted(goods.one, 1))
        placed = await partner.place(order)
        kinds: tuple[type[AisleError], ...] = (BadResponse,) if fault == "garbage" else (TemporaryError,)
        await behind.fault(fault, 2, "any")
        with pytest.raises(kinds):
            await partner.status(placed.reference, order.lines)
        with pytest.raises(kinds):
            await partner.cancel(placed.reference)
        if partner.capabilities.can_look_up:
            await behind.fault(fault, 1, "any")
            with pytest.raises(kinds):
                await partner.look_up(order.key)
        await behind.fault("none")
        assert isinstance(await partner.status(placed.reference, order.lines), Placed)


def _only(partner: Partner, *classes: str) -> None:
    _needs(
        partner.capabilities.ordering_class in classes, f"is of class {partner.capabilities.ordering_class}"
    )


def _needs(able: bool, why: str) -> None:
    if not able:
        pytest.skip(f"this partner {why}")


async def _stock(partner: Partner, sku: str) -> int:
    offer = await partner.find(sku=sku)
    assert offer is not None
    return offer.available


async def _refused(partner: Partner, behind: Behind, order: PartnerOrder, reason: str) -> None:
    with pytest.raises(Rejected) as caught:
        await partner.place(order)
    assert caught.value.reason == reason
    assert await booked(behind, order.key) == []
    if partner.capabilities.can_look_up:
        assert await partner.look_up(order.key) is None
