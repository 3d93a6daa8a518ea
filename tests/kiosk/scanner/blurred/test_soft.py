"""Which valid code costs least, and which code looks most like a line of brightness."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from kiosk.scanner.blurred import soft
from kiosk.scanner.blurred.line import Line
from kiosk.scanner.blurred.profile import alignments
from kiosk.scanner.blurred.symbols import EAN_8, EAN_13, Floats, Symbol, modules
from kiosk.scanner.blurred.valid import Codes, cheapest, codes_of, states
from retail.gtin import check_digit

PEN = (4, 0, 0, 6, 3, 8, 1, 3, 3, 3, 9, 3, 1)
SHAPES = [10] + [20] * 5 + [10] * 6


def _tables(seed: int) -> tuple[tuple[Floats, ...], tuple[Floats, ...]]:
    rng = np.random.default_rng(seed)
    costs = tuple(rng.random(count, np.float32) for count in SHAPES)
    overlap = tuple(rng.random(pair, np.float32) * 0.3 for pair in pairwise(SHAPES))
    return costs, overlap


def _cost(code: tuple[int, ...], tables: tuple[tuple[Floats, ...], tuple[Floats, ...]]) -> float:
    costs, overlap = tables
    printed = [int(state) for state in states(EAN_13, [code])[0]]
    alone = sum(float(cost[state]) for cost, state in zip(costs, printed, strict=True))
    return alone + sum(
        float(pair[one, two]) for pair, one, two in zip(overlap, printed, printed[1:], strict=False)
    )


def _valid(code: tuple[int, ...]) -> bool:
    digits = "".join(map(str, code))
    return check_digit(digits[:12]) == digits[12]


@pytest.mark.parametrize("seed", range(5))
def test_the_cheapest_code_is_valid_and_no_change_of_digits_makes_it_cheaper(seed: int) -> None:
    tables = _tables(seed)
    best = Codes(EAN_13, *tables).cheapest()
    assert _valid(best)
    cost = _cost(best, tables)
    for one in range(13):
        for two in range(one):
            for change in range(100):
                other = list(best)
                other[one], other[two] = divmod(change, 10)
                if tuple(other) != best and _valid(tuple(other)):
                    assert _cost(tuple(other), tables) >= cost - 1e-4


def test_the_likeliest_others_are_valid_and_come_in_order() -> None:
    tables = _tables(7)
    codes = Codes(EAN_13, *tables)
    best = codes.cheapest()
    others = codes.likeliest_others(best, 8)
    assert len(set(others)) == 8
    assert best not in others
    assert all(_valid(code) for code in others)
    made = [_cost(code, tables) for code in others]
    assert made == sorted(made)
    assert made[0] >= _cost(best, tables)


def test_costs_of_nothing_but_one_code_give_that_code() -> None:
    costs = tuple(np.ones(count, np.float32) for count in SHAPES)
    for cost, state in zip(costs, states(EAN_13, [PEN])[0], strict=True):
        cost[state] = 0
    overlap = tuple(np.zeros(pair, np.float32) for pair in pairwise(SHAPES))
    assert Codes(EAN_13, costs, overlap).cheapest() == PEN


@pytest.mark.parametrize(
    ("symbol", "digits"), [(EAN_13, "4006381333931"), (EAN_13, "0036000291452"), (EAN_8, "96385074")]
)
def test_the_cheapest_code_that_begins_with_given_states(symbol: Symbol, digits: str) -> None:
    wanted = states(symbol, [tuple(map(int, digits))])[0]
    costs = tuple(np.ones(len(symbol.states(place)), np.float32) for place in range(len(symbol.places)))
    for cost, state in list(zip(costs, wanted, strict=True))[len(wanted) // 2 :]:
        cost[state] = 0
    sizes = pairwise(len(cost) for cost in costs)
    overlap = tuple(np.zeros(pair, np.float32) for pair in sizes)
    found = cheapest(symbol, costs, overlap, wanted[: len(wanted) // 2])
    assert found is not None
    assert found.tolist() == wanted.tolist()


@pytest.mark.parametrize(
    ("printed", "codes"),
    [
        (PEN, [PEN]),
        ((0, *PEN[1:]), [(0, *PEN[1:])]),  # another first digit: other parities, other sum
    ],
)
def test_states_that_are_a_valid_code_are_that_code(
    printed: tuple[int, ...], codes: list[tuple[int, ...]]
) -> None:
    made = tuple(int(state) for state in states(EAN_13, [printed])[0])
    assert codes_of(made) == [code for code in codes if _valid(code)]


@pytest.mark.parametrize(("place", "state"), [(11, 2), (1, 0), (0, 5)])
def test_states_that_break_a_rule_are_no_code(place: int, state: int) -> None:
    """A wrong check digit, parities that no first digit has, a wrong digit."""
    made = [int(one) for one in states(EAN_13, [PEN])[0]]
    assert made[place] != state
    made[place] = state
    assert codes_of(tuple(made)) == []


def _line(code: tuple[int, ...], sigma: float, module: float = 2.0, grain: float = 1.0) -> Line:
    """Brightness over a code and as much paper on either side, blurred by ``sigma`` modules."""
    ink = np.pad(modules(EAN_13, states(EAN_13, [code]))[0], 60, constant_values=-1)
    fine = np.repeat(ink, 20)
    reach = np.arange(-100, 101) / 20
    kernel = np.exp(-(reach**2) / 2 / max(sigma, 0.05) ** 2)
    fine = np.convolve(np.pad(fine, 100, mode="edge"), kernel / kernel.sum(), "valid")
    at = ((np.arange(int(len(ink) * module)) + 0.5) / module * 20).astype(int)
    noise = np.random.default_rng(1).normal(0, grain, len(at))
    start = (len(ink) - 95) / 2 * module
    return Line((130 - 60 * fine[at] + noise).astype(np.float32), start, start + 95 * module)


@pytest.mark.parametrize("sigma", [0.3, 0.6, 0.9, 1.1])
@pytest.mark.parametrize("turned", [False, True])
def test_a_blurred_line_is_made_out_either_way_round(sigma: float, turned: bool) -> None:
    seen = _line(PEN, sigma)
    if turned:
        width = len(seen.bright)
        seen = Line(seen.bright[::-1].copy(), width - seen.right, width - seen.left)
    found = soft.fit(seen)
    assert found is not None
    assert found.digits == PEN
    assert found.blur == pytest.approx(sigma, abs=0.3)
    assert found.lines >= 3


def test_a_code_that_explains_all_beats_one_that_is_cheaper_digit_by_digit() -> None:
    """On a label that is not flat the cheapest digits are others: the code that came up first explains it best."""
    seen = _line(PEN, 0.9, module=2.4)
    at = np.arange(len(seen.bright))
    wavy = np.interp(at + 1.2 * np.sin(at / len(at) * 14), at, seen.bright)
    found = soft.fit(Line(wavy.astype(np.float32), seen.left, seen.right))
    assert found is not None
    assert (found.digits, found.lines) == (PEN, 5)
    assert found.misfit == pytest.approx(0.028, abs=0.005)


@pytest.mark.parametrize(("share", "digits"), [(0.62, PEN), (0.45, PEN), (0.35, None)])
def test_a_code_that_is_a_part_of_its_place(share: float, digits: tuple[int, ...] | None) -> None:
    """As on a book, where the add-on and the edge of the label were found with it."""
    seen = _line(PEN, 0.6)
    length = (seen.right - seen.left) / share
    wide = np.pad(seen.bright, (0, int(length)), mode="edge")
    found = soft.fit(Line(wide, seen.left, seen.left + length))
    assert (found.digits if found is not None and found.lines else None) == digits


def test_what_is_blurred_beyond_telling_says_nothing() -> None:
    found = soft.fit(_line(PEN, 2.2, grain=3))
    assert found is None or found.lines == 0


def test_noise_and_another_kind_of_bars_say_nothing() -> None:
    rng = np.random.default_rng(5)
    for _ in range(5):
        noise = Line(rng.normal(120, 40, 500).astype(np.float32), 150.0, 350.0)
        even = np.repeat(rng.integers(40, 220, 140), 4)[:500].astype(np.float32)
        for seen in (noise, Line(even, 150.0, 350.0)):
            found = soft.fit(seen)
            assert found is None or found.lines == 0


def _shifted(seen: Line, by: int) -> Line:
    return Line(np.roll(seen.bright, by), seen.left, seen.right)


@pytest.mark.parametrize("by", [0, 1])
def test_a_line_beside_a_read_one_is_laid_like_it(by: int) -> None:
    seen = _line(PEN, 0.9, module=2.4)
    first = soft.fit(seen)
    assert first is not None
    beside = soft.fit(_shifted(seen, by), first.laid)
    assert beside is not None
    assert beside.digits == PEN
    assert beside.lines >= 3
    assert beside.laid.misfit <= soft.NO_BARS


def test_a_line_that_lies_elsewhere_than_the_one_beside_it_is_looked_for_anew() -> None:
    seen = _line(PEN, 0.9, module=2.4)
    first = soft.fit(seen)
    assert first is not None
    found = soft.fit(_shifted(seen, 40), first.laid)
    assert found is not None
    assert found.digits == PEN
    assert found.laid.warp[0] == pytest.approx(first.laid.warp[0] + 40, abs=1)


def test_what_fits_no_code_even_roughly_is_no_start() -> None:
    seen = _line(PEN, 0.9, module=2.4)
    assert alignments(seen, (EAN_13,), 1, worst=soft.NO_BARS_ROUGHLY)
    noise = Line(np.random.default_rng(3).normal(120, 40, 500).astype(np.float32), 150.0, 350.0)
    assert alignments(noise, (EAN_13,), 1)
    assert alignments(noise, (EAN_13,), 1, worst=soft.NO_BARS_ROUGHLY) == []
