"""The values that a search can be narrowed to, in words: as chips, and all of one facet as a list to type into."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import flet as ft

from kiosk.components.buttons import IconAction
from kiosk.components.chips import Chip, short
from kiosk.components.fields import TextBox
from kiosk.components.keypad import Keyboard
from kiosk.components.touch import Named
from kiosk.components.variant_grid import Swatch
from kiosk.components.writing import own_way
from kiosk.device import Device
from kiosk.guard import component, keyed
from kiosk.screens.search_choices import Choices, Narrowing, PriceRange, Total, matching, values
from kiosk.theme import Radius, Size, Space
from kiosk.ui import T, Ui
from retail.money import Money
from sync.catalogue import FacetCount, Facets, Filters

MOST_ROWS = 60  # of one list; typing is quicker than pushing through more


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is asked now, and how to ask something else. ``swatches``: the colours that the results know."""

    device: Device
    filters: Filters
    swatches: tuple[tuple[str, str], ...]
    choose: Callable[[Filters], None]

    def swatch(self, facet: str, value: str | None) -> str | None:
        """The colour itself, where ``facet`` is the colour and it is known."""
        return next((tint for name, tint in self.swatches if facet == "colour" and name == value), None)

    def other(self, facet: str, value: str) -> Filters:
        """The filters after a touch on a value: with it, or without it when it was chosen."""
        off = getattr(self.filters, facet) == value
        match facet:
            case "size":
                return replace(self.filters, size=None if off else value)
            case "colour":
                return replace(self.filters, colour=None if off else value)
            case "brand":
                return replace(self.filters, brand=None if off else value)
            case "partner":
                return replace(self.filters, partner=None if off else value)
        raise ValueError(f"no such facet: {facet!r}")


def title(ui: Ui, facet: str) -> str:
    """What a facet is called."""
    return {
        "size": ui.t("Size"),
        "colour": ui.t("Colour"),
        "brand": ui.t("Brand"),
        "partner": ui.t("Sent by"),
    }[facet]


def amount(ui: Ui, count: int, *, approximate: bool) -> str:
    """How many products a value leads to; what is estimated is rounded, so that nobody takes it for counted."""
    if approximate and count:
        return ui.t("about {number}", number=ui.number(round(count, min(0, 2 - len(str(count))))))
    return ui.number(count)


def at_least(ui: Ui, total: Total) -> str:
    """How many products there are: "12", or "1,000+"."""
    number = ui.number(total.number)
    return number if total.exact else ui.t("{number}+", number=number)


def price_words(ui: Ui, chosen: Chosen, prices: PriceRange) -> str:
    """A range of prices in round numbers; its end belongs to the next one."""

    def money(minor: int) -> str:
        return ui.whole(Money(minor, chosen.device.currency))

    if prices.high is None:
        return ui.t("{price} and more", price=money(prices.low or 0))
    if prices.low is None:
        return ui.t("Under {price}", price=money(prices.high + 1))
    return ui.t("{low} to {high}", low=money(prices.low), high=money(prices.high + 1))


def words_for(chosen: Chosen, facet: str, value: str) -> str:
    """A value as people know it: a partner by its name."""
    return chosen.device.partner_name(value) if facet == "partner" else value


def value_chip(ui: Ui, chosen: Chosen, facet: str, one: FacetCount, *, approximate: bool) -> ft.Control:
    """One value of a facet; a touch chooses it, or takes it away. What leads to nothing cannot be touched."""
    on = getattr(chosen.filters, facet) == one.value
    return Chip(
        ui,
        words_for(chosen, facet, one.value),
        f"filter-{facet}-{one.value}",
        on,
        partial(chosen.choose, chosen.other(facet, one.value)) if on or one.count else None,
        count=amount(ui, one.count, approximate=approximate),
        swatch=chosen.swatch(facet, one.value),
    )


def head(ui: Ui, words: str, choices: Choices, before: Sequence[ft.Control] = ()) -> ft.Control:
    """The sheet's first line: what it is, whether it is counting, and the way out."""
    row = [*before, T(ui, words, "title", expand=True)]
    if choices.phase == "asking":
        row.append(ft.ProgressRing(width=22, height=22, stroke_width=3, color=ui.c.primary))
    row.append(IconAction(ui, ft.Icons.CLOSE, ui.t("Close"), "filters-close", choices.close))
    return ft.Container(
        ft.Row(row, spacing=Space.S),
        padding=ft.Padding.symmetric(horizontal=Space.L, vertical=Space.M),
        border=ft.Border.only(bottom=ft.BorderSide(1, ui.c.line)),
    )


@component
def ValueList(
    ui: Ui, choices: Choices, narrowing: Narrowing, chosen: Chosen, facets: Facets, facet: str
) -> ft.Control:
    """Every value of one facet, narrowed while typing; in portrait on our own keys."""
    picked = getattr(chosen.filters, facet)
    every = [one for one in values(facets, facet, picked) if one.count or one.value == picked]
    found = matching(every, narrowing.text)
    rows = [
        _row(ui, choices, chosen, facet, one, approximate=facets.approximate) for one in found[:MOST_ROWS]
    ]
    if len(found) > MOST_ROWS:
        left = ui.n(
            "{count} more. Type to find them", "{count} more. Type to find them", len(found) - MOST_ROWS
        )
        rows.append(ft.Container(T(ui, left, "caption", ui.c.ink2), padding=Space.M))
    if not found:
        rows = [Named("values-none", T(ui, ui.t("None begins like this"), "body", ui.c.ink2), live=True)]
    body = ft.ListView(rows, expand=True, padding=ft.Padding.symmetric(horizontal=Space.L, vertical=Space.S))
    before = IconAction(ui, ft.Icons.ARROW_BACK, ui.t("Back"), "values-back", choices.back)
    parts = [head(ui, title(ui, facet), choices, [before]), _typed(ui, choices, narrowing, facet), body]
    if ui.portrait:
        keys = Keyboard(ui, choices.press, enter=ui.t("Done"))
        parts.append(
            ft.Container(
                keys,
                bgcolor=ui.c.fill,
                padding=ft.Padding.symmetric(horizontal=ui.gutter, vertical=Space.M),
            )
        )
    return ft.Column(parts, spacing=0, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _typed(ui: Ui, choices: Choices, narrowing: Narrowing, facet: str) -> ft.Control:
    if not ui.portrait:
        box = keyed(f"values-{facet}", TextBox)(
            ui,
            "values-text",
            choices.write,
            hint=ui.t("Type how it begins"),
            icon=ft.Icons.SEARCH,
            height=Size.CONTROL,
        )
        shown: ft.Control = ft.Semantics(
            label=ui.t("Search"), textfield=True, identifier="values-text", key="values-text", content=box
        )
    else:
        c, text = ui.c, narrowing.text
        words = T(ui, text or ui.t("Type how it begins"), "body", c.ink if text else c.ink2, no_wrap=True)
        shown = Named(
            "values-words",
            ft.Container(
                ft.Row([ft.Icon(ft.Icons.SEARCH, color=c.ink2, size=24), words], spacing=10),
                height=Size.CONTROL,
                padding=ft.Padding.symmetric(horizontal=Space.M),
                border_radius=Radius.CONTROL,
                border=ft.Border.all(2.5, c.primary),
            ),
        )
    return ft.Container(shown, padding=ft.Padding.symmetric(horizontal=Space.L, vertical=Space.S))


def _row(
    ui: Ui, choices: Choices, chosen: Chosen, facet: str, one: FacetCount, *, approximate: bool
) -> ft.Control:
    c = ui.c
    on = getattr(chosen.filters, facet) == one.value

    def pick() -> None:
        choices.back()
        chosen.choose(chosen.other(facet, one.value))

    tint = chosen.swatch(facet, one.value)
    row: list[ft.Control] = [Swatch(ui, tint)] if tint else []
    row += [
        T(
            ui,
            own_way(ui, short(words_for(chosen, facet, one.value)), together=True),
            "strong",
            expand=True,
            no_wrap=True,
        ),
        T(ui, amount(ui, one.count, approximate=approximate), "caption", c.ink2),
    ]
    if on:
        row.append(ft.Icon(ft.Icons.CHECK, color=c.primary, size=Size.ICON))
    return Named(
        f"filter-{facet}-{one.value}",
        ft.Container(
            ft.Row(row, spacing=Space.S),
            height=Size.CONTROL,
            padding=ft.Padding.symmetric(horizontal=Space.S),
            border_radius=Radius.CONTROL,
            bgcolor=c.soft if on else c.surface,
            ink=True,
            on_click=ui.on(pick),
        ),
        button=True,
        selected=on,
    )
