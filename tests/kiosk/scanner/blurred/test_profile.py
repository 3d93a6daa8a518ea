"""Bars laid over the modules of a code: the right kind, way round, place and blur, however they are held."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from kiosk.scanner.blurred import faint
from kiosk.scanner.blurred.line import line
from kiosk.scanner.blurred.optics import costs, drawn, grid
from kiosk.scanner.blurred.profile import Alignment, alignments, best_states
from kiosk.scanner.blurred.rivals import ean_13_states, upc_e_check, upc_e_states
from kiosk.scanner.blurred.symbols import EAN_8, EAN_13, UPC_E, Symbol, modules
from kiosk.scanner.reading import Picture
from tests.kiosk.scanner.drawn import Kind, bars, blurred, scene, turned

PEN = "4006381333931"
PEN_STATES = tuple(
    int(state) for state in ean_13_states(np.array([[int(digit) for digit in PEN]], np.uint8))[0]
)


def laid(picture: Picture, *kinds: Symbol) -> Alignment:
    """The best alignment of the one place with bars on ``picture``."""
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
    seen = line(grey, next(faint.find(grey, 1)))
    assert seen is not None
    return alignments(seen, kinds or (EAN_13, EAN_8, UPC_E))[0]


@pytest.mark.parametrize("sigma", [0.9, 1.5, 2.5, 3.5])
def test_blurred_bars_are_decoded_without_knowing_any_rule(sigma: float) -> None:
    found = laid(blurred(scene((bars(PEN), 100, 120)), sigma))
    assert (found.symbol, found.states, found.flipped) == (EAN_13, PEN_STATES, False)
    assert found.misfit < 0.05


def test_the_blur_is_estimated_in_modules() -> None:
    assert laid(blurred(scene((bars(PEN), 100, 120)), 3.6)).optics.sigma == pytest.approx(1.2, rel=0.15)


def test_the_warp_says_where_the_first_and_the_last_bar_are() -> None:
    found = laid(blurred(scene((bars(PEN), 100, 120)), 2.0))
    width = 2 * found.warp[1]
    assert width == pytest.approx(95 * 3, abs=2)


@pytest.mark.parametrize("degrees", [90, 180, 200, 335])
def test_however_the_tag_is_held(degrees: float) -> None:
    found = laid(blurred(turned(scene((bars(PEN), 140, 120)), degrees), 1.5))
    assert found.states == PEN_STATES


def test_upside_down_is_told() -> None:
    assert laid(blurred(scene((bars(PEN)[::-1, ::-1], 100, 120)), 2.0)).flipped


@pytest.mark.parametrize(
    ("written", "kind", "symbol", "states"),
    [
        ("96385074", Kind.EAN8, EAN_8, (9, 6, 3, 8, 5, 0, 7, 4)),
        ("04252614", Kind.UPCE, UPC_E, (14, 2, 15, 12, 6, 1)),
        ("036000291452", Kind.UPCA, EAN_13, (0, 3, 6, 0, 0, 0, 2, 9, 1, 4, 5, 2)[1:]),
    ],
)
def test_each_kind_is_told_from_the_others(
    written: str, kind: Kind, symbol: Symbol, states: tuple[int, ...]
) -> None:
    found = laid(blurred(scene((bars(written, kind), 100, 120)), 1.5))
    assert found.symbol is symbol
    assert found.states[-len(states) :] == states


def test_costs_are_squared_differences() -> None:
    found = laid(blurred(scene((bars(PEN), 100, 120)), 1.5))
    parts = drawn(EAN_13, found.optics)
    one = costs(found.samples, EAN_13, found.optics)
    other = tuple((state + 1) % 10 for state in PEN_STATES)
    for states in (PEN_STATES, other):
        made = parts.frame.copy()
        for place, state in enumerate(states):
            start = round((EAN_13.places[place] - 8 - grid(EAN_13)[0]) * 2)
            made[start : start + parts.parts[place].shape[1]] += parts.parts[place][state]
        price = sum(float(one[place][state]) for place, state in enumerate(states))
        price += sum(float(parts.overlap[at][states[at], states[at + 1]]) for at in range(11))
        constant = float(((found.samples - parts.frame) ** 2).sum())
        assert price + constant == pytest.approx(float(((found.samples - made) ** 2).sum()), rel=0.01)
    assert best_states(one, parts.overlap) == PEN_STATES


def test_modules_are_those_of_the_standard() -> None:
    made = modules(EAN_13, np.array([PEN_STATES], np.uint8))[0]
    drawn_by_zxing = bars(PEN, scale=1, quiet=0)[5, :, 0]
    inner = np.flatnonzero(drawn_by_zxing == 0)
    expected = np.where(drawn_by_zxing[inner[0] : inner[-1] + 1] == 0, 1.0, -1.0)
    assert made[6:-6].tolist() == expected.tolist()


def test_upc_e_modules_are_those_of_the_standard() -> None:
    digits, system = np.array([[4, 2, 5, 2, 6, 1]], np.uint8), np.array([0], np.uint8)
    check = upc_e_check(digits, system)
    assert check.tolist() == [4]
    made = modules(UPC_E, upc_e_states(digits, system, check))[0]
    drawn_by_zxing = bars("04252614", Kind.UPCE, scale=1, quiet=0)[5, :, 0]
    inner = np.flatnonzero(drawn_by_zxing == 0)
    assert made[6:-6].tolist() == np.where(drawn_by_zxing[inner[0] : inner[-1] + 1] == 0, 1.0, -1.0).tolist()


@pytest.mark.parametrize("size", [(5, 5), (7, 300), (300, 7)])
def test_what_is_too_small_has_no_line(size: tuple[int, int]) -> None:
    rows, columns = size
    quad = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    assert line(np.full((400, 400), 128, np.uint8), quad) is None


def test_flat_places_and_corners_outside_the_picture_are_no_trouble() -> None:
    for quad in (
        [[0, 0], [200, 0], [200, 90], [0, 90]],
        [[-500, -500], [900, -480], [910, 700], [-490, 690]],
    ):
        seen = line(np.full((100, 220), 128, np.uint8), np.array(quad, np.float32))
        assert seen is None or all(found.misfit > 0.5 for found in alignments(seen, (EAN_13,)))
