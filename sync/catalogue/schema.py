"""The catalogue's own file. It holds nothing that partners cannot tell again, so an older layout is simply dropped.

A product's row number says its category, too: serial number * CATEGORIES + the category's number. So counting the
matches of a search by category needs the search index alone, whatever else is known of the products.
"""

from __future__ import annotations

from sqlalchemy import Engine

from sync.catalogue import index

VERSION = 3
CATEGORIES = 2**20
TABLES = """
CREATE TABLE categories (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE products (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, brand TEXT NOT NULL, category TEXT NOT NULL,
    description TEXT NOT NULL, source TEXT NOT NULL, words TEXT NOT NULL DEFAULT '', buyable INTEGER NOT NULL DEFAULT 0,
    price INTEGER NOT NULL DEFAULT 0);
CREATE INDEX products_category ON products (category, buyable DESC, row);
CREATE INDEX products_buyable ON products (buyable DESC, row);
CREATE INDEX products_price ON products (category, buyable, price, row);
CREATE INDEX products_brand ON products (brand, category, buyable);
CREATE TABLE offers (
    partner TEXT NOT NULL, sku TEXT NOT NULL, gtin TEXT NOT NULL, product TEXT NOT NULL, price INTEGER NOT NULL,
    shipping INTEGER, was INTEGER, currency TEXT NOT NULL, available INTEGER NOT NULL, as_of REAL NOT NULL,
    ships_by TEXT, options TEXT NOT NULL, swatch TEXT, picture TEXT, generation INTEGER NOT NULL,
    PRIMARY KEY (partner, sku)) WITHOUT ROWID;
CREATE INDEX offers_product ON offers (product, partner);
CREATE INDEX offers_gtin ON offers (gtin);
CREATE INDEX offers_sku ON offers (sku);
CREATE TABLE loads (
    partner TEXT PRIMARY KEY, generation INTEGER NOT NULL, cursor TEXT, done_at REAL, offers INTEGER NOT NULL DEFAULT 0);
"""


def prepare(engine: Engine) -> None:
    """Make the tables; tables of another version are dropped first, to be loaded anew."""
    with engine.begin() as connection:
        found = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if found == VERSION:
            return
        for table in ("words", "lexicon", "products", "categories", "offers", "loads"):
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table}")
        for statement in (TABLES + index.TABLES).split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
        connection.exec_driver_sql(f"PRAGMA user_version = {VERSION}")
