"""Staff corner: who may come in, what they see first, and what they may decide."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kiosk.screens.staff_decide import NotAllowed, allowed
from retail.status import LineStatus
from sync.associates import Associate
from tests.kiosk.driver import SIZES, Tab, open_tab
from tests.kiosk.real_store import PASSWORD, Store, open_shop


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_shop(tmp_path, {"north": "A", "berg": "C"}) as opened:
        opened.employ("mara")
        opened.employ("anna", "manager")
        yield opened


async def sign_in(tab: Tab, user: str, password: str = PASSWORD) -> None:
    """Sign in on the screen."""
    await tab.go("/staff")
    await tab.type("user", user)
    await tab.type("password", password)
    await tab.tap("sign-in")
    await tab.until(lambda: "sign-in" not in tab.names() or tab.can_tap("sign-in"))


def signed_in(tab: Tab) -> tuple[str, str]:
    """Who is signed in, "" for nobody, and what is shown."""
    who = tab.session.associate
    return who.user if who else "", tab.session.look.route


async def lose_one(shop: Store, tab: Tab) -> str:
    """An order of which nobody knows if Bergmann took it; the key of that part."""
    shop.partners["berg"].faults.plan("garbage", on="place")
    await shop.order(tab.session, "berg")
    await shop.device.worker.drain()
    shop.device.queue.hurry()
    await shop.device.worker.drain()
    (record,) = shop.device.orders(needs_person=True)
    return record.partner_orders[0].key


# -- signing in --------------------------------------------------------------------------------------------


async def test_a_right_password_opens_the_corner_and_is_kept_nowhere(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await sign_in(tab, "Mara ")
        assert tab.session.look.route == "/staff/home"
        assert tab.session.associate == Associate("mara", "Mara Lind", "associate")
        assert not any(tab.session.draft.values.values())


async def test_a_wrong_password_says_so_and_empties_the_field(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await sign_in(tab, "mara", "wrong")
        assert tab.words("refused-wrong") == ["User name or password is not right. Please try again."]
        assert (tab.text("user"), tab.text("password")) == ("mara", "")
        assert tab.session.associate is None


async def test_too_many_tries_say_how_long_to_wait(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        for _ in range(4):
            await sign_in(tab, "mara", "wrong")
        await sign_in(tab, "mara", "wrong")
        assert tab.words("refused-locked") == ["Too many tries. Please wait 1 minute, then try again."]
        await sign_in(tab, "mara", PASSWORD)
        assert "refused-locked" in tab.names()
        assert tab.session.associate is None


async def test_what_is_missing_is_said_at_its_field(shop: Store) -> None:
    async with open_tab(shop.device, "/staff") as tab:
        await tab.tap("sign-in")
        assert tab.words("user-error") == ["Please type your user name."]
        assert tab.words("password-error") == ["Please type your password."]


async def test_signing_out_and_going_away_both_end_it(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await sign_in(tab, "mara")
        await tab.tap("sign-out")
        assert signed_in(tab) == ("", "/")
        await sign_in(tab, "mara")
        await tab.wait(0)
        await tab.wait(119)
        assert signed_in(tab) == ("mara", "/staff/home")
        await tab.wait(1)
        assert signed_in(tab) == ("", "/")
        for route in ("/staff/home", "/staff/decide/x"):
            await tab.go(route)
            assert "staff-only" in tab.names()


# -- home --------------------------------------------------------------------------------------------------


async def test_home_shows_what_needs_a_person_the_queue_the_links_and_the_last_orders(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await lose_one(shop, tab)
        await shop.order(tab.session, "north")
        await shop.device.worker.drain()
        waiting = await shop.order(tab.session, "north")
        await sign_in(tab, "mara")
        number = shop.device.orders(needs_person=True)[0].order.number
        tasks = tab.words("needs-person")
        assert tasks[:3] == ["Needs a person", "1", f"{number}: we do not know if Bergmann & Sohn took it"]
        assert tasks[3] == "We do not know if they took it. Call them before sending it again."
        figures = {name: tab.words(name)[0] for name in tab.names() if name.startswith("figure-")}
        assert figures["figure-waiting"] == "1"
        assert figures["figure-placed"] == "1"
        assert figures["figure-person"] == "1"
        assert figures["figure-unsynced"] == "3"
        assert figures["figure-oldest"].endswith(" s")
        assert tab.words("partner-north") == ["Nordic Outfitters", "Answers"]
        assert "Not connected" in tab.words("queue")
        assert tab.words(f"order-{waiting.number}")[2] == "Waiting to be sent"
        await tab.tap(f"order-{waiting.number}")
        assert tab.words("order-number") == [waiting.number]


async def test_home_follows_the_queue_live(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await sign_in(tab, "mara")
        assert tab.words("needs-person") == ["Needs a person", "Nothing. All orders go their way."]
        order = await shop.order(tab.session, "north")
        await tab.settle()
        assert tab.words(f"order-{order.number}")[2] == "Waiting to be sent"
        await shop.device.worker.drain()
        await tab.settle()
        assert tab.words(f"order-{order.number}")[2] == "Placed"


async def test_nothing_of_it_is_built_for_a_customer(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        key = await lose_one(shop, tab)
        for route in ("/staff/home", f"/staff/decide/{key}"):
            await tab.go(route)
            assert tab.names() == ["back", "staff-only", "sign-in"]


async def test_the_dark_theme_is_a_tap_away(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await sign_in(tab, "mara")
        await tab.tap("theme")
        assert tab.session.look.dark is True


# -- deciding ----------------------------------------------------------------------------------------------


async def test_they_have_it_keeps_their_number_and_sends_nothing(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        key = await lose_one(shop, tab)
        await sign_in(tab, "mara")
        await tab.go(f"/staff/decide/{key}")
        await tab.tap("they-have-it")
        await tab.tap("settle")
        assert tab.words("reference-error") == ["Please type the partner's order number."]
        await tab.type("reference", "B-4711")
        await tab.tap("settle")
        await tab.until(lambda: tab.session.look.route == "/staff/home")
        (record,) = shop.device.orders()
        assert (record.states[0].status(), record.states[0].reference) == (LineStatus.ACCEPTED, "B-4711")
        await shop.device.worker.drain()
        assert shop.partners["berg"].requests == 1
        assert tab.words("needs-person")[1] == "Nothing. All orders go their way."


async def test_they_do_not_have_it_asks_once_more_and_sends_it_again(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        key = await lose_one(shop, tab)
        shop.partners["berg"].bookings.clear()
        await sign_in(tab, "mara")
        await tab.go(f"/staff/decide/{key}")
        await tab.tap("send-again")
        await shop.device.worker.drain()
        assert shop.partners["berg"].requests == 1
        await tab.tap("settle")
        await tab.until(lambda: tab.session.look.route == "/staff/home")
        await shop.device.worker.drain()
        assert shop.partners["berg"].requests == 2
        assert shop.device.orders()[0].states[0].status() == LineStatus.ACCEPTED


async def test_cancelling_is_for_managers(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        key = await lose_one(shop, tab)
        await sign_in(tab, "mara")
        await tab.go(f"/staff/decide/{key}")
        assert "cancel" not in tab.names()
        await sign_out_and_in(tab, "anna")
        await tab.go(f"/staff/decide/{key}")
        await tab.tap("cancel")
        await tab.tap("settle")
        await tab.until(lambda: tab.session.look.route == "/staff/home")
        assert shop.device.orders()[0].states[0].status() == LineStatus.CANCELLED


async def test_who_may_decide_is_checked_when_it_is_done(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        key = await lose_one(shop, tab)
        await sign_in(tab, "anna")
        await tab.go(f"/staff/decide/{key}")
        await tab.tap("cancel")
        tab.session.associate = Associate("mara", "Mara Lind", "associate")
        await tab.tap("settle")
        assert tab.words("not-allowed") == ["Only a manager can do this. Please ask one to sign in."]
        tab.session.associate = None
        await tab.tap("settle")
        assert shop.device.orders()[0].states[0].status() == LineStatus.NEEDS_PERSON


def test_nobody_decides_without_being_signed_in() -> None:
    for decision in ("placed", "not placed", "cancelled"):
        with pytest.raises(NotAllowed):
            allowed(None, decision)
    mara = Associate("mara", "Mara Lind", "associate")
    assert allowed(mara, "placed") is mara
    with pytest.raises(NotAllowed):
        allowed(mara, "cancelled")


async def test_what_was_settled_meanwhile_is_said_and_changes_nothing(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        key = await lose_one(shop, tab)
        await sign_in(tab, "mara")
        await tab.go(f"/staff/decide/{key}")
        await tab.tap("send-again")
        await shop.device.settle(key, "placed", reference="B-1", associate="anna")
        await tab.tap("settle")
        await tab.until(lambda: "settled" in tab.names())
        assert shop.device.orders()[0].states[0].reference == "B-1"


async def test_a_changed_price_is_the_customers_to_agree_to(shop: Store) -> None:
    shop.partners["berg"].faults.plan("reprice")
    async with open_tab(shop.device) as tab:
        await shop.order(tab.session, "berg")
        await shop.device.worker.drain()
        (record,) = shop.device.orders(needs_person=True)
        await sign_in(tab, "mara")
        assert "They want another price now, so nothing was bought. Ask the customer." in tab.words()
        await tab.tap(f"decide-{record.partner_orders[0].number}")
        assert "they-have-it" not in tab.names()
        assert tab.words("send-again") == ["Send it again as agreed"]


async def sign_out_and_in(tab: Tab, user: str) -> None:
    """Another associate takes over."""
    tab.session.reset()
    await tab.settle()
    await sign_in(tab, user)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("language", ["en", "de", "ar"])
@pytest.mark.parametrize("form", sorted(SIZES))
async def test_every_screen_is_drawn_in_whatever_form_theme_and_language(
    shop: Store, form: str, language: str, dark: bool
) -> None:
    async with open_tab(shop.device, "/staff", form=form, language=language, dark=dark) as tab:
        assert {"user", "password", "sign-in"} <= set(tab.names())
        key = await lose_one(shop, tab)
        tab.session.associate = Associate("anna", "Anna Lind", "manager")
        await tab.go("/staff/home")
        assert {"needs-person", "queue", "partners", "recent", "sign-out"} <= set(tab.names())
        await tab.go(f"/staff/decide/{key}")
        await tab.tap("they-have-it")
        assert {"what", "really", "reference", "settle"} <= set(tab.names())
        assert "trouble" not in tab.names()
