"""Narrowing what is found to a category, a brand, or to variants of a size, colour, partner and price."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from retail.offer import Offer
from sync.catalogue.index import EACH, KINDS, told, trait_key
from sync.store.engine import fetch

MOST = 2**62  # more than any price
# 150 kronor are neither more nor less than 20 euros: in another currency than the store's there is no price.
OFFERS = (
    "SELECT o.product, o.partner, o.options,"  # noqa: S608
    " CASE WHEN o.currency = (SELECT currency FROM store) THEN o.price END,"
    f" o.available FROM {EACH} CROSS JOIN offers o ON o.product = j.value"
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the products found must have; None and False ask for nothing.

    ``size``, ``colour``, ``partner``, the prices and ``available`` must hold for one and the same variant at one
    partner. Prices are in minor units of the store's currency, both ends included; what is priced in another one
    has none of them.
    """

    category: str | None = None
    brand: str | None = None
    size: str | None = None
    colour: str | None = None
    partner: str | None = None
    price_from: int | None = None
    price_to: int | None = None
    available: bool = False

    def exacting(self) -> bool:
        """Whether the offers themselves must be looked at: one of them must have several things at once."""
        several = [self.size, self.colour, self.partner]
        priced = self.price_from is not None or self.price_to is not None
        return priced or self.available or len([one for one in several if one is not None]) > 1


EVERYTHING = Filters()


def marks_of(connection: Connection, filters: Filters) -> tuple[str, ...] | None:
    """What stands for these filters in the index; None when no product has one of them."""
    marks = []
    for trait in sorted(wanted_traits(filters)):
        found = fetch(connection, "SELECT id FROM traits WHERE kind = ? AND key = ?", *trait)
        if not found:
            return None
        marks.append(f"={found[0][0]}")
    return tuple(marks)


def wanted_traits(filters: Filters) -> set[tuple[str, str]]:
    """Kind and value, as it is compared, of everything that a product is narrowed to."""
    values = ((kind, getattr(filters, kind)) for kind in KINDS)
    return {(kind, trait_key(kind, value)) for kind, value in values if value is not None}


def met_by(connection: Connection, products: Sequence[int], filters: Filters) -> set[int]:
    """Those of these products of which one offer has everything that the filters ask of a variant."""
    wanted = Wanted(filters)
    offers = fetch(connection, OFFERS, json.dumps(products))
    return {row for row, *offer in offers if wanted.has(*offer)}


class Wanted:
    """What filters ask of one product and one of its offers."""

    def __init__(self, filters: Filters) -> None:
        self.partner, self.available = filters.partner, filters.available
        self.size = None if filters.size is None else trait_key("size", filters.size)
        self.colour = None if filters.colour is None else trait_key("colour", filters.colour)
        self.brand = None if filters.brand is None else trait_key("brand", filters.brand)
        self.category = filters.category
        self.priced = filters.price_from is not None or filters.price_to is not None
        self.low = 0 if filters.price_from is None else filters.price_from
        self.high = MOST if filters.price_to is None else filters.price_to

    def described(self, brand: str, category: str) -> bool:
        """Whether a product is of the brand and category."""
        return self.category in (None, category) and self.brand in (None, trait_key("brand", brand))

    def takes(self, offer: Offer, currency: str) -> bool:
        """Whether ``offer`` has all that is asked of a variant, in a store that sells in ``currency``."""
        price = offer.price.minor if offer.price.currency == currency else None
        return self.has(offer.partner, json.dumps(dict(offer.options)), price, offer.available)

    def has(self, partner: str, options: str, price: int | None, available: int) -> bool:
        """Whether one offer has all of it; ``options`` are JSON, ``price`` is None in another currency."""
        if self.priced and (price is None or not self.low <= price <= self.high):
            return False
        if self.available and not available:
            return False
        if self.partner is not None and partner != self.partner:
            return False
        size, colour, _ = told(options)
        return (self.size is None or trait_key("size", size) == self.size) and (
            self.colour is None or trait_key("colour", colour) == self.colour
        )
