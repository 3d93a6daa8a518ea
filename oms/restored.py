"""Notices that the database was restored from a backup, and begins a new epoch: devices then offer their orders again.

Two signs: a file beside the database remembers how far it was; and a device shows a cursor that only a later
database can have given it. A restore without either is told by ``aisle oms restored``.
"""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Engine, select, update
from sqlmodel import Session, col

from oms import audit, changes
from oms.models import Counter, Meta
from oms.store import insert_new

SINCE = "epoch_at"
QUIET = timedelta(hours=24)  # after a new epoch, devices' cursors alone do not begin another one

log = structlog.get_logger("oms.restored")


def watch(engine: Engine, marker: Path, now: datetime) -> bool:
    """Compare the database with ``marker``, begin a new epoch if it has gone back, and write the marker anew."""
    seen = _read(marker)
    with Session(engine) as session:
        current, last = changes.epoch(session), _last(session)
        back = seen.get("epoch") == current and any(
            seen.get(name, 0) > number for name, number in last.items()
        )
        if back:
            current = begin(session, now, "oms", "the database is older than its marker")
            last = _last(session)
        session.commit()
    fresh = marker.with_name(f"{marker.name}.{os.getpid()}")
    fresh.write_text(json.dumps({"epoch": current, **last}), encoding="utf-8")
    fresh.replace(marker)
    return back


def ahead(session: Session, cursor: int, now: datetime, device: str) -> str:
    """The epoch, a new one when ``cursor`` shows that this database was restored. The caller commits."""
    held = session.connection().execute(
        select(col(Counter.last)).where(col(Counter.name) == changes.FEED).with_for_update()
    )
    if cursor <= held.scalar_one():
        return changes.epoch(session)
    since = session.get(Meta, SINCE)
    if since is not None and now - datetime.fromisoformat(since.value) < QUIET:
        return changes.epoch(session)
    return begin(session, now, device, f"a device's cursor is {cursor}")


def begin(session: Session, now: datetime, actor: str, why: str) -> str:
    """Begin a new epoch; the caller commits."""
    log.warning("restored", why=why)
    insert_new(session, Meta, [{"name": SINCE, "value": ""}], col(Meta.name))
    since = update(Meta).where(col(Meta.name) == SINCE).values(value=now.isoformat())
    session.connection().execute(since)
    audit.note(session, audit.Entry(now, actor, "epoch.begun", "oms", why))
    return changes.new_epoch(session)


def _last(session: Session) -> dict[str, int]:
    rows = session.connection().execute(select(col(Counter.name), col(Counter.last)))
    return {row.name: row.last for row in rows}


def _read(marker: Path) -> dict[str, Any]:
    try:
        found = json.loads(marker.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
