"""What people gave this device and its catalogue has no longer: told until they give it again.

Partners' lists come again by themselves. Files and the store's own codes do not.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog
from sqlalchemy import Connection, Engine

from sync.store.engine import reading

UNREADABLE = ".unreadable"
MOST_NAMED = 12  # files that are remembered, the newest
log = structlog.get_logger("sync.catalogue.losses")


@dataclass(frozen=True, slots=True)
class Loss:
    """``what`` happened, and what to do about it."""

    what: str
    advice: str


def put_aside(path: Path) -> Path:
    """Put a catalogue that cannot be read aside, in place of an earlier one, so that a broken disk does not fill."""
    aside = path.with_name(path.name + UNREADABLE)
    for end in ("", "-wal"):
        old, kept = path.with_name(path.name + end), aside.with_name(aside.name + end)
        if old.exists():
            old.replace(kept)
        else:
            kept.unlink(missing_ok=True)
    path.with_name(path.name + "-shm").unlink(missing_ok=True)
    os.utime(aside)  # its time says since when
    log.error("the catalogue could not be read and was begun anew; the old one is kept beside it")
    return aside


def given(connection: Connection, file: str, now: datetime) -> None:
    """Remember that ``file`` was loaded to its end."""
    connection.exec_driver_sql(
        "INSERT OR REPLACE INTO given (file, at, lost) VALUES (?, ?, 0)", (file, now.timestamp())
    )
    connection.exec_driver_sql(
        "DELETE FROM given WHERE file NOT IN (SELECT file FROM given ORDER BY at DESC LIMIT ?)", (MOST_NAMED,)
    )


def losses(engine: Engine) -> tuple[Loss, ...]:
    """What was lost and not given again; at most two."""
    path = Path(engine.url.database or "")
    aside = path.with_name(path.name + UNREADABLE)
    found = []
    if aside.exists():
        at = datetime.fromtimestamp(aside.stat().st_mtime, UTC)
        found.append(
            Loss(
                f"The catalogue could not be read on {at:%Y-%m-%d %H:%M} UTC and was begun anew. The old one is kept"
                f" as {aside}.",
                "Load your catalogue files and the crosswalk again (aisle catalogue load, aisle catalogue crosswalk),"
                " then delete that file.",
            )
        )
    with reading(engine) as connection:
        files = (
            connection.exec_driver_sql("SELECT file FROM given WHERE lost ORDER BY at, file").scalars().all()
        )
    if files:
        found.append(
            Loss(
                f"An update of the program has emptied the catalogue, of what was loaded from {', '.join(files)}, too.",
                "Load it again: aisle catalogue load",
            )
        )
    return tuple(found)
