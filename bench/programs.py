"""Our own program in processes of their own, for measurements and tests: one that serves, or one run to its end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PATIENCE = 30.0  # seconds that a server may take to end


@dataclass(frozen=True, slots=True)
class Served:
    """A server's address, and the process that it is."""

    url: str
    process: subprocess.Popen[str]


@contextmanager
def served(
    *arguments: str, environment: Mapping[str, str] | None = None, log: Path | None = None
) -> Iterator[Served]:
    """Run ``aisle ARGUMENTS --json`` until it says that it serves; ended by its own id afterwards.

    ``environment`` is added to ours; what it writes to stderr goes to ``log``, or nowhere.
    """
    with ExitStack() as stack:
        errors = stack.enter_context(log.open("ab")) if log else subprocess.DEVNULL
        process = subprocess.Popen(
            _command(arguments),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                said = log.read_text()[-800:] if log else ""
                raise RuntimeError(f"aisle {' '.join(arguments)} ended with {process.wait()}: {said}")
            yield Served(json.loads(line)["url"], process)
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()


def aisle(*arguments: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """Run one command with --json to its end; its last line."""
    done = subprocess.run(
        _command(arguments),
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"aisle {' '.join(arguments)}: {done.stdout}{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _command(arguments: tuple[str, ...]) -> list[str]:
    return [sys.executable, str(ROOT / "main.py"), *arguments, "--json"]
