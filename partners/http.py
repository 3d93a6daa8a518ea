"""An HTTP client that a hostile or broken partner cannot hurt, and the one place where HTTP errors become ours.

    before the request was sent   Unreachable(sent=False)   name, connection, all places taken, breaker open
    after, no whole answer        Unreachable(sent=True)    it may have been carried out; 5xx too
    429; 503 with Retry-After     RateLimited (503 only when nothing but looking was asked for)
    401, 403                      Misconfigured
    3xx, too big, not strict JSON BadResponse
    2xx and every other 4xx       returned, for the adapter to understand

One deadline covers everything from the call to the last byte. There are no redirects, no cookies, no proxies
from the environment, and one layer of compression at most.
"""

from __future__ import annotations

import asyncio
import ssl
import time
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, cast
from urllib.parse import urlsplit

import httpx

from partners.breaker import Breaker
from partners.strict_json import parse
from retail.errors import BadResponse, Misconfigured, RateLimited, Unreachable

DEADLINE = 20.0  # seconds, from the call to the last byte
MOST_BYTES = 2 * 2**20  # of a decoded body; catalogue pages may ask for more
LONGEST_WAIT = timedelta(hours=1)
USUAL_WAIT = timedelta(seconds=30)
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx or a 4xx answer. ``data`` is its strictly parsed JSON, None when it does not say that it is JSON."""

    status: int
    headers: Mapping[str, str]
    data: Any
    content: bytes

    def document(self) -> Any:
        """The JSON of an answer that must have some; raises BadResponse for anything else (a portal's page, say)."""
        if not is_json(self.headers):
            kind = self.headers.get("content-type", "") or "nothing"
            raise BadResponse(f"status {self.status} with {kind[:60]!r} where JSON belongs")
        return self.data


class HttpClient:
    """Requests to one partner at ``base_url``. Times are in seconds; ``clock`` is a monotonic one.

    Raises Misconfigured when ``base_url`` or a header cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        deadline: float = DEADLINE,
        most_bytes: int = MOST_BYTES,
        at_once: int = 4,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._base = _usable(base_url)
        self._headers = {
            "accept": "application/json",
            "accept-encoding": "gzip",
            "user-agent": "endless-aisle",
        }
        self._headers |= {name.lower(): value for name, value in (headers or {}).items()}
        self._deadline = deadline
        self._most_bytes = most_bytes
        self._places = asyncio.Semaphore(at_once)
        self._breaker = Breaker(clock)
        self._transport = transport or httpx.AsyncHTTPTransport(
            verify=_tls(),
            trust_env=False,
            limits=httpx.Limits(max_connections=at_once, keepalive_expiry=15.0),
        )

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        headers: Mapping[str, str] | None = None,
        deadline: float | None = None,
        most_bytes: int | None = None,
    ) -> Answer:
        """Send one request, once, and return its answer; the errors are those at the top of this module."""
        exchange = _Exchange(most_bytes or self._most_bytes)
        request = self._build(method, path, params, json, headers)
        request.extensions = {"trace": exchange.trace}
        where = f"{method} {urlsplit(str(request.url)).path}"
        async with self._breaker.attempt():
            try:
                async with asyncio.timeout(deadline or self._deadline), self._places:
                    return await self._exchange(request, exchange, where)
            except TimeoutError as error:
                raise Unreachable(f"{where}: no whole answer in time", sent=exchange.sent) from error

    async def aclose(self) -> None:
        """Close every connection; the client is of no use afterwards."""
        await self._transport.aclose()

    def _build(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        json: Any,
        headers: Mapping[str, str] | None,
    ) -> httpx.Request:
        try:
            return httpx.Request(
                method,
                f"{self._base}/{path.lstrip('/')}",
                params=params,
                json=json,
                headers={**self._headers, **{name.lower(): value for name, value in (headers or {}).items()}},
            )
        except (httpx.InvalidURL, UnicodeEncodeError) as error:
            raise Misconfigured(
                "The partner's address, its key or a path in its record cannot be sent."
            ) from error

    async def _exchange(self, request: httpx.Request, exchange: _Exchange, where: str) -> Answer:
        try:
            exchange.sent = True
            async with _answer(self._transport, request) as response:
                _refuse(response, where)
                content = await exchange.read(response)
        except NOT_SENT as error:
            raise Unreachable(f"{where}: {_words(error)}", sent=False) from error
        except (httpx.LocalProtocolError, httpx.UnsupportedProtocol) as error:
            raise Misconfigured(f"{where} cannot be sent: {_words(error)}") from error
        except (httpx.HTTPError, OSError) as error:
            raise Unreachable(f"{where}: {_words(error)}", sent=exchange.sent) from error
        data = parse(content, where) if is_json(response.headers) and content else None
        return Answer(response.status_code, response.headers, data, content)


class _Exchange:
    """What one request has come to: whether any of it may have been sent, and its decoded body so far."""

    def __init__(self, most_bytes: int) -> None:
        self.sent = False
        self._most = most_bytes

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith("connect_tcp.started"):
            self.sent = False
        elif event.endswith("send_request_headers.started"):
            self.sent = True

    async def read(self, response: httpx.Response) -> bytes:
        """The body, decoded, never holding more than allowed."""
        announced = response.headers.get("content-length", "")
        if announced.isdigit() and len(announced) < 20 and int(announced) > self._most:
            raise BadResponse(f"a body of more than {self._most} bytes")
        if response.is_stream_consumed:  # a test's transport made it from bytes, which httpx has read
            self._counted(response.content)
            return response.content
        coding = response.headers.get("content-encoding", "identity").strip().lower()
        if coding not in ("identity", "", "gzip", "x-gzip"):
            raise BadResponse(f"content-encoding {coding[:40]!r}, which was not asked for")
        decoder = _Gzip() if "gzip" in coding else None
        body = bytearray()
        # aiter_raw, not aiter_bytes: the latter decodes a whole chunk (and every layer) before anybody can count.
        async with aclosing(cast("Any", response.aiter_raw())) as chunks:
            async for chunk in chunks:
                body += decoder.decode(chunk, self._most + 1 - len(body)) if decoder else chunk
                self._counted(body)
        if decoder and body and not decoder.whole():
            raise BadResponse("a compressed body that ends too early")
        return bytes(body)

    def _counted(self, body: bytes | bytearray) -> None:
        if len(body) > self._most:
            raise BadResponse(f"a body of more than {self._most} bytes")


class _Gzip:
    """One layer of gzip, decoded no further than asked."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(wbits=31)

    def decode(self, chunk: bytes, most: int) -> bytes:
        rest = self._inflate.eof and chunk
        try:
            decoded = self._inflate.decompress(chunk, most)
        except zlib.error as error:
            raise BadResponse("a body that is not the gzip it says it is") from error
        if rest or self._inflate.unused_data:
            raise BadResponse("a compressed body with something behind its end")
        return decoded

    def whole(self) -> bool:
        return self._inflate.eof


@cache
def _tls() -> ssl.SSLContext:
    """One for all clients: reading the certificates takes longer than most requests."""
    return httpx.create_ssl_context(trust_env=False)


@asynccontextmanager
async def _answer(
    transport: httpx.AsyncBaseTransport, request: httpx.Request
) -> AsyncIterator[httpx.Response]:
    # The transport itself, not AsyncClient: that one keeps cookies, logs addresses and reads Location headers.
    response = await transport.handle_async_request(request)
    response.request = request
    try:
        yield response
    finally:
        await response.aclose()


def _refuse(response: httpx.Response, where: str) -> None:
    status = response.status_code
    what = f"{where}: status {status}"
    looking = response.request.method in (
        "GET",
        "HEAD",
    )  # a gateway may say 503 after it has passed an order on
    if status == 429 or (status == 503 and looking and "retry-after" in response.headers):
        raise RateLimited(what, retry_after=_wait(response.headers).total_seconds())
    if status >= 500:
        raise Unreachable(what, sent=True)
    if status in (401, 403):
        raise Misconfigured(f"{what}: the partner does not accept our key. Check its credential.")
    if not 200 <= status < 500 or 300 <= status < 400:
        raise BadResponse(f"{what}, a redirect or no answer at all")


def _wait(headers: Mapping[str, str]) -> timedelta:
    """How long to wait; a date is counted from the answer's own Date, so that no clock here matters."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        wait = timedelta(seconds=min(int(text[:9]), 10**6))
    else:
        try:
            wait = parsedate_to_datetime(text) - parsedate_to_datetime(headers.get("date", ""))
        except (ValueError, TypeError, OverflowError):
            wait = USUAL_WAIT
    return min(max(wait, timedelta(seconds=1)), LONGEST_WAIT)


def is_json(headers: Mapping[str, str]) -> bool:
    """Whether an answer says that it is JSON."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _usable(base_url: str) -> str:
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL as error:
        raise Misconfigured(f"{base_url!r} is no web address.") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise Misconfigured(f"{base_url!r} is no web address; one looks like https://partner.example/api.")
    return base_url.rstrip("/")


def _words(error: Exception) -> str:
    return f"{type(error).__name__} {str(error)[:200]}".strip()
