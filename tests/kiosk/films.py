"""Films for a reader that asks: blurred just so far that no reader reads them any more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from assets.tools.make_camera_film import make_film
from kiosk.scanner.read import read_codes
from kiosk.scanner.reading import Picture

CODES = Path(__file__).resolve().parents[2] / "assets" / "demo" / "codes"
SHARPEST, STEP, LEVELS = 5.0, 0.25, 20  # pixels of blur


def unread_film(tag: Path, film: Path, seconds: float = 1.0) -> Path:
    """Make ``film`` of ``tag`` with the least blur at which none of its pictures can be read.

    Found anew for each run, because readers get better: what only the catalogue can guess begins where they end.
    """
    for level in range(LEVELS):
        make_film(tag, film, seconds, blur=SHARPEST + level * STEP)
        if not any(read_codes(picture) for picture in pictures(film)):
            return film
    raise AssertionError(f"{tag.name} can be read however blurred it is")


def pictures(film: Path) -> Iterator[Picture]:
    """The pictures of a film, one after the other."""
    capture = cv2.VideoCapture(str(film))
    try:
        while True:
            there, picture = capture.read()
            if not there:
                return
            yield np.asarray(picture, np.uint8)
    finally:
        capture.release()
