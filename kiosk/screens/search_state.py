"""A search: what is asked, and its answer. An answer that comes after a newer question has been asked is dropped."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

import flet as ft

from kiosk.components.product_card import PAGE
from kiosk.device import Device
from kiosk.screens.search_results import Phase
from kiosk.session import Sought
from retail.errors import AisleError
from sync.catalogue import Filters, SearchPage

SLOW = 0.25  # seconds after which a question that is not answered yet is shown as such
LOOK_AGAIN = 1.0  # seconds between looks at a catalogue that is being loaded for the first time
MOST_PAGES = 10  # of results on one screen; narrowing the words is quicker than scrolling further


@dataclass(eq=False)
class Words(ft.Observable):
    """What is typed. On its own, so that a key redraws these words and no card: hand scanners type fast."""

    text: str = ""


@dataclass(eq=False)
class SearchState(ft.Observable):
    """A question and its answer. ``loading``: the catalogue is not here yet; ``failed``: it could not be read.

    ``answered`` are the words that ``page`` is the answer to. ``categories`` are those of the whole catalogue, so
    that their chips keep their places. ``emptied`` counts how often the field was emptied for the customer.
    """

    device: Device
    sought: Sought
    phase: Phase = "ready"
    page: SearchPage | None = None
    categories: tuple[str, ...] = ()
    answered: str = ""
    typing: bool = False
    emptied: int = 0
    words: Words = field(default_factory=Words)
    _asked: int = 0

    @classmethod
    def of(cls, device: Device, sought: Sought) -> SearchState:
        """With the answer to what was searched for last, at first to nothing: the whole catalogue."""
        state = cls(device, sought, words=Words(sought.text))
        state.begin()
        return state

    def begin(self) -> None:
        """Answer at once, from this device's own catalogue."""
        try:
            self.categories = tuple(sorted(self.device.search(limit=1).categories))
            self._take(self._search())
        except AisleError:
            self.phase = "failed"

    def heard(self, topic: str) -> None:
        """Look again when the catalogue has changed. What is on the screen stays where it is."""
        if topic != "catalogue":
            return
        before = self.page
        self._asked += 1
        self.begin()
        if before is not None and self.page is not None:
            self.page = merged(before, self.page)

    async def until_loaded(self) -> None:
        """Look again from time to time while there is nothing, so that the first products show as they come."""
        while self.phase == "loading":
            await asyncio.sleep(LOOK_AGAIN)
            self._asked += 1
            self.begin()

    def write(self, text: str) -> None:
        """Take the words so far, without asking yet."""
        self.words.text = self.sought.text = text
        self.sought.pages = 1

    def choose(self, category: str | None) -> None:
        """Only this category from now on; None for all."""
        self.sought.category, self.sought.pages = category, 1

    def more(self) -> None:
        """One page more than now."""
        self.sought.pages = min(self.sought.pages + 1, MOST_PAGES)

    def everything(self) -> None:
        """As at first: no words, all categories."""
        self.write("")
        self.choose(None)
        self.emptied += 1

    async def ask(self, pause: float = 0.0) -> None:
        """Ask after ``pause`` seconds, unless something else is asked before that; a late answer is dropped."""
        self._asked += 1
        number = self._asked
        await asyncio.sleep(pause)
        if number != self._asked:
            return
        answer = asyncio.ensure_future(asyncio.to_thread(self._search))
        await asyncio.wait({answer}, timeout=SLOW)
        if number == self._asked and not answer.done():
            self.phase = "busy"
        try:
            page = await answer
        except AisleError:
            page = None
        if number != self._asked:
            return
        if page is None:
            self.phase = "failed"
        else:
            self._take(page)

    def _search(self) -> SearchPage:
        sought = replace(self.sought)
        filters = Filters(category=sought.category)
        return self.device.search(sought.text, filters=filters, limit=sought.pages * PAGE)

    def _take(self, page: SearchPage) -> None:
        self.page, self.answered = page, self.sought.text
        nothing = not page.total and not self.categories and not self.device.health().products
        self.phase = "loading" if nothing else "ready"


def merged(before: SearchPage, now: SearchPage) -> SearchPage:
    """``now`` with the products that were there ``before`` in the places they had."""
    fresh = {listing.product.id: listing for listing in now.listings}
    kept = [fresh.pop(old.product.id) for old in before.listings if old.product.id in fresh]
    return replace(now, listings=(*kept, *fresh.values()))
