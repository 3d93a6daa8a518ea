"""What the products found can be narrowed by, with how many there are of each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Filters:
    """What the products found must have; None and False ask for nothing.

    ``size``, ``colour``, ``partner``, the prices and ``available`` must hold for one and the same variant at one
    partner. Prices are in minor units of the currency that the catalogue is in, both ends included.
    """

    category: str | None = None
    brand: str | None = None
    size: str | None = None
    colour: str | None = None
    partner: str | None = None
    price_from: int | None = None
    price_to: int | None = None
    available: bool = False


EVERYTHING = Filters()


@dataclass(frozen=True, slots=True)
class FacetCount:
    """One value to narrow by, as it is written in the catalogue, and how many of the products found have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """What can be narrowed by, the most frequent first; sizes in their order.

    The counts of one facet are those with all filters but its own, so that another value of it can be chosen.
    ``price`` is the lowest and the highest in minor units, None when nothing was found. ``approximate``: there are
    so many matches that the counts are estimated from a part of them.
    """

    category: tuple[FacetCount, ...] = ()
    brand: tuple[FacetCount, ...] = ()
    size: tuple[FacetCount, ...] = ()
    colour: tuple[FacetCount, ...] = ()
    partner: tuple[FacetCount, ...] = ()
    price: tuple[int, int] | None = None
    approximate: bool = False
