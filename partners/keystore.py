"""Secrets by name: in the operating system's keystore, or, where an explicit setting allows it, in a 0400 file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Protocol

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, PasswordDeleteError

from retail.errors import Misconfigured

SERVICE = "endless-aisle"
FILE = "keys.json"
ADVICE = (
    "Start the desktop's keystore (Secret Service, Keychain, Credential Locker), or allow a key file that only this"
    " user can read: key_file = true in aisle.toml, or AISLE_KEY_FILE=1."
)
PLAINTEXT = ("keyrings.alt", "keyring.backends.null", "keyring.backends.fail")


class Keystore(Protocol):
    """Where secrets are kept. All three may raise Misconfigured."""

    def get(self, name: str) -> str | None:
        """The secret, or None when there is none of this name."""
        ...

    def set(self, name: str, value: str) -> None:
        """Keep a secret; durable when this returns."""
        ...

    def delete(self, name: str) -> None:
        """Forget a secret; nothing happens when there is none."""
        ...


def open_keystore(folder: Path, *, allow_file: bool, backend: KeyringBackend | None = None) -> Keystore:
    """The OS keystore (or ``backend``); else, when ``allow_file`` is set, a key file in ``folder``.

    With ``allow_file`` the file is used even where a keystore exists, so that the setting means one thing.
    Raises Misconfigured, saying what to do, when neither can be used.
    """
    if allow_file:
        return FileKeystore(folder)
    found = backend or keyring.get_keyring()
    problem = refusal(found)
    if problem:
        raise Misconfigured(f"{problem} {ADVICE}")
    return SystemKeystore(found)


def refusal(backend: KeyringBackend) -> str | None:
    """Why ``backend`` cannot be trusted with secrets, or None."""
    module = type(backend).__module__
    if module.startswith("keyring.backends.chainer"):
        backends = getattr(backend, "backends", ())
        return (
            None
            if any(refusal(one) is None for one in backends)
            else "This machine has no keystore that can be used."
        )
    if module.startswith("keyrings.alt"):
        return "The keystore on this machine keeps secrets in plain text (keyrings.alt)."
    if module.startswith(PLAINTEXT) or getattr(backend, "priority", 0) <= 0:
        return "This machine has no keystore that can be used."
    return None


def explain() -> tuple[bool, str]:
    """Whether the OS keystore can be used, and a sentence about it; for ``aisle doctor``."""
    backend = keyring.get_keyring()
    problem = refusal(backend)
    return (False, f"{problem} {ADVICE}") if problem else (True, f"{backend.name}")


class SystemKeystore:
    """The operating system's keystore, through keyring."""

    def __init__(self, backend: KeyringBackend) -> None:
        self._backend = backend

    def get(self, name: str) -> str | None:
        """The secret, or None."""
        try:
            return self._backend.get_password(SERVICE, name)
        except KeyringError as error:
            raise Misconfigured(
                f"The keystore does not answer ({type(error).__name__}). Unlock it, then try again."
            ) from error

    def set(self, name: str, value: str) -> None:
        """Keep a secret."""
        try:
            self._backend.set_password(SERVICE, name, value)
        except KeyringError as error:
            raise Misconfigured(
                f"The keystore keeps nothing ({type(error).__name__}). Unlock it, then try again."
            ) from error

    def delete(self, name: str) -> None:
        """Forget a secret."""
        try:
            self._backend.delete_password(SERVICE, name)
        except PasswordDeleteError:
            return
        except KeyringError as error:
            raise Misconfigured(f"The keystore does not answer ({type(error).__name__}).") from error


class FileKeystore:
    """One file that only its owner can read, replaced as a whole and synced, so that it is old or new, never half."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE

    def get(self, name: str) -> str | None:
        """The secret, or None."""
        return self._read().get(name)

    def set(self, name: str, value: str) -> None:
        """Keep a secret; on the disk when this returns."""
        self._write(self._read() | {name: value})

    def delete(self, name: str) -> None:
        """Forget a secret."""
        kept = self._read()
        if kept.pop(name, None) is not None:
            self._write(kept)

    def _read(self) -> dict[str, str]:
        try:
            if os.name == "posix" and self._path.stat().st_mode & 0o077:
                raise Misconfigured(f"{self._path} can be read by others. Run: chmod 400 {self._path}")
            found: dict[str, str] = json.loads(self._path.read_text())
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise Misconfigured(f"The key file {self._path} cannot be read: {error.strerror}.") from error
        except ValueError as error:
            raise Misconfigured(
                f"The key file {self._path} is damaged. Restore it from your backup."
            ) from error
        return found

    def _write(self, secrets: dict[str, str]) -> None:
        fresh = self._path.with_name(f".{FILE}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh.unlink(missing_ok=True)
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
            with os.fdopen(descriptor, "w") as file:
                json.dump(secrets, file)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
            if os.name == "posix":
                parent = os.open(self._path.parent, os.O_RDONLY)
                os.fsync(parent)
                os.close(parent)
        except OSError as error:
            raise Misconfigured(
                f"The key file {self._path} cannot be written: {error.strerror}. Is the folder writable?"
            ) from error
