"""Searching: every phase, and that no answer ever replaces a newer one."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from kiosk.strings import LANGUAGES, clock
from retail.errors import AisleError
from sync.catalogue import EVERYTHING, Filters, SearchPage
from tests.kiosk.driver import SIZES, Tab, open_tab
from tests.kiosk.fake_device import NOW, FakeDevice, gtin


def products(tab: Tab) -> list[str]:
    """The ids of the products on the screen, in reading order."""
    return [name.removeprefix("product-") for name in tab.names() if name.startswith("product-")]


def big_device(count: int = 250) -> FakeDevice:
    """A device with ``count`` products of one category."""
    device = FakeDevice()
    mug = device.listings["MG303"]
    made = [replace(mug, product=replace(mug.product, id=f"M{n:03d}", name=f"Mug {n}")) for n in range(count)]
    device.listings = {listing.product.id: listing for listing in made}
    return device


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("form", sorted(SIZES))
async def test_the_first_look_shows_everything(form: str, language: str, dark: bool) -> None:
    device = FakeDevice()
    async with open_tab(device, "/search", form=form, language=language, dark=dark) as tab:
        assert products(tab) == list(device.listings)
        assert {"scan", "cart", "back", "category-all"} <= set(tab.names())
        assert "trouble" not in tab.names()


async def test_the_chips_say_how_many_and_narrow_to_one_category() -> None:
    async with open_tab(FakeDevice(), "/search") as tab:
        assert tab.words("category-all") == ["All", "14"]
        assert tab.words("category-Home") == ["Home", "5"]
        await tab.tap("category-Footwear")
        await tab.until(lambda: products(tab) == ["RN203", "SN201"])
        assert tab.named("category-Footwear").selected is True
        assert tab.words("category-all") == ["All", "14"]
        await tab.tap("category-all")
        await tab.until(lambda: len(products(tab)) == 14)


async def test_words_find_products_and_keep_the_chips_in_their_places() -> None:
    async with open_tab(FakeDevice(), "/search") as tab:
        chips = [name for name in tab.names() if name.startswith("category-")]
        await tab.type("search-text", "norrland jack")
        await tab.until(lambda: products(tab) == ["JK101"])
        assert [name for name in tab.names() if name.startswith("category-")] == chips
        assert tab.words("category-Apparel") == ["Apparel", "1"]
        assert tab.words("category-Home") == ["Home", "0"]


@pytest.mark.parametrize("text", ["", "   ", "\t", "\N{ZERO WIDTH SPACE}"])
async def test_an_empty_search_is_harmless(text: str) -> None:
    async with open_tab(FakeDevice(), "/search") as tab:
        await tab.type("search-text", text, submit=True)
        await tab.until(lambda: "busy" not in tab.names())
        assert "trouble" not in tab.names()
        await tab.type("search-text", "mug")
        await tab.until(lambda: products(tab) == ["MG303"])


class Gated(FakeDevice):
    """Answers the question "rain" only once ``gate`` is open."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.gate = threading.Event(), threading.Event()

    def search(
        self, text: str = "", *, filters: Filters = EVERYTHING, limit: int = 24, offset: int = 0
    ) -> SearchPage:
        if text == "rain":
            self.asked.set()
            assert self.gate.wait(60)
        return super().search(text, filters=filters, limit=limit, offset=offset)


async def test_a_late_answer_never_replaces_a_newer_one() -> None:
    device = Gated()
    async with open_tab(device, "/search") as tab:
        await tab.type("search-text", "rain")
        await tab.until(device.asked.is_set)
        await tab.type("search-text", "mug")
        await tab.until(lambda: products(tab) == ["MG303"])
        device.gate.set()
        await tab.settle()
        assert products(tab) == ["MG303"]


async def test_a_slow_answer_is_shown_as_such_over_the_old_results() -> None:
    device = Gated()
    async with open_tab(device, "/search", form="portrait") as tab:
        await tab.tap("search-open")
        for key in "rain":
            await tab.tap(f"key-{key}")
        await tab.until(device.asked.is_set)
        await tab.until(lambda: ring(tab))
        assert len(products(tab)) == 14
        device.gate.set()
        await tab.until(lambda: products(tab) == ["JK101"])
        assert not ring(tab)


def ring(tab: Tab) -> bool:
    """Whether something says that it is being asked."""
    return any(type(control).__name__ == "ProgressRing" for control in tab.walk())


async def test_results_come_in_pages_and_never_by_the_hundreds() -> None:
    async with open_tab(big_device(), "/search") as tab:
        assert len(products(tab)) == 24
        assert tab.words("results-more") == ["Show 24 more", "226 left"]
        await tab.tap("results-more")
        await tab.until(lambda: len(products(tab)) == 48)
        assert products(tab) == [f"M{n:03d}" for n in range(48)]
        for pages in range(3, 11):
            await tab.tap("results-more")
            await tab.until(lambda pages=pages: len(products(tab)) == pages * 24)  # type: ignore[misc]
        assert "results-more" not in tab.names()
        assert tab.words("results-enough") == ["10 more products", "Type more words to find them"]


async def test_the_last_page_ends_it() -> None:
    async with open_tab(big_device(30), "/search") as tab:
        assert tab.words("results-more") == ["Show 6 more", "6 left"]
        await tab.tap("results-more")
        await tab.until(lambda: len(products(tab)) == 30)
        assert "results-more" not in tab.names()
        assert "results-enough" not in tab.names()


async def test_nothing_found_says_what_was_asked_and_leads_on() -> None:
    async with open_tab(FakeDevice(), "/search") as tab:
        await tab.type("search-text", "qwertz")
        await tab.until(lambda: "nothing-found" in tab.names())
        assert tab.words("nothing-found")[0] == "Nothing found for “qwertz”"
        await tab.tap("everything")
        await tab.until(lambda: len(products(tab)) == 14)
        assert tab.session.sought.text == ""
        await tab.type("search-text", "qwertz")
        await tab.until(lambda: "nothing-found" in tab.names())
        await tab.tap("scan-tag")
        assert tab.session.look.route == "/scan"


async def test_outlines_are_shown_until_the_catalogue_has_come() -> None:
    device = FakeDevice()
    listings, device.listings = device.listings, {}
    async with open_tab(device, "/search") as tab:
        assert tab.words("search-heading") == ["Asking our partners"]
        assert products(tab) == []
        assert sum(str(getattr(c.key, "value", c.key)).startswith("skeleton-") for c in tab.walk()) == 12
        device.listings = listings
        device.tell("catalogue")
        await tab.settle()
        assert products(tab) == list(listings)


async def test_a_device_that_never_had_the_catalogue_says_so_while_offline() -> None:
    device = FakeDevice()
    device.listings, device.up = {}, False
    async with open_tab(device, "/search") as tab:
        assert "not-loaded" in tab.names()
        assert "offline" in tab.names()
        await tab.tap("start")
        assert tab.session.look.route == "/"


async def test_old_prices_say_from_when_they_are() -> None:
    device = FakeDevice()
    device.aged, device.up = True, False
    async with open_tab(device, "/search") as tab:
        (words,) = tab.words("search-heading")
        assert words.startswith("Prices from ")
        assert words.endswith(f"{clock('en', NOW)}, checked again before you pay")
        assert "Check again" in tab.words("product-JK101")
        assert "offline" in tab.names()


async def test_news_merge_without_moving_what_is_on_the_screen() -> None:
    device = FakeDevice()
    async with open_tab(device, "/search") as tab:
        before = products(tab)
        jacket = device.listings["JK101"]
        fresh = dict(reversed(device.listings.items()))
        del fresh["CH302"]
        fresh["NEW"] = replace(jacket, product=replace(jacket.product, id="NEW"))
        device.listings = fresh
        device.tell("catalogue")
        await tab.settle()
        assert products(tab) == [*(id_ for id_ in before if id_ != "CH302"), "NEW"]


class Broken(FakeDevice):
    """Cannot read its catalogue while ``broken``."""

    broken = True

    def search(
        self, text: str = "", *, filters: Filters = EVERYTHING, limit: int = 24, offset: int = 0
    ) -> SearchPage:
        if self.broken:
            raise AisleError("disk")
        return super().search(text, filters=filters, limit=limit, offset=offset)


async def test_a_catalogue_that_cannot_be_read_is_said_and_tried_again() -> None:
    device = Broken()
    device.broken = False
    async with open_tab(device, "/search") as tab:
        device.broken = True
        await tab.type("search-text", "mug")
        await tab.until(lambda: "search-failed" in tab.names())
        device.broken = False
        await tab.tap("everything")
        await tab.until(lambda: len(products(tab)) == 14)


async def test_the_way_back_from_a_product_leads_to_the_same_results() -> None:
    async with open_tab(FakeDevice(), "/search") as tab:
        await tab.type("search-text", "kiln")
        await tab.until(lambda: len(products(tab)) == 3)
        await tab.tap("product-MG303")
        assert tab.session.look.route.partition("?")[0] == "/product/MG303"
        await tab.tap("back")
        assert products(tab) == ["VS304", "MG303", "PT306"]
        box = next(box for box in tab.walk() if getattr(box, "hint_text", None) == "Name, brand or number")
        assert box.value == "kiln"  # type: ignore[attr-defined]


async def test_the_next_customer_finds_no_trace_of_it() -> None:
    async with open_tab(FakeDevice(), "/search") as tab:
        await tab.type("search-text", "kiln")
        await tab.until(lambda: len(products(tab)) == 3)
        assert not tab.session.clean()
        tab.session.reset()
        await tab.settle()
        await tab.go("/search")
        assert len(products(tab)) == 14
        assert tab.session.clean()


@pytest.mark.parametrize("form", ["portrait", "tall"])
async def test_a_standing_kiosk_types_on_its_own_keys(form: str) -> None:
    async with open_tab(FakeDevice(), "/search", form=form) as tab:
        await tab.tap("search-open")
        for key in ("m", "u", "g", "s", "delete", "space"):
            await tab.tap(f"key-{key}")
        assert tab.words("search-words") == ["mug "]
        await tab.until(lambda: products(tab) == ["MG303"])
        await tab.tap("key-enter")
        assert "key-m" not in tab.names()
        assert tab.words("search-heading") == ["1 product"]
        await tab.tap("search-open")
        await tab.press("Backspace", "Backspace", "Backspace", "Backspace", "F", "J")
        await tab.until(lambda: products(tab) == ["KN102"])


async def test_a_scan_while_searching_leaves_no_digits_in_the_words() -> None:
    async with open_tab(FakeDevice(), "/search") as tab:
        await tab.type("search-text", "mug" + gtin(1))
        await tab.press(*gtin(1), "Enter")
        assert tab.session.look.route == f"/scan?code={gtin(1)}"
        assert tab.session.sought.text == "mug"


async def test_what_was_corrected_is_said() -> None:
    device = FakeDevice()
    device.corrections = {"jaket": "jacket"}
    async with open_tab(device, "/search") as tab:
        await tab.type("search-text", "rain jaket")
        await tab.until(lambda: "search-corrected" in tab.names())
        assert tab.words("search-corrected") == ["Showing results for", "rain jacket"]
        assert tab.named("search-corrected").live_region is True
        assert products(tab) == ["JK101"]
        assert tab.text("search-text") == "rain jaket", "what is typed stays as it is"
        await tab.type("search-text", "rain jacket")
        await tab.until(lambda: "search-corrected" not in tab.names())


async def test_words_that_had_to_be_left_out_are_said() -> None:
    device = FakeDevice()
    device.left_out = {"purple", "velvet"}
    async with open_tab(device, "/search") as tab:
        await tab.type("search-text", "purple velvet mug")
        await tab.until(lambda: "search-relaxed" in tab.names())
        assert tab.words("search-relaxed") == ["Nothing has all of these words. Left out:", "purple, velvet"]
        assert products(tab) == ["MG303"]


class Suggesting(FakeDevice):
    """Asks for a mug whether a beanie was meant."""

    def search(
        self, text: str = "", *, filters: Filters = EVERYTHING, limit: int = 24, offset: int = 0
    ) -> SearchPage:
        page = super().search(text, filters=filters, limit=limit, offset=offset)
        return replace(page, suggested="merino beanie") if text == "mug" else page


@pytest.mark.parametrize(
    ("form", "language", "words"),
    [
        ("landscape", "en", "Did you mean:"),
        ("portrait", "de", "Meinten Sie:"),
        ("landscape", "ar", "هل تقصد:"),
    ],
)
async def test_what_may_have_been_meant_is_a_touch_away(form: str, language: str, words: str) -> None:
    async with open_tab(Suggesting(), "/", form=form, language=language) as tab:
        tab.session.sought.text = "mug"
        await tab.go("/search")
        assert products(tab) == ["MG303"]
        said, meant = tab.words("search-suggestion")
        assert (said, meant.strip("\u2066\u2069").replace("\u00a0", " ")) == (words, "merino beanie")
        assert tab.named("search-suggestion").live_region is True
        await tab.tap("search-suggested")
        await tab.until(lambda: products(tab) == ["BN402"])
        assert tab.session.sought.text == "merino beanie"
        assert "search-suggested" not in tab.names()


async def test_nothing_found_leads_to_the_categories() -> None:
    async with open_tab(FakeDevice(), "/search") as tab:
        await tab.type("search-text", "qwertz")
        await tab.until(lambda: "nothing-found" in tab.names())
        await tab.tap("browse-Footwear")
        await tab.until(lambda: products(tab) == ["RN203", "SN201"])
        assert tab.named("category-Footwear").selected is True
        assert tab.session.sought.text == ""


async def test_emptying_the_words_keeps_what_was_chosen() -> None:
    async with open_tab(FakeDevice(), "/search") as tab:
        await tab.tap("category-Home")
        await tab.type("search-text", "mug")
        await tab.until(lambda: products(tab) == ["MG303"])
        await tab.tap("search-clear")
        await tab.until(lambda: products(tab) == ["LP301", "VS304", "CH302", "MG303", "PT306"])


async def test_where_nothing_has_all_the_words_those_that_are_found_alone_are_offered() -> None:
    device = FakeDevice()
    device.corrections = {"jaket": "jacket"}
    async with open_tab(device, "/search") as tab:
        await tab.type("search-text", "qwertz jaket mug")
        await tab.until(lambda: "nothing-found" in tab.names())
        assert tab.words("alone-jacket") == ["jacket", "1"]
        assert tab.words("alone-mug") == ["mug", "1"]
        assert "alone-qwertz" not in tab.names()
        assert "browse-Home" in tab.names()
        tab.session.look.offline = True  # its line takes the room
        await tab.settle()
        assert "browse-Home" not in tab.names()
        await tab.tap("alone-jacket")
        await tab.until(lambda: products(tab) == ["JK101"])
        assert tab.text("search-text") == "jacket"


class Wordless(FakeDevice):
    """Takes words without a letter or digit for none, as the real search does."""

    def _understood(self, text: str) -> tuple[list[str], tuple[str, ...]]:
        words = [word for word in text.split() if any(char.isalnum() for char in word)]
        return super()._understood(" ".join(words))


@pytest.mark.parametrize("text", ["😀😀😀", "...", "%_% ' --"])
async def test_where_no_word_is_typed_that_is_said_over_everything(text: str) -> None:
    async with open_tab(Wordless(), "/search") as tab:
        await tab.type("search-text", text)
        await tab.until(lambda: "search-wordless" in tab.names())
        assert tab.words("search-wordless") == ["There is no word or number in this to look for."]
        assert len(products(tab)) == 14
        await tab.type("search-text", "mug")
        await tab.until(lambda: products(tab) == ["MG303"])
        assert "search-wordless" not in tab.names()


async def test_signs_are_not_offered_as_words_that_are_found_alone() -> None:
    async with open_tab(Wordless(), "/search") as tab:
        await tab.type("search-text", "'; qwertz mug -- ;")
        await tab.until(lambda: "nothing-found" in tab.names())
        assert [name for name in tab.names() if name.startswith("alone-")] == ["alone-mug"]


async def test_words_without_end_are_cut_where_they_are_said_again() -> None:
    async with open_tab(FakeDevice(), "/search") as tab:
        await tab.type("search-text", "x" * 10_000)
        await tab.until(lambda: "nothing-found" in tab.names())
        assert f"Nothing found for “{'x' * 31}…”" in tab.words("nothing-found")


async def test_offline_without_a_catalogue_nobody_is_said_to_be_asked() -> None:
    device = FakeDevice()
    device.listings, device.up = {}, False
    async with open_tab(device, "/search") as tab:
        assert "not-loaded" in tab.names()
        assert "Asking our partners" not in tab.words()


async def test_what_is_written_in_latin_letters_keeps_its_direction_among_arabic() -> None:
    async with open_tab(FakeDevice(), "/search", language="ar") as tab:
        assert tab.words("product-PT306")[0] == "\u2066Enamel pot, 4 litres\u2069"
    async with open_tab(FakeDevice(), "/scan?type=1", language="ar") as tab:
        for digit in "4012345":
            await tab.tap(f"key-{digit}")
        assert tab.words("typed-digits") == ["4\u00a0012345"]
    async with open_tab(FakeDevice(), "/scan?type=1", language="de") as tab:
        await tab.tap("key-4")
        assert tab.words("typed-digits") == ["4"]


async def test_on_a_narrow_card_fewer_words_say_how_many_partners_there_are() -> None:
    device = FakeDevice()
    knit = device.listings["KN102"]
    device.listings["KN102"] = replace(knit, offers=tuple(replace(o, available=2) for o in knit.offers))
    async with open_tab(device, "/search", language="de") as tab:
        assert tab.words("product-KN102")[-2:] == ["Nur noch wenige", "2 Partner"]
        assert tab.words("product-JK101")[-2:] == ["Auf Lager", "von 2 Partnern"]
    async with open_tab(device, "/search", language="de", form="portrait") as tab:
        assert tab.words("product-KN102")[-2:] == ["Nur noch wenige", "von 2 Partnern"]


async def test_of_long_words_the_end_is_seen_while_they_are_typed_and_the_beginning_afterwards() -> None:
    async with open_tab(FakeDevice(), "/search", form="portrait") as tab:
        await tab.tap("search-open")
        assert tab.words("search-words") == ["Name, brand or number"]
        for key in "wasserdichte regenjacke mit kapuze und taschen fuer draussen":
            await tab.tap("key-space" if key == " " else f"key-{key}")
        (shown,) = tab.words("search-words")
        assert shown.startswith("…")
        assert shown.endswith(" und taschen fuer draussen")
        await tab.tap("keys-hide")
        (shown,) = tab.words("search-open")
        assert shown.startswith("wasserdichte regenjacke mit ")
        assert shown.endswith("…")
