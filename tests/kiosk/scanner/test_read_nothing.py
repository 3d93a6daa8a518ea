"""Pictures without a code, pictures that are none, and pictures of every size."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from kiosk.scanner import read_codes, read_image
from kiosk.scanner.reading import Picture
from kiosk.scanner.view import MOST_CLOSER, MOST_PIXELS, views
from tests.kiosk.scanner.drawn import Kind, bars, blurred, scene

PEN = "4006381333931"


def _noise(seed: int) -> Picture:
    return np.random.default_rng(seed).integers(0, 256, (240, 320), dtype=np.uint8)


def _stripes(seed: int) -> Picture:
    """As wide as bars are, and without a code."""
    widths = np.random.default_rng(seed).integers(2, 9, 200)
    row = np.repeat(np.arange(200) % 2 * 170 + 40, widths)[:480]
    return np.repeat(row[None].astype(np.uint8), 320, 0)


def _grille(seed: int) -> Picture:
    picture = np.full((320, 480), 200, np.uint8)
    step = 5 + seed
    picture[:, ::step] = picture[:, 1::step] = 30
    return picture


def _text(seed: int) -> Picture:
    picture = np.full((320, 480), 235, np.uint8)
    letters = np.random.default_rng(seed).integers(97, 123, (16, 44))
    for row, line in enumerate(letters):
        words = "".join(map(chr, line))
        cv2.putText(picture, words, (6, 20 + 20 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (15,), 2)
    return picture


def _keyboard(seed: int) -> Picture:
    picture = np.full((320, 480), 60, np.uint8)
    for y in range(10, 300, 36):
        for x in range(10 + seed, 460, 38):
            cv2.rectangle(picture, (x, y), (x + 31, y + 29), (200,), -1)
            cv2.putText(
                picture, chr(65 + (x + y) % 26), (x + 9, y + 21), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (20,), 2
            )
    return picture


@pytest.mark.parametrize("soft", [0.0, 1.5])
@pytest.mark.parametrize("draw", [_noise, _stripes, _grille, _text, _keyboard])
def test_what_is_no_code_gives_nothing(draw: object, soft: float) -> None:
    assert callable(draw)
    for seed in range(6):
        grey: Picture = draw(seed)
        picture = grey if soft == 0 else blurred(grey, soft)
        assert read_image(picture) == []
        assert read_image(np.repeat(picture[:, :, None], 3, 2)) == []


def test_a_code_that_is_cut_off_is_not_guessed() -> None:
    whole = bars(PEN)
    for share in (0.5, 0.7, 0.85):
        assert read_image(whole[:, : int(whole.shape[1] * share)]) == []
        assert read_image(blurred(whole[:, : int(whole.shape[1] * share)], 2.0)) == []


def test_grey_and_tiny_and_empty_pictures() -> None:
    assert read_image(bars(PEN)[:, :, 0]) == [PEN]
    assert read_image(bars(PEN)[:, ::-1]) == [PEN]
    for shape in ((1, 1, 3), (0, 0, 3), (0, 5), (1, 700), (700, 1), (2, 2), (9, 9, 3), (3, 2000, 3)):
        assert read_image(np.zeros(shape, np.uint8)) == []
        assert read_image(np.full(shape, 255, np.uint8)) == []


@pytest.mark.parametrize("shape", [(4,), (4, 4, 4), (4, 4, 2), (1, 4, 4, 3)])
def test_what_is_no_picture_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="rows and columns"):
        read_codes(np.zeros(shape, np.uint8))


def test_a_photo_of_twelve_million_pixels() -> None:
    """The smaller code is read from the photo itself: the form that is looked at first shows only its place."""
    tag = bars(PEN, scale=4)
    photo = cv2.resize(
        scene((tag, 200, 150), size=(750, 1000)), (4000, 3000), interpolation=cv2.INTER_NEAREST
    )
    small = bars("96385074", Kind.EAN8, scale=4, quiet=60)
    photo[2600 : 2600 + small.shape[0], 3000 : 3000 + small.shape[1]] = small
    found = {made.text: np.mean(made.corners, 0) for made in read_codes(np.asarray(photo, np.uint8))}
    assert set(found) == {PEN, "96385074"}
    middle = 4 * np.array([200 + tag.shape[1] / 2, 150 + tag.shape[0] / 2])
    assert found[PEN] == pytest.approx(middle, abs=80)


def test_no_picture_costs_more_than_so_many_pixels() -> None:
    for rows, columns in ((720, 1280), (3000, 4000), (10000, 9999)):
        grey = np.zeros((rows, columns), np.uint8)
        first, *others = views(grey)
        assert first.picture.size <= MOST_PIXELS * 1.01
        assert all(view.picture.size <= MOST_CLOSER * 1.01 for view in others)
        assert len(others) == (rows > 720)


def test_a_frame_without_fine_detail_is_looked_at_half_as_large() -> None:
    tag = scene((bars(PEN, scale=2), 100, 120))
    large = cv2.resize(tag, (1280, 720), interpolation=cv2.INTER_NEAREST)[:, :, 0]
    grainy = large + np.random.default_rng(2).normal(0, 8, large.shape)
    sharp: Picture = np.clip(grainy, 0, 255).astype(np.uint8)
    assert [view.factor for view in views(sharp)] == [1.0]
    assert [view.factor for view in views(blurred(sharp, 4.0))] == [2.0]
    assert read_image(blurred(sharp, 1.5)) == [PEN]


@pytest.mark.parametrize(("grain", "softened"), [(0.0, False), (3.0, False), (8.0, True), (20.0, True)])
def test_a_grainy_picture_is_looked_at_a_little_blurred(grain: float, softened: bool) -> None:
    """Most of it is paper so bright that no grain is seen there."""
    plain = np.full((480, 640), 255, np.uint8)
    plain[120:330, :] = 110
    tag = bars(PEN, scale=2)[:, :, 0]
    plain[130 : 130 + tag.shape[0], 200 : 200 + tag.shape[1]] = tag
    noisy = plain + np.random.default_rng(4).normal(0, grain, plain.shape)
    picture: Picture = np.clip(noisy, 0, 255).astype(np.uint8)
    [view] = views(picture)
    assert np.array_equal(view.picture, blurred(picture, 0.8) if softened else picture)


def test_what_is_drawn_as_finely_as_grain_is_not_blurred() -> None:
    """A square whose modules are single pixels fills its picture, yet much of it is even."""
    square = bars("https://id.gs1.org/01/04006381333931/21/A1B2C3D4", Kind.QRCode, scale=1, quiet=4)[:, :, 0]
    [view] = views(np.ascontiguousarray(square))
    assert np.array_equal(view.picture, square)
    checks = np.indices((40, 40)).sum(0) % 2 * 255
    [view] = views(checks.astype(np.uint8))
    assert np.array_equal(view.picture, checks)


@pytest.mark.parametrize("shape", [(65_536, 40, 3), (40, 65_536, 3)])
def test_a_picture_longer_than_a_reader_takes_has_no_code(shape: tuple[int, int, int]) -> None:
    assert read_image(np.full(shape, 255, np.uint8)) == []
