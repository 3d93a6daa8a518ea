"""What lies over every screen: "are you still there?" and the line that says a touch did not work.

Drawn by the app itself, so that a reset can never leave a dialog behind.
"""

from __future__ import annotations

import flet as ft

from kiosk.components.buttons import IconAction, Primary, Secondary
from kiosk.components.touch import Named
from kiosk.guard import component
from kiosk.idle import NOTICE, Idle
from kiosk.session import Look, Session
from kiosk.theme import Radius, Space, lift
from kiosk.ui import T, Ui

SPOKEN = (5, 15, NOTICE)  # seconds


@component
def IdleWarning(ui: Ui, session: Session, idle: Idle) -> ft.Control:
    """Listens to the idle clock alone, so a second that passes redraws nothing else. Any tap keeps going."""
    if idle.phase != "warned" or not idle.drawn:
        return ft.Container(visible=False)
    c = ui.c

    def sentence(seconds: int) -> str:
        return ui.n(
            "In {count} second we clear the cart and everything you typed, so that nobody else sees it.",
            "In {count} seconds we clear the cart and everything you typed, so that nobody else sees it.",
            seconds,
        )

    card = ft.Container(
        ft.Column(
            [
                ft.Container(
                    ft.Icon(ft.Icons.HOURGLASS_BOTTOM, size=40, color=c.on_soft),
                    width=88,
                    height=88,
                    border_radius=44,
                    bgcolor=c.soft,
                    alignment=ft.Alignment.CENTER,
                ),
                T(ui, ui.t("Are you still there?"), "display", text_align=ft.TextAlign.CENTER),
                # Shown every second; spoken when it opens and near the end only.
                ft.Semantics(
                    label=sentence(next(left for left in SPOKEN if idle.left <= left)),
                    live_region=True,
                    exclude_semantics=True,
                    content=T(ui, sentence(idle.left), "body", c.ink2, text_align=ft.TextAlign.CENTER),
                ),
                ft.ProgressBar(
                    value=idle.left / NOTICE,
                    bar_height=12,
                    border_radius=6,
                    color=c.primary,
                    bgcolor=c.fill,
                    semantics_label="",
                ),
                ft.Row(
                    [
                        Secondary(ui, ui.t("I'm done"), "done", session.reset, expand=1, height=76),
                        Primary(ui, ui.t("Yes, keep going"), "keep-going", idle.touch, expand=2, height=76),
                    ],
                    spacing=Space.S,
                ),
            ],
            spacing=Space.L,
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        ),
        width=min(620, ui.width - 64),
        padding=40,
        bgcolor=c.surface,
        border_radius=Radius.SHEET,
        shadow=lift(c, 2),
    )
    return ft.Container(
        Named("idle-warning", card, container=True),
        bgcolor=c.scrim,
        alignment=ft.Alignment(0, 0.55) if ui.tall else ft.Alignment.CENTER,
        on_click=ui.on(idle.touch),
        left=0,
        right=0,
        top=0,
        bottom=0,
    )


@component
def TroubleLine(ui: Ui, look: Look) -> ft.Control:
    """Says that the last touch failed; goes with the next step or with its cross."""
    c = ui.c

    def close() -> None:
        look.notice = ""

    row = ft.Row(
        [
            ft.Icon(ft.Icons.ERROR_OUTLINE, color=c.bad),
            T(
                ui,
                ui.t(look.notice),
                "label",
                c.bad,
                expand=True,
            ),
            IconAction(
                ui, ft.Icons.CLOSE, ui.t("Close"), "trouble-close", close, ground=c.bad_bg, color=c.bad
            ),
        ],
        spacing=Space.S,
    )
    return Named(
        "trouble-line",
        ft.Container(
            row,
            bgcolor=c.bad_bg,
            border_radius=Radius.CONTROL,
            padding=ft.Padding.symmetric(horizontal=Space.M, vertical=Space.XXS),
            shadow=lift(c, 2),
        ),
        live=True,
        container=True,
    )
