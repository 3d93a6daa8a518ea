"""What a printer, a lens and a moving hand make of a code's modules, drawn in parts whose sum is any code."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import erf, sqrt

import numpy as np
from numpy.typing import NDArray

from kiosk.scanner.blurred import symbols
from kiosk.scanner.blurred.symbols import QUIET, WIDTH, Floats, Symbol

DENSITY = 2  # samples a module
REACH = 8  # modules that a digit is looked at on either side of itself; no blur of use goes farther


def response(distance: Floats, sigma: float, smear: float = 0.0) -> Floats:
    """How much of a step at 0 is seen at ``distance`` modules from it: 0 long before, 1 long after.

    ``sigma`` is the blur of the lens, ``smear`` the way that the code moved while it was taken, both in modules.
    """
    reach, steps = 4 * sigma + smear / 2 + 0.5, 400
    grid = np.linspace(-reach, reach, steps)
    if smear < 0.05:
        rise = _normal(grid / sigma)
    else:
        # The integral of the normal distribution, over the way.
        ends = (grid[:, None] + smear * np.array([0.5, -0.5])) / sigma
        area = ends * _normal(ends) + np.exp(-(ends**2) / 2) / sqrt(2 * np.pi)
        rise = (area[:, 0] - area[:, 1]) * sigma / smear
    return np.interp(distance, grid, rise, 0.0, 1.0).astype(np.float32)


_erf = np.vectorize(erf, otypes=[float])


def _normal(at: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((1 + _erf(at / sqrt(2))) / 2, np.float64)


def blurring(at: Floats, count: int, sigma: float, smear: float = 0.0) -> Floats:
    """How each of ``count`` modules shows at the places ``at`` (in modules from the first one): (count, places).

    The first and last modules go on for ever outwards, as white paper does.
    """
    rises = response(at[None] - np.arange(1, count, dtype=np.float32)[:, None], sigma, smear)
    ones, zeros = np.ones((1, len(at)), np.float32), np.zeros((1, len(at)), np.float32)
    return np.vstack([ones, rises]) - np.vstack([rises, zeros])


@dataclass(frozen=True, slots=True)
class Optics:
    """What a printer and a lens do to a code: ``sigma`` and ``smear`` blur it, ``growth`` fattens its bars (modules)."""

    sigma: float
    smear: float = 0.0
    growth: float = 0.0


def quantised(sigma: float, smear: float, growth: float) -> Optics:
    """Optics on a grid fine enough not to matter, so that they are drawn once."""
    step = round(np.log(min(max(sigma, 0.3), 3.0)) / np.log(1.08))
    return Optics(
        round(float(1.08**step), 4),
        round(min(max(smear, 0.0), 8.0) * 2) / 2,
        round(min(max(growth, -0.3), 0.3) / 0.05) * 0.05,
    )


def grid(symbol: Symbol) -> Floats:
    """Where the samples of an aligned profile are, in modules from the first bar."""
    count = (symbol.modules + 2 * QUIET - 2) * DENSITY
    return np.asarray((np.arange(count) + 0.5) / DENSITY - QUIET + 1, np.float32)


@lru_cache(maxsize=96)
def render(symbol: Symbol, sigma: float, smear: float) -> tuple[Floats, Floats]:
    """The matrices that make samples on the grid of modules, and of the edges between them per module of growth."""
    return _matrices(grid(symbol) + QUIET, symbol.modules + 2 * QUIET, sigma, smear)


def _matrices(at: Floats, count: int, sigma: float, smear: float) -> tuple[Floats, Floats]:
    edges = at[None] - np.arange(1, count, dtype=np.float32)[:, None]
    fat = 10 * (response(edges + 0.1, sigma, smear) - response(edges - 0.1, sigma, smear))
    return blurring(at, count, sigma, smear), fat


def edges_of(modules: Floats) -> Floats:
    """1 at each edge between modules (codes, count) of different colour, else 0."""
    return np.asarray(np.abs(np.diff(modules, axis=1)) == 2, np.float32)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A kind of code under some optics, in parts whose sum is any code of that kind.

    ``parts[place][state]`` are the samples that a digit adds to ``frame``, from ``REACH`` modules before it to as many
    behind it; ``energy`` what it costs by itself and ``overlap`` what it costs beside the next, by
    ``[place][state, next state]``. ``spread`` is the standard deviation of a part, of all on average.
    """

    frame: Floats
    parts: tuple[Floats, ...]
    energy: tuple[Floats, ...]
    overlap: tuple[Floats, ...]
    spread: float


@lru_cache(maxsize=512)
def drawn(symbol: Symbol, optics: Optics) -> Drawn:
    """Every part of every code of a kind under ``optics``."""
    bars, fat = render(symbol, optics.sigma, optics.smear)
    blank = symbols.frame(symbol)[None]
    edges = np.asarray(np.abs(np.diff(blank, axis=1)) == 2, np.float32)
    for at in symbol.places:  # there is an edge at each side of a digit
        edges[0, [QUIET + at - 1, QUIET + at + WIDTH - 1]] = 1
    frame = (blank @ bars + edges @ fat * optics.growth)[0]
    parts = tuple(_digits(name, optics) for name in symbol.sets)
    energy = tuple((part * part).sum(1) for part in parts)
    overlap = []
    for place, (one, two) in enumerate(pairwise(parts)):
        shift = (symbol.places[place + 1] - symbol.places[place]) * DENSITY
        overlap.append(2 * one[:, shift:] @ two[:, :-shift].T)
    spread = float(np.mean([part.std() for part in parts]))
    return Drawn(frame, parts, energy, tuple(overlap), spread)


@lru_cache(maxsize=512)
def _digits(printed: str, optics: Optics) -> Floats:
    """What each state of a set adds to its surroundings, from ``REACH`` modules before it on: (states, samples)."""
    span = WIDTH + 2 * REACH
    at = np.asarray((np.arange(span * DENSITY) + 0.5) / DENSITY, np.float32)
    alone = np.zeros((len(symbols.shapes(printed)), span), np.float32)
    alone[:, REACH : REACH + WIDTH] = symbols.shapes(printed)
    bars, fat = _matrices(at, span, optics.sigma, optics.smear)
    return np.asarray(alone @ bars + edges_of(alone) @ fat * optics.growth, np.float32)


def costs(samples: Floats, symbol: Symbol, optics: Optics) -> tuple[Floats, ...]:
    """For each place what each state costs by itself: squared difference to ``samples``, less a constant."""
    made = drawn(symbol, optics)
    left = samples - made.frame
    found = []
    for first, part, energy in zip(symbol.places, made.parts, made.energy, strict=True):
        start = (QUIET - 1 + first - REACH) * DENSITY
        found.append(energy - 2 * (part @ left[start : start + part.shape[1]]))
    return tuple(found)
