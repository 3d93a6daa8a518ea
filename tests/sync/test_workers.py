"""Claim tokens: whether the process that made one still lives."""

from __future__ import annotations

import os
import subprocess
import sys

from sync import workers


def test_my_own_claims_are_alive_and_each_is_another() -> None:
    first, second = workers.token(), workers.token()

    assert first != second
    assert workers.alive(first)
    assert workers.alive(second)


def test_the_claims_of_a_process_that_has_ended_are_dead() -> None:
    code = "from sync import workers; print(workers.token(), flush=True); input()"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    claim = process.stdout.readline().strip()
    assert workers.alive(claim)

    process.kill()
    process.communicate(timeout=60)

    assert not workers.alive(claim)


def test_another_process_with_the_same_number_is_not_the_same() -> None:
    number, started, own = workers.token().split("/")

    assert int(number) == os.getpid()
    assert not workers.alive(f"{number}/{float(started) - 60:.2f}/{own}")


def test_a_token_of_another_form_is_left_to_its_lease() -> None:
    assert workers.alive("t")
    assert workers.alive("12/34")
