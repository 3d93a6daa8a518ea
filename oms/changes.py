"""The change feed: what devices should know, in one sequence that never shows a gap.

A reader asks for everything after the last number it saw, so a lower number must never become visible after
a higher one. Rows are therefore numbered at the very end of their transaction, under the row lock of one
counter that is held until COMMIT: numbers appear in the order of commits. ``put`` only collects.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    String,
    bindparam,
    event,
    insert,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Session as AnySession
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session, col

from oms.models import ChangeRow, Counter, Device, Meta
from retail.ids import new_id
from sync.protocol import Change, ChangesPage

FEED = "changes"
EPOCH = "epoch"
PAGE = 500  # changes in one page at most
_WAITING = "aisle.changes"


# Devices ask all day, so these are put together once.
_EPOCH = select(col(Meta.value)).where(col(Meta.name) == EPOCH)
_PLACE = select(col(Counter.last), _EPOCH.scalar_subquery()).where(col(Counter.name) == FEED)


def _after(store: ColumnElement[str]) -> Select[tuple[int, str, str]]:
    """A page for one store: a walk along the index of store and sequence."""
    part = (
        select(col(ChangeRow.sequence), col(ChangeRow.kind), col(ChangeRow.body))
        .where(
            col(ChangeRow.store) == store,
            col(ChangeRow.sequence) > bindparam("cursor", type_=BigInteger),
            col(ChangeRow.device).in_((literal(""), bindparam("device"))),
        )
        .order_by(col(ChangeRow.sequence))
        .limit(bindparam("most", type_=Integer))
        .subquery()
    )
    return select(part.c.sequence, part.c.kind, part.c.body)


_TAKE = (
    update(Counter.__table__)  # type: ignore[attr-defined]
    .where(col(Counter.name) == bindparam("which"))
    .values(last=col(Counter.last) + bindparam("count", type_=BigInteger))
    .returning(col(Counter.last), col(Counter.head))
)
_WRITE = insert(ChangeRow)

_BOTH = union_all(_after(literal("")), _after(bindparam("store", type_=String))).subquery()
_AFTER = select(_BOTH).order_by(_BOTH.c.sequence).limit(bindparam("most", type_=Integer))


@dataclass(frozen=True, slots=True)
class News:
    """One change on its way: ``store`` or ``device`` "" means all of them."""

    kind: str
    body: Mapping[str, Any]
    store: str = ""
    device: str = ""


def put(session: Session, *news: News) -> None:
    """Add ``news`` to the feed when ``session`` commits; a rollback forgets it."""
    session.connection()  # begins the transaction that this is part of
    session.info.setdefault(_WAITING, []).extend(news)


@event.listens_for(AnySession, "before_commit")
def _number(session: AnySession) -> None:
    waiting: list[News] = session.info.pop(_WAITING, [])
    if not waiting:
        return
    # Everything else goes to the database first, so that the counter's lock is held as short as can be
    # and nobody who holds it waits for another lock.
    session.flush()
    last, _ = take(session, FEED, len(waiting))
    rows = [
        {
            "sequence": last - len(waiting) + place,
            "store": one.store,
            "device": one.device,
            "kind": one.kind,
            "body": json.dumps(one.body, ensure_ascii=False, separators=(",", ":")),
        }
        for place, one in enumerate(waiting, 1)
    ]
    session.connection().execute(_WRITE, rows)


@event.listens_for(AnySession, "after_transaction_end")
def _forget(session: AnySession, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_WAITING, None)


def take(session: AnySession, name: str, count: int) -> tuple[int, str]:
    """The last of ``count`` new numbers of the counter ``name``, and its head; others wait until we commit."""
    last, head = session.connection().execute(_TAKE, {"which": name, "count": count}).one()
    return last, head


def read(session: Session, device: Device, cursor: int, limit: int = PAGE) -> ChangesPage:
    """At most ``limit`` changes after ``cursor`` for ``device``, oldest first. ``session`` is a reader's.

    The page's own cursor is below ``cursor`` only when ours never gave that out: see ``oms.restored``.
    """
    connection = session.connection()
    last, current = connection.execute(_PLACE).one()
    if cursor >= last:  # most devices have heard everything
        return ChangesPage(current, (), last, False)
    asked = {"cursor": cursor, "store": device.store, "device": device.id, "most": limit + 1}
    rows = connection.execute(_AFTER, asked).all()
    more = len(rows) > limit
    changes = tuple(Change(row.sequence, row.kind, json.loads(row.body)) for row in rows[:limit])
    return ChangesPage(current, changes, changes[-1].sequence if more else last, more)


def epoch(session: Session) -> str:
    """The name of this database's history; another one means that it was restored from a backup."""
    return str(session.connection().execute(_EPOCH).scalar_one())


def new_epoch(session: Session) -> str:
    """Begin a new history, so that every device offers its recent orders again."""
    fresh = new_id()
    session.connection().execute(update(Meta).where(col(Meta.name) == EPOCH).values(value=fresh))
    return fresh
