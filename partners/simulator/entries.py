"""What stands in the simulated partner's ledger, and its no."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from retail.money import Money, total

State = Literal["accepted", "shipped", "delivered", "cancelled"]


class Refusal(Exception):
    """The partner says no, in its own words; nothing was booked."""

    def __init__(self, code: str, message: str, status: int = 409) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


@dataclass(slots=True)
class Clock:
    """The partner's wall clock, in seconds since 1970; ``ahead`` lets time pass in a test."""

    ahead: float = 0.0

    def now(self) -> float:
        """The time now."""
        return time.time() + self.ahead

    def at(self) -> datetime:
        """The time now, as an aware time."""
        return datetime.fromtimestamp(self.now(), UTC)


@dataclass(frozen=True, slots=True)
class Wish:
    """One position of an order as it came in."""

    sku: str
    quantity: int
    price_minor: int
    line: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One position as it was booked; confirmed, later and refused add up to the quantity."""

    sku: str
    line: str | None
    quantity: int
    price_minor: int
    confirmed: int
    later: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One order in the ledger; amounts are minor units."""

    number: int
    key: str
    booked_at: float
    cancelled_at: float | None
    shipping_minor: int
    currency: str
    lines: tuple[Line, ...]
    customer: Mapping[str, Any] = field(default_factory=dict)

    def total(self) -> Money:
        """What the partner charges: everything confirmed or coming later, and the shipping."""
        prices = (
            Money(line.price_minor, self.currency) * (line.confirmed + line.later) for line in self.lines
        )
        return total(prices, self.currency) + Money(self.shipping_minor, self.currency)
