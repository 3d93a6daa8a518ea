"""What a code led to: a product, several to choose from, none, or why it could not be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import flet as ft

from kiosk.components.badges import AvailabilityBadge, PriceTag, stock_of
from kiosk.components.buttons import Primary, Quiet, Secondary
from kiosk.components.pictures import Picture
from kiosk.components.product_card import product_route
from kiosk.components.summary import choice as choice_words
from kiosk.components.touch import Named
from kiosk.components.writing import own_way
from kiosk.guard import Handler
from kiosk.screens.scan_several import Number
from kiosk.screens.scan_state import Choice
from kiosk.theme import Radius, Size, Space, lift
from kiosk.ui import T, Ui
from retail.offer import Offer, Variant
from sync.device import Found

MOST_CHOICES = 5  # products under one number; more of them nobody can tell apart here


def Sheet(ui: Ui, content: ft.Control, name: str) -> ft.Control:
    """A card over the lower part of the camera's picture, or in the middle of a page."""
    card = ft.Container(
        content,
        bgcolor=ui.c.surface,
        padding=Space.L,
        border_radius=Radius.SHEET,
        shadow=lift(ui.c, 2),
        width=min(760, ui.width - 2 * ui.gutter),
    )
    return Named(name, card, live=True, container=True)


def AskingSheet(ui: Ui) -> ft.Control:
    """While the partners are asked about a number that is not remembered here."""
    row = ft.Row(
        [
            ft.ProgressRing(width=28, height=28, stroke_width=3, color=ui.c.primary),
            T(ui, ui.t("Asking our partners about this number"), "heading", expand=True),
        ],
        spacing=Space.M,
    )
    return Sheet(ui, row, "scan-asking")


def FoundSheet(ui: Ui, found: Found, *, stale: bool, again: ft.Control) -> ft.Control:
    """The product with the variant on the tag, its best price and the way on."""
    variant = variant_of(found)
    offer = best_of(found)
    others = not (offer and offer.available) and any(each.available for each in found.listing.offers)
    see = Primary(
        ui,
        ui.t("See the others") if others else ui.t("See it"),
        "see-it",
        ui.to(product_route(found.listing.product.id, found.gtin)),
        icon=ft.Icons.ARROW_FORWARD,
        expand=2,
    )
    column = ft.Column(
        [_summary(ui, found, variant, offer, stale=stale), ft.Row([again, see], spacing=Space.S)],
        spacing=Space.L,
        tight=True,
    )
    return Sheet(ui, column, "scan-found")


def _summary(
    ui: Ui, found: Found, variant: Variant | None, offer: Offer | None, *, stale: bool
) -> ft.Control:
    c, product = ui.c, found.listing.product
    words = [product.brand, choice_words(variant.options) if variant else ""]
    line: list[ft.Control] = [AvailabilityBadge(ui, stock_of(offer, stale=stale))]
    partners = len({each.partner for each in found.listing.of(found.gtin) if each.available})
    if partners:
        note = ui.n("from {count} partner", "from {count} partners", partners)
        line.append(T(ui, note, "caption", c.ink2))
    elif any(each.available for each in found.listing.offers):
        line.append(T(ui, ui.t("Others of it can be sent"), "caption", c.ink2))
    about = ft.Column(
        [
            T(ui, own_way(ui, product.name), "title", max_lines=2, overflow=ft.TextOverflow.ELLIPSIS),
            T(ui, own_way(ui, " · ".join(word for word in words if word)), "body", c.ink2),
            ft.Row(line, spacing=10, wrap=True, run_spacing=4),
        ],
        spacing=6,
        expand=True,
        tight=True,
    )
    parts: list[ft.Control] = [Picture(ui, _picture(found, variant), width=120, height=120, radius=14), about]
    if offer is not None and offer.available:
        price: list[ft.Control] = [PriceTag(ui, offer.price, role="price_l", stale=stale)]
        if offer.ships_by:
            price.append(T(ui, ui.day(offer.ships_by), "strong", c.ink2 if stale else c.good, no_wrap=True))
        parts.append(ft.Column(price, spacing=2, horizontal_alignment=ft.CrossAxisAlignment.END, tight=True))
    return ft.Row(parts, spacing=Space.L)


def GuessSheet(ui: Ui, found: Found, *, stale: bool, no: Handler) -> ft.Control:
    """What the bars may be that could not be read: only a person can say so."""
    words = ft.Column(
        [
            T(ui, ui.t("Is it this one?"), "title"),
            T(ui, ui.t("The bars are too blurred to be sure. Please compare."), "body", ui.c.ink2),
        ],
        spacing=Space.XXS,
        expand=True,
        tight=True,
    )
    digits = Quiet(ui, ui.t("Type the number"), "type-number", ui.to("/scan?type=1"), icon=ft.Icons.DIALPAD)
    column = ft.Column(
        [
            ft.Row([words, digits], spacing=Space.S),
            _summary(ui, found, variant_of(found), best_of(found), stale=stale),
            ft.Row(
                [
                    Secondary(
                        ui,
                        ui.t("No, try again"),
                        "guess-no",
                        no,
                        icon=ft.Icons.CLOSE,
                        height=Size.MAIN,
                        expand=1,
                    ),
                    Primary(
                        ui,
                        ui.t("Yes, this one"),
                        "guess-yes",
                        ui.to(product_route(found.listing.product.id, found.gtin)),
                        icon=ft.Icons.CHECK,
                        height=Size.MAIN,
                        expand=1,
                    ),
                ],
                spacing=Space.S,
            ),
        ],
        spacing=Space.M,
        tight=True,
    )
    return Sheet(ui, column, "scan-guess")


def SeveralSheet(
    ui: Ui,
    choices: Sequence[Choice],
    sku: str,
    partner_name: Callable[[str], str],
    *,
    again: ft.Control,
) -> ft.Control:
    """Several products, by one number or by several tags: only the customer can say which.

    ``sku`` is the code when it is no product number: then it says whose number of what it is.
    """
    numbered = any(choice.number is not None for choice in choices)
    title = ui.t("Which one?") if numbered else ui.t("Which one is it?")
    words = (
        ui.t("Choose by its number, or hold up only one.")
        if numbered
        else ui.t("This number is on more than one product.")
    )
    categories = {choice.found.listing.product.category for choice in choices}
    sellers = [_sellers(choice.found, sku) for choice in choices]
    apart = len(set(sellers)) > 1
    rows: list[ft.Control] = []
    for index, choice in enumerate(choices[:MOST_CHOICES]):
        differs = [choice.found.listing.product.category] if len(categories) > 1 else []
        if apart:
            differs.append(", ".join(partner_name(partner) for partner in sellers[index]))
        rows.append(_row(ui, index + 1, choice, [part for part in differs if part]))
    if len(choices) > MOST_CHOICES:
        more = (
            ui.t("There are more. Hold up fewer tags at a time.")
            if numbered
            else ui.t("There are more. Search by name to see them all.")
        )
        rows.append(T(ui, more, "body", ui.c.ink2))
    head = ft.Column(
        [T(ui, title, "title"), T(ui, words, "body", ui.c.ink2)], spacing=0, expand=2, tight=True
    )
    return Sheet(
        ui,
        ft.Column([ft.Row([head, again], spacing=Space.M), *rows], spacing=Space.S, tight=True),
        "scan-several",
    )


def _sellers(found: Found, sku: str) -> tuple[str, ...]:
    """The partners who call it ``sku``; all who have it when none does, or it was not a SKU."""
    offers = found.listing.of(found.gtin)
    named = [offer for offer in offers if offer.sku.casefold() == sku.casefold()]
    return tuple(sorted({offer.partner for offer in named or offers}))


def _row(ui: Ui, place: int, choice: Choice, differs: Sequence[str]) -> ft.Control:
    c, found = ui.c, choice.found
    product, offer, variant = found.listing.product, best_of(found), variant_of(found)
    words = [product.brand, choice_words(variant.options) if variant else "", *differs]
    parts: list[ft.Control] = [] if choice.number is None else [Number(ui, choice.number)]
    parts += [
        Picture(ui, _picture(found, variant), width=64, height=64, radius=12),
        ft.Column(
            [
                T(ui, own_way(ui, product.name), "strong", max_lines=1, overflow=ft.TextOverflow.ELLIPSIS),
                T(ui, own_way(ui, " · ".join(word for word in words if word)), "caption", c.ink2),
            ],
            spacing=0,
            expand=True,
            tight=True,
        ),
    ]
    if offer is not None:
        parts.append(PriceTag(ui, offer.price))
    parts.append(ft.Icon(ft.Icons.CHEVRON_RIGHT, color=c.ink2))
    return Named(
        f"choice-{place}",
        ft.Container(
            ft.Row(parts, spacing=Space.M),
            padding=Space.S,
            border_radius=Radius.CONTROL,
            border=ft.Border.all(1, c.line),
            ink=True,
            on_click=ui.on(ui.to(product_route(product.id, found.gtin))),
        ),
        button=True,
    )


def NothingSheet(
    ui: Ui, title: str, text: str, name: str, *, again: ft.Control, code: str = ""
) -> ft.Control:
    """Why there is no product, what to do, and two ways on. ``code`` is shown as it is, on two lines at most."""
    c = ui.c
    disc = ft.Container(
        ft.Icon(ft.Icons.SEARCH_OFF, size=36, color=c.on_soft),
        width=72,
        height=72,
        border_radius=36,
        bgcolor=c.soft,
        alignment=ft.Alignment.CENTER,
    )
    lines: list[ft.Control] = [T(ui, title, "title")]
    if code:
        lines.append(T(ui, own_way(ui, code), "strong", max_lines=2, overflow=ft.TextOverflow.ELLIPSIS))
    lines.append(T(ui, text, "body", c.ink2))
    words = ft.Column(lines, spacing=4, expand=True, tight=True)
    search = Secondary(
        ui, ui.t("Search by name"), "search-by-name", ui.to("/search"), icon=ft.Icons.SEARCH, expand=1
    )
    column = ft.Column(
        [ft.Row([disc, words], spacing=Space.L), ft.Row([search, again], spacing=Space.S)],
        spacing=Space.L,
        tight=True,
    )
    return Sheet(ui, column, name)


def Again(ui: Ui, on_click: Handler, *, camera: bool, main: bool) -> ft.Control:
    """The way back to the next code; ``main`` when it is what most people should press."""
    words = ui.t("Scan another") if camera else ui.t("Type another number")
    icon = ft.Icons.QR_CODE_SCANNER if camera else ft.Icons.DIALPAD
    if main:
        return Primary(ui, words, "scan-again", on_click, icon=icon, expand=1, height=Size.BUTTON)
    return Secondary(ui, words, "scan-again", on_click, expand=1)


def variant_of(found: Found) -> Variant | None:
    """The variant that the code stands for."""
    return next((each for each in found.listing.product.variants if each.gtin == found.gtin), None)


def best_of(found: Found) -> Offer | None:
    """The best offer for that variant, a sold-out one if there is no other."""
    return next(iter(found.listing.of(found.gtin)), None)


def _picture(found: Found, variant: Variant | None) -> str | None:
    named = variant.picture if variant else None
    return named or next((each.picture for each in found.listing.offers if each.picture), None)
