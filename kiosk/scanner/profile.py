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

import numpy as np
from numpy.typing import NDArray

from kiosk.scanner import symbols
from kiosk.scanner.fitting import WARPS, Warp, bent, fits, levelled, powers
from kiosk.scanner.line import Line, sampled, spots
from kiosk.scanner.optics import Optics, blurring, costs, drawn, grid, quantised
from kiosk.scanner.symbols import QUIET, WIDTH, Floats, Symbol

ROUGH_DENSITY = 2
ROUGH_BLURS = (0.6, 1.3)  # modules
ROUNDS = 3


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
        made = [_refine(seen, symbol, *start) for start in rough[: 2 * most]]
        found += sorted(made, key=lambda one: one.misfit)[:most]
    return sorted(found, key=lambda one: one.misfit)


def _rough(seen: Line, symbol: Symbol) -> list[tuple[float, float, bool, float]]:
    """(start, end, flipped, sigma) of the best fits, digit by digit, among every pair of spots and a bit beside."""
    lefts, rights = spots(seen)
    length = seen.right - seen.left
    pairs = [
        (left, right)
        for left in lefts
        for right in rights
        if 0.5 * length < right - left < 2.4 * length and right - left > 0.7 * symbol.modules
    ]
    if not pairs:
        return []
    ends = np.array(pairs)
    module = (ends[:, 1] - ends[:, 0]) / symbol.modules
    beside = np.array([(a, b) for a in (-0.8, -0.2, 0.4) for b in (-0.4, 0.2, 0.8)])
    ends = (ends[:, None] + beside[None] * module[:, None, None]).reshape(-1, 2)
    at = (np.arange((symbol.modules + 2 * QUIET) * ROUGH_DENSITY) + 0.5) / ROUGH_DENSITY - QUIET
    places = ends[:, :1] + at[None] * (ends[:, 1:] - ends[:, :1]) / symbol.modules
    values = sampled(seen.bright, places)
    trials = []
    for flipped in (False, True):
        ordered = values[:, ::-1] if flipped else values
        for sigma in ROUGH_BLURS:
            misfits = _misfits(np.ascontiguousarray(ordered), symbol, sigma)
            trials += [
                (float(misfit), float(a), float(b), flipped, sigma)
                for misfit, (a, b) in zip(misfits, ends, strict=True)
            ]
    trials.sort()
    kept: list[tuple[float, float, bool, float]] = []
    for _, start, end, flipped, sigma in trials:
        near = (end - start) / symbol.modules * 0.7
        if all(
            other[2] != flipped or abs(other[0] - start) > near or abs(other[1] - end) > near
            for other in kept
        ):
            kept.append((start, end, flipped, sigma))
        if len(kept) == 8:
            break
    return kept


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


def _refine(seen: Line, symbol: Symbol, start: float, end: float, flipped: bool, sigma: float) -> Alignment:
    """Decode and fit in turns, until warp, light and optics suit the code that they show."""
    if flipped:
        start, end = end, start
    warp: Warp = ((start + end) / 2, (end - start) / 2) + (0.0,) * (WARPS - 2)
    optics = quantised(sigma, 0.0, 0.0)
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
        laid = Alignment(symbol, samples.astype(np.float32), optics, warp, flipped, (), 1.0)
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
