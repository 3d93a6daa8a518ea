"""What a scanned text says, and that a hostile one can do nothing."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.codes import LONGEST, Code, UnreadableCode, own_code, read_code
from retail.gtin import Gtin, InvalidGtin, check_digit

PEN = Gtin("04006381333931")
GUM = Gtin("00042100005264")
SODA = Gtin("00036000291452")


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
        ("]E303600029145251299", None, "036000291452"),
        ("4006381333931 12", None, "4006381333931"),
        ("4006381333931+51299", None, "4006381333931"),
        ("036000291452 12", None, "036000291452"),
        ("4006381333932 12", "Code 128", None),
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


@pytest.mark.parametrize(
    ("text", "symbology", "gtin", "also"),
    [
        # Eight digits that pass as EAN-8 and as UPC-E, unless the bars or the scanner say which they are.
        ("12345670", None, "00000012345670", ("00123456000070",)),
        ("12345670", "EAN-8", "00000012345670", ()),
        ("12345670", "UPC-E", "00123456000070", ()),
        ("]E412345670", None, "00000012345670", ()),
        ("]E012345670", None, "00123456000070", ()),
        ("]E004252614", None, GUM, ()),
        ("04252614", None, GUM, ()),
        ("]E096385074", None, "00000096385074", ()),
        # A UPC-E without its system, its check digit or both.
        ("425261", None, None, (GUM,)),
        ("]E0425261", None, None, (GUM,)),
        ("4252614", None, None, (GUM,)),
        ("0425261", None, None, (GUM, "00004252000061")),
        ("425261", "Code 128", None, ()),
        ("42526", None, None, ()),
        ("000000", None, None, ()),
        # An add-on that nothing sets apart, of what is no book and no paper.
        ("400638133393112", None, None, (PEN,)),
        ("400638133393151299", None, None, (PEN,)),
        ("03600029145251299", None, None, (SODA,)),
        ("400638133393212", None, None, ()),
        ("04006381333931 12", None, None, ()),
        # Fourteen digits that pass whole, and their first twelve, too.
        ("036000291452 17", None, "03600029145217", (SODA,)),
    ],
)
def test_digits_that_may_be_another_number_say_so(
    text: str, symbology: str | None, gtin: str | None, also: tuple[str, ...]
) -> None:
    code = read_code(text, symbology)
    assert (code.gtin, code.also) == (gtin, also)


@pytest.mark.parametrize(
    ("text", "symbology", "shown", "details"),
    [
        ("010400638133393117269999", "GS1 Data Matrix", f"(01){PEN}", (None, None, None)),
        ("01040063813339311726999910A7\x1d2199", "GS1-128", f"(01){PEN}(10)A7(21)99", ("A7", None, "99")),
        ("010400638133393110A7\x1d77123\x1d2199", "GS1-128", f"(01){PEN}(10)A7(21)99", ("A7", None, "99")),
        ("]d2010400638133393177123", None, f"(01){PEN}", (None, None, None)),
        ("1726999901040063813339312199", "GS1 QR", f"(01){PEN}(21)99", (None, None, "99")),
        ("(01)04006381333931(17)269999(10)A7", None, f"(01){PEN}(10)A7", ("A7", None, None)),
        ("(01)04006381333931?(10)A(7)", None, f"(01){PEN}(10)A(7)", ("A(7)", None, None)),
        ("01040063813339310104006381333931", "GS1-128", f"(01){PEN}(01){PEN}", (None, None, None)),
    ],
)
def test_a_broken_part_costs_neither_the_product_nor_the_other_parts(
    text: str, symbology: str | None, shown: str, details: tuple[object, ...]
) -> None:
    code = read_code(text, symbology)
    assert (code.gtin, code.kind, code.text) == (PEN, "gs1", shown)
    assert (code.lot, code.expiry, code.serial) == details


def test_without_a_mark_a_broken_string_is_only_perhaps_its_product() -> None:
    text = "010400638133393117269999"
    assert read_code(text) == Code(text, None, "sku", also=(PEN,))
    assert read_code("010400638133393217269999") == Code("010400638133393217269999", None, "sku")


@pytest.mark.parametrize(
    ("text", "symbology"),
    [
        ("01040063813339310109780201379624", "GS1-128"),
        ("01040063813339310109780201379624", None),
        ("(01)04006381333931(01)09780201379624", None),
        ("(01)04006381333931(99999)x(01)09780201379624", None),
        ("]C1010400638133393117269999" + "0109780201379624", None),
    ],
)
def test_two_products_in_one_string_are_refused(text: str, symbology: str | None) -> None:
    with pytest.raises(UnreadableCode, match="names more than one product") as refused:
        read_code(text, symbology)
    assert refused.value.reason == "several products"


def test_the_digits_of_a_link_may_be_escaped() -> None:
    text = "https://shop.example/%301/%304006381333931/10/%41"
    assert read_code(text, "QR") == Code(text, PEN, "digital link", lot="A")
    assert read_code("https://shop.example/01%2F04006381333931", "QR").gtin is None


def test_a_wrong_number_may_still_be_a_code_of_the_stores_own() -> None:
    assert own_code("]C012345678\r") == Code("12345678", None, "sku", own=True)
    assert own_code("03600029145212") == Code("03600029145212", None, "sku", also=(SODA,), own=True)
    assert own_code("12345678").in_store
    assert own_code("425261") == Code("425261", None, "sku", also=(GUM,), own=True)
    # One right product number and one wrong one in a string are no product.
    assert own_code(f"01{PEN}0104006381333932").also == ()
    assert not read_code("12345678", "Code 128").in_store


@st.composite
def broken_strings(draw: st.DrawFn) -> tuple[str, str]:
    """A GTIN and a GS1 string of it among parts that may be anything."""
    payload = draw(st.text("0123456789", min_size=13, max_size=13).filter(lambda digits: digits.strip("0")))
    gtin = payload + check_digit(payload)
    parts = st.lists(st.text("0123456789ABC()\x1d", max_size=20), max_size=4)
    return gtin, f"]C101{gtin}" + "".join(f"\x1d{part}" for part in draw(parts))


@given(broken_strings())
def test_whatever_stands_behind_it_the_product_in_front_is_known_or_nothing_is(made: tuple[str, str]) -> None:
    gtin, text = made
    try:
        code = read_code(text)
    except (InvalidGtin, UnreadableCode):
        assert text.count("01") > 1
        return
    assert code.gtin == gtin


digits = st.text("0123456789", min_size=5, max_size=20)
spoken = st.one_of(
    digits,
    st.builds("{}{}{}".format, digits, st.sampled_from([" ", "+", "-", ""]), digits),
    st.builds("{}{}".format, st.sampled_from(["]E0", "]E3", "]E4", "]C1", "01", "(01)"]), digits),
    st.builds("https://x.example/01/%3{}".format, digits),
    st.text(max_size=60),
)


@given(spoken)
def test_every_number_that_is_read_or_supposed_has_a_right_check_digit(text: str) -> None:
    try:
        code = read_code(text)
    except (InvalidGtin, UnreadableCode):
        code = own_code(text)
        assert code.gtin is None
    for gtin in (code.gtin, *code.also):
        assert gtin is None or (len(gtin) == 14 and gtin[-1] == check_digit(gtin[:-1]))
    assert code.gtin not in code.also


def test_two_spellings_of_one_product_are_the_same_thing() -> None:
    assert read_code("(01)04006381333931(10)A").key == read_code("4006381333931").key == PEN
    assert read_code("AB-12").key == "AB-12"
