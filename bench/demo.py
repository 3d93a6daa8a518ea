"""How long ``aisle demo`` takes until it answers, the second time, and how much memory it needs."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil

from bench.programs import served


def run() -> Iterator[dict[str, object]]:
    """Start it twice on one data folder; the second start is measured."""
    with tempfile.TemporaryDirectory(prefix="aisle-demo-") as folder:
        _once(Path(folder))
        seconds, memory = _once(Path(folder))
    figures = {"second_start_s": round(seconds, 1), "demo_process_mb": round(memory)}
    yield {"bench": "demo", "figures": figures, "limit": {"second_start_s": 10}}


def _once(folder: Path) -> tuple[float, float]:
    """Seconds until the kiosk answers HTTP, and MB that the process with OMS, broker's client and kiosk then owns."""
    began = time.perf_counter()
    with served("demo", environment={"AISLE_DATA_DIR": str(folder)}) as demo:
        if httpx.get(demo.url, trust_env=False, timeout=10).status_code >= 400:
            raise RuntimeError("the kiosk does not answer")
        seconds = time.perf_counter() - began
        return seconds, psutil.Process(demo.process.pid).memory_full_info().uss / 2**20
