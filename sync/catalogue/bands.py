"""Prices in a few bands with round ends, each with how many products have a price in it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

MOST_BANDS = 5


@dataclass(frozen=True, slots=True)
class PriceCount:
    """Prices from ``low`` to ``high``, both included, in minor units of the store's currency, and how many products.

    None is no limit: the first band begins at nothing, the last one has no end. A product with several prices counts
    in every band that has one of them.
    """

    low: int | None
    high: int | None
    count: int


def price_bands(prices: Mapping[int, Collection[int]], share: float = 1.0) -> tuple[PriceCount, ...]:
    """At most five bands of about equally many prices; one when they are all the same, none without any.

    ``prices`` are those of each product; ``share`` is which part of all products that is.
    """
    ends = _ends(sorted(price for own in prices.values() for price in own))
    if ends is None:
        return ()
    lows: list[int | None] = [None, *ends]
    highs: list[int | None] = [*(end - 1 for end in ends), None]
    counts = [0] * len(lows)
    for own in prices.values():
        for at in {sum(price >= end for end in ends) for price in own}:
            counts[at] += 1
    return tuple(
        PriceCount(low, high, round(count / share))
        for low, high, count in zip(lows, highs, counts, strict=True)
    )


def _ends(ordered: list[int]) -> list[int] | None:
    """Where bands begin, after the first: as round as they can be without two of them being the same."""
    if not ordered:
        return None
    lowest, highest = ordered[0], ordered[-1]
    cuts = [ordered[nth * len(ordered) // MOST_BANDS] for nth in range(1, MOST_BANDS)]
    found: list[int] = []
    for step in _steps(highest):
        ends = sorted({end for cut in cuts if lowest < (end := (cut + step // 2) // step * step) <= highest})
        ends = [
            end
            for before, end in pairwise([0, *ends])
            if bisect_left(ordered, before) < bisect_left(ordered, end)
        ]
        if len(ends) > len(found):
            found = ends
        if len(found) == len(cuts):
            break
    return found


def _steps(highest: int) -> Iterator[int]:
    """Round numbers up to ``highest``, the largest first: 1, 2 and 5 with noughts."""
    unit = 10 ** len(str(highest))
    while unit:
        yield from (step for step in (5 * unit, 2 * unit, unit) if step <= highest)
        unit //= 10
