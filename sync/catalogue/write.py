"""Putting offers into the catalogue, and keeping what is derived from them in step: products and search words.

Thousands at a time: what a batch touches is read with a few statements, worked out in memory, and written with a few.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache

from sqlalchemy import Connection

from retail.offer import Offer
from sync.catalogue.index import EACH
from sync.catalogue.settle import Known, Telling, Touched, digest, settle
from sync.pictures import picture_name
from sync.store.engine import many

INSERT = (
    "INSERT INTO offers (row, partner, sku, gtin, product, told, price, shipping, was, currency, available, as_of,"
    " ships_by, options, swatch, picture, generation) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
)
UPDATE = (
    "UPDATE offers SET partner = ?2, sku = ?3, gtin = ?4, product = ?5, told = ?6, price = ?7, shipping = ?8, was = ?9,"
    " currency = ?10, available = ?11, as_of = ?12, ships_by = ?13, options = ?14, swatch = ?15, picture = ?16,"
    " generation = max(generation, ?17) WHERE row = ?1"
)
# The same for the usual change, of price and stock: without the columns that stand in an index.
UPDATE_SAME = UPDATE.replace("partner = ?2, sku = ?3, gtin = ?4, product = ?5, ", "")
KNOWN = (
    "SELECT o.row, o.partner, o.sku, o.gtin, o.product, o.told,"
    " CASE WHEN o.currency = (SELECT currency FROM store) THEN o.price END, o.available, o.options"
)
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
    same: list[tuple[Known, Offer, Touched]] = []
    digests: dict[Telling, int] = {}
    currency = connection.exec_driver_sql("SELECT currency FROM store").scalar_one()
    for key, one in coming.items():
        product = touched[one.product]
        attributes = _json(one.attributes) if one.attributes else ""
        telling = Telling(one.name, one.brand, one.category, one.description, attributes)
        told = digests.get(telling)
        if told is None:
            told = digests[telling] = digest("\x1f".join(telling))
        product.tellings.setdefault(told, telling)
        before = old.get(key)
        row = before.row if before else 0
        price = one.price.minor if one.price.currency == currency else None
        known = Known(
            row, one.partner, one.sku, int(one.gtin), product.row, told, price, one.available, _json(one.options),
        )  # fmt: skip
        product.offers[key] = known
        if before is None:
            fresh.append((known, one, product))
        elif (before.gtin, before.product) == (known.gtin, known.product):
            same.append((known, one, product))
        else:
            changed.append((known, one, product))
    difference = settle(connection, touched.values())
    for statement, rows in ((INSERT, fresh), (UPDATE, changed), (UPDATE_SAME, same)):
        if rows:
            connection.exec_driver_sql(
                statement, [_row(known, one, product.row, generation) for known, one, product in rows]
            )
    partners = {(partner,) for partner, _ in coming}
    many(connection, "INSERT OR IGNORE INTO loads (partner) VALUES (?)", sorted(partners))
    rows_gone = [(old[key].row,) for key in leaving if key in old]
    many(connection, "DELETE FROM offers WHERE row = ?", rows_gone)
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


def _row(known: Known, offer: Offer, product: int, generation: int) -> tuple[object, ...]:
    return (
        known.row or None,
        known.partner,
        known.sku,
        known.gtin,
        product,
        known.told,
        offer.price.minor,
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
