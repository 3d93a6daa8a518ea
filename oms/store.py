"""The OMS's database: one SQLite file or a PostgreSQL server, by URL; the same tables and rules on both.

Writers on SQLite say BEGIN IMMEDIATE, so that two of them queue instead of failing half way; readers have an
engine of their own that cannot write and never waits for a writer.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import DateTime, Dialect, Engine, Executable, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.exc import TimeoutError as DatabaseTimeout
from sqlalchemy.orm import Mapped
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel

from retail.errors import Misconfigured

T = TypeVar("T")
REMEMBERED = 50  # parameters of a statement that psycopg caches
PATIENCE = 30  # seconds to wait for another writer or a free connection


class Moment(TypeDecorator[datetime]):
    """An aware time, kept in UTC on both databases; SQLite has no zones and gets them back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database; a naive time is a programming mistake."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time in the database is aware")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database, always UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def read_url(url: str) -> URL:
    """``url`` with the driver we use: ``sqlite:///FILE`` or ``postgresql://...`` (psycopg 3).

    Raises Misconfigured for anything else; a password in the URL is never part of the message.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise Misconfigured(
            "The database URL cannot be read. Write sqlite:///FILE or postgresql://..."
        ) from error
    kind = parsed.get_backend_name()
    if kind == "sqlite" and parsed.database and parsed.database != ":memory:":
        return parsed.set(drivername="sqlite+pysqlite")
    if kind == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    raise Misconfigured(f"A {kind} database cannot be used. Write sqlite:///FILE or postgresql://...")


def make_engine(url: str, *, connections: int = 8) -> Engine:
    """The engine for writing. Nothing is connected yet.

    SQLite: WAL, synchronous FULL (COMMIT returns when the data is on the disk), foreign keys, BEGIN IMMEDIATE.
    """
    parsed = read_url(url)
    if parsed.get_backend_name() == "postgresql":
        return _postgres(parsed, connections)
    engine = _sqlite(parsed, connections)
    _take_turns(engine, str(parsed.database))

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


class Turns:
    """A lock that goes to who has waited longest. Any thread may give back what another one took."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Event] = deque()

    def take(self, patience: float) -> bool:
        """Wait for the turn; False when it did not come within ``patience`` seconds."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            called = threading.Event()
            self._waiting.append(called)
        if called.wait(patience):
            return True
        with self._guard:
            if called.is_set():  # just now
                return True
            self._waiting.remove(called)
        return False

    def give(self) -> None:
        """Hand on to who waits longest."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False


_TURNS: dict[str, Turns] = {}  # by file


def _take_turns(engine: Engine, database: str) -> None:
    """Let the writers of one process queue for the file, whatever engine they use.

    Left to itself, SQLite makes a writer that has to wait sleep for up to 100 ms and look again; under load it finds
    others there again and again. Writers of other processes still meet in SQLite, and wait PATIENCE at most.
    """
    turns = _TURNS.setdefault(str(Path(database).absolute()), Turns())

    @event.listens_for(engine, "checkout")
    def checkout(_connection: object, record: ConnectionPoolEntry, _proxy: object) -> None:
        if not turns.take(PATIENCE):
            raise DatabaseTimeout("other writers have held the database for too long")
        _kept(record)["aisle.turn"] = True

    @event.listens_for(engine, "checkin")
    def checkin(_connection: object, record: ConnectionPoolEntry) -> None:
        if _kept(record).pop("aisle.turn", False):
            turns.give()


def _kept(record: ConnectionPoolEntry) -> dict[Any, Any]:
    """What we note about a place in the pool; unlike ``info`` it outlives a broken connection."""
    found = record.record_info
    assert found is not None
    return found


def make_reader(url: str, *, connections: int = 8) -> Engine:
    """The engine for reading: every transaction is one consistent view, and writing in it fails."""
    parsed = read_url(url)
    if parsed.get_backend_name() == "postgresql":
        return _postgres(
            parsed,
            connections,
            isolation_level="REPEATABLE READ",
            execution_options={"postgresql_readonly": True},
        )
    engine = _sqlite(parsed, connections, "query_only=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN DEFERRED")

    return engine


def _postgres(url: URL, connections: int, **more: Any) -> Engine:
    options = f"{url.query.get('options', '')} -c timezone=UTC -c lock_timeout={PATIENCE}s"
    return create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=PATIENCE,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"connect_timeout": 5, "options": options},
        **more,
    )


def _sqlite(url: URL, connections: int, *pragmas: str) -> Engine:
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=PATIENCE,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": PATIENCE},
    )

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        _write_ahead(connection)
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000", *pragmas):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _write_ahead(connection: Any) -> None:
    """Switch to a write-ahead log. For this one step SQLite does not wait while another process does the same."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.005)


def sqlite_file(url: str) -> Path | None:
    """The file behind ``url``, None for a server."""
    parsed = read_url(url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def insert_new(
    session: Session,
    table: type[SQLModel],
    rows: Sequence[Mapping[str, Any]],
    returning: Mapped[T],
) -> set[T]:
    """Insert those ``rows`` that break no unique rule, and say which: the values of the column ``returning``.

    The one safe way to ask "was it new?": the row count is -1 on PostgreSQL, RETURNING is not.
    """
    if not rows:
        return set()
    # Statements small enough for the driver to remember: to take a large one apart costs more than to run it.
    page = max(1, REMEMBERED // len(rows[0]))
    statement = _insert_new(session.get_bind().dialect.name, table, returning, page)
    return set(session.connection().execute(statement, list(rows)).scalars())


@cache
def _insert_new(dialect: str, table: type[SQLModel], returning: Mapped[Any], page: int) -> Executable:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return (
        insert(table)
        .on_conflict_do_nothing()
        .returning(returning)
        .execution_options(insertmanyvalues_page_size=page)
    )
