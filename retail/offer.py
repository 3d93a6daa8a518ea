"""What can be sold: products, their variants, and what each partner offers for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar

from pydantic import ConfigDict

from retail.gtin import Gtin
from retail.money import Money
from retail.strict import STRICT

FEW = 3  # pieces or less are shown as "few left"
FRESH = timedelta(minutes=15)  # older than this, price and availability are greyed and asked again
CLOCK_SLACK = timedelta(minutes=1)  # an answer from further in the future means a clock is wrong: ask again


@dataclass(frozen=True, slots=True)
class Variant:
    """One size and colour of a product; what a Gtin stands for. ``options`` are in display order."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    gtin: Gtin
    options: Mapping[str, str] = field(default_factory=dict)
    picture: str | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """The thing, whoever sells it. ``id`` groups its variants; ``swatches`` maps colour names to #rrggbb."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: str
    name: str
    brand: str = ""
    category: str = ""
    description: str = ""
    variants: tuple[Variant, ...] = ()
    swatches: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Offer:
    """One partner's price and availability for one variant, true at ``as_of``.

    ``available`` is the number of pieces the partner would sell, 0 when sold out. ``price`` and ``shipping``
    include tax; ``shipping`` is what one parcel of it alone would cost. ``ships_by`` is when it leaves the partner.
    ``options`` tell the variants of a product apart (size, colour); ``attributes`` say more about it (material).
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    partner: str
    sku: str
    gtin: Gtin
    product: str
    name: str
    price: Money
    available: int
    as_of: datetime
    brand: str = ""
    category: str = ""
    description: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    swatch: str | None = None
    shipping: Money | None = None
    was: Money | None = None
    ships_by: date | None = None
    picture: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.available < 0 or self.price.minor < 0:
            raise ValueError("an offer has no negative price or stock")
        if self.as_of.tzinfo is None:
            raise ValueError("as_of is an aware time")
        for other in (self.shipping, self.was):
            if other is not None and other.currency != self.price.currency:
                raise ValueError("one offer, one currency")

    def landed(self) -> Money:
        """What one piece costs at the customer's door."""
        return self.price + self.shipping if self.shipping else self.price

    def stale(self, now: datetime, ttl: timedelta = FRESH) -> bool:
        """Whether it is too old to be believed without asking the partner again."""
        age = now - self.as_of
        return age > ttl or age < -CLOCK_SLACK


@dataclass(frozen=True, slots=True)
class Listing:
    """What a customer sees: a product with the offers for its variants, best first as ``rank`` puts them."""

    product: Product
    offers: tuple[Offer, ...] = ()

    def of(self, gtin: Gtin) -> tuple[Offer, ...]:
        """The offers for one variant, best first."""
        return tuple(offer for offer in self.offers if offer.gtin == gtin)

    def best(self) -> Offer | None:
        """The first offer that can be had now, else the first one, else None."""
        return next((offer for offer in self.offers if offer.available), next(iter(self.offers), None))


def rank(offers: Sequence[Offer], currency: str = "") -> tuple[Offer, ...]:
    """``offers`` best first: can be had, landed price, leaves first, partner id so that ties are stable.

    Prices are compared within one currency only: those in the store's ``currency`` come first, then one currency
    after the other, by their codes.
    """
    far = datetime.max.replace(tzinfo=UTC).date()

    def key(offer: Offer) -> tuple[bool, bool, str, int, date, str]:
        landed = offer.landed()
        other = landed.currency != currency
        return (
            offer.available == 0, other, landed.currency, landed.minor, offer.ships_by or far, offer.partner
        )  # fmt: skip

    return tuple(sorted(offers, key=key))


def why_best(offer: Offer, others: Sequence[Offer]) -> str:
    """One sentence that says why ``offer`` stands where it does among ``others`` (which include it)."""
    rivals = [o for o in others if o.available and o is not offer]
    if not offer.available:
        return "Sold out here"
    if not rivals:
        return "The only partner that can send it"
    first = offer.ships_by is not None and all(
        o.ships_by is None or offer.ships_by <= o.ships_by for o in rivals
    )
    if any(o.price.currency != offer.price.currency for o in rivals):
        return "Leaves first" if first else "Prices in different currencies"
    cheapest = all(offer.landed() <= o.landed() for o in rivals)
    if cheapest and first:
        return "Lowest total and leaves first"
    if cheapest:
        return "Lowest total"
    if first:
        return "Leaves first"
    if all(offer.price <= o.price for o in rivals):
        return "Lower price, but delivery costs extra"
    return "Another way to get it"
