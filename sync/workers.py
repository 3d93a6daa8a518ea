"""Who holds a claim: a process of this machine, named so that another one can see whether it still lives."""

from __future__ import annotations

import os

import psutil

from retail.ids import new_id


def token() -> str:
    """A fresh claim token of this process: its id, when it started, and an id of its own."""
    return f"{os.getpid()}/{_started(psutil.Process()):.2f}/{new_id()}"


def alive(claim: str) -> bool:
    """Whether the process that made ``claim`` still runs; True for a token that is not of this form."""
    process, _, rest = claim.partition("/")
    started, _, own = rest.partition("/")
    if not (process.isdigit() and own):
        return True
    try:
        return abs(_started(psutil.Process(int(process))) - float(started)) < 1.5
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def _started(process: psutil.Process) -> float:
    """When ``process`` started, in seconds; the same however the wall clock jumps meanwhile."""
    # On Linux only, psutil adds a time of boot to it that moves with the wall clock.
    return process.create_time() - (psutil.boot_time() if psutil.LINUX else 0.0)
