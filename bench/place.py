"""Placing an order, against a bare SQLCipher transaction of the same rows: what our own work adds to the disk's.

All is done by turns in one run, on files with the same settings (WAL, synchronous=FULL), because the disk's mood
changes from one second to the next. ``bare`` is the transaction in a thread of its own, as every program with a
screen has to do it; ``alone`` is the same without the way to that thread and back.
"""

from __future__ import annotations

import asyncio
import secrets
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

from sqlcipher3 import dbapi2

from partners.keystore import FileKeystore
from retail.address import Address, Customer
from retail.cart import Quote
from retail.gtin import Gtin, check_digit
from retail.ids import new_id
from retail.logs import to_stderr
from retail.money import Money, total
from retail.order import OrderLine, Shipping
from sync.device import Device
from sync.opening import open_shelf, open_store
from sync.settings import Settings
from sync.store.engine import reading

ORDERS = 2_000
WARM = 100
CUSTOMER = Customer(
    "Zoë Müller-Lüdenscheidt",
    "zoe.mueller@example.com",
    Address("DE", ("Rosenweg 12", "Hinterhaus, 3. Stock"), "Köln", "50667"),
    "+49 221 9123456",
)
Rows = dict[str, list[tuple[Any, ...]]]
COPY = {
    "orders": "id, number, body, digest, revision, synced, sync_problem",
    "partner_orders": "key, order_id, partner, placed_by, body, digest, status, state, next_at, first_sent_at,"
    " last_sent_at, unknown, baffled, claim, claimed_at, lease",
}


def quote() -> Quote:
    """A realistic order: three lines at two partners."""
    lines = tuple(
        OrderLine(
            new_id(),
            partner,
            f"{partner.upper()}-{number}",
            Gtin(f"400638133{number:04d}".zfill(13) + check_digit(f"400638133{number:04d}".zfill(13))),
            "Linen shirt with a stand-up collar",
            quantity,
            Money(4990, "EUR"),
            {"size": "M", "colour": "Ochre"},
            picture=f"{partner}/{number}.jpg",
        )
        for number, (partner, quantity) in enumerate((("north", 2), ("berg", 1), ("north", 1)))
    )
    shipping = (Shipping("north", Money(490, "EUR")), Shipping("berg", Money(590, "EUR")))
    amount = total((line.sum() for line in lines), "EUR") + total((part.price for part in shipping), "EUR")
    now = datetime.now(UTC)
    return Quote(
        new_id(), lines, shipping, amount, now, now + timedelta(minutes=15), {"north": True, "berg": True}
    )


class Bare:
    """The same tables in a file of their own, written by the driver alone."""

    def __init__(self, path: Path, device: Device) -> None:
        self._connection = dbapi2.connect(str(path), isolation_level=None, check_same_thread=False)
        self._connection.execute(f"PRAGMA key = \"x'{secrets.token_hex(32)}'\"")
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        with reading(device.engine) as connection:
            schema = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")
            for statement in schema.scalars():
                self._connection.execute(statement)
        self._connection.execute("INSERT INTO facts VALUES ('order counter', '1000')")

    def write(self, rows: Rows) -> None:
        """The same rows in one transaction."""
        execute, executemany = self._connection.execute, self._connection.executemany
        execute("BEGIN IMMEDIATE")
        execute("UPDATE facts SET value = CAST(value AS INTEGER) + 1 WHERE name = 'order counter'")
        for table, given in rows.items():
            marks = ",".join("?" * len(given[0]))
            executemany(f"INSERT INTO {table} ({COPY[table]}) VALUES ({marks})", given)
        execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def bare_rows(device: Device, order_id: str) -> Rows:
    """What the product wrote for one order."""
    found = {}
    with reading(device.engine) as connection:
        for table, where in (("orders", "id"), ("partner_orders", "order_id")):
            rows = connection.exec_driver_sql(
                f"SELECT {COPY[table]} FROM {table} WHERE {where} = ?", (order_id,)
            )
            found[table] = [tuple(row) for row in rows]
    return found


async def _measure(folder: Path) -> dict[str, list[float]]:
    settings = Settings(data_dir=folder, key_file=True)
    keystore = FileKeystore(folder / "kiosk")
    device = Device(
        settings, open_store(settings, keystore), open_shelf(settings, keystore), keystore, (), _nobody, None
    )
    alone, threaded = Bare(folder / "alone.db", device), Bare(folder / "threaded.db", device)
    took: dict[str, list[float]] = {"place": [], "bare": [], "alone": []}
    wanted = before = quote()
    rows: Rows = {}

    async def place() -> None:
        await device.place(wanted, CUSTOMER, payment="till", reference="T-1001", language="de")

    async def bare() -> None:
        await asyncio.to_thread(threaded.write, rows)

    async def bare_alone() -> None:
        alone.write(rows)

    await place()
    turns = [("place", place), ("bare", bare), ("alone", bare_alone)]
    for _ in range(WARM + ORDERS):
        wanted, rows = quote(), bare_rows(device, before.id)
        turns.append(turns.pop(0))  # everybody finds the machine as each of the others leaves it
        for name, turn in turns:
            started = time.perf_counter()
            await turn()
            took[name].append((time.perf_counter() - started) * 1000)
        before = wanted
    alone.close()
    threaded.close()
    await device.aclose()
    return {name: times[WARM:] for name, times in took.items()}


def _nobody(record: object) -> Any:
    raise AssertionError("there are no partners here")


def run() -> Iterator[dict[str, object]]:
    """Place 2,000 orders through the device's own door, and write their rows again with the bare driver."""
    to_stderr()
    with tempfile.TemporaryDirectory(prefix="aisle-bench-") as folder:
        took = asyncio.run(_measure(Path(folder)))
    figures: dict[str, float] = {}
    for name, times in took.items():
        cuts = quantiles(times, n=100)
        figures |= {f"{name}_p50_ms": round(cuts[49], 3), f"{name}_p99_ms": round(cuts[98], 3)}
    for cut in ("p50", "p99"):
        figures[f"{cut}_ratio"] = round(figures[f"place_{cut}_ms"] / figures[f"bare_{cut}_ms"], 2)
        figures[f"{cut}_ratio_alone"] = round(figures[f"place_{cut}_ms"] / figures[f"alone_{cut}_ms"], 2)
    yield {
        "bench": "place",
        "figures": figures | {"orders": ORDERS},
        "limit": {"place_p99_ms": 200.0, "p50_ratio": 2.0, "p99_ratio": 4.0},
    }
