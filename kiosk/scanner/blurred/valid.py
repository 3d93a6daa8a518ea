"""The valid codes that a row of digit costs allows, cheapest first: check digit and parities kept.

Of an EAN-13's 12 printed digits the first six are printed in one of ten patterns, which is the thirteenth digit; and
the weighted sum of all is a multiple of ten. So what is likely digit by digit need not be a code. Here the cheapest
codes are found among all 10^12 by following, per pattern, every digit and every sum of digits so far, from both ends.
An EAN-8 is the same with a single pattern.
"""

from __future__ import annotations

from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kiosk.scanner.blurred.rivals import ean_13_states
from kiosk.scanner.blurred.symbols import EAN_13, PARITIES, UPC_E, Floats, Symbol

Digits: TypeAlias = tuple[int, ...]
"""All digits; the first of an EAN-13 is not printed but is the pattern of the next six."""

IMPOSSIBLE = np.float32(1e9)
WEIGHTS = (3, 1) * 6
_TEN = np.arange(10)
_BEFORE = tuple(
    (_TEN[:, None] - weight * _TEN[None]) % 10 for weight in WEIGHTS
)  # [sum, digit] -> sum before it
_AFTER = tuple(
    (_TEN[:, None] + weight * _TEN[None]) % 10 for weight in WEIGHTS
)  # [sum, digit] -> sum with it


def cheapest(
    symbol: Symbol,
    costs: tuple[Floats, ...],
    overlap: tuple[Floats, ...],
    left: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8] | None:
    """The states of the cheapest of all valid codes; with ``left``, of those that begin so. None for UPC-E."""
    if symbol is UPC_E:
        return None
    if left is not None:
        begun = [
            np.where(np.arange(len(cost)) == state, cost, IMPOSSIBLE)
            for cost, state in zip(costs, left, strict=False)
        ]
        costs = (*begun, *costs[len(left) :])
    found: NDArray[np.uint8] = states(symbol, [Codes(symbol, costs, overlap).cheapest()])[0]
    return found


class Codes:
    """All valid codes under the costs of the states of each place and of neighbouring states, as ``optics`` has them.

    Of EAN-13 or EAN-8.
    """

    def __init__(self, symbol: Symbol, costs: tuple[Floats, ...], overlap: tuple[Floats, ...]) -> None:
        self._long = symbol is EAN_13
        # [pattern, place]: 1 where the digit is printed the second way
        second = np.array(PARITIES) // 10 if self._long else np.zeros((1, 1), int)
        self._places, self._patterns = len(costs), np.arange(len(second))
        alone = [_by_pattern(cost, second, place) for place, cost in enumerate(costs)]
        self._first = alone[0]
        self._steps = [
            _pairs(pair, second, place) + alone[place + 1][:, None] for place, pair in enumerate(overlap)
        ]

    def cheapest(self) -> Digits:
        """Return the code that costs least of all."""
        total = self._from_left[-1][:, :, 0]
        pattern, digit = divmod(int(total.argmin()), 10)
        return self._through(self._places - 1, pattern, digit, 0)

    def likeliest_others(self, code: Digits, most: int) -> list[Digits]:
        """Return up to ``most`` other codes, each the cheapest one with some digit at some place; cheapest first."""
        total = self._from_left + self._from_right
        sums = total.argmin(3)
        best = np.take_along_axis(total, sums[..., None], 3)[..., 0]  # [place, pattern, digit]
        pattern, digits = (code[0], code[1:]) if self._long else (0, code)
        best[range(self._places), pattern, digits] = IMPOSSIBLE
        found: dict[Digits, None] = {}
        for cell in np.argpartition(best, 4 * most, axis=None)[: 4 * most][
            np.argsort(np.partition(best, 4 * most, axis=None)[: 4 * most])
        ]:
            place, pattern, digit = (int(at) for at in np.unravel_index(cell, best.shape))
            found[self._through(place, pattern, digit, int(sums[place, pattern, digit]))] = None
            if len(found) > most:
                break
        found.pop(code, None)
        return list(found)[:most]

    @cached_property
    def _from_left(self) -> NDArray[np.float32]:
        """The least cost up to and with a place, [place, pattern, digit there, sum up to it]."""
        total = np.full((self._places, len(self._patterns), 10, 10), IMPOSSIBLE)
        for digit in range(10):
            total[0, self._patterns, digit, (self._patterns + WEIGHTS[0] * digit) % 10] = self._first[
                :, digit
            ]
        for place in range(1, self._places):
            step = (total[place - 1][:, :, :, None] + self._steps[place - 1][:, :, None, :]).min(1)
            total[place] = step[:, _BEFORE[place], _TEN[None]].transpose(0, 2, 1)
        return total

    @cached_property
    def _from_right(self) -> NDArray[np.float32]:
        """The least cost of what follows a place, [place, pattern, digit there, sum up to it], to end at a sum of 0."""
        total = np.full((self._places, len(self._patterns), 10, 10), IMPOSSIBLE)
        total[-1, :, :, 0] = 0
        for place in range(self._places - 2, -1, -1):
            after = total[place + 1][:, _TEN[None], _AFTER[place + 1]]
            total[place] = (after[:, None] + self._steps[place][:, :, None, :]).min(3)
        return total

    def _through(self, place: int, pattern: int, digit: int, total: int) -> Digits:
        """The cheapest code with a pattern, and at ``place`` a digit and a sum up to it."""
        digits = {place: digit}
        now, so_far = digit, total
        for at in range(place, 0, -1):
            so_far = (so_far - WEIGHTS[at] * now) % 10
            now = int(
                (self._from_left[at - 1, pattern, :, so_far] + self._steps[at - 1][pattern, :, now]).argmin()
            )
            digits[at - 1] = now
        now, so_far = digit, total
        for at in range(place, self._places - 1):
            sums = (so_far + WEIGHTS[at + 1] * _TEN) % 10
            now = int(
                (self._steps[at][pattern, now] + self._from_right[at + 1, pattern, _TEN, sums]).argmin()
            )
            so_far = int(sums[now])
            digits[at + 1] = now
        found = tuple(digits[at] for at in range(self._places))
        return (pattern, *found) if self._long else found


def states(symbol: Symbol, codes: list[Digits]) -> NDArray[np.uint8]:
    """Return how the digits of EAN-13 or EAN-8 codes are printed, as ``symbols`` has it: (codes, places)."""
    digits = np.array(codes, np.uint8)
    return ean_13_states(digits) if symbol is EAN_13 else digits


def codes_of(states: tuple[int, ...]) -> list[Digits]:
    """Return the EAN-13 whose digits are printed with ``states``, alone in a list; [] when that is no valid code."""
    pattern = tuple(state // 10 * 10 for state in states[:6])
    if pattern not in PARITIES:
        return []
    digits = (PARITIES.index(pattern), *(state % 10 for state in states))
    total = digits[0] + sum(weight * digit for weight, digit in zip(WEIGHTS, digits[1:], strict=True))
    return [digits] if total % 10 == 0 else []


def _by_pattern(cost: Floats, second: NDArray[np.intp], place: int) -> Floats:
    """[state] -> [pattern, digit]."""
    if len(cost) == 10:
        return np.broadcast_to(cost, (len(second), 10))
    return np.asarray(cost.reshape(2, 10)[second[:, place]], np.float32)


def _pairs(pair: Floats, second: NDArray[np.intp], place: int) -> Floats:
    """[state, next state] -> [pattern, digit, next digit]."""
    patterns, first = np.arange(len(second)), np.zeros(len(second), int)
    rows = pair.reshape(-1, 10, pair.shape[1])
    chosen = rows[second[:, place] if len(rows) == 2 else first]
    columns = chosen.reshape(len(second), 10, -1, 10)
    return np.asarray(
        columns[patterns, :, second[:, place + 1] if columns.shape[2] == 2 else first], np.float32
    )
