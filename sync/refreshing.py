"""Keeping the remembered catalogue up to date in the background: changes where partners tell them, else whole lists."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

import structlog

from partners.registry import Partner
from retail.errors import AisleError, TemporaryError
from sync import clock
from sync.catalogue import Shelf
from sync.catalogue.changes import Refreshed, refresh

TELL_AGAIN = 2.0  # seconds between news of a catalogue that is being loaded
LOAD_AGAIN = 10.0  # seconds until a catalogue that did not load to the end is continued
CHANGES_AGAIN = 60.0  # seconds between questions for what changed
log = structlog.get_logger("sync.refreshing")


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

    async def one(
        self, partner: str, progress: Callable[[int], None] | None = None, *, whole: bool = False
    ) -> Refreshed | None:
        """Refresh what is known of one partner; None when it did not answer to the end (it goes on there next time)."""
        told = clock.steady()

        def loaded(count: int) -> None:
            nonlocal told
            self._heard(partner, True)
            if progress:
                progress(count)
            if clock.steady() - told >= TELL_AGAIN:
                told = clock.steady()
                self._changed()

        try:
            done = await refresh(
                self._shelf.engine, self._partners[partner], clock.now(), loaded, whole=whole
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
        """Refresh whoever is due until ``stop`` is set."""
        while not stop.is_set():
            await self.withdraw()
            for partner in tuple(self._partners):
                if self._next_at.get(partner, 0.0) <= clock.steady() and not stop.is_set():
                    done = await self.one(partner)
                    pause = self._pause if done is not None else LOAD_AGAIN
                    if done is not None and await asyncio.to_thread(self._follows, partner):
                        pause = min(pause, CHANGES_AGAIN)
                    self._next_at[partner] = clock.steady() + pause
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), timeout=1.0)

    def _follows(self, partner: str) -> bool:
        return any(load.follows for load in self._shelf.loads() if load.partner == partner)
