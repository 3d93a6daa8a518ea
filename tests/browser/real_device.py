"""The real device over partners in memory that sell the demo's goods: encrypted store, search and pictures included."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol

from partners.contract import Capabilities, OfferPage, PartnerRecord
from partners.goods import load_assortment
from partners.memory.adapter import MemoryPartner
from partners.registry import Partner
from sync.device import Device
from sync.opening import keystore_of, open_shelf, open_store
from sync.settings import Settings
from tests.browser.kiosk_window import PATIENCE, Kiosk, running

DEMO = Path(__file__).resolve().parents[2] / "assets" / "demo"
PARTNERS = ("north", "berg", "atelier")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


@contextmanager
def picture_server() -> Iterator[str]:
    """The demo's pictures as a partner would serve them; the address of their folder."""
    handler = partial(_Quiet, directory=str(DEMO / "pictures"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


class GatedPartner(MemoryPartner):
    """A partner that lists nothing until ``gate`` is open."""

    gate: threading.Event | None = None

    async def search(self, text: str, *, limit: int = 24, cursor: str | None = None) -> OfferPage:
        if self.gate is not None:
            await asyncio.to_thread(self.gate.wait, PATIENCE)
        return await super().search(text, limit=limit, cursor=cursor)


def open_demo(
    folder: Path, pictures: str, *, gate: threading.Event | None = None, **given: Any
) -> tuple[Device, dict[str, GatedPartner]]:
    """A device in ``folder`` and its partners, by id; ``given`` are settings. Catalogues wait for ``gate``."""
    settings = Settings(data_dir=folder, key_file=True, **{"camera": "", **given})
    partners = {name: GatedPartner(load_assortment(DEMO / f"partner-{name}.json")) for name in PARTNERS}
    for partner in partners.values():
        partner.gate = gate
    names = {name: load_assortment(DEMO / f"partner-{name}.json").name for name in PARTNERS}
    records = [
        PartnerRecord(
            id=name,
            name=names[name],
            protocol="rest",
            endpoint=pictures,
            capabilities=Capabilities("A", can_look_up=True),
            picture_base=pictures,
        )
        for name in PARTNERS
    ]

    def opener(record: PartnerRecord) -> Partner:
        return partners[record.id]

    keystore = keystore_of(settings)
    engine, shelf = open_store(settings, keystore), open_shelf(settings, keystore)
    return Device(settings, engine, shelf, keystore, records, opener, None), partners


def in_thread(work: Any) -> None:
    """Run a coroutine to its end; Playwright's own loop is in this thread, so it needs another one."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work)
        except BaseException as error:  # noqa: BLE001 - raised below
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]


def fill(folder: Path) -> None:
    """Make a data folder with the whole demo catalogue in it."""

    async def load() -> None:
        device, _ = open_demo(folder, "http://127.0.0.1:9")
        try:
            for name in PARTNERS:
                assert await device.load_catalogue(name)
        finally:
            await device.aclose()

    in_thread(load())


async def work(device: Device, stop: asyncio.Event) -> None:
    """The device's background work until ``stop``; closes it then."""
    try:
        await device.run(stop)
    finally:
        await device.aclose()


@dataclass(frozen=True, slots=True)
class Store:
    """A kiosk being served, its device and its partners by id."""

    kiosk: Kiosk
    device: Device
    partners: dict[str, GatedPartner]


class OpenStore(Protocol):
    """Opens a store; other arguments are settings of its device.

    ``empty``: its catalogue was never loaded. ``down``: no partner answers any more. ``gate``: what partners
    list comes only once this is set.
    """

    def __call__(
        self,
        *,
        empty: bool = False,
        down: bool = False,
        gate: threading.Event | None = None,
        dark: bool = False,
        **given: Any,
    ) -> AbstractContextManager[Store]: ...


@contextmanager
def store(
    folder: Path,
    pictures: str,
    *,
    empty: bool = False,
    down: bool = False,
    gate: threading.Event | None = None,
    dark: bool = False,
    **given: Any,
) -> Iterator[Store]:
    """A store as OpenStore says, with its data in ``folder``."""
    if not empty:
        fill(folder)
    device, partners = open_demo(folder, pictures, gate=gate, **given)
    if down:
        for partner in partners.values():
            partner.faults.plan("500", None)
    language = device.settings.language
    with running(device, partial(work, device), language=language, dark=dark) as kiosk:
        yield Store(kiosk, device, partners)
