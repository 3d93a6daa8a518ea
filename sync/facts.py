"""Named facts of this device, each a row of its store: who it is, where it stands with the OMS, partner records."""

from __future__ import annotations

import socket
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import structlog
from pydantic import ConfigDict
from sqlalchemy import Connection, Engine, select
from sqlalchemy.dialects.sqlite import insert

from partners.contract import PartnerRecord
from retail.ids import new_id
from retail.strict import STRICT, from_json, to_json
from sync.protocol import own_prefix
from sync.records import facts
from sync.store.engine import look, reading

IDENTITY = "SELECT value FROM facts WHERE name = 'identity'"
log = structlog.get_logger("sync.facts")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this device is. Before enrolment ``store`` is "" and the id and prefix are its own invention."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    device: str
    name: str
    prefix: str
    store: str = ""
    epoch: str = ""
    cursor: int = 0

    @property
    def enrolled(self) -> bool:
        """Whether an OMS knows it."""
        return bool(self.store)


class Facts:
    """Reads and writes of the facts; each call is one transaction unless a connection is given."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, name: str) -> str | None:
        """The value of one fact, or None."""
        found = look(self._engine, "SELECT value FROM facts WHERE name = ?", name)
        return None if found is None else str(found[0])

    def put(self, name: str, value: str, connection: Connection | None = None) -> None:
        """Set one fact; with ``connection``, in its transaction."""
        query = insert(facts).values(name=name, value=value)
        query = query.on_conflict_do_update(index_elements=["name"], set_={"value": value})
        if connection is not None:
            connection.execute(query)
            return
        with self._engine.begin() as own:
            own.execute(query)

    def identity(self, driver: Any = None) -> Identity:
        """Who this device is; invented and kept at the first call. With ``driver``, as its transaction sees it."""
        if driver is not None:
            return from_json(Identity, driver.execute(IDENTITY).fetchone()[0])
        found = look(self._engine, IDENTITY)
        if found is not None:
            return from_json(Identity, found[0])
        device = new_id()
        with self._engine.begin() as connection:
            fresh = Identity(device, socket.gethostname()[:60], own_prefix(device))
            query = insert(facts).values(name="identity", value=to_json(fresh)).on_conflict_do_nothing()
            connection.execute(query)
        return self.identity()

    def become(self, identity: Identity, connection: Connection | None = None) -> None:
        """Keep a new identity (after enrolment) or a new place in the OMS's changes."""
        self.put("identity", to_json(identity), connection)

    def advance(self, asked: Identity, cursor: int, connection: Connection) -> bool:
        """Keep how far the OMS's changes are applied, in the transaction that applies them.

        False, and nothing kept, when another process has got further since ``asked`` was read: then they must
        not be applied again.
        """
        found = connection.execute(select(facts.c.value).where(facts.c.name == "identity")).scalar_one()
        now = from_json(Identity, found)
        if (now.device, now.epoch, now.cursor) != (asked.device, asked.epoch, asked.cursor):
            return False
        self.become(replace(now, cursor=cursor), connection)
        return True

    def records(self) -> tuple[PartnerRecord, ...]:
        """The partner records that came from the OMS; one that this program cannot read is left out, and logged."""
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(facts.c.value).where(facts.c.name.like("partner:%")).order_by(facts.c.name)
            )
            values = rows.scalars().all()
        found = []
        for value in values:
            try:
                found.append(from_json(PartnerRecord, value))
            except ValueError:
                log.exception("a partner record cannot be read")
        return tuple(found)

    def setting(self, name: str) -> str | None:
        """A setting that the OMS gave to this store, or None."""
        return self.get(f"setting:{name}")
