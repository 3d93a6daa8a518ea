"""``aisle scan``: pictures and typed codes, one object each, an error in words for the rest."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import cv2
import pytest

from kiosk.scanner.command import Remembered, in_words, scan_files
from kiosk.scanner.reading import Corners, Picture
from retail.codes import Code, read_code
from retail.gtin import Gtin
from retail.money import Money
from retail.offer import Offer
from sync.catalogue import Shelf
from sync.catalogue.crosswalk import import_file
from sync.store.engine import open_engine
from tests.kiosk.scanner.drawn import Kind, bars, blurred, scene

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
    assert list(first) == [*("input", "gtin14", "symbology", "text", "reader", "corners", "size", "place")]
    assert (first["size"], max(x for x, _ in first["corners"]) < 330) == ([700, 300], True)
    assert (first["input"], first["gtin14"], first["symbology"]) == (name, "04006381333931", "EAN-13")
    assert (first["text"], first["reader"], len(first["corners"])) == (PEN, "zxing-cpp", 4)
    assert (second["gtin14"], second["symbology"], second["text"]) == (None, "Code 128", "AB-12/x")
    assert (first["place"], second["place"]) == ("on the left", "on the right")
    assert in_words(first) == (
        f"{name}: {PEN}  (EAN-13, product number 04006381333931, on the left of the picture, read by zxing-cpp)"
    )
    assert in_words(second).startswith(
        f"{name}: AB-12/x  (Code 128, no product number, on the right of the picture, read by "
    )


def test_where_a_code_is_can_be_found_again_on_a_photo_that_was_looked_at_smaller(tmp_path: Path) -> None:
    small = scene((bars(PEN), 100, 60), size=(480, 800))
    for name, factor in (("small.jpg", 1), ("large.jpg", 8)):  # 25 million pixels
        cv2.imwrite(str(tmp_path / name), cv2.resize(small, None, fx=factor, fy=factor))
    once, large = scan_files([str(tmp_path / "small.jpg"), str(tmp_path / "large.jpg")])
    assert (once["size"], large["size"]) == ([800, 480], [3200, 1920])
    for corner, other in zip(once["corners"], large["corners"], strict=True):
        assert [round(value / 4) for value in other] == pytest.approx(corner, abs=3)


def test_a_folder_is_every_picture_in_it_by_name(tmp_path: Path) -> None:
    saved(tmp_path / "b.png", (PEN, Kind.EAN13))
    saved(tmp_path / "a.JPG", ("AB-12/x", Kind.Code128))
    (tmp_path / "c.webp").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("not looked at")
    (tmp_path / "deeper.png").mkdir()
    found = list(scan_files([str(tmp_path)]))
    assert [(Path(each["input"]).name, each.get("text")) for each in found] == [
        ("a.JPG", "AB-12/x"),
        ("b.png", PEN),
        ("c.webp", None),
    ]
    assert "c.webp is empty" in found[2]["message"]
    (tmp_path / "bare").mkdir()
    [none] = scan_files([str(tmp_path / "bare")])
    assert (none["error"], none["message"]) == ("no_picture", "There are no pictures in the folder bare.")


def test_a_picture_can_be_piped_in(tmp_path: Path) -> None:
    data = Path(saved(tmp_path / "a.png", (PEN, Kind.EAN13))).read_bytes()
    [found] = scan_files(["-"], piped=BytesIO(data))
    assert (found["input"], found["text"]) == ("-", PEN)
    [error] = scan_files(["-"], piped=BytesIO(b"4006381333931"))
    assert error == {
        "input": "-",
        "error": "no_picture",
        "message": "What came in is not a picture. Give a JPEG, PNG, WebP, GIF or BMP file.",
    }


def test_with_a_catalogue_products_have_names_and_unreadable_bars_may_be_something(tmp_path: Path) -> None:
    names = {"04006381333931": "Fineliner"}
    read = saved(tmp_path / "a.png", (PEN, Kind.EAN13))
    cv2.imwrite(str(tmp_path / "bare.png"), scene())
    found = list(scan_files([read, PEN, "96385074", str(tmp_path / "bare.png")], catalogue=Told(names)))
    assert [each.get("name") for each in found] == ["Fineliner", "Fineliner", None, None]
    assert ", Fineliner  (EAN-13" in in_words(found[0])
    assert in_words(found[1]) == f"{PEN}: {PEN}, Fineliner  (typed, product number 04006381333931)"
    assert (found[3]["error"], found[3]["could_be"]) == ("unread", "05000112637922")
    assert in_words(found[3]).endswith("or type the digits. It could be 05000112637922: is it this one?")


@dataclass(frozen=True)
class Guessed:
    """What a matcher proposes."""

    gtin: Gtin
    corners: Corners


@dataclass(frozen=True)
class Told:
    """A catalogue that has these names, and one guess for everything."""

    known: dict[str, str]

    def guess(self, picture: Picture) -> Guessed:
        """Propose the same for every picture."""
        return Guessed(Gtin("05000112637922"), ((0, 0), (9, 0), (9, 9), (0, 9)))

    def names(self, code: Code) -> list[str]:
        """Its name."""
        return [self.known[code.key]] if code.key in self.known else []


def offer(number: str, name: str) -> Offer:
    """What some partner has."""
    gtin = Gtin.parse(number)
    now = datetime(2026, 3, 14, tzinfo=UTC)
    return Offer("north", f"N-{number}", gtin, f"P{number}", name, Money(100, "EUR"), 1, now)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    """A device's catalogue of two products."""
    opened = Shelf(open_engine(tmp_path / "catalogue.db", secrets.token_bytes(32)))
    opened.remember([offer(PEN, "Fineliner"), offer("5000112637922", "Mug")])
    yield opened
    opened.engine.dispose()


def test_the_devices_own_catalogue_names_products_and_guesses(shelf: Shelf, tmp_path: Path) -> None:
    out_of_focus = blurred(scene((bars(PEN), 60, 80), size=(480, 900)), 6)
    cv2.imwrite(str(tmp_path / "blurred.png"), out_of_focus)
    catalogue = Remembered(shelf)
    typed, unread = scan_files([PEN, str(tmp_path / "blurred.png")], catalogue=catalogue)
    assert typed["name"] == "Fineliner"
    assert (unread["could_be"], unread["name"]) == ("04006381333931", "Fineliner")
    assert in_words(unread).endswith("It could be 04006381333931, Fineliner: is it this one?")
    assert catalogue.names(read_code("96385074")) == []


def test_the_stores_own_codes_are_named_too_whatever_their_digits(shelf: Shelf, tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text(f"code;gtin\nSHELF-9;{PEN}\nSHELF-9;5000112637922\n12345678;{PEN}\n")
    import_file(shelf.engine, own)
    given = ["shelf-9", "12345678", f"n-{PEN}", "12345679"]
    both, digits, sku, unknown = scan_files(given, catalogue=Remembered(shelf))
    assert (both["gtin14"], both["names"]) == (None, ["Fineliner", "Mug"])
    assert in_words(both) == "shelf-9: shelf-9, one of these: Fineliner / Mug  (typed)"
    assert (digits["gtin14"], digits["text"], digits["name"]) == (None, "12345678", "Fineliner")
    assert sku["name"] == "Fineliner"
    assert in_words(sku) == f"n-{PEN}: n-{PEN}, Fineliner  (typed)"
    assert unknown["error"] == "wrong_code"


def test_typed_codes_go_the_same_way() -> None:
    typed = {"reader": None, "corners": None, "size": None, "symbology": "typed", "place": None}
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
    assert [list(each) for each in found[:5]] == [["input", "error", "message"]] * 5
    assert [each["input"] for each in found] == given
    kinds = [each.get("error") for each in found]
    assert kinds == ["unread", "no_picture", "no_picture", "wrong_code", "wrong_code", None]
    says = [each.get("message", "") for each in found]
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
    assert (found["error"], "longer than 512" in found["message"]) == ("wrong_code", True)
    assert (found["symbology"], found["place"], len(found["corners"])) == ("QR", "in the middle", 4)
    assert in_words(found).endswith("(QR, in the middle of the picture, read by zxing-cpp)")


def test_nothing_given_is_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(tmp_path / "a.png", (PEN, Kind.EAN13))
    monkeypatch.chdir(tmp_path)
    assert [each["error"] for each in scan_files(["", " "])] == ["wrong_code", "wrong_code"]


def test_a_files_name_moves_no_cursor(tmp_path: Path) -> None:
    names = ["\x1b[2Ja.png", "a\n\u202eb.png"]
    for name in names:
        (tmp_path / name).write_bytes(b"")
    said = [in_words(each) for each in scan_files([str(tmp_path / name) for name in names])]
    assert [line.isprintable() for line in said] == [True, True]


def test_an_address_is_a_code_and_never_a_file_or_a_visit() -> None:
    [found] = scan_files(["https://id.gs1.org/01/04006381333931.png"])
    assert (found["gtin14"], found["symbology"]) == (None, "typed")
    [found] = scan_files(["https://id.gs1.org/01/04006381333931"])
    assert found["gtin14"] == "04006381333931"
