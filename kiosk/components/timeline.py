"""Where things stand. What has not happened is never drawn as done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import flet as ft

from kiosk.components.touch import Named
from kiosk.theme import Space
from kiosk.ui import T, Ui

StepState = Literal["done", "now", "todo", "problem"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step in words: ``title``, what is known of it, and how far it is."""

    title: str
    note: str
    state: StepState


def _dot(ui: Ui, state: StepState, size: int = 30) -> ft.Control:
    c = ui.c
    looks: dict[StepState, tuple[str, ft.IconData | None, str]] = {
        "done": (c.primary, ft.Icons.CHECK, c.on_primary),
        "now": (c.accent, ft.Icons.MORE_HORIZ, c.on_accent),
        "todo": (c.surface, None, c.border),
        "problem": (c.bad, ft.Icons.PRIORITY_HIGH, c.surface),
    }
    ground, icon, ink = looks[state]
    return ft.Container(
        ft.Icon(icon, size=18, color=ink) if icon else None,
        width=size,
        height=size,
        border_radius=size / 2,
        bgcolor=ground,
        alignment=ft.Alignment.CENTER,
        border=ft.Border.all(2, c.border) if state == "todo" else None,
    )


def StatusTimeline(ui: Ui, steps: Sequence[Step], name: str) -> ft.Control:
    """Top to bottom, oldest first."""
    rows: list[ft.Control] = []
    for number, step in enumerate(steps):
        last = number == len(steps) - 1
        rail: list[ft.Control] = [_dot(ui, step.state)]
        words: list[ft.Control] = [
            T(ui, step.title, "strong", ui.c.ink2 if step.state == "todo" else ui.c.ink),
        ]
        if step.note:
            words.append(T(ui, step.note, "caption", ui.c.ink2))
        if not last:
            colour = ui.c.primary if step.state == "done" else ui.c.line
            rail.append(ft.Container(width=3, expand=True, border_radius=2, bgcolor=colour))
            words.append(ft.Container(height=14))
        rows.append(
            Named(
                f"{name}-{number}-{step.state}",
                ft.Row(
                    [
                        ft.Column(rail, spacing=4, horizontal_alignment=ft.CrossAxisAlignment.CENTER),
                        ft.Column(words, spacing=0, tight=True, expand=True),
                    ],
                    spacing=Space.M,
                    intrinsic_height=True,
                    vertical_alignment=ft.CrossAxisAlignment.STRETCH,
                ),
            )
        )
    return ft.Column(rows, spacing=4, tight=True)


def LineProgress(ui: Ui, names: Sequence[str], at: int, *, problem: bool = False) -> ft.Control:
    """The short form for one order line: a bar of segments, spoken as the word for now."""
    c = ui.c
    parts: list[ft.Control] = [
        ft.Container(
            height=8,
            expand=True,
            border_radius=4,
            bgcolor=(c.bad if problem and number == at else c.primary) if number <= at else c.line,
        )
        for number in range(len(names))
    ]
    spoken = ui.t("{step}, step {number} of {total}", step=names[at], number=at + 1, total=len(names))
    return ft.Semantics(label=spoken, content=ft.Row(parts, spacing=6))


def StepProgress(ui: Ui, names: Sequence[str], at: int) -> ft.Control:
    """Checkout: numbered steps, the current one in bold."""
    c = ui.c
    out: list[ft.Control] = []
    for number, name in enumerate(names):
        done, now = number < at, number == at
        mark: ft.Control = (
            ft.Icon(ft.Icons.CHECK, size=18, color=c.on_primary)
            if done
            else T(ui, str(number + 1), "label", c.on_primary if now else c.ink2)
        )
        dot = ft.Container(
            mark,
            width=34,
            height=34,
            border_radius=17,
            bgcolor=c.primary if done or now else c.fill,
            alignment=ft.Alignment.CENTER,
        )
        words = T(ui, name, "strong" if now else "body", c.ink if now or done else c.ink2, no_wrap=True)
        out.append(ft.Row([dot, words], spacing=10, tight=True))
        if number < len(names) - 1:
            out.append(
                ft.Container(height=3, expand=True, border_radius=2, bgcolor=c.primary if done else c.line)
            )
    return ft.Row(out, spacing=Space.S)
