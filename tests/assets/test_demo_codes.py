"""The tags to scan can be scanned, still and on film, and name products that the catalogue knows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import pytest
import zxingcpp
from PIL import Image

from assets.tools.make_camera_film import make_film
from retail.gtin import Gtin
from tests.conftest import Need

DEMO = Path(__file__).resolve().parents[2] / "assets" / "demo"
CODES: list[dict[str, Any]] = json.loads((DEMO / "codes" / "codes.json").read_text(encoding="utf-8"))


def known() -> dict[str, tuple[str, dict[str, str]]]:
    products = json.loads((DEMO / "products.json").read_text(encoding="utf-8"))
    return {v["gtin"]: (p["product"], v["options"]) for p in products for v in p["variants"]}


def gtin_in(text: str) -> str:
    """The GTIN-14 in what a reader read; readers may write a UPC-A with or without its leading zero."""
    return text.rsplit("/", 1)[-1].zfill(14)


def test_the_index_names_every_tag() -> None:
    assert sorted(c["file"] for c in CODES) == sorted(f.name for f in (DEMO / "codes").glob("*.png"))
    assert {c["symbology"] for c in CODES} == {"EAN-13", "EAN-8", "UPC-A", "QR Code"}


@pytest.mark.parametrize("code", CODES, ids=lambda c: str(c["file"]))
def test_a_tag_is_read_and_names_its_product(code: dict[str, Any]) -> None:
    with Image.open(DEMO / "codes" / code["file"]) as picture:
        (read,) = zxingcpp.read_barcodes(picture.convert("L"))
    assert read.text.lstrip("0") == code["text"]
    assert Gtin(gtin_in(read.text)) == code["gtin"]
    assert known()[gtin_in(read.text)] == (code["product"], code["options"])


@pytest.mark.parametrize("code", CODES, ids=lambda c: str(c["file"]))
def test_zbar_reads_the_same(code: dict[str, Any], need: Need) -> None:
    try:
        from pyzbar import pyzbar
    except ImportError:
        pyzbar = None
    need("zbar", pyzbar is not None, "install libzbar0")
    with Image.open(DEMO / "codes" / code["file"]) as picture:
        (read,) = pyzbar.decode(picture.convert("L"))
    assert gtin_in(read.data.decode()) == code["gtin"]


@pytest.mark.parametrize("code", CODES, ids=lambda c: str(c["file"]))
def test_every_frame_of_a_film_can_be_read(code: dict[str, Any], tmp_path: Path) -> None:
    film = tmp_path / "film.avi"
    make_film(DEMO / "codes" / code["file"], film, seconds=1.0, fps=10)
    camera = cv2.VideoCapture(str(film))
    frames = []
    while True:
        ok, frame = camera.read()
        if not ok:
            break
        frames.append(frame)
    camera.release()
    assert [f.shape for f in frames] == [(480, 640, 3)] * 10
    assert len({f.tobytes() for f in frames}) == 10, "a still picture is no film"
    assert [[gtin_in(r.text) for r in zxingcpp.read_barcodes(f)] for f in frames] == [[code["gtin"]]] * 10


def test_a_film_of_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no picture at .*missing\.png"):
        make_film(tmp_path / "missing.png", tmp_path / "film.avi")
    assert list(tmp_path.iterdir()) == []
