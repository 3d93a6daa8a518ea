"""The audit trail: who did what, in a chain of hashes that an edit, a deletion or another order breaks.

As in ``oms.changes``, entries are numbered and chained at the end of their transaction, under one row lock.
That module is imported here, so its lock always comes first and two transactions cannot wait for each other.
The trail holds ids and codes only, never what a customer typed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import bindparam, event, insert, select, update
from sqlalchemy.orm import Session as AnySession
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session, col

from oms.changes import take
from oms.models import Audit, Counter

TRAIL = "audit"
_WAITING = "aisle.audit"


_WRITE = insert(Audit)
_HEAD = (
    update(Counter.__table__)  # type: ignore[attr-defined]
    .where(col(Counter.name) == TRAIL)
    .values(head=bindparam("last_hash"))
)


@dataclass(frozen=True, slots=True)
class Entry:
    """``actor`` (a device's id, a user's name, ``oms``) did ``action`` to ``target``."""

    at: datetime
    actor: str
    action: str
    target: str
    detail: str = ""


def note(session: Session, *entries: Entry) -> None:
    """Write ``entries`` when ``session`` commits; a rollback forgets them."""
    session.connection()  # begins the transaction that this is part of
    session.info.setdefault(_WAITING, []).extend(entries)


def chained(before: str, sequence: int, entry: Entry) -> str:
    """The hash of ``entry`` as number ``sequence`` after the one whose hash is ``before``."""
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = [before, sequence, at, entry.actor, entry.action, entry.target, entry.detail]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@event.listens_for(AnySession, "before_commit")
def _chain(session: AnySession) -> None:
    waiting: list[Entry] = session.info.pop(_WAITING, [])
    if not waiting:
        return
    session.flush()
    last, head = take(session, TRAIL, len(waiting))
    rows = []
    for sequence, entry in enumerate(waiting, last - len(waiting) + 1):
        head = chained(head, sequence, entry)
        rows.append(
            {
                "sequence": sequence,
                "at": entry.at,
                "actor": entry.actor,
                "action": entry.action,
                "target": entry.target,
                "detail": entry.detail,
                "hash": head,
            }
        )
    session.connection().execute(_WRITE, rows)
    session.connection().execute(_HEAD, {"last_hash": head})


@event.listens_for(AnySession, "after_transaction_end")
def _forget(session: AnySession, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_WAITING, None)


def check(session: Session) -> list[int]:
    """The numbers at which the trail does not hold: changed, missing or moved rows. Empty when it is whole."""
    head, expected, broken = "", 1, []
    for row in session.execute(select(Audit).order_by(col(Audit.sequence))).scalars():
        entry = Entry(row.at, row.actor, row.action, row.target, row.detail)
        if row.sequence != expected or chained(head, row.sequence, entry) != row.hash:
            broken.append(row.sequence)
        head, expected = row.hash, row.sequence + 1
    last = session.get(Counter, TRAIL)
    if last is None or last.last != expected - 1 or last.head != head:
        broken.append(expected)
    return broken


def entries(session: Session, target: str) -> Iterable[Entry]:
    """What was done to ``target``, oldest first."""
    wanted = select(Audit).where(col(Audit.target) == target).order_by(col(Audit.sequence))
    rows = session.execute(wanted).scalars()
    return [Entry(row.at, row.actor, row.action, row.target, row.detail) for row in rows]
