"""Prices in a few bands with round ends, each with how many products have a price in it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

MOST_BANDS = 5
WIDE = 8  # times the lowest price that the highest is for bands to grow with the price


@dataclass(frozen=True, slots=True)
class PriceCount:
    """Prices from ``low`` to ``high``, both included, in minor units of the store's currency, and how many products.

    None is no limit: the first band begins at nothing, the last one has no end. A product with several prices counts
    in every band that has one of them.
    """

    low: int | None
    high: int | None
    count: int


def price_bands(
    prices: Mapping[int, Collection[int]], unit: int = 100, share: float = 1.0
) -> tuple[PriceCount, ...]:
    """At most five bands with round ends; one when the prices are too close together to be told apart, none without any.

    ``prices`` are those of each product; ``share`` is which part of all products that is. ``unit`` is how many minor
    units make one of the currency: no band ends within one.
    """
    ends = _ends(sorted(price for own in prices.values() for price in own), unit)
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


def _ends(ordered: list[int], unit: int) -> list[int] | None:
    """Where bands begin, after the first: they grow with the price when the prices differ much, and none is empty."""
    if not ordered:
        return None
    lowest, highest = ordered[0], ordered[-1]
    if highest >= WIDE * max(lowest, unit):
        ends = [end for end in _round_numbers(unit, highest) if lowest < end <= highest]
        if len(ends) >= MOST_BANDS:
            ends = [ends[place * len(ends) // MOST_BANDS] for place in range(1, MOST_BANDS)]
    else:
        wanted = (highest - lowest) / (MOST_BANDS - 1)
        step = next(number for number in _round_numbers(unit, highest * 10 + 10 * unit) if number >= wanted)
        ends = list(range(lowest - lowest % step + step, highest + 1, step))
    return [end for low, end in pairwise([0, *ends]) if bisect_left(ordered, low) < bisect_left(ordered, end)]


def _round_numbers(unit: int, highest: int) -> Iterator[int]:
    while unit <= highest:
        yield from (unit, 2 * unit, 5 * unit)
        unit *= 10
