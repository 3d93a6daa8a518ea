"""A kiosk over a device in memory, and a Chromium to look at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.kiosk_window import CHROMIUM, FLAGS, Kiosk, running
from tests.conftest import Need
from tests.kiosk.fake_device import FakeDevice


@pytest.fixture(scope="session")
def browser(need: Need) -> Iterator[Browser]:
    """Chromium as installed on this machine; the test is skipped where there is none."""
    need("chromium", CHROMIUM.exists(), "install Chromium at /usr/bin/chromium to run the browser tests")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def device() -> FakeDevice:
    """A device in memory with fourteen products of three partners."""
    return FakeDevice()


@pytest.fixture
def kiosk(device: FakeDevice) -> Iterator[Kiosk]:
    """The kiosk, served on a free port of this machine."""
    with running(device) as served:
        yield served
