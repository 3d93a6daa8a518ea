"""When there is nothing to show, and codes to point a phone at."""

from __future__ import annotations

import io
from collections.abc import Sequence

import flet as ft
import segno

from kiosk.components.touch import Named
from kiosk.theme import QR_INK, QR_PAPER, Radius, Space
from kiosk.ui import T, Ui


def EmptyState(
    ui: Ui, icon: ft.IconData, title: str, text: str, name: str, actions: Sequence[ft.Control]
) -> ft.Control:
    """What happened and the next step: never a dead end."""
    c = ui.c
    column = ft.Column(
        [
            ft.Container(
                ft.Icon(icon, size=52, color=c.on_soft),
                width=112,
                height=112,
                border_radius=56,
                bgcolor=c.soft,
                alignment=ft.Alignment.CENTER,
            ),
            T(ui, title, "headline", text_align=ft.TextAlign.CENTER),
            ft.Container(
                T(ui, text, "body", c.ink2, text_align=ft.TextAlign.CENTER), width=min(560, ui.width - 64)
            ),
            ft.Row(
                list(actions),
                spacing=Space.S,
                alignment=ft.MainAxisAlignment.CENTER,
                wrap=True,
                run_spacing=Space.S,
            ),
        ],
        spacing=Space.M,
        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        tight=True,
    )
    return ft.Container(
        Named(name, column, container=True), alignment=ft.Alignment.CENTER, expand=True, padding=Space.L
    )


def Waiting(ui: Ui, words: str, name: str) -> ft.Control:
    """Something is being asked or saved; ``words`` say what."""
    ring = ft.ProgressRing(width=28, height=28, stroke_width=3, color=ui.c.primary, semantics_label="")
    return Named(name, ft.Row([ring, T(ui, words, "heading")], spacing=Space.M), live=True, container=True)


def Qr(ui: Ui, text: str, *, size: int = 200) -> ft.Control:
    """``text`` as a QR code that every phone reads (never a Micro QR code), always dark on white: cameras need it. Its image is made each time it is drawn."""
    out = io.BytesIO()
    segno.make_qr(text, error="m").save(out, kind="png", scale=8, border=0, dark=QR_INK)
    return ft.Container(
        ft.Image(
            src=out.getvalue(),
            width=size,
            height=size,
            fit=ft.BoxFit.CONTAIN,
            semantics_label=ui.t("QR code"),
            filter_quality=ft.FilterQuality.NONE,
        ),
        bgcolor=QR_PAPER,
        padding=Space.M,
        border_radius=Radius.CONTROL,
    )
