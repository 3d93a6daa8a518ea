"""How a mail looks and reads: words per language, numbers and dates as its readers write them, text and HTML.

Words are in ``templates/mail.LANGUAGE.toml``, the look in ``templates/mail.html`` and ``mail.txt``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from retail.money import Money

TEMPLATES = Path(__file__).parent / "templates"
SOURCE = Locale("en", "GB")  # the language of whoever speaks none of ours
LANGUAGES = ("en", "de")


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one language, for readers of one ``locale``."""

    locale: Locale
    entries: Mapping[str, Any]

    def say(self, key: str, n: int | None = None, /, **values: object) -> str:
        """The sentence ``key`` (``shipped.customer.subject``) with ``values`` filled in.

        With ``n`` its singular or plural, which may show it as ``{n}``. LookupError when there is no such one.
        """
        found = self._find(key)
        if n is not None:
            found, values = found[self.locale.plural_form(n)], {**values, "n": n}
        return str(found).format(**values)

    def any(self, group: str, key: str, **values: object) -> str:
        """The sentence ``key`` of ``group``, or the group's ``other``."""
        return str(self._find(group).get(key) or self._find(group)["other"]).format(**values)

    def paragraphs(self, key: str, **values: object) -> tuple[str, ...]:
        """The paragraphs of ``key``."""
        return tuple(str(text).format(**values) for text in self._find(key))

    def money(self, amount: Money) -> str:
        """``amount`` as the readers write it."""
        return _amount(amount, str(self.locale))

    def day(self, day: date, today: date) -> str:
        """``day`` with its weekday, and with its year when that is not ``today``'s."""
        skeleton = "MMMEd" if day.year == today.year else "yMMMEd"
        return _day(skeleton, day, str(self.locale))

    def _find(self, key: str) -> Any:
        found: Any = self.entries
        for part in key.split("."):
            found = found[part]
        return found


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the order; ``amount`` None shows no prices."""

    name: str
    detail: str
    quantity: str
    amount: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sum:
    """One line below the rows."""

    label: str
    amount: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """The one thing the reader came for, such as a tracking number."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says, in words; ``text`` and ``html`` lay it out."""

    language: str
    brand: str
    subject: str
    order: str
    heading: str
    paragraphs: tuple[str, ...]
    foot: str
    direction: str = "ltr"
    box: Box | None = None
    facts: tuple[tuple[str, str], ...] = ()
    rows_title: str = ""
    rows: tuple[Row, ...] = ()
    sums: tuple[Sum, ...] = ()
    address_title: str = ""
    address: tuple[str, ...] = ()
    payments_title: str = ""
    payments: tuple[str, ...] = ()

    def text(self) -> str:
        """For readers who see no HTML."""
        return _environment().get_template("mail.txt").render(letter=self)

    def html(self) -> str:
        """With tables and inline styles, which is what mail programs understand; everything is escaped."""
        return _environment().get_template("mail.html").render(letter=self)


@cache
def words_for(tag: str) -> Words:
    """The words for the BCP 47 ``tag`` ("de-AT"); English, dates and amounts too, when we do not speak it."""
    try:
        locale = Locale.parse(tag, sep="-" if "-" in tag else "_")
    except (ValueError, UnknownLocaleError):
        locale = SOURCE
    if locale.language not in LANGUAGES or str(locale) == SOURCE.language:
        locale = SOURCE
    return Words(locale, _entries(locale.language))


@lru_cache(maxsize=4096)
def _amount(amount: Money, locale: str) -> str:
    return amount.format(locale)


@lru_cache(maxsize=1024)
def _day(skeleton: str, day: date, locale: str) -> str:
    return format_skeleton(skeleton, day, locale=locale)


@cache
def _entries(language: str) -> Mapping[str, Any]:
    return tomllib.loads((TEMPLATES / f"mail.{language}.toml").read_text(encoding="utf-8"))


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
