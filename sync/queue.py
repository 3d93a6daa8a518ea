"""The order queue: rows are the state. What COMMIT has acknowledged is placed exactly once, whatever dies when.

place() --one transaction--> order + its partner orders, queued
claim() -> about_to_send() --commit--> send --> record()      one owner per row, by lease on the steady clock
                  '-- a crash here leaves "unknown": settled by partners.placing, never sent blindly
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Literal

import structlog
from sqlalchemy import Engine, func, insert, or_, select, update
from sqlalchemy.engine import Row

from partners.contract import Placed
from partners.placing import Outcome, Sent
from retail.order import Order, PartnerOrder, partner_orders
from retail.status import TRANSITIONS, LineStatus, PartnerOrderState
from retail.strict import from_json, sealed, to_json
from sync.outcomes import after, moved, with_placed
from sync.records import (
    INSERT_ORDER,
    INSERT_PART,
    Claim,
    Damaged,
    OrderRecord,
    QueueHealth,
    checked,
    facts,
    journal,
    orders,
    part_row,
    parts,
    record_of,
    records_of,
    state_of,
    time_of,
)
from sync.store.engine import reading, writing

LEASE = 25.0  # seconds, steady clock; longer than the 20 s deadline of one exchange with a partner
REBOOTED = (
    60.0  # seconds that a claim lies ahead of the steady clock if it is from before the machine restarted
)
OMS = "oms"  # the owner of what is not placed from here
OPEN = (LineStatus.QUEUED, LineStatus.PLACING, LineStatus.UNKNOWN)
FOLLOWED = (LineStatus.ACCEPTED, LineStatus.BACKORDERED, LineStatus.SHIPPED)
WAITING_FOR_US = (LineStatus.QUEUED, LineStatus.UNKNOWN)
_PERSONS = (LineStatus.NEEDS_PERSON, LineStatus.UNKNOWN)
DECIDABLE = {
    "placed": _PERSONS,
    "not placed": (*_PERSONS, LineStatus.NEEDS_CONSENT),
    "cancelled": (*_PERSONS, LineStatus.NEEDS_CONSENT, LineStatus.ACCEPTED, LineStatus.BACKORDERED),
}
UNSENT = (LineStatus.QUEUED, LineStatus.AWAITING_PAYMENT, LineStatus.NEEDS_CONSENT)
ENDED = (LineStatus.REJECTED, LineStatus.CANCELLED)
FIRST_NUMBER = 1001
log = structlog.get_logger("sync.queue")

__all__ = ["LEASE", "Claim", "Damaged", "OrderQueue", "OrderRecord", "QueueHealth", "facts", "parts"]


class OrderQueue:
    """The orders of one device. Every method is one transaction; all may be called from several processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # -- placing -------------------------------------------------------------------------------------------

    def place(
        self,
        order_id: str,
        make: Callable[[str], Order],
        prefix: str,
        placed_by: Mapping[str, str],
        driver: Any = None,
    ) -> tuple[Order, bool]:
        """Store the order that ``make(number)`` returns, with its partner orders; durable when this returns.

        With ``driver`` it is part of that transaction (``sync.store.engine.writing``), and durable with it.

        Idempotent: a repeated ``order_id`` returns the first order and False; ``make`` is not called then.
        """
        if driver is None:
            with writing(self._engine) as own:
                return self.place(order_id, make, prefix, placed_by, own)
        old = driver.execute("SELECT body, digest FROM orders WHERE id = ?", (order_id,)).fetchone()
        if old is not None:
            return checked(Order, *old), False
        order = make(f"{prefix}-{_next_number(driver)}")
        if order.id != order_id:
            raise ValueError("the order has another id than the one it was asked for")
        driver.execute(INSERT_ORDER, (order.id, order.number, *sealed(order)))
        rows = [part_row(part, order.created_at) for part in partner_orders(order, placed_by)]
        driver.executemany(INSERT_PART, rows)
        return order, True

    # -- the worker's side ---------------------------------------------------------------------------------

    def claim(
        self, token: str, now: datetime, steady: float, *, owner: str, skip: Sequence[str] = ()
    ) -> Claim | None:
        """Take the next partner order of ``owner`` that wants attention, for ``LEASE`` seconds; None when none does.

        A device owns all that is not the OMS's, what was ordered before it was enrolled too. ``token`` is the
        claim's own id, made by the caller. Partners in ``skip`` are left alone. A row whose claimant died is free
        again when its lease has ended, or after a reboot. A damaged row is kept for a person and passed over.
        """
        while True:
            row = self._take(token, now, steady, owner, skip)
            if row is None:
                return None
            try:
                return self._claimed(row, token)
            except Damaged as error:
                self._set_aside(row, token, now, str(error))

    def _take(
        self, token: str, now: datetime, steady: float, owner: str, skip: Sequence[str]
    ) -> Row[Any] | None:
        # Not simply "later than now": another process may have claimed while this one waited for the lock.
        rebooted = parts.c.claimed_at > steady + REBOOTED
        free = or_(parts.c.claim.is_(None), parts.c.lease <= steady, rebooted)
        owned = parts.c.placed_by == OMS if owner == OMS else parts.c.placed_by != OMS
        due = (
            select(parts.c.seq)
            .where(parts.c.status.in_([*OPEN, *FOLLOWED]), parts.c.next_at <= now.timestamp(), free)
            .where(owned, parts.c.partner.not_in(skip))
            .order_by(parts.c.status.in_(FOLLOWED), parts.c.next_at, parts.c.seq)
            .limit(1)
        )
        # Most looks find nothing; they do not take the write lock.
        with reading(self._engine) as connection:
            if connection.execute(due).first() is None:
                return None
        with self._engine.begin() as connection:
            return connection.execute(
                update(parts)
                .where(parts.c.seq == due.scalar_subquery())
                .values(claim=token, claimed_at=steady, lease=steady + LEASE)
                .returning(parts)
            ).first()

    def _set_aside(self, row: Row[Any], token: str, now: datetime, why: str) -> None:
        """Keep a row that cannot be trusted for a person; nothing of it is sent or shown as if it were right."""
        values: dict[str, Any] = {"status": LineStatus.NEEDS_PERSON.value, "claim": None}
        with suppress(ValueError):
            state = from_json(PartnerOrderState, row.state)
            values["state"] = to_json(moved(state, LineStatus.NEEDS_PERSON, now, reason="damaged"))
        log.error("a stored partner order is damaged", key=row.key, why=why)
        with self._engine.begin() as connection:
            connection.execute(
                update(parts).where(parts.c.seq == row.seq, parts.c.claim == token).values(**values)
            )

    def _claimed(self, row: Row[Any], token: str) -> Claim:
        order = checked(PartnerOrder, row.body, row.digest)
        # "placing" in the store: whoever sent it died before what became of it was recorded
        unknown = row.unknown or row.status == LineStatus.PLACING
        sent = Sent(time_of(row.first_sent_at), time_of(row.last_sent_at), unknown, row.baffled)
        return Claim(token, order, state_of(row), sent, "place" if row.status in OPEN else "follow")

    def about_to_send(self, claim: Claim, now: datetime) -> Claim | None:
        """Commit that ``claim`` is being sent now. None when the claim was lost meanwhile: do not send."""
        state = moved(claim.state, LineStatus.PLACING, now, attempts=claim.state.attempts + 1)
        first = claim.sent.first_at or now
        wrote = self._write(
            claim,
            state,
            keep=True,
            first_sent_at=first.timestamp(),
            last_sent_at=now.timestamp(),
        )
        return (
            replace(claim, state=state, sent=replace(claim.sent, first_at=first, last_at=now))
            if wrote
            else None
        )

    def record(
        self, claim: Claim, outcome: Outcome, now: datetime, *, follow_after: float = 300.0
    ) -> PartnerOrderState | None:
        """Commit what became of ``claim`` and let it go. None when the claim was lost meanwhile (nothing written)."""
        state, values = after(claim.state, claim.sent, outcome, now, follow_after)
        return state if self._write(claim, state, keep=False, **values) else None

    def record_news(
        self, claim: Claim, placed: Placed, now: datetime, *, follow_after: float
    ) -> PartnerOrderState | None:
        """Commit what the partner says of a placed order and let the claim go; the state is counted up only when it moved."""
        state = with_placed(claim.state, placed, now)
        if state.lines == claim.state.lines and state.shipments == claim.state.shipments:
            self.release(claim, now + timedelta(seconds=follow_after))
            return claim.state
        later = now.timestamp() + follow_after
        return state if self._write(claim, state, keep=False, next_at=later) else None

    def release(self, claim: Claim, next_at: datetime) -> None:
        """Let ``claim`` go unchanged; it wants attention again at ``next_at``."""
        with self._engine.begin() as connection:
            connection.execute(
                update(parts)
                .where(parts.c.key == claim.order.key, parts.c.claim == claim.token)
                .values(claim=None, next_at=next_at.timestamp())
            )

    def release_dead(self, alive: Callable[[str], bool]) -> int:
        """Free at once what is claimed by workers that are no more (``alive(token)`` is False); how many rows."""
        with reading(self._engine) as connection:
            tokens = (
                connection.execute(select(parts.c.claim).where(parts.c.claim.is_not(None))).scalars().all()
            )
        dead = [token for token in tokens if not alive(token)]
        if dead:
            with self._engine.begin() as connection:
                connection.execute(update(parts).where(parts.c.claim.in_(dead)).values(lease=0.0))
        return len(dead)

    def hurry(self, partner: str | None = None, *, followed: bool = False) -> None:
        """Make what waits for ``partner`` (None: for any) due now, because it answers again or a person asks.

        With ``followed`` also what is placed already, to be asked how it stands.
        """
        waiting = (*WAITING_FOR_US, *FOLLOWED) if followed else WAITING_FOR_US
        query = update(parts).where(parts.c.status.in_(waiting), parts.c.next_at > 0).values(next_at=0.0)
        with self._engine.begin() as connection:
            connection.execute(query if partner is None else query.where(parts.c.partner == partner))

    def _write(self, claim: Claim, state: PartnerOrderState, *, keep: bool, **values: Any) -> bool:
        with self._engine.begin() as connection:
            written = connection.execute(
                update(parts)
                .where(parts.c.key == claim.order.key, parts.c.claim == claim.token)
                .values(
                    status=state.status(), state=to_json(state), **({} if keep else {"claim": None}), **values
                )
                .returning(parts.c.seq)
            ).first()
            if written is None:
                return False
            connection.execute(
                update(orders).where(orders.c.id == claim.order.order).values(revision=orders.c.revision + 1)
            )
        return True

    # -- people's side -------------------------------------------------------------------------------------

    def cancel(self, order_id: str, now: datetime) -> tuple[PartnerOrderState, ...]:
        """Cancel what has certainly not been sent; returns the states that are left to ask the partners for.

        What has been delivered is among them: only a partner can say what becomes of it. Raises Damaged.
        """
        left = []
        with self._engine.begin() as connection:
            rows = connection.execute(
                select(parts).where(parts.c.order_id == order_id).order_by(parts.c.seq)
            ).all()
            for row in rows:
                state = state_of(row)
                ours_alone = row.placed_by != OMS and not row.unknown
                if ours_alone and row.status in UNSENT:
                    gone = moved(state, LineStatus.CANCELLED, now, reason="cancelled_here")
                    connection.execute(
                        update(parts)
                        .where(parts.c.seq == row.seq)
                        .values(status=gone.status(), state=to_json(gone), claim=None)
                    )
                elif row.status not in ENDED:
                    left.append(state)
            connection.execute(
                update(orders).where(orders.c.id == order_id).values(revision=orders.c.revision + 1)
            )
        return tuple(left)

    def decide(
        self,
        key: str,
        decision: Literal["placed", "not placed", "cancelled"],
        now: datetime,
        *,
        by: str,
        reference: str | None = None,
    ) -> PartnerOrderState:
        """Commit what a person found out about a partner order, with who said so in the journal.

        "placed" needs the partner's ``reference``; "not placed" queues it to be sent. Only a partner order that
        waits for a person or whose outcome is unknown can be decided on ("cancelled": an accepted one, too;
        one that needs the customer's consent was certainly not placed).

        Raises:
            LookupError: no such partner order.
            ValueError: it does not wait for such a decision, or the reference is missing; nothing changed.
            Damaged: it cannot be trusted any more; nothing changed.
        """
        if decision == "placed" and not reference:
            raise ValueError("Please type the partner's order number.")
        with self._engine.begin() as connection:
            row = connection.execute(select(parts).where(parts.c.key == key)).first()
            if row is None:
                raise LookupError(key)
            state, order = state_of(row), checked(PartnerOrder, row.body, row.digest)
            if row.status not in DECIDABLE[decision]:
                raise ValueError("This order does not wait for that decision (any more).")
            values: dict[str, Any] = {"next_at": 0.0, "unknown": False, "baffled": 0, "claim": None}
            if decision == "placed":
                quantities = {line.line: line.quantity for line in order.lines}
                lines = tuple(
                    replace(line, status=LineStatus.ACCEPTED, accepted=quantities[line.line], reason=None)
                    if LineStatus.ACCEPTED in TRANSITIONS[line.status]
                    else line
                    for line in state.lines
                )
                state = replace(
                    state,
                    lines=lines,
                    reference=reference,
                    revision=state.revision + 1,
                    changed_at=now,
                    reason=None,
                    detail=None,
                )
            else:
                to = LineStatus.QUEUED if decision == "not placed" else LineStatus.CANCELLED
                state = moved(state, to, now)
                if decision == "not placed":
                    values |= {"first_sent_at": None, "last_sent_at": None}
            connection.execute(
                update(parts)
                .where(parts.c.key == key)
                .values(status=state.status(), state=to_json(state), **values)
            )
            connection.execute(
                insert(journal),
                {"at": now.timestamp(), "who": by, "what": f"decided: {decision}", "about": key},
            )
            connection.execute(
                update(orders).where(orders.c.id == row.order_id).values(revision=orders.c.revision + 1)
            )
        return state

    # -- looking -------------------------------------------------------------------------------------------

    def order(self, id_or_number: str) -> OrderRecord | None:
        """One order by id or number, its digests checked.

        Raises Damaged when what is stored is not what was written.
        """
        with reading(self._engine) as connection:
            row = connection.execute(
                select(orders).where(
                    or_(orders.c.id == id_or_number, orders.c.number == id_or_number.upper())
                )
            ).first()
            return None if row is None else record_of(connection, row)

    def orders(
        self, *, limit: int = 50, needs_person: bool = False, offset: int = 0
    ) -> tuple[OrderRecord, ...]:
        """The newest orders first; with ``needs_person`` only those that wait for somebody, oldest first.

        Damaged ones are left out; ``verify`` names them.
        """
        query = select(orders).order_by(orders.c.seq.desc()).limit(limit).offset(offset)
        if needs_person:
            waiting = select(parts.c.order_id).where(
                parts.c.status.in_([LineStatus.NEEDS_PERSON, LineStatus.NEEDS_CONSENT, LineStatus.UNKNOWN])
            )
            query = (
                select(orders)
                .where(orders.c.id.in_(waiting))
                .order_by(orders.c.seq)
                .limit(limit)
                .offset(offset)
            )
        with reading(self._engine) as connection:
            return tuple(records_of(connection, connection.execute(query).all()))

    def health(self, now: datetime) -> QueueHealth:
        """How the queue stands; for people and for ``aisle status``."""
        with reading(self._engine) as connection:
            counts = connection.execute(
                select(parts.c.status, func.count().label("pieces")).group_by(parts.c.status)
            ).all()
            unsynced = connection.execute(
                select(func.count()).where(orders.c.synced < orders.c.revision)
            ).scalar_one()
            oldest = connection.execute(
                select(parts).where(parts.c.status.in_(OPEN)).order_by(parts.c.seq).limit(1)
            ).first()
        age = None
        with suppress(Damaged):
            if oldest is not None:
                placed_at = checked(PartnerOrder, oldest.body, oldest.digest).created_at
                age = max(0.0, (now - placed_at).total_seconds())
        by_status = {status.value: 0 for status in LineStatus} | {row.status: row.pieces for row in counts}
        return QueueHealth(by_status, unsynced, age)

    # -- the OMS's side ------------------------------------------------------------------------------------

    def unsynced(self, limit: int) -> tuple[OrderRecord, ...]:
        """The oldest orders that have moved since the OMS last had them; damaged ones are never among them."""
        query = select(orders).where(orders.c.synced < orders.c.revision).order_by(orders.c.seq)
        with reading(self._engine) as connection:
            return tuple(islice(records_of(connection, connection.execute(query)), limit))

    def mark_synced(self, answers: Sequence[tuple[str, int, str | None]]) -> None:
        """The OMS has answered for (order id, the revision that was sent, its problem with it or None)."""
        with self._engine.begin() as connection:
            for order_id, revision, problem in answers:
                connection.execute(
                    update(orders)
                    .where(orders.c.id == order_id, orders.c.synced < revision)
                    .values(synced=revision, sync_problem=problem)
                )

    def offer_again(self) -> int:
        """After the OMS was restored from a backup: every order counts as unsynced; how many there are."""
        with self._engine.begin() as connection:
            return connection.execute(update(orders).values(synced=0)).rowcount

    def verify(self) -> tuple[int, tuple[str, ...]]:
        """Recompute every digest and sum on this device: how many orders there are, and what is wrong with which."""
        wrong = []
        with reading(self._engine) as connection:
            rows = connection.execute(select(orders).order_by(orders.c.seq)).all()
            for row in rows:
                try:
                    record = record_of(connection, row)
                except Damaged as error:
                    wrong.append(f"{row.number}: {error}")
                    continue
                if sum(part.total.minor for part in record.partner_orders) != record.order.total.minor:
                    wrong.append(f"{row.number}: its partner orders do not add up to its total")
        return len(rows), tuple(wrong)


def _next_number(driver: Any) -> int:
    counted = driver.execute(
        "UPDATE facts SET value = CAST(value AS INTEGER) + 1 WHERE name = 'order counter' RETURNING value"
    ).fetchone()
    if counted is None:
        driver.execute("INSERT INTO facts VALUES ('order counter', ?)", (str(FIRST_NUMBER),))
        return FIRST_NUMBER
    return int(counted[0])
