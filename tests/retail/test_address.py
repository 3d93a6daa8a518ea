"""Addresses and customers: their own words kept, the country's form beside them, advice instead of refusal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.address import Address, Customer, Problem, check_address, email_address, phone_number
from retail.strict import digest, from_json, to_json
from retail.text import UnusableText
from tests.retail.samples import ADA
from tests.retail.test_text import SCRIPTS


def test_own_words_stay_beside_the_normalised_form() -> None:
    typed = Address("de", ("rosenweg 12", "", "hinterhaus"), "köln", "50667")

    checked = check_address(typed)

    assert checked.problems == ()
    assert (checked.address.lines, checked.address.city) == (("rosenweg 12", "hinterhaus"), "köln")
    assert checked.address.country == "DE"
    assert checked.address.normalised == {
        "country_code": "DE",
        "street_address": "rosenweg 12\nhinterhaus",
        "city": "KÖLN",
        "postal_code": "50667",
    }


def test_a_japanese_city_is_kept() -> None:
    typed = Address("JP", ("丸の内1-9-1", "東京　ビル"), "千代田区", "100-0005", "東京都")

    checked = check_address(typed)

    assert checked.problems == ()
    assert checked.address.city == "千代田区"
    assert checked.address.lines == ("丸の内1-9-1", "東京　ビル")
    assert "千代田区" in to_json(checked.address)


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        (Address("DE", ("Rosenweg 12",), "Köln", "5066"), Problem("postal_code", "wrong", "26133")),
        (Address("DE", ("Rosenweg 12",), "Köln"), Problem("postal_code", "missing", "26133")),
        (Address("US", ("1 Main St",), "Austin", "78701"), Problem("region", "missing")),
        (Address("ZQ", ("1 Main St",), "Austin"), Problem("country", "wrong", "DE")),
    ],
)
def test_what_the_post_would_not_accept_is_said_and_nothing_is_changed(
    address: Address, problem: Problem
) -> None:
    checked = check_address(address)

    assert checked.problems == (problem,)
    assert checked.address == address


@pytest.mark.parametrize(
    ("country", "lines", "city", "reason"),
    [
        ("", ("x",), "y", "empty"),
        ("DEU", ("x",), "y", "too long"),
        ("D1", ("x",), "y", "not a country"),
        ("ß", ("x",), "y", "not a country"),
        ("DE", (), "y", "empty"),
        ("DE", (" ", "🌹"), "y", "empty"),
        ("DE", ("a", "b", "c", "d", "e"), "y", "too long"),
        ("DE", ("x" * 121,), "y", "too long"),
        ("DE", ("x",), "", "empty"),
        ("DE", ("4111 1111 1111 1111",), "y", "card number"),
        ("DE", ("x\u202ey",), "y", "hidden characters"),
    ],
)
def test_what_cannot_be_carried_is_refused(
    country: str, lines: tuple[str, ...], city: str, reason: str
) -> None:
    with pytest.raises(UnusableText) as refused:
        Address(country, lines, city)
    assert refused.value.reason == reason


@pytest.mark.parametrize("text", SCRIPTS)
def test_every_script_reaches_the_other_side_byte_true(text: str) -> None:
    customer = Customer(text, "a@example.com", Address("JP", (text, text), text, None, text))

    back = from_json(Customer, to_json(customer))

    whole = unicodedata.normalize("NFC", text)
    assert (back.name, back.address.lines, back.address.city, back.address.region) == (
        whole,
        (whole, whole),
        whole,
        whole,
    )
    assert digest(back) == digest(customer)


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=8))
def test_whatever_was_accepted_can_be_read_back(name: str, line: str, postal_code: str) -> None:
    try:
        customer = Customer(name, "a@example.com", Address("DE", (line,), name, postal_code))
    except UnusableText:
        return
    assert from_json(Customer, to_json(customer)) == customer


@pytest.mark.parametrize(
    "text", ["", "ada", "ada@", "@example.com", "a b@example.com", "ada@example", "ada@@b.de"]
)
def test_what_is_no_email_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UnusableText) as refused:
        email_address(text)
    assert "name@example.com" in str(refused.value) or refused.value.reason == "empty"


def test_the_domain_of_an_email_is_lower_case() -> None:
    assert email_address(" Ada.B@Example.COM ") == "Ada.B@example.com"


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("0221 9123456", "DE", "+492219123456"),
        ("+49 (0)221/9123456", "DE", "+492219123456"),
        ("0049 221 9123456", "DE", "+492219123456"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("+81 3-1234-5678", "DE", "+81312345678"),
    ],
)
def test_phone_numbers_are_kept_as_e164(text: str, country: str, number: str) -> None:
    assert phone_number(text, country) == number
    assert phone_number(number, country) == number


@given(st.integers(10_000_000, 99_999_999))
def test_no_phone_number_is_taken_for_a_card_number(number: int) -> None:
    assert phone_number(f"+49 151 {number}", "DE") == f"+49151{number}"
    assert phone_number(f"0151 {number}", "DE") == f"+49151{number}"


@pytest.mark.parametrize(
    "text", ["4111 1111 1111 1111", "378282246310005", "+4111111111111111", "1", "Ada", ""]
)
def test_what_is_no_phone_number_is_refused(text: str) -> None:
    with pytest.raises(UnusableText):
        phone_number(text, "DE")


def test_a_refused_phone_number_comes_with_an_example_of_the_country() -> None:
    with pytest.raises(UnusableText, match=r"A phone number looks like \+33 1 23 45 67 89\."):
        phone_number("12", "FR")


@pytest.mark.parametrize(
    "text",
    [
        to_json(ADA)[:-1] + ',"iban":"x"}',
        to_json(ADA).replace('"city":"Köln"', '"city":false'),
        to_json(ADA).replace('"lines":["Rosenweg 12"]', '"lines":"Rosenweg 12"'),
        to_json(ADA).replace('"email":"ada@example.com",', ""),
    ],
)
def test_json_that_is_not_exactly_a_customer_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Customer"):
        from_json(Customer, text)
