"""What several processes do at once to one store: ``python -m tests.sync.processes WHAT FILE NUMBER``.

Each waits for a line on its standard input, so that all begin together, and prints what it did.
"""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

from retail.order import Order
from sync import clock, workers
from sync.queue import OrderQueue
from sync.store.engine import open_engine
from tests.retail.samples import NOW, order

KEY = bytes(range(32))


def together(what: str, path: Path, processes: int) -> list[list[str]]:
    """Let so many ``processes`` do ``what`` to the store at ``path``; the words that each printed."""
    command = [sys.executable, "-m", "tests.sync.processes", what, str(path)]
    running = [
        subprocess.Popen([*command, str(number)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for number in range(processes)
    ]
    for process in running:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[0].split() for process in running]
    assert [process.returncode for process in running] == [0] * processes
    return said


def place(queue: OrderQueue, number: str) -> None:
    """Place 50 orders, and among them the same 20 as everybody else; print what each became."""
    names = [f"o-{number}-{index}" for index in range(50)] + [f"same-{index}" for index in range(20)]
    for name in sorted(names, key=lambda name: name[-1]):
        placed, fresh = queue.place(name, partial(_order, name), "S1", {})
        print(f"{name}:{placed.number}:{fresh}")


def _order(name: str, number: str) -> Order:
    return order(order_id=name, number=number)


def claim(queue: OrderQueue, number: str) -> None:
    """Claim and hold all there is; print the keys."""
    while found := queue.claim(workers.token(), NOW, clock.steady(), owner="device-1"):
        print(found.order.key)


if __name__ == "__main__":
    what, path, number = sys.argv[1:]
    opened = OrderQueue(open_engine(Path(path), KEY))
    print("ready", flush=True)
    sys.stdin.readline()
    {"place": place, "claim": claim}[what](opened, number)
