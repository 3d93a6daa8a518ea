"""Events leave through a table: written in the transaction that made them true, published afterwards.

A process that runs a relay wakes it (``EventBus.wake``) after its commit; one that runs none calls ``announce``.
Without either the relay finds the rows within a second.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Engine, insert, text
from sqlmodel import Session

from oms.events.models import DeadLetter, Outbox
from retail.events import TYPES, Event
from retail.ids import new_id
from retail.strict import from_json, to_json

STREAM = "AISLE_OMS"
SUBJECT = "aisle.oms."  # an event's subject at the broker is this and its type
AGAIN = SUBJECT + "again."  # a dead letter that one service is to try again; the service's name follows
CHANNEL = "aisle_outbox"  # PostgreSQL: NOTIFY on it wakes the relays


def to_bytes(event: Event) -> bytes:
    """``event`` as the broker carries it: canonical CloudEvents JSON."""
    return to_json(event).encode()


def from_bytes(body: bytes) -> Event:
    """What ``to_bytes`` wrote; ValueError when it is no event of ours."""
    event = from_json(Event, body)
    if event.type not in TYPES:
        raise ValueError(f"{event.type} is not an event of ours")
    return event


def put(session: Session, events: Iterable[Event]) -> None:
    """Add ``events`` to the outbox, in this order; they are published only if the caller's transaction commits."""
    rows = [{"subject": SUBJECT + e.type, "event_id": e.id, "body": to_bytes(e)} for e in events]
    if rows:
        session.connection().execute(insert(Outbox), rows)


def announce(engine: Engine) -> None:
    """Tell relays in other processes that the outbox has rows (PostgreSQL; nothing elsewhere). After the commit.

    Not part of the transaction: NOTIFY inside it would make all committing writers queue.
    """
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text(f"NOTIFY {CHANNEL}"))


def revive(session: Session, service: str, event_id: str) -> bool:
    """Let ``service`` handle a dead letter again, once its cause is mended; False when there is none.

    Only that service sees it again; the others have long handled the event.
    """
    letter = session.get(DeadLetter, (service, event_id))
    if letter is None:
        return False
    session.add(Outbox(subject=AGAIN + service, event_id=new_id(), body=letter.body))
    session.delete(letter)
    return True
