"""The product number: every spelling of one product is one value, and a wrong digit is never accepted."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from retail.gtin import Gtin, InvalidGtin, check_digit


@pytest.mark.parametrize(
    ("text", "gtin14", "short"),
    [
        ("4006381333931", "04006381333931", "4006381333931"),
        ("04006381333931", "04006381333931", "4006381333931"),
        ("036000291452", "00036000291452", "036000291452"),
        ("0036000291452", "00036000291452", "036000291452"),
        ("96385074", "00000096385074", "96385074"),
        ("14006381333938", "14006381333938", "14006381333938"),
        (" 978-3-16-148410-0 ", "09783161484100", "9783161484100"),
        ("4 006381\u00a0333931", "04006381333931", "4006381333931"),
        ("978\u20133\u201316\u2013148410\u20130", "09783161484100", "9783161484100"),
        ("٤٠٠٦٣٨١٣٣٣٩٣١", "04006381333931", "4006381333931"),
        ("４００６３８１３３３９３１", "04006381333931", "4006381333931"),
    ],
)
def test_every_spelling_becomes_fourteen_digits(text: str, gtin14: str, short: str) -> None:
    gtin = Gtin.parse(text)
    assert (gtin, gtin.short) == (gtin14, short)


# UPC-E 04252614 stands for UPC-A 042100005264; 03982594 passes both as EAN-8 and as UPC-E.
@pytest.mark.parametrize(
    ("text", "symbology", "gtin14"),
    [
        ("04252614", None, "00042100005264"),
        ("04252614", "UPC-E", "00042100005264"),
        ("03982594", None, "00000003982594"),
        ("03982594", "EAN-8", "00000003982594"),
        ("03982594", "UPC-E", "00039825000094"),
        ("96385074", "UPC-E", "00000096385074"),
        ("042100005264", "UPC-E", "00042100005264"),
    ],
)
def test_eight_digits_are_a_short_upc_only_when_they_must_be(
    text: str, symbology: str | None, gtin14: str
) -> None:
    assert Gtin.parse(text, symbology) == gtin14


@pytest.mark.parametrize(
    ("text", "reason", "expected"),
    [
        ("", "empty", None),
        (" - ", "empty", None),
        ("00000000000000", "empty", None),
        ("40063813339X1", "not digits", None),
        ("²006381333931", "not digits", None),
        ("12345", "wrong length", None),
        ("123456789012345", "wrong length", None),
        ("4006381333932", "wrong check digit", "1"),
        ("96385075", "wrong check digit", "4"),
    ],
)
def test_a_wrong_number_is_refused_with_its_reason(text: str, reason: str, expected: str | None) -> None:
    with pytest.raises(InvalidGtin) as refused:
        Gtin.parse(text)
    assert (refused.value.reason, refused.value.expected) == (reason, expected)


def test_a_wrong_check_digit_says_which_digit_would_be_right_and_keeps_the_number_to_itself() -> None:
    with pytest.raises(InvalidGtin) as refused:
        Gtin.parse("4006381333932")
    assert "the last would be 1" in str(refused.value)
    assert "400638133393" not in str(refused.value)


def test_a_wrong_short_upc_says_the_digit_of_the_short_upc() -> None:
    with pytest.raises(InvalidGtin) as refused:
        Gtin.parse("04252615", "UPC-E")
    assert refused.value.expected == "4"


@pytest.mark.parametrize("digits", ["", "4006381333931", "04006381333932", "0400638133393x", "0" * 14])
def test_only_fourteen_right_digits_can_be_one(digits: str) -> None:
    with pytest.raises(InvalidGtin):
        Gtin(digits)


@given(st.text("0123456789", min_size=13, max_size=13).filter(lambda payload: payload != "0" * 13), st.data())
def test_one_changed_digit_is_always_noticed(payload: str, data: st.DataObject) -> None:
    gtin = Gtin(payload + check_digit(payload))
    place = data.draw(st.integers(0, 13))
    other = data.draw(st.sampled_from("0123456789").filter(lambda digit: digit != gtin[place]))
    with pytest.raises(InvalidGtin):
        Gtin(gtin[:place] + other + gtin[place + 1 :])


@given(st.text("0123456789", min_size=13, max_size=13).filter(lambda payload: payload != "0" * 13))
def test_the_printed_form_reads_back_as_the_same_product(payload: str) -> None:
    gtin = Gtin(payload + check_digit(payload))
    assert Gtin.parse(gtin.short) == gtin


@given(st.text())
def test_any_text_is_a_product_number_or_a_clean_refusal(text: str) -> None:
    try:
        gtin = Gtin.parse(text)
    except InvalidGtin:
        return
    assert gtin.isascii()
    assert gtin[-1] == check_digit(gtin[:-1])


class Tagged(BaseModel):
    """Something with a product number in it."""

    gtin: Gtin


def test_it_travels_as_plain_text() -> None:
    gtin = Gtin.parse("4006381333931")
    assert json.dumps({gtin: gtin}) == '{"04006381333931": "04006381333931"}'
    assert type(pickle.loads(pickle.dumps(gtin))) is Gtin
    assert Tagged(gtin=gtin).model_dump() == {"gtin": "04006381333931"}
    assert type(Tagged.model_validate_json('{"gtin": "04006381333931"}', strict=True).gtin) is Gtin
    assert TypeAdapter(Gtin).json_schema() == {"type": "string", "pattern": "^[0-9]{14}$"}


@pytest.mark.parametrize("text", ["4006381333931", "04006381333932", "", "04006381333931\n"])
def test_from_outside_only_the_fourteen_digit_form_is_taken(text: str) -> None:
    with pytest.raises(ValidationError):
        Tagged.model_validate({"gtin": text})
