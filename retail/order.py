"""Orders: placed and never edited. What moves (status, shipments) is kept beside them, see ``retail.status``.

An order's sums hold by construction: goods + shipping == total == what the payments come to, in one currency;
the partner orders made from it add up to the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, Literal

from pydantic import ConfigDict

from retail.address import Customer
from retail.gtin import Gtin
from retail.ids import new_id
from retail.money import Money, total
from retail.strict import STRICT

MOST_PIECES = 99  # of one line
MOST_LINES = 50  # of one order
PaymentMethod = Literal["till", "gift_card", "link"]


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A quantity of one offer at its price, as agreed. ``price`` is for one piece, tax included."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: str
    partner: str
    sku: str
    gtin: Gtin
    name: str
    quantity: int
    price: Money
    options: Mapping[str, str] = field(default_factory=dict)
    ships_by: date | None = None
    picture: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.quantity <= MOST_PIECES:
            raise ValueError(f"a quantity is 1 to {MOST_PIECES}")
        if self.price.minor < 0:
            raise ValueError("a price is not negative")

    def sum(self) -> Money:
        """Price times quantity."""
        return self.price * self.quantity


@dataclass(frozen=True, slots=True)
class Shipping:
    """What one partner's parcel costs to send, tax included."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    partner: str
    price: Money

    def __post_init__(self) -> None:
        if self.price.minor < 0:
            raise ValueError("shipping is not negative")


@dataclass(frozen=True, slots=True)
class Payment:
    """How ``amount`` was paid. ``reference`` is the till's receipt number, a gift card's id or a link's id."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    method: PaymentMethod
    reference: str
    amount: Money

    def __post_init__(self) -> None:
        if self.amount.minor < 0:
            raise ValueError("a payment is not negative")


@dataclass(frozen=True, slots=True)
class Order:
    """What a customer bought. Immutable; its digest is the same at the device and the OMS.

    ``number`` is for people, unique in the company; ``id`` is for machines. ``associate`` is the user name of
    who helped, None at a kiosk. ``language`` is a BCP 47 tag; mails and receipts follow it.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: str
    number: str
    device: str
    store: str
    created_at: datetime
    customer: Customer
    lines: tuple[OrderLine, ...]
    shipping: tuple[Shipping, ...]
    payments: tuple[Payment, ...]
    total: Money
    language: str = "en"
    associate: str | None = None

    def __post_init__(self) -> None:
        if self.created_at.tzinfo is None:
            raise ValueError("created_at is an aware time")
        if not 1 <= len(self.lines) <= MOST_LINES:
            raise ValueError(f"an order has 1 to {MOST_LINES} lines")
        if len({line.id for line in self.lines}) != len(self.lines):
            raise ValueError("two lines have the same id")
        partners = [part.partner for part in self.shipping]
        if len(set(partners)) != len(partners) or not set(partners) <= {line.partner for line in self.lines}:
            raise ValueError("shipping is per partner of a line, once")
        if self.goods() + self.freight() != self.total:
            raise ValueError("goods and shipping do not add up to the total")
        if total((payment.amount for payment in self.payments), self.total.currency) != self.total:
            raise ValueError("the payments do not add up to the total")

    def goods(self) -> Money:
        """The sum of the lines."""
        return total((line.sum() for line in self.lines), self.total.currency)

    def freight(self) -> Money:
        """The sum of all shipping."""
        return total((part.price for part in self.shipping), self.total.currency)

    def partners(self) -> tuple[str, ...]:
        """The partners that supply it, in the order of the lines."""
        return tuple(dict.fromkeys(line.partner for line in self.lines))


@dataclass(frozen=True, slots=True)
class PartnerLine:
    """One line as the partner is asked for it; ``line`` is the id of the order line it fulfils."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    line: str
    sku: str
    gtin: Gtin
    quantity: int
    price: Money


@dataclass(frozen=True, slots=True)
class PartnerOrder:
    """What we buy from one partner for one order.

    ``key`` is made before anything is sent and is the idempotency key for ever; a partner sees ``number``
    as our reference. ``placed_by`` is the one owner that may send it: a device's id, or ``oms``.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    key: str
    order: str
    number: str
    partner: str
    placed_by: str
    created_at: datetime
    customer: Customer
    lines: tuple[PartnerLine, ...]
    shipping: Money
    total: Money
    language: str = "en"

    def __post_init__(self) -> None:
        if (
            self.shipping.minor < 0
            or len({line.line for line in self.lines}) != len(self.lines)
            or not self.lines
        ):
            raise ValueError("a partner order has lines, each once, and no negative shipping")
        if (
            total((line.price * line.quantity for line in self.lines), self.total.currency) + self.shipping
            != self.total
        ):
            raise ValueError("lines and shipping do not add up to the partner order's total")


def partner_orders(
    order: Order, placed_by: Mapping[str, str], new_key: Iterable[str] | None = None
) -> tuple[PartnerOrder, ...]:
    """One partner order for each partner of ``order``; together they come to exactly its total.

    ``placed_by`` gives the owner for partners that are not placed by the order's own device.
    """
    keys = iter(new_key) if new_key is not None else iter(new_id, "")
    freight = {part.partner: part.price for part in order.shipping}
    parts = []
    for index, partner in enumerate(order.partners(), 1):
        lines = tuple(
            PartnerLine(line.id, line.sku, line.gtin, line.quantity, line.price)
            for line in order.lines
            if line.partner == partner
        )
        shipping = freight.get(partner, Money.zero(order.total.currency))
        goods = total((line.price * line.quantity for line in lines), order.total.currency)
        parts.append(
            PartnerOrder(
                key=next(keys),
                order=order.id,
                number=f"{order.number}-{index}",
                partner=partner,
                placed_by=placed_by.get(partner, order.device),
                created_at=order.created_at,
                customer=order.customer,
                lines=lines,
                shipping=shipping,
                total=goods + shipping,
                language=order.language,
            )
        )
    return tuple(parts)
