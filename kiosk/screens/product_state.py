"""One product while a customer looks at it: what is chosen, and how fresh answers come in without moving anything."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

import flet as ft

from kiosk.components.badges import Stock, stock_of
from kiosk.device import Device
from kiosk.screens.product_gallery import look_of
from retail.errors import AisleError
from retail.gtin import Gtin
from retail.offer import Listing, Offer, Variant
from sync.catalogue import Similar

NOTHING_LIKE_IT = Similar()
Place = tuple[str, str]
"""A partner and its SKU: what stays the same of an offer when its price changes."""


@dataclass(eq=False)
class ProductState(ft.Observable):
    """``asking``: partners are being asked; what is remembered is shown meanwhile. ``gone``: nobody knows it.

    ``gtin`` is the chosen variant; ``picked`` the partner that the customer chose, None for the best one;
    ``added`` whether just that is in the cart now. ``lost`` is a picked partner that has sold out since.
    """

    device: Device
    product: str
    phase: Literal["asking", "ready", "gone"] = "asking"
    listing: Listing | None = None
    like: Similar = NOTHING_LIKE_IT
    gtin: Gtin | None = None
    picked: Place | None = None
    added: bool = False
    trouble: str = ""
    lost: str = ""
    _rows: tuple[Place, ...] = ()

    @classmethod
    def of(
        cls,
        device: Device,
        product: str,
        gtin: Gtin | None,
        wanted: Collection[str] = (),
        partner: str = "",
    ) -> ProductState:
        """With what this device remembers; ``gtin`` is the variant that was scanned, if one was.

        ``wanted`` are the size and colour that were searched for: of the variants that can be had, one that has them.
        ``partner`` is picked if it can send that.
        """
        state = cls(device, product, gtin=gtin)
        listing = device.listing(product)
        if listing is not None and gtin is None and wanted:
            state.gtin = wished(listing, wanted)
        state.take(listing)
        state._prefer(partner)
        return state

    def _prefer(self, partner: str) -> None:
        """Pick ``partner`` if it can send the chosen variant."""
        kept = next((offer for offer in self.offers() if offer.partner == partner and offer.available), None)
        if kept is not None:
            self.picked = (kept.partner, kept.sku)

    async def refresh(self) -> None:
        """Ask every partner; each answer is merged as it comes. What is like it comes after the first look."""
        self.phase = "asking"
        await self._look_for_similar()
        async for listing in self.device.live(self.product):
            self.take(listing)
        if self.like == NOTHING_LIKE_IT:
            await self._look_for_similar()
        self.phase = "gone" if self.listing is None else "ready"

    async def _look_for_similar(self) -> None:
        if self.listing is not None:
            with contextlib.suppress(AisleError):
                self.like = await asyncio.to_thread(self.device.similar, self.product)

    def heard(self, topic: str) -> None:
        """Take what the device remembers now when its catalogue has changed."""
        if topic == "catalogue":
            self.take(self.device.listing(self.product))

    def take(self, listing: Listing | None) -> None:
        """Put ``listing`` in place of the last one; rows keep their places, new ones go below."""
        if listing is None:
            return
        known = {variant.gtin for variant in listing.product.variants}
        best = listing.best()
        if self.gtin not in known:
            self.gtin = best.gtin if best else next(iter(known), None)
        if self.gtin is not None:
            now = tuple((offer.partner, offer.sku) for offer in listing.of(self.gtin))
            self._rows = (
                *(row for row in self._rows if row in now),
                *(r for r in now if r not in self._rows),
            )
            held = next((o for o in listing.of(self.gtin) if (o.partner, o.sku) == self.picked), None)
            if self.picked is not None and (held is None or not held.available):
                self.lost, self.picked = self.picked[0], None
        self.listing = listing

    def choose(self, gtin: Gtin) -> None:
        """Another variant; the partner that was picked is kept when it has that one too."""
        partner = self.picked[0] if self.picked else ""
        self.added, self.trouble, self.lost, self.picked, self._rows = False, "", "", None, ()
        self.gtin = gtin
        self.take(self.listing)
        self._prefer(partner)

    def choose_look(self, look: str) -> None:
        """The variant that looks like that and keeps most of what was chosen, one that can be had if possible."""
        chosen = self.variant()
        if self.listing is None or chosen is None:
            return
        product, stock = self.listing.product, self.stock()
        best = max(
            (variant for variant in product.variants if look_of(product, variant) == look),
            key=lambda v: (
                stock.get(v.gtin, "none") != "none",
                sum(chosen.options.get(name) == value for name, value in v.options.items()),
            ),
            default=None,
        )
        if best is not None:
            self.choose(best.gtin)

    def pick(self, offer: Offer) -> None:
        """Another partner."""
        self.picked, self.added, self.trouble, self.lost = (offer.partner, offer.sku), False, "", ""

    # what is to be shown

    def variant(self) -> Variant | None:
        """The chosen variant."""
        variants = self.listing.product.variants if self.listing else ()
        return next((variant for variant in variants if variant.gtin == self.gtin), None)

    def offers(self) -> tuple[Offer, ...]:
        """The offers for it, in the places they have on the screen."""
        if self.listing is None or self.gtin is None:
            return ()
        by_place = {(offer.partner, offer.sku): offer for offer in self.listing.of(self.gtin)}
        return tuple(by_place[place] for place in self._rows if place in by_place)

    def best(self) -> Offer | None:
        """The best of them that can be had."""
        if self.listing is None or self.gtin is None:
            return None
        return next((offer for offer in self.listing.of(self.gtin) if offer.available), None)

    def chosen(self) -> Offer | None:
        """The offer that goes into the cart: the picked one while it can be had, else the best."""
        for offer in self.offers():
            if (offer.partner, offer.sku) == self.picked and offer.available:
                return offer
        return self.best()

    def stock(self) -> Mapping[Gtin, Stock]:
        """What of each variant can be had, from whichever partner has most of it."""
        if self.listing is None:
            return {}
        most: dict[Gtin, Offer] = {}
        for offer in self.listing.offers:
            if offer.gtin not in most or offer.available > most[offer.gtin].available:
                most[offer.gtin] = offer
        return {gtin: stock_of(offer, stale=self.device.stale(offer)) for gtin, offer in most.items()}


def wished(listing: Listing, wanted: Collection[str]) -> Gtin | None:
    """The variant that has most of ``wanted`` among its options and can be had; None when none has any of it."""
    words = {word.casefold() for word in wanted}
    options = {variant.gtin: variant.options for variant in listing.product.variants}

    def met(offer: Offer) -> int:
        return sum(value.casefold() in words for value in options[offer.gtin].values())

    best = max((offer for offer in listing.offers if offer.available), key=met, default=None)
    return best.gtin if best is not None and met(best) else None
