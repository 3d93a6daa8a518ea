"""What a partner of ours (memory, simulator) sells: read from a file of the demo's form, or made up here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

from pydantic import ConfigDict, ValidationError

from retail.errors import Misconfigured
from retail.gtin import Gtin, check_digit
from retail.money import Money
from retail.offer import Offer
from retail.strict import STRICT, from_json


@dataclass(frozen=True, slots=True)
class Goods:
    """One variant as a partner keeps it; amounts are minor units, ``lead_days`` is until it leaves."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    sku: str
    gtin: Gtin
    product: str
    name: str
    price_minor: int
    stock: int
    brand: str = ""
    category: str = ""
    description: str = ""
    options: dict[str, str] = field(default_factory=dict)
    swatch: str | None = None
    was_minor: int | None = None
    lead_days: int = 2
    shipping_minor: int = 0
    picture: str | None = None
    attributes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if min(self.price_minor, self.stock, self.lead_days, self.shipping_minor, self.was_minor or 0) < 0:
            raise ValueError("nothing here is negative")

    def offer(self, partner: str, currency: str, as_of: datetime) -> Offer:
        """It as an offer of ``partner``, true at ``as_of``."""
        return Offer(
            partner=partner,
            sku=self.sku,
            gtin=self.gtin,
            product=self.product,
            name=self.name,
            price=Money(self.price_minor, currency),
            available=self.stock,
            as_of=as_of,
            brand=self.brand,
            category=self.category,
            description=self.description,
            options=self.options,
            swatch=self.swatch,
            shipping=Money(self.shipping_minor, currency),
            was=Money(self.was_minor, currency) if self.was_minor is not None else None,
            ships_by=(as_of + timedelta(days=self.lead_days)).date(),
            picture=self.picture,
            attributes=self.attributes,
        )


@dataclass(frozen=True, slots=True)
class Assortment:
    """All that one partner sells, in one currency."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    partner: str
    name: str
    currency: str
    items: tuple[Goods, ...]

    def __post_init__(self) -> None:
        Money.zero(self.currency)
        skus = {item.sku for item in self.items}
        if len(skus) != len(self.items):
            raise ValueError("two items have the same sku")


def load_assortment(path: Path) -> Assortment:
    """The assortment in the JSON file ``path``; raises Misconfigured with the first wrong place in it."""
    try:
        return from_json(Assortment, path.read_bytes())
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Misconfigured(f"{path} is no assortment: {place}: {first['msg']}.") from error


def sample_assortment(partner: str = "north", name: str | None = None) -> Assortment:
    """Twenty made-up variants of five products, the same GTINs for every partner, in euros."""
    return Assortment(partner, name or partner.title(), "EUR", tuple(_sample(partner)))


STYLES = (
    ("linen-shirt", "Linen shirt", "Harbour", "Shirts", 4990, 490),
    ("rain-jacket", "Rain jacket", "Fjord", "Jackets", 12900, 590),
    ("wool-hat", "Wool hat", "Fjord", "Accessories", 2490, 390),
    ("canvas-shoe", "Canvas shoe", "Strand", "Shoes", 5990, 590),
    ("denim-trousers", "Denim trousers", "Harbour", "Trousers", 7990, 590),
)
CHOICES = (
    ("S", "Ochre", "#c58b2a"),
    ("M", "Ochre", "#c58b2a"),
    ("M", "Navy", "#1f2d4d"),
    ("L", "Navy", "#1f2d4d"),
)


def _sample(partner: str) -> Iterator[Goods]:
    for style, (product, name, brand, category, price, shipping) in enumerate(STYLES):
        for number, (size, colour, swatch) in enumerate(CHOICES):
            payload = f"0952000{style:03d}{number:03d}"
            yield Goods(
                sku=f"{partner[:2].upper()}-{style}{number}",
                gtin=Gtin(payload + check_digit(payload)),
                product=product,
                name=name,
                brand=brand,
                category=category,
                description=f"{name} in {colour.lower()}, size {size}.",
                options={"size": size, "colour": colour},
                swatch=swatch,
                price_minor=price,
                was_minor=price + 1000 if number == 0 else None,
                stock=5 + number,
                lead_days=1 + number,
                shipping_minor=shipping,
                picture=None,
            )
