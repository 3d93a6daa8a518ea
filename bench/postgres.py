"""A PostgreSQL cluster of our own, for as long as a measurement or a test runs: nothing of the machine's is used."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg

READY = 60.0  # seconds


def find_binaries() -> Path | None:
    """The folder with ``initdb`` and ``postgres``, of the newest version here; None when there is none."""
    places = [str(path) for path in Path("/usr/lib/postgresql").glob("*/bin")]
    places.sort(key=lambda place: int("".join(filter(str.isdigit, place)) or 0), reverse=True)
    found = next((found for place in [*places, None] if (found := shutil.which("initdb", path=place))), None)
    return Path(found).resolve().parent if found else None


@contextlib.contextmanager
def private_postgres() -> Iterator[str]:
    """The URL of a new, empty cluster in a temporary folder, reachable by a local socket only, fsync on.

    Run by root it belongs to the user postgres, because PostgreSQL refuses root. Raises FileNotFoundError when
    PostgreSQL is not installed.
    """
    binaries = find_binaries()
    if binaries is None:
        raise FileNotFoundError("PostgreSQL's programs (initdb, postgres) are not installed")
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="aisle-pg-"))
    try:
        if user:
            shutil.chown(folder, user, user)
        data = folder / "data"
        subprocess.run(
            [
                binaries / "initdb",
                "-D",
                data,
                "-U",
                "postgres",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C",
            ],
            check=True,
            user=user,
            group=user,
            extra_groups=[] if user else None,
            cwd=folder,
            capture_output=True,
        )
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [binaries / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses="],
                user=user,
                group=user,
                extra_groups=[] if user else None,
                cwd=folder,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_us(),
            )
        try:
            url = f"postgresql://postgres@/postgres?host={folder}"
            _until_ready(url, server, folder / "log")
            yield url
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: the folder goes away with it
            server.wait(READY)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_database(url: str) -> str:
    """The URL of a new, empty database in the cluster at ``url``."""
    name = f"t{uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    return url.replace("/postgres?", f"/{name}?")


def _end_with_us() -> Callable[[], None] | None:
    """What the server does first: ask Linux to end it at once when we are killed."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(1, signal.SIGQUIT)  # PR_SET_PDEATHSIG


def _until_ready(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + READY
    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL did not start: {log.read_text()[-500:]}") from None
            time.sleep(0.02)
