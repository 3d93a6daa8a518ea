"""The cart: one order, grouped by who sends it."""

from __future__ import annotations

from functools import partial

import flet as ft

from kiosk.components.banner import Banner
from kiosk.components.bars import BottomBar, Card, Page, Shell, TopBar
from kiosk.components.buttons import Primary, Quiet, Secondary
from kiosk.components.pictures import Picture
from kiosk.components.product_card import product_route
from kiosk.components.states import EmptyState
from kiosk.components.stepper import Stepper
from kiosk.components.summary import Totals, choice
from kiosk.components.touch import Named
from kiosk.guard import component
from kiosk.hooks import use_news, use_screen_state
from kiosk.screens.cart_state import CartPage, Changed, Parcel, freight, parcels
from kiosk.session import CartState, Session
from kiosk.theme import Radius, Size, Space
from kiosk.ui import T, Ui
from retail.cart import CartLine
from retail.money import Money

SUMMARY = 380  # pixels


@component
def CartScreen(ui: Ui, session: Session, cart: CartState) -> ft.Control:
    """Parcels with their lines, what it comes to, and the way to the checkout."""
    page = use_screen_state(lambda: CartPage.of(session.device, cart))
    use_news(session, page.heard)
    back = ui.to("/search")
    scan = Secondary(
        ui, ui.t("Scan"), "scan", ui.to("/scan"), icon=ft.Icons.QR_CODE_SCANNER, height=Size.CONTROL
    )
    top = TopBar(ui, "" if ui.tall else ui.t("Your cart"), back=back, actions=[scan])
    undo = [_undo(ui, page)] if page.removed else []
    goods = cart.cart.goods()
    if goods is None:
        above = ft.Container(
            ft.Column(undo), padding=ft.Padding.symmetric(horizontal=ui.gutter, vertical=Space.M)
        )
        foot = BottomBar(ui, [], back=back) if ui.portrait else None
        return Shell(ui, top, ft.Column([above, _empty(ui)] if undo else [_empty(ui)]), foot)
    made = parcels(cart.cart)
    cards = [_parcel(ui, session, page, parcel, number, len(made)) for number, parcel in enumerate(made)]
    shipping = freight(made, goods.currency)
    whole = goods + shipping if shipping is not None else goods
    totals = Totals(ui, cart.cart.count(), goods, shipping, whole)
    more = Quiet(ui, ui.t("Add something else"), "add-more", ui.to("/search"), icon=ft.Icons.ADD)
    held = ft.Row(
        [
            ft.Icon(ft.Icons.VERIFIED_OUTLINED, color=ui.c.ink2, size=22),
            T(ui, ui.t("Prices are checked before you pay"), "caption", ui.c.ink2, expand=True),
        ],
        spacing=10,
    )
    if ui.portrait:
        title = [T(ui, ui.t("Your cart"), "display")] if ui.tall else []
        content = [*title, ft.Container(height=1), *undo, *cards, Card(ui, totals), held, ft.Row([more])]
        bar = BottomBar(ui, _sum(ui, cart.cart.count(), whole, shipping), back=back)
        return Shell(ui, top, Page(ui, content, spacing=Space.M), bar)
    checkout = _checkout(ui, width=SUMMARY - 2 * Space.L)
    summary = ft.Column(
        [T(ui, ui.t("Summary"), "heading"), totals, checkout, held], spacing=Space.M, tight=True
    )
    side = ft.Container(Card(ui, summary, width=SUMMARY), padding=ft.Padding.symmetric(vertical=Space.L))
    list_ = ft.Column(
        [ft.Container(height=Space.XS), *undo, *cards, ft.Row([more]), ft.Container(height=Space.M)],
        spacing=Space.M,
        scroll=ft.ScrollMode.AUTO,
        expand=True,
    )
    body = ft.Row([list_, side], spacing=Space.L, vertical_alignment=ft.CrossAxisAlignment.START)
    return Shell(ui, top, ft.Container(body, padding=ft.Padding.symmetric(horizontal=ui.gutter), expand=True))


def _checkout(ui: Ui, width: float | None = None) -> ft.Control:
    return Primary(
        ui,
        ui.t("Check out"),
        "check-out",
        ui.to("/checkout"),
        icon=ft.Icons.ARROW_FORWARD,
        height=Size.MAIN,
        width=width,
    )


def _sum(ui: Ui, count: int, whole: Money, shipping: Money | None) -> list[ft.Control]:
    if shipping is None:
        note = ui.n("{count} item, delivery comes on top", "{count} items, delivery comes on top", count)
    else:
        note = ui.n("{count} item, with delivery and VAT", "{count} items, with delivery and VAT", count)
    sums = ft.Column(
        [T(ui, note, "caption", ui.c.ink2), T(ui, ui.money(whole), "price_l", no_wrap=True)],
        spacing=0,
        tight=True,
        expand=True,
    )
    return [sums, _checkout(ui)]


def _parcel(ui: Ui, session: Session, page: CartPage, parcel: Parcel, number: int, of: int) -> ft.Control:
    c = ui.c
    cost = parcel.shipping
    if cost is None:
        words = ui.t("Delivery after the address")
    else:
        words = ui.t("{price} delivery", price=ui.money(cost)) if cost else ui.t("Free delivery")
    notes = [ui.t("Parcel {number} of {total}", number=number + 1, total=of)] if of > 1 else []
    if parcel.leaves is not None:
        notes.append(ui.t("leaves {day}", day=ui.day(parcel.leaves)))
    note = ", ".join(notes)
    note = note[:1].upper() + note[1:]
    head = ft.Row(
        [
            ft.Icon(ft.Icons.LOCAL_SHIPPING_OUTLINED, color=c.primary, size=28),
            ft.Column(
                [
                    T(
                        ui,
                        ui.t("Sent by {partner}", partner=page.device.partner_name(parcel.partner)),
                        "heading",
                    ),
                    T(ui, note, "caption", c.ink2),
                ],
                spacing=0,
                tight=True,
                expand=True,
            ),
            T(ui, words, "label", c.ink2, no_wrap=True),
        ],
        spacing=Space.S,
    )
    rows: list[ft.Control] = [head]
    for index, line in parcel.lines:
        rows += [ft.Divider(height=1, color=c.line), _line(ui, session, page, index, line)]
        change = page.changed(line)
        if change is not None:
            rows.append(_change(ui, page, index, line, change))
    return Card(ui, ft.Column(rows, spacing=Space.M, tight=True), name=f"parcel-{parcel.partner}")


def _line(ui: Ui, session: Session, page: CartPage, index: int, line: CartLine) -> ft.Control:
    c, offer = ui.c, line.offer
    words: list[ft.Control] = [T(ui, offer.name, "strong", max_lines=2, overflow=ft.TextOverflow.ELLIPSIS)]
    if offer.options:
        words.append(T(ui, choice(offer.options), "caption", c.ink2))
    if line.quantity > 1:
        words.append(T(ui, ui.t("{price} each", price=ui.money(offer.price)), "caption", c.ink2))
    about = ft.Row(
        [
            Picture(ui, offer.picture, width=92, height=92, radius=Radius.CONTROL),
            ft.Column(words, spacing=2, expand=True, tight=True),
        ],
        spacing=Space.M,
    )

    def step(quantity: int) -> None:
        page.step(index, quantity, lambda seconds: session.start(page.forget(seconds)))

    return ft.Row(
        [
            Named(
                f"line-{offer.partner}-{offer.sku}",
                ft.Container(
                    about,
                    ink=True,
                    border_radius=Radius.CONTROL,
                    on_click=ui.on(ui.to(product_route(offer.product, offer.gtin))),
                ),
                button=True,
                expand=True,
            ),
            Stepper(
                ui,
                line.quantity,
                f"step-{offer.partner}-{offer.sku}",
                step,
                limit=page.most(line),
                what=offer.name,
            ),
            ft.Container(
                T(ui, ui.money(offer.price * line.quantity), "price", no_wrap=True),
                width=104,
                alignment=ft.Alignment.CENTER_RIGHT if not ui.rtl else ft.Alignment.CENTER_LEFT,
            ),
        ],
        spacing=Space.M,
    )


def _change(ui: Ui, page: CartPage, index: int, line: CartLine, change: Changed) -> ft.Control:
    """What has changed since, old and new side by side; one touch agrees."""
    now = page.now[line.offer.partner, line.offer.sku]
    if change == "gone":
        words, action = ui.t("This has sold out since you chose it."), ui.t("Take it out")
    elif change == "fewer":
        words = ui.n("Only {count} is left now.", "Only {count} are left now.", now.available)
        action = ui.n("Take {count}", "Take {count}", now.available)
    else:
        words = ui.t(
            "The price is now {new}, it was {old}.", new=ui.money(now.price), old=ui.money(line.offer.price)
        )
        action = ui.t("Take it for {price}", price=ui.money(now.price))
    return Banner(
        ui,
        words,
        f"changed-{line.offer.partner}-{line.offer.sku}",
        tone="warn",
        icon=ft.Icons.PRICE_CHANGE_OUTLINED if change == "price" else ft.Icons.INFO_OUTLINE,
        action=action,
        on_click=partial(page.agree, index),
    )


def _undo(ui: Ui, page: CartPage) -> ft.Control:
    return Banner(
        ui,
        ui.t("{name} was taken out.", name=page.removed),
        "removed",
        icon=ft.Icons.DELETE_OUTLINE,
        action=ui.t("Undo"),
        on_click=page.undo,
    )


def _empty(ui: Ui) -> ft.Control:
    return EmptyState(
        ui,
        ft.Icons.SHOPPING_BAG_OUTLINED,
        ui.t("Your cart is empty"),
        ui.t("Scan a tag or search for what you could not find on the shelf."),
        "cart-empty",
        [
            Primary(ui, ui.t("Scan a tag"), "scan-tag", ui.to("/scan"), icon=ft.Icons.QR_CODE_SCANNER),
            Secondary(ui, ui.t("Search products"), "search", ui.to("/search"), icon=ft.Icons.SEARCH),
        ],
    )
