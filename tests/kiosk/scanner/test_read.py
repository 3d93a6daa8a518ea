"""Reading a picture: everything that is surely on it, and nothing else."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.scanner import Reading, read_codes, read_image, zbar, zxing
from retail.codes import read_code
from retail.gtin import Gtin, InvalidGtin
from tests.conftest import Need
from tests.kiosk.scanner.drawn import Kind, bars, blurred, scene, turned

PEN = "4006381333931"
LINK = "https://id.gs1.org/01/04006381333931"
PHOTOS = Path(__file__).parents[4] / "shared" / "barcodes" / "dev"


@pytest.mark.parametrize(
    ("written", "kind", "text", "symbology"),
    [
        (PEN, Kind.EAN13, PEN, "EAN-13"),
        ("96385074", Kind.EAN8, "96385074", "EAN-8"),
        ("036000291452", Kind.UPCA, "036000291452", "UPC-A"),
        ("04252614", Kind.UPCE, "042100005264", "UPC-E"),
        ("14006381333938", Kind.ITF14, "14006381333938", "ITF-14"),
        ("AB-12/x", Kind.Code128, "AB-12/x", "Code 128"),
        (LINK, Kind.QRCode, LINK, "QR"),
        (LINK, Kind.DataMatrix, LINK, "Data Matrix"),
        ("0104006381333931", Kind.DataBarOmni, "0104006381333931", "GS1 DataBar"),
    ],
)
@pytest.mark.parametrize("with_zbar", [True, False])
def test_each_kind_is_read(written: str, kind: Kind, text: str, symbology: str, with_zbar: bool) -> None:
    found = read_codes(bars(written, kind), with_zbar=with_zbar)
    assert [(made.text, made.symbology) for made in found] == [(text, symbology)]


@pytest.mark.parametrize(
    ("kind", "symbology"),
    [(Kind.Code128, "GS1-128"), (Kind.QRCode, "GS1 QR"), (Kind.DataMatrix, "GS1 Data Matrix")],
)
def test_a_gs1_string_keeps_its_parts_apart(kind: Kind, symbology: str) -> None:
    [found] = read_codes(bars("(01)04006381333931(10)A7(21)99", kind, gs1=True))
    assert (found.text, found.symbology) == ("010400638133393110A7\x1d2199", symbology)
    code = read_code(found.text, found.symbology)
    assert (code.gtin, code.lot, code.serial) == ("04006381333931", "A7", "99")


@pytest.mark.parametrize("with_zbar", [True, False])
@pytest.mark.parametrize("degrees", range(0, 360, 15))
def test_however_the_tag_is_held(degrees: int, with_zbar: bool, need: Need) -> None:
    if with_zbar:
        need("zbar", zbar.available(), "libzbar0 is not installed")
    picture = turned(scene((bars(PEN), 100, 120)), degrees)
    assert [found.text for found in read_codes(picture, with_zbar=with_zbar)] == [PEN]


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_data_matrix_may_lie_or_stand(degrees: int) -> None:
    for text, scale in (("A-1", 6), ("ABC-12345", 4), (LINK, 4)):
        picture = turned(scene((bars(text, Kind.DataMatrix, scale=scale), 250, 150)), degrees)
        assert read_image(picture) == [text]


@pytest.mark.parametrize("with_zbar", [True, False])
@pytest.mark.parametrize("kind", [Kind.EAN13, Kind.QRCode, Kind.DataMatrix])
def test_light_bars_on_dark_paper(kind: Kind, with_zbar: bool) -> None:
    text = PEN if kind == Kind.EAN13 else "A-1"
    picture = turned(scene((255 - bars(text, kind), 100, 120)), 10)
    assert [found.text for found in read_codes(picture, with_zbar=with_zbar)] == [text]


@pytest.mark.parametrize("with_zbar", [True, False])
@pytest.mark.parametrize(
    ("sigma", "grain", "texts"),
    [(0.0, 0, [PEN]), (0.0, 40, [PEN]), (1.2, 10, [PEN]), (1.6, 5, [PEN]), (2.2, 2, [PEN]), (4.5, 2, [])],
)
def test_blur_and_grain(sigma: float, grain: int, texts: list[str], with_zbar: bool) -> None:
    """Bars are two pixels wide; what is out of reach gives nothing rather than a guess."""
    picture = scene((bars(PEN, scale=2), 100, 120))
    if sigma:
        picture = blurred(picture, sigma)
    noisy = picture + np.random.default_rng(3).normal(0, grain, picture.shape)
    picture = np.asarray(np.clip(noisy, 0, 255), np.uint8)
    assert [found.text for found in read_codes(picture, with_zbar=with_zbar)] == texts


@pytest.mark.parametrize("with_zbar", [True, False])
@pytest.mark.parametrize(
    ("kind", "scale", "grain"), [(Kind.EAN13, 2, 10), (Kind.Code128, 2, 10), (Kind.DataMatrix, 4, 16)]
)
def test_a_tag_in_the_dark_of_a_store(kind: Kind, scale: int, grain: int, with_zbar: bool) -> None:
    """So little light that there is much grain for little contrast; zxing-cpp sees no bars at all."""
    text = PEN if kind == Kind.EAN13 else "AB-12/x"
    faint = 100 + scene((bars(text, kind, scale=scale), 100, 120)) // 4
    noisy = faint + np.random.default_rng(6).normal(0, grain, faint.shape[:2])[:, :, None]
    picture = np.asarray(np.clip(noisy, 0, 255), np.uint8)
    assert zxing.lines(picture[:, :, 0]) == []
    assert [found.text for found in read_codes(picture, with_zbar=with_zbar)] == [text]


@pytest.mark.parametrize("with_zbar", [True, False])
def test_our_own_eyes_read_blurred_bars_that_zxing_cannot(with_zbar: bool) -> None:
    picture = blurred(scene((bars(PEN, scale=2), 100, 120)), 1.8)
    assert zxing.lines(picture) == []
    [found] = read_codes(picture, with_zbar=with_zbar)
    assert (found.text, found.reader.split(",")[0]) == (PEN, "our own fit")
    assert _middle(found) == pytest.approx((247, 203), abs=8)


@pytest.mark.parametrize("degrees", [0, 20, 45, 75])
@pytest.mark.parametrize(("scale", "sigma", "faint"), [(4, 4.0, 1), (3, 2.6, 3), (5, 2.6, 3)])
def test_bars_without_edges_are_found_on_half_the_picture(
    scale: int, sigma: float, faint: int, degrees: int
) -> None:
    """Large but out of focus, or not quite so much so and faint, with a little grain."""
    picture = turned(blurred(scene((bars(PEN, scale=scale), 0, 60)), sigma), degrees)
    grain = np.random.default_rng(1).normal(0, 4, picture.shape[:2])[:, :, None]
    picture = np.asarray(np.clip(80 * (faint > 1) + picture / faint + grain, 0, 255), np.uint8)
    assert [found.text for found in read_codes(picture)] == [PEN]


@pytest.mark.parametrize("lean", [-0.1, 0.1])
def test_our_own_eyes_follow_bars_that_lean(lean: float) -> None:
    """As on a tag that is seen from the side: bars are not square to the line that they stand on."""
    matrix = np.array([[1, lean, -lean * 240], [0, 1, 0]])
    drawn = scene((bars(PEN, scale=2), 180, 150))
    leaning = np.asarray(cv2.warpAffine(drawn, matrix, (640, 480), borderValue=(110, 110, 110)), np.uint8)
    [found] = read_codes(blurred(leaning, 1.5), with_zbar=False)
    assert (found.text, found.reader.split(",")[0]) == (PEN, "our own fit")


def test_two_codes_are_both_read_with_their_places() -> None:
    picture = scene((bars(PEN, scale=2), 10, 30), (bars("96385074", Kind.EAN8, scale=2), 360, 250))
    found = {made.text: _middle(made) for made in read_codes(picture)}
    assert set(found) == {PEN, "96385074"}
    assert found[PEN] == pytest.approx((157, 110), abs=6)
    assert found["96385074"] == pytest.approx((470, 330), abs=6)


def test_a_marketing_square_does_not_hide_the_products_bars() -> None:
    picture = turned(scene((bars(PEN), 100, 120)), 45)  # zxing-cpp alone reads no bars at this angle
    square = bars("https://brand.example/win", Kind.QRCode, quiet=9)
    picture[: square.shape[0], : square.shape[1]] = square
    assert set(read_image(picture)) == {"https://brand.example/win", PEN}


def test_a_square_that_only_a_larger_form_shows_is_where_it_is() -> None:
    square = bars("https://id.gs1.org/01/04006381333931/21/A1B2C3D4", Kind.QRCode, scale=2, quiet=20)
    picture = blurred(scene((square, 300, 200), size=(480, 640)), 0.95)
    [found] = read_codes(picture)
    assert found.text.endswith("/21/A1B2C3D4")
    assert _middle(found) == pytest.approx((300 + square.shape[1] / 2, 200 + square.shape[0] / 2), abs=5)


@pytest.mark.parametrize(("scale", "coarse", "strong"), [(12, 3, 20), (26, 6, 10)])
def test_a_large_square_on_cloth(scale: int, coarse: int, strong: int) -> None:
    """Inside each module the weave is darker and lighter than what is around it."""
    square = 60 + 0.4 * bars("A-1", Kind.QRCode, scale=scale, quiet=2 * scale)[:, :, 0]
    weave = cv2.GaussianBlur(np.random.default_rng(1).normal(0, 1, square.shape), (0, 0), coarse)
    picture = np.asarray(np.clip(square + weave * (strong / weave.std()), 0, 255), np.uint8)
    [found] = read_codes(picture)
    assert (found.text, found.reader) == ("A-1", "zxing-cpp, evenly lit")
    assert _middle(found) == pytest.approx((square.shape[1] / 2, square.shape[0] / 2), abs=3)


@pytest.mark.parametrize(
    ("kind", "scale", "sigma", "degrees", "form"),
    [
        (Kind.QRCode, 2, 1.2, 0, "whole picture enlarged, sharp"),
        (Kind.DataMatrix, 3, 1.2, 15, "whole picture enlarged"),
        (Kind.DataMatrix, 2, 0.6, 15, "whole picture enlarged, sharp"),
    ],
)
def test_a_small_picture_of_small_modules(
    kind: Kind, scale: int, sigma: float, degrees: int, form: str
) -> None:
    square = bars("A-1", kind, scale=scale, quiet=2)
    [found] = read_codes(turned(blurred(square, sigma), degrees))
    assert (found.text, found.reader) == ("A-1", f"zxing-cpp, {form}")
    assert _middle(found) == pytest.approx((square.shape[1] / 2, square.shape[0] / 2), abs=2)


def test_the_same_code_twice_is_said_once() -> None:
    picture = scene((bars(PEN, scale=2), 10, 10), (bars(PEN, scale=2), 300, 250))
    assert read_image(picture) == [PEN]


def test_a_wrong_check_digit_is_not_read() -> None:
    wrong = bars("14006381333938", Kind.ITF)
    assert read_image(wrong) == ["14006381333938"]
    assert read_image(bars("14006381333939", Kind.ITF)) == []


@pytest.mark.parametrize("sigma", [0.0, 1.5, 2.5])
def test_the_halves_of_two_codes_are_no_code(sigma: float) -> None:
    one, other = bars(PEN), bars("9780201379624")
    spliced = np.hstack([one[:, : one.shape[1] // 2], other[:, one.shape[1] // 2 :]])
    picture = scene((spliced, 100, 120))
    assert read_image(blurred(picture, sigma) if sigma else picture) == []


def test_everything_works_on_a_machine_without_zbar() -> None:
    program = (
        "import sys; sys.modules['pyzbar.wrapper'] = None\n"
        "from kiosk.scanner import read_image, zbar\n"
        "from tests.kiosk.scanner.drawn import bars, scene, turned\n"
        f"print(zbar.available(), read_image(turned(scene((bars('{PEN}'), 100, 120)), 40)))"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"False ['{PEN}']\n"


def test_real_photos_are_read_and_none_wrongly(need: Need) -> None:
    """The retail photos only; the benchmark reads all of them and says more."""
    if not PHOTOS.is_dir():
        pytest.skip(f"there are no photos in {PHOTOS}")
    need("zbar", zbar.available(), "libzbar0 is not installed")
    with (PHOTOS / "index.csv").open(newline="", encoding="utf-8") as index:
        rows = [row for row in csv.DictReader(index) if row["symbology"] in {"EAN13", "EAN8", "UPCA", "UPCE"}]
    right = wrong = 0
    for row in rows:
        symbology = "UPC-E" if row["symbology"] == "UPCE" else None
        known = {Gtin.parse(text, symbology) for text in (row["expected"], row["also"]) if text}
        image = np.asarray(cv2.imread(str(PHOTOS / row["file"])), np.uint8)
        found = {gtin for text in read_image(image) if (gtin := _gtin(text))}
        right += bool(found & known)
        wrong += bool(found - known)
    assert (right / len(rows) >= 0.9, wrong) == (True, 0)


def _gtin(text: str) -> Gtin | None:
    try:
        return Gtin.parse(text)
    except InvalidGtin:
        return None


def _middle(made: Reading) -> tuple[float, float]:
    xs, ys = zip(*made.corners, strict=True)
    return sum(xs) / 4, sum(ys) / 4
