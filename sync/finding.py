"""Looking for things on a device: what is remembered at once, what partners answer while the screen is up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import structlog

from partners.registry import Partner
from retail.codes import Code
from retail.errors import AisleError, TemporaryError
from retail.gtin import Gtin
from retail.offer import Listing, Offer
from sync.catalogue import Filters, SearchPage, Shelf, Similar
from sync.catalogue.crosswalk import Lead

LIVE_DEADLINE = 0.8  # seconds a partner has to answer on a screen
MOST_WORDS = 5  # that are looked for one by one when nothing has them all
log = structlog.get_logger("sync.finding")


@dataclass(frozen=True, slots=True)
class Found:
    """What a code leads to: a product, and which of its variants was meant."""

    listing: Listing
    gtin: Gtin


def words_alone(search: Callable[..., SearchPage], text: str, filters: Filters) -> dict[str, int]:
    """How many products there are for single words of ``text``, corrected ones in their place; none for one word.

    For people whose words were not found together. ``search`` is that of a device.
    """
    words = list(dict.fromkeys(text.split()))
    found: dict[str, int] = {}
    for word in words[:MOST_WORDS] if len(words) > 1 else ():
        page = search(word, filters=filters, limit=1)
        if page.listings:
            found.setdefault(page.corrected or word, page.total)
    return found


class Finding:
    """Asks the shelf and the ``partners`` as they are at the time; ``heard`` is told who answered and who did not."""

    def __init__(
        self, shelf: Shelf, partners: Mapping[str, Partner], heard: Callable[[str, bool], None]
    ) -> None:
        self._shelf = shelf
        self._partners = partners
        self._heard = heard

    async def live(self, product: str) -> AsyncIterator[Listing]:
        """The remembered listing first, then again each time a partner has answered with something newer."""
        listing = self._shelf.listing(product)
        if listing is not None:
            yield listing
        asking = [asyncio.create_task(self._variants(partner, product)) for partner in self._partners]
        try:
            for next_answer in asyncio.as_completed(asking):
                offers = await next_answer
                if offers:
                    await asyncio.to_thread(self._shelf.remember, offers)
                    fresh = self._shelf.listing(product)
                    if fresh is not None:
                        yield fresh
        finally:
            for task in asking:
                task.cancel()

    async def by_code(self, code: Code) -> tuple[Found, ...]:
        """What a code stands for; several when it is ambiguous, none when nobody knows it.

        What is not remembered is asked of every partner that answers within 0.8 s, under the code itself and under
        what the store's crosswalk says it stands for.
        """
        offers = self._shelf.by_code(code)
        if not offers:
            # A number that this store made for itself is another thing at a partner.
            itself = () if code.in_store else (Lead.of(code),)
            also = map(Lead, code.also if code.gtin else ())
            leads = (*itself, *also, *self._shelf.leads(code.text, code.key))
            answers = await asyncio.gather(
                *(
                    self._ask(partner, lead)
                    for lead in leads
                    for partner in self._partners
                    if lead.partner in (None, partner)
                )
            )
            news = [offer for offer in answers if offer is not None]
            if news:
                await asyncio.to_thread(self._shelf.remember, news)
                offers = self._shelf.by_code(code)
        found: dict[str, Found] = {}
        for offer in offers:
            if offer.product not in found and (listing := self._shelf.listing(offer.product)):
                found[offer.product] = Found(listing, offer.gtin)
        return tuple(found.values())

    def similar(self, product: str, limit: int, partners: Collection[str]) -> Similar:
        """Products like it that one of ``partners`` can send."""
        return self._shelf.similar(product, limit, partners)

    async def _variants(self, partner: str, product: str) -> Sequence[Offer]:
        try:
            async with asyncio.timeout(LIVE_DEADLINE):
                offers = await self._partners[partner].variants(product)
        except (AisleError, TimeoutError) as error:
            log.info("partner did not answer", partner=partner, why=type(error).__name__)
            if isinstance(error, (TemporaryError, TimeoutError)):
                self._heard(partner, False)
            return ()
        self._heard(partner, True)
        return offers

    async def _ask(self, partner: str, lead: Lead) -> Offer | None:
        try:
            async with asyncio.timeout(LIVE_DEADLINE):
                if lead.gtin:
                    return await self._partners[partner].find(gtin=lead.gtin)
                return await self._partners[partner].find(sku=lead.sku)
        except (AisleError, TimeoutError):
            return None
