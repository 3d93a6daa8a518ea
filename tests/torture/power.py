"""A pulled plug: from a trace of real writes and syncs, the disk is rebuilt as it may be after a power loss.

Every write that was not synced when an order was acknowledged is lost; the acknowledged order must be there all
the same. (A killed process loses nothing that it has written, so kills alone cannot show this.)
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ORDERS = 25
CALL = re.compile(r"^(?:\d+ +)?(\w+)\((\d+)<([^>]*)>(?:, (.*))?\) += (-?\d+)")
BYTES = re.compile(r'^"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?, (\d+)(?:, (\d+))?$')
UNLINK = re.compile(r'^(?:\d+ +)?unlink\("((?:\\x[0-9a-f]{2})*)"\) += 0')
MARK = b"acknowledged "


def available() -> bool:
    """Whether the writes of a process can be traced here."""
    return shutil.which("strace") is not None


def pulled_plug(folder: Path, plant: Callable[[], None] | None) -> str | None:
    """Place orders under strace, then look at the disk as it would be after each acknowledgement; what was lost."""
    from tests.torture.plants import PLANTS

    if not available():
        print("strace is missing: the pulled plug was not tried", file=sys.stderr)
        return None
    folder.mkdir()
    trace = folder / "trace"
    name = next((name for name, function in PLANTS.items() if function is plant), "none")
    live = [sys.executable, "-m", "tests.torture.power", name]
    calls = "trace=pwrite64,write,fsync,fdatasync,ftruncate,unlink"
    environment = {**os.environ, "AISLE_DATA_DIR": str(folder / "device"), "AISLE_KEY_FILE": "1"}
    command = ["strace", "-f", "-y", "-xx", "-s", "1000000", "-e", calls, "-o", str(trace), *live]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        return f"the traced life failed: {done.stderr[-300:]}"
    lost = promised = 0
    for promised, (order, disk) in enumerate(_states(trace, folder / "device"), 1):
        lost += not _has(folder / f"after-{promised}", disk, folder / "device", order)
    if promised != ORDERS:
        return f"{promised} acknowledgements were traced, not {ORDERS}"
    return f"{lost} of {promised} acknowledged orders are lost when the plug is pulled" if lost else None


def _states(trace: Path, data: Path) -> Iterator[tuple[str, dict[Path, bytes]]]:
    """Each acknowledged order with what is surely on the disk at that moment, by file."""
    written: dict[Path, bytearray] = {}
    synced: dict[Path, bytes] = {}
    with trace.open() as lines:
        for line in lines:
            if gone := UNLINK.match(line):
                written.pop(Path(_plain(gone[1]).decode()), None)
                synced.pop(Path(_plain(gone[1]).decode()), None)
            found = CALL.match(line)
            if found is None or int(found[5]) < 0:
                continue
            call, descriptor, path = found[1], found[2], Path(_plain(found[3]).decode())
            if call == "write" and descriptor == "1":
                content = _content(found[4])
                if content.startswith(MARK):
                    yield content[len(MARK) :].decode().strip(), dict(synced)
            elif data in path.parents:
                if call.endswith("sync"):
                    synced |= (
                        {path: bytes(written[path])} if path in written else {}
                    )  # folders are synced, too
                    continue
                file = written.setdefault(path, bytearray())
                if call in ("pwrite64", "write"):
                    match = BYTES.match(found[4])
                    assert match is not None
                    at = int(match[4]) if match[4] else len(file)
                    content = _content(found[4])
                    if len(file) < at:
                        file.extend(bytes(at - len(file)))
                    file[at : at + len(content)] = content
                else:
                    size = int(found[4])
                    del file[size:]
                    file.extend(bytes(size - len(file)))


def _content(arguments: str) -> bytes:
    match = BYTES.match(arguments)
    if match is None or match[2]:
        raise ValueError(f"not understood in the trace: {arguments[:80]}")
    return _plain(match[1])


def _plain(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))


def _has(folder: Path, disk: dict[Path, bytes], data: Path, order: str) -> bool:
    """Whether ``order`` is whole in the store that is on this disk."""
    from retail.errors import AisleError
    from sync.opening import keystore_of, open_store
    from sync.queue import OrderQueue
    from sync.settings import Settings

    for path, content in disk.items():
        copy = folder / path.relative_to(data)
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        copy.write_bytes(content)
    keys = Path("kiosk") / "keys.json"
    (folder / "kiosk").mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copy(data / keys, folder / keys)
    settings = Settings(data_dir=folder, key_file=True)
    try:
        engine = open_store(settings, keystore_of(settings))
        return OrderQueue(engine).order(order) is not None
    except AisleError:
        return False


def _live(plant: str) -> None:
    """Place orders one after the other, in one thread, and say so on standard output."""
    from retail.order import Order, Payment
    from sync import clock, opening
    from sync.queue import OrderQueue
    from sync.settings import load_settings
    from tests.torture.life import customer_for, quote_for
    from tests.torture.ordeals import some_offers
    from tests.torture.plants import PLANTS

    if plant in PLANTS:
        PLANTS[plant]()
    settings = load_settings()
    queue = OrderQueue(opening.open_store(settings, opening.keystore_of(settings)))
    offers = some_offers()
    for intent in range(ORDERS):
        quote = quote_for(intent, offers)
        paid = (Payment("till", f"T-{intent}", quote.total),)

        def make(number: str, quote=quote, paid=paid, intent=intent) -> Order:  # type: ignore[no-untyped-def]
            return Order(
                quote.id,
                number,
                "d",
                "s",
                clock.now(),
                customer_for(intent),
                quote.lines,
                quote.shipping,
                paid,
                quote.total,
            )

        order, _ = queue.place(quote.id, make, "T", {})
        os.write(1, MARK + order.id.encode() + b"\n")


if __name__ == "__main__":
    _live(sys.argv[1])
