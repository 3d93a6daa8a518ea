"""A network between the adapter and a Vendure shop, real or in memory, on which the contract's faults happen."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

OPERATION = re.compile(r"\s*(?:query|mutation)\s+(\w+)")
# On which request of ours an operation of the contract fails; "any" is the next one, whichever it is.
REQUESTS = {"place": "Pay", "find": "Variants", "search": "Search"}
AT_PLACING = frozenset({"drop-after-accept", "timeout-after-accept"})
ON_THE_SHELF = frozenset({"sold-out", "reprice"})


class FaultyNetwork(httpx.AsyncBaseTransport):
    """Forwards to ``inner`` what no fault acts on. ``shelf`` changes a variant: its id, and the fault."""

    def __init__(self, inner: httpx.AsyncBaseTransport, shelf: Callable[[str, str], None]) -> None:
        self._inner = inner
        self._shelf = shelf
        self._fault = "none"
        self._times = 0
        self._request = ""

    def plan(self, fault: str, times: int | None, on: str | None) -> None:
        """Let ``fault`` happen as ``Behind.fault`` of the contract says."""
        if fault == "partial":
            pytest.skip("a Vendure shop takes all or nothing")
        self._fault, self._times = fault, 10**6 if times is None else times
        if fault in AT_PLACING:
            on = "place"
        self._request = "AddItems" if fault in ON_THE_SHELF else REQUESTS.get(on or "any", "any")

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Forward, with the fault that is planned for it."""
        body = json.loads(request.content)
        found = OPERATION.match(body["query"])
        name = found[1] if found else ""
        if self._fault == "none" or not self._times or self._request not in (name, "any"):
            return await self._inner.handle_async_request(request)
        self._times -= 1
        if self._fault == "429":
            return httpx.Response(429, headers={"retry-after": "1"}, json={})
        if self._fault in ON_THE_SHELF:
            self._shelf(body["variables"]["variant0"], self._fault)
        if self._fault == "wrong-item":
            request = _with_variables(request, body, {**body["variables"], "filter": {}})
        return await self._spoil(await self._inner.handle_async_request(request), request)

    async def _spoil(self, response: httpx.Response, request: httpx.Request) -> httpx.Response:
        if self._fault in ON_THE_SHELF or self._fault == "wrong-item":
            return response
        await response.aread()
        await response.aclose()
        if self._fault == "drop-after-accept":
            raise httpx.RemoteProtocolError("the connection was closed", request=request)
        if self._fault == "timeout-after-accept":
            raise httpx.ReadTimeout("no answer", request=request)
        if self._fault == "500":
            return httpx.Response(500, text="Internal Server Error")
        return httpx.Response(200, json={"hello": "there"})

    async def aclose(self) -> None:
        """Close what is behind it."""
        await self._inner.aclose()


def _with_variables(request: httpx.Request, body: dict[str, Any], variables: dict[str, Any]) -> httpx.Request:
    headers = {
        name: value
        for name, value in request.headers.items()
        if name not in ("content-length", "content-type")
    }
    return httpx.Request("POST", request.url, headers=headers, json=body | {"variables": variables})
