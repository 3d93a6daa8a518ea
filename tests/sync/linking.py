"""An enrolled device without its screens, and the OMS it talks to."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, text

from partners.contract import Capabilities, PartnerRecord
from partners.keystore import FileKeystore
from retail.order import Order
from sync.client import OmsClient, enrol
from sync.facts import Facts
from sync.queue import OrderQueue
from sync.store.engine import reading
from tests.retail.samples import order
from tests.sync.scripted_oms import ScriptedOms

NORTH = PartnerRecord("north", "North", "rest", "https://north.example", Capabilities("A"))
BERG = PartnerRecord("berg", "Berg", "rest", "https://berg.example", Capabilities("C"))


class Linked:
    """An enrolled device without its screens."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.queue = OrderQueue(engine)
        self.facts = Facts(engine)
        self.keystore = FileKeystore(folder / "keys")
        self.oms = ScriptedOms()
        self.steady = 1000.0
        self.client = self.again()

    def again(self) -> OmsClient:
        """The client as it is after a restart."""
        return OmsClient(
            self.oms.client(), self.engine, self.queue, self.facts, self.keystore, lambda: self.steady
        )

    async def enrol(self, code: str = "GOOD-code") -> None:
        await enrol(self.oms.client(), self.facts, self.keystore, code, "till 1")

    def put(self, *ids: str) -> None:
        mine = self.facts.identity()

        def make(order_id: str, number: str) -> Order:
            return order(order_id=order_id, number=number, device=mine.device)

        for order_id in ids:
            self.queue.place(order_id, lambda number, name=order_id: make(name, number), mine.prefix, {})  # type: ignore[misc]

    def notices(self) -> list[tuple[int, str]]:
        with reading(self.engine) as connection:
            rows = connection.execute(text("SELECT sequence, order_id FROM notices ORDER BY sequence"))
            return [tuple(row) for row in rows]
