"""Scan a tag: by the camera, by a hand scanner, or by typing its digits; and what the code leads to.

The route says which code (``/scan?code=`` a product number, ``/scan?sku=`` a store's own code), so a scan on any
screen ends here. The camera is open only while this screen is shown and the keys are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import flet as ft

from kiosk.components.bars import BottomBar, CartButton, Shell, TopBar
from kiosk.components.buttons import IconAction, Primary, Secondary
from kiosk.components.keypad import ENTER
from kiosk.components.product_card import product_route
from kiosk.components.states import EmptyState
from kiosk.guard import Handler, component
from kiosk.hooks import use_keys, use_screen_state, use_task
from kiosk.scanner.live import Look
from kiosk.scanner.reading import Reading
from kiosk.screens.scan_camera import Eye, Viewfinder, glass_of, kept, source_of
from kiosk.screens.scan_guess import Guess
from kiosk.screens.scan_result import (
    Again,
    AskingSheet,
    FoundSheet,
    GuessSheet,
    NothingSheet,
    SeveralSheet,
    best_of,
)
from kiosk.screens.scan_several import Marks, Several, in_reading_order
from kiosk.screens.scan_state import Asked, ScanState, readable
from kiosk.screens.scan_typed import TypedPad
from kiosk.session import Session
from kiosk.theme import Glass, Size, Space
from kiosk.ui import Ui
from sync.device import Found

__all__ = ["Asked", "ScanScreen"]


@component
def ScanScreen(ui: Ui, session: Session, asked: Asked) -> ft.Control:
    """Aim or type, then the result over it."""
    state = use_screen_state(lambda: ScanState(session.device))
    eye, guess = use_screen_state(Eye), use_screen_state(Guess)
    several = ft.use_memo(Several, [])
    view, set_view = ft.use_state(cast("tuple[float, float] | None", None))
    source = source_of(session.device.camera)
    screen = ft.use_memo(lambda: glass_of(source), [])
    aiming = source is not None and not asked.typing

    def sized(event: ft.LayoutSizeChangeEvent[ft.LayoutControl]) -> None:
        set_view((event.width, event.height))

    def look(seen: Look) -> None:
        guess.look(seen)
        alone = several.look(seen)
        if alone is not None and state.phase in ("idle", "several"):
            state.clear()
            take(alone, seen.frame.at)

    def take(reading: Reading, at: float) -> None:
        session.idle.touch()
        session.scan(reading.text, "camera", at, reading.symbology)

    def read(readings: Sequence[Reading], at: float) -> bool:
        # A result is looked at in peace; after "nothing found" the next tag may be held up at once, and one more
        # beside those that are asked about is asked about, too.
        if state.phase in ("asking", "found", "several") and not state.held:
            return False
        asked_about = {each.text for each in state.held}
        codes = readable([*state.held, *(each for each in readings if each.text not in asked_about)])
        if state.held and len(codes) == len(state.held):
            return True
        if len(codes) > 1:
            session.idle.touch()
            codes = in_reading_order(codes)
            several.begin(codes, at)
            state.hold(codes)
        else:
            take((codes or readings)[0], at)
        return True

    async def watch() -> None:
        guess.clear()
        several.clear()
        if source is not None and aiming:
            known = session.assortment
            await eye.watch(source, screen, read, look, known.knows, known.proposer())

    async def look_up() -> None:
        await state.look_up(asked, ui.language)
        if state.phase == "found" and session.associate is not None:
            offer = best_of(state.found[0])
            if offer is not None and offer.available:  # whoever knows the shop needs no second look
                session.go(product_route(state.found[0].listing.product.id, state.found[0].gtin))

    async def compare() -> None:
        if state.held:
            only = await state.compare(state.held)
            if only is not None:
                state.clear()
                take(only, session.steady())

    async def suppose() -> None:
        await state.suppose(guess.gtin)

    use_task(session, watch, [aiming, eye.tries])
    use_task(session, look_up, [asked])
    use_task(session, compare, [state.held])
    use_task(session, suppose, [guess.gtin])

    camera = aiming and eye.phase not in ("silent", "lost")
    lost = eye.phase == "lost" and not eye.seen
    # Whoever has begun to type goes on typing when the camera comes back.
    typing = state.phase == "idle" and (not aiming or lost or bool(state.typed))
    guessing = camera and state.phase == "idle" and state.guess is not None

    async def find_typed() -> None:
        typed = await state.check(ui.language)
        if typed is not None:
            session.scan(typed, "typed", session.steady())

    def find() -> None:
        session.start(find_typed())

    def press(key: str) -> None:
        if key == ENTER:
            find()
        else:
            state.press(key)

    def again() -> None:
        state.clear()
        guess.clear()
        if asked != Asked():
            session.go("/scan")

    def leave() -> None:
        if guessing:
            guess.decline()
        elif state.phase != "idle" or (asked.typing and source is not None):
            again()
        else:
            session.go("/search")

    use_keys(session, lambda key: press(key) if typing else None)
    top = TopBar(ui, ui.t("Scan a tag"), back=leave, actions=[CartButton(ui, session.cart)])
    foot = BottomBar(ui, [], back=leave) if ui.portrait else None
    if typing:
        note = ui.t("The camera does not answer.") if aiming and not camera else ""
        pad = TypedPad(ui, state.typed, state.trouble, note, press, find)
        return Shell(ui, top, kept(pad, screen, aiming=aiming), foot)
    if state.phase == "idle" and not camera:
        return Shell(ui, top, kept(_no_picture(ui, eye.again), screen, aiming=aiming), foot)
    sheet = None
    if guessing and state.guess is not None:
        sheet = GuessSheet(ui, state.guess, stale=_stale(session, state.guess), no=guess.decline)
    elif state.phase != "idle":
        sheet = _sheet(ui, session, state, asked, again, camera=camera)
    if not camera:
        body = ft.Container(
            sheet,
            alignment=ft.Alignment.BOTTOM_CENTER if ui.portrait else ft.Alignment.CENTER,
            padding=ft.Padding.symmetric(horizontal=ui.gutter, vertical=Space.XL),
            expand=True,
        )
        return Shell(ui, top, kept(body, screen, aiming=aiming), foot)
    height = ui.height - Size.BAR
    choosing = bool(state.held) and state.phase == "several"
    hint = None
    if guessing:
        hint = ft.Icons.CENTER_FOCUS_WEAK, ui.t("Hold it still, a little nearer or further away")
    elif choosing:
        hint = ft.Icons.FILTER_NONE, ui.t("There is more than one tag here")
    found = state.phase in ("found", "several") and not choosing
    layers = [Viewfinder(ui, screen, height, eye.phase, found=found, hint=hint, aim=not choosing)]
    if choosing:
        # What the offline line leaves of the height is known to the window alone.
        marks = Marks(ui, several, *(view or (ui.width, height)))
        told = ft.Container(marks, on_size_change=sized)  # Flet cannot also give it a place in a stack
        layers.append(ft.Container(told, left=0, right=0, top=0, bottom=0))
    lower = ft.Container(
        ft.Row([sheet or _ways(ui, leave)], alignment=ft.MainAxisAlignment.CENTER),
        left=0,
        right=0,
        bottom=64 if ui.tall else Space.XL,
    )
    return Shell(ui, top, ft.Stack([*layers, lower], expand=True))


def _stale(session: Session, found: Found) -> bool:
    offer = best_of(found)
    return offer is not None and session.device.stale(offer)


def _sheet(
    ui: Ui, session: Session, state: ScanState, asked: Asked, on_again: Handler, *, camera: bool
) -> ft.Control:
    def again(*, main: bool) -> ft.Control:
        return Again(ui, on_again, camera=camera, main=main)

    if state.phase == "asking":
        return AskingSheet(ui)
    if state.phase == "found":
        found = state.found[0]
        return FoundSheet(ui, found, stale=_stale(session, found), again=again(main=False))
    if state.phase == "several":
        return SeveralSheet(
            ui, state.choices, asked.sku, session.device.partner_name, again=again(main=False)
        )
    if state.phase == "wrong":
        return NothingSheet(
            ui, ui.t("This code could not be read"), state.trouble, "scan-wrong", again=again(main=True)
        )
    if state.phase == "failed":
        words = ui.t("Please try again, or ask an associate.")
        title = ui.t("That did not work")
        return NothingSheet(ui, title, words, "scan-failed", again=again(main=True))
    title = ui.t("No partner here sells this")
    words = ui.t("Check it against the tag, or search by name.")
    return NothingSheet(ui, title, words, "scan-unknown", again=again(main=True), code=state.shown)


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
