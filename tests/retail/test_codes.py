"""What a scanned text says, and that a hostile one can do nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from retail.codes import LONGEST, Code, UnreadableCode, read_code
from retail.gtin import Gtin, InvalidGtin

PEN = Gtin("04006381333931")


@pytest.mark.parametrize(
    ("text", "symbology", "code"),
    [
        ("4006381333931", "EAN-13", Code("4006381333931", PEN, "gtin")),
        (" 4006381 333931\r\n", None, Code("4006381 333931", PEN, "gtin")),
        ("\u202e4006381333931\u200b", None, Code("4006381333931", PEN, "gtin")),
        ("]E04006381333931", None, Code("4006381333931", PEN, "gtin")),
        ("04252614", "UPC-E", Code("04252614", Gtin("00042100005264"), "gtin")),
        ("AB-12/x", "Code 128", Code("AB-12/x", None, "sku")),
        ("123", None, Code("123", None, "sku")),
        ("A" * LONGEST, None, Code("A" * LONGEST, None, "sku")),
        # A store's own eight digits are no GTIN where the bars can hold anything.
        ("12345678", "Code 128", Code("12345678", None, "sku")),
        ("1234-5678", None, Code("1234-5678", None, "sku")),
    ],
)
def test_numbers_and_own_codes(text: str, symbology: str | None, code: Code) -> None:
    assert read_code(text, symbology) == code


@pytest.mark.parametrize(
    ("text", "symbology"),
    [
        ("0104006381333931172512311012\x1d21A7", "GS1-128"),
        ("\x1d0104006381333931172512311012\x1d21A7", None),
        ("]C10104006381333931172512311012\x1d21A7", None),
        ("0104006381333931172512311012\x1d21A7", None),
        ("(01)04006381333931(17)251231(10)12(21)A7", None),
        ("1725123101040063813339311012\x1d21A7", "GS1 Data Matrix"),
    ],
)
def test_gs1_strings_give_product_lot_expiry_and_serial(text: str, symbology: str | None) -> None:
    code = read_code(text, symbology)
    assert (code.gtin, code.kind) == (PEN, "gs1")
    assert (code.lot, code.expiry, code.serial) == ("12", date(2025, 12, 31), "A7")
    assert "(01)04006381333931" in code.text


@pytest.mark.parametrize(
    ("text", "symbology", "gtin"),
    [
        ("(01)04006381333931(99999)unknown", None, PEN),  # an identifier that nobody knows
        ("01040063813339311700000010A", "GS1-128", PEN),  # a date of zeros
        ("0104006381333932", None, None),  # sixteen digits of somebody's own
        ("(02)04006381333931(37)5", None, None),  # what is in a pallet, not what this is
        ("1012345", "GS1-128", None),
    ],
)
def test_odd_gs1_strings(text: str, symbology: str | None, gtin: Gtin | None) -> None:
    assert read_code(text, symbology).gtin == gtin


@pytest.mark.parametrize(
    ("text", "gtin"),
    [
        ("https://id.gs1.org/01/04006381333931", PEN),
        ("HTTPS://SHOP.EXAMPLE/A/B/01/4006381333931/", PEN),
        ("http://user:pw@127.0.0.1:1/gtin/4006381333931?linkType=gs1:pip&x=%00#f", PEN),
        ("https://shop.example/01/4006381333931/unknown/path", PEN),
        ("https://id.gs1.org/8006/040063813339310102", None),
        ("https://id.gs1.org/00/106141412345678908?02=04006381333931", None),
        ("https://blog.example/01/2016", None),
        ("https://blog.example/01/20160105", None),
        ("https://[broken/01/04006381333931", None),
        ("javascript:alert('/01/04006381333931')", None),
        ("file:///01/04006381333931", None),
    ],
)
def test_addresses_are_digital_links_only_with_a_product_number(text: str, gtin: Gtin | None) -> None:
    code = read_code(text, "QR")
    assert (code.text, code.gtin, code.kind) == (text, gtin, "digital link" if gtin else "sku")


def test_a_digital_link_gives_lot_expiry_and_serial() -> None:
    code = read_code("https://id.gs1.org/01/04006381333931/10/AB%2F1/21/77?17=251231")
    assert (code.lot, code.expiry, code.serial) == ("AB/1", date(2025, 12, 31), "77")


@pytest.mark.parametrize(
    ("text", "symbology"),
    [
        ("4006381333932", None),
        ("4006381 333932", None),
        ("12345678", None),
        ("12345678", "EAN-8"),
        ("14006381333939", "ITF-14"),
        ("(01)04006381333932", None),
        ("0104006381333932", "GS1-128"),
        ("https://id.gs1.org/01/04006381333932", "QR"),
    ],
)
def test_a_wrong_check_digit_is_told(text: str, symbology: str | None) -> None:
    with pytest.raises(InvalidGtin) as refused:
        read_code(text, symbology)
    assert refused.value.reason == "wrong check digit"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \t\r\n", "empty"),
        ("\x1d", "empty"),
        ("\x00\u202e\ud800", "empty"),
        ("]C1", "empty"),
        ("A" * (LONGEST + 1), "too long"),
        ("4111 1111 1111 1111", "card number"),
        ("%B4111111111111111^A/B^", "card number"),
    ],
)
def test_what_no_code_can_be_is_refused(text: str, reason: str) -> None:
    with pytest.raises(UnreadableCode) as refused:
        read_code(text)
    assert refused.value.reason == reason


def test_two_spellings_of_one_product_are_the_same_thing() -> None:
    assert read_code("(01)04006381333931(10)A").key == read_code("4006381333931").key == PEN
    assert read_code("AB-12").key == "AB-12"


WATCHED = (
    "socket.",
    "open",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.spawn",
    "exec",
    "urllib.",
    "webbrowser.",
)
seen: list[str] = []
watching = False


def watch(event: str, args: tuple[object, ...]) -> None:
    """Note what code does to the outside while ``watching``; hooks of this kind cannot be taken off again."""
    if watching and event.startswith(WATCHED):
        seen.append(event)


@pytest.fixture
def outside() -> Iterator[list[str]]:
    """Every attempt to reach a network, a file or another program since the test began."""
    if watch not in _hooked:
        sys.addaudithook(watch)
        _hooked.append(watch)
    seen.clear()
    yield seen
    seen.clear()


_hooked: list[object] = []

digits = st.text("0123456789", min_size=1, max_size=20)
hostile = st.one_of(
    st.text(max_size=600),
    st.text("0123456789 -()\x1d]CEdQ", max_size=60),
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["]C1", "]d2", "\x1d", "(01)", "01", ""]),
        digits,
        st.text(max_size=80),
    ),
    st.builds(
        "https://{}/01/{}/{}?{}".format,
        st.text(max_size=20),
        digits,
        st.text(max_size=40),
        st.text(max_size=40),
    ),
    st.builds("(01)04006381333931({}){}".format, st.text("0123456789", max_size=4), st.text(max_size=40)),
)
symbologies = st.sampled_from(
    [None, "EAN-13", "UPC-E", "ITF-14", "Code 128", "GS1-128", "QR", "GS1 QR", "nonsense"]
)


@settings(max_examples=1500, deadline=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hostile, symbologies)
@example("(01)04006381333931(3929)", None)
@example("(01)04006381333931(3109)000001(17)999999", "GS1-128")
@example("https://x/01/04006381333931?" + "10=" + "%1d" * 100, "QR")
def test_hostile_text_is_inert(outside: list[str], text: str, symbology: str | None) -> None:
    global watching
    watching = True
    try:
        code = read_code(text, symbology)
    except (InvalidGtin, UnreadableCode):
        return
    finally:
        watching = False
        assert outside == []
    assert 0 < len(code.text) <= LONGEST
    assert (code.gtin is None) == (code.kind == "sku")
    for part in (code.text, code.lot or "", code.serial or ""):
        assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in part)


def test_the_watch_sees_a_file_being_opened(outside: list[str]) -> None:
    global watching
    watching = True
    with open(__file__):  # noqa: PTH123 - the plain call is what is watched
        watching = False
    assert outside == ["open"]
