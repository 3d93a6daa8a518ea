"""What a search can be narrowed by: the values that lead somewhere, and how many products each leads to.

It is asked for only while somebody looks at it, after the page of results has been shown: so nobody who just types
waits for it. An answer that comes after a newer question, or after the sheet has been closed, is dropped.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

import flet as ft

from kiosk.components.keypad import ENTER, pressed
from kiosk.device import Device
from retail.errors import AisleError
from sync.catalogue import FacetCount, Facets, Filters

FACETS = ("size", "colour", "brand", "partner")  # the fields of Filters that take one value out of many
SLOW = 0.25  # seconds after which counts that have not come yet are shown as being counted
MOST = {"size": 18, "colour": 12, "brand": 12, "partner": 12}  # values of a facet; the others are in a list
LONGEST = 40  # characters typed on our own keys


@dataclass(frozen=True, slots=True)
class PriceRange:
    """Prices from ``low`` to ``high``, both included, in minor units; None is no limit."""

    low: int | None
    high: int | None


class Total(NamedTuple):
    """How many there are; more than that when it is not ``exact``."""

    number: int
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Counted:
    """What there is to choose: the facets, price ranges with their counts, and how many can be sent now."""

    facets: Facets
    prices: tuple[tuple[PriceRange, Total], ...]
    sendable: Total

    def after(self, before: Counted) -> Counted:
        """This, with the values in the places they had ``before``: one that leads nowhere any more stays, with 0."""
        old, new = before.facets, self.facets
        return replace(
            self,
            facets=replace(
                new,
                size=in_place(old.size, new.size),
                colour=in_place(old.colour, new.colour),
                brand=in_place(old.brand, new.brand),
                partner=in_place(old.partner, new.partner),
            ),
        )


@dataclass(eq=False)
class Narrowing(ft.Observable):
    """What is typed to find one of many values. On its own, so that a key redraws the list alone."""

    text: str = ""


@dataclass(eq=False)
class Choices(ft.Observable):
    """``closed``: nobody looks. ``asking``: counting takes its time. ``only``: the one facet that is shown in full.

    ``leading`` are the values of each facet that are shown before all of them are asked for.
    """

    device: Device
    phase: Literal["closed", "asking", "ready", "failed"] = "closed"
    counted: Counted | None = None
    only: str = ""
    leading: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    narrowing: Narrowing = field(default_factory=Narrowing)
    _asked: int = 0

    @property
    def open(self) -> bool:
        """Whether somebody looks at them."""
        return self.phase != "closed"

    def show(self) -> None:
        """Open; nothing is known yet."""
        self.phase, self.counted, self.leading = "asking", None, {}
        self.back()

    def close(self) -> None:
        """Nobody looks any more; what is being counted is dropped."""
        self._asked += 1
        self.phase = "closed"

    def all_of(self, facet: str) -> None:
        """Show every value of ``facet``."""
        self.narrowing.text, self.only = "", facet

    def back(self) -> None:
        """Show all facets again."""
        self.narrowing.text, self.only = "", ""

    def write(self, text: str) -> None:
        """Take what is typed to find one of the values."""
        self.narrowing.text = text

    def press(self, key: str) -> None:
        """A key of our own was pressed over the values of one facet."""
        if key == ENTER:
            self.back()
        else:
            self.write(pressed(self.narrowing.text, key, longest=LONGEST))

    async def ask(self, text: str, filters: Filters) -> Counted | None:
        """Count for this question; None when nobody looks, it fails, or another question was asked meanwhile."""
        if not self.open:
            return None
        self._asked += 1
        number = self._asked
        before = self.counted
        ranges = tuple(one for one, _ in before.prices) if before else ()
        answer = asyncio.ensure_future(asyncio.to_thread(count, self.device, text, filters, ranges))
        await asyncio.wait({answer}, timeout=SLOW)
        if number == self._asked and not answer.done():
            self.phase = "asking"
        try:
            counted = await answer
        except AisleError:
            counted = None
        if number != self._asked:
            return None
        now = counted.after(before) if counted and before else counted
        if now is not None:
            self.leading = {
                name: leading(getattr(now.facets, name), self.leading.get(name, ()), MOST[name])
                for name in FACETS
            }
        self.counted = now
        self.phase = "failed" if counted is None else "ready"
        return counted


def count(device: Device, text: str, filters: Filters, ranges: tuple[PriceRange, ...] = ()) -> Counted:
    """What the products found can be narrowed by; without ``ranges`` of prices, by the bands that they fall into.

    Raises AisleError when the catalogue cannot be read.
    """
    facets = device.facets(text, filters)
    if not ranges and len(facets.prices) > 1:
        ranges = tuple(PriceRange(band.low, band.high) for band in facets.prices)

    def total(wanted: Filters) -> Total:
        page = device.search(text, filters=wanted, limit=1)
        # A page without a product leads nowhere, however many had to be looked through for it.
        return Total(page.total if page.listings else 0, page.exact_total or not page.listings)

    prices = tuple((one, total(replace(filters, price_from=one.low, price_to=one.high))) for one in ranges)
    return Counted(facets, prices, total(replace(filters, available=True)))


def in_place(before: Sequence[FacetCount], now: Sequence[FacetCount]) -> tuple[FacetCount, ...]:
    """The counts of ``now`` in the order of ``before``; what is new comes last."""
    fresh = {one.value: one for one in now}
    return (*(fresh.pop(old.value, FacetCount(old.value, 0)) for old in before), *fresh.values())


def active(filters: Filters) -> Iterator[tuple[str, Filters]]:
    """Each thing that ``filters`` narrow by besides the category, and what is left without it."""
    if filters.available:
        yield "available", replace(filters, available=False)
    if filters.size is not None:
        yield "size", replace(filters, size=None)
    if filters.colour is not None:
        yield "colour", replace(filters, colour=None)
    if filters.brand is not None:
        yield "brand", replace(filters, brand=None)
    if filters.partner is not None:
        yield "partner", replace(filters, partner=None)
    if filters.price_from is not None or filters.price_to is not None:
        yield "price", replace(filters, price_from=None, price_to=None)


def values(facets: Facets, facet: str, chosen: str | None) -> tuple[FacetCount, ...]:
    """The values of a facet; what is chosen is among them even when nothing found has it."""
    found: tuple[FacetCount, ...] = getattr(facets, facet)
    if chosen is not None and all(one.value != chosen for one in found):
        return (FacetCount(chosen, 0), *found)
    return found


def leading(found: Sequence[FacetCount], before: Sequence[str], most: int) -> tuple[str, ...]:
    """The ``most`` values that lead to most products; those that led ``before`` stay, so that nothing moves."""
    fresh = sorted((one for one in found if one.value not in before), key=lambda one: -one.count)
    return (*before, *(one.value for one in fresh[: max(0, most - len(before))]))


def first(found: Sequence[FacetCount], chosen: str | None, ahead: Collection[str]) -> tuple[FacetCount, ...]:
    """Those ``ahead`` and what is chosen, in the order that they have."""
    return tuple(one for one in found if one.value in ahead or one.value == chosen)


def matching(found: Sequence[FacetCount], text: str) -> list[FacetCount]:
    """Those with a word that begins with each word of ``text``, by the alphabet; capitals and accents do not matter."""
    wanted = _plain(text).split()
    kept = [
        one
        for one in found
        if all(any(word.startswith(start) for word in _plain(one.value).split()) for start in wanted)
    ]
    return sorted(kept, key=lambda one: _plain(one.value))


def _plain(text: str) -> str:
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char if char.isalnum() else " " for char in split if not unicodedata.combining(char))
