"""Scanning: by the camera, by typing, and what a code leads to."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import flet as ft
import numpy as np
import pytest

from assets.tools.make_camera_film import make_film
from kiosk.scanner.reading import Reading
from kiosk.screens.scan_camera import Eye, source_of
from kiosk.strings import LANGUAGES
from retail.codes import Code
from retail.errors import AisleError
from sync.associates import Associate
from sync.device import Found
from tests.kiosk.driver import SIZES, Tab, open_tab
from tests.kiosk.fake_device import FakeDevice, gtin

CODES = Path(__file__).resolve().parents[2] / "assets" / "demo" / "codes"
LAMP, JACKET = gtin(1), gtin(6)
NOBODYS = "4006381333931"


async def enter(tab: Tab, digits: str) -> None:
    """Type ``digits`` on our own keys."""
    for digit in digits:
        await tab.tap(f"key-{digit}")


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


def cameras() -> list[str]:
    """The cameras that are open."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("camera")]


# -- typing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dark_theme", [False, True])
@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("form", sorted(SIZES))
async def test_without_a_camera_the_keys_come_first(form: str, language: str, dark_theme: bool) -> None:
    async with open_tab(FakeDevice(), "/scan", form=form, language=language, dark=dark_theme) as tab:
        assert {f"key-{digit}" for digit in range(10)} <= set(tab.names())
        assert {"find-it", "back", "cart"} <= set(tab.names())
        assert "trouble" not in tab.names()
        assert "camera-note" not in tab.names()


async def test_typed_digits_find_the_product_on_the_tag() -> None:
    async with open_tab(FakeDevice(), "/scan") as tab:
        await enter(tab, JACKET.short[:7])
        assert not tab.can_tap("find-it")
        await enter(tab, JACKET.short[7:])
        assert tab.words("typed-digits") == ["4 012345 000061"]
        await tab.tap("find-it")
        await tab.until(lambda: "scan-found" in tab.names())
        words = tab.words("scan-found")
        assert words[:2] == ["Alder rain jacket", "Norrland · Ochre, M"]
        assert {"In stock", "from 2 partners", "€129.00", "by Tue 24 Nov"} <= set(words)
        await tab.tap("see-it")
        assert tab.session.look.route == f"/product/JK101?gtin={JACKET}"


@pytest.mark.parametrize(
    ("digits", "says"),
    [
        (JACKET.short[:-1] + "9", "with the others as they are, the last would be 1."),
        ("123456789", "has 8, 12, 13 or 14 digits"),
        ("00000000", "There is no number yet"),
    ],
)
async def test_digits_that_are_no_code_say_what_to_do(digits: str, says: str) -> None:
    async with open_tab(FakeDevice(), "/scan") as tab:
        await enter(tab, digits)
        await tab.tap("find-it")
        assert says in tab.words("typed-trouble")[0]
        assert tab.session.look.route == "/scan"
        await tab.tap("key-delete")
        assert "typed-trouble" not in tab.names()
        assert tab.words("typed-digits") != ["0 000000 000000"], "what was typed is kept"


async def test_a_real_keyboard_types_too_and_enter_finds() -> None:
    async with open_tab(FakeDevice(), "/scan") as tab:
        for key in (*LAMP.short, "Backspace", LAMP[-1]):
            tab.clock.now += 0.3  # a person, not a scanner
            await tab.press(key)
        tab.clock.now += 0.3
        await tab.press("Enter")
        await tab.until(lambda: "scan-found" in tab.names())
        assert tab.words("scan-found")[0] == "Dome table lamp"


async def test_keys_stop_at_fourteen_digits_and_clear_at_once() -> None:
    async with open_tab(FakeDevice(), "/scan") as tab:
        await enter(tab, "123456789012345678")
        assert tab.words("typed-digits") == ["1 234567 8901234"]
        await tab.tap("key-clear")
        assert tab.words("typed-digits") == ["0 000000 000000"]


# -- what a code leads to ----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", sorted(SIZES))
async def test_a_hand_scanner_opens_the_result_from_anywhere(form: str) -> None:
    async with open_tab(FakeDevice(), "/cart", form=form) as tab:
        await tab.press(*LAMP.short, "Enter")
        await tab.until(lambda: "scan-found" in tab.names())
        assert tab.words("scan-found")[0] == "Dome table lamp"
        await tab.tap("scan-again")
        assert tab.session.look.route == "/scan"
        assert "find-it" in tab.names()


async def test_a_code_that_nobody_sells_says_so_and_leads_on() -> None:
    async with open_tab(FakeDevice(), f"/scan?code={NOBODYS}") as tab:
        await tab.until(lambda: "scan-unknown" in tab.names())
        assert tab.words("scan-unknown")[:2] == [
            "No partner here sells this",
            "Number 4 006381 333931. Check it against the tag, or search by name.",
        ]
        await tab.press(*LAMP.short, "Enter")
        await tab.until(lambda: "scan-found" in tab.names())


async def test_an_address_with_a_wrong_code_says_what_is_wrong_with_it() -> None:
    async with open_tab(FakeDevice(), f"/scan?code={NOBODYS[:-1]}2") as tab:
        await tab.until(lambda: "scan-wrong" in tab.names())
        assert "the last would be 1" in tab.words("scan-wrong")[1]
        await tab.tap("search-by-name")
        assert tab.session.look.route == "/search"


async def test_what_could_not_be_looked_up_is_said() -> None:
    class Broken(FakeDevice):
        async def by_code(self, code: Code) -> tuple[Found, ...]:
            raise AisleError("disk")

    async with open_tab(Broken(), f"/scan?code={LAMP}") as tab:
        await tab.until(lambda: "scan-failed" in tab.names())
        await tab.tap("scan-again")
        assert "find-it" in tab.names()


class Ambiguous(FakeDevice):
    """Knows the store's own code "A-17" on two products."""

    async def by_code(self, code: Code) -> tuple[Found, ...]:
        if code.text != "A-17":
            return await super().by_code(code)
        return (Found(self.listings["MG303"], gtin(40)), Found(self.listings["LP301"], LAMP))


async def test_a_code_on_several_products_asks_which() -> None:
    async with open_tab(Ambiguous(), "/scan?sku=A-17") as tab:
        await tab.until(lambda: "scan-several" in tab.names())
        assert tab.words("scan-several")[0] == "Which one is it?"
        assert "Stoneware mug" in tab.words("found-MG303")
        await tab.tap("found-LP301")
        assert tab.session.look.route == f"/product/LP301?gtin={LAMP}"


async def test_a_variant_that_is_sold_out_says_that_others_are_not() -> None:
    async with open_tab(FakeDevice(), f"/scan?code={gtin(10)}") as tab:  # the jacket in pine, size S
        await tab.until(lambda: "scan-found" in tab.names())
        words = tab.words("scan-found")
        assert "Not available" in words
        assert "Others of it can be sent" in words
        assert not any("€" in word for word in words)


async def test_a_late_answer_never_replaces_a_newer_one() -> None:
    class Slow(FakeDevice):
        def __init__(self) -> None:
            super().__init__()
            self.gate = asyncio.Event()

        async def by_code(self, code: Code) -> tuple[Found, ...]:
            if code.gtin == LAMP:
                await self.gate.wait()
            return await super().by_code(code)

    device = Slow()
    async with open_tab(device, f"/scan?code={LAMP}") as tab:
        assert "scan-asking" in tab.names()
        await tab.go(f"/scan?code={JACKET}")
        await tab.until(lambda: "scan-found" in tab.names())
        device.gate.set()
        await tab.settle()
        assert tab.words("scan-found")[0] == "Alder rain jacket"


async def test_associates_go_straight_to_what_can_be_had() -> None:
    async with open_tab(FakeDevice(), "/scan") as tab:
        tab.session.associate = Associate("mara", "Mara Lind", "associate")
        await tab.press(*LAMP.short, "Enter")
        await tab.until(lambda: tab.session.look.route == f"/product/LP301?gtin={LAMP}")
        await tab.press(*gtin(10).short, "Enter")  # sold out: that is worth a look
        await tab.until(lambda: "scan-found" in tab.names())


# -- the camera --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "source"),
    [("", None), ("  ", None), ("0", 0), ("12", 12), ("/a/film.avi", Path("/a/film.avi"))],
)
def test_the_setting_names_a_camera_a_film_or_nothing(setting: str, source: int | Path | None) -> None:
    assert source_of(setting) == source


@pytest.mark.parametrize("form", sorted(SIZES))
async def test_a_tag_before_the_camera_opens_its_product(tag: Path, form: str) -> None:
    async with open_tab(Showing(tag), "/scan", form=form) as tab:
        assert "type-number" in tab.names()
        await tab.until(lambda: "scan-found" in tab.names(), 10)
        assert tab.session.look.route == "/scan?code=04099101001029"
        assert tab.words("scan-found")[0] == "Alder rain jacket"
        assert tab.session.router.counts["camera"] == 1


async def test_the_camera_is_open_only_while_it_is_shown(tag: Path) -> None:
    async with open_tab(Showing(tag)) as tab:
        assert cameras() == []
        await tab.go("/scan")
        await tab.until(lambda: cameras() == [f"camera {tag}"])
        await tab.until(lambda: "scan-found" in tab.names(), 10)
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
        await tab.until(lambda: "find-it" in tab.names(), 3)
        assert tab.words("camera-note") == ["The camera does not answer."]
        await enter(tab, LAMP.short)
        await tab.tap("find-it")
        await tab.until(lambda: "scan-found" in tab.names())


async def test_a_camera_that_goes_says_so_and_can_be_tried_again(tag: Path, tmp_path: Path) -> None:
    film = tmp_path / "film.avi"
    make_film(CODES / "sn201-chalk-42.png", film, seconds=0.5)  # a tag that the fake device does not know
    async with open_tab(Showing(film), "/scan") as tab:
        await tab.until(lambda: "scan-unknown" in tab.names(), 10)
        await tab.tap("scan-again")
        film.unlink()
        await tab.until(lambda: "no-camera" in tab.names(), 5)
        assert "The camera gives no picture" in tab.words("no-camera")
        film.write_bytes(tag.read_bytes())
        await tab.tap("camera-again")
        await tab.until(lambda: "scan-found" in tab.names(), 10)


async def test_a_covered_lens_is_said_within_three_seconds(dark: Path) -> None:
    async with open_tab(Showing(dark), "/scan") as tab:
        await tab.until(lambda: "camera-dark" in tab.names(), 3)
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
        await tab.until(lambda: "no-camera" in tab.names(), 3)
        assert tab.can_tap("type-number")


async def test_a_result_is_looked_at_in_peace_and_the_tag_in_view_comes_next(tag: Path) -> None:
    async with open_tab(Showing(tag), f"/scan?code={LAMP}") as tab:
        await tab.until(lambda: "camera-watching" in tab.names(), 5)
        enough = time.monotonic() + 0.7  # the tag is read in each of a dozen pictures
        await tab.until(lambda: time.monotonic() > enough)
        assert tab.words("scan-found")[0] == "Dome table lamp"
        await tab.tap("scan-again")
        await tab.until(lambda: "scan-found" in tab.names(), 10)
        assert tab.words("scan-found")[0] == "Alder rain jacket"


async def test_a_code_is_offered_until_it_is_taken_and_then_no_more(tag: Path) -> None:
    offered: list[str] = []
    done = asyncio.Event()

    def take(reading: Reading, at: float) -> bool:
        offered.append(reading.text)
        if len(offered) == 4:
            asyncio.get_running_loop().call_later(0.5, done.set)  # a dozen pictures more
        return len(offered) >= 4

    watching = asyncio.create_task(Eye().watch(tag, ft.RawImage(), take))
    async with asyncio.timeout(10):
        await done.wait()
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    assert offered == ["4099101001029"] * 4
