"""A product: pictures, what can be had, who sends it, and one way to the cart."""

from __future__ import annotations

import flet as ft

from kiosk.components.badges import AvailabilityBadge, PriceTag
from kiosk.components.bars import BottomBar, CartButton, Shell, TopBar
from kiosk.components.buttons import Primary, Secondary
from kiosk.components.states import EmptyState
from kiosk.components.summary import choice
from kiosk.components.touch import Named
from kiosk.components.variant_grid import VariantGrid, axes
from kiosk.components.writing import own_way
from kiosk.guard import component
from kiosk.hooks import use_news, use_screen_state, use_task
from kiosk.screens.product_gallery import Gallery
from kiosk.screens.product_offers import Nobody, Offers
from kiosk.screens.product_similar import Similar
from kiosk.screens.product_state import ProductState
from kiosk.session import CartState, Session
from kiosk.theme import Radius, Size, Space
from kiosk.ui import T, Ui
from retail.gtin import Gtin
from retail.offer import Offer, Product

USUAL = {
    "colour": "Colour",
    "color": "Colour",
    "size": "Size",
    "length": "Length",
    "diameter": "Diameter",
    "capacity": "Capacity",
    "scent": "Scent",
}
PICTURE_SHARE = 0.41  # of the width, for the pictures in landscape
ROOMY = 1000  # pixels of width for two buttons beside the sum, in German too
LINES = 100  # pixels of the bar below in landscape, and of the offline line above


def add(ui: Ui, state: ProductState, cart: CartState, offer: Offer) -> None:
    """Put ``offer`` into the cart, or say why that did not change anything."""
    before = cart.cart.count()
    try:
        cart.add(offer)
    except ValueError as error:
        state.trouble = ui.t(str(error))
        return
    if cart.cart.count() == before:
        partner = state.device.partner_name(offer.partner)
        state.trouble = ui.t("You already have all that {partner} can send.", partner=partner)
        return
    state.added, state.trouble = True, ""


@component
def ProductScreen(
    ui: Ui, session: Session, product: str, gtin: Gtin | None = None, partner: str = ""
) -> ft.Control:
    """Landscape: pictures beside the choice. Portrait: pictures above it. ``partner`` is the one that was searched for."""
    filters = session.sought.filters
    wanted = [value for value in (filters.size, filters.colour) if value is not None]
    state = use_screen_state(lambda: ProductState.of(session.device, product, gtin, wanted, partner))
    use_task(session, state.refresh, [product])
    use_news(session, state.heard)
    actions = [
        Secondary(
            ui, ui.t("Scan"), "scan", ui.to("/scan"), icon=ft.Icons.QR_CODE_SCANNER, height=Size.CONTROL
        ),
        CartButton(ui, session.cart),
    ]
    back = ui.to("/search")
    top = TopBar(ui, back=back, actions=actions)
    listing = state.listing
    if listing is None:
        foot = BottomBar(ui, [], back=back) if ui.portrait else None
        return Shell(ui, top, _gone(ui) if state.phase == "gone" else _asking(ui), foot)
    variant = state.variant()
    parts = [
        _head(ui, state, listing.product),
        _choice(ui, state, listing.product),
    ]
    similar = Similar(ui, state)
    # Where nobody has it, what else there is comes before those who do not have it.
    parts += (
        [Nobody(ui, state), *similar, Offers(ui, state)]
        if state.chosen() is None
        else [Offers(ui, state), *similar]
    )
    bar = BottomBar(ui, _buy(ui, session, state), back=back, above=_trouble(ui, state.trouble))
    if ui.portrait:
        width = ui.width - 2 * ui.gutter
        gallery = Gallery(
            ui, listing.product, variant, state.choose_look, width=width, height=ui.height * 0.31
        )
        column = ft.Column([gallery, *parts], spacing=Space.L + Space.XXS, tight=True)
        inner = ft.Container(column, padding=ft.Padding.symmetric(horizontal=ui.gutter, vertical=Space.L))
        return Shell(ui, top, ft.Column([inner], spacing=0, scroll=ft.ScrollMode.AUTO, expand=True), bar)
    room = ui.height - Size.BAR - LINES - 2 * Space.L - (50 if ui.offline else 0)
    room -= 52 if state.trouble else 0
    wide = ui.width * PICTURE_SHARE
    gallery = Gallery(ui, listing.product, variant, state.choose_look, width=wide, height=room)
    right = ft.Column(
        [ft.Container(height=1), *parts, ft.Container(height=Space.M)],
        # Name, choice and best offer stay above the bar, under the offline line too.
        spacing=Space.S if ui.offline else 20,
        scroll=ft.ScrollMode.AUTO,
        expand=True,
    )
    body = ft.Row(
        [ft.Container(gallery, padding=ft.Padding.symmetric(vertical=Space.L)), right],
        spacing=Space.XL + Space.XS,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
    padding = ft.Padding.symmetric(horizontal=ui.gutter)
    return Shell(ui, top, ft.Container(body, padding=padding, expand=True), bar)


def _head(ui: Ui, state: ProductState, product: Product) -> ft.Control:
    c, offer = ui.c, state.chosen() or next(iter(state.offers()), None)
    price: list[ft.Control] = []
    if offer is not None:
        stale = state.device.stale(offer) or not offer.available
        price = [PriceTag(ui, offer.price, was=offer.was, role="price_l", stale=stale)]
        note = ui.t("VAT included")
        if stale and offer.available:
            note = ui.t("From {time}, checked again", time=ui.moment(offer.as_of))
        price.append(T(ui, note, "caption", c.ink2))
    name = ft.Column(
        [T(ui, product.brand, "label", c.ink2), T(ui, own_way(ui, product.name), "headline")],
        spacing=2,
        expand=True,
        tight=True,
    )
    right = Named(
        "price",
        ft.Column(price, spacing=0, tight=True, horizontal_alignment=ft.CrossAxisAlignment.END),
        container=True,
    )
    lines: list[ft.Control] = [
        ft.Row([name, right], spacing=Space.M, vertical_alignment=ft.CrossAxisAlignment.END)
    ]
    if product.description:
        lines.append(
            T(
                ui,
                own_way(ui, product.description),
                "body",
                c.ink2,
                max_lines=4 if ui.portrait or not ui.offline else 1,
                overflow=ft.TextOverflow.ELLIPSIS,
            )
        )
    return ft.Column(lines, spacing=6, tight=True)


def _choice(ui: Ui, state: ProductState, product: Product) -> ft.Control:
    options = [name for name, values in axes(product).items() if len(values) > 1]
    stock = state.stock()
    known = stock.get(state.gtin, "none") if state.gtin else "none"
    if not options:
        return ft.Row([AvailabilityBadge(ui, known)])
    # Usual names are our own words; whatever else a partner calls its options is shown as it is.
    words = " · ".join(
        ui.t(USUAL[name.casefold()]) if name.casefold() in USUAL else name.capitalize() for name in options
    )
    if [name.casefold() for name in options] == ["colour", "size"]:
        words = ui.t("Colour and size")
    head = ft.Row([T(ui, words, "heading", expand=True), AvailabilityBadge(ui, known)])
    grid = VariantGrid(ui, product, stock, state.gtin, state.choose)
    return ft.Column([head, grid], spacing=Space.XS, tight=True)


def _buy(ui: Ui, session: Session, state: ProductState) -> list[ft.Control]:
    c, offer, variant = ui.c, state.chosen(), state.variant()
    words = own_way(ui, choice(variant.options), together=True) if variant else ""
    row: list[ft.Control] = []
    if offer is not None:
        stale = state.device.stale(offer)
        row = [T(ui, ui.money(offer.landed()), "price_l", c.ink2 if stale else c.ink, no_wrap=True)]
        if offer.ships_by:
            row.append(T(ui, ui.day(offer.ships_by), "strong", c.ink2 if stale else c.good, no_wrap=True))
        if offer.shipping:
            words = " · ".join(part for part in (words, ui.t("with delivery")) if part)
    sums = ft.Column(
        [T(ui, words, "label", c.ink2, no_wrap=True), ft.Row(row, spacing=Space.M, tight=True)],
        spacing=0,
        tight=True,
    )
    parts: list[ft.Control] = [Named("sums", sums, container=True), ft.Container(expand=True)]
    if state.added:
        if ui.width >= ROOMY:  # elsewhere the way back leads there too
            look = Secondary(ui, ui.t("Keep looking"), "keep-looking", ui.to("/search"), height=Size.MAIN)
            parts.append(look)
        parts.append(
            Primary(
                ui, ui.t("Go to cart"), "go-to-cart", ui.to("/cart"), icon=ft.Icons.CHECK, height=Size.MAIN
            )
        )
        return parts
    wide = None if ui.portrait else 300
    if offer is None:
        parts.append(
            Primary(ui, ui.t("Sold out"), "add-to-cart", None, height=Size.MAIN, width=wide, disabled=True)
        )
        return parts

    def put() -> None:
        add(ui, state, session.cart, offer)

    parts.append(
        Primary(
            ui,
            ui.t("Add to cart"),
            "add-to-cart",
            put,
            icon=ft.Icons.ADD_SHOPPING_CART,
            height=Size.MAIN,
            width=wide,
        )
    )
    return parts


def _trouble(ui: Ui, words: str) -> ft.Control | None:
    if not words:
        return None
    c = ui.c
    row = ft.Row(
        [ft.Icon(ft.Icons.ERROR_OUTLINE, color=c.bad), T(ui, words, "label", c.bad, expand=True)],
        spacing=Space.S,
    )
    return Named("add-trouble", row, live=True, container=True)


def _asking(ui: Ui) -> ft.Control:
    """The shape of the page while partners are asked about a product that is not remembered."""

    def block(width: float | None, height: float, expand: bool | None = None) -> ft.Control:
        return ft.Container(
            width=width, height=height, expand=expand, bgcolor=ui.c.fill, border_radius=Radius.CONTROL
        )

    words = ft.Column(
        [
            T(ui, ui.t("Asking our partners"), "title"),
            block(320, 40),
            block(None, 26, True),
            block(None, 240, True),
        ],
        spacing=Space.M,
        expand=True,
    )
    if ui.portrait:
        body: ft.Control = ft.Column([block(None, ui.height * 0.31), words], spacing=Space.L)
    else:
        picture = block(ui.width * PICTURE_SHARE, ui.height * 0.7)
        body = ft.Row(
            [picture, words],
            spacing=Space.XL + Space.XS,
            vertical_alignment=ft.CrossAxisAlignment.START,
        )
    padding = ft.Padding.symmetric(horizontal=ui.gutter, vertical=Space.L)
    return Named("product-asking", ft.Container(body, padding=padding), live=True, container=True)


def _gone(ui: Ui) -> ft.Control:
    return EmptyState(
        ui,
        ft.Icons.SEARCH_OFF,
        ui.t("This product is not sold any more"),
        ui.t("No partner lists it. Please search for something like it, or scan another tag."),
        "product-gone",
        [
            Primary(ui, ui.t("Search products"), "search", ui.to("/search"), icon=ft.Icons.SEARCH),
            Secondary(ui, ui.t("Scan a tag"), "scan-tag", ui.to("/scan"), icon=ft.Icons.QR_CODE_SCANNER),
        ],
    )
