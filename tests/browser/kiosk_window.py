"""A kiosk that is served, and a window on it: what every browser test starts from."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, WebSocket, expect
from playwright.sync_api import Error as PlaywrightError

from kiosk.device import Device
from kiosk.server import serve

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SCREENS = Path(__file__).resolve().parents[2] / "build" / "screens"
SIZES = ((1280, 800), (800, 1280), (1080, 1920))
PATIENCE = 60.0  # seconds for what a quiet machine does at once
expect.set_options(timeout=PATIENCE * 1000)
DRAWS = """() => Promise.race([
    new Promise((drawn) => requestAnimationFrame(() => drawn("yes"))),
    new Promise((over) => setTimeout(() => over("no, not within 5 s"), 5000)),
])"""
TWO_FRAMES = "() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))"


class Kiosk:
    """A kiosk being served in a thread of its own; ``urls`` are its launch addresses, newest last.

    ``beside(stop)`` runs with it, as a device's background work, and must end soon after ``stop`` is set.
    """

    def __init__(
        self,
        device: Device,
        beside: Callable[[asyncio.Event], Awaitable[None]] | None = None,
        *,
        language: str = "en",
        dark: bool = False,
    ) -> None:
        self.device = device
        self._beside = beside
        self._language, self._dark = language, dark
        self.urls: list[str] = []
        self.loop: asyncio.AbstractEventLoop
        self._up = threading.Event()
        self._stop: asyncio.Event
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._serve, name="kiosk", daemon=True)

    def start(self) -> None:
        """Serve; returns when it answers."""
        self._thread.start()
        assert self._up.wait(PATIENCE), f"the kiosk was not ready after {PATIENCE} s"
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """End it and wait for its end."""
        self.loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), f"the kiosk did not end within {PATIENCE} s"

    @property
    def base(self) -> str:
        """Its address, without a path."""
        return self.urls[0].partition("/launch")[0]

    def _serve(self) -> None:
        async def run() -> None:
            self.loop, self._stop = asyncio.get_running_loop(), asyncio.Event()

            def ready(url: str) -> None:
                self.urls.append(url)
                self._up.set()

            screens = serve(
                self.device,
                ready=ready,
                announce=self.urls.append,
                stop=self._stop,
                language=self._language,
                dark=self._dark,
            )
            beside = [self._beside(self._stop)] if self._beside else []
            await asyncio.gather(screens, *beside)

        try:
            asyncio.run(run())
        except BaseException as error:  # noqa: BLE001 - told to the test that waits
            self._failure = error
            self._up.set()


@contextmanager
def running(
    device: Device,
    beside: Callable[[asyncio.Event], Awaitable[None]] | None = None,
    *,
    language: str = "en",
    dark: bool = False,
) -> Iterator[Kiosk]:
    """A served kiosk with ``device`` behind it, and ``beside(stop)`` running with it."""
    kiosk = Kiosk(device, beside, language=language, dark=dark)
    kiosk.start()
    try:
        yield kiosk
    finally:
        kiosk.stop()


class Window:
    """A browser page on the kiosk. Things are found by the same names as in headless tests."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._said: dict[str, list[float]] = {"sent": [], "received": [], "opened": [], "closed": []}
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        def now(what: str) -> Callable[[object], None]:
            return lambda _: self._said[what].append(time.monotonic())

        now("opened")(socket)
        socket.on("framesent", now("sent"))
        socket.on("framereceived", now("received"))
        socket.on("close", now("closed"))

    def trouble(self) -> str:
        """Whether the browser still draws, and when the socket last said anything: who stands still, they or we."""
        said = [
            f"{len(times)} {what}" + (f", the last {time.monotonic() - times[-1]:.1f} s ago" if times else "")
            for what, times in self._said.items()
        ]
        try:
            drawn = self.page.evaluate(DRAWS)
        except PlaywrightError as error:
            drawn = f"cannot be said: {error.message}"
        return f"The browser draws: {drawn}. Its socket: {'; '.join(said)}."

    def open(self, url: str) -> None:
        """Open an address and wait for the first frame; turns on what screen readers see."""
        self.page.goto(url)
        self.see()

    def see(self) -> None:
        """Wait for the first frame of a page that has been loaded, and turn on what screen readers see."""
        self.page.wait_for_selector("flt-semantics-placeholder", state="attached")
        self.page.evaluate("document.querySelector('flt-semantics-placeholder').click()")

    def named(self, name: str) -> Locator:
        """The thing with this name."""
        return self.page.locator(f'[flt-semantics-identifier="{name}"]')

    def resting(self, name: str) -> tuple[float, float]:
        """Its middle, once it rests: a sheet comes up, and what lies on it moves meanwhile."""
        box = self.named(name)
        box.wait_for(state="attached")
        place, before = box.bounding_box(), None
        while place != before:
            self.page.evaluate(TWO_FRAMES)
            place, before = box.bounding_box(), place
        assert place is not None, name
        return place["x"] + place["width"] / 2, place["y"] + place["height"] / 2

    def tap(self, name: str) -> None:
        """Tap its middle, as a finger does, once it rests."""
        self.page.mouse.click(*self.resting(name))

    def type(self, name: str, text: str, *, delay: float = 20) -> None:
        """Click into a field and type; ``delay`` is milliseconds between keys."""
        self.tap(name)
        # The browser's own field is put in place after the click, and only then given what Flutter wants of it.
        field = f'[flt-semantics-identifier="{name}"] input[autocorrect="on"]:focus'
        self.page.wait_for_selector(field, state="attached")
        # A kiosk with keys of its own marks the field, and draws it anew for that.
        self.page.wait_for_timeout(200)
        self.page.keyboard.type(text, delay=delay)

    def shoot(self, name: str, *, still: bool = True) -> Path:
        """Keep a picture of the window as build/screens/NAME-WxH.png, once fonts and pictures have come.

        A busy machine draws late, so it is taken when nothing changes any more; not ``still``: what moves by itself.
        """
        self.page.wait_for_load_state("networkidle")
        self.page.wait_for_timeout(600)  # the first frames are drawn in the browser's own font
        taken = self.page.screenshot()
        for _ in range(8 if still else 1):
            before = taken
            self.page.wait_for_timeout(300)
            taken = self.page.screenshot()
            if taken == before:
                break
        size = self.page.viewport_size
        assert size is not None
        SCREENS.mkdir(parents=True, exist_ok=True)
        path = SCREENS / f"{name}-{size['width']}x{size['height']}.png"
        path.write_bytes(taken)
        return path


@contextmanager
def window(browser: Browser, width: int = 1280, height: int = 800, *, scale: float = 1) -> Iterator[Window]:
    """A fresh browser profile with one window of this size."""
    context = browser.new_context(viewport={"width": width, "height": height}, device_scale_factor=scale)
    context.set_default_timeout(PATIENCE * 1000)
    seen = Window(context.new_page())
    try:
        yield seen
    except Exception as error:
        error.add_note(seen.trouble())
        raise
    finally:
        context.close()


class Pace:
    """The kiosk's clock, by which keys come as fast as a test says, even if the machine stalls between two of them."""

    def __init__(self) -> None:
        self.now, self.between = 1000.0, 0.5  # seconds between two keys: of a person

    def __call__(self) -> float:
        self.now += self.between
        return self.now
