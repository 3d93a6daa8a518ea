"""Putting offers into the catalogue, and keeping what is derived from them in step: products and search words."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import Row

from retail.gtin import Gtin
from retail.offer import Offer
from sync.catalogue import index
from sync.catalogue.schema import CATEGORIES
from sync.pictures import picture_name

UPSERT = (
    "INSERT INTO offers (partner, sku, gtin, product, price, shipping, was, currency, available, as_of, ships_by, options,"
    " swatch, picture, generation) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
    " ON CONFLICT (partner, sku) DO UPDATE SET gtin = excluded.gtin, product = excluded.product, price = excluded.price,"
    " shipping = excluded.shipping, was = excluded.was, currency = excluded.currency, available = excluded.available,"
    " as_of = excluded.as_of, ships_by = excluded.ships_by, options = excluded.options, swatch = excluded.swatch,"
    " picture = excluded.picture, generation = max(generation, excluded.generation)"
)
SEVERAL = "IN (SELECT value FROM json_each(?))"  # a list of any length as one value


def write(connection: Connection, offers: Sequence[Offer], generation: int = 0) -> None:
    """Put ``offers`` in, each in place of what was known under its partner and SKU.

    A product is described by the partner that first offered it, as long as that one does.
    """
    if not offers:
        return
    touched = {offer.product for offer in offers} | _left(connection, offers)
    connection.exec_driver_sql(UPSERT, [_row(offer, generation) for offer in offers])
    by_product: dict[str, Offer] = {}
    for offer in offers:
        by_product.setdefault(offer.product, offer)
    _describe(connection, by_product)
    refresh(connection, touched)


def _left(connection: Connection, offers: Sequence[Offer]) -> set[str]:
    """The products that these partners' SKUs stood for until now."""
    left: set[str] = set()
    for partner in {offer.partner for offer in offers}:
        skus = [offer.sku for offer in offers if offer.partner == partner]
        found = connection.exec_driver_sql(
            f"SELECT DISTINCT product FROM offers WHERE partner = ? AND sku {SEVERAL}",  # noqa: S608
            (partner, json.dumps(skus)),
        )
        left.update(found.scalars())
    return left


def _describe(connection: Connection, by_product: Mapping[str, Offer]) -> None:
    """Make the products that are new, and update those whose describing partner says something else now."""
    numbers = _numbers(connection, {offer.category for offer in by_product.values()})
    known = {row.id: row for row in _products(connection, by_product)}
    newest = connection.exec_driver_sql("SELECT ifnull(max(row), 0) FROM products").scalar_one()
    serial = newest // CATEGORIES
    fresh, changed = [], []
    for product, offer in by_product.items():
        told = (offer.name, offer.brand, offer.category, offer.description)
        old = known.get(product)
        if old is None:
            serial += 1
            row = serial * CATEGORIES + numbers[offer.category]
            fresh.append((row, product, *told, offer.partner))
        elif old.source == offer.partner and told != (old.name, old.brand, old.category, old.description):
            row = old.row - old.row % CATEGORIES + numbers[offer.category]
            if row != old.row:
                _forget_words(connection, [old])
            changed.append((row, *told, product))
    if fresh:
        connection.exec_driver_sql(
            "INSERT INTO products (row, id, name, brand, category, description, source) VALUES (?,?,?,?,?,?,?)",
            fresh,
        )
    if changed:
        connection.exec_driver_sql(
            "UPDATE products SET row = ?, name = ?, brand = ?, category = ?, description = ? WHERE id = ?",
            changed,
        )


def _numbers(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """The number of each category, made when it is new. Past the last one they share the number 0."""
    numbers = {}
    for name in names:
        found = connection.exec_driver_sql("SELECT number FROM categories WHERE name = ?", (name,)).scalar()
        if found is None:
            count = connection.exec_driver_sql("SELECT count(*) FROM categories").scalar_one()
            found = count + 1 if count + 1 < CATEGORIES else 0
            if found:
                connection.exec_driver_sql("INSERT INTO categories VALUES (?, ?)", (found, name))
        numbers[name] = int(found)
    return numbers


def refresh(connection: Connection, products: Collection[str]) -> None:
    """Recompute what is derived from the offers of ``products``: whether they can be had, the price, their search words."""
    offers: dict[str, list[Row[Any]]] = {}
    for offer in connection.exec_driver_sql(
        f"SELECT product, partner, sku, gtin, options, available, price FROM offers WHERE product {SEVERAL}",  # noqa: S608
        (json.dumps(list(products)),),
    ):
        offers.setdefault(offer.product, []).append(offer)
    gone, reworded, changed = [], [], []
    for row in _products(connection, products):
        found = offers.get(row.id)
        if not found:
            gone.append(row)
            continue
        text = _words(row, found)
        if text != row.words:
            reworded.append((row, text))
        partners = {offer.partner for offer in found}
        source = row.source if row.source in partners else min(partners)
        buyable = any(offer.available for offer in found)
        price = min(offer.price for offer in found)
        if (text, buyable, source, price) != (row.words, bool(row.buyable), row.source, row.price):
            changed.append((text, buyable, source, price, row.row))
    _forget_words(connection, [row for row, _ in reworded if row.words] + gone)
    if gone:
        connection.exec_driver_sql("DELETE FROM products WHERE row = ?", [(row.row,) for row in gone])
    index.put(connection, [(row.row, text) for row, text in reworded])
    if changed:
        connection.exec_driver_sql(
            "UPDATE products SET words = ?, buyable = ?, source = ?, price = ? WHERE row = ?", changed
        )


def _words(product: Row[Any], offers: Sequence[Row[Any]]) -> str:
    """What a product is found by, in three lines: its name, its brand, the rest."""
    codes = {code for offer in offers for code in (offer.sku, offer.gtin, Gtin(offer.gtin).short)}
    options = {value for offer in offers for value in json.loads(offer.options).values()}
    more = " ".join([product.category, product.id, *sorted(options), *sorted(codes)])
    return "\n".join(" ".join(part.split()) for part in (product.name, product.brand, more))


def _forget_words(connection: Connection, rows: Sequence[Row[Any]]) -> None:
    if rows:
        index.forget(connection, [row.row for row in rows])
        connection.exec_driver_sql(
            "UPDATE products SET words = '' WHERE row = ?", [(row.row,) for row in rows]
        )


def _products(connection: Connection, ids: Iterable[str]) -> Sequence[Row[Any]]:
    return connection.exec_driver_sql(
        f"SELECT * FROM products WHERE id {SEVERAL} ORDER BY row",  # noqa: S608
        (json.dumps(list(ids)),),
    ).all()


def _row(offer: Offer, generation: int) -> tuple[object, ...]:
    return (
        offer.partner,
        offer.sku,
        offer.gtin,
        offer.product,
        offer.price.minor,
        offer.shipping.minor if offer.shipping is not None else None,
        offer.was.minor if offer.was is not None else None,
        offer.price.currency,
        offer.available,
        offer.as_of.timestamp(),
        offer.ships_by.isoformat() if offer.ships_by else None,
        json.dumps(dict(offer.options), ensure_ascii=False),
        offer.swatch,
        picture_name(offer.partner, offer.picture),
        generation,
    )
