"""Which variants of a product were asked for: a card shows the picture and price of the best of them and opens it.

A page of results has the best offer of each partner, whatever was asked. Whoever looks for it in navy, by filter or in
words, wants to see it in navy and to know what that costs; so the whole listing is looked at where that may differ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from retail.offer import Listing, Offer
from sync.catalogue import Filters, SearchPage
from sync.catalogue.filters import Wanted
from sync.catalogue.index import told_of
from sync.catalogue.words import fold

BEGINS = 3  # letters
Words = frozenset[str]


def as_meant(
    page: SearchPage, text: str, filters: Filters, currency: str, whole: Callable[[str], Listing | None]
) -> SearchPage:
    """``page`` with the offers of each listing narrowed to those that ``filters`` and ``text`` ask for, if any are.

    ``currency`` is the store's; ``whole`` gives the listing of a product with all its variants.
    """
    words = _words(page.corrected or text)
    listings = tuple(_narrowed(listing, words, filters, currency, whole) for listing in page.listings)
    return replace(page, listings=listings)


def _narrowed(
    preview: Listing,
    words: Words,
    filters: Filters,
    currency: str,
    whole: Callable[[str], Listing | None],
) -> Listing:
    product = preview.product
    more = _beside(words, _words(f"{product.name} {product.brand} {product.category}"))
    if not more and not _of_variants(filters):
        return preview
    listing = whole(product.id)
    if listing is None:
        return preview
    wanted = Wanted(filters)
    fitting = [offer for offer in listing.offers if wanted.takes(offer, currency)]
    return replace(listing, offers=_named(fitting, more) or listing.offers)


def _beside(words: Words, name: Words) -> Words:
    """Those of ``words`` that are not in the ``name`` nor begin one of it: they may be of the variant.

    What is in the name says nothing about the variant: a pine table may come in oak. Whoever types is at the beginning
    of a word most of the time, but two letters are a size.
    """
    begun = {word for word in words if len(word) >= BEGINS and any(own.startswith(word) for own in name)}
    return words - name - begun


def _of_variants(filters: Filters) -> bool:
    """Whether they tell the variants of one product, or its partners, apart."""
    return filters != Filters(category=filters.category, brand=filters.brand)


def _named(offers: Sequence[Offer], words: Words) -> tuple[Offer, ...]:
    """Those of ``offers`` whose variant has most of ``words``; of what cannot be had only where nothing can."""
    pool = [offer for offer in offers if offer.available] or offers
    most = max((_met(offer, words) for offer in pool), default=(0, 0))
    return tuple(offer for offer in offers if _met(offer, words) >= most)


def _met(offer: Offer, words: Words) -> tuple[int, int]:
    """How many of ``words`` are of its colour, and how many of its values they name whole: size "8 x 25"."""
    _, colour, values = told_of(offer.options)
    return len(_words(colour) & words), sum(bool(own := _words(value)) and own <= words for value in values)


def _words(text: str) -> Words:
    return frozenset(fold(text).split())
