"""Serving the kiosk on this machine alone, and opening its window."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Generator
from pathlib import Path

import flet as ft
import flet_web  # type: ignore[import-untyped]
import flet_web.fastapi  # type: ignore[import-untyped]
import uvicorn

from kiosk.app import open_session
from kiosk.assortment import Assortment
from kiosk.device import Device
from kiosk.door import FRAME_BYTES, Door

ASSETS = Path(__file__).resolve().parent.parent / "assets"
PUBLIC = ("fonts", "icons", "sounds")  # of assets/; the demo catalogue and the scripts are nobody's business
SESSION_SECONDS = 5  # after which a closed tab's cart and form are gone
GRACE_SECONDS = 2
# A page whose socket is lost is loaded again as soon as the kiosk answers: it finds the same session, or a fresh one.
# Flet's own way back, a second socket on the same page, never ends when the session is still there: one core is busy
# for ever and the screen stays as it was.
COME_BACK = """<script>
(() => {
  const Plain = window.WebSocket;
  let lost = false;
  const again = async () => {
    for (;;) {
      try {
        if ((await fetch("/healthz", {cache: "no-store"})).ok) return location.reload();
      } catch {}
      await new Promise((done) => setTimeout(done, 500));
    }
  };
  window.WebSocket = class extends Plain {
    constructor(...given) {
      if (lost) throw new Error("the page is being loaded again");
      super(...given);
      let heard = false;
      this.addEventListener("message", () => { heard = true; }, {once: true});
      this.addEventListener("close", () => {
        if (heard && !lost) {
          lost = true;
          again();
        }
      });
    }
  };
})();
</script>"""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge")


async def serve(
    device: Device,
    *,
    port: int = 0,
    ready: Callable[[str], None],
    stop: asyncio.Event,
    host: str = "127.0.0.1",
    language: str = "en",
    dark: bool = False,
    announce: Callable[[str], None] | None = None,
) -> None:
    """Serve the kiosk until ``stop`` is set. ``port`` 0 takes a free one.

    ``ready(url)`` is called once with the launch address, when connections are answered; ``announce(url)`` with
    another one each time a used address was opened.

    Raises:
        ValueError: ``host`` is not this machine's loopback; the kiosk is never offered to a network.
        OSError: the port is in use.
    """
    with listen(host, port) as listener, public_folder() as folder:
        own_port = listener.getsockname()[1]
        assortment = Assortment(device)

        def start(page: ft.Page) -> None:
            open_session(page, device, language=language, dark=dark, assortment=assortment)

        inside = flet_web.fastapi.app(
            start,
            assets_dir=str(folder),
            app_name="Endless aisle",
            app_short_name="Endless aisle",
            no_cdn=True,
            session_timeout_seconds=SESSION_SECONDS,
        )
        door = Door(inside, device, port=own_port, announce=announce)
        server = _Server(
            uvicorn.Config(
                door,
                ws="websockets-sansio",
                ws_max_size=FRAME_BYTES,
                timeout_graceful_shutdown=GRACE_SECONDS,
                server_header=False,
                access_log=False,
                log_level="warning",
            )
        )
        async with running(server, listener):
            learning = asyncio.create_task(assortment.run())
            try:
                ready(door.launch_url)
                await stop.wait()
            finally:
                learning.cancel()


class _Server(uvicorn.Server):
    """Leaves signals to whoever started us, who also has a queue and a broker to end."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


@contextlib.asynccontextmanager
async def running(server: uvicorn.Server, listener: socket.socket) -> AsyncIterator[None]:
    """``server`` answering on ``listener`` while the block runs. Raises RuntimeError when it cannot start."""
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            if task.done():
                task.result()
                raise RuntimeError("the kiosk's web server did not start; see the log above")
            await asyncio.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        await task


def listen(host: str, port: int) -> socket.socket:
    """A listening socket on this machine's loopback. Raises ValueError for any other ``host``."""
    try:
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = host == "localhost"
    if not loopback:
        raise ValueError(
            f"The kiosk is served on this machine only, not on {host}. Use 127.0.0.1 and open it here."
        )
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # else no TCP_NODELAY
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # IPv4 whatever spelling was asked for: the cookie and the Host check know this one address.
        listener.bind(("127.0.0.1", port))
        listener.listen(64)
    except OSError:
        listener.close()
        raise
    return listener


@contextlib.contextmanager
def public_folder() -> Generator[Path, None, None]:
    """A folder with only what any browser may have; Flet serves everything that lies in it."""
    with tempfile.TemporaryDirectory(prefix="aisle-public-") as name:
        folder = Path(name)
        for part in PUBLIC:
            if (ASSETS / part).is_dir():
                shutil.copytree(ASSETS / part, folder / part)
        if (ASSETS / "icons" / "favicon.png").is_file():
            shutil.copy(ASSETS / "icons" / "favicon.png", folder / "favicon.png")
        page = (Path(flet_web.get_package_web_dir()) / "index.html").read_text("utf-8")
        before, head, rest = page.partition("<head>")
        if not head:
            raise RuntimeError("Flet's page has no <head> for the kiosk's own script; see COME_BACK")
        (folder / "index.html").write_text(f"{before}{head}{COME_BACK}{rest}", "utf-8")
        yield folder


async def open_window(
    url: str, *, browser: str | None = None, camera: bool = False
) -> asyncio.subprocess.Process | None:
    """Open ``url`` full screen in Chromium, with a profile that is thrown away.

    None when this machine has no display or no such browser: then the address is for a person to open. The
    caller ends the process; AISLE_BROWSER_ARGS adds flags, as a standing kiosk's scale factor. With ``camera`` the
    window may use its own without asking: nobody at a kiosk could answer, and it shows our page only.
    """
    program = browser or next((found for name in BROWSERS if (found := shutil.which(name))), None)
    display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.name == "nt"
    if program is None or not display:
        return None
    profile = tempfile.mkdtemp(prefix="aisle-window-")
    return await asyncio.create_subprocess_exec(
        program,
        f"--app={url}",
        "--kiosk",
        f"--user-data-dir={profile}",
        "--no-first-run",
        "--no-default-browser-check",
        "--disable-pinch",
        "--overscroll-history-navigation=0",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-features=Translate",
        "--password-store=basic",
        *(["--auto-accept-camera-and-microphone-capture"] if camera else []),
        *os.environ.get("AISLE_BROWSER_ARGS", "").split(),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
