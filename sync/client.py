"""The device's exchange with the OMS: orders up, changes down; resumable at any byte, in any order, after any crash.

An order is uploaded again until the OMS has answered for exactly the revision that was sent. A page of changes
and the new cursor are one transaction. The refresh token is in the keystore, the access token only in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import httpx
import structlog
from pydantic import ValidationError
from sqlalchemy import Connection, Engine
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DBAPIError

from partners.contract import PartnerRecord
from partners.http import Answer, HttpClient
from partners.keystore import Keystore
from retail.errors import AisleError, BadResponse, Misconfigured, PermanentError, Rejected
from retail.strict import digest, from_data, to_data, to_json
from sync.associates import apply_associate
from sync.facts import Facts, Identity
from sync.protocol import (
    BATCH,
    VERSION,
    BatchAnswer,
    Change,
    ChangesPage,
    EnrolAnswer,
    EnrolRequest,
    OrdersBatch,
    OrderUpload,
    TokenRequest,
    Tokens,
)
from sync.queue import OrderQueue, OrderRecord
from sync.store.models import NoticeRow

REFRESH = "oms-refresh"
EARLY = 60.0  # seconds before its end that an access token is renewed
PAGE_BYTES = 16 * 2**20
log = structlog.get_logger("sync.client")
notices: Any = NoticeRow.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What one exchange did: orders the OMS has now, orders it refused, changes applied, and their topics."""

    uploaded: int
    refused: int
    changes: int
    topics: tuple[str, ...] = ()


def http_client(url: str, transport: httpx.AsyncBaseTransport | None = None) -> HttpClient:
    """The client for the OMS at ``url``; raises Misconfigured when that is not a usable URL."""
    return HttpClient(url, transport=transport, most_bytes=PAGE_BYTES)


async def enrol(http: HttpClient, facts: Facts, keystore: Keystore, code: str, name: str) -> Identity:
    """Introduce this device to the OMS with a single-use ``code``.

    The refresh token is kept before the identity is: a crash in between leaves a device that can enrol again.

    Raises:
        Rejected: the code is wrong, used or too old.
        TemporaryError: the OMS does not answer.
    """
    body = to_data(EnrolRequest(code.strip().upper().replace("-", ""), name))
    answer = await http.request("POST", "/v1/enrol", json=body)
    given = _read(EnrolAnswer, answer)
    await asyncio.to_thread(keystore.set, REFRESH, given.refresh_token)
    mine = Identity(given.device, name, given.prefix, given.store, given.epoch, 0)
    await asyncio.to_thread(facts.become, mine)
    return mine


class OmsClient:
    """One device's link to its OMS. ``clock`` is a steady one, in seconds."""

    def __init__(
        self,
        http: HttpClient,
        engine: Engine,
        queue: OrderQueue,
        facts: Facts,
        keystore: Keystore,
        clock: Callable[[], float],
    ) -> None:
        self._http, self._engine, self._queue, self._facts, self._keystore = (
            http,
            engine,
            queue,
            facts,
            keystore,
        )
        self._clock = clock
        self._access: tuple[str, float] | None = None

    async def exchange(self) -> Exchanged:
        """Send everything the OMS has not got, then take everything it has for us.

        Raises:
            TemporaryError: no answer; what was answered for before stays done.
            Misconfigured: the device is not enrolled or was revoked.
        """
        uploaded, refused = await self.upload()
        count, topics = await self.take_changes()
        return Exchanged(uploaded, refused, count, topics)

    async def upload(self) -> tuple[int, int]:
        """Send unsynced orders in batches, oldest first; how many were taken and refused."""
        uploaded = refused = 0
        while records := await asyncio.to_thread(self._queue.unsynced, BATCH):
            body = to_data(OrdersBatch(VERSION, tuple(to_data(_upload(record)) for record in records)))
            answer = _read(BatchAnswer, await self._call("POST", "/v1/orders:batch", json=body))
            if [item.id for item in answer.answers] != [record.order.id for record in records]:
                raise BadResponse("the OMS answered for other orders than were sent")
            marks = [
                (
                    record.order.id,
                    record.revision,
                    None if item.result == "stored" else f"{item.result}: {item.reason or ''}",
                )
                for record, item in zip(records, answer.answers, strict=True)
            ]
            await asyncio.to_thread(self._queue.mark_synced, marks)
            bad = sum(problem is not None for _, _, problem in marks)
            uploaded, refused = uploaded + len(marks) - bad, refused + bad
            another = await self._notice_epoch(answer.epoch)
            if len(records) < BATCH and not another:
                break
        return uploaded, refused

    async def take_changes(self) -> tuple[int, tuple[str, ...]]:
        """Apply the OMS's changes since the last time, page by page; how many, and whom they concern."""
        count, topics = 0, set[str]()
        while True:
            mine = await asyncio.to_thread(self._facts.identity)
            answer = await self._call("GET", "/v1/changes", params={"cursor": mine.cursor, "limit": 500})
            page = _read(ChangesPage, answer)
            if await self._notice_epoch(page.epoch):
                continue
            if not await asyncio.to_thread(self._apply, page, mine):
                continue
            count += len(page.changes)
            topics |= {topic for change in page.changes if (topic := _topic(change))}
            if not page.more:
                return count, tuple(sorted(topics))

    def _apply(self, page: ChangesPage, asked: Identity) -> bool:
        with self._engine.begin() as connection:
            if not self._facts.advance(asked, page.cursor, connection):
                return False
            for change in page.changes:
                try:
                    with connection.begin_nested():
                        _apply_one(connection, self._facts, change)
                except (ValueError, LookupError, TypeError, ArithmeticError, DBAPIError):
                    log.warning("change not understood", sequence=change.sequence, kind=change.kind)
        return True

    async def _notice_epoch(self, epoch: str) -> bool:
        """When the OMS is another one than before (restored from a backup): offer everything again, from the start."""
        mine = await asyncio.to_thread(self._facts.identity)
        if mine.epoch == epoch:
            return False
        log.warning("the OMS has a new epoch: offering orders again")
        await asyncio.to_thread(self._queue.offer_again)
        await asyncio.to_thread(self._facts.become, replace(mine, epoch=epoch, cursor=0))
        return True

    async def _call(
        self, method: str, path: str, *, json: Any = None, params: Mapping[str, Any] | None = None
    ) -> Answer:
        for fresh in (False, True):
            headers = {"authorization": f"Bearer {await self._token(fresh)}"}
            try:
                answer = await self._http.request(method, path, json=json, params=params, headers=headers)
            except Misconfigured:
                if fresh:
                    raise
                continue
            if answer.status >= 400:
                raise Rejected(_code(answer), f"{method} {path} was answered with {answer.status}")
            return answer
        raise AssertionError("unreachable")

    async def _token(self, fresh: bool) -> str:
        if self._access and not fresh and self._clock() < self._access[1]:
            return self._access[0]
        refresh = await asyncio.to_thread(self._keystore.get, REFRESH)
        if not refresh:
            raise Misconfigured(
                "This device is not enrolled. Ask store IT for a code, then run: aisle kiosk enrol CODE"
            )
        try:
            answer = await self._http.request("POST", "/v1/token", json=to_data(TokenRequest(refresh)))
        except Misconfigured as error:
            raise Misconfigured(
                "The OMS does not accept this device any more. Enrol it again: aisle kiosk enrol CODE"
            ) from error
        tokens = _read(Tokens, answer)
        await asyncio.to_thread(self._keystore.set, REFRESH, tokens.refresh_token)
        self._access = (tokens.access_token, self._clock() + max(1.0, tokens.expires_in - EARLY))
        return self._access[0]


def _upload(record: OrderRecord) -> OrderUpload:
    return OrderUpload(record.order, digest(record.order), record.partner_orders, record.states)


def _read(kind: type[Any], answer: Answer) -> Any:
    if answer.status >= 400:
        raise Rejected(_code(answer), f"the OMS answered {answer.status}")
    try:
        return from_data(kind, answer.document())
    except ValidationError as error:
        raise BadResponse(f"the OMS's answer is not a {kind.__name__}") from error


def _code(answer: Answer) -> str:
    code = answer.data.get("code") if isinstance(answer.data, dict) else None
    return code if isinstance(code, str) else f"status_{answer.status}"


def _apply_one(connection: Connection, facts: Facts, change: Change) -> None:
    body = change.body
    match change.kind:
        case "associate":
            apply_associate(connection, body)
        case "partner":
            record = from_data(PartnerRecord, dict(body))
            facts.put(f"partner:{record.id}", to_json(record), connection)
        case "setting":
            facts.put(f"setting:{body['name']}", str(body["value"]), connection)
        case "notice":
            row = {
                "sequence": change.sequence,
                "order_id": body.get("order"),
                "body": to_json(dict(body)),
                "read": False,
            }
            connection.execute(insert(notices).values(row).on_conflict_do_nothing())
        case _:
            pass  # order_status is news only for whoever is looking; unknown kinds come from a newer OMS


def _topic(change: Change) -> str | None:
    match change.kind:
        case "order_status" | "notice":
            return f"order:{change.body.get('order')}"
        case "partner" | "setting" | "associate":
            return "health"
    return None


def explain(error: AisleError) -> Literal["up", "down", "not enrolled"]:
    """One of ``up``, ``down`` or ``not enrolled`` for the state of the link after ``error``."""
    return (
        "not enrolled"
        if isinstance(error, Misconfigured)
        else "down"
        if not isinstance(error, PermanentError)
        else "up"
    )
