"""The simulated partner's own words in JSON. They are not ours on purpose, so that the mapping has work to do."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import get_currency_precision
from pydantic import BaseModel, ConfigDict, Field

from partners.goods import Goods
from partners.simulator.books import LATER, Books
from partners.simulator.entries import Entry, Line, Refusal, Wish
from retail.money import Money

STATUSES = {"accepted": "BOOKED", "shipped": "SENT", "delivered": "ARRIVED", "cancelled": "WITHDRAWN"}
CARRIER = "NordPost"


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Position(_Message):
    """One position of an order."""

    itemCode: str  # noqa: N815
    ean: str | None = None
    count: int = Field(ge=1, le=999)
    unitPrice: str  # noqa: N815
    yourPosition: str | None = None  # noqa: N815

    def wish(self, currency: str) -> Wish:
        """It in the words of the books."""
        return Wish(self.itemCode, self.count, minor(self.unitPrice, currency), self.yourPosition)


class Consignee(_Message):
    """Where the parcel goes."""

    name: str = Field(min_length=1)
    street: list[str] = Field(min_length=1)
    town: str
    countryCode: str  # noqa: N815
    zip: str | None = None
    province: str | None = None
    mail: str | None = None
    phone: str | None = None


class NewOrder(_Message):
    """An order coming in."""

    yourReference: str = Field(min_length=1, max_length=100)  # noqa: N815
    yourNumber: str | None = None  # noqa: N815
    lang: str | None = None
    currencyCode: str  # noqa: N815
    freight: str
    grandTotal: str  # noqa: N815
    positions: list[Position] = Field(min_length=1, max_length=200)
    consignee: Consignee


class Asked(_Message):
    """One position of a question for prices."""

    itemCode: str  # noqa: N815
    count: int = Field(ge=1, le=999)


class Destination(_Message):
    """Where a parcel would go."""

    countryCode: str  # noqa: N815
    zip: str | None = None


class NewQuote(_Message):
    """A question for prices."""

    positions: list[Asked] = Field(min_length=1, max_length=200)
    shipTo: Destination | None = None  # noqa: N815


def minor(amount: str, currency: str) -> int:
    """ "129.00" in minor units; raises Refusal for what is no amount."""
    try:
        units = Decimal(amount).scaleb(get_currency_precision(currency))
    except InvalidOperation as error:
        raise Refusal("MALFORMED", "an amount is no number", 422) from error
    if units != units.to_integral_value() or abs(units) > 10**15:
        raise Refusal("MALFORMED", "an amount has too many digits", 422)
    return int(units)


def amount(minor_units: int | None, currency: str) -> str | None:
    """12900 as "129.00"."""
    return None if minor_units is None else f"{Money(minor_units, currency).decimal():f}"


def item(goods: Goods, currency: str, now: datetime) -> dict[str, Any]:
    """Goods as this partner shows them."""
    return {
        "itemCode": goods.sku,
        "ean": goods.gtin.short,
        "styleCode": goods.product,
        "title": goods.name,
        "brandName": goods.brand,
        "department": goods.category,
        "text": goods.description,
        "attributes": [{"name": name, "value": value} for name, value in goods.options.items()],
        "swatchHex": goods.swatch,
        "unitPrice": amount(goods.price_minor, currency),
        "oldPrice": amount(goods.was_minor, currency),
        "currencyCode": currency,
        "onHand": goods.stock,
        "dispatchOn": (now + timedelta(days=goods.lead_days)).date().isoformat(),
        "freight": amount(goods.shipping_minor, currency),
        "image": f"/pictures/{goods.picture}" if goods.picture else None,
    }


def quote(asked: NewQuote, books: Books) -> dict[str, Any]:
    """Prices, what is free of what was asked for, and the freight."""
    positions = []
    for one in asked.positions:
        goods = books.by_sku(one.itemCode)
        positions.append(
            {
                "itemCode": one.itemCode,
                "unitPrice": amount(goods.price_minor if goods else 0, books.currency),
                "currencyCode": books.currency,
                "free": min(goods.stock, one.count) if goods else 0,
                "dispatchOn": (books.clock.at() + timedelta(days=goods.lead_days)).date().isoformat()
                if goods
                else None,
            }
        )
    freight = books.shipping(one.itemCode for one in asked.positions)
    return {
        "positions": positions,
        "freight": amount(freight.minor, freight.currency),
        "currencyCode": books.currency,
    }


def order(entry: Entry, books: Books) -> dict[str, Any]:
    """An order as this partner tells of it."""
    state = books.state(entry)
    return {
        "orderNumber": order_number(entry),
        "yourReference": entry.key,
        "status": STATUSES[state],
        "currencyCode": entry.currency,
        "grandTotal": amount(entry.total().minor, entry.currency),
        "positions": [_position(line, entry, books) for line in entry.lines],
        "parcels": [_parcel(entry, books)] if state in ("shipped", "delivered") else [],
    }


def order_number(entry: Entry) -> str:
    """The number that people quote on the phone."""
    return f"N-{entry.number}"


def _position(line: Line, entry: Entry, books: Books) -> dict[str, Any]:
    expected = (datetime.fromtimestamp(entry.booked_at, books.clock.at().tzinfo) + LATER).date().isoformat()
    return {
        "itemCode": line.sku,
        "yourPosition": line.line,
        "confirmed": line.confirmed,
        "later": line.later,
        "refused": line.refused,
        "expectedOn": expected if line.later else None,
        "why": "OUT_OF_STOCK" if line.refused else None,
    }


def _parcel(entry: Entry, books: Books) -> dict[str, Any]:
    arrived = books.state(entry) == "delivered"
    return {
        "parcelNumber": f"{order_number(entry)}-1",
        "carrier": CARRIER,
        "trackingCode": f"NP{entry.number:010d}SE",
        "sentAt": books.sent_at(entry).isoformat(),
        "arrivedAt": books.arrived_at(entry).isoformat() if arrived else None,
        "positions": [
            {"itemCode": line.sku, "yourPosition": line.line, "count": line.confirmed}
            for line in entry.lines
            if line.confirmed
        ],
    }


def ledger_row(entry: Entry, books: Books) -> dict[str, Any]:
    """An order as ``GET /ledger`` shows it; amounts are minor units, quantities those charged."""
    return {
        "key": entry.key,
        "reference": order_number(entry),
        "lines": [
            {"sku": line.sku, "quantity": line.confirmed + line.later, "price_minor": line.price_minor}
            for line in entry.lines
        ],
        "total_minor": entry.total().minor,
        "currency": entry.currency,
        "state": books.state(entry),
        "customer": entry.customer,
    }
