"""One line through a place with bars: straight, averaged over its height, and laid over the modules of a code.

    picture, corners --> Line: brightness along the bars, averaged over the rows that agree
    Line --> spots: where the code may begin and end, by bright paper beside dark bars
    spots --> Alignment: kind, direction, blur and a smooth warp, under which some code fits best
    Alignment --> what each digit costs, for whoever decodes: the matcher of known codes, a soft decoder

Nothing here knows a check digit or a catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kiosk.scanner import symbols
from kiosk.scanner.fitting import WARPS, Warp, bent, fits, levelled, powers
from kiosk.scanner.line import Line, sampled, spots
from kiosk.scanner.optics import Optics, blurring, costs, drawn, grid, quantised
from kiosk.scanner.symbols import QUIET, WIDTH, Floats, Symbol

ROUGH_DENSITY = 2
ROUGH_BLURS = (0.6, 1.3)  # modules
PROMISING = 40  # starts that are looked at more closely
ROUGH_BENDS = (0.0, -2.0, 2.0)  # modules that the middle may be off, as when seen from the side
ROUNDS = 3


class Start(NamedTuple):
    """Where a code may be on a line, from ``left`` to ``right``, its middle off by ``bend`` modules."""

    left: float
    right: float
    flipped: bool
    sigma: float
    bend: float


@dataclass(frozen=True, slots=True)
class Alignment:
    """A profile laid over the modules of a kind of code.

    ``samples`` are on ``grid(symbol)``: about +1 in wide bars, -1 in wide spaces. ``states`` are the digits that fit
    best one by one, whether or not they are a valid code, and ``misfit`` is what they leave unexplained: a share of the
    variance, 0 at best. ``warp`` are the terms of a polynomial that says where on the line a module is.
    """

    symbol: Symbol
    samples: Floats
    optics: Optics
    warp: Warp
    flipped: bool
    states: tuple[int, ...]
    misfit: float

    @property
    def costs(self) -> tuple[Floats, ...]:
        """For each place what each state costs: squared difference, less a constant. Digits beside it cost extra."""
        return costs(self.samples, self.symbol, self.optics)


def alignments(seen: Line, kinds: tuple[Symbol, ...] = symbols.SYMBOLS, most: int = 3) -> list[Alignment]:
    """Lay the line over each kind of code, either way round; the best fits first, at most ``most`` of a kind."""
    found = []
    for symbol in kinds:
        rough = _rough(seen, symbol)
        made = [_refine(seen, symbol, start) for start in rough[: 2 * most]]
        found += sorted(made, key=lambda one: one.misfit)[:most]
    return sorted(found, key=lambda one: one.misfit)


def _rough(seen: Line, symbol: Symbol) -> list[Start]:
    """The best fits, digit by digit, among every pair of spots: first as they are, then the best a bit beside."""
    lefts, rights = spots(seen)
    length = seen.right - seen.left
    starts = [
        Start(left, right, flipped, ROUGH_BLURS[-1], bend)
        for left in lefts
        for right in rights
        if 0.5 * length < right - left < 2.4 * length and right - left > 0.7 * symbol.modules
        for flipped in (False, True)
        for bend in ROUGH_BENDS
    ]
    near = [start for _, start in _ranked(seen, symbol, starts)[:PROMISING]]
    beside = [
        start._replace(left=start.left + a * module, right=start.right + b * module, sigma=sigma)
        for start in near
        for module in [(start.right - start.left) / symbol.modules]
        for a in (-0.8, -0.2, 0.4)
        for b in (-0.4, 0.2, 0.8)
        for sigma in ROUGH_BLURS
    ]
    kept: list[Start] = []
    for _, start in _ranked(seen, symbol, beside):
        apart = (start.right - start.left) / symbol.modules * 0.7
        if all(
            other.flipped != start.flipped
            or other.bend != start.bend
            or abs(other.left - start.left) > apart
            or abs(other.right - start.right) > apart
            for other in kept
        ):
            kept.append(start)
        if len(kept) == 8:
            break
    return kept


def _ranked(seen: Line, symbol: Symbol, starts: list[Start]) -> list[tuple[float, Start]]:
    """``starts`` with their misfits, the best first."""
    at = (np.arange((symbol.modules + 2 * QUIET) * ROUGH_DENSITY) + 0.5) / ROUGH_DENSITY - QUIET
    sag = 1 - (2 * at / symbol.modules - 1) ** 2
    made: list[tuple[float, Start]] = []
    for sigma in {start.sigma for start in starts}:
        alike = [start for start in starts if start.sigma == sigma]
        table = np.array([(start.left, start.right, start.flipped, start.bend) for start in alike])
        first = np.where(table[:, 2], table[:, 1], table[:, 0])[:, None]
        module = np.where(table[:, 2], -1, 1)[:, None] * (table[:, 1:2] - table[:, :1]) / symbol.modules
        # The middle is off to the same side of the picture, whichever way round the code is.
        bend = np.where(table[:, 2], -1, 1)[:, None] * table[:, 3:]
        values = sampled(seen.bright, first + (at + bend * sag) * module)
        made += zip(_misfits(values, symbol, sigma).tolist(), alike, strict=True)
    return sorted(made, key=lambda one: one[0])


@lru_cache(maxsize=16)
def _rough_parts(symbol: Symbol, sigma: float) -> tuple[tuple[Floats, ...], Floats, NDArray[np.bool_]]:
    """Each digit's samples between its usual neighbours, the samples of the rest, and which those are."""
    at = ((np.arange((symbol.modules + 2 * QUIET) * ROUGH_DENSITY) + 0.5) / ROUGH_DENSITY).astype(np.float32)
    matrix = blurring(at, symbol.modules + 2 * QUIET, sigma)
    usual = symbols.frame(symbol).copy()
    for place, first in enumerate(symbol.places):
        usual[QUIET + first : QUIET + first + WIDTH] = symbols.shapes(symbol.sets[place]).mean(0)
    rest = np.ones(len(at), bool)
    parts = []
    for place, first in enumerate(symbol.places):
        shapes = symbols.shapes(symbol.sets[place])
        made = np.repeat(usual[None], len(shapes), 0)
        made[:, QUIET + first : QUIET + first + WIDTH] = shapes
        span = slice((QUIET + first) * ROUGH_DENSITY, (QUIET + first + WIDTH) * ROUGH_DENSITY)
        parts.append(np.asarray((made @ matrix)[:, span], np.float32))
        rest[span] = False
    return tuple(parts), np.asarray(usual @ matrix, np.float32), rest


def _misfits(values: Floats, symbol: Symbol, sigma: float) -> Floats:
    """For each row of samples the share of variance that the best digits, one by one, leave unexplained."""
    parts, usual, rest = _rough_parts(symbol, sigma)
    body = slice(QUIET * ROUGH_DENSITY, -QUIET * ROUGH_DENSITY)
    inner = values[:, body]
    spread = np.float32(np.mean([part.std() for part in parts]))
    deviation = inner.std(1, keepdims=True)
    deviation = np.maximum(deviation, 0.3 * np.median(deviation)) + 1e-3
    dark = (inner.mean(1, keepdims=True) - values) * (spread / deviation) + usual[body].mean()
    total = ((dark[:, rest] - usual[rest]).clip(-1.2, 1.2) ** 2).sum(1)
    for place, first in enumerate(symbol.places):
        window = dark[:, (QUIET + first) * ROUGH_DENSITY : (QUIET + first + WIDTH) * ROUGH_DENSITY]
        part = parts[place]
        total += (window * window).sum(1) + ((part * part).sum(1) - 2 * window @ part.T).min(1)
    return np.asarray(total / (dark.shape[1] * spread**2), np.float32)


def best_states(costs: tuple[Floats, ...], overlap: tuple[Floats, ...]) -> tuple[int, ...]:
    """The cheapest chain of states, neighbours counted."""
    total = costs[0]
    back = []
    for cost, pair in zip(costs[1:], overlap, strict=True):
        through = total[:, None] + pair
        back.append(through.argmin(0))
        total = through.min(0) + cost
    states = [int(total.argmin())]
    for came in reversed(back):
        states.append(int(came[states[-1]]))
    return tuple(reversed(states))


def _refine(seen: Line, symbol: Symbol, start: Start) -> Alignment:
    """Decode and fit in turns, until warp, light and optics suit the code that they show."""
    half = (start.right - start.left) / 2
    sag = start.bend * 2 * half / symbol.modules
    way = -half if start.flipped else half
    warp: Warp = ((start.left + start.right) / 2 + sag, way, -sag) + (0.0,) * (WARPS - 3)
    optics = quantised(start.sigma, 0.0, 0.0)
    at = grid(symbol)
    inner = (at > 0) & (at < symbol.modules)
    light: NDArray[np.float64] | None = None
    best: Alignment | None = None
    for _ in range(ROUNDS):
        raw = brightness(seen, symbol, warp)
        if light is None:
            spread = float(np.mean([part.std() for part in drawn(symbol, optics).parts]))
            samples = (raw[inner].mean() - raw) * (spread / (raw[inner].std() + 1e-3))
        else:
            samples = levelled(raw, symbol, light)
        laid = Alignment(symbol, samples.astype(np.float32), optics, warp, start.flipped, (), 1.0)
        states = best_states(laid.costs, drawn(symbol, optics).overlap)
        made = fits(raw, symbol, np.array([states], np.uint8), optics)
        light, misfit = made.terms[0], float(made.misfit[0])
        if best is None or misfit < best.misfit:
            best = replace(laid, samples=levelled(raw, symbol, light), states=states, misfit=misfit)
        warp, optics = bent(warp, optics, symbol, light, float(raw.std()))
    assert best is not None
    return best


def brightness(seen: Line, symbol: Symbol, warp: Warp) -> Floats:
    """The line's brightness on the grid of a kind of code, under a warp."""
    row: Floats = sampled(seen.bright, (np.array(warp) @ powers(symbol))[None])[0]
    return row
