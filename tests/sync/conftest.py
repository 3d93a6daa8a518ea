"""A device's parts on real SQLCipher files in a temporary folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from sync.catalogue import Shelf
from sync.queue import OrderQueue
from sync.store.engine import open_engine
from sync.store.schema import migrate
from tests.sync.linking import Linked

KEY = bytes(range(32))


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that was migrated once, to be copied: that is quicker than migrating again."""
    path = tmp_path_factory.mktemp("empty") / "orders.db"
    engine = open_engine(path, KEY)
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture
def engine(tmp_path: Path, empty_store: Path) -> Iterator[Engine]:
    """An empty store."""
    path = Path(shutil.copy(empty_store, tmp_path))
    engine = open_engine(path, KEY)
    yield engine
    engine.dispose()


@pytest.fixture
def queue(engine: Engine) -> OrderQueue:
    """An empty queue."""
    return OrderQueue(engine)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    """An empty catalogue."""
    engine = open_engine(tmp_path / "catalogue.db", KEY, synchronous="NORMAL")
    yield Shelf(engine)
    engine.dispose()


@pytest.fixture
def fresh(engine: Engine, tmp_path: Path) -> Linked:
    """Not enrolled yet."""
    return Linked(engine, tmp_path)


@pytest.fixture
async def linked(fresh: Linked) -> Linked:
    await fresh.enrol()
    return fresh
