"""Scan a tag: by the camera, by a hand scanner, or by typing its digits; and what the code leads to.

The route says which code (``/scan?code=`` a product number, ``/scan?sku=`` a store's own code), so a scan on any
screen ends here. The camera is open only while this screen is shown and the keys are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import flet as ft

from kiosk.components.bars import BottomBar, CartButton, Shell, TopBar
from kiosk.components.buttons import IconAction, Primary, Secondary
from kiosk.components.keypad import ENTER, pressed
from kiosk.components.product_card import product_route
from kiosk.components.states import EmptyState
from kiosk.device import Device
from kiosk.guard import Handler, component
from kiosk.hooks import use_keys, use_screen_state, use_task
from kiosk.scanner.reading import Reading
from kiosk.screens.scan_camera import Eye, Viewfinder, source_of
from kiosk.screens.scan_result import (
    Again,
    AskingSheet,
    FoundSheet,
    NothingSheet,
    SeveralSheet,
    best_of,
)
from kiosk.screens.scan_typed import MOST, TypedPad, spaced
from kiosk.session import Session
from kiosk.strings import code_trouble
from kiosk.theme import Glass, Size, Space
from kiosk.ui import Ui
from retail.codes import Code, UnreadableCode, read_code
from retail.errors import AisleError
from retail.gtin import Gtin, InvalidGtin
from sync.device import Found


@dataclass(frozen=True, slots=True)
class Asked:
    """What the route asks for. ``typing``: the keys, whether or not there is a camera."""

    code: str = ""
    sku: str = ""
    typing: bool = False


@dataclass(eq=False)
class ScanState(ft.Observable):
    """A code and what it led to. ``trouble`` is why it could not be read; ``typed`` what is on the keys so far."""

    device: Device
    phase: Literal["idle", "asking", "found", "several", "unknown", "wrong", "failed"] = "idle"
    found: tuple[Found, ...] = ()
    typed: str = ""
    trouble: str = ""
    shown: str = ""

    async def look_up(self, asked: Asked, language: str) -> None:
        """Find what the route asks for. It is cancelled when the next code comes, so no answer is late."""
        self.typed = self.trouble = ""
        self.found = ()
        if not (asked.code or asked.sku):
            self.phase = "idle"
            return
        try:
            code = read_code(asked.code) if asked.code else Code(asked.sku, None, "sku")
        except (InvalidGtin, UnreadableCode) as error:
            self.trouble, self.phase = code_trouble(language, error), "wrong"
            return
        self.shown = spaced(code.gtin.short) if code.gtin else code.text[:40]
        self.phase = "asking"
        try:
            found = await self.device.by_code(code)
        except AisleError:
            found = None
        self.found = found or ()
        if found is None:
            self.phase = "failed"
        else:
            self.phase = "found" if len(found) == 1 else "several" if found else "unknown"

    def press(self, key: str) -> None:
        """One key more or less."""
        if key.isdecimal() or len(key) > 1:
            self.typed, self.trouble = pressed(self.typed, key, longest=MOST), ""

    def check(self, language: str) -> bool:
        """Whether what is typed can stand under bars; if not, ``trouble`` says why."""
        try:
            Gtin.parse(self.typed)
        except InvalidGtin as error:
            self.trouble = code_trouble(language, error)
            return False
        return True


@component
def ScanScreen(ui: Ui, session: Session, asked: Asked) -> ft.Control:
    """Aim or type, then the result over it."""
    state = use_screen_state(lambda: ScanState(session.device))
    eye = use_screen_state(Eye)
    screen = ft.use_memo(lambda: ft.RawImage(fit=ft.BoxFit.COVER), [])
    source = source_of(session.device.camera)
    aiming = source is not None and not asked.typing

    def read(readings: Sequence[Reading], at: float) -> bool:
        # A result is looked at in peace; after "nothing found" the next tag may be held up at once.
        if state.phase in ("asking", "found", "several"):
            return False
        session.idle.touch()
        for reading in readings:
            session.scan(reading.text, "camera", at, reading.symbology)
        return True

    async def watch() -> None:
        if source is not None and aiming:
            await eye.watch(source, screen, read)

    async def look_up() -> None:
        await state.look_up(asked, ui.language)
        if state.phase == "found" and session.associate is not None:
            offer = best_of(state.found[0])
            if offer is not None and offer.available:  # whoever knows the shop needs no second look
                session.go(product_route(state.found[0].listing.product.id, state.found[0].gtin))

    use_task(session, watch, [aiming, eye.tries])
    use_task(session, look_up, [asked])

    camera = aiming and eye.phase not in ("silent", "lost")
    typing = state.phase == "idle" and (not aiming or (eye.phase == "lost" and not eye.seen))

    def find() -> None:
        if state.check(ui.language):
            session.scan(state.typed, "typed", session.steady())

    def press(key: str) -> None:
        if key == ENTER:
            find()
        else:
            state.press(key)

    use_keys(session, lambda key: press(key) if typing else None)
    back = "/search"
    if state.phase != "idle" or (asked.typing and source is not None):
        back = "/scan"
    top = TopBar(ui, ui.t("Scan a tag"), back=ui.to(back), actions=[CartButton(ui, session.cart)])
    foot = BottomBar(ui, [], back=ui.to(back)) if ui.portrait else None
    if typing:
        note = ui.t("The camera does not answer.") if aiming else ""
        return Shell(ui, top, TypedPad(ui, state.typed, state.trouble, note, press, find), foot)
    if state.phase == "idle" and not camera:
        return Shell(ui, top, _no_picture(ui, eye.again), foot)
    sheet = None if state.phase == "idle" else _sheet(ui, session, state, camera=camera)
    if not camera:
        body = ft.Container(
            sheet,
            alignment=ft.Alignment.BOTTOM_CENTER if ui.portrait else ft.Alignment.CENTER,
            padding=ft.Padding.symmetric(horizontal=ui.gutter, vertical=Space.XL),
            expand=True,
        )
        return Shell(ui, top, body, foot)
    height = ui.height - Size.BAR
    view = Viewfinder(ui, screen, height, eye.phase, found=state.phase in ("found", "several"))
    over = sheet or _ways(ui, ui.to(back))
    lower = ft.Container(
        ft.Row([over], alignment=ft.MainAxisAlignment.CENTER),
        left=0,
        right=0,
        bottom=64 if ui.tall else Space.XL,
    )
    return Shell(ui, top, ft.Stack([view, lower], expand=True))


def _sheet(ui: Ui, session: Session, state: ScanState, *, camera: bool) -> ft.Control:
    def again(*, main: bool) -> ft.Control:
        return Again(ui, ui.to("/scan"), camera=camera, main=main)

    if state.phase == "asking":
        return AskingSheet(ui)
    if state.phase == "found":
        found = state.found[0]
        offer = best_of(found)
        stale = offer is not None and session.device.stale(offer)
        return FoundSheet(ui, found, stale=stale, again=again(main=False))
    if state.phase == "several":
        return SeveralSheet(ui, state.found, again=again(main=False))
    if state.phase == "wrong":
        return NothingSheet(
            ui, ui.t("This code could not be read"), state.trouble, "scan-wrong", again=again(main=True)
        )
    if state.phase == "failed":
        words = ui.t("Please try again, or ask an associate.")
        title = ui.t("That did not work")
        return NothingSheet(ui, title, words, "scan-failed", again=again(main=True))
    words = ui.t("Number {code}. Check it against the tag, or search by name.", code=state.shown)
    title = ui.t("No partner here sells this")
    return NothingSheet(ui, title, words, "scan-unknown", again=again(main=True))


def _ways(ui: Ui, back: Handler) -> ft.Control:
    """Below the picture: typing always works."""
    row: list[ft.Control] = []
    if ui.portrait:
        row.append(
            IconAction(
                ui,
                ft.Icons.ARROW_BACK,
                ui.t("Back"),
                "back",
                back,
                ground=Glass.PAPER,
                color=Glass.INK,
                size=Size.BUTTON,
            )
        )
    row.append(
        Secondary(ui, ui.t("Type the number"), "type-number", ui.to("/scan?type=1"), icon=ft.Icons.DIALPAD)
    )
    return ft.Row(row, spacing=Space.S, tight=True)


def _no_picture(ui: Ui, again: Handler) -> ft.Control:
    return EmptyState(
        ui,
        ft.Icons.NO_PHOTOGRAPHY_OUTLINED,
        ui.t("The camera gives no picture"),
        ui.t("Type the number under the barcode, or use the hand scanner: it works on every screen."),
        "no-camera",
        [
            Primary(ui, ui.t("Type the number"), "type-number", ui.to("/scan?type=1"), icon=ft.Icons.DIALPAD),
            Secondary(ui, ui.t("Try the camera again"), "camera-again", again, icon=ft.Icons.REFRESH),
            Secondary(ui, ui.t("Search by name"), "search-by-name", ui.to("/search"), icon=ft.Icons.SEARCH),
        ],
    )
