"""The bus as a whole: every event's effects happen once, in an order's order, and nobody is blocked."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Literal

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy import event as sql_event
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select

from oms.events.bus import EventBus
from oms.events.counts import Counts
from oms.events.models import DeadLetter, Inbox, Outbox
from oms.events.outbox import STREAM, SUBJECT, put, revive, to_bytes
from oms.events.relay import Relay
from oms.events.server import NatsServer
from retail.errors import Misconfigured, Rejected, Unreachable
from retail.events import Event, OrderFulfilled, OrderProcessed, event
from tests.oms.events.toys import (
    NOW,
    PATIENCE,
    PER_ORDER,
    Careful,
    Effect,
    Toy,
    chain,
    client_of,
    count,
    created,
    effects,
    heard,
    kill_broker,
    place,
    running,
    stream_of,
    twice,
    until,
)


async def test_every_event_has_its_effects_once(engine: Engine, store: Path) -> None:
    place(engine, [f"o{n}" for n in range(250)])
    async with running(engine, store, chain()) as bus:
        await until(lambda: count(engine) == 250 * PER_ORDER, "all effects")
        await until(lambda: count(engine, Outbox) == 0, "an empty outbox")
        assert bus.ready()
        handled = {"first": 250, "second": 250, "third": 750}
        await until(lambda: bus.counts.handled == handled, "the count of all effects")
        await until(lambda: bus.counts.published == 250 * 3, "the count of all events")
    assert twice(engine) == []
    assert count(engine, Inbox) == 250 * PER_ORDER
    assert count(engine, DeadLetter) == 0


async def test_a_commit_elsewhere_is_found_without_a_wake(engine: Engine, store: Path) -> None:
    async with running(engine, store, chain()):
        place(engine, ["o1"])
        await until(lambda: count(engine) == PER_ORDER, "the chain")


async def test_an_event_published_twice_is_handled_once(engine: Engine, url: str) -> None:
    async with running(engine, url, [Toy("first", ["OrderCreated"])]) as bus:
        client = await client_of(url)
        for message_id in ("a", "b"):  # as long after each other as the broker forgets
            await stream_of(client).publish(
                SUBJECT + "OrderCreated", to_bytes(created("o1")), headers={"Nats-Msg-Id": message_id}
            )
        await until(lambda: bus.counts.repeated["first"] == 1, "the repeat")
        await client.close()
    assert [(e.service, e.order_id) for e in effects(engine)] == [("first", "o1")]


async def test_a_relay_that_dies_before_deleting_publishes_again_without_harm(
    engine: Engine, store: Path
) -> None:
    failures: list[str] = []

    @sql_event.listens_for(engine, "before_cursor_execute")
    def fail_once(connection: Connection, cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("DELETE FROM outbox") and not failures:
            failures.append(statement)
            raise OperationalError(statement, {}, Exception("gone"))

    place(engine, ["o1", "o2"])
    async with running(engine, store, chain()) as bus:
        await until(lambda: count(engine, Outbox) == 0 and count(engine) == 2 * PER_ORDER, "all effects")
        assert bus.counts.relay_failed == 1
    assert len(failures) == 1
    assert twice(engine) == []


async def test_poison_is_a_dead_letter_and_blocks_nobody(engine: Engine, url: str) -> None:
    def fail(session: Session, happened: Event) -> None:
        if happened.subject == "bad-rule":
            raise ValueError("no such thing")
        if happened.subject == "bad-sql":
            session.add(DeadLetter(service="first", event_id="x", error=None, body=b"", at=NOW))  # type: ignore[arg-type]
            session.flush()

    async with running(engine, url, [Toy("first", ["OrderCreated"], fail), *chain()[1:]]) as bus:
        client = await client_of(url)
        await stream_of(client).publish(SUBJECT + "OrderCreated", b"{broken")
        await client.close()
        place(engine, ["o1", "bad-rule", "o2", "bad-sql", "o3"])
        await until(lambda: bus.counts.dead == {"first": 3, "third": 1}, "the burials")

        def good() -> list[str]:
            return sorted(e.order_id for e in effects(engine) if e.service == "second")

        await until(lambda: len(good()) >= 3, "the good ones")
        assert good() == ["o1", "o2", "o3"]
    with Session(engine) as session:
        letters = {(row.service, row.event_id): row for row in session.exec(select(DeadLetter))}
    assert letters["first", created("bad-rule").id].error == "ValueError: no such thing"
    assert letters["first", created("bad-rule").id].body == to_bytes(created("bad-rule"))
    assert letters["first", created("bad-sql").id].error.startswith("IntegrityError: ")
    assert letters["first", "unreadable-1"].body == b"{broken"
    assert len(letters) == 4
    assert twice(engine) == []
    assert not [e for e in effects(engine) if e.service == "first" and e.order_id.startswith("bad")]


async def test_a_revived_dead_letter_is_handled_by_its_service_alone(engine: Engine, store: Path) -> None:
    mended: list[bool] = []

    def fail(session: Session, happened: Event) -> None:
        if not mended:
            raise ValueError("a bug")

    async with running(engine, store, [Toy("first", ["OrderCreated"], fail), *chain()[1:]]) as bus:
        place(engine, ["o1"])
        await until(lambda: count(engine, DeadLetter) == 1, "the burial")
        mended.append(True)
        with Session(engine) as session, session.begin():
            assert revive(session, "first", created("o1").id)
            assert not revive(session, "first", "unknown")
        bus.wake.set()
        await until(lambda: count(engine) == PER_ORDER, "the rest of the chain")
        assert (
            bus.counts.repeated["third"] == 0
        )  # it has seen what was published later, and the event itself once
    assert twice(engine) == []
    assert count(engine, DeadLetter) == 0


async def test_what_fails_for_now_is_tried_until_it_works(engine: Engine, store: Path) -> None:
    calls: list[str] = []

    async def outside(happened: Event) -> None:
        calls.append(happened.subject)
        if happened.subject == "flaky" and calls.count("flaky") <= 12:
            raise (
                Unreachable("timeout")
                if calls.count("flaky") % 2
                else RuntimeError("an error nobody foresaw")
            )

    paid = Careful("first", ["OrderCreated"])
    paid.outside = outside
    async with running(engine, store, [paid, *chain()[1:]]) as bus:
        place(engine, ["flaky", "fine"])
        await until(lambda: count(engine) == 2 * PER_ORDER, "both orders")
        assert bus.counts.failed == {"first": 12}
    assert calls.count("flaky") == 13
    assert calls.count("fine") == 1
    assert count(engine, DeadLetter) == 0


async def test_a_refusal_from_outside_is_a_dead_letter(engine: Engine, store: Path) -> None:
    async def outside(happened: Event) -> None:
        if happened.subject == "refused":
            raise Rejected("card_declined")

    paid = Careful("first", ["OrderCreated"])
    paid.outside = outside
    async with running(engine, store, [paid]):
        place(engine, ["refused", "fine"])
        await until(lambda: count(engine, DeadLetter) == 1 and count(engine) == 1, "one each")
    with Session(engine) as session:
        assert session.exec(select(DeadLetter)).one().error == "Rejected: card_declined"


async def test_a_database_that_is_away_buries_nothing(engine: Engine, store: Path) -> None:
    def fail(session: Session, happened: Event) -> None:
        if len(tries) < 6:
            tries.append(happened.subject)
            raise OperationalError("select", {}, Exception("database is locked"))

    tries: list[str] = []
    async with running(engine, store, [Toy("first", ["OrderCreated"], fail)]):
        place(engine, ["o1", "o2", "o3"])
        await until(lambda: count(engine) == 3, "all three")
    assert count(engine, DeadLetter) == 0
    assert twice(engine) == []


async def test_later_events_of_an_order_wait_behind_one_that_is_tried_again(
    engine: Engine, store: Path
) -> None:
    failed: list[str] = []

    async def outside(happened: Event) -> None:
        if happened.subject == "slow" and happened.type == "OrderCreated" and len(failed) < 3:
            failed.append(happened.id)
            raise Unreachable("timeout")

    toy = Careful("only", ["OrderCreated", "OrderProcessed", "OrderFulfilled"])
    toy.outside = outside
    with Session(engine) as session, session.begin():
        for order in ("slow", "quick"):
            news = (OrderProcessed("N", 1), OrderFulfilled("N", 1, 0))
            put(session, [created(order), *(event(order, body, NOW, cause="toy") for body in news)])
    async with running(engine, store, [toy], backoff=(0.3,)):
        await until(lambda: count(engine) == 6, "all events")
    done = [(e.order_id, e.type) for e in effects(engine)]
    backbone = ["OrderCreated", "OrderProcessed", "OrderFulfilled"]
    assert [kind for order, kind in done if order == "slow"] == backbone
    assert done[:3] == [("quick", kind) for kind in backbone]
    assert len(failed) == 3


async def test_the_broker_may_come_later_and_go_away(engine: Engine, store: Path) -> None:
    place(engine, ["o1"])
    async with running(engine, store, chain()):
        await until(lambda: count(engine) == PER_ORDER, "the first order")
        await kill_broker(store)
        place(engine, ["o2"])
        await until(lambda: count(engine) == 2 * PER_ORDER, "the second order")
    assert twice(engine) == []


async def test_consumers_that_were_removed_come_back(engine: Engine, url: str) -> None:
    async with running(engine, url, [Toy("first", ["OrderCreated"])]) as bus:
        client = await client_of(url)
        stream = stream_of(client)
        await stream.delete_consumer(STREAM, "first")
        await bus.look(stream)
        place(engine, ["o1"])
        await until(lambda: count(engine) == 1, "the effect")
        await heard(stream, "first")
        await bus.look(stream)
        assert bus.counts.waiting == {"first": 0}
        await client.close()


async def test_two_processes_share_the_work_and_do_it_once(engine: Engine, url: str) -> None:
    place(engine, [f"o{n}" for n in range(300)])
    async with running(engine, url, chain()), running(engine, url, chain()):
        await until(lambda: count(engine) == 300 * PER_ORDER, "all effects")
    assert twice(engine) == []
    assert isinstance(effects(engine)[0], Effect)


class Watched(asyncio.Event):
    """An event that tells when somebody waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.awaited = asyncio.Event()

    async def wait(self) -> Literal[True]:
        """As always."""
        self.awaited.set()
        return await super().wait()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_relay_stops_when_told_even_in_the_moment_it_is_woken(engine: Engine, url: str) -> None:
    client = await client_of(url)
    for steps in range(5):
        wake = Watched()
        task = asyncio.create_task(Relay(engine, wake, Counts()).run(stream_of(client)))
        await wake.awaited.wait()
        await asyncio.sleep(0)
        wake.set()
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task}, timeout=PATIENCE)
        assert task.done()
        assert task.cancelled() or task.exception() is None
    await client.close()


async def test_stopping_is_prompt_and_loses_nothing(engine: Engine, store: Path) -> None:
    def away(session: Session, happened: Event) -> None:
        raise Unreachable("away")

    place(engine, [f"o{n}" for n in range(300)])
    async with running(engine, store, [*chain()[:2], Toy("third", chain()[2].EVENTS, away)]):
        await until(lambda: count(engine) > 100, "some effects")
    assert count(engine) < 300 * PER_ORDER
    async with asyncio.timeout(PATIENCE):
        async with running(engine, store, chain()):
            await until(lambda: count(engine) == 300 * PER_ORDER, "the rest")
    assert twice(engine) == []


async def test_a_broker_that_is_not_there_yet_is_waited_for(engine: Engine, store: Path) -> None:
    server = NatsServer(store)
    url = await server.start()
    await server.stop()
    bus, stop = EventBus(engine, url, chain(), wake=asyncio.Event()), asyncio.Event()
    task = asyncio.create_task(bus.run(stop))
    place(engine, ["o1"])
    await until(lambda: bus.counts.connects_failed > 0, "a failed attempt")
    assert not bus.ready()
    assert not task.done()
    stop.set()
    await task
    assert count(engine, Outbox) == 1


@pytest.mark.parametrize("url", ["localhost:no-port", "nats://"])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_url_that_is_none_is_said_at_once(engine: Engine, url: str) -> None:
    with pytest.raises(Misconfigured, match="Write nats://HOST:PORT"):
        await EventBus(engine, url, chain(), wake=asyncio.Event()).run(asyncio.Event())
