"""Every code that is surely on one picture: the cheap reader first, the costly ones only where it fails.

    zxing-cpp on the whole picture --> tall enough to be sure? --> done
       | nothing, or only a line or two
       v
    each place that looks like bars, cut out and dressed in several ways --> two forms agree, or
       |                                                                     many lines of one form
       v
    zbar on the whole picture, then softened --> the same rule

A wrong code is worse than none: every wrong EAN that was ever seen here passed its check digit. So a text wins only
with at least twice the support of the next one; otherwise nothing is said and the next frame decides.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

import cv2
import numpy as np

from kiosk.scanner import bars, zbar, zxing
from kiosk.scanner.reading import Corners, Picture, Reading, reading

# A reading this flat (height over width) came from a line or two and needs somebody to agree. Short codes are
# misread most easily; zxing-cpp makes DataBar out of text now and then.
DOUBTFUL = {"EAN-13": 0.1, "UPC-A": 0.1, "EAN-8": 0.25, "UPC-E": 0.25, "GS1 DataBar": 0.02}

# Printed beside the product's bars more often than instead of them, so one of these ends no search.
BESIDE = frozenset({"QR", "Data Matrix"})

MOST_LINES = 12  # of one form; its neighbours' lines say nothing new
AGREED = 4  # lines over two forms or more
ALONE = 8  # lines of a single form
SETTLED = 8  # lines over two forms: no need to look on
MARGIN = 2  # times the support of the next text
WHOLE_DENSITY = 3  # every third row and column of a whole picture
SMALL = 800  # pixels; smaller pictures are worth enlarging

Said: TypeAlias = tuple[Reading, int]
"""A reading and how many scan lines stand behind it; zxing-cpp does not count them, so its are estimated."""


def read_image(image: Picture) -> list[str]:
    """Return the text of every code that is surely on ``image`` (rows, columns, blue-green-red); GTINs as digits."""
    return [found.text for found in read_codes(image)]


def read_codes(image: Picture, *, with_zbar: bool = True) -> list[Reading]:
    """Return every code that is surely on ``image``, each text once; [] when there is none.

    With ``with_zbar`` False it reads as on a machine that has no zbar library.

    Raises:
        ValueError: ``image`` is not rows and columns of bytes, grey or in three colours.
    """
    grey = _grey(image)
    if grey.size == 0:
        return []
    first = zxing.read(grey)
    sure = [found for found, flatness in first if flatness >= DOUBTFUL.get(found.symbology, 0.0)]
    doubts = [found for found, flatness in first if flatness < DOUBTFUL.get(found.symbology, 0.0)]
    if not sure and all(found.symbology == "GS1 DataBar" for found in doubts):
        sure = doubts  # nobody else here reads these
    if all(found.symbology in BESIDE for found in sure):
        sure += _second_look(grey, doubts, with_zbar=with_zbar and zbar.available())
    return list({found.text: found for found in reversed(sure)}.values())[::-1]


def _second_look(grey: Picture, doubts: list[Reading], *, with_zbar: bool) -> list[Reading]:
    doubted: list[Said] = [(doubt, _worth(doubt, 0.0)) for doubt in doubts]
    everywhere = list(doubted)
    winners = []
    for quad in bars.find(grey):
        place = bars.cut(grey, quad)
        if place is None:
            continue
        said = list(doubted)
        for form in _forms_of_place(*place, with_zbar=with_zbar):
            said += form
            if _agree(said, SETTLED):
                break
        winner = _winner(said)
        if winner is not None:
            winners.append(winner)
        everywhere += said[len(doubted) :]
    if winners:
        return winners
    for form in _forms_of_whole(grey, with_zbar=with_zbar):
        everywhere += form
        if _agree(everywhere, SETTLED):
            break
    last = _winner(everywhere)
    return [last] if last else []


def _forms_of_place(straight: Picture, corners: Corners, *, with_zbar: bool) -> Iterator[list[Said]]:
    """Yield what each reader says to each dressing, the pair that helps most often first."""
    if with_zbar:
        for name, dressed in bars.dressings(straight):
            yield _by_zbar(dressed, name, corners=corners)
    for name, dressed in bars.dressings(straight):
        yield _by_zxing(dressed, name, corners)


def _forms_of_whole(grey: Picture, *, with_zbar: bool) -> Iterator[list[Said]]:
    if with_zbar:
        yield _by_zbar(grey, "whole picture", WHOLE_DENSITY)
        softened = np.asarray(cv2.GaussianBlur(grey, (0, 0), 1), np.uint8)
        yield _by_zbar(softened, "whole picture softened", WHOLE_DENSITY)
    if max(grey.shape) < SMALL:
        doubled = np.asarray(cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
        yield _by_zxing(doubled, "whole picture enlarged", None)


def _by_zbar(picture: Picture, form: str, density: int = 1, *, corners: Corners | None = None) -> list[Said]:
    said = []
    for sight in zbar.scan(picture, density):
        made = reading(sight.text, sight.symbology, corners or sight.corners, f"zbar, {form}")
        if made is not None:
            said.append((made, min(sight.lines, MOST_LINES)))
    return said


def _by_zxing(picture: Picture, form: str, corners: Corners | None) -> list[Said]:
    said = []
    for found, flatness in zxing.read(picture, zxing.LINEAR):
        place = corners or tuple((x // 2, y // 2) for x, y in found.corners)
        made = replace(found, corners=place, reader=f"zxing-cpp, {form}")
        said.append((made, _worth(made, flatness)))
    return said


def _worth(made: Reading, flatness: float) -> int:
    """Estimate in lines what a reading of zxing-cpp counts for."""
    if flatness >= DOUBTFUL.get(made.symbology, 0.0):
        return 6
    return 1 if made.symbology == "UPC-E" else 2  # a UPC-E has only 6 of its digits in bars, and it shows


def _agree(said: Iterable[Said], lines: int) -> bool:
    """Whether two forms or more, with ``lines`` lines together, say one thing and nothing else is near."""
    support, forms = _support(said)
    text = _leader(support)
    return text is not None and len(forms[text]) > 1 and support[text] >= lines


def _winner(said: list[Said]) -> Reading | None:
    support, _ = _support(said)
    text = _leader(support)
    if text is None or not (support[text] >= ALONE or _agree(said, AGREED)):
        return None
    return next(made for made, _ in said if made.text == text)


def _support(said: Iterable[Said]) -> tuple[Counter[str], dict[str, set[str]]]:
    """Lines behind each text, counting the best of each form once, and the forms that say it."""
    best: dict[tuple[str, str], int] = {}
    for made, lines in said:
        best[made.text, made.reader] = max(lines, best.get((made.text, made.reader), 0))
    support: Counter[str] = Counter()
    forms: defaultdict[str, set[str]] = defaultdict(set)
    for (text, form), lines in best.items():
        support[text] += lines
        forms[text].add(form)
    return support, forms


def _leader(support: Counter[str]) -> str | None:
    ranked = support.most_common(2)
    if not ranked or (len(ranked) > 1 and ranked[0][1] < MARGIN * ranked[1][1]):
        return None
    return ranked[0][0]


def _grey(image: Picture) -> Picture:
    if image.dtype != np.uint8 or not (image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3)):
        raise ValueError("a picture is rows and columns of bytes, grey or blue-green-red")
    if image.ndim == 2 or image.size == 0:
        return np.ascontiguousarray(image)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
