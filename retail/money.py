"""Money as whole minor units of one ISO 4217 currency; sums are exact by construction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import ClassVar

from babel.numbers import format_currency, get_currency_precision, list_currencies
from pydantic import ConfigDict

from retail.strict import STRICT

CURRENCIES = frozenset(list_currencies())
LIMIT = 10**15  # minor units; keeps every sum of an order far inside 64 bits


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in whole minor units (cents, yen), with its ISO 4217 code. May be negative.

    Raises ValueError for an unknown currency or an amount of more than 10^15 minor units, and TypeError
    when ``minor`` is not an int (a bool is not one).
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are an int, not {type(self.minor).__name__}")
        if abs(self.minor) > LIMIT:
            raise ValueError("the amount is too large")
        if self.currency not in CURRENCIES:
            raise ValueError(f"{self.currency!r} is not an ISO 4217 currency code, like EUR")

    @classmethod
    def zero(cls, currency: str) -> Money:
        """No money, in ``currency``."""
        return cls(0, currency)

    @classmethod
    def from_decimal(cls, amount: Decimal, currency: str) -> Money:
        """``amount`` major units ("12.90"), rounded half up (away from zero) to the currency's minor unit.

        Raises ValueError when it is not a number or too large.
        """
        zero = cls.zero(currency)
        if not amount.is_finite():
            raise ValueError("the amount is not a number")
        try:
            shifted = amount.scaleb(get_currency_precision(zero.currency))
            return cls(int(shifted.quantize(Decimal(1), ROUND_HALF_UP)), currency)
        except InvalidOperation as error:
            raise ValueError("the amount is too large") from error

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} cannot be added or compared")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __mul__(self, quantity: int) -> Money:
        if type(quantity) is not int:
            raise TypeError("money is multiplied by whole quantities only")
        return Money(self.minor * quantity, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.minor <= other.minor

    def __bool__(self) -> bool:
        return self.minor != 0

    def split(self, weights: Iterable[int]) -> tuple[Money, ...]:
        """Parts in proportion to ``weights`` (whole, not negative, not all 0) that add up to exactly this."""
        shares = tuple(weights)
        whole = sum(shares)
        if whole <= 0 or min(shares) < 0:
            raise ValueError("weights are whole numbers, none negative and not all zero")
        parts, before, taken = [], 0, 0
        for share in shares:
            before += share
            upto = self.minor * before // whole
            parts.append(Money(upto - taken, self.currency))
            taken = upto
        return tuple(parts)

    def decimal(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.minor).scaleb(-get_currency_precision(self.currency))

    def format(self, language: str) -> str:
        """The amount as people of ``language`` (a locale such as ``de`` or ``en_GB``) write it."""
        return format_currency(self.decimal(), self.currency, locale=language)


def total(parts: Iterable[Money], currency: str) -> Money:
    """The exact sum of ``parts``; all must be in ``currency``."""
    minor = 0
    for part in parts:
        if part.currency != currency:
            raise ValueError(f"{part.currency} and {currency} cannot be added or compared")
        minor += part.minor
    return Money(minor, currency)
