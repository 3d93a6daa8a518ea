"""Places with bars on a picture too blurred for a detector: sharpened first, at more than one size."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from kiosk.scanner import bars
from kiosk.scanner.bars import Quad
from kiosk.scanner.reading import Picture

LARGEST = 1000  # pixels a side for looking; bars that matter are still there
LOOKS = ((1.0, 0.0), (1.0, 4.0), (0.5, 3.0))  # size, and the sigma over which it is sharpened
STRENGTH = 8.0
SMALLEST = 16  # pixels a side
SAME = 0.55  # of the area of both together


def find(grey: Picture, most: int) -> Iterator[Quad]:
    """Yield the corners of up to ``most`` different places, looking harder only when the next one is asked for."""
    fit = min(1.0, LARGEST / max(*grey.shape, 1))
    found: list[Quad] = []
    for size, sigma in LOOKS:
        scale = size * fit
        if min(grey.shape) * scale < SMALLEST:
            continue
        seen = grey
        if scale < 1:
            seen = np.asarray(
                cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
            )
        if sigma:
            soft = cv2.GaussianBlur(seen, (0, 0), sigma)
            seen = np.asarray(cv2.addWeighted(seen, 1 + STRENGTH, soft, -STRENGTH, 0), np.uint8)
        for small in bars.find(seen):
            quad = small / scale
            if all(_shared(quad, other) < SAME for other in found):
                found.append(quad)
                yield quad
                if len(found) == most:
                    return


def _shared(one: Quad, other: Quad) -> float:
    both, _ = cv2.intersectConvexConvex(_convex(one), _convex(other))
    whole = cv2.contourArea(one) + cv2.contourArea(other) - both
    return float(both / whole) if whole > 0 else 1.0


def _convex(quad: Quad) -> Quad:
    return np.asarray(cv2.convexHull(np.asarray(quad, np.float32)), np.float32)
