"""The app: routes, what lies over them, the idle clock and the hand scanner on every screen.

``open_session`` is called once for each browser tab. Who may see a route is decided here from our own session
object; whoever then acts for staff is checked again by the device, because a client can press what it cannot see.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import cast
from urllib.parse import parse_qs, unquote, urlsplit

import flet as ft
from flet.controls.base_control import BaseControl

from kiosk.assortment import Assortment
from kiosk.device import Device
from kiosk.guard import component, keyed, safe
from kiosk.scanner.wedge import Wedge
from kiosk.screens.attract import AttractScreen
from kiosk.screens.cart import CartScreen
from kiosk.screens.checkout_address import AddressStep
from kiosk.screens.checkout_delivery import DeliveryStep
from kiosk.screens.checkout_payment import PaymentStep
from kiosk.screens.done import DoneScreen
from kiosk.screens.orders import OrderLookup
from kiosk.screens.orders_detail import OrderDetail
from kiosk.screens.overlay import IdleWarning, TroubleLine
from kiosk.screens.placeholder import Placeholder, StaffOnly
from kiosk.screens.product import ProductScreen
from kiosk.screens.scan import Asked, ScanScreen
from kiosk.screens.search import SearchScreen
from kiosk.screens.staff import SignIn
from kiosk.screens.staff_decide import StaffDecide
from kiosk.screens.staff_home import StaffHome
from kiosk.session import Look, Session
from kiosk.strings import RIGHT_TO_LEFT
from kiosk.theme import DARK, FONTS, LIGHT, Space, flet_theme
from kiosk.ui import Ui
from retail.gtin import Gtin


def screen(ui: Ui, session: Session, route: str) -> ft.Control:
    """The screen that ``route`` names; unknown ones lead back to the start."""
    parts = urlsplit(route)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    path = [unquote(part) for part in parts.path.strip("/").split("/")]
    key = f"{session.look.visit}:{route}"
    place = f"{session.look.visit}:{parts.path}"  # the same screen whatever its query says
    match path:
        case [""]:
            return keyed(key, AttractScreen)(ui, session)
        case ["search"]:
            return keyed(place, SearchScreen)(ui, session)
        case ["cart"]:
            return keyed(place, CartScreen)(ui, session, session.cart)
        case ["product", product]:
            gtin = Gtin.or_none(query.get("gtin", ""))
            return keyed(f"{place}:{gtin or ''}", ProductScreen)(
                ui, session, product, gtin, query.get("partner", "")
            )
        case ["scan"]:
            asked = Asked(query.get("code", ""), query.get("sku", ""), "type" in query)
            return keyed(place, ScanScreen)(ui, session, asked)
        case ["checkout"]:
            return keyed(key, AddressStep)(ui, session)
        case ["checkout", "delivery"]:
            return keyed(key, DeliveryStep)(ui, session)
        case ["checkout", "payment"]:
            return keyed(key, PaymentStep)(ui, session)
        case ["done"]:
            return keyed(key, DoneScreen)(ui, session)
        case ["orders"]:
            return keyed(key, OrderLookup)(ui, session, query.get("number", ""))
        case ["orders", number]:
            return keyed(key, OrderDetail)(ui, session, number)
        case ["staff"]:
            return keyed(key, SignIn)(ui, session)
        case ["staff", _, *_] if session.associate is None:
            return keyed(key, StaffOnly)(ui)
        case ["staff", "home"]:
            return keyed(key, StaffHome)(ui, session)
        case ["staff", "decide", part]:
            return keyed(key, StaffDecide)(ui, session, part)
    return keyed(key, Placeholder)(ui)


@component
def App(session: Session, look: Look) -> ft.Control:
    """The whole window: the screen of the route, and what lies over every screen."""
    ui = Ui(
        width=look.width,
        height=look.height,
        dark=look.dark,
        language=look.language,
        offline=look.offline,
        go=session.go,
        touched=session.touch,
        failed=session.trouble,
    )
    layers: list[ft.Control] = [
        ft.Container(screen(ui, session, look.route), left=0, right=0, top=0, bottom=0, bgcolor=ui.c.bg),
    ]
    if look.notice:
        layers.append(
            ft.Container(TroubleLine(ui, look), left=ui.gutter, right=ui.gutter, bottom=Space.XXL * 2)
        )
    layers.append(IdleWarning(ui, session, session.idle))
    # Sees every finger that comes down, and leaves the touch itself to what lies below it.
    return ft.GestureDetector(
        ft.Stack(layers, expand=True),
        on_pan_down=safe(session.idle.touch),
        exclude_from_semantics=True,
        expand=True,
    )


def open_session(
    page: ft.Page,
    device: Device,
    *,
    language: str = "en",
    dark: bool = False,
    steady: Callable[[], float] = time.monotonic,
    assortment: Assortment | None = None,
) -> Session:
    """Start a session on a browser tab that has just connected, and draw its first screen.

    A tab that comes back with the address of some inner page starts there, as a new customer. ``steady`` is a clock that never
    goes back, in seconds. ``assortment`` is kept up to date by whoever gives it; without one nothing is known by heart.
    """
    session = Session(device, language=language, assortment=assortment)
    look = session.look
    look.width, look.height = page.width or look.width, page.height or look.height
    look.dark, look.offline = dark, not device.online()
    look.route = page.route or "/"
    page.title, page.padding, page.fonts = "Endless aisle", 0, dict(FONTS)
    page.theme, page.dark_theme = flet_theme(LIGHT), flet_theme(DARK)

    def dress() -> None:
        page.theme_mode = ft.ThemeMode.DARK if look.dark else ft.ThemeMode.LIGHT
        page.rtl = look.language in RIGHT_TO_LEFT
        page.bgcolor = (DARK if look.dark else LIGHT).bg
        page.update()

    def routed(event: ft.RouteChangeEvent) -> None:
        look.route, look.notice = event.route, ""
        session.idle.touch()

    def resized(event: ft.PageResizeEvent) -> None:
        look.width, look.height = event.width, event.height

    wedge = Wedge(*device.scanner_frame)

    def typed(event: ft.KeyboardEvent) -> None:
        session.idle.touch()
        at = steady()
        text = wedge.feed(event.key, event.shift, at, ctrl=event.ctrl)
        if text is not None:
            session.take_out(wedge.typed)
            session.scan(text, "wedge", at)
        elif not (event.ctrl or event.alt or event.meta):
            session.key(event.key)

    def connected() -> None:
        # A window that is loaded again said "hidden" when it went and says nothing when it is back: Flet would never
        # send it another picture of the camera.
        back = ft.AppLifecycleStateChangeEvent("app_lifecycle", page, state=ft.AppLifecycleState.SHOW)
        page.before_event(cast("ft.Event[BaseControl]", back))
        # Drawing ends for good when it meets a socket that is just going, and what changed while nobody was there was
        # not drawn.
        page.session.start_updates_scheduler()  # type: ignore[no-untyped-call]
        look.notify()  # type: ignore[no-untyped-call]

    def heard(topic: str) -> None:
        if topic in ("health", "catalogue"):
            look.offline = not device.online()

    session.dress, session.navigate, session.steady = dress, page.navigate, steady
    page.on_route_change, page.on_resize, page.on_keyboard_event = routed, resized, typed
    page.on_connect, page.on_close = connected, session.close
    dress()
    page.render(App, session, look)
    session.watch(heard)
    session.start(watch_idle(session, steady))
    return session


async def watch_idle(session: Session, now: Callable[[], float]) -> None:
    """Tick once a second; when nobody answers the warning, wipe and show the idle screen."""
    while True:
        idle_step(session, now())
        await asyncio.sleep(1)


def idle_step(session: Session, now: float) -> None:
    """One tick of the idle clock. On the idle screen with nothing to lose there is nobody to warn."""
    idle = session.idle
    if session.look.route == "/" and session.clean():
        idle.touch()
    idle.tick(now)
    if idle.phase == "over":
        session.reset()
