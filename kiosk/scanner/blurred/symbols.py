"""How retail codes are printed: which modules are bars.

A module is the narrowest bar, the unit of every length here. Bars are +1 and spaces -1, so that what is
seen swings about 0. A digit has a *state*: its value, plus 10 when it is printed the second way (sets B of EAN).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

WIDTH = 7  # modules of one digit
QUIET = 6  # modules of white looked at on either side; the standard asks for 7 or more

_A = [
    "0001101",
    "0011001",
    "0010011",
    "0111101",
    "0100011",
    "0110001",
    "0101111",
    "0111011",
    "0110111",
    "0001011",
]
_C = ["".join("10"[int(bit)] for bit in digit) for digit in _A]
_B = [digit[::-1] for digit in _C]
PARITIES = tuple(
    tuple(10 * (way == "B") for way in ways)
    for ways in [
        "AAAAAA",
        "AABABB",
        "AABBAB",
        "AABBBA",
        "ABAABB",
        "ABBAAB",
        "ABBBAA",
        "ABABAB",
        "ABABBA",
        "ABBABA",
    ]
)
"""For each first digit of an EAN-13: what is added to the states of its next six."""
_UPC_E = ("BBBAAA", "BBABAA", "BBAABA", "BBAAAB", "BABBAA", "BAABBA", "BAAABB", "BABABA", "BABAAB", "BAABAB")
CHECK_PARITIES = tuple(tuple(10 * (way == "B") for way in ways) for ways in _UPC_E)
"""For each check digit of a UPC-E of number system 0: what is added to the states of its six digits."""


@dataclass(frozen=True)
class Symbol:
    """One kind of retail code. ``places`` are the first modules of its digits, ``sets`` what each is printed in."""

    name: str
    modules: int
    places: tuple[int, ...]
    sets: tuple[str, ...]
    guards: tuple[tuple[int, str], ...]

    def states(self, place: int) -> range:
        """The states that the digit at ``place`` can have."""
        return range(20 if self.sets[place] == "AB" else 10)


EAN_13 = Symbol(
    "EAN-13",
    95,
    tuple(3 + WIDTH * at for at in range(6)) + tuple(50 + WIDTH * at for at in range(6)),
    ("A",) + ("AB",) * 5 + ("C",) * 6,
    ((0, "101"), (45, "01010"), (92, "101")),
)
EAN_8 = Symbol(
    "EAN-8",
    67,
    tuple(3 + WIDTH * at for at in range(4)) + tuple(36 + WIDTH * at for at in range(4)),
    ("A",) * 4 + ("C",) * 4,
    ((0, "101"), (31, "01010"), (64, "101")),
)
UPC_E = Symbol(
    "UPC-E",
    51,
    tuple(3 + WIDTH * at for at in range(6)),
    ("AB",) * 6,
    ((0, "101"), (45, "010101")),
)
SYMBOLS = (EAN_13, EAN_8, UPC_E)


@cache
def shapes(printed: str) -> Floats:
    """The seven modules of each state of a set: ``A``, ``AB`` or ``C``. (states, 7)"""
    digits = {"A": _A, "AB": _A + _B, "C": _C}[printed]
    return np.array([[1.0 if bit == "1" else -1.0 for bit in digit] for digit in digits], np.float32)


@cache
def frame(symbol: Symbol) -> Floats:
    """The modules that are the same in every code of a kind, white at both sides, 0 where digits are."""
    modules = np.zeros(symbol.modules + 2 * QUIET, np.float32)
    modules[:QUIET] = modules[-QUIET:] = -1
    for at, bits in symbol.guards:
        modules[QUIET + at : QUIET + at + len(bits)] = [1 if bit == "1" else -1 for bit in bits]
    return modules


def modules(symbol: Symbol, states: NDArray[np.uint8]) -> Floats:
    """All modules of codes whose digits have ``states`` (codes, places), with their white at both sides."""
    made = np.repeat(frame(symbol)[None], len(states), 0)
    for place, at in enumerate(symbol.places):
        made[:, QUIET + at : QUIET + at + WIDTH] = shapes(symbol.sets[place])[states[:, place]]
    return made
