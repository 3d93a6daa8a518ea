"""Something that is missing skips a test, or fails it where it is required; it never passes one."""

from __future__ import annotations

import pytest

from tests.conftest import Need


def test_what_is_there_lets_the_test_go_on(need: Need, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AISLE_REQUIRE", "zbar")
    need("zbar", True, "install libzbar0")


def test_what_is_missing_skips(need: Need, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AISLE_REQUIRE", "chromium")
    with pytest.raises(pytest.skip.Exception, match="install libzbar0"):
        need("zbar", False, "install libzbar0")


def test_what_is_missing_but_required_fails(need: Need, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AISLE_REQUIRE", "chromium, zbar")
    with pytest.raises(pytest.fail.Exception, match="zbar is required here but missing"):
        need("zbar", False, "install libzbar0")
