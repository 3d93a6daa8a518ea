"""Many tags on one picture, as on a sheet of shelf labels: all of them are read, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from kiosk.scanner import read_codes, zxing
from kiosk.scanner.reading import Picture
from retail.gtin import check_digit
from tests.kiosk.scanner.drawn import Kind, bars, blurred, scene

ACROSS = 5  # tags in a row of a sheet


def _text(number: int, kind: Kind) -> str:
    if kind == Kind.EAN13:
        payload = f"400{number * 7919 + 12345:09d}"
        return payload + check_digit(payload)
    return f"A-{number * 37:04d}"


def _sheet(
    kinds: Sequence[Kind], count: int, *, size: tuple[int, int], scale: int
) -> tuple[Picture, set[str]]:
    """``count`` tags of ``kinds`` in turn, in rows of five, and what they say."""
    texts = [
        (_text(number, kinds[number % len(kinds)]), kinds[number % len(kinds)]) for number in range(count)
    ]
    rows, columns = size
    placed = [
        (
            bars(text, kind, scale=scale, quiet=2),
            columns // 100 + at % ACROSS * columns // 5,
            rows // 33 + at // ACROSS * rows // 4,
        )
        for at, (text, kind) in enumerate(texts)
    ]
    return blurred(scene(*placed, size=size), 0.5), {text for text, _ in texts}


def _held(picture: Picture, degrees: float) -> Picture:
    """``picture`` turned, and so small that nothing of it is lost."""
    rows, columns = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((columns / 2, rows / 2), degrees, 0.85)
    held = cv2.warpAffine(picture, matrix, (columns, rows), flags=cv2.INTER_AREA, borderValue=(110, 110, 110))
    return np.asarray(held, np.uint8)


@pytest.mark.parametrize("degrees", [0, 10])
@pytest.mark.parametrize("count", [5, 20])
@pytest.mark.parametrize(
    "kinds",
    [
        [Kind.EAN13],
        [Kind.Code128],
        [Kind.QRCode],
        [Kind.EAN13, Kind.QRCode],
        [Kind.Code128, Kind.DataMatrix],
        [Kind.EAN13, Kind.Code128, Kind.QRCode, Kind.DataMatrix],
    ],
    ids=lambda kinds: "+".join(kind.name for kind in kinds),
)
@pytest.mark.parametrize("with_zbar", [True, False])
def test_a_sheet_of_tags_is_read_whole(kinds: list[Kind], count: int, degrees: int, with_zbar: bool) -> None:
    picture, texts = _sheet(kinds, count, size=(1080, 1920), scale=3)
    found = read_codes(_held(picture, degrees), with_zbar=with_zbar)
    assert sorted(made.text for made in found) == sorted(texts)


@pytest.mark.parametrize("with_zbar", [True, False])
@pytest.mark.parametrize(("size", "degrees", "few"), [((1080, 1920), 0, 4), ((1440, 2560), 5, 0)])
def test_tags_too_small_for_the_first_look_are_read_on_a_larger_form(
    size: tuple[int, int], degrees: float, few: int, with_zbar: bool
) -> None:
    """At the size of the first look a module has 1.2 or 0.9 pixels: zxing-cpp reads next to none of these bars."""
    picture, texts = _sheet([Kind.EAN13], 20, size=size, scale=2)
    picture = _held(picture, degrees)
    smaller = (picture.shape[0] * picture.shape[1] / 1_000_000) ** -0.5
    first = cv2.resize(picture, None, fx=smaller, fy=smaller, interpolation=cv2.INTER_AREA)
    assert len(zxing.lines(np.asarray(first, np.uint8))) <= few
    assert {made.text for made in read_codes(picture, with_zbar=with_zbar)} == texts


def test_each_tag_has_its_own_place() -> None:
    picture, _ = _sheet([Kind.EAN13], 20, size=(1080, 1920), scale=2)
    middles = {made.text: np.mean(made.corners, 0) for made in read_codes(picture)}
    for number in range(20):
        drawn = bars(_text(number, Kind.EAN13), scale=2, quiet=2)
        left, top = 19 + number % ACROSS * 384, 32 + number // ACROSS * 270
        middle = (left + drawn.shape[1] / 2, top + drawn.shape[0] / 2)
        assert tuple(middles[_text(number, Kind.EAN13)]) == pytest.approx(middle, abs=24)


@pytest.mark.parametrize("with_zbar", [True, False])
def test_tags_side_by_side_that_look_like_one_long_code(with_zbar: bool) -> None:
    """OpenCV finds such a row as one place; as one, none of them could be told from the others."""
    picture, texts = _sheet([Kind.EAN13], 6, size=(720, 1280), scale=2)
    picture = _held(picture, 10)
    assert {made.text for made in read_codes(picture, with_zbar=with_zbar)} == texts
