"""Puts the routes together: one ASGI app, every refusal a problem document, every request counted."""

from __future__ import annotations

import time
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as DatabaseTimeout
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from oms import documents
from oms.api import bodies, device, health
from oms.api.state import Parts
from oms.metrics import Metrics
from oms.problems import Refusal, no_database, not_found, wrong_form

log = structlog.get_logger("oms.api")


def create_app(parts: Parts) -> FastAPI:
    """The OMS's app around ``parts``, which the caller opens and closes."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.parts = parts
    app.include_router(device.router)
    app.include_router(health.router)
    document: dict[str, Any] = {}

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi() -> dict[str, Any]:
        if not document:
            document.update(documents.openapi(app, health.version()))
        return document

    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _wrong_form)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(DatabaseTimeout, _database)
    app.add_exception_handler(Exception, _bug)
    app.add_middleware(Counted, metrics=parts.metrics)
    return app


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return bodies.problem(error)


async def _wrong_form(request: Request, error: Exception) -> Response:
    return bodies.problem(wrong_form("The address has a wrong part. See /openapi.json."))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return bodies.problem(not_found())
    if error.status_code == 405:
        refusal = bodies.problem(Refusal(405, "wrong_method", "This address is not used that way."))
        refusal.headers.update(error.headers or {})
        return refusal
    return bodies.problem(Refusal(error.status_code, "refused", "The request cannot be carried out."))


async def _database(request: Request, error: Exception) -> Response:
    log.warning("api.database", why=type(error).__name__)
    return bodies.problem(no_database())


async def _bug(request: Request, error: Exception) -> Response:
    return bodies.problem(Refusal(500, "our_mistake", "Something went wrong on our side. Please try again."))


class Counted:
    """Counts requests by route and status; an id in an address is never a label."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, watching the status of the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            seconds = time.perf_counter() - started
            route = getattr(scope.get("route"), "path", "none")
            self._metrics.requests.labels(route, str(status)).inc()
            self._metrics.seconds.labels(route).observe(seconds)
            if status >= 400:
                log.info("api.refused", route=route, status=status, seconds=round(seconds, 3))
