"""Takes uploaded orders in: one thread stores whatever is waiting in one transaction (group commit).

Many devices posting at once share one commit, which is what a database can do few of. An order that cannot be
stored fails alone: what breaks its group is tried again upload by upload, then order by order. Everything but the
transaction itself happens in the event loop's thread.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Engine, bindparam, select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as DatabaseTimeout
from sqlmodel import Session, col

from oms import auth, changes
from oms.auth import Claims
from oms.metrics import Metrics
from oms.models import Device
from oms.orders import store
from oms.problems import Refusal, busy, no_database, no_token, revoked
from oms.uploads import Bad, Upload, read_upload, upload_id
from sync.protocol import BatchAnswer, ItemAnswer

GROUP = 200  # orders in one transaction, unless one upload alone has more
MANY = 8  # orders waiting at once
PRESSED = 1.0  # seconds after that in which more are expected
AT_ONCE = 4  # orders that are read in the event loop; more of them in a thread
MOST_WAITING = 2_000  # orders, some seconds of work; beyond that devices are asked to come back later

_DEVICES = select(Device).where(col(Device.id).in_(bindparam("ids", expanding=True)))

log = structlog.get_logger("oms.intake")


@dataclass(slots=True)
class _Request:
    """One request's orders, read, and who waits for the answer."""

    claims: Claims
    orders: Sequence[Upload | ItemAnswer]
    future: asyncio.Future[BatchAnswer]


class Intake:
    """The one place where orders enter. ``stored`` is called after each commit, in the event loop's thread."""

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], datetime],
        metrics: Metrics,
        *,
        stored: Callable[[], None] = lambda: None,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._metrics = metrics
        self._stored = stored
        self._most_waiting = most_waiting
        self._queue: deque[_Request] = deque()
        self._waiting = 0  # orders, those being stored included
        self._pressed_until = 0.0
        self._executor = ThreadPoolExecutor(1, "intake")
        self._drain: asyncio.Task[None] | None = None

    async def stop(self) -> None:
        """Store what is waiting, then end."""
        if self._drain is not None:
            await self._drain
        self._executor.shutdown()

    async def submit(self, claims: Claims, orders: Sequence[Mapping[str, Any]]) -> BatchAnswer:
        """Store ``orders``; returns after COMMIT with one answer for each.

        Raises Refusal: ``busy`` (nothing was stored), ``no_database`` (unknown: post again), ``device_revoked``.
        """
        if self._waiting and self._waiting + len(orders) > self._most_waiting:
            raise busy(2)
        self._count(len(orders))
        try:
            if len(orders) <= AT_ONCE:
                read = _read(orders, claims)
            else:
                read = await asyncio.to_thread(_read, orders, claims)
            loop = asyncio.get_running_loop()
            upload = _Request(claims, read, loop.create_future())
            self._queue.append(upload)
            if self._drain is None or self._drain.done():
                self._drain = loop.create_task(self._store_waiting())
            return await upload.future
        finally:
            self._count(-len(orders))

    def pressed(self) -> bool:
        """Whether many orders have been waiting just now; what can be done later then should be."""
        return time.monotonic() < self._pressed_until

    def _count(self, more: int) -> None:
        self._waiting += more
        if self._waiting >= MANY:
            self._pressed_until = time.monotonic() + PRESSED
        self._metrics.waiting.set(self._waiting)

    async def _store_waiting(self) -> None:
        while self._queue:
            group = [self._queue.popleft()]
            orders = len(group[0].orders)
            while self._queue and orders < GROUP:
                orders += len(self._queue[0].orders)
                group.append(self._queue.popleft())
            for upload, result in zip(group, await self._store(group), strict=True):
                for answer in result.answers if isinstance(result, BatchAnswer) else ():
                    self._metrics.orders.labels(answer.result).inc()
                _answer(upload.future, result)
            self._stored()

    async def _store(self, group: Sequence[_Request]) -> list[BatchAnswer | Refusal]:
        started = time.perf_counter()
        work = asyncio.wrap_future(self._executor.submit(self._transaction, group))
        await asyncio.wait([work])
        error = work.exception()
        if error is None:
            self._metrics.commits.observe(time.perf_counter() - started)
            self._metrics.group.observe(sum(len(upload.orders) for upload in group))
            return work.result()
        if isinstance(error, DBAPIError | DatabaseTimeout) and not isinstance(
            error, IntegrityError | DataError
        ):
            log.warning("intake.database", why=type(error).__name__)
            return [no_database()] * len(group)
        if len(group) > 1:
            return [result for upload in group for result in await self._store([upload])]
        return [await self._one_by_one(group[0], error)]

    async def _one_by_one(self, upload: _Request, error: BaseException) -> BatchAnswer | Refusal:
        """One upload that cannot be stored as it is: its orders alone, so that one bad one fails alone."""
        if len(upload.orders) == 1:
            bad = Bad("key_taken", "conflict") if isinstance(error, IntegrityError) else Bad("not_storable")
            log.error("intake.order", outcome=bad.reason, exc_info=error)
            (empty,) = await self._store([_Request(upload.claims, [], upload.future)])
            answers = (bad.answer(_id(upload.orders[0])),)
            return replace(empty, answers=answers) if isinstance(empty, BatchAnswer) else empty
        whole = BatchAnswer("", ())
        for order in upload.orders:
            (result,) = await self._store([_Request(upload.claims, [order], upload.future)])
            if isinstance(result, Refusal):
                return result
            whole = BatchAnswer(result.epoch, whole.answers + result.answers)
        return whole

    # -- in the thread -------------------------------------------------------------------------------------

    def _transaction(self, group: Sequence[_Request]) -> list[BatchAnswer | Refusal]:
        now = self._clock()
        with Session(self._engine) as session:
            devices = _devices(session, {upload.claims.device for upload in group})
            good: list[Upload] = []
            results: list[list[ItemAnswer | Upload] | Refusal] = []
            for upload in group:
                device = devices.get(upload.claims.device)
                if device is None or device.revoked_at is not None:
                    results.append(revoked() if device else no_token())
                    continue
                auth.confirm(session, device, upload.claims.generation)
                checked = [_numbered(item, device) for item in upload.orders]
                good.extend(item for item in checked if isinstance(item, Upload))
                results.append(checked)
            answers = iter(store(session, good, now))
            epoch = changes.epoch(session)
            session.commit()
        return [
            result
            if isinstance(result, Refusal)
            else BatchAnswer(
                epoch, tuple(next(answers) if isinstance(item, Upload) else item for item in result)
            )
            for result in results
        ]


def _read(orders: Sequence[Mapping[str, Any]], claims: Claims) -> list[Upload | ItemAnswer]:
    """Reading an order takes as long as storing it, so it is done before it has its turn."""
    read: list[Upload | ItemAnswer] = []
    for data in orders:
        try:
            read.append(read_upload(data, claims))
        except Bad as error:
            read.append(error.answer(upload_id(data)))
    return read


def _id(item: Upload | ItemAnswer) -> str:
    return item.order.id if isinstance(item, Upload) else item.id


def _numbered(item: Upload | ItemAnswer, device: Device) -> Upload | ItemAnswer:
    """Order numbers are unique because every device has a prefix of its own; before enrolment, see ``uploads``."""
    if (
        isinstance(item, Upload)
        and item.order.store
        and not item.order.number.startswith(f"{device.prefix}-")
    ):
        return Bad("wrong_number").answer(item.order.id)
    return item


def _devices(session: Session, ids: set[str]) -> dict[str, Device]:
    rows = session.execute(_DEVICES, {"ids": sorted(ids)}).scalars()
    return {device.id: device for device in rows}


def _answer(future: asyncio.Future[BatchAnswer], result: BatchAnswer | Refusal) -> None:
    if future.done():  # the device hung up; it will ask again
        return
    if isinstance(result, Refusal):
        future.set_exception(result)
    else:
        future.set_result(result)
