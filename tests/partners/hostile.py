"""A server on loopback that misbehaves in every way seen in the wild, one path for each."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Misbehave = Callable[[asyncio.StreamWriter], Awaitable[None]]


def _head(kind: str = "application/json", status: str = "200 OK", *more: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-type: {kind}", *more, "connection: close", "", ""]
    return "\r\n".join(lines).encode()


def says(
    body: bytes, *, kind: str = "application/json", status: str = "200 OK", more: tuple[str, ...] = ()
) -> Misbehave:
    """Answer with ``body`` and close."""

    async def act(writer: asyncio.StreamWriter) -> None:
        writer.write(_head(kind, status, f"content-length: {len(body)}", *more) + body)
        await writer.drain()

    return act


async def drip(writer: asyncio.StreamWriter) -> None:
    """One byte every 20 ms for ever: no single read ever times out."""
    writer.write(_head())
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


async def drip_headers(writer: asyncio.StreamWriter) -> None:
    """Headers that never end, slowly."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"x-a: b\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


async def never(writer: asyncio.StreamWriter) -> None:
    """Not a word."""
    await asyncio.Event().wait()


async def huge(writer: asyncio.StreamWriter) -> None:
    """A body without end and without length, as fast as it is read."""
    writer.write(_head())
    while True:
        writer.write(b"[" + b" " * 65536)
        await writer.drain()


async def truncated(writer: asyncio.StreamWriter) -> None:
    """A hundred bytes promised, ten sent."""
    writer.write(_head("application/json", "200 OK", "content-length: 100") + b'{"a": "bcd')
    await writer.drain()


async def closes(writer: asyncio.StreamWriter) -> None:
    """The request is read, the connection closed without an answer."""


def _bomb(layers: int) -> bytes:
    squeezer = zlib.compressobj(9, wbits=31)
    body = b"".join(squeezer.compress(b" " * 2**20) for _ in range(300)) + squeezer.flush()
    for _ in range(layers - 1):
        body = gzip.compress(body)
    return body


PATHS: dict[str, Misbehave] = {
    "/good": says(b'{"price": "12.90"}'),
    "/gzip": says(gzip.compress(b'{"price": "12.90"}'), more=("content-encoding: gzip",)),
    "/empty": says(b"", status="204 No Content"),
    "/refusal": says(b'{"error": "sold out"}', status="409 Conflict"),
    "/drip": drip,
    "/drip-headers": drip_headers,
    "/never": never,
    "/huge": huge,
    "/announced": says(b"[]" + b" " * 3_000_000),
    "/truncated": truncated,
    "/closes": closes,
    "/loop": says(b"", status="302 Found", more=("location: /loop",)),
    "/bad-location": says(b"", status="301 Moved", more=("location: http://[::1",)),
    "/portal": says(b"<html>Welcome to Hotel WiFi</html>", kind="text/html"),
    "/portal-404": says(b"<html>not here</html>", kind="text/html", status="404 Not Found"),
    "/nan": says(b'{"price": NaN}'),
    "/infinity": says(b'{"price": -Infinity}'),
    "/too-large-number": says(b'{"price": 1e999}'),
    "/long-number": says(b'{"price": ' + b"9" * 5000 + b"}"),
    "/twice": says(b'{"price": "99.00", "price": "0.01"}'),
    "/latin": says('{"name": "caf\xe9"}'.encode("latin-1")),
    "/utf-16": says('{"name": "x"}'.encode("utf-16")),
    "/surrogate": says(rb'{"name": "\ud83d"}'),
    "/deep": says(b"[" * 33 + b"]" * 33),
    "/very-deep": says(b"[" * 200_000 + b"]" * 200_000),
    "/not-json": says(b"{price: 1}"),
    "/no-body": says(b""),
    "/bomb": says(_bomb(1), more=("content-encoding: gzip",)),
    "/bomb-in-bomb": says(_bomb(2), more=("content-encoding: gzip, gzip",)),
    "/false-gzip": says(b'{"a": 1}', more=("content-encoding: gzip",)),
    "/half-gzip": says(gzip.compress(b'{"a": 1}')[:-6], more=("content-encoding: gzip",)),
    "/gzip-and-more": says(gzip.compress(b'{"a": 1}') + b"more", more=("content-encoding: gzip",)),
    "/brotli": says(b"\x0b\x02\x80{}\x03", more=("content-encoding: br",)),
    "/not-http": says(b"{}", status="BANANA"),
    "/401": says(b"{}", status="401 Unauthorized"),
    "/403": says(b"<html>", status="403 Forbidden", kind="text/html"),
    "/429": says(b"{}", status="429 Too Many Requests", more=("retry-after: 7",)),
    "/429-for-days": says(b"{}", status="429 Too Many Requests", more=("retry-after: 864000",)),
    "/429-garbage": says(b"{}", status="429 Too Many Requests", more=("retry-after: soon",)),
    "/429-date": says(
        b"{}",
        status="429 Too Many Requests",
        more=("date: Wed, 01 Jan 2020 00:00:00 GMT", "retry-after: Wed, 01 Jan 2020 00:01:30 GMT"),
    ),
    "/503-wait": says(b"", status="503 Busy", more=("retry-after: 0",)),
    "/503": says(b"", status="503 Busy"),
    "/500": says(b"<html>oops", status="500 Oops", kind="text/html"),
}
ENDLESS = frozenset({"/drip", "/drip-headers", "/never"})  # whoever asks for these waits for ever


class Hostile:
    """The running server: its ``url``, and the ``seen`` request heads."""

    def __init__(self) -> None:
        self.url = ""
        self.seen: list[str] = []

    async def asked(self, times: int) -> None:
        """Return when so many requests have come."""
        while len(self.seen) < times:  # noqa: ASYNC110 (both sides are in this loop)
            await asyncio.sleep(0.001)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one request head and misbehave as its path asks."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.seen.append(head)
            await PATHS[head.split()[1].partition("?")[0]](writer)
            writer.close()
            await writer.wait_closed()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()


@asynccontextmanager
async def hostile() -> AsyncIterator[Hostile]:
    """Serve on a free loopback port until left; clients that still hang on are cut off."""
    server = Hostile()
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(server.answer(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    listener = await asyncio.start_server(accept, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listener.close()
        await listener.wait_closed()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # aborted transports close on the next turn of the loop
