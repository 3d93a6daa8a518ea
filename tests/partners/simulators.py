"""Real simulator processes for tests, and their own side over HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from partners.contract import OrderingClass, PartnerRecord
from partners.records import load_records

SHIPS_AFTER = 3600.0  # seconds
PATIENCE = 60.0  # seconds for what a quiet machine does at once
PROGRAM = """
from pathlib import *
from partners.simulator.command import run
run({port!r}, {ordering_class!r}, record=Path({record!r}), **{more!r})
"""


@dataclass(frozen=True, slots=True)
class Running:
    """A simulator that answers: the ``line`` it printed, its ``record`` as written, and its process."""

    line: Mapping[str, Any]
    record: PartnerRecord
    process: subprocess.Popen[str]

    @property
    def url(self) -> str:
        """Where it is."""
        return str(self.line["url"])

    def stop(self) -> int:
        """End it as a person would and give its exit code."""
        self.process.terminate()
        return self.process.wait(PATIENCE)


def start(ordering_class: OrderingClass, folder: Path, *, port: int = 0, **more: Any) -> Running:
    """Start a simulator and wait until it answers; ``more`` goes to ``run``."""
    path = folder / f"record-{ordering_class}.toml"
    more = {"ships_after": SHIPS_AFTER, "slow_seconds": 0.2, **more}
    program = PROGRAM.format(port=port, ordering_class=ordering_class, record=str(path), more=more)
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    process.stdout.close()
    if not line:
        raise AssertionError(f"the simulator ended with {process.wait(PATIENCE)}")
    return Running(json.loads(line), load_records(path)[0], process)


@contextmanager
def running(ordering_class: OrderingClass, folder: Path, **more: Any) -> Iterator[Running]:
    """A simulator for as long as the block."""
    one = start(ordering_class, folder, **more)
    try:
        yield one
    finally:
        one.stop()


class BehindSimulator:
    """The simulator's own side."""

    def __init__(self, url: str) -> None:
        self._http = httpx.AsyncClient(base_url=url, trust_env=False, verify=False, timeout=PATIENCE)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._http.aclose()

    async def _post(self, path: str, body: Mapping[str, Any]) -> None:
        (await self._http.post(path, json=body)).raise_for_status()

    async def ledger(self) -> Sequence[Mapping[str, Any]]:
        """Every order."""
        found: Sequence[Mapping[str, Any]] = (await self._http.get("/ledger")).json()
        return found

    async def fault(self, fault: str, times: int | None = 1, on: str | None = None) -> None:
        """Plan a fault instead of those before."""
        await self._post("/faults", {"fault": fault, "times": times, "on": on})

    async def pass_time(self, ahead: timedelta) -> None:
        """Put its clock ahead."""
        await self._post("/clock", {"ahead_seconds": ahead.total_seconds()})

    async def ship(self, reference: str) -> None:
        """Wait until it has left, but not until it has arrived."""
        await self.pass_time(timedelta(seconds=SHIPS_AFTER + 60))

    async def change(self, sku: str, *, price_minor: int | None = None, stock: int | None = None) -> None:
        """Set another price or stock."""
        await self._post("/goods", {"sku": sku, "price_minor": price_minor, "stock": stock})

    async def withdraw(self, sku: str) -> None:
        """Sell this no longer."""
        await self._post("/goods", {"sku": sku, "gone": True})
