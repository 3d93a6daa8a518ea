"""Brings a database to the tables that this version needs, and says whether it has them."""

from __future__ import annotations

import os
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, text
from sqlmodel import SQLModel

import oms.events.models
import oms.models
from oms.store import make_engine, sqlite_file
from retail.errors import Misconfigured

LOCK = 4_712_001  # PostgreSQL: only one migration at a time
OURS = (oms.models, oms.events.models)


def metadata() -> MetaData:
    """The tables of the OMS and nothing else: other parts of the program may share the process."""
    found = MetaData(naming_convention=SQLModel.metadata.naming_convention)
    for table in SQLModel.metadata.sorted_tables:
        if any(
            getattr(kind, "__table__", None) is table for module in OURS for kind in vars(module).values()
        ):
            table.to_metadata(found)
    return found


def config(connection: Connection | None = None) -> Config:
    """Alembic's settings, without a file."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    settings.attributes["connection"] = connection
    return settings


def newest() -> str:
    """The version that this program needs."""
    head = ScriptDirectory.from_config(config()).get_current_head()
    assert head is not None
    return head


def version(engine: Engine) -> str | None:
    """The version that the database has; None when it is empty."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def own_file(url: str) -> None:
    """Make the SQLite file behind ``url``, readable by its owner only, when there is none; nothing for a server."""
    path = sqlite_file(url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def migrate(url: str) -> tuple[str | None, str]:
    """Bring the database at ``url`` up to date; returns the version before and after. Idempotent.

    A new SQLite file can be read by its owner only. Raises Misconfigured when the database is newer than the program.
    """
    own_file(url)
    engine = make_engine(url, connections=1)
    try:
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            before = MigrationContext.configure(connection).get_current_revision()
            _known(before)
            command.upgrade(config(connection), "head")
            return before, newest()
    finally:
        engine.dispose()


def _known(found: str | None) -> None:
    scripts = ScriptDirectory.from_config(config())
    if found is not None and found not in {script.revision for script in scripts.walk_revisions()}:
        raise Misconfigured(
            "The database was made by a newer version of this program. Install that version, or restore a backup."
        )
