"""How many: minus, the number, plus."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from kiosk.components.buttons import IconAction
from kiosk.components.touch import Named
from kiosk.theme import Radius, Size
from kiosk.ui import T, Ui


def Stepper(
    ui: Ui, value: int, name: str, on_change: Callable[[int], None], *, limit: int, what: str
) -> ft.Control:
    """Calls ``on_change`` with the new quantity. At one, minus is a bin and gives 0; at ``limit`` plus stops."""
    less = ui.t("One less: {name}", name=what) if value > 1 else ui.t("Remove: {name}", name=what)
    return ft.Container(
        ft.Row(
            [
                IconAction(
                    ui,
                    ft.Icons.REMOVE if value > 1 else ft.Icons.DELETE_OUTLINE,
                    less,
                    f"{name}-less",
                    lambda: on_change(value - 1),
                    ground=ui.c.surface,
                    size=Size.TOUCH,
                ),
                Named(
                    f"{name}-quantity",
                    ft.Container(T(ui, str(value), "heading"), width=36, alignment=ft.Alignment.CENTER),
                ),
                IconAction(
                    ui,
                    ft.Icons.ADD,
                    ui.t("One more: {name}", name=what),
                    f"{name}-more",
                    lambda: on_change(value + 1),
                    ground=ui.c.surface,
                    size=Size.TOUCH,
                    disabled=value >= limit,
                ),
            ],
            spacing=0,
            tight=True,
        ),
        border=ft.Border.all(1.5, ui.c.border),
        border_radius=Radius.CONTROL,
        bgcolor=ui.c.surface,
    )
