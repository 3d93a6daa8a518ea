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
    ("prices", "ends"),
    [
        ([1850, 34900], [2000]),  # and nothing in between
        ([1850, 2500, 7900, 12000, 34900], [2000, 5000, 10000, 20000]),
        ([9000, 10500, 11900], [10000, 11000]),
        ([100, 1500, 8000, 30000, 900000], [1000, 5000, 20000, 100000]),
        ([1850, 1990], [1900]),
        ([2490, 2490], []),
        ([0], []),
    ],
)
def test_bands_have_round_ends(prices: list[int], ends: list[int]) -> None:
    bands = price_bands({number: [price] for number, price in enumerate(prices)})

    assert [one.low for one in bands] == [None, *ends]
    assert [one.high for one in bands] == [*(end - 1 for end in ends), None]


def test_bands_are_of_whole_units_of_the_currency() -> None:
    yen = price_bands({1: [3], 2: [4], 3: [5]}, unit=1)
    assert [(one.low, one.high, one.count) for one in yen] == [(None, 3, 1), (4, 4, 1), (5, None, 1)]
    assert [one.count for one in price_bands({1: [3], 2: [4], 3: [5]}, unit=100)] == [3]


def test_a_product_counts_in_each_band_that_has_a_price_of_it_and_none_is_nothing() -> None:
    bands = price_bands({1: [1200, 1300], 2: [1200, 9900]}, share=0.5)
    assert [(one.low, one.high, one.count) for one in bands] == [(None, 1999, 4), (2000, None, 2)]
    assert price_bands({}) == ()


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
        (None, 1),
        (200, 3),
        (500, 5),
        (1000, 10),
        (2000, 21),
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
