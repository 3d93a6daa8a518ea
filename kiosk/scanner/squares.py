"""A second try at QR and Data Matrix codes that could not be read, or not even be seen: larger, and in other light."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from kiosk.scanner import bars, zxing
from kiosk.scanner.reading import Corners, Picture, Reading, moved, scaled
from kiosk.scanner.view import View

MOST_TRIED = 2  # squares of a picture
AROUND = 0.35  # of a square's size, cut out on every side: readers want the quiet zone
SMALL = 640  # pixels; a smaller picture is worth enlarging as a whole
LARGE = 480  # pixels; what is cut out is brought to about this size, from either side


def again(view: View, seen: list[Corners]) -> list[Reading]:
    """Read the squares that were ``seen`` on ``view``; [] when none can be read even so."""
    found: list[Reading] = []
    for corners in _apart(seen)[:MOST_TRIED]:
        left, top, part = _part(view.picture, corners)
        if min(part.shape) < 8:
            continue
        for form, factor, picture in _forms(part):
            read = zxing.squares(picture, reader=f"zxing-cpp, {form}", every_way=True).read
            if not read:
                read = zxing.squares(
                    picture, reader=f"zxing-cpp, {form}, evenly lit", every_way=True, evenly_lit=True
                ).read
            if read:
                found += [view.back(moved(scaled(made, 1 / factor), left, top)) for made in read]
                break
    return found


def unseen(view: View) -> list[Reading]:
    """Read squares that nobody saw at all; [] when there are none even so.

    Light is compared over the whole picture instead of with what is around, where a weave or wood grain shows inside
    large modules; and a small picture is enlarged, as modules of a pixel or two are not seen.
    """
    read = zxing.squares(view.picture, reader="zxing-cpp, evenly lit", evenly_lit=True).read
    if not read and max(view.picture.shape) < SMALL:
        doubled = np.asarray(
            cv2.resize(view.picture, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8
        )
        for form, picture, every_way in (
            ("whole picture enlarged", doubled, False),
            ("whole picture enlarged, sharp", bars.sharp(doubled), True),
        ):
            seen = zxing.squares(picture, reader=f"zxing-cpp, {form}", every_way=every_way)
            read = [scaled(made, 0.5) for made in seen.read]
            if read:
                break
    return [view.back(made) for made in read]


def _apart(seen: list[Corners]) -> list[Corners]:
    """The largest of those that lie over each other."""
    kept: list[Corners] = []
    for corners in sorted(seen, key=lambda one: -_box(one)[2]):
        x, y, size = _box(corners)
        if size > 0 and all(max(abs(x - a), abs(y - b)) > other / 2 for a, b, other in map(_box, kept)):
            kept.append(corners)
    return kept


def _box(corners: Corners) -> tuple[float, float, float]:
    points = np.asarray(corners, float)
    low, high = points.min(0), points.max(0)
    return float(low[0] + high[0]) / 2, float(low[1] + high[1]) / 2, float((high - low).max())


def _part(picture: Picture, corners: Corners) -> tuple[int, int, Picture]:
    x, y, size = _box(corners)
    reach = size * (0.5 + AROUND) + 4
    left, top = max(round(x - reach), 0), max(round(y - reach), 0)
    return left, top, picture[top : max(round(y + reach), 0), left : max(round(x + reach), 0)]


def _forms(part: Picture) -> Iterator[tuple[str, float, Picture]]:
    factor = LARGE / max(part.shape)
    if factor < 1:
        larger = cv2.resize(part, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    else:
        factor = min(factor, 3.0)
        larger = cv2.resize(part, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    yield "enlarged", factor, np.asarray(larger, np.uint8)
    yield "enlarged, contrast", factor, bars.contrast(np.asarray(larger, np.uint8))
    softened = cv2.GaussianBlur(larger, (0, 0), 1.5)
    yield "enlarged, softened", factor, np.asarray(softened, np.uint8)
