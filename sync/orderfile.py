"""The order file of ``aisle order place``: what to buy, for whom, how it was paid. Amounts are never taken from it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, ValidationError

from partners.strict_json import parse
from retail.address import Address, Customer
from retail.errors import BadResponse, Rejected
from retail.gtin import Gtin
from retail.order import MOST_LINES, MOST_PIECES
from retail.strict import STRICT, from_data

EXAMPLE = (
    '{"lines": [{"gtin": "04012345678901", "partner": "north", "quantity": 2}], "customer": {"name": "Ada Byron",'
    ' "email": "ada@example.com", "phone": "+491701234567", "address": {"country": "DE", "lines": ["Weg 1"],'
    ' "city": "Berlin", "postal_code": "10115", "region": null}}, "payment": {"method": "till", "reference": "T-1001"},'
    ' "language": "de"}'
)


@dataclass(frozen=True, slots=True)
class FileLine:
    """Pieces of one product; without ``partner`` the best offer is taken."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    gtin: str
    quantity: Annotated[int, Field(ge=1, le=MOST_PIECES)]
    partner: str | None = None

    def product(self) -> Gtin:
        """The GTIN, checked. Raises InvalidGtin."""
        return Gtin.parse(self.gtin)


@dataclass(frozen=True, slots=True)
class FileAddress:
    """An address as it stands in the file."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    country: str
    lines: tuple[str, ...]
    city: str
    postal_code: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class FileCustomer:
    """A customer as it stands in the file."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    name: str
    email: str
    address: FileAddress
    phone: str | None = None

    def customer(self) -> Customer:
        """The customer, checked. Raises UnusableText."""
        where = self.address
        address = Address(where.country, where.lines, where.city, where.postal_code, where.region)
        return Customer(self.name, self.email, address, self.phone)


@dataclass(frozen=True, slots=True)
class FilePayment:
    """How it was paid; ``reference`` is the till's receipt number."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    method: Literal["till", "gift_card", "link"]
    reference: str


@dataclass(frozen=True, slots=True)
class OrderFile:
    """The whole file."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    lines: Annotated[tuple[FileLine, ...], Field(min_length=1, max_length=MOST_LINES)]
    customer: FileCustomer
    payment: FilePayment
    language: str = "en"


def read_order_file(text: str | bytes) -> OrderFile:
    """The order file in ``text``, checked in full before anything happens.

    Raises Rejected naming every wrong place and what belongs there; reason ``order_file``.
    """
    data: Any
    try:
        data = parse(text.encode() if isinstance(text, str) else text, "the order file")
    except (BadResponse, ValueError) as error:
        raise Rejected(
            "order_file", f"this is not JSON ({error}). An order file looks like {EXAMPLE}"
        ) from error
    try:
        file = from_data(OrderFile, data)
        for line in file.lines:
            line.product()
        file.customer.customer()
    except ValidationError as error:
        raise Rejected("order_file", f"{_places(error)}. An order file looks like {EXAMPLE}") from error
    except ValueError as error:
        raise Rejected("order_file", str(error)) from error
    return file


def _places(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, e['loc'])) or 'the file'}: {_plain(e['type'], e['msg'])}" for e in error.errors()
    )


def _plain(kind: str, message: str) -> str:
    return {"unexpected_keyword_argument": "is not a field of an order", "missing": "is missing"}.get(
        kind, message
    )


def example() -> dict[str, Any]:
    """A complete order file, parsed; for help and tests."""
    found: dict[str, Any] = json.loads(EXAMPLE)
    return found
