"""Codes that a proposal could be mistaken for, whether or not the catalogue knows them.

Two valid codes differ in two digits at least. So whoever is near is found by changing one or two digits and mending
the check digit. Who is likelier than all, ``valid`` knows.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from kiosk.scanner.blurred.symbols import CHECK_PARITIES, EAN_13, PARITIES, UPC_E, Symbol

States = NDArray[np.uint8]


def ean_13_states(digits: States) -> States:
    """The states of EAN-13 codes (codes, 13 digits)."""
    states = digits[:, 1:].copy()
    states[:, :6] += np.array(PARITIES, np.uint8)[digits[:, 0]]
    return states


def upc_e_states(digits: States, system: States, check: States) -> States:
    """The states of UPC-E codes with their six digits, number system (0 or 1) and check digit."""
    ways = np.array(CHECK_PARITIES, np.uint8)[check]
    return np.asarray(digits + np.where(system[:, None] == 1, 10 - ways, ways), np.uint8)


def near(symbol: Symbol, states: States) -> States:
    """Every valid code that differs from this one in one or two digits, check digit not counted."""
    if symbol is UPC_E:
        return _near_upc_e(states)
    digits = states % 10
    if symbol is EAN_13:
        first = PARITIES.index(
            tuple(int(state - digit) for state, digit in zip(states, digits, strict=True))[:6]
        )
        digits = np.concatenate([np.array([first], np.uint8), digits])
    changed = _changed(digits[:-1])
    weights = np.array([3, 1] * 7, np.int64)[: changed.shape[1]][::-1]
    check = (-(changed.astype(np.int64) @ weights) % 10).astype(np.uint8)
    whole = np.column_stack([changed, check])
    return ean_13_states(whole) if symbol is EAN_13 else whole


def _changed(payload: States) -> States:
    places, steps = _changes(len(payload))
    changed = np.repeat(payload[None], len(places), 0)
    rows = np.arange(len(places))
    for column in (0, 1):
        changed[rows, places[:, column]] = (payload[places[:, column]] + steps[:, column]) % 10
    return changed


@lru_cache
def _changes(count: int) -> tuple[NDArray[np.intp], States]:
    """Which two places change and by how much; both the same where only one does."""
    made = [(place, place, step, step) for place in range(count) for step in range(1, 10)]
    made += [
        (one, two, step, other)
        for one, two in combinations(range(count), 2)
        for step in range(1, 10)
        for other in range(1, 10)
    ]
    table = np.array(made)
    return table[:, :2], table[:, 2:].astype(np.uint8)


def _near_upc_e(states: States) -> States:
    digits = states % 10
    ways = tuple(int(way) for way in states - digits)
    swapped = tuple(10 - way for way in ways)
    system = 0 if ways in CHECK_PARITIES else 1
    check = CHECK_PARITIES.index(ways if system == 0 else swapped)
    own = np.concatenate([digits, [system, check]]).astype(np.uint8)
    changed = np.concatenate([_changed(digits), digits[None]])
    both = np.concatenate([np.column_stack([changed, np.full(len(changed), way)]) for way in (0, 1)])
    both = both.astype(np.uint8)
    checks = upc_e_check(both[:, :6], both[:, 6])
    whole = np.column_stack([both, checks])
    whole = whole[(whole != own).any(1)]
    return upc_e_states(whole[:, :6], whole[:, 6], whole[:, 7])


def upc_e_check(digits: States, system: States) -> States:
    """The check digits of UPC-E codes, which are those of their long form."""
    one, two, three, four, five, last = digits.T
    none = np.zeros_like(one)
    maker = np.where(
        last < 3,
        [one, two, last, none, none],
        np.where(
            last == 3,
            [one, two, three, none, none],
            np.where(last == 4, [one, two, three, four, none], digits[:, :5].T),
        ),
    )
    product = np.where(
        last < 3,
        [none, none, three, four, five],
        np.where(
            last == 3,
            [none, none, none, four, five],
            np.where(last == 4, [none] * 4 + [five], [none] * 4 + [last]),
        ),
    )
    payload = np.vstack([system[None], maker, product]).astype(np.int64)
    return np.asarray(-(np.array([3, 1] * 5 + [3]) @ payload) % 10, np.uint8)
