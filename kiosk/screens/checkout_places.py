"""Choosing a country or region from a list of large rows: a drop-down would give small targets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

import flet as ft
import phonenumbers
from babel.core import Locale
from babel.numbers import get_territory_currencies

from kiosk.components.form_keys import Form, FormField
from kiosk.components.offer_row import RadioDot
from kiosk.components.touch import Named
from kiosk.device import Device
from kiosk.guard import component
from kiosk.session import Draft
from kiosk.strings import LOCALES
from kiosk.theme import Radius, Size, Space
from kiosk.ui import T, Ui

EVERYWHERE = frozenset(phonenumbers.SUPPORTED_REGIONS)
SHOWN = 24  # rows at once; more than that are found by their first letters


def country_name(language: str, code: str) -> str:
    """A country as people of ``language`` call it."""
    return str(Locale.parse(LOCALES[language]).territories.get(code, code))


def ship_to(device: Device, partners: Iterable[str]) -> frozenset[str]:
    """Where every one of ``partners`` sends to; where any of them does, when there is no such country."""
    lists = [frozenset(device.ship_to(partner)) or EVERYWHERE for partner in partners]
    if not lists:
        return EVERYWHERE
    return frozenset.intersection(*lists) or frozenset.union(*lists)


def countries(language: str, codes: Iterable[str], home: str) -> tuple[tuple[str, str], ...]:
    """Pairs of code and name: this store's own country first, then those that pay as it does, by the alphabet."""
    money = set(get_territory_currencies(home))

    def near(pair: tuple[str, str]) -> tuple[bool, bool, str]:
        return pair[0] != home, not money & set(get_territory_currencies(pair[0])), pair[1]

    return tuple(sorted(((code, country_name(language, code)) for code in codes), key=near))


def matching(choices: Sequence[tuple[str, str]], text: str) -> tuple[tuple[str, str], ...]:
    """Those with a word in their name that begins with ``text``."""
    wanted = text.strip().casefold()
    return tuple(
        (code, name) for code, name in choices if not wanted or f" {name}".casefold().find(f" {wanted}") >= 0
    )


@dataclass(eq=False)
class Finder(ft.Observable):
    """What is typed to find a place in a long list."""

    wanted: str = ""
    form: Form = field(default_factory=lambda: Form(Draft(), ("find_place",), active="find_place"))

    def __post_init__(self) -> None:
        self.form.heard = self.find

    def find(self, _field: str, text: str) -> None:
        """Show what begins with ``text``."""
        self.wanted = text


@component
def Places(
    ui: Ui,
    choices: Sequence[tuple[str, str]],
    chosen: str,
    title: str,
    finder: Finder,
    form: Form,
    on_choose: Callable[[str], None],
) -> ft.Control:
    """The list; with more than 24 places a field to find one. ``form`` is the finder's, so that its keys redraw it."""
    match = matching(choices, finder.wanted)
    columns = 1 if ui.width < 700 else 2 if ui.portrait else 3
    rows = [_row(ui, code, name, code == chosen, partial(on_choose, code)) for code, name in match[:SHOWN]]
    parts: list[ft.Control] = [T(ui, title, "headline")]
    if len(choices) > SHOWN:
        parts.append(FormField(ui, form, "find_place", ui.t("Type the first letters")))
    grid: list[ft.Control] = [
        ft.Row(rows[start : start + columns], spacing=Space.S) for start in range(0, len(rows), columns)
    ]
    if rows and len(rows) % columns:
        last = grid[-1]
        assert isinstance(last, ft.Row)
        last.controls += [ft.Container(expand=True) for _ in range(columns - len(rows) % columns)]
    parts.append(ft.Column(grid, spacing=Space.XS, tight=True))
    if not match:
        parts.append(T(ui, ui.t("Nothing like that is on the list."), "body", ui.c.ink2))
    elif len(match) > SHOWN:
        more = ui.n(
            "{count} more: type the first letters.",
            "{count} more: type the first letters.",
            len(match) - SHOWN,
        )
        parts.append(T(ui, more, "caption", ui.c.ink2))
    return ft.Column(parts, spacing=Space.M, tight=True)


def _row(ui: Ui, code: str, name: str, selected: bool, choose: Callable[[], None]) -> ft.Control:
    c = ui.c
    return Named(
        f"place-{code}",
        ft.Container(
            ft.Row(
                [
                    RadioDot(ui, selected),
                    T(ui, name, "strong", expand=True, max_lines=1, overflow=ft.TextOverflow.ELLIPSIS),
                ],
                spacing=Space.M,
            ),
            height=Size.BUTTON,
            padding=ft.Padding.symmetric(horizontal=Space.M),
            border_radius=Radius.CONTROL,
            bgcolor=c.soft if selected else c.surface,
            border=ft.Border.all(2 if selected else 1, c.primary if selected else c.line),
            ink=True,
            on_click=ui.on(choose),
        ),
        button=True,
        selected=selected,
        expand=True,
    )
