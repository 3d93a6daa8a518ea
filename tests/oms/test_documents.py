"""The documents say what the code does: they are made from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from oms.events.outbox import SUBJECT
from retail.events import TYPES
from tests.oms.counter import Counter


def references(found: Any) -> Iterator[str]:
    """Every ``$ref`` in a document."""
    if isinstance(found, dict):
        for name, value in found.items():
            if name == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(found, list):
        for value in found:
            yield from references(value)


def resolve(document: dict[str, Any], reference: str) -> Any:
    found: Any = document
    for name in reference.removeprefix("#/").split("/"):
        found = found[name]
    return found


@pytest.mark.parametrize("path", ["/openapi.json", "/asyncapi.json"])
async def test_every_reference_leads_somewhere(light: Counter, path: str) -> None:
    document = (await light.http.get(path)).json()
    found = list(references(document))
    assert found
    for reference in found:
        assert resolve(document, reference)


async def test_every_address_is_described_with_its_refusals(light: Counter) -> None:
    document = (await light.http.get("/openapi.json")).json()
    described = {
        (method, path): sorted(operation["responses"])
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    assert described == {
        ("post", "/v1/enrol"): ["200", "400", "404", "408", "413", "415", "422", "429", "503"],
        ("post", "/v1/token"): ["200", "400", "401", "408", "413", "415", "422", "503"],
        ("post", "/v1/orders:batch"): ["200", "400", "401", "408", "413", "415", "422", "503"],
        ("get", "/v1/changes"): ["200", "401", "422", "503"],
        ("get", "/v1/orders/{id}"): ["200", "401", "404", "503"],
        ("get", "/healthz"): ["200"],
        ("get", "/readyz"): ["200", "503"],
    }
    secured = {
        path
        for path, operations in document["paths"].items()
        for operation in operations.values()
        if "security" in operation
    }
    assert secured == {"/v1/orders:batch", "/v1/changes", "/v1/orders/{id}"}


async def test_every_event_has_a_channel_with_its_form(light: Counter) -> None:
    document = (await light.http.get("/asyncapi.json")).json()
    assert document["asyncapi"] == "3.0.0"
    assert set(document["channels"]) == set(document["components"]["messages"]) == set(TYPES)
    assert document["channels"]["OrderCreated"]["address"] == f"{SUBJECT}OrderCreated"
    assert document["components"]["schemas"]["OrderCreated"]["required"] == ["number", "store", "device"]
    event = document["components"]["schemas"]["Event"]
    assert set(event["required"]) == {"id", "type", "subject", "time", "data"}
