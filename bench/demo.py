"""How long ``aisle demo`` takes until it answers, the second time, and how much memory it needs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil

MAIN = Path(__file__).parent.parent / "main.py"


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
    environment = {**os.environ, "AISLE_DATA_DIR": str(folder)}
    command = [sys.executable, str(MAIN), "demo", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        if httpx.get(url, trust_env=False, timeout=10).status_code >= 400:
            raise RuntimeError("the kiosk does not answer")
        seconds = time.perf_counter() - began
        memory = psutil.Process(process.pid).memory_full_info().uss / 2**20
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        if process.stdout is not None:
            process.stdout.close()
    return seconds, memory
