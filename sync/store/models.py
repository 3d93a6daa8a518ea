"""The tables of the device's store. Bodies are canonical JSON of our words, each beside its digest."""

from __future__ import annotations

from sqlalchemy import Index, MetaData, text
from sqlmodel import Field, SQLModel


class DeviceTable(SQLModel):
    """A table of the device; kept apart from the OMS's tables, which may live in the same process."""

    metadata = MetaData()


class OrderRow(DeviceTable, table=True):
    """One order. ``revision`` counts what happened to it, ``synced`` is the last one that the OMS has."""

    __tablename__ = "orders"
    __table_args__ = (Index("orders_unsynced", "seq", sqlite_where=text("synced < revision")),)
    seq: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    number: str = Field(unique=True)
    body: str
    digest: str
    revision: int = 1
    synced: int = 0
    sync_problem: str | None = None


class PartnerOrderRow(DeviceTable, table=True):
    """One partner order: the row is the queue. ``state`` is the JSON of its PartnerOrderState.

    ``next_at`` (wall clock, UNIX seconds) says when it wants attention; ``claim`` and ``lease`` (steady clock)
    who gives it attention and until when.
    """

    __tablename__ = "partner_orders"
    __table_args__ = (
        Index("partner_orders_due", "status", "next_at"),
        Index("partner_orders_partner", "partner"),
    )
    seq: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    order_id: str = Field(index=True)
    partner: str
    placed_by: str
    body: str
    digest: str
    status: str
    state: str
    next_at: float = 0.0
    first_sent_at: float | None = None
    last_sent_at: float | None = None
    unknown: bool = False
    baffled: int = 0
    claim: str | None = None
    claimed_at: float = 0.0
    lease: float = 0.0


class FactRow(DeviceTable, table=True):
    """One named fact of this device: who it is, its order counter, the cursor, the OMS's epoch."""

    __tablename__ = "facts"
    name: str = Field(primary_key=True)
    value: str


class AssociateRow(DeviceTable, table=True):
    """Who may sign in here, verified offline. Failures and locks survive a restart."""

    __tablename__ = "associates"
    user: str = Field(primary_key=True)
    name: str
    password_hash: str
    role: str
    active: bool = True
    version: int = 0
    failures: int = 0
    locked_until: float = 0.0


class NoticeRow(DeviceTable, table=True):
    """Something the OMS told the store."""

    __tablename__ = "notices"
    sequence: int = Field(primary_key=True)
    order_id: str | None = Field(default=None, index=True)
    body: str
    read: bool = False


class JournalRow(DeviceTable, table=True):
    """What was done on this device, by whom, and why; never with personal data of customers."""

    __tablename__ = "journal"
    seq: int | None = Field(default=None, primary_key=True)
    at: float
    who: str
    what: str
    about: str
