"""Writing much into the catalogue, in transactions as large as the write-ahead log allows.

The more offers one transaction has, the fewer times one page of an index is written. But every page that it touches is in
the log at once, and the fuller the catalogue, the more these are: each transaction is sized by what the last one wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine

from sync.store.engine import drain_log

BATCH = 6_000  # offers in one transaction, however few pages they touch: what of three partners waits is in memory
FIRST = 2_000  # of them in the first one, before anything is known
PAGES = 12_000  # of the log that a transaction should fill, 47 MB; where words are merged, a quarter more comes to it
CACHE = 64_000  # KiB of the catalogue in memory while much is written
MOST_LOG = 48 * 2**20  # bytes of the log that stay on the disk afterwards


@dataclass(slots=True)
class Bulk:
    """Transactions that follow each other; ``size`` is how many offers the next one should have."""

    size: int = field(default_factory=lambda: min(FIRST, BATCH))

    @contextmanager
    def transaction(self, engine: Engine, offers: int) -> Iterator[Connection]:
        """Write so many ``offers``; until it ends, more of the catalogue stays in memory. Afterwards the log is empty."""
        with engine.begin() as connection:
            usual = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
            connection.exec_driver_sql(f"PRAGMA cache_size = -{CACHE}")
            connection.exec_driver_sql(f"PRAGMA journal_size_limit = {MOST_LOG}")
            try:
                yield connection
            finally:
                connection.exec_driver_sql(f"PRAGMA cache_size = {usual}")
        pages = drain_log(engine)
        self.size = max(1, min(BATCH, 2 * self.size, offers * PAGES // max(1, pages)))
