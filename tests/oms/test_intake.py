"""The intake under pressure: nothing is lost, nothing hangs, and who must come back is told when."""

from __future__ import annotations

import asyncio
import threading
from itertools import islice
from pathlib import Path

from sqlalchemy import Engine, event, text
from sqlmodel import Session

from oms.auth import Claims
from oms.models import OrderRow, PartnerOrderStateRow
from tests.oms.counter import Counter
from tests.oms.uploads import data, upload


def held(engine: Engine) -> threading.Event:
    """Let every transaction of ``engine`` wait until the event is set."""
    gate = threading.Event()
    event.listen(engine, "begin", lambda _: gate.wait(60))
    return gate


async def test_orders_posted_at_once_share_a_transaction(light: Counter) -> None:
    devices = [await light.enrol() for _ in range(4)]
    commits: list[int] = []
    event.listen(light.engine, "commit", lambda _: commits.append(1))
    gate = held(light.engine)
    posts = [
        asyncio.create_task(light.post(devices[n % 4], upload(devices[n % 4].who, 1000 + n)))
        for n in range(40)
    ]
    while light.parts.metrics.registry.get_sample_value("aisle_orders_waiting") != 40:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    gate.set()
    answers = await asyncio.gather(*posts)
    assert [answer.answers[0].result for answer in answers] == ["stored"] * 40
    assert light.count(OrderRow) == 40
    assert len(commits) <= 2  # the first, and all that came while it was stored


async def test_more_than_can_wait_is_told_to_come_back(sqlite: str, tmp_path: Path) -> None:
    async with Counter.open(sqlite, tmp_path, most_waiting=30) as oms:
        device = await oms.enrol()
        bodies = [data(*(upload(device.who, 100 * n + k) for k in range(10))) for n in range(8)]
        gate = held(oms.engine)
        posts = [
            asyncio.create_task(oms.http.post("/v1/orders:batch", json=body, headers=device.headers))
            for body in bodies
        ]
        refused = [await first for first in islice(asyncio.as_completed(posts), 5)]
        gate.set()
        answers = await asyncio.gather(*posts)
        stored = [answer for answer in answers if answer.status_code == 200]
        assert (len(stored), {answer.status_code for answer in refused}) == (3, {503})
        assert {(answer.json()["code"], answer.headers["Retry-After"]) for answer in refused} == {
            ("busy", "2")
        }
        assert oms.count(OrderRow) == 10 * len(stored)
        late = await oms.http.post("/v1/orders:batch", json=bodies[-1], headers=device.headers)
        assert late.status_code == 200


async def test_one_large_request_is_never_too_much(sqlite: str, tmp_path: Path) -> None:
    async with Counter.open(sqlite, tmp_path, most_waiting=5) as oms:
        device = await oms.enrol()
        uploads = [upload(device.who, serial) for serial in range(20)]
        assert await oms.results(device, *uploads) == [("stored", None)] * 20


async def test_a_database_that_is_away_is_not_the_orders_fault(oms: Counter) -> None:
    device = await oms.enrol()
    one = upload(device.who)
    with oms.engine.begin() as connection:
        connection.execute(text("ALTER TABLE partner_order_states RENAME TO gone"))
    answer = await oms.http.post("/v1/orders:batch", json=data(one), headers=device.headers)
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (
        503,
        "no_database",
        "2",
    )
    assert oms.count(OrderRow) == 0
    with oms.engine.begin() as connection:
        connection.execute(text("ALTER TABLE gone RENAME TO partner_order_states"))
    assert await oms.results(device, one) == [("stored", None)]
    assert oms.count(PartnerOrderStateRow) == 2


async def test_what_we_cannot_store_by_our_own_mistake_fails_alone(light: Counter) -> None:
    """A state in the database that nobody can read any more: its order is refused, the others go on."""
    device = await light.enrol()
    bad, good = upload(device.who, 1001), upload(device.who, 1002)
    await light.post(device, bad)
    with Session(light.engine) as session:
        row = session.get_one(PartnerOrderStateRow, bad.states[0].key)
        row.body = "{}"
        session.add(row)
        session.commit()
    assert await light.results(device, bad, good) == [("refused", "not_storable"), ("stored", None)]


async def test_stopping_stores_what_is_waiting(sqlite: str, tmp_path: Path) -> None:
    async with Counter.open(sqlite, tmp_path) as oms:
        device = await oms.enrol()
        who = Claims(device.who.device, device.who.store, 1)
        orders = [data(upload(device.who, 1000 + n))["orders"] for n in range(20)]
        waiting = [asyncio.ensure_future(oms.intake.submit(who, one)) for one in orders]
        await asyncio.sleep(0)  # now all of them are in the queue
        await oms.intake.stop()
        answers = [future.result() for future in waiting]
        assert [answer.answers[0].result for answer in answers] == ["stored"] * 20
        assert oms.count(OrderRow) == 20
