"""Our own letters on the screen, where the customer's own are not those of brands and e-mail addresses."""

from __future__ import annotations

import pytest

from tests.kiosk.driver import Tab, open_tab
from tests.kiosk.fake_device import FakeDevice
from tests.kiosk.test_search import products


def keys(tab: Tab) -> str:
    """The single characters on the keys, in the order in which they are drawn."""
    names = (name.removeprefix("key-") for name in tab.names() if name.startswith("key-"))
    return "".join(name for name in names if len(name) == 1)


async def test_brands_can_be_typed_among_arabic() -> None:
    async with open_tab(FakeDevice(), "/search", form="portrait", language="ar") as tab:
        await tab.tap("search-open")
        await tab.tap("key-ج")
        assert tab.words("search-words") == ["ج"]
        await tab.tap("key-delete")
        assert tab.words("key-other-letters") == ["abc"]
        await tab.tap("key-other-letters")
        for letter in "halden":
            await tab.tap(f"key-{letter}")
        await tab.until(lambda: products(tab) == ["RN203", "SN201"])
        assert tab.words("key-other-letters") == ["أبت"]
        await tab.tap("key-other-letters")
        assert "key-ج" in tab.names()


@pytest.mark.parametrize("language", ["en", "de"])
async def test_where_the_letters_are_latin_there_is_nothing_to_switch(language: str) -> None:
    async with open_tab(FakeDevice(), "/search", form="portrait", language=language) as tab:
        await tab.tap("search-open")
        assert "key-other-letters" not in tab.names()
        assert keys(tab).startswith("1234567890qw")


async def test_keyboards_begin_on_the_left_everywhere() -> None:
    # What is drawn first in a row stands on the right among Arabic.
    async with open_tab(FakeDevice(), "/search", form="portrait", language="ar") as tab:
        await tab.tap("search-open")
        assert keys(tab).startswith("0987654321دجح")
        await tab.tap("key-other-letters")
        assert keys(tab).startswith("0987654321poiuytrewq")


async def test_an_e_mail_address_can_be_typed_among_arabic() -> None:
    async with open_tab(FakeDevice(), "/product/JK101", form="tall", language="ar") as tab:
        await tab.tap("add-to-cart")
        await tab.go("/checkout")
        await tab.focus("email")
        await tab.tap("key-other-letters")
        for key in ("m", "a", "r", "a", "at", "x", "dot", "d", "e"):
            await tab.tap(f"key-{key}")
        assert tab.session.draft.get("email") == "mara@x.de"
        await tab.tap("key-marks")
        assert "key-other-letters" not in tab.names()
        assert tab.words("key-marks") == ["abc"]
        await tab.tap("key-marks")
        await tab.tap("key-other-letters")
        await tab.tap("key-marks")
        assert tab.words("key-marks") == ["أبت"]
