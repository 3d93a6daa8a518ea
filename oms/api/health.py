"""Whether this OMS is well, its figures and its documents. Nothing here needs a token or tells of anybody."""

from __future__ import annotations

import asyncio
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from oms import documents
from oms.api.state import parts

PATIENCE = 3  # seconds for one check

router = APIRouter()


def version() -> str:
    """This program's version."""
    try:
        return installed("endless-aisle")
    except PackageNotFoundError:  # run from a folder that was never installed
        return "0"


@router.get("/healthz", summary="Whether the process runs", responses={200: {"description": "It does."}})
async def healthz() -> dict[str, str]:
    """Says nothing about the database or the broker: restarting the process would not mend those."""
    return {"status": "up"}


@router.get(
    "/readyz",
    summary="Whether orders can be stored and events published",
    responses={200: {"description": "Both."}, 503: {"description": "At least one check says down."}},
)
async def readyz(request: Request) -> JSONResponse:
    """Asks the database and the broker, each at most three seconds."""
    checks = parts(request).checks
    results = await asyncio.gather(
        *(asyncio.wait_for(check(), PATIENCE) for check in checks.values()), return_exceptions=True
    )
    found = {name: "up" if result is True else "down" for name, result in zip(checks, results, strict=True)}
    well = all(state == "up" for state in found.values())
    return JSONResponse({"status": "up" if well else "down", **found}, 200 if well else 503)


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> Response:
    """Figures for Prometheus."""
    return Response(generate_latest(parts(request).metrics.registry), media_type=CONTENT_TYPE_LATEST)


@router.get("/asyncapi.json", include_in_schema=False)
async def asyncapi() -> JSONResponse:
    """The events, as AsyncAPI 3.0."""
    return JSONResponse(documents.asyncapi(version()))
