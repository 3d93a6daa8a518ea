"""What ``aisle doctor`` says of a machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kiosk.doctor import examine
from sync.catalogue.file import load_file
from sync.opening import keystore_of, open_shelf
from sync.settings import Settings
from tests.kiosk.scanner.test_sources import BLACK, SHOWN, film
from tests.retail.samples import NOW, gtin, offer


def findings(**given: object) -> dict[str, tuple[str, str]]:
    return {found.name: (found.level, found.text + found.advice) for found in examine(Settings(**given))}  # type: ignore[arg-type]


def test_a_machine_without_a_keystore_is_told_both_ways_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AISLE_KEY_FILE", raising=False)
    level, words = findings(data_dir=tmp_path)["keystore"]
    assert level == "bad"
    assert "AISLE_KEY_FILE=1" in words


def test_with_a_key_file_allowed_nothing_is_bad(tmp_path: Path) -> None:
    found = findings(data_dir=tmp_path, key_file=True, camera="")
    assert [name for name, (level, _) in found.items() if level == "bad"] == []
    assert found["camera"] == ("note", "No camera is set.Tags are typed or read with a hand scanner.")


def test_what_the_catalogue_holds_and_what_was_put_aside_is_said(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, key_file=True, camera="")
    assert findings(data_dir=tmp_path, key_file=True, camera="")["catalogue"][0] == "note"
    shelf = open_shelf(settings, keystore_of(settings))
    shelf.remember([offer(1), offer(2)])
    assert findings(data_dir=tmp_path, key_file=True, camera="")["catalogue"] == (
        "good", "2 products, 2 offers.",
    )  # fmt: skip
    rows = tmp_path / "rows.jsonl"
    row = {
        "partner": "north",
        "sku": "X",
        "gtin": str(gtin(9)),
        "name": "Hat",
        "product": "H",
        "currency": "EUR",
    }
    rows.write_text(
        "\n".join(json.dumps(row | price) for price in ({"price_minor": 900, "available": 1}, {}))
    )
    load_file(shelf.engine, rows, partner=None, known=["north"], full=False, now=NOW)
    shelf.engine.dispose()

    level, words = findings(data_dir=tmp_path, key_file=True, camera="")["catalogue"]

    assert (level, "1 rows are put aside.See which and why" in words) == ("note", True)


def camera(tmp_path: Path, setting: str) -> tuple[str, str]:
    """What is said of the camera."""
    return findings(data_dir=tmp_path, key_file=True, camera=setting)["camera"]


def test_a_catalogue_that_could_not_be_read_is_a_note_with_what_to_do(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, key_file=True, camera="")
    open_shelf(settings, keystore_of(settings)).engine.dispose()
    (tmp_path / "kiosk" / "catalogue.db").write_bytes(b"no catalogue" * 1000)

    level, words = findings(data_dir=tmp_path, key_file=True, camera="")["catalogue"]

    assert level == "note"
    assert words.startswith("0 products, 0 offers. The catalogue could not be read on ")
    assert words.endswith("then delete that file.")


def test_a_missing_or_broken_film_is_bad(tmp_path: Path) -> None:
    level, words = camera(tmp_path, str(tmp_path / "no.avi"))
    assert (level, "There is no film" in words) == ("bad", True)
    (tmp_path / "text.avi").write_text("not a film")
    level, words = camera(tmp_path, str(tmp_path / "text.avi"))
    assert (level, "cannot be played" in words) == ("bad", True)


def test_a_camera_is_looked_through(tmp_path: Path) -> None:
    shown = film(tmp_path / "shown.avi", [SHOWN])
    assert camera(tmp_path, str(shown)) == ("good", f"The film {shown} gives pictures of 640 x 480.")
    level, words = camera(tmp_path, str(film(tmp_path / "black.avi", [BLACK])))
    assert (level, words.endswith("They are black: is the lens covered?")) == ("note", True)


def test_a_missing_camera_is_a_note_because_tags_can_be_typed(tmp_path: Path) -> None:
    level, words = camera(tmp_path, "99")
    assert level == "note"
    assert words.startswith("Camera 99 does not answer. Check that it is plugged in and free")
    assert words.endswith('set camera = ""; tags can be typed or read with a hand scanner.')


def test_the_windows_own_camera_is_the_windows_business(tmp_path: Path) -> None:
    assert camera(tmp_path, "browser")[0] == "note"


def test_a_full_store_folder_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    found = findings(data_dir=blocked / "data", key_file=True, camera="")
    assert found["disk"][0] == "good"
