"""What a mapping's forms must yield, checked strictly. These models leave this package never."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from partners.strict_json import to_text
from retail.errors import BadResponse
from retail.gtin import Gtin
from retail.money import CURRENCIES

MOST = 10**9  # pieces; a stock that means "plenty" fits, an overflow does not
LONGEST_TEXT = 4000
Model = TypeVar("Model", bound=BaseModel)


def _code(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("has characters that cannot be seen")
    return text


def shown(text: str) -> str:
    """Text for people: composed, one line, nothing hidden; a partner's layout is not worth an error."""
    kept = (" " if unicodedata.category(one) in ("Cc", "Zl", "Zp") else one for one in text)
    visible = "".join(
        one for one in kept if unicodedata.category(one) not in ("Cf", "Cs", "Co") or one == "\u200d"
    )
    return " ".join(unicodedata.normalize("NFC", visible).split())[:LONGEST_TEXT]


def _currency(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError("is no ISO 4217 currency code")
    return code


def _or_empty(text: str | None) -> str:
    return text or ""


Code = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_code)]
Shown = Annotated[str, AfterValidator(shown)]
MaybeShown = Annotated[Shown | None, AfterValidator(_or_empty)]
Pieces = Annotated[int, Field(ge=0, le=MOST)]
Minor = Annotated[int, Field(ge=0, le=10**15)]
Currency = Annotated[str, AfterValidator(_currency)]
Colour = Annotated[str, Field(pattern=re.compile("^#[0-9a-fA-F]{6}$"))]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class OfferRow(_Row):
    """One offer. Amounts are minor units with tax; ``picture`` is an address or a path below the record's."""

    sku: Code
    gtin: Gtin
    product: Code
    name: Annotated[Shown, Field(min_length=1)]
    price_minor: Minor
    currency: Currency
    available: Pieces
    brand: MaybeShown = ""
    category: MaybeShown = ""
    description: MaybeShown = ""
    options: dict[Shown, Shown] | None = None
    swatch: Colour | None = None
    shipping_minor: Minor | None = None
    was_minor: Minor | None = None
    ships_by: date | None = None
    picture: Code | None = None
    attributes: dict[Shown, Shown] | None = None


class GoneRow(_Row):
    """SKUs that are sold no longer."""

    gone: list[Code]


class QuoteLineRow(_Row):
    """One line of a quote."""

    sku: Code
    price_minor: Minor
    available: Pieces
    ships_by: date | None = None


class QuoteRow(_Row):
    """A quote for one parcel."""

    lines: list[QuoteLineRow]
    shipping_minor: Minor
    currency: Currency


class AnswerRow(_Row):
    """The partner's answer for one SKU; ``line`` is our line id when the partner echoes it."""

    sku: Code
    line: Code | None = None
    accepted: Pieces
    backordered: Pieces = 0
    refused: Pieces = 0
    promised: date | None = None
    reason: str | None = None


class ParcelLineRow(_Row):
    """What is in a parcel."""

    sku: Code
    line: Code | None = None
    quantity: Annotated[int, Field(ge=1, le=MOST)]


class ParcelRow(_Row):
    """One parcel."""

    id: Code
    lines: list[ParcelLineRow]
    carrier: MaybeShown = ""
    tracking: Annotated[Code | None, AfterValidator(_or_empty)] = ""
    shipped_at: AwareDatetime | None = None
    delivered_at: AwareDatetime | None = None


class OrderRow(_Row):
    """An order in the partner's books. ``key`` is ours, echoed; ``lines`` null means all accepted."""

    reference: Code
    key: Code | None = None
    lines: list[AnswerRow] | None = None
    total_minor: Minor
    currency: Currency
    state: str
    parcels: list[ParcelRow] | None = None


def check(model: type[Model], data: Any, where: str) -> Model:
    """``data`` as a ``model``; raises BadResponse naming ``where`` and the first wrong field, never its value."""
    try:
        return model.model_validate_json(to_text(data))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "everything"
        raise BadResponse(f"{where}: {place}: {first['msg']}") from error


def check_list(data: Any, where: str) -> list[Any]:
    """``data``, which must be a list: an answer without one proves nothing, least of all that there is nothing."""
    if not isinstance(data, list):
        raise BadResponse(f"{where}: the response expression yields no list")
    return data
