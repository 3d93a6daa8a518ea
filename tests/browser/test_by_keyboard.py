"""With a keyboard alone, in a real browser: the focus never goes where nobody sees it."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser.kiosk_window import SIZES, Pace, Window, window
from tests.browser.real_device import OpenStore
from tests.browser.test_find import JACKET, begin

LANDSCAPE, _, _ = SIZES
SMALLER = "4099101001012"  # the same jacket in S
FOCUSED = """() => document.activeElement?.closest('[flt-semantics-identifier]')
    ?.getAttribute('flt-semantics-identifier') ?? ''"""


def tab_on(seen: Window) -> str:
    """Press Tab and give the name of what has the focus then; fails when that is nothing that can be seen."""
    before = str(seen.page.evaluate(FOCUSED))
    seen.page.keyboard.press("Tab")
    moved = f"before => {{ const now = ({FOCUSED})(); return now && now !== before && now }}"
    return str(seen.page.wait_for_function(moved, arg=before).json_value())  # it moves with the next frame


def test_tab_stays_in_the_open_sheet_and_comes_back_to_the_page(
    browser: Browser, open_store: OpenStore
) -> None:
    with open_store() as store, window(browser, *LANDSCAPE) as seen:
        begin(seen, store.kiosk, "/search")
        expect(seen.named("product-JK101")).to_be_attached()
        assert [tab_on(seen) for _ in range(3)] == ["back", "search-text", "scan"]
        seen.tap("filters")
        expect(seen.named("filter-available")).to_be_attached()
        focused = [tab_on(seen) for _ in range(4)]
        assert focused == ["filters-close", "filter-available", "filter-size-XS", "filter-size-S"]
        seen.page.keyboard.press("Space")
        expect(seen.named("filter-size-S")).to_have_attribute("aria-current", "true")
        seen.page.keyboard.press("Escape")
        expect(seen.named("filter-sheet")).not_to_be_attached()
        expect(seen.named("active-size")).to_be_attached()
        assert tab_on(seen) in ("back", "search-text", "scan", "cart", "filters")
        seen.tap("active-size")
        expect(seen.named("active-size")).not_to_be_attached()


def test_the_enter_of_a_hand_scanner_presses_no_button(
    browser: Browser, open_store: OpenStore, pace: Pace
) -> None:
    with open_store() as store, window(browser, *LANDSCAPE) as seen:
        begin(seen, store.kiosk, f"/scan?code=0{JACKET}")
        expect(seen.named("scan-found")).to_be_attached()
        seen.resting("see-it")
        seen.named("see-it").get_by_role("button").focus()
        seen.page.wait_for_function(f"() => ({FOCUSED})() === 'see-it'")
        pace.between = 0.005
        pace.now += 2.0
        seen.page.keyboard.type(SMALLER, delay=5)
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_url(f"**/scan?code=0{SMALLER}")
        pace.between = 0.5
        seen.resting("see-it")
        seen.named("see-it").get_by_role("button").focus()
        seen.page.wait_for_function(f"() => ({FOCUSED})() === 'see-it'")
        seen.page.keyboard.press("Enter")
        seen.page.wait_for_url(f"**/product/JK101?gtin=0{SMALLER}")
