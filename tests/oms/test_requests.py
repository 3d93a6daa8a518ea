"""Requests that are not what they should be: refused in plain words, with a stable code, at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from oms.api.bodies import LARGEST
from tests.oms.counter import Counter
from tests.oms.uploads import data, upload

JSON = {"Content-Type": "application/json"}


async def refused(oms: Counter, content: bytes, headers: dict[str, str] = JSON) -> tuple[int, str]:
    device = await oms.enrol()
    answer = await oms.http.post("/v1/orders:batch", content=content, headers={**headers, **device.headers})
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()) == {"status", "code", "title"}
    assert answer.json()["status"] == answer.status_code
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "not_json"),
        (b"{", 400, "not_json"),
        (b'{"version":1,"orders":[]}}', 400, "not_json"),
        (b"\xff\xfe", 400, "not_json"),
        (b'{"version":1,"orders":[{"a":"\\ud800"}]}', 400, "not_json"),
        (b"[" * 100_000, 400, "not_json"),
        (b'{"version":1,"orders":[' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b"]}", 400, "not_json"),
        (b"null", 422, "wrong_form"),
        (b"[]", 422, "wrong_form"),
        (b'{"version":1}', 422, "wrong_form"),
        (b'{"version":"1","orders":[]}', 422, "wrong_form"),
        (b'{"version":2,"orders":[]}', 422, "wrong_form"),
        (b'{"version":1,"orders":[],"more":1}', 422, "wrong_form"),
        (b'{"version":1,"orders":[1]}', 422, "wrong_form"),
        (b'{"version":1,"orders":[' + b",".join([b"{}"] * 101) + b"]}", 422, "wrong_form"),
        (b'{"version":1,"orders":[' + b",".join([b"{}"] * 100_001) + b"]}", 413, "too_large"),
        (b" " * (LARGEST + 1), 413, "too_large"),
    ],
)
async def test_a_body_that_is_wrong(light: Counter, content: bytes, status: int, code: str) -> None:
    assert await refused(light, content) == (status, code)


@pytest.mark.parametrize(
    "headers",
    [{}, {"Content-Type": "text/plain"}, {**JSON, "Content-Encoding": "gzip"}],
)
async def test_a_body_that_is_not_said_to_be_json(light: Counter, headers: dict[str, str]) -> None:
    assert await refused(light, b'{"version":1,"orders":[]}', headers) == (415, "not_json")


async def test_a_body_without_a_length_is_capped_too(light: Counter) -> None:
    device = await light.enrol()

    async def endless() -> Any:
        for _ in range(5):
            yield b" " * 2**20

    answer = await light.http.post("/v1/orders:batch", content=endless(), headers={**JSON, **device.headers})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_a_small_body_is_all_that_a_code_needs(light: Counter) -> None:
    answer = await light.http.post("/v1/enrol", json={"code": "x" * 70_000, "name": "y"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_nothing_that_was_sent_is_repeated_in_a_refusal(light: Counter) -> None:
    device = await light.enrol()
    body = data(upload(device.who))
    body["version"] = "Zoë Canary"
    answer = await light.http.post("/v1/orders:batch", json=body, headers=device.headers)
    assert answer.status_code == 422
    assert "Canary" not in answer.text


async def test_a_hundred_orders_go_in_one_request(light: Counter) -> None:
    device = await light.enrol()
    uploads = [upload(device.who, serial) for serial in range(100)]
    assert await light.results(device, *uploads) == [("stored", None)] * 100


async def test_no_orders_are_no_mistake(light: Counter) -> None:
    device = await light.enrol()
    answer = await light.post(device)
    assert (answer.epoch, answer.answers) == (light.epoch(), ())


@pytest.mark.parametrize(
    "query", ["cursor=-1", "cursor=x", "cursor=9223372036854775808", "limit=0", "limit=501", "limit=1.5"]
)
async def test_a_wrong_cursor_or_limit(light: Counter, query: str) -> None:
    device = await light.enrol()
    answer = await light.http.get(f"/v1/changes?{query}", headers=device.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_form")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 404, "not_found"),
        ("GET", "/v1/nothing", 404, "not_found"),
        ("GET", "/v1/enrol", 405, "wrong_method"),
        ("DELETE", "/v1/changes", 405, "wrong_method"),
        ("GET", "/docs", 404, "not_found"),
    ],
)
async def test_addresses_that_are_none(
    light: Counter, method: str, path: str, status: int, code: str
) -> None:
    answer = await light.http.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_the_answer_is_compact_utf8_json(light: Counter) -> None:
    device = await light.enrol()
    one = upload(device.who)
    await light.post(device, one)
    answer = await light.http.get(f"/v1/orders/{one.order.id}", headers=device.headers)
    assert answer.headers["content-type"] == "application/json"
    assert "Zoë" in answer.content.decode()
    assert (
        answer.content
        == json.dumps(answer.json(), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    )
