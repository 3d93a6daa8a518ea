"""Every reader that ours is measured against: the same picture in, the texts that it says out."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import cv2
import numpy as np
import zxingcpp

from kiosk.scanner import read_codes, read_image, zbar
from kiosk.scanner.reading import Picture

Reader = Callable[[Picture], list[str]]

_KIND = zxingcpp.BarcodeFormat
SAME = zxingcpp.BarcodeFormats(
    [_KIND.EANUPC, _KIND.Code128, _KIND.ITF14, _KIND.DataBar, _KIND.QRCode, _KIND.DataMatrix]
)


def ours_without_zbar(picture: Picture) -> list[str]:
    """Ours as on a machine that has no zbar library."""
    return [made.text for made in read_codes(picture, with_zbar=False)]


def zxing_default(picture: Picture) -> list[str]:
    """zxing-cpp as it comes, every kind of code."""
    return [code.text for code in zxingcpp.read_barcodes(picture, text_mode=zxingcpp.TextMode.Plain)]


def zxing_same(picture: Picture) -> list[str]:
    """zxing-cpp asked for the kinds that ours reads."""
    return [
        code.text for code in zxingcpp.read_barcodes(picture, formats=SAME, text_mode=zxingcpp.TextMode.Plain)
    ]


def cv2_detector(picture: Picture) -> list[str]:
    """OpenCV's reader of bars."""
    try:
        _, texts, _, _ = cv2.barcode.BarcodeDetector().detectAndDecodeWithType(picture)
    except cv2.error:  # it refuses pictures of a few pixels
        return []
    return [text for text in texts if text]


def _pyzbar(picture: Picture) -> list[str]:
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
    found = import_module("pyzbar.pyzbar").decode(grey)
    return [code.data.decode("utf-8", "replace") for code in found]


def readers() -> dict[str, Reader]:
    """Every reader there is on this machine by its name; pyzbar only where the zbar library is."""
    made: dict[str, Reader] = {"ours": read_image, "no_zbar": ours_without_zbar}
    if zbar.available():
        made["pyzbar"] = _pyzbar
    return made | {"zxing": zxing_default, "zxing_same": zxing_same, "cv2": cv2_detector}
