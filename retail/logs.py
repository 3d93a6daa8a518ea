"""Logging for every part: JSON lines on stderr, only fields that are on a list, never personal data.

A field that is not listed is dropped, with its name kept, so that a new one is noticed and decided upon.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from retail.text import mask_card_numbers

ALLOWED = frozenset(
    [
        "error",
        "at",
        "part",
        "reason",
        "mail",
        "cursor",
        "answers",
        "epoch",
        "again_in",
        "events",
        "event",
        "level",
        "timestamp",
        "logger",
        "order",
        "key",
        "partner",
        "device",
        "store",
        "status",
        "outcome",
        "why",
        "sequence",
        "kind",
        "lines",
        "count",
        "service",
        "attempts",
        "seconds",
        "url",
        "port",
        "event_id",
        "type",
        "path",
        "method",
        "check",
        "operation",
        "field",
        "code",
        "exc_type",
        "where",
        "shipment",
        "revision",
        "reader",
        "symbology",
        "screen",
        "route",
        "language",
        "refused",
        "stored",
        "user_role",
    ]
)


def allow_listed(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep the listed fields; name the others under ``dropped``. Card numbers in the sentence are masked."""
    kept = {name: value for name, value in event.items() if name in ALLOWED}
    kept["event"] = mask_card_numbers(str(kept.get("event", "")))
    dropped = sorted(set(event) - ALLOWED - {"exc_info", "stack_info"})
    if dropped:
        kept["dropped"] = dropped
    exception = event.get("exc_info")
    if exception:
        error = sys.exc_info()[1] if exception is True else exception
        if isinstance(error, BaseException):
            kept["exc_type"] = type(error).__name__
            kept["where"] = _where(error)
    return kept


def _where(error: BaseException) -> str:
    """The innermost frames as file:line in function, without any value in them."""
    frames, trace = [], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{os.path.basename(code.co_filename)}:{trace.tb_lineno} {code.co_name}")  # noqa: PTH119
        trace = trace.tb_next
    return " < ".join(reversed(frames[-6:]))


def to_stderr(level: str | None = None) -> None:
    """Send every log line of this process to stderr as JSON; AISLE_LOG is the level (default warning)."""
    wanted = getattr(logging, (level or os.environ.get("AISLE_LOG", "warning")).upper(), logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            allow_listed,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(wanted),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
