"""The camera of the scan screen: what it reads, when it is open, and what is said when it sees nothing."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import flet as ft
import flet_camera  # type: ignore[import-untyped]
import numpy as np
import pytest

from assets.tools.make_camera_film import make_film
from kiosk.scanner.live import Look
from kiosk.scanner.reading import Reading
from kiosk.screens.scan_camera import DARK_SECONDS, Eye, Source, glass_of, source_of
from kiosk.screens.scan_several import on_view
from retail.codes import Code
from sync.device import Found
from tests.kiosk.driver import PATIENCE, SIZES, open_tab
from tests.kiosk.fake_device import FakeDevice
from tests.kiosk.test_scan import JACKET, LAMP, enter
from tests.loop_time import go_by

CODES = Path(__file__).resolve().parents[2] / "assets" / "demo" / "codes"


class Showing(FakeDevice):
    """A device whose camera shows the film at ``path``; it knows the code of the demo's tags."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.camera = str(path)

    async def by_code(self, code: Code) -> tuple[Found, ...]:
        if code.gtin == "04099101001029":
            return (Found(self.listings["JK101"], JACKET),)
        return await super().by_code(code)


@pytest.fixture(scope="module")
def tag(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of a tag with the code of the Alder rain jacket."""
    film = tmp_path_factory.mktemp("film") / "tag.avi"
    make_film(CODES / "jk101-ochre-m.png", film, seconds=1.0)
    return film


@pytest.fixture(scope="module")
def dark(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of a covered lens."""
    film = tmp_path_factory.mktemp("film") / "dark.avi"
    writer = cv2.VideoWriter(str(film), cv2.VideoWriter.fourcc(*"MJPG"), 15, (640, 480))
    for _ in range(15):
        writer.write(np.zeros((480, 640, 3), np.uint8))
    writer.release()
    return film


@pytest.fixture(autouse=True)
def no_silence(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stalls is no camera that hangs."""
    if "silent" not in request.fixturenames:
        monkeypatch.setattr("kiosk.screens.scan_camera.SILENT_SECONDS", 600.0)


def cameras() -> list[str]:
    """The cameras that are open."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("camera")]


@pytest.mark.parametrize(
    ("setting", "source"),
    [
        ("", None),
        ("  ", None),
        ("0", 0),
        ("12", 12),
        ("/a/film.avi", Path("/a/film.avi")),
        ("browser", "browser"),
    ],
)
def test_the_setting_names_a_camera_a_film_or_nothing(setting: str, source: Source | None) -> None:
    assert source_of(setting) == source


def test_the_browser_shows_its_own_camera_and_we_paint_all_others() -> None:
    assert isinstance(glass_of("browser"), flet_camera.Camera)
    assert isinstance(glass_of(0), ft.RawImage)
    assert isinstance(glass_of(None), ft.RawImage)


@pytest.mark.parametrize("form", sorted(SIZES))
async def test_a_tag_before_the_camera_opens_its_product(tag: Path, form: str) -> None:
    async with open_tab(Showing(tag), "/scan", form=form) as tab:
        await tab.until(lambda: "scan-found" in tab.names())
        assert tab.session.look.route == "/scan?code=04099101001029"
        assert tab.words("scan-found")[0] == "Alder rain jacket"
        assert tab.session.router.counts["camera"] == 1


async def test_the_camera_is_open_only_while_it_is_shown(tag: Path) -> None:
    async with open_tab(Showing(tag)) as tab:
        assert cameras() == []
        await tab.go("/scan")
        await tab.until(lambda: cameras() == [f"camera {tag}"])
        await tab.until(lambda: "scan-found" in tab.names())
        assert cameras() == [f"camera {tag}"]
        await tab.go("/scan?type=1")
        await tab.until(lambda: cameras() == [])
        assert "find-it" in tab.names()
        await tab.tap("back")
        await tab.until(lambda: len(cameras()) == 1)
        await tab.go("/search")
        await tab.until(lambda: cameras() == [])


async def test_a_closed_window_closes_the_camera(tag: Path) -> None:
    async with open_tab(Showing(tag), "/scan") as tab:
        await tab.until(lambda: len(cameras()) == 1)
        tab.session.close()
        await tab.until(lambda: cameras() == [])


async def test_a_camera_that_is_not_there_leads_to_the_keys(tmp_path: Path) -> None:
    async with open_tab(Showing(tmp_path / "none.avi"), "/scan") as tab:
        await tab.until(lambda: "find-it" in tab.names())
        assert tab.words("camera-note") == ["The camera does not answer."]
        await enter(tab, LAMP.short)
        await tab.tap("find-it")
        await tab.until(lambda: "scan-found" in tab.names())


async def test_a_camera_that_goes_says_so_and_comes_back_by_itself(tag: Path, tmp_path: Path) -> None:
    film = tmp_path / "film.avi"
    make_film(CODES / "sn201-chalk-42.png", film, seconds=0.5)  # a tag that the fake device does not know
    async with open_tab(Showing(film), "/scan") as tab:
        await tab.until(lambda: "scan-unknown" in tab.names())
        await tab.tap("scan-again")
        film.unlink()
        await tab.until(lambda: "no-camera" in tab.names())
        assert "The camera gives no picture" in tab.words("no-camera")
        assert tab.can_tap("type-number")
        film.write_bytes(tag.read_bytes())
        await tab.until(lambda: "scan-found" in tab.names())


async def test_a_camera_can_be_tried_again_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.screens.scan_camera.RETRY_SECONDS", 600.0)
    film = tmp_path / "film.avi"
    make_film(CODES / "sn201-chalk-42.png", film, seconds=0.5)
    async with open_tab(Showing(film), "/scan") as tab:
        await tab.until(lambda: "scan-unknown" in tab.names())
        await tab.tap("scan-again")
        film.unlink()
        await tab.until(lambda: "no-camera" in tab.names())
        await tab.tap("camera-again")
        await tab.until(
            lambda: "find-it" in tab.names()
        )  # what never gave a picture leaves room for the keys


async def test_a_covered_lens_is_said(dark: Path) -> None:
    assert DARK_SECONDS <= 3
    async with open_tab(Showing(dark), "/scan") as tab:
        await tab.until(lambda: "camera-dark" in tab.names())
        assert tab.words("camera-dark") == ["The picture is dark. Is the lens covered?"]
        await tab.tap("type-number")
        assert "find-it" in tab.names()


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[Path]:
    """A camera that hangs instead of answering."""
    pipe = tmp_path / "hangs"
    os.mkfifo(pipe)
    yield pipe
    os.close(os.open(pipe, os.O_RDWR | os.O_NONBLOCK))  # lets its reader go


async def test_a_camera_that_hangs_is_said_within_three_seconds(silent: Path) -> None:
    async with open_tab(Showing(silent), "/scan") as tab:
        await tab.until(lambda: len(cameras()) == 1)
        go_by(3.0)
        await tab.settle()
        assert "no-camera" in tab.names()
        assert tab.can_tap("type-number")


async def test_a_result_is_looked_at_in_peace_and_the_tag_in_view_comes_next(tag: Path) -> None:
    async with open_tab(Showing(tag), f"/scan?code={LAMP}") as tab:
        await tab.until(lambda: "camera-watching" in tab.names())
        enough = time.monotonic() + 0.7  # the tag is read in each of a dozen pictures
        await tab.until(lambda: time.monotonic() > enough)
        assert tab.words("scan-found")[0] == "Dome table lamp"
        await tab.tap("scan-again")
        await tab.until(lambda: "scan-found" in tab.names())
        assert tab.words("scan-found")[0] == "Alder rain jacket"


async def test_a_code_is_offered_until_it_is_taken_and_then_no_more(
    tag: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for where in ("kiosk.scanner.accept", "kiosk.screens.scan_camera"):  # a stall is not a tag that was away
        monkeypatch.setattr(f"{where}.QUIET_SECONDS", 600.0)
    offered: list[str] = []
    looked_on: list[Look] = []
    done = asyncio.Event()

    def take(readings: Sequence[Reading], at: float) -> bool:
        offered.extend(reading.text for reading in readings)
        return len(offered) >= 4

    def look(seen: Look) -> None:
        if len(offered) >= 4:
            looked_on.append(seen)
        if len(looked_on) == 12:
            done.set()

    watching = asyncio.create_task(Eye().watch(tag, ft.RawImage(), take, look))
    async with asyncio.timeout(PATIENCE):
        await done.wait()
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert offered == ["4099101001029"] * 4


def test_a_mark_lies_on_its_tag_in_a_mirrored_picture_too() -> None:
    place = ((100, 100), (300, 100), (300, 200), (100, 200))
    assert on_view(place, (1280, 720), 1280, 720, mirrored=True) == (980, 100, 200, 100)
    assert on_view(place, (640, 360), 1280, 720, mirrored=True) == (680, 200, 400, 200)
