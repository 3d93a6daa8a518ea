"""The memory partner keeps the contract, in each class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from partners.contract import Capabilities
from partners.memory import MemoryPartner
from retail.strict import to_data
from tests.partners.contract import CatalogueContract, Goods, OrderingContract


class Time:
    """A clock that can be put ahead."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class BehindMemory:
    """The memory partner's own side."""

    def __init__(self, partner: MemoryPartner, time: Time) -> None:
        self._partner = partner
        self._time = time

    async def ledger(self) -> Sequence[Mapping[str, Any]]:
        return [
            {
                "key": one.order.key,
                "reference": one.placed.reference,
                "lines": [{"sku": line.sku, "quantity": line.quantity} for line in one.order.lines],
                "total_minor": one.placed.total.minor,
                "currency": one.placed.total.currency,
                "state": one.placed.state,
                "customer": to_data(one.order.customer),
            }
            for one in self._partner.bookings
        ]

    async def fault(self, fault: str, times: int | None = 1, on: str | None = None) -> None:
        if fault == "wrong-item":
            pytest.skip("it cannot get its own goods wrong")
        self._partner.faults.plan(fault, times, on)

    async def pass_time(self, ahead: timedelta) -> None:
        self._time.ahead = ahead

    async def ship(self, reference: str) -> None:
        self._partner.ship(reference)

    async def change(self, sku: str, *, price_minor: int | None = None, stock: int | None = None) -> None:
        self._partner.change(sku, price_minor=price_minor, stock=stock)

    async def withdraw(self, sku: str) -> None:
        self._partner.withdraw(sku)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def goods() -> Goods:
    return Goods(one="NO-01", other="NO-02", third="NO-12", text="linen ochre m")


@pytest.fixture(params=["A", "A blind", "B", "C"])
def partner(request: pytest.FixtureRequest, time: Time) -> MemoryPartner:
    kind: Any = request.param[0]
    able = Capabilities(
        kind,
        can_look_up=request.param == "A",
        partial_acceptance=True,
        backorder=True,
        key_life=timedelta(hours=2),
    )
    return MemoryPartner(capabilities=able, now=time.now)


@pytest.fixture
def behind(partner: MemoryPartner, time: Time) -> BehindMemory:
    return BehindMemory(partner, time)


class TestMemory(CatalogueContract, OrderingContract):
    """Every promise."""
