"""Why there are no results, and the ways on: fewer filters, a category, the tag, or everything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import flet as ft

from kiosk.components.buttons import Primary, Secondary
from kiosk.components.chips import Chip
from kiosk.components.states import EmptyState
from kiosk.guard import Handler
from kiosk.theme import Space
from kiosk.ui import T, Ui

MOST_CATEGORIES = 8
LONGEST = 32  # characters of what was asked that are said again


@dataclass(frozen=True, slots=True)
class Instead:
    """What would be found where nothing was.

    ``unfiltered``: how many without the filters; ``alone``: words that are found on their own, with how many.
    """

    unfiltered: int = 0
    alone: tuple[tuple[str, int], ...] = ()


NOTHING = Instead()


def Nothing(
    ui: Ui,
    text: str,
    instead: Instead,
    categories: Sequence[str],
    on_words: Callable[[str], None],
    on_category: Callable[[str], None],
    on_unfiltered: Handler,
    on_everything: Handler,
    *,
    crowded: bool = False,
) -> ft.Control:
    """No product has what was asked for; what leads on is named with how much it leads to.

    ``crowded``: other lines on the screen leave room for one row of ways on only.
    """
    words = text.strip()
    if len(words) > LONGEST:
        words = f"{words[: LONGEST - 1].rstrip()}…"
    scan = ui.t("Scan the tag")
    if instead.unfiltered:
        title = ui.t("Nothing found with these filters")
        if words:
            title = ui.t("Nothing found for “{words}” with these filters", words=words)
        return EmptyState(
            ui,
            ft.Icons.FILTER_ALT_OFF_OUTLINED,
            title,
            ui.n(
                "Without them there is {count} product. Or take away only one of them.",
                "Without them there are {count} products. Or take away only one of them.",
                instead.unfiltered,
            ),
            "nothing-found",
            [
                Primary(ui, ui.t("Clear the filters"), "unfiltered", on_unfiltered),
                Secondary(ui, scan, "scan-tag", ui.to("/scan"), icon=ft.Icons.QR_CODE_SCANNER),
            ],
        )
    actions = [
        Primary(ui, scan, "scan-tag", ui.to("/scan"), icon=ft.Icons.QR_CODE_SCANNER),
        Secondary(ui, ui.t("Show everything"), "everything", on_everything),
    ]
    if instead.alone:
        chips = [
            Chip(ui, word, f"alone-{word}", False, partial(on_words, word), count=ui.number(there))
            for word, there in instead.alone
        ]
        actions.append(_below(ui, ui.t("Found for one word alone:"), chips))
    if words and categories and not (crowded and instead.alone):
        chips = [
            Chip(ui, name, f"browse-{name}", False, partial(on_category, name))
            for name in categories[:MOST_CATEGORIES]
        ]
        actions.append(_below(ui, ui.t("Or look in:"), chips))
    return EmptyState(
        ui,
        ft.Icons.SEARCH_OFF,
        ui.t("Nothing found for “{words}”", words=words) if words else ui.t("Nothing here yet"),
        ui.t(
            "No partner has this right now, not even spelled a little differently. Try another word for it."
        ),
        "nothing-found",
        actions,
    )


def _below(ui: Ui, words: str, chips: list[ft.Control]) -> ft.Control:
    row = ft.Row(
        chips, spacing=Space.XS, run_spacing=Space.XS, wrap=True, alignment=ft.MainAxisAlignment.CENTER
    )
    column = ft.Column(
        [T(ui, words, "caption", ui.c.ink2), row],
        spacing=Space.S,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.CENTER,
    )
    # As wide as the page, so that it stands below the buttons.
    return ft.Container(column, padding=Space.XS, width=ui.reading)


def Failed(ui: Ui, on_everything: Handler) -> ft.Control:
    """The catalogue could not be read."""
    return EmptyState(
        ui,
        ft.Icons.SEARCH_OFF,
        ui.t("The search does not work right now"),
        ui.t("Please try again, scan the tag, or ask an associate."),
        "search-failed",
        [
            Primary(ui, ui.t("Try again"), "everything", on_everything, icon=ft.Icons.REFRESH),
            Secondary(ui, ui.t("Scan the tag"), "scan-tag", ui.to("/scan"), icon=ft.Icons.QR_CODE_SCANNER),
        ],
    )


def NotYet(ui: Ui) -> ft.Control:
    """There is no catalogue on this device, and nobody to ask for it."""
    return EmptyState(
        ui,
        ft.Icons.CLOUD_OFF_OUTLINED,
        ui.t("The products are not on this device yet"),
        ui.t("They come as soon as the store is online again. Nothing needs to be done here."),
        "not-loaded",
        [Primary(ui, ui.t("Back to the start"), "start", ui.to("/"), icon=ft.Icons.HOME_OUTLINED)],
    )
