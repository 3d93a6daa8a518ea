"""One row of a catalogue file, checked strictly: an offer, or a SKU that is gone."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from partners.rest.wire import shown
from retail.gtin import Gtin, InvalidGtin
from retail.money import CURRENCIES, LIMIT, Money
from retail.offer import Offer
from sync.catalogue.rows import Problem

MOST = 10**9  # pieces
ROUNDED = re.compile(r"\d[.,]\d+E\+\d+", re.ASCII | re.IGNORECASE)  # how spreadsheets show a long number
INTEGERS = ("price_minor", "available", "shipping_minor", "was_minor")
NEEDED = ("sku", "gtin", "name", "price_minor", "currency", "available")
GROUPS = {"option.": "options", "attribute.": "attributes"}  # columns of a CSV file that go together
# What pydantic says, in the words of whoever mends the file.
WORDS = {
    "missing": "It is missing.",
    "extra_forbidden": "There is no such field; see docs/run-a-store.md for those there are.",
    "string_type": "It has to be text.",
    "int_type": "It has to be a whole number.",
    "greater_than_equal": "It must not be negative.",
    "less_than_equal": "The number is too large.",
    "string_too_short": "It is empty.",
    "too_short": "It is empty.",
    "string_too_long": "It is too long.",
    "string_pattern_mismatch": "It has to look like #c58b2a.",
    "bool_type": "It has to be true or false.",
    "dict_type": 'It has to be an object, like {"size": "M"}.',
}


def _gtin(text: object) -> object:
    if not isinstance(text, str):
        raise ValueError("It has to be text: numbers lose their leading zeros.")
    if ROUNDED.fullmatch(text):
        raise ValueError("A spreadsheet has rounded it. Make the column text there, and export it again.")
    try:
        return Gtin.parse(text)
    except InvalidGtin as error:
        raise ValueError(str(error)) from error


def _code(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("It has characters that cannot be seen, or spaces around it.")
    return text


def _currency(text: str) -> str:
    if text not in CURRENCIES:
        raise ValueError("It is no ISO 4217 currency code, like EUR.")
    return text


def _date(text: object) -> object:
    try:
        return date.fromisoformat(text) if isinstance(text, str) else text
    except ValueError as error:
        raise ValueError("It has to be a date like 2026-03-14.") from error


def _time(text: object) -> object:
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else text
    except ValueError as error:
        raise ValueError("It has to be a time like 2026-03-14T09:30:00+01:00.") from error
    if isinstance(at, datetime) and at.tzinfo is None:
        raise ValueError("It needs its offset from UTC, like +01:00 or Z.")
    return at.astimezone(UTC) if isinstance(at, datetime) else at


Code = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_code)]
Shown = Annotated[str, Field(max_length=4000), AfterValidator(shown)]
Minor = Annotated[int, Field(ge=0, le=LIMIT)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    partner: Code | None = None
    sku: Code


class OfferRow(_Row):
    """An offer; ``product`` groups variants, the SKU when it is left out. ``as_of``: the time of the load."""

    gtin: Annotated[Gtin, BeforeValidator(_gtin)]
    product: Code | None = None
    name: Annotated[Shown, Field(min_length=1)]
    price_minor: Minor
    currency: Annotated[str, AfterValidator(_currency)]
    available: Annotated[int, Field(ge=0, le=MOST)]
    brand: Shown = ""
    category: Shown = ""
    description: Shown = ""
    options: dict[Shown, Shown] = Field(default_factory=dict)
    attributes: dict[Shown, Shown] = Field(default_factory=dict)
    swatch: Annotated[str, Field(pattern=re.compile("^#[0-9a-fA-F]{6}$"))] | None = None
    shipping_minor: Minor | None = None
    was_minor: Minor | None = None
    ships_by: Annotated[date | None, BeforeValidator(_date)] = None
    picture: Code | None = None
    as_of: Annotated[datetime | None, BeforeValidator(_time)] = None
    gone: bool = False

    def offer(self, partner: str, now: datetime) -> Offer:
        """It as an offer of ``partner``, true at ``now`` unless it says when."""
        currency = self.currency
        return Offer(
            partner=partner,
            sku=self.sku,
            gtin=self.gtin,
            product=self.product or self.sku,
            name=self.name,
            price=Money(self.price_minor, currency),
            available=self.available,
            as_of=self.as_of or now,
            brand=self.brand,
            category=self.category,
            description=self.description,
            options=self.options,
            swatch=self.swatch,
            shipping=None if self.shipping_minor is None else Money(self.shipping_minor, currency),
            was=None if self.was_minor is None else Money(self.was_minor, currency),
            ships_by=self.ships_by,
            picture=self.picture,
            attributes=self.attributes,
        )


class GoneRow(_Row):
    """A SKU that its partner sells no longer; what else the row says does not matter."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)
    gone: bool


FIELDS = tuple(OfferRow.model_fields)


def read_offer(
    data: Mapping[str, Any], now: datetime, partner: str | None, known: Collection[str], *, text: bool
) -> tuple[str, str, Offer | None] | Problem:
    """Partner, SKU and offer (None: gone) of one row; ``text``: every value is text, as in CSV.

    ``partner`` is whose rows these are when they do not say; ``known`` are the partners of this device.
    """
    sku = data.get("sku")
    named = sku if isinstance(sku, str) else None
    whose = data.get("partner", partner)
    owner = whose if isinstance(whose, str) else None
    if owner is None:
        return Problem(
            "partner", "The row does not say whose offer it is; name it in the row or with --partner.", named
        )
    if partner is not None and owner != partner:
        return Problem("partner", f"The row is of another partner than --partner {partner}.", named, owner)
    if owner not in known:
        return Problem(
            "partner", "There is no such partner on this device; see: aisle partner list", named, owner
        )
    try:
        if text:
            data = _from_text(data)
        if data.get("gone") is True:
            return owner, GoneRow.model_validate(data).sku, None
        row = OfferRow.model_validate(data)
        return owner, row.sku, row.offer(owner, now)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"] if part != "[key]")
        words = WORDS.get(first["type"]) or first["msg"].removeprefix("Value error, ")
        if first["type"] == "int_type" and where.endswith("_minor"):
            words = "It has to be a whole number, in minor units (4990 for 49.90)."
        return Problem(where, words, named, owner)
    except ValueError as error:
        return Problem("row", f"{error}.", named, owner)


def _from_text(data: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in data.items():
        group = next((start for start in GROUPS if name.startswith(start)), None)
        if group:
            found.setdefault(GROUPS[group], {})[name.removeprefix(group)] = value
        elif name in INTEGERS and value.isascii() and value.strip().isdigit() and len(value) < 19:
            found[name] = int(value)
        elif name == "gone":
            found[name] = {"true": True, "false": False, "1": True, "0": False}.get(
                value.strip().lower(), value
            )
        else:
            found[name] = value
    return found


def columns_wrong(header: Collection[str], partner: str | None) -> str | None:
    """What is wrong with the header of a CSV file, None when it will do."""
    named = [name for name in header if name]  # spreadsheets write empty columns, too
    unknown = [
        name for name in named if name not in FIELDS and not any(name.startswith(start) for start in GROUPS)
    ]
    needed = ("sku", "gone") if "gone" in header and "gtin" not in header else NEEDED
    missing = [name for name in needed if name not in header]
    if partner is None and "partner" not in header:
        missing.insert(0, "partner")
    words = []
    if missing:
        words.append(f"has no column {', '.join(missing)}")
    if unknown:
        words.append(f"has a column {', '.join(name[:40] for name in unknown[:5])} that nobody knows")
    if len(set(named)) < len(named):
        words.append("has a column twice")
    return " and ".join(words) or None
