"""Events through the broker: OrderCreated to OrderFulfilled with the real services, mails included.

Sustained: 3,000 orders wait in the outbox when the bus starts. Lag: 50 orders are stored each second, and each is
timed from its commit until the notification service handles its OrderFulfilled. The partners have shipped already,
so nothing but the flow itself is measured: six events, nine handler runs and four mails for each order.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from bench.postgres import find_binaries, new_database, private_postgres
from oms.events.bus import EventBus
from oms.events.server import find_program
from oms.orders import store
from oms.schema import migrate
from oms.services import fulfilment, notification, order
from oms.store import make_engine
from oms.uploads import Upload
from retail.address import Address, Customer
from retail.errors import Misconfigured
from retail.events import Event, OrderFulfilled
from retail.gtin import Gtin
from retail.ids import new_id
from retail.money import Money
from retail.order import Order, OrderLine, Payment, Shipping, partner_orders
from retail.status import LineState, LineStatus, PartnerOrderState, Shipment
from retail.strict import digest, to_json

WAITING = 3_000
RATE = 50  # orders per second
SECONDS = 20
LIMIT = {"orders_per_s": 100, "lag_p95_ms": 500}  # at least, at most
BATCH = 100
GIVE_UP = 120.0  # seconds
CUSTOMER = Customer("Anna Schäfer", "anna@example.com", Address("DE", ("Lange Straße 5",), "Berlin", "10115"))


class Timed:
    """The notification service, noting when each order's last event was handled."""

    NAME = notification.NAME
    EVENTS = notification.EVENTS

    def __init__(self) -> None:
        self.done: dict[str, float] = {}
        self.all = asyncio.Event()
        self.expected = 0
        self._loop = asyncio.get_running_loop()

    def handle(self, session: Session, event: Event) -> list[Event]:
        """As the real one."""
        return self.handle_all(session, [event])

    def handle_all(self, session: Session, events: Sequence[Event]) -> list[Event]:
        """As the real one."""
        happened = notification.handle_all(session, events)
        now = time.perf_counter()
        self.done.update((event.subject, now) for event in events if event.type == OrderFulfilled.__name__)
        if len(self.done) == self.expected:
            self._loop.call_soon_threadsafe(self.all.set)
        return happened

    async def wait_for(self, orders: int) -> None:
        """Return when ``orders`` orders are done."""
        self.all.clear()
        self.expected = orders
        if len(self.done) < orders:
            await asyncio.wait_for(self.all.wait(), GIVE_UP)


def an_upload(number: int) -> Upload:
    """An order of two lines at one partner, shipped in one parcel."""
    lines = tuple(
        OrderLine(new_id(), "north", f"SKU-{n}", Gtin("04012345678901"), "Rain coat", 2, Money(1290, "EUR"))
        for n in range(2)
    )
    whole = Money(4 * 1290 + 490, "EUR")
    placed = Order(
        id=new_id(),
        number=f"B-{number}",
        device="D1",
        store="berlin",
        created_at=datetime.now(UTC),
        customer=CUSTOMER,
        lines=lines,
        shipping=(Shipping("north", Money(490, "EUR")),),
        payments=(Payment("till", f"T-{number}", whole),),
        total=whole,
        language="de",
    )
    (part,) = partner_orders(placed, {})
    sent = tuple(LineState(line.id, LineStatus.SHIPPED, 2, 2) for line in lines)
    parcel = Shipment(new_id(), tuple((line.id, 2) for line in lines), "DHL", "0034", datetime.now(UTC))
    state = PartnerOrderState(part.key, 3, sent, datetime.now(UTC), "R-1", (parcel,))
    return Upload(placed, to_json(placed), digest(placed), (part,), (state,), placed.store)


def intake(engine: Engine, uploads: Sequence[Upload]) -> None:
    """What the OMS does with an upload."""
    with Session(engine) as session, session.begin():
        store(session, uploads, datetime.now(UTC))


async def measure(url: str, folder: Path) -> dict[str, Any]:
    """The figures for the database at ``url``."""
    migrate(url)
    engine, executor = make_engine(url), ThreadPoolExecutor(6)
    last, wake, stop = Timed(), asyncio.Event(), asyncio.Event()
    uploads = [an_upload(number) for number in range(WAITING + RATE * SECONDS)]
    for start in range(0, WAITING, BATCH):
        intake(engine, uploads[start : start + BATCH])
    bus = EventBus(engine, folder, (order, fulfilment, last), wake=wake, executor=executor)
    running = asyncio.create_task(bus.run(stop))
    try:
        await bus.until_ready()
        begun, cpu = time.perf_counter(), time.process_time()
        await last.wait_for(WAITING)
        seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
        lags = await paced(engine, uploads[WAITING:], last, wake, executor)
    finally:
        stop.set()
        await running
        executor.shutdown()
        engine.dispose()
    return {
        "database": engine.dialect.name,
        "orders_per_s": round(WAITING / seconds, 1),
        "cpu_ms_per_order": round(1000 * cpu / WAITING, 2),
        "lag_p50_ms": round(lags[len(lags) // 2], 1),
        "lag_p95_ms": round(lags[len(lags) * 95 // 100], 1),
        "lag_max_ms": round(lags[-1], 1),
        "repeated": sum(bus.counts.repeated.values()),
        "dead": sum(bus.counts.dead.values()),
    }


async def paced(
    engine: Engine, uploads: Sequence[Upload], last: Timed, wake: asyncio.Event, executor: ThreadPoolExecutor
) -> list[float]:
    """Store ``RATE`` orders a second, one by one; the lags in milliseconds, shortest first."""
    loop, stored = asyncio.get_running_loop(), {}
    begun = time.perf_counter()
    for number, upload in enumerate(uploads):
        await asyncio.sleep(begun + number / RATE - time.perf_counter())
        await loop.run_in_executor(executor, intake, engine, [upload])
        stored[upload.order.id] = time.perf_counter()
        wake.set()
    await last.wait_for(WAITING + len(uploads))
    return sorted(1000 * (last.done[order_id] - at) for order_id, at in stored.items())


def run() -> Iterator[dict[str, Any]]:
    """One line for SQLite, one for PostgreSQL where that is installed. FileNotFoundError without nats-server."""
    try:
        find_program()
    except Misconfigured as error:
        raise FileNotFoundError(str(error)) from error
    with tempfile.TemporaryDirectory(prefix="aisle-bench-") as folder:
        url = f"sqlite:///{Path(folder, 'oms.db')}"
        yield {"bench": "events", "figures": _measured(url, Path(folder, "broker")), "limit": LIMIT}
    if find_binaries() is None:
        return
    with private_postgres() as cluster, tempfile.TemporaryDirectory(prefix="aisle-bench-") as folder:
        yield {"bench": "events", "figures": _measured(new_database(cluster), Path(folder)), "limit": LIMIT}


def _measured(url: str, folder: Path) -> dict[str, Any]:
    try:
        import uvloop
    except ImportError:
        return asyncio.run(measure(url, folder))
    return uvloop.run(measure(url, folder))
