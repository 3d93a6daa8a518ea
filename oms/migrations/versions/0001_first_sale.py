"""The tables of the first sale: orders, devices, people, the change feed, the audit trail, the broker's, mails."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from retail.ids import new_id

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def text(
    name: str,
    *constraints: sa.ForeignKey,
    nullable: bool = False,
    primary_key: bool = False,
    unique: bool | None = None,
) -> sa.Column[str]:
    """A column of text without a limit."""
    return sa.Column(
        name, sa.String(), *constraints, nullable=nullable, primary_key=primary_key, unique=unique
    )


def long(name: str) -> sa.Column[str]:
    """A column of longer text."""
    return sa.Column(name, sa.Text(), nullable=False)


def number(name: str, *, primary_key: bool = False) -> sa.Column[int]:
    """A column of small whole numbers."""
    return sa.Column(name, sa.Integer(), nullable=False, primary_key=primary_key, autoincrement=False)


def big(name: str, *, primary_key: bool = False) -> sa.Column[int]:
    """A column of whole numbers of 64 bits; we hand them out, not the database."""
    return sa.Column(name, sa.BigInteger(), nullable=False, primary_key=primary_key, autoincrement=False)


def moment(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    """A column of times."""
    return sa.Column(name, MOMENT, nullable=nullable)


def upgrade() -> None:
    """From nothing."""
    _sequences()
    _orders()
    _people()
    _broker()


def _sequences() -> None:
    meta = op.create_table("meta", text("name", primary_key=True), text("value"))
    counter = op.create_table("counter", text("name", primary_key=True), big("last"), text("head"))
    assert meta is not None
    assert counter is not None
    op.bulk_insert(meta, [{"name": "epoch", "value": new_id()}])
    op.bulk_insert(counter, [{"name": name, "last": 0, "head": ""} for name in ("changes", "audit")])
    op.create_table(
        "changes",
        big("sequence", primary_key=True),
        text("store"),
        text("device"),
        text("kind"),
        long("body"),
    )
    op.create_index("ix_changes_store_sequence", "changes", ["store", "sequence"])
    op.create_table(
        "audit",
        big("sequence", primary_key=True),
        moment("at"),
        text("actor"),
        text("action"),
        text("target"),
        text("detail"),
        text("hash", unique=True),
    )


def _orders() -> None:
    op.create_table(
        "orders",
        text("id", primary_key=True),
        text("number", unique=True),
        text("store"),
        text("device"),
        moment("received_at"),
        text("digest"),
        long("body"),
    )
    op.create_table(
        "partner_orders",
        text("key", primary_key=True),
        text("order_id", sa.ForeignKey("orders.id")),
        text("number", unique=True),
        text("partner"),
        text("placed_by"),
        long("body"),
    )
    op.create_index("ix_partner_orders_order_id", "partner_orders", ["order_id"])
    op.create_table(
        "partner_order_states",
        text("key", sa.ForeignKey("partner_orders.key"), primary_key=True),
        text("order_id"),
        text("status"),
        number("revision"),
        long("body"),
    )
    op.create_index("ix_partner_order_states_order_id", "partner_order_states", ["order_id"])
    op.create_table(
        "payments",
        text("order_id", sa.ForeignKey("orders.id"), primary_key=True),
        number("position", primary_key=True),
        text("method"),
        text("reference"),
        big("minor"),
        text("currency"),
        moment("recorded_at"),
    )
    op.create_table("fulfilment_steps", text("event_id", primary_key=True), text("order_id"), text("step"))
    op.create_index("ix_fulfilment_steps_order_id", "fulfilment_steps", ["order_id"])


def _people() -> None:
    op.create_table(
        "devices",
        text("id", primary_key=True),
        text("store"),
        text("name"),
        text("prefix", unique=True),
        moment("enrolled_at"),
        text("family"),
        number("generation"),
        number("confirmed"),
        moment("rotated_at"),
        moment("revoked_at", nullable=True),
        text("revoked_why", nullable=True),
    )
    op.create_index("ix_devices_store", "devices", ["store"])
    op.create_table(
        "enrol_codes",
        text("selector", primary_key=True),
        text("proof"),
        text("store"),
        text("device", nullable=True),
        moment("expires_at"),
        number("tries"),
        moment("used_at", nullable=True),
    )
    op.create_table(
        "users",
        text("user", primary_key=True),
        text("name"),
        text("password_hash"),
        text("role"),
        text("store"),
        sa.Column("active", sa.Boolean(), nullable=False),
        number("version"),
    )
    op.create_table(
        "settings", text("name", primary_key=True), text("store", primary_key=True), text("value")
    )
    op.create_table("partners", text("id", primary_key=True), text("digest"), long("body"))


def _broker() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", SERIAL, primary_key=True),
        text("subject"),
        text("event_id"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "inbox",
        text("service", primary_key=True),
        text("event_id", primary_key=True),
        big("sequence"),
        moment("at"),
    )
    op.create_table(
        "dead_letter",
        text("service", primary_key=True),
        text("event_id", primary_key=True),
        long("error"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        moment("at"),
    )
    op.create_table(
        "mail_out",
        text("id", primary_key=True),
        text("order_id"),
        text("recipient"),
        text("language"),
        text("subject"),
        long("text"),
        long("html"),
        text("state"),
        number("attempts"),
        text("reason", nullable=True),
        moment("created_at"),
        moment("next_try_at"),
        moment("sent_at", nullable=True),
    )
    op.create_index("ix_mail_out_order_id", "mail_out", ["order_id"])
    op.create_index("mail_out_due", "mail_out", ["state", "next_try_at"])
