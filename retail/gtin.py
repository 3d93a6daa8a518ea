"""GTIN: the number that names a product in every store, kept as fourteen digits with a right check digit."""

from __future__ import annotations

import unicodedata
from typing import Any, Literal

from biip.checksums import gs1_standard_check_digit
from biip.upc import Upc
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

LENGTHS = (8, 12, 13, 14)

Reason = Literal["empty", "not digits", "wrong length", "wrong check digit"]


class InvalidGtin(ValueError):
    """A number that names no product.

    The text says what to do and never repeats the number: what was typed may have been something private.
    ``reason`` is a stable code; ``expected`` is the last digit that would have been right, None for other reasons.
    """

    def __init__(self, reason: Reason, message: str, *, expected: str | None = None) -> None:
        super().__init__(message)
        self.reason: Reason = reason
        self.expected = expected


class Gtin(str):
    """Fourteen ASCII digits, the last of which is the right GS1 check digit.

    It is text, so it can be a dict key, a database value and JSON as it is; two spellings of one product
    (UPC-A and EAN-13, say) are equal once parsed.
    """

    __slots__ = ()

    def __new__(cls, digits: str) -> Gtin:
        """Take fourteen digits as they are; use ``parse`` for anything a person or a scanner gives.

        Raises:
            InvalidGtin: it is not fourteen digits with the right check digit.
        """
        if isinstance(digits, Gtin):
            return digits
        if not (digits.isascii() and digits.isdigit()):
            raise _not_digits() if digits else _empty()
        if len(digits) != 14:
            raise _wrong_length(len(digits), "14")
        if digits == "0" * 14:
            raise _empty()
        expected = check_digit(digits[:-1])
        if digits[-1] != expected:
            raise _wrong_check_digit(expected)
        return super().__new__(cls, digits)

    @classmethod
    def parse(cls, text: str, symbology: str | None = None) -> Gtin:
        """Read a GTIN-8, -12, -13 or -14 or a UPC-E of 8 digits; spaces and hyphens do not matter.

        Digits of other scripts count as digits. Eight digits are a GTIN-8 when they pass as one, else a
        UPC-E; with ``symbology`` "UPC-E" they are a UPC-E, with "EAN-8" never.

        Raises:
            InvalidGtin: no such number; its text says what to do.
        """
        digits = plain_digits(text)
        if not digits:
            raise _empty()
        if not (digits.isascii() and digits.isdigit()):
            raise _not_digits()
        if len(digits) not in LENGTHS:
            raise _wrong_length(len(digits), "8, 12, 13 or 14")
        if len(digits) == 8 and digits[0] in "01" and symbology != "EAN-8":
            upc_e = Upc.parse(digits[:-1])
            expected = str(upc_e.check_digit)
            if symbology == "UPC-E" and digits[-1] != expected:
                raise _wrong_check_digit(expected)
            if symbology == "UPC-E" or (digits[-1] == expected != check_digit(digits[:-1])):
                return cls(upc_e.as_gtin_14())
        return cls(digits.zfill(14))

    @classmethod
    def or_none(cls, text: str, symbology: str | None = None) -> Gtin | None:
        """Read ``text`` as ``parse`` does; None when it is no such number."""
        try:
            return cls.parse(text, symbology)
        except InvalidGtin:
            return None

    @classmethod
    def of_short_upc(cls, text: str) -> tuple[Gtin, ...]:
        """What a UPC-E may stand for whose number system, check digit or both are not said; () for anything else.

        It is six or seven digits. Nothing in them says whether they were read rightly, or that they are a UPC-E at
        all: believe only what a catalogue knows.
        """
        digits = plain_digits(text)
        if not (digits.isascii() and digits.isdigit()) or len(digits) not in (6, 7):
            return ()
        # Six digits are system 0 without both; seven have a system in front or a check digit behind.
        whole = [f"0{digits}"] if len(digits) == 6 else [digits] * (digits[0] in "01")
        found = [cls.or_none(Upc.parse(each).as_upc_a()) for each in whole]
        if len(digits) == 7:
            found.append(cls.or_none(f"0{digits}", "UPC-E"))
        return tuple(dict.fromkeys(gtin for gtin in found if gtin))

    @property
    def short(self) -> str:
        """The usual printed form: 8, 12, 13 or 14 digits, the fewest that lose nothing but leading zeros."""
        significant = len(self.lstrip("0"))
        return self[-next(length for length in LENGTHS if length >= significant) :]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate fourteen digits of text; the value is written as plain text."""
        return core_schema.no_info_after_validator_function(
            cls,
            core_schema.str_schema(pattern=r"^[0-9]{14}$"),
            serialization=core_schema.plain_serializer_function_ser_schema(str.__str__),
        )


def check_digit(payload: str) -> str:
    """Return the GS1 check digit that belongs behind ``payload``, which is one or more ASCII digits."""
    return str(gs1_standard_check_digit(payload))


def plain_digits(text: str) -> str:
    """Return ``text`` without spaces and hyphens, with the digits of every script as 0 to 9."""
    kept = (char for char in text if not char.isspace() and unicodedata.category(char) != "Pd")
    return "".join(str(unicodedata.decimal(char, char)) for char in kept)


def _empty() -> InvalidGtin:
    return InvalidGtin("empty", "There is no product number. Scan the code again or type its digits.")


def _not_digits() -> InvalidGtin:
    return InvalidGtin(
        "not digits", "A product number has only digits. Scan again or type the digits under the bars."
    )


def _wrong_length(length: int, wanted: str) -> InvalidGtin:
    return InvalidGtin(
        "wrong length",
        f"A product number has {wanted} digits, this one has {length}. Check that none is missing or doubled.",
    )


def _wrong_check_digit(expected: str) -> InvalidGtin:
    return InvalidGtin(
        "wrong check digit",
        f"One of the digits is wrong: with the others as they are, the last would be {expected}. "
        "Compare them with the code and try again.",
        expected=expected,
    )
