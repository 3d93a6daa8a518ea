"""What it comes to: sums and short lines, for cart, checkout and confirmation."""

from __future__ import annotations

from collections.abc import Mapping

import flet as ft

from kiosk.components.pictures import Picture
from kiosk.theme import Space
from kiosk.ui import T, Ui
from retail.money import Money


def SumLine(ui: Ui, left: str, right: str, *, role: str = "body", color: str | None = None) -> ft.Control:
    """A word and its amount."""
    return ft.Row(
        [
            T(ui, left, role, color or ui.c.ink2, expand=True),
            T(ui, right, role, color or ui.c.ink, no_wrap=True),
        ]
    )


def Totals(ui: Ui, count: int, goods: Money, shipping: Money | None, total: Money) -> ft.Control:
    """Pieces, delivery and the one large price. ``shipping`` None: it depends on the address."""
    if shipping is None:
        freight = ui.t("After the address")
    else:
        freight = ui.money(shipping) if shipping else ui.t("Free")
    return ft.Column(
        [
            SumLine(ui, ui.n("{count} item", "{count} items", count), ui.money(goods)),
            SumLine(ui, ui.t("Delivery"), freight),
            ft.Divider(height=Space.S, color=ui.c.line),
            ft.Row(
                [
                    T(ui, ui.t("Total"), "title", expand=True),
                    T(ui, ui.money(total), "price_l", no_wrap=True),
                ],
                vertical_alignment=ft.CrossAxisAlignment.CENTER,
            ),
            T(ui, ui.t("VAT included"), "caption", ui.c.ink2),
        ],
        spacing=6,
        tight=True,
    )


def choice(options: Mapping[str, str]) -> str:
    """A variant in words: "Ochre, M"."""
    return ", ".join(options.values())


def MiniLine(
    ui: Ui, name: str, options: Mapping[str, str], quantity: int, sum_: Money, picture: str | None
) -> ft.Control:
    """One line of a summary: small picture, name, variant and count, sum."""
    detail = f"{choice(options)}  × {quantity}" if options else f"× {quantity}"
    return ft.Row(
        [
            Picture(ui, picture, width=60, height=60, radius=12),
            ft.Column(
                [
                    T(ui, name, "label", max_lines=1, overflow=ft.TextOverflow.ELLIPSIS),
                    T(ui, detail, "caption", ui.c.ink2, max_lines=1, overflow=ft.TextOverflow.ELLIPSIS),
                ],
                spacing=0,
                expand=True,
                tight=True,
            ),
            T(ui, ui.money(sum_), "label", no_wrap=True),
        ],
        spacing=Space.S,
    )
