"""Finding something: searching, scanning and looking at a product, in a real browser on the real device."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from assets.tools.make_camera_film import make_film
from tests.browser.kiosk_window import SIZES, window
from tests.browser.real_device import DEMO, OpenStore


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


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A camera before which somebody holds the tag of the Alder rain jacket in ochre, size M."""
    path = tmp_path_factory.mktemp("film") / "tag.avi"
    make_film(DEMO / "codes" / "jk101-ochre-m.png", path)
    return path


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_tag_held_before_the_camera_leads_to_its_product(
    browser: Browser, open_store: OpenStore, film: Path, width: int, height: int
) -> None:
    with open_store(camera=str(film)) as store, window(browser, width, height) as seen:
        seen.open(store.kiosk.urls[0])
        expect(seen.named("scan")).to_be_attached(timeout=20_000)
        seen.tap("scan")
        expect(seen.named("scan-found")).to_be_attached(timeout=10_000)
        expect(seen.named("scan-found")).to_have_attribute("aria-label", re.compile("Alder rain jacket"))
        seen.shoot("scan-found")
        seen.tap("see-it")
        expect(seen.named("variant-Ochre-M")).to_have_attribute("aria-current", "true")
        seen.shoot("product")
        seen.tap("add-to-cart")
        expect(seen.named("go-to-cart")).to_be_attached()
        seen.tap("go-to-cart")
        expect(seen.named("check-out")).to_be_attached()
        seen.shoot("cart")
