"""The worker: whatever goes wrong at partners, each order is in their books once, and nobody waits for somebody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from partners.contract import Capabilities, Placed
from partners.goods import sample_assortment
from partners.memory import MemoryPartner
from retail.errors import Unreachable
from retail.order import Order, PartnerLine, PartnerOrder
from retail.status import LineStatus, OrderStatus
from sync.queue import LEASE, OrderQueue, OrderRecord
from sync.store.engine import reading
from sync.worker import AT_ONCE, PlacingWorker
from tests.retail.samples import NOW, order

S = LineStatus
A = Capabilities("A", key_life=timedelta(hours=24))
A_ASKABLE = Capabilities("A", key_life=timedelta(hours=24), can_look_up=True)
B = Capabilities("B", settling=timedelta(seconds=30))
C = Capabilities("C")


@dataclass
class Time:
    """Both clocks, moved by hand."""

    now: datetime = NOW
    steady: float = 1000.0

    def go(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.steady += seconds


@dataclass
class Shop:
    """A device's queue and worker with partners in memory."""

    queue: OrderQueue
    time: Time = field(default_factory=Time)
    partners: dict[str, Any] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)

    def open(self, partner: str, can: Capabilities = A_ASKABLE) -> MemoryPartner:
        """A partner whose things cost what ``order`` asks for: NO-00 at 49.90 and 4.90 for the parcel."""
        opened = MemoryPartner(
            sample_assortment(partner), capabilities=can, now=lambda: self.time.now, slow_seconds=0.0
        )
        self.partners[partner] = opened
        return opened

    def worker(self) -> PlacingWorker:
        return PlacingWorker(
            self.queue,
            self.partners,
            "device-1",
            now=lambda: self.time.now,
            steady=lambda: self.time.steady,
            changed=self.changed.append,
        )

    def buy(self, order_id: str, *partners: str) -> Order:
        """Order one linen shirt at each partner."""

        def make(number: str) -> Order:
            made = order(*[(partner, 1, 4990) for partner in partners], order_id=order_id, number=number)
            lines = tuple(replace(line, sku=f"{line.partner[:2].upper()}-00") for line in made.lines)
            return replace(made, lines=lines)

        made, _ = self.queue.place(order_id, make, "S1", {})
        return made

    def record(self, order_id: str = "o1") -> OrderRecord:
        found = self.queue.order(order_id)
        assert found is not None
        return found

    def status(self, order_id: str = "o1") -> LineStatus:
        return self.record(order_id).states[0].status()

    async def days(self, worker: PlacingWorker, count: int = 2) -> None:
        """Let time pass, ever faster, and the worker work."""
        pause = 1.0
        for _ in range(30):
            await worker.drain()
            self.time.go(pause)
            pause = min(pause * 1.6, 86400.0 * count / 10)


@pytest.fixture
def shop(queue: OrderQueue) -> Shop:
    return Shop(queue)


async def test_an_order_is_placed_at_every_partner(shop: Shop) -> None:
    north, east = shop.open("north"), shop.open("east")
    shop.buy("o1", "north", "east")

    assert await shop.worker().drain() == 2

    assert [len(north.bookings), len(east.bookings)] == [1, 1]
    assert shop.record().status() is OrderStatus.PLACED
    assert [part.key for part in shop.record().partner_orders] == [
        north.bookings[0].order.key,
        east.bookings[0].order.key,
    ]
    assert shop.changed == ["o1", "o1"]
    assert await shop.worker().drain() == 0


FAULTS = ["drop-after-accept", "timeout-after-accept", "500", "429", "slow", "garbage"]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("can", [A, A_ASKABLE, B], ids=["A", "A askable", "B"])
@pytest.mark.parametrize("times", [1, 2])
async def test_after_any_fault_it_is_in_the_ledger_once(
    shop: Shop, fault: str, can: Capabilities, times: int
) -> None:
    north = shop.open("north", can)
    north.faults.plan(fault, times)
    shop.buy("o1", "north")

    await shop.days(shop.worker())

    assert len(north.bookings) == 1
    assert shop.status() is S.ACCEPTED
    assert shop.record().states[0].reference == north.bookings[0].placed.reference


@pytest.mark.parametrize("fault", FAULTS)
async def test_at_a_class_c_partner_a_lost_answer_is_for_a_person(shop: Shop, fault: str) -> None:
    north = shop.open("north", C)
    north.faults.plan(fault, 1, "place")
    shop.buy("o1", "north")

    await shop.days(shop.worker())

    assert len(north.bookings) == 1
    assert shop.status() is (S.ACCEPTED if fault in ("429", "slow") else S.NEEDS_PERSON)


@pytest.mark.parametrize("hours", [0.4, 30, 24 * 42])
async def test_offline_with_an_unknown_outcome_the_key_is_not_outlived(shop: Shop, hours: float) -> None:
    north = shop.open("north", A)
    north.faults.plan("drop-after-accept", 1)
    shop.buy("o1", "north")
    worker = shop.worker()
    await worker.drain()

    shop.time.go(hours * 3600)
    await worker.drain()

    assert len(north.bookings) == 1
    assert shop.status() is (S.ACCEPTED if hours < 24 else S.NEEDS_PERSON)


async def test_a_refusal_is_kept_and_not_repeated(shop: Shop) -> None:
    north = shop.open("north")
    north.faults.plan("sold-out", 1)
    shop.buy("o1", "north")

    await shop.days(shop.worker())

    assert (shop.status(), shop.record().states[0].reason) == (S.REJECTED, "sold_out")
    assert (north.requests, north.bookings) == (1, [])


async def test_a_new_price_waits_for_consent(shop: Shop) -> None:
    north = shop.open("north")
    north.faults.plan("reprice", 1)
    shop.buy("o1", "north")

    await shop.days(shop.worker())

    assert (shop.status(), north.requests, north.bookings) == (S.NEEDS_CONSENT, 1, [])


class Broken(MemoryPartner):
    """An adapter with a bug."""

    async def place(self, order: PartnerOrder) -> Placed:
        raise KeyError("total")


async def test_a_bug_in_an_adapter_is_for_a_person_and_the_others_go_on(shop: Shop) -> None:
    shop.partners["north"] = Broken(sample_assortment("north"), capabilities=A)
    east = shop.open("east")
    for number in range(1, 4):
        shop.buy(f"o{number}", "north")
    shop.buy("o9", "east")

    await shop.worker().drain()

    assert [shop.status(f"o{number}") for number in (1, 2, 3, 9)] == [*[S.NEEDS_PERSON] * 3, S.ACCEPTED]
    assert shop.record().states[0].reason == "program_error"
    assert len(east.bookings) == 1


class Forgetful(MemoryPartner):
    """An adapter with a bug in how it asks how an order stands."""

    async def status(self, reference: str, lines: Sequence[PartnerLine]) -> Placed:
        raise KeyError("state")


async def test_a_bug_while_following_changes_nothing_and_stops_nobody(shop: Shop) -> None:
    shop.partners["north"] = Forgetful(sample_assortment("north"), capabilities=A)
    east = shop.open("east")
    shop.buy("o1", "north")
    worker = shop.worker()
    await worker.drain()
    shop.time.go(300)
    shop.buy("o2", "east")

    assert await worker.drain() == 2

    assert (shop.status("o1"), len(east.bookings)) == (S.ACCEPTED, 1)
    assert await worker.drain() == 0


async def test_shipping_and_delivery_are_followed(shop: Shop) -> None:
    north = shop.open("north")
    shop.buy("o1", "north")
    worker = shop.worker()
    await worker.drain()
    reference = north.bookings[0].placed.reference

    north.ship(reference)
    shop.time.go(300)
    await worker.drain()
    assert shop.record().status() is OrderStatus.SHIPPED
    assert [parcel.tracking for parcel in shop.record().states[0].shipments] == [f"T{reference}"]

    north.deliver(reference)
    shop.time.go(300)
    await worker.drain()
    assert shop.record().status() is OrderStatus.DELIVERED


async def test_a_partner_unknown_here_keeps_its_order_queued(shop: Shop) -> None:
    shop.buy("o1", "north")
    worker = shop.worker()

    assert await worker.drain() == 1
    assert shop.status() is S.QUEUED

    north = shop.open("north")
    shop.time.go(30)
    await worker.drain()
    assert len(north.bookings) == 1


class Down(MemoryPartner):
    """A partner that refuses connections until it is told otherwise."""

    down = True
    tries = 0

    async def place(self, order: PartnerOrder) -> Placed:
        self.tries += 1
        if self.down:
            raise Unreachable("connection refused", sent=False)
        return await super().place(order)


async def test_when_a_partner_is_back_everything_that_waits_is_due_at_once(shop: Shop) -> None:
    north = Down(sample_assortment("north"), capabilities=C, now=lambda: shop.time.now)
    for sku in ("NO-00",):
        north.change(sku, stock=100)
    shop.partners["north"] = north
    for number in range(20):
        shop.buy(f"o{number}", "north")
    worker = shop.worker()
    await worker.drain()
    assert worker.partner_is_up("north") is False
    assert north.tries <= AT_ONCE

    for _ in range(5):
        shop.time.go(1.0)
        await worker.drain()
    north.down = False
    shop.time.go(5.0)
    await worker.drain()

    assert len(north.bookings) == 20
    assert worker.partner_is_up("north") is True
    assert {shop.status(f"o{number}") for number in range(20)} == {S.ACCEPTED}


async def test_a_partner_that_asks_to_wait_is_left_alone_that_long(shop: Shop) -> None:
    north = shop.open("north")
    north.faults.plan("429", 1)
    shop.buy("o1", "north")
    shop.buy("o2", "north")
    worker = shop.worker()

    await worker.drain()
    requests = north.requests
    shop.time.go(0.9)
    await worker.drain()
    assert north.requests == requests

    shop.time.go(1.2)
    await worker.drain()
    assert len(north.bookings) == 2


class Hanging(MemoryPartner):
    """A partner that takes every connection and answers when it is let go."""

    def __init__(self, *rest: Any, **more: Any) -> None:
        super().__init__(*rest, **more)
        self.release = asyncio.Event()
        self.inside = 0
        self.most = 0

    async def place(self, order: PartnerOrder) -> Placed:
        self.inside += 1
        self.most = max(self.most, self.inside)
        await self.release.wait()
        self.inside -= 1
        return await super().place(order)


async def running(
    worker: PlacingWorker, until: Callable[[], bool], stop: asyncio.Event
) -> asyncio.Task[None]:
    """Start the worker and wait until something is so (at most a minute)."""
    task = asyncio.create_task(worker.run(stop))
    await becomes(until)
    assert not task.done()
    return task


async def becomes(true: Callable[[], bool]) -> None:
    """Let everything else run until something is so (at most a minute)."""
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 (what is waited for is nobody's event)
            await asyncio.sleep(0.005)


async def test_a_slow_partner_holds_up_nobody_else(shop: Shop) -> None:
    north = Hanging(sample_assortment("north"), capabilities=A, now=lambda: shop.time.now)
    north.change("NO-00", stock=100)
    shop.partners["north"] = north
    east = shop.open("east")
    for number in range(12):
        shop.buy(f"slow{number}", "north")
    for number in range(3):
        shop.buy(f"quick{number}", "east")
    stop = asyncio.Event()

    task = await running(shop.worker(), lambda: len(east.bookings) == 3 and north.inside == AT_ONCE, stop)

    assert (north.most, len(north.bookings)) == (AT_ONCE, 0)
    north.release.set()
    stop.set()
    await task
    assert len(north.bookings) == AT_ONCE
    assert [shop.status(f"slow{number}") for number in range(12)] == [S.ACCEPTED] * AT_ONCE + [S.QUEUED] * 8


async def test_what_is_being_sent_is_finished_and_recorded_before_stopping(shop: Shop) -> None:
    north = Hanging(sample_assortment("north"), capabilities=C)
    shop.partners["north"] = north
    shop.buy("o1", "north")
    stop = asyncio.Event()
    task = await running(shop.worker(), lambda: north.inside == 1, stop)

    stop.set()
    await asyncio.sleep(0)
    assert not task.done()
    assert shop.status() is S.PLACING
    north.release.set()
    await task

    assert (shop.status(), len(north.bookings)) == (S.ACCEPTED, 1)


async def test_a_wake_up_is_heard(shop: Shop) -> None:
    north = shop.open("north")
    worker = shop.worker()
    stop = asyncio.Event()
    task = await running(worker, lambda: True, stop)

    shop.buy("o1", "north")
    worker.wake()
    await becomes(lambda: bool(north.bookings))
    stop.set()
    await task

    assert shop.status() is S.ACCEPTED


@pytest.mark.parametrize("can", [A, B, C], ids=["A", "B", "C"])
async def test_a_worker_that_died_while_sending_is_settled_by_the_next(shop: Shop, can: Capabilities) -> None:
    north = Hanging(sample_assortment("north"), capabilities=can, now=lambda: shop.time.now)
    shop.partners["north"] = north
    shop.buy("o1", "north")
    dying = shop.queue.claim("another machine's", shop.time.now, shop.time.steady, owner="device-1")
    assert dying is not None
    sent = shop.queue.about_to_send(dying, shop.time.now)
    assert sent is not None
    north.release.set()
    await north.place(sent.order)  # and its answer reaches nobody

    shop.time.go(LEASE)
    await shop.days(shop.worker())

    assert len(north.bookings) == 1
    assert shop.status() is (S.NEEDS_PERSON if can is C else S.ACCEPTED)


async def test_a_store_that_cannot_be_written_places_nothing_and_goes_on_later(
    shop: Shop, engine: Engine
) -> None:
    north = shop.open("north")
    shop.buy("o1", "north")
    worker = shop.worker()
    stop = asyncio.Event()
    with reading(engine) as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")
    for _ in range(3):
        assert await worker.drain() == 0
    assert north.bookings == []

    with reading(engine) as connection:
        connection.exec_driver_sql("PRAGMA query_only = OFF")
    task = await running(worker, lambda: len(north.bookings) == 1, stop)
    stop.set()
    await task
    assert shop.status() is S.ACCEPTED
