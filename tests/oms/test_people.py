"""Associates, partner records and settings reach the devices that should have them, and no others."""

from __future__ import annotations

from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlmodel import Session

from oms import audit, people, records
from oms.models import User
from partners.contract import Capabilities, PartnerRecord
from retail.errors import Rejected
from retail.strict import from_data, to_data
from tests.oms.counter import Counter, Device
from tests.oms.uploads import NOW


def add(oms: Counter, user: str = "anna", password: str = "correct horse", **more: Any) -> None:
    with Session(oms.engine) as session:
        people.set_user(session, user, password, NOW, **more)
        session.commit()


async def heard(oms: Counter, device: Device) -> list[tuple[str, dict[str, Any]]]:
    answer = await oms.http.get("/v1/changes", headers=device.headers)
    return [(change["kind"], change["body"]) for change in answer.json()["changes"]]


async def test_an_associate_reaches_every_device(oms: Counter) -> None:
    device = await oms.enrol()
    add(oms, " Anna ", name="Anna Schäfer", role="manager")
    ((kind, body),) = await heard(oms, device)
    password_hash = body.pop("password_hash")
    assert (kind, body) == (
        "associate",
        {"user": "anna", "name": "Anna Schäfer", "role": "manager", "active": True, "version": 1},
    )
    assert password_hash.startswith("$argon2id$")
    assert PasswordHasher().verify(password_hash, "correct horse")


async def test_an_associate_of_one_store_stays_there(oms: Counter) -> None:
    here, there = await oms.enrol("berlin"), await oms.enrol("hamburg")
    add(oms, store="berlin")
    assert len(await heard(oms, here)) == 1
    assert await heard(oms, there) == []


async def test_who_moves_to_another_store_can_no_longer_sign_in_at_the_old_one(oms: Counter) -> None:
    here, there = await oms.enrol("berlin"), await oms.enrol("hamburg")
    add(oms, store="berlin")
    add(oms, store="hamburg")
    assert [(body["active"], body["version"]) for _, body in await heard(oms, here)] == [
        (True, 1),
        (False, 2),
    ]
    assert [(body["active"], body["version"]) for _, body in await heard(oms, there)] == [(True, 3)]


async def test_who_was_everywhere_and_is_now_at_one_store(oms: Counter) -> None:
    here, there = await oms.enrol("berlin"), await oms.enrol("hamburg")
    add(oms)
    add(oms, store="berlin")
    assert [(body["active"], body["version"]) for _, body in await heard(oms, here)] == [
        (True, 1),
        (False, 2),
        (True, 3),
    ]
    assert [(body["active"], body["version"]) for _, body in await heard(oms, there)] == [
        (True, 1),
        (False, 2),
    ]


async def test_a_new_password_is_a_new_version_in_the_trail(light: Counter) -> None:
    add(light)
    add(light, password="battery staple")
    with Session(light.reader) as session:
        assert session.get_one(User, "anna").version == 2
        assert [entry.detail for entry in audit.entries(session, "anna")] == ["associate all stores"] * 2
        assert audit.check(session) == []


@pytest.mark.parametrize(
    ("user", "password", "name", "reason"),
    [
        ("", "correct horse", None, "user_name"),
        ("anna b", "correct horse", None, "user_name"),
        ("anna\n", "short", None, "password"),
        ("a" * 65, "correct horse", None, "user_name"),
        ("anna", "short", None, "password"),
        ("anna", "x" * 201, None, "password"),
        ("anna", "correct horse", "A\u202eb", "name"),
    ],
)
async def test_what_cannot_be_an_associate(
    light: Counter, user: str, password: str, name: str | None, reason: str
) -> None:
    with pytest.raises(Rejected) as caught:
        add(light, user, password, name=name)
    assert caught.value.reason == reason
    assert password not in str(caught.value) or not password
    assert light.count(User) == 0


RECORD = PartnerRecord("north", "North", "rest", "https://north.example", Capabilities("A"))


async def test_a_partner_record_reaches_every_device_once(oms: Counter) -> None:
    device = await oms.enrol()
    for expected in (True, False):
        with Session(oms.engine) as session:
            assert records.set_partner(session, RECORD, NOW) is expected
            session.commit()
    ((kind, body),) = await heard(oms, device)
    assert kind == "partner"
    assert body == to_data(RECORD)
    assert from_data(PartnerRecord, body) == RECORD


async def test_a_setting_reaches_its_store_once(oms: Counter) -> None:
    here, there = await oms.enrol("berlin"), await oms.enrol("hamburg")
    for value, expected in (("EUR", True), ("EUR", False), ("CHF", True)):
        with Session(oms.engine) as session:
            assert records.set_setting(session, "currency", value, NOW, store="berlin") is expected
            session.commit()
    assert await heard(oms, here) == [
        ("setting", {"name": "currency", "value": "EUR"}),
        ("setting", {"name": "currency", "value": "CHF"}),
    ]
    assert await heard(oms, there) == []
