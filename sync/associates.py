"""Who works in the store: sign-in checked on the device, offline too, with a lock after wrong passwords."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal, cast

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, Engine, Row, case, select, update
from sqlalchemy.dialects.sqlite import insert

from sync.store.engine import reading
from sync.store.models import AssociateRow

Role = Literal["associate", "manager"]
FREE_TRIES = 4
FIRST_LOCK = 60.0  # seconds, doubling with every further failure
FOR_MANAGER = 10  # failures, after which only a new password from the OMS unlocks

rows: Any = AssociateRow.__table__  # type: ignore[attr-defined]
_hasher = PasswordHasher()


@dataclass(frozen=True, slots=True)
class Associate:
    """Somebody who has signed in."""

    user: str
    name: str
    role: Role


class SignInRefused(Exception):
    """Name or password is wrong, or there were too many tries.

    ``reason`` is ``wrong``, ``locked`` or ``manager``; ``wait_seconds`` says how long a lock lasts, else None.
    """

    def __init__(
        self, reason: Literal["wrong", "locked", "manager"], wait_seconds: float | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait_seconds = wait_seconds


class Associates:
    """The store's associates as the OMS sent them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def sign_in(self, user: str, password: str, now: datetime) -> Associate:
        """Who ``user`` is, when the password is right.

        Failures are counted before the answer, so that pulling the plug buys no tries. Raises SignInRefused.
        """
        user, at = user.strip().lower(), now.timestamp()
        with self._engine.begin() as connection:
            row = connection.execute(select(rows).where(rows.c.user == user, rows.c.active)).first()
            refused = _count(connection, row, at) if row is not None else None
        if refused is not None:
            raise refused
        # The store is free again while the password is checked: that takes a while on purpose.
        if row is None:
            _matches(_nobody(), password)
            raise SignInRefused("wrong")
        if not _matches(row.password_hash, password):
            failures = row.failures + 1
            if failures >= FOR_MANAGER:
                raise SignInRefused("manager")
            lock = _lock(failures)
            raise SignInRefused("locked" if lock else "wrong", lock or None)
        with self._engine.begin() as connection:
            connection.execute(update(rows).where(rows.c.user == user).values(failures=0, locked_until=0.0))
        return Associate(row.user, row.name, cast(Role, row.role))

    def count(self) -> int:
        """How many may sign in."""
        with reading(self._engine) as connection:
            return len(connection.execute(select(rows.c.user).where(rows.c.active)).all())


def apply_associate(connection: Connection, body: Mapping[str, Any]) -> None:
    """Keep what the OMS says of an associate, unless something newer is known; a new password ends every lock.

    Raises ValueError, TypeError or LookupError when ``body`` is not in the documented form.
    """
    if type(body["active"]) is not bool or body["role"] not in ("manager", "associate"):
        raise ValueError("not the documented form")
    values = {
        "user": str(body["user"]).lower(),
        "name": str(body["name"]),
        "password_hash": str(body["password_hash"]),
        "role": body["role"],
        "active": body["active"],
        "version": int(body["version"]),
        "failures": 0,
        "locked_until": 0.0,
    }
    same = rows.c.password_hash == values["password_hash"]
    kept = {name: case((same, rows.c[name]), else_=0) for name in ("failures", "locked_until")}
    query = insert(rows).values(values)
    newer = rows.c.version < values["version"]
    connection.execute(query.on_conflict_do_update(index_elements=["user"], set_=values | kept, where=newer))


def hash_password(password: str) -> str:
    """``password`` as an argon2id hash."""
    return _hasher.hash(password)


def _lock(failures: int) -> float:
    """How long a lock lasts after so many failures, in seconds."""
    return 0.0 if failures <= FREE_TRIES else FIRST_LOCK * 2.0 ** (failures - FREE_TRIES - 1)


def _count(connection: Connection, row: Row[Any], at: float) -> SignInRefused | None:
    """Count one more try before its outcome is known; the refusal when there is none to be had now."""
    if row.failures >= FOR_MANAGER:
        return SignInRefused("manager")
    # A clock that went back makes a lock begin anew, not last for ever.
    left = min(row.locked_until - at, _lock(row.failures))
    failures, until = (
        (row.failures, at + left) if left > 0 else (row.failures + 1, at + _lock(row.failures + 1))
    )
    connection.execute(
        update(rows).where(rows.c.user == row.user).values(failures=failures, locked_until=until)
    )
    return SignInRefused("locked", left) if left > 0 else None


@cache
def _nobody() -> str:
    """A hash for names that nobody has, so that they take as long as a wrong password."""
    return _hasher.hash("nobody")


def _matches(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False
