"""Our own keys: digits for numbers, letters for a standing kiosk. No text field, so nothing is lost or left behind."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import flet as ft

from kiosk.components.touch import Named
from kiosk.guard import Handler, component
from kiosk.keys import CLEAR, DELETE, ENTER
from kiosk.theme import Radius, Size, Space
from kiosk.ui import T, Ui

__all__ = [
    "CLEAR",
    "DELETE",
    "ENTER",
    "OTHER",
    "Key",
    "KeyPad",
    "Keyboard",
    "letters",
    "line",
    "other_letters",
    "pressed",
]

LETTERS = {
    "en": ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"),
    "de": ("1234567890", "qwertzuiopü", "asdfghjklöä", "yxcvbnmß"),
    "ar": ("1234567890", "ضصثقفغعهخحجد", "شسيبلاتنمكط", "ئءؤرىةوزظ"),
}
LATIN = {"ar": ("abc", "أبت")}  # where the own letters are no Latin ones: what the key to those and back says
OTHER = "other-letters"


def letters(ui: Ui, *, latin: bool) -> tuple[str, ...]:
    """The rows of keys of the customer's language; ``latin``, those of brands and e-mail addresses."""
    return LETTERS["en"] if latin else LETTERS.get(ui.language, LETTERS["en"])


def other_letters(ui: Ui, *, latin: bool) -> str:
    """What the key to the other letters says; "" where there are none."""
    to_latin, back = LATIN.get(ui.language, ("", ""))
    return back if latin else to_latin


def line(ui: Ui, keys: list[ft.Control], *, spacing: int, tight: bool = False) -> ft.Control:
    """A row of keys; keyboards and telephones begin on the left everywhere."""
    return ft.Row(keys[::-1] if ui.rtl else keys, spacing=spacing, tight=tight)


def Key(
    ui: Ui,
    label: str,
    name: str,
    on_press: Handler,
    *,
    width: int | None = None,
    height: int = Size.KEY,
    icon: ft.IconData | None = None,
    tone: str = "surface",
    expand: bool | int | None = None,
    role: str = "key",
) -> ft.Control:
    """One key; ``label`` is spoken when it shows an icon instead."""
    c = ui.c
    ground, ink = {
        "primary": (c.primary, c.on_primary),
        "fill": (c.fill, c.ink),
        "surface": (c.surface, c.ink),
    }[tone]
    return Named(
        f"key-{name}",
        ft.Container(
            ft.Icon(icon, color=ink, size=28) if icon else T(ui, label, role, ink),
            width=width,
            height=height,
            border_radius=Radius.CONTROL,
            bgcolor=ground,
            border=ft.Border.all(1.5, c.primary if tone == "primary" else c.line),
            alignment=ft.Alignment.CENTER,
            ink=True,
            on_click=ui.on(on_press),
        ),
        label=label if icon else None,
        button=True,
        expand=expand,
    )


def KeyPad(ui: Ui, on_key: Callable[[str], None], *, width: int = 348) -> ft.Control:
    """Digits, clear and delete, for a PIN, an order number or a code."""
    each = (width - 2 * Space.S) // 3
    rows = [
        line(ui, [Key(ui, d, d, partial(on_key, d), width=each) for d in digits], spacing=Space.S, tight=True)
        for digits in ("123", "456", "789")
    ]
    last = [
        Key(ui, ui.t("Clear"), CLEAR, lambda: on_key(CLEAR), width=each, icon=ft.Icons.CLOSE, tone="fill"),
        Key(ui, "0", "0", lambda: on_key("0"), width=each),
        Key(
            ui,
            ui.t("Delete"),
            DELETE,
            lambda: on_key(DELETE),
            width=each,
            icon=ft.Icons.BACKSPACE_OUTLINED,
            tone="fill",
        ),
    ]
    rows.append(line(ui, last, spacing=Space.S, tight=True))
    return ft.Column(rows, spacing=Space.S, tight=True)


@component
def Keyboard(ui: Ui, on_key: Callable[[str], None], *, enter: str) -> ft.Control:
    """Letters of the customer's language for a kiosk without a keyboard of its own; ``enter`` names the last key."""
    latin, set_latin = ft.use_state(False)
    rows: list[ft.Control] = []
    every = letters(ui, latin=latin)
    for index, each in enumerate(every):
        keys: list[ft.Control] = [
            Key(ui, k, k, partial(on_key, k), height=Size.FIELD, expand=True, role="title") for k in each
        ]
        if index == len(every) - 1:
            keys.append(
                Key(
                    ui,
                    ui.t("Delete"),
                    DELETE,
                    lambda: on_key(DELETE),
                    height=Size.FIELD,
                    width=96,
                    icon=ft.Icons.BACKSPACE_OUTLINED,
                    tone="fill",
                )
            )
        rows.append(line(ui, keys, spacing=Space.XS))
    other = other_letters(ui, latin=latin)
    switch = [
        Key(
            ui,
            other,
            OTHER,
            lambda: set_latin(not latin),
            height=Size.FIELD,
            width=96,
            tone="fill",
            role="strong",
        )
    ]
    rows.append(
        ft.Row(
            [
                *(switch if other else []),
                Key(
                    ui, "-", "-", lambda: on_key("-"), height=Size.FIELD, width=96, tone="fill", role="strong"
                ),
                Key(
                    ui,
                    ui.t("Space"),
                    "space",
                    lambda: on_key(" "),
                    height=Size.FIELD,
                    expand=True,
                    role="label",
                ),
                Key(
                    ui,
                    enter,
                    ENTER,
                    lambda: on_key(ENTER),
                    height=Size.FIELD,
                    width=150,
                    tone="primary",
                    role="strong",
                ),
            ],
            spacing=Space.XS,
        )
    )
    return ft.Column(rows, spacing=Space.XS, tight=True)


def pressed(text: str, key: str, *, longest: int) -> str:
    """``text`` after ``key`` of a KeyPad or Keyboard; no longer than ``longest``."""
    if key == CLEAR:
        return ""
    if key == DELETE:
        return text[:-1]
    return text if key == ENTER else (text + key)[:longest]
