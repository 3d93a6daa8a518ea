"""Finding an order: nobody reads another's; what is shown of it is true; cancelling says what came of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kiosk.tries import Tries
from tests.kiosk.driver import SIZES, Tab, open_tab
from tests.kiosk.real_store import PASSWORD, Store, open_shop


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_shop(tmp_path, {"north": "A", "berg": "B"}) as opened:
        yield opened


async def look_up(tab: Tab, number: str, proof: str) -> None:
    """Type both and press on."""
    await tab.type("order-number", number)
    await tab.type("proof", proof)
    await tab.tap("show-order")


@pytest.mark.parametrize("proof", ["jane@example.com", " Jane@Example.COM ", "10119", "101 19"])
async def test_number_with_email_or_postcode_shows_the_order(shop: Store, proof: str) -> None:
    async with open_tab(shop.device, "/orders") as tab:
        order = await shop.order(tab.session, "north")
        await look_up(tab, order.number.lower(), proof)
        assert tab.session.look.route == f"/orders/{order.number}"
        assert tab.words("order-number") == [order.number]
        assert "€134.90" in tab.words()


@pytest.mark.parametrize("proof", ["john@example.com", "10115", "Jane Miller", "1"])
async def test_a_wrong_proof_says_no_more_than_a_wrong_number(shop: Store, proof: str) -> None:
    async with open_tab(shop.device, "/orders") as tab:
        order = await shop.order(tab.session, "north")
        await look_up(tab, order.number, proof)
        said = tab.words("unknown-order")
        await look_up(tab, "NO-SUCH-1", "jane@example.com")
        assert tab.words("unknown-order") == said
        assert tab.session.look.route == "/orders"
        assert tab.session.order is None


async def test_what_is_missing_is_said_at_its_field(shop: Store) -> None:
    async with open_tab(shop.device, "/orders") as tab:
        await tab.tap("show-order")
        assert tab.words("order-number-error") == ["Please type the number from the mail or the screen."]
        assert tab.words("proof-error") == [
            "Please type one of the two, so that nobody else sees your order."
        ]


async def test_guessing_costs_a_minute_that_starting_over_does_not_save(shop: Store) -> None:
    async with open_tab(shop.device, "/orders") as tab:
        order = await shop.order(tab.session, "north")
        for guess in range(5):
            await look_up(tab, order.number, f"1011{guess}")
        tab.session.reset()
        await tab.settle()
        await tab.go("/orders")
        await look_up(tab, order.number, "10119")
        assert tab.words("too-many-tries") == ["Too many tries. Please wait 60 seconds, or ask an associate."]
        assert tab.session.look.route == "/orders"
        tab.clock.now += 60
        await tab.tap("show-order")
        assert tab.session.look.route == f"/orders/{order.number}"


def test_a_right_guess_starts_the_count_again() -> None:
    tries = Tries()
    for _ in range(4):
        tries.fail(0.0)
    tries.clear()
    for _ in range(4):
        tries.fail(0.0)
    assert tries.wait(0.0) == 0
    tries.fail(0.0)
    assert tries.wait(0.5) == 60


async def test_the_address_of_another_order_leads_to_the_look_up(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        mine = await shop.order(tab.session, "north")
        other = await shop.order(tab.session, "north")
        tab.session.order = mine.id
        await tab.go(f"/orders/{mine.number}")
        assert tab.words("order-number") == [mine.number]
        await tab.go(f"/orders/{other.number}")
        assert tab.session.look.route == "/orders"
        assert other.number not in tab.words()


async def test_staff_need_no_proof(shop: Store) -> None:
    shop.employ("mara")
    async with open_tab(shop.device) as tab:
        order = await shop.order(tab.session, "north")
        tab.session.associate = shop.device.sign_in("mara", PASSWORD)
        await tab.go("/orders")
        assert "proof" not in tab.names()
        await tab.type("order-number", order.number)
        await tab.tap("show-order")
        assert tab.words("order-number") == [order.number]


async def test_the_scanned_code_of_an_order_fills_its_number_in(shop: Store) -> None:
    async with open_tab(shop.device, "/search") as tab:
        order = await shop.order(tab.session, "north")
        tab.session.scan(order.number, "wedge", 0.0)
        await tab.settle()
        assert tab.session.look.route == f"/orders?number={order.number}"
        assert tab.text("order-number") == order.number
        assert tab.session.order is None


async def test_our_own_digits_go_to_the_field_that_was_touched(shop: Store) -> None:
    async with open_tab(shop.device, "/orders") as tab:
        await tab.tap("key-1")
        await tab.focus("proof")
        await tab.tap("key-2")
        await tab.tap("key-3")
        await tab.tap("key-delete")
        assert (tab.text("order-number"), tab.text("proof")) == ("1", "2")


# -- one order ---------------------------------------------------------------------------------------------


async def show(shop: Store, tab: Tab, *partners: str) -> str:
    """Order from ``partners``, place it, and open it as its customer; its id."""
    order = await shop.order(tab.session, *partners)
    await shop.device.worker.drain()
    tab.session.order = order.id
    await tab.go(f"/orders/{order.number}")
    return order.id


async def test_each_line_says_where_it_stands_with_its_tracking(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await show(shop, tab, "north", "berg")
        assert "Placed" in tab.words("parcel-north")
        (booking,) = shop.partners["north"].bookings
        shop.partners["north"].ship(booking.placed.reference)
        shop.device.queue.hurry(followed=True)
        await shop.device.worker.drain()
        await tab.settle()
        north, berg = tab.words("parcel-north"), tab.words("parcel-berg")
        assert north[:2] == ["Parcel 1 of 2, from Nordic Outfitters", f"NordPost T{booking.placed.reference}"]
        assert "On its way" in north
        assert "Placed" in berg
        assert berg[-1].startswith("On its way by ")


async def test_cancelling_asks_first_and_no_changes_nothing(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await show(shop, tab, "north")
        await tab.tap("cancel")
        await tab.tap("cancel-no")
        assert "cancel-question" not in tab.names()
        assert shop.partners["north"].bookings[0].placed.state == "accepted"


async def test_a_cancelled_order_is_cancelled_at_the_partner(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await show(shop, tab, "north", "berg")
        await tab.tap("cancel")
        await tab.tap("cancel-yes")
        await tab.until(lambda: "cancel-cancelled" in tab.names())
        assert [p.bookings[0].placed.state for p in shop.partners.values()] == ["cancelled", "cancelled"]
        assert "Cancelled" in tab.words("parcel-north")
        assert "cancel" not in tab.names()


async def test_a_partner_that_has_sent_it_refuses_and_that_is_said(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await show(shop, tab, "north")
        shop.partners["north"].ship(shop.partners["north"].bookings[0].placed.reference)
        await tab.tap("cancel")
        await tab.tap("cancel-yes")
        await tab.until(lambda: "cancel-refused" in tab.names())
        assert tab.words("cancel-refused") == [
            "This cannot be cancelled any more: a partner has sent it or said no."
        ]


async def test_a_partner_that_does_not_answer_is_only_asked(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await show(shop, tab, "north")
        shop.partners["north"].faults.plan("500", None, on="cancel")
        await tab.tap("cancel")
        await tab.tap("cancel-yes")
        await tab.until(lambda: "cancel-asked" in tab.names())
        assert "Placed" in tab.words("parcel-north")
        assert tab.can_tap("cancel")


async def test_what_is_on_its_way_cannot_be_cancelled(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await show(shop, tab, "north")
        assert tab.can_tap("cancel")
        shop.partners["north"].ship(shop.partners["north"].bookings[0].placed.reference)
        shop.device.queue.hurry(followed=True)
        await shop.device.worker.drain()
        await tab.settle()
        assert "cancel" not in tab.names()


async def test_a_visit_that_has_ended_cancels_nothing(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await show(shop, tab, "north")
        await tab.tap("cancel")
        tab.session.order = None
        await tab.tap("cancel-yes")
        assert tab.session.look.route == "/orders"
        assert shop.partners["north"].bookings[0].placed.state == "accepted"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("language", ["en", "de", "ar"])
@pytest.mark.parametrize("form", sorted(SIZES))
async def test_both_screens_are_drawn_in_whatever_form_theme_and_language(
    shop: Store, form: str, language: str, dark: bool
) -> None:
    async with open_tab(shop.device, "/orders", form=form, language=language, dark=dark) as tab:
        assert {"order-number", "proof", "show-order"} <= set(tab.names())
        await show(shop, tab, "north", "berg")
        await tab.tap("cancel")
        assert {"order-number", "parcel-north", "what-happened", "cancel-yes"} <= set(tab.names())
        assert "trouble" not in tab.names()
