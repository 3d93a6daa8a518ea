"""Refresh tokens rotate; a stolen one shuts its device out, a crash never does."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
from sqlmodel import Session, select

from oms import audit
from oms.models import Device as Row
from tests.oms.counter import Counter, Device


async def ask(oms: Counter, token: str) -> tuple[int, dict[str, Any]]:
    answer = await oms.http.post("/v1/token", json={"refresh_token": token})
    return answer.status_code, answer.json()


async def code(oms: Counter, token: str) -> str | None:
    return (await ask(oms, token))[1].get("code")


async def works(oms: Counter, access_token: str) -> int:
    answer = await oms.http.get("/v1/changes", headers={"Authorization": f"Bearer {access_token}"})
    return answer.status_code


def revoked_why(oms: Counter, device: Device) -> str | None:
    with Session(oms.reader) as session:
        return session.get_one(Row, device.who.device).revoked_why


async def test_each_token_has_one_successor(oms: Counter) -> None:
    device = await oms.enrol()
    second = await oms.tokens(device.tokens.refresh_token)
    third = await oms.tokens(second.refresh_token)
    assert (
        len(
            {device.who.refresh_token, device.tokens.refresh_token, second.refresh_token, third.refresh_token}
        )
        == 4
    )
    assert (third.expires_in, await works(oms, third.access_token)) == (900, 200)


async def test_an_access_token_lasts_fifteen_minutes(light: Counter) -> None:
    device = await light.enrol()
    light.clock.turn(seconds=899)
    assert await works(light, device.tokens.access_token) == 200
    light.clock.turn(seconds=1)
    assert await works(light, device.tokens.access_token) == 401


async def test_a_repeat_within_a_minute_gets_the_same_successor(oms: Counter) -> None:
    device = await oms.enrol()
    first = await oms.tokens(device.tokens.refresh_token)
    assert await works(oms, first.access_token) == 200
    oms.clock.turn(seconds=60)
    assert (await oms.tokens(device.tokens.refresh_token)).refresh_token == first.refresh_token
    assert revoked_why(oms, device) is None


async def test_a_used_token_after_a_minute_shuts_the_device_out(oms: Counter) -> None:
    device = await oms.enrol()
    new = await oms.tokens(device.tokens.refresh_token)
    assert await works(oms, new.access_token) == 200
    oms.clock.turn(seconds=61)
    assert await code(oms, device.tokens.refresh_token) == "device_revoked"
    assert revoked_why(oms, device) == "token used twice"
    assert await code(oms, new.refresh_token) == "device_revoked"
    assert await works(oms, new.access_token) == 401


async def test_an_older_token_shuts_the_device_out_at_once(oms: Counter) -> None:
    device = await oms.enrol()
    second = await oms.tokens(device.tokens.refresh_token)
    await oms.tokens(second.refresh_token)
    assert await code(oms, device.tokens.refresh_token) == "device_revoked"


async def test_a_device_that_never_got_the_answer_comes_back_a_week_later(oms: Counter) -> None:
    """The power failed between our commit and the device's: it holds a token that was used, but only by itself."""
    device = await oms.enrol()
    lost = await oms.tokens(device.tokens.refresh_token)
    oms.clock.turn(days=7)
    again = await oms.tokens(device.tokens.refresh_token)
    assert again.refresh_token == lost.refresh_token
    assert await works(oms, again.access_token) == 200


async def test_posting_an_order_shows_that_the_token_arrived(oms: Counter) -> None:
    device = await oms.enrol()
    fresh = Device(device.who, await oms.tokens(device.tokens.refresh_token))
    await oms.post(fresh)
    oms.clock.turn(seconds=61)
    assert await code(oms, device.tokens.refresh_token) == "device_revoked"


@pytest.mark.parametrize("token", ["", "x", "a.b.0.c", "a.b.0.", "\u0000", "é.ü.1.x"])
async def test_what_is_no_token_of_ours_harms_nobody(oms: Counter, token: str) -> None:
    device = await oms.enrol()
    assert (await ask(oms, token))[0] == 401
    assert revoked_why(oms, device) is None


async def test_a_forged_generation_harms_nobody(oms: Counter) -> None:
    device = await oms.enrol()
    who, family, generation, proof = device.tokens.refresh_token.split(".")
    assert await code(oms, f"{who}.{family}.{int(generation) - 1}.{proof}") == "not_signed_in"
    assert revoked_why(oms, device) is None


async def test_tokens_from_before_a_restore_stay_good(oms: Counter) -> None:
    """The database is an hour older than the device: its newer token is genuine all the same."""
    device = await oms.enrol()
    tokens = device.tokens
    for _ in range(4):
        tokens = await oms.tokens(tokens.refresh_token)
    with Session(oms.engine) as session:
        row = session.get_one(Row, device.who.device)
        row.generation = row.confirmed = 1
        session.add(row)
        session.commit()
    after = await oms.tokens(tokens.refresh_token)
    assert await works(oms, after.access_token) == 200
    assert await code(oms, device.tokens.refresh_token) == "device_revoked"


async def test_another_secret_makes_no_token(light: Counter) -> None:
    device = await light.enrol()
    claims = jwt.decode(device.tokens.access_token, options={"verify_signature": False})
    assert await works(light, jwt.encode(claims, "0" * 32, algorithm="HS256")) == 401
    assert await works(light, jwt.encode(claims, "", algorithm="none")) == 401
    other_purpose = jwt.encode({**claims, "aud": "aisle-desk"}, light.keys.access, algorithm="HS256")
    assert await works(light, other_purpose) == 401


async def test_every_step_is_in_the_audit_trail(light: Counter) -> None:
    device = await light.enrol()
    light.revoke(device)
    with Session(light.reader) as session:
        assert audit.check(session) == []
        assert [entry.action for entry in audit.entries(session, device.who.device)] == [
            "device.enrolled",
            "device.revoked",
        ]
        assert "." not in session.exec(select(Row.family)).one()
