"""Where people type.

A text field that is built again while somebody types loses characters, so ``Field`` builds its box once and keeps
it: it is rebuilt only for another theme, language or error. So errors are set when the customer presses on, never
while they type; and ``value`` is only what the box starts with (give the component another key to empty it).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import flet as ft

from kiosk.components.touch import Named
from kiosk.guard import Handler, component, safe
from kiosk.theme import Radius, Size, Space, style
from kiosk.ui import T, Ui


def outline(color: str, width: float) -> ft.OutlineInputBorder:
    """The frame of a box."""
    return ft.OutlineInputBorder(border_radius=Radius.CONTROL, side=ft.BorderSide(width, color))


@dataclass(eq=False)
class _Ears:
    """The handlers of now, for a box that was built earlier."""

    on_change: Callable[[str], None]
    on_submit: Handler | None
    on_focus: Handler | None


@component
def TextBox(
    ui: Ui,
    name: str,
    on_change: Callable[[str], None],
    *,
    on_submit: Handler | None = None,
    value: str = "",
    hint: str = "",
    error: bool = False,
    icon: ft.IconData | None = None,
    autofocus: bool = False,
    password: bool = False,
    keyboard: ft.KeyboardType = ft.KeyboardType.TEXT,
    height: int = Size.FIELD,
    on_focus: Handler | None = None,
    active: bool = False,
    typed: int = 0,
) -> ft.Control:
    """A box without a label, found by ``name``. ``on_change`` gets the whole text after every key.

    For keys of our own: ``active`` marks the box that they type into, and it takes ``value`` over whenever ``typed``
    counts on.
    """
    ears: ft.MutableRef[_Ears] = ft.use_ref(lambda: _Ears(on_change, on_submit, on_focus))
    ears.current.on_change, ears.current.on_submit, ears.current.on_focus = on_change, on_submit, on_focus

    def build() -> ft.TextField:
        c = ui.c

        async def changed(event: ft.Event[ft.TextField]) -> None:
            await safe(
                lambda: ears.current.on_change(event.control.value), before=ui.touched, failed=ui.failed
            )()

        async def submitted() -> None:
            if ears.current.on_submit is not None:
                await safe(ears.current.on_submit, before=ui.touched, failed=ui.failed)()

        async def focused() -> None:
            if ears.current.on_focus is not None:
                await safe(ears.current.on_focus, before=ui.touched, failed=ui.failed)()

        rest = (c.bad, 2.0) if error else (c.primary, 2.5) if active else (c.border, 1.5)
        return ft.TextField(
            key=f"{name}-box",
            value=value,
            hint_text=hint,
            prefix_icon=icon,
            on_change=changed,
            on_submit=submitted,
            on_focus=focused if on_focus is not None else None,
            autofocus=autofocus,
            keyboard_type=keyboard,
            password=password,
            height=height,
            text_style=style("body", c.ink),
            hint_style=style("body", c.ink2),
            filled=True,
            fill_color=c.surface,
            border={
                ft.ControlState.FOCUSED: outline(c.primary, 2.5),
                ft.ControlState.DEFAULT: outline(*rest),
            },
            cursor_color=c.primary,
            content_padding=ft.Padding.symmetric(horizontal=Space.M, vertical=18),
        )

    return ft.use_memo(build, [ui.dark, ui.language, error, hint, active, typed])


@component
def Field(
    ui: Ui,
    label: str,
    name: str,
    on_change: Callable[[str], None],
    *,
    on_submit: Handler | None = None,
    value: str = "",
    error: str = "",
    help: str = "",  # noqa: A002 - the word on the screen
    autofocus: bool = False,
    password: bool = False,
    keyboard: ft.KeyboardType = ft.KeyboardType.TEXT,
    on_focus: Handler | None = None,
    active: bool = False,
    typed: int = 0,
) -> ft.Control:
    """Label above and always visible; the message below says how to put it right."""
    c = ui.c
    parts: list[ft.Control] = [
        T(ui, label, "label"),
        ft.Semantics(
            label=label,
            textfield=True,
            identifier=name,
            key=name,
            content=TextBox(
                ui,
                name,
                on_change,
                on_submit=on_submit,
                value=value,
                error=bool(error),
                autofocus=autofocus,
                password=password,
                keyboard=keyboard,
                on_focus=on_focus,
                active=active,
                typed=typed,
            ),
        ),
    ]
    if error:
        message = ft.Row(
            [
                ft.Icon(ft.Icons.ERROR_OUTLINE, color=c.bad, size=20),
                T(ui, error, "label", c.bad, expand=True),
            ],
            spacing=8,
        )
        parts.append(Named(f"{name}-error", message, live=True))
    elif help:
        parts.append(T(ui, help, "caption", c.ink2))
    return ft.Column(parts, spacing=6, tight=True, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def PickField(
    ui: Ui, label: str, value: str, name: str, on_click: Handler | None, *, icon: ft.IconData | None = None
) -> ft.Control:
    """Shows the choice and opens a list of large rows; a drop-down would give small targets."""
    c = ui.c
    row: list[ft.Control] = [ft.Icon(icon, color=c.ink2, size=24)] if icon else []
    row += [T(ui, value, "body", expand=True, no_wrap=True), ft.Icon(ft.Icons.UNFOLD_MORE, color=c.ink2)]
    return ft.Column(
        [
            T(ui, label, "label"),
            Named(
                name,
                ft.Container(
                    ft.Row(row, spacing=Space.S),
                    height=Size.FIELD,
                    padding=ft.Padding.symmetric(horizontal=Space.M),
                    border_radius=Radius.CONTROL,
                    bgcolor=c.surface,
                    border=ft.Border.all(1.5, c.border),
                    ink=True,
                    on_click=ui.on(on_click),
                ),
                label=label,
                button=True,
            ),
        ],
        spacing=6,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
