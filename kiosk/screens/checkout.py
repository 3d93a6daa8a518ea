"""Checkout in three short steps: where to, how it is sent, how it is paid. Nothing typed is lost between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import flet as ft

from kiosk.components.bars import BottomBar, Card, Page, Shell, TopBar
from kiosk.components.buttons import Primary, Secondary
from kiosk.components.states import EmptyState
from kiosk.components.summary import MiniLine, Totals
from kiosk.components.timeline import StepProgress
from kiosk.components.touch import Named
from kiosk.guard import Handler, component
from kiosk.theme import Size, Space
from kiosk.ui import T, Ui
from retail.cart import Cart, Quote

STEPS = ("Address", "Delivery", "Payment")
ROUTES = ("/checkout", "/checkout/delivery", "/checkout/payment")
Step = Literal[0, 1, 2]


def Frame(
    ui: Ui,
    step: Step,
    sold: Cart | Quote,
    body: Sequence[ft.Control],
    action: ft.Control,
    *,
    back: Handler,
    keys: ft.Control | None = None,
) -> ft.Control:
    """One step: what is asked on the left, what it comes to on the right, the one button below.

    ``sold`` is the cart as long as there is no quote. ``keys`` are our own, on a standing kiosk.
    """
    steps = StepProgress(ui, [ui.t(name) for name in STEPS], step)
    bar: ft.Control = BottomBar(ui, [_sum(ui, sold), ft.Container(expand=True), action], back=back)
    if keys is not None:
        bar = ft.Column([keys, bar], spacing=0, tight=True)
    if ui.portrait:
        top = ft.Column(
            [
                TopBar(ui),
                ft.Container(
                    steps,
                    padding=ft.Padding.symmetric(horizontal=ui.gutter, vertical=Space.M),
                    bgcolor=ui.c.surface,
                ),
            ],
            spacing=0,
            tight=True,
        )
        # With our own keys below, the form sits near them.
        lead = ui.height * 0.06 if keys is not None else Space.XXS
        return Shell(ui, top, Page(ui, [ft.Container(height=lead), *body]), bar)
    top_bar = TopBar(
        ui,
        ui.t("Check out"),
        back=back,
        center=ft.Container(steps, padding=ft.Padding.symmetric(horizontal=Space.XL)),
    )
    left = ft.Column(
        [ft.Container(height=Space.XXS), *body, ft.Container(height=Space.M)],
        spacing=Space.M,
        scroll=ft.ScrollMode.AUTO,
        expand=True,
    )
    right = ft.Column(
        [ft.Container(height=Space.XXS), Summary(ui, sold), ft.Container(height=Space.M)],
        spacing=Space.M,
        scroll=ft.ScrollMode.AUTO,
        width=360,
    )
    columns = ft.Row(
        [left, right],
        spacing=Space.XL,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
    inside = ft.Container(columns, padding=ft.Padding.symmetric(horizontal=ui.gutter), expand=True)
    return Shell(ui, top_bar, inside, bar)


def Summary(ui: Ui, sold: Cart | Quote) -> ft.Control:
    """The lines and what they come to."""
    if isinstance(sold, Quote):
        lines = [
            MiniLine(ui, line.name, line.options, line.quantity, line.sum(), line.picture)
            for line in sold.lines
        ]
    else:
        lines = [
            MiniLine(
                ui,
                line.offer.name,
                line.offer.options,
                line.quantity,
                line.offer.price * line.quantity,
                line.offer.picture,
            )
            for line in sold.lines
        ]
    return Card(
        ui,
        ft.Column(
            [
                T(ui, ui.t("Your order"), "heading"),
                *lines,
                ft.Divider(height=1, color=ui.c.line),
                _totals(ui, sold),
            ],
            spacing=Space.M,
            tight=True,
        ),
        name="summary",
    )


def _totals(ui: Ui, sold: Cart | Quote) -> ft.Control:
    if isinstance(sold, Quote):
        freight = sold.total - sold.goods()
        return Totals(ui, pieces(sold), sold.goods(), freight, sold.total)
    goods = sold.goods()
    assert goods is not None  # nobody checks out with an empty cart
    return Totals(ui, pieces(sold), goods, None, goods)


def _sum(ui: Ui, sold: Cart | Quote) -> ft.Control:
    total = sold.total if isinstance(sold, Quote) else sold.goods()
    assert total is not None
    count = ui.n("Total, {count} item", "Total, {count} items", pieces(sold))
    return Named(
        "total",
        ft.Column(
            [T(ui, count, "caption", ui.c.ink2), T(ui, ui.money(total), "price_l", no_wrap=True)],
            spacing=0,
            tight=True,
        ),
    )


def pieces(sold: Cart | Quote) -> int:
    """How many pieces are bought."""
    return sold.count() if isinstance(sold, Cart) else sum(line.quantity for line in sold.lines)


@component
def NothingToBuy(ui: Ui) -> ft.Control:
    """Checkout without anything in the cart."""
    return Shell(
        ui,
        TopBar(ui, ui.t("Check out"), back=ui.to("/")),
        EmptyState(
            ui,
            ft.Icons.SHOPPING_BAG_OUTLINED,
            ui.t("Your cart is empty"),
            ui.t("Scan a tag or search, and choose something first."),
            "cart-empty",
            [
                Secondary(ui, ui.t("Search products"), "search", ui.to("/search"), icon=ft.Icons.SEARCH),
                Primary(ui, ui.t("Scan a tag"), "scan", ui.to("/scan"), icon=ft.Icons.QR_CODE_SCANNER),
            ],
        ),
        BottomBar(ui, [], back=ui.to("/")) if ui.portrait else None,
    )


def Forward(
    ui: Ui, text: str, name: str, on_click: Handler | None = None, *, busy: bool = False
) -> ft.Control:
    """The way to the next step; a ``busy`` one cannot be pressed and says what it waits for."""
    return Primary(
        ui,
        text,
        name,
        on_click,
        icon=ft.Icons.HOURGLASS_EMPTY if busy else ft.Icons.ARROW_FORWARD,
        height=Size.MAIN,
        disabled=busy,
    )
