"""The OMS as a device meets it: over HTTP in this process, with a clock that tests turn."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, select

from oms import auth, changes
from oms.api.app import create_app
from oms.api.state import Parts
from oms.events.models import Outbox
from oms.events.outbox import from_bytes
from oms.intake import Intake
from oms.metrics import Metrics
from oms.models import Audit, ChangeRow, OrderRow, PartnerOrderRow, PartnerOrderStateRow
from oms.schema import migrate
from oms.store import make_engine, make_reader
from retail.events import Event
from retail.strict import from_data
from sync.protocol import BatchAnswer, EnrolAnswer, OrderUpload, Tokens
from tests.oms.uploads import NOW, data


@dataclass
class Clock:
    """The time, as long as nobody turns it."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        """Let time pass."""
        self.now += timedelta(**by)


@dataclass
class Device:
    """An enrolled device with its tokens."""

    who: EnrolAnswer
    tokens: Tokens

    @property
    def headers(self) -> dict[str, str]:
        """What its requests carry."""
        return {"Authorization": f"Bearer {self.tokens.access_token}"}


@dataclass
class Counter:
    """An OMS without a broker, and a client that talks to it."""

    url: str
    engine: Engine
    reader: Engine
    keys: auth.Keys
    intake: Intake
    parts: Parts
    clock: Clock
    http: httpx.AsyncClient

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, url: str, folder: Path, **intake_settings: Any) -> AsyncIterator[Counter]:
        """Migrate the database at ``url`` and serve it."""
        migrate(url)
        engine, reader = make_engine(url), make_reader(url)
        keys, clock, metrics = auth.load_keys(folder / "oms.key"), Clock(), Metrics()
        intake = Intake(engine, clock, metrics, **intake_settings)
        parts = Parts(engine, reader, keys, intake, metrics, clock)
        transport = httpx.ASGITransport(create_app(parts), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://oms") as http:
            yield cls(url, engine, reader, keys, intake, parts, clock, http)
        await intake.stop()
        engine.dispose()
        reader.dispose()

    # -- devices -------------------------------------------------------------------------------------------

    def code(self, store: str = "berlin", device: str | None = None) -> str:
        """A fresh enrolment code."""
        with Session(self.engine) as session:
            code = auth.create_code(session, self.keys, store, self.clock(), device=device)
            session.commit()
        return code

    async def enrol(self, store: str = "berlin", device: str | None = None) -> Device:
        """A device of ``store`` with its first access token."""
        answer = await self.http.post("/v1/enrol", json={"code": self.code(store, device), "name": "Till 1"})
        assert answer.status_code == 200, answer.text
        who = from_data(EnrolAnswer, answer.json())
        return Device(who, await self.tokens(who.refresh_token))

    async def tokens(self, refresh_token: str) -> Tokens:
        """The successor of ``refresh_token``."""
        answer = await self.http.post("/v1/token", json={"refresh_token": refresh_token})
        assert answer.status_code == 200, answer.text
        return from_data(Tokens, answer.json())

    def revoke(self, device: Device) -> None:
        """Shut it out."""
        from oms.models import Device as Row

        with Session(self.engine) as session:
            auth.revoke(session, session.get_one(Row, device.who.device), "stolen", self.clock())
            session.commit()

    # -- orders --------------------------------------------------------------------------------------------

    async def post(self, device: Device, *uploads: OrderUpload) -> BatchAnswer:
        """Upload and expect an answer for each."""
        answer = await self.http.post("/v1/orders:batch", json=data(*uploads), headers=device.headers)
        assert answer.status_code == 200, answer.text
        return from_data(BatchAnswer, answer.json())

    async def results(self, device: Device, *uploads: OrderUpload) -> list[tuple[str, str | None]]:
        """Upload, and only what became of each."""
        return [(item.result, item.reason) for item in (await self.post(device, *uploads)).answers]

    # -- what is in the database ---------------------------------------------------------------------------

    def count(self, table: type[SQLModel]) -> int:
        """The rows of ``table``."""
        with Session(self.reader) as session:
            return len(session.exec(select(table)).all())

    def counts(self) -> dict[str, int]:
        """All that storing an order leaves behind."""
        tables = (OrderRow, PartnerOrderRow, PartnerOrderStateRow, ChangeRow, Audit, Outbox)
        return {str(table.__tablename__): self.count(table) for table in tables}

    def events(self) -> list[Event]:
        """What is on its way to the services, oldest first."""
        with Session(self.reader) as session:
            rows: Sequence[Outbox] = session.exec(select(Outbox)).all()
        return [from_bytes(row.body) for row in sorted(rows, key=lambda row: row.id or 0)]

    def news(self) -> list[tuple[str, dict[str, Any]]]:
        """The kinds and bodies of all changes, oldest first."""
        import json

        with Session(self.reader) as session:
            rows = session.exec(select(ChangeRow)).all()
        return [(row.kind, json.loads(row.body)) for row in sorted(rows, key=lambda row: row.sequence)]

    def epoch(self) -> str:
        """The name of the database's history."""
        with Session(self.reader) as session:
            return changes.epoch(session)
