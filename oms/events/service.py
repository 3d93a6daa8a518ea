"""What a service is, and the one transaction in which it handles events: inbox rows, effects, outgoing events."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session, col

from oms.events.models import DeadLetter, Inbox
from oms.events.outbox import put
from oms.store import insert_new
from retail.errors import PermanentError, TemporaryError
from retail.events import Event


class Service(Protocol):
    """A module of ``oms.services``.

    It may also have ``async def before(event)``, see ``before``, and ``handle_all(session, events)``, which is then
    called instead of ``handle``, with all fresh events of a transaction at once.
    """

    @property
    def NAME(self) -> str:  # noqa: N802 - a module's constant
        """Its durable name at the broker; never changed once it has run."""
        ...

    @property
    def EVENTS(self) -> Sequence[str]:  # noqa: N802 - a module's constant
        """The types of events that it handles."""
        ...

    def handle(self, session: Session, event: Event) -> list[Event]:
        """Do what ``event`` asks, in SQL only, and return what happened by it.

        Called once per event that commits, together with others in one transaction; it neither commits nor
        calls anybody. A TemporaryError lets the event come again later, for ever; any other error, after three
        tries, makes it a dead letter.
        """
        ...


def before(service: Service) -> Callable[[Event], Awaitable[None]] | None:
    """The service's call to the outside world (payment, ERP), None when it makes none.

    It runs before the transaction and again at each delivery, so it carries the event's id as its idempotency
    key. PermanentError, ValueError, TypeError and LookupError make a dead letter; everything else is tried again.
    """
    found: Callable[[Event], Awaitable[None]] | None = getattr(service, "before", None)
    return found


@dataclass(frozen=True, slots=True)
class Handled:
    """What a transaction did: events handled for the first time, and events it put into the outbox."""

    fresh: int
    outgoing: int


def handle(engine: Engine, service: Service, events: Sequence[tuple[int, Event]], now: datetime) -> Handled:
    """Let ``service`` handle ``events`` (with their numbers in the stream) in one transaction.

    Events it has handled before are passed over. When anything fails, nothing has happened.
    """
    rows = [
        {"service": service.NAME, "event_id": event.id, "sequence": sequence, "at": now}
        for sequence, event in events
    ]
    with Session(engine) as session, session.begin():
        new = insert_new(session, Inbox, rows, col(Inbox.event_id))
        fresh = [event for event in {event.id: event for _, event in events}.values() if event.id in new]
        together = getattr(service, "handle_all", None)
        if together is not None:
            happened: list[Event] = together(session, fresh)
        else:
            happened = [result for event in fresh for result in service.handle(session, event)]
        put(session, happened)
    return Handled(len(fresh), len(happened))


def bury(engine: Engine, service: str, event_id: str, error: str, body: bytes, now: datetime) -> None:
    """Keep an event that ``service`` can never handle for a person; a repeat changes nothing."""
    row = {"service": service, "event_id": event_id, "error": error[:500], "body": body, "at": now}
    with Session(engine) as session, session.begin():
        insert_new(session, DeadLetter, [row], col(DeadLetter.event_id))


def database_away(error: BaseException) -> bool:
    """Whether the database itself is the trouble (locked, full, restarting), not what was asked of it."""
    return isinstance(error, (OperationalError, InterfaceError, PoolTimeout)) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    )


def temporary(error: BaseException, *, outside: bool) -> bool:
    """Whether trying again can help. ``outside``: it came from a call to the outside world."""
    if isinstance(error, (TemporaryError, OSError)) or database_away(error):
        return True
    return outside and not isinstance(error, (PermanentError, ValueError, TypeError, LookupError))


def in_words(error: BaseException) -> str:
    """``error`` for staff, without the values that SQL and validation errors quote."""
    if isinstance(error, DBAPIError):
        return f"{type(error).__name__}: {str(error.orig).splitlines()[0] if error.orig else ''}"
    if (errors := getattr(error, "errors", None)) and callable(errors):  # pydantic
        return "; ".join(
            f"{'.'.join(map(str, found['loc'])) or 'body'}: {found['msg']}"
            for found in errors(include_input=False, include_context=False)
        )
    return f"{type(error).__name__}: {error}"
