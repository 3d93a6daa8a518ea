"""What is the case and what still works, said without blocking."""

from __future__ import annotations

import flet as ft

from kiosk.components.buttons import Quiet
from kiosk.components.touch import Named
from kiosk.guard import Handler
from kiosk.theme import Radius, Size, Space
from kiosk.ui import T, Ui


def Banner(
    ui: Ui,
    text: str,
    name: str,
    *,
    tone: str = "info",
    icon: ft.IconData = ft.Icons.INFO_OUTLINE,
    action: str = "",
    on_click: Handler | None = None,
    flush: bool = False,
) -> ft.Control:
    """One line with an icon, spoken when it appears. ``flush``: from edge to edge, under nothing or above a bar."""
    ink, ground = ui.c.tone(tone)
    row: list[ft.Control] = [
        ft.Icon(icon, color=ink, size=Size.ICON),
        T(ui, text, "label", ink, expand=True),
    ]
    if action:
        row.append(Quiet(ui, action, f"{name}-action", on_click, color=ink, height=Size.TOUCH))
    return Named(
        name,
        ft.Container(
            ft.Row(row, spacing=Space.S),
            bgcolor=ground,
            border_radius=0 if flush else Radius.CONTROL,
            padding=ft.Padding.symmetric(
                horizontal=ui.gutter if flush else Space.M, vertical=Space.XXS if action else Space.S
            ),
        ),
        live=True,
        container=True,
    )
