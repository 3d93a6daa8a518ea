"""What else there is: the same thing in another colour or size, and apart from it what is only like it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import flet as ft

from kiosk.components.product_card import MiniCard, Small
from kiosk.components.summary import choice
from kiosk.components.touch import Named
from kiosk.guard import keyed
from kiosk.screens.product_state import ProductState
from kiosk.theme import Space
from kiosk.ui import T, Ui
from retail.offer import Listing, Offer, Variant
from sync.catalogue.index import told_of

MOST = 6  # variants of this very product


def Similar(ui: Ui, state: ProductState) -> list[ft.Control]:
    """A row of each kind, all of which can be sent; none where there is nothing.

    The other variants of this product are in the grid above, so they are cards only where the chosen one cannot be had.
    """
    instead = state.chosen() is None
    same: list[ft.Control] = []
    if instead and state.listing is not None:
        same = [_variant(ui, state, offer) for offer in others(state.listing, state.variant())]
    same += _cards(ui, state.like.same)
    near = ui.t("You may also like")
    if instead:
        near = ui.t("Or something like it") if same else ui.t("What can be sent instead")
    rows = [
        _row(ui, "similar-same", ui.t("The same in another colour or size"), same),
        _row(ui, "similar", near, _cards(ui, state.like.near)),
    ]
    return [row for row in rows if row is not None]


def others(listing: Listing, chosen: Variant | None) -> tuple[Offer, ...]:
    """The best offers for other variants that can be had: in the size of ``chosen`` first, then in its colour."""
    best: dict[str, Offer] = {}
    for offer in (one for one in listing.offers if one.available):
        best.setdefault(offer.gtin, offer)
    size, colour = _told(chosen)
    in_order = [best[one.gtin] for one in listing.product.variants if one.gtin in best and one != chosen]

    def apart(offer: Offer) -> tuple[bool, bool]:
        its_size, its_colour = _told(offer)
        return its_size != size, its_colour != colour

    return tuple(sorted(in_order, key=apart)[:MOST])


def _told(one: Variant | Offer | None) -> tuple[str, str]:
    return told_of(one.options if one else {})[:2]


def _variant(ui: Ui, state: ProductState, offer: Offer) -> ft.Control:
    variants = state.listing.product.variants if state.listing else ()
    picture = next((one.picture for one in variants if one.gtin == offer.gtin), None) or offer.picture
    words = choice(offer.options)
    return Small(ui, f"instead-{offer.gtin}", picture, words, offer.price, partial(state.choose, offer.gtin))


def _cards(ui: Ui, listings: Sequence[Listing]) -> list[ft.Control]:
    return [keyed(listing.product.id, MiniCard)(ui, listing) for listing in listings]


def _row(ui: Ui, name: str, title: str, cards: list[ft.Control]) -> ft.Control | None:
    if not cards:
        return None
    return ft.Column(
        [
            Named(name, T(ui, title, "heading")),
            ft.Row(cards, spacing=Space.M, scroll=ft.ScrollMode.HIDDEN),
        ],
        spacing=Space.S,
        tight=True,
    )
