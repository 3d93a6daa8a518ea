"""Where on a picture there are bars, and those bars cut out straight and dressed for a second look.

OpenCV's detector finds bars well and cheaply but reads them badly, so it is used to find only.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.scanner.reading import Corners, Picture

SMALLEST = 8.0  # pixels a side; less is dirt
MARGIN = 0.15  # of the width, added left and right: readers want the quiet zone


def find(grey: Picture) -> list[NDArray[np.float32]]:
    """Return the four corners of every place that looks like bars."""
    found, quads = cv2.barcode.BarcodeDetector().detect(grey)
    if not found or quads is None:
        return []
    return [np.asarray(quad, np.float32) for quad in quads]


def cut(grey: Picture, quad: NDArray[np.float32]) -> tuple[Picture, Corners] | None:
    """Cut one place out, turned straight, with a margin; None when it is too small to hold a code."""
    along = (quad[1] - quad[0] + quad[2] - quad[3]) / 2
    across = (quad[3] - quad[0] + quad[2] - quad[1]) / 2
    width, height = float(np.linalg.norm(along)), float(np.linalg.norm(across))
    if min(width, height) < SMALLEST:
        return None
    centre, along = quad.mean(0), along * (0.5 + MARGIN)
    across = across / 2
    source = np.array(
        [centre - along - across, centre + along - across, centre + along + across, centre - along + across],
        np.float32,
    )
    columns, rows = round(width * (1 + 2 * MARGIN)), round(height)
    target = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    straight = cv2.warpPerspective(
        grey,
        cv2.getPerspectiveTransform(source, target),
        (columns, rows),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(straight, np.uint8), tuple((round(float(x)), round(float(y))) for x, y in quad)


def dressings(bars: Picture) -> Iterator[tuple[str, Picture]]:
    """Yield ``bars`` in the forms that readers may like better, the one that helps most often first."""
    yield "contrast", _bytes(cv2.createCLAHE(3.0, (4, 4)).apply(bars))
    yield "plain", bars
    block = 31 if min(bars.shape) > 31 else 15
    yield (
        "threshold",
        _bytes(cv2.adaptiveThreshold(bars, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, block, 5)),
    )
    yield "enlarged", enlarged(bars)
    yield "inverse", _bytes(cv2.bitwise_not(bars))
    yield "sharp", _sharp(bars, 2.2, 2.0)


def enlarged(bars: Picture) -> Picture:
    """Return ``bars`` at twice the size and sharper, which wins back what a low resolution lost."""
    return _sharp(_bytes(cv2.resize(bars, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)), 3.0, 3.0)


def _sharp(bars: Picture, strength: float, sigma: float) -> Picture:
    return _bytes(cv2.addWeighted(bars, strength, cv2.GaussianBlur(bars, (0, 0), sigma), 1 - strength, 0))


def _bytes(picture: object) -> Picture:
    return np.asarray(picture, np.uint8)
