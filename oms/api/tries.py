"""Slows down guessing: counts wrong codes by where they come from, in memory and for a while."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta

MOST = 10  # wrong codes from one source within WINDOW
WINDOW = timedelta(minutes=5)
SOURCES = 10_000  # remembered at once; the longest silent is forgotten first


class Tries:
    """Wrong codes by source. Right ones are not counted."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, deque[datetime]] = OrderedDict()

    def wait(self, source: str, now: datetime) -> int:
        """Seconds until ``source`` may try again, 0 when it may now."""
        found = self._wrong.get(source)
        while found and found[0] <= now - WINDOW:
            found.popleft()
        if not found or len(found) < MOST:
            return 0
        return max(1, int((found[0] + WINDOW - now).total_seconds()))

    def failed(self, source: str, now: datetime) -> None:
        """Count one wrong code from ``source``."""
        self._wrong.setdefault(source, deque(maxlen=MOST)).append(now)
        self._wrong.move_to_end(source)
        while len(self._wrong) > SOURCES:
            self._wrong.popitem(last=False)
