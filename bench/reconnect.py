"""100 orders placed while partner and OMS are down: how long after both are back until both have the last one.

The partner simulator and the OMS are processes of their own that never stop; between them and the device stands a
door for each, which refuses connections as long as it is shut. The device is in this process, working as in a kiosk.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from bench.programs import aisle, served
from partners.records import load_records
from partners.registry import open_partner
from retail.address import Address, Customer
from retail.cart import Cart
from retail.logs import to_stderr
from sync import clock
from sync.client import enrol, http_client
from sync.device import Device
from sync.facts import Facts
from sync.opening import keystore_of, open_shelf, open_store
from sync.settings import Settings

ORDERS = 100
SHUT = (6.0, 13.0, 24.0)  # seconds; each meets pauses and breakers at another moment
CUSTOMER = Customer("Ada Byron", "ada@example.com", Address("DE", ("Rosenweg 12",), "Köln", "50667"))


class Door:
    """A TCP port that leads to ``url`` while it is open and refuses connections while it is not."""

    def __init__(self, url: str) -> None:
        self._to = urlsplit(url)
        self._server: asyncio.Server | None = None
        self._passing: set[asyncio.Task[None]] = set()
        self.port = 0

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    async def open(self) -> None:
        """Let through who comes."""
        self._server = await asyncio.start_server(self._enter, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Refuse who comes, and part who is talking."""
        assert self._server is not None
        self._server.close()
        for task in self._passing:
            task.cancel()
        await asyncio.gather(*self._passing, return_exceptions=True)

    async def _enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self._to.hostname, self._to.port)
        both = [asyncio.create_task(_pass(reader, back)), asyncio.create_task(_pass(there, writer))]
        self._passing.update(both)
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for task in both:
            task.cancel()
        self._passing.difference_update(both)
        for end in (writer, back):
            end.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


def run() -> Iterator[dict[str, object]]:
    """Shut both doors, order, open them, and wait; several times."""
    to_stderr("error")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="aisle-reconnect-")))
        environment = {"AISLE_DATA_DIR": str(folder), "AISLE_KEY_FILE": "1"}
        oms = stack.enter_context(served("oms", "serve", environment=environment))
        record = str(folder / "north.toml")
        simulate = ("partner", "simulate", "--class", "A", "--record", record, "--ships-after", "86400")
        partner = stack.enter_context(served(*simulate, environment=environment))
        code = aisle("oms", "enrol-code", "--store", "bench", environment=environment)["code"]
        taken = asyncio.run(_rounds(folder / "device", oms.url, partner.url, Path(record), code))
    figures = {
        f"after_{shut:.0f}_s_shut_s": round(seconds, 2) for shut, seconds in zip(SHUT, taken, strict=True)
    }
    yield {
        "bench": "reconnect",
        "figures": {"last_order_known_s": round(max(taken), 2), **figures, "orders": ORDERS},
        "limit": {"last_order_known_s": 10.0},
    }


async def _rounds(folder: Path, oms: str, partner: str, record: Path, code: str) -> list[float]:
    doors = [Door(oms), Door(partner)]
    for door in doors:
        await door.open()
    device = await _device(folder, doors[0].url, doors[1].url, record, code)
    stop = asyncio.Event()
    working = asyncio.create_task(device.run(stop))
    await _until(lambda: device.health().offers > 0 and device.health().oms == "up")
    taken = []
    for number, seconds in enumerate(SHUT, 1):
        for door in doors:
            await door.shut()
        await asyncio.gather(_order(device, number - 1), asyncio.sleep(seconds))
        for door in doors:
            await door.open()
        opened = time.perf_counter()
        await _until(lambda number=number: _known(device, number * ORDERS))
        taken.append(time.perf_counter() - opened)
        _check(partner, number * ORDERS)
    stop.set()
    await working
    await device.aclose()
    for door in doors:
        await door.shut()
    return taken


async def _device(folder: Path, oms: str, partner: str, record: Path, code: str) -> Device:
    settings = Settings(data_dir=folder, oms=oms, key_file=True)
    keystore = keystore_of(settings)
    engine = open_store(settings, keystore)
    http = http_client(oms)
    await enrol(http, Facts(engine), keystore, code, "bench")
    records = [replace(load_records(record)[0], endpoint=partner, picture_base=None)]
    shelf = open_shelf(settings, keystore)
    return Device(settings, engine, shelf, keystore, records, lambda one: open_partner(one, None), http)


async def _order(device: Device, turn: int) -> None:
    """Place the orders the way a kiosk does while nobody answers: at remembered prices."""
    found = [device.listing(listing.product.id) for listing in device.search("", limit=200).listings]
    offers = [offer for listing in found if listing for offer in listing.offers if offer.available]
    for number in range(turn * ORDERS, (turn + 1) * ORDERS):  # another thing each time: none sells out
        quote = await device.quote(Cart().add(offers[number]), CUSTOMER.address)
        await device.place(quote, CUSTOMER, payment="till", reference=f"T-{number}", language="en")


def _known(device: Device, orders: int) -> bool:
    health = device.queue.health(clock.now())
    return health.by_status["accepted"] == orders and health.unsynced == 0


def _check(partner: str, orders: int) -> None:
    """Each order stands in the partner's books, once."""
    ledger = httpx.get(f"{partner}/ledger", trust_env=False, timeout=10).json()
    keys = {entry["key"] for entry in ledger}
    if not len(ledger) == len(keys) == orders:
        raise RuntimeError(f"{orders} orders, {len(ledger)} in the partner's books, {len(keys)} different")


async def _until(true: Any, seconds: float = 120.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.05)
