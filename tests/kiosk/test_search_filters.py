"""Narrowing a search: what can be chosen, what it leads to, and that no count ever replaces a newer one."""

from __future__ import annotations

import threading
from dataclasses import replace

import flet as ft
import pytest

from kiosk.screens.search_choices import first, leading
from kiosk.strings import LANGUAGES
from retail.errors import AisleError
from sync.catalogue import EVERYTHING, FacetCount, Facets, Filters, SearchPage
from tests.kiosk.driver import SIZES, Tab, open_tab
from tests.kiosk.fake_device import FakeDevice
from tests.kiosk.test_search import big_device, products, ring


def chips(tab: Tab, start: str) -> dict[str, list[str]]:
    """The words of everything whose name begins like that, in reading order."""
    return {name.removeprefix(start): tab.words(name) for name in tab.names() if name.startswith(start)}


async def open_filters(tab: Tab) -> None:
    """Open the sheet and wait until everything in it is counted."""
    await tab.tap("filters")
    await tab.until(lambda: "filter-available" in tab.names())


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("form", sorted(SIZES))
async def test_the_filters_are_drawn_in_every_form_theme_and_language(
    form: str, language: str, dark: bool
) -> None:
    async with open_tab(FakeDevice(), "/search", form=form, language=language, dark=dark) as tab:
        await open_filters(tab)
        await tab.tap("filter-size-M")
        await tab.until(lambda: "active-size" in tab.names())
        assert {"filter-sheet", "filters-show", "filters-clear", "filters-close"} <= set(tab.names())
        assert "trouble" not in tab.names()


async def test_every_choice_says_how_much_it_leads_to() -> None:
    async with open_tab(FakeDevice(), "/search") as tab:
        await tab.type("search-text", "norrland")
        await tab.until(lambda: len(products(tab)) == 3)
        await open_filters(tab)
        assert chips(tab, "filter-size-") == {size: [size, "2"] for size in ("L", "M", "S", "XL", "XS")}
        assert chips(tab, "filter-partner-") == {
            "north": ["Nordic Outfitters", "3"],
            "atelier": ["Atelier Direct", "2"],
            "bergmann": ["Bergmann & Sohn", "1"],
        }
        assert chips(tab, "filter-price-") == {
            "0": ["Under €50", "1"],
            "5000": ["€50 to €100", "1"],
            "10000": ["€100 and more", "1"],
        }
        assert tab.words("filter-available") == ["Only what can be sent now", "3"]
        assert tab.words("filters-show") == ["Show 3 products"]
        assert not tab.can_tap("filters-clear")


async def test_choosing_narrows_the_results_and_the_other_counts() -> None:
    async with open_tab(FakeDevice(), "/search") as tab:
        await open_filters(tab)
        await tab.tap("filter-size-M")
        await tab.until(lambda: tab.words("filters-show") == ["Show 5 products"])
        await tab.until(lambda: tab.words("filter-brand-Norrland") == ["Norrland", "2"])
        assert products(tab) == ["JK101", "KN102", "CO106", "DR103", "TE105"]
        assert tab.named("filter-size-M").selected is True
        assert tab.words("filter-size-38") == ["38", "2"], "another size instead of this one"
        await tab.tap("filter-colour-Clay")
        await tab.until(lambda: products(tab) == ["JK101", "DR103", "TE105"])
        await tab.tap("filters-show")
        assert "filter-sheet" not in tab.names()
        assert tab.words("filters") == ["Filter", "2"]
        assert tab.words("active-size") == ["Size M"]


async def test_what_leads_nowhere_stays_in_its_place_and_cannot_be_touched() -> None:
    async with open_tab(FakeDevice(), "/search") as tab:
        await open_filters(tab)
        starts = ("filter-brand-", "filter-colour-", "filter-price-")
        before = {start: list(chips(tab, start)) for start in starts}
        await tab.tap("filter-price-5000")
        await tab.until(lambda: tab.named("filter-price-5000").selected is True)
        await tab.tap("filter-size-38")
        await tab.until(lambda: not tab.can_tap("filter-brand-Norrland"))
        assert tab.words("filter-brand-Norrland") == ["Norrland", "0"]
        assert tab.can_tap("filter-brand-Halden")
        assert {start: list(chips(tab, start)) for start in before} == before
        assert not tab.can_tap("category-Home")
        assert tab.can_tap("category-all")
        await tab.tap("filter-size-38")
        await tab.tap("filter-price-5000")
        await tab.until(lambda: tab.can_tap("filter-brand-Kiln & Co"))
        assert len(products(tab)) == 14


async def test_what_is_chosen_can_be_taken_away_one_by_one_or_all_at_once() -> None:
    async with open_tab(FakeDevice(), "/search") as tab:
        await tab.tap("category-Apparel")
        await open_filters(tab)
        for choice in ("filter-size-M", "filter-partner-bergmann", "filter-price-5000", "filter-available"):
            await tab.tap(choice)
            await tab.until(lambda choice=choice: tab.named(choice).selected is True)  # type: ignore[misc]
        await tab.tap("filters-close")
        assert chips(tab, "active-") == {
            "available": ["Can be sent now"],
            "size": ["Size M"],
            "partner": ["Bergmann & Sohn"],
            "price": ["€50 to €100"],
            "clear": ["Clear all"],
        }
        await tab.tap("active-price")
        await tab.until(lambda: "active-price" not in tab.names())
        assert tab.words("filters") == ["Filter", "3"]
        await tab.tap("active-clear")
        await tab.until(lambda: products(tab) == ["JK101", "KN102", "CO106", "DR103", "TE105"])
        assert tab.named("category-Apparel").selected is True, "the category is a choice of its own"
        assert tab.words("filters") == ["Filter"]


async def test_the_cross_or_escape_closes_the_sheet() -> None:
    async with open_tab(FakeDevice(), "/search") as tab:
        await open_filters(tab)
        await tab.press("Escape")
        assert "filter-sheet" not in tab.names()
        await open_filters(tab)
        await tab.tap("filters-close")
        assert "filter-sheet" not in tab.names()


async def test_what_lies_under_the_open_sheet_takes_no_touch_and_no_focus() -> None:
    async with open_tab(FakeDevice(), "/search") as tab:
        assert beneath(tab).disabled is False
        await open_filters(tab)
        assert beneath(tab).disabled is True
        await tab.tap("filters-close")
        assert beneath(tab).disabled is False


def beneath(tab: Tab) -> ft.Semantics:
    """The outermost part of the page that is switched off with all that is in it."""
    around = [one for one in tab.all(ft.Semantics) if tab.named("search-text") in list(tab.walk(one))]
    return around[0]


async def test_the_button_under_the_open_sheet_changes_nothing() -> None:
    async with open_tab(many_brands(), "/search") as tab:
        await open_filters(tab)
        await tab.tap("filters-all-brand")
        await tab.tap("filters")  # a keyboard's focus stays on it
        assert "values-text" in tab.names()


async def test_only_what_can_be_sent_now() -> None:
    device = FakeDevice()
    lamp = device.listings["LP301"]
    device.listings["LP301"] = replace(lamp, offers=tuple(replace(o, available=0) for o in lamp.offers))
    async with open_tab(device, "/search") as tab:
        await open_filters(tab)
        assert tab.words("filter-available") == ["Only what can be sent now", "13"]
        await tab.tap("filter-available")
        await tab.until(lambda: len(products(tab)) == 13)
        assert "LP301" not in products(tab)


# -- many values -------------------------------------------------------------------------------------------


def many_brands(count: int = 80) -> FakeDevice:
    """A device with ``count`` products, each of a brand of its own."""
    device = big_device(count)
    for number, (id_, listing) in enumerate(device.listings.items()):
        brand = f"Brand {number:02d}" if number else "Édelweiß Alp"
        offers = tuple(replace(offer, brand=brand) for offer in listing.offers)
        device.listings[id_] = replace(listing, product=replace(listing.product, brand=brand), offers=offers)
    return device


async def test_many_brands_are_the_first_ones_and_a_list_to_type_into() -> None:
    async with open_tab(many_brands(), "/search") as tab:
        await open_filters(tab)
        assert len(chips(tab, "filter-brand-")) == 12
        assert tab.words("filters-all-brand") == ["All 80"]
        await tab.tap("filters-all-brand")
        assert len(chips(tab, "filter-brand-")) == 60
        assert "20 more. Type to find them" in tab.words("filter-sheet")
        await tab.type("values-text", "alp EDEL")
        assert list(chips(tab, "filter-brand-")) == ["Édelweiß Alp"]
        await tab.type("values-text", "zzz")
        assert tab.words("values-none") == ["None begins like this"]
        await tab.type("values-text", "77")
        await tab.tap("filter-brand-Brand 77")
        await tab.until(lambda: products(tab) == ["M077"])
        await tab.until(lambda: tab.named("filter-brand-Brand 77").selected is True)
        assert len(chips(tab, "filter-brand-")) == 13, "what is chosen is among the first"


@pytest.mark.parametrize("form", ["portrait", "tall"])
async def test_a_standing_kiosk_finds_a_brand_on_its_own_keys(form: str) -> None:
    async with open_tab(many_brands(), "/search", form=form) as tab:
        await open_filters(tab)
        await tab.tap("filters-all-brand")
        for key in "ede":
            await tab.tap(f"key-{key}")
        assert tab.words("values-words") == ["ede"]
        assert list(chips(tab, "filter-brand-")) == ["Édelweiß Alp"]
        await tab.press("Backspace", "Backspace", "Backspace", "B")
        assert len(chips(tab, "filter-brand-")) == 60
        await tab.tap("values-back")
        assert len(chips(tab, "filter-brand-")) == 12
        assert tab.session.sought.text == "", "the keys typed into the list alone"


# -- counting ----------------------------------------------------------------------------------------------


class SlowCounts(FakeDevice):
    """Counts for the size 38 only once ``gate`` is open; fails to count while ``broken``."""

    broken = False

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.gate = threading.Event(), threading.Event()
        self.questions: list[Filters] = []

    def facets(self, text: str = "", filters: Filters = EVERYTHING) -> Facets:
        self.questions.append(filters)
        if self.broken:
            raise AisleError("disk")
        if filters.size == "38":
            self.asked.set()
            assert self.gate.wait(60)
        return super().facets(text, filters)


async def test_nothing_is_counted_for_somebody_who_only_types() -> None:
    device = SlowCounts()
    async with open_tab(device, "/search") as tab:
        await tab.type("search-text", "mug")
        await tab.until(lambda: products(tab) == ["MG303"])
        await tab.tap("category-Home")
        await tab.until(lambda: tab.named("category-Home").selected is True)
        assert device.questions == []


async def test_late_counts_never_replace_newer_ones() -> None:
    device = SlowCounts()
    async with open_tab(device, "/search") as tab:
        await open_filters(tab)
        await tab.tap("filter-size-38")
        await tab.until(device.asked.is_set)
        await tab.until(lambda: ring(tab))
        assert products(tab) == ["RN203", "SN201"], "the results do not wait for the counts"
        await tab.tap("filter-size-M")
        await tab.until(lambda: tab.words("filter-brand-Norrland") == ["Norrland", "2"])
        device.gate.set()
        await tab.settle()
        await tab.until(lambda: len(device.questions) == 3)
        assert tab.words("filter-brand-Norrland") == ["Norrland", "2"]
        assert not ring(tab)


async def test_counts_that_come_after_the_sheet_was_closed_do_not_open_it() -> None:
    device = SlowCounts()
    async with open_tab(device, "/search") as tab:
        await open_filters(tab)
        await tab.tap("filter-size-38")
        await tab.until(device.asked.is_set)
        await tab.tap("filters-close")
        device.gate.set()
        await tab.settle()
        assert "filter-sheet" not in tab.names()
        assert products(tab) == ["RN203", "SN201"]


async def test_filters_that_cannot_be_counted_are_said_and_the_results_stay() -> None:
    device = SlowCounts()
    device.broken = True
    async with open_tab(device, "/search") as tab:
        await tab.tap("filters")
        await tab.until(lambda: "filters-failed" in tab.names())
        assert len(products(tab)) == 14
        await tab.tap("filters-show")
        device.broken = False
        await open_filters(tab)


class Uncounted(FakeDevice):
    """Leaves the categories out of a page that is narrowed by what can be sent, as the real one does."""

    def search(
        self, text: str = "", *, filters: Filters = EVERYTHING, limit: int = 24, offset: int = 0
    ) -> SearchPage:
        page = super().search(text, filters=filters, limit=limit, offset=offset)
        return replace(page, categories={}) if filters.available else page


@pytest.mark.parametrize("close_first", [False, True])
async def test_categories_that_a_page_leaves_out_are_counted_after_it(close_first: bool) -> None:
    device = Uncounted()
    async with open_tab(device, "/search") as tab:
        await open_filters(tab)
        await tab.tap("filter-available")
        if close_first:
            await tab.tap("filters-show")
        await tab.until(lambda: tab.words("category-Home") == ["Home", "5"])
        assert tab.words("category-all") == ["All", "14"]
        if close_first:
            await tab.tap("product-MG303")
            await tab.tap("back")
            await tab.until(lambda: tab.words("category-Home") == ["Home", "5"])
        del device.listings["MG303"]
        device.tell("catalogue")
        await tab.until(lambda: tab.words("category-Home") == ["Home", "4"])


async def test_more_than_can_be_counted_is_said_as_more() -> None:
    device = big_device(253)
    device.exact = False
    async with open_tab(device, "/search", form="portrait") as tab:
        assert tab.words("search-heading") == ["More than 253 products"]
        assert tab.words("category-Home") == ["Home", "253+"]
        assert tab.words("results-more") == ["Show 24 more", "more than 229 left"]
        await open_filters(tab)
        assert tab.words("filters-show") == ["Show more than 253"]
        assert tab.words("filter-brand-Kiln & Co") == ["Kiln & Co", "about 250"]
        assert tab.words("filter-available") == ["Only what can be sent now", "253+"]


# -- what follows ------------------------------------------------------------------------------------------


async def test_nothing_with_these_filters_says_how_many_there_are_without() -> None:
    async with open_tab(FakeDevice(), "/search") as tab:
        await open_filters(tab)
        await tab.tap("filter-size-M")
        await tab.until(lambda: "active-size" in tab.names())
        await tab.tap("filters-close")
        await tab.type("search-text", "mug")
        await tab.until(lambda: "nothing-found" in tab.names())
        assert tab.words("nothing-found")[:2] == [
            "Nothing found for “mug” with these filters",
            "Without them there is 1 product. Or take away only one of them.",
        ]
        await tab.tap("unfiltered")
        await tab.until(lambda: products(tab) == ["MG303"])
        assert tab.session.sought.text == "mug"


async def test_the_way_back_from_a_product_keeps_the_filters_and_the_next_customer_does_not() -> None:
    async with open_tab(FakeDevice(), "/search") as tab:
        await open_filters(tab)
        await tab.tap("filter-size-M")
        await tab.until(lambda: len(products(tab)) == 5)
        await tab.tap("filters-show")
        await tab.tap("product-KN102")
        await tab.tap("back")
        assert tab.words("active-size") == ["Size M"]
        assert len(products(tab)) == 5
        assert not tab.session.clean(), "somebody has chosen something"
        tab.session.reset()
        await tab.settle()
        await tab.go("/search")
        assert len(products(tab)) == 14
        assert "active-size" not in tab.names()


async def test_a_product_opens_at_the_size_and_colour_that_were_chosen() -> None:
    async with open_tab(FakeDevice(), "/search") as tab:
        await open_filters(tab)
        await tab.tap("filter-size-L")
        await tab.until(lambda: tab.named("filter-size-L").selected is True)
        await tab.tap("filter-colour-Navy")
        await tab.until(lambda: products(tab) == ["JK101", "CO106"])
        await tab.tap("filters-show")
        await tab.tap("product-JK101")
        assert tab.words("sums")[0] == "Navy, L"


def test_the_values_that_lead_to_most_products_are_shown_first_and_stay() -> None:
    sizes = [FacetCount(size, count) for size, count in (("7", 1), ("8", 1), ("41", 6), ("42", 9), ("43", 6))]
    assert leading(sizes, (), 3) == ("42", "41", "43")
    assert [one.value for one in first(sizes, None, ("42", "41", "43"))] == ["41", "42", "43"]
    assert [one.value for one in first(sizes, "8", ("42", "41"))] == ["8", "41", "42"], "what is chosen, too"
    narrowed = [FacetCount("7", 3), FacetCount("41", 0), FacetCount("42", 1)]
    assert leading(narrowed, ("42", "41"), 2) == ("42", "41"), "nothing moves while somebody chooses"
    assert leading(narrowed, ("42",), 2) == ("42", "7"), "what was opened under narrow filters is filled up"
