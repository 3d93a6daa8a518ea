"""Where on a picture there are bars, and those bars cut out upright and dressed for a second look.

OpenCV's detector finds bars well and cheaply but reads them badly, so it is used to find only. Its corners say where
a place is but not which way the bars run; the brightness does.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.scanner.reading import Corners, Picture

Quad = NDArray[np.float32]
"""Four corners (x, y) in pixels, in turn; bars run from the side of the first two to that of the last two."""

MOST_PLACES = 4  # of one picture; a hand does not hold up more, and text looks like many
SMALLEST = 8.0  # pixels a side; less is dirt
MARGIN = 0.15  # of the width, added left and right: readers want the quiet zone
MOST_COLUMNS = 640  # of a place that is cut out: over four for each module of the longest retail code
MOST_ROWS = 96
FEW_ROWS = 32  # averaged over more rows of the picture, which costs less and quietens grain
ALIKE = 0.1  # of the length: two places whose middles and lengths differ by less are one
REPEATING = 0.25  # least share of a place's contrast that all its rows have in common


@dataclass(frozen=True, slots=True)
class Place:
    """One place with bars, cut out upright: ``tall`` as it is, ``flat`` averaged to fewer rows."""

    quad: Quad
    tall: Picture
    flat: Picture

    @property
    def corners(self) -> Corners:
        """The four corners in the picture's pixels."""
        return tuple((round(float(x)), round(float(y))) for x, y in self.quad)


def find(grey: Picture, most: int = MOST_PLACES) -> list[Quad]:
    """Return the four corners of the places that look like bars, the largest first, at most so many."""
    found, quads = cv2.barcode.BarcodeDetector().detect(grey)
    if not found or quads is None:
        return []
    made = [np.asarray(quad, np.float32) for quad in quads]
    return sorted(made, key=lambda quad: -abs(cv2.contourArea(quad)))[:most]


def find_coarser(grey: Picture) -> list[Quad]:
    """Return what ``find`` finds on half the picture: bars too blurred or too grainy to have edges at full size."""
    if min(grey.shape) < 2 * SMALLEST:
        return []
    half = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return [np.asarray(quad * 2, np.float32) for quad in find(_bytes(half))]


def alike(one: Quad, other: Quad) -> bool:
    """Whether two places are so nearly the same that looking at the second is of no use."""
    longest, other_longest = (
        float(np.linalg.norm(quad - np.roll(quad, 1, 0), axis=1).max()) for quad in (one, other)
    )
    apart = float(np.linalg.norm(one.mean(0) - other.mean(0)))
    return max(apart, abs(longest - other_longest)) < ALIKE * other_longest


def cut(grey: Picture, quad: Quad) -> Place | None:
    """Cut one place out, turned so that its bars stand upright, with a margin; None where no bars can be."""
    upright = _upright(grey, quad)
    if upright is None:
        return None
    width, height = _sides(upright)
    shrunk = min(1.0, MOST_COLUMNS / (width * (1 + 2 * MARGIN)))
    columns = max(round(width * (1 + 2 * MARGIN) * shrunk), 16)
    rows = max(round(height * shrunk), 8)
    tall = _warped(grey, upright, columns, rows, MARGIN)
    if rows > MOST_ROWS:
        tall = _bytes(cv2.resize(tall, (columns, MOST_ROWS), interpolation=cv2.INTER_AREA))
    flat = tall
    if tall.shape[0] > FEW_ROWS:
        flat = _bytes(cv2.resize(tall, (columns, FEW_ROWS), interpolation=cv2.INTER_AREA))
    if not _repeats(flat):
        return None
    return Place(upright, tall, flat)


def enlarged(bars: Picture) -> Picture:
    """Return ``bars`` at twice the width and sharper, which wins back what a low resolution lost."""
    return _sharp(wider(bars), 3.0, 3.0)


def wider(bars: Picture) -> Picture:
    """Return ``bars`` at twice the width."""
    return _bytes(cv2.resize(bars, None, fx=2, fy=1, interpolation=cv2.INTER_CUBIC))


def contrast(bars: Picture) -> Picture:
    """Return ``bars`` with the same contrast everywhere, against shadow and glare."""
    return _bytes(cv2.createCLAHE(3.0, (4, 4)).apply(bars))


def black_and_white(bars: Picture) -> Picture:
    """Return ``bars`` as black or white by what is around."""
    block = 31 if min(bars.shape) > 31 else 15
    return _bytes(cv2.adaptiveThreshold(bars, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, block, 5))


def inverse(bars: Picture) -> Picture:
    """Return ``bars`` with light and dark exchanged."""
    return _bytes(cv2.bitwise_not(bars))


def sharp(bars: Picture) -> Picture:
    """Return ``bars`` sharper."""
    return _sharp(bars, 2.2, 2.0)


def strip(grey: Picture, place: Place, reach: float, most: int) -> Picture:
    """Cut a place out again with ``reach`` of its width on both sides, at most ``most`` columns and ``MOST_ROWS``."""
    width, height = _sides(place.quad)
    columns = min(round(width * (1 + 2 * reach)), most)
    return _warped(grey, place.quad, max(columns, 16), max(min(round(height), MOST_ROWS), 1), reach)


def _upright(grey: Picture, quad: Quad) -> Quad | None:
    """Turn ``quad`` so that its first side lies across the bars; None when it is too small."""
    width, height = _sides(quad)
    if min(width, height) < SMALLEST:
        return None
    rough = _warped(grey, quad, min(round(width), 256), min(round(height), 256), 0.0).astype(np.float32)
    across = float(np.square(np.diff(rough, axis=1)).mean()) * (rough.shape[1] / width) ** 2
    along = float(np.square(np.diff(rough, axis=0)).mean()) * (rough.shape[0] / height) ** 2
    if along > across:
        quad = np.roll(quad, -1, 0)
    if quad[1][0] < quad[0][0]:
        quad = np.roll(quad, -2, 0)
    return quad


def _sides(quad: Quad) -> tuple[float, float]:
    along = (quad[1] - quad[0] + quad[2] - quad[3]) / 2
    across = (quad[3] - quad[0] + quad[2] - quad[1]) / 2
    return float(np.linalg.norm(along)), float(np.linalg.norm(across))


def _repeats(flat: Picture) -> bool:
    """Whether the rows look alike, as bars do and text or a face does not."""
    rows = flat.astype(np.float32)
    whole = float(rows.var())
    return whole > 1 and float(rows.mean(0).var()) >= REPEATING * whole


def _warped(grey: Picture, quad: Quad, columns: int, rows: int, margin: float) -> Picture:
    upper, lower = (quad[1] - quad[0]) * margin, (quad[2] - quad[3]) * margin
    source = np.array([quad[0] - upper, quad[1] + upper, quad[2] + lower, quad[3] - lower], np.float32)
    target = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    straight = cv2.warpPerspective(
        grey,
        cv2.getPerspectiveTransform(source, target),
        (columns, rows),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return _bytes(straight)


def _sharp(bars: Picture, strength: float, sigma: float) -> Picture:
    return _bytes(cv2.addWeighted(bars, strength, cv2.GaussianBlur(bars, (0, 0), sigma), 1 - strength, 0))


def _bytes(picture: object) -> Picture:
    return np.asarray(picture, np.uint8)
