"""What a scanned or typed text says: a product number, a GS1 string, a GS1 Digital Link, or a code of somebody's own.

Whatever the text is, it stays text: nothing here opens, fetches or runs anything. Two choices to know of: a GS1
string that only says what is *inside* (AI 02, a pallet's label) names no product, and Digital Links that are
compressed are not unfolded, they count as any other address.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal
from urllib.parse import urlsplit

import biip.rcn  # noqa: F401 - biip loads it with the first GTIN; once we are imported, reading touches no file
from biip.gs1_digital_link_uris import GS1DigitalLinkURI

from retail.elements import GS, LENIENT, UNREADABLE, Elements, read_elements
from retail.gtin import LENGTHS, Gtin, InvalidGtin, plain_digits
from retail.text import INVISIBLE, has_card_number

LONGEST = 512
"""Characters; a longer text is no code that a shop prints."""

Kind = Literal["gtin", "gs1", "digital link", "sku"]

# What hand scanners can be set to send before the text: ISO/IEC 15424 symbology identifiers. The letter names the
# kind of bars; with some numbers behind it they hold a GS1 element string.
IDENTIFIER = re.compile(r"\]([A-Za-z])[0-9A-Za-z]")
KINDS = {"C": "Code 128", "d": "Data Matrix", "Q": "QR", "e": "GS1 DataBar", "J": "DotCode"}
EXACT = {
    "]E0": "EAN-13",
    "]E3": "EAN-13",
    "]E4": "EAN-8",
    "]I1": "ITF-14",
    "]C1": "GS1-128",
    "]d2": "GS1 Data Matrix",
    "]d5": "GS1 Data Matrix",
    "]Q3": "GS1 QR",
    "]Q4": "GS1 QR",
    "]J1": "GS1 DotCode",
}
# Their bars hold nothing but a GTIN, so digits that are none were read or typed wrongly.
RETAIL = frozenset({"EAN-13", "EAN-8", "UPC-A", "UPC-E", "ITF-14"})
# The symbol itself says that a GS1 element string follows.
MARKED = frozenset({"GS1-128", "GS1 DataBar", "GS1 Data Matrix", "GS1 QR", "GS1 DotCode"})

_BRACKETED_GTIN = re.compile(r"\(01\)\s*(\d{14})")
_LEADING_GTIN = re.compile(r"01(\d{14})", re.ASCII)
_LINK = re.compile(
    r"(?:https?://[^/]|[a-z0-9](?:[a-z0-9-]*\.)+[a-z]{2,}(?::\d+)?/)", re.IGNORECASE | re.ASCII
)
_LINKED_GTIN = re.compile(r"/(?:01|gtin)/(\d{8}|\d{12,14})(?=/|$)", re.IGNORECASE | re.ASCII)
_QUERIED_GTIN = re.compile(r"(?:^|[&;])(?:01|gtin)=(\d{8}|\d{12,14})(?=[&;]|$)", re.IGNORECASE | re.ASCII)
_ESCAPED_DIGIT = re.compile("%3([0-9])", re.ASCII)
_IDENTIFIED = re.compile(r"\d{2,4}=", re.ASCII)
# How scanners that cannot send a control character write the GS between the parts of a GS1 string.
_WRITTEN_GS = re.compile("\u241d|<GS>|\\{GS\\}")
# Books and papers have two or five digits more beside their bars (an issue, a price); some scanners send them, too.
_WITH_ADD_ON = re.compile(r"(97[789]\d{10})[ +]?(?:\d{2}|\d{5})", re.ASCII)
_ANY_ADD_ON = re.compile(r"(\d{12,13})[ +]?(?:\d{2}|\d{5})", re.ASCII)
_APART_ADD_ON = re.compile(r"(\d{12,13})[ +](?:\d{2}|\d{5})", re.ASCII)
# The numbers of the cards people pay with, sixteen digits or Amex's fifteen. What is typed is judged more widely.
_CARD = re.compile(
    r"(?<!\d)(?:(?:4\d|5[1-5]|2[2-7]|6[05])(?:[ -]?\d){14}|3[47](?:[ -]?\d){13})(?!\d)", re.ASCII
)

# A store gives these numbers itself, for what it weighs or packs, often with the price in them; the same digits are
# something else in the next store.
_OWN_NUMBERS = ("02", "04", *(str(prefix) for prefix in range(20, 30)))
_OWN_SHORT_NUMBERS = ("0", "2")


class UnreadableCode(ValueError):
    """A text that no code can be: ``reason`` is ``empty``, ``too long``, ``card number`` or ``several products``."""

    def __init__(
        self, reason: Literal["empty", "too long", "card number", "several products"], message: str
    ) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Code:
    """One code, read. ``text`` is at most 512 visible characters; a GS1 string is written with its (identifiers).

    ``gtin`` is None exactly when ``kind`` is ``sku``: then the text is a store's or partner's own code, or
    nothing of ours, and stays as it was read. ``lot``, ``expiry`` and ``serial`` are None where the code does not
    say them.

    ``also`` are other numbers that the same digits may be: beside a ``gtin`` as good as that, of a ``sku`` only when
    nobody knows the text itself, and only those that the catalogue knows. ``own``: the digits are wrong as a product
    number, so they are a code that this store made, or nothing.
    """

    text: str
    gtin: Gtin | None
    kind: Kind
    lot: str | None = None
    expiry: date | None = None
    serial: str | None = None
    also: tuple[Gtin, ...] = ()
    own: bool = False

    @property
    def key(self) -> str:
        """What makes two scans the same thing: the product number if there is one, else the text."""
        return self.gtin or self.text

    @property
    def in_store(self) -> bool:
        """Whether the number means something in this store only (GS1's 02, 04 and 20 to 29, with what was weighed).

        The store's own catalogue may know it; another company's product with the same number is another thing.
        """
        if self.gtin is None:
            return self.own
        if len(self.gtin.short) == 8:
            return self.gtin.short.startswith(_OWN_SHORT_NUMBERS)
        return self.gtin.startswith("0") and self.gtin[1:].startswith(_OWN_NUMBERS)


def read_code(text: str, symbology: str | None = None) -> Code:
    """Say what ``text`` is. ``symbology`` is the kind of bars it came from, None when it was typed or is unknown.

    Kinds of bars are called EAN-13, EAN-8, UPC-A, UPC-E, ITF-14, Code 128, GS1-128, GS1 DataBar, QR, GS1 QR,
    Data Matrix and GS1 Data Matrix. The century of an ``expiry`` is the one nearest to today.

    Raises:
        InvalidGtin: it is meant as a product number but its check digit is wrong; the text says what to do.
        UnreadableCode: nothing is left of it, it is over 512 characters, it looks like a card number, or it names
            two products.
    """
    if len(text) > LONGEST:
        raise UnreadableCode(
            "too long", f"This code is longer than {LONGEST} characters. It is not a product's code."
        )
    identified = IDENTIFIER.match(text)
    if identified is not None:
        text = text[3:]
        symbology = EXACT.get(identified[0]) or KINDS.get(identified[1], "another kind")
        if identified[0] == "]E0" and len(plain_digits(text)) in (6, 7, 8):
            symbology = "UPC-E"  # an EAN-8 would be ]E4
    marked = symbology in MARKED or text.startswith(GS)
    text = _visible(text)
    if not text.replace(GS, ""):
        raise UnreadableCode("empty", "There is nothing to read in this code. Scan it again or type it.")
    text = _without_add_on(text, sure=identified is not None and identified[0] == "]E3")
    code = _digital_link(text) or _element_string(text, marked) or _number(text, symbology)
    if code is not None:
        return code
    if _is_card(text) if symbology else has_card_number(text):
        raise UnreadableCode(
            "card number", "This looks like a card number. Please never type or swipe a card here."
        )
    return Code(text.replace(GS, ""), None, "sku", also=_also(text, symbology))


def own_code(text: str) -> Code:
    """What ``text`` may still be when ``read_code`` says that it is a wrong product number: a code of the store's own.

    Whoever asks the catalogue about it, and finds nothing, has to say what is wrong with the number.
    """
    identified = IDENTIFIER.match(text)
    shown = _visible(text[3:] if identified else text).replace(GS, "")[:LONGEST]
    also = () if identified else Gtin.of_short_upc(shown) or _before_add_on(shown)
    return Code(shown, None, "sku", also=also, own=True)


def _without_add_on(text: str, *, sure: bool) -> str:
    """The digits of a GTIN that has an add-on behind it; ``sure``: the scanner said that there is one."""
    found = _WITH_ADD_ON.fullmatch(text) or (_ANY_ADD_ON if sure else _APART_ADD_ON).fullmatch(text)
    if found is None or Gtin.or_none(found[1]) is None:
        return text
    # Fourteen digits may be a GTIN by themselves, whatever stands between them.
    doubtful = not sure and (Gtin.or_none(text) is not None or _is_card(text))
    return text if doubtful else found[1]


def _also(text: str, symbology: str | None) -> tuple[Gtin, ...]:
    """What digits may be that are no product number as they stand, when nothing says what bars they come from."""
    if symbology not in (None, "UPC-E"):
        return ()
    leading = _LEADING_GTIN.match(text)
    gtin = Gtin.or_none(leading[1]) if leading else None
    return Gtin.of_short_upc(text) or _before_add_on(text) or ((gtin,) if gtin else ())


def _before_add_on(text: str) -> tuple[Gtin, ...]:
    found = _ANY_ADD_ON.fullmatch(text)
    gtin = Gtin.or_none(found[1]) if found else None
    return (gtin,) if gtin else ()


def _is_card(text: str) -> bool:
    return any(has_card_number(found[0]) for found in _CARD.finditer(text))


def _visible(text: str) -> str:
    """Drop what cannot be seen (controls, direction marks, half or unknown characters), all but GS; outer spaces."""
    if text.isascii() and text.isprintable():
        return text.strip()
    hidden = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    kept = (
        char
        for char in text
        if char == GS or (unicodedata.category(char) not in hidden and char not in INVISIBLE)
    )
    return "".join(kept).strip()


def _number(text: str, symbology: str | None) -> Code | None:
    digits = plain_digits(text)
    if not (digits.isascii() and digits.isdigit()) or len(digits) not in LENGTHS:
        return None
    try:
        gtin = Gtin.parse(digits, symbology)
    except InvalidGtin:
        # A store's own number may have eight digits too: in bars that can hold anything, or grouped by
        # hyphens, it is no mistyped GTIN.
        carrier = symbology is not None and symbology not in RETAIL
        if carrier or (len(digits) == 8 and len(text) != 8):
            return None
        raise
    also = None
    if symbology is None and len(digits) == 8 and digits[0] in "01":
        also = Gtin.or_none(digits, "UPC-E")
    elif symbology is None and (found := _APART_ADD_ON.fullmatch(text)):
        also = Gtin.or_none(found[1])
    return Code(text, gtin, "gtin", also=(also,) if also and also != gtin else ())


def _element_string(text: str, marked: bool) -> Code | None:
    text = _WRITTEN_GS.sub(GS, text)
    bracketed = _BRACKETED_GTIN.search(text) if text.startswith("(") else None
    if not (marked or bracketed or _LEADING_GTIN.match(text)):
        return None
    read = read_elements(text)
    sure = marked or bracketed is not None
    if not read.numbers:
        return None
    try:
        gtins = [Gtin(number) for number in read.numbers]
    except InvalidGtin:
        if sure:
            raise
        return None
    if len(gtins) > 1:
        raise UnreadableCode(
            "several products",
            "This code names more than one product. Please type the number under the bars.",
        )
    # Digits that only begin like a GS1 string may be somebody's own.
    if not (sure or read.whole):
        return None
    shown = read.in_brackets if len(read.in_brackets) <= LONGEST else text.replace(GS, "")
    return Code(shown, gtins[0], "gs1", *_details(read))


def _digital_link(text: str) -> Code | None:
    if not _LINK.match(text):
        return None
    shown = text.replace(GS, "")
    try:
        address = _ESCAPED_DIGIT.sub(r"\1", shown)
        parts = urlsplit(address if "://" in address[:8] else f"https://{address}")
        found = _LINKED_GTIN.search(parts.path)
        digits = found[1] if found else ""
        gtin = Gtin.parse(digits) if found else _queried(parts.query)
    except InvalidGtin:
        # Many addresses have /01/ and digits in them; only fourteen can be meant as nothing else.
        if len(digits) == 14:
            raise
        return None
    except ValueError:
        return None
    if gtin is None:
        return None
    # What else the address says (?utm_source=...) must not cost us the lot and the date.
    said = "&".join(part for part in re.split("[&;]", parts.query) if _IDENTIFIED.match(part))
    try:
        link = GS1DigitalLinkURI.parse(parts._replace(query=said, fragment="").geturl(), config=LENIENT)
    except UNREADABLE:
        return Code(shown, gtin, "digital link")
    return Code(shown, gtin, "digital link", *_details(Elements(link.element_strings, whole=True)))


def _queried(query: str) -> Gtin | None:
    found = _QUERIED_GTIN.search(query)
    return Gtin.or_none(found[1]) if found else None


def _details(read: Elements) -> tuple[str | None, date | None, str | None]:
    """Lot, day of expiry and serial number, each None where it is not said."""
    lot, expiry, serial = read.details
    return (
        _visible(lot).replace(GS, "") if lot else None,
        expiry,
        _visible(serial).replace(GS, "") if serial else None,
    )
