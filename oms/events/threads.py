"""Synchronous work (SQL, templates) off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

T = TypeVar("T")


async def in_thread(executor: Executor | None, work: Callable[[], T]) -> T:
    """The result of ``work``, run in ``executor`` (None: the loop's own).

    A thread cannot be cut short: when we are cancelled we first let it end, so that nobody touches its
    session while it works.
    """
    future = asyncio.get_running_loop().run_in_executor(executor, work)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        await asyncio.wait([future])
        raise
