"""Prices in bands: few, round, and every product in those that have one of its prices."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.money import Money
from sync.catalogue import Filters, Shelf
from sync.catalogue import facets as counting
from sync.catalogue.bands import price_bands
from tests.retail.samples import NOW, offer


@pytest.mark.parametrize(
    ("prices", "bands"),
    [
        ({}, []),
        ({1: [500], 2: [500]}, [(None, None, 2)]),
        ({1: [12490, 12900]}, [(None, 12499, 1), (12500, None, 1)]),
        ({n: [100 * n] for n in range(10, 110)},
         [(None, 3999, 30), (4000, 5999, 20), (6000, 7999, 20), (8000, 9999, 20), (10000, None, 10)]),
    ],
)  # fmt: skip
def test_bands_have_round_ends_and_about_equally_many(
    prices: dict[int, list[int]], bands: list[tuple[int | None, int | None, int]]
) -> None:
    assert [(one.low, one.high, one.count) for one in price_bands(prices)] == bands


@given(st.dictionaries(st.integers(0, 500), st.sets(st.integers(0, 10**7), min_size=1, max_size=3)))
def test_every_price_is_in_one_band_and_no_band_is_empty(prices: dict[int, set[int]]) -> None:
    bands = price_bands(prices)

    assert len(bands) <= 5
    for low, high, count in (
        (one.low or 0, 10**9 if one.high is None else one.high, one.count) for one in bands
    ):
        assert count == sum(any(low <= price <= high for price in own) for own in prices.values()) > 0
    for before, after in pairwise(bands):
        assert before.high is not None
        assert before.high + 1 == after.low
    if bands:
        assert (bands[0].low, bands[-1].high) == (None, None)


def stocked(shelf: Shelf, number: int) -> Shelf:
    shelf.remember(
        [
            offer(n, product=f"P{n}", name="Zzwidget", price=Money(100 * n, "EUR"), shipping=None)
            for n in range(1, number + 1)
        ]
    )
    return shelf


@pytest.mark.parametrize("text", ["", "zzwidget"])
def test_what_a_band_counts_is_what_its_filter_finds(shelf: Shelf, text: str) -> None:
    stocked(shelf, 40)
    facets = shelf.facets(text)

    assert [(one.low, one.count) for one in facets.prices] == [
        (None, 9),
        (1000, 5),
        (1500, 10),
        (2500, 10),
        (3500, 6),
    ]
    assert not facets.prices_approximate
    for band in facets.prices:
        narrowed = Filters(price_from=band.low, price_to=band.high)
        assert shelf.search(text, NOW, filters=narrowed, limit=50).total == band.count
        assert shelf.facets(text, narrowed).prices == facets.prices  # another one can be chosen


def test_bands_of_a_large_catalogue_are_estimated_from_all_over_it(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "LOOKED_AT", 100)
    monkeypatch.setattr(counting, "SPREAD", 100)
    stocked(shelf, 1000)
    facets = shelf.facets("")

    assert facets.prices_approximate
    assert not facets.approximate  # the other counts are kept with the catalogue
    assert facets.price == (100, 100000)
    assert len(facets.prices) == 5
    for band in facets.prices:
        exact = len(range(max(band.low or 0, 100), min(band.high or 100000, 100000) + 1, 100))
        assert abs(band.count - exact) <= 20
