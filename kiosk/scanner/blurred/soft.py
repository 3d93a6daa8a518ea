"""EAN-13 and UPC-A read by our own eyes: which code, blurred as the picture is, looks most like these bars?

The libraries look for edges. Where blur or a low resolution has swallowed edges, the brightness still tells:

    a band of the bars --> where the modules are and how they are blurred (profile)
       --> what each digit costs there --> the cheapest valid code (valid) --> drawn and compared, light and warp
           given way a little (fitting) --> and so are the codes that come next

A band counts when its code explains it well and every other code explains it clearly worse. The bands of a place are
different rows of the picture, so each is a witness of its own; evidence decides what they are worth together. Where
one band shows a code, the next is laid the same way first; only what it says is its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kiosk.scanner import bars
from kiosk.scanner.bars import Place
from kiosk.scanner.blurred import valid
from kiosk.scanner.blurred.fitting import Warp, bent, fits, levelled
from kiosk.scanner.blurred.line import Line
from kiosk.scanner.blurred.optics import Optics, costs, drawn
from kiosk.scanner.blurred.profile import TAKES, Alignment, alignments, brightness, refined
from kiosk.scanner.blurred.symbols import EAN_13, Floats
from kiosk.scanner.blurred.valid import Codes, Digits
from kiosk.scanner.evidence import Said
from kiosk.scanner.reading import Picture, reading

READS = frozenset({"EAN-13", "UPC-A"})

# The middle first: what is printed above and below the bars reaches into the outer ones.
BANDS = ((0.4, 0.6), (0.2, 0.45), (0.55, 0.8), (0.0, 0.25), (0.75, 1.0))
REACH = 0.8  # of the width, looked at on either side: a place may show only the middle of a code
COLUMNS = 832  # samples of all that: over three for each module
# How much of its place a code takes on books, where five digits stand beside it: place means both and the label's edge.
# Asked only where a longer one does not fit, as there are so many more short stretches that look a little like bars.
BESIDE_AN_ADD_ON = (0.42, TAKES[0])
TRIED = 2  # bands; where they say nothing, the others hardly ever do
NO_BARS = 0.12  # a misfit from which on a band shows no such code, whatever its digits
NO_BARS_ROUGHLY = 0.36  # the same before light and warp are fitted
BLURRED = 1.2  # modules of blur from which on a code and its neighbours come to look alike
MOST_BLURRED = 1.75
# A misfit up to which a code explains a band: what is sharp shows every speck, what is blurred few.
WELL, WELL_BLURRED = 0.09, 0.045
# What a band is worth in lines, by how many times worse than the best code the next one explains it.
WORTH = ((2.0, 5), (1.4, 3), (1.15, 1))
ROUNDS = 2
OTHERS = 8  # codes compared with the cheapest
CORRECTIONS = 2  # how often one of them may take its place


@dataclass(frozen=True, slots=True)
class Fit:
    """The code that explains a band best; ``misfit`` is what it leaves unexplained and ``next_misfit`` the next.

    ``laid`` is how the band lay before this code was fitted to it.
    """

    digits: Digits
    misfit: float
    next_misfit: float
    blur: float
    laid: Alignment

    @property
    def lines(self) -> int:
        """How many lines of a reader this is worth; 0 when it says nothing."""
        if self.blur > MOST_BLURRED or self.misfit > (WELL_BLURRED if self.blur > BLURRED else WELL):
            return 0
        return next((lines for times, lines in WORTH if self.next_misfit >= times * self.misfit), 0)


def read(grey: Picture, place: Place) -> Iterator[list[Said]]:
    """Yield what each band of ``place`` says, [] for nothing; ends early where no such code can be made out."""
    strip = bars.strip(grey, place, REACH, COLUMNS)
    laid: Alignment | None = None
    anew = True
    for number, (top, end) in enumerate(BANDS, 1):
        seen = _line(strip, top, end)
        found = fit(seen, laid)
        if laid is not None and anew and (found is None or not found.lines):
            found, anew = fit(seen), False
        made = None
        if found is not None and found.lines:
            laid = found.laid
            made = reading(
                "".join(map(str, found.digits)), "EAN-13", place.corners, f"our own fit, band {number}"
            )
        yield [] if made is None or found is None else [(made, found.lines)]
        if laid is None and (found is None or number == TRIED):
            return


def _line(strip: Picture, top: float, end: float) -> Line:
    """Average a band of ``strip``, given by shares of its height: low enough for bars that lean a little."""
    rows, columns = strip.shape
    first = min(int(top * rows), rows - 1)
    band = strip[first : max(round(end * rows), first + 1)]
    left, right = columns * REACH / (1 + 2 * REACH), columns * (1 + REACH) / (1 + 2 * REACH)
    return Line(np.asarray(band.mean(0), np.float32), left, right)


def fit(seen: Line, beside: Alignment | None = None) -> Fit | None:
    """Return the code that explains a line best, well or not; None when the line shows no such bars at all.

    ``beside`` is how a neighbouring line lies, which saves looking everywhere.
    """
    start = _start(seen, beside)
    if start is None or start.misfit > NO_BARS:
        return None
    at = _Laid.over(seen, start)
    # What is cheapest digit by digit under one light need not explain the whole best: all that came up are compared.
    came_up = dict.fromkeys([*valid.codes_of(start.states), at.codes.cheapest()])
    for _ in range(ROUNDS):
        at = at.settled(at.best(list(came_up)))
        came_up[at.codes.cheapest()] = None
    code = at.best(list(came_up))
    others: list[Digits] = []
    for _ in range(CORRECTIONS + 1):
        others = at.codes.likeliest_others(code, OTHERS)
        others += [other for other in came_up if other != code and other not in others]
        misfits = at.misfits([code, *others])
        nearest = int(misfits.argmin())
        if nearest == 0:
            break
        code = others[nearest - 1]
        at = at.settled(code)
    else:
        misfits = at.misfits([code, *others])
    return Fit(
        code,
        float(misfits[0]),
        float(misfits[1:][[other != code for other in others]].min()),
        at.optics.sigma,
        start,
    )


def _start(seen: Line, beside: Alignment | None) -> Alignment | None:
    if beside is not None:
        near = refined(seen, EAN_13, beside.warp, beside.optics)
        if near.misfit <= NO_BARS:
            return near
    for takes in (TAKES, BESIDE_AN_ADD_ON):
        found = alignments(seen, (EAN_13,), most=1, worst=NO_BARS_ROUGHLY, takes=takes)
        if found:
            return found[0]
    return None


@dataclass(frozen=True, slots=True)
class _Laid:
    """A line laid over the modules, as brightness and as samples between paper and ink."""

    seen: Line
    warp: Warp
    optics: Optics
    raw: Floats
    codes: Codes

    @classmethod
    def over(cls, seen: Line, start: Alignment) -> _Laid:
        raw = brightness(seen, EAN_13, start.warp)
        return cls(seen, start.warp, start.optics, raw, _codes(start.samples, start.optics))

    def settled(self, code: Digits) -> _Laid:
        """This with warp, optics and light such that ``code`` fits better."""
        found = fits(self.raw, EAN_13, valid.states(EAN_13, [code]), self.optics)
        warp, optics = bent(self.warp, self.optics, EAN_13, found.terms[0], float(self.raw.std()))
        raw = brightness(self.seen, EAN_13, warp)
        again = fits(raw, EAN_13, valid.states(EAN_13, [code]), optics)
        if again.misfit[0] > found.misfit[0]:
            warp, optics, raw, again = self.warp, self.optics, self.raw, found
        return _Laid(self.seen, warp, optics, raw, _codes(levelled(raw, EAN_13, again.terms[0]), optics))

    def best(self, codes: list[Digits]) -> Digits:
        """That of ``codes`` which explains most."""
        return codes[int(self.misfits(codes).argmin())] if len(codes) > 1 else codes[0]

    def misfits(self, codes: list[Digits]) -> NDArray[np.float64]:
        """What each of ``codes`` leaves unexplained."""
        return fits(self.raw, EAN_13, valid.states(EAN_13, codes), self.optics).misfit


def _codes(samples: Floats, optics: Optics) -> Codes:
    return Codes(EAN_13, costs(samples, EAN_13, optics), drawn(EAN_13, optics).overlap)
