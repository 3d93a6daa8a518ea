"""Waiting for what another thread does, and seeing that it waits for a lock."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import Engine, text

PATIENCE = 60  # seconds


def until(true: Callable[[], bool]) -> None:
    """Wait for something that happens in another thread."""
    late = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < late
        time.sleep(0.001)


def waiting_for_locks(engine: Engine) -> int:
    """How many connections of this PostgreSQL database wait for a lock."""
    query = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with engine.connect() as connection:
        return int(connection.execute(text(query)).scalar_one())
