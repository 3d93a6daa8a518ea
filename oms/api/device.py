"""What devices call. The wire format is ``sync.protocol``; every refusal is a problem document."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import select, update
from sqlmodel import Session, col

from oms import auth, changes, restored
from oms.api import bodies
from oms.api.state import Parts, claims, parts
from oms.auth import Claims
from oms.documents import answers, body_of
from oms.models import Device, OrderRow, PartnerOrderStateRow
from oms.problems import Refusal, no_token, not_found, revoked, too_many_tries, wrong_form
from oms.uploads import ID
from retail.order import Order
from retail.status import PartnerOrderState, order_status
from retail.strict import from_json
from sync.protocol import (
    BATCH,
    VERSION,
    BatchAnswer,
    ChangesPage,
    EnrolAnswer,
    EnrolRequest,
    OrdersBatch,
    OrderView,
    TokenRequest,
    Tokens,
)

SMALL = 65_536  # bytes of a body that holds a code or a token
MOST_CURSOR = 2**63 - 1

router = APIRouter(prefix="/v1")


@router.post(
    "/enrol",
    summary="Enrol a device with a single-use code",
    openapi_extra=body_of(EnrolRequest),
    responses=answers(EnrolAnswer, 400, 404, 408, 413, 415, 422, 429, 503),
)
async def enrol(request: Request) -> Response:
    """Uses the code up. Ten wrong codes from one place within five minutes: 429."""
    own = parts(request)
    asked = await bodies.read(request, EnrolRequest, largest=SMALL)
    source = request.client.host if request.client else ""
    if wait := own.tries.wait(source, own.clock()):
        raise too_many_tries(wait)
    result = await run_in_threadpool(_enrol, own, asked)
    if isinstance(result, Refusal):
        own.tries.failed(source, own.clock())
        raise result
    return bodies.answer(result)


def _enrol(own: Parts, asked: EnrolRequest) -> EnrolAnswer | Refusal:
    with Session(own.engine) as session:
        epoch = changes.epoch(session)
        result = auth.enrol(session, own.keys, asked.code, asked.name, epoch, own.clock())
        session.commit()
        return result


@router.post(
    "/token",
    summary="Trade a refresh token for an access token and the next refresh token",
    openapi_extra=body_of(TokenRequest),
    responses=answers(Tokens, 400, 401, 408, 413, 415, 422, 503),
)
async def token(request: Request) -> Response:
    """A token that was used before shuts the device out, unless it is the last one, repeated within a minute."""
    own = parts(request)
    asked = await bodies.read(request, TokenRequest, largest=SMALL)
    result = await run_in_threadpool(_refresh, own, asked.refresh_token)
    if isinstance(result, Refusal):
        raise result
    return bodies.answer(result)


def _refresh(own: Parts, refresh_token: str) -> Tokens | Refusal:
    with Session(own.engine) as session:
        result = auth.refresh(session, own.keys, refresh_token, own.clock())
        session.commit()
        return result


@router.post(
    "/orders:batch",
    summary="Store orders, new ones and ones that have moved",
    openapi_extra=body_of(OrdersBatch, secured=True),
    responses=answers(BatchAnswer, 400, 401, 408, 413, 415, 422, 503),
)
async def orders_batch(request: Request) -> Response:
    """Idempotent, at most 100 orders, an answer for each. Answered after the commit."""
    own, who = parts(request), claims(request)
    batch = await bodies.read(request, OrdersBatch)
    if batch.version != VERSION:
        raise wrong_form(f"This OMS speaks version {VERSION} of the wire format.")
    if len(batch.orders) > BATCH:
        raise wrong_form(f"At most {BATCH} orders in one request.")
    return bodies.answer(await own.intake.submit(who, batch.orders))


@router.get(
    "/changes",
    summary="What this device should know, after a cursor",
    openapi_extra=body_of(None, secured=True),
    responses=answers(ChangesPage, 401, 422, 503),
)
def read_changes(
    request: Request,
    cursor: Annotated[int, Query(ge=0, le=MOST_CURSOR)] = 0,
    limit: Annotated[int, Query(ge=1, le=changes.PAGE)] = changes.PAGE,
) -> Response:
    """The changes after ``cursor``, oldest first; ask again at once while ``more``."""
    own, who = parts(request), claims(request)
    with Session(own.reader) as session:
        device = _device(own, session, who)
        page = changes.read(session, device, cursor, limit)
    if page.cursor < cursor:
        with Session(own.engine) as session:
            page = replace(page, epoch=restored.ahead(session, cursor, own.clock(), device.id))
            session.commit()
    return bodies.answer(page)


@router.get(
    "/orders/{id}",
    summary="One order of this device's store",
    openapi_extra=body_of(None, secured=True),
    responses=answers(OrderView, 401, 404, 503),
)
def read_order(request: Request, order_id: Annotated[str, Path(alias="id")]) -> Response:
    """As the OMS knows it. An order of another store is answered like one that does not exist."""
    own, who = parts(request), claims(request)
    with Session(own.reader) as session:
        device = _device(own, session, who)
        return bodies.answer(_view(session, device, order_id))


def _view(session: Session, device: Device, order_id: str) -> OrderView:
    if not ID.fullmatch(order_id):
        raise not_found()
    connection = session.connection()
    mine = col(OrderRow.id) == order_id, col(OrderRow.store) == device.store
    row = connection.execute(select(col(OrderRow.body), col(OrderRow.received_at)).where(*mine)).first()
    if row is None:
        raise not_found()
    state = PartnerOrderStateRow
    found = connection.execute(
        select(col(state.body)).where(col(state.order_id) == order_id).order_by(col(state.key))
    )
    states = tuple(from_json(PartnerOrderState, body) for body in found.scalars())
    status = order_status(line.status for one in states for line in one.lines)
    return OrderView(from_json(Order, row.body), status, states, row.received_at)


def _device(own: Parts, session: Session, who: Claims) -> Device:
    """The device that ``who`` names, if it was not shut out; its tokens count as received from now on."""
    device = session.get(Device, who.device)
    if device is None:
        raise no_token()
    if device.revoked_at is not None:
        raise revoked()
    if device.confirmed < who.generation <= device.generation:
        with Session(own.engine) as writing:
            writing.execute(
                update(Device)
                .where(col(Device.id) == device.id, col(Device.confirmed) < who.generation)
                .values(confirmed=who.generation)
            )
            writing.commit()
    return device
