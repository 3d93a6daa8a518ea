"""What ``aisle kiosk run`` does: the device's background work, the kiosk behind its door, and its window."""

from __future__ import annotations

import asyncio
import errno
import json
import signal
import sys
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from kiosk.server import open_window, serve
from retail.errors import Misconfigured
from sync.opening import open_device
from sync.settings import Settings


async def run_kiosk(settings: Settings, *, port: int = 0, window: bool = True) -> int:
    """Run the kiosk until Ctrl-C, SIGTERM or its window is closed; prints one JSON line with the launch URL.

    Raises Misconfigured or StoreUnavailable when the store, a key or the port cannot be used.
    """
    stop = stop_on_signal()
    urls: asyncio.Queue[str] = asyncio.Queue()

    def ready(url: str) -> None:
        _say(url)
        urls.put_nowait(url)

    device = open_device(settings)
    try:
        screens = serve(device, port=port, ready=ready, stop=stop, language=settings.language, announce=_say)
        works = [device.run(stop), screens]
        if window:
            works.append(_window(urls, stop, camera=settings.camera == "browser"))
        await together(stop, *works)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        raise Misconfigured(
            f"Port {port} cannot be used ({error.strerror}). Try another, or none for a free one."
        ) from error
    finally:
        await device.aclose()
    return 0


def stop_on_signal() -> asyncio.Event:
    """An event that is set by Ctrl-C and SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows: Ctrl-C arrives as KeyboardInterrupt
            loop.add_signal_handler(name, stop.set)
    return stop


async def together(stop: asyncio.Event, *works: Coroutine[Any, Any, None]) -> None:
    """Run ``works`` until one fails or all have ended, as they do when ``stop`` is set; the first error is raised."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        stop.set()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


async def _window(urls: asyncio.Queue[str], stop: asyncio.Event, *, camera: bool) -> None:
    url = await urls.get()
    process = await open_window(url, camera=camera)
    if process is None:  # no display: the address was printed, a person opens it
        return
    closed = asyncio.create_task(process.wait())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({closed, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    if process.returncode is None:
        process.terminate()
    await closed


def _say(url: str) -> None:
    sys.stdout.write(json.dumps({"url": url}) + "\n")
    sys.stdout.flush()
