"""Finding something: searching, scanning and looking at a product, in a real browser on the real device."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from assets.tools.make_camera_film import make_film
from tests.browser.kiosk_window import SIZES, Kiosk, Pace, Window, window
from tests.browser.real_device import DEMO, OpenStore

LANDSCAPE, PORTRAIT, TALL = SIZES
JACKET = "4099101001029"  # the Alder rain jacket in ochre, size M
NOBODYS = "4006381333931"


def begin(seen: Window, kiosk: Kiosk, route: str) -> None:
    """Open the kiosk on an inner page, as a reloaded window does."""
    seen.open(kiosk.urls[0])
    expect(seen.named("search")).to_be_attached()
    seen.open(f"{kiosk.base}{route}")


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A camera before which somebody holds the tag of the Alder rain jacket in ochre, size M."""
    path = tmp_path_factory.mktemp("film") / "tag.avi"
    make_film(DEMO / "codes" / "jk101-ochre-m.png", path)
    return path


# -- searching ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_search_shows_the_catalogue_with_its_pictures(
    browser: Browser, open_store: OpenStore, width: int, height: int
) -> None:
    with open_store() as store, window(browser, width, height) as seen:
        pictures: list[int] = []
        seen.page.on(
            "response", lambda answer: pictures.append(answer.status) if "/pictures/" in answer.url else None
        )
        begin(seen, store.kiosk, "/search")
        expect(seen.named("product-JK101")).to_be_attached()
        seen.shoot("search")
        assert len(pictures) > 6
        assert set(pictures) == {200}


def test_every_character_typed_arrives_and_narrows_the_results(
    browser: Browser, open_store: OpenStore
) -> None:
    with open_store() as store, window(browser, *LANDSCAPE) as seen:
        begin(seen, store.kiosk, "/search")
        expect(seen.named("product-JK101")).to_be_attached()
        seen.type("search-text", "norrland rain jacket", delay=15)
        expect(seen.named("product-KN102")).not_to_be_attached()
        expect(seen.named("product-JK101")).to_be_attached()
        expect(seen.named("search-text").locator("input").first).to_have_value("norrland rain jacket")
        seen.shoot("search-words")
        seen.tap("product-JK101")
        expect(seen.named("add-to-cart")).to_be_attached()
        seen.tap("back")
        expect(seen.named("product-JK101")).to_be_attached()
        expect(seen.named("product-KN102")).not_to_be_attached()


@pytest.mark.parametrize(("width", "height"), [LANDSCAPE, PORTRAIT])
def test_a_mistyped_word_a_size_and_the_product_in_it(
    browser: Browser, open_store: OpenStore, width: int, height: int
) -> None:
    with open_store() as store, window(browser, width, height) as seen:
        begin(seen, store.kiosk, "/search")
        if (width, height) == LANDSCAPE:
            seen.type("search-text", "alder rain jcaket", delay=15)
        else:
            seen.tap("search-open")
            for key in "alder":
                seen.tap(f"key-{key}")
            seen.tap("key-space")
            for key in "jcaket":
                seen.tap(f"key-{key}")
            seen.tap("key-enter")
        expect(seen.named("search-corrected")).to_be_attached()
        expect(seen.named("product-JK101")).to_be_attached()
        expect(seen.named("product-KN102")).not_to_be_attached()
        seen.shoot("search-corrected")
        seen.tap("filters")
        expect(seen.named("filter-size-L")).to_be_attached()
        expect(seen.named("product-JK101")).not_to_be_attached()  # what lies under the sheet is not read out
        seen.tap("filter-size-L")
        expect(seen.named("filter-size-L")).to_have_attribute("aria-current", "true")
        expect(seen.page.get_by_role("button", name="Show 1 product")).to_be_attached()
        seen.shoot("search-filters")
        seen.tap("filters-show")
        expect(seen.page.get_by_role("button", name="Take away: Size L")).to_be_attached()
        seen.shoot("search-narrowed")
        seen.tap("product-JK101")
        expect(seen.named("add-to-cart")).to_be_attached()
        chosen = seen.page.locator('[flt-semantics-identifier^="variant-"][aria-current="true"]')
        expect(chosen).to_have_attribute("flt-semantics-identifier", re.compile("-L$"))
        expect(seen.named("similar")).to_be_attached()
        seen.tap("back")
        expect(seen.named("active-size")).to_be_attached()
        seen.tap("active-size")
        expect(seen.named("active-size")).not_to_be_attached()


def test_a_card_shows_the_colour_that_was_chosen_and_opens_it(
    browser: Browser, open_store: OpenStore
) -> None:
    with open_store() as store, window(browser, *PORTRAIT) as seen:
        wanted: list[str] = []
        seen.page.on("request", lambda asked: wanted.append(asked.url))
        begin(seen, store.kiosk, "/search")
        expect(seen.named("product-JK101")).to_be_attached()
        assert not any("JK101-2.webp" in url for url in wanted)
        seen.tap("filters")
        expect(seen.named("filter-colour-Navy")).to_be_attached()
        with seen.page.expect_request(lambda asked: "JK101-2.webp" in asked.url):
            seen.tap("filter-colour-Navy")
        seen.tap("filters-show")
        seen.shoot("search-in-navy")
        seen.tap("product-JK101")
        expect(
            seen.page.locator('[flt-semantics-identifier^="variant-Navy-"][aria-current="true"]')
        ).to_be_attached()


@pytest.mark.parametrize(("width", "height"), [PORTRAIT, TALL])
def test_our_own_keys_type_on_a_standing_kiosk(
    browser: Browser, open_store: OpenStore, width: int, height: int
) -> None:
    with open_store() as store, window(browser, width, height) as seen:
        begin(seen, store.kiosk, "/search")
        seen.tap("search-open")
        for key in "rain":
            seen.tap(f"key-{key}")
        expect(seen.named("product-KN102")).not_to_be_attached()
        expect(seen.named("product-JK101")).to_be_attached()
        seen.shoot("search-keys")


def test_nothing_found_is_said_and_leads_back_to_everything(browser: Browser, open_store: OpenStore) -> None:
    with open_store() as store, window(browser, *LANDSCAPE) as seen:
        begin(seen, store.kiosk, "/search")
        seen.type("search-text", "qwertzuiop")
        expect(seen.named("nothing-found")).to_be_attached()
        seen.shoot("search-nothing")
        seen.tap("everything")
        expect(seen.named("product-JK101")).to_be_attached()
        expect(seen.named("search-text").locator("input").first).to_have_value("")


def test_outlines_stand_in_until_the_catalogue_has_come(browser: Browser, open_store: OpenStore) -> None:
    gate = threading.Event()
    with open_store(empty=True, gate=gate) as store, window(browser, *LANDSCAPE) as seen:
        begin(seen, store.kiosk, "/search")
        expect(seen.page.get_by_text("Asking our partners")).to_be_attached()
        seen.shoot("search-loading", still=False)
        gate.set()
        expect(seen.named("product-JK101")).to_be_attached()


def test_offline_everything_that_is_remembered_can_be_seen(browser: Browser, open_store: OpenStore) -> None:
    with open_store(down=True, fresh_seconds=0.001) as store, window(browser, *LANDSCAPE) as seen:
        begin(seen, store.kiosk, "/search")
        expect(seen.named("offline")).to_be_attached()
        expect(seen.named("product-JK101")).to_be_attached()
        seen.shoot("search-offline")
        seen.tap("product-JK101")
        expect(seen.named("add-to-cart")).to_be_attached()
        seen.shoot("product-offline")


# -- scanning ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_tag_held_before_the_camera_leads_to_its_product(
    browser: Browser, open_store: OpenStore, film: Path, width: int, height: int
) -> None:
    with open_store(camera=str(film)) as store, window(browser, width, height) as seen:
        seen.open(store.kiosk.urls[0])
        expect(seen.named("scan")).to_be_attached()
        seen.tap("scan")
        expect(seen.named("scan-found")).to_be_attached()
        expect(seen.named("scan-found")).to_have_attribute("aria-label", re.compile("Alder rain jacket"))
        seen.shoot("scan-found", still=False)
        seen.tap("see-it")
        expect(seen.named("variant-Ochre-M")).to_have_attribute("aria-current", "true")
        seen.shoot("product")
        seen.tap("add-to-cart")
        seen.tap("go-to-cart")
        expect(seen.named("check-out")).to_be_attached()


def test_a_camera_without_a_tag_shows_where_to_hold_it(
    browser: Browser, open_store: OpenStore, tmp_path: Path
) -> None:
    film = tmp_path / "shelf.avi"
    make_film(DEMO / "pictures" / "SN201-0.webp", film)
    with open_store(camera=str(film)) as store, window(browser, *LANDSCAPE) as seen:
        begin(seen, store.kiosk, "/scan")
        expect(seen.named("camera-watching")).to_be_attached()
        seen.shoot("scan", still=False)
        seen.tap("type-number")
        expect(seen.named("find-it")).to_be_attached()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_typed_digits_lead_to_the_product(
    browser: Browser, open_store: OpenStore, width: int, height: int
) -> None:
    with open_store() as store, window(browser, width, height) as seen:
        begin(seen, store.kiosk, "/scan")
        for digit in JACKET[:-1]:
            seen.tap(f"key-{digit}")
        seen.tap("key-8")
        seen.tap("find-it")
        expect(seen.named("typed-trouble")).to_be_attached()
        seen.shoot("scan-typed")
        seen.tap("key-delete")
        seen.tap(f"key-{JACKET[-1]}")
        seen.tap("find-it")
        expect(seen.named("scan-found")).to_be_attached()
        seen.shoot("scan-found-typed")
        seen.tap("see-it")
        expect(seen.named("variant-Ochre-M")).to_have_attribute("aria-current", "true")


def test_a_real_keyboard_types_digits_too(browser: Browser, open_store: OpenStore, pace: Pace) -> None:
    with open_store() as store, window(browser, *LANDSCAPE) as seen:
        begin(seen, store.kiosk, "/scan")
        expect(seen.named("find-it")).to_be_attached()
        seen.page.keyboard.type(JACKET, delay=120)
        seen.page.keyboard.press("Enter")
        expect(seen.named("scan-found")).to_be_attached()


def scan_and_go_back(seen: Window, pace: Pace, delay: float) -> None:
    """Scan the jacket by hand, ``delay`` milliseconds a key; see it found, and go back to where it was scanned."""
    pace.between = delay / 1000
    pace.now += 2.0
    seen.page.keyboard.type(JACKET, delay=delay)
    seen.page.keyboard.press("Enter")
    expect(seen.named("scan-found")).to_be_attached()
    pace.between = 0.5
    assert seen.page.url.endswith(f"/scan?code=0{JACKET}")
    seen.tap("back")
    seen.tap("back")


@pytest.mark.parametrize("delay", [20, 5, 1])
def test_a_hand_scanner_works_over_a_focused_field(
    browser: Browser, open_store: OpenStore, pace: Pace, delay: float
) -> None:
    with open_store() as store, window(browser, *LANDSCAPE) as seen:
        begin(seen, store.kiosk, "/search")
        seen.type("search-text", "shoex")
        expect(seen.named("search-corrected")).to_be_attached()  # the kiosk has heard of the last key
        seen.page.keyboard.press("Backspace")
        expect(seen.named("search-corrected")).not_to_be_attached()
        scan_and_go_back(seen, pace, delay)
        expect(seen.named("search-clear")).to_be_attached()
        expect(seen.named("nothing-found")).not_to_be_attached()  # "shoe", without the digits


@pytest.mark.parametrize("delay", [5, 0])
def test_a_hand_scanner_works_over_the_filters(
    browser: Browser, open_store: OpenStore, pace: Pace, delay: float
) -> None:
    with open_store() as store, window(browser, *LANDSCAPE) as seen:
        begin(seen, store.kiosk, "/search")
        expect(seen.named("product-JK101")).to_be_attached()
        seen.tap("filters")
        expect(seen.named("filter-size-M")).to_be_attached()
        seen.tap("filter-size-M")
        expect(seen.named("filter-size-M")).to_have_attribute("aria-current", "true")
        seen.tap("filters-all-size")
        seen.type("values-text", "3x", delay=0)
        none = seen.page.get_by_text("None begins like this").first
        expect(none).to_be_attached()  # the kiosk has heard of the last key
        seen.page.keyboard.press("Backspace")
        expect(none).not_to_be_attached()
        scan_and_go_back(seen, pace, delay)
        expect(seen.named("active-size")).to_be_attached()  # chosen before, and nothing else
        expect(seen.named("filters")).to_have_text(re.compile(r"Filter\s1$"))
        expect(seen.named("filter-sheet")).not_to_be_attached()
        expect(seen.named("search-clear")).not_to_be_attached()


def test_a_code_that_nobody_sells_is_said(browser: Browser, open_store: OpenStore) -> None:
    with open_store() as store, window(browser, *LANDSCAPE) as seen:
        begin(seen, store.kiosk, f"/scan?code={NOBODYS}")
        expect(seen.named("scan-unknown")).to_be_attached()
        seen.shoot("scan-unknown")


def test_a_camera_that_goes_is_said_and_comes_back_by_itself(
    browser: Browser, open_store: OpenStore, film: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own.avi"
    make_film(DEMO / "pictures" / "SN201-0.webp", own, seconds=1)
    with open_store(camera=str(own)) as store, window(browser, *LANDSCAPE) as seen:
        begin(seen, store.kiosk, "/scan")
        expect(seen.named("camera-watching")).to_be_attached()
        own.unlink()
        expect(seen.named("no-camera")).to_be_attached()
        seen.shoot("scan-no-camera")
        own.write_bytes(film.read_bytes())
        expect(seen.named("scan-found")).to_be_attached()


# -- a product ---------------------------------------------------------------------------------------------


def test_prices_that_changed_come_in_while_the_page_is_open(browser: Browser, open_store: OpenStore) -> None:
    with open_store() as store, window(browser, *LANDSCAPE) as seen:
        store.partners["north"].change("NO-JK101-OCH-M", price_minor=13900)
        begin(seen, store.kiosk, f"/product/JK101?gtin=0{JACKET}")
        expect(seen.page.get_by_text("€139.00").first).to_be_attached()


@pytest.mark.parametrize(("width", "height"), [LANDSCAPE, PORTRAIT])
def test_a_size_that_nobody_has_is_said(
    browser: Browser, open_store: OpenStore, width: int, height: int
) -> None:
    with open_store() as store, window(browser, width, height) as seen:
        begin(seen, store.kiosk, "/product/JK101?gtin=04099101001074")
        expect(seen.named("sold-out")).to_be_attached()
        seen.shoot("product-sold-out")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_cart_stands_in_parcels(browser: Browser, open_store: OpenStore, width: int, height: int) -> None:
    with open_store() as store, window(browser, width, height) as seen:
        begin(seen, store.kiosk, f"/product/JK101?gtin=0{JACKET}")
        seen.tap("add-to-cart")
        expect(seen.named("go-to-cart")).to_be_attached()
        seen.shoot("product-added")
        seen.tap("back")
        seen.tap("product-KN102")
        seen.tap("add-to-cart")
        seen.tap("go-to-cart")
        expect(seen.named("check-out")).to_be_attached()
        seen.shoot("cart")


# -- other looks -------------------------------------------------------------------------------------------


def test_in_the_dark(browser: Browser, open_store: OpenStore) -> None:
    with open_store(dark=True) as store, window(browser, *LANDSCAPE) as seen:
        begin(seen, store.kiosk, "/search")
        expect(seen.named("product-JK101")).to_be_attached()
        seen.shoot("search-dark")
        seen.tap("product-JK101")
        expect(seen.named("add-to-cart")).to_be_attached()
        seen.shoot("product-dark")
        seen.tap("add-to-cart")
        seen.tap("go-to-cart")
        expect(seen.named("check-out")).to_be_attached()
        seen.shoot("cart-dark")
        seen.tap("scan")
        expect(seen.named("find-it")).to_be_attached()
        seen.shoot("scan-typed-dark")


def test_from_right_to_left(browser: Browser, open_store: OpenStore) -> None:
    with open_store(language="ar") as store, window(browser, *LANDSCAPE) as seen:
        begin(seen, store.kiosk, "/search")
        expect(seen.named("product-JK101")).to_be_attached()
        seen.shoot("search-rtl")
        seen.tap("product-JK101")
        expect(seen.named("add-to-cart")).to_be_attached()
        seen.shoot("product-rtl")
        seen.tap("add-to-cart")
        seen.tap("go-to-cart")
        expect(seen.named("check-out")).to_be_attached()
        seen.shoot("cart-rtl")
        back, pay = seen.named("back").bounding_box(), seen.named("check-out").bounding_box()
        assert back is not None
        assert pay is not None
        assert back["x"] > 640 > pay["x"]
