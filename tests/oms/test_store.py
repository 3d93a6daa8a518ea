"""Both databases behave the same where we rely on it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from functools import partial

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.exc import TimeoutError as DatabaseTimeout
from sqlmodel import Session, col

from oms import store
from oms.models import Meta, User
from oms.schema import migrate
from oms.store import insert_new, make_engine, read_url, sqlite_file
from retail.errors import Misconfigured
from tests.oms.locks import until


def test_only_new_rows_go_in_and_are_named(engines: tuple[Engine, Engine]) -> None:
    writer, _ = engines
    rows = [{"name": f"n{number}", "value": "first"} for number in range(130)]
    with Session(writer) as session:
        assert insert_new(session, Meta, [*rows, rows[0]], col(Meta.name)) == {row["name"] for row in rows}
        session.commit()
        more = [{**row, "value": "second"} for row in rows[100:]] + [{"name": "n130", "value": "second"}]
        assert insert_new(session, Meta, more, col(Meta.name)) == {"n130"}
        assert insert_new(session, Meta, [], col(Meta.name)) == set()
        session.commit()
        assert session.get_one(Meta, "n129").value == "first"


def test_times_come_back_aware_and_in_utc(engines: tuple[Engine, Engine]) -> None:
    from oms.models import EnrolCode

    writer, reader = engines
    there = datetime(2026, 11, 20, 10, 0, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
    with Session(writer) as session:
        session.add(EnrolCode(selector="a", proof="", store="s", expires_at=there))
        session.commit()
    with Session(reader) as session:
        found = session.get_one(EnrolCode, "a")
    assert found.expires_at == there
    assert found.expires_at.tzinfo is UTC
    assert found.used_at is None
    with Session(writer) as session:
        session.add(EnrolCode(selector="b", proof="", store="s", expires_at=there.replace(tzinfo=None)))
        with pytest.raises(StatementError, match="aware"):
            session.commit()


def test_the_reader_cannot_write(engines: tuple[Engine, Engine]) -> None:
    _, reader = engines
    with Session(reader) as session, pytest.raises(DBAPIError, match=r"read-?only"):
        session.connection().execute(text("DELETE FROM meta"))


def test_a_reader_sees_one_moment(engines: tuple[Engine, Engine]) -> None:
    writer, reader = engines
    with Session(reader) as session:
        before = session.connection().execute(text("SELECT count(*) FROM meta")).scalar()
        with Session(writer) as other:
            other.add(Meta(name="new", value=""))
            other.commit()
        assert session.connection().execute(text("SELECT count(*) FROM meta")).scalar() == before


def test_values_are_not_in_error_messages(engines: tuple[Engine, Engine]) -> None:
    writer, _ = engines
    with Session(writer) as session:
        row = {"user": "u", "name": "Zoë Canary", "password_hash": "", "role": "", "store": "", "version": 1}
        session.connection().execute(User.__table__.insert(), {**row, "active": True})  # type: ignore[attr-defined]
        with pytest.raises(DBAPIError) as caught:
            session.connection().execute(User.__table__.insert(), {**row, "active": True})  # type: ignore[attr-defined]
    assert "Canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:////data/oms.db", "sqlite+pysqlite"),
        ("postgresql://oms@db/oms", "postgresql+psycopg"),
        ("postgresql+psycopg2://oms@db/oms", "postgresql+psycopg"),
    ],
)
def test_our_driver_is_used(url: str, driver: str) -> None:
    assert read_url(url).drivername == driver


@pytest.mark.parametrize(
    "url", ["", "oms.db", "sqlite://", "sqlite:///:memory:", "mysql://x:secret@y/z", "::"]
)
def test_another_database_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        read_url(url)
    assert "secret" not in str(caught.value)
    assert "sqlite:///FILE" in str(caught.value)


def test_only_sqlite_has_a_file() -> None:
    assert str(sqlite_file("sqlite:////data/oms.db")) == "/data/oms.db"
    assert sqlite_file("postgresql://oms@db/oms") is None


def test_writers_of_one_file_take_turns_in_order(sqlite: str) -> None:
    """Whatever engine they use; each begins when the one before has committed, not a sleep later."""
    migrate(sqlite)
    engines_ = [make_engine(sqlite) for _ in range(2)]
    order: list[int] = []

    def write(number: int) -> None:
        with Session(engines_[number % 2]) as session:
            session.add(Meta(name=f"n{number}", value=""))
            session.flush()
            order.append(number)
            session.commit()

    with ThreadPoolExecutor(6) as pool:
        with Session(engines_[0]) as first:
            first.add(Meta(name="first", value=""))
            first.flush()
            turns = store._TURNS[str(sqlite_file(sqlite))]
            works = []

            def waits(count: int) -> bool:
                return len(turns._waiting) == count

            for number in range(6):
                works.append(pool.submit(write, number))
                until(partial(waits, number + 1))
            assert order == []
            first.commit()
        for work in works:
            work.result(60)
    assert order == list(range(6))
    for engine in engines_:
        engine.dispose()


def test_a_writer_that_breaks_gives_its_turn_back(sqlite: str) -> None:
    migrate(sqlite)
    engine = make_engine(sqlite)
    for _ in range(3):
        with Session(engine) as session:
            session.add(Meta(name="epoch", value="again"))
            with pytest.raises(DBAPIError):
                session.commit()
        with engine.connect() as connection:
            connection.invalidate()
    with Session(engine) as session:
        session.add(Meta(name="new", value=""))
        session.commit()
    engine.dispose()


def test_a_writer_does_not_wait_for_ever(sqlite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(sqlite)
    monkeypatch.setattr(store, "PATIENCE", 0.01)
    engine = make_engine(sqlite)
    with engine.connect(), pytest.raises(DatabaseTimeout, match="too long"), ThreadPoolExecutor(1) as pool:
        pool.submit(engine.connect).result(60)
    with engine.connect() as connection:
        connection.execute(text("DELETE FROM meta"))
    engine.dispose()
