"""Offers: what they cost at the door, how old they are, which is best and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.money import Money
from retail.offer import Listing, Offer, Product, rank, why_best
from retail.strict import from_json, to_json
from tests.retail.samples import NOW, offer


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


def test_what_it_costs_at_the_door() -> None:
    assert offer(price=euros(100), shipping=euros(20)).landed() == euros(120)
    assert offer(price=euros(100), shipping=None).landed() == euros(100)


@pytest.mark.parametrize(
    ("age", "stale"),
    [
        (timedelta(0), False),
        (timedelta(minutes=15), False),
        (timedelta(minutes=15, seconds=1), True),
        (-timedelta(minutes=1), False),
        (-timedelta(minutes=1, seconds=1), True),
    ],
)
def test_how_long_an_answer_is_believed(age: timedelta, stale: bool) -> None:
    assert offer(as_of=NOW).stale(NOW + age) is stale


def test_the_best_can_be_had_costs_least_and_leaves_first() -> None:
    best = offer(partner="d", price=euros(100), shipping=euros(0), ships_by=date(2026, 3, 15))
    same = [
        best,
        replace(best, partner="e"),
        replace(best, partner="a", ships_by=date(2026, 3, 16)),
        replace(best, partner="b", ships_by=None),
        replace(best, partner="c", price=euros(90), shipping=euros(11)),
        replace(best, partner="f", price=euros(1), available=0),
    ]

    assert [one.partner for one in rank(list(reversed(same)))] == ["d", "e", "a", "b", "c", "f"]


@given(
    st.permutations(
        [offer(1, partner, price=euros(price)) for partner, price in zip("abcd", (3, 1, 2, 1), strict=True)]
    )
)
def test_the_order_of_the_answers_does_not_matter(offers: list[Offer]) -> None:
    assert [one.partner for one in rank(offers)] == ["b", "d", "c", "a"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, "Lowest total and leaves first"),
        ({"ships_by": date(2026, 4, 1)}, "Lowest total"),
        ({"price": euros(9000)}, "Leaves first"),
        ({"price": euros(4000), "shipping": euros(5000), "ships_by": None}, "Lower price, but delivery costs extra"),
        ({"price": euros(9000), "ships_by": None}, "Another way to get it"),
        ({"available": 0}, "Sold out here"),
    ],
)  # fmt: skip
def test_why_it_stands_where_it_does(change: dict[str, Any], says: str) -> None:
    mine = replace(offer(1, "north"), **change)
    rival = offer(1, "east", price=euros(5000), ships_by=date(2026, 3, 20))

    assert why_best(mine, [rival, mine]) == says


def test_without_rivals_it_is_the_only_way() -> None:
    mine = offer(1, "north")

    assert why_best(mine, [mine, offer(1, "east", available=0)]) == "The only partner that can send it"


def test_prices_are_compared_within_one_currency_only() -> None:
    yen, krona = Money(1500, "JPY"), Money(900, "SEK")
    offers = [
        offer(1, "yen", price=yen, shipping=None),
        offer(1, "krona", price=krona, shipping=None),
        offer(1, "dear", price=euros(9000), shipping=None),
        offer(1, "cheap", price=euros(4000), shipping=None),
        offer(1, "gone", price=euros(1), shipping=None, available=0),
    ]

    assert [one.partner for one in rank(offers, "EUR")] == ["cheap", "dear", "yen", "krona", "gone"]
    assert [one.partner for one in rank(offers, "SEK")] == ["krona", "cheap", "dear", "yen", "gone"]
    assert [one.partner for one in rank(offers)] == ["cheap", "dear", "yen", "krona", "gone"]


def test_of_prices_in_two_currencies_none_is_called_lower() -> None:
    yen = offer(1, "yen", price=Money(1, "JPY"), shipping=None, ships_by=date(2026, 3, 14))
    euro = offer(1, "euro", price=euros(9000), shipping=None, ships_by=date(2026, 3, 16))

    assert why_best(yen, [euro, yen]) == "Leaves first"
    assert why_best(euro, [euro, yen]) == "Prices in different currencies"


def test_the_best_of_a_listing_can_be_had() -> None:
    gone, dear = offer(1, "a", price=euros(1), available=0), offer(1, "b", price=euros(9000))
    product = Product("p", "Shirt")

    assert Listing(product, (gone, dear)).best() == dear
    assert Listing(product, (gone,)).best() == gone
    assert Listing(product).best() is None
    assert Listing(product, (gone, offer(2))).of(gone.gtin) == (gone,)


@pytest.mark.parametrize(
    "wrong",
    [
        {"available": -1},
        {"price": euros(-1)},
        {"as_of": datetime(2026, 3, 14)},  # noqa: DTZ001
        {"shipping": Money(1, "USD")},
        {"was": Money(1, "USD")},
    ],
)
def test_an_offer_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"negative|aware|currency"):
        offer(**wrong)


def test_json_and_back() -> None:
    whole = offer(1, options={"size": "M"}, was=euros(5990), swatch="#c58b2a")

    assert from_json(Offer, to_json(whole)) == whole
    with pytest.raises(ValueError, match="available"):
        from_json(Offer, to_json(whole).replace('"available":5', '"available":true'))
