"""Everything that is pressed: one filled button per screen, the rest outlined or quiet."""

from __future__ import annotations

from typing import TypedDict, Unpack

import flet as ft

from kiosk.components.touch import Named
from kiosk.guard import Handler
from kiosk.theme import Radius, Size, Space, style
from kiosk.ui import T, Ui

Icon = ft.IconData


class Shape(TypedDict, total=False):
    """What any filled button can be told of its size and state."""

    icon: Icon | None
    height: int
    width: float | None
    expand: bool | int | None
    disabled: bool


def Words(ui: Ui, text: str, icon: Icon | None, color: str, role: str) -> ft.Control:
    """An icon and a word, in the middle, on one line."""
    parts: list[ft.Control] = [ft.Icon(icon, color=color, size=Size.ICON)] if icon else []
    if text:
        parts.append(T(ui, text, role, color, no_wrap=True))
    return ft.Row(parts, spacing=Space.S, tight=True, alignment=ft.MainAxisAlignment.CENTER)


def Solid(
    ui: Ui,
    text: str,
    name: str,
    on_click: Handler | None,
    *,
    ink: str,
    ground: str,
    edge: str | None = None,
    icon: Icon | None = None,
    role: str = "heading",
    height: int = Size.BUTTON,
    width: float | None = None,
    expand: bool | int | None = None,
    disabled: bool = False,
) -> ft.Control:
    """The one button shape. Screens use Primary, Secondary and Quiet; only the idle screen paints its own."""
    c = ui.c
    return Named(
        name,
        ft.FilledButton(
            content=Words(ui, text, icon, c.ink2 if disabled else ink, role),
            on_click=None if disabled else ui.on(on_click),
            height=height,
            width=width,
            disabled=disabled,
            style=ft.ButtonStyle(
                bgcolor={ft.ControlState.DISABLED: c.fill, ft.ControlState.DEFAULT: ground},
                color={ft.ControlState.DISABLED: c.ink2, ft.ControlState.DEFAULT: ink},
                padding=ft.Padding.symmetric(horizontal=Space.L),
                elevation=0,
                shadow_color=ft.Colors.TRANSPARENT,
                side={
                    ft.ControlState.DISABLED: ft.BorderSide(0, c.fill),
                    ft.ControlState.FOCUSED: ft.BorderSide(3, c.accent),
                    ft.ControlState.DEFAULT: ft.BorderSide(1.5, edge) if edge else ft.BorderSide(0, ground),
                },
                shape=ft.RoundedRectangleBorder(radius=Radius.CONTROL),
                text_style=style(role),
            ),
        ),
        expand=expand,
    )


def Primary(
    ui: Ui, text: str, name: str, on_click: Handler | None = None, **shape: Unpack[Shape]
) -> ft.Control:
    """One per screen: what most people should press next. A disabled one says what it waits for."""
    return Solid(ui, text, name, on_click, ink=ui.c.on_primary, ground=ui.c.primary, **shape)


def Secondary(
    ui: Ui, text: str, name: str, on_click: Handler | None = None, **shape: Unpack[Shape]
) -> ft.Control:
    """Outlined: the other ways on."""
    c = ui.c
    return Solid(ui, text, name, on_click, ink=c.ink, ground=c.surface, edge=c.border, role="strong", **shape)


def Quiet(
    ui: Ui,
    text: str,
    name: str,
    on_click: Handler | None = None,
    *,
    icon: Icon | None = None,
    height: int = Size.CONTROL,
    color: str | None = None,
) -> ft.Control:
    """Words that can be pressed, without a frame."""
    return Named(
        name,
        ft.TextButton(
            content=Words(ui, text, icon, color or ui.c.primary, "strong"),
            on_click=ui.on(on_click),
            height=height,
            style=ft.ButtonStyle(
                padding=ft.Padding.symmetric(horizontal=Space.M),
                shape=ft.RoundedRectangleBorder(radius=Radius.CONTROL),
                side={ft.ControlState.FOCUSED: ft.BorderSide(3, ui.c.accent)},
            ),
        ),
    )


def IconAction(
    ui: Ui,
    icon: Icon,
    label: str,
    name: str,
    on_click: Handler | None = None,
    *,
    ground: str | None = None,
    color: str | None = None,
    size: int = Size.CONTROL,
    radius: float = Radius.CONTROL,
    disabled: bool = False,
) -> ft.Control:
    """An icon alone; ``label`` is what is spoken for it."""
    return Named(
        name,
        ft.Container(
            ft.Icon(icon, color=ui.c.border if disabled else color or ui.c.ink, size=Size.ICON),
            width=size,
            height=size,
            border_radius=radius,
            bgcolor=ground or ui.c.fill,
            alignment=ft.Alignment.CENTER,
            ink=not disabled,
            on_click=None if disabled else ui.on(on_click),
        ),
        label=label,
        button=True,
    )
