"""A reader that asks, in a real browser on the real device: a tag nobody can read, and two tags at once."""

from __future__ import annotations

import re
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from assets.tools.make_camera_film import make_film
from kiosk.scanner.blurred.known import KnownCodes
from partners.goods import load_assortment
from tests.browser.kiosk_window import PATIENCE, SIZES, Window, window
from tests.browser.real_device import DEMO, PARTNERS, OpenStore
from tests.browser.test_find import begin
from tests.kiosk.films import CODES, unread_film

LANDSCAPE, PORTRAIT, TALL = SIZES
JACKET_TAG, SHOE_TAG, NOBODYS = (
    CODES / name for name in ("jk101-ochre-m.png", "sn201-chalk-42.png", "kr433-camel.png")
)


@pytest.fixture(autouse=True)
def no_gaps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stalls is no tag that was away, and no camera that hangs."""
    monkeypatch.setattr("kiosk.scanner.accept.QUIET_SECONDS", 600.0)
    monkeypatch.setattr("kiosk.screens.scan_camera.SILENT_SECONDS", 600.0)


@pytest.fixture(scope="session")
def blurred(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A camera before which somebody holds the jacket's tag too close."""
    film = tmp_path_factory.mktemp("film") / "blurred.avi"
    goods = (load_assortment(DEMO / f"partner-{partner}.json").items for partner in PARTNERS)
    known = KnownCodes.of({int(item.gtin) for items in goods for item in items})
    return unread_film(JACKET_TAG, film, known, 2.0)


@pytest.fixture(scope="session")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A camera before which somebody holds two tags."""
    film = tmp_path_factory.mktemp("film") / "two.avi"
    make_film([JACKET_TAG, SHOE_TAG], film)
    return film


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_tag_that_cannot_be_read_is_asked_about(
    browser: Browser, open_store: OpenStore, blurred: Path, width: int, height: int
) -> None:
    with open_store(camera=str(blurred)) as store, window(browser, width, height) as seen:
        begin(seen, store.kiosk, "/scan")
        expect(seen.named("scan-guess")).to_be_attached()
        expect(seen.named("scan-guess")).to_have_attribute("aria-label", re.compile("Is it this one?"))
        seen.shoot("scan-guess", still=False)
        seen.tap("guess-no")
        expect(seen.named("scan-guess")).not_to_be_attached()
        expect(seen.named("type-number")).to_be_attached()


def test_yes_leads_to_the_product_and_two_tags_are_told_apart(
    browser: Browser, open_store: OpenStore, blurred: Path, two: Path, tmp_path: Path
) -> None:
    film = tmp_path / "film.avi"
    film.write_bytes(blurred.read_bytes())
    with open_store(camera=str(film)) as store, window(browser, *LANDSCAPE) as seen:
        begin(seen, store.kiosk, "/scan")
        expect(seen.named("guess-yes")).to_be_attached()
        seen.tap("guess-yes")
        expect(seen.named("variant-Ochre-M")).to_have_attribute("aria-current", "true")
        film.write_bytes(two.read_bytes())
        seen.open(f"{store.kiosk.base}/scan")
        expect(seen.named("scan-several")).to_be_attached()
        choose(seen, "Court low sneaker")
        expect(seen.named("add-to-cart")).to_be_attached()
        assert "/product/SN201" in seen.page.url


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_two_tags_have_their_numbers_on_the_picture(
    browser: Browser, open_store: OpenStore, two: Path, width: int, height: int
) -> None:
    with open_store(camera=str(two)) as store, window(browser, width, height) as seen:
        begin(seen, store.kiosk, "/scan")
        expect(seen.named("choice-2")).to_be_attached()
        seen.shoot("scan-several", still=False)
        seen.tap("scan-again")
        expect(seen.named("scan-several")).not_to_be_attached()


def test_a_window_that_is_loaded_again_shows_what_the_camera_sees(
    browser: Browser, open_store: OpenStore, two: Path
) -> None:
    with open_store(camera=str(two)) as store, window(browser, *LANDSCAPE) as seen:
        begin(seen, store.kiosk, "/scan")  # which loads it twice
        expect(seen.named("scan-several")).to_be_attached()
        end = time.monotonic() + PATIENCE
        while spread(seen) < EVEN:
            assert time.monotonic() < end, "no picture of the camera"


EVEN = 20.0


def spread(seen: Window) -> float:
    """How much grey varies between the bar on top and the sheet; without a picture there it hardly does."""
    shot = cv2.imdecode(np.frombuffer(seen.page.screenshot(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert shot is not None
    return float(np.asarray(shot)[220:360, 20:320].std())


def choose(seen: Window, name: str) -> None:
    """Tap the row of the product called ``name``."""
    row = next(
        row
        for row in ("choice-1", "choice-2")
        if name in (seen.named(row).get_attribute("aria-label") or seen.named(row).inner_text())
    )
    seen.tap(row)
