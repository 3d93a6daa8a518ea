"""What the command line does with the OMS: serve, migrate, people, enrolment codes. Each returns what to print."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import json
import signal
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlmodel import Session

from oms import auth, people, records, restored, schema
from oms.api.state import utc_now
from oms.models import Device
from oms.people import Role
from oms.serving import prepare, reachable, serve
from oms.settings import MAIL_PASSWORD, OmsSettings, load_settings
from oms.store import make_engine
from partners.records import load_records
from retail.errors import Misconfigured, Rejected

Line = tuple[dict[str, Any], str]
DONE = 0


def migrate(settings: OmsSettings) -> Line:
    """Bring the database to this program's tables. Idempotent."""
    with reachable(settings.database_url):
        before, after = schema.migrate(settings.database_url)
    text = (
        f"The database is at version {after}."
        if before == after
        else f"The database went from {before or 'empty'} to {after}."
    )
    return {"before": before, "after": after}, text


def add_user(
    settings: OmsSettings, user: str, password: str, *, name: str | None, role: Role, store: str
) -> Line:
    """Add an associate, or give one a new password; the devices learn of it at their next exchange."""
    with _session(settings) as session:
        found = people.set_user(session, user, password, utc_now(), name=name, role=role, store=store)
        session.commit()
        data = {"user": found.user, "role": found.role, "store": found.store, "version": found.version}
    where = f"store {store}" if store else "every store"
    return data, f"{found.user} may sign in at {where} as {role}, once the devices have heard of it."


def enrol_code(settings: OmsSettings, store: str, *, device: str | None = None) -> Line:
    """A code for one new device of ``store``, or for ``device`` to come back under its old id."""
    keys = auth.load_keys(settings.key_path)
    with _session(settings) as session:
        try:
            code = auth.create_code(session, keys, store, utc_now(), device=device)
        except (ValueError, LookupError) as error:
            raise Rejected("store", str(error)) from error
        session.commit()
    data = {"code": code, "store": store, "minutes": int(auth.CODE_LIFE.total_seconds() // 60)}
    return (
        data,
        f"{code}\nEnrol the device of store {store} with it within 10 minutes: aisle kiosk enrol {code}",
    )


def revoke(settings: OmsSettings, device: str) -> Line:
    """Shut a device out from its next request on."""
    with _session(settings) as session:
        found = session.get(Device, device, with_for_update=True)
        if found is None:
            raise Rejected("no_such_device", f"There is no device {device}.")
        auth.revoke(session, found, "by hand", utc_now())
        session.commit()
    return {"device": device}, f"The device {device} is shut out. To let it back in, make a code for it."


def say_restored(settings: OmsSettings) -> Line:
    """Tell the devices that the database was restored from a backup: they offer their recent orders again."""
    with _session(settings) as session:
        epoch = restored.begin(session, utc_now(), "oms", "said by hand")
        session.commit()
    return {"epoch": epoch}, "The devices will offer their recent orders again at their next exchange."


def give_partners(settings: OmsSettings, file: Path) -> list[Line]:
    """Give the partner records in ``file`` to every device, at its next exchange. Idempotent."""
    lines: list[Line] = []
    with _session(settings) as session:
        for record in load_records(file):
            new = records.set_partner(session, record, utc_now())
            text = "is given to every device at its next exchange" if new else "is already so on every device"
            lines.append(({"id": record.id, "changed": new}, f"{record.name} ({record.id}) {text}."))
        session.commit()
    return lines


def give_setting(settings: OmsSettings, name: str, value: str, store: str) -> Line:
    """Set ``name`` for the devices of ``store``, "" for all of them. Idempotent."""
    with _session(settings) as session:
        new = records.set_setting(session, name, value, utc_now(), store=store)
        session.commit()
    where = f"store {store}" if store else "every store"
    return {"name": name, "store": store, "changed": new}, f"{name} is {value!r} at {where}."


def mail_password(settings: OmsSettings, password: str) -> Line:
    """Keep the mail server's password in the keystore. Idempotent."""
    settings.keystore().set(MAIL_PASSWORD, password)
    return {"kept": True}, settings.keystore().explain()


@contextlib.contextmanager
def _session(settings: OmsSettings) -> Iterator[Session]:
    prepare(settings)
    with reachable(settings.database_url):
        engine = make_engine(settings.database_url, connections=1)
        try:
            with Session(engine) as session:
                yield session
        finally:
            engine.dispose()


def read_password() -> str:
    """The password, asked for twice at a terminal, or the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != first:
        raise Rejected("password", "The two passwords are not the same.")
    return first


# -- from the command line's arguments ---------------------------------------------------------------------


def _settings(a: Namespace) -> OmsSettings:
    given = {name: getattr(a, name, None) for name in ("database", "host", "port", "broker")}
    if smtp := getattr(a, "smtp", None):
        host, _, port = str(smtp).rpartition(":")
        if not host or not port.isdigit():
            raise Misconfigured("Write the mail server as HOST:PORT, such as mail.example.com:25.")
        given |= {"smtp_host": host, "smtp_port": int(port)}
    if mail := getattr(a, "store_mail", None):
        given["store_mail"] = {"": mail}
    return load_settings(**given)


def serve_command(a: Namespace) -> int:
    """``aisle oms serve``: one JSON line with the URL when ready, then until Ctrl-C or SIGTERM."""
    with asyncio.Runner(loop_factory=_fast_loop()) as runner:
        return runner.run(_serve_until_signal(_settings(a)))


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The faster event loop where it is installed; None is the standard one."""
    try:
        import uvloop
    except ImportError:  # Windows
        return None
    return uvloop.new_event_loop


async def _serve_until_signal(settings: OmsSettings) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C ends us by KeyboardInterrupt
            loop.add_signal_handler(name, stop.set)
    await serve(settings, _print_url, stop)
    return DONE


def _print_url(url: str) -> None:
    sys.stdout.write(json.dumps({"url": url}) + "\n")
    sys.stdout.flush()


def migrate_command(a: Namespace) -> Line:
    """``aisle oms migrate``."""
    return migrate(_settings(a))


def user_add_command(a: Namespace) -> Line:
    """``aisle oms user add``."""
    store = a.store or ""
    return add_user(_settings(a), a.user, read_password(), name=a.name, role=a.role, store=store)


def mail_password_command(a: Namespace) -> Line:
    """``aisle oms mail-password``."""
    return mail_password(_settings(a), read_password())


def restored_command(a: Namespace) -> Line:
    """``aisle oms restored``."""
    return say_restored(_settings(a))


def revoke_command(a: Namespace) -> Line:
    """``aisle oms revoke DEVICE``."""
    return revoke(_settings(a), a.device)


def enrol_code_command(a: Namespace) -> Line:
    """``aisle oms enrol-code``."""
    return enrol_code(_settings(a), a.store, device=getattr(a, "device", None))


def partner_command(a: Namespace) -> list[Line]:
    """``aisle oms partner FILE``."""
    return give_partners(_settings(a), a.file)


def setting_command(a: Namespace) -> Line:
    """``aisle oms setting NAME VALUE``."""
    return give_setting(_settings(a), a.name, a.value, a.store or "")
