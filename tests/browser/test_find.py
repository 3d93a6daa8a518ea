"""Finding something: searching, scanning and looking at a product, in a real browser on the real device."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.kiosk_window import SIZES, window
from tests.browser.real_device import OpenStore


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_search_shows_the_catalogue_with_its_pictures(
    browser: Browser, open_store: OpenStore, width: int, height: int
) -> None:
    with open_store() as store, window(browser, width, height) as seen:
        seen.open(store.kiosk.urls[0])
        expect(seen.named("search")).to_be_attached(timeout=20_000)
        seen.tap("search")
        expect(seen.named("product-JK101")).to_be_attached()
        seen.shoot("search")
