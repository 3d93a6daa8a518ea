"""``aisle scan``: pictures and typed codes, one object each, an error in words for the rest."""

from __future__ import annotations

import json
from pathlib import Path

import cv2

from kiosk.scanner.command import scan_files
from tests.kiosk.scanner.drawn import Kind, bars, scene

PEN = "4006381333931"


def saved(path: Path, *codes: tuple[str, Kind]) -> str:
    """Write a picture with ``codes`` side by side and return its name."""
    placed = [(bars(text, kind, scale=2), 10 + 320 * number, 30) for number, (text, kind) in enumerate(codes)]
    cv2.imwrite(str(path), scene(*placed, size=(300, 700)))
    return str(path)


def test_a_picture_gives_one_object_per_code(tmp_path: Path) -> None:
    name = saved(tmp_path / "two.png", (PEN, Kind.EAN13), ("AB-12/x", Kind.Code128))
    first, second = sorted(scan_files([name]), key=lambda found: str(found["symbology"]), reverse=True)
    assert json.loads(json.dumps(first)) == first
    assert list(first) == ["input", "gtin14", "symbology", "text", "reader", "corners"]
    assert (first["input"], first["gtin14"], first["symbology"]) == (name, "04006381333931", "EAN-13")
    assert (first["text"], first["reader"], len(first["corners"])) == (PEN, "zxing-cpp", 4)
    assert (second["gtin14"], second["symbology"], second["text"]) == (None, "Code 128", "AB-12/x")


def test_typed_codes_go_the_same_way() -> None:
    typed = {"reader": None, "corners": None, "symbology": "typed"}
    assert list(scan_files([PEN, "ABC/1", "(01)04006381333931(10)A"])) == [
        {"input": PEN, "gtin14": "04006381333931", "text": PEN, **typed},
        {"input": "ABC/1", "gtin14": None, "text": "ABC/1", **typed},
        {
            "input": "(01)04006381333931(10)A",
            "gtin14": "04006381333931",
            "text": "(01)04006381333931(10)A",
            **typed,
        },
    ]


def test_what_gives_no_code_says_why(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "bare.png"), scene())
    (tmp_path / "letter.txt").write_text("hello")
    given = [
        str(tmp_path / "bare.png"),
        str(tmp_path / "letter.txt"),
        "gone.jpg",
        "4006381333932",
        "x" * 600,
        "a\0b.png",
    ]
    found = list(scan_files(given))
    assert [list(each) for each in found[:5]] == [["input", "error"]] * 5
    assert [each["input"] for each in found] == given
    says = [each.get("error", "") for each in found]
    assert "No code could be read" in says[0]
    assert "letter.txt is not a picture" in says[1]
    assert "There is no file gone.jpg" in says[2]
    assert "the last would be 1" in says[3]
    assert "longer than 512" in says[4]
    assert found[5]["text"] == "ab.png"


def test_a_code_on_a_picture_that_is_none_of_ours_says_why(tmp_path: Path) -> None:
    name = str(tmp_path / "long.png")
    cv2.imwrite(name, bars("https://example.org/" + "x" * 600, Kind.QRCode, scale=4))
    [found] = scan_files([name])
    assert "longer than 512" in found["error"]


def test_an_address_is_a_code_and_never_a_file_or_a_visit() -> None:
    [found] = scan_files(["https://id.gs1.org/01/04006381333931.png"])
    assert (found["gtin14"], found["symbology"]) == (None, "typed")
    [found] = scan_files(["https://id.gs1.org/01/04006381333931"])
    assert found["gtin14"] == "04006381333931"
