"""The forms of a picture worth looking at as a whole: none larger than its detail deserves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from kiosk.scanner.reading import Picture, Reading, scaled

MOST_PIXELS = 1_000_000  # of a first look, which a camera's frame fits into
MOST_CLOSER = 16_000_000  # of a closer look
LEAST_HALVED = 400_000  # pixels; a smaller picture costs little as it is
# How much steeper half the picture is from pixel to pixel: twice where there is nothing finer than two pixels.
SMOOTH = 1.8


@dataclass(frozen=True, slots=True)
class View:
    """A form of a picture; one of its pixels is ``factor`` of the picture's."""

    picture: Picture
    factor: float

    def back(self, made: Reading) -> Reading:
        """``made`` with its corners in pixels of the picture itself."""
        return made if self.factor == 1 else scaled(made, self.factor)


def views(grey: Picture) -> Iterator[View]:
    """Yield the form to look at first, then a larger one, if there is more to see, for when that shows nothing."""
    most = grey.size
    view = View(grey, 1.0)
    if most > MOST_PIXELS:
        view = _shrunk(grey, (most / MOST_PIXELS) ** 0.5)
    elif most >= LEAST_HALVED:
        half = _shrunk(grey, 2.0)
        if _steepness(half.picture) >= SMOOTH * _steepness(grey):
            view = half
    yield view
    if most > MOST_PIXELS:
        yield View(grey, 1.0) if most <= MOST_CLOSER else _shrunk(grey, (most / MOST_CLOSER) ** 0.5)


def _shrunk(grey: Picture, factor: float) -> View:
    rows, columns = grey.shape
    size = (max(round(columns / factor), 1), max(round(rows / factor), 1))
    return View(np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8), columns / size[0])


def _steepness(grey: Picture) -> float:
    """Mean difference between neighbours, along the direction in which it is larger."""
    return max(
        float(cv2.mean(cv2.absdiff(grey[:, 1:], grey[:, :-1]))[0]),
        float(cv2.mean(cv2.absdiff(grey[1:], grey[:-1]))[0]),
    )
