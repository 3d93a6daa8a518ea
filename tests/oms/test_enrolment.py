"""A device becomes one of ours with a code that works once and not for long."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from oms import auth
from oms.models import Device, EnrolCode
from retail.errors import Misconfigured
from retail.strict import from_data
from sync.protocol import EnrolAnswer
from tests.oms.counter import Counter

WRONG = {
    "code": "wrong_code",
    "status": 404,
    "title": "This code is not valid. Ask store IT for a new one; it lasts 10 minutes.",
}


async def ask(oms: Counter, code: str, name: str = "Till 1") -> tuple[int, dict[str, Any]]:
    answer = await oms.http.post("/v1/enrol", json={"code": code, "name": name})
    return answer.status_code, answer.json()


async def test_a_code_enrols_one_device(oms: Counter) -> None:
    code = oms.code("berlin")
    assert re.fullmatch(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{6}", code)
    status, body = await ask(oms, code)
    answer = from_data(EnrolAnswer, body)
    assert (status, answer.store, answer.epoch) == (200, "berlin", oms.epoch())
    assert re.fullmatch(r"[A-HJ-NP-Z][2-9]", answer.prefix)
    assert await ask(oms, code) == (404, WRONG)
    assert oms.count(Device) == 1


async def test_a_code_can_be_typed_without_its_hyphen_and_in_small_letters(light: Counter) -> None:
    assert (await ask(light, light.code().replace("-", " ").lower()))[0] == 200


async def test_a_code_lasts_ten_minutes(light: Counter) -> None:
    early, late = light.code(), light.code()
    light.clock.turn(seconds=599)
    assert (await ask(light, early))[0] == 200
    light.clock.turn(seconds=1)
    assert await ask(light, late) == (404, WRONG)


async def test_the_fifth_wrong_try_burns_a_code(oms: Counter) -> None:
    code = oms.code()
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    for _ in range(5):
        assert await ask(oms, wrong) == (404, WRONG)
    assert await ask(oms, code) == (404, WRONG)
    assert oms.count(Device) == 0


async def test_four_wrong_tries_leave_it_good(light: Counter) -> None:
    code = light.code()
    for _ in range(4):
        await ask(light, code[:-1] + ("2" if code[-1] != "2" else "3"))
    assert (await ask(light, code))[0] == 200


async def test_guessing_is_slowed_down_by_source(light: Counter) -> None:
    for _ in range(10):
        assert await ask(light, "AAAA-AAAAAA") == (404, WRONG)
    answer = await light.http.post("/v1/enrol", json={"code": light.code(), "name": "Till"})
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (
        429,
        "too_many_tries",
        "300",
    )
    light.clock.turn(seconds=300)
    assert (await ask(light, light.code()))[0] == 200


@pytest.mark.parametrize("code", ["", "AAAA", "AAAA-AAAA\u0000A", "ÄÄÄÄÄÄÄÄÄÄ", "IIII-OOOOOO", "A" * 1000])
async def test_what_is_no_code_is_answered_like_a_wrong_one(oms: Counter, code: str) -> None:
    assert await ask(oms, code) == (404, WRONG)


async def test_the_code_itself_is_not_in_the_database(light: Counter) -> None:
    code = light.code().replace("-", "")
    with Session(light.reader) as session:
        row = session.exec(select(EnrolCode)).one()
    assert code[4:] not in row.model_dump_json()
    assert row.selector == code[:4]


async def test_old_codes_are_cleared_away(light: Counter) -> None:
    light.code()
    light.clock.turn(minutes=21)
    light.code()
    assert light.count(EnrolCode) == 1


@pytest.mark.parametrize(
    ("given", "kept"),
    [(" Till  1 ", "Till 1"), ("", "Device"), ("Till\u202e1", "Device"), ("x" * 61, "Device")],
)
async def test_a_name_is_never_a_reason_to_refuse(light: Counter, given: str, kept: str) -> None:
    assert (await ask(light, light.code(), given))[0] == 200
    with Session(light.reader) as session:
        assert session.exec(select(Device.name)).one() == kept


async def test_prefixes_are_never_given_twice(light: Counter) -> None:
    prefixes = [(await light.enrol()).who.prefix for _ in range(60)]
    assert len(set(prefixes)) == 60
    assert {len(prefix) for prefix in prefixes} == {2, 3}


async def test_a_device_comes_back_under_its_old_id(light: Counter) -> None:
    first = await light.enrol("berlin")
    light.revoke(first)
    again = await light.enrol("berlin", first.who.device)
    assert (again.who.device, again.who.prefix) == (first.who.device, first.who.prefix)
    assert light.count(Device) == 1
    old = await light.http.post("/v1/token", json={"refresh_token": first.tokens.refresh_token})
    assert (old.status_code, old.json()["code"]) == (401, "not_signed_in")
    with pytest.raises(LookupError):
        light.code("hamburg", first.who.device)


@pytest.mark.parametrize("store", ["", "two words", "-x", "x" * 41, "x\n"])
async def test_a_store_has_a_plain_name(light: Counter, store: str) -> None:
    with pytest.raises(ValueError, match="store's name"):
        light.code(store)


def test_the_key_file_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "oms.key"
    keys = auth.load_keys(path)
    assert path.stat().st_mode & 0o777 == 0o400
    assert auth.load_keys(path) == keys
    assert len({keys.access, keys.refresh, keys.code}) == 3


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "oms.key"
    auth.load_keys(path)
    path.chmod(0o444)
    with pytest.raises(Misconfigured, match="chmod 400"):
        auth.load_keys(path)


def test_a_damaged_key_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "oms.key"
    path.write_bytes(b"short")
    path.chmod(0o400)
    with pytest.raises(Misconfigured, match="damaged"):
        auth.load_keys(path)
