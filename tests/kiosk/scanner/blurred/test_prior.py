"""Bars that no reader can read, and what the catalogue thinks they are: the right product, or nothing."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kiosk.scanner import read_image
from kiosk.scanner.blurred.known import KnownCodes
from kiosk.scanner.blurred.prior import LIKELIER, Matcher, Proposal, propose
from kiosk.scanner.reading import Picture
from retail.gtin import check_digit
from tests.kiosk.scanner.drawn import Kind, bars, blurred, scene, turned

PEN = "4006381333931"
OTHERS = np.random.default_rng(5)


def gtin(payload: int) -> int:
    """The GTIN of up to twelve digits."""
    return int(str(payload) + check_digit(str(payload)))


def shop(*wanted: int, seed: int = 1, count: int = 3000) -> KnownCodes:
    """A catalogue of other makers' codes, the pen's neighbours and ``wanted``, but never the pen by itself."""
    chance = np.random.default_rng(seed)
    others = [gtin(int(payload)) for payload in chance.integers(10**11, 10**12, count)]
    beside = [gtin(int(PEN[:-1]) + step) for step in range(-40, 41) if step]
    return KnownCodes.of([*others, *beside, *wanted])


WITH_PEN, WITHOUT_PEN = shop(int(PEN)), shop()


def blurry(text: str = PEN, kind: Kind = Kind.EAN13, sigma: float = 3.2) -> Picture:
    """A tag on a grainy ground, out of focus: no reader reads it."""
    return blurred(scene((bars(text, kind), 140, 120)), sigma)


def said(proposal: Proposal | None) -> str | None:
    return None if proposal is None else proposal.text


def test_what_nobody_can_read_is_proposed() -> None:
    picture = blurry()
    assert read_image(blurry(sigma=6.0)) == []
    found = propose(picture, WITH_PEN)
    assert found is not None
    assert (found.gtin, found.text) == ("04006381333931", PEN)
    assert found.margin >= LIKELIER
    assert 0.9 < found.score <= 1
    assert found.blur == pytest.approx(3.2 / 3, rel=0.15)
    middle = np.mean(found.corners, axis=0)
    assert middle == pytest.approx([140 + 30 + 95 * 1.5 + 30, 120 + 30 + 75], abs=60)


@pytest.mark.parametrize("sigma", [2.0, 2.6, 3.2, 3.8, 4.4])
def test_more_and_more_blurred(sigma: float) -> None:
    assert said(propose(blurry(sigma=sigma), WITH_PEN)) == PEN


@pytest.mark.parametrize("sigma", [1.0, 2.0, 2.6, 3.2, 3.8, 4.4, 5.0, 6.0])
def test_a_code_that_is_not_sold_here_is_not_proposed_as_its_neighbour(sigma: float) -> None:
    assert propose(blurry(sigma=sigma), WITHOUT_PEN) is None


@pytest.mark.parametrize("step", [-1, 1, 2, 10, 100])
def test_the_nearest_neighbours_are_told_apart_or_nothing_is_said(step: int) -> None:
    neighbour = gtin(int(PEN[:-1]) + step)
    both = KnownCodes.of([int(PEN), neighbour])
    assert said(propose(blurry(str(neighbour)), both)) in {str(neighbour), None}
    assert said(propose(blurry(sigma=2.5), both)) == PEN
    assert propose(blurry(), KnownCodes.of([neighbour])) is None


@pytest.mark.parametrize("degrees", [25, 90, 180, 205, 300])
def test_however_the_tag_is_held(degrees: float) -> None:
    picture = blurred(turned(scene((bars(PEN), 140, 120)), degrees), 2.8)
    assert said(propose(picture, WITH_PEN)) == PEN


def test_the_hand_moved() -> None:
    kernel = np.full((1, 8), 1 / 8, np.float32)
    picture = np.asarray(cv2.filter2D(scene((bars(PEN), 140, 120)), -1, kernel), np.uint8)
    assert said(propose(picture, WITH_PEN)) == PEN


def test_seen_from_the_side() -> None:
    source = np.array([[0, 0], [640, 0], [640, 480], [0, 480]], np.float32)
    target = np.array([[0, 0], [640, 60], [640, 420], [0, 480]], np.float32)
    slanted = cv2.warpPerspective(
        scene((bars(PEN), 140, 120)), cv2.getPerspectiveTransform(source, target), (640, 480)
    )
    assert said(propose(blurred(np.asarray(slanted, np.uint8), 2.5), WITH_PEN)) == PEN


@pytest.mark.parametrize(
    ("written", "kind", "text", "number"),
    [
        ("96385074", Kind.EAN8, "96385074", 96385074),
        ("036000291452", Kind.UPCA, "036000291452", 36000291452),
        ("04252614", Kind.UPCE, "042100005264", 42100005264),
    ],
)
def test_the_other_retail_codes(written: str, kind: Kind, text: str, number: int) -> None:
    assert said(propose(blurry(written, kind, 2.5), shop(number))) == text
    assert propose(blurry(written, kind, 2.5), shop()) is None


def test_a_grey_picture_is_as_good() -> None:
    grey = np.asarray(cv2.cvtColor(blurry(), cv2.COLOR_BGR2GRAY), np.uint8)
    assert said(propose(grey, WITH_PEN)) == PEN


def test_places_that_somebody_found_are_taken() -> None:
    quad = np.array([[170, 150], [460, 150], [460, 290], [170, 290]], np.float32)
    assert said(propose(blurry(), WITH_PEN, [quad])) == PEN
    assert propose(blurry(), WITH_PEN, []) is None


def test_a_huge_picture_is_looked_at_smaller_and_its_places_are_its_own() -> None:
    huge = np.asarray(cv2.resize(blurry(sigma=2.8), (6400, 4800), interpolation=cv2.INTER_CUBIC), np.uint8)
    found = propose(huge, WITH_PEN)
    assert found is not None
    assert found.text == PEN
    assert np.mean(found.corners, axis=0) == pytest.approx([3125, 2250], abs=500)


def stripes(period: float, rows: int = 480, columns: int = 640) -> Picture:
    wave = 128 + 90 * np.sign(np.sin(np.arange(columns) * 2 * np.pi / period))
    return np.repeat(np.repeat(wave.astype(np.uint8)[None, :, None], rows, 0), 3, 2)


def grille() -> Picture:
    chance = np.random.default_rng(3)
    edges = np.cumsum(chance.integers(3, 13, 90))
    wave = np.full(640, 230, np.uint8)
    for start, end in list(pairwise(edges))[::2]:
        wave[start:end] = 30
    picture = np.full((480, 640, 3), 160, np.uint8)
    picture[150:330, 60:580] = wave[60:580, None]
    return picture


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((0, 0, 3), np.uint8),
        np.full((1, 1, 3), 7, np.uint8),
        np.full((12, 900, 3), 7, np.uint8),
        np.zeros((480, 640, 3), np.uint8),
        np.full((480, 640, 3), 255, np.uint8),
        OTHERS.integers(0, 256, (480, 640, 3), dtype=np.uint8),
        blurred(OTHERS.integers(0, 256, (480, 640, 3), dtype=np.uint8), 2.0),
        stripes(6),
        stripes(9.3),
        blurred(stripes(12), 3.0),
        grille(),
        blurred(grille(), 2.5),
        blurred(scene((bars("AB-1234567", Kind.Code128), 100, 120)), 2.5),
        blurred(scene((bars("14006381333938", Kind.ITF14), 60, 120)), 2.5),
    ],
)
def test_what_is_no_retail_code_is_never_proposed(picture: Picture) -> None:
    assert propose(picture, WITH_PEN) is None


def test_an_empty_catalogue_proposes_nothing() -> None:
    assert propose(blurry(), KnownCodes.of([])) is None
    assert len(KnownCodes.of([])) == 0


def test_frames_put_together_say_what_one_alone_does_not() -> None:
    chance = np.random.default_rng(11)
    matcher, alone, together = Matcher(WITH_PEN), 0, 0
    for _ in range(12):
        frame = np.clip(blurry(sigma=6.4) + chance.normal(0, 3, (480, 640, 3)), 0, 255).astype(np.uint8)
        alone += propose(frame, WITH_PEN) is not None
        found = matcher.offer(frame)
        assert said(found) in {PEN, None}
        together += found is not None
    assert together >= alone


def test_frames_are_forgotten() -> None:
    matcher = Matcher(WITH_PEN)
    assert said(matcher.offer(blurry())) == PEN
    matcher.reset()
    matcher.known = WITHOUT_PEN
    assert matcher.offer(blurry()) is None


def test_another_product_does_not_inherit_the_first_ones_frames() -> None:
    other = str(gtin(501234512345))
    matcher = Matcher(shop(int(PEN), int(other)))
    for _ in range(3):
        assert said(matcher.offer(blurry())) == PEN
    assert said(matcher.offer(blurry(other))) in {other, None}


def test_only_retail_codes_with_a_right_check_digit_are_known() -> None:
    numbers = [int(PEN), int(PEN), int(PEN) + 1, 96385074, 14006381333938, 0]
    assert len(KnownCodes.of(numbers)) == 2
    assert len(KnownCodes.of(np.array(numbers, np.uint64))) == 2


@settings(max_examples=25)
@given(
    payloads=st.sets(st.integers(10**10, 10**12 - 1), min_size=1, max_size=30),
    shown=st.integers(0, 60),
    sigma=st.floats(0.5, 5),
    degrees=st.floats(0, 360),
)
def test_a_proposal_is_always_of_the_catalogue_and_never_another_code(
    payloads: set[int], shown: int, sigma: float, degrees: float
) -> None:
    codes = [gtin(payload) for payload in sorted(payloads)]
    text = f"{codes[shown] if shown < len(codes) else int(PEN):013d}"
    picture = blurred(turned(scene((bars(text, scale=2), 160, 140)), degrees), sigma)
    found = propose(picture, KnownCodes.of(codes))
    assert found is None or (int(found.gtin) in codes and int(found.gtin) == int(text))


def states_by_zxing(number: int, kind: Kind, digits: int) -> NDArray[np.uint8]:
    return bars(f"{number:0{digits}d}", kind, scale=1, quiet=0)[5, :, 0]


@settings(max_examples=40)
@given(st.integers(1, 10**12 - 1))
def test_each_known_code_has_the_bars_that_others_print(payload: int) -> None:
    from kiosk.scanner.blurred.symbols import modules

    number = gtin(payload)
    for codes in KnownCodes.of([number]).kinds:
        if codes.symbol.name == "UPC-E":
            continue
        kind, digits = (Kind.EAN13, 13) if codes.symbol.name == "EAN-13" else (Kind.EAN8, 8)
        printed = states_by_zxing(number, kind, digits)
        dark = np.flatnonzero(printed == 0)
        expected = np.where(printed[dark[0] : dark[-1] + 1] == 0, 1.0, -1.0)
        assert modules(codes.symbol, codes.states(np.array([0])))[0][6:-6].tolist() == expected.tolist()
