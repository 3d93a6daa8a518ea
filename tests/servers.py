"""The other sides, real and in their own processes: three simulated partners and the OMS. They are never killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx

from bench.programs import served

CLASSES = {"north": "A", "berg": "B", "atelier": "C"}


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
            arguments += ["--database", str(folder / f"{name}.db"), "--ships-after", "100000"]
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
    arguments = ("oms", "serve", "--database", f"sqlite:///{database}")
    environment = {"AISLE_DATA_DIR": str(data), "AISLE_KEY_FILE": "1"}
    with served(*arguments, environment=environment, log=folder / "oms.log") as serving:
        yield serving.url, database


def ledger(url: str) -> list[dict[str, Any]]:
    """Every order in a partner's own books."""
    found: list[dict[str, Any]] = (
        httpx.get(f"{url}/ledger", timeout=60, trust_env=False).raise_for_status().json()
    )
    return found


def plan(url: str, fault: str, times: int = 1) -> None:
    """Let a partner misbehave from now on."""
    planned = {"fault": fault, "times": times}
    httpx.post(f"{url}/faults", json=planned, timeout=60, trust_env=False).raise_for_status()
