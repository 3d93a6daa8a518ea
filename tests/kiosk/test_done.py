"""The confirmation: shown only with a safe order, and true to the word while that moves on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import cv2
import flet as ft
import numpy as np
import pytest

from kiosk.scanner import read_image
from tests.kiosk.driver import SIZES, Tab, open_tab
from tests.kiosk.real_store import HAT, JACKET, Store, open_shop, to_payment


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_shop(tmp_path, {"north": "A", "berg": "C"}) as opened:
        yield opened


async def buy(shop: Store, tab: Tab, *partners: str) -> None:
    """Order a jacket from each of ``partners`` on the screens."""
    for partner in partners:
        await shop.add(tab.session, partner, JACKET)
    await tab.go("/checkout")
    await to_payment(tab)
    await tab.type("receipt", "T-1")
    await tab.tap("place")
    await tab.until(lambda: tab.session.look.route == "/done")


def steps(tab: Tab) -> list[tuple[str, str]]:
    """The titles of the steps with how far each is."""
    names = [name for name in tab.names() if name.startswith("step-")]
    return [(tab.words(name)[0], name.rpartition("-")[2]) for name in names]


async def test_saved_is_not_placed_and_placed_is_not_on_its_way(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await buy(shop, tab, "north")
        assert tab.words("order-status") == [
            "Thank you. Your order is saved and is being placed with our partners now."
        ]
        assert steps(tab) == [
            ("Saved", "done"),
            ("Being placed with 1 partner", "now"),
            ("On its way", "todo"),
        ]
        await shop.device.worker.drain()
        await tab.settle()
        assert tab.words("order-status") == ["Thank you. Your order is placed."]
        assert steps(tab) == [("Saved", "done"), ("Placed with 1 partner", "done"), ("On its way", "todo")]
        (booking,) = shop.partners["north"].bookings
        shop.partners["north"].ship(booking.placed.reference)
        shop.device.queue.hurry(followed=True)
        await shop.device.worker.drain()
        await tab.settle()
        assert tab.words("order-status") == ["Your order is on its way."]
        assert steps(tab)[2] == ("On its way", "done")
        assert tab.words("step-2-done")[1] == f"NordPost T{booking.placed.reference}"


async def test_the_number_and_its_code_are_those_of_the_stored_order(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await buy(shop, tab, "north")
        (record,) = shop.device.orders()
        assert tab.words("order-number") == [record.order.number]
        (code,) = [image.src for image in tab.all(ft.Image) if isinstance(image.src, bytes)]
        picture = cv2.imdecode(np.frombuffer(code, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        framed = cv2.copyMakeBorder(picture, 40, 40, 40, 40, cv2.BORDER_CONSTANT, value=(255, 255, 255))
        assert read_image(framed.astype(np.uint8)) == [record.order.number]


async def test_offline_it_says_what_is_true_and_what_comes_next(shop: Store) -> None:
    for partner in shop.partners.values():
        partner.faults.plan("500", None, on="any")
    await shop.device.ping()
    async with open_tab(shop.device) as tab:
        shop.partners["north"].faults.plan("none")
        await shop.add(tab.session, "north", JACKET)
        shop.partners["north"].faults.plan("500", None, on="any")
        await tab.go("/checkout")
        await to_payment(tab)
        await tab.type("receipt", "T-1")
        await tab.tap("place")
        await tab.until(lambda: tab.session.look.route == "/done")
        assert tab.words("order-status") == [
            "Order saved on this device. We will place it as soon as the store is online."
        ]
        assert steps(tab)[1] == ("Waiting for the store to be online", "now")


async def test_partners_that_are_not_equally_far_are_told_apart(shop: Store) -> None:
    shop.partners["berg"].faults.plan("sold-out")
    async with open_tab(shop.device) as tab:
        await buy(shop, tab, "north", "berg")
        assert "partner-north" not in tab.names()
        await shop.device.worker.drain()
        await tab.settle()
        assert tab.words("partner-north") == ["Nordic Outfitters", "Placed"]
        assert tab.words("partner-berg") == ["Bergmann & Sohn", "Could not be had"]
        assert tab.words("order-status") == [
            "A part of your order could not be had. Please ask an associate for the money."
        ]
        assert ("A partner could not send it", "problem") in steps(tab)


@pytest.mark.parametrize(
    ("fault", "title"),
    [
        ("reprice", "The price has changed"),
        ("garbage", "An associate is looking into it"),
    ],
)
async def test_what_only_a_person_can_settle_is_said_so(shop: Store, fault: str, title: str) -> None:
    shop.partners["berg"].faults.plan(fault, on="place")
    async with open_tab(shop.device) as tab:
        await buy(shop, tab, "berg")
        await shop.device.worker.drain()
        shop.device.queue.hurry()
        await shop.device.worker.drain()
        await tab.settle()
        assert steps(tab)[1] == (title, "problem")
        assert tab.words("order-status") == [
            "Your order is saved. Something about it needs a person: please ask an associate."
        ]


async def test_an_order_of_which_nothing_could_be_had_is_not_called_placed(shop: Store) -> None:
    shop.partners["north"].faults.plan("sold-out")
    async with open_tab(shop.device) as tab:
        await buy(shop, tab, "north")
        await shop.device.worker.drain()
        await tab.settle()
        assert tab.words("order-status") == [
            "Our partners could not send this. Please ask an associate for your money."
        ]
        assert [state for _, state in steps(tab)] == ["done", "problem"]


async def test_it_counts_down_from_45_without_a_warning_and_a_touch_starts_again(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await buy(shop, tab, "north")
        await tab.wait(0)
        await tab.wait(10)
        assert tab.words("finish") == ["I'm done (35)"]
        assert "idle-warning" not in tab.names()
        tab.session.idle.touch()
        await tab.wait(0)
        await tab.wait(44)
        assert tab.words("finish") == ["I'm done (1)"]
        visit = tab.session.look.visit
        await tab.wait(1)
        assert (tab.session.look.route, tab.session.look.visit) == ("/", visit + 1)
        assert tab.session.clean()


async def test_i_am_done_wipes_at_once_and_the_next_visit_is_warned_as_usual(shop: Store) -> None:
    async with open_tab(shop.device, language="de") as tab:
        tab.session.speak("ar")
        await buy(shop, tab, "north")
        await tab.tap("finish")
        assert (tab.session.look.route, tab.session.look.language) == ("/", "de")
        assert tab.session.clean()
        await tab.go("/search")
        await tab.wait(0)
        await tab.wait(89)
        assert "idle-warning" not in tab.names()
        await tab.wait(1)
        assert "idle-warning" in tab.names()


async def test_whoever_scans_next_does_not_get_the_last_ones_order(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await buy(shop, tab, "north")
        order = shop.device.orders()[0].order
        await tab.press(*order.lines[0].gtin, "Enter")
        assert tab.session.order is None
        await tab.go(f"/orders/{order.number}")
        assert tab.session.look.route == "/orders"
        await tab.go("/done")
        assert "no-order" in tab.names()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("language", ["en", "de", "ar"])
@pytest.mark.parametrize("form", sorted(SIZES))
async def test_it_is_drawn_in_whatever_form_theme_and_language(
    shop: Store, form: str, language: str, dark: bool
) -> None:
    async with open_tab(shop.device, form=form, language=language, dark=dark) as tab:
        await shop.add(tab.session, "north", HAT)
        order = await shop.order(tab.session, "north")
        tab.session.order = order.id
        await tab.go("/done")
        assert {"order-number", "order-status", "what-happens", "keep", "finish"} <= set(tab.names())
        assert "trouble" not in tab.names()
