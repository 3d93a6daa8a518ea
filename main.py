"""The command line, and the only place where the parts are wired together.

Every command exits 0 done, 1 refused or failed for good, 2 wrong usage, 3 try again later. With --json it prints
one JSON object per line on stdout; text for people goes to stderr then.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import io
import os
import sys
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from typing import Any

import commands
from commands import DONE, FAILED, LATER
from retail.errors import AisleError, PermanentError, TemporaryError

FIND_EXAMPLES = """\
examples:
  aisle find rain jcaket                         what is meant is found, and it is said what was corrected
  aisle find jacket --size m --available         only what can be sent now in this size
  aisle find mug --price-to 20 --facets          up to 20, and what they can be narrowed by
  aisle find shoes --partner north --limit 5     only one partner, the first five products
  aisle find 4099101001029                       every offer for one product number

Words may be in any order, unfinished or mistyped. Nothing found is exit code 1, with what to try instead."""

SCAN_EXAMPLES = """\
examples:
  aisle scan tag.jpg                   what is on the picture, where on it, and which reader read it
  aisle scan photos/ more/*.png        every picture in the folder, and these
  aisle scan --known tag.jpg           with the product's name; of unreadable bars, what they could be
  aisle scan 4099101001029 SHELF-9     typed codes: is the check digit right, what do they say
  aisle scan --json - < tag.jpg        a picture from another program; one JSON object per code

JPEG, PNG, WebP, GIF and BMP. What a code says is shown, never opened. Exit code 0 when anything was read, 1 when
nothing was; why an input gave nothing is on stderr."""

LOAD_EXAMPLES = """\
one offer in each row, JSON Lines or CSV with a header (comma, semicolon or tab):
  sku;gtin;name;price_minor;currency;available;option.size;option.colour
  N-1;4099101001029;Linen shirt;4990;EUR;3;M;Ochre

  aisle catalogue load offers.csv --partner north           more offers, or newer ones
  aisle catalogue load offers.jsonl.gz --partner north --full
                                                            all that north sells; the rest of north's goes

A bad row is put aside and stops nobody: aisle catalogue quarantine. A load that was killed goes on where it stopped."""

CROSSWALK_EXAMPLES = """\
the whole crosswalk in one file, CSV or JSON Lines:
  code;gtin                            code;partner;sku
  SHELF-9;4099101001029                OLD-77;north;NO-JK101-OCH-M

One code may have several rows: whoever scans it is then asked which product is meant."""


def parser() -> argparse.ArgumentParser:
    """Every command with its arguments and help."""
    top = argparse.ArgumentParser(
        prog="aisle",
        description="Sell what is not on the shelf. The data folder is AISLE_DATA_DIR; settings are in its aisle.toml.",
        epilog="Exit codes: 0 done, 1 refused or failed for good, 2 wrong usage, 3 try again later.",
    )
    every = argparse.ArgumentParser(add_help=False)
    every.add_argument("--json", action="store_true", help="print one JSON object per line")
    groups = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(
        where: Any, name: str, run: Callable[..., Any], help_: str, **more: Any
    ) -> argparse.ArgumentParser:
        command: argparse.ArgumentParser = where.add_parser(
            name, help=help_, description=help_, parents=[every], **more
        )
        command.set_defaults(run=run)
        return command

    def group(name: str, help_: str) -> Any:
        return groups.add_parser(name, help=help_, description=help_).add_subparsers(
            required=True, metavar="COMMAND"
        )

    demo = add(
        groups,
        "demo",
        commands.demo,
        "everything on this machine: OMS, broker, three partners, mail and the kiosk",
    )
    demo.add_argument("--fresh", action="store_true", help="forget the last demo and start over")
    demo.add_argument("--port", type=int, default=0, help="the kiosk's port (default: a free one)")

    kiosk = group("kiosk", "the kiosk on this device")
    run = add(kiosk, "run", commands.kiosk_run, "serve the kiosk on this machine and open its window")
    run.add_argument("--port", type=int, default=0, help="loopback port (default: a free one)")
    run.add_argument("--no-window", action="store_true", help="do not open a browser window")
    enrol = add(
        kiosk, "enrol", commands.kiosk_enrol, "introduce this device to the OMS with a single-use code"
    )
    enrol.add_argument("code", help="the code that 'aisle oms enrol-code' printed, at most 10 minutes ago")
    enrol.add_argument("--oms", help="the OMS's URL, such as https://oms.example.com (kept)")
    enrol.add_argument("--name", help="what to call this device (default: the machine's name)")

    oms = group("oms", "the central order management system")
    serve = add(oms, "serve", commands.oms("serve_command"), "serve the OMS: API, broker, services and mail")
    _oms_arguments(serve)
    serve.add_argument("--port", type=int, help="port (default: a free one)")
    serve.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    serve.add_argument("--broker", help="'embedded' or nats://HOST:PORT")
    serve.add_argument("--smtp", help="mail server as HOST:PORT")
    serve.add_argument("--store-mail", help="where the store's own mails go")
    _oms_arguments(
        add(
            oms,
            "migrate",
            commands.oms("migrate_command"),
            "bring the OMS's database to this program's schema",
        )
    )
    user = oms.add_parser("user", help="associates who may sign in at kiosks").add_subparsers(
        required=True, metavar="COMMAND"
    )
    user_add = add(
        user,
        "add",
        commands.oms("user_add_command"),
        "add an associate, or give one a new password (asked for, or from stdin)",
    )
    _oms_arguments(user_add)
    user_add.add_argument("user", help="user name")
    user_add.add_argument("--name", help="name for people (default: the user name)")
    user_add.add_argument("--role", choices=("associate", "manager"), default="associate")
    user_add.add_argument("--store", help="only at this store")
    code = add(
        oms,
        "enrol-code",
        commands.oms("enrol_code_command"),
        "make a single-use code for a new device, good for 10 minutes",
    )
    _oms_arguments(code)
    code.add_argument("--store", default="main", help="the store the device belongs to")
    code.add_argument("--device", help="let this known device come back under its old id")
    revoke = add(oms, "revoke", commands.oms("revoke_command"), "shut a device out from its next request on")
    _oms_arguments(revoke)
    revoke.add_argument("device", help="the device's id")
    records = add(
        oms, "partner", commands.oms("partner_command"), "give the partner records in a file to every device"
    )
    _oms_arguments(records)
    records.add_argument("file", type=Path, help="a TOML file of records")
    setting = add(
        oms, "setting", commands.oms("setting_command"), "set something for the devices, such as store_name"
    )
    _oms_arguments(setting)
    setting.add_argument("name")
    setting.add_argument("value")
    setting.add_argument("--store", help="only at this store")
    _oms_arguments(
        add(
            oms,
            "mail-password",
            commands.oms("mail_password_command"),
            "keep the mail server's password (asked for, or from stdin)",
        )
    )
    _oms_arguments(
        add(
            oms,
            "restored",
            commands.oms("restored_command"),
            "after restoring a backup: devices offer their recent orders again",
        )
    )

    scan = add(
        groups,
        "scan",
        commands.scan,
        "read the codes on pictures, or check typed codes",
        epilog=SCAN_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    scan.add_argument(
        "what",
        nargs="+",
        metavar="IMAGE|FOLDER|CODE|-",
        help="a picture, a folder of pictures, a code as it is typed, or - for a picture on standard input",
    )
    scan.add_argument(
        "--known",
        action="store_true",
        help="look into this device's catalogue: what products are called, what unreadable bars could be",
    )
    _find_arguments(
        add(
            groups,
            "find",
            commands.find,
            "offers from all partners, best first; typos are forgiven",
            epilog=FIND_EXAMPLES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
    )

    catalogue = group("catalogue", "what this device remembers of the partners' offers")
    take = add(
        catalogue,
        "load",
        commands.catalogue("load", "file", "partner", "full"),
        "take offers from a file, JSON Lines or CSV",
        epilog=LOAD_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    take.add_argument("file", metavar="FILE", help="one offer in each row; .gz is unpacked")
    take.add_argument("--partner", metavar="ID", help="whose offers these are, when the rows do not say")
    take.add_argument(
        "--full", action="store_true", help="the file is everything: what it does not name goes off the shelf"
    )
    add(
        catalogue,
        "status",
        commands.catalogue("status"),
        "how far the partners' lists are in, and what is odd in them",
    )
    add(
        catalogue,
        "quarantine",
        commands.catalogue("quarantine", "limit"),
        "rows that are no offers, with the reason",
    ).add_argument("--limit", type=_MANY, default=1000, metavar="N", help="rows at most (default: 1000)")
    own = add(
        catalogue,
        "crosswalk",
        commands.catalogue("crosswalk", "file", "empty"),
        "keep the store's own codes: CSV of code and gtin",
        epilog=CROSSWALK_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    own.add_argument("file", metavar="FILE", help="it replaces the one before")
    own.add_argument(
        "--empty", action="store_true", help="take a file without rows, too: then no code is left"
    )

    order = group("order", "orders on this device")
    place = add(
        order,
        "place",
        commands.order_place,
        "place the order in a file; answered once it is safe on this device",
    )
    place.add_argument("file", metavar="FILE", help="an order file in JSON, or - for standard input")
    add(order, "show", commands.device("show", "order"), "one order and where it stands").add_argument(
        "order", metavar="ID|NUMBER"
    )
    add(order, "list", commands.device("listing", "limit"), "the newest orders").add_argument(
        "--limit", type=_MANY, default=50, metavar="N", help="orders at most (default: 50)"
    )
    add(
        order, "cancel", commands.device("cancel", "order"), "cancel an order as far as it goes"
    ).add_argument("order", metavar="ID|NUMBER")

    sync = add(groups, "sync", commands.sync, "drain the queue and exchange with the OMS")
    how = sync.add_mutually_exclusive_group()
    how.add_argument("--once", action="store_true", help="once (default)")
    how.add_argument("--watch", action="store_true", help="until Ctrl-C")
    add(groups, "status", commands.device("status"), "the queue, the link to the OMS, the partners")
    add(
        groups,
        "verify",
        commands.device("verify"),
        "recompute the digests and sums of every order on this device",
    )
    add(
        groups,
        "doctor",
        commands.doctor,
        "check camera, readers, keystore, fonts, browser, disk, clock and ports",
    )

    partner = group("partner", "partners that sell and ship")
    add(partner, "list", commands.device("partners"), "the partners of this device")
    add(
        partner,
        "check",
        commands.device("check_partner", "partner"),
        "check one partner's record and whether it answers",
    ).add_argument("partner", metavar="ID")
    key = add(
        partner,
        "key",
        commands.partner_key,
        "keep a partner's secret in this device's keystore (asked for, or from stdin)",
    )
    key.add_argument("partner", metavar="ID")
    simulate = add(
        partner,
        "simulate",
        commands.partner_simulate,
        "serve a pretend partner with an order ledger and faults",
    )
    simulate.add_argument("--port", type=int, default=0, help="loopback port (default: a free one)")
    simulate.add_argument(
        "--class",
        dest="ordering_class",
        choices=("A", "B", "C"),
        default="A",
        help="A honours keys, B can be asked, C neither",
    )
    simulate.add_argument("--record", type=Path, help="write the partner record that reaches it to this file")
    simulate.add_argument("--id", default="north", help="the partner's id")
    simulate.add_argument("--catalogue", type=Path, help="catalogue file (default: the demo's for this id)")
    simulate.add_argument("--database", type=Path, help="where to keep its ledger (default: in memory)")
    simulate.add_argument("--ships-after", type=float, default=20.0, help="seconds until an order ships")
    simulate.add_argument("--pictures", type=Path, help="folder of product pictures")
    return top


def _find_arguments(find: argparse.ArgumentParser) -> None:
    find.add_argument(
        "words", nargs="+", metavar="TEXT|GTIN", help="words, a product number or a part of it, or a SKU"
    )
    find.add_argument("--limit", type=_count, default=24, metavar="N", help="products at most (default: 24)")
    find.add_argument("--category", metavar="NAME", help="only of this category")
    find.add_argument("--brand", metavar="NAME", help="only of this brand")
    find.add_argument("--size", help="only in this size, such as M or 42")
    find.add_argument("--colour", "--color", metavar="NAME", help="only in this colour")
    find.add_argument("--partner", metavar="ID|NAME", help="only what this partner sends")
    find.add_argument("--price-from", type=_amount, metavar="AMOUNT", help="at least this, such as 49.90")
    find.add_argument("--price-to", type=_amount, metavar="AMOUNT", help="at most this, such as 100")
    find.add_argument("--available", action="store_true", help="only what can be sent now")
    find.add_argument("--facets", action="store_true", help="then say what these can be narrowed by")


def _count(text: str, most: int = 1000) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 9 or not 0 < int(text) <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {most}")
    return int(text)


_MANY = partial(_count, most=1_000_000)


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text.replace(",", "."))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 <= amount < 10**9:
        raise argparse.ArgumentTypeError(f"{text!r} is not an amount: write it like 49.90")
    return amount


def _oms_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--database", help="database URL (default: SQLite in the data folder)")


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    # Before numpy is loaded: its sums here are small, and more threads would only take the screen's time.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal without our letters, or a file name in none, ends no command.
            stream.reconfigure(errors="backslashreplace")
    arguments = parser().parse_args(argv)
    _log(arguments)
    try:
        result = arguments.run(arguments)
        if hasattr(result, "__aiter__") or inspect.iscoroutine(result):
            return asyncio.run(_print_all(result, arguments.json))
        return commands.print_lines(result, arguments.json)
    except KeyboardInterrupt:
        return DONE
    except TemporaryError as error:
        return _complain(f"{error}. Try again later.", LATER, "try_later", arguments.json)
    except PermanentError as error:
        reason = getattr(error, "reason", "refused")
        return _complain(getattr(error, "detail", "") or str(error), FAILED, reason, arguments.json)
    except AisleError as error:  # the store cannot be written or read now
        return _complain(str(error), LATER, "store", arguments.json)
    except BrokenPipeError:
        return DONE


async def _print_all(result: Any, as_json: bool) -> int:
    if inspect.iscoroutine(result):
        return commands.print_lines(await result, as_json)
    async for line in result:
        commands.print_lines(line, as_json)
    return DONE


def _complain(text: str, code: int, reason: str, as_json: bool) -> int:
    if as_json:
        print(commands.written({"error": reason, "message": text}), flush=True)
    print(f"aisle: {text}", file=sys.stderr)
    return code


def _log(arguments: argparse.Namespace) -> None:
    from retail.logs import to_stderr

    to_stderr()


if __name__ == "__main__":
    sys.exit(main())
