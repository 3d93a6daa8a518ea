"""The frame of every screen: bar on top, sticky bar below, the column between them."""

from __future__ import annotations

from collections.abc import Sequence

import flet as ft

from kiosk.components.banner import Banner
from kiosk.components.buttons import IconAction
from kiosk.components.touch import Named
from kiosk.guard import Handler, component
from kiosk.session import CartState
from kiosk.theme import Radius, Size, Space, lift
from kiosk.ui import T, Ui


@component
def CartButton(ui: Ui, cart: CartState, wide: bool = True) -> ft.Control:
    """The way to the cart with the count of pieces. Its own component, so that adding redraws only this."""
    count, c = cart.cart.count(), ui.c
    row: list[ft.Control] = [ft.Icon(ft.Icons.SHOPPING_BAG_OUTLINED, size=Size.ICON, color=c.ink)]
    if wide:
        row.append(T(ui, ui.t("Cart"), "strong"))
    if count:
        spoken = ui.n("{count} item", "{count} items", count)
        row.append(
            ft.Container(
                T(ui, str(count), "label", c.on_accent, semantics_label=spoken),
                bgcolor=c.accent,
                border_radius=14,
                width=28 if count < 10 else 36,
                height=28,
                alignment=ft.Alignment.CENTER,
            )
        )
    return Named(
        "cart",
        ft.Container(
            ft.Row(row, spacing=10, tight=True, alignment=ft.MainAxisAlignment.CENTER),
            height=Size.CONTROL,
            padding=ft.Padding.symmetric(horizontal=18),
            border_radius=Radius.CONTROL,
            bgcolor=c.fill,
            ink=True,
            on_click=ui.on(ui.to("/cart")),
        ),
        label=None if wide else ui.t("Cart"),
        button=True,
    )


def Brand(ui: Ui, color: str | None = None) -> ft.Control:
    """The sign and the name."""
    c = ui.c
    return ft.Row(
        [
            ft.Container(
                ft.Icon(ft.Icons.ALL_INCLUSIVE, color=c.on_primary, size=22),
                width=36,
                height=36,
                border_radius=10,
                bgcolor=c.primary,
                alignment=ft.Alignment.CENTER,
            ),
            T(ui, "Endless aisle", "heading", color or c.ink, no_wrap=True),
        ],
        spacing=10,
        tight=True,
    )


def BackButton(ui: Ui, back: Handler, size: int = Size.CONTROL) -> ft.Control:
    """One level up; Flet mirrors the arrow itself where people read from right to left."""
    return IconAction(ui, ft.Icons.ARROW_BACK, ui.t("Back"), "back", back, size=size)


def TopBar(
    ui: Ui,
    title: str = "",
    *,
    back: Handler | None = None,
    center: ft.Control | None = None,
    actions: Sequence[ft.Control] = (),
) -> ft.Control:
    """Landscape: back, title, actions. Portrait: the name only; what must be pressed is in the bottom bar."""
    left: list[ft.Control] = []
    if back is not None and not ui.portrait:
        left.append(BackButton(ui, back))
    left.append(T(ui, title, "title", no_wrap=True) if title else Brand(ui))
    middle = ft.Container(
        center, expand=True, padding=ft.Padding.symmetric(horizontal=Space.M if center else 0)
    )
    return ft.Container(
        ft.Row([ft.Row(left, spacing=Space.M, tight=True), middle, *actions], spacing=Space.S),
        height=Size.BAR,
        padding=ft.Padding.symmetric(horizontal=ui.gutter),
        bgcolor=ui.c.surface,
        border=ft.Border.only(bottom=ft.BorderSide(1, ui.c.line)),
    )


def BottomBar(
    ui: Ui,
    controls: Sequence[ft.Control],
    *,
    back: Handler | None = None,
    above: ft.Control | None = None,
) -> ft.Control:
    """Sticky. In portrait the way back sits here, under the thumb."""
    row = list(controls)
    if back is not None and ui.portrait:
        row.insert(0, BackButton(ui, back, Size.BUTTON))
    body: ft.Control = ft.Row(row, spacing=Space.S)
    if above:
        body = ft.Column([above, body], spacing=Space.S, tight=True)
    return ft.Container(
        body,
        padding=ft.Padding.symmetric(horizontal=ui.gutter, vertical=Space.L if ui.tall else Space.M),
        bgcolor=ui.c.surface,
        shadow=lift(ui.c),
        border=ft.Border.only(top=ft.BorderSide(1, ui.c.line)),
    )


def Shell(ui: Ui, top: ft.Control | None, body: ft.Control, bottom: ft.Control | None = None) -> ft.Control:
    """A screen: what the store's link allows, top bar, body, bottom bar. At most one banner is shown."""
    parts: list[ft.Control] = []
    if ui.offline:
        words = ui.t("The store is offline. You can still search, order and pay at the till.")
        parts.append(Banner(ui, words, "offline", tone="warn", icon=ft.Icons.CLOUD_OFF_OUTLINED, flush=True))
    if top:
        parts.append(top)
    parts.append(ft.Container(body, expand=True))
    if bottom:
        parts.append(bottom)
    return ft.Column(parts, spacing=0, expand=True)


def Page(
    ui: Ui, controls: Sequence[ft.Control], *, width: float = Size.READING, spacing: int = Space.L
) -> ft.Control:
    """A scrolling column in the middle of the screen, never wider than reads well."""
    content = list(controls)
    if ui.tall:  # the top of a standing kiosk is for looking, not for touching
        content.insert(0, ft.Container(height=ui.height * 0.12))
    column = ft.Row(
        [ft.Container(ft.Column(content, spacing=spacing, tight=True), width=min(width, ui.reading))],
        alignment=ft.MainAxisAlignment.CENTER,
    )
    return ft.Column(
        [column, ft.Container(height=Space.XS)], scroll=ft.ScrollMode.AUTO, expand=True, spacing=0
    )


def Card(
    ui: Ui,
    content: ft.Control,
    *,
    name: str | None = None,
    padding: int = Space.L,
    selected: bool = False,
    on_click: Handler | None = None,
    width: float | None = None,
    height: float | None = None,
    expand: bool | int | None = None,
) -> ft.Control:
    """A quiet frame around things that belong together; one target when it has ``on_click``."""
    c = ui.c
    card = ft.Container(
        content,
        padding=padding,
        border_radius=Radius.CARD,
        bgcolor=c.surface,
        width=width,
        height=height,
        expand=None if name else expand,
        border=ft.Border.all(2 if selected else 1, c.primary if selected else c.line),
        on_click=ui.on(on_click),
        ink=bool(on_click),
    )
    if name is None:
        return card
    return Named(name, card, button=True if on_click else None, selected=selected or None, expand=expand)
