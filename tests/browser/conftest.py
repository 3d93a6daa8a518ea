"""A kiosk over a device in memory, and a Chromium to look at it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from kiosk.app import open_session
from tests.browser.kiosk_window import CHROMIUM, FLAGS, Kiosk, Pace, running
from tests.browser.real_device import OpenStore, picture_server, store
from tests.conftest import Need
from tests.kiosk.fake_device import FakeDevice


@pytest.fixture(scope="module")
def browser(need: Need) -> Iterator[Browser]:
    """Chromium as installed on this machine; the test is skipped where there is none.

    Playwright keeps an event loop running in this thread as long as it lives: no longer than one module, or no
    asynchronous test could run after it.
    """
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


@pytest.fixture(scope="session")
def pictures() -> Iterator[str]:
    """Where partners' pictures are served."""
    with picture_server() as address:
        yield address


@pytest.fixture
def open_store(tmp_path: Path, pictures: str) -> OpenStore:
    """Open the kiosk of a store with the whole demo catalogue, real but for its partners and the OMS.

    ``with open_store(camera="film.avi") as store``: arguments are settings of the device.
    """
    return partial(store, tmp_path, pictures)


@pytest.fixture
def pace(monkeypatch: pytest.MonkeyPatch) -> Pace:
    """The pace of keys in kiosks that are opened after this."""
    made = Pace()
    monkeypatch.setattr("kiosk.server.open_session", partial(open_session, steady=made))
    return made
