"""``aisle demo``: OMS, broker, mail and kiosk in this process, three simulated partners in theirs, on one machine."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from shlex import quote
from typing import Any

from kiosk.command import stop_on_signal, together
from kiosk.server import serve as serve_kiosk
from oms.command import add_user, enrol_code
from oms.serving import serve as serve_oms
from oms.settings import load_settings as oms_settings
from oms.sink import Sink
from retail.errors import Misconfigured
from sync.enrolment import enrol_device
from sync.facts import Facts
from sync.opening import keystore_of, open_device, open_store
from sync.settings import data_dir, load_settings

MAIN = Path(__file__).with_name("main.py")
CODES = MAIN.parent / "assets" / "demo" / "codes"
PARTNERS = {"north": "A", "berg": "B", "atelier": "C"}
STORE = "demo"
STAFF = ("anna", "endless-aisle")  # for trying the staff corner; the demo's data never leaves this machine


async def run(
    *, fresh: bool, port: int, ready: Callable[[dict[str, str]], None], again: Callable[[str], None]
) -> int:
    """Run everything until Ctrl-C; ``ready`` is told once where the kiosk is, ``again`` of every further address.

    Kept in the folder ``demo`` of the data folder from one time to the next; ``fresh`` starts over.
    Raises Misconfigured when a port, a program or the folder cannot be used.
    """
    folder = data_dir() / "demo"
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    os.environ |= {"AISLE_DATA_DIR": str(folder), "AISLE_KEY_FILE": os.environ.get("AISLE_KEY_FILE", "1")}
    stop = stop_on_signal()
    async with AsyncExitStack() as stack:
        partners = [
            await stack.enter_async_context(_partner(folder, *partner)) for partner in PARTNERS.items()
        ]
        sink = await stack.enter_async_context(Sink(folder / "mail"))
        settings = oms_settings(
            data_dir=folder / "oms",
            smtp_host="127.0.0.1",
            smtp_port=sink.port,
            store_mail={"": "store@example.com"},
        )
        oms_url: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        oms = asyncio.create_task(serve_oms(settings, oms_url.set_result, stop))
        records = folder / "partners.toml"
        records.write_text("\n".join([await ready for ready in partners]), "utf-8")
        # So that the command line finds this device, too, when it is told the folder.
        (folder / "aisle.toml").write_text(
            f"partners = {json.dumps(str(records))}\nkey_file = true\n", "utf-8"
        )
        first: set[asyncio.Future[Any]] = {oms, oms_url}
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if oms.done():  # it could not start, or was told to stop at once
            await oms
            return 0
        own = load_settings(
            partners=records, oms=oms_url.result(), follow_seconds=2.0, catalogue_seconds=60.0
        )
        if await _enrol_demo(own, settings, oms_url.result()):
            await asyncio.to_thread(
                add_user, settings, STAFF[0], STAFF[1], name="Anna", role="manager", store=STORE
            )
        device = open_device(own)
        stack.push_async_callback(device.aclose)
        screens = serve_kiosk(
            device, port=port, ready=lambda url: ready(_about(url, folder)), stop=stop, announce=again
        )

        async def serving() -> None:
            await oms

        await together(stop, serving(), device.run(stop), screens)
    return 0


@asynccontextmanager
async def _partner(folder: Path, name: str, ordering_class: str) -> AsyncIterator[Any]:
    """A simulated partner; yields a task that waits until it serves and gives its record."""
    record = folder / f"{name}.toml"
    own = [] if getattr(sys, "frozen", False) else [str(MAIN)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *own, "partner", "simulate", "--id", name, "--class", ordering_class,
        "--record", str(record), "--database", str(folder / f"{name}.db"),
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for us; we end it
    )  # fmt: skip

    async def ready() -> str:
        assert process.stdout is not None
        if not await process.stdout.readline():
            raise Misconfigured(f"The demo's partner {name} did not start. Try once more with --fresh.")
        return record.read_text("utf-8")

    waiting = asyncio.create_task(ready())
    try:
        yield waiting
    finally:
        waiting.cancel()
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _enrol_demo(settings: Any, oms: Any, url: str) -> bool:
    """Make this device known to the demo's OMS, once; whether it was now."""
    engine = open_store(settings, keystore_of(settings))
    known = Facts(engine).identity().enrolled
    engine.dispose()
    if not known:
        data, _ = await asyncio.to_thread(enrol_code, oms, STORE)
        await enrol_device(settings, data["code"], url=url, name="Demo kiosk")
    return not known


def _about(url: str, folder: Path) -> dict[str, str]:
    return {"url": url, "folder": str(folder), "mail": str(folder / "mail"), "codes": str(CODES)}


def welcome(about: Mapping[str, str]) -> str:
    """What to try, for people."""
    aisle = "aisle" if getattr(sys, "frozen", False) else f"{quote(sys.executable)} main.py"
    return f"""
  The kiosk is ready. Open this address in a browser on this machine:

      {about["url"]}

  Try: search "rain jacket", choose a size that is not struck through, order it to your door, pay at the till
       (any receipt number), and watch the order being placed and sent.
  Scan: type the digits of a tag, or: {aisle} scan {quote(about["codes"])}/*.png
  Command line on the same data: AISLE_DATA_DIR={quote(about["folder"])} {aisle} find rian jcaket
  Staff corner (badge on the first screen): user {STAFF[0]}, password {STAFF[1]}
  Mails that customers and the store get: {about["mail"]}
  Everything is kept in {about["folder"]}; --fresh starts over. Ctrl-C ends it.
"""
