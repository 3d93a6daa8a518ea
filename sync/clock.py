"""The device's clocks: wall time for people and partners, steady time for leases and pauses.

Wall time may jump; nothing's order depends on it. Steady time is the machine's own count of seconds since it
started, the same in every process on it.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime, timedelta


def now() -> datetime:
    """The wall clock in UTC. Source checkouts add AISLE_CLOCK_OFFSET seconds; packaged builds never read it."""
    offset = 0.0 if getattr(sys, "frozen", False) else float(os.environ.get("AISLE_CLOCK_OFFSET", "0") or 0)
    return datetime.now(UTC) + timedelta(seconds=offset)


def steady() -> float:
    """Seconds since this machine started; never jumps."""
    return time.monotonic()
