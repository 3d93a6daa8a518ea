"""A client without a browser: a real Flet session over a connection that answers like one.

All use of Flet's inner names is in this file. Messages must be encoded, because Flet draws components while it
encodes; it cannot see what only a browser can, such as characters lost between a field and the server.
"""

# Flet's inner functions have no types.
# mypy: disable-error-code="no-untyped-call, no-any-return"

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import flet as ft
import msgpack  # type: ignore[import-untyped]
from flet.controls.base_control import BaseControl
from flet.controls.context import _context_page, context
from flet.messaging.connection import Connection
from flet.messaging.protocol import MessageAction, configure_encode_object_for_msgpack
from flet.messaging.session import Session as FletSession
from flet.pubsub.pubsub_hub import PubSubHub

from kiosk.app import idle_step, open_session
from kiosk.assortment import Assortment
from kiosk.device import Device
from kiosk.session import Session

C = TypeVar("C", bound=BaseControl)
SIZES = {"landscape": (1280, 800), "portrait": (800, 1280), "tall": (1080, 1920)}
PATIENCE = 60.0  # seconds for what a quiet machine does at once
SKIPPED = frozenset({"args", "kwargs", "fn", "data", "parent"})


def _encode(body: object) -> bytes:
    encoded: bytes = msgpack.packb(body, default=configure_encode_object_for_msgpack(BaseControl))
    return encoded


class FakeConnection(Connection):
    """Takes what would go to the browser, and answers calls and navigation as the browser does."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.get_running_loop()
        self.executor = ThreadPoolExecutor(2)
        self.pubsubhub = PubSubHub()
        self.page_url, self.page_name = "http://127.0.0.1", ""
        self.session: FletSession
        self.bytes_sent = 0
        self.messages = 0
        self.crashes: list[str] = []
        self.going = False  # whether the socket is closed already, and Flet has not heard of it

    def send_message(self, message: Any) -> None:
        if self.going:
            raise AttributeError("'NoneType' object has no attribute 'put_nowait'")  # as Flet's own does
        self.bytes_sent += len(_encode([message.action, message.body]))
        self.messages += 1
        if message.action == MessageAction.SESSION_CRASHED:
            self.crashes.append(str(message.body))
        if message.action == MessageAction.INVOKE_METHOD:
            body = message.body
            self.loop.call_soon(
                self.session.handle_invoke_method_results, body.control_id, body.call_id, None, None
            )
            if body.name == "push_route":
                self.session.apply_page_patch({"route": body.args["route"]})
                self.loop.create_task(
                    self.session.dispatch_event(
                        self.session.page._i, "route_change", {"route": body.args["route"]}
                    )
                )


class Clock:
    """Monotonic seconds that stand still until a test moves them."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Tab:
    """One browser tab: look at it by name or words, tap it, type into it."""

    def __init__(self, connection: FakeConnection, flet: FletSession, session: Session, clock: Clock) -> None:
        self.connection = connection
        self.session = session
        self.clock = clock
        self._flet = flet

    @property
    def page(self) -> ft.Page:
        """Flet's page."""
        return self._flet.page

    # what is there

    def walk(self, root: object = None) -> Iterator[BaseControl]:
        """Every control that is drawn, parents first; below ``root`` only, when given."""
        seen: set[int] = set()

        def below(value: object) -> Iterator[BaseControl]:
            if isinstance(value, BaseControl):
                if id(value) in seen or getattr(value, "visible", True) is False:
                    return
                seen.add(id(value))
                yield value
                parts = {**vars(value).get("_values", {}), **vars(value)}
                for name, part in parts.items():
                    if name in SKIPPED or (name.startswith("_") and name != "_b"):
                        continue
                    yield from below(part)
            elif isinstance(value, (list, tuple)):
                for part in value:
                    yield from below(part)
            elif isinstance(value, dict):
                for part in value.values():
                    yield from below(part)

        yield from below(self.page.views if root is None else root)

    def all(self, kind: type[C]) -> list[C]:
        """Every drawn control of ``kind``."""
        return [control for control in self.walk() if isinstance(control, kind)]

    def names(self) -> list[str]:
        """The names of everything that can be touched or asserted. Fails when one is there twice.

        A name is also a key, and a browser stops following changes where two neighbours have the same key.
        """
        names = [named.identifier for named in self.all(ft.Semantics) if named.identifier]
        twice = sorted(name for name, count in Counter(names).items() if count > 1)
        assert not twice, f"there twice: {twice}"
        return names

    def named(self, name: str) -> ft.Semantics:
        """The one thing with this name. Fails when there is none, or more than one."""
        found = [named for named in self.all(ft.Semantics) if named.identifier == name]
        assert len(found) == 1, f"{len(found)} x {name!r}; there are {sorted(set(self.names()))}"
        return found[0]

    def words(self, name: str | None = None) -> list[str]:
        """All words on the screen, or those of the thing with this name, in reading order."""
        root = None if name is None else self.named(name)
        return [text.value for text in self.walk(root) if isinstance(text, ft.Text) and text.value]

    def text(self, name: str) -> str:
        """What stands in the field with this name."""
        return str(self._box(name).value)

    def _box(self, name: str) -> ft.TextField:
        return next(box for box in self.all(ft.TextField) if _key(box) == f"{name}-box")

    # what people do

    async def settle(self) -> None:
        """Let everything that was caused run to its end; fails when the session crashed."""
        quiet = 0
        while quiet < 4:
            before = self.connection.messages
            await asyncio.sleep(0)
            await asyncio.sleep(0.001)
            quiet = quiet + 1 if self.connection.messages == before else 0
        assert not self.connection.crashes, self.connection.crashes[0]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until ``condition`` holds; fails after a minute, which only a machine that stalls comes near."""
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110 - any condition, so there is no event to wait for
                await asyncio.sleep(0.005)
        await self.settle()

    async def tap(self, name: str) -> None:
        """Tap the thing with this name. Fails when it cannot be tapped."""
        for control in self.walk(self.named(name)):
            if getattr(control, "on_click", None) is not None:
                assert not getattr(control, "disabled", False), f"{name!r} is disabled"
                await self._fire(control, "click")
                return
        raise AssertionError(f"{name!r} cannot be tapped")

    def can_tap(self, name: str) -> bool:
        """Whether a tap on this would do anything."""
        return any(
            getattr(control, "on_click", None) is not None and not getattr(control, "disabled", False)
            for control in self.walk(self.named(name))
        )

    async def type(self, name: str, text: str, *, submit: bool = False) -> None:
        """Type ``text`` into the field with this name, in place of what is there; ``submit`` presses Enter."""
        box = self._box(name)
        self._flet.apply_patch(box._i, {"value": text})
        await self._fire(box, "change", text)
        if submit:
            await self._fire(box, "submit", text)

    async def focus(self, name: str) -> None:
        """Touch the field with this name, without typing."""
        await self._fire(self._box(name), "focus")

    async def press(self, *keys: str) -> None:
        """Press keys of a keyboard at once, as a hand scanner does; they go to the whole window."""
        for key in keys:
            await self._key(key)
        await self.settle()

    async def _key(self, key: str) -> None:
        event = {"key": key, "shift": False, "ctrl": False, "alt": False, "meta": False}
        await self._flet.dispatch_event(self.page._i, "keyboard_event", event)

    async def scan(
        self, text: str, field: str | None = None, *, button: str | None = None, gap: float = 0.01
    ) -> None:
        """Scan ``text`` by hand, while ``field`` or ``button`` has the focus: each key reaches the window, then what has it.

        Nothing settles in between, as a scanner waits for nobody; Enter submits the field, or presses the button, at the end.
        """
        box = None if field is None else self._box(field)
        typed = "" if box is None else str(box.value or "")
        self.clock.now += 2.0  # after whatever was scanned before
        for key in text:
            self.clock.now += gap
            await self._key(key)
            if box is not None:
                typed += key
                self._flet.apply_patch(box._i, {"value": typed})
                await self._flet.dispatch_event(box._i, "change", typed)
        self.clock.now += gap
        await self._key("Enter")
        if box is not None:
            await self._flet.dispatch_event(box._i, "submit", typed)
        if button is not None:
            await self.tap(button)
        await self.settle()
        self.clock.now += 0.5  # until a person can do anything else

    async def wait(self, seconds: float) -> None:
        """Let time pass without a touch, as the idle clock sees it."""
        self.clock.now += seconds
        idle_step(self.session, self.clock.now)
        await self.settle()

    def forge(self, **properties: object) -> None:
        """Set properties of the page from outside, as any client of the socket can."""
        self._flet.apply_page_patch(properties)

    async def go(self, route: str) -> None:
        """Type another address into the browser."""
        self._flet.apply_page_patch({"route": route})
        await self._fire(self.page, "route_change", {"route": route})

    async def resize(self, width: float, height: float) -> None:
        """Turn or resize the window."""
        await self._fire(self.page, "resize", {"width": width, "height": height})

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """The socket is lost while the block runs; then the window is loaded again and finds this session.

        Nothing that changes in the moment in which it is going reaches anybody, as in a browser.
        """
        self.connection.going = True
        self.session.look.notice = "."  # something is drawn just then
        await self.settle()
        self.session.look.notice = ""
        await self._flet.disconnect(60)
        self.connection.going = False
        yield
        _encode(self.page)
        await self._flet.connect(self.connection)
        await self.settle()

    async def _fire(self, control: BaseControl, event: str, data: object = None) -> None:
        await self._flet.dispatch_event(control._i, event, data)
        await self.settle()


def _key(control: BaseControl) -> str | None:
    key = control.key
    return None if key is None else str(getattr(key, "value", key))


@asynccontextmanager
async def open_tab(
    device: Device,
    route: str = "/",
    *,
    form: str = "landscape",
    language: str = "en",
    dark: bool = False,
    assortment: Assortment | None = None,
) -> AsyncIterator[Tab]:
    """A tab on ``route`` in one of the SIZES; closed afterwards as when the browser goes."""
    clock = Clock()
    async with connect(
        lambda page: open_session(
            page, device, language=language, dark=dark, steady=clock, assortment=assortment
        ),
        route,
        form,
        clock,
    ) as tab:
        yield tab


@asynccontextmanager
async def connect(
    start: Callable[[ft.Page], Session | Awaitable[Session]],
    route: str = "/",
    form: str = "landscape",
    clock: Clock | None = None,
) -> AsyncIterator[Tab]:
    """A tab whose session is made by ``start``."""
    connection = FakeConnection()
    flet = FletSession(connection)
    connection.session = flet
    width, height = SIZES[form]
    flet.apply_page_patch({"route": route, "width": width, "height": height, "web": True})
    _encode(flet.get_page_patch())
    _context_page.set(flet.page)
    context.reset_auto_update()
    made = start(flet.page)
    session = made if isinstance(made, Session) else await made
    await flet.after_event(flet.page)
    tab = Tab(connection, flet, session, clock or Clock())
    await tab.settle()
    try:
        yield tab
    finally:
        session.close()
        flet.close()
        await asyncio.sleep(0)
        connection.executor.shutdown(wait=False)
