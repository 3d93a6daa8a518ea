"""A partner that tells what changed, and can be kept in a JSON file so that another process can play it."""

from __future__ import annotations

from collections.abc import Iterable

from partners.contract import BadOffer, ChangePage, OfferPage
from retail.offer import Offer


class Telling:
    """A partner with offers by SKU. ``breaks_at`` raises when its list is asked for from a place, once."""

    def __init__(self, partner: str = "north", offers: Iterable[Offer] = (), *, size: int = 2) -> None:
        self.partner_id = partner
        self.offers = {one.sku: one for one in offers}
        self.size = size
        self.log: list[str] = []
        self.forgotten = 0
        self.bad: dict[str, BadOffer] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.breaks_at: dict[tuple[str, str | None], BaseException] = {}

    def put(self, *offers: Offer) -> None:
        """Sell these, in place of what had their SKUs."""
        for one in offers:
            self.offers[one.sku] = one
            self.log.append(one.sku)

    def withdraw(self, *skus: str) -> None:
        """Sell these no longer."""
        for sku in skus:
            self.offers.pop(sku, None)
            self.log.append(sku)

    def forget(self) -> None:
        """Know nothing any more of what changed until now."""
        self.forgotten = len(self.log) + 1
        self.log.append("")

    def _ask(self, what: str, cursor: str | None) -> None:
        self.asked.append((what, cursor))
        if (what, cursor) in self.breaks_at:
            raise self.breaks_at.pop((what, cursor))

    async def search(self, text: str, *, limit: int = 24, cursor: str | None = None) -> OfferPage:
        """A page of its list, in the order of SKUs."""
        self._ask("search", cursor)
        skus = sorted(self.offers)
        start = int(cursor or 0)
        page = skus[start : start + self.size]
        offers = tuple(self.offers[sku] for sku in page if sku not in self.bad)
        bad = tuple(self.bad[sku] for sku in page if sku in self.bad)
        return OfferPage(offers, str(start + self.size) if start + self.size < len(skus) else None, bad)

    async def changes(self, cursor: str | None, *, limit: int = 100) -> ChangePage | None:
        """What changed behind a place in its log."""
        self._ask("changes", cursor)
        if cursor is None:
            return ChangePage(str(len(self.log)))
        if int(cursor) < self.forgotten or int(cursor) > len(self.log):
            return None
        end = min(int(cursor) + self.size, len(self.log))
        skus = dict.fromkeys(self.log[int(cursor) : end])
        return ChangePage(
            str(end),
            tuple(self.offers[sku] for sku in skus if sku in self.offers and sku not in self.bad),
            tuple(sku for sku in skus if sku not in self.offers),
            more=end < len(self.log),
            bad=tuple(self.bad[sku] for sku in skus if sku in self.bad),
        )
