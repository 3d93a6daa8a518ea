"""The idle screen as a passer-by sees it, in every form."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.kiosk_window import SIZES, Kiosk, window


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_idle_screen_is_drawn_in_every_form(
    browser: Browser, kiosk: Kiosk, width: int, height: int
) -> None:
    with window(browser, width, height) as seen:
        seen.open(kiosk.urls[0])
        expect(seen.named("scan")).to_be_attached()
        expect(seen.named("search")).to_be_attached()
        seen.shoot("attract")


def test_nothing_is_asked_of_any_other_machine(browser: Browser, kiosk: Kiosk) -> None:
    with window(browser) as seen:
        answered: list[str] = []
        seen.page.on("response", lambda response: answered.append(response.url))
        seen.open(kiosk.urls[0])
        expect(seen.named("scan")).to_be_attached()
        seen.page.wait_for_load_state("networkidle")
        elsewhere = [url for url in answered if not url.startswith((kiosk.base, "data:", "blob:"))]
        assert elsewhere == []


def test_a_reloaded_window_comes_back(browser: Browser, kiosk: Kiosk) -> None:
    with window(browser) as seen:
        seen.open(kiosk.urls[0])
        expect(seen.named("scan")).to_be_attached()
        seen.open(seen.page.url)
        expect(seen.named("scan")).to_be_attached()
        assert seen.page.url == f"{kiosk.base}/"


def test_arabic_reads_from_right_to_left(browser: Browser, kiosk: Kiosk) -> None:
    with window(browser) as seen:
        seen.open(kiosk.urls[0])
        before = seen.named("scan").bounding_box()
        seen.tap("language-ar")
        expect(seen.page.get_by_text("لدينا ما تريد.")).to_be_attached()
        seen.shoot("attract-rtl")
        after = seen.named("scan").bounding_box()
        assert before is not None
        assert after is not None
        assert before["x"] < 640 < after["x"]
