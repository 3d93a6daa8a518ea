"""From rows of the catalogue's file to offers and listings."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from retail.gtin import Gtin
from retail.money import Money
from retail.offer import Listing, Offer, Product, Variant, rank
from sync.catalogue.index import OPTION_NAMES
from sync.catalogue.words import fold

SIZES = ("XXS", "XS", "S", "M", "L", "XL", "XXL", "3XL", "4XL")
# What is in a partner's whole list and has not changed since is as true as the last answer about changes.
FIELDS = """o.partner, o.sku, o.gtin, p.id, t.name, t.brand, t.category, t.description, t.attributes, o.price, o.shipping,
 o.was, o.currency, o.available, o.ships_by, o.options, o.swatch, o.picture,
 CASE WHEN o.generation > 0 THEN max(o.as_of, ifnull(l.confirmed_at, 0)) ELSE o.as_of END,
 d.name, d.brand, d.category, d.description, p.row"""
JOINS = """JOIN tellings t ON t.product = p.row AND t.digest = o.told JOIN tellings d ON d.product = p.row AND d.digest = p.told
 LEFT JOIN loads l ON l.partner = o.partner"""


class Shown(NamedTuple):
    """An offer, what counts as its product's description, and that product's row number."""

    offer: Offer
    name: str
    brand: str
    category: str
    description: str
    row: int


def offers_where(
    connection: Connection, where: str, values: Sequence[object], hidden: Collection[str] = ()
) -> list[Shown]:
    """Every offer for which ``where`` holds, but for those of the ``hidden`` partners, by partner and SKU."""
    source = "products p JOIN offers o" if where.startswith("p.") else "offers o JOIN products p"
    rows = connection.exec_driver_sql(
        f"SELECT {FIELDS} FROM {source} ON p.row = o.product {JOINS} WHERE {where}",  # noqa: S608
        tuple(values),
    )
    found = [_shown(row) for row in rows.all() if row[0] not in hidden]
    return sorted(found, key=lambda one: (one.offer.partner, one.offer.sku))


def previews(
    connection: Connection, rows: Sequence[int], currency: str, hidden: Collection[str] = ()
) -> list[Listing]:
    """These products in this order, each with the best offer of each partner, in the store's ``currency`` if there is one."""
    by_row: dict[int, dict[str, Shown]] = {}
    marks = ",".join("?" * len(rows))
    for one in offers_where(connection, f"p.row IN ({marks})", rows, hidden) if rows else ():
        best = by_row.setdefault(one.row, {})
        old = best.get(one.offer.partner)
        if old is None or _dearness(one.offer, currency) < _dearness(old.offer, currency):
            best[one.offer.partner] = one
    return [listing(by_row[row].values(), currency) for row in rows if row in by_row]


def _dearness(offer: Offer, currency: str) -> tuple[bool, bool, str, int, str]:
    landed = offer.landed()
    return offer.available == 0, landed.currency != currency, landed.currency, landed.minor, offer.sku


def listing(shown: Iterable[Shown], currency: str) -> Listing:
    """The product that these offers, at least one, are for; those in the store's ``currency`` come first."""
    first, *_ = found = list(shown)
    best = rank([one.offer for one in found], currency)
    variants: dict[Gtin, Variant] = {}
    swatches: dict[str, str] = {}
    # By partner, not by rank: a price that changes must not change the words and pictures of a variant.
    for offer in sorted(best, key=lambda offer: (offer.partner, offer.sku)):
        if offer.gtin not in variants or variants[offer.gtin].picture is None:
            variants[offer.gtin] = Variant(offer.gtin, offer.options, offer.picture)
        colour = next(
            (value for name, value in offer.options.items() if OPTION_NAMES.get(fold(name)) == "colour"), None
        )
        if colour and offer.swatch:
            swatches.setdefault(colour, offer.swatch)
    ordered = sorted(
        variants.values(), key=lambda variant: [size_key(value) for value in variant.options.values()]
    )
    return Listing(
        Product(
            first.offer.product,
            first.name,
            first.brand,
            first.category,
            first.description,
            tuple(ordered),
            swatches,
        ),
        best,
    )


def size_key(value: str) -> tuple[int, float, str]:
    """Sort key for sizes: XS to 4XL in their order, then numbers, then the rest."""
    if value.upper() in SIZES:
        return (0, SIZES.index(value.upper()), value)
    number = value.replace(",", ".").partition(" ")[0]
    return (1, float(number), value) if number.replace(".", "", 1).isdecimal() else (2, 0.0, value)


def _shown(row: Sequence[Any]) -> Shown:
    (
        partner, sku, gtin, product, name, brand, category, description, attributes, price, shipping, was, currency,
        available, ships_by, options, swatch, picture, as_of, *about,
    ) = row  # fmt: skip
    offer = Offer(
        partner=partner,
        sku=sku,
        gtin=Gtin(f"{gtin:014d}"),
        product=product,
        name=name,
        price=Money(price, currency),
        available=available,
        as_of=datetime.fromtimestamp(as_of, UTC),
        brand=brand,
        category=category,
        description=description,
        options=json.loads(options),
        swatch=swatch,
        shipping=None if shipping is None else Money(shipping, currency),
        was=None if was is None else Money(was, currency),
        ships_by=date.fromisoformat(ships_by) if ships_by else None,
        picture=picture,
        attributes=json.loads(attributes) if attributes else {},
    )
    return Shown(offer, *about)
