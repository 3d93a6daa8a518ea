"""The known code that fits a place with bars best, and by how much it beats all that it could be mistaken for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from kiosk.scanner.bars import Quad
from kiosk.scanner.blurred import faint, rivals, valid
from kiosk.scanner.blurred.fitting import Fits, Warp, bent, fits, levelled
from kiosk.scanner.blurred.known import Codes, KnownCodes, packed
from kiosk.scanner.blurred.line import Line, line
from kiosk.scanner.blurred.optics import Optics, costs, drawn, quantised
from kiosk.scanner.blurred.profile import Alignment, alignments, brightness
from kiosk.scanner.blurred.symbols import Floats, Symbol
from kiosk.scanner.reading import Corners, Picture

PLACES = 3  # with bars on one picture; more are a shelf, and a person should come nearer
FITTED = 16  # codes fitted exactly for each alignment
REFINED = 5  # codes fitted again and again
ROUNDS = 10  # of fitting one code, at most
FLOOR = 1e-4  # of what is left unexplained; bytes are no finer
HOPELESS = 0.3  # left unexplained: nothing will come of it
CLEAR = 0.05  # left unexplained: no need to look for other places
MOVED = (0.5, 0.85)  # shares of a blur that a moving hand may have made
SHARP = 0.8  # modules; nothing is told of how a smaller blur was made
ALONE = 9.0  # the margin of what has no rival


@dataclass(frozen=True, slots=True)
class Comparison:
    """The best known code for one place, and how much better it explains what is seen than its rivals do.

    The margins are logarithms of ratios of what is left unexplained: over the ``catalogue``'s next best, over valid
    codes that are ``near`` it, over those of the same maker (``family``), and over all valid codes (``free``).
    """

    gtin: int
    symbol: str
    corners: Corners
    misfit: float
    blur: float
    evidence: float
    weight: float
    catalogue: float
    near: float
    family: float
    free: float

    @property
    def margin(self) -> float:
        """How many times likelier than the next, as a logarithm; 0 or less when it is not the likeliest of all."""
        return self.weight * min(self.catalogue, self.near, self.family, self.free)


@dataclass(frozen=True, slots=True)
class _Fit:
    """One code, fitted as well as it can be at one place."""

    codes: Codes
    row: int
    seen: Line
    corners: Corners
    warp: Warp
    optics: Optics
    raw: Floats
    fit: Fits

    @property
    def misfit(self) -> float:
        return float(self.fit.misfit[0])

    @property
    def weight(self) -> float:
        return _weight(self.codes.symbol, self.optics)

    @property
    def evidence(self) -> float:
        return -self.weight * log(self.misfit + FLOOR)

    @property
    def gtin(self) -> int:
        return int(self.codes.gtins[self.row])


def compare(grey: Picture, known: KnownCodes, quads: Iterable[Quad] | None = None) -> Comparison | None:
    """Compare each place with bars with every known code; the best of the surest place, None without any bars."""
    surest: tuple[list[_Fit], list[Alignment]] | None = None
    for quad in faint.find(grey, PLACES) if quads is None else quads:
        seen = line(grey, quad)
        if seen is None:
            continue
        corners = tuple((round(float(x)), round(float(y))) for x, y in quad)
        laid = alignments(seen, tuple(codes.symbol for codes in known.kinds))
        best = _best(seen, corners, laid, known.kinds)
        if best and (surest is None or best[0].evidence > surest[0][0].evidence):
            surest = best, laid
            if best[0].misfit < CLEAR:
                break
    return None if surest is None else _judge(*surest)


def _best(seen: Line, corners: Corners, laid: Sequence[Alignment], kinds: Sequence[Codes]) -> list[_Fit]:
    """The codes that fit best, each once, the best first."""
    by_kind = {codes.symbol: codes for codes in kinds}
    first: list[tuple[float, Codes, int, Alignment]] = []
    for one in laid:
        codes = by_kind.get(one.symbol)
        if codes is None:
            continue
        rows = _cheapest(codes.costs(one.costs, drawn(one.symbol, one.optics).overlap))
        raw = brightness(seen, one.symbol, one.warp)
        misfits = fits(raw, one.symbol, codes.states(rows), one.optics).misfit
        weight = _weight(one.symbol, one.optics)
        first += [
            (weight * log(misfits[at] + FLOOR), codes, int(rows[at]), one) for at in np.argsort(misfits)[:2]
        ]
    first.sort(key=lambda one: one[0])
    best: dict[tuple[int, str], _Fit] = {}
    for _, codes, row, one in first:
        key = (int(codes.gtins[row]), codes.symbol.name)
        if key not in best and len(best) < REFINED:
            best[key] = _refined(seen, corners, codes, row, one)
    return sorted(best.values(), key=lambda fit: fit.evidence, reverse=True)


def _cheapest(prices: Floats) -> NDArray[np.intp]:
    return np.argpartition(prices, FITTED)[:FITTED] if len(prices) > FITTED else np.arange(len(prices))


def _weight(symbol: Symbol, optics: Optics) -> float:
    """Half of how many independent things a line says: fewer the more it is blurred."""
    blur = float(np.hypot(optics.sigma, optics.smear / 12**0.5))
    return symbol.modules / max(blur, 0.7) / 2


def _refined(seen: Line, corners: Corners, codes: Codes, row: int, laid: Alignment) -> _Fit:
    """One code as well as it can be fitted, from where ``laid`` is; the hand may have moved, too."""
    symbol, states = laid.symbol, codes.states(np.array([row]))
    best = _settled(seen, symbol, states, laid.warp, laid.optics)
    if best[3].misfit[0] < HOPELESS and best[1].sigma > SHARP:
        still = best[1]
        for share in MOVED:
            sigma, smear = still.sigma * (1 - share) ** 0.5, still.sigma * (12 * share) ** 0.5
            moved = _settled(seen, symbol, states, best[0], quantised(sigma, smear, still.growth))
            if moved[3].misfit[0] < best[3].misfit[0]:
                best = moved
    return _Fit(codes, row, seen, corners, *best)


def _settled(
    seen: Line, symbol: Symbol, states: NDArray[np.uint8], warp: Warp, optics: Optics
) -> tuple[Warp, Optics, Floats, Fits]:
    """Fit one code again and again until it comes no nearer."""
    best: tuple[Warp, Optics, Floats, Fits] | None = None
    least = 9.0
    for _ in range(ROUNDS):
        raw = brightness(seen, symbol, warp)
        fit = fits(raw, symbol, states, optics)
        misfit = float(fit.misfit[0])
        if misfit < least:
            best = (warp, optics, raw, fit)
        if misfit > 0.98 * least:
            break
        least = misfit
        warp, optics = bent(warp, optics, symbol, fit.terms[0], float(raw.std()))
    assert best is not None
    return best


def _judge(best: list[_Fit], laid: Sequence[Alignment]) -> Comparison:
    """How much better the best code fits than those it could be mistaken for, each fitted as well as it can be."""
    top = best[0]
    symbol, optics = top.codes.symbol, top.optics
    others = [fit for fit in best[1:] if fit.gtin != top.gtin]
    catalogue = (top.evidence - others[0].evidence) / top.weight if others else ALONE
    near = family = free = 0.0
    if top.misfit < HOPELESS:
        own = top.codes.states(np.array([top.row]))[0]
        samples = levelled(top.raw, symbol, top.fit.terms[0])
        one, beside = costs(samples, symbol, optics), drawn(symbol, optics).overlap
        catalogue = min(
            catalogue, _margin(top, own, top.codes.states(_cheapest(top.codes.costs(one, beside))))
        )
        unknown = packed(symbol, rivals.near(symbol, own))
        near = _margin(top, own, unknown.states(_cheapest(unknown.costs(one, beside))))
        # The right code may need another alignment than the wrong one that was found with this.
        elsewhere = _best(top.seen, top.corners, laid, (unknown,))
        if elsewhere:
            near = min(near, (top.evidence - elsewhere[0].evidence) / top.weight)
        same = valid.cheapest(symbol, one, beside, own[: len(own) // 2])
        family = ALONE if same is None else _margin(top, own, same[None])
        any_at_all = valid.cheapest(symbol, one, beside)
        free = ALONE if any_at_all is None else _margin(top, own, any_at_all[None])
    return Comparison(
        top.gtin,
        symbol.name,
        top.corners,
        top.misfit,
        optics.sigma,
        top.evidence,
        top.weight,
        catalogue,
        near,
        family,
        free,
    )


def _margin(top: _Fit, own: NDArray[np.uint8], states: NDArray[np.uint8]) -> float:
    """The logarithm of how much more the best of ``states`` leaves unexplained than the top one does."""
    others = states[(states != own).any(1)]
    if not len(others):
        return ALONE
    likely = np.argsort(fits(top.raw, top.codes.symbol, others, top.optics).misfit)[:2]
    misfits = [
        _settled(top.seen, top.codes.symbol, others[at : at + 1], top.warp, top.optics)[3].misfit[0]
        for at in likely
    ]
    return float(log(min(misfits) + FLOOR) - log(top.misfit + FLOOR))
