"""One service at the broker: fetch, call outside, one transaction for all, acknowledge.

    fetch <= 100 -> before() -> one transaction -> ack          the usual way
                        |             '---fails---> one by one -> ack | nak | dead letter
                        '---fails---> nak(delay): later again, for ever; dead letter if it can never succeed

While an event of an order waits for its next try, later events of that order wait behind it. An acknowledgement
follows the commit; one that is lost brings the event again, and the inbox drops it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime

import nats.errors
import structlog
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from oms.events.counts import Counts
from oms.events.outbox import STREAM, from_bytes
from oms.events.service import Service, before, bury, database_away, handle, in_words, temporary
from oms.events.stream import ACK_WAIT, declare_consumer
from oms.events.threads import in_thread
from oms.events.waiting import called_off
from retail.events import Event

FETCH = 100
FETCH_SECONDS = 2.0
ARRIVING = 0.2  # seconds that a stop waits for events on their way
BACKOFF = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)  # seconds before the next delivery
BEHIND = 0.05  # seconds after the next try of an order's earlier event that a later one comes again
GRACE = 5.0  # seconds after which a next try that did not come holds nobody up any more
TRIES = 3  # of an event that fails with what looks like a mistake of ours
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event as the broker delivered it; ``sequence`` is its number in the stream."""

    message: Msg
    event: Event
    sequence: int


@dataclass(frozen=True, slots=True)
class Held:
    """An order waits for its event number ``sequence``, which comes again at ``next_try`` (time.monotonic())."""

    sequence: int
    next_try: float


class Consumer:
    """Feeds one service until cancelled or stopped. ``wake`` is set when the outbox has new rows."""

    def __init__(
        self,
        service: Service,
        engine: Engine,
        wake: asyncio.Event,
        counts: Counts,
        executor: Executor | None = None,
        backoff: Sequence[float] = BACKOFF,
    ) -> None:
        self.service = service
        self.engine = engine
        self.wake = wake
        self.counts = counts
        self.executor = executor
        self.backoff = backoff
        self._before = before(service)
        self._tries: Counter[int] = Counter()  # by sequence
        self._held: dict[str, Held] = {}  # by order

    async def run(self, stream: JetStreamContext, stop: asyncio.Event) -> None:
        """Handle events until ``stop``; what was fetched before is finished first."""
        await declare_consumer(stream, self.service)
        subscription = await stream.pull_subscribe_bind(self.service.NAME, STREAM)
        stopping = asyncio.create_task(stop.wait())
        fetching: asyncio.Task[list[Msg]] | None = None
        try:
            while not stop.is_set() and not called_off():
                fetching = asyncio.create_task(subscription.fetch(FETCH, FETCH_SECONDS))
                await asyncio.wait({fetching, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if stop.is_set():  # what is just arriving would come again only after ACK_WAIT
                    await asyncio.wait({fetching}, timeout=ARRIVING)
                if fetching.done():
                    # Nothing there, or the broker away: the client reconnects, and we ask again.
                    with contextlib.suppress(nats.errors.Error, TimeoutError):
                        await self.work(fetching.result())
        finally:
            ours = [task for task in (fetching, stopping) if task is not None and not task.done()]
            for task in ours:
                task.cancel()
            await asyncio.gather(*ours, return_exceptions=True)

    async def work(self, messages: Sequence[Msg]) -> None:
        """Handle ``messages`` as one batch and answer each to the broker."""
        alive = asyncio.create_task(_say_alive(messages))
        try:
            prepared = await asyncio.gather(*(self._prepare(message) for message in messages))
            ready = sorted((d for d in prepared if d is not None), key=lambda delivery: delivery.sequence)
            ready = [delivery for delivery in ready if not await self._waits(delivery)]
            if ready:
                await self._batch(ready)
        finally:
            alive.cancel()

    async def _prepare(self, message: Msg) -> Delivery | None:
        """The delivery, its call to the outside made; None when it was answered already."""
        sequence = message.metadata.sequence.stream
        try:
            event = from_bytes(message.data)
        except ValueError as error:
            await self._bury(message, f"unreadable-{sequence}", error)
            return None
        delivery = Delivery(message, event, sequence)
        if self._before is None:
            return delivery
        if await self._waits(delivery):
            return None
        try:
            await self._before(event)
        except Exception as error:  # noqa: BLE001 - whatever a service raises must not stop the others' events
            await self._failed(delivery, error, outside=True)
            return None
        return delivery

    async def _waits(self, delivery: Delivery) -> bool:
        """Whether an earlier event of the order has its next try to come; then this one comes after it."""
        held = self._held.get(delivery.event.subject)
        now = time.monotonic()
        if held is None or delivery.sequence <= held.sequence:
            return False
        if now > held.next_try + GRACE:  # another process may have had it, or it is dead
            del self._held[delivery.event.subject]
            return False
        await delivery.message.nak(delay=max(held.next_try - now, 0) + BEHIND)
        return True

    async def _batch(self, deliveries: Sequence[Delivery]) -> None:
        """All of ``deliveries`` in one transaction, or, when that fails, each in its own."""
        try:
            await self._transaction(deliveries)
        except Exception as error:  # noqa: BLE001 - as above; each is tried alone to find the one that fails
            log.info(
                "batch_failed", service=self.service.NAME, events=len(deliveries), error=type(error).__name__
            )
        else:
            await self._done(deliveries)
            return
        away: Exception | None = None
        for delivery in deliveries:
            if await self._waits(delivery):
                continue
            if away is None:
                try:
                    await self._transaction([delivery])
                except Exception as error:  # noqa: BLE001 - as above
                    away = error if database_away(error) else None
                    await self._failed(delivery, error)
                else:
                    await self._done([delivery])
            else:  # asking a database that is away once per event would take for ever
                await self._failed(delivery, away)

    async def _transaction(self, deliveries: Sequence[Delivery]) -> None:
        events = [(delivery.sequence, delivery.event) for delivery in deliveries]
        now = datetime.now(UTC)
        handled = await in_thread(self.executor, lambda: handle(self.engine, self.service, events, now))
        if handled.outgoing:
            self.wake.set()
        name = self.service.NAME
        self.counts.handled[name] += handled.fresh
        self.counts.repeated[name] += len(deliveries) - handled.fresh
        self.counts.lag_seconds[name] = (datetime.now(UTC) - deliveries[-1].event.time).total_seconds()

    async def _done(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            self._settled(delivery)
            await delivery.message.ack()

    async def _failed(self, delivery: Delivery, error: Exception, *, outside: bool = False) -> None:
        """Let the event come again later, or bury it when it can never succeed."""
        message, event, sequence = delivery.message, delivery.event, delivery.sequence
        if not temporary(error, outside=outside):
            self._tries[sequence] += 1
            if self._tries[sequence] >= TRIES:
                self._settled(delivery)
                await self._bury(message, event.id, error)
                return
        self.counts.failed[self.service.NAME] += 1
        log.info("event_failed", service=self.service.NAME, event_id=event.id, error=type(error).__name__)
        delay = self.backoff[min(message.metadata.num_delivered, len(self.backoff)) - 1]
        held = self._held.get(event.subject)
        if held is None or sequence <= held.sequence or time.monotonic() > held.next_try + GRACE:
            self._held[event.subject] = Held(sequence, time.monotonic() + delay)
        await message.nak(delay=delay)

    async def _bury(self, message: Msg, event_id: str, error: Exception) -> None:
        """Make a dead letter of ``message``; when not even that can be stored, it comes again."""
        name, words, now = self.service.NAME, in_words(error), datetime.now(UTC)
        try:
            await in_thread(
                self.executor, lambda: bury(self.engine, name, event_id, words, message.data, now)
            )
        except SQLAlchemyError:
            await message.nak(delay=self.backoff[-1])
            return
        self.counts.dead[name] += 1
        log.error("event_dead", service=name, event_id=event_id, error=type(error).__name__)
        await message.ack()

    def _settled(self, delivery: Delivery) -> None:
        self._tries.pop(delivery.sequence, None)
        held = self._held.get(delivery.event.subject)
        if held is not None and held.sequence == delivery.sequence:
            del self._held[delivery.event.subject]


async def _say_alive(messages: Sequence[Msg]) -> None:
    """Keep the broker from delivering again what is still being worked on."""
    with contextlib.suppress(nats.errors.Error):
        while not called_off():
            await asyncio.sleep(ACK_WAIT / 3)
            for message in messages:
                if not message.is_acked:
                    await message.in_progress()
