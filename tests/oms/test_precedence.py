"""While many orders wait, what can be done later waits too, but nothing is starved."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from oms.precedence import Later
from oms.schema import migrate
from oms.store import make_engine
from tests.oms.counter import Counter
from tests.oms.locks import PATIENCE, until
from tests.oms.uploads import upload


@pytest.fixture
def engine(sqlite: str) -> Iterator[Engine]:
    """An engine for what can be done later."""
    migrate(sqlite)
    engine = make_engine(sqlite)
    yield engine
    engine.dispose()


def work(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE meta SET value = 'x'"))


class Pressure:
    """Orders that wait, or not; counts how often it was asked."""

    def __init__(self, *, on: bool) -> None:
        self.on = on
        self.asked = 0

    def __call__(self) -> bool:
        self.asked += 1
        return self.on


def test_without_pressure_nothing_waits(engine: Engine) -> None:
    pressure = Pressure(on=False)
    Later(engine, pressure)
    for _ in range(5):
        work(engine)
    assert pressure.asked == 5


def test_under_pressure_the_second_waits_until_it_is_over(engine: Engine) -> None:
    pressure = Pressure(on=True)
    Later(engine, pressure, longest=600)
    work(engine)
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(work, engine)
        until(lambda: pressure.asked >= 5)
        assert not second.done()
        pressure.on = False
        second.result(PATIENCE)


def test_who_waits_keeps_nobody_from_writing(engine: Engine, sqlite: str) -> None:
    pressure, first = Pressure(on=True), make_engine(sqlite)
    Later(engine, pressure, longest=600)
    work(engine)
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(work, engine)
        until(lambda: pressure.asked >= 5)
        work(first)
        pressure.on = False
        second.result(PATIENCE)
    first.dispose()


def test_under_lasting_pressure_everything_gets_its_turn(engine: Engine) -> None:
    Later(engine, Pressure(on=True), longest=0.02)
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work, engine) for _ in range(12)]:
            done.result(PATIENCE)


async def test_the_intake_presses_when_many_orders_wait(
    sqlite: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oms.intake.PRESSED", 600.0)
    async with Counter.open(sqlite, tmp_path) as oms:
        device = await oms.enrol()
        await oms.post(device, upload(device.who, 1))
        assert not oms.intake.pressed()
        await asyncio.gather(*(oms.post(device, upload(device.who, 10 + number)) for number in range(10)))
        assert oms.intake.pressed()
