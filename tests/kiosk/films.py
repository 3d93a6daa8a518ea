"""Films for a reader that asks: blurred just so far that no reader reads them any more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from assets.tools.make_camera_film import make_film
from kiosk.scanner.blurred.known import KnownCodes
from kiosk.scanner.blurred.prior import Matcher
from kiosk.scanner.read import read_codes
from kiosk.scanner.reading import Picture

CODES = Path(__file__).resolve().parents[2] / "assets" / "demo" / "codes"
# Blur and shake in pixels: what readers fail at first differs from one to the next.
LEVELS = (
    *((blur, shake) for shake in (15, 17, 19) for blur in (1.5, 4.0)),
    *((5.0 + step / 4, 0) for step in range(13)),
)


def unread_film(tag: Path, film: Path, known: KnownCodes, seconds: float = 1.0) -> Path:
    """Make ``film`` of ``tag`` so blurred that none of its pictures can be read, while the matcher still knows it.

    The blur is found anew for each run, because readers get better: the matcher begins where they end.
    """
    for blur, shake in LEVELS:
        make_film(tag, film, seconds, blur=blur, shake=shake)
        if not any(read_codes(picture) for picture in pictures(film)):
            matcher = Matcher(known)
            if any(matcher.offer(picture) for picture in list(pictures(film))[::5]):
                return film
    raise AssertionError(f"whatever the blur: {tag.name} can be read, or is not known either")


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
