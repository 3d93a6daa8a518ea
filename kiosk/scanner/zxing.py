"""Bars and squares read by zxing-cpp, which needs nothing of the system.

Only the kinds of code that a shop meets are asked for: it is faster, and a kind that is not looked for is not
invented.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import zxingcpp

from kiosk.scanner.reading import Picture, Reading, reading

_KIND = zxingcpp.BarcodeFormat
LINEAR = zxingcpp.BarcodeFormats([_KIND.EANUPC, _KIND.Code128])
WANTED = zxingcpp.BarcodeFormats(
    [_KIND.EANUPC, _KIND.Code128, _KIND.ITF14, _KIND.DataBar, _KIND.QRCode, _KIND.DataMatrix]
)
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


def read(
    picture: Picture, formats: Any = WANTED, *, reader: str = "zxing-cpp"
) -> list[tuple[Reading, float]]:
    """Read ``picture``, each code with its flatness: the height that was read over the width, 0 for one line."""
    found = []
    for code in zxingcpp.read_barcodes(picture, formats=formats, text_mode=zxingcpp.TextMode.Plain):
        kind = NAMES.get(code.format.name) or NAMES.get(code.symbology.name)
        if kind is None:
            continue
        if code.content_type == zxingcpp.ContentType.GS1 and not kind.startswith("GS1"):
            kind = "GS1-128" if kind == "Code 128" else f"GS1 {kind}"
        place = code.position
        points = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
        made = reading(code.text, kind, tuple((point.x, point.y) for point in points), reader)
        if made is not None:
            found.append((made, _flatness(made)))
    return found


def _flatness(made: Reading) -> float:
    corners = np.array(made.corners, float)
    sides = np.linalg.norm(corners - np.roll(corners, -1, 0), axis=1)
    return float((sides[1] + sides[3]) / max(sides[0] + sides[2], 1.0))
