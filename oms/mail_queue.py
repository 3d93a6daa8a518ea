"""The queue of mails in the database: which are due, whose they are, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, Engine, Row, select, update
from sqlmodel import Session, col

from oms.events.models import MailOut

BATCH = 10
LEASE = timedelta(minutes=5)  # how long a claimed mail is whose who claimed it

Claimed = Row[tuple[str, str, str, str, str, str, int, datetime]]


def due(engine: Engine, now: datetime) -> bool:
    """Whether there is anything to send."""
    query = select(col(MailOut.id)).where(col(MailOut.state) == "queued", col(MailOut.next_try_at) <= now)
    with Session(engine) as session:
        return session.execute(query.limit(1)).first() is not None


def claim(engine: Engine, now: datetime) -> list[Claimed]:
    """The mails that are due longest, ``BATCH`` at most; nobody else gets them until ``LEASE`` is over."""
    waiting = (
        select(col(MailOut.id))
        .where(col(MailOut.state) == "queued", col(MailOut.next_try_at) <= now)
        .order_by(col(MailOut.next_try_at), col(MailOut.id))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    take = (
        update(MailOut)
        .where(col(MailOut.id).in_(waiting))
        .values(attempts=col(MailOut.attempts) + 1, next_try_at=now + LEASE)
        .returning(
            col(MailOut.id),
            col(MailOut.recipient),
            col(MailOut.language),
            col(MailOut.subject),
            col(MailOut.text),
            col(MailOut.html),
            col(MailOut.attempts),
            col(MailOut.created_at),
        )
    )
    with Session(engine) as session, session.begin():
        found = session.execute(take, execution_options={"synchronize_session": False})
        return sorted(found.all(), key=lambda mail: (mail.created_at, mail.id))


def write(engine: Engine, ids: Iterable[str], values: Mapping[str, object]) -> None:
    """Set ``values`` of the mails ``ids``."""
    with Session(engine) as session, session.begin():
        session.execute(update(MailOut).where(col(MailOut.id).in_(list(ids))).values(**values))


def send_again(session: Session, mail_id: str, now: datetime) -> bool:
    """Put a parked mail back into the queue; False when it is not parked."""
    statement = (
        update(MailOut)
        .where(col(MailOut.id) == mail_id, col(MailOut.state) == "parked")
        .values(state="queued", reason=None, next_try_at=now)
    )
    result = session.execute(statement)
    assert isinstance(result, CursorResult)
    return result.rowcount == 1
