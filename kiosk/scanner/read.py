"""Every code that is surely on one picture: the cheap looks first, the costly ones only where they fail.

    zxing-cpp on the whole picture: bars, then squares
       v
    each place that looks like bars, cut out upright and dressed in several ways --> two programs agree, or one
       |    where none of them is read, also those that only half the picture shows    very often
       | one program, not often: our own fit of a code to the brightness of the bars is asked, too
       v no bars read
    zbar on the whole picture --> the same rule
       v nothing at all
    squares that were seen, once more, larger and in other light; then those that nobody saw
       v still nothing
    our own fit of a code to the brightness of the bars

What shows nothing at all is looked at in a larger form, and so is what shows many codes, as there may be more.
``evidence`` says what is enough. The work is bounded by numbers of pixels, never by a clock, so the same picture
always gives the same codes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.scanner import bars, evidence, squares, zbar, zxing
from kiosk.scanner.bars import Place
from kiosk.scanner.blurred import soft
from kiosk.scanner.evidence import Said
from kiosk.scanner.reading import Corners, Picture, Reading, grey_of, scaled
from kiosk.scanner.view import View, views

# Printed beside the product's bars more often than instead of them, so one of these ends no search.
BESIDE = frozenset({"QR", "Data Matrix", "GS1 QR", "GS1 Data Matrix"})

RETAIL_BARS = frozenset({"EAN-13", "UPC-A", "EAN-8", "UPC-E"})

WHOLE_DENSITY = 3  # every third row and column of a whole picture
SPARSE = 6  # the same where nobody even half saw a code, as zbar seldom does then
WHOLE = 0.85  # of a code's length: a place shorter than this shows only a part of it
MANY = 2  # codes on a picture from which on it may be a sheet of tags and have more of them
MOST_CODES = 32  # that are looked at for themselves
MOST_BANDS = 5  # of all places of a picture; fitting is the dearest of all
ENOUGH_BANDS = 3  # of one place, if they agree
MOST_SILENT = 3  # bands that say nothing, of all places
SMALL = 640  # pixels; smaller pictures are worth enlarging


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
    with_zbar = with_zbar and zbar.available()
    forms = views(grey)
    found = _look(grey, next(forms), with_zbar=with_zbar)
    if not found:
        found = [made for view in forms for made in _closer(view)]
    elif len(found) >= MANY:
        found += [made for view in forms for made in _further(grey, view, found, with_zbar=with_zbar)]
    return list({made.text: made for made in reversed(found)}.values())[::-1]


def _look(grey: Picture, view: View, *, with_zbar: bool) -> list[Reading]:
    square = zxing.squares(view.picture)
    found, half_seen = _first_look(view)
    found += [view.back(made) for made in square.read]
    unsure: list[tuple[Place, list[Said]]] = []
    elsewhere = list(half_seen)
    for place in _places(grey, view, found, half_seen):
        said = [one for one in half_seen if _same_bars(place.quad, one[0].corners)]
        elsewhere = [one for one in elsewhere if one not in said]
        won = _asked(place, said, with_zbar=with_zbar)
        if won is not None:
            found.append(won)
        else:
            unsure.append((place, said))
    # What one program alone says is looked at by our own eyes, too.
    found += _by_fitting(grey, [(place, said) for place, said in unsure if evidence.winner(said)])
    if any(made.symbology not in BESIDE for made in found):
        return found
    everything = elsewhere + [one for _, said in unsure for one in said]
    found += _whole(view, everything, with_zbar=with_zbar)
    if not found:
        lying = zxing.lying(view.picture)
        found = [view.back(made) for made in lying.read] or squares.again(view, square.seen + lying.seen)
    found = found or squares.unseen(view)
    return found or _by_fitting(grey, [(place, said) for place, said in unsure if not evidence.winner(said)])


def _asked(place: Place, said: list[Said], *, with_zbar: bool) -> Reading | None:
    """What the libraries surely read at ``place``; what they say is added to ``said``, which is what was said before."""
    for form in _forms(place, said, with_zbar=with_zbar):
        said += form
        if evidence.settled(said):
            break
    won = evidence.winner(said)
    return won if won is not None and _sure(said, won) else None


def _sure(said: list[Said], won: Reading) -> bool:
    """Whether nobody else needs to look; one program alone is not enough where our own eyes could see it, too."""
    return won.symbology not in soft.READS or not evidence.one_sided(said, won)


def _first_look(view: View) -> tuple[list[Reading], list[Said]]:
    """What zxing-cpp reads on the whole: what is sure, and what somebody else must say, too.

    Retail codes are never sure here: where bars are two pixels wide it can be wrong in many lines at once.
    """
    seen = [(view.back(made), flatness) for made, flatness in zxing.lines(view.picture)]
    sure = [
        made
        for made, flatness in seen
        if made.symbology not in RETAIL_BARS and not evidence.doubtful(made, flatness)
    ]
    half_seen = [(made, evidence.worth(made, flatness)) for made, flatness in seen if made not in sure]
    if not sure and len(half_seen) == 1 and half_seen[0][0].symbology == "GS1 DataBar":
        return [half_seen[0][0]], []  # nobody else here reads these
    return sure, half_seen


def _places(grey: Picture, view: View, found: list[Reading], half_seen: list[Said]) -> Iterator[Place]:
    """Yield the places with bars where nothing was ``found`` before, those of what was ``half_seen`` included.

    ``found`` is looked at again before each place: while it holds no bars, they are looked for on half the picture.
    """
    every = [np.asarray(quad * view.factor, np.float32) for quad in bars.find(view.picture, MOST_CODES)]
    quads, more = every[: bars.MOST_PLACES], every[bars.MOST_PLACES :]
    quads = [quad for quad in quads if not _joins(quad, half_seen)]
    for made, lines in half_seen[:MOST_CODES]:
        if lines > 2:
            own = np.asarray(made.corners, np.float32)
            there = [_covers(quad, made.corners) for quad in quads]
            long = WHOLE * _length(own)
            if not any(_length(quad) >= long for quad, at in zip(quads, there, strict=True) if at):
                quads.append(own)  # OpenCV found a part of what was read; a part cannot be read again
    before, looked = len(found), 0
    for place in _cut(grey, quads, found):
        looked += 1
        yield place
    for quad in more:
        if 2 * (len(found) - before) <= looked:
            break  # where so little is read, the rest is text as a rule
        for place in _cut(grey, [quad], found):
            looked += 1
            yield place
    if not any(made.symbology not in BESIDE for made in found):
        coarse = [np.asarray(quad * view.factor, np.float32) for quad in bars.find_coarser(view.picture)]
        yield from _cut(
            grey, [one for one in coarse if not any(bars.alike(one, two) for two in quads)], found
        )


def _cut(grey: Picture, quads: list[bars.Quad], found: list[Reading]) -> Iterator[Place]:
    for quad in quads:
        if not any(_covers(quad, made.corners) for made in found):
            place = bars.cut(grey, quad)
            if place is not None:
                yield place


def _joins(quad: bars.Quad, half_seen: list[Said]) -> bool:
    """Whether OpenCV took tags that lie side by side for one; each is then looked at where it was read."""
    clear = [made for made, lines in half_seen if lines > 2 and _covers(quad, made.corners)]
    return any(
        one.text != other.text and not _same_bars(np.asarray(one.corners, np.float32), other.corners)
        for one, other in combinations(clear, 2)
    )


def _length(quad: NDArray[np.float32]) -> float:
    return float(np.linalg.norm(quad - np.roll(quad, 1, 0), axis=1).max())


def _by_fitting(grey: Picture, unread: list[tuple[Place, list[Said]]]) -> list[Reading]:
    """What our own eyes make of places that no library can read, together with what those half saw."""
    bands, silent, read = 0, 0, []
    for place, said in unread:
        together = list(said)
        more = bands < MOST_BANDS and silent < MOST_SILENT
        for tried, band in enumerate(soft.read(grey, place) if more else (), 1):
            together += band
            bands += 1
            silent += not band
            enough = tried >= ENOUGH_BANDS and evidence.winner(together) is not None
            if enough or evidence.settled(together) or bands == MOST_BANDS or silent == MOST_SILENT:
                break
        won = evidence.winner(together)
        if won is not None and not evidence.guessed(together, won):
            read.append(won)
    return read


def _forms(place: Place, said: list[Said], *, with_zbar: bool) -> Iterator[list[Said]]:
    """Yield what each reader says to each dressing, the pair that helps most for its cost first.

    ``said`` is what all of them said so far.
    """
    clear = bars.contrast(place.tall)
    yield _by_zxing(clear, "contrast", place.corners)
    if with_zbar:
        yield _by_zbar(bars.contrast(place.flat), "contrast, flat", place.corners)
    yield _by_zxing(place.tall, "plain", place.corners)
    yield _by_zxing(bars.enlarged(place.tall), "enlarged", place.corners, 2.0)
    if with_zbar:
        yield _by_zbar(bars.wider(place.flat), "wide, flat", place.corners)
    if said:  # these settle what was said; they hardly ever show what the others did not
        if with_zbar:
            yield _by_zbar(clear, "contrast", place.corners)
            yield _by_zbar(bars.black_and_white(place.tall), "black and white", place.corners)
        yield _by_zxing(bars.black_and_white(place.tall), "black and white", place.corners)
        yield _by_zxing(bars.sharp(place.tall), "sharp", place.corners)
    dark = bars.inverse(place.tall)
    yield _by_zxing(dark, "inverse", place.corners)
    yield _by_zxing(bars.wider(dark), "inverse, wide", place.corners, 2.0)
    if with_zbar:
        yield _by_zbar(bars.inverse(place.flat), "inverse, flat", place.corners)


def _whole(view: View, said: list[Said], *, with_zbar: bool) -> list[Reading]:
    everywhere = list(said)
    if with_zbar:
        everywhere += [
            (view.back(made), lines)
            for made, lines in _by_zbar(
                view.picture, "whole picture", None, WHOLE_DENSITY if said else SPARSE
            )
        ]
    if max(view.picture.shape) < SMALL and not evidence.settled(everywhere):
        doubled = np.asarray(
            cv2.resize(view.picture, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8
        )
        everywhere += [
            (view.back(scaled(made, 0.5)), evidence.worth(made, flatness))
            for made, flatness in zxing.lines(
                doubled, zxing.RETAIL, reader="zxing-cpp, whole picture enlarged"
            )
        ]
    won = evidence.winner(everywhere)
    return [] if won is None or not _sure(everywhere, won) else [won]


def _closer(view: View) -> list[Reading]:
    """What zxing-cpp reads on a larger form of the picture."""
    seen = zxing.lines(view.picture)
    found = [made for made, flatness in seen if not evidence.doubtful(made, flatness)]
    return [view.back(made) for made in found + zxing.squares(view.picture, every_way=True).read]


def _further(grey: Picture, view: View, found: list[Reading], *, with_zbar: bool) -> list[Reading]:
    """What else is on a picture with many codes: they may be too small to be read but on a larger form of it.

    Only where zxing-cpp reads something there; what it reads is as sure as on a first look.
    """
    sure, half_seen = _first_look(view)
    sure += [view.back(made) for made in zxing.squares(view.picture).read]
    more = [made for made in sure if not _known(made, found)]
    for made, _ in half_seen[:MOST_CODES]:
        quad = np.asarray(made.corners, np.float32)
        for place in _cut(grey, [] if _known(made, found + more) else [quad], []):
            said = [one for one in half_seen if _same_bars(place.quad, one[0].corners)]
            won = _asked(place, said, with_zbar=with_zbar)
            if won is not None:
                more.append(won)
    return more


def _known(made: Reading, found: list[Reading]) -> bool:
    """Whether something was ``found`` where ``made`` was read."""
    return any(_same_bars(np.asarray(one.corners, np.float32), made.corners) for one in found)


def _by_zbar(picture: Picture, form: str, corners: Corners | None, density: int = 1) -> list[Said]:
    return [
        (replace(made, corners=corners) if corners else made, lines)
        for made, lines in zbar.scan(picture, density, reader=f"zbar, {form}")
    ]


def _by_zxing(picture: Picture, form: str, corners: Corners, widened: float = 1.0) -> list[Said]:
    seen = zxing.lines(picture, zxing.RETAIL, reader=f"zxing-cpp, {form}", upright=True)
    return [
        (replace(made, corners=corners), evidence.worth(made, flatness * widened)) for made, flatness in seen
    ]


def _same_bars(quad: bars.Quad, corners: Corners) -> bool:
    """Whether one was found around the other: a part of a long code can look like a short one."""
    outer = np.asarray(corners, np.float32)
    return _covers(quad, corners) or _covers(
        outer, tuple((round(float(x)), round(float(y))) for x, y in quad)
    )


def _covers(quad: bars.Quad, corners: Corners) -> bool:
    """Whether what was read at ``corners`` is what ``quad`` was found around."""
    middle = np.mean(np.asarray(corners, np.float32), 0)
    around = (quad - quad.mean(0)) * 1.1 + quad.mean(0)
    return bool(cv2.pointPolygonTest(around, (float(middle[0]), float(middle[1])), False) >= 0)


def _grey(image: Picture) -> Picture:
    if image.dtype != np.uint8 or not (image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3)):
        raise ValueError("a picture is rows and columns of bytes, grey or blue-green-red")
    if image.ndim == 2 or image.size == 0:
        return np.ascontiguousarray(image)
    return grey_of(image)
