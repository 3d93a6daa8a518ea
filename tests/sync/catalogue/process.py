"""A process that fills a catalogue until it is killed: ``python -m tests.sync.catalogue.process WHAT FILE NUMBER``.

It prints a line for each piece of progress and waits for one, so that whoever kills it knows how far it is.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from retail.money import Money
from sync.catalogue import Shelf, bulk, load
from sync.catalogue.changes import refresh
from sync.catalogue.file import load_file
from sync.store.engine import open_engine
from tests.retail.samples import NOW, offer
from tests.sync.catalogue.partner import Telling
from tests.sync.conftest import KEY

OFFERS = 60
BATCH = 7


def partner(price: int) -> Telling:
    """The partner, with everything at this price and one offer fewer at the front for each hundred of it."""
    first = 1 + price // 100
    return Telling(offers=[offer(n, price=Money(price, "EUR")) for n in range(first, first + OFFERS)], size=3)


def news(told: Telling) -> Telling:
    """The same partner after every second offer got another price, every tenth left and ten came."""
    for number in range(2, OFFERS + 1, 2):
        told.put(offer(number, price=Money(777, "EUR")))
    told.withdraw(*(f"north-{number}" for number in range(10, OFFERS + 1, 10)))
    told.put(*(offer(number, price=Money(777, "EUR")) for number in range(100, 110)))
    return told


def killed_after(what: str, path: Path, number: int, *, source: str = "-") -> bool:
    """Let a process do ``what`` and kill it once it has said so many lines; False when it was done before."""
    command = [sys.executable, "-m", "tests.sync.catalogue.process", what, str(path), source]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdin
        said = 0
        while said < number and process.stdout.readline():
            said += 1
            if said < number:
                process.stdin.write("go on\n")
                process.stdin.flush()
        process.kill()
        process.wait(60)
    return said == number and process.returncode == -9


def _say(*what: object) -> None:
    """Say it, and go no further until told to; what was begun in another thread goes on."""
    print(*what, flush=True)
    sys.stdin.readline()


def main(what: str, path: str, source: str) -> None:
    """Do it."""
    bulk.BATCH = BATCH
    engine = open_engine(Path(path), KEY, synchronous="NORMAL")
    Shelf(engine)
    if what == "load":
        asyncio.run(load(engine, partner(200), NOW, _say))  # type: ignore[arg-type]
    elif what == "changes":
        asyncio.run(refresh(engine, news(partner(0)), NOW, _say))  # type: ignore[arg-type]
    else:
        load_file(engine, Path(source), partner=None, known=("north",), full=True, now=NOW, progress=_say)


if __name__ == "__main__":
    main(*sys.argv[1:])
