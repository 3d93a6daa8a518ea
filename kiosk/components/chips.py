"""Chips: one of several to choose, with its icon or colour and how much it leads to, and one to take away again."""

from __future__ import annotations

import flet as ft

from kiosk.components.touch import Named
from kiosk.components.variant_grid import Swatch
from kiosk.components.writing import own_way
from kiosk.guard import Handler
from kiosk.theme import Motion, Size, Space
from kiosk.ui import T, Ui

LONGEST = 32  # characters of a value; some partners write whole sentences into one


def short(text: str) -> str:
    """``text``, cut where it would not fit on a chip."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"


def Chip(
    ui: Ui,
    text: str,
    name: str,
    selected: bool,
    on_click: Handler | None = None,
    *,
    count: str | None = None,
    icon: ft.IconData | None = None,
    swatch: str | None = None,
) -> ft.Control:
    """One value, on or off. Without ``on_click`` it leads nowhere: flat, grey and not pressable."""
    c = ui.c
    ink = c.on_primary if selected else c.ink if on_click else c.ink2
    row: list[ft.Control] = [Swatch(ui, swatch, 22)] if swatch else []
    if icon:
        row.append(ft.Icon(icon, size=22, color=ink))
    row.append(T(ui, own_way(ui, short(text), together=True), "label", ink, no_wrap=True))
    if count:
        row.append(T(ui, count, "caption", ink if selected else c.ink2, no_wrap=True))
    return Named(
        name,
        ft.Container(
            ft.Row(row, spacing=Space.XS, tight=True),
            height=Size.TOUCH,
            padding=ft.Padding.symmetric(horizontal=18),
            border_radius=Size.TOUCH / 2,
            bgcolor=c.primary if selected else c.surface if on_click else c.fill,
            border=ft.Border.all(1.5, c.primary if selected else c.border if on_click else c.fill),
            animate=Motion.QUICK,
            ink=on_click is not None,
            on_click=ui.on(on_click),
        ),
        button=True,
        selected=selected,
    )


def RemovableChip(
    ui: Ui, text: str, name: str, on_remove: Handler, *, swatch: str | None = None
) -> ft.Control:
    """Something that is chosen now; the whole chip takes it away."""
    c = ui.c
    row: list[ft.Control] = [Swatch(ui, swatch, 22)] if swatch else []
    spoken = ui.t("Take away: {name}", name=text)
    row += [
        T(
            ui,
            own_way(ui, short(text), together=True),
            "label",
            c.on_soft,
            no_wrap=True,
            semantics_label=spoken,
        ),
        ft.Icon(ft.Icons.CLOSE, size=20, color=c.on_soft),
    ]
    return Named(
        name,
        ft.Container(
            ft.Row(row, spacing=Space.XS, tight=True),
            height=Size.TOUCH,
            padding=ft.Padding.symmetric(horizontal=Space.M),
            border_radius=Size.TOUCH / 2,
            bgcolor=c.soft,
            ink=True,
            on_click=ui.on(on_remove),
        ),
        button=True,
    )
