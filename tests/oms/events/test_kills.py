"""kill -9 of the worker, of nats-server and of both, in the middle of the work: nothing lost, nothing twice."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from oms.events.models import DeadLetter, Outbox
from tests.oms.events.toys import PER_ORDER, chain, count, effects, kill_broker, place, running, twice, until

ORDERS = 600
ROOT = Path(__file__).parents[3]


@contextmanager
def worker(database: str, broker: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process, gone after the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.oms.events.worker", database, broker], cwd=ROOT, stderr=subprocess.PIPE
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


async def progress(engine: Engine, process: subprocess.Popen[bytes] | None, least: int) -> None:
    """Return when ``least`` effects have happened; fail at once when the worker has ended by itself."""

    def far() -> bool:
        assert process is None or process.poll() is None, process.communicate()[1].decode()
        return count(engine) >= least

    await until(far, f"{least} effects")


def assert_whole(engine: Engine) -> None:
    """Every effect of every order, once, in its order, and nothing left over."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for effect in effects(engine):
        found[effect.service, effect.order_id].append(effect.type)
    assert twice(engine) == []
    assert len(found) == 3 * ORDERS
    assert count(engine) == PER_ORDER * ORDERS
    assert count(engine, Outbox) == 0
    assert count(engine, DeadLetter) == 0


async def test_a_killed_worker_takes_its_broker_along_and_loses_nothing(
    engine: Engine, database: str, store: Path
) -> None:
    place(engine, [f"o{n}" for n in range(ORDERS)])
    for share in (0.1, 0.4, 0.7):
        with worker(database, str(store)) as process:
            await progress(engine, process, int(share * ORDERS * PER_ORDER))
            process.kill()
    with worker(database, str(store)) as process:
        await progress(engine, process, ORDERS * PER_ORDER)
        await until(lambda: count(engine, Outbox) == 0, "an empty outbox")
    assert_whole(engine)


async def test_a_killed_worker_beside_a_living_broker_loses_nothing(
    engine: Engine, database: str, url: str
) -> None:
    place(engine, [f"o{n}" for n in range(ORDERS)])
    with worker(database, url) as survivor:
        for share in (0.1, 0.5):
            with worker(database, url) as process:
                await progress(engine, process, int(share * ORDERS * PER_ORDER))
                process.kill()
        await progress(engine, survivor, ORDERS * PER_ORDER)
        await until(lambda: count(engine, Outbox) == 0, "an empty outbox")
    assert_whole(engine)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_killed_broker_is_started_anew_and_loses_nothing(engine: Engine, store: Path) -> None:
    place(engine, [f"o{n}" for n in range(ORDERS)])
    async with running(engine, store, chain()):
        for share in (0.1, 0.4, 0.7):
            await progress(engine, None, int(share * ORDERS * PER_ORDER))
            await kill_broker(store)
        await progress(engine, None, ORDERS * PER_ORDER)
        await until(lambda: count(engine, Outbox) == 0, "an empty outbox")
    assert_whole(engine)
