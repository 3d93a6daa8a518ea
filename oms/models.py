"""The OMS's tables, all but the broker's own (``oms.events.models``) and the mails (``oms.mail``).

Orders and partner orders are kept as the canonical JSON that their digest is made of and are never changed;
what moves lies beside them. Columns repeat only what is searched for.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from oms.store import Moment


class Meta(SQLModel, table=True):
    """Facts about this database; ``epoch`` names its history and changes when a backup was restored."""

    name: str = Field(primary_key=True)
    value: str


class Counter(SQLModel, table=True):
    """Hands out the numbers of one sequence; its row lock makes the order of numbers the order of commits.

    ``head`` is the hash of the last row for sequences that are chained (the audit trail), else "".
    """

    name: str = Field(primary_key=True)
    last: int = Field(default=0, sa_type=BigInteger)
    head: str = ""


class OrderRow(SQLModel, table=True):
    """An order as its device sent it. ``body`` is canonical JSON, ``digest`` its SHA-256."""

    __tablename__ = "orders"
    id: str = Field(primary_key=True)
    number: str = Field(unique=True)
    store: str
    device: str
    received_at: datetime = Field(sa_type=Moment)
    digest: str
    body: str = Field(sa_type=Text)


class PartnerOrderRow(SQLModel, table=True):
    """A partner order as its device made it; ``number`` is what the partner sees as our reference."""

    __tablename__ = "partner_orders"
    key: str = Field(primary_key=True)
    order_id: str = Field(foreign_key="orders.id", index=True)
    number: str = Field(unique=True)
    partner: str
    placed_by: str
    body: str = Field(sa_type=Text)


class PartnerOrderStateRow(SQLModel, table=True):
    """Where a partner order stands: all news so far, put together by ``retail.status.merge``."""

    __tablename__ = "partner_order_states"
    key: str = Field(primary_key=True, foreign_key="partner_orders.key")
    order_id: str = Field(index=True)
    status: str
    revision: int
    body: str = Field(sa_type=Text)


class PaymentRow(SQLModel, table=True):
    """One payment of an order, recorded once; amounts in whole minor units."""

    __tablename__ = "payments"
    order_id: str = Field(primary_key=True, foreign_key="orders.id")
    position: int = Field(primary_key=True)
    method: str
    reference: str
    minor: int = Field(sa_type=BigInteger)
    currency: str
    recorded_at: datetime = Field(sa_type=Moment)


class FulfilmentStep(SQLModel, table=True):
    """A step of an order's fulfilment that has been announced; ``event_id`` follows from its cause, so once."""

    __tablename__ = "fulfilment_steps"
    event_id: str = Field(primary_key=True)
    order_id: str = Field(index=True)
    step: str


class ChangeRow(SQLModel, table=True):
    """Something devices should know. ``store`` or ``device`` "" means all; ``sequence`` has no gaps."""

    __tablename__ = "changes"
    sequence: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    store: str = ""
    device: str = ""
    kind: str
    body: str = Field(sa_type=Text)

    __table_args__ = (Index("ix_changes_store_sequence", "store", "sequence"),)


class Device(SQLModel, table=True):
    """A kiosk or tablet. Its refresh tokens are proven by ``family`` and ``generation``; none is kept.

    ``confirmed`` is the newest generation that the device has shown to have received.
    """

    __tablename__ = "devices"
    id: str = Field(primary_key=True)
    store: str = Field(index=True)
    name: str
    prefix: str = Field(unique=True)
    enrolled_at: datetime = Field(sa_type=Moment)
    family: str
    generation: int = 0
    confirmed: int = 0
    rotated_at: datetime = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
    revoked_why: str | None = None


class EnrolCode(SQLModel, table=True):
    """A code that enrols one device once. ``selector`` finds it; of the rest only a keyed hash is kept."""

    __tablename__ = "enrol_codes"
    selector: str = Field(primary_key=True)
    proof: str
    store: str
    device: str | None = None
    expires_at: datetime = Field(sa_type=Moment)
    tries: int = 0
    used_at: datetime | None = Field(default=None, sa_type=Moment)


class User(SQLModel, table=True):
    """Somebody who signs in: an associate or a manager. ``store`` "" means all stores."""

    __tablename__ = "users"
    user: str = Field(primary_key=True)
    name: str
    password_hash: str
    role: str
    store: str = ""
    active: bool = True
    version: int = 1


class Setting(SQLModel, table=True):
    """A setting for devices; ``store`` "" means all stores."""

    __tablename__ = "settings"
    name: str = Field(primary_key=True)
    store: str = Field(default="", primary_key=True)
    value: str


class PartnerRow(SQLModel, table=True):
    """A partner record as the devices get it, by partner id; ``digest`` tells whether it has changed."""

    __tablename__ = "partners"
    id: str = Field(primary_key=True)
    digest: str
    body: str = Field(sa_type=Text)


class Audit(SQLModel, table=True):
    """Who did what. Each row holds the hash of the one before: an edit, a gap or another order shows."""

    __tablename__ = "audit"
    sequence: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    at: datetime = Field(sa_type=Moment)
    actor: str
    action: str
    target: str
    detail: str = ""
    hash: str

    __table_args__ = (UniqueConstraint("hash"),)
