"""Waiting that can be called off. ``asyncio.wait_for`` cannot always: in Python 3.11 it swallows a cancellation that
comes in the same moment as what it waits for, and parts of nats-py turn one into an error of their own."""

from __future__ import annotations

import asyncio
import contextlib


async def set_or_after(event: asyncio.Event, seconds: float) -> None:
    """Return when ``event`` is set, ``seconds`` later at most."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def called_off() -> bool:
    """Whether somebody has cancelled this task, also when the CancelledError was lost on its way."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
