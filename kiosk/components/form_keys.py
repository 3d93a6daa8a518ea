"""Letters on the screen for forms on a standing kiosk: capitals, marks and accents, typed into the active field.

The fields stay real ones: a keyboard, a screen reader and a paste work in them as everywhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import flet as ft

from kiosk.components.fields import Field
from kiosk.components.keypad import DELETE, ENTER, OTHER, Key, letters, line, other_letters, pressed
from kiosk.guard import Handler, component, keyed
from kiosk.session import Draft
from kiosk.theme import Size, Space
from kiosk.ui import Ui

SHIFT, MARKS = "shift", "marks"
SIGNS = ("1234567890", "_+/'&#,:()", "äöüßéèêëçñ", "àâáåæøîôœ")
LONGEST = 254


@dataclass(eq=False)
class Form(ft.Observable):
    """Which of ``fields`` our own keys type into. The texts are in ``draft``, which redraws nothing.

    ``count`` goes up whenever the form itself changed a text, so that the boxes take it over. ``capitals`` names the
    fields whose words begin with a capital. ``heard`` is told of every new text of a field. ``latin``: Latin letters,
    where those of the customer's language are others.
    """

    draft: Draft
    fields: tuple[str, ...]
    capitals: frozenset[str] = frozenset()
    active: str = ""
    count: int = 0
    layer: Literal["letters", "marks"] = "letters"
    latin: bool = False
    shifted: bool = False
    heard: Callable[[str, str], None] = lambda field, text: None

    def focus(self, field: str) -> None:
        """Type into ``field`` from now on."""
        self.active = field

    def put(self, field: str, text: str) -> None:
        """Keep what was typed into the box itself."""
        self.draft.put(field, text)
        self.heard(field, text)

    def fill(self, field: str, text: str) -> None:
        """Put ``text`` into ``field`` and show it there."""
        self.put(field, text)
        self.count += 1

    def upper(self) -> bool:
        """Whether the next letter is a capital: after Shift, and at the start of a word of a name."""
        text = self.draft.get(self.active)
        starts = self.active in self.capitals and (not text or text[-1] in " -")
        return self.shifted != starts

    def press(self, key: str) -> None:
        """What one of our own keys does."""
        if key == SHIFT:
            self.shifted = not self.shifted
        elif key == MARKS:
            self.layer = "letters" if self.layer == "marks" else "marks"
        elif key == OTHER:
            self.latin, self.layer = not self.latin, "letters"
        elif key == ENTER:
            at = self.fields.index(self.active)
            self.active = self.fields[(at + 1) % len(self.fields)]
        else:
            letter = key.upper() if len(key) == 1 and self.upper() and key != "ß" else key
            self.fill(self.active, pressed(self.draft.get(self.active), letter, longest=LONGEST))
            self.shifted = False


def FormField(
    ui: Ui,
    form: Form,
    name: str,
    label: str,
    *,
    error: str = "",
    help: str = "",  # noqa: A002 - the word on the screen
    password: bool = False,
    keyboard: ft.KeyboardType = ft.KeyboardType.TEXT,
    on_submit: Handler | None = None,
    keys: bool = False,
) -> ft.Control:
    """One field of ``form``; its name on the screen has hyphens. ``keys``: our own digits are beside it."""
    active = (ui.tall or keys) and form.active == name
    return keyed(f"field-{name}", Field)(
        ui,
        label,
        name.replace("_", "-"),
        partial(form.put, name),
        on_submit=on_submit,
        value=form.draft.get(name),
        error=error,
        help=help,
        password=password,
        keyboard=keyboard,
        on_focus=partial(form.focus, name),
        active=active,
        typed=form.count,
    )


@component
def FormKeys(ui: Ui, form: Form, on_key: Callable[[str], None], enter: str) -> ft.Control:
    """The keys; redrawn on their own when the next letter changes its case. ``enter`` names the way to the next field."""
    upper = form.upper()
    lines = SIGNS if form.layer == MARKS else letters(ui, latin=form.latin)
    rows: list[ft.Control] = []
    for index, each in enumerate(lines):
        keys: list[ft.Control] = [
            Key(
                ui,
                letter.upper() if upper and letter != "ß" else letter,
                letter,
                partial(on_key, letter),
                height=Size.FIELD,
                expand=True,
                role="title",
            )
            for letter in each
        ]
        if index == len(lines) - 1:
            keys.insert(0, _shift(ui, on_key, on=upper))
            keys.append(_delete(ui, on_key))
        rows.append(line(ui, keys, spacing=Space.XS))
    rows.append(_last_row(ui, form, on_key, enter))
    return ft.Container(
        ft.Column(rows, spacing=Space.XS, tight=True),
        bgcolor=ui.c.fill,
        padding=ft.Padding.symmetric(horizontal=ui.gutter, vertical=Space.M),
    )


def _shift(ui: Ui, on_key: Callable[[str], None], *, on: bool) -> ft.Control:
    return Key(
        ui,
        ui.t("Capitals"),
        SHIFT,
        partial(on_key, SHIFT),
        height=Size.FIELD,
        width=88,
        icon=ft.Icons.KEYBOARD_CAPSLOCK if on else ft.Icons.KEYBOARD_ARROW_UP,
        tone="surface" if on else "fill",
    )


def _delete(ui: Ui, on_key: Callable[[str], None]) -> ft.Control:
    return Key(
        ui,
        ui.t("Delete"),
        DELETE,
        partial(on_key, DELETE),
        height=Size.FIELD,
        width=88,
        icon=ft.Icons.BACKSPACE_OUTLINED,
        tone="fill",
    )


def _last_row(ui: Ui, form: Form, on_key: Callable[[str], None], enter: str) -> ft.Control:
    def sign(letter: str, name: str) -> ft.Control:
        return Key(ui, letter, name, partial(on_key, letter), height=Size.FIELD, width=72, role="title")

    def wide(text: str, key: str, width: int) -> ft.Control:
        return Key(
            ui,
            text,
            key,
            partial(on_key, key),
            height=Size.FIELD,
            width=width,
            tone="fill",
            role="strong",
        )

    space = Key(
        ui, ui.t("Space"), "space", partial(on_key, " "), height=Size.FIELD, expand=True, role="label"
    )
    marked = form.layer == MARKS
    own = other_letters(ui, latin=True)
    other = "ÄÉ #" if not marked else own if own and not form.latin else "abc"
    script = "" if marked else other_letters(ui, latin=form.latin)
    row = [wide(script, OTHER, 80)] if script else []
    row += [wide(other, MARKS, 96), sign("@", "at"), sign("-", "hyphen"), space, sign(".", "dot")]
    if len(form.fields) > 1:
        row.append(wide(enter, ENTER, 150))
    return ft.Row(row, spacing=Space.XS)
