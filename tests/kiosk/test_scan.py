"""Scanning by hand: typing the digits, hand scanners, and what a code leads to."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import flet as ft
import pytest

from kiosk.strings import LANGUAGES
from retail.codes import Code
from retail.errors import AisleError
from retail.gtin import Gtin
from retail.offer import Listing
from sync.associates import Associate
from sync.device import Found
from tests.kiosk.driver import SIZES, Tab, open_tab
from tests.kiosk.fake_device import FakeDevice, gtin

LAMP, JACKET = gtin(1), gtin(6)
NOBODYS = "4006381333931"


async def enter(tab: Tab, digits: str) -> None:
    """Type ``digits`` on our own keys."""
    for digit in digits:
        await tab.tap(f"key-{digit}")


# -- typing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dark_theme", [False, True])
@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("form", sorted(SIZES))
async def test_without_a_camera_the_keys_come_first(form: str, language: str, dark_theme: bool) -> None:
    async with open_tab(FakeDevice(), "/scan", form=form, language=language, dark=dark_theme) as tab:
        assert {f"key-{digit}" for digit in range(10)} <= set(tab.names())
        assert {"find-it", "back", "cart"} <= set(tab.names())
        assert "trouble" not in tab.names()
        assert "camera-note" not in tab.names()


async def test_typed_digits_find_the_product_on_the_tag() -> None:
    async with open_tab(FakeDevice(), "/scan") as tab:
        await enter(tab, JACKET.short[:5])
        assert not tab.can_tap("find-it")
        await enter(tab, JACKET.short[5:])
        assert tab.words("typed-digits") == ["4 012345 000061"]
        await tab.tap("find-it")
        await tab.until(lambda: "scan-found" in tab.names())
        words = tab.words("scan-found")
        assert words[:2] == ["Alder rain jacket", "Norrland · Ochre, M"]
        assert {"In stock", "from 2 partners", "€129.00", "by Tue 24 Nov"} <= set(words)
        await tab.tap("see-it")
        assert tab.session.look.route == f"/product/JK101?gtin={JACKET}"


@pytest.mark.parametrize(
    ("digits", "says"),
    [
        (JACKET.short[:-1] + "9", "with the others as they are, the last would be 1."),
        ("123456789", "has 8, 12, 13 or 14 digits"),
        ("00000000", "There is no number yet"),
    ],
)
async def test_digits_that_are_no_code_say_what_to_do(digits: str, says: str) -> None:
    async with open_tab(FakeDevice(), "/scan") as tab:
        await enter(tab, digits)
        await tab.tap("find-it")
        assert says in tab.words("typed-trouble")[0]
        assert tab.session.look.route == "/scan"
        await tab.tap("key-delete")
        assert "typed-trouble" not in tab.names()
        assert tab.words("typed-digits") != ["0 000000 000000"], "what was typed is kept"


async def test_a_real_keyboard_types_too_and_enter_finds() -> None:
    async with open_tab(FakeDevice(), "/scan") as tab:
        for key in (*LAMP.short, "Backspace", LAMP[-1]):
            tab.clock.now += 0.3  # a person, not a scanner
            await tab.press(key)
        tab.clock.now += 0.3
        await tab.press("Enter")
        await tab.until(lambda: "scan-found" in tab.names())
        assert tab.words("scan-found")[0] == "Dome table lamp"


async def test_keys_stop_at_fourteen_digits_and_clear_at_once() -> None:
    async with open_tab(FakeDevice(), "/scan") as tab:
        await enter(tab, "123456789012345678")
        assert tab.words("typed-digits") == ["1 234567 8901234"]
        await tab.tap("key-clear")
        assert tab.words("typed-digits") == ["0 000000 000000"]


# -- what a code leads to ----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", sorted(SIZES))
async def test_a_hand_scanner_opens_the_result_from_anywhere(form: str) -> None:
    async with open_tab(FakeDevice(), "/cart", form=form) as tab:
        await tab.press(*LAMP.short, "Enter")
        await tab.until(lambda: "scan-found" in tab.names())
        assert tab.words("scan-found")[0] == "Dome table lamp"
        tab.clock.now += 0.5  # what is pressed together with the scanner's last key would not count
        await tab.tap("scan-again")
        assert tab.session.look.route == "/scan"
        assert "find-it" in tab.names()


async def test_a_code_that_nobody_sells_says_so_and_leads_on() -> None:
    async with open_tab(FakeDevice(), f"/scan?code={NOBODYS}") as tab:
        await tab.until(lambda: "scan-unknown" in tab.names())
        assert tab.words("scan-unknown")[:3] == [
            "No partner here sells this",
            "4 006381 333931",
            "Check it against the tag, or search by name.",
        ]
        await tab.press(*LAMP.short, "Enter")
        await tab.until(lambda: "scan-found" in tab.names())


async def test_an_address_with_a_wrong_code_says_what_is_wrong_with_it() -> None:
    async with open_tab(FakeDevice(), f"/scan?code={NOBODYS[:-1]}2") as tab:
        await tab.until(lambda: "scan-wrong" in tab.names())
        assert "the last would be 1" in tab.words("scan-wrong")[1]
        await tab.tap("search-by-name")
        assert tab.session.look.route == "/search"


async def test_what_could_not_be_looked_up_is_said() -> None:
    class Broken(FakeDevice):
        async def by_code(self, code: Code) -> tuple[Found, ...]:
            raise AisleError("disk")

    async with open_tab(Broken(), f"/scan?code={LAMP}") as tab:
        await tab.until(lambda: "scan-failed" in tab.names())
        await tab.tap("scan-again")
        assert "find-it" in tab.names()


class Ambiguous(FakeDevice):
    """Two partners call different products "A-17", and the lamp's number is on a jacket, too."""

    async def by_code(self, code: Code) -> tuple[Found, ...]:
        mug, lamp, jacket = (self.listings[product] for product in ("MG303", "LP301", "JK101"))
        if code.gtin == LAMP:
            return (Found(lamp, LAMP), Found(jacket, JACKET))
        if code.text != "A-17":
            return await super().by_code(code)
        calls = ((mug, mug.product.variants[1].gtin, "bergmann"), (lamp, LAMP, "north"))
        return tuple(Found(called(listing, item, partner), item) for listing, item, partner in calls)


def called(listing: Listing, item: Gtin, partner: str) -> Listing:
    """``listing`` with ``partner`` calling its variant "A-17"."""
    offers = tuple(
        replace(offer, sku="A-17") if (offer.gtin, offer.partner) == (item, partner) else offer
        for offer in listing.offers
    )
    return Listing(listing.product, offers)


async def test_a_code_on_several_products_asks_which() -> None:
    async with open_tab(Ambiguous(), "/scan?sku=A-17") as tab:
        await tab.until(lambda: "scan-several" in tab.names())
        assert tab.words("scan-several")[0] == "Which one is it?"
        assert tab.words("choice-1")[:2] == ["Stoneware mug", "Kiln & Co · Sky · Bergmann & Sohn"]
        assert tab.words("choice-2")[:2] == ["Dome table lamp", "Studio Fem · Clay · Nordic Outfitters"]
        await tab.tap("choice-2")
        assert tab.session.look.route == f"/product/LP301?gtin={LAMP}"


async def test_a_product_number_on_several_products_says_what_differs() -> None:
    async with open_tab(Ambiguous(), f"/scan?code={LAMP}") as tab:
        await tab.until(lambda: "scan-several" in tab.names())
        assert "This number is on more than one product." in tab.words("scan-several")
        assert tab.words("choice-1")[1].startswith("Studio Fem · Clay · Home")
        assert tab.words("choice-2")[1].startswith("Norrland · Ochre, M · Apparel")


class Labelled(FakeDevice):
    """The store's own labels are digits that are no right product numbers, and a UPC-E is known as written out."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Code] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def by_code(self, code: Code) -> tuple[Found, ...]:
        self.asked.append(code)
        await self.gate.wait()
        known = {"12345678": LAMP, "4012345678902": JACKET}
        item = known.get(code.text) or (LAMP if Gtin("00042100005264") in code.also else None)
        listing = self.listings["LP301" if item == LAMP else "JK101"]
        return (Found(listing, item),) if item else await super().by_code(code)


@pytest.mark.parametrize(
    ("digits", "name"),
    [("12345678", "Dome table lamp"), ("4012345678902", "Alder rain jacket"), ("425261", "Dome table lamp")],
)
async def test_an_own_number_that_checks_nowhere_is_found_typed_and_scanned(digits: str, name: str) -> None:
    async with open_tab(Labelled(), "/scan") as tab:
        await enter(tab, digits)
        await tab.tap("find-it")
        await tab.until(lambda: "scan-found" in tab.names())
        assert (tab.words("scan-found")[0], tab.session.look.route) == (name, f"/scan?code={digits}")
        await tab.go("/cart")
        tab.clock.now += 2
        await tab.press(*digits, "Enter")
        await tab.until(lambda: "scan-found" in tab.names())
        assert (tab.words("scan-found")[0], tab.session.look.notice) == (name, "")


async def test_a_mistyped_number_is_not_asked_of_partners_as_if_it_were_theirs() -> None:
    device = Labelled()
    async with open_tab(device, "/scan") as tab:
        await enter(tab, JACKET.short[:-1] + "9")
        await tab.tap("find-it")
        await tab.until(lambda: "typed-trouble" in tab.names())
        await tab.press(*JACKET.short[:-1], "9", "Enter")
        await tab.until(lambda: bool(tab.session.look.notice))
    assert len(device.asked) == 2
    assert all(code.in_store for code in device.asked)


async def test_what_is_scanned_or_touched_next_ends_the_question_about_a_wrong_number() -> None:
    device = Labelled()
    async with open_tab(device, "/cart") as tab:
        for way_on, route in ((f"/scan?code={JACKET}", f"/scan?code={JACKET}"), ("/search", "/search")):
            device.gate.clear()
            await tab.press(*"12345678", "Enter")
            if way_on == route == "/search":
                tab.session.go(way_on)
            else:
                tab.session.scan(JACKET, "wedge", 99.0)
            device.gate.set()
            await tab.settle()
            assert (tab.session.look.route, tab.session.look.notice) == (route, "")


async def test_of_two_wrong_numbers_the_last_one_counts() -> None:
    device = Labelled()
    async with open_tab(device, "/cart") as tab:
        device.gate.clear()
        await tab.press(*"12345678", "Enter")
        await tab.press(*JACKET.short[:-1], "9", "Enter")
        device.gate.set()
        await tab.until(lambda: bool(tab.session.look.notice))
        assert tab.session.look.route == "/cart"


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "javascript:alert(document.cookie)",
    "https://evil.example/01/?a=1&b=2#c",
    "[press here](https://evil.example) **bold** {code} %s \\u0041",
    "'; DROP TABLE offers; --",
    "../../etc/passwd?sku=1&code=2#frag",
    "x" * 512,
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_what_a_code_says_is_shown_as_it_is_and_does_nothing(text: str) -> None:
    async with open_tab(FakeDevice(), "/search") as tab:
        tab.session.scan(text, "camera", 1.0, "QR")
        await tab.until(lambda: "scan-unknown" in tab.names())
        (shown,) = (each for each in tab.all(ft.Text) if each.value == text)
        assert shown.max_lines == 2
        assert shown.overflow == ft.TextOverflow.ELLIPSIS
        assert not shown.spans
        assert not tab.all(ft.Markdown)
        assert parse_qs(urlsplit(tab.session.look.route).query) == {"sku": [text]}
        assert tab.session.look.route.startswith("/scan?")


async def test_an_address_with_an_endless_code_is_cut_where_codes_end() -> None:
    async with open_tab(FakeDevice(), f"/scan?sku={'x' * 5000}") as tab:
        await tab.until(lambda: "scan-unknown" in tab.names())
        assert "x" * 512 in tab.words("scan-unknown")


async def test_a_variant_that_is_sold_out_says_that_others_are_not() -> None:
    async with open_tab(FakeDevice(), f"/scan?code={gtin(10)}") as tab:  # the jacket in pine, size S
        await tab.until(lambda: "scan-found" in tab.names())
        words = tab.words("scan-found")
        assert "Not available" in words
        assert "Others of it can be sent" in words
        assert tab.words("see-it") == ["See the others"]
        assert not any("€" in word for word in words)


async def test_a_late_answer_never_replaces_a_newer_one() -> None:
    class Slow(FakeDevice):
        def __init__(self) -> None:
            super().__init__()
            self.gate = asyncio.Event()

        async def by_code(self, code: Code) -> tuple[Found, ...]:
            if code.gtin == LAMP:
                await self.gate.wait()
            return await super().by_code(code)

    device = Slow()
    async with open_tab(device, f"/scan?code={LAMP}") as tab:
        assert "scan-asking" in tab.names()
        await tab.go(f"/scan?code={JACKET}")
        await tab.until(lambda: "scan-found" in tab.names())
        device.gate.set()
        await tab.settle()
        assert tab.words("scan-found")[0] == "Alder rain jacket"


async def test_associates_go_straight_to_what_can_be_had() -> None:
    async with open_tab(FakeDevice(), "/scan") as tab:
        tab.session.associate = Associate("mara", "Mara Lind", "associate")
        await tab.press(*LAMP.short, "Enter")
        await tab.until(lambda: tab.session.look.route == f"/product/LP301?gtin={LAMP}")
        await tab.press(*gtin(10).short, "Enter")  # sold out: that is worth a look
        await tab.until(lambda: "scan-found" in tab.names())
