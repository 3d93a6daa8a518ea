"""Orders first: while many orders wait to be stored, what can be done later gets a small share of the time.

A device waits for its answer; an event can wait in the outbox. Both are Python in one process, so without this
a burst of orders would be stored at half the speed. Nothing is ever starved: every transaction gets its turn.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sqlalchemy import Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

SHARE = 8  # under pressure, transactions of this engine get one part in so many
LONGEST = 5.0  # seconds that one may have to wait
LOOK = 0.02  # seconds between looks whether the pressure is over


class Later:
    """Gives the transactions of an engine their turns: at once when nothing presses, else one after the other."""

    def __init__(self, engine: Engine, pressed: Callable[[], bool], *, longest: float = LONGEST) -> None:
        self._pressed = pressed
        self._longest = longest
        self._lock = threading.Lock()
        self._free_at = 0.0
        self._begun: dict[int, float] = {}  # by place in the pool
        self._lasts = 0.1  # seconds; how long transactions last, on average
        # Before it has a connection, so that nobody waits for one that only waits.
        event.listen(engine, "checkout", self._begin, insert=True)
        event.listen(engine, "checkin", self._end)

    def _begin(self, _connection: object, record: ConnectionPoolEntry, _proxy: object) -> None:
        if self._pressed():
            with self._lock:
                now = time.monotonic()
                turn = min(max(now, self._free_at), now + self._longest)
                self._free_at = turn + self._lasts * SHARE
            while (left := turn - time.monotonic()) > 0 and self._pressed():
                time.sleep(min(LOOK, left))
        else:
            self._free_at = 0.0
        self._begun[id(record)] = time.monotonic()

    def _end(self, _connection: object, record: ConnectionPoolEntry) -> None:
        begun = self._begun.pop(id(record), None)
        if begun is not None:
            self._lasts += (time.monotonic() - begun - self._lasts) / 8
