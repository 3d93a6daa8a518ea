"""Putting offers into the catalogue, and keeping what is derived from them in step: products and search words.

Thousands at a time: what a batch touches is read with a few statements, worked out in memory, and written with a few.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import Connection

from retail.offer import Offer
from sync.catalogue import index
from sync.catalogue.likeness import signature_of, style_of
from sync.catalogue.schema import CATEGORIES
from sync.pictures import picture_name

EACH = "json_each(?) AS j"  # a list of any length as one value
INSERT = (
    "INSERT INTO offers (row, partner, sku, gtin, product, told, price, shipping, was, currency, available, as_of,"
    " ships_by, options, swatch, picture, generation) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
)
UPDATE = (
    "UPDATE offers SET partner = ?2, sku = ?3, gtin = ?4, product = ?5, told = ?6, price = ?7, shipping = ?8, was = ?9,"
    " currency = ?10, available = ?11, as_of = ?12, ships_by = ?13, options = ?14, swatch = ?15, picture = ?16,"
    " generation = max(generation, ?17) WHERE row = ?1"
)
PUT_PRODUCT = (
    "INSERT OR REPLACE INTO products (row, id, told, brand, category, buyable, price, words, style, signature)"
    " VALUES (?,?,?,?,?,?,?,?,?,?)"
)
PUT_TELLING = "INSERT OR IGNORE INTO tellings VALUES (?,?,?,?,?,?,?)"
KNOWN = "SELECT o.row, o.partner, o.sku, o.gtin, o.product, o.told, o.price, o.available, o.options"
PRODUCT = "SELECT p.row, p.id, p.told, p.brand, p.category, p.buyable, p.price, p.words, p.style, p.signature"
TELLING = "SELECT t.product, t.digest, t.name, t.brand, t.category, t.description, t.attributes"
OFFERS_UNDER = (
    f"{KNOWN} FROM {EACH} CROSS JOIN offers o"  # the last two look into one index, not at every row
    " ON o.sku = j.value COLLATE NOCASE AND o.sku = j.value AND o.partner = ?"
)
OFFERS_OF = f"{KNOWN} FROM {EACH} CROSS JOIN offers o ON o.product = j.value"
PRODUCTS_CALLED = f"{PRODUCT} FROM {EACH} CROSS JOIN products p ON p.id = j.value"
PRODUCTS_AT = f"{PRODUCT} FROM {EACH} CROSS JOIN products p ON p.row = j.value"
TELLINGS_OF = f"{TELLING} FROM {EACH} CROSS JOIN tellings t ON t.product = j.value"


class Telling(NamedTuple):
    """What a partner says about a product; ``attributes`` are JSON."""

    name: str
    brand: str
    category: str
    description: str
    attributes: str


class Known(NamedTuple):
    """As much of an offer as its product depends on. ``row`` 0 stands for one that is new; ``options`` are JSON."""

    row: int
    partner: str
    sku: str
    gtin: int
    product: int
    told: int
    price: int
    available: int
    options: str


@dataclass(slots=True)
class Touched:
    """A product that a batch changes: how it stands in the table (None: it is new) and its offers afterwards."""

    id: str
    row: int
    before: tuple[Any, ...] | None
    offers: dict[tuple[str, str], Known] = field(default_factory=dict)
    tellings: dict[int, Telling] = field(default_factory=dict)
    kept: frozenset[int] = frozenset()  # digests of the tellings in the table


def write(
    connection: Connection, offers: Sequence[Offer], generation: int = 0, gone: Iterable[tuple[str, str]] = ()
) -> None:
    """Put ``offers`` in, each in place of what was known under its partner and SKU; take out what is ``gone``.

    Of several under one partner and SKU the last counts; what is among the ``gone``, as (partner, SKU), goes.
    """
    leaving = set(gone)
    coming = {(one.partner, one.sku): one for one in offers if (one.partner, one.sku) not in leaving}
    if not coming and not leaving:
        return
    old = _old(connection, [*coming, *leaving])
    ids = list(dict.fromkeys(one.product for one in coming.values()))
    touched, by_row = _touched(connection, ids, {one.product for one in old.values()})
    for key in old:
        by_row[old[key].product].offers.pop(key)
    fresh: list[tuple[Known, Offer, Touched]] = []
    changed: list[tuple[Known, Offer, Touched]] = []
    digests: dict[Telling, int] = {}
    for key, one in coming.items():
        product = touched[one.product]
        attributes = _json(one.attributes) if one.attributes else ""
        telling = Telling(one.name, one.brand, one.category, one.description, attributes)
        told = digests.get(telling)
        if told is None:
            told = digests[telling] = _digest("\x1f".join(telling))
        product.tellings.setdefault(told, telling)
        before = old.get(key)
        row = before.row if before else 0
        known = Known(
            row, one.partner, one.sku, int(one.gtin), product.row, told, one.price.minor, one.available,
            _json(one.options),
        )  # fmt: skip
        product.offers[key] = known
        (changed if before else fresh).append((known, one, product))
    difference = _settle(connection, touched.values())
    for statement, rows in ((INSERT, fresh), (UPDATE, changed)):
        if rows:
            connection.exec_driver_sql(
                statement, [_row(known, one, product.row, generation) for known, one, product in rows]
            )
    partners = {(partner,) for partner, _ in coming}
    _many(connection, "INSERT OR IGNORE INTO loads (partner) VALUES (?)", sorted(partners))
    rows_gone = [(old[key].row,) for key in leaving if key in old]
    _many(connection, "DELETE FROM offers WHERE row = ?", rows_gone)
    connection.exec_driver_sql(
        "UPDATE totals SET products = products + ?, offers = offers + ?",
        (difference, len(fresh) - len(rows_gone)),
    )


def _old(connection: Connection, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Known]:
    """What is known under these partners and SKUs."""
    by_partner: dict[str, list[str]] = {}
    for partner, sku in keys:
        by_partner.setdefault(partner, []).append(sku)
    found: dict[tuple[str, str], Known] = {}
    for partner, skus in by_partner.items():
        for row in connection.exec_driver_sql(OFFERS_UNDER, (json.dumps(skus), partner)).all():
            found[row[1], row[2]] = Known(*row)
    return found


def _touched(
    connection: Connection, ids: Sequence[str], left: Collection[int]
) -> tuple[dict[str, Touched], dict[int, Touched]]:
    """The products of a batch by id and by row number: those it names, made up when new, and those its SKUs left."""
    found = connection.exec_driver_sql(PRODUCTS_CALLED, (json.dumps(ids),)).all()
    by_id = {row[1]: Touched(row[1], row[0], tuple(row)) for row in found}
    by_row = {one.row: one for one in by_id.values()}
    others = json.dumps([row for row in left if row not in by_row])
    for row in connection.exec_driver_sql(PRODUCTS_AT, (others,)).all():
        by_row[row[0]] = by_id[row[1]] = Touched(row[1], row[0], tuple(row))
    rows = json.dumps(list(by_row))
    for offer in connection.exec_driver_sql(OFFERS_OF, (rows,)).all():
        by_row[offer[4]].offers[offer[1], offer[2]] = Known(*offer)
    for row in connection.exec_driver_sql(TELLINGS_OF, (rows,)).all():
        by_row[row[0]].tellings[row[1]] = Telling(*row[2:])
    for one in by_row.values():
        one.kept = frozenset(one.tellings)
    for product in ids:
        if product not in by_id:
            by_id[product] = Touched(product, 0, None)
    return by_id, by_row


def _settle(connection: Connection, products: Iterable[Touched]) -> int:
    """Write what is derived from the offers that these products have now; gives the new ones their row numbers.

    Returns by how many products there are more.
    """
    numbers: dict[str, int] = {}
    serial: int | None = None
    difference = 0
    put: list[tuple[Any, ...]] = []
    tellings: list[tuple[Any, ...]] = []
    untold: list[tuple[int, int]] = []
    gone: list[int] = []
    moved: list[tuple[int, int]] = []
    words_gone: list[int] = []
    words_put: list[tuple[int, str]] = []
    for one in products:
        if not one.offers:
            if one.before is not None:
                difference -= 1
                gone.append(one.row)
                words_gone.append(one.row)
                untold += [(one.row, digest) for digest in one.kept]
            continue
        first = min(one.offers)
        told = one.offers[first].told
        telling = one.tellings[told]
        if telling.category not in numbers:
            numbers[telling.category] = _number(connection, telling.category)
        if one.row:
            row = one.row - one.row % CATEGORIES + numbers[telling.category]
        else:
            if serial is None:
                newest = connection.exec_driver_sql("SELECT ifnull(max(row), 0) FROM products").scalar_one()
                serial = newest // CATEGORIES
            serial += 1
            difference += 1
            row = serial * CATEGORIES + numbers[telling.category]
        if one.row and row != one.row:
            moved.append((row, one.row))
            gone.append(one.row)
        offers = one.offers.values()
        options = _options(offers)
        words = _words(one, telling)
        now = (
            row,
            one.id,
            told,
            telling.brand,
            telling.category,
            int(any(offer.available for offer in offers)),
            min(offer.price for offer in offers),
            _digest(words),
            style_of(telling, options),
            signature_of(telling),
        )
        if now != one.before:
            put.append(now)
            if one.before is None or now[7] != one.before[7] or row != one.row:
                words_put.append((row, words))
                if one.before is not None:
                    words_gone.append(one.row)
        used = {offer.told for offer in offers}
        tellings += [(row, digest, *one.tellings[digest]) for digest in used - one.kept]
        untold += [(row, digest) for digest in one.kept - used]
        one.row = row
    _many(connection, "UPDATE offers SET product = ? WHERE product = ?", moved)
    _many(connection, "UPDATE tellings SET product = ? WHERE product = ?", moved)
    _many(connection, "DELETE FROM products WHERE row = ?", [(row,) for row in gone])
    index.forget(connection, words_gone)
    _many(connection, "DELETE FROM tellings WHERE product = ? AND digest = ?", untold)
    _many(connection, PUT_PRODUCT, put)
    _many(connection, PUT_TELLING, tellings)
    index.put(connection, words_put)
    return difference


def _many(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        connection.exec_driver_sql(statement, list(rows))


def _number(connection: Connection, name: str) -> int:
    """The number of a category, made when it is new. Past the last one they share the number 0."""
    found = connection.exec_driver_sql("SELECT number FROM categories WHERE name = ?", (name,)).scalar()
    if found is None:
        count = connection.exec_driver_sql("SELECT count(*) FROM categories").scalar_one()
        found = count + 1 if count + 1 < CATEGORIES else 0
        if found:
            connection.exec_driver_sql("INSERT INTO categories VALUES (?, ?)", (found, name))
    return int(found)


def _options(offers: Iterable[Known]) -> set[str]:
    """Every value of an option that one of these has."""
    values: set[str] = set()
    for text in {offer.options for offer in offers}:
        values.update(_values(text))
    return values


def _words(product: Touched, told: Telling) -> str:
    """What a product is found by: what its describing partner says, what the others call it, codes, who sells what."""
    codes = {product.id}
    more: set[str] = set()
    for offer in product.offers.values():
        codes.update((offer.sku, f"{offer.gtin:014d}"))
        telling = product.tellings[offer.told]
        if telling is not told:
            more.update((telling.name, telling.brand, telling.category))
        if telling.attributes:
            more.update(json.loads(telling.attributes).values())
    sellers = ((offer.partner, offer.options) for offer in product.offers.values())
    return index.text_of(told.name, told.brand, told.category, more, codes, sellers)


def _row(known: Known, offer: Offer, product: int, generation: int) -> tuple[object, ...]:
    return (
        known.row or None,
        known.partner,
        known.sku,
        known.gtin,
        product,
        known.told,
        known.price,
        offer.shipping.minor if offer.shipping is not None else None,
        offer.was.minor if offer.was is not None else None,
        offer.price.currency,
        known.available,
        offer.as_of.timestamp(),
        offer.ships_by.isoformat() if offer.ships_by else None,
        known.options,
        offer.swatch,
        picture_name(offer.partner, offer.picture),
        generation,
    )


def _json(values: Mapping[str, str]) -> str:
    return _packed(tuple(values.items()))


@lru_cache(maxsize=10_000)  # most have the sizes and colours of thousands of others
def _packed(pairs: tuple[tuple[str, str], ...]) -> str:
    return json.dumps(dict(pairs), ensure_ascii=False)


@lru_cache(maxsize=10_000)
def _values(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text).values())


def _digest(text: str) -> int:
    """A number of 63 bits that stands for ``text``."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()) >> 1
