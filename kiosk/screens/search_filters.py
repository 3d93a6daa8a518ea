"""Narrowing a search: the button, the sheet that it opens, and chips for what is chosen.

Landscape: the sheet stands at the side, so that the results are seen changing. Portrait: it comes from below.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import flet as ft

from kiosk.components.buttons import Primary, Quiet, Secondary
from kiosk.components.chips import Chip, RemovableChip
from kiosk.components.touch import Named
from kiosk.guard import Handler, component
from kiosk.screens.search_choices import FACETS, Choices, Counted, PriceRange, Total, active, first, values
from kiosk.screens.search_values import Chosen, ValueList, at_least, head, price_words, title, value_chip
from kiosk.theme import Radius, Size, Space, lift
from kiosk.ui import T, Ui
from sync.catalogue import Filters, SearchPage

PANEL = 460  # pixels of width at the side
SHARE = 0.74  # of the height, for the sheet from below; less on a standing kiosk
TALL_SHARE = 0.62


def FilterButton(ui: Ui, filters: Filters, on_click: Handler) -> ft.Control:
    """Opens the sheet; says how much is chosen."""
    c, number = ui.c, len(list(active(filters)))
    row: list[ft.Control] = [
        ft.Icon(ft.Icons.TUNE, size=22, color=c.ink),
        T(ui, ui.t("Filter"), "label", no_wrap=True),
    ]
    if number:
        row.append(
            ft.Container(
                T(ui, str(number), "label", c.on_primary),
                width=26,
                height=26,
                border_radius=13,
                bgcolor=c.primary,
                alignment=ft.Alignment.CENTER,
            )
        )
    return Named(
        "filters",
        ft.Container(
            ft.Row(row, spacing=Space.XS, tight=True),
            height=Size.TOUCH,
            padding=ft.Padding.symmetric(horizontal=18),
            border_radius=Radius.CONTROL,
            bgcolor=c.surface,
            border=ft.Border.all(1.5, c.border),
            ink=True,
            on_click=ui.on(on_click),
        ),
        button=True,
    )


def ActiveChips(ui: Ui, chosen: Chosen) -> ft.Control | None:
    """What is chosen, each to be taken away by a touch; None when nothing is."""
    chips: list[ft.Control] = [
        RemovableChip(
            ui,
            _words(ui, chosen, what),
            f"active-{what}",
            partial(chosen.choose, without),
            swatch=chosen.swatch(what, chosen.filters.colour),
        )
        for what, without in active(chosen.filters)
    ]
    if not chips:
        return None
    if len(chips) > 1:
        cleared = partial(chosen.choose, Filters(category=chosen.filters.category))
        chips.append(Quiet(ui, ui.t("Clear all"), "active-clear", cleared, height=Size.TOUCH))
    return ft.Row(chips, spacing=Space.XS, scroll=ft.ScrollMode.HIDDEN)


def _words(ui: Ui, chosen: Chosen, what: str) -> str:
    filters = chosen.filters
    match what:
        case "available":
            return ui.t("Can be sent now")
        case "size":
            return ui.t("Size {size}", size=filters.size)
        case "partner":
            return chosen.device.partner_name(filters.partner or "")
        case "price":
            return price_words(ui, chosen, PriceRange(filters.price_from, filters.price_to))
    return str(getattr(filters, what))


@component
def FilterSheet(ui: Ui, choices: Choices, chosen: Chosen, page: SearchPage | None, busy: bool) -> ft.Control:
    """Draws nothing while it is closed. A touch beside it closes it, and everything stays chosen."""
    if not choices.open:
        return ft.Container(visible=False)
    c = ui.c
    outside = ft.Semantics(
        content=ft.Container(bgcolor=c.scrim, on_click=ui.on(choices.close), expand=True),
        exclude_semantics=True,
        expand=True,
    )
    if choices.only and choices.counted is not None:
        inside = ValueList(ui, choices, choices.narrowing, chosen, choices.counted.facets, choices.only)
    else:
        inside = _all_facets(ui, choices, chosen, page, busy)
    panel = ft.Container(inside, bgcolor=c.surface, shadow=lift(c, 2))
    named = Named("filter-sheet", panel, container=True)
    if not ui.portrait:
        panel.width = PANEL
        return ft.Row([outside, named], spacing=0, vertical_alignment=ft.CrossAxisAlignment.STRETCH)
    panel.border_radius = ft.BorderRadius.only(top_left=Radius.SHEET, top_right=Radius.SHEET)
    height = ui.height * (TALL_SHARE if ui.tall else SHARE)
    return ft.Stack(
        [
            ft.Container(outside, left=0, right=0, top=0, bottom=0),
            ft.Container(named, left=0, right=0, bottom=0, height=height),
        ],
        expand=True,
    )


def _all_facets(ui: Ui, choices: Choices, chosen: Chosen, page: SearchPage | None, busy: bool) -> ft.Control:
    counted = choices.counted
    if counted is not None:
        groups = _groups(ui, choices, chosen, counted)
    elif choices.phase == "failed":
        words = ui.t("The filters do not work right now. The results are still there.")
        groups = [Named("filters-failed", T(ui, words, "body", ui.c.ink2), live=True)]
    else:
        groups = [_outline(ui, width) for width in (300, 180, 240, 200)]
    body = ft.Column(
        [ft.Container(ft.Column(groups, spacing=Space.L, tight=True), padding=Space.L)],
        scroll=ft.ScrollMode.AUTO,
        expand=True,
        spacing=0,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
    return ft.Column(
        [head(ui, ui.t("Filter"), choices), body, _foot(ui, choices, chosen, page, busy)],
        spacing=0,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def _outline(ui: Ui, width: int) -> ft.Control:
    bars: list[ft.Control] = [
        ft.Container(width=wide, height=high, bgcolor=ui.c.fill, border_radius=Size.TOUCH / 2)
        for wide, high in ((120, 24), (width, Size.TOUCH))
    ]
    return ft.Column(bars, spacing=Space.S, tight=True)


def _foot(ui: Ui, choices: Choices, chosen: Chosen, page: SearchPage | None, busy: bool) -> ft.Control:
    number = page.total if page else 0
    words = ui.n("Show {count} product", "Show {count} products", number)
    if page and not page.exact_total:
        words = ui.t("Show more than {number}", number=ui.number(number))
    if busy:
        words = ui.t("Counting")
    some = any(True for _ in active(chosen.filters))
    cleared = partial(chosen.choose, Filters(category=chosen.filters.category))
    row = [
        Secondary(ui, ui.t("Clear all"), "filters-clear", cleared, disabled=not some),
        Primary(ui, words, "filters-show", choices.close, expand=True),
    ]
    return ft.Container(
        ft.Row(row, spacing=Space.S),
        padding=ft.Padding.symmetric(horizontal=Space.L, vertical=Space.L if ui.tall else Space.M),
        border=ft.Border.only(top=ft.BorderSide(1, ui.c.line)),
    )


def _groups(ui: Ui, choices: Choices, chosen: Chosen, counted: Counted) -> list[ft.Control]:
    groups: list[ft.Control] = [_sendable(ui, chosen, counted)]
    for facet in FACETS:
        if facet == "brand":
            groups += _prices(ui, chosen, counted)
        picked = getattr(chosen.filters, facet)
        found = values(counted.facets, facet, picked)
        shown = first(found, picked, choices.leading.get(facet, ()))
        chips = [value_chip(ui, chosen, facet, one, approximate=counted.facets.approximate) for one in shown]
        if len(shown) < len(found):
            words = ui.n("All {count}", "All {count}", len(found))
            more = partial(choices.all_of, facet)
            chips.append(
                Quiet(ui, words, f"filters-all-{facet}", more, icon=ft.Icons.EXPAND_MORE, height=Size.TOUCH)
            )
        groups += _group(ui, title(ui, facet), chips)
    return groups


def _group(ui: Ui, words: str, chips: list[ft.Control]) -> list[ft.Control]:
    if not chips:
        return []
    row = ft.Row(chips, spacing=Space.XS, run_spacing=Space.XS, wrap=True)
    return [ft.Column([T(ui, words, "heading"), row], spacing=Space.S, tight=True)]


def _sendable(ui: Ui, chosen: Chosen, counted: Counted) -> ft.Control:
    on, there = chosen.filters.available, counted.sendable
    chip = Chip(
        ui,
        ui.t("Only what can be sent now"),
        "filter-available",
        on,
        partial(chosen.choose, replace(chosen.filters, available=not on)) if on or there.number else None,
        count=at_least(ui, there),
    )
    return ft.Row([chip])


def _prices(ui: Ui, chosen: Chosen, counted: Counted) -> list[ft.Control]:
    now = PriceRange(chosen.filters.price_from, chosen.filters.price_to)
    ranges = dict(counted.prices)
    if now not in ranges and now != PriceRange(None, None):
        ranges = {now: Total(0)} | ranges
    chips = []
    for one, there in ranges.items():
        wanted = PriceRange(None, None) if one == now else one
        filters = replace(chosen.filters, price_from=wanted.low, price_to=wanted.high)
        chips.append(
            Chip(
                ui,
                price_words(ui, chosen, one),
                f"filter-price-{one.low or 0}",
                one == now,
                partial(chosen.choose, filters) if one == now or there.number else None,
                count=at_least(ui, there),
            )
        )
    return _group(ui, ui.t("Price"), chips)
