"""The other sides, real and in their own processes: three simulated partners and the OMS. They are never killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[1]
CLASSES = {"north": "A", "berg": "B", "atelier": "C"}


@dataclass(frozen=True, slots=True)
class Served:
    """A server's address, and the process that it is."""

    url: str
    process: subprocess.Popen[str]


@contextmanager
def served(
    *arguments: str, environment: dict[str, str] | None = None, log: Path | None = None
) -> Iterator[Served]:
    """Run ``aisle ARGUMENTS`` until it says that it serves; ended by its own id afterwards."""
    with ExitStack() as stack:
        errors = stack.enter_context(log.open("ab")) if log else subprocess.DEVNULL
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "main.py"), *arguments],
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
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()


@contextmanager
def partners(folder: Path, classes: dict[str, str] | None = None) -> Iterator[tuple[Path, dict[str, str]]]:
    """Simulated partners; the file with their records, and their addresses by id."""
    with ExitStack() as stack:
        urls, texts = {}, []
        for name, ordering_class in (classes or CLASSES).items():
            record = folder / f"{name}.toml"
            arguments = [
                "partner",
                "simulate",
                "--id",
                name,
                "--class",
                ordering_class,
                "--record",
                str(record),
            ]
            arguments += ["--database", str(folder / f"{name}.db"), "--ships-after", "100000", "--json"]
            urls[name] = stack.enter_context(served(*arguments, log=folder / f"{name}.log")).url
            texts.append(record.read_text())
        records = folder / "partners.toml"
        records.write_text("\n".join(texts))
        yield records, urls


@contextmanager
def oms(folder: Path) -> Iterator[tuple[str, Path]]:
    """The OMS on SQLite with its embedded broker; its address and its database file."""
    data = folder / "oms-data"
    data.mkdir()
    database = data / "oms.db"
    arguments = ("oms", "serve", "--database", f"sqlite:///{database}", "--json")
    environment = {"AISLE_DATA_DIR": str(data), "AISLE_KEY_FILE": "1"}
    with served(*arguments, environment=environment, log=folder / "oms.log") as serving:
        yield serving.url, database


def aisle(*arguments: str, environment: dict[str, str]) -> dict[str, Any]:
    """Run one command with --json to its end; its last line."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), *arguments, "--json"],
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


def ledger(url: str) -> list[dict[str, Any]]:
    """Every order in a partner's own books."""
    found: list[dict[str, Any]] = (
        httpx.get(f"{url}/ledger", timeout=60, trust_env=False).raise_for_status().json()
    )
    return found


def plan(url: str, fault: str, times: int = 1) -> None:
    """Let a partner misbehave from now on."""
    httpx.post(f"{url}/faults", json={"fault": fault, "times": times}, trust_env=False).raise_for_status()
