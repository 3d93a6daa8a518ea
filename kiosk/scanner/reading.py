"""One code as it was read from a picture: what it says, where it is, and who read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from retail.codes import RETAIL
from retail.gtin import Gtin

Picture: TypeAlias = NDArray[np.uint8]
"""Rows, columns and the colours blue, green, red; or rows and columns of grey."""

Corners: TypeAlias = tuple[tuple[int, int], ...]
"""Four points (x, y) in the picture's pixels, around the code."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A code on a picture.

    ``text`` is what the bars say: a GTIN's digits (UPC-E written out as twelve), else the text with GS between
    the parts of a GS1 string. ``symbology`` has the names that ``retail.codes`` knows. ``reader`` says which
    program read it from which form of the picture, for people who look for a fault.
    """

    text: str
    symbology: str
    corners: Corners
    reader: str


def reading(text: str, symbology: str, corners: Corners, reader: str) -> Reading | None:
    """Make a Reading whose digits are written in one way for all readers; None when the check digit is wrong."""
    if symbology not in RETAIL:
        return Reading(text, symbology, corners, reader) if text else None
    gtin = Gtin.or_none(text, symbology)
    if gtin is None:
        return None
    if symbology in {"UPC-A", "UPC-E"} or (symbology == "EAN-13" and gtin.startswith("00")):
        return Reading(gtin[-12:], "UPC-E" if symbology == "UPC-E" else "UPC-A", corners, reader)
    return Reading(gtin[-{"EAN-13": 13, "EAN-8": 8, "ITF-14": 14}[symbology] :], symbology, corners, reader)


def grey_of(image: Picture) -> Picture:
    """``image`` as rows and columns of grey; itself when it is that already."""
    return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)


def around(points: Iterable[tuple[float, float]]) -> Corners:
    """Return the upright box around ``points``, from its top left corner clockwise."""
    xs, ys = zip(*points, strict=True)
    left, right, top, bottom = round(min(xs)), round(max(xs)), round(min(ys)), round(max(ys))
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def scaled(made: Reading, factor: float) -> Reading:
    """``made`` with its corners as they are on a picture that is ``factor`` times as large."""
    return replace(made, corners=tuple((round(x * factor), round(y * factor)) for x, y in made.corners))


def moved(made: Reading, right: float, down: float) -> Reading:
    """``made`` with its corners shifted, as from a part to the whole that it was cut from."""
    return replace(made, corners=tuple((round(x + right), round(y + down)) for x, y in made.corners))
