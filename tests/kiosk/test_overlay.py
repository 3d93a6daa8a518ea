"""The idle warning: what it says aloud, and what is gone when nobody answers it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import flet as ft
import pytest

from kiosk.idle import Idle
from tests.kiosk.driver import SIZES, Tab, open_tab
from tests.kiosk.real_store import JACKET, PASSWORD, Store, open_shop, to_payment


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_shop(tmp_path) as opened:
        opened.employ("mara")
        yield opened


def spoken(tab: Tab) -> str:
    """What a screen reader says of the countdown."""
    (live,) = [part for part in tab.walk(tab.named("idle-warning")) if getattr(part, "live_region", False)]
    assert isinstance(live, ft.Semantics)
    return str(live.label)


async def test_the_countdown_is_spoken_at_30_15_and_5_seconds_only(shop: Store) -> None:
    async with open_tab(shop.device, "/search") as tab:
        await tab.wait(0)
        await tab.wait(89)
        said, shown = [], []
        for _ in range(30):
            await tab.wait(1)
            said.append(spoken(tab))
            shown.append(tab.words("idle-warning")[1])
        assert len(set(shown)) == 30
        changes = [text for before, text in zip(["", *said], said, strict=False) if text != before]
        rest = "we clear the cart and everything you typed, so that nobody else sees it."
        assert changes == [f"In {seconds} seconds {rest}" for seconds in (30, 15, 5)]


async def test_everything_of_a_customer_is_gone_when_nobody_answers(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await tab.tap("language-de")
        await shop.add(tab.session, "north", JACKET)
        await tab.go("/checkout")
        await to_payment(tab)
        await tab.type("receipt", "T-1")
        tab.session.associate = shop.device.sign_in("mara", PASSWORD)
        visit = tab.session.look.visit
        await tab.wait(0)
        await tab.wait(120)
        session = tab.session
        assert (session.look.route, session.look.visit, session.look.language) == ("/", visit + 1, "en")
        assert (session.cart.cart.lines, session.cart.before) == ((), None)
        assert (session.quote, session.order, session.associate) == (None, None, None)
        assert session.draft.values == {}
        await shop.add(session, "north", JACKET)
        await tab.go("/checkout")
        assert tab.text("name") == ""
        assert shop.device.orders() == ()


async def test_what_was_typed_on_other_forms_goes_too(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        for route, field in (("/orders", "proof"), ("/staff", "password")):
            await tab.go(route)
            await tab.type(field, "secret")
            await tab.wait(0)
            await tab.wait(120)
            assert tab.session.look.route == "/"
            await tab.go(route)
            assert tab.text(field) == ""


async def test_a_tap_beside_the_card_keeps_everything(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await shop.add(tab.session, "north", JACKET)
        await tab.go("/checkout")
        await tab.type("name", "Jane")
        await tab.wait(0)
        await tab.wait(100)
        tab.session.idle.touch()
        await tab.settle()
        assert "idle-warning" not in tab.names()
        assert tab.text("name") == "Jane"


@pytest.mark.parametrize("form", sorted(SIZES))
async def test_it_is_drawn_in_every_form(shop: Store, form: str) -> None:
    async with open_tab(shop.device, "/search", form=form, dark=True, language="ar") as tab:
        await tab.wait(0)
        await tab.wait(100)
        assert {"idle-warning", "keep-going", "done"} <= set(tab.names())


def test_a_countdown_needs_no_patience_and_a_fresh_start_forgets_it() -> None:
    idle = Idle()
    idle.count_down(45)
    idle.tick(0.0)
    assert (idle.phase, idle.left, idle.drawn) == ("warned", 45, False)
    idle.tick(44.0)
    assert idle.left == 1
    idle.fresh()
    idle.tick(100.0)
    assert (idle.phase, idle.left, idle.drawn) == ("active", 30, True)
