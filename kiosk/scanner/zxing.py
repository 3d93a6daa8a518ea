"""Bars and squares read by zxing-cpp, which needs nothing of the system.

Only the kinds of code that a shop meets are asked for: it is faster, and a kind that is not looked for is not
invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import zxingcpp

from kiosk.scanner.reading import Corners, Picture, Reading, reading

_KIND = zxingcpp.BarcodeFormat
LINES = zxingcpp.BarcodeFormats([_KIND.EANUPC, _KIND.Code128, _KIND.ITF14, _KIND.DataBar])
RETAIL = zxingcpp.BarcodeFormats([_KIND.EANUPC, _KIND.Code128])
SQUARES = zxingcpp.BarcodeFormats([_KIND.QRCode, _KIND.DataMatrix])
MATRIX = zxingcpp.BarcodeFormats([_KIND.DataMatrix])
MOST_LONG = 65_535  # pixels of a side that it takes
_AROUND, _EVEN = zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram
NAMES = {
    "EAN13": "EAN-13",
    "EAN8": "EAN-8",
    "UPCA": "UPC-A",
    "UPCE": "UPC-E",
    "ITF": "ITF-14",
    "ITF14": "ITF-14",
    "Code128": "Code 128",
    "QRCode": "QR",
    "DataMatrix": "Data Matrix",
    "DataBar": "GS1 DataBar",
}


@dataclass(frozen=True, slots=True)
class Squares:
    """The squares on a picture: those ``read``, and the corners of those ``seen`` that could not be."""

    read: list[Reading]
    seen: list[Corners]


def lines(
    picture: Picture, formats: Any = LINES, *, reader: str = "zxing-cpp", upright: bool = False
) -> list[tuple[Reading, float]]:
    """Read the bars on ``picture``, each with its flatness: the height that was read over the width, 0 for a line.

    With ``upright`` bars that lie, and smaller forms of the picture, are not looked for. Nothing is read on a picture
    that is too long for it, here and below.
    """
    found: list[tuple[Reading, float]] = []
    if max(picture.shape) > MOST_LONG:
        return found
    for code in zxingcpp.read_barcodes(
        picture,
        formats=formats,
        text_mode=zxingcpp.TextMode.Plain,
        try_rotate=not upright,
        try_downscale=False,
    ):
        made = _made(code, reader)
        if made is not None:
            found.append((made, _flatness(made)))
    return found


def squares(
    picture: Picture, *, reader: str = "zxing-cpp", every_way: bool = False, evenly_lit: bool = False
) -> Squares:
    """Read QR codes, however they are turned, and Data Matrix codes that stand upright, or with ``every_way`` all.

    ``evenly_lit`` compares each pixel with the whole picture instead of with what is around it.
    """
    return _squares(
        picture, SQUARES, reader, try_rotate=every_way, binarizer=_EVEN if evenly_lit else _AROUND
    )


def lying(picture: Picture, *, reader: str = "zxing-cpp") -> Squares:
    """Read Data Matrix codes that do not stand upright, dark on light: what ``squares`` left out."""
    return _squares(picture, MATRIX, reader, try_rotate=True, try_downscale=False, try_invert=False)


def _squares(picture: Picture, formats: Any, reader: str, **how: Any) -> Squares:
    if max(picture.shape) > MOST_LONG:
        return Squares([], [])
    codes = zxingcpp.read_barcodes(
        picture, formats=formats, text_mode=zxingcpp.TextMode.Plain, return_errors=True, **how
    )
    made = [_made(code, reader) for code in codes if code.valid]
    return Squares(
        [one for one in made if one is not None], [_corners(code) for code in codes if not code.valid]
    )


def _made(code: Any, reader: str) -> Reading | None:
    kind = NAMES.get(code.format.name) or NAMES.get(code.symbology.name)
    if kind is None:
        return None
    if code.content_type == zxingcpp.ContentType.GS1 and not kind.startswith("GS1"):
        kind = "GS1-128" if kind == "Code 128" else f"GS1 {kind}"
    return reading(code.text, kind, _corners(code), reader)


def _corners(code: Any) -> Corners:
    place = code.position
    points = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    return tuple((point.x, point.y) for point in points)


def _flatness(made: Reading) -> float:
    corners = np.array(made.corners, float)
    sides = np.linalg.norm(corners - np.roll(corners, -1, 0), axis=1)
    return float((sides[1] + sides[3]) / max(sides[0] + sides[2], 1.0))
