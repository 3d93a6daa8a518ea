"""How many orders the OMS takes: one by one and in batches, with authentication, audit and outbox, on both databases.

The OMS is a process of its own; the load is raw HTTP on kept connections, so that the client costs little. Beside
it, in the same run: bare PostgreSQL, which stores the same bodies row by row, each in a committed transaction.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg

from bench.postgres import new_database, private_postgres
from bench.programs import aisle, served
from retail.address import Address, Customer
from retail.gtin import Gtin
from retail.ids import new_id
from retail.money import Money
from retail.order import Order, OrderLine, Payment, Shipping, partner_orders
from retail.strict import digest, to_data
from sync.outcomes import queued
from sync.protocol import OrderUpload

SINGLE, BATCHED, BATCH = 1500, 6000, 100
CONNECTIONS = 32
LIMITS = {"single_orders_per_s": 300, "batched_orders_per_s": 1000}


@dataclass(frozen=True, slots=True)
class Shop:
    """Who sends the orders."""

    device: str
    store: str
    prefix: str
    token: str


def run() -> Iterator[dict[str, object]]:
    """Measure SQLite, then PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="aisle-ingest-") as name:
        figures = _measure(Path(name), f"sqlite:///{name}/oms.db")
        yield {"bench": "ingest on SQLite", "figures": figures, "limit": {}}
    with private_postgres() as server, tempfile.TemporaryDirectory(prefix="aisle-ingest-") as name:
        figures = _measure(Path(name), new_database(server))
        bare = _bare(new_database(server))
        figures |= {
            "bare_inserts_per_s": round(bare),
            "share": round(figures["single_orders_per_s"] / bare, 2),
        }
        yield {"bench": "ingest on PostgreSQL", "figures": figures, "limit": LIMITS}


def _measure(folder: Path, database: str) -> dict[str, float]:
    with _oms(folder, database) as (url, shop):
        bodies = [_body(_orders(shop, 1, start)) for start in range(SINGLE)]
        asyncio.run(_send(url, shop.token, [_body(_orders(shop, 1, SINGLE + extra)) for extra in range(100)]))
        single, times = asyncio.run(_send(url, shop.token, bodies))
        whole = [_body(_orders(shop, BATCH, 10_000 + start)) for start in range(0, BATCHED, BATCH)]
        batched, _ = asyncio.run(_send(url, shop.token, whole, connections=4))
    times.sort()
    return {
        "single_orders_per_s": round(SINGLE / single),
        "single_p50_ms": round(times[len(times) // 2] * 1e3, 1),
        "single_p99_ms": round(times[int(len(times) * 0.99)] * 1e3, 1),
        "batched_orders_per_s": round(BATCHED / batched),
    }


@contextmanager
def _oms(folder: Path, database: str) -> Iterator[tuple[str, Shop]]:
    environment = {"AISLE_DATA_DIR": str(folder), "AISLE_KEY_FILE": "1"}
    with served("oms", "serve", "--database", database, environment=environment) as oms:
        enrol = ("oms", "enrol-code", "--store", "bench", "--database", database)
        code = aisle(*enrol, environment=environment)["code"]
        with httpx.Client(base_url=oms.url, trust_env=False, timeout=30) as http:
            enrolled = http.post("/v1/enrol", json={"code": code, "name": "bench"}).raise_for_status().json()
            renewal = {"refresh_token": enrolled["refresh_token"]}
            token = http.post("/v1/token", json=renewal).raise_for_status().json()["access_token"]
        yield oms.url, Shop(enrolled["device"], enrolled["store"], enrolled["prefix"], token)


def _orders(shop: Shop, count: int, start: int) -> list[object]:
    return [to_data(_upload(shop, start + index)) for index in range(count)]


def _upload(shop: Shop, number: int) -> OrderUpload:
    price = Money(12900, "EUR")
    lines = tuple(
        OrderLine(new_id(), partner, f"NO-{number}", Gtin("04012345678901"), "Alder rain jacket", 1, price)
        for partner in ("north", "berg")
    )
    amount = Money(2 * 12900 + 590, "EUR")
    address = Address("DE", (f"Weg {number}",), "Berlin", "10115")
    order = Order(
        id=new_id(),
        number=f"{shop.prefix}-{number}",
        device=shop.device,
        store=shop.store,
        created_at=datetime.now(UTC),
        customer=Customer("Ada Byron", f"ada{number}@example.com", address),
        lines=lines,
        shipping=(Shipping("berg", Money(590, "EUR")),),
        payments=(Payment("till", f"T-{number}", amount),),
        total=amount,
    )
    parts = partner_orders(order, {})
    return OrderUpload(order, digest(order), parts, tuple(queued(part, order.created_at) for part in parts))


def _body(orders: list[object]) -> bytes:
    return json.dumps({"version": 1, "orders": orders}).encode()


async def _send(
    url: str, token: str, bodies: Sequence[bytes], connections: int = CONNECTIONS
) -> tuple[float, list[float]]:
    """Post every body over a few kept connections; seconds for all, and for each. A refusal ends the run."""
    where = urlsplit(url)
    waiting = list(reversed(bodies))
    times: list[float] = []

    async def connection() -> None:
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        head = f"POST /v1/orders:batch HTTP/1.1\r\nhost: {where.netloc}\r\nauthorization: Bearer {token}\r\n"
        head += "content-type: application/json\r\ncontent-length: "
        while waiting:
            body = waiting.pop()
            began = time.perf_counter()
            writer.write(f"{head}{len(body)}\r\n\r\n".encode() + body)
            answer = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(answer.split("content-length: ")[1].split("\r\n")[0])
            content = await reader.readexactly(length)
            times.append(time.perf_counter() - began)
            if " 200 " not in answer.split("\r\n")[0] or b'"stored"' not in content:
                raise RuntimeError(f"the OMS refused: {content[:300]!r}")
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(connection() for _ in range(connections)))
    return time.perf_counter() - began, times


def _bare(database: str) -> float:
    """Rows per second that PostgreSQL itself commits, one by one, over as many connections."""
    body = _body(_orders(Shop("d", "s", "B", ""), 1, 1)).decode()
    plain = database.replace("postgresql+psycopg://", "postgresql://")

    async def connection(count: int) -> None:
        async with await psycopg.AsyncConnection.connect(plain, autocommit=True) as connected:
            for _ in range(count):
                await connected.execute("INSERT INTO bare (id, body) VALUES (%s, %s)", (new_id(), body))

    async def all_of_them() -> float:
        async with await psycopg.AsyncConnection.connect(plain, autocommit=True) as connected:
            await connected.execute("CREATE TABLE bare (id text PRIMARY KEY, body text)")
        began = time.perf_counter()
        await asyncio.gather(*(connection(SINGLE // CONNECTIONS) for _ in range(CONNECTIONS)))
        return SINGLE // CONNECTIONS * CONNECTIONS / (time.perf_counter() - began)

    return asyncio.run(all_of_them())
