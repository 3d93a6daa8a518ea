"""A search: what is asked, and its answer. An answer that comes after a newer question has been asked is dropped."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field, replace

import flet as ft

from kiosk.components.product_card import PAGE
from kiosk.device import Device
from kiosk.screens.search_choices import Choices
from kiosk.screens.search_meant import as_meant
from kiosk.screens.search_nothing import NOTHING, Instead
from kiosk.screens.search_results import Phase, has_words
from kiosk.session import Sought
from retail.errors import AisleError
from sync.catalogue import EVERYTHING, Filters, SearchPage
from sync.finding import words_alone

SLOW = 0.25  # seconds after which a question that is not answered yet is shown as such
PAINTED = 0.05  # seconds between a page of results and the counting of what it can be narrowed to
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
    ``filters`` are those of ``sought``. ``swatches`` are the colours of all results so far. ``instead`` is what would
    be found when nothing was.
    """

    device: Device
    sought: Sought
    phase: Phase = "ready"
    page: SearchPage | None = None
    categories: tuple[str, ...] = ()
    answered: str = ""
    typing: bool = False
    emptied: int = 0
    filters: Filters = EVERYTHING
    instead: Instead = NOTHING
    swatches: tuple[tuple[str, str], ...] = ()
    words: Words = field(default_factory=Words)
    choices: Choices = field(init=False)
    _asked: int = 0

    def __post_init__(self) -> None:
        self.choices = Choices(self.device)

    @classmethod
    def of(cls, device: Device, sought: Sought) -> SearchState:
        """With the answer to what was searched for last, at first to nothing: the whole catalogue."""
        state = cls(device, sought, filters=sought.filters, words=Words(sought.text))
        state.begin()
        return state

    def begin(self) -> None:
        """Answer at once, from this device's own catalogue."""
        try:
            self.categories = tuple(sorted(self.device.search(limit=1).categories))
            self._take(*self._search())
        except AisleError:
            self.phase = "failed"

    def look_again(self) -> None:
        """The catalogue has changed: answer again. What is on the screen stays where it is."""
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

    def narrow(self, filters: Filters) -> None:
        """Only what has all this from now on."""
        self.sought.filters = self.filters = filters
        self.sought.pages = 1

    def more(self) -> None:
        """One page more than now."""
        self.sought.pages = min(self.sought.pages + 1, MOST_PAGES)

    def empty(self) -> None:
        """No words any more; the filters stay, because they are seen to stay."""
        self.write("")
        self.emptied += 1

    def everything(self) -> None:
        """As at first: no words, no filters, all categories."""
        self.empty()
        self.narrow(EVERYTHING)

    def open_filters(self) -> None:
        """Show what can be chosen; ``count`` fills it."""
        self.typing = False
        self.choices.show()

    async def count(self) -> None:
        """Count what can be chosen for what is asked now: if somebody looks at it, or the page could not say it."""
        number, page, facets = self._asked, self.page, None
        if self.choices.open:
            counted = await self.choices.ask(self.sought.text, self.sought.filters)
            facets = counted.facets if counted else None
        elif page is not None and page.total and not page.categories:
            with contextlib.suppress(AisleError):
                facets = await asyncio.to_thread(self.device.facets, self.sought.text, self.sought.filters)
        known = facets is not None and not facets.approximate and page is not None and not page.categories
        if known and facets and page and number == self._asked and page is self.page:
            self.page = replace(page, categories={one.value: one.count for one in facets.category})

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
            found = await answer
        except AisleError:
            found = None
        if number != self._asked:
            return
        if found is None:
            self.phase = "failed"
            return
        self._take(*found)
        await asyncio.sleep(PAINTED)  # the page goes to the browser before anything else is computed
        await self.count()

    def _search(self) -> tuple[SearchPage, Instead]:
        sought = replace(self.sought)
        page = self.device.search(sought.text, filters=sought.filters, limit=sought.pages * PAGE)
        if not page.total:
            return page, self._instead(sought)
        return as_meant(page, sought.text, sought.filters, self.device.currency, self.device.listing), NOTHING

    def _instead(self, sought: Sought) -> Instead:
        if sought.filters != EVERYTHING:
            unfiltered = self.device.search(sought.text, limit=1).total
            if unfiltered:
                return Instead(unfiltered)
        words = " ".join(word for word in sought.text.split() if has_words(word))
        alone = words_alone(self.device.search, words, sought.filters)
        return Instead(alone=tuple(alone.items()))

    def _take(self, page: SearchPage, instead: Instead) -> None:
        self.page, self.instead, self.answered = page, instead, self.sought.text
        colours = {name: tint for listing in page.listings for name, tint in listing.product.swatches.items()}
        self.swatches = tuple((dict(self.swatches) | colours).items())
        nothing = not page.total and not self.categories and not self.device.health().products
        self.phase = "loading" if nothing else "ready"


def merged(before: SearchPage, now: SearchPage) -> SearchPage:
    """``now`` with the products that were there ``before`` in the places they had."""
    fresh = {listing.product.id: listing for listing in now.listings}
    kept = [fresh.pop(old.product.id) for old in before.listings if old.product.id in fresh]
    return replace(now, listings=(*kept, *fresh.values()))
