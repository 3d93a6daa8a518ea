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
# Grain, as the standard deviation of a pixel's brightness: what makes more of a difference is drawn, not grain.
GRAINY, DRAWN = 5.0, 30.0
# A grainy picture is blurred by so many pixels: the grain is gone, and the finest bars are still there.
SOFTENED = 0.8
GRAIN_ROWS = 8  # pairs of rows are looked at every so many rows
# Where grain is 1, three times in four the diagonals of four pixels differ by more than this.
CROSSED = 0.637
BRIGHTEST = 250  # what is brighter than this, or as near to black, is cut off and shows no grain


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
    if GRAINY <= _grain(view.picture) <= DRAWN:
        view = View(np.asarray(cv2.GaussianBlur(view.picture, (0, 0), SOFTENED), np.uint8), view.factor)
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


def _grain(grey: Picture) -> float:
    """The grain of a picture, judged where it is quietest: what is drawn is not everywhere, grain is.

    Of four neighbours the two diagonals have the same sum where there is only an edge, upright or lying, or a slope.
    """
    rows, columns = (size // 2 * 2 for size in grey.shape)
    upper, lower = (grey[first:rows:GRAIN_ROWS, :columns].astype(np.int16) for first in (0, 1))
    crossed = np.abs(upper[:, ::2] - upper[:, 1::2] - lower[:, ::2] + lower[:, 1::2])
    telling = crossed[np.abs(upper[:, ::2] - 127.5) < BRIGHTEST - 127.5]
    if telling.size == 0 or telling.size * 4 < crossed.size:  # a drawing: its edges would tell, not its grain
        return 0.0
    return float(np.partition(telling, telling.size // 4)[telling.size // 4]) / CROSSED
