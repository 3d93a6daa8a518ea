"""Who can send the chosen variant: partners best first, each with one sentence on why it stands where it does."""

from __future__ import annotations

from functools import partial

import flet as ft

from kiosk.components.offer_row import OfferRow
from kiosk.components.touch import Named
from kiosk.screens.product_state import ProductState
from kiosk.theme import Radius, Space
from kiosk.ui import T, Ui
from retail.offer import why_best


def Offers(ui: Ui, state: ProductState) -> ft.Control:
    """A row for each partner that lists it, those who have sold out too."""
    offers, best, chosen = state.offers(), state.best(), state.chosen()
    can = [offer for offer in offers if offer.available]
    head: list[ft.Control] = [T(ui, ui.t("Who can send it"), "heading", expand=True)]
    if state.phase == "asking":
        head += [
            ft.ProgressRing(width=18, height=18, stroke_width=2.5, color=ui.c.primary),
            T(ui, ui.t("Checking prices"), "caption", ui.c.ink2, no_wrap=True),
        ]
    elif len(can) > 1:
        if best is can[0]:
            count = ui.n("{count} partner, best first", "{count} partners, best first", len(can))
        else:  # an answer came in after the rows had their places
            count = ui.n("{count} partner", "{count} partners", len(can))
        head.append(T(ui, count, "caption", ui.c.ink2, no_wrap=True))
    old = [offer for offer in can if state.device.stale(offer)]
    leading = None if best is None or len(can) < 2 else (best.partner, best.sku)
    rows: list[ft.Control] = [
        OfferRow(
            ui,
            offer,
            state.device.partner_name(offer.partner),
            ui.t(why_best(offer, offers)),
            best=(offer.partner, offer.sku) == leading,
            selected=offer is chosen,
            on_click=partial(state.pick, offer),
            stale=state.device.stale(offer),
            checked=offer in old and len(old) < len(can),  # otherwise the head of the page says it for all
        )
        for offer in offers
    ]
    if state.lost:
        rows.insert(0, _lost(ui, state))
    return ft.Column([ft.Row(head, spacing=Space.XS), *rows], spacing=Space.S, tight=True)


def Nobody(ui: Ui, state: ProductState) -> ft.Control:
    """Says in words that the chosen variant, or all of them, cannot be had."""
    others = any(stock != "none" for stock in state.stock().values())
    words = ui.t("No partner has this one right now. Please choose another size or colour.")
    if not others:
        words = ui.t("No partner has it right now. Please ask an associate, or look at what is like it.")
    return _line(ui, "sold-out", ft.Icons.REMOVE_SHOPPING_CART_OUTLINED, words)


def _lost(ui: Ui, state: ProductState) -> ft.Control:
    words = ui.t("{partner} has just sold out of it.", partner=state.device.partner_name(state.lost))
    return _line(ui, "partner-lost", ft.Icons.INFO_OUTLINE, words)


def _line(ui: Ui, name: str, icon: ft.IconData, words: str) -> ft.Control:
    ink, ground = ui.c.tone("warn")
    row = ft.Row([ft.Icon(icon, color=ink), T(ui, words, "label", ink, expand=True)], spacing=Space.S)
    box = ft.Container(row, bgcolor=ground, border_radius=Radius.CONTROL, padding=Space.M)
    return Named(name, box, live=True, container=True)
