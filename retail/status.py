"""Where lines and partner orders stand, and how news of them is put together.

    awaiting_payment -> queued -> placing -> accepted | backordered -> shipped -> delivered
                          ^         |------> rejected
                          |         |------> unknown ---> (looked up, or the same key again)
                          |         |------> needs_consent   price or product changed
                          '---------'------> needs_person    only a person can settle it

Status is kept per line; an order's status is computed. Only the owner of a partner order writes its state and
counts ``revision`` up by one each time; everybody else merges: late or repeated news never moves a line backwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from pydantic import ConfigDict

from retail.strict import STRICT


class LineStatus(StrEnum):
    """Where one line stands; the words of the glossary."""

    AWAITING_PAYMENT = "awaiting_payment"
    QUEUED = "queued"
    PLACING = "placing"
    UNKNOWN = "unknown"
    NEEDS_PERSON = "needs_person"
    NEEDS_CONSENT = "needs_consent"
    ACCEPTED = "accepted"
    BACKORDERED = "backordered"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


S = LineStatus
_ANSWERS = {S.ACCEPTED, S.BACKORDERED, S.REJECTED, S.SHIPPED, S.DELIVERED}
TRANSITIONS: dict[LineStatus, frozenset[LineStatus]] = {
    S.AWAITING_PAYMENT: frozenset({S.QUEUED, S.CANCELLED, S.NEEDS_PERSON}),
    S.QUEUED: frozenset({S.PLACING, S.CANCELLED, S.NEEDS_CONSENT, S.NEEDS_PERSON}),
    S.PLACING: frozenset({S.QUEUED, S.UNKNOWN, S.NEEDS_CONSENT, S.NEEDS_PERSON, S.CANCELLED} | _ANSWERS),
    S.UNKNOWN: frozenset({S.PLACING, S.QUEUED, S.NEEDS_CONSENT, S.NEEDS_PERSON, S.CANCELLED} | _ANSWERS),
    S.NEEDS_PERSON: frozenset({S.QUEUED, S.PLACING, S.CANCELLED} | _ANSWERS),
    S.NEEDS_CONSENT: frozenset({S.QUEUED, S.CANCELLED}),
    S.ACCEPTED: frozenset({S.BACKORDERED, S.SHIPPED, S.DELIVERED, S.REJECTED, S.CANCELLED}),
    S.BACKORDERED: frozenset({S.ACCEPTED, S.SHIPPED, S.DELIVERED, S.REJECTED, S.CANCELLED}),
    S.SHIPPED: frozenset({S.DELIVERED}),
    S.DELIVERED: frozenset(),
    S.REJECTED: frozenset(),
    S.CANCELLED: frozenset(),
}
FINAL = frozenset(status for status, onward in TRANSITIONS.items() if not onward)
WAITING = frozenset({S.AWAITING_PAYMENT, S.QUEUED, S.PLACING, S.UNKNOWN, S.NEEDS_PERSON, S.NEEDS_CONSENT})
_RANK = {S.ACCEPTED: 1, S.BACKORDERED: 1, S.SHIPPED: 2, S.DELIVERED: 3, S.REJECTED: 4, S.CANCELLED: 4}


def move(current: LineStatus, news: LineStatus) -> LineStatus:
    """``news`` when the table allows the step from ``current``, else ``current``: news never moves backwards."""
    return news if news in TRANSITIONS[current] else current


@dataclass(frozen=True, slots=True)
class LineState:
    """Where one line stands, with how many of its pieces were accepted, shipped and refused so far."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    line: str
    status: LineStatus
    accepted: int = 0
    shipped: int = 0
    refused: int = 0
    promised: date | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Shipment:
    """One parcel: its lines with quantities, its carrier and tracking number. ``id`` is the partner's."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: str
    lines: tuple[tuple[str, int], ...]
    carrier: str = ""
    tracking: str = ""
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PartnerOrderState:
    """All that moves of one partner order, at ``revision``; ``reference`` is the partner's once it has one.

    ``reason`` is a stable code for staff ("sold_out", "key_expired"), ``detail`` the sentence beside it.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    key: str
    revision: int
    lines: tuple[LineState, ...]
    changed_at: datetime
    reference: str | None = None
    shipments: tuple[Shipment, ...] = ()
    attempts: int = 0
    reason: str | None = None
    detail: str | None = None

    def status(self) -> LineStatus:
        """The one status of the partner order: that of its line which is least far."""
        return min((line.status for line in self.lines), key=list(LineStatus).index)


def merge(current: PartnerOrderState | None, news: PartnerOrderState) -> PartnerOrderState:
    """``current`` with ``news`` put in; the result does not depend on order or repetition of the news.

    The higher revision wins, but what a partner has said (accepted, shipped ...) is never taken back,
    counts never shrink, and tracking is added, not replaced.
    """
    if current is None:
        return news
    if current.key != news.key:
        raise ValueError("news of another partner order")
    late, early = (current, news) if current.revision >= news.revision else (news, current)
    before = {line.line: line for line in early.lines}
    lines = tuple(_merge_line(line, before.get(line.line)) for line in late.lines)
    return replace(
        late,
        lines=lines,
        reference=late.reference or early.reference,
        shipments=_merge_shipments(late.shipments, early.shipments),
        attempts=max(late.attempts, early.attempts),
    )


def _merge_line(late: LineState, early: LineState | None) -> LineState:
    if early is None:
        return late
    further = early if _RANK.get(early.status, 0) > _RANK.get(late.status, 0) else late
    return LineState(
        late.line,
        further.status,
        max(late.accepted, early.accepted),
        max(late.shipped, early.shipped),
        max(late.refused, early.refused),
        late.promised or early.promised,
        further.reason,
    )


def _merge_shipments(late: Sequence[Shipment], early: Sequence[Shipment]) -> tuple[Shipment, ...]:
    parcels = {parcel.id: parcel for parcel in early}
    for parcel in late:
        old = parcels.get(parcel.id, parcel)
        parcels[parcel.id] = replace(
            parcel,
            carrier=parcel.carrier or old.carrier,
            tracking=parcel.tracking or old.tracking,
            shipped_at=parcel.shipped_at or old.shipped_at,
            delivered_at=parcel.delivered_at or old.delivered_at,
        )
    return tuple(parcels[id_] for id_ in sorted(parcels))


class OrderStatus(StrEnum):
    """Where a whole order stands; always computed from its lines, never stored."""

    AWAITING_PAYMENT = "awaiting_payment"
    QUEUED = "queued"
    PLACING = "placing"
    NEEDS_ATTENTION = "needs_attention"
    PARTLY_PLACED = "partly_placed"
    PLACED = "placed"
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


def order_status(lines: Iterable[LineStatus]) -> OrderStatus:
    """The status of an order whose lines stand so; a customer is told no more than every line allows."""
    found = set(lines)
    if not found:
        raise ValueError("an order has lines")
    if S.AWAITING_PAYMENT in found:
        return OrderStatus.AWAITING_PAYMENT
    if found & {S.NEEDS_PERSON, S.NEEDS_CONSENT}:
        return OrderStatus.NEEDS_ATTENTION
    live = found - {S.REJECTED, S.CANCELLED}
    if not live:
        return OrderStatus.REJECTED if S.REJECTED in found else OrderStatus.CANCELLED
    if live <= {S.DELIVERED}:
        return OrderStatus.DELIVERED
    if live <= {S.SHIPPED, S.DELIVERED}:
        return OrderStatus.SHIPPED
    if live & {S.SHIPPED, S.DELIVERED}:
        return OrderStatus.PARTLY_SHIPPED
    if live <= {S.ACCEPTED, S.BACKORDERED}:
        return OrderStatus.PLACED
    if live & {S.ACCEPTED, S.BACKORDERED}:
        return OrderStatus.PARTLY_PLACED
    if live & {S.PLACING, S.UNKNOWN}:
        return OrderStatus.PLACING
    return OrderStatus.QUEUED
