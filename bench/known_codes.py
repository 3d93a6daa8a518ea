"""GTINs as shops have them, from a seed: companies with prefixes of their own, runs of consecutive item numbers."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.uint64]

AROUND = 15  # consecutive items on either side of each code that matters: the hardest to tell from it
OF_THE_MAKER = 30  # other items of its maker


def with_check_digit(payload: Numbers) -> Numbers:
    """GTINs of numbers of up to twelve digits."""
    total = np.zeros(len(payload), np.uint64)
    rest = payload.copy()
    for place in range(13):
        total += rest % np.uint64(10) * np.uint64(1 if place % 2 else 3)
        rest //= np.uint64(10)
    return payload * np.uint64(10) + (np.uint64(10) - total % np.uint64(10)) % np.uint64(10)


def catalogue(count: int, wanted: Collection[int], seed: int, *, with_wanted: bool) -> Numbers:
    """About ``count`` GTINs, among them the neighbours of ``wanted``, and ``wanted`` itself only when asked.

    One in 200 is a GTIN-8.
    """
    chance = np.random.default_rng(seed)
    mattering = np.array(sorted(wanted), np.uint64)
    beside = [np.zeros(0, np.uint64)]
    for payload in mattering // np.uint64(10):
        steps = np.arange(-AROUND, AROUND + 1)
        run = int(payload) + steps[steps != 0]
        beside.append(run[run > 0].astype(np.uint64))
        maker = payload // np.uint64(10_000) * np.uint64(10_000)
        beside.append(maker + chance.integers(0, 10_000, OF_THE_MAKER).astype(np.uint64))
    hard = np.unique(np.concatenate(beside))
    companies: list[Numbers] = []
    made = 0
    while made < count * 1.1:
        length = int(chance.integers(6, 10))
        prefix = int(chance.integers(0, 10**length)) // (10 if chance.random() < 0.3 else 1)
        room = 10 ** (12 - length)
        items = min(int(chance.integers(20, 400)), room)
        numbers = chance.integers(0, room, items)
        if chance.random() < 0.6:
            numbers = (numbers[0] + np.arange(items)) % room
        companies.append(np.uint64(prefix * room) + numbers.astype(np.uint64))
        made += items
    others = np.unique(np.concatenate(companies))
    others = chance.permutation(others[others >= 10**8])[: max(count - len(hard), 0)]
    short = chance.integers(10**6, 10**7, count // 200).astype(np.uint64)
    found = with_check_digit(np.concatenate([hard, others, short]))
    return np.union1d(found, mattering) if with_wanted else np.setdiff1d(found, mattering)
