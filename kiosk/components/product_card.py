"""A product in a grid or a row: the whole card is one target."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import flet as ft

from kiosk.components.badges import AvailabilityBadge, PriceTag, badge_width, stock_of
from kiosk.components.pictures import Picture
from kiosk.components.touch import Named
from kiosk.components.writing import own_way
from kiosk.guard import Handler, memo
from kiosk.theme import Radius, Space
from kiosk.ui import T, Ui
from retail.gtin import Gtin
from retail.money import Money
from retail.offer import Listing

SMALL = 168  # pixels of width of a card in a row
GAP = 10  # between the badge and the partners beside it
LETTER = 7.8  # pixels of a letter in a caption, about
PAGE = 24  # results shown at once; hundreds of mounted cards cost a quarter of a second each time they change


def columns(ui: Ui) -> tuple[int, float]:
    """How many cards stand beside each other, and the width of one."""
    count = max(2, round((ui.width - 2 * ui.gutter) / 300))
    return count, (ui.width - 2 * ui.gutter - (count - 1) * Space.M) / count


def Grid(ui: Ui, cards: list[ft.Control]) -> ft.Control:
    """Cards in columns, scrolling; give it at most PAGE of them."""
    count, cell = columns(ui)
    return ft.GridView(
        cards,
        runs_count=count,
        spacing=Space.M,
        run_spacing=Space.M,
        expand=True,
        child_aspect_ratio=cell / (cell * (0.82 if ui.portrait else 0.76) + 138),
        padding=ft.Padding.only(left=ui.gutter, right=ui.gutter, top=Space.XXS, bottom=Space.L),
    )


def product_route(product: str, gtin: Gtin | None = None, partner: str | None = None) -> str:
    """Where a product is shown; with ``gtin``, that variant of it, and with ``partner``, as that one sends it."""
    asked = {"gtin": gtin, "partner": partner}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"/product/{quote(product, safe='')}" + (f"?{query}" if query else "")


def cover(listing: Listing) -> str | None:
    """The picture that stands for the product: that of the variant with the best offer, else of its first one."""
    best = listing.best()
    pictures = {variant.gtin: variant.picture for variant in listing.product.variants if variant.picture}
    if best is not None and best.gtin in pictures:
        return pictures[best.gtin]
    return next(iter(pictures.values()), None)


@memo
def ProductCard(ui: Ui, listing: Listing, stale: bool = False, partner: str | None = None) -> ft.Control:
    """Order of reading: picture, name, price, can I have it. Redrawn only when the listing changes.

    It opens the variant that it shows; with ``partner``, as that one sends it.
    """
    c, product, best = ui.c, listing.product, listing.best()
    partners = len({offer.partner for offer in listing.offers if offer.available})
    words: list[ft.Control] = [
        T(ui, own_way(ui, product.name), "strong", max_lines=1, overflow=ft.TextOverflow.ELLIPSIS)
    ]
    if best is not None:
        words.append(PriceTag(ui, best.price, was=best.was, stale=stale))
    stock = stock_of(best, stale=stale)
    line: list[ft.Control] = [AvailabilityBadge(ui, stock)]
    if partners and not stale:
        count = _senders(ui, partners, columns(ui)[1] - 2 * Space.M - badge_width(ui, stock) - GAP)
        line.append(
            T(ui, count, "caption", c.ink2, expand=True, max_lines=1, overflow=ft.TextOverflow.ELLIPSIS)
        )
    words.append(ft.Row(line, spacing=GAP))
    return Named(
        f"product-{product.id}",
        ft.Container(
            ft.Column(
                [
                    Picture(ui, cover(listing), expand=True),
                    ft.Container(
                        ft.Column(words, spacing=6, tight=True),
                        padding=ft.Padding.only(left=16, right=16, top=12, bottom=16),
                    ),
                ],
                spacing=0,
            ),
            bgcolor=c.surface,
            border_radius=Radius.CARD,
            clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
            border=ft.Border.all(1, c.line),
            ink=True,
            on_click=ui.on(ui.to(product_route(product.id, best.gtin if best else None, partner))),
        ),
        button=True,
    )


def _senders(ui: Ui, count: int, room: float) -> str:
    """How many partners can send it, in fewer words where ``room`` pixels are too few for all of them."""
    words = ui.n("from {count} partner", "from {count} partners", count)
    return words if len(words) * LETTER <= room else ui.n("{count} partner", "{count} partners", count)


@memo
def MiniCard(ui: Ui, listing: Listing) -> ft.Control:
    """For the rows of other products."""
    product, best = listing.product, listing.best()
    price = best.price if best else None
    open_it = ui.to(product_route(product.id))
    return Small(ui, f"similar-{product.id}", cover(listing), product.name, price, open_it)


def Small(
    ui: Ui, name: str, picture: str | None, words: str, price: Money | None, on_click: Handler
) -> ft.Control:
    """A picture with a name and a price below it, in a row of others."""
    column: list[ft.Control] = [
        Picture(ui, picture, width=SMALL, height=round(SMALL * 0.86), radius=Radius.CONTROL),
        T(ui, own_way(ui, words), "label", max_lines=1, overflow=ft.TextOverflow.ELLIPSIS),
    ]
    if price is not None:
        column.append(T(ui, ui.money(price), "caption", ui.c.ink2))
    return Named(
        name,
        ft.Container(
            ft.Column(column, spacing=Space.XXS, tight=True),
            width=SMALL,
            ink=True,
            border_radius=Radius.CONTROL,
            on_click=ui.on(on_click),
        ),
        button=True,
    )


def SkeletonCard(ui: Ui, key: str) -> ft.Control:
    """Exactly a card's shape, while the partners are asked."""
    c = ui.c

    def bar(width: int, height: int) -> ft.Control:
        return ft.Container(width=width, height=height, bgcolor=c.fill, border_radius=Radius.BADGE)

    return ft.Container(
        ft.Column(
            [
                ft.Row([ft.Container(bgcolor=c.fill, expand=True)], expand=True),
                ft.Container(
                    ft.Column([bar(170, 20), bar(90, 24), bar(140, 28)], spacing=10, tight=True), padding=16
                ),
            ],
            spacing=0,
        ),
        key=key,
        bgcolor=c.surface,
        border_radius=Radius.CARD,
        clip_behavior=ft.ClipBehavior.ANTI_ALIAS,
        border=ft.Border.all(1, c.line),
    )
