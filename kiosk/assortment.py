"""Every product number that this store's catalogue knows, for the reader of codes. Made in the background.

One for the whole device, shared by its windows. Nobody waits for it: until it is there it cannot say, and while a new
one is made the old one answers.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import numpy as np
import structlog
from numpy.typing import NDArray

from kiosk.device import Device
from kiosk.scanner.blurred.known import KnownCodes
from kiosk.scanner.blurred.prior import Matcher
from kiosk.scanner.live import Proposal, Proposer
from kiosk.scanner.reading import Picture
from retail.errors import AisleError

REST_SECONDS = 0.5  # at least, between two makings
REST_SHARE = (
    20  # and so many times as long as the last one took: a catalogue that is loading changes all the time
)

log = structlog.get_logger("kiosk")


class Assortment:
    """What the catalogue of ``device`` knows. ``matching`` makes a proposer of its codes, one for each camera."""

    def __init__(self, device: Device, matching: Callable[[KnownCodes], Proposer] = Matcher) -> None:
        self._device = device
        self._matching = matching
        self._numbers: NDArray[np.uint64] | None = None
        self._codes: KnownCodes | None = None

    def knows(self, key: str) -> bool | None:
        """Whether the catalogue has the product that a ``Code.key`` names; None when that cannot be said (yet)."""
        numbers = self._numbers
        if numbers is None or not len(numbers) or len(key) != 14 or not (key.isascii() and key.isdecimal()):
            return None
        number = np.uint64(int(key))
        return bool(numbers[min(int(np.searchsorted(numbers, number)), len(numbers) - 1)] == number)

    def proposer(self) -> Proposer:
        """One that says which known product unreadable bars may be; it always asks the newest catalogue."""
        return _Newest(self)

    async def run(self) -> None:
        """Keep it as the catalogue is, until cancelled; the work is done in a thread."""
        changed = asyncio.Event()
        changed.set()
        end = self._device.watch(lambda topic: changed.set() if topic == "catalogue" else None)
        try:
            while True:
                await changed.wait()
                changed.clear()
                began = time.monotonic()
                try:
                    await asyncio.to_thread(self._make)
                except AisleError as error:
                    log.error("known codes not read", why=type(error).__name__)
                await asyncio.sleep(max(REST_SECONDS, (time.monotonic() - began) * REST_SHARE))
        finally:
            end()

    def _make(self) -> None:
        numbers = np.array(self._device.gtins(), np.uint64)
        if self._numbers is None or not np.array_equal(numbers, self._numbers):
            codes = KnownCodes.of(numbers)
            self._numbers, self._codes = numbers, codes

    def matcher(self, codes: KnownCodes) -> Proposer:
        """A proposer over ``codes``."""
        return self._matching(codes)

    @property
    def codes(self) -> KnownCodes | None:
        """The codes as they are now; None until they were read once."""
        return self._codes


class _Newest:
    """Hands each picture to a matcher of the codes that are known now."""

    def __init__(self, assortment: Assortment) -> None:
        self._assortment = assortment
        self._codes: KnownCodes | None = None
        self._matcher: Proposer | None = None

    def offer(self, picture: Picture) -> Proposal | None:
        codes = self._assortment.codes
        if codes is not None and codes is not self._codes:
            self._codes, self._matcher = codes, self._assortment.matcher(codes)
        return self._matcher.offer(picture) if self._matcher else None

    def reset(self) -> None:
        if self._matcher is not None:
            self._matcher.reset()
