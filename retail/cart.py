"""What a customer has chosen, and the quote it turns into before anything is agreed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Literal

from pydantic import ConfigDict

from retail.money import Money, total
from retail.offer import Offer
from retail.order import MOST_LINES, MOST_PIECES, OrderLine, Shipping
from retail.strict import STRICT


@dataclass(frozen=True, slots=True)
class CartLine:
    """A quantity of one offer, as the customer saw it when choosing."""

    offer: Offer
    quantity: int

    def most(self) -> int:
        """How many pieces may be ordered: what the partner has, at most 99."""
        return min(self.offer.available, MOST_PIECES)


@dataclass(frozen=True, slots=True)
class Cart:
    """What the customer has chosen, unpaid. Every change makes a new cart; the old one is the undo."""

    lines: tuple[CartLine, ...] = ()

    def add(self, offer: Offer, quantity: int = 1) -> Cart:
        """With ``quantity`` more of ``offer``, never more than the partner has (the quantity is then its limit).

        Raises ValueError, with a sentence for people, when the offer is sold out or in another currency than
        the rest, or the cart is full.
        """
        if not offer.available:
            raise ValueError("This one is sold out. Please choose another partner or size.")
        if self.lines and offer.price.currency != self.lines[0].offer.price.currency:
            raise ValueError("These are sold in different currencies. Please order them one after the other.")
        for index, line in enumerate(self.lines):
            if (line.offer.partner, line.offer.sku) == (offer.partner, offer.sku):
                return self.change(index, line.quantity + quantity, offer)
        if len(self.lines) >= MOST_LINES:
            raise ValueError(f"An order holds {MOST_LINES} different things. Please order these first.")
        line = CartLine(offer, 1)
        return Cart((*self.lines, replace(line, quantity=max(1, min(quantity, line.most())))))

    def change(self, index: int, quantity: int, offer: Offer | None = None) -> Cart:
        """With another quantity in line ``index``; 0 or less removes it, more than available becomes the limit."""
        old = self.lines[index]
        line = CartLine(offer or old.offer, old.quantity)
        if quantity <= 0:
            return Cart(self.lines[:index] + self.lines[index + 1 :])
        line = replace(line, quantity=max(1, min(quantity, line.most())))
        return Cart((*self.lines[:index], line, *self.lines[index + 1 :]))

    def count(self) -> int:
        """Pieces in the cart."""
        return sum(line.quantity for line in self.lines)

    def goods(self) -> Money | None:
        """The sum without shipping; None when empty."""
        if not self.lines:
            return None
        return total(
            (line.offer.price * line.quantity for line in self.lines), self.lines[0].offer.price.currency
        )


@dataclass(frozen=True, slots=True)
class Change:
    """Something that is not as the customer saw it in line ``line`` of the cart.

    ``what`` is ``price`` (``old`` and ``new`` in minor units of the quote's currency), ``available`` or ``gone``
    (pieces).
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    line: int
    name: str
    what: Literal["price", "available", "gone"]
    old: int
    new: int


@dataclass(frozen=True, slots=True)
class Quote:
    """What an order would cost now, frozen until ``expires_at``; the order takes its amounts from here.

    ``changes`` lists what differs from the cart; the customer must agree to them before the order is placed.
    ``confirmed`` says for each partner whether it answered; False means its prices are remembered ones.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: str
    lines: tuple[OrderLine, ...]
    shipping: tuple[Shipping, ...]
    total: Money
    made_at: datetime
    expires_at: datetime
    confirmed: Mapping[str, bool]
    changes: tuple[Change, ...] = ()

    def goods(self) -> Money:
        """The sum of the lines, without shipping."""
        return total((line.sum() for line in self.lines), self.total.currency)
