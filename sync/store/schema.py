"""Bringing a store to the schema of this program: all of a step or none of it, older data kept."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine

from retail.errors import Misconfigured
from sync.store.engine import reading

HEAD = "0001"
FOLDER = Path(__file__).parent / "migrations"


def migrate(engine: Engine) -> None:
    """Run what is missing, in one transaction. A newer store than this program is refused, untouched.

    Raises Misconfigured when the store was written by a newer program.
    """
    with reading(engine) as connection:  # which waits for nobody
        if _version(connection) == HEAD:
            return
    with engine.begin() as connection:
        found = _version(connection)
        if found == HEAD:
            return
        if found is not None and found > HEAD:
            raise Misconfigured(
                f"This store is at version {found}, newer than this program ({HEAD}). Install the newer program again."
            )
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _version(connection: Connection) -> str | None:
    tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE name = 'alembic_version'").all()
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() if tables else None
