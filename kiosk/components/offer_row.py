"""One partner's offer, to be chosen among others."""

from __future__ import annotations

import flet as ft

from kiosk.components.badges import Badge
from kiosk.components.touch import Named
from kiosk.guard import Handler
from kiosk.theme import Motion, Radius, Space
from kiosk.ui import T, Ui
from retail.offer import FEW, Offer


def RadioDot(ui: Ui, selected: bool) -> ft.Control:
    """Filled when it is the one."""
    c = ui.c
    return ft.Container(
        ft.Container(width=12, height=12, border_radius=6, bgcolor=c.primary if selected else c.surface),
        width=26,
        height=26,
        border_radius=13,
        border=ft.Border.all(2, c.primary if selected else c.border),
        alignment=ft.Alignment.CENTER,
    )


def _Mark(ui: Ui) -> ft.Control:
    return ft.Container(
        ft.Icon(ft.Icons.BLOCK, size=22, color=ui.c.ink2), width=26, alignment=ft.Alignment.CENTER
    )


def OfferRow(
    ui: Ui,
    offer: Offer,
    partner: str,
    why: str,
    *,
    best: bool,
    selected: bool,
    on_click: Handler | None,
    stale: bool = False,
    checked: bool = False,
) -> ft.Control:
    """Price and promise carry the row; ``why`` is one short sentence, ``partner`` the partner's name for people.

    ``stale``: an old answer, its price grey; it says that it is ``checked`` again, where not all of them are. A partner
    that is sold out stays, flat and not to be pressed.
    """
    c, none = ui.c, not offer.available
    tags: list[ft.Control] = []
    if best:
        tags.append(Badge(ui, ui.t("Best choice"), "good", ft.Icons.STAR_ROUNDED, on_tint=selected))
    if checked and not none:
        tags.append(Badge(ui, ui.t("Check again"), "quiet", ft.Icons.CLOUD_OFF_OUTLINED, on_tint=selected))
    elif 0 < offer.available <= FEW:
        left = ui.n("Only {count} left", "Only {count} left", offer.available)
        tags.append(Badge(ui, left, "warn", on_tint=selected))
    if offer.shipping:
        freight = ui.t(
            "{price} + {shipping} delivery", price=ui.money(offer.price), shipping=ui.money(offer.shipping)
        )
    else:
        freight = ui.t("Free delivery")
    who = ft.Column(
        [
            ft.Row(
                [T(ui, partner, "strong", c.ink2 if none else c.ink, no_wrap=True), *tags],
                spacing=10,
                wrap=True,
                run_spacing=4,
            ),
            T(ui, why, "caption", c.ink2),
        ],
        spacing=2,
        expand=True,
        tight=True,
    )
    grey = none or stale
    sums: list[ft.Control] = [
        T(ui, ui.money(offer.landed()), "price", c.ink2 if grey else c.ink, no_wrap=True)
    ]
    if offer.ships_by and not none:
        colour = c.ink2 if stale else c.good if best else c.ink
        sums.append(T(ui, ui.day(offer.ships_by), "label", colour, no_wrap=True))
    sums.append(T(ui, freight, "caption", c.ink2, no_wrap=True))
    cost = ft.Column(sums, spacing=0, horizontal_alignment=ft.CrossAxisAlignment.END, tight=True)
    return Named(
        f"offer-{offer.partner}-{offer.sku}",
        ft.Container(
            ft.Row([_Mark(ui) if none else RadioDot(ui, selected), who, cost], spacing=Space.M),
            padding=ft.Padding.symmetric(horizontal=Space.M, vertical=14),
            border_radius=Radius.CONTROL,
            bgcolor=c.fill if none else c.soft if selected else c.surface,
            border=ft.Border.all(2 if selected else 1, c.primary if selected else c.line),
            ink=not none,
            on_click=None if none else ui.on(on_click),
            animate=Motion.QUICK,
        ),
        button=True,
        selected=selected,
    )
