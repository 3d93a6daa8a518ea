"""The OMS's documents, made from the types themselves: OpenAPI for its addresses, AsyncAPI for its events."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from oms.events.outbox import SUBJECT
from retail.events import TYPES, Event
from sync import protocol

REFS = "#/components/schemas/{model}"
ASKED = (protocol.EnrolRequest, protocol.TokenRequest, protocol.OrdersBatch, protocol.OrderUpload)
GIVEN = (
    protocol.EnrolAnswer,
    protocol.Tokens,
    protocol.BatchAnswer,
    protocol.ChangesPage,
    protocol.OrderView,
    protocol.Problem,
)
WAITING = (429, 503)  # these say when to come back


def body_of(kind: type | None, *, secured: bool = False) -> dict[str, Any]:
    """What an operation takes: a body of ``kind`` (None: no body), and whether it needs an access token."""
    extra: dict[str, Any] = {}
    if kind is not None:
        extra["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(kind)}}}
    if secured:
        extra["security"] = [{"device": []}]
    return extra


def answers(kind: type, *refusals: int) -> dict[int | str, dict[str, Any]]:
    """What an operation answers: ``kind`` at 200, a problem document at each of ``refusals``."""
    found: dict[int | str, dict[str, Any]] = {
        200: {"description": "Done.", "content": {"application/json": {"schema": _ref(kind)}}}
    }
    for status in refusals:
        found[status] = {
            "description": HTTPStatus(status).phrase,
            "content": {"application/problem+json": {"schema": _ref(protocol.Problem)}},
        }
        if status in WAITING:
            found[status]["headers"] = {
                "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}
            }
    return found


def _ref(kind: type) -> dict[str, str]:
    return {"$ref": REFS.format(model=kind.__name__)}


def openapi(app: FastAPI, version: str) -> dict[str, Any]:
    """The OpenAPI document of ``app`` with the wire format's schemas in it."""
    document = get_openapi(
        title="Endless aisle OMS",
        version=version,
        summary="Where devices send their orders and learn what became of them.",
        routes=app.routes,
    )
    for operations in document["paths"].values():
        for operation in operations.values():
            _drop_the_frameworks_own_refusal(operation["responses"])
    components = document.setdefault("components", {})
    components["schemas"] = _schemas()
    components["securitySchemes"] = {
        "device": {"type": "http", "scheme": "bearer", "description": "The access token from /v1/token."}
    }
    return document


def _drop_the_frameworks_own_refusal(responses: dict[str, Any]) -> None:
    """FastAPI describes a 422 of its own wherever an address has parameters; ours are problem documents."""
    if "application/json" in responses.get("422", {}).get("content", {}):
        del responses["422"]


def _schemas() -> dict[str, Any]:
    wanted: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
        *((kind.__name__, "validation", TypeAdapter(kind)) for kind in ASKED),
        *((kind.__name__, "serialization", TypeAdapter(kind)) for kind in GIVEN),
    ]
    _, definitions = TypeAdapter.json_schemas(wanted, ref_template=REFS)
    found: dict[str, Any] = definitions["$defs"]
    batch = found["OrdersBatch"]["properties"]
    batch["version"]["const"] = protocol.VERSION
    batch["orders"]["maxItems"] = protocol.BATCH
    return found


def asyncapi(version: str) -> dict[str, Any]:
    """The AsyncAPI 3.0 document: every event, the subject it is published on, and its envelope."""
    channels, operations, messages, schemas = {}, {}, {}, {}
    _, shared = TypeAdapter.json_schemas(
        [(name, "serialization", TypeAdapter(kind)) for name, kind in TYPES.items()]
        + [("Event", "serialization", TypeAdapter(Event))],
        ref_template=REFS,
    )
    schemas.update(shared["$defs"])
    for name, kind in TYPES.items():
        said = (kind.__doc__ or "").strip()
        channels[name] = {
            "address": f"{SUBJECT}{name}",
            "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        }
        operations[f"publish{name}"] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/{name}"},
            "summary": said,
        }
        messages[name] = {
            "name": name,
            "summary": said,
            "contentType": "application/cloudevents+json",
            "payload": {
                "allOf": [
                    {"$ref": REFS.format(model="Event")},
                    {
                        "type": "object",
                        "properties": {"type": {"const": name}, "data": {"$ref": REFS.format(model=name)}},
                    },
                ]
            },
        }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Endless aisle OMS events",
            "version": version,
            "description": "CloudEvents 1.0 on NATS JetStream, at least once; drop repeats by id.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
    }
