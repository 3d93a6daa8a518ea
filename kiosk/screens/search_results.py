"""What a search has found: chips to narrow it, one line that says what it is, cards; or why there are none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

import flet as ft

from kiosk.components.buttons import Chip, Primary, Secondary
from kiosk.components.product_card import PAGE, Grid, ProductCard, SkeletonCard, columns
from kiosk.components.states import EmptyState
from kiosk.components.touch import Named
from kiosk.guard import Handler, keyed
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
    """All and each category, with how many of the results are in it; a row that is pushed sideways."""
    counts = page.categories if page else {}
    chips = [
        Chip(
            ui,
            ui.t("All"),
            "category-all",
            chosen is None,
            partial(on_choose, None),
            count=sum(counts.values()) if page else None,
        )
    ]
    chips += [
        Chip(
            ui,
            name,
            f"category-{name}",
            chosen == name,
            partial(on_choose, name),
            icon=ICONS.get(name),
            count=counts.get(name, 0) if page else None,
        )
        for name in categories
    ]
    return ft.Row(chips, spacing=10, scroll=ft.ScrollMode.HIDDEN)


def Heading(ui: Ui, phase: Phase, page: SearchPage | None) -> ft.Control:
    """How many there are, and how old their prices. Beside the chips their count says it already."""
    row: list[ft.Control] = []
    if phase == "loading":
        row = [_ring(ui), T(ui, ui.t("Asking our partners"), "title", no_wrap=True)]
    elif page is not None and page.total:
        count = ui.n("{count} product", "{count} products", page.total)
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
    text: str,
    *,
    most: int,
    on_more: Handler,
    on_everything: Handler,
) -> ft.Control:
    """The cards, their outlines, or words. At most ``most`` cards are shown."""
    if phase == "loading":
        if ui.offline:
            return _not_yet(ui)
        return Grid(ui, [SkeletonCard(ui, f"skeleton-{number}") for number in range(SKELETONS)])
    if phase == "failed" or page is None:
        return EmptyState(
            ui,
            ft.Icons.SEARCH_OFF,
            ui.t("The search does not work right now"),
            ui.t("Please try again, scan the tag, or ask an associate."),
            "search-failed",
            [
                Primary(ui, ui.t("Try again"), "everything", on_everything, icon=ft.Icons.REFRESH),
                _scan(ui),
            ],
        )
    if not page.listings:
        return _nothing(ui, text, on_everything)
    wide = columns(ui)[1] > 280 and not page.stale
    cards = [
        keyed(listing.product.id, ProductCard)(ui, listing, page.stale, wide) for listing in page.listings
    ]
    left = page.total - len(page.listings)
    if left > 0:
        cards.append(_more(ui, left, on_more) if len(page.listings) < most else _enough(ui, left))
    return Grid(ui, cards)


def _ring(ui: Ui) -> ft.Control:
    return ft.ProgressRing(width=22, height=22, stroke_width=3, color=ui.c.primary)


def _scan(ui: Ui) -> ft.Control:
    return Secondary(ui, ui.t("Scan the tag"), "scan-tag", ui.to("/scan"), icon=ft.Icons.QR_CODE_SCANNER)


def _nothing(ui: Ui, text: str, on_everything: Handler) -> ft.Control:
    shown = text.strip()[:40]
    title = ui.t("Nothing found for “{words}”", words=shown) if shown else ui.t("Nothing here yet")
    return EmptyState(
        ui,
        ft.Icons.SEARCH_OFF,
        title,
        ui.t("No partner has this right now. Check the spelling, use fewer words, or scan the tag."),
        "nothing-found",
        [
            Primary(ui, ui.t("Scan the tag"), "scan-tag", ui.to("/scan"), icon=ft.Icons.QR_CODE_SCANNER),
            Secondary(ui, ui.t("Show everything"), "everything", on_everything),
        ],
    )


def _not_yet(ui: Ui) -> ft.Control:
    return EmptyState(
        ui,
        ft.Icons.CLOUD_OFF_OUTLINED,
        ui.t("The products are not on this device yet"),
        ui.t("They come as soon as the store is online again. Nothing needs to be done here."),
        "not-loaded",
        [Primary(ui, ui.t("Back to the start"), "start", ui.to("/"), icon=ft.Icons.HOME_OUTLINED)],
    )


def _more(ui: Ui, left: int, on_more: Handler) -> ft.Control:
    words = ui.n("Show {count} more", "Show {count} more", min(left, PAGE))
    return _tile(ui, ft.Icons.EXPAND_MORE, words, ui.n("{count} left", "{count} left", left), "more", on_more)


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
