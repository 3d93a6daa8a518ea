"""Every retail code that a store's catalogue knows, as the states of its digits: a million in 40 MB."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.scanner.blurred.rivals import ean_13_states, upc_e_states
from kiosk.scanner.blurred.symbols import EAN_8, EAN_13, UPC_E, Floats, Symbol

States = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Codes:
    """Codes of one kind: their GTINs, rising, and for each neighbouring two digits a column with both states in one."""

    symbol: Symbol
    gtins: NDArray[np.uint64]
    pairs: tuple[NDArray[np.uint16], ...]

    def states(self, rows: NDArray[np.intp]) -> States:
        """The states (codes, places) of the digits of some rows."""
        last = self.pairs[-1][rows] % 20
        return np.stack([*(pair[rows] // 20 for pair in self.pairs), last], 1).astype(np.uint8)

    def costs(self, one: tuple[Floats, ...], beside: tuple[Floats, ...]) -> Floats:
        """What each code costs, given what each state costs by itself and beside the next one."""
        total = np.zeros(len(self.gtins), np.float32)
        for place, pair in enumerate(self.pairs):
            table = np.full((20, 20), np.inf, np.float32)
            rows, columns = beside[place].shape
            table[:rows, :columns] = beside[place] + one[place][:, None]
            if place == len(self.pairs) - 1:
                table[:rows, :columns] += one[-1]
            total += table.ravel()[pair]
        return total


@dataclass(frozen=True, slots=True)
class KnownCodes:
    """The retail codes of one catalogue. Never changes: make another one when the catalogue does."""

    kinds: tuple[Codes, ...]

    @classmethod
    def of(cls, gtins: Iterable[int] | NDArray[np.uint64]) -> KnownCodes:
        """Take GTINs as numbers, in any order, repeated or not.

        What no retail code can carry is left out: fourteen significant digits, or a wrong check digit.
        """
        numbers = gtins if isinstance(gtins, np.ndarray) else np.fromiter(gtins, np.uint64)
        numbers = np.unique(numbers.astype(np.uint64))
        numbers = numbers[(numbers > 0) & (numbers < 10**13)]
        numbers = numbers[_checked(numbers)]
        short = numbers < 10**8
        found = [
            packed(EAN_13, ean_13_states(_digits(numbers[~short], 13)), numbers[~short]),
            packed(EAN_8, _digits(numbers[short], 8), numbers[short]),
            packed(UPC_E, *_upc_e(numbers)),
        ]
        return cls(tuple(codes for codes in found if len(codes.gtins)))

    def __len__(self) -> int:
        """How many different GTINs there are."""
        return sum(len(codes.gtins) for codes in self.kinds if codes.symbol is not UPC_E)


def _digits(numbers: NDArray[np.uint64], count: int) -> States:
    digits = np.empty((len(numbers), count), np.uint8)
    left = numbers.copy()
    for place in range(count - 1, -1, -1):
        quotient = left // np.uint64(10)
        digits[:, place] = left - quotient * np.uint64(10)
        left = quotient
    return digits


def _checked(numbers: NDArray[np.uint64]) -> NDArray[np.bool_]:
    total = np.zeros(len(numbers), np.uint16)
    left = numbers.copy()
    for place in range(13):
        quotient = left // np.uint64(10)
        total += (left - quotient * np.uint64(10)).astype(np.uint16) * np.uint16(3 if place % 2 else 1)
        left = quotient
    return np.asarray(total % 10 == 0)


def _upc_e(numbers: NDArray[np.uint64]) -> tuple[States, NDArray[np.uint64]]:
    """The states of the short forms with six digits, of those of ``numbers`` that have one."""
    numbers = numbers[numbers < 2 * 10**11]
    digits = _digits(numbers, 12)
    maker, product = digits[:, 1:6], digits[:, 6:11]
    none = product == 0
    forms = (
        (
            (maker[:, 2] < 3) & (maker[:, 3:] == 0).all(1) & none[:, :2].all(1),
            [maker[:, 0], maker[:, 1], product[:, 2], product[:, 3], product[:, 4], maker[:, 2]],
        ),
        (
            (maker[:, 2] >= 3) & (maker[:, 3:] == 0).all(1) & none[:, :3].all(1),
            [maker[:, 0], maker[:, 1], maker[:, 2], product[:, 3], product[:, 4], np.full(len(maker), 3)],
        ),
        (
            (maker[:, 3] > 0) & (maker[:, 4] == 0) & none[:, :4].all(1),
            [maker[:, 0], maker[:, 1], maker[:, 2], maker[:, 3], product[:, 4], np.full(len(maker), 4)],
        ),
        (
            (maker[:, 4] > 0) & none[:, :4].all(1) & (product[:, 4] >= 5),
            [*maker.T, product[:, 4]],
        ),
    )
    short = np.zeros((len(numbers), 6), np.uint8)
    some = np.zeros(len(numbers), bool)
    for fits, columns in forms:
        short[fits] = np.stack(columns, 1)[fits]
        some |= fits
    return upc_e_states(short[some], digits[some, 0], digits[some, 11]), numbers[some]


def packed(symbol: Symbol, states: States, gtins: NDArray[np.uint64] | None = None) -> Codes:
    """Codes made of the states of their digits; without ``gtins`` they are numbered from 0."""
    numbers = np.arange(len(states), dtype=np.uint64) if gtins is None else gtins
    pairs = tuple(
        states[:, place].astype(np.uint16) * np.uint16(20) + states[:, place + 1]
        for place in range(len(symbol.places) - 1)
    )
    return Codes(symbol, numbers, pairs)
