"""The cart while it is looked at: removing with a way back, and what has changed since things were put in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import flet as ft

from kiosk.device import Device
from kiosk.session import CartState
from retail.cart import Cart, CartLine
from retail.money import Money, total
from retail.offer import Offer

UNDO_SECONDS = 5.0

Changed = Literal["price", "fewer", "gone"]


@dataclass(frozen=True, slots=True)
class Parcel:
    """The lines that one partner sends. ``shipping`` None: it depends on the address; ``leaves`` None: no promise."""

    partner: str
    lines: tuple[tuple[int, CartLine], ...]

    @property
    def shipping(self) -> Money | None:
        """One parcel costs as much as its dearest line."""
        known = [line.offer.shipping for _, line in self.lines if line.offer.shipping is not None]
        return max(known, key=lambda price: price.minor, default=None)

    @property
    def leaves(self) -> date | None:
        """When the last of its lines leaves."""
        days = [line.offer.ships_by for _, line in self.lines]
        return None if None in days else max(day for day in days if day is not None)


def parcels(cart: Cart) -> tuple[Parcel, ...]:
    """``cart`` by partner, in the order in which they came in; lines keep their index in the cart."""
    by_partner: dict[str, list[tuple[int, CartLine]]] = {}
    for index, line in enumerate(cart.lines):
        by_partner.setdefault(line.offer.partner, []).append((index, line))
    return tuple(Parcel(partner, tuple(lines)) for partner, lines in by_partner.items())


def freight(made: tuple[Parcel, ...], currency: str) -> Money | None:
    """What delivery of all of them costs; None when one of them is not known yet."""
    each = [parcel.shipping for parcel in made]
    known = [price for price in each if price is not None]
    return total(known, currency) if len(known) == len(each) else None


@dataclass(eq=False)
class CartPage(ft.Observable):
    """``removed`` is the name of what was just taken out, while that can be undone.

    ``now`` has the offers as they are remembered now; one that is not known any more is missing.
    """

    device: Device
    cart: CartState
    removed: str = ""
    now: Mapping[tuple[str, str], Offer] = field(default_factory=dict)
    _removals: int = 0

    @classmethod
    def of(cls, device: Device, cart: CartState) -> CartPage:
        """With what this device knows now."""
        page = cls(device, cart)
        page.look()
        return page

    def look(self) -> None:
        """Compare with what partners have said since."""
        products = {line.offer.product for line in self.cart.cart.lines}
        listings = [listing for product in products if (listing := self.device.listing(product))]
        self.now = {(offer.partner, offer.sku): offer for each in listings for offer in each.offers}

    def heard(self, topic: str) -> None:
        """Look again when the catalogue has changed."""
        if topic == "catalogue":
            self.look()

    def changed(self, line: CartLine) -> Changed | None:
        """What is not as it was when ``line`` was put in."""
        now = self.now.get((line.offer.partner, line.offer.sku))
        if now is None:
            return None
        if not now.available:
            return "gone"
        if now.price != line.offer.price:
            return "price"
        return "fewer" if now.available < line.quantity else None

    def most(self, line: CartLine) -> int:
        """How many of ``line`` can be had: by what was known when it was put in, and by what is known now."""
        now = self.now.get((line.offer.partner, line.offer.sku))
        return line.most() if now is None else min(line.most(), now.available)

    def step(self, index: int, quantity: int, start: Callable[[float], object]) -> None:
        """Set the quantity of one line; 0 takes it out, and ``start(seconds)`` must then run ``forget``."""
        name = self.cart.cart.lines[index].offer.name
        self.cart.change(index, quantity)
        self.removed = name if quantity <= 0 else ""
        self._removals += 1
        if self.removed:
            start(UNDO_SECONDS)

    def agree(self, index: int) -> None:
        """Take a line as it is now: its price, what is left of it, or nothing when it is gone."""
        line = self.cart.cart.lines[index]
        now = self.now[line.offer.partner, line.offer.sku]
        self.removed = ""
        self.cart.replace(self.cart.cart.change(index, min(line.quantity, now.available), now))

    def undo(self) -> None:
        """Put back what was just taken out."""
        if self.removed:
            self.cart.undo()
            self.removed = ""

    async def forget(self, seconds: float) -> None:
        """Let the way back go after ``seconds``, unless something else was taken out meanwhile."""
        number = self._removals
        await asyncio.sleep(seconds)
        if number == self._removals:
            self.removed = ""
