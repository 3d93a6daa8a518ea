"""Real databases for the tests of the OMS: SQLite always, a private PostgreSQL where its programs are installed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, MutableMapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import structlog
from sqlalchemy import Engine

from bench.postgres import find_binaries, private_postgres
from oms.schema import migrate
from oms.store import make_engine, make_reader
from tests.conftest import Need
from tests.oms.counter import Counter


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """No log lines: structlog's own way to draw a traceback takes seconds. Tests of logs set up what they need."""

    def drop(_logger: object, _name: str, _event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        raise structlog.DropEvent

    structlog.configure(processors=[drop])
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def cluster(need: Need) -> Iterator[str]:
    """The URL of a private PostgreSQL cluster."""
    need("postgresql", find_binaries() is not None, "PostgreSQL is not installed (Debian: postgresql)")
    with private_postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'oms.db'}"
    return schema_of(request.getfixturevalue("cluster"))


@pytest.fixture
def engines(database: str) -> Iterator[tuple[Engine, Engine]]:
    """A database with its tables: the engine for writing and the one for reading."""
    migrate(database)
    writer, reader = make_engine(database, connections=12), make_reader(database)
    yield writer, reader
    writer.dispose()
    reader.dispose()


@pytest.fixture
def postgresql(cluster: str) -> Iterator[tuple[Engine, Engine]]:
    """The engines of a migrated PostgreSQL database, for what only concerns several processes."""
    url = schema_of(cluster)
    migrate(url)
    writer, reader = make_engine(url), make_reader(url)
    yield writer, reader
    writer.dispose()
    reader.dispose()


def schema_of(cluster: str) -> str:
    """The URL of an empty schema. A database for each test would take a second."""
    name = f"t{uuid4().hex}"
    with psycopg.connect(cluster, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
    return f"{cluster}&options=-csearch_path%3D{name}"


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    """The URL of an empty SQLite database, for what does not depend on the kind."""
    return f"sqlite:///{tmp_path / 'oms.db'}"


@pytest.fixture
async def oms(database: str, tmp_path: Path) -> AsyncIterator[Counter]:
    """An OMS without a broker, on both kinds of database."""
    async with Counter.open(database, tmp_path) as counter:
        yield counter


@pytest.fixture
async def light(sqlite: str, tmp_path: Path) -> AsyncIterator[Counter]:
    """An OMS without a broker on SQLite, for what does not depend on the database."""
    async with Counter.open(sqlite, tmp_path) as counter:
        yield counter
