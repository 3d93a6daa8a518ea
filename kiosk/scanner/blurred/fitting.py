"""How well given codes explain a profile, when light, warp and optics may give way a little: linear least squares.

    brightness = light + contrast * code + steps of warp, blur and growth * how the code changes with them
                 |___ of first and second order along the bars ___|

Many codes are fitted at once; a step of each unknown comes out, so that fitting again comes nearer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kiosk.scanner.blurred import symbols
from kiosk.scanner.blurred.optics import DENSITY, Optics, edges_of, grid, quantised, render
from kiosk.scanner.blurred.symbols import Floats, Symbol

WARPS = 4  # a warp is a polynomial with as many terms
LIGHTS = 3  # and so are light and contrast

Warp = tuple[float, ...]


@lru_cache
def powers(symbol: Symbol) -> Floats:
    """The powers of the way along the bars, from -1 at the first to 1 at the last: (terms, samples)."""
    along = 2 * grid(symbol) / symbol.modules - 1
    return np.stack([along**power for power in range(WARPS)]).astype(np.float32)


@lru_cache
def _lights(symbol: Symbol) -> Floats:
    return np.asarray(np.linalg.pinv(powers(symbol)[:LIGHTS].T), np.float32)


@dataclass(frozen=True, slots=True)
class Fits:
    """What fitting codes gave, each in a row. ``misfit`` is the share of variance left unexplained, 0 at best.

    ``terms`` are light, contrast, and the steps to take in warp, blur and growth times the contrast.
    """

    misfit: NDArray[np.float64]
    terms: NDArray[np.float64]


def fits(raw: Floats, symbol: Symbol, states: NDArray[np.uint8], optics: Optics) -> Fits:
    """Fit codes of one kind, given by the states of their digits, to brightness on the kind's grid."""
    modules = symbols.modules(symbol, states)
    bars, fat = render(symbol, optics.sigma, optics.smear)
    fatter = edges_of(modules) @ fat
    shape = modules @ bars + fatter * optics.growth
    step = np.gradient(shape, axis=1) * DENSITY
    bases = powers(symbol)
    count = len(raw)
    columns = np.empty((len(states), 2 * LIGHTS + WARPS + 2, count), np.float32)
    columns[:, :LIGHTS] = bases[:LIGHTS]
    columns[:, LIGHTS : 2 * LIGHTS] = shape[:, None] * bases[:LIGHTS]
    columns[:, 2 * LIGHTS : -2] = step[:, None] * bases
    columns[:, -2] = np.gradient(step, axis=1) * (DENSITY / 2)
    columns[:, -1] = fatter
    # Steps are small when the start is good; without this a wrong code could bend the picture to itself.
    weak = np.array([1e-6] * 2 * LIGHTS + [4e-4 * count] * WARPS + [0.25] * 2)
    middle = np.float32(raw.mean())
    seen = raw - middle
    squares = (columns @ columns.transpose(0, 2, 1)).astype(np.float64)
    squares[:, range(len(weak)), range(len(weak))] += weak
    aim = (columns @ seen).astype(np.float64)
    terms = np.linalg.solve(squares, aim[..., None])[..., 0]
    rest = seen - (terms[:, None].astype(np.float32) @ columns)[:, 0]
    # What light alone explains is no evidence of bars.
    plain = seen - bases[:LIGHTS].T @ (_lights(symbol) @ seen)
    misfit = (rest.astype(np.float64) ** 2).sum(1) / (float(plain @ plain) + 0.02 * count)
    terms[:, 0] += middle
    return Fits(np.where(terms[:, LIGHTS] < 0, misfit, 1.0).astype(np.float64), np.asarray(terms, np.float64))


def levelled(raw: Floats, symbol: Symbol, terms: NDArray[np.float64]) -> Floats:
    """``raw`` as if paper were -1 and ink +1 everywhere."""
    bases = powers(symbol)[:LIGHTS]
    contrast = terms[LIGHTS : 2 * LIGHTS] @ bases
    # It never vanishes nor turns about, however odd the fit.
    firm = np.minimum(contrast, min(0.3 * float(np.median(contrast)), -0.5))
    return np.asarray((raw - terms[:LIGHTS] @ bases) / firm, np.float32)


def bent(
    warp: Warp, optics: Optics, symbol: Symbol, terms: NDArray[np.float64], spread: float
) -> tuple[Warp, Optics]:
    """Take the steps that a fit says, none too far. ``spread`` is the standard deviation of the brightness."""
    contrast = min(float(terms[LIGHTS]), -0.05 * spread - 1e-3)
    moved = np.clip(terms[2 * LIGHTS : -2] / contrast, -1, 1) * (2 * warp[1] / symbol.modules)
    variance = optics.sigma**2
    wider = float(np.clip(terms[-2] / contrast, -0.3 * variance, 0.6 * variance + 0.1))
    fatter = float(np.clip(terms[-1] / contrast, -0.1, 0.1))
    sigma = float(np.sqrt(max(variance + wider, 0.05)))
    return tuple((np.array(warp) + moved).tolist()), quantised(sigma, optics.smear, optics.growth + fatter)
