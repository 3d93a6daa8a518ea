"""The idle screen."""

from __future__ import annotations

import pytest

from kiosk.strings import LANGUAGES
from kiosk.theme import DARK, LIGHT
from tests.kiosk.driver import SIZES, open_tab
from tests.kiosk.fake_device import FakeDevice


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("form", sorted(SIZES))
async def test_it_offers_both_ways_in_whatever_form_theme_and_language(
    form: str, language: str, dark: bool
) -> None:
    async with open_tab(FakeDevice(), form=form, language=language, dark=dark) as tab:
        assert {"scan", "search", "find-order", "staff"} <= set(tab.names())
        assert {f"language-{code}" for code in LANGUAGES} <= set(tab.names())
        assert tab.page.rtl is (language == "ar")
        assert tab.page.bgcolor == (DARK if dark else LIGHT).bg


async def test_the_language_of_the_visit_changes_with_a_tap() -> None:
    async with open_tab(FakeDevice()) as tab:
        await tab.tap("language-de")
        assert tab.words("scan") == ["Etikett scannen"]
        await tab.tap("language-ar")
        assert tab.words("scan") == ["امسح البطاقة"]
        assert tab.page.rtl is True


@pytest.mark.parametrize(
    ("name", "route"),
    [("scan", "/scan"), ("search", "/search"), ("find-order", "/orders"), ("staff", "/staff")],
)
async def test_a_tap_leads_on(name: str, route: str) -> None:
    async with open_tab(FakeDevice()) as tab:
        await tab.tap(name)
        assert tab.session.look.route == route


async def test_it_stands_without_pictures_and_takes_them_when_they_come() -> None:
    device = FakeDevice()
    listings, device.listings = device.listings, {}
    async with open_tab(device) as tab:
        assert pictures(tab.walk()) == []
        device.listings = listings
        device.tell("catalogue")
        await tab.settle()
        shown = [str(name).removeprefix("/pictures/").partition("-")[0] for name in pictures(tab.walk())]
        # One of each category in turn, home, apparel, footwear, accessories, in two columns; then what is left.
        assert shown[:6] == ["LP301", "RN203", "VS304", "SN201", "CH302", "MG303"]
        assert shown[6:] == ["JK101", "BP401", "KN102", "BN402", "CO106", "PT306"]
        device.listings = {"TE105": listings["TE105"]}
        device.tell("catalogue")
        await tab.settle()
        assert len(pictures(tab.walk())) == len(shown), "what is shown does not move by itself"


def pictures(controls: object) -> list[object]:
    """The addresses of all pictures."""
    return [control.src for control in controls if type(control).__name__ == "Image"]  # type: ignore[attr-defined]
