"""Toy services on real tables: a chain of three, whose effects are rows without any unique rule.

    OrderCreated -> first -> OrderProcessed -> second -> OrderFulfilled -> third

A row too many is an effect that happened twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import nats
import psutil
from nats.aio.client import Client
from nats.js import JetStreamContext
from sqlalchemy import Engine, func
from sqlmodel import Field, Session, SQLModel, col, select

from oms.events.bus import EventBus
from oms.events.models import DeadLetter, Inbox, MailOut, Outbox
from oms.events.outbox import STREAM, put
from oms.events.service import Service
from retail.events import Event, OrderCreated, OrderFulfilled, OrderProcessed, event

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


class Effect(SQLModel, table=True):
    """What a toy service did."""

    __tablename__ = "toy_effect"
    id: int | None = Field(default=None, primary_key=True)
    service: str
    order_id: str
    event_id: str
    type: str


def create_tables(engine: Engine) -> None:
    """The tables of the bus and the toys'."""
    kinds = (Effect, Outbox, Inbox, DeadLetter, MailOut)
    SQLModel.metadata.create_all(
        engine, tables=[SQLModel.metadata.tables[kind.__tablename__] for kind in kinds]
    )


@dataclass
class Toy:
    """A service that notes each event and answers with the next of the chain; ``fail`` may raise first."""

    NAME: str
    EVENTS: Sequence[str]
    fail: Callable[[Session, Event], None] = lambda session, event: None
    seen: list[str] = field(default_factory=list)

    def handle(self, session: Session, happened: Event) -> list[Event]:
        """Note it; what happens next depends on its type."""
        self.fail(session, happened)
        session.add(
            Effect(service=self.NAME, order_id=happened.subject, event_id=happened.id, type=happened.type)
        )
        match self.NAME, happened.type:
            case "first", "OrderCreated":
                return [event(happened.subject, OrderProcessed("N", 1), NOW, cause=happened.id)]
            case "second", "OrderProcessed":
                return [event(happened.subject, OrderFulfilled("N", 1, 0), NOW, cause=happened.id)]
        return []


class Careful(Toy):
    """A toy that first calls the outside world: ``outside`` may raise."""

    outside: Callable[[Event], Awaitable[None]]

    async def before(self, happened: Event) -> None:
        """The call."""
        await self.outside(happened)


def chain() -> list[Service]:
    """Fresh toys, none of which fails."""
    return [
        Toy("first", ["OrderCreated"]),
        Toy("second", ["OrderProcessed"]),
        Toy("third", ["OrderCreated", "OrderProcessed", "OrderFulfilled"]),
    ]


PER_ORDER = 5  # effects of the whole chain
PATIENCE = 120.0  # seconds for what a quiet machine does at once


def created(order: str) -> Event:
    """The event that starts the chain for ``order``."""
    return event(order, OrderCreated("N", "S1", "D1"), NOW, cause="toy")


def place(engine: Engine, orders: Iterable[str]) -> None:
    """What intake does: the first events, in one transaction."""
    with Session(engine) as session, session.begin():
        put(session, [created(order) for order in orders])


def effects(engine: Engine) -> list[Effect]:
    """All effects, oldest first."""
    with Session(engine) as session:
        return list(session.exec(select(Effect).order_by(col(Effect.id))))


def count(engine: Engine, kind: type[SQLModel] = Effect) -> int:
    """How many rows of ``kind`` there are."""
    with Session(engine) as session:
        return session.exec(select(func.count()).select_from(kind)).one()


def twice(engine: Engine) -> list[tuple[str, str, str]]:
    """Effects that happened more than once."""
    found = Counter((e.service, e.order_id, e.type) for e in effects(engine))
    return [key for key, times in found.items() if times > 1]


async def until(condition: Callable[[], bool], what: str) -> None:
    """Return when ``condition`` holds; fail, saying ``what`` did not happen, after PATIENCE."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not await asyncio.to_thread(condition):  # noqa: ASYNC110 - the database has no event to wait for
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"did not happen: {what}") from None


async def client_of(url: str) -> Client:
    """A client of the broker at ``url``, to be closed by the test."""
    return await nats.connect(url, connect_timeout=int(PATIENCE))


def stream_of(client: Client) -> JetStreamContext:
    """Its streams."""
    return client.jetstream(timeout=PATIENCE)


async def heard(stream: JetStreamContext, service: str, unanswered: int = 0) -> None:
    """Return when the broker has heard of what ``service`` did: a moment after the commit that tests can see."""
    async with asyncio.timeout(PATIENCE):
        while True:
            info = await stream.consumer_info(STREAM, service)
            if (info.num_pending, info.num_ack_pending) == (0, unanswered):
                return


async def kill_broker(store: Path) -> None:
    """Kill the embedded server in this folder, once one runs there."""

    def running_there() -> list[int]:
        found = [int(path.stem.split("_")[1]) for path in store.glob("*.ports")]
        return [pid for pid in found if pid in psutil.pids() and psutil.Process(pid).status() != "zombie"]

    await until(lambda: bool(running_there()), "a running broker")
    for pid in running_there():
        os.kill(pid, signal.SIGKILL)


@contextlib.asynccontextmanager
async def running(
    engine: Engine, broker: str | Path, services: Sequence[Service], backoff: Sequence[float] = (0.01, 0.02)
) -> AsyncIterator[EventBus]:
    """An event bus that serves inside the block and is stopped properly after it."""
    bus = EventBus(engine, broker, services, wake=asyncio.Event(), backoff=backoff)
    stop = asyncio.Event()
    task = asyncio.create_task(bus.run(stop))
    ready = asyncio.create_task(bus.until_ready())
    try:
        await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
        yield bus
    finally:
        ready.cancel()
        stop.set()
        await task
