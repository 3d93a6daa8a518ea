"""What each command of the command line calls. Nothing is imported before its command runs.

A command gives one line, several, or none; a line is an object for programs and the same for people. A command that
has printed for itself gives its exit code.
"""

from __future__ import annotations

import argparse
import getpass
import inspect
import json
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any

Line = tuple[dict[str, Any], str]
DONE, FAILED, USAGE, LATER = 0, 1, 2, 3
ASSETS = Path(__file__).parent / "assets"


def print_lines(result: Line | Iterable[Line] | int | None, as_json: bool) -> int:
    if result is None or isinstance(result, int):
        return result or DONE
    lines = [result] if isinstance(result, tuple) else result
    for data, text in lines:
        print(written(data) if as_json else text, flush=True)
    return DONE


def written(data: dict[str, Any]) -> str:
    """One object as a line of JSON; what stdout has no letters for is escaped."""
    return json.dumps(data, ensure_ascii=(sys.stdout.encoding or "").lower() != "utf-8")


# -- the device --------------------------------------------------------------------------------------------


def _with_device(use: Callable[[Any], Any]) -> AsyncIterator[Line]:
    """Open the device, yield what ``use(device)`` gives (a line, lines, or an awaitable of them), close it."""

    async def lines() -> AsyncIterator[Line]:
        from sync.opening import open_device
        from sync.settings import load_settings

        device = open_device(load_settings())
        try:
            result = use(device)
            if inspect.iscoroutine(result):
                result = await result
            if hasattr(result, "__aiter__"):
                async for line in result:
                    yield line
            else:
                for line in [result] if isinstance(result, tuple) else result or ():
                    yield line
        finally:
            await device.aclose()

    return lines()


def device(name: str, *arguments: str) -> Callable[[argparse.Namespace], AsyncIterator[Line]]:
    """A command of ``sync.command``, called with the device and these arguments."""

    def run(a: argparse.Namespace) -> AsyncIterator[Line]:
        from sync import command

        return _with_device(
            lambda device: getattr(command, name)(device, *(getattr(a, one) for one in arguments))
        )

    return run


def catalogue(name: str, *arguments: str) -> Callable[[argparse.Namespace], AsyncIterator[Line]]:
    """The same for ``sync.catalogue.command``."""

    def run(a: argparse.Namespace) -> AsyncIterator[Line]:
        from sync.catalogue import command

        return _with_device(
            lambda device: getattr(command, name)(device, *(getattr(a, one) for one in arguments))
        )

    return run


def order_place(a: argparse.Namespace) -> AsyncIterator[Line]:
    from sync import command

    text = command.read_input(a.file)
    return _with_device(lambda device: command.place(device, text))


def find(a: argparse.Namespace) -> AsyncIterator[Line]:
    from sync.find import Narrowed, find

    names = ("category", "brand", "size", "colour", "partner", "price_from", "price_to", "available")
    narrowed = Narrowed(*(getattr(a, name) for name in names))
    return _with_device(
        lambda device: find(
            device,
            " ".join(a.words),
            narrowed,
            limit=a.limit,
            facets=a.facets,
            say=lambda text: print(text, file=sys.stderr, flush=True),
        )
    )


def sync(a: argparse.Namespace) -> AsyncIterator[Line]:
    return device("sync_watch" if a.watch else "sync_once")(a)


# -- the kiosk ---------------------------------------------------------------------------------------------


def _shelf() -> Any:
    from sync.opening import keystore_of, open_shelf
    from sync.settings import load_settings

    settings = load_settings()
    return open_shelf(settings, keystore_of(settings))


def scan(a: argparse.Namespace) -> int:
    from kiosk.scanner.command import Remembered, in_words, scan_files

    shelf = _shelf() if a.known else None
    read = 0
    try:
        catalogue = None if shelf is None else Remembered(shelf)
        for found in scan_files(a.what, piped=sys.stdin.buffer, catalogue=catalogue):
            failed = "error" in found
            read += not failed
            if a.json or not failed:
                print_lines((found, in_words(found)), a.json)
            if failed:
                print(in_words(found), file=sys.stderr, flush=True)
    finally:
        if shelf is not None:
            shelf.engine.dispose()
    return DONE if read else FAILED


async def kiosk_enrol(a: argparse.Namespace) -> Line:
    from sync.enrolment import enrol_device
    from sync.settings import load_settings

    return await enrol_device(load_settings(), a.code, url=a.oms, name=a.name)


async def kiosk_run(a: argparse.Namespace) -> int:
    from kiosk.command import run_kiosk
    from sync.settings import load_settings

    return await run_kiosk(load_settings(), port=a.port, window=not a.no_window)


def doctor(a: argparse.Namespace) -> int:
    from kiosk.doctor import examine
    from sync.settings import load_settings

    bad = 0
    for finding in examine(load_settings()):
        bad += finding.level == "bad"
        mark = {"good": "ok  ", "note": "note", "bad": "BAD "}[finding.level]
        data = {
            "check": finding.name,
            "level": finding.level,
            "finding": finding.text,
            "advice": finding.advice,
        }
        print_lines(
            (data, f"{mark}  {finding.name}: {finding.text}{f' {finding.advice}' if finding.advice else ''}"),
            a.json,
        )
    return FAILED if bad else DONE


# -- the OMS -----------------------------------------------------------------------------------------------


def oms(command: str) -> Callable[[argparse.Namespace], Any]:
    def run(a: argparse.Namespace) -> Any:
        from oms import command as commands

        return getattr(commands, command)(a)

    return run


# -- partners ----------------------------------------------------------------------------------------------


def partner_key(a: argparse.Namespace) -> AsyncIterator[Line]:
    from sync import command

    def keep(device: Any) -> Line:
        secret = getpass.getpass("Secret: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
        return command.keep_key(device, a.partner, secret)

    return _with_device(keep)


def partner_simulate(a: argparse.Namespace) -> None:
    from partners.simulator.command import run

    demo = ASSETS / "demo" / f"partner-{a.id}.json"
    run(
        a.port,
        a.ordering_class,
        catalogue=a.catalogue or (demo if demo.exists() else None),
        database=a.database,
        ships_after=a.ships_after,
        record=a.record,
        partner_id=a.id,
        pictures=a.pictures
        or (ASSETS / "demo" / "pictures" if (ASSETS / "demo" / "pictures").is_dir() else None),
    )


def demo(a: argparse.Namespace) -> Any:
    import demo

    return demo.run(
        fresh=a.fresh,
        port=a.port,
        ready=lambda data: print(json.dumps(data) if a.json else demo.welcome(data), flush=True),
        again=lambda url: print(
            f"  The address was used. For another browser: {url}", file=sys.stderr, flush=True
        ),
    )
