"""Real servers for the tests of this folder, started once for a session and ended by their own pid."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from partners.vendure.adapter import VendurePartner
from retail.order import PartnerOrder
from tests.conftest import Need
from tests.real import vendure_server
from tests.real.vendure_partner import partner
from tests.real.vendure_server import Admin, Shop
from tests.real.vendure_staff import all_orders, with_key


@pytest.fixture(scope="session")
def vendure(need: Need) -> Iterator[Shop]:
    """A running Vendure shop, the same for all tests of the session; it starts as populated."""
    reason = vendure_server.why_not()
    need("vendure", reason is None, reason or "")
    folder = vendure_server.cache_folder()
    try:
        vendure_server.install(folder)
    except vendure_server.NotInstalled as error:
        need("vendure", False, str(error))
    with vendure_server.running(folder) as shop:
        yield shop


@pytest.fixture(scope="session")
def staff(vendure: Shop) -> Iterator[Admin]:
    """The shop's own people, who may do everything."""
    with httpx.Client(base_url=vendure.url, timeout=60, trust_env=False) as client:
        yield Admin(client, vendure.superadmin)


@pytest.fixture
async def shop(vendure: Shop) -> AsyncIterator[VendurePartner]:
    """The adapter on a good network."""
    async with aclosing(partner(vendure)) as adapter:
        yield adapter


@pytest.fixture
def untouched(staff: Admin) -> Any:
    """Check that no order, not even an unfinished one, was left behind."""
    before = {order["id"] for order in all_orders(staff)}

    def check(order: PartnerOrder) -> None:
        assert {found["id"] for found in all_orders(staff)} == before
        assert with_key(staff, order.key) == []

    return check
