"""Sentences by language: the English source text is the key, a missing translation falls back to it.

Values go in by name, ``tr("de", "In {seconds} seconds", seconds=9)``. A translation is only ever a template of
ours: names, products and other people's words are values, never looked up and never parsed.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from datetime import date, datetime

from babel.core import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal

from kiosk.messages import ar, ar_buying, ar_find, de, de_buying, de_find, de_staff
from retail.codes import UnreadableCode
from retail.gtin import InvalidGtin
from retail.money import Money

LANGUAGES = {"en": "English", "de": "Deutsch", "ar": "العربية"}
RIGHT_TO_LEFT = frozenset({"ar"})
# "en" alone would write dates the American way; money and dates here follow Europe's English.
LOCALES = {"en": "en_GB", "de": "de", "ar": "ar"}
DAY = {"de": "EEE d. MMM"}

MESSAGES: Mapping[str, Mapping[str, str]] = {
    "de": de.MESSAGES | de_find.MESSAGES | de_buying.MESSAGES | de_staff.MESSAGES,
    "ar": ar.MESSAGES | ar_find.MESSAGES | ar_buying.MESSAGES,
}
PLURALS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "de": de.PLURALS | de_find.PLURALS | de_buying.PLURALS | de_staff.PLURALS,
    "ar": ar.PLURALS | ar_find.PLURALS | ar_buying.PLURALS,
}


def tr(language: str, text: str, **values: object) -> str:
    """``text`` in ``language`` with ``values`` in its {placeholders}; in English when it is not translated."""
    template = MESSAGES.get(language, {}).get(text, text)
    return template.format(**values) if values else template


def tr_count(language: str, one: str, other: str, count: int, **values: object) -> str:
    """The form of a sentence that ``count`` asks for; {count} is filled in. ``other`` is the catalogue's key."""
    forms = PLURALS.get(language, {}).get(other)
    if forms is None:
        template = one if count == 1 else other
    else:
        template = forms.get(Locale.parse(LOCALES[language]).plural_form(count), forms["other"])
    return template.format(count=number(language, count), **values)


def number(language: str, value: int) -> str:
    """A whole number as people write it: "12,000"."""
    return format_decimal(value, locale=LOCALES[language])


def whole(language: str, amount: Money) -> str:
    """A round amount without its cents: "€20"."""
    pattern = Locale.parse(LOCALES[language]).currency_formats["standard"].pattern.replace("0.00", "0")
    return format_currency(
        amount.decimal(), amount.currency, pattern, locale=LOCALES[language], currency_digits=False
    )


def placeholders(text: str) -> frozenset[str]:
    """The names in {braces} of ``text``."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name)


def day(language: str, moment: date) -> str:
    """A day as people say it in a store: "Tue 24 Nov"."""
    return format_date(moment, DAY.get(language, "EEE d MMM"), locale=LOCALES[language])


def clock(language: str, moment: datetime) -> str:
    """The time of day of an aware ``moment``, on this machine's wall clock: "09:42"."""
    return format_time(moment.astimezone(), "HH:mm", locale=LOCALES[language])


CODE_TROUBLE = {
    "empty": "There is no number yet. Scan the code or type its digits.",
    "not digits": "A product number has only digits. Scan again or type the digits under the bars.",
    "wrong length": "A product number has 8, 12, 13 or 14 digits. Check that none is missing or doubled.",
    "wrong check digit": (
        "One of the digits is wrong: with the others as they are, the last would be {expected}. "
        "Compare them with the code and try again."
    ),
    "too long": "This code is too long for a product's code. Please scan the bars on the price tag.",
    "card number": "This looks like a card number. Please never type or swipe a card here.",
    "several products": "This code names more than one product. Please type the number under the bars.",
}


def code_trouble(language: str, error: InvalidGtin | UnreadableCode) -> str:
    """Why a code led nowhere and what to do, for people."""
    expected = error.expected if isinstance(error, InvalidGtin) else None
    return tr(language, CODE_TROUBLE[error.reason], expected=expected)
