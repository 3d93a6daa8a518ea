"""A database that was restored from a backup says so, and the devices bring back what it lost (R17)."""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from oms import audit, changes, restored
from oms.changes import News
from oms.schema import migrate
from oms.store import make_engine, sqlite_file
from tests.oms.counter import Counter
from tests.oms.uploads import NOW, upload


def epoch(engine: Engine) -> str:
    with Session(engine) as session:
        return changes.epoch(session)


def news(engine: Engine, count: int) -> None:
    with Session(engine) as session:
        changes.put(session, *(News("notice", {}) for _ in range(count)))
        session.commit()


def test_a_database_that_goes_on_keeps_its_epoch(engines: tuple[Engine, Engine], tmp_path: Path) -> None:
    writer, _ = engines
    first = epoch(writer)
    for _ in range(3):
        assert restored.watch(writer, tmp_path / "oms.epoch", NOW) is False
        news(writer, 2)
    assert epoch(writer) == first


def test_a_database_that_went_back_begins_a_new_epoch_once(
    engines: tuple[Engine, Engine], tmp_path: Path
) -> None:
    writer, _ = engines
    marker = tmp_path / "oms.epoch"
    first = epoch(writer)
    news(writer, 5)
    restored.watch(writer, marker, NOW)
    with Session(writer) as session:
        changes.take(session, changes.FEED, -3)
        session.commit()
    assert restored.watch(writer, marker, NOW) is True
    second = epoch(writer)
    assert second != first
    assert restored.watch(writer, marker, NOW) is False
    assert epoch(writer) == second
    with Session(writer) as session:
        assert [entry.action for entry in audit.entries(session, "oms")] == ["epoch.begun"]


def test_a_damaged_marker_is_written_anew(engines: tuple[Engine, Engine], tmp_path: Path) -> None:
    writer, _ = engines
    marker = tmp_path / "oms.epoch"
    for damage in ("", "[]", "{", '{"epoch": 5}'):
        marker.write_text(damage)
        assert restored.watch(writer, marker, NOW) is False
    assert epoch(writer) in marker.read_text()


async def test_nothing_is_missing_after_an_old_backup_was_restored(tmp_path: Path) -> None:
    """Orders and token rotations since the backup are lost; the device notices and offers its orders again."""
    url = f"sqlite:///{tmp_path / 'oms.db'}"
    path = sqlite_file(url)
    assert path is not None
    async with Counter.open(url, tmp_path) as oms:
        device = await oms.enrol()
        old = upload(device.who, 1001)
        await oms.post(device, old)
        before = oms.epoch()
    backup = tmp_path / "backup.db"
    shutil.copy(path, backup)
    async with Counter.open(url, tmp_path) as oms:
        later = [upload(device.who, serial) for serial in range(1002, 1012)]
        await oms.post(device, *later)
        for _ in range(4):
            device.tokens = await oms.tokens(device.tokens.refresh_token)
        restored.watch(oms.engine, tmp_path / "oms.epoch", NOW)
    shutil.copy(backup, path)
    for name in ("oms.db-wal", "oms.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    migrate(url)
    engine = make_engine(url)
    restored.watch(engine, tmp_path / "oms.epoch", NOW)
    engine.dispose()
    async with Counter.open(url, tmp_path) as oms:
        device.tokens = await oms.tokens(device.tokens.refresh_token)
        page = (await oms.http.get("/v1/changes?cursor=11", headers=device.headers)).json()
        assert page["epoch"] == oms.epoch() != before
        answer = await oms.post(device, old, *later)
        assert [item.result for item in answer.answers] == ["stored"] * 11
        assert {event.subject for event in oms.events()} == {one.order.id for one in (old, *later)}
        assert len(oms.events()) == 11
