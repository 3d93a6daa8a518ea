"""Opening an encrypted SQLite file so that a commit is a promise."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2

from retail.errors import AisleError, Misconfigured

KEY_BYTES = 32
PATIENCE = 30.0  # seconds


class StoreUnavailable(AisleError):
    """The device cannot write its orders now (disk full, read-only, damaged); nothing was placed.

    The text is a sentence for staff that says what to do.
    """


def open_engine(
    path: Path, key: bytes, *, synchronous: str = "FULL", pool: int = 8, cache_mb: int = 8, waits: bool = True
) -> Engine:
    """An engine on the SQLCipher file at ``path`` (made when missing), with ``key`` of 32 raw bytes.

    Writers start with BEGIN IMMEDIATE and wait up to 30 s for each other. Each connection keeps up to ``cache_mb`` MB
    of pages in the clear; the one given back last is used first, so that few of them are ever filled. Opening waits for
    whoever writes, and so finds out whether writing is possible, unless it is told not to.

    Raises:
        Misconfigured: the key does not open the file.
        StoreUnavailable: the folder or file cannot be written.
    """
    if len(key) != KEY_BYTES:
        raise ValueError(f"the key has {KEY_BYTES} bytes")

    def connect() -> Any:
        connection = dbapi2.connect(str(path), check_same_thread=False, timeout=30, isolation_level=None)
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        connection.execute("PRAGMA busy_timeout = 30000")
        _write_ahead(connection)
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute(f"PRAGMA cache_size = -{cache_mb * 1000}")
        return connection

    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        creator=connect,
        module=dbapi2,
        poolclass=QueuePool,
        pool_size=pool,
        max_overflow=0,
        pool_use_lifo=True,
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("aisle_mode", "IMMEDIATE")
        connection.exec_driver_sql(f"BEGIN {mode}")

    @event.listens_for(engine, "handle_error")
    def _explain(context: ExceptionContext) -> AisleError | None:
        error = context.original_exception
        ours = isinstance(error, dbapi2.IntegrityError | dbapi2.ProgrammingError | dbapi2.InterfaceError)
        if ours or not isinstance(error, dbapi2.DatabaseError):
            return None
        options = context.connection.get_execution_options() if context.connection else {}
        return _words(path, str(error), reads=options.get("aisle_mode") == "DEFERRED")

    with explained(path):
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        mode = "IMMEDIATE" if waits else "DEFERRED"
        with engine.connect().execution_options(aisle_mode=mode) as connection:
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
    return engine


def _write_ahead(connection: Any) -> None:
    """Switch to a write-ahead log. For this one step SQLite does not wait while another process does the same."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except dbapi2.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.005)


@contextmanager
def explained(path: Path, *, reads: bool = False) -> Iterator[None]:
    """Turn what SQLite and the file system say into our words; the transaction inside did not commit, or only ``reads``."""
    try:
        yield
    except DBAPIError as error:
        raise _words(path, str(error.orig), reads=reads) from error
    except (sqlite3.DatabaseError, dbapi2.DatabaseError) as error:
        raise _words(path, str(error), reads=reads) from error
    except PermissionError as error:
        raise StoreUnavailable(
            f"{path.parent} cannot be written by this user. Make it writable, then try again."
        ) from error
    except OSError as error:
        raise StoreUnavailable(f"{path} cannot be written ({error.strerror}). Nothing was saved.") from error


def _words(path: Path, said: str, *, reads: bool = False) -> AisleError:
    low = said.lower()
    if "not a database" in low or "hmac" in low:
        return Misconfigured(
            f"{path} cannot be opened with this device's key. Restore the key from the keystore it was made with, "
            "or move the file away to start with an empty store."
        )
    if "full" in low:
        return StoreUnavailable(
            f"The disk that holds {path.parent} is full. Nothing was saved; free some space and try again."
        )
    if "readonly" in low or "read-only" in low or "unable to open" in low:
        return StoreUnavailable(f"{path} is read-only for this user. Make it writable, then try again.")
    if "malformed" in low or "corrupt" in low:
        return StoreUnavailable(f"{path} is damaged. Run 'aisle verify', and keep the file.")
    outcome = "It could not be read" if reads else "Nothing was saved"
    if "locked" in low:
        return StoreUnavailable(f"{path} is in use by another program. {outcome}; try again.")
    return StoreUnavailable(f"{path}: {said}. {outcome}; try again.")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A read-only look at one moment; never waits for writers."""
    with (
        explained(Path(engine.url.database or ""), reads=True),
        engine.connect().execution_options(aisle_mode="DEFERRED") as connection,
        connection.begin(),
    ):
        yield connection


def fetch(connection: Connection, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """What ``statement`` finds, read on the driver itself: where a key is pressed and many small questions are asked."""
    driver: Any = connection.connection.driver_connection
    found: list[tuple[Any, ...]] = driver.execute(statement, values).fetchall()
    return found


def many(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Carry ``statement`` out once for each of ``rows``, of which there may be none."""
    if rows:
        connection.exec_driver_sql(statement, list(rows))


@contextmanager
def writing(engine: Engine) -> Iterator[Any]:
    """One write transaction on the driver's own connection: for the one path on which a customer waits.

    Its errors are ours, as everywhere; after any error nothing of it is kept.
    """
    with _driver(engine) as driver:
        driver.execute("BEGIN IMMEDIATE")
        yield driver
        driver.execute("COMMIT")


def look(engine: Engine, statement: str, *values: object) -> tuple[Any, ...] | None:
    """The first row that one ``statement`` finds, or None; on the same path, so on the driver, too."""
    with _driver(engine) as driver:
        row: tuple[Any, ...] | None = driver.execute(statement, values).fetchone()
        return row


def drain_log(engine: Engine) -> int:
    """Move the write-ahead log into the file, so that the next writer begins it anew; how many pages it had.

    Readers that look at an older moment are waited for, a second at most: then it goes on growing until next time.
    """
    with _driver(engine) as driver:
        usual = driver.execute("PRAGMA busy_timeout").fetchone()[0]
        driver.execute("PRAGMA busy_timeout = 1000")
        try:
            pages: int = driver.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()[1]
        finally:
            driver.execute(f"PRAGMA busy_timeout = {usual}")
    return pages


@contextmanager
def _driver(engine: Engine) -> Iterator[Any]:
    with explained(Path(engine.url.database or "")):
        pooled = engine.raw_connection()
        try:
            yield pooled.driver_connection
        finally:
            pooled.close()  # rolls back what was not committed
