"""The relay: publishes the outbox in its order and deletes what the broker has stored.

    wake, NOTIFY or a second -> take 200 -> publish, gather every acknowledgement -> delete -> again

Killed between acknowledgement and deletion it publishes again; the broker drops a repeated Nats-Msg-Id for two
minutes, the inbox for ever. On PostgreSQL relays of several processes take turns by an advisory lock that lives
as long as the transaction: skipping each other's rows instead would let an order's later event overtake.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor
from typing import TypeVar

import nats.errors
import psycopg
import structlog
from nats.js import JetStreamContext
from sqlalchemy import Engine, Row, delete, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col

from oms.events.counts import Counts
from oms.events.models import Outbox
from oms.events.outbox import CHANNEL, STREAM
from oms.events.service import in_words
from oms.events.threads import in_thread
from oms.events.waiting import called_off, set_or_after

BATCH = 200
POLL = 1.0  # seconds until the outbox is looked at without a wake
ACKNOWLEDGED = 10.0  # seconds for the broker to acknowledge a batch
PAUSE = 0.5  # seconds after a failure
LOCK = 0x6169736C65  # "aisle"; PostgreSQL's advisory lock of the relays
log = structlog.get_logger(__name__)
T = TypeVar("T")
Rows = Sequence[Row[tuple[int, str, str, bytes]]]


class Relay:
    """Moves events from the outbox to the broker until cancelled. ``wake`` says that the outbox has rows."""

    def __init__(
        self, engine: Engine, wake: asyncio.Event, counts: Counts, executor: Executor | None = None
    ) -> None:
        self.engine = engine
        self.wake = wake
        self.counts = counts
        self.executor = executor
        self.postgres = engine.dialect.name == "postgresql"

    async def run(self, stream: JetStreamContext) -> None:
        """Relay to ``stream`` until cancelled; failures are counted, logged and tried again."""
        async with self._listening():
            while not called_off():
                self.wake.clear()
                try:
                    full = await self.once(stream) == BATCH
                    self.counts.relay_failing_since = None
                except (nats.errors.Error, SQLAlchemyError, OSError, TimeoutError) as error:
                    self._failed(error)
                    await asyncio.sleep(PAUSE)
                    continue
                if not full:
                    await set_or_after(self.wake, POLL)

    async def once(self, stream: JetStreamContext) -> int:
        """Publish one batch; the number of events published. Nothing is deleted unless all of it is stored."""
        session = Session(self.engine)
        try:
            rows = await in_thread(self.executor, lambda: _closed_on_error(session, self._take))
            if rows:
                await _publish(stream, rows)
                await in_thread(self.executor, lambda: _closed_on_error(session, lambda s: _drop(s, rows)))
        finally:  # ends the transaction, and with it our turn
            await in_thread(self.executor, session.close)
        self.counts.published += len(rows)
        return len(rows)

    def _take(self, session: Session) -> Rows:
        """The oldest rows. On PostgreSQL the transaction stays open: it holds our turn."""
        if self.postgres:
            # Should our machine vanish, the server itself gives up our turn.
            session.execute(text("SET LOCAL idle_in_transaction_session_timeout = '60s'"))
            session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        rows = session.execute(
            select(col(Outbox.id), col(Outbox.subject), col(Outbox.event_id), col(Outbox.body))
            .order_by(col(Outbox.id))
            .limit(BATCH)
        ).all()
        if not self.postgres:  # SQLite has one writer; publishing must not keep it waiting
            session.rollback()
        return rows

    def _failed(self, error: Exception) -> None:
        self.counts.relay_failed += 1
        if self.counts.relay_failing_since is None:
            self.counts.relay_failing_since = time.monotonic()
            log.warning("relay_failing", error=in_words(error))

    @contextlib.asynccontextmanager
    async def _listening(self) -> AsyncIterator[None]:
        """PostgreSQL: other processes wake us by NOTIFY while this is open."""
        if not self.postgres:
            yield
            return
        task = asyncio.create_task(self._listen())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _listen(self) -> None:
        url = self.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        while True:
            with contextlib.suppress(psycopg.Error, OSError):
                async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    async for _ in connection.notifies():
                        self.wake.set()
            await asyncio.sleep(POLL)


def _closed_on_error(session: Session, work: Callable[[Session], T]) -> T:
    """``work``; should it fail, the session gives back its connection at once.

    Closing it in a later job would be too late: the job before that may wait for what the connection holds.
    """
    try:
        return work(session)
    except BaseException:
        session.close()
        raise


def _drop(session: Session, rows: Rows) -> None:
    session.execute(delete(Outbox).where(col(Outbox.id).in_([row.id for row in rows])))
    session.commit()


async def _publish(stream: JetStreamContext, rows: Rows) -> None:
    """Publish ``rows`` in order and wait until the broker has stored every one; raises what went wrong first."""
    pending = [
        await stream.publish_async(
            row.subject, row.body, stream=STREAM, headers={"Nats-Msg-Id": row.event_id}
        )
        for row in rows
    ]
    async with asyncio.timeout(ACKNOWLEDGED):
        answers = await asyncio.gather(*pending, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
