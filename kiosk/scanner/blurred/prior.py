"""Which known product unreadable bars may be: every code of the catalogue is compared with what is seen.

    picture --> places with bars --> alignments (kind, direction, blur, warp) --> costs of each digit
    costs --> every known code costed at once --> the cheapest fitted exactly --> the best one
    the best one against its rivals, known to the catalogue or not --> a proposal, or nothing

A proposal is a question for a person, never a reading: the catalogue has an opinion about what it will see. So the
best code must also beat codes that the catalogue does not know: a product of the same maker that is not sold here
differs from a known one in two digits only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from kiosk.scanner.bars import Quad
from kiosk.scanner.blurred.comparing import compare
from kiosk.scanner.blurred.known import KnownCodes
from kiosk.scanner.reading import Corners, Picture, grey_of
from retail.gtin import Gtin

# The least margin, as a logarithm. Chosen with all codes of bench/prior.py in view, and held there against what half of
# them asks for, which is less than half of this: a wrong proposal costs more than one that is not made.
LIKELIER = 6.0
EXPLAINED = 0.75  # the least score
LARGEST = 2000  # pixels a side that are looked at; blurred bars have nothing finer
FRAMES = 6  # that are remembered
ENOUGH = 0.6  # of the margin: what one frame at least must give when several are put together


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the bars at ``corners`` may be. ``text`` is the code's digits as its bars would be read.

    ``margin`` is how many times likelier than the next possibility, as a logarithm; ``score`` the share of what is
    seen that this code explains, 1 at best; ``blur`` the sigma of the blur, in modules.
    """

    gtin: Gtin
    text: str
    corners: Corners
    margin: float
    score: float
    blur: float


def propose(image: Picture, known: KnownCodes, quads: Iterable[Quad] | None = None) -> Proposal | None:
    """Say which known product the bars on ``image`` are likely to be; None when that is not clear.

    ``image`` is grey or blue-green-red. ``quads`` are the corners of places with bars, where somebody has found them
    already. Takes up to 0.1 s with 20,000 products and 0.3 s with 1,000,000.
    """
    proposal = _weighed(image, known, quads)
    return proposal if proposal is not None and proposal.margin >= LIKELIER else None


class Matcher:
    """Puts the frames of one showing together: what is likely in several of them is likelier."""

    def __init__(self, known: KnownCodes) -> None:
        """Compare with ``known``, which may be replaced at any time: ``matcher.known = KnownCodes.of(...)``."""
        self.known = known
        self._seen: deque[Proposal] = deque(maxlen=FRAMES)

    def offer(self, picture: Picture) -> Proposal | None:
        """Take one more frame in and say what it may be; None when that is not clear, or no bars are there."""
        latest = _weighed(picture, self.known, None)
        if latest is None:
            return None
        self._seen.append(latest)
        votes = [one.margin if one.gtin == latest.gtin else -one.margin for one in self._seen]
        together = sum(votes) / len(votes) ** 0.5
        if max(votes) < ENOUGH * LIKELIER or together < LIKELIER:
            return None
        return replace(latest, margin=together)

    def reset(self) -> None:
        """Forget the frames so far: something was read, or something else is shown."""
        self._seen.clear()


def _weighed(image: Picture, known: KnownCodes, quads: Iterable[Quad] | None) -> Proposal | None:
    """The likeliest known code, if it explains enough of what is seen and is likelier than any other at all."""
    if image.size == 0 or not len(known):
        return None
    grey = grey_of(image)
    scale = min(1.0, LARGEST / max(grey.shape))
    if scale < 1:
        grey = np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        quads = None if quads is None else [quad * np.float32(scale) for quad in quads]
    made = compare(np.ascontiguousarray(grey), known, quads)
    if made is None or made.margin <= 0 or 1 - made.misfit < EXPLAINED:
        return None
    gtin = Gtin.parse(f"{made.gtin:014d}")
    corners = tuple((round(x / scale), round(y / scale)) for x, y in made.corners)
    return Proposal(gtin, gtin.short, corners, made.margin, 1 - made.misfit, made.blur)
