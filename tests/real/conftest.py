"""Real servers for the tests of this folder, started once for a session and ended by their own pid."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import Need
from tests.real import vendure_server
from tests.real.vendure_server import Admin, Shop


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
    with httpx.Client(base_url=vendure.url, timeout=20, trust_env=False) as client:
        yield Admin(client, vendure.superadmin)
