"""The camera of the window itself: Chromium's camera is a film of a tag, everything else is real."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from assets.tools.make_camera_film import make_film
from tests.browser.kiosk_window import CHROMIUM, FLAGS, PATIENCE, SCREENS, Window
from tests.browser.real_device import DEMO, OpenStore
from tests.conftest import Need


def mjpeg(film: Path, target: Path) -> Path:
    """The same film as Chromium wants it: one JPEG after the other."""
    capture = cv2.VideoCapture(str(film))
    with target.open("wb") as pictures:
        while True:
            there, picture = capture.read()
            if not there:
                break
            pictures.write(cv2.imencode(".jpg", picture)[1].tobytes())
    capture.release()
    return target


@pytest.fixture(scope="module")
def browser(need: Need, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A Chromium before whose camera somebody holds the tag of the Alder rain jacket in ochre, size M."""
    need("chromium", CHROMIUM.exists(), "install Chromium at /usr/bin/chromium to run the browser tests")
    folder = tmp_path_factory.mktemp("film")
    make_film(DEMO / "codes" / "jk101-ochre-m.png", folder / "tag.avi", seconds=2)
    shown = mjpeg(folder / "tag.avi", folder / "tag.mjpeg")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=[*FLAGS, "--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={shown}"],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile."""
    made = browser.new_context(viewport={"width": 1280, "height": 800})
    made.set_default_timeout(PATIENCE * 1000)
    yield made
    made.close()


def scan_screen(context: BrowserContext, url: str) -> Window:
    """A window that shows the scan screen."""
    seen = Window(context.new_page())
    seen.open(url)
    expect(seen.named("scan")).to_be_attached()
    seen.tap("scan")
    return seen


def test_a_tag_before_the_windows_own_camera_leads_to_its_product(
    context: BrowserContext, open_store: OpenStore
) -> None:
    with open_store(camera="browser") as store:
        context.grant_permissions(["camera"], origin=store.kiosk.base)
        seen = scan_screen(context, store.kiosk.urls[0])
        expect(seen.named("scan-found")).to_be_attached()
        expect(seen.named("scan-found")).to_have_attribute("aria-label", re.compile("Alder rain jacket"))
        SCREENS.mkdir(parents=True, exist_ok=True)
        seen.page.screenshot(path=SCREENS / "scan-browser-camera-1280x800.png")


def test_a_window_that_may_not_use_its_camera_leads_to_the_keys_until_it_may(
    context: BrowserContext, open_store: OpenStore
) -> None:
    with open_store(camera="browser") as store:
        context.grant_permissions([], origin=store.kiosk.base)  # all others are refused
        seen = scan_screen(context, store.kiosk.urls[0])
        expect(seen.named("find-it")).to_be_attached()
        expect(seen.named("camera-note")).to_be_attached()
        seen.tap("key-4")
        seen.page.screenshot(path=SCREENS / "scan-browser-camera-refused-1280x800.png")
        seen.tap("key-delete")
        context.grant_permissions(["camera"], origin=store.kiosk.base)
        expect(seen.named("scan-found")).to_be_attached()
