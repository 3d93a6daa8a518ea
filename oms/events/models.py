"""The tables that carry events and mails. They live in the OMS's database, so that one commit holds all.

Outbox      an event that is to be published; gone once the broker has it
Inbox       a service has handled an event; a second delivery changes nothing
DeadLetter  an event that a service can never handle; kept for a person
MailOut     a mail to send: one per event and recipient, however often the event comes
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, Text
from sqlmodel import Field, SQLModel

from oms.store import Moment

_SERIAL = BigInteger().with_variant(Integer, "sqlite")


class Outbox(SQLModel, table=True):
    """An event on its way to the broker, written in the transaction that made it true; ``id`` gives the order."""

    __tablename__ = "outbox"
    id: int | None = Field(default=None, primary_key=True, sa_type=_SERIAL)
    subject: str
    event_id: str
    body: bytes = Field(sa_type=LargeBinary)


class Inbox(SQLModel, table=True):
    """``service`` has handled the event ``event_id``, which the broker's stream carried as number ``sequence``."""

    __tablename__ = "inbox"
    service: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    sequence: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_type=Moment)


class DeadLetter(SQLModel, table=True):
    """An event that ``service`` can never handle, with the reason and the bytes as they came."""

    __tablename__ = "dead_letter"
    service: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    error: str = Field(sa_type=Text)
    body: bytes = Field(sa_type=LargeBinary)
    at: datetime = Field(sa_type=Moment)


class MailOut(SQLModel, table=True):
    """A mail to send. ``id`` is the event's id and the recipient's role, so that an event makes it once.

    ``recipient`` is the customer's address, or ``store:ID``, which becomes the store's address when it is sent.
    ``state`` is queued, sent or parked (the mail server refused it; ``reason`` says why).
    """

    __tablename__ = "mail_out"
    __table_args__ = (Index("mail_out_due", "state", "next_try_at"),)
    id: str = Field(primary_key=True)
    order_id: str = Field(index=True)
    recipient: str
    language: str
    subject: str
    text: str = Field(sa_type=Text)
    html: str = Field(sa_type=Text)
    state: str = "queued"
    attempts: int = 0
    reason: str | None = None
    created_at: datetime = Field(sa_type=Moment)
    next_try_at: datetime = Field(sa_type=Moment)
    sent_at: datetime | None = Field(default=None, sa_type=Moment)
