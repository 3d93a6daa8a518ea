"""Nothing reaches the kiosk's socket but its own browser: tried with a client that is not a browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import msgpack  # type: ignore[import-untyped]
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.protocol import State

from kiosk.door import Door
from kiosk.server import serve
from tests.kiosk.driver import PATIENCE
from tests.kiosk.fake_device import FakeDevice
from tests.loop_time import go_by, until_idle

REGISTER_SECONDS = 3600.0


class Served:
    """A served kiosk: its launch addresses (newest last) and an HTTP client without a cookie."""

    def __init__(self, urls: list[str], http: httpx.AsyncClient) -> None:
        self.urls = urls
        self.http = http
        self.origin = urls[0].partition("/launch")[0]

    async def launch(self) -> str:
        """Open the launch address and return the cookie, as a browser would send it."""
        answer = await self.http.get(self.urls[-1])
        assert answer.status_code == 303
        self.http.cookies.clear()
        return answer.headers["set-cookie"].partition(";")[0]

    def socket(self, cookie: str | None, **headers: str) -> connect:
        """A socket with this cookie; ``origin`` and ``host`` replace the right ones."""
        sent = {"Origin": headers.get("origin", self.origin)}
        if cookie is not None:
            sent["Cookie"] = cookie
        if "host" in headers:
            sent["Host"] = headers["host"]
        return connect(
            f"ws{self.origin.removeprefix('http')}/ws",
            additional_headers=sent,
            proxy=None,
            open_timeout=PATIENCE,
        )


@asynccontextmanager
async def served(device: FakeDevice) -> AsyncIterator[Served]:
    """A kiosk on a free port; ended and waited for."""
    stop, urls, up = asyncio.Event(), list[str](), asyncio.Event()

    def ready(url: str) -> None:
        urls.append(url)
        up.set()

    task = asyncio.create_task(serve(device, ready=ready, announce=urls.append, stop=stop))
    try:
        async with asyncio.timeout(PATIENCE), httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as http:
            await up.wait()
            yield Served(urls, http)
    finally:
        stop.set()
        await task


@pytest.fixture
async def kiosk() -> AsyncIterator[Served]:
    """The kiosk over a device in memory."""
    async with served(FakeDevice()) as made:
        yield made


def register() -> bytes:
    """The first frame of Flet's own client."""
    page = {"route": "/", "width": 1280, "height": 800, "web": True, "pwa": False, "debug": False}
    return b"\x00" + bytes(msgpack.packb([1, {"session_id": "", "page_name": "", "page": page}]))


async def registered(socket: ClientConnection) -> list[object]:
    """Register and return the answer."""
    await socket.send(register())
    answer = await socket.recv()
    assert isinstance(answer, bytes)
    decoded: list[object] = msgpack.unpackb(answer[1:], ext_hook=lambda *_: None)
    return decoded


async def test_the_launch_address_sets_the_cookie_once(kiosk: Served) -> None:
    answer = await kiosk.http.get(kiosk.urls[0])
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    kiosk.http.cookies.clear()
    again = await kiosk.http.get(kiosk.urls[0])
    assert again.status_code == 403
    assert "has been used" in again.text
    assert "set-cookie" not in again.headers


async def test_a_used_address_prints_one_fresh_one_that_works(kiosk: Served) -> None:
    await kiosk.launch()
    for _ in range(3):
        assert (await kiosk.http.get(kiosk.urls[0])).status_code == 403
    assert len(kiosk.urls) == 2
    assert await kiosk.launch()


async def test_opening_it_again_in_the_same_browser_simply_works(kiosk: Served) -> None:
    cookie = await kiosk.launch()
    again = await kiosk.http.get(kiosk.urls[0], headers={"cookie": cookie})
    assert (again.status_code, again.headers["location"]) == (303, "/")
    page = await kiosk.http.get(f"{kiosk.origin}/", headers={"cookie": cookie})
    assert page.status_code == 200
    assert "Endless aisle" in page.text


async def test_a_look_ahead_does_not_use_the_address_up(kiosk: Served) -> None:
    assert (await kiosk.http.head(kiosk.urls[0])).status_code == 303
    assert await kiosk.launch()


@pytest.mark.parametrize("token", ["", "?token=", "?token=wrong", "?token=%F0%9F%98%80"])
async def test_a_wrong_token_opens_nothing(kiosk: Served, token: str) -> None:
    answer = await kiosk.http.get(f"{kiosk.origin}/launch{token}")
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


@pytest.mark.parametrize(
    "path", ["/", "/search", "/main.dart.js", "/fonts/aisle-bold.ttf", "/pictures/x.webp"]
)
async def test_without_the_cookie_there_is_nothing(kiosk: Served, path: str) -> None:
    answer = await kiosk.http.get(kiosk.origin + path)
    assert answer.status_code == 403
    assert "open the address that was printed" in answer.text


@pytest.mark.parametrize("cookie", ["x=1", "aisle=wrong", 'a="', "\x01"])
async def test_a_wrong_cookie_is_no_cookie(kiosk: Served, cookie: str) -> None:
    await kiosk.launch()
    answer = await kiosk.http.get(f"{kiosk.origin}/", headers={"cookie": cookie})
    assert answer.status_code in (400, 403)


async def test_a_foreign_host_gets_nothing_even_with_the_cookie(kiosk: Served) -> None:
    cookie = await kiosk.launch()
    headers = {"cookie": cookie, "host": "evil.example"}
    answer = await kiosk.http.get(f"{kiosk.origin}/", headers=headers)
    assert answer.status_code == 421


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/redoc", "/oauth_callback"])
async def test_there_are_no_machine_made_pages(kiosk: Served, path: str) -> None:
    cookie = await kiosk.launch()
    assert (await kiosk.http.get(kiosk.origin + path, headers={"cookie": cookie})).status_code == 404


async def test_nothing_can_be_posted(kiosk: Served) -> None:
    cookie = await kiosk.launch()
    answer = await kiosk.http.post(f"{kiosk.origin}/", headers={"cookie": cookie})
    assert answer.status_code == 405


async def test_only_public_files_are_served(kiosk: Served) -> None:
    cookie = await kiosk.launch()
    font = await kiosk.http.get(f"{kiosk.origin}/fonts/aisle-bold.ttf", headers={"cookie": cookie})
    assert font.status_code == 200
    for private in ("/tools/make_fonts.py", "/demo/catalogue.json", "/../pyproject.toml", "/__init__.py"):
        answer = await kiosk.http.get(kiosk.origin + private, headers={"cookie": cookie})
        assert answer.status_code == 404, private


async def test_health_is_answered_without_a_cookie_and_says_nothing_else(kiosk: Served) -> None:
    answer = await kiosk.http.get(f"{kiosk.origin}/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


async def test_every_answer_carries_our_headers_and_is_open_to_no_other_site(kiosk: Served) -> None:
    cookie = await kiosk.launch()
    for path in ("/", "/healthz", "/main.dart.js"):
        headers = (await kiosk.http.get(kiosk.origin + path, headers={"cookie": cookie})).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in headers
        assert "server" not in headers


async def test_a_picture_is_served_from_the_device_and_a_missing_one_is_not_there(kiosk: Served) -> None:
    cookie = await kiosk.launch()
    answer = await kiosk.http.get(f"{kiosk.origin}/pictures/none.webp", headers={"cookie": cookie})
    assert answer.status_code == 404


async def test_our_own_browser_gets_a_session(kiosk: Served) -> None:
    cookie = await kiosk.launch()
    async with kiosk.socket(cookie) as socket:
        assert (await registered(socket))[0] == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "https://127.0.0.1"},
        {"host": "evil.example"},
    ],
)
async def test_a_foreign_site_gets_no_socket(kiosk: Served, wrong: dict[str, str]) -> None:
    cookie = await kiosk.launch()
    with pytest.raises(InvalidStatus) as refused:
        async with kiosk.socket(cookie, **wrong):
            pass
    assert refused.value.response.status_code == 403


async def test_without_the_cookie_there_is_no_socket(kiosk: Served) -> None:
    await kiosk.launch()
    for cookie in (None, "aisle_1=x"):
        with pytest.raises(InvalidStatus):
            async with kiosk.socket(cookie):
                pass


async def test_the_fifth_session_is_refused_and_a_closed_one_makes_room(kiosk: Served) -> None:
    cookie = await kiosk.launch()
    sockets = [await kiosk.socket(cookie) for _ in range(4)]
    for socket in sockets:
        await registered(socket)
    with pytest.raises(InvalidStatus):
        await kiosk.socket(cookie)
    await sockets[0].close()
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                sockets[0] = await kiosk.socket(cookie)
                break
            except InvalidStatus:
                await asyncio.sleep(0.02)
    for socket in sockets:
        await socket.close()


async def flooded(socket: ClientConnection) -> None:
    """Send more than a frame may hold, and read until the end."""
    await socket.send(b"\x00" * ((1 << 20) + 1))
    while True:
        await socket.recv()


async def test_a_frame_over_one_megabyte_ends_the_connection(kiosk: Served) -> None:
    cookie = await kiosk.launch()
    async with kiosk.socket(cookie) as socket:
        await registered(socket)
        with pytest.raises(ConnectionClosed):
            await flooded(socket)


@pytest.mark.parametrize(
    "first", [None, b"\x00\xc1garbage", b"\x05", b"\x00" + bytes(msgpack.packb([4, {}]))]
)
async def test_whoever_does_not_register_in_time_is_closed(first: bytes | None) -> None:
    async with patient_door() as (url, headers):
        async with connect(url, additional_headers=headers, proxy=None, ping_interval=None) as socket:
            if first is not None:
                await socket.send(first)
            go_by(REGISTER_SECONDS - PATIENCE)
            await until_idle()
            assert socket.state is State.OPEN
            go_by(PATIENCE)
            async with asyncio.timeout(PATIENCE):
                await socket.wait_closed()
        # Nothing of it is left: four more may come.
        for _ in range(5):
            async with connect(url, additional_headers=headers, proxy=None, ping_interval=None) as socket:
                await registered(socket)


@asynccontextmanager
async def patient_door() -> AsyncIterator[tuple[str, dict[str, str]]]:
    """A door that gives REGISTER_SECONDS to register; its socket's address and the right headers."""
    import flet as ft
    import flet_web.fastapi  # type: ignore[import-untyped]
    import uvicorn

    from kiosk.server import listen, running

    def start(page: ft.Page) -> None:
        page.title = "quick"

    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        inside = flet_web.fastapi.app(start)
        door = Door(inside, FakeDevice(), port=port, register_seconds=REGISTER_SECONDS)
        config = uvicorn.Config(door, ws="websockets-sansio", log_level="error", timeout_graceful_shutdown=1)
        async with running(uvicorn.Server(config), listener):
            async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as http:
                answer = await http.get(door.launch_url)
            cookie = answer.headers["set-cookie"].partition(";")[0]
            origin = f"http://127.0.0.1:{port}"
            yield f"ws://127.0.0.1:{port}/ws", {"Origin": origin, "Cookie": cookie}


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "kiosk.example"])
async def test_it_is_never_offered_to_a_network(host: str) -> None:
    with pytest.raises(ValueError, match="this machine only"):
        await serve(FakeDevice(), ready=print, stop=asyncio.Event(), host=host)
