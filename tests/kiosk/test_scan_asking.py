"""A reader that asks: which one of several tags, and whether it is this one where nothing can be read."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from assets.tools.make_camera_film import make_film
from kiosk.assortment import Assortment
from kiosk.scanner.blurred.known import KnownCodes
from kiosk.scanner.live import Look
from kiosk.scanner.reading import Corners, Picture, Reading
from kiosk.scanner.sources import Frame
from kiosk.screens.scan_guess import GONE_SECONDS, Guess
from kiosk.screens.scan_several import Several, on_view
from retail.codes import Code
from retail.gtin import Gtin
from sync.device import Found
from tests.kiosk.driver import SIZES, Tab, open_tab
from tests.kiosk.fake_device import PICTURES, FakeDevice
from tests.kiosk.films import CODES, unread_film
from tests.kiosk.test_scan import JACKET, LAMP, enter

JACKET_TAG, SHOE_TAG, NOBODYS_TAG = (
    CODES / name for name in ("jk101-ochre-m.png", "sn201-chalk-42.png", "kr433-camel.png")
)
JACKET_CODE, SHOE_CODE = Gtin("04099101001029"), Gtin("04099102003046")
PLACE: Corners = ((100, 100), (300, 100), (300, 200), (100, 200))


class Showing(FakeDevice):
    """A device whose camera shows the film at ``path``; it knows two of the demo's tags."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.camera = str(path)

    def gtins(self) -> array[int]:
        return array("Q", sorted({*super().gtins(), int(JACKET_CODE), int(SHOE_CODE)}))

    async def by_code(self, code: Code) -> tuple[Found, ...]:
        if code.gtin == JACKET_CODE:
            return (Found(self.listings["JK101"], JACKET),)
        if code.gtin == SHOE_CODE:
            return (Found(self.listings["LP301"], LAMP),)
        return await super().by_code(code)


@dataclass(frozen=True)
class Says:
    """A proposal."""

    gtin: Gtin
    corners: Corners = PLACE


class Prompter:
    """A matcher that answers the same to every picture, and counts them."""

    def __init__(self, gtin: Gtin | None) -> None:
        self.gtin = gtin
        self.asked = 0

    def offer(self, picture: Picture) -> Says | None:
        self.asked += 1
        return Says(self.gtin) if self.gtin else None

    def reset(self) -> None:
        pass


@pytest.fixture(autouse=True)
def no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that stalls is no camera that hangs."""
    monkeypatch.setattr("kiosk.screens.scan_camera.SILENT_SECONDS", 600.0)


@asynccontextmanager
async def scanning(
    film: Path,
    prompter: Prompter | None = None,
    *,
    form: str = "landscape",
    route: str = "/scan",
    learned: bool = True,
) -> AsyncIterator[Tab]:
    """A tab on the scan screen before which ``film`` runs; ``prompter`` is the matcher, None for the real one.

    Not ``learned``: the catalogue has not been read yet.
    """
    device = Showing(film)

    def prompted(codes: KnownCodes) -> Prompter:
        assert prompter is not None
        return prompter

    assortment = Assortment(device, prompted) if prompter else Assortment(device)
    learning = asyncio.create_task(assortment.run()) if learned else None
    async with open_tab(device, route, form=form, assortment=assortment) as tab:
        yield tab
    if learning is not None:
        learning.cancel()


# -- is it this one? ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def blurred(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of the jacket's tag too close to the lens."""
    film = tmp_path_factory.mktemp("film") / "blurred.avi"
    return unread_film(JACKET_TAG, film, KnownCodes.of(Showing(film).gtins()))


@pytest.mark.parametrize("form", sorted(SIZES))
async def test_what_cannot_be_read_is_asked_about_and_never_taken(blurred: Path, form: str) -> None:
    async with scanning(blurred, form=form) as tab:
        await tab.until(lambda: "scan-guess" in tab.names())
        words = tab.words("scan-guess")
        assert words[0] == "Is it this one?"
        assert {"Alder rain jacket", "Norrland · Ochre, M", "€129.00", "Yes, this one"} <= set(words)
        assert tab.named("scan-guess").live_region
        assert tab.words("camera-watching") == ["Hold it still, a little nearer or further away"]
        assert {"guess-yes", "guess-no", "type-number"} <= set(tab.names())
        assert tab.session.look.route == "/scan"
        assert tab.session.router.counts["camera"] == 0
        await tab.tap("guess-yes")
        assert tab.session.look.route == f"/product/JK101?gtin={JACKET}"


async def test_a_refused_guess_does_not_come_back_while_its_tag_is_in_view(blurred: Path) -> None:
    prompter = Prompter(JACKET_CODE)
    async with scanning(blurred, prompter) as tab:
        await tab.until(lambda: "scan-guess" in tab.names())
        await tab.tap("guess-no")
        assert "scan-guess" not in tab.names()
        before = prompter.asked
        await tab.until(lambda: prompter.asked >= before + 3)
        assert "scan-guess" not in tab.names()
        assert tab.session.look.route == "/scan"
        prompter.gtin = SHOE_CODE  # another tag
        await tab.until(lambda: "scan-guess" in tab.names())
        assert "Dome table lamp" in tab.words("scan-guess")


async def test_back_refuses_a_guess_too(blurred: Path) -> None:
    async with scanning(blurred, Prompter(JACKET_CODE)) as tab:
        await tab.until(lambda: "scan-guess" in tab.names())
        await tab.tap("back")
        assert "scan-guess" not in tab.names()
        assert tab.session.look.route == "/scan"


async def test_a_guess_that_the_catalogue_does_not_know_any_more_is_not_asked(blurred: Path) -> None:
    prompter = Prompter(Gtin("04006381333931"))
    async with scanning(blurred, prompter) as tab:
        await tab.until(lambda: prompter.asked >= 2)
        assert "scan-guess" not in tab.names()
        assert "type-number" in tab.names()


async def test_a_real_read_takes_the_place_of_a_guess(blurred: Path, tmp_path: Path) -> None:
    film, sharp = tmp_path / "film.avi", tmp_path / "sharp.avi"
    film.write_bytes(blurred.read_bytes())
    make_film(SHOE_TAG, sharp, seconds=1.0)
    async with scanning(film, Prompter(JACKET_CODE)) as tab:
        await tab.until(lambda: "scan-guess" in tab.names())
        sharp.replace(film)  # the next time round
        await tab.until(lambda: "scan-found" in tab.names())
        assert "scan-guess" not in tab.names()
        assert tab.session.look.route == f"/scan?code={SHOE_CODE}"


NOTHING = np.zeros((720, 1280, 3), np.uint8)


def seen(at: float, gtin: Gtin | None = None, *texts: str, accepted: bool = False) -> Look:
    """A look at ``at`` seconds that proposes ``gtin`` and reads ``texts``."""
    readings = tuple(reading(text) for text in texts)
    proposal = Says(gtin) if gtin else None
    return Look(Frame(NOTHING, at, False), readings, readings if accepted else (), proposal)


def reading(text: str, left: int = 0) -> Reading:
    """The bars of ``text``, ``left`` pixels further right."""
    return Reading(text, "EAN-13", tuple((x + left, y) for x, y in PLACE), "drawn")


def test_a_guess_stays_while_somebody_reaches_for_the_button() -> None:
    guess = Guess()
    guess.look(seen(0.0, JACKET_CODE))
    guess.look(seen(0.1))
    guess.look(seen(GONE_SECONDS - 0.1))
    assert guess.gtin == JACKET_CODE
    guess.look(seen(GONE_SECONDS))
    assert guess.gtin is None


def test_a_guess_does_not_change_under_the_finger() -> None:
    guess = Guess()
    guess.look(seen(0.0, JACKET_CODE))
    guess.look(seen(0.5, SHOE_CODE))
    guess.look(seen(1.0, JACKET_CODE))
    guess.look(seen(2.4, SHOE_CODE))
    assert guess.gtin == JACKET_CODE
    guess.look(seen(2.5, SHOE_CODE))
    assert guess.gtin == SHOE_CODE


def test_only_a_code_that_counts_ends_a_guess() -> None:
    guess = Guess()
    guess.look(seen(0.0, JACKET_CODE))
    guess.look(seen(0.1, None, "4006381333931"))
    assert guess.gtin == JACKET_CODE
    guess.look(seen(0.2, None, "4006381333931", accepted=True))
    assert guess.gtin is None


def test_a_refused_guess_may_come_back_once_its_tag_was_away() -> None:
    guess = Guess()
    guess.look(seen(0.0, JACKET_CODE))
    guess.decline()
    for at in (1.0, 7.0, 14.0):
        guess.look(seen(at, JACKET_CODE))
        assert guess.gtin is None
    guess.look(seen(14.0 + GONE_SECONDS, JACKET_CODE))
    assert guess.gtin == JACKET_CODE


async def test_whoever_types_goes_on_typing_when_the_camera_comes_back(tmp_path: Path) -> None:
    film, shelf = tmp_path / "film.avi", tmp_path / "shelf.avi"
    make_film(PICTURES / "SN201-0.webp", shelf)
    async with scanning(film) as tab:
        await tab.until(lambda: "find-it" in tab.names())
        await enter(tab, "409")
        shelf.replace(film)
        await tab.until(lambda: "camera-note" not in tab.names())
        assert tab.words("typed-digits") == ["4 09"]
        await tab.tap("key-clear")
        assert "camera-watching" in tab.names()


# -- which one? --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of the jacket's tag beside the shoe's."""
    film = tmp_path_factory.mktemp("film") / "two.avi"
    make_film([JACKET_TAG, SHOE_TAG], film, seconds=1.0)
    return film


def rows(tab: Tab) -> dict[str, str]:
    """The number and name of each product to choose from, by the name of its row."""
    return {
        name: " ".join(tab.words(name)[:2])
        for name in tab.names()
        if name.startswith("choice-") and tab.can_tap(name)
    }


@pytest.mark.parametrize("form", sorted(SIZES))
async def test_two_tags_in_view_are_numbered_and_asked_about(two: Path, form: str) -> None:
    async with scanning(two, form=form) as tab:
        await tab.until(lambda: "scan-several" in tab.names())
        found = rows(tab)
        assert sorted(text[2:] for text in found.values()) == ["Alder rain jacket", "Dome table lamp"]
        assert sorted(text[0] for text in found.values()) == ["1", "2"]
        assert tab.words("scan-several")[0] == "Which one?"
        await tab.until(lambda: sorted(tab.words("marks")) == ["1", "2"])
        assert tab.session.look.route == "/scan"
        chosen = next(name for name, text in found.items() if text.endswith("Alder rain jacket"))
        await tab.tap(chosen)
        assert tab.session.look.route == f"/product/JK101?gtin={JACKET}"


async def test_the_tag_that_stays_is_the_one_that_is_meant(tmp_path: Path, two: Path) -> None:
    film, one = tmp_path / "film.avi", tmp_path / "one.avi"
    film.write_bytes(two.read_bytes())
    make_film(SHOE_TAG, one, seconds=4.0)
    async with scanning(film) as tab:
        await tab.until(lambda: "scan-several" in tab.names())
        one.replace(film)
        await tab.until(lambda: "scan-found" in tab.names())
        assert tab.session.look.route == f"/scan?code={SHOE_CODE}"


async def test_scan_another_lets_both_go(two: Path) -> None:
    async with scanning(two) as tab:
        await tab.until(lambda: "scan-several" in tab.names())
        await tab.tap("scan-again")
        assert "scan-several" not in tab.names()
        assert "type-number" in tab.names()


@pytest.mark.parametrize("learned", [True, False])
async def test_a_tag_that_nobody_sells_is_no_choice(tmp_path: Path, learned: bool) -> None:
    film = tmp_path / "film.avi"
    make_film([NOBODYS_TAG, JACKET_TAG], film, seconds=1.0)
    async with scanning(film, learned=learned) as tab:
        await tab.until(lambda: "scan-found" in tab.names())
        assert tab.session.look.route == f"/scan?code={JACKET_CODE}"


async def test_a_hand_scanner_ends_the_asking(two: Path) -> None:
    async with scanning(two) as tab:
        await tab.until(lambda: "scan-several" in tab.names())
        await tab.press(*LAMP.short, "Enter")
        await tab.until(lambda: "scan-found" in tab.names())
        assert tab.words("scan-found")[0] == "Dome table lamp"


A, B = reading("4099101001029"), reading("4099102003046", 600)


def look(at: float, *readings: Reading) -> Look:
    return Look(Frame(NOTHING, at, False), readings, ())


def test_marks_follow_their_tags_and_go_with_them() -> None:
    several = Several()
    several.begin([A, B], 0.0)
    moved = reading(B.text, 620)
    assert several.look(look(0.1, A, moved)) is None
    both, only = several.places, several.look(look(0.9, A))
    assert both == (A.corners, moved.corners)
    assert (several.places, only) == ((A.corners, None), None)


def test_the_last_tag_is_taken_once_and_only_when_the_other_is_gone_for_good() -> None:
    several = Several()
    several.begin([A, B], 0.0)
    taken = [several.look(look(tenth / 10, A)) for tenth in range(25)]
    assert taken == [None] * 20 + [A] + [None] * 4


def test_both_tags_put_down_to_press_a_button_choose_nothing() -> None:
    several = Several()
    several.begin([A, B], 0.0)
    assert several.look(look(0.3, A)) is None
    assert [several.look(look(tenth / 10)) for tenth in range(4, 60)] == [None] * 56


@pytest.mark.parametrize(
    ("size", "view", "box"),
    [
        ((1280, 720), (1280, 720), (100, 100, 200, 100)),
        ((640, 480), (1280, 720), (200, 80, 400, 200)),  # twice as large, cut above and below
        ((1280, 720), (800, 1200), (-500, 1000 / 6, 1000 / 3, 1000 / 6)),  # cut left and right
    ],
)
def test_a_place_on_the_picture_is_found_on_the_view(
    size: tuple[int, int], view: tuple[float, float], box: tuple[float, float, float, float]
) -> None:
    assert on_view(PLACE, size, *view) == pytest.approx(box)
