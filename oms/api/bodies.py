"""Reads what comes in and writes what goes out: capped, strict, and always JSON."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from fastapi import Request, Response
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from oms.problems import Refusal, not_json, wrong_form
from retail.strict import from_json, to_json

T = TypeVar("T")
LARGEST = 4 * 2**20  # bytes; a hundred large orders fit
MOST_PARTS = 100_000  # objects and lists in one body
DEADLINE = 20  # seconds for the whole body to arrive


async def read(request: Request, kind: type[T], *, largest: int = LARGEST) -> T:
    """The body as a ``kind``.

    Raises Refusal: 400 no JSON, 408 too slow, 413 too large, 415 not said to be JSON, 422 another form.
    """
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json" or request.headers.get("content-encoding", "identity") != "identity":
        raise Refusal(415, "not_json", "Send JSON: Content-Type: application/json, not compressed.")
    try:
        async with asyncio.timeout(DEADLINE):
            body = await _bytes(request, largest)
    except TimeoutError as error:
        raise Refusal(408, "too_slow", f"The request did not arrive within {DEADLINE} seconds.") from error
    except ClientDisconnect as error:
        raise not_json("The request ended early.") from error
    if body.count(b"{") + body.count(b"[") > MOST_PARTS:
        raise Refusal(413, "too_large", "The request has too many parts. Send fewer orders at once.")
    try:
        return from_json(kind, body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        # Only our own field names are repeated, never what was sent.
        if first["type"] == "json_invalid":
            raise not_json("The request is not valid JSON.") from error
        raise wrong_form("The request has not the form that /openapi.json describes.") from error


async def _bytes(request: Request, largest: int) -> bytes:
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > largest:
        raise _too_large(largest)
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > largest:
            raise _too_large(largest)
        parts.append(part)
    return b"".join(parts)


def _too_large(largest: int) -> Refusal:
    return Refusal(413, "too_large", f"A request has at most {largest} bytes here.")


def answer(value: object) -> Response:
    """``value`` (one of the wire format's dataclasses) as JSON that no cache keeps."""
    return Response(to_json(value), media_type="application/json", headers={"Cache-Control": "no-store"})


def problem(refusal: Refusal) -> Response:
    """``refusal`` as RFC 9457 says."""
    headers = {"Cache-Control": "no-store"}
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(refusal.retry_after)
    if refusal.problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(
        to_json(refusal.problem), refusal.problem.status, headers, media_type="application/problem+json"
    )
