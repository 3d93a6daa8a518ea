"""Filling the catalogue: whole, page by page, resumable; searches see the old offers until the new ones are there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, Engine

from partners.contract import Catalogue
from retail.offer import Offer
from sync.pictures import picture_name

PAGE = 100
UPSERT = (
    "INSERT INTO offers (partner, sku, gtin, product, price, shipping, was, currency, available, as_of, ships_by, options,"
    " swatch, picture, generation) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
    " ON CONFLICT (partner, sku) DO UPDATE SET gtin = excluded.gtin, product = excluded.product, price = excluded.price,"
    " shipping = excluded.shipping, was = excluded.was, currency = excluded.currency, available = excluded.available,"
    " as_of = excluded.as_of, ships_by = excluded.ships_by, options = excluded.options, swatch = excluded.swatch,"
    " picture = excluded.picture, generation = max(generation, excluded.generation)"
)


async def load(
    engine: Engine, catalogue: Catalogue, now: datetime, progress: Callable[[int], None] | None = None
) -> int:
    """Load everything ``catalogue`` offers; how many offers it has. Interrupted, it goes on where it stopped.

    What the partner no longer lists disappears only once the last page is in. ``progress`` hears the count so far.
    """
    partner = catalogue.partner_id
    generation, cursor, count = _begin(engine, partner)
    while True:
        page = await catalogue.search("", limit=PAGE, cursor=cursor)
        cursor, count = page.cursor, count + len(page.offers)
        with engine.begin() as connection:
            write(connection, page.offers, generation)
            connection.exec_driver_sql(
                "UPDATE loads SET cursor = ?, offers = ? WHERE partner = ?", (cursor, count, partner)
            )
        if progress:
            progress(count)
        if cursor is None:
            break
    with engine.begin() as connection:
        gone = connection.exec_driver_sql(
            "DELETE FROM offers WHERE partner = ? AND generation < ? RETURNING product", (partner, generation)
        ).all()
        refresh(connection, {row.product for row in gone})
        connection.exec_driver_sql(
            "UPDATE loads SET cursor = NULL, done_at = ? WHERE partner = ?", (now.timestamp(), partner)
        )
    return count


def _begin(engine: Engine, partner: str) -> tuple[int, str | None, int]:
    with engine.begin() as connection:
        old = connection.exec_driver_sql("SELECT * FROM loads WHERE partner = ?", (partner,)).first()
        if old is not None and old.cursor is not None:
            return old.generation, old.cursor, old.offers
        generation = 1 if old is None else old.generation + 1
        connection.exec_driver_sql(
            "INSERT INTO loads (partner, generation) VALUES (?, ?) ON CONFLICT (partner) DO UPDATE"
            " SET generation = excluded.generation, cursor = NULL, offers = 0",
            (partner, generation),
        )
        return generation, None, 0


def write(connection: Connection, offers: Sequence[Offer], generation: int = 0) -> None:
    """Put ``offers`` in, newer ones over older ones, and keep products and search words in step."""
    if not offers:
        return
    connection.exec_driver_sql(UPSERT, [_row(offer, generation) for offer in offers])
    connection.exec_driver_sql(
        "INSERT INTO products (id, name, brand, category, description, source) VALUES (?,?,?,?,?,?)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, brand = excluded.brand, category = excluded.category,"
        " description = excluded.description WHERE source = excluded.source",
        [(o.product, o.name, o.brand, o.category, o.description, o.partner) for o in offers],
    )
    refresh(connection, {offer.product for offer in offers})


def refresh(connection: Connection, products: Iterable[str]) -> None:
    """Recompute what is derived from the offers of ``products``: whether they can be had, and their search words."""
    for product in products:
        row = connection.exec_driver_sql("SELECT * FROM products WHERE id = ?", (product,)).first()
        if row is None:
            continue
        found = connection.exec_driver_sql(
            "SELECT sku, gtin, options, available FROM offers WHERE product = ?", (product,)
        ).all()
        if not found:
            connection.exec_driver_sql("DELETE FROM lexicon WHERE rowid = ?", (row.row,))
            connection.exec_driver_sql("DELETE FROM products WHERE row = ?", (row.row,))
            continue
        codes = {code for offer in found for code in (offer.sku, offer.gtin, offer.gtin.lstrip("0"))}
        options = {value for offer in found for value in json.loads(offer.options).values()}
        words = " ".join([row.category, product, *sorted(options), *sorted(codes)])
        buyable = any(offer.available for offer in found)
        text = f"{row.name}\n{row.brand}\n{words}"
        if text != row.words:
            connection.exec_driver_sql("DELETE FROM lexicon WHERE rowid = ?", (row.row,))
            connection.exec_driver_sql(
                "INSERT INTO lexicon (rowid, name, brand, more) VALUES (?,?,?,?)",
                (row.row, row.name, row.brand, words),
            )
        if text != row.words or buyable != row.buyable:
            connection.exec_driver_sql(
                "UPDATE products SET words = ?, buyable = ? WHERE row = ?", (text, buyable, row.row)
            )


def _row(offer: Offer, generation: int) -> tuple[object, ...]:
    return (
        offer.partner,
        offer.sku,
        offer.gtin,
        offer.product,
        offer.price.minor,
        offer.shipping.minor if offer.shipping else None,
        offer.was.minor if offer.was else None,
        offer.price.currency,
        offer.available,
        offer.as_of.timestamp(),
        offer.ships_by.isoformat() if offer.ships_by else None,
        json.dumps(dict(offer.options), ensure_ascii=False),
        offer.swatch,
        picture_name(offer.partner, offer.picture),
        generation,
    )
