"""Cards show the variant that was asked for: its picture, its price, and that is what they open."""

from __future__ import annotations

from dataclasses import replace

import flet as ft
import pytest

from retail.money import Money
from retail.offer import Listing, Offer, rank
from sync.catalogue import EVERYTHING, Filters, SearchPage
from tests.kiosk.driver import Tab, open_tab
from tests.kiosk.fake_device import FakeDevice, gtin

NAVY_M, NAVY_L, PINE_M, CLAY_M = gtin(16), gtin(17), gtin(11), gtin(21)  # of the jacket; nobody has pine M


class Previewing(FakeDevice):
    """Finds what the real device finds: of each product the best offer of each partner, whatever was asked.

    The jacket costs ten euros more in navy, and is cheapest in clay.
    """

    def __init__(self) -> None:
        super().__init__()
        jacket = self.listings["JK101"]
        dearer = {"Navy": 1000, "Clay": -2000}

        def priced(offer: Offer) -> Offer:
            more = dearer.get(offer.options["Colour"], 0)
            return replace(offer, price=Money(offer.price.minor + more, "EUR"))

        self.listings["JK101"] = replace(jacket, offers=rank([priced(offer) for offer in jacket.offers]))

    def search(
        self, text: str = "", *, filters: Filters = EVERYTHING, limit: int = 24, offset: int = 0
    ) -> SearchPage:
        page = super().search(text, filters=filters, limit=limit, offset=offset)
        return replace(page, listings=tuple(preview(listing) for listing in page.listings))

    def _fits(self, listing: Listing, words: list[str], filters: Filters) -> bool:
        values = {value.lower() for o in listing.offers for value in o.options.values()}
        return super()._fits(listing, [word for word in words if word not in values], filters)


def preview(listing: Listing) -> Listing:
    best: dict[str, Offer] = {}
    for offer in listing.offers:
        best.setdefault(offer.partner, offer)
    shown = {offer.gtin for offer in best.values()}
    variants = tuple(variant for variant in listing.product.variants if variant.gtin in shown)
    return Listing(replace(listing.product, variants=variants), tuple(best.values()))


def card(tab: Tab) -> tuple[str, str]:
    """Picture and price on the jacket's card."""
    picture = next(one for one in tab.walk(tab.named("product-JK101")) if isinstance(one, ft.Image))
    return str(picture.src).removeprefix("/pictures/"), tab.words("product-JK101")[1]


async def test_without_a_wish_the_best_offer_is_shown_and_opened() -> None:
    async with open_tab(Previewing(), "/search") as tab:
        assert card(tab) == ("JK101-3.webp", "€109.00")
        await tab.tap("product-JK101")
        assert tab.words("sums")[0].startswith("Clay, ")


async def test_under_a_colour_the_card_is_of_that_colour_and_opens_it() -> None:
    async with open_tab(Previewing(), "/search") as tab:
        await tab.tap("filters")
        await tab.until(lambda: "filter-colour-Navy" in tab.names())
        await tab.tap("filter-colour-Navy")
        await tab.until(lambda: card(tab) == ("JK101-2.webp", "€139.00"))
        await tab.tap("filters-show")
        await tab.tap("product-JK101")
        assert tab.words("sums")[0].startswith("Navy, ")
        await tab.tap("back")
        assert card(tab) == ("JK101-2.webp", "€139.00")


async def test_under_size_and_colour_the_card_opens_just_that_variant() -> None:
    async with open_tab(Previewing(), "/search") as tab:
        tab.session.sought.filters = Filters(size="L", colour="Navy")
        await tab.go("/cart")
        await tab.go("/search")
        assert card(tab) == ("JK101-2.webp", "€139.00")
        await tab.tap("product-JK101")
        assert tab.session.look.route == f"/product/JK101?gtin={NAVY_L}"
        assert tab.words("sums")[0] == "Navy, L"


async def test_under_a_partner_the_card_has_its_price_and_opens_with_it_picked() -> None:
    async with open_tab(Previewing(), "/search") as tab:
        tab.session.sought.filters = Filters(partner="bergmann", colour="Navy", size="M")
        await tab.go("/cart")
        await tab.go("/search")
        assert card(tab) == ("JK101-2.webp", "€134.90")
        await tab.tap("product-JK101")
        assert tab.session.look.route == f"/product/JK101?gtin={NAVY_M}&partner=bergmann"
        assert tab.words("sums") == ["Navy, M · with delivery", "€140.80", "by Wed 25 Nov"]
        assert tab.named("offer-bergmann-B-0016").selected is True
        assert tab.named("offer-north-N-0016").selected is False


@pytest.mark.parametrize(
    ("words", "picture", "opened"),
    [
        ("alder navy", "JK101-2.webp", "Navy, "),
        ("NAVY jacket m", "JK101-2.webp", "Navy, M"),
        ("jacket m", "JK101-3.webp", "Clay, M"),
        ("jacket pine m", "JK101-1.webp", "Pine, "),  # sold out in M: another pine one, not another M
    ],
)
async def test_a_colour_or_size_among_the_words_is_what_the_card_shows(
    words: str, picture: str, opened: str
) -> None:
    async with open_tab(Previewing(), "/search") as tab:
        await tab.type("search-text", words)
        await tab.until(lambda: tab.names().count("product-MG303") == 0)
        assert card(tab)[0] == picture
        await tab.tap("product-JK101")
        assert tab.words("sums")[0].startswith(opened)


async def test_a_variant_that_nobody_has_is_shown_as_such_under_its_filters() -> None:
    async with open_tab(Previewing(), "/search") as tab:
        tab.session.sought.filters = Filters(size="M", colour="Pine")
        await tab.go("/cart")
        await tab.go("/search")
        assert card(tab)[0] == "JK101-1.webp"
        assert "Not available" in tab.words("product-JK101")
        await tab.tap("product-JK101")
        assert tab.session.look.route == f"/product/JK101?gtin={PINE_M}"
        assert "sold-out" in tab.names()
