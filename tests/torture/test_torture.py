"""A short torture in every test run; ``make torture`` does two thousand kills, and one run for each planted bug."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.programs import ROOT
from sync.queue import LEASE
from tests.torture import ordeals, power
from tests.torture.plants import PLANTS

# Python 3.12 warns of forks beside threads; the children here only do what their ordeal needs, then leave.
pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning")

CAUGHT_BY_ORDEALS = {
    "sent-marked-before-sending": "killed_while_sending",
    "status-going-back": "late_news",
    "currency-ignored": "another_currency",
    "retry-on-refusal": "refused",
    "no-deadline": "silence",
    "cursor-ahead-of-data": "killed_between_changes",
    "role-kept-on-the-page": "forged_role",
}
KILLS = 60
READY = 20  # seconds: a machine that stalls is late, but not by as much as a lease of a killed worker lasts


def torture(*arguments: str) -> tuple[int, dict[str, int]]:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.torture"),
            *("--kills", str(KILLS), "--ready", str(READY), "--seed", "1"),
            *arguments,
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    figures = next((line for line in done.stdout.splitlines() if line.startswith("{")), None)
    assert figures is not None, done.stdout + done.stderr
    return done.returncode, json.loads(figures)


def test_the_invariant_holds_under_kills(need: Callable[[str, bool, str], None]) -> None:
    assert READY < LEASE
    code, counts = torture()
    assert code == 0, counts
    assert counts["kills"] >= KILLS
    assert counts["acknowledged"] > 0


def test_a_new_key_for_every_attempt_is_caught_by_kills() -> None:
    code, counts = torture("--plant", "new-key-per-attempt")
    assert code == 1
    assert counts["undelivered_and_not_queued"] > 0
    assert counts["ordeals_failed"] == 0


@pytest.mark.parametrize(("plant", "ordeal"), CAUGHT_BY_ORDEALS.items())
def test_a_planted_bug_fails_its_ordeal(plant: str, ordeal: str, tmp_path: Path) -> None:
    found = ordeals.suffer(tmp_path, PLANTS[plant], only=ordeal)
    assert found[ordeal] is not None


def test_no_ordeal_fails_without_a_plant(tmp_path: Path) -> None:
    assert ordeals.suffer(tmp_path, None) == dict.fromkeys([ordeal.__name__ for ordeal in ordeals.ORDEALS])


@pytest.mark.parametrize(("plant", "lost"), [(None, False), ("normal-durability", True)])
def test_a_pulled_plug_loses_orders_only_without_full_durability(
    plant: str | None, lost: bool, tmp_path: Path, need: Callable[[str, bool, str], None]
) -> None:
    need("strace", power.available(), "install strace")
    said = power.pulled_plug(tmp_path / "power", PLANTS[plant] if plant else None)
    assert (said is not None) is lost, said
