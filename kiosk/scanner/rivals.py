"""Codes that a proposal could be mistaken for, whether or not the catalogue knows them.

Two valid codes differ in two digits at least. So whoever is near is found by changing one or two digits and mending
the check digit; who is likelier than all, by walking through every valid code at once, digit by digit.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from kiosk.scanner.symbols import CHECK_PARITIES, EAN_8, EAN_13, PARITIES, UPC_E, Floats, Symbol

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


def cheapest(
    symbol: Symbol, one: tuple[Floats, ...], beside: tuple[Floats, ...], left: States | None = None
) -> States | None:
    """The cheapest of all valid codes; with ``left``, of those that begin with these states. None for UPC-E."""
    if symbol is UPC_E:
        return None
    best: tuple[float, States] | None = None
    for first in range(10) if symbol is EAN_13 else range(1):
        ways = (*PARITIES[first], *[0] * 6) if symbol is EAN_13 else (0,) * 8
        if left is not None and any(
            int(state) // 10 * 10 != way for state, way in zip(left, ways, strict=False)
        ):
            continue
        found = _cheapest(first, ways, one, beside, left)
        if best is None or found[0] < best[0]:
            best = found
    return None if best is None else best[1]


def _cheapest(
    first: int,
    ways: tuple[int, ...],
    one: tuple[Floats, ...],
    beside: tuple[Floats, ...],
    left: States | None,
) -> tuple[float, States]:
    """Walk over (digit, sum so far) from place to place; the sum of all must end in 0."""
    count = len(one)
    digits = np.arange(10)
    total = np.full((10, 10), np.inf, np.float32)  # digit, sum
    costs = []
    for place in range(count):
        cost = one[place][ways[place] : ways[place] + 10].copy()
        if left is not None and place < len(left):
            cost[digits != left[place] % 10] = np.inf
        costs.append(cost)
    weights = [3 if (count - place) % 2 == 0 else 1 for place in range(count)]
    total[digits, (first + weights[0] * digits) % 10] = costs[0]
    came = []
    for place in range(1, count):
        pair = beside[place - 1][ways[place - 1] : ways[place - 1] + 10, ways[place] : ways[place] + 10]
        through = total[:, :, None] + pair[:, None, :]
        came.append(through.argmin(0))
        least = through.min(0) + costs[place]  # sum before, digit
        sums = (digits[:, None] - weights[place] * digits[None]) % 10
        total = least[sums, digits[None]].T
    digit, rest = int(total[:, 0].argmin()), 0
    price = float(total[digit, 0])
    path = [digit]
    for place in range(count - 1, 0, -1):
        rest = (rest - weights[place] * path[-1]) % 10
        path.append(int(came[place - 1][rest, path[-1]]))
    return price, (np.array(path[::-1]) + np.array(ways)).astype(np.uint8)


def costs(states: States, one: tuple[Floats, ...], beside: tuple[Floats, ...]) -> Floats:
    """What each of some codes costs."""
    total = one[-1][states[:, -1]].astype(np.float32)
    for place in range(len(one) - 1):
        total += one[place][states[:, place]] + beside[place][states[:, place], states[:, place + 1]]
    return total


__all__ = ["EAN_8", "cheapest", "costs", "ean_13_states", "near", "upc_e_check", "upc_e_states"]
