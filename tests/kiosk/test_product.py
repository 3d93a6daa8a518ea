"""The product page: choosing a variant and a partner, fresh answers, and the way into the cart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from kiosk.strings import LANGUAGES, clock
from retail.errors import AisleError
from retail.money import Money
from retail.offer import Listing, Offer, rank
from sync.catalogue import Similar
from tests.kiosk.driver import SIZES, Tab, open_tab
from tests.kiosk.fake_device import NOW, FakeDevice, gtin

# The jacket: ochre 4-8, pine 9-13, navy 14-18, clay 19-23, each XS to XL; the lamp: clay 1, pine 2, chalk 3.
OCHRE_M, PINE_S, NAVY_S, LAMP = gtin(6), gtin(10), gtin(15), gtin(1)
NORTH, BERGMANN = "offer-north-N-0006", "offer-bergmann-B-0006"


def rows(tab: Tab) -> list[str]:
    """The partners' rows, top to bottom."""
    return [name for name in tab.names() if name.startswith("offer-")]


def changed(listing: Listing, partner: str, **change: object) -> Listing:
    """``listing`` with something else in every offer of ``partner``."""
    offers = [replace(o, **change) if o.partner == partner else o for o in listing.offers]  # type: ignore[arg-type]
    return Listing(listing.product, rank(offers))


async def test_offers_in_another_currency_come_last_and_are_compared_with_nothing() -> None:
    device = FakeDevice()
    jacket = device.listings["JK101"]
    offers = [
        replace(one, price=Money(100, "JPY"), shipping=None, was=None) if one.partner == "north" else one
        for one in jacket.offers
    ]
    device.listings["JK101"] = Listing(jacket.product, rank(offers, "EUR"))
    async with open_tab(device, f"/product/JK101?gtin={OCHRE_M}") as tab:
        assert rows(tab) == [BERGMANN, NORTH]
        assert "Prices in different currencies" in tab.words(BERGMANN)


class Answering(FakeDevice):
    """What is remembered first; then, once ``gate`` is open, each of ``answers``."""

    def __init__(self, *answers: Listing) -> None:
        super().__init__()
        self.answers = answers
        self.gate = asyncio.Event()

    async def live(self, product: str, /) -> AsyncIterator[Listing]:
        if product in self.listings:
            yield self.listings[product]
        await self.gate.wait()
        for answer in self.answers:
            yield answer


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("form", sorted(SIZES))
async def test_it_is_drawn_in_every_form_theme_and_language(form: str, language: str, dark: bool) -> None:
    async with open_tab(
        FakeDevice(), f"/product/JK101?gtin={OCHRE_M}", form=form, language=language, dark=dark
    ) as tab:
        assert {"add-to-cart", "price", "variant-Ochre-M", NORTH, "back", "cart"} <= set(tab.names())
        assert "trouble" not in tab.names()


async def test_the_scanned_variant_is_chosen_and_the_best_partner_with_it() -> None:
    async with open_tab(FakeDevice(), f"/product/JK101?gtin={OCHRE_M}") as tab:
        assert tab.named("variant-Ochre-M").selected is True
        assert rows(tab) == [NORTH, BERGMANN]
        assert tab.named(NORTH).selected is True
        assert "Best choice" in tab.words(NORTH)
        assert "Lowest total and leaves first" in tab.words(NORTH)
        assert "Lower price, but delivery costs extra" in tab.words(BERGMANN)
        assert tab.words("price") == ["€129.00", "VAT included"]
        assert tab.words("sums") == ["Ochre, M", "€129.00", "by Tue 24 Nov"]


async def test_without_a_tag_the_best_offer_decides_what_is_chosen() -> None:
    async with open_tab(FakeDevice(), "/product/LP301") as tab:
        assert tab.named("variant-Colour-Clay").selected is True
        assert tab.words("price") == ["€119.00", "VAT included"]


async def test_what_nobody_has_is_struck_and_cannot_be_pressed() -> None:
    async with open_tab(FakeDevice(), f"/product/JK101?gtin={OCHRE_M}") as tab:
        assert not tab.can_tap("variant-Pine-S")
        assert tab.can_tap("variant-Navy-S")
        await tab.tap("variant-Navy-S")
        assert tab.words("sums")[0] == "Navy, S"
        assert "Only 2 left" in tab.words("offer-north-N-0015")


async def test_another_partner_is_a_free_choice_and_stays_with_another_size() -> None:
    async with open_tab(FakeDevice(), f"/product/JK101?gtin={OCHRE_M}") as tab:
        await tab.tap(BERGMANN)
        assert tab.named(BERGMANN).selected is True
        assert tab.words("price") == ["€124.90", "VAT included"]
        assert tab.words("sums") == ["Ochre, M · with delivery", "€130.80", "by Wed 25 Nov"]
        await tab.tap("variant-Ochre-L")
        assert tab.named("offer-bergmann-B-0007").selected is True
        await tab.tap("add-to-cart")
        (line,) = tab.session.cart.cart.lines
        assert (line.offer.partner, line.offer.sku, line.quantity) == ("bergmann", "B-0007", 1)


async def test_adding_turns_the_button_into_the_way_to_the_cart() -> None:
    async with open_tab(FakeDevice(), f"/product/JK101?gtin={OCHRE_M}") as tab:
        await tab.tap("add-to-cart")
        assert "add-to-cart" not in tab.names()
        assert tab.words("cart") == ["Cart", "1"]
        await tab.tap("variant-Ochre-L")  # something else again
        await tab.tap("add-to-cart")
        assert tab.words("cart") == ["Cart", "2"]
        await tab.tap("go-to-cart")
        assert tab.session.look.route == "/cart"


@pytest.mark.parametrize(("form", "both"), [("landscape", True), ("portrait", False), ("tall", True)])
async def test_two_ways_on_stand_side_by_side_where_there_is_room(form: str, both: bool) -> None:
    async with open_tab(FakeDevice(), f"/product/JK101?gtin={OCHRE_M}", form=form) as tab:
        await tab.tap("add-to-cart")
        assert ("keep-looking" in tab.names()) is both
        await tab.tap("keep-looking" if both else "back")
        assert tab.session.look.route == "/search"


async def test_more_than_the_partner_has_is_said() -> None:
    async with open_tab(FakeDevice(), f"/product/JK101?gtin={NAVY_S}") as tab:
        offer = tab.session.device.listing("JK101")
        assert offer is not None
        tab.session.cart.add(offer.of(NAVY_S)[0], 2)
        await tab.settle()
        await tab.tap("add-to-cart")
        assert tab.words("add-trouble") == ["You already have all that Nordic Outfitters can send."]
        assert tab.session.cart.cart.count() == 2
        assert "go-to-cart" not in tab.names()


async def test_what_the_cart_refuses_is_said_in_its_words() -> None:
    device = FakeDevice()
    async with open_tab(device, f"/product/JK101?gtin={OCHRE_M}") as tab:
        lamp = device.listings["LP301"].offers[0]
        tab.session.cart.add(replace(lamp, price=Money(9900, "USD"), shipping=None))
        await tab.settle()
        await tab.tap("add-to-cart")
        assert tab.words("add-trouble") == [
            "These are sold in different currencies. Please order them one after the other."
        ]
        assert tab.session.cart.cart.count() == 1


async def test_a_size_that_nobody_has_says_so_and_cannot_be_bought() -> None:
    async with open_tab(FakeDevice(), f"/product/JK101?gtin={PINE_S}") as tab:
        assert tab.words("sold-out") == [
            "No partner has this one right now. Please choose another size or colour."
        ]
        assert not tab.can_tap("add-to-cart")
        assert tab.words("add-to-cart") == ["Sold out"]
        assert not tab.can_tap("offer-north-N-0010")
        assert "Sold out here" in tab.words("offer-north-N-0010")
        await tab.tap("variant-Pine-L")
        assert tab.can_tap("add-to-cart")


async def test_a_product_that_is_sold_out_everywhere_leads_to_others() -> None:
    device = FakeDevice()
    lamp = device.listings["LP301"]
    device.listings["LP301"] = Listing(lamp.product, tuple(replace(o, available=0) for o in lamp.offers))
    async with open_tab(device, "/product/LP301") as tab:
        assert tab.words("sold-out") == [
            "No partner has it right now. Please ask an associate, or look at what is like it."
        ]
        assert not tab.can_tap("add-to-cart")
        await tab.until(lambda: "similar" in tab.names())
        assert tab.words("similar") == ["What can be sent instead"]
        await tab.tap("similar-CH302")
        assert tab.session.look.route == "/product/CH302"
        assert tab.words("price")[0] == "€349.00"


async def test_what_is_like_it_is_shown_and_said_otherwise_once_the_chosen_one_is_sold_out() -> None:
    async with open_tab(FakeDevice(), f"/product/JK101?gtin={OCHRE_M}") as tab:
        await tab.until(lambda: "similar" in tab.names())
        assert tab.words("similar") == ["You may also like"]
        shown = [name for name in tab.names() if name.startswith("similar-")]
        assert shown == ["similar-KN102", "similar-CO106", "similar-DR103", "similar-TE105"]
    async with open_tab(FakeDevice(), f"/product/JK101?gtin={PINE_S}") as tab:
        await tab.until(lambda: "similar" in tab.names())
        assert tab.words("similar") == ["Or something like it"]


async def test_where_nothing_is_like_it_nothing_is_said() -> None:
    device = FakeDevice()
    device.listings = {"LP301": device.listings["LP301"]}
    async with open_tab(device, "/product/LP301") as tab:
        await tab.until(lambda: "Checking prices" not in tab.words())
        assert "similar" not in tab.names()


class WithoutLikeness(FakeDevice):
    """Cannot read what is like a product."""

    def similar(self, product: str, /, limit: int = 6) -> Similar:
        raise AisleError("disk")


async def test_a_product_can_be_bought_when_what_is_like_it_cannot_be_read() -> None:
    async with open_tab(WithoutLikeness(), "/product/LP301") as tab:
        await tab.until(lambda: "Checking prices" not in tab.words())
        assert tab.can_tap("add-to-cart")


# -- fresh answers -----------------------------------------------------------------------------------------


async def test_fresh_answers_merge_without_moving_the_rows() -> None:
    device = Answering()
    cheaper = changed(device.listings["JK101"], "bergmann", price=Money(11000, "EUR"))
    device.answers = (cheaper,)
    async with open_tab(device, f"/product/JK101?gtin={OCHRE_M}") as tab:
        assert "Checking prices" in tab.words()
        assert rows(tab) == [NORTH, BERGMANN]
        device.gate.set()
        await tab.until(lambda: "€115.90" in tab.words(BERGMANN))
        assert rows(tab) == [NORTH, BERGMANN], "the best one is not moved up under the finger"
        assert "Best choice" in tab.words(BERGMANN)
        assert "Best choice" not in tab.words(NORTH)
        assert tab.named(BERGMANN).selected is True, "nobody has picked, so the best is chosen"
        await tab.until(lambda: "2 partners" in tab.words())
        await tab.tap("variant-Ochre-L")
        assert "2 partners, best first" in tab.words()
        assert rows(tab) == ["offer-bergmann-B-0007", "offer-north-N-0007"], "a fresh look is in order"


async def test_a_partner_that_was_picked_stays_picked_when_others_get_cheaper() -> None:
    device = Answering()
    device.answers = (changed(device.listings["JK101"], "bergmann", price=Money(11000, "EUR")),)
    async with open_tab(device, f"/product/JK101?gtin={OCHRE_M}") as tab:
        await tab.tap(NORTH)
        device.gate.set()
        await tab.until(lambda: "€115.90" in tab.words(BERGMANN))
        assert tab.named(NORTH).selected is True


async def test_a_picked_partner_that_has_sold_out_is_never_replaced_silently() -> None:
    device = Answering()
    device.answers = (changed(device.listings["JK101"], "bergmann", available=0),)
    async with open_tab(device, f"/product/JK101?gtin={OCHRE_M}") as tab:
        await tab.tap(BERGMANN)
        device.gate.set()
        await tab.until(lambda: "partner-lost" in tab.names())
        assert tab.words("partner-lost") == ["Bergmann & Sohn has just sold out of it."]
        assert tab.named(NORTH).selected is True
        assert not tab.can_tap(BERGMANN)


async def test_a_new_partner_comes_below_those_that_are_there() -> None:
    device = Answering()
    jacket = device.listings["JK101"]
    mine = jacket.of(OCHRE_M)[0]
    new = replace(mine, partner="atelier", sku="A-0006", price=Money(9900, "EUR"))
    device.answers = (Listing(jacket.product, rank([*jacket.offers, new])),)
    async with open_tab(device, f"/product/JK101?gtin={OCHRE_M}") as tab:
        device.gate.set()
        await tab.until(lambda: len(rows(tab)) == 3)
        assert rows(tab) == [NORTH, BERGMANN, "offer-atelier-A-0006"]
        assert tab.named("offer-atelier-A-0006").selected is True


async def test_old_prices_are_grey_and_say_from_when_they_are() -> None:
    device = FakeDevice()
    device.aged, device.up = True, False
    async with open_tab(device, f"/product/JK101?gtin={OCHRE_M}") as tab:
        assert "Check again" in tab.words()
        assert "Check again" not in tab.words(NORTH), "it is said once for all of them"
        price, note = tab.words("price")
        assert price == "€129.00"
        assert note.endswith(f"{clock('en', NOW)}, checked again")
        assert tab.can_tap("add-to-cart"), "what is offline can still be ordered"


class HalfOld(FakeDevice):
    """One partner has answered just now, the others have not."""

    def stale(self, offer: Offer, /) -> bool:
        return offer.partner != "north"


async def test_where_only_some_prices_are_old_their_rows_say_so() -> None:
    async with open_tab(HalfOld(), f"/product/JK101?gtin={OCHRE_M}") as tab:
        assert "Check again" in tab.words(BERGMANN)
        assert "Check again" not in tab.words(NORTH)


async def test_a_product_that_is_not_remembered_is_asked_for() -> None:
    device = Answering()
    lamp = device.listings.pop("LP301")
    device.answers = (lamp,)
    async with open_tab(device, "/product/LP301") as tab:
        assert "product-asking" in tab.names()
        device.listings["LP301"] = lamp
        device.gate.set()
        await tab.until(lambda: "add-to-cart" in tab.names())
        assert tab.words("price")[0] == "€119.00"
        await tab.until(lambda: "similar-CH302" in tab.names())


@pytest.mark.parametrize("form", sorted(SIZES))
async def test_a_product_that_nobody_knows_says_so(form: str) -> None:
    async with open_tab(FakeDevice(), "/product/nothing", form=form) as tab:
        await tab.until(lambda: "product-gone" in tab.names())
        await tab.tap("search")
        assert tab.session.look.route == "/search"


async def test_the_catalogues_news_are_taken_in() -> None:
    device = FakeDevice()
    async with open_tab(device, f"/product/JK101?gtin={OCHRE_M}") as tab:
        device.listings["JK101"] = changed(device.listings["JK101"], "north", price=Money(13900, "EUR"))
        device.tell("catalogue")
        await tab.settle()
        assert "€139.00" in tab.words(NORTH)


# -- pictures and addresses --------------------------------------------------------------------------------


async def test_a_picture_chooses_its_colour_and_keeps_the_size() -> None:
    async with open_tab(FakeDevice(), f"/product/JK101?gtin={OCHRE_M}") as tab:
        assert tab.named("look-Ochre").selected is True
        await tab.tap("look-Navy")
        assert tab.words("sums")[0] == "Navy, M"
        assert tab.named("look-Navy").selected is True
        await tab.tap("look-Pine")  # pine has no M: the first that can be had
        assert tab.words("sums")[0].startswith("Pine, ")
        assert tab.can_tap("add-to-cart")


async def test_partners_pictures_of_one_colour_are_one_picture() -> None:
    device = FakeDevice()
    jacket = device.listings["JK101"]
    variants = tuple(
        replace(variant, picture=f"{'north' if number % 2 else 'berg'}/{variant.picture}")
        for number, variant in enumerate(jacket.product.variants)
    )
    device.listings["JK101"] = replace(jacket, product=replace(jacket.product, variants=variants))
    async with open_tab(device, f"/product/JK101?gtin={OCHRE_M}") as tab:
        looks = [name for name in tab.names() if name.startswith("look-")]
        assert looks == ["look-Ochre", "look-Pine", "look-Navy", "look-Clay"]


async def test_portrait_shows_the_other_colours_beside_the_large_picture() -> None:
    async with open_tab(FakeDevice(), f"/product/JK101?gtin={OCHRE_M}", form="portrait") as tab:
        shown = [name for name in tab.names() if name.startswith("look-")]
        assert shown == ["look-Pine", "look-Navy"]  # clay is in the grid
        await tab.tap("look-Pine")
        assert tab.words("sums")[0].startswith("Pine, ")


async def test_whatever_a_partner_calls_its_product_its_page_can_be_reached() -> None:
    device = FakeDevice()
    odd = "lamps/50 % off?#1"
    lamp = device.listings.pop("LP301")
    listing = Listing(replace(lamp.product, id=odd), tuple(renamed(offer, odd) for offer in lamp.offers))
    device.listings = {odd: listing, **device.listings}
    async with open_tab(device, "/search") as tab:
        await tab.tap(f"product-{odd}")
        assert tab.words("price")[0] == "€119.00"


def renamed(offer: Offer, product: str) -> Offer:
    """``offer`` as one of another product."""
    return replace(offer, product=product)


async def test_an_address_with_a_variant_that_is_none_shows_the_product() -> None:
    async with open_tab(FakeDevice(), "/product/LP301?gtin=123") as tab:
        assert tab.words("price")[0] == "€119.00"
