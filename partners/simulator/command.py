"""Running a simulated partner in this process until it is told to stop: what ``aisle partner simulate`` does."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from types import FrameType

import uvicorn

from partners.contract import OrderingClass, PartnerRecord
from partners.goods import Assortment, load_assortment, sample_assortment
from partners.records import dump_record
from partners.simulator.books import Books
from partners.simulator.entries import Clock
from partners.simulator.misbehaviour import WithTransport
from partners.simulator.record import DEMO_TOKEN, simulator_record
from partners.simulator.server import Manners, Simulator
from retail.errors import Misconfigured

TOKEN_VARIABLE = "AISLE_SIMULATOR_TOKEN"  # noqa: S105


def run(
    port: int = 0,
    ordering_class: OrderingClass = "A",
    *,
    catalogue: Path | None = None,
    database: Path | None = None,
    ships_after: float | None = 60.0,
    record: Path | None = None,
    partner_id: str | None = None,
    pictures: Path | None = None,
    token: str | None = None,
    key_life: float = 86400.0,
    slow_seconds: float = 3.0,
    ship_to: tuple[str, ...] = (),
) -> None:
    """Serve a partner on 127.0.0.1 until SIGTERM or SIGINT; ``port`` 0 takes a free one.

    Prints one JSON line, {"url", "id", "class", "record"}, once it answers; ``record`` is written before that.
    ``token`` None asks the environment (AISLE_SIMULATOR_TOKEN), then is the demo's. Times are in seconds.
    ``ships_after`` None never ships. Without ``database`` the books live as long as the process.

    Raises Misconfigured when the catalogue, the port or a path cannot be used.
    """
    assortment = load_assortment(catalogue) if catalogue else sample_assortment(partner_id or "north")
    identity = partner_id or assortment.partner
    token = token or os.environ.get(TOKEN_VARIABLE) or DEMO_TOKEN
    if pictures is not None and not pictures.is_dir():
        raise Misconfigured(f"There is no folder {pictures} with pictures.")
    manners = Manners(ordering_class, token, key_life, slow_seconds, ship_to)
    with closing(_open(assortment, database, ships_after)) as books, closing(_listen(port)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        described = simulator_record(
            identity,
            assortment.name,
            url,
            ordering_class,
            token=token,
            key_life=timedelta(seconds=key_life),
            currency=assortment.currency,
            ship_to=ship_to,
        )
        if record is not None:
            _write(record, described)
        line = {
            "url": url,
            "id": identity,
            "class": ordering_class,
            "record": str(record) if record else None,
        }
        config = uvicorn.Config(
            WithTransport(Simulator(books, manners, pictures).app),
            lifespan="off",
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=60,
            server_header=False,
        )
        asyncio.run(_Server(config, line).serve([listener]))


class _Server(uvicorn.Server):
    """Says when it is ready, and ends quietly when told to."""

    def __init__(self, config: uvicorn.Config, line: dict[str, str | None]) -> None:
        super().__init__(config)
        self._line = line

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start serving, then print where."""
        await super().startup(sockets)
        sys.stdout.write(json.dumps(self._line) + "\n")
        sys.stdout.flush()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's, without raising the signal again at the end: being told to stop is no failure."""
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.should_exit = True


def _listen(port: int) -> socket.socket:
    # Named as TCP, so that asyncio turns Nagle's algorithm off: otherwise every answer takes 40 ms.
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise Misconfigured(
            f"Port {port} cannot be used: {error.strerror}. Try another, or 0 for a free one."
        ) from error
    return listener


def _open(assortment: Assortment, database: Path | None, ships_after: float | None) -> Books:
    try:
        return Books(assortment, database, ships_after=ships_after, clock=Clock())
    except sqlite3.Error as error:
        raise Misconfigured(f"The partner's books {database} cannot be opened: {error}.") from error


def _write(path: Path, record: PartnerRecord) -> None:
    """Whole or not at all: somebody may be waiting for the file to appear."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_text(dump_record(record), "utf-8")
        unfinished.replace(path)
    except OSError as error:
        raise Misconfigured(f"The record cannot be written to {path}: {error.strerror}.") from error
