"""Barcodes drawn for tests, alone or on something like a photo."""

from __future__ import annotations

import cv2
import numpy as np
import zxingcpp

from kiosk.scanner.reading import Picture

Kind = zxingcpp.BarcodeFormat


def bars(
    text: str, kind: Kind = Kind.EAN13, scale: int = 3, quiet: int = 30, *, gs1: bool = False
) -> Picture:
    """Draw one code in colour channels, ``scale`` pixels per module, with ``quiet`` white pixels around it.

    With ``gs1``, ``text`` is a GS1 string with its (identifiers) and the symbol says that it is one.
    """
    made = zxingcpp.create_barcode(text, kind, **({"gs1": True} if gs1 else {}))
    drawn = zxingcpp.write_barcode_to_image(made, scale=scale)
    padded = np.pad(np.array(drawn), quiet, constant_values=255)
    return np.repeat(padded[:, :, None], 3, axis=2)


def scene(*codes: tuple[Picture, int, int], size: tuple[int, int] = (480, 640)) -> Picture:
    """Put drawn codes, each with its x and y, on a grainy grey ground of ``size`` rows and columns."""
    rng = np.random.default_rng(1)
    picture = rng.integers(90, 130, (*size, 3), dtype=np.uint8)
    for code, x, y in codes:
        rows, columns = code.shape[:2]
        picture[y : y + rows, x : x + columns] = code
    return picture


def turned(picture: Picture, degrees: float) -> Picture:
    """Turn ``picture`` about its middle; what comes in from outside is grey."""
    rows, columns = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((columns / 2, rows / 2), degrees, 1)
    return np.asarray(cv2.warpAffine(picture, matrix, (columns, rows), borderValue=(110, 110, 110)), np.uint8)


def blurred(picture: Picture, sigma: float) -> Picture:
    """Blur ``picture`` as a lens out of focus does."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)
