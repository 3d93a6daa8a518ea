"""What ``aisle doctor`` says of a machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.doctor import examine
from sync.settings import Settings


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


def test_a_missing_film_is_bad(tmp_path: Path) -> None:
    assert findings(data_dir=tmp_path, key_file=True, camera=str(tmp_path / "no.avi"))["camera"][0] == "bad"


def test_a_full_store_folder_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    found = findings(data_dir=blocked / "data", key_file=True, camera="")
    assert found["disk"][0] == "good"
