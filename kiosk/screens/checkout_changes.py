"""What is not any more as the customer chose it: shown old and new, and taken over only when agreed."""

from __future__ import annotations

from dataclasses import replace

import flet as ft

from kiosk.components.badges import Badge
from kiosk.components.bars import Card
from kiosk.components.buttons import Secondary
from kiosk.components.summary import choice
from kiosk.components.touch import Named
from kiosk.theme import Space
from kiosk.ui import T, Ui
from retail.cart import Cart, CartLine, Change, Quote
from retail.money import Money


def agreed(cart: Cart, changes: tuple[Change, ...]) -> Cart:
    """``cart`` once the customer has agreed to ``changes``: new prices and quantities, without what is gone."""
    lines = []
    for index, line in enumerate(cart.lines):
        new = {change.what: change.new for change in changes if change.line == index}
        if "gone" in new:
            continue
        offer = line.offer
        if "price" in new:
            offer = replace(offer, price=Money(new["price"], offer.price.currency))
        quantity = min(line.quantity, new.get("available", line.quantity))
        if "available" in new:
            offer = replace(offer, available=quantity)
        lines.append(CartLine(offer, quantity))
    return Cart(tuple(lines))


def Changes(ui: Ui, cart: Cart, quote: Quote) -> list[ft.Control]:
    """Old and new side by side, with the way back to the cart."""
    rows: list[ft.Control] = []
    for number, change in enumerate(quote.changes):
        if rows:
            rows.append(ft.Divider(height=1, color=ui.c.line))
        rows.append(_change(ui, cart.lines[change.line], change, number))
    ask = ui.t("Nothing is ordered yet. Agree to go on, or go back and change your cart.")
    return [
        T(ui, ui.t("This has changed since you chose it"), "headline"),
        T(ui, ask, "body", ui.c.ink2),
        Card(ui, ft.Column(rows, spacing=Space.M, tight=True)),
        ft.Row([Secondary(ui, ui.t("Back to the cart"), "to-cart", ui.to("/cart"))]),
    ]


def _change(ui: Ui, line: CartLine, change: Change, number: int) -> ft.Control:
    currency = line.offer.price.currency
    if change.what == "price":
        old, new = (ui.money(Money(amount, currency)) for amount in (change.old, change.new))
        cheaper = change.new < change.old
        word = Badge(
            ui, ui.t("Cheaper now") if cheaper else ui.t("Dearer now"), "good" if cheaper else "warn"
        )
    elif change.what == "available":
        old = ui.n("{count} piece", "{count} pieces", change.old)
        new = ui.n("{count} piece", "{count} pieces", change.new)
        word = Badge(ui, ui.t("Fewer left"), "warn")
    else:
        old = ui.n("{count} piece", "{count} pieces", change.old)
        new = ui.t("None left")
        word = Badge(ui, ui.t("Just sold out"), "bad", ft.Icons.BLOCK)
    name = ft.Column(
        [
            T(ui, change.name, "strong", max_lines=2, overflow=ft.TextOverflow.ELLIPSIS),
            *([T(ui, choice(line.offer.options), "caption", ui.c.ink2)] if line.offer.options else []),
            ft.Row([word]),
        ],
        spacing=Space.XXS,
        tight=True,
        expand=True,
    )
    row = ft.Row(
        [
            name,
            _value(ui, ui.t("Before"), old, struck=True),
            ft.Icon(ft.Icons.ARROW_FORWARD, color=ui.c.ink2),
            _value(ui, ui.t("Now"), new),
        ],
        spacing=Space.M,
    )
    return Named(f"change-{number}", row, container=True)


def _value(ui: Ui, label: str, value: str, *, struck: bool = False) -> ft.Control:
    line = ft.TextDecoration.LINE_THROUGH if struck else None
    return ft.Column(
        [
            T(ui, label, "caption", ui.c.ink2),
            T(ui, value, "price", ui.c.ink2 if struck else ui.c.ink, decoration=line, no_wrap=True),
        ],
        spacing=0,
        tight=True,
        horizontal_alignment=ft.CrossAxisAlignment.END,
    )
