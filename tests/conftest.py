"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Callable

import keyring
import keyring.backends.fail
import pytest
from hypothesis import HealthCheck, settings

Need = Callable[[str, bool, str], None]

# Property tests take what time they need: the machine may stall. Here, because a test takes the profile that is
# loaded when its module is imported.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture(scope="session", autouse=True)
def no_keystore() -> None:
    """No test touches this machine's keystore, nor a pretend one that another test module has defined."""
    keyring.set_keyring(keyring.backends.fail.Keyring())  # type: ignore[no-untyped-call]


@pytest.fixture(scope="session")
def need() -> Need:
    """Skip where something outside Python is missing: ``need("zbar", found, "install libzbar0")``.

    When the comma-separated ``AISLE_REQUIRE`` names it, the test fails instead, so that a machine that should
    have everything cannot pass by skipping.
    """

    def check(name: str, available: bool, why: str) -> None:
        if available:
            return
        required = {each.strip() for each in os.environ.get("AISLE_REQUIRE", "").split(",")}
        if name in required:
            pytest.fail(f"{name} is required here but missing: {why}")
        pytest.skip(why)

    return check
