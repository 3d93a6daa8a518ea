"""Secrets by name: in the operating system's keystore, or in a guarded file where there is none and IT allows it.

The file is ``keys.json`` in the device's folder, readable by its owner only. It protects against other users of the
machine and against copies of the database alone, not against somebody who takes the whole disk; the operating
system's keystore does. So the file is never chosen silently.
"""

from __future__ import annotations

import json
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.errors import KeyringError, PasswordDeleteError

from retail.errors import Misconfigured

SERVICE = "endless-aisle"
FILE = "keys.json"
LOCK = "keys.lock"
PLAIN = (
    "keyring.backends.fail",
    "keyring.backends.null",
    "keyrings.alt",
)  # keep nothing, or keep it readable
LOCK_SECONDS = 10.0
ADVICE = (
    "This machine has no keystore for secrets. Set one up (GNOME Keyring or KWallet on Linux), or allow a key file "
    "that only this user can read: set AISLE_KEY_FILE=1, or key_file = true in aisle.toml."
)


class Keystore(Protocol):
    """Where secrets are kept, by name. All methods raise Misconfigured, with what to do, when it cannot be used."""

    def get(self, name: str) -> str | None:
        """The secret called ``name``; None when there is none."""
        ...

    def set(self, name: str, value: str) -> None:
        """Keep ``value`` under ``name``, instead of what was there."""
        ...

    def add(self, name: str, value: str) -> str:
        """Keep ``value`` unless there is one already, and return what is there now.

        Of several processes that do this at once, all get the same.
        """
        ...

    def delete(self, name: str) -> None:
        """Forget ``name``; nothing happens when it is not there."""
        ...

    def explain(self) -> str:
        """What it is, in a sentence for store IT."""
        ...


def open_keystore(folder: Path, *, allow_file: bool, backend: KeyringBackend | None = None) -> Keystore:
    """The keystore of this machine; ``backend`` None asks ``keyring`` which there is.

    A key file that is already in use stays in use as long as it is allowed. Raises Misconfigured with what to
    do when there is neither a keystore nor leave for a file.
    """
    if allow_file and (folder / FILE).exists():
        return FileKeystore(folder)
    usable = _usable(backend or _installed())
    if usable is not None:
        return SystemKeystore(usable, folder)
    if allow_file:
        return FileKeystore(folder)
    raise Misconfigured(ADVICE)


class SystemKeystore:
    """The operating system's keystore, through ``keyring``."""

    def __init__(self, backend: KeyringBackend, folder: Path) -> None:
        self._backend = backend
        self._folder = folder

    def get(self, name: str) -> str | None:
        """See Keystore."""
        with _speaking():
            return self._backend.get_password(SERVICE, name)

    def set(self, name: str, value: str) -> None:
        """See Keystore."""
        with _speaking():
            self._backend.set_password(SERVICE, name, value)

    def add(self, name: str, value: str) -> str:
        """See Keystore."""
        with _locked(self._folder):
            found = self.get(name)
            if found is None:
                self.set(name, value)
            return value if found is None else found

    def delete(self, name: str) -> None:
        """See Keystore."""
        with _locked(self._folder), _speaking():
            # Backends disagree on what deleting nothing is; asking first is the same everywhere.
            if self._backend.get_password(SERVICE, name) is not None:
                self._backend.delete_password(SERVICE, name)

    def explain(self) -> str:
        """See Keystore."""
        return f"Secrets are in this machine's keystore ({type(self._backend).__module__})."


class FileKeystore:
    """Secrets in ``keys.json`` (0400) in a folder of this user alone (0700), replaced whole on every change."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / FILE

    def get(self, name: str) -> str | None:
        """See Keystore."""
        return self._read().get(name)

    def set(self, name: str, value: str) -> None:
        """See Keystore."""
        with _locked(self._folder):
            self._write({**self._read(), name: value})

    def add(self, name: str, value: str) -> str:
        """See Keystore."""
        with _locked(self._folder):
            held = self._read()
            if name not in held:
                self._write({**held, name: value})
            return held.get(name, value)

    def delete(self, name: str) -> None:
        """See Keystore."""
        with _locked(self._folder):
            held = self._read()
            if held.pop(name, None) is not None:
                self._write(held)

    def explain(self) -> str:
        """See Keystore."""
        return (
            f"Secrets are in the file {self._path}, which only this user can read. A keystore would be safer."
        )

    def _read(self) -> dict[str, str]:
        try:
            found = self._path.lstat()
            if not stat.S_ISREG(found.st_mode) or (os.name == "posix" and found.st_mode & 0o077):
                raise Misconfigured(
                    f"{self._path} can be read by others, so its secrets are not safe. Replace the secrets in it, "
                    f"then run: chmod 400 {self._path}"
                )
            held = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise Misconfigured(f"The key file {self._path} cannot be read: {error.strerror}.") from error
        except ValueError as error:
            raise Misconfigured(
                f"{self._path} is damaged. Restore it from a copy; nothing replaces its keys."
            ) from error
        if not isinstance(held, dict) or not all(isinstance(value, str) for value in held.values()):
            raise Misconfigured(
                f"{self._path} is damaged. Restore it from a copy; nothing replaces its keys."
            )
        return held

    def _write(self, held: dict[str, str]) -> None:
        unfinished = self._path.with_name(f".{FILE}.new")
        try:
            unfinished.unlink(missing_ok=True)
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(held, file, ensure_ascii=False)
                file.flush()
                os.fsync(descriptor)
            unfinished.replace(self._path)
            _sync_folder(self._folder)
        except OSError as error:
            raise Misconfigured(f"The key file {self._path} cannot be written: {error.strerror}.") from error


def _installed() -> KeyringBackend:
    import keyring  # looks for backends when imported, which takes a tenth of a second

    return keyring.get_keyring()


def _usable(backend: KeyringBackend) -> KeyringBackend | None:
    """``backend``, or the first good one of a chain; None when it keeps nothing, or keeps it readable."""
    parts = list(backend.backends) if isinstance(backend, ChainerBackend) else [backend]
    return next((one for one in parts if _keeps_secrets(one)), None)


def _keeps_secrets(backend: KeyringBackend) -> bool:
    if type(backend).__module__.startswith(PLAIN):
        return False
    try:
        # keyring itself recommends no backend below 1. One that does not answer a question is of no use either.
        if float(backend.priority) < 1:
            return False
        backend.get_password(SERVICE, "is-anybody-there")
    except (KeyringError, RuntimeError, OSError):
        return False
    return True


@contextmanager
def _speaking() -> Iterator[None]:
    try:
        yield
    except PasswordDeleteError:
        return
    except (KeyringError, RuntimeError, OSError) as error:
        raise Misconfigured(
            "This machine's keystore does not give or take secrets. Unlock it (sign in again) and try once more."
        ) from error


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Alone among all processes that use this folder; a lock that SQLite keeps dies with its process."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        lock = sqlite3.connect(folder / LOCK, timeout=LOCK_SECONDS, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise Misconfigured(
            f"The folder {folder} cannot be written, so no secret can be kept: {error}."
        ) from error
    with closing(lock):
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            raise Misconfigured(f"The folder {folder} cannot be locked for writing: {error}.") from error
        yield


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
