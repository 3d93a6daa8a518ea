"""The remembered catalogue: look-ups, search and similar products, all without a network."""

from __future__ import annotations

import json
from array import array
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import Row

from retail.gtin import Gtin
from retail.money import Money
from retail.offer import FRESH, Listing, Offer, Product, Variant, rank
from sync.catalogue.schema import prepare
from sync.catalogue.search import SearchPage, find_rows, similar_rows
from sync.catalogue.write import write
from sync.store.engine import reading

SIZES = ("XXS", "XS", "S", "M", "L", "XL", "XXL", "3XL", "4XL")
FIELDS = "o.*, p.name, p.brand, p.category, p.description"
BEST_OF_EACH = f"""
SELECT * FROM (
    SELECT p.row AS place, {FIELDS}, row_number() OVER (
        PARTITION BY o.product, o.partner ORDER BY o.available = 0, o.price + ifnull(o.shipping, 0)) AS nth
    FROM products p JOIN offers o ON o.product = p.id WHERE p.row IN ({{marks}}))
WHERE nth = 1"""  # noqa: S608 (only our own words and question marks)


class Shelf:
    """What this device knows of the partners' offers. Reading never waits for a load."""

    def __init__(self, engine: Engine) -> None:
        prepare(engine)
        self.engine = engine

    def search(
        self,
        text: str,
        now: datetime,
        *,
        category: str | None = None,
        limit: int = 24,
        offset: int = 0,
        ttl: timedelta = FRESH,
    ) -> SearchPage:
        """Products for ``text`` (all, when it holds no word), those that can be had first, then the best match."""
        with reading(self.engine) as connection:
            rows, counts = find_rows(connection, text, category, limit, offset)
            listings = tuple(_previews(connection, rows))
        total = sum(counts.values()) if category is None else counts.get(category, 0)
        offers = [offer for listing in listings for offer in listing.offers]
        stale = any(offer.stale(now, ttl) for offer in offers)
        return SearchPage(listings, total, counts, stale, min((o.as_of for o in offers), default=None))

    def listing(self, product: str) -> Listing | None:
        """One product with all its variants and every remembered offer, best first."""
        with reading(self.engine) as connection:
            rows = _offers(connection, "o.product = ?", (product,))
        return _listing(rows) if rows else None

    def by_gtin(self, gtin: Gtin) -> tuple[Offer, ...]:
        """Every remembered offer for one variant, best first."""
        with reading(self.engine) as connection:
            return rank(_offers(connection, "o.gtin = ?", (str(gtin),)))

    def by_sku(self, sku: str) -> tuple[Offer, ...]:
        """Every remembered offer under this partner SKU; more than one product means the code is ambiguous."""
        with reading(self.engine) as connection:
            return rank(_offers(connection, "o.sku = ?", (sku,)))

    def knows(self, gtin: Gtin) -> bool:
        """Whether any partner lists this product number, in stock or not."""
        with reading(self.engine) as connection:
            return bool(
                connection.exec_driver_sql(
                    "SELECT EXISTS (SELECT 1 FROM offers WHERE gtin = ?)", (str(gtin),)
                ).scalar()
            )

    def gtins(self) -> array[int]:
        """Every product number that any partner lists, as whole numbers in rising order, each once."""
        with reading(self.engine) as connection:
            found = connection.exec_driver_sql("SELECT DISTINCT gtin FROM offers ORDER BY gtin")
            return array("Q", (int(row[0]) for row in found))

    def similar(self, product: str, limit: int = 6) -> tuple[Listing, ...]:
        """Products of the same category that can be had: those of the same brand first, nearest in price first."""
        with reading(self.engine) as connection:
            return tuple(_previews(connection, similar_rows(connection, product, limit)))

    def remember(self, offers: Sequence[Offer]) -> None:
        """Put what a partner has just answered in place of what was known."""
        with self.engine.begin() as connection:
            write(connection, offers)

    def counts(self) -> tuple[int, int]:
        """How many products and offers are remembered."""
        with reading(self.engine) as connection:
            row = connection.exec_driver_sql(
                "SELECT (SELECT count(*) FROM products) AS products, (SELECT count(*) FROM offers) AS offers"
            ).one()
            return row.products, row.offers

    def loaded_at(self, partner: str) -> datetime | None:
        """When the whole of a partner's catalogue was last loaded; None when it never was."""
        with reading(self.engine) as connection:
            at = connection.exec_driver_sql(
                "SELECT done_at FROM loads WHERE partner = ?", (partner,)
            ).scalar()
        return None if at is None else datetime.fromtimestamp(at, UTC)


def _offers(connection: Connection, where: str, values: tuple[object, ...]) -> list[Offer]:
    rows = connection.exec_driver_sql(
        f"SELECT {FIELDS} FROM offers o JOIN products p ON p.id = o.product WHERE {where}",  # noqa: S608
        values,
    ).all()
    return [_offer(row) for row in rows]


def _previews(connection: Connection, rows: Sequence[int]) -> list[Listing]:
    if not rows:
        return []
    found = connection.exec_driver_sql(
        BEST_OF_EACH.format(marks=",".join("?" * len(rows))), tuple(rows)
    ).all()
    by_place: dict[int, list[Offer]] = {}
    for row in found:
        by_place.setdefault(row.place, []).append(_offer(row))
    return [_listing(by_place[place]) for place in rows if place in by_place]


def _listing(offers: Sequence[Offer]) -> Listing:
    best = rank(offers)
    first = best[0]
    variants: dict[Gtin, Variant] = {}
    swatches: dict[str, str] = {}
    # By partner, not by rank: a price that changes must not change the words and pictures of a variant.
    for offer in sorted(best, key=lambda offer: offer.partner):
        if offer.gtin not in variants or variants[offer.gtin].picture is None:
            variants[offer.gtin] = Variant(offer.gtin, offer.options, offer.picture)
        colour = next(
            (value for name, value in offer.options.items() if name.lower() in ("colour", "color")), None
        )
        if colour and offer.swatch:
            swatches.setdefault(colour, offer.swatch)
    ordered = sorted(
        variants.values(), key=lambda variant: [_size_key(value) for value in variant.options.values()]
    )
    return Listing(
        Product(
            first.product,
            first.name,
            first.brand,
            first.category,
            first.description,
            tuple(ordered),
            swatches,
        ),
        best,
    )


def _size_key(value: str) -> tuple[int, float, str]:
    if value.upper() in SIZES:
        return (0, SIZES.index(value.upper()), value)
    number = value.replace(",", ".").partition(" ")[0]
    return (1, float(number), value) if number.replace(".", "", 1).isdecimal() else (2, 0.0, value)


def _offer(row: Row[Any]) -> Offer:
    def money(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, row.currency)

    return Offer(
        partner=row.partner,
        sku=row.sku,
        gtin=Gtin(row.gtin),
        product=row.product,
        name=row.name,
        price=Money(row.price, row.currency),
        available=row.available,
        as_of=datetime.fromtimestamp(row.as_of, UTC),
        brand=row.brand,
        category=row.category,
        description=row.description,
        options=json.loads(row.options),
        swatch=row.swatch,
        shipping=money(row.shipping),
        was=money(row.was),
        ships_by=date.fromisoformat(row.ships_by) if row.ships_by else None,
        picture=row.picture,
    )
