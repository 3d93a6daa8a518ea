"""What a search has found: chips to narrow it, one line that says what it is, cards; or why there are none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

import flet as ft

from kiosk.components.chips import Chip
from kiosk.components.product_card import PAGE, Grid, ProductCard, SkeletonCard
from kiosk.components.touch import Named
from kiosk.guard import Handler, keyed
from kiosk.screens.search_nothing import Failed, NotYet
from kiosk.theme import Radius, Size, Space
from kiosk.ui import T, Ui
from sync.catalogue import SearchPage

Phase = Literal["loading", "busy", "ready", "failed"]
SKELETONS = 12
ICONS = {
    "Accessories": ft.Icons.BACKPACK_OUTLINED,
    "Apparel": ft.Icons.CHECKROOM,
    "Footwear": ft.Icons.DIRECTIONS_RUN,
    "Home": ft.Icons.CHAIR_OUTLINED,
    "Kids": ft.Icons.TOYS_OUTLINED,
    "Outdoor": ft.Icons.TERRAIN,
}


def Chips(
    ui: Ui,
    categories: Sequence[str],
    page: SearchPage | None,
    chosen: str | None,
    on_choose: Callable[[str | None], None],
) -> ft.Control:
    """All and each category, with how many of the results are in it, once that is known; a row that is pushed sideways."""
    counts = page.categories if page else {}
    known = page is not None and (bool(counts) or not page.total)

    def leads(name: str) -> bool:
        """Whether a touch on this category would show anything; one that is chosen can always be left."""
        return not known or not (page and page.exact_total) or name == chosen or counts.get(name, 0) > 0

    def words(count: int) -> str:
        more = page is not None and not page.exact_total
        return ui.t("{number}+", number=ui.number(count)) if more and count else ui.number(count)

    chips = [
        Chip(
            ui,
            ui.t("All"),
            "category-all",
            chosen is None,
            partial(on_choose, None),
            count=words(sum(counts.values())) if known else None,
        )
    ]
    chips += [
        Chip(
            ui,
            name,
            f"category-{name}",
            chosen == name,
            partial(on_choose, name) if leads(name) else None,
            icon=ICONS.get(name),
            count=words(counts.get(name, 0)) if known else None,
        )
        for name in categories
    ]
    return ft.Row(chips, spacing=10, scroll=ft.ScrollMode.HIDDEN)


def Narrow(ui: Ui, button: ft.Control, chips: ft.Control, active: ft.Control | None) -> ft.Control:
    """The way to the filters, the categories, and below them what is chosen, if anything is."""
    row = ft.Row([button, ft.Container(chips, expand=True)], spacing=10)
    return ft.Column([row, active] if active else [row], spacing=Space.XS, tight=True)


def Said(ui: Ui, page: SearchPage | None, text: str, on_words: Callable[[str], None]) -> list[ft.Control]:
    """What was searched for in place of ``text``, which words had to be left out or are none, what may have been meant.

    A line each. ``on_words`` searches for other words instead.
    """
    lines: list[ft.Control] = []
    if page is not None and page.total and text.strip() and not has_words(text):
        words = ui.t("There is no word or number in this to look for.")
        lines.append(_line(ui, "search-wordless", ft.Icons.SEARCH_OFF, words, ""))
    if page is not None and page.total and page.corrected:
        lines.append(
            _line(ui, "search-corrected", ft.Icons.AUTO_FIX_HIGH, ui.t("Showing results for"), page.corrected)
        )
    if page is not None and page.total and page.relaxed:
        words = ui.t("Nothing has all of these words. Left out:")
        lines.append(_line(ui, "search-relaxed", ft.Icons.SEARCH_OFF, words, ", ".join(page.relaxed)))
    if page is not None and page.total and page.suggested:
        instead = Chip(ui, page.suggested, "search-suggested", False, partial(on_words, page.suggested))
        row = [
            ft.Icon(ft.Icons.LIGHTBULB_OUTLINE, color=ui.c.ink2, size=22),
            T(ui, ui.t("Did you mean:"), "body", ui.c.ink2, no_wrap=True),
            instead,
        ]
        lines.append(Named("search-suggestion", ft.Row(row, spacing=Space.XS), live=True, container=True))
    return lines


def has_words(text: str) -> bool:
    """Whether there is a letter or digit in ``text``; without one, it asks for nothing."""
    return any(char.isalnum() for char in text)


def _line(ui: Ui, name: str, icon: ft.IconData, words: str, about: str) -> ft.Control:
    c = ui.c
    row: list[ft.Control] = [
        ft.Icon(icon, color=c.ink2, size=22),
        T(ui, words, "body", c.ink2, no_wrap=True),
        T(ui, about, "strong", max_lines=1, overflow=ft.TextOverflow.ELLIPSIS, expand=True),
    ]
    return Named(name, ft.Row(row, spacing=Space.XS), live=True, container=True)


def Heading(ui: Ui, phase: Phase, page: SearchPage | None) -> ft.Control:
    """How many there are, and how old their prices. Beside the chips their count says it already."""
    row: list[ft.Control] = []
    if phase == "loading" and not ui.offline:
        row = [_ring(ui), T(ui, ui.t("Asking our partners"), "title", no_wrap=True)]
    elif page is not None and page.total:
        count = ui.n("{count} product", "{count} products", page.total)
        if not page.exact_total:
            count = ui.t("More than {number} products", number=ui.number(page.total))
        if page.stale and page.as_of is not None:
            old = ui.t("Prices from {time}, checked again before you pay", time=ui.moment(page.as_of))
            row = [
                ft.Icon(ft.Icons.HISTORY, color=ui.c.warn, size=22),
                T(ui, old, "label", ui.c.warn, no_wrap=True),
            ]
        elif ui.portrait:
            row = [T(ui, count, "title", no_wrap=True)]
        if phase == "busy":
            row.append(_ring(ui))
    return Named("search-heading", ft.Row(row, spacing=Space.S, tight=True), live=phase == "loading")


def Body(
    ui: Ui,
    phase: Phase,
    page: SearchPage | None,
    *,
    most: int,
    partner: str | None,
    nothing: Callable[[], ft.Control],
    on_more: Handler,
    on_everything: Handler,
) -> ft.Control:
    """The cards, their outlines, or words: ``nothing()`` when none was found. At most ``most`` cards are shown.

    ``partner``: the one that the results are narrowed to.
    """
    if phase == "loading":
        if ui.offline:
            return NotYet(ui)
        return Grid(ui, [SkeletonCard(ui, f"skeleton-{number}") for number in range(SKELETONS)])
    if phase == "failed" or page is None:
        return Failed(ui, on_everything)
    if not page.listings:
        return nothing()
    cards = [
        keyed(listing.product.id, ProductCard)(ui, listing, page.stale, partner) for listing in page.listings
    ]
    left = page.total - len(page.listings)
    if left > 0:
        if len(page.listings) < most:
            cards.append(_more(ui, left, page.exact_total, on_more))
        else:
            cards.append(_enough(ui, left))
    return Grid(ui, cards)


def _ring(ui: Ui) -> ft.Control:
    return ft.ProgressRing(width=22, height=22, stroke_width=3, color=ui.c.primary)


def _more(ui: Ui, left: int, exact: bool, on_more: Handler) -> ft.Control:
    words = ui.n("Show {count} more", "Show {count} more", min(left, PAGE))
    note = ui.n("{count} left", "{count} left", left)
    if not exact:
        note = ui.t("more than {number} left", number=ui.number(left))
    return _tile(ui, ft.Icons.EXPAND_MORE, words, note, "more", on_more)


def _enough(ui: Ui, left: int) -> ft.Control:
    words = ui.n("{count} more products", "{count} more products", left)
    return _tile(ui, ft.Icons.MANAGE_SEARCH, words, ui.t("Type more words to find them"), "enough", None)


def _tile(
    ui: Ui, icon: ft.IconData, words: str, note: str, name: str, on_click: Handler | None
) -> ft.Control:
    c = ui.c
    return Named(
        f"results-{name}",
        ft.Container(
            ft.Column(
                [
                    ft.Icon(icon, color=c.primary, size=Size.ICON_L),
                    T(ui, words, "heading", c.primary, text_align=ft.TextAlign.CENTER),
                    T(ui, note, "caption", c.ink2, text_align=ft.TextAlign.CENTER),
                ],
                spacing=Space.XS,
                horizontal_alignment=ft.CrossAxisAlignment.CENTER,
                alignment=ft.MainAxisAlignment.CENTER,
            ),
            padding=Space.M,
            border_radius=Radius.CARD,
            bgcolor=c.surface if on_click else c.fill,
            border=ft.Border.all(1.5, c.border if on_click else c.fill),
            ink=on_click is not None,
            on_click=ui.on(on_click),
        ),
        button=True if on_click else None,
    )
