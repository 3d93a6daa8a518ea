"""Money: whole minor units, exact sums, one currency at a time."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retail.money import LIMIT, Money, total
from retail.strict import from_json, to_json

MINOR = st.integers(-(10**12), 10**12)


@given(st.lists(MINOR, max_size=50))
def test_a_total_is_the_exact_sum(minors: list[int]) -> None:
    assert total((Money(minor, "EUR") for minor in minors), "EUR") == Money(sum(minors), "EUR")


@given(MINOR, st.lists(st.integers(0, 1000), min_size=1, max_size=20).filter(any))
@example(100, [1, 1, 1])
@example(-1, [3, 7])
def test_parts_add_up_to_the_whole_and_are_fair(minor: int, weights: list[int]) -> None:
    parts = Money(minor, "EUR").split(weights)

    assert sum(part.minor for part in parts) == minor
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor - minor * weight / sum(weights)) < 1 + abs(minor) * 1e-12
        assert weight or part.minor == 0


@pytest.mark.parametrize("weights", [[], [0, 0], [2, -1]])
def test_weights_that_cannot_share_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        Money(100, "EUR").split(weights)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.90", "EUR", 1290),
        ("0.005", "EUR", 1),
        ("-0.005", "EUR", -1),
        ("0.0049", "EUR", 0),
        ("1234", "JPY", 1234),
        ("1234.5", "JPY", 1235),
        ("1.2345", "KWD", 1235),
        ("1E+3", "EUR", 100000),
    ],
)
def test_major_units_are_rounded_half_up(amount: str, currency: str, minor: int) -> None:
    assert Money.from_decimal(Decimal(amount), currency) == Money(minor, currency)


@given(MINOR, st.sampled_from(["EUR", "JPY", "KWD"]))
def test_decimal_and_back_loses_nothing(minor: int, currency: str) -> None:
    money = Money(minor, currency)

    assert Money.from_decimal(money.decimal(), currency) == money


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-Infinity", "1E+40", "10000000000000.01"])
def test_what_is_no_amount_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        Money.from_decimal(Decimal(amount), "EUR")


def test_two_currencies_never_meet() -> None:
    euro, dollar = Money(1, "EUR"), Money(1, "USD")

    for mixed in (
        lambda: euro + dollar,
        lambda: euro - dollar,
        lambda: euro < dollar,
        lambda: euro <= dollar,
        lambda: total([euro, dollar], "EUR"),
        lambda: total([euro], "USD"),
    ):
        with pytest.raises(ValueError, match="EUR"):
            mixed()
    assert euro != dollar


@pytest.mark.parametrize("minor", [1.0, "1", True, None, Decimal(1)])
def test_minor_units_are_an_int_and_nothing_else(minor: object) -> None:
    with pytest.raises(TypeError):
        Money(minor, "EUR")  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["", "eur", "EURO", "ZZZ"])
def test_unknown_currencies_are_refused(currency: str) -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(1, currency)


def test_amounts_have_a_limit() -> None:
    assert Money(LIMIT, "EUR").minor == LIMIT
    with pytest.raises(ValueError, match="too large"):
        Money(LIMIT, "EUR") + Money(1, "EUR")
    with pytest.raises(ValueError, match="too large"):
        Money(-LIMIT, "EUR") * 2


@pytest.mark.parametrize("quantity", [1.5, True, "2"])
def test_quantities_are_whole(quantity: object) -> None:
    with pytest.raises(TypeError):
        Money(1, "EUR") * quantity  # type: ignore[operator]


def test_money_is_written_as_people_write_it() -> None:
    assert Money(123450, "EUR").format("de") == "1.234,50\xa0€"
    assert Money(123450, "USD").format("en") == "$1,234.50"
    assert Money(1234, "JPY").format("ja") == "￥1,234"


@pytest.mark.parametrize(
    "text",
    [
        '{"minor":false,"currency":"EUR"}',
        '{"minor":"1","currency":"EUR"}',
        '{"minor":1.0,"currency":"EUR"}',
        '{"minor":1,"currency":"EUR","note":""}',
        '{"minor":1}',
        '{"minor":1,"currency":"XYZ"}',
    ],
)
def test_json_that_is_not_exactly_money_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Money"):
        from_json(Money, text)


@given(MINOR)
def test_json_and_back(minor: int) -> None:
    assert from_json(Money, to_json(Money(minor, "EUR"))) == Money(minor, "EUR")
