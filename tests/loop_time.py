"""Time that goes by for whatever waits in this test's event loop.

A test of a deadline does not wait for it, nor sets a short one that a machine which stalls would miss: it lets what
should come first happen, then lets the time go by.
"""

from __future__ import annotations

import asyncio


def go_by(seconds: float) -> None:
    """Put the running loop's clock ahead: timers of the next ``seconds`` are due at once. Nothing is put back."""
    loop = asyncio.get_running_loop()
    before = loop.time
    loop.time = lambda: before() + seconds  # type: ignore[method-assign]


async def until_idle(turns: int = 50) -> None:
    """Let everything that can go on in this loop alone, without time or a thread, go on."""
    for _ in range(turns):
        await asyncio.sleep(0)
