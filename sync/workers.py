"""Who holds a claim: a process of this machine, named so that another one can see whether it still lives."""

from __future__ import annotations

import os

import psutil

from retail.ids import new_id


def token() -> str:
    """A fresh claim token of this process: its id, when it started, and an id of its own."""
    return f"{os.getpid()}/{psutil.Process().create_time():.2f}/{new_id()}"


def alive(claim: str) -> bool:
    """Whether the process that made ``claim`` still runs; True for a token that is not of this form."""
    process, _, rest = claim.partition("/")
    started, _, own = rest.partition("/")
    if not (process.isdigit() and own):
        return True
    try:
        return abs(psutil.Process(int(process)).create_time() - float(started)) < 1.0
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
