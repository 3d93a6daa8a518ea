"""Migrations: the same tables on both databases, old or new but never neither."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

from bench.postgres import new_database
from oms.schema import LOCK, metadata, migrate, newest, version
from oms.store import make_engine, sqlite_file
from retail.errors import Misconfigured
from tests.oms.locks import until, waiting_for_locks


def test_an_empty_database_gets_the_tables_of_the_models(database: str) -> None:
    assert migrate(database) == (None, newest())
    assert migrate(database) == (newest(), newest())
    engine = make_engine(database)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata()) == []
    assert version(engine) == newest()
    engine.dispose()


def test_only_our_tables_are_in_it() -> None:
    names = set(metadata().tables)
    assert {"orders", "outbox", "mail_out", "audit", "devices"} <= names
    assert not {name for name in names if name.startswith("toy_")}


def test_a_migration_that_breaks_leaves_nothing(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    created: list[str] = []
    real = op.create_table

    def breaks(name: str, *columns: object, **more: object) -> object:
        if len(created) == 8:
            raise OSError("the power went")
        created.append(name)
        return real(name, *columns, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(op, "create_table", breaks)
    with pytest.raises(OSError, match="power"):
        migrate(database)
    monkeypatch.undo()
    engine = make_engine(database)
    assert inspect(engine).get_table_names() == []
    engine.dispose()
    assert migrate(database) == (None, newest())


def test_two_at_the_same_time_do_it_once(database: str) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        results = pool.map(migrate, [database, database])
    assert sorted(results, key=str) == sorted([(None, newest()), (newest(), newest())], key=str)


def test_a_migration_waits_for_another(cluster: str) -> None:
    url = new_database(cluster)
    engine = make_engine(url)
    with ThreadPoolExecutor(1) as pool, engine.connect() as other:
        other.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        waiting = pool.submit(migrate, url)
        until(lambda: waiting_for_locks(engine) == 1)
        assert inspect(engine).get_table_names() == []
        other.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
        assert waiting.result(60) == (None, newest())
    engine.dispose()


def test_a_database_of_a_newer_program_is_left_alone(database: str) -> None:
    migrate(database)
    engine = make_engine(database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Misconfigured, match="newer version"):
        migrate(database)
    engine.dispose()


def test_a_new_file_is_for_its_owner_only(sqlite: str) -> None:
    migrate(sqlite)
    path = sqlite_file(sqlite)
    assert path is not None
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_is_no_database_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "oms.db"
    path.write_bytes(b"a letter to my mother" * 100)
    with pytest.raises(DBAPIError, match="not a database"):
        migrate(f"sqlite:///{path}")
    assert path.read_bytes() == b"a letter to my mother" * 100
