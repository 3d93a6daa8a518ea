"""Tidying: handled events leave the stream and the inbox in time, unhandled ones never."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry
from sqlalchemy import Engine, update
from sqlmodel import Session, col, select

from oms.events.models import Inbox
from oms.events.outbox import STREAM
from oms.events.stream import trim
from retail.errors import Unreachable
from retail.events import Event
from tests.oms.events.toys import Toy, client_of, count, heard, place, running, stream_of, until


async def test_the_stream_keeps_what_a_service_has_not_handled(engine: Engine, url: str) -> None:
    def fail(session: Session, happened: Event) -> None:
        if happened.subject == "o4":
            raise Unreachable("away")

    services = [Toy("only", ["OrderCreated"]), Toy("other", ["OrderCreated"], fail)]
    async with running(engine, url, services, backoff=(0.1,)) as bus:
        client = await client_of(url)
        stream = stream_of(client)
        place(engine, [f"o{n}" for n in range(10)])
        await until(lambda: count(engine) == 19 and bus.counts.failed["other"] > 0, "all but one")
        await heard(stream, "only")
        await heard(stream, "other", unanswered=1)
        floors = await trim(stream, keep=3)
        assert floors == {"only": 10, "other": 4}
        assert (await stream.stream_info(STREAM)).state.first_seq == 5
        await bus.look(stream)
        assert bus.counts.waiting == {"only": 0, "other": 1}
        await client.close()


async def test_the_stream_keeps_the_newest_events(engine: Engine, url: str) -> None:
    async with running(engine, url, [Toy("only", ["OrderCreated"])]):
        client = await client_of(url)
        stream = stream_of(client)
        place(engine, [f"o{n}" for n in range(10)])
        await until(lambda: count(engine) == 10, "all effects")
        await heard(stream, "only")
        await trim(stream, keep=3)
        assert (await stream.stream_info(STREAM)).state.messages == 3
        await client.close()


async def test_the_inbox_forgets_what_cannot_come_again(engine: Engine, url: str) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=31)
    async with running(engine, url, [Toy("only", ["OrderCreated"])]) as bus:
        client = await client_of(url)
        stream = stream_of(client)
        place(engine, ["o1", "o2", "o3"])
        await until(lambda: count(engine) == 3, "all effects")
        await heard(stream, "only")
        with Session(engine) as session, session.begin():
            session.execute(update(Inbox).where(col(Inbox.sequence) <= 2).values(at=long_ago))
            session.add(Inbox(service="only", event_id="not yet handled by all", sequence=99, at=long_ago))
        await bus.tidy(stream)
        await client.close()
    with Session(engine) as session:
        assert session.exec(select(Inbox.sequence).order_by(col(Inbox.sequence))).all() == [3, 99]


async def test_prometheus_reads_the_counts(engine: Engine, store: Path) -> None:
    async with running(engine, store, [Toy("only", ["OrderCreated"])]) as bus:
        place(engine, ["o1", "o2"])
        await until(lambda: bus.counts.handled["only"] == 2 and bus.counts.published == 2, "both")
        registry = CollectorRegistry()
        registry.register(bus)
        assert registry.get_sample_value("aisle_events_published_total") == 2
        assert registry.get_sample_value("aisle_events_handled_total", {"service": "only"}) == 2
        assert registry.get_sample_value("aisle_events_lag_seconds", {"service": "only"})
