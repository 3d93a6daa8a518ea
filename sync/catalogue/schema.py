"""The catalogue's own file. It holds nothing that partners cannot tell again, so an older layout is simply dropped.

    offers --product--> products --> the search index (``index``), by row number
       '----told------> tellings: the words of one partner for one product; of several, ``products.told`` counts

A product's row number says its category, too: serial number * CATEGORIES + the category's number. So counting the
matches of a search by category needs the search index alone, whatever else is known of the products.

What is derived (everything in ``products``) depends on the offers alone, never on the order in which they came: a
product is described by the first of its partners by id, there by the first SKU. So a catalogue that was kept up to
date by changes is the same as one that was loaded whole.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine

from sync.catalogue import index
from sync.store.engine import reading

VERSION = 10
CATEGORIES = 2**20
NO_PRICE = -1  # of a product that nobody offers in the store's currency
TABLES = """
CREATE TABLE categories (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE products (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, told INTEGER NOT NULL, brand TEXT NOT NULL,
    category TEXT NOT NULL, buyable INTEGER NOT NULL, price INTEGER NOT NULL, words INTEGER NOT NULL,
    style INTEGER NOT NULL, signature INTEGER NOT NULL);
CREATE INDEX products_buyable ON products (buyable DESC, row);
CREATE INDEX products_near ON products (category, buyable, price, row, signature);
CREATE INDEX products_style ON products (style, signature);
CREATE TABLE tellings (
    product INTEGER NOT NULL, digest INTEGER NOT NULL, name TEXT NOT NULL, brand TEXT NOT NULL, category TEXT NOT NULL,
    description TEXT NOT NULL, attributes TEXT NOT NULL, PRIMARY KEY (product, digest)) WITHOUT ROWID;
CREATE TABLE offers (
    row INTEGER PRIMARY KEY, partner TEXT NOT NULL, sku TEXT NOT NULL, gtin INTEGER NOT NULL, product INTEGER NOT NULL,
    told INTEGER NOT NULL, price INTEGER NOT NULL, shipping INTEGER, was INTEGER, currency TEXT NOT NULL,
    available INTEGER NOT NULL, as_of REAL NOT NULL, ships_by TEXT, options TEXT NOT NULL, swatch TEXT, picture TEXT,
    generation INTEGER NOT NULL);
CREATE UNIQUE INDEX offers_sku ON offers (sku COLLATE NOCASE, sku, partner);
CREATE INDEX offers_gtin ON offers (gtin, partner);
CREATE INDEX offers_product ON offers (product);
CREATE TABLE totals (products INTEGER NOT NULL, offers INTEGER NOT NULL);
INSERT INTO totals VALUES (0, 0);
CREATE TABLE loads (
    partner TEXT PRIMARY KEY, generation INTEGER NOT NULL DEFAULT 0, cursor TEXT, ending INTEGER NOT NULL DEFAULT 0,
    count INTEGER NOT NULL DEFAULT 0, bad INTEGER NOT NULL DEFAULT 0, expected INTEGER, since TEXT, changes TEXT,
    done_at REAL, confirmed_at REAL);
CREATE TABLE files (
    digest TEXT PRIMARY KEY, row INTEGER NOT NULL, partners TEXT NOT NULL, good INTEGER NOT NULL, bad INTEGER NOT NULL);
CREATE TABLE quarantine (
    source TEXT NOT NULL, row INTEGER NOT NULL, partner TEXT, sku TEXT, field TEXT NOT NULL, reason TEXT NOT NULL,
    at REAL NOT NULL, PRIMARY KEY (source, row)) WITHOUT ROWID;
"""
# The store's own codes are nothing that partners can tell again, so these tables outlive every layout.
KEPT = ("crosswalk", "store", "given")
OWN = """
CREATE TABLE IF NOT EXISTS crosswalk (
    code TEXT NOT NULL COLLATE NOCASE, partner TEXT NOT NULL, leads_to TEXT NOT NULL,
    PRIMARY KEY (code, partner, leads_to)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS store (currency TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS given (file TEXT PRIMARY KEY, at REAL NOT NULL, lost INTEGER NOT NULL DEFAULT 0);
"""
# A product's price is the lowest in the store's currency. With another currency, this mends what it concerns.
PRICES = f"""
UPDATE products SET price = ifnull((SELECT min(o.price) FROM offers o WHERE o.product = products.row
 AND o.currency = (SELECT currency FROM store)), {NO_PRICE})
 WHERE price = {NO_PRICE} OR row IN (SELECT product FROM offers WHERE currency <> (SELECT currency FROM store))
"""  # noqa: S608


def prepare(engine: Engine, currency: str) -> None:
    """Make the tables, for a store with this ``currency``; tables of another version are dropped first, to be loaded anew.

    What partners tell comes again by itself. The files that were ``given`` do not: they are marked as lost.
    """
    with reading(engine) as connection:  # which waits for nobody
        if (
            connection.exec_driver_sql("PRAGMA user_version").scalar_one() == VERSION
            and _own(connection) == currency
        ):
            return
    with engine.begin() as connection:
        found = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if found != VERSION:
            _drop(connection)
            _make(connection, TABLES + index.TABLES)
        _make(connection, OWN)
        if found not in (0, VERSION):
            connection.exec_driver_sql("UPDATE given SET lost = 1")
        before = connection.exec_driver_sql("SELECT currency FROM store").scalar()
        if before != currency:
            connection.exec_driver_sql("DELETE FROM store")
            connection.exec_driver_sql("INSERT INTO store VALUES (?)", (currency,))
            connection.exec_driver_sql(PRICES)
        if found != VERSION:
            connection.exec_driver_sql(f"PRAGMA user_version = {VERSION}")


def _own(connection: Connection) -> str | None:
    """The currency that the catalogue is kept in; None when that is not known yet."""
    tables = connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE name IN ('store', 'given')"
    ).all()
    if len(tables) < 2:
        return None
    return connection.exec_driver_sql("SELECT currency FROM store").scalar()


def _drop(connection: Connection) -> None:
    tables = connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        " ORDER BY sql NOT LIKE 'CREATE VIRTUAL%'"  # these take their shadow tables with them
    ).scalars()
    for table in tables.all():
        if table not in KEPT:
            connection.exec_driver_sql(f'DROP TABLE IF EXISTS "{table}"')


def _make(connection: Connection, statements: str) -> None:
    for statement in statements.split(";\n"):
        if statement.strip():
            connection.exec_driver_sql(statement)
