"""Typing the digits under the bars, on our own keys or on a real keyboard."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from kiosk.components.buttons import Primary
from kiosk.components.keypad import KeyPad
from kiosk.components.touch import Named
from kiosk.components.writing import own_way
from kiosk.guard import Handler
from kiosk.theme import Radius, Space
from kiosk.ui import T, Ui

FEWEST, MOST = 6, 14  # digits of a product number; six or seven are a UPC-E that is not written out
WIDTH = 420
EXAMPLE = "0 000000 000000"


def spaced(digits: str) -> str:
    """Digits as they stand under the bars of an EAN-13: "4 099101 001029"."""
    return " ".join(part for part in (digits[:1], digits[1:7], digits[7:]) if part)


def TypedPad(
    ui: Ui, digits: str, trouble: str, note: str, on_key: Callable[[str], None], on_find: Handler
) -> ft.Control:
    """What is typed so far over the keys. ``trouble`` says what is wrong with it, ``note`` why one types at all."""
    c = ui.c
    shown = ft.Container(
        T(
            ui,
            own_way(ui, spaced(digits) or EXAMPLE, together=True),
            "headline",
            c.ink if digits else c.border,
            no_wrap=True,
        ),
        height=72,
        width=WIDTH,
        alignment=ft.Alignment.CENTER,
        border_radius=Radius.CONTROL,
        bgcolor=c.surface,
        border=ft.Border.all(2, c.bad if trouble else c.primary),
    )
    help_ = ft.Container(T(ui, ui.t("8, 12, 13 or 14 digits"), "body", c.ink2))
    if trouble:
        words = T(ui, trouble, "label", c.bad, expand=True)
        line = ft.Row([ft.Icon(ft.Icons.ERROR_OUTLINE, color=c.bad, size=20), words], spacing=8)
        help_ = ft.Container(Named("typed-trouble", line, live=True), width=WIDTH)
    parts: list[ft.Control] = [
        T(ui, ui.t("Type the number under the barcode"), "headline", text_align=ft.TextAlign.CENTER),
        help_,
        Named("typed-digits", shown),
        KeyPad(ui, on_key, width=WIDTH),
        Primary(
            ui,
            ui.t("Find it"),
            "find-it",
            on_find,
            icon=ft.Icons.SEARCH,
            width=WIDTH,
            disabled=len(digits) < FEWEST,
        ),
    ]
    if note:
        parts.insert(0, _note(ui, note))
    column = ft.Column(
        parts,
        spacing=Space.S if note or trouble else Space.M,
        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        tight=True,
    )
    return ft.Container(
        column,
        expand=True,
        alignment=ft.Alignment.BOTTOM_CENTER if ui.portrait else ft.Alignment.CENTER,
        padding=ft.Padding.symmetric(vertical=Space.XL if ui.portrait else 0),
    )


def _note(ui: Ui, note: str) -> ft.Control:
    c = ui.c
    row = ft.Row(
        [ft.Icon(ft.Icons.NO_PHOTOGRAPHY_OUTLINED, color=c.ink2, size=22), T(ui, note, "label", c.ink2)],
        spacing=10,
        tight=True,
    )
    return Named("camera-note", row, live=True)
