"""The three ledgers held against each other: what the device promised and keeps, what the partners booked, what the OMS has."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from retail.status import LineStatus
from retail.strict import digest
from sync.queue import OrderQueue, OrderRecord

BOOKED = frozenset({LineStatus.ACCEPTED, LineStatus.BACKORDERED, LineStatus.SHIPPED, LineStatus.DELIVERED})
OPEN = frozenset({LineStatus.QUEUED, LineStatus.PLACING, LineStatus.UNKNOWN})


@dataclass
class Counts:
    """What was found. Only ``undelivered_but_queued`` and ``with_a_person`` are no faults of the product."""

    acknowledged: int = 0
    acknowledged_but_missing: int = 0
    changed: int = 0
    ordered_twice: int = 0
    duplicates: int = 0
    unknown_bookings: int = 0
    undelivered_but_queued: int = 0
    undelivered_and_not_queued: int = 0
    with_a_person: int = 0
    booked_but_not_known: int = 0
    amounts_differ: int = 0
    missing_at_oms: int = 0
    ordeals_failed: int = 0
    examples: list[str] = field(default_factory=list)

    def blame(self, what: str, example: str) -> None:
        """Count one fault, with an example to look at."""
        setattr(self, what, getattr(self, what) + 1)
        if len(self.examples) < 12:
            self.examples.append(f"{what}: {example}")

    def holds(self) -> bool:
        """Whether the invariant of facts/promises holds."""
        harmless = {"acknowledged", "undelivered_but_queued", "with_a_person", "examples"}
        return not any(value for name, value in asdict(self).items() if name not in harmless)


def compare(
    promised: Mapping[str, Mapping[str, Any]],
    queue: OrderQueue,
    ledgers: Mapping[str, Sequence[Mapping[str, Any]]],
    oms: Path,
) -> Counts:
    """Everything promised, kept, booked and known, line against line."""
    counts = Counts(acknowledged=len(promised))
    kept: dict[str, OrderRecord] = {}
    offset = 0
    while page := queue.orders(limit=500, offset=offset):
        kept |= {record.order.id: record for record in page}
        offset += len(page)
    for order_id, promise in promised.items():
        record = kept.get(order_id)
        if record is None:
            counts.blame("acknowledged_but_missing", str(promise))
        elif digest(record.order) != promise["digest"]:
            counts.blame("changed", record.order.number)
    for reference, times in Counter(r.order.payments[0].reference for r in kept.values()).items():
        if times > 1:
            counts.blame("ordered_twice", reference)
    at_oms = _known_to_oms(oms)
    bookings = {partner: {entry["key"]: entry for entry in entries} for partner, entries in ledgers.items()}
    for partner, entries in ledgers.items():
        for key, times in Counter(entry["key"] for entry in entries).items():
            if times > 1:
                counts.blame("duplicates", f"{partner} {key} x{times}")
    known = set()
    for record in kept.values():
        if at_oms.get(record.order.id) != digest(record.order):
            counts.blame("missing_at_oms", record.order.number)
        for part, state in zip(record.partner_orders, record.states, strict=True):
            known.add(part.key)
            _judge(counts, part, state.status(), bookings.get(part.partner, {}).get(part.key), state)
    for partner, booked in bookings.items():
        for key in set(booked) - known:
            counts.blame("unknown_bookings", f"{partner} {key}")
    return counts


def _judge(
    counts: Counts, part: Any, status: LineStatus, entry: Mapping[str, Any] | None, state: Any
) -> None:
    if status in BOOKED and entry is None:
        counts.blame("undelivered_and_not_queued", f"{part.number} is {status.value}")
    elif status in OPEN:
        counts.undelivered_but_queued += 1
    elif status in (LineStatus.NEEDS_PERSON, LineStatus.NEEDS_CONSENT):
        counts.with_a_person += 1
    elif (
        status in (LineStatus.REJECTED, LineStatus.CANCELLED)
        and entry is not None
        and entry["state"] != "cancelled"
    ):
        counts.blame("booked_but_not_known", f"{part.number} is {status.value}")
    if entry is not None and status in BOOKED:
        accepted = {line.line: line.accepted for line in state.lines}
        agreed = sum(line.price.minor * accepted[line.line] for line in part.lines) + part.shipping.minor
        if (entry["total_minor"], entry["currency"]) != (agreed, part.total.currency):
            counts.blame(
                "amounts_differ", f"{part.number}: {entry['total_minor']} {entry['currency']} for {agreed}"
            )
        if part.customer.name not in str(entry["customer"]) or part.customer.address.lines[0] not in str(
            entry["customer"]
        ):
            counts.blame("amounts_differ", f"{part.number}: the customer is another one")


def _known_to_oms(database: Path) -> dict[str, str]:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        return dict(connection.execute("SELECT id, digest FROM orders"))
