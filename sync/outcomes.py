"""What news does to a partner order: pure functions from a state and an outcome to the next state and queue values."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from partners.contract import LineAnswer, Placed
from partners.placing import (
    Booked,
    NeedsConsent,
    NeedsPerson,
    NotSent,
    NotThere,
    Outcome,
    Refused,
    Sent,
    Unknown,
)
from retail.order import PartnerOrder
from retail.status import LineState, LineStatus, PartnerOrderState, Shipment, merge, move


def queued(order: PartnerOrder, now: datetime) -> PartnerOrderState:
    """The first state of a partner order that may be placed."""
    return PartnerOrderState(
        order.key, 1, tuple(LineState(line.line, LineStatus.QUEUED) for line in order.lines), now
    )


def moved(
    state: PartnerOrderState,
    to: LineStatus,
    now: datetime,
    *,
    reason: str | None = None,
    detail: str | None = None,
    attempts: int = 0,
) -> PartnerOrderState:
    """``state`` with every line moved to ``to`` as far as the status table allows, one revision up."""
    lines = tuple(replace(line, status=move(line.status, to), reason=reason) for line in state.lines)
    return replace(
        state,
        revision=state.revision + 1,
        lines=lines,
        changed_at=now,
        reason=reason,
        detail=detail,
        attempts=max(attempts, state.attempts),
    )


def with_placed(state: PartnerOrderState, placed: Placed, now: datetime) -> PartnerOrderState:
    """``state`` with what the partner's books say; nothing it said before is taken back."""
    answers = {answer.line: answer for answer in placed.lines}
    shipped = _shipped_pieces(placed.shipments)
    lines = tuple(
        _line(line, answers.get(line.line), shipped.get(line.line, 0), placed) for line in state.lines
    )
    news = replace(
        state,
        revision=state.revision + 1,
        lines=lines,
        reference=placed.reference,
        shipments=placed.shipments,
        changed_at=now,
        reason=None,
        detail=None,
    )
    return merge(state, news)


def _line(line: LineState, answer: LineAnswer | None, shipped: int, placed: Placed) -> LineState:
    if answer is None:
        return line
    taken = answer.accepted + answer.backordered
    if placed.state in ("shipped", "delivered") and not placed.shipments:
        shipped = taken  # a partner that does not say what is in which parcel
    if placed.state == "cancelled":
        to = LineStatus.CANCELLED
    elif not taken:
        to = LineStatus.REJECTED
    elif placed.state == "delivered" and shipped >= taken:
        to = LineStatus.DELIVERED
    elif shipped >= taken:
        to = LineStatus.SHIPPED
    else:
        to = LineStatus.BACKORDERED if answer.backordered and not answer.accepted else LineStatus.ACCEPTED
    status = move(line.status, to)
    return LineState(
        line.line,
        status,
        accepted=max(line.accepted, taken),
        shipped=max(line.shipped, shipped),
        refused=max(line.refused, answer.refused),
        promised=answer.promised or line.promised,
        reason=answer.reason,
    )


def _shipped_pieces(shipments: tuple[Shipment, ...]) -> dict[str, int]:
    pieces: dict[str, int] = {}
    for parcel in shipments:
        if parcel.shipped_at is not None:
            for line, quantity in parcel.lines:
                pieces[line] = pieces.get(line, 0) + quantity
    return pieces


def after(
    state: PartnerOrderState, sent: Sent, outcome: Outcome, now: datetime, follow_after: float
) -> tuple[PartnerOrderState, dict[str, Any]]:
    """The state after ``outcome`` and the queue values beside it (columns of PartnerOrderRow)."""
    at = now.timestamp()
    match outcome:
        case Booked(placed):
            return with_placed(state, placed, now), {
                "unknown": False,
                "baffled": 0,
                "next_at": at + follow_after,
            }
        case Refused(reason, detail):
            return moved(state, LineStatus.REJECTED, now, reason=reason, detail=detail), {"unknown": False}
        case NeedsConsent(reason, detail):
            return moved(state, LineStatus.NEEDS_CONSENT, now, reason=reason, detail=detail), {
                "unknown": False
            }
        case NotSent(reason, pause):
            to = LineStatus.UNKNOWN if sent.unknown else LineStatus.QUEUED
            values: dict[str, Any] = {"unknown": sent.unknown, "next_at": at + pause}
            if not sent.unknown:  # the key begins to live with the first send that may have arrived
                values |= {"first_sent_at": None, "last_sent_at": None}
            return moved(state, to, now, reason=reason), values
        case Unknown(reason, pause, baffled):
            values = {
                "unknown": True,
                "next_at": at + pause,
                "baffled": sent.baffled + 1 if baffled else sent.baffled,
            }
            if sent.last_at is not None and sent.last_at > now:  # the clock went back: count from here
                values["last_sent_at"] = at
            return moved(state, LineStatus.UNKNOWN, now, reason=reason), values
        case NotThere():
            values = {
                "unknown": False,
                "baffled": 0,
                "first_sent_at": None,
                "last_sent_at": None,
                "next_at": 0.0,
            }
            return moved(state, LineStatus.QUEUED, now), values
        case NeedsPerson(reason, detail, placed):
            waiting = moved(state, LineStatus.NEEDS_PERSON, now, reason=reason, detail=detail)
            return (replace(waiting, reference=placed.reference) if placed else waiting), {}
