"""What a printer, a lens and a moving hand make of a code's modules, drawn in parts whose sum is any code."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import erf, sqrt

import numpy as np
from numpy.typing import NDArray

from kiosk.scanner import symbols
from kiosk.scanner.symbols import QUIET, WIDTH, Floats, Symbol

DENSITY = 3  # samples a module


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


@dataclass(frozen=True, slots=True)
class Drawn:
    """A kind of code under some optics, in parts whose sum is any code of that kind.

    ``parts[place][state]`` are the samples that one digit adds to ``frame``; ``energy`` what it costs by itself and
    ``overlap`` what it costs beside the next digit, by ``[place][state, next state]``. ``render`` makes modules samples.
    """

    frame: Floats
    parts: tuple[Floats, ...]
    energy: tuple[Floats, ...]
    overlap: tuple[Floats, ...]


def grid(symbol: Symbol) -> Floats:
    """Where the samples of an aligned profile are, in modules from the first bar."""
    count = (symbol.modules + 2 * QUIET - 2) * DENSITY
    return np.asarray((np.arange(count) + 0.5) / DENSITY - QUIET + 1, np.float32)


@lru_cache(maxsize=64)
def render(symbol: Symbol, optics: Optics) -> Floats:
    """The matrix that makes (2 x modules) samples: of the modules themselves, and of their inner edges."""
    at = grid(symbol) + QUIET
    count = symbol.modules + 2 * QUIET
    bars = blurring(at, count, optics.sigma, optics.smear)
    edges = np.arange(1, count, dtype=np.float32)[:, None]
    rise = response(at[None] - edges + 0.1, optics.sigma, optics.smear)
    fall = response(at[None] - edges - 0.1, optics.sigma, optics.smear)
    return np.vstack([bars, (rise - fall) * (10 * optics.growth)]).astype(np.float32)


def edged(modules: Floats) -> Floats:
    """``modules`` (codes, count) with their edges behind them, 1 where the colour changes."""
    return np.hstack([modules, np.abs(np.diff(modules, axis=1)) / 2])


@lru_cache(maxsize=64)
def drawn(symbol: Symbol, optics: Optics) -> Drawn:
    """Every part of every code of a kind under ``optics``."""
    matrix = render(symbol, optics)
    states = np.zeros((20, len(symbol.places)), np.uint8)
    for place in range(len(symbol.places)):
        states[:, place] = np.arange(20) % len(symbol.states(place))
    whole = symbols.modules(symbol, states)
    blank = whole[:1].copy()
    for at in symbol.places:
        blank[:, QUIET + at : QUIET + at + WIDTH] = 0
    frame = _between(symbol, blank) @ matrix
    parts = []
    for place, at in enumerate(symbol.places):
        alone = np.zeros_like(whole[: len(symbol.states(place))])
        span = slice(QUIET + at, QUIET + at + WIDTH)
        alone[:, span] = whole[: len(alone), span]
        inner = np.zeros((len(alone), alone.shape[1] - 1), np.float32)
        inner[:, span.start : span.stop - 1] = np.abs(np.diff(alone[:, span], axis=1)) / 2
        parts.append(np.hstack([alone, inner]) @ matrix)
    energy = tuple((part * part).sum(1) for part in parts)
    overlap = tuple(2 * one @ two.T for one, two in pairwise(parts))
    return Drawn(frame[0], tuple(parts), energy, overlap)


def _between(symbol: Symbol, blank: Floats) -> Floats:
    """The frame with its edges, those at the sides of digits included: there is one at each."""
    edges = np.zeros((1, blank.shape[1] - 1), np.float32)
    fixed = np.abs(np.diff(blank, axis=1)) == 2
    edges[fixed] = 1
    for at in symbol.places:
        edges[0, [QUIET + at - 1, QUIET + at + WIDTH - 1]] = 1
    return np.hstack([blank, edges])


def quantised(sigma: float, smear: float, growth: float) -> Optics:
    """Optics on a grid fine enough not to matter, so that they are drawn once."""
    sigma = min(max(sigma, 0.3), 3.0)
    return Optics(
        round(1.08 ** round(float(np.log(sigma) / np.log(1.08))), 4),
        round(min(max(smear, 0.0), 6.0) * 2) / 2,
        round(min(max(growth, -0.3), 0.3) / 0.05) * 0.05,
    )
