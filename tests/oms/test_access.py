"""Every address x every kind of wrong token (R07): refused, the same as if nothing were there, nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.oms.counter import Counter, Device
from tests.oms.uploads import data, upload

Send = Callable[[Counter, Device, dict[str, str]], Any]

NOT_SIGNED_IN = {
    "code": "not_signed_in",
    "status": 401,
    "title": "This device is not signed in. Enrol it with a code from store IT.",
}
EXPIRED = {
    "code": "token_expired",
    "status": 401,
    "title": "The access token has expired. Ask for a new one.",
}
REVOKED = {
    "code": "device_revoked",
    "status": 401,
    "title": "This device was shut out. Its orders are kept; enrol it again with a new code.",
}
NOT_FOUND = {"code": "not_found", "status": 404, "title": "There is nothing here by that name."}


async def post(oms: Counter, device: Device, headers: dict[str, str]) -> httpx.Response:
    return await oms.http.post("/v1/orders:batch", json=data(upload(device.who, 2001)), headers=headers)


async def changes(oms: Counter, device: Device, headers: dict[str, str]) -> httpx.Response:
    return await oms.http.get("/v1/changes?cursor=0", headers=headers)


async def order(oms: Counter, device: Device, headers: dict[str, str]) -> httpx.Response:
    return await oms.http.get(f"/v1/orders/{ORDER['id']}", headers=headers)


ORDER: dict[str, str] = {}


@pytest.fixture
async def device(oms: Counter) -> Device:
    """A device with one order."""
    device = await oms.enrol()
    one = upload(device.who)
    await oms.post(device, one)
    ORDER["id"] = one.order.id
    return device


def signed(answer: httpx.Response) -> tuple[int, Any, str | None]:
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, answer.json(), answer.headers.get("www-authenticate")


@pytest.mark.parametrize("send", [post, changes, order])
@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer x", "Basic eDp5", "Bearer a.b.c"])
async def test_without_a_token(oms: Counter, device: Device, send: Send, header: str | None) -> None:
    before = oms.counts()
    answer = await send(oms, device, {} if header is None else {"Authorization": header})
    assert signed(answer) == (401, NOT_SIGNED_IN, "Bearer")
    assert oms.counts() == before


@pytest.mark.parametrize("send", [post, changes, order])
async def test_with_an_expired_token(oms: Counter, device: Device, send: Send) -> None:
    before = oms.counts()
    oms.clock.turn(minutes=15)
    assert signed(await send(oms, device, device.headers)) == (401, EXPIRED, "Bearer")
    assert oms.counts() == before


@pytest.mark.parametrize("send", [post, changes, order])
async def test_with_a_revoked_devices_token(oms: Counter, device: Device, send: Send) -> None:
    oms.revoke(device)
    before = oms.counts()
    assert signed(await send(oms, device, device.headers)) == (401, REVOKED, "Bearer")
    assert oms.counts() == before


@pytest.mark.parametrize("send", [post, changes, order])
async def test_with_a_refresh_token_instead(oms: Counter, device: Device, send: Send) -> None:
    headers = {"Authorization": f"Bearer {device.tokens.refresh_token}"}
    assert signed(await send(oms, device, headers)) == (401, NOT_SIGNED_IN, "Bearer")


async def test_another_stores_order_is_answered_like_one_that_is_not_there(
    oms: Counter, device: Device
) -> None:
    stranger = await oms.enrol("hamburg")
    assert signed(await order(oms, device, stranger.headers)) == (404, NOT_FOUND, None)
    missing = await oms.http.get("/v1/orders/01a1f784-2124-73f3-89be-80a9e4a53169", headers=stranger.headers)
    assert signed(missing) == (404, NOT_FOUND, None)


@pytest.mark.parametrize("strange", ["%00", "a%20b", "x" * 65, "%F0%9F%98%80", "..%2F..", "'--"])
async def test_an_id_that_none_can_be_is_not_found(oms: Counter, device: Device, strange: str) -> None:
    answer = await oms.http.get(f"/v1/orders/{strange}", headers=device.headers)
    assert signed(answer) == (404, NOT_FOUND, None)


async def test_another_stores_changes_are_not_seen(oms: Counter, device: Device) -> None:
    stranger = await oms.enrol("hamburg")
    answer = await changes(oms, device, stranger.headers)
    assert (answer.status_code, answer.json()["changes"]) == (200, [])


async def test_a_neighbour_of_the_same_store_sees_the_order(oms: Counter, device: Device) -> None:
    neighbour = await oms.enrol()
    assert (await order(oms, device, neighbour.headers)).status_code == 200


async def test_another_stores_device_cannot_post_for_it(oms: Counter, device: Device) -> None:
    stranger = await oms.enrol("hamburg")
    before = oms.counts()
    answer = await post(oms, device, stranger.headers)
    assert [(item["result"], item["reason"]) for item in answer.json()["answers"]] == [
        ("refused", "not_yours")
    ]
    assert oms.counts() == before


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/openapi.json", "/asyncapi.json"])
async def test_what_is_open_tells_of_nobody(oms: Counter, device: Device, path: str) -> None:
    answer = await oms.http.get(path)
    assert answer.status_code == 200
    for secret in (device.who.device, "berlin", device.who.prefix + "-", "Canary", ORDER["id"]):
        assert secret not in answer.text
