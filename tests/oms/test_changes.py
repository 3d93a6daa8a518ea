"""The change feed: one sequence without gaps, in which a reader never overlooks anything."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, insert
from sqlmodel import Session

from oms import audit, changes
from oms.changes import News
from oms.models import ChangeRow, Device
from tests.oms.counter import Counter
from tests.oms.locks import until, waiting_for_locks
from tests.oms.uploads import NOW, upload

HERE = Device(
    id="d1", store="berlin", name="", prefix="K7", enrolled_at=NOW, family="", rotated_at=NOW
)  # not stored: reading needs only who asks


def put(engine: Engine, *news: News) -> None:
    with Session(engine) as session:
        changes.put(session, *news)
        session.commit()


def seen(reader: Engine, cursor: int = 0, limit: int = changes.PAGE, device: Device = HERE) -> list[int]:
    with Session(reader) as session:
        page = changes.read(session, device, cursor, limit)
    return [change.sequence for change in page.changes]


async def test_pages_follow_each_other(oms: Counter) -> None:
    device = await oms.enrol()
    put(oms.engine, *(News("setting", {"name": f"n{n}", "value": "é"}) for n in range(1, 6)))
    found, cursor = [], 0
    for _ in range(3):
        answer = await oms.http.get(f"/v1/changes?cursor={cursor}&limit=2", headers=device.headers)
        page = answer.json()
        assert page["epoch"] == oms.epoch()
        found.append(([change["sequence"] for change in page["changes"]], page["cursor"], page["more"]))
        cursor = page["cursor"]
    assert found == [([1, 2], 2, True), ([3, 4], 4, True), ([5], 5, False)]
    assert page["changes"] == [{"sequence": 5, "kind": "setting", "body": {"name": "n5", "value": "é"}}]


async def test_the_cursor_passes_over_what_is_for_others(oms: Counter) -> None:
    device = await oms.enrol()
    put(oms.engine, *(News("notice", {}, store="hamburg") for _ in range(7)))
    answer = await oms.http.get("/v1/changes", headers=device.headers)
    assert answer.json() == {"epoch": oms.epoch(), "changes": [], "cursor": 7, "more": False}


def test_each_device_sees_what_concerns_it(database: str, engines: tuple[Engine, Engine]) -> None:
    writer, reader = engines
    put(
        writer,
        News("a", {}),
        News("b", {}, store="berlin"),
        News("c", {}, store="hamburg"),
        News("d", {}, store="berlin", device="d1"),
        News("e", {}, store="berlin", device="d2"),
        News("f", {}, device="d1"),
        News("g", {}, device="d2"),
    )
    assert seen(reader) == [1, 2, 4, 6]
    other = HERE.model_copy(update={"id": "d2", "store": "hamburg"})
    assert seen(reader, device=other) == [1, 3, 7]


def test_a_rolled_back_change_leaves_no_gap(engines: tuple[Engine, Engine]) -> None:
    writer, reader = engines
    put(writer, News("a", {}))
    with Session(writer) as session:
        changes.put(session, News("lost", {}))
        session.flush()
        session.rollback()
        changes.put(session, News("b", {}))
        session.commit()
    with pytest.raises(TypeError):
        put(writer, News("lost", {"x": object()}))
    put(writer, News("c", {}))
    assert seen(reader) == [1, 2, 3]


def test_a_later_number_waits_for_an_earlier_one(engines: tuple[Engine, Engine]) -> None:
    """A has its number but not committed; B must not appear before it."""
    writer, reader = engines
    with ThreadPoolExecutor(1) as pool, Session(writer) as a:
        number, _ = changes.take(a, changes.FEED, 1)
        a.connection().execute(
            insert(ChangeRow), {"sequence": number, "store": "", "device": "", "kind": "a", "body": "{}"}
        )
        b = pool.submit(put, writer, News("b", {}))
        if writer.dialect.name == "postgresql":
            until(lambda: waiting_for_locks(reader) == 1)
        assert seen(reader) == []
        assert not b.done()
        a.commit()
        b.result(60)
    assert seen(reader) == [1, 2]


def test_a_reader_sees_every_number_once_and_in_order(engines: tuple[Engine, Engine]) -> None:
    writer, reader = engines
    writers, each = 8, 40
    done = threading.Event()
    found: list[int] = []

    def read() -> None:
        while True:
            last = done.is_set()  # asked before reading, so that the last look comes after the last commit
            found.extend(seen(reader, found[-1] if found else 0, 50))
            if last and len(found) >= writers * each:
                return

    def write(number: int) -> None:
        for count in range(each):
            with Session(writer) as session:
                changes.put(session, *(News("x", {"by": number}) for _ in range(1 + count % 3 // 2)))
                session.commit()

    extra = sum(count % 3 // 2 for count in range(each)) * writers
    with ThreadPoolExecutor(writers + 1) as pool:
        reading = pool.submit(read)
        for work in [pool.submit(write, number) for number in range(writers)]:
            work.result(60)
        done.set()
        reading.result(60)
        found.extend(seen(reader, found[-1]))
    assert found == list(range(1, writers * each + extra + 1))


async def test_a_cursor_from_the_future_begins_a_new_epoch_once(oms: Counter) -> None:
    """Only a database that was restored can be behind its devices."""
    device, neighbour = await oms.enrol(), await oms.enrol()
    put(oms.engine, News("a", {}))
    first = oms.epoch()
    answer = (await oms.http.get("/v1/changes?cursor=99", headers=device.headers)).json()
    assert answer["changes"] == []
    assert (answer["cursor"], answer["more"]) == (1, False)
    assert answer["epoch"] == oms.epoch() != first
    again = (await oms.http.get("/v1/changes?cursor=120", headers=neighbour.headers)).json()
    assert again["epoch"] == answer["epoch"]
    with Session(oms.reader) as session:
        assert [entry.actor for entry in audit.entries(session, "oms")] == [device.who.device]
    oms.clock.turn(hours=24)
    fresh = await oms.tokens(device.tokens.refresh_token)
    headers = {"Authorization": f"Bearer {fresh.access_token}"}
    third = (await oms.http.get("/v1/changes?cursor=99", headers=headers)).json()
    assert third["epoch"] != answer["epoch"]


async def test_status_changes_reach_the_whole_store(oms: Counter) -> None:
    device, neighbour = await oms.enrol(), await oms.enrol()
    one = upload(device.who)
    await oms.post(device, one)
    answer = (await oms.http.get("/v1/changes", headers=neighbour.headers)).json()
    assert [(change["kind"], change["body"]) for change in answer["changes"]] == [
        ("order_status", {"order": one.order.id, "status": "queued"})
    ]
