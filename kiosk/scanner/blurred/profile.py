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

from kiosk.scanner.blurred import symbols
from kiosk.scanner.blurred.fitting import WARPS, Warp, bent, fits, levelled, powers
from kiosk.scanner.blurred.line import Line, sampled, spots
from kiosk.scanner.blurred.optics import Optics, blurring, costs, drawn, grid, quantised
from kiosk.scanner.blurred.symbols import QUIET, WIDTH, Floats, Symbol

ROUGH_DENSITY = 2
ROUGH_BLURS = (0.6, 1.3)  # modules
TAKES = (0.5, 2.4)  # times the length of a place that was found
PROMISING = 16  # starts that are looked at more closely
UNLIKE = 2.0  # times the best of all kinds: what leaves more unexplained roughly is no start
ROUGHER = 2.5  # times: what a fit of spots as they are leaves unexplained, compared with one a bit beside
ROUGH_BENDS = (0.0, -2.0, 2.0)  # modules that the middle may be off, as when seen from the side
ROUNDS = 3


class Start(NamedTuple):
    """Where a code may be on a line, from ``left`` to ``right``, its middle off by ``bend`` modules.

    ``misfit`` is what the best digits leave unexplained there.
    """

    left: float
    right: float
    flipped: bool
    sigma: float
    bend: float
    misfit: float


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
    states: tuple[int, ...]
    misfit: float

    @property
    def flipped(self) -> bool:
        """Whether the code runs against the line."""
        return self.warp[1] < 0

    @property
    def costs(self) -> tuple[Floats, ...]:
        """For each place what each state costs: squared difference, less a constant. Digits beside it cost extra."""
        return costs(self.samples, self.symbol, self.optics)


def alignments(
    seen: Line,
    kinds: tuple[Symbol, ...] = symbols.SYMBOLS,
    most: int = 3,
    worst: float = np.inf,
    takes: tuple[float, float] = TAKES,
) -> list[Alignment]:
    """Lay the line over each kind of code, either way round; the best fits first, at most ``most`` of a kind.

    What leaves more than ``worst`` unexplained even roughly, before light and warp are fitted, is left out. ``takes``
    is how much of the place that was found the code takes, at least and at most; 2 is twice as long as the place.
    """
    rough = {symbol: _rough(seen, symbol, 2 * most, worst, takes) for symbol in kinds}
    near = UNLIKE * min((start.misfit for starts in rough.values() for start in starts), default=0.0)
    found = []
    for symbol, starts in rough.items():
        made = [refined(seen, symbol, *_begun(symbol, start)) for start in starts if start.misfit <= near]
        found += sorted(made, key=lambda one: one.misfit)[:most]
    return sorted(found, key=lambda one: one.misfit)


def _rough(seen: Line, symbol: Symbol, most: int, worst: float, takes: tuple[float, float]) -> list[Start]:
    """The best fits, digit by digit, among every pair of spots: first as they are, then the best a bit beside."""
    lefts, rights = (np.array(ends) for ends in spots(seen))
    left, right, bend = (
        one.ravel() for one in np.meshgrid(lefts, rights, np.array(ROUGH_BENDS), indexing="ij")
    )
    wide, length = right - left, seen.right - seen.left
    possible = (takes[0] * length < wide) & (wide < takes[1] * length) & (wide > 0.7 * symbol.modules)
    left, right, bend = left[possible], right[possible], bend[possible]
    if not len(left):
        return []
    values = _laid(seen, symbol, left, right, bend)
    # The other way round is the same backwards.
    misfits = _misfits(np.concatenate([values, values[:, ::-1]]), symbol, ROUGH_BLURS[-1])
    if misfits.min() > ROUGHER * worst:
        return []
    flipped, near = np.divmod(misfits.argsort(kind="stable")[:PROMISING], len(left))
    steps = np.array([(a, b) for a in (-0.8, -0.2, 0.4) for b in (-0.4, 0.2, 0.8)])
    module = np.repeat((right - left)[near] / symbol.modules, len(steps))
    beside = np.tile(steps, (len(near), 1)) * module[:, None]
    left, right = (
        np.repeat(left[near], len(steps)) + beside[:, 0],
        np.repeat(right[near], len(steps)) + beside[:, 1],
    )
    bend, flip = np.repeat(bend[near], len(steps)), np.repeat(flipped == 1, len(steps))
    values = _laid(seen, symbol, left, right, bend)
    values[flip] = values[flip, ::-1]
    by_blur = np.array([_misfits(values, symbol, sigma) for sigma in ROUGH_BLURS])
    blur, misfits = by_blur.argmin(0), by_blur.min(0)
    apart = (right - left) / symbol.modules * 0.7
    kept: list[Start] = []
    while len(kept) < most:
        best = int(misfits.argmin())
        if misfits[best] == np.inf or misfits[best] > worst:
            break
        kept.append(
            Start(
                float(left[best]),
                float(right[best]),
                bool(flip[best]),
                ROUGH_BLURS[blur[best]],
                float(bend[best]),
                float(misfits[best]),
            )
        )
        alike = (flip == flip[best]) & (bend == bend[best])
        alike &= (abs(left - left[best]) <= apart) & (abs(right - right[best]) <= apart)
        misfits[alike] = np.inf
    return kept


def _laid(
    seen: Line,
    symbol: Symbol,
    left: NDArray[np.float64],
    right: NDArray[np.float64],
    bend: NDArray[np.float64],
) -> Floats:
    """The brightness from ``left`` to ``right``, sampled as the modules of a kind lie, one way round: (rows, samples)."""
    at = (np.arange((symbol.modules + 2 * QUIET) * ROUGH_DENSITY) + 0.5) / ROUGH_DENSITY - QUIET
    sag = 1 - (2 * at / symbol.modules - 1) ** 2
    module = (right - left)[:, None] / symbol.modules
    return sampled(seen.bright, left[:, None] + (at + bend[:, None] * sag) * module)


class _Rough(NamedTuple):
    """What any code of a kind looks like: ``windows`` are the samples of each digit, ``shapes`` what its states show
    there between usual neighbours (digits, samples, states), ``energy`` their squares, ``usual`` all samples of a
    code that has the mean of all states in each place, ``rest`` those of no digit.
    """

    windows: NDArray[np.intp]
    shapes: Floats
    energy: Floats
    usual: Floats
    rest: NDArray[np.intp]
    spread: float


@lru_cache(maxsize=16)
def _rough_parts(symbol: Symbol, sigma: float) -> _Rough:
    at = ((np.arange((symbol.modules + 2 * QUIET) * ROUGH_DENSITY) + 0.5) / ROUGH_DENSITY).astype(np.float32)
    matrix = blurring(at, symbol.modules + 2 * QUIET, sigma)
    usual = symbols.frame(symbol).copy()
    for place, first in enumerate(symbol.places):
        usual[QUIET + first : QUIET + first + WIDTH] = symbols.shapes(symbol.sets[place]).mean(0)
    count, samples = len(symbol.places), WIDTH * ROUGH_DENSITY
    windows = (QUIET + np.array(symbol.places))[:, None] * ROUGH_DENSITY + np.arange(samples)
    shapes = np.zeros((count, samples, 20), np.float32)
    energy = np.full((count, 1, 20), np.inf, np.float32)
    spreads = []
    for place, first in enumerate(symbol.places):
        digits = symbols.shapes(symbol.sets[place])
        made = np.repeat(usual[None], len(digits), 0)
        made[:, QUIET + first : QUIET + first + WIDTH] = digits
        part = np.asarray((made @ matrix)[:, windows[place]], np.float32)
        shapes[place, :, : len(part)] = part.T
        energy[place, 0, : len(part)] = (part * part).sum(1)
        spreads.append(part.std())
    rest = np.setdiff1d(np.arange(len(at)), windows)
    return _Rough(
        windows, shapes, energy, np.asarray(usual @ matrix, np.float32), rest, float(np.mean(spreads))
    )


def _misfits(values: Floats, symbol: Symbol, sigma: float) -> Floats:
    """For each row of samples the share of variance that the best digits, one by one, leave unexplained."""
    rough = _rough_parts(symbol, sigma)
    body = slice(QUIET * ROUGH_DENSITY, -QUIET * ROUGH_DENSITY)
    inner = values[:, body]
    deviation = inner.std(1, keepdims=True)
    deviation = np.maximum(deviation, 0.3 * np.median(deviation)) + 1e-3
    dark = (inner.mean(1, keepdims=True) - values) * (rough.spread / deviation) + rough.usual[body].mean()
    total = ((dark[:, rough.rest] - rough.usual[rough.rest]).clip(-1.2, 1.2) ** 2).sum(1)
    windows = dark[:, rough.windows].transpose(1, 0, 2)
    total += (windows * windows).sum((0, 2))
    total += (rough.energy - 2 * (windows @ rough.shapes)).min(2).sum(0)
    return np.asarray(total / (dark.shape[1] * rough.spread**2), np.float32)


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


def _begun(symbol: Symbol, start: Start) -> tuple[Warp, Optics]:
    half = (start.right - start.left) / 2
    sag = start.bend * 2 * half / symbol.modules
    way = -half if start.flipped else half
    warp: Warp = ((start.left + start.right) / 2 + sag, way, -sag) + (0.0,) * (WARPS - 3)
    return warp, quantised(start.sigma, 0.0, 0.0)


def refined(seen: Line, symbol: Symbol, warp: Warp, optics: Optics) -> Alignment:
    """Decode and fit in turns, until warp, light and optics suit the code that they show."""
    at = grid(symbol)
    inner = (at > 0) & (at < symbol.modules)
    light: NDArray[np.float64] | None = None
    best: Alignment | None = None
    for _ in range(ROUNDS):
        raw = brightness(seen, symbol, warp)
        if light is None:
            samples = (raw[inner].mean() - raw) * (drawn(symbol, optics).spread / (raw[inner].std() + 1e-3))
        else:
            samples = levelled(raw, symbol, light)
        laid = Alignment(symbol, samples.astype(np.float32), optics, warp, (), 1.0)
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
