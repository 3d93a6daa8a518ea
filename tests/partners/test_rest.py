"""The rest adapter keeps the contract, over HTTP, with a simulated partner in its own process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from partners.contract import OrderingClass
from partners.registry import Partner, open_partner
from tests.partners.contract import CatalogueContract, Goods, OrderingContract
from tests.partners.simulators import BehindSimulator, Running, running


@pytest.fixture(scope="module", params=["A", "B", "C"])
def simulator(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    kind: OrderingClass = request.param
    with running(kind, tmp_path_factory.mktemp("simulator")) as one:
        yield one


@pytest.fixture
def goods() -> Goods:
    return Goods(one="NO-01", other="NO-02", third="NO-12", text="linen ochre m")


@pytest.fixture
async def behind(simulator: Running, goods: Goods) -> AsyncIterator[BehindSimulator]:
    side = BehindSimulator(simulator.url)
    await side.fault("none")
    await side.pass_time(timedelta(0))
    for sku, price in ((goods.one, 4990), (goods.third, 12900)):
        await side.change(sku, stock=9, price_minor=price)
    yield side
    await side.aclose()


@pytest.fixture
async def partner(simulator: Running, behind: BehindSimulator) -> AsyncIterator[Partner]:
    one = open_partner(simulator.record, None)
    yield one
    await one.aclose()


class TestRest(CatalogueContract, OrderingContract):
    """Every promise, at each class."""
