"""What ``aisle find`` does: offers for a code or for words, narrowed by options, with what was corrected said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from retail.codes import UnreadableCode, own_code, read_code
from retail.errors import Rejected
from retail.gtin import InvalidGtin
from retail.money import Money
from retail.offer import Offer, rank
from sync import clock
from sync.catalogue import EVERYTHING, FacetCount, Facets, Filters, SearchPage
from sync.catalogue.bands import PriceCount
from sync.catalogue.filters import Wanted
from sync.catalogue.words import indexed
from sync.device import Device
from sync.finding import words_alone

Line = tuple[dict[str, Any], str]
FACETS = ("category", "brand", "size", "colour", "partner")
FREE = ("brand", "size", "colour")  # what partners may write as they like
MOST_NAMED = 12  # values that are named when one was not found
MOST_REPEATED = 60  # characters of what was looked for, in what is said about it


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the options ask for. Prices are in whole units of the store's currency; ``partner`` is an id or a name."""

    category: str | None = None
    brand: str | None = None
    size: str | None = None
    colour: str | None = None
    partner: str | None = None
    price_from: Decimal | None = None
    price_to: Decimal | None = None
    available: bool = False


async def find(
    device: Device,
    words: str,
    narrowed: Narrowed,
    *,
    limit: int,
    facets: bool = False,
    say: Callable[[str], None],
) -> AsyncIterator[Line]:
    """Offers, best first; then what may have been meant instead; then what they can be narrowed by, if ``facets``.

    ``say`` gets what people should know besides. Without a word or number among the ``words`` it is everything that the options leave.
    Raises Rejected, with the way on, when nothing is found or asked for, a code is wrong or an option names what
    there is not.
    """
    filters = _filters(device, narrowed)
    if filters == EVERYTHING and not indexed(words):
        raise Rejected(
            "no_words", "there is no word and no number in that. For example: aisle find rain jacket"
        )
    offers, suggested = await _for_code(device, words, say), None
    if not offers:
        page = device.search(words, filters=filters, limit=limit)
        full = (device.listing(listing.product.id) or listing for listing in page.listings)
        asked = set(indexed(page.corrected or words))
        offers = [offer for listing in full for offer in _asked_first(listing.offers, asked)]
        _say(say, page, limit)
        suggested = page.suggested
    if not offers and device.search(words, limit=1).total == 0:
        offers = await _from_partners(device, words, limit)
    found = [offer for offer in offers if _fits(offer, filters, device.currency)]
    if not found:
        raise Rejected("not_found", _way_on(device, words, filters))
    for offer in found:
        yield _offer_line(device, offer)
    if suggested:
        yield {"suggested": suggested}, f"Did you mean: {suggested}?"
    if facets:
        for line in _facet_lines(device, device.facets(words, filters)):
            yield line


def _asked_first(offers: Sequence[Offer], asked: Set[str]) -> list[Offer]:
    """The offers of one product, those first whose size or colour was among the words."""

    def met(offer: Offer) -> int:
        return len({word for value in offer.options.values() for word in indexed(value)} & asked)

    return sorted(offers, key=met, reverse=True)


def _filters(device: Device, narrowed: Narrowed) -> Filters:
    low, high = (
        None if price is None else Money.from_decimal(price, device.currency).minor
        for price in (narrowed.price_from, narrowed.price_to)
    )
    if low is not None and high is not None and low > high:
        raise Rejected("wrong_price", "--price-from is more than --price-to. Swap the two.")
    category = narrowed.category
    if category is not None:
        there = device.search(limit=1).categories
        category = _named(category, {name: name for name in there}, "category", sorted(there))
    partner = narrowed.partner
    if partner is not None:
        names = {device.partner_name(one): one for one in device.records}
        have = [f"{one} ({name})" for name, one in names.items()]
        partner = _named(partner, names | {one: one for one in device.records}, "partner", have)
    return Filters(
        category, narrowed.brand, narrowed.size, narrowed.colour, partner, low, high, narrowed.available
    )


def _named(wanted: str, there: Mapping[str, str], what: str, have: Sequence[str]) -> str:
    """The value that is called ``wanted``, in capitals or not; ``have`` is said when there is none."""
    found = next((value for name, value in there.items() if name.casefold() == wanted.casefold()), None)
    if found is None:
        named = ", ".join(have) or "none"
        raise Rejected(f"unknown_{what}", f"there is no {what} {wanted!r}. Here: {named}.")
    return found


def _say(say: Callable[[str], None], page: SearchPage, limit: int) -> None:
    if page.listings and page.corrected:
        say(f"Showing results for: {page.corrected}")
    if page.listings and page.relaxed:
        say(f"Nothing has all of these words. Left out: {', '.join(page.relaxed)}")
    if limit <= len(page.listings) < page.total:
        many = f"{page.total} products" if page.exact_total else f"More than {page.total} products"
        first = f"these are the first {limit}" if limit > 1 else "this is the first"
        say(f"{many} found; {first}. More of them: --limit N")


async def _for_code(device: Device, words: str, say: Callable[[str], None]) -> list[Offer]:
    wrong: InvalidGtin | None = None
    try:
        code = read_code(words)
    except InvalidGtin as error:
        code, wrong = own_code(words), error
    except UnreadableCode as error:
        if error.reason in ("card number", "several products"):  # the first must never be repeated
            raise Rejected("wrong_code", str(error)) from error
        return []
    offers: list[Offer] = []
    meant = await device.by_code(code)
    if wrong is not None and not meant:
        raise Rejected("wrong_code", str(wrong)) from wrong
    if len(meant) > 1:
        say(f"This code stands for {len(meant)} products: ask which is meant.")
    for one in meant:
        listing = one.listing
        async for fresh in device.live(listing.product.id):
            listing = fresh
        offers += listing.of(one.gtin)
    return offers


async def _from_partners(device: Device, words: str, limit: int) -> list[Offer]:
    answers = await asyncio.gather(
        *(partner.search(words, limit=limit) for partner in device.partners.values()), return_exceptions=True
    )
    found = [o for page in answers if not isinstance(page, BaseException) for o in page.offers]
    return list(rank(found, device.currency))


def _fits(offer: Offer, filters: Filters, currency: str) -> bool:
    wanted = Wanted(filters)
    return wanted.described(offer.brand, offer.category) and wanted.takes(offer, currency)


def _way_on(device: Device, words: str, filters: Filters) -> str:
    """What to do when nothing was found."""
    asked = repr(words if len(words) <= MOST_REPEATED else f"{words[:MOST_REPEATED]}...")
    if not device.records:
        return (
            "this device has no partners, so nothing can be offered. Introduce it to the OMS (aisle kiosk enrol),"
            " or name a file of partner records in AISLE_PARTNERS."
        )
    if not device.health().products:
        return "there are no products on this device yet. Load them first: aisle sync"
    without = device.search(words, limit=1)
    if filters == EVERYTHING or not without.total:
        ways = [f"{word} ({there})" for word, there in words_alone(device.search, words, filters).items()]
        found = f" Found for one word alone: {', '.join(ways)}." if ways else ""
        return (
            f"nothing found for {asked}, not even spelled a little differently.{found}"
            " Try another word for it, fewer words, or the number under the barcode."
        )
    for facet in FREE:
        value = getattr(filters, facet)
        if value is None:
            continue
        nothing: dict[str, Any] = {facet: None}
        there = [one.value for one in getattr(device.facets(words, replace(filters, **nothing)), facet)]
        if there and value.casefold() not in (one.casefold() for one in there):
            named = ", ".join(there[:MOST_NAMED]) + (", ..." if len(there) > MOST_NAMED else "")
            return f"nothing found for {asked} with --{facet} {value!r}. There is: {named}."
    many = f"{without.total}" if without.exact_total else f"more than {without.total}"
    return f"nothing found for {asked} with these options. Products without them: {many}. Leave one out."


def _offer_line(device: Device, offer: Offer) -> Line:
    data = {
        "gtin14": offer.gtin,
        "sku": offer.sku,
        "name": offer.name,
        "options": dict(offer.options),
        "partner": offer.partner,
        "price_minor": offer.price.minor,
        "currency": offer.price.currency,
        "available": offer.available,
        "ships_by": offer.ships_by.isoformat() if offer.ships_by else None,
        "as_of": offer.as_of.isoformat(),
        "stale": offer.stale(clock.now(), device.settings.fresh),
    }
    options = ", ".join(offer.options.values())
    left = f"{offer.available} left" if offer.available else "sold out"
    if data["stale"]:
        left += f", as of {offer.as_of:%Y-%m-%d %H:%M} UTC"
    text = (
        f"{offer.gtin}  {offer.name}{f' ({options})' if options else ''}  {offer.price.format('en')}"
        f"  {device.partner_name(offer.partner)}, {left}"
    )
    return data, text


def _facet_lines(device: Device, facets: Facets) -> Iterator[Line]:
    for facet in FACETS:
        there: Iterable[FacetCount] = getattr(facets, facet)
        values = [one for one in there if one.value]  # not everything has a category or a brand
        if values:
            counts = [{"value": one.value, "count": one.count} for one in values]
            about = "about " if facets.approximate else ""
            text = ", ".join(f"{one.value} {about}{one.count}" for one in values)
            yield {"facet": facet, "values": counts, "approximate": facets.approximate}, f"{facet}: {text}"
    if facets.price is not None:
        low, high = (Money(minor, device.currency) for minor in facets.price)
        bands = [{"from_minor": one.low, "to_minor": one.high, "count": one.count} for one in facets.prices]
        data = {
            "facet": "price",
            "from_minor": low.minor,
            "to_minor": high.minor,
            "currency": low.currency,
            "values": bands,
            "approximate": facets.prices_approximate,
        }
        about = "about " if facets.prices_approximate else ""
        span = low.format("en") if low == high else f"{low.format('en')} to {high.format('en')}"
        if len(bands) < 2:  # all of it costs the same
            text = "".join(f" {about}{one.count}" for one in facets.prices)
        else:
            text = ": " + ", ".join(
                f"{_band(one, device.currency)} {about}{one.count}" for one in facets.prices
            )
        yield data, f"price: {span}{text}"


def _band(one: PriceCount, currency: str) -> str:
    low, high = (None if end is None else Money(end, currency).format("en") for end in (one.low, one.high))
    if low is None:
        return f"up to {high}"
    return f"{low} and more" if high is None else f"{low} to {high}"
