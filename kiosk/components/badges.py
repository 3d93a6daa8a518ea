"""What can be had and what it costs, in small."""

from __future__ import annotations

from typing import Literal

import flet as ft

from kiosk.theme import Radius, Space
from kiosk.ui import T, Ui
from retail.money import Money
from retail.offer import FEW, Offer

PADDING, ICON, GAP, LETTER = 10, 18, 6, 8.2  # pixels; a letter is about so wide
Stock = Literal["in", "few", "none", "old"]
STOCK: dict[Stock, tuple[str, str, ft.IconData]] = {
    "in": ("In stock", "good", ft.Icons.CHECK_CIRCLE),
    "few": ("Few left", "warn", ft.Icons.TIMELAPSE),
    "none": ("Not available", "bad", ft.Icons.BLOCK),
    "old": ("Check again", "quiet", ft.Icons.CLOUD_OFF_OUTLINED),
}


def stock_of(offer: Offer | None, *, stale: bool = False) -> Stock:
    """The word for what ``offer`` can deliver; no offer is ``none``, an old answer is ``old``."""
    if offer is None or not offer.available:
        return "none"
    if stale:
        return "old"
    return "few" if offer.available <= FEW else "in"


def Badge(
    ui: Ui, text: str, tone: str, icon: ft.IconData | None = None, *, on_tint: bool = False
) -> ft.Control:
    """Colour is never alone: icon and words say the same. ``on_tint``: it sits on a selected row."""
    ink, ground = ui.c.tone(tone)
    row: list[ft.Control] = [ft.Icon(icon, size=ICON, color=ink)] if icon else []
    row.append(T(ui, text, "label", ink, no_wrap=True))
    return ft.Container(
        ft.Row(row, spacing=GAP, tight=True),
        bgcolor=ui.c.surface if on_tint else ground,
        border_radius=Radius.BADGE,
        padding=ft.Padding.symmetric(horizontal=PADDING, vertical=5),
    )


def badge_width(ui: Ui, stock: Stock) -> float:
    """About how many pixels wide the badge for ``stock`` is, where something is to stand beside it."""
    return 2 * PADDING + ICON + GAP + LETTER * len(ui.t(STOCK[stock][0]))


def AvailabilityBadge(ui: Ui, stock: Stock) -> ft.Control:
    """In stock, few left, not available, or old and to be asked again."""
    text, tone, icon = STOCK[stock]
    return Badge(ui, ui.t(text), tone, icon)


def PriceTag(
    ui: Ui,
    price: Money,
    *,
    was: Money | None = None,
    role: str = "price",
    note: str = "",
    stale: bool = False,
) -> ft.Control:
    """A price that never wraps; the old one struck through, an unsure one grey."""
    row: list[ft.Control] = [T(ui, ui.money(price), role, ui.c.ink2 if stale else ui.c.ink, no_wrap=True)]
    if was is not None and price < was:
        line = ft.TextDecoration.LINE_THROUGH
        row.append(T(ui, ui.money(was), "caption", ui.c.ink2, decoration=line, no_wrap=True))
    if note:
        row.append(T(ui, note, "caption", ui.c.ink2, no_wrap=True))
    return ft.Row(row, spacing=Space.XS, tight=True, vertical_alignment=ft.CrossAxisAlignment.END)
