"""What a scanned text says, and that a hostile one can do nothing."""

from __future__ import annotations

from datetime import date

import pytest

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
        ("]C012345678", None, Code("12345678", None, "sku")),
        ("]A0AB-12", None, Code("AB-12", None, "sku")),
        ("]E0036000291452", None, Code("036000291452", Gtin("00036000291452"), "gtin")),
        ("036000291452", "UPC-A", Code("036000291452", Gtin("00036000291452"), "gtin")),
        ("96385074", "EAN-8", Code("96385074", Gtin("00000096385074"), "gtin")),
        ("14006381333938", "ITF-14", Code("14006381333938", Gtin("14006381333938"), "gtin")),
        # Sixteen digits in bars are somebody's own number; only those that cards begin with are refused.
        ("9111111111111111", "Code 128", Code("9111111111111111", None, "sku")),
    ],
)
def test_numbers_and_own_codes(text: str, symbology: str | None, code: Code) -> None:
    assert read_code(text, symbology) == code


@pytest.mark.parametrize(
    "own", ["A'; DROP TABLE x--", "ab_%*", "ß/é 12", "<b>x</b>", "../../etc/passwd", "%s{0}"]
)
def test_somebodys_own_code_is_carried_unchanged(own: str) -> None:
    assert read_code(own, "Code 128") == read_code(own) == Code(own, None, "sku")


@pytest.mark.parametrize(
    ("text", "symbology", "read"),
    [
        ("978020137962451299", None, "9780201379624"),
        ("9780201379624 51299", "EAN-13", "9780201379624"),
        ("977147396801203", None, "9771473968012"),
        ("]E3400638133393112", None, "4006381333931"),
        ("400638133393112", "Code 128", None),  # fifteen digits of anything else are no paper with an add-on
        ("978020137962551299", "Code 128", None),
    ],
)
def test_the_add_on_of_books_and_papers_is_ignored(
    text: str, symbology: str | None, read: str | None
) -> None:
    code = read_code(text, symbology)
    assert code == (Code(read, Gtin.parse(read), "gtin") if read else Code(text, None, "sku"))


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("2012345006782", True),
        ("0201234500674", True),
        ("2912345006785", True),
        ("212345600672", True),
        ("412345678903", True),
        ("20123451", True),
        ("3012345006781", False),
        ("4006381333931", False),
        ("96385074", False),
        ("12012345006789", False),
        ("AB-12", False),
    ],
)
def test_numbers_that_a_store_gives_itself_are_known_as_such(text: str, own: bool) -> None:
    code = read_code(text)
    assert code.in_store is own
    assert code.text == text


@pytest.mark.parametrize(
    ("text", "symbology"),
    [
        ("0104006381333931172512311012\x1d21A7", "GS1-128"),
        ("]d20104006381333931172512311012\x1d21A7", None),
        ("]Q30104006381333931172512311012\x1d21A7", None),
        ("]e00104006381333931172512311012\x1d21A7", None),
        ("]J10104006381333931172512311012\x1d21A7", None),
        ("0104006381333931172512311012\u241d21A7", None),
        ("0104006381333931172512311012<GS>21A7", None),
        ("0104006381333931172512311012{GS}21A7", "GS1-128"),
        ("(01) 04006381333931 (17) 251231 (10) 12 (21) A7", None),
        ("(17)251231(01)04006381333931(10)12(21)A7", None),
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
        ("shop.example/01/04006381333931", PEN),
        ("HTTPS://SHOP.EXAMPLE/GTIN/4006381333931", PEN),
        ("https://shop.example/?01=04006381333931&10=A", PEN),
        ("https://shop.example/p?id=7;gtin=4006381333931", PEN),
        ("https://shop.example/p?gtin=4006381333932", None),
        ("https://shop.example/AQnYUc1gmiERBhQ", None),  # compressed
        ("https://id.gs1.org/02/04006381333931/37/5", None),
        ("shop/01/04006381333931", None),
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
    "asked", ["?17=251231&utm_source=tag", "?utm=%F0%9F%98%80;17=251231", "?17=251231&linkType=all#top"]
)
def test_what_else_an_address_says_costs_no_details(asked: str) -> None:
    code = read_code(f"https://id.gs1.org/01/04006381333931/10/AB{asked}", "QR")
    assert (code.lot, code.expiry, code.serial) == ("AB", date(2025, 12, 31), None)
    assert code.text.endswith(asked)


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
        ("\u3164\u00ad\ue000", "empty"),
    ],
)
def test_what_no_code_can_be_is_refused(text: str, reason: str) -> None:
    with pytest.raises(UnreadableCode) as refused:
        read_code(text)
    assert refused.value.reason == reason
    assert "4111" not in str(refused.value)


@pytest.mark.parametrize("symbology", ["Code 128", "QR", "Data Matrix"])
@pytest.mark.parametrize("card", ["4111111111111111", "5555 5555 5555 4444", "x378282246310005y"])
def test_a_payment_cards_number_is_refused_from_bars_too(card: str, symbology: str) -> None:
    with pytest.raises(UnreadableCode) as refused:
        read_code(card, symbology)
    assert refused.value.reason == "card number"


def test_two_spellings_of_one_product_are_the_same_thing() -> None:
    assert read_code("(01)04006381333931(10)A").key == read_code("4006381333931").key == PEN
    assert read_code("AB-12").key == "AB-12"
