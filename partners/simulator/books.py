"""The simulated partner's books: its goods and its order ledger, in SQLite.

One connection, used from one thread. An order is committed before anybody hears of it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from partners.goods import Assortment, Goods
from partners.simulator.entries import Clock, Entry, Line, Refusal, State, Wish
from retail.gtin import Gtin
from retail.money import Money
from retail.strict import to_json

SCHEMA = """
CREATE TABLE IF NOT EXISTS about (digest TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS items (
    position INTEGER PRIMARY KEY, sku TEXT UNIQUE NOT NULL, gtin TEXT NOT NULL, product TEXT NOT NULL,
    category TEXT NOT NULL, brand TEXT NOT NULL, text TEXT NOT NULL, price_minor INTEGER NOT NULL,
    stock INTEGER NOT NULL CHECK (stock >= 0), data TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS items_gtin ON items (gtin);
CREATE INDEX IF NOT EXISTS items_product ON items (product);
CREATE TABLE IF NOT EXISTS changes (number INTEGER PRIMARY KEY AUTOINCREMENT, sku TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS item_changed AFTER UPDATE ON items BEGIN INSERT INTO changes (sku) VALUES (new.sku); END;
CREATE TRIGGER IF NOT EXISTS item_added AFTER INSERT ON items BEGIN INSERT INTO changes (sku) VALUES (new.sku); END;
CREATE TRIGGER IF NOT EXISTS item_gone AFTER DELETE ON items BEGIN INSERT INTO changes (sku) VALUES (old.sku); END;
CREATE TABLE IF NOT EXISTS orders (
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, idempotency_key TEXT, digest TEXT NOT NULL,
    booked_at REAL NOT NULL, cancelled_at REAL, shipping_minor INTEGER NOT NULL, currency TEXT NOT NULL,
    lines TEXT NOT NULL, customer TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS orders_key ON orders (key);
CREATE INDEX IF NOT EXISTS orders_idempotency_key ON orders (idempotency_key);
"""
FIRST_NUMBER = 1001
LATER = timedelta(days=14)


class Books:
    """Goods and orders. ``ships_after`` is in seconds, None for never; parcels arrive after twice that."""

    def __init__(
        self, assortment: Assortment, database: Path | None, *, ships_after: float | None, clock: Clock
    ) -> None:
        self.currency = assortment.currency
        self.clock = clock
        self._ships_after = ships_after
        self._db = sqlite3.connect(database or ":memory:", isolation_level=None)
        self._db.row_factory = sqlite3.Row
        try:
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._db.executescript(SCHEMA)
            self._stock_up(assortment)
        except sqlite3.Error:
            self._db.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _stock_up(self, assortment: Assortment) -> None:
        """Fill the shelves, unless they were filled from just this assortment before."""
        digest = hashlib.sha256(to_json(assortment).encode()).hexdigest()
        known = self._db.execute("SELECT digest FROM about").fetchone()
        if known and known["digest"] == digest:
            return
        rows = [
            (i.sku, i.gtin, i.product, i.category, i.brand, _text(i), i.price_minor, i.stock, to_json(i))
            for i in assortment.items
        ]
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("DELETE FROM about")
            self._db.execute("DELETE FROM items")
            self._db.execute("INSERT INTO about VALUES (?)", (digest,))
            self._db.executemany(
                "INSERT INTO items (sku, gtin, product, category, brand, text, price_minor, stock, data)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
            self._db.execute("DELETE FROM changes")  # whoever knew other goods has to read them all

    # Goods

    def search(self, text: str, start: int, size: int) -> list[Goods]:
        """Goods of which every word of ``text`` is part."""
        words = [f"%{word}%" for word in text.casefold().split()[:8]]
        where = " AND ".join(["text LIKE ?"] * len(words)) or "1"
        return self._goods(f"{where} ORDER BY position LIMIT ? OFFSET ?", [*words, size, start])

    def by_gtin(self, gtin: Gtin) -> list[Goods]:
        """Goods with this number."""
        return self._goods("gtin = ? ORDER BY position", [gtin])

    def by_sku(self, sku: str) -> Goods | None:
        """The goods with this code of the partner's."""
        return next(iter(self._goods("sku = ?", [sku])), None)

    def of_product(self, product: str) -> list[Goods]:
        """All variants of a product."""
        return self._goods("product = ? ORDER BY position", [product])

    def like(self, product: str, size: int) -> list[Goods]:
        """Goods of other products, of the same category or brand."""
        mine = self.of_product(product)
        if not mine:
            return []
        where = "product <> ? AND (category = ? OR brand = ?) ORDER BY category <> ?, position LIMIT ?"
        return self._goods(where, [product, mine[0].category, mine[0].brand, mine[0].category, size])

    def _goods(self, where: str, values: Sequence[object]) -> list[Goods]:
        # ``where`` is always text of this module.
        rows = self._db.execute(f"SELECT data, price_minor, stock FROM items WHERE {where}", values)  # noqa: S608
        return [_item(row) for row in rows]

    def change(self, sku: str, *, price_minor: int | None = None, stock: int | None = None) -> None:
        """Set another price or stock."""
        self._db.execute(
            "UPDATE items SET price_minor = coalesce(?, price_minor), stock = coalesce(?, stock) WHERE sku = ?",
            (price_minor, stock, sku),
        )

    def withdraw(self, sku: str) -> None:
        """Sell this no longer."""
        self._db.execute("DELETE FROM items WHERE sku = ?", (sku,))

    def changes(self, after: int, size: int) -> tuple[list[Goods], list[str], int, bool] | None:
        """Goods and withdrawn codes behind change number ``after``, the last number, whether there is more.

        None when the changes from there on are not known any more.
        """
        newest = self.newest_change()
        oldest = self._db.execute("SELECT min(number) FROM changes").fetchone()[0]
        if after > newest or (after < newest and (oldest is None or after < oldest - 1)):
            return None
        rows = self._db.execute(
            "SELECT number, sku FROM changes WHERE number > ? ORDER BY number LIMIT ?", (after, size)
        ).fetchall()
        skus = list(dict.fromkeys(row["sku"] for row in rows))
        found = [(sku, self.by_sku(sku)) for sku in skus]
        last = rows[-1]["number"] if rows else after
        goods = [item for _, item in found if item is not None]
        return goods, [sku for sku, item in found if item is None], last, last < newest

    def newest_change(self) -> int:
        """The number of the last change, 0 before the first."""
        row = self._db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'changes'").fetchone()
        return int(row["seq"]) if row else 0

    def shipping(self, skus: Iterable[str]) -> Money:
        """What one parcel with all of these costs: as much as the dearest alone."""
        found = [item.shipping_minor for sku in skus if (item := self.by_sku(sku))]
        return Money(max(found, default=0), self.currency)

    # Orders

    def remembered(self, idempotency_key: str, life: float, digest: str) -> Entry | None:
        """The first order under this key while the key lives (``life`` in seconds)."""
        row = self._db.execute(
            "SELECT * FROM orders WHERE idempotency_key = ? AND booked_at > ? ORDER BY number LIMIT 1",
            (idempotency_key, self.clock.now() - life),
        ).fetchone()
        if row is not None and row["digest"] != digest:
            raise Refusal("KEY_REUSED", "another order was sent with this key", 422)
        return _entry(row) if row is not None else None

    def book(
        self,
        key: str,
        wishes: Sequence[Wish],
        *,
        shipping: Money,
        customer: Mapping[str, Any],
        digest: str,
        idempotency_key: str | None,
        partly: bool = False,
    ) -> Entry:
        """Book an order and take its pieces from stock, both or neither; raises Refusal."""
        lines = _booked(wishes, partly=partly)
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._check(wishes, shipping)
            for line in lines:
                taken = self._db.execute(
                    "UPDATE items SET stock = stock - ? WHERE sku = ? AND stock >= ?",
                    (line.confirmed, line.sku, line.confirmed + line.later),
                )
                if taken.rowcount != 1:
                    raise Refusal("OUT_OF_STOCK", f"{line.sku} is sold out")
            cursor = self._db.execute(
                "INSERT INTO orders (number, key, idempotency_key, digest, booked_at, shipping_minor, currency, lines,"
                " customer) VALUES ((SELECT coalesce(max(number) + 1, ?) FROM orders), ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    FIRST_NUMBER,
                    key,
                    idempotency_key,
                    digest,
                    self.clock.now(),
                    shipping.minor,
                    shipping.currency,
                    json.dumps([_line_data(line) for line in lines]),
                    json.dumps(customer, ensure_ascii=False),
                ),
            )
            self._db.execute("COMMIT")
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        entry = self.entry(int(cursor.lastrowid or 0))
        assert entry is not None
        return entry

    def _check(self, wishes: Sequence[Wish], shipping: Money) -> None:
        for wish in wishes:
            item = self.by_sku(wish.sku)
            if item is None:
                raise Refusal("NO_SUCH_ITEM", f"{wish.sku} is not sold here")
            if item.price_minor != wish.price_minor or shipping.currency != self.currency:
                raise Refusal("PRICE_CHANGED", f"{wish.sku} has another price now")
        if shipping != self.shipping(wish.sku for wish in wishes):
            raise Refusal("PRICE_CHANGED", "the freight is another one now")

    def entry(self, number: int) -> Entry | None:
        """The order with this number."""
        row = self._db.execute("SELECT * FROM orders WHERE number = ?", (number,)).fetchone()
        return _entry(row) if row is not None else None

    def under_key(self, key: str) -> list[Entry]:
        """All orders with this key of the buyer's, oldest first."""
        return [
            _entry(row)
            for row in self._db.execute("SELECT * FROM orders WHERE key = ? ORDER BY number", (key,))
        ]

    def ledger(self) -> list[Entry]:
        """Every order, oldest first."""
        return [_entry(row) for row in self._db.execute("SELECT * FROM orders ORDER BY number")]

    def state(self, entry: Entry) -> State:
        """Where the order stands by now; what is only coming later never ships."""
        if entry.cancelled_at is not None:
            return "cancelled"
        if self._ships_after is None or not any(line.confirmed for line in entry.lines):
            return "accepted"
        age = self.clock.now() - entry.booked_at
        if age < self._ships_after:
            return "accepted"
        return "delivered" if age >= 2 * self._ships_after and self._ships_after > 0 else "shipped"

    def sent_at(self, entry: Entry) -> datetime:
        """When its parcel left or will leave."""
        return datetime.fromtimestamp(entry.booked_at + (self._ships_after or 0.0), UTC)

    def arrived_at(self, entry: Entry) -> datetime:
        """When its parcel arrived or will arrive."""
        return datetime.fromtimestamp(entry.booked_at + 2 * (self._ships_after or 0.0), UTC)

    def cancel(self, entry: Entry) -> None:
        """Cancel what has not left; its pieces go back on the shelf. Raises Refusal when it has."""
        if self.state(entry) in ("shipped", "delivered"):
            raise Refusal("ALREADY_SHIPPED", "the parcel has left")
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            done = self._db.execute(
                "UPDATE orders SET cancelled_at = ? WHERE number = ? AND cancelled_at IS NULL",
                (self.clock.now(), entry.number),
            )
            if done.rowcount:
                self._db.executemany(
                    "UPDATE items SET stock = stock + ? WHERE sku = ?",
                    [(line.confirmed, line.sku) for line in entry.lines],
                )


def _text(item: Goods) -> str:
    words = (item.name, item.brand, item.category, *item.options.values(), item.sku, item.gtin)
    return " ".join(words).casefold()


def _item(row: sqlite3.Row) -> Goods:
    data = json.loads(row["data"])
    data["gtin"] = Gtin(data["gtin"])
    return Goods(**{**data, "price_minor": row["price_minor"], "stock": row["stock"]})


def _booked(wishes: Sequence[Wish], *, partly: bool) -> list[Line]:
    lines = [Line(w.sku, w.line, w.quantity, w.price_minor, w.quantity) for w in wishes]
    if partly:
        last = wishes[-1]
        kept = last.quantity - 1
        alone = sum(wish.quantity for wish in wishes) == 1
        lines[-1] = Line(
            last.sku,
            last.line,
            last.quantity,
            last.price_minor,
            kept,
            later=int(alone),
            refused=int(not alone),
        )
    return lines


def _line_data(line: Line) -> dict[str, object]:
    return {name: getattr(line, name) for name in Line.__slots__}


def _entry(row: sqlite3.Row) -> Entry:
    return Entry(
        number=row["number"],
        key=row["key"],
        booked_at=row["booked_at"],
        cancelled_at=row["cancelled_at"],
        shipping_minor=row["shipping_minor"],
        currency=row["currency"],
        lines=tuple(Line(**line) for line in json.loads(row["lines"])),
        customer=json.loads(row["customer"]),
    )
