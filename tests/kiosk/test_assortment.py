"""What the reader knows of the catalogue: read in the background, again when it has changed."""

from __future__ import annotations

import asyncio
import threading
from array import array
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np
import pytest

from kiosk.assortment import Assortment
from kiosk.scanner.blurred.known import KnownCodes
from kiosk.scanner.live import Proposal
from kiosk.scanner.reading import Picture
from retail.errors import TemporaryError
from tests.kiosk.driver import PATIENCE
from tests.kiosk.fake_device import FakeDevice, gtin

PICTURE = np.zeros((8, 8, 3), np.uint8)


class Changing(FakeDevice):
    """A device whose catalogue is ``numbers``; it may wait, or fail, to say so."""

    def __init__(self, *numbers: int) -> None:
        super().__init__()
        self.numbers = list(numbers)
        self.gate = threading.Event()
        self.gate.set()
        self.fails = False
        self.asked_in: list[str] = []

    def gtins(self) -> array[int]:
        self.asked_in.append(threading.current_thread().name)
        assert self.gate.wait(PATIENCE)
        if self.fails:
            raise TemporaryError("busy")
        return array("Q", sorted(self.numbers))


class Sized:
    """A matcher that writes down how many codes it was given."""

    def __init__(self, given: list[int], codes: KnownCodes) -> None:
        given.append(len(codes))
        self.resets = 0

    def offer(self, picture: Picture) -> Proposal | None:
        return None

    def reset(self) -> None:
        self.resets += 1


@asynccontextmanager
async def learning(assortment: Assortment) -> AsyncIterator[None]:
    """Keep it up to date while the block runs."""
    task = asyncio.create_task(assortment.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(true: Callable[[], bool]) -> None:
    """Wait for another thread's work."""
    async with asyncio.timeout(PATIENCE):
        while not true():
            await asyncio.to_thread(lambda: None)


async def test_it_cannot_say_until_the_catalogue_was_read_and_then_knows_each_number() -> None:
    device = Changing(int(gtin(1)), int(gtin(7)), int(gtin(9)))
    device.gate.clear()
    assortment = Assortment(device)
    async with learning(assortment):
        assert assortment.knows(gtin(1)) is None
        device.gate.set()
        await until(lambda: assortment.knows(gtin(1)) is True)
    assert [assortment.knows(gtin(number)) for number in (1, 7, 9)] == [True] * 3
    assert [assortment.knows(gtin(number)) for number in (2, 8, 10)] == [False] * 3
    assert assortment.knows("00000000000000") is False
    assert assortment.knows("99999999999999") is False
    assert "MainThread" not in device.asked_in


@pytest.mark.parametrize(
    "key", ["A-17", "", "4012345000016", "٠٤٠١٢٣٤٥٠٠٠٠١٦", "https://example.com", "x" * 14]
)
async def test_of_codes_that_are_no_product_numbers_it_cannot_say(key: str) -> None:
    assortment = Assortment(Changing(int(gtin(1))))
    async with learning(assortment):
        await until(lambda: assortment.knows(gtin(1)) is True)
        assert assortment.knows(key) is None


async def test_of_an_empty_catalogue_it_cannot_say() -> None:
    device = Changing()
    assortment = Assortment(device)
    async with learning(assortment):
        await until(lambda: assortment.codes is not None)
        assert assortment.knows(gtin(1)) is None


async def test_a_changed_catalogue_is_read_again_and_the_old_one_answers_meanwhile() -> None:
    device = Changing(int(gtin(1)))
    given: list[int] = []
    assortment = Assortment(device, lambda codes: Sized(given, codes))
    proposer = assortment.proposer()
    proposer.reset()
    assert proposer.offer(PICTURE) is None
    assert given == []
    async with learning(assortment):
        await until(lambda: assortment.knows(gtin(1)) is True)
        proposer.offer(PICTURE)
        proposer.offer(PICTURE)
        device.numbers.append(int(gtin(2)))
        device.tell("health")
        device.gate.clear()
        device.tell("catalogue")
        await until(lambda: len(device.asked_in) == 2)
        assert assortment.knows(gtin(2)) is False
        device.gate.set()
        await until(lambda: assortment.knows(gtin(2)) is True)
        proposer.offer(PICTURE)
    assert given == [1, 2]
    assert device.watchers == []


async def test_what_cannot_be_read_now_is_read_with_the_next_change() -> None:
    device = Changing(int(gtin(1)))
    device.fails = True
    assortment = Assortment(device)
    async with learning(assortment):
        await until(lambda: len(device.asked_in) == 1)
        device.fails = False
        device.tell("catalogue")
        await until(lambda: assortment.knows(gtin(1)) is True)
