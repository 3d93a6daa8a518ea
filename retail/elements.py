"""The parts of a GS1 element string, as many of them as can be understood.

What is wrong behind a product number (a date of month 99, an identifier that nobody knows) must not cost us the
product: that part is left out, and reading goes on where the next one must begin.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from biip import ParseConfig, ParseError
from biip.gs1_element_strings import GS1ElementString, GS1ElementStrings
from biip.gs1_messages import GS1Message

GS = "\x1d"
# Dates of 000000 are printed by some makers; they must not cost us the product number.
LENIENT = ParseConfig(gs1_element_strings_verify_date=False)
UNREADABLE = (ParseError, ValueError, ArithmeticError, LookupError)
"""What biip raises for parts that are none."""

# Dates have a fixed length, so what stands behind a wrong one can still be read.
_DATE = re.compile(r"1[1-35-7]\d{6}", re.ASCII)
_BRACKETS = re.compile(r"\((\d{2,})\)", re.ASCII)
_NUMBER = re.compile(r"\d{14}(?!\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Elements:
    """What was understood; ``whole`` is False when something had to be left out."""

    parts: GS1ElementStrings
    whole: bool

    @property
    def numbers(self) -> tuple[str, ...]:
        """The product numbers (AI 01) as they stand there, each once; their check digits may be wrong."""
        return tuple(dict.fromkeys(part.value for part in self.parts.filter(ai="01")))

    @property
    def in_brackets(self) -> str:
        """All of it as people read it: (01)04006381333931(10)A7."""
        return "".join(f"({part.ai.ai}){part.value}" for part in self.parts)

    @property
    def details(self) -> tuple[str | None, date | None, str | None]:
        """Lot, day of expiry and serial number as they stand there, each None where it is not said."""
        lot, expiry, serial = (self.parts.get(ai=identifier) for identifier in ("10", "17", "21"))
        return lot.value if lot else None, expiry.date if expiry else None, serial.value if serial else None


def read_elements(text: str) -> Elements:
    """Take ``text`` apart, with its identifiers in brackets or with GS between the parts that need it."""
    if not text.startswith("("):
        return _one_by_one(text)
    try:
        return Elements(GS1Message.parse_hri(text, config=LENIENT).element_strings, True)
    except UNREADABLE:
        return Elements(GS1ElementStrings(_bracketed(text)), False)


def _bracketed(text: str) -> list[GS1ElementString]:
    found = []
    _, *pieces = _BRACKETS.split("".join(text.split()))
    for identifier, value in zip(pieces[::2], pieces[1::2], strict=True):
        number = _NUMBER.match(value) if identifier == "01" else None
        try:
            part = GS1ElementString.parse(identifier + (number[0] if number else value), config=LENIENT)
        except UNREADABLE:
            continue
        if part.ai.ai == identifier:
            found.append(part)
    return found


def _one_by_one(text: str) -> Elements:
    parts, whole = GS1ElementStrings(), True
    rest = text.strip(GS)
    while rest:
        try:
            part = GS1ElementString.extract(rest, config=LENIENT)
        except UNREADABLE:
            whole = False
            date_ = _DATE.match(rest)
            rest = rest[date_.end() :] if date_ else rest.partition(GS)[2]
        else:
            parts.append(part)
            rest = rest[len(part) :]
        rest = rest.lstrip(GS)
    return Elements(parts, whole)
