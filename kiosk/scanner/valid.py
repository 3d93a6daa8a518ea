"""The EAN-13 codes that a row of digit costs allows, cheapest first: check digit and parities kept.

Of 12 printed digits every first six are one of ten patterns of two printings, which is the thirteenth digit; and the
weighted sum of all is a multiple of ten. So what is likely digit by digit need not be a code. Here the cheapest codes
are found among all 10^12 by following, per pattern, every digit and every sum of digits so far, from both ends.
"""

from __future__ import annotations

from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kiosk.scanner.symbols import PARITIES, Floats

Digits: TypeAlias = tuple[int, ...]
"""Thirteen, the first of which is not printed but is the pattern of the next six."""

PLACES = 12
IMPOSSIBLE = np.float32(1e9)
WEIGHTS = tuple(1 if place % 2 else 3 for place in range(PLACES))
_TEN = np.arange(10)
_SECOND = np.array(PARITIES) // 10  # [pattern, place]: 1 where the digit is printed the second way
_BEFORE = tuple(
    (_TEN[:, None] - weight * _TEN[None]) % 10 for weight in WEIGHTS
)  # [sum, digit] -> sum before it
_AFTER = tuple(
    (_TEN[:, None] + weight * _TEN[None]) % 10 for weight in WEIGHTS
)  # [sum, digit] -> sum with it


class Codes:
    """All valid codes under the costs of the states of each place and of neighbouring states, as ``optics`` has them."""

    def __init__(self, costs: tuple[Floats, ...], overlap: tuple[Floats, ...]) -> None:
        alone = [_by_pattern(cost, place) for place, cost in enumerate(costs)]
        self._first = alone[0]
        self._steps = [_pairs(pair, place) + alone[place + 1][:, None] for place, pair in enumerate(overlap)]

    def cheapest(self) -> Digits:
        """Return the code that costs least of all."""
        total = self._from_left[-1][:, :, 0]
        pattern, digit = divmod(int(total.argmin()), 10)
        return self._through(PLACES - 1, pattern, digit, 0)

    def likeliest_others(self, code: Digits, most: int) -> list[Digits]:
        """Return up to ``most`` other codes, each the cheapest one with some digit at some place; cheapest first."""
        total = self._from_left + self._from_right
        sums = total.argmin(3)
        best = np.take_along_axis(total, sums[..., None], 3)[..., 0]  # [place, pattern, digit]
        best[range(PLACES), code[0], code[1:]] = IMPOSSIBLE
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
        total = np.full((PLACES, 10, 10, 10), IMPOSSIBLE)
        for digit in range(10):
            total[0, _TEN, digit, (_TEN + WEIGHTS[0] * digit) % 10] = self._first[:, digit]
        for place in range(1, PLACES):
            step = (total[place - 1][:, :, :, None] + self._steps[place - 1][:, :, None, :]).min(1)
            total[place] = step[:, _BEFORE[place], _TEN[None]].transpose(0, 2, 1)
        return total

    @cached_property
    def _from_right(self) -> NDArray[np.float32]:
        """The least cost of what follows a place, [place, pattern, digit there, sum up to it], to end at a sum of 0."""
        total = np.full((PLACES, 10, 10, 10), IMPOSSIBLE)
        total[-1, :, :, 0] = 0
        for place in range(PLACES - 2, -1, -1):
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
        for at in range(place, PLACES - 1):
            sums = (so_far + WEIGHTS[at + 1] * _TEN) % 10
            now = int(
                (self._steps[at][pattern, now] + self._from_right[at + 1, pattern, _TEN, sums]).argmin()
            )
            so_far = int(sums[now])
            digits[at + 1] = now
        return (pattern, *(digits[at] for at in range(PLACES)))


def states(codes: list[Digits]) -> NDArray[np.uint8]:
    """Return how the digits of codes are printed, as ``symbols`` has it: (codes, places)."""
    rows = [
        [digit + way for digit, way in zip(code[1:7], PARITIES[code[0]], strict=True)] + list(code[7:])
        for code in codes
    ]
    return np.array(rows, np.uint8)


def _by_pattern(cost: Floats, place: int) -> Floats:
    """[state] -> [pattern, digit]."""
    if len(cost) == 10:
        return np.broadcast_to(cost, (10, 10))
    return np.asarray(cost.reshape(2, 10)[_SECOND[:, place]], np.float32)


def _pairs(pair: Floats, place: int) -> Floats:
    """[state, next state] -> [pattern, digit, next digit]."""
    rows = pair.reshape(-1, 10, pair.shape[1])
    chosen = rows[_SECOND[:, place] if len(rows) == 2 else np.zeros(10, int)]
    columns = chosen.reshape(10, 10, -1, 10)
    second = _SECOND[:, place + 1] if columns.shape[2] == 2 else np.zeros(10, int)
    return np.asarray(columns[_TEN, :, second], np.float32)
