"""Signing in, offline too: locks that grow, that survive restarts, and that a new password ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from sync.associates import Associate, Associates, SignInRefused, apply_associate, hash_password
from tests.retail.samples import NOW

HASHES = {word: hash_password(word) for word in ("right", "newer")}
SECOND = timedelta(seconds=1)


def tell(engine: Engine, **changes: Any) -> None:
    """What the OMS says of Mia."""
    body = {
        "user": "mia",
        "name": "Mia M.",
        "password_hash": HASHES["right"],
        "role": "associate",
        "active": True,
        "version": 1,
    }
    with engine.begin() as connection:
        apply_associate(connection, body | changes)


def refusal(associates: Associates, password: str, now: datetime) -> tuple[str, float | None]:
    with pytest.raises(SignInRefused) as refused:
        associates.sign_in("mia", password, now)
    return refused.value.reason, refused.value.wait_seconds


@pytest.fixture
def associates(engine: Engine) -> Associates:
    tell(engine)
    return Associates(engine)


def test_the_right_password_signs_in(associates: Associates) -> None:
    assert associates.sign_in(" MIA ", "right", NOW) == Associate("mia", "Mia M.", "associate")
    assert associates.count() == 1


def test_a_wrong_password_or_name_is_refused_alike(associates: Associates) -> None:
    assert refusal(associates, "wrong", NOW) == ("wrong", None)
    with pytest.raises(SignInRefused) as refused:
        associates.sign_in("nobody", "right", NOW)
    assert (refused.value.reason, str(refused.value)) == ("wrong", "wrong")


def test_five_failures_lock_for_a_minute_doubling(associates: Associates) -> None:
    now = NOW
    for _ in range(4):
        assert refusal(associates, "wrong", now) == ("wrong", None)
    waits = []
    for _ in range(5):
        reason, wait = refusal(associates, "wrong", now)
        assert (reason, wait is None) == ("locked", False)
        waits.append(wait)
        assert refusal(associates, "right", now + (wait or 0.0) * SECOND - SECOND) == ("locked", 1.0)
        now += (wait or 0.0) * SECOND
    assert waits == [60.0, 120.0, 240.0, 480.0, 960.0]
    assert refusal(associates, "wrong", now) == ("manager", None)
    assert refusal(associates, "right", now + timedelta(days=365)) == ("manager", None)


def test_after_the_lock_the_right_password_counts_again(associates: Associates) -> None:
    for _ in range(5):
        refusal(associates, "wrong", NOW)

    assert associates.sign_in("mia", "right", NOW + 60 * SECOND).user == "mia"

    for _ in range(4):
        assert refusal(associates, "wrong", NOW + 61 * SECOND)[0] == "wrong"


def test_locks_survive_a_restart(associates: Associates, engine: Engine) -> None:
    for _ in range(5):
        refusal(associates, "wrong", NOW)

    engine.dispose()

    assert refusal(Associates(engine), "right", NOW + 30 * SECOND) == ("locked", 30.0)


def test_a_clock_that_goes_back_locks_no_longer_than_the_lock(associates: Associates) -> None:
    for _ in range(5):
        refusal(associates, "wrong", NOW)
    back = NOW - timedelta(days=365)

    assert refusal(associates, "right", back) == ("locked", 60.0)
    assert refusal(associates, "right", back + 59 * SECOND) == ("locked", 1.0)
    assert associates.sign_in("mia", "right", back + 60 * SECOND).user == "mia"


def test_a_new_password_ends_every_lock(associates: Associates, engine: Engine) -> None:
    for step in range(10):
        refusal(associates, "wrong", NOW + timedelta(hours=step))
    assert refusal(associates, "right", NOW + timedelta(days=1))[0] == "manager"

    tell(engine, version=2, name="Mia N.")
    assert refusal(associates, "right", NOW + timedelta(days=1))[0] == "manager"
    tell(engine, version=3, password_hash=HASHES["newer"])

    assert associates.sign_in("mia", "newer", NOW).name == "Mia M."


def test_only_newer_news_counts(associates: Associates, engine: Engine) -> None:
    tell(engine, version=3, role="manager")
    tell(engine, version=2, role="associate", active=False)
    tell(engine, version=3, role="associate")

    assert associates.sign_in("mia", "right", NOW).role == "manager"


def test_who_has_left_cannot_sign_in(associates: Associates, engine: Engine) -> None:
    tell(engine, version=2, active=False)

    assert refusal(associates, "right", NOW) == ("wrong", None)
    assert associates.count() == 0


def test_a_hash_that_is_none_lets_nobody_in(associates: Associates, engine: Engine) -> None:
    tell(engine, version=2, password_hash="")

    assert refusal(associates, "", NOW) == ("wrong", None)


@pytest.mark.parametrize("wrong", [{"active": "false"}, {"active": 1}, {"role": "root"}, {"version": "x"}])
def test_what_is_not_in_the_documented_form_is_refused(
    associates: Associates, engine: Engine, wrong: dict[str, Any]
) -> None:
    with pytest.raises((ValueError, TypeError)):
        tell(engine, **({"version": 2} | wrong))

    assert associates.sign_in("mia", "right", NOW).role == "associate"


def test_passwords_are_kept_as_argon2id() -> None:
    assert HASHES["right"].startswith("$argon2id$")
    assert hash_password("right") != HASHES["right"]
