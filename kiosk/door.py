"""The door before the kiosk's web app: Flet's socket has no lock of its own, so nothing reaches it unasked.

    /launch?token=...   once: sets the cookie and leads to /
    /healthz            for supervisors; says only that it is up
    /pictures/NAME      pictures of products, from this device
    /, /ws, files       with the cookie, our own Host and, for the socket, our own Origin

The launch token is shown only where the kiosk was started. Whoever has neither is told what to do, and nothing more.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

import structlog
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kiosk.device import Device

MOST_SESSIONS = 4
REGISTER_SECONDS = 5.0
FRAME_BYTES = 1 << 20
CLOSED = frozenset({"/docs", "/redoc", "/openapi.json", "/oauth_callback", "/upload"})
# Fetched by browsers without the cookie; they say nothing about anybody.
OPEN_FILES = frozenset({"/manifest.json", "/favicon.png"})
OPEN_FOLDERS = ("/icons/",)

HEADERS = {
    # 'unsafe-inline': Flet's page has inline scripts whose text changes with its settings. Flutter compiles
    # wasm and starts workers from blobs. Nothing may be loaded from, or sent to, anywhere else.
    "content-security-policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self' data: blob:; worker-src 'self' blob:; media-src 'self' blob:; object-src 'none'; "
        "base-uri 'self'; form-action 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), serial=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Endless aisle</title>
<meta name="viewport" content="width=device-width">
<body style="font:18px/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.5rem">
<h1 style="font-size:1.6rem">{title}</h1><p>{text}</p></body></html>"""

log = structlog.get_logger("kiosk")


class Door:
    """An ASGI app that lets only this kiosk's own browser through to ``inside``.

    ``port`` is the one it is served on. ``announce(url)`` is told of a fresh launch address whenever somebody
    comes with a used one, so that a person at this machine can open another browser.
    """

    def __init__(
        self,
        inside: ASGIApp,
        device: Device,
        *,
        port: int,
        announce: Callable[[str], None] | None = None,
        register_seconds: float = REGISTER_SECONDS,
    ) -> None:
        self._inside = inside
        self._device = device
        self._announce = announce
        self._register_seconds = register_seconds
        self._port = port
        self._hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})
        self._origins = frozenset(f"http://{host}" for host in self._hosts)
        self._cookie = f"aisle_{port}"  # cookies know no ports: two kiosks on one machine keep their own
        self._secret = secrets.token_urlsafe(32)
        self._token: str | None = secrets.token_urlsafe(32)
        self._sessions = 0

    @property
    def launch_url(self) -> str:
        """An address that opens the kiosk in one browser. It works once; a new one is made after that."""
        if self._token is None:
            self._token = secrets.token_urlsafe(32)
        return f"http://127.0.0.1:{self._port}/launch?token={self._token}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, refuse or pass on."""
        if scope["type"] == "lifespan":
            await self._inside(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self._http(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope["path"])
        headers = _headers(scope)
        answer: Response | None = None
        if headers.get("host") not in self._hosts:
            answer = PlainTextResponse("This address is not the kiosk's.\n", 421)
        elif path == "/healthz":
            answer = PlainTextResponse("ok\n")
        elif scope["method"] not in ("GET", "HEAD"):
            answer = PlainTextResponse("This can only be read.\n", 405)
        elif path == "/launch":
            answer = self._launch(scope, headers)
        elif path in CLOSED:
            answer = PlainTextResponse("There is nothing here.\n", 404)
        elif not (path in OPEN_FILES or path.startswith(OPEN_FOLDERS) or self._known(headers)):
            answer = _page(
                403,
                "This window does not belong to the kiosk",
                "Please use the window that the kiosk opened, or open the address that was printed where it was started.",
            )
        elif path.startswith("/pictures/"):
            answer = await self._picture(path.removeprefix("/pictures/"))
        outgoing = _with_headers(send)
        await (answer or self._inside)(scope, receive, outgoing)

    def _launch(self, scope: Scope, headers: dict[str, str]) -> Response:
        token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        right = self._token is not None and hmac.compare_digest(token.encode(), self._token.encode())
        if not right and self._known(headers):
            return RedirectResponse("/", 303)
        if not right:
            if self._token is None and self._announce is not None:
                self._announce(self.launch_url)
            return _page(
                403,
                "This address has been used, or is not complete",
                "Each address opens the kiosk in one browser. A new one has been printed where the kiosk was "
                "started: open that one, or start the kiosk again.",
            )
        answer = RedirectResponse("/", 303)
        if scope["method"] == "GET":  # a look ahead (HEAD) must not use it up
            self._token = None
            answer.set_cookie(self._cookie, self._secret, httponly=True, samesite="strict", path="/")
        return answer

    async def _picture(self, name: str) -> Response:
        found = await self._device.picture(name)
        if found is None:
            return PlainTextResponse("There is no such picture.\n", 404)
        content, media_type = found
        return Response(content, media_type=media_type, headers={"cache-control": "private, max-age=3600"})

    def _known(self, headers: dict[str, str]) -> bool:
        try:
            cookies = SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return False
        morsel = cookies.get(self._cookie)
        return morsel is not None and hmac.compare_digest(morsel.value.encode(), self._secret.encode())

    def _refusal(self, scope: Scope) -> str | None:
        headers = _headers(scope)
        if headers.get("host") not in self._hosts:
            return "host"
        if headers.get("origin") not in self._origins:
            return "origin"
        if not self._known(headers):
            return "cookie"
        if self._sessions >= MOST_SESSIONS:
            return "too many sessions"
        return None

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        reason = self._refusal(scope)
        if reason is not None:
            log.warning("socket refused", reason=reason)
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        self._sessions += 1
        try:
            await self._admit(scope, receive, send)
        finally:
            self._sessions -= 1

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the session; end it when the client does not register in time or goes before it has."""
        registered, gone = asyncio.Event(), asyncio.Event()

        async def hear() -> Message:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                gone.set()
            return message

        async def say(message: Message) -> None:
            if message["type"] == "websocket.send":  # Flet's first word answers the registration
                registered.set()
            try:
                await send(message)
            except OSError:
                # The client is gone. Flet must hear that from its reading side, or it keeps the session for ever.
                gone.set()

        session = asyncio.ensure_future(self._inside(scope, hear, say))
        waiting = [asyncio.ensure_future(event.wait()) for event in (registered, gone)]
        try:
            await asyncio.wait(
                {session, *waiting}, timeout=self._register_seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if registered.is_set():
                await session
            elif not gone.is_set() and not session.done():
                log.warning("socket refused", reason="not registered")
                await send({"type": "websocket.close", "code": 1002})
        finally:
            for task in (*waiting, session):
                task.cancel()
            await asyncio.gather(*waiting, session, return_exceptions=True)


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def _page(status: int, title: str, text: str) -> Response:
    return HTMLResponse(PAGE.format(title=title, text=text), status)


def _with_headers(send: Send) -> Callable[[Message], Awaitable[None]]:
    """Add our headers to every answer, and take away the one by which Flet opens it to all sites."""
    ours = {name.encode(): value.encode() for name, value in HEADERS.items()}

    async def outgoing(message: Message) -> None:
        if message["type"] == "http.response.start":
            drop = {*ours, b"access-control-allow-origin"}
            kept = [(name, value) for name, value in message["headers"] if name.lower() not in drop]
            if not any(name.lower() == b"cache-control" for name, _ in kept):
                kept.append((b"cache-control", b"no-cache"))
            message = {**message, "headers": [*kept, *ours.items()]}
        await send(message)

    return outgoing
