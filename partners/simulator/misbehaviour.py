"""How the simulated partner answers badly, or not at all."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Response
from starlette.types import Receive, Scope, Send

GARBAGE = (
    ("text/html", b"<html><title>Guest network</title>Please accept the terms of use.</html>"),
    ("application/json", b'{"orderNumber": "N-1", "grandTotal": NaN}'),
    ("application/json", b'{"hello": "world"}'),
)


class Silence(Response):
    """No answer at all: the connection is closed now, or kept until the client gives up."""

    def __init__(self, *, close: bool) -> None:
        super().__init__()
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for the connection to end; uvicorn then sends nothing on its own."""
        if self._close:
            scope["transport"].close()
        while (await receive())["type"] != "http.disconnect":
            pass


class WithTransport:
    """Gives handlers the connection itself, so that one can be closed without an answer."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; ``send`` is a method of uvicorn's request cycle, which holds the transport."""
        cycle: Any = getattr(send, "__self__", None)
        scope["transport"] = getattr(cycle, "transport", None)
        await self._app(scope, receive, send)
