"""Keeping the remembered catalogue up to date in the background: changes where partners tell them, else whole lists.

Partners are read side by side, so that nobody waits for one that is slow or does not answer; what was read is written
by one after the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping

import structlog

from partners.registry import Partner
from retail.errors import AisleError, TemporaryError
from sync import clock
from sync.catalogue import Shelf
from sync.catalogue.changes import Refreshed, refresh

AT_ONCE = 3  # partners that are read side by side: what of each waits to be written is in memory
TURN = 30.0  # seconds after which one lets another go first that waits; more than one answer may take
TELL_AGAIN = 2.0  # seconds between news of a catalogue that is being loaded
LOAD_AGAIN = 10.0  # seconds until a catalogue that did not load to the end is continued
CHANGES_AGAIN = 60.0  # seconds between questions for what changed
log = structlog.get_logger("sync.refreshing")


class _OthersWait(Exception):
    """A partner has been read for long enough; it goes on where it stopped once the others had their turn."""


class Refreshing:
    """Refreshes the shelf from the ``partners`` as they are at the time.

    ``heard`` is told who answered and who did not, ``changed`` that there is something new to look at. ``pause`` is
    the seconds between two whole lists of one partner.
    """

    def __init__(
        self,
        shelf: Shelf,
        partners: Mapping[str, Partner],
        heard: Callable[[str, bool], None],
        changed: Callable[[], None],
        pause: float,
    ) -> None:
        self._shelf = shelf
        self._partners = partners
        self._heard = heard
        self._changed = changed
        self._pause = pause
        self._next_at: dict[str, float] = {}
        self._places = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._writing = asyncio.Lock()

    async def one(
        self, partner: str, progress: Callable[[int], None] | None = None, *, whole: bool = False
    ) -> Refreshed | None:
        """Refresh what is known of one partner; None when it did not answer to the end (it goes on there next time).

        Called for several at a time, three are read and the others wait for their turn.
        """
        while True:
            self._waiting += 1
            try:
                await self._places.acquire()
            finally:
                self._waiting -= 1
            try:
                return await self._read(partner, progress, whole)
            except _OthersWait:
                continue
            finally:
                self._places.release()

    async def _read(
        self, partner: str, progress: Callable[[int], None] | None, whole: bool
    ) -> Refreshed | None:
        began = told = clock.steady()

        def loaded(count: int) -> None:
            nonlocal told
            self._heard(partner, True)
            if progress:
                progress(count)
            now = clock.steady()
            if now - told >= TELL_AGAIN:
                told = now
                self._changed()
            if self._waiting and now - began >= TURN:
                raise _OthersWait

        catalogue = self._partners.get(partner)
        if catalogue is None:  # its record went while it waited
            return None
        try:
            done = await refresh(
                self._shelf.engine, catalogue, clock.now(), loaded, whole=whole, turn=self._writing
            )
        except AisleError as error:
            self._heard(partner, not isinstance(error, TemporaryError))
            log.info("catalogue not refreshed", partner=partner, why=type(error).__name__)
            return None
        self._heard(partner, True)
        if done.count or done.whole:
            self._changed()
        return done

    def due(self, partner: str) -> bool:
        """Whether it is time to ask this partner, as far as is known on the disk: for commands that run once."""
        load = next((one for one in self._shelf.loads() if one.partner == partner), None)
        if load is None or load.loading or load.done_at is None or load.follows:
            return True
        return (clock.now() - load.done_at).total_seconds() >= self._pause

    async def withdraw(self) -> None:
        """Take the offers of partners that are not used any more off the shelf."""
        if await asyncio.to_thread(self._shelf.withdraw):
            self._changed()

    async def run(self, stop: asyncio.Event) -> None:
        """Refresh whoever is due until ``stop`` is set; what is under way then is broken off, and gone on with later."""
        running: dict[str, asyncio.Task[None]] = {}
        stopped = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                await _broken_off(running.pop(one) for one in running.keys() - self._partners.keys())
                await self.withdraw()
                for partner in self._partners:
                    if partner not in running and self._next_at.get(partner, 0.0) <= clock.steady():
                        running[partner] = asyncio.create_task(self._one_and_when_again(partner))
                await asyncio.wait(
                    (stopped, *running.values()), timeout=1.0, return_when=asyncio.FIRST_COMPLETED
                )
                for partner in [one for one, task in running.items() if task.done()]:
                    running.pop(partner).result()
        finally:
            stopped.cancel()
            await _broken_off(running.values())

    async def _one_and_when_again(self, partner: str) -> None:
        done = await self.one(partner)
        pause = self._pause if done is not None else LOAD_AGAIN
        if done is not None and await asyncio.to_thread(self._follows, partner):
            pause = min(pause, CHANGES_AGAIN)
        self._next_at[partner] = clock.steady() + pause

    def _follows(self, partner: str) -> bool:
        return any(load.follows for load in self._shelf.loads() if load.partner == partner)


async def _broken_off(tasks: Iterable[asyncio.Task[None]]) -> None:
    """End these, and wait until they have written what they had read."""
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)
