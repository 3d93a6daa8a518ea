"""Stores uploaded orders: any number in one transaction, each exactly once, with everything that follows from it.

new order            order, partner orders, states, OrderCreated
known, same digest   states merged; what has really moved becomes PartnerOrderMoved and friends
known, other digest  conflict; nothing changes
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlmodel import Session, col

from oms import audit, changes
from oms.events import outbox
from oms.models import OrderRow, PartnerOrderRow, PartnerOrderStateRow
from oms.store import insert_new
from oms.uploads import OMS, Bad, Upload
from retail.events import Event, LinesRejected, OrderCreated, OrderNeedsPerson, PartnerOrderMoved, event
from retail.order import PartnerOrder
from retail.status import LineState, LineStatus, PartnerOrderState, merge, order_status
from retail.strict import digest, from_json, to_json
from sync.protocol import ItemAnswer

STOPPED = frozenset({LineStatus.NEEDS_PERSON, LineStatus.NEEDS_CONSENT})
STARTING = frozenset({LineStatus.AWAITING_PAYMENT, LineStatus.QUEUED})


# Put together once: to build a statement takes longer than to run it.
_ORDERS = select(col(OrderRow.id), col(OrderRow.digest)).where(
    col(OrderRow.id).in_(bindparam("ids", expanding=True))
)
_STATES = (
    select(
        col(PartnerOrderStateRow.body),
        col(PartnerOrderRow.order_id),
        col(PartnerOrderRow.key),
        col(PartnerOrderRow.number),
        col(PartnerOrderRow.partner),
        col(PartnerOrderRow.placed_by),
    )
    .join(PartnerOrderRow, col(PartnerOrderRow.key) == col(PartnerOrderStateRow.key))
    .where(col(PartnerOrderStateRow.order_id).in_(bindparam("ids", expanding=True)))
    # In one order everywhere, so that two processes with the same orders wait instead of dying.
    .order_by(col(PartnerOrderStateRow.key))
    .with_for_update(of=PartnerOrderStateRow)
)
_NEW_PARTS = insert(PartnerOrderRow)
_NEW_STATES = insert(PartnerOrderStateRow)
_MOVED = (
    update(PartnerOrderStateRow.__table__)  # type: ignore[attr-defined]
    .where(col(PartnerOrderStateRow.key) == bindparam("which"))
    .values(status=bindparam("status"), revision=bindparam("revision"), body=bindparam("body"))
)


@dataclass(slots=True)
class _Kept:
    """An order in the database, and where this transaction leaves its partner orders."""

    digest: str
    upload: Upload | None = None  # set when this transaction stores the order
    parts: set[tuple[str, str, str, str]] = field(default_factory=set)
    states: dict[str, PartnerOrderState] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)

    def status(self) -> str:
        """What a customer would be told."""
        return order_status(line.status for state in self.states.values() for line in state.lines)


def store(session: Session, uploads: Sequence[Upload], now: datetime) -> list[ItemAnswer]:
    """Store ``uploads`` in the caller's transaction; one answer for each, in their order.

    Idempotent, also for repeats among ``uploads``. Raises sqlalchemy's IntegrityError when a partner order's key
    or number belongs to another order already: then nothing of all is stored.
    """
    kept = _load(session, {upload.order.id for upload in uploads})
    fresh: dict[str, Upload] = {}
    for upload in uploads:
        if upload.order.id not in kept:
            fresh.setdefault(upload.order.id, upload)
    inserted = _insert(session, fresh, now)
    # What did not go in was stored by another process since we looked, or its number is taken.
    kept |= _load(session, fresh.keys() - inserted)
    kept |= {order_id: _new(fresh[order_id]) for order_id in inserted}
    news = _News(session, now)
    answers = []
    for upload in uploads:
        try:
            _settle(upload, kept.get(upload.order.id), news)
            answers.append(ItemAnswer(upload.order.id, "stored"))
        except Bad as error:
            answers.append(error.answer(upload.order.id))
    _write(session, kept)
    outbox.put(session, news.events)
    return answers


def _settle(upload: Upload, kept: _Kept | None, news: _News) -> None:
    if kept is None:
        raise Bad("number_taken", "conflict")
    if kept.digest != upload.digest:
        news.audit(upload.order.device, "order.conflict", upload.order.id, upload.digest)
        raise Bad("other_content", "conflict")
    if kept.parts != _parts(upload):
        raise Bad("partner_orders")
    if kept.upload is upload:
        news.created(upload)
        news.status(upload, kept.status())
        return
    before = kept.status()
    owners = {part.key: part.placed_by for part in upload.parts}
    for state in upload.states:
        # Only the owner of a partner order speaks of it; what the OMS places is not a device's to report.
        if owners[state.key] == OMS:
            continue
        old = kept.states[state.key]
        new = merge(old, state)
        if new != old:
            kept.states[state.key] = new
            kept.moved.add(state.key)
            if (new.lines, new.reference, new.shipments) != (old.lines, old.reference, old.shipments):
                news.moved(upload, old, new)
    if kept.status() != before:
        news.status(upload, kept.status())


def _parts(upload: Upload) -> set[tuple[str, str, str, str]]:
    return {(part.key, part.number, part.partner, part.placed_by) for part in upload.parts}


def _new(upload: Upload) -> _Kept:
    return _Kept(upload.digest, upload, _parts(upload), {state.key: state for state in upload.states})


# -- reading and writing -----------------------------------------------------------------------------------


def _load(session: Session, ids: Iterable[str]) -> dict[str, _Kept]:
    wanted = sorted(ids)
    if not wanted:
        return {}
    connection = session.connection()
    kept = {row.id: _Kept(row.digest) for row in connection.execute(_ORDERS, {"ids": wanted})}
    if not kept:
        return {}
    rows = connection.execute(_STATES, {"ids": sorted(kept)})
    for row in rows:
        found = kept[row.order_id]
        found.parts.add((row.key, row.number, row.partner, row.placed_by))
        found.states[row.key] = from_json(PartnerOrderState, row.body)
    return kept


def _insert(session: Session, fresh: dict[str, Upload], now: datetime) -> set[str]:
    rows = [
        {
            "id": upload.order.id,
            "number": upload.order.number,
            "store": upload.store,
            "device": upload.order.device,
            "received_at": now,
            "digest": upload.digest,
            "body": upload.body,
        }
        for _, upload in sorted(fresh.items())
    ]
    return insert_new(session, OrderRow, rows, col(OrderRow.id))


def _write(session: Session, kept: dict[str, _Kept]) -> None:
    connection = session.connection()
    parts, states = [], []
    for found in kept.values():
        for part in found.upload.parts if found.upload else ():
            parts.append(_part_row(part))
            states.append({"key": part.key, "order_id": part.order, **_state_row(found.states[part.key])})
    if parts:
        connection.execute(_NEW_PARTS, parts)
        connection.execute(_NEW_STATES, states)
    moved = [
        {"which": key, **_state_row(found.states[key])}
        for found in kept.values()
        if not found.upload
        for key in sorted(found.moved)
    ]
    if moved:
        connection.execute(_MOVED, moved)


def _part_row(part: PartnerOrder) -> dict[str, Any]:
    return {
        "key": part.key,
        "order_id": part.order,
        "number": part.number,
        "partner": part.partner,
        "placed_by": part.placed_by,
        "body": to_json(part),
    }


def _state_row(state: PartnerOrderState) -> dict[str, Any]:
    return {"status": state.status().value, "revision": state.revision, "body": to_json(state)}


# -- what follows ------------------------------------------------------------------------------------------


class _News:
    """Collects what a transaction tells others: events, changes for devices, audit entries."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.events: list[Event] = []
        self._session = session
        self._now = now

    def audit(self, actor: str, action: str, target: str, detail: str) -> None:
        """One entry in the audit trail."""
        audit.note(self._session, audit.Entry(self._now, actor, action, target, detail))

    def status(self, upload: Upload, status: str) -> None:
        """The store's devices learn where the order stands."""
        body = {"order": upload.order.id, "status": str(status)}
        changes.put(self._session, changes.News("order_status", body, store=upload.store))

    def created(self, upload: Upload) -> None:
        """A new order, and whatever its device has already done about it."""
        order = upload.order
        self._add(order.id, OrderCreated(order.number, upload.store, order.device), order.id)
        self.audit(order.device, "order.stored", order.id, upload.digest)
        for state in upload.states:
            if {line.status for line in state.lines} - STARTING:
                self.moved(upload, None, state)

    def moved(self, upload: Upload, old: PartnerOrderState | None, new: PartnerOrderState) -> None:
        """A partner order has got further; ``old`` None means that it is new to us."""
        order = upload.order
        # The cause is the state itself: late news can add to a state without raising its revision.
        cause = f"{new.key}/{digest(new)}"
        status = new.status()
        self._add(order.id, PartnerOrderMoved(new.key, new.revision, status.value), cause)
        self.audit(order.device, "partner_order.moved", new.key, f"{new.revision} {status}")
        before = {line.line: line for line in old.lines} if old else {}
        if _stopped(new.lines) and not _stopped(before.values()):
            reason = new.reason or "unknown"
            self._add(order.id, OrderNeedsPerson(new.key, reason), cause)
            self._notice(
                upload, "needs somebody", f"It cannot go on by itself ({reason}). Please look at it."
            )
        refused = tuple(line.line for line in new.lines if _refused(line) > _refused(before.get(line.line)))
        if refused:
            reason = new.reason or _why(new, refused)
            self._add(order.id, LinesRejected(new.key, refused, reason), cause)
            many = "1 line" if len(refused) == 1 else f"{len(refused)} lines"
            self._notice(upload, "was refused in part", f"{many} cannot be supplied ({reason}).")

    def _notice(self, upload: Upload, what: str, text: str) -> None:
        """Staff of the store learn of it on every device, not only on the one that reported it."""
        order = upload.order
        body = {
            "order": order.id,
            "number": order.number,
            "title": f"Order {order.number} {what}",
            "text": text,
        }
        changes.put(self._session, changes.News("notice", body, store=upload.store))

    def _add(self, order_id: str, body: object, cause: str) -> None:
        self.events.append(event(order_id, body, self._now, cause=cause))


def _stopped(lines: Iterable[LineState]) -> bool:
    return any(line.status in STOPPED for line in lines)


def _refused(line: LineState | None) -> tuple[bool, int]:
    """How much of a line is refused; grows only."""
    return (line.status is LineStatus.REJECTED, line.refused) if line else (False, 0)


def _why(state: PartnerOrderState, lines: tuple[str, ...]) -> str:
    return next((line.reason for line in state.lines if line.line in lines and line.reason), "unknown")
