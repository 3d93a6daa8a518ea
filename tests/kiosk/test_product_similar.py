"""What else there is: the same thing in other sizes and colours is told from what is only like it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from retail.offer import Listing
from sync.catalogue import Similar
from tests.kiosk.driver import Tab, open_tab
from tests.kiosk.fake_device import FakeDevice, gtin

OCHRE_M, PINE_S, PINE_M, NAVY_M = gtin(6), gtin(10), gtin(11), gtin(16)


def cards(tab: Tab, kind: str) -> list[str]:
    """The cards of one row, in reading order."""
    return [name.removeprefix(kind) for name in tab.names() if name.startswith(kind)]


def renamed(listing: Listing, id_: str, name: str, colour: str) -> Listing:
    """``listing`` as a product of its own in one colour, which its name says too."""
    variants = tuple(one for one in listing.product.variants if one.options["Colour"] == colour)
    kept = {one.gtin for one in variants}
    offers = tuple(replace(o, product=id_, name=name) for o in listing.offers if o.gtin in kept)
    return Listing(replace(listing.product, id=id_, name=name, variants=variants), offers)


class ByColour(FakeDevice):
    """A partner that lists each colour of the jacket as a product, beside a knit and a coat."""

    def __init__(self) -> None:
        super().__init__()
        jacket, knit, coat = (self.listings[name] for name in ("JK101", "KN102", "CO106"))
        made = [renamed(jacket, f"JK-{c}", f"Alder rain jacket {c}", c) for c in ("Ochre", "Navy", "Clay")]
        self.listings = {listing.product.id: listing for listing in (knit, *made, coat)}

    def similar(self, product: str, /, limit: int = 6) -> Similar:
        style = [one for one in self.listings.values() if one.product.id.startswith("JK-")]
        near = [self.listings["KN102"], self.listings["CO106"]]
        return Similar(tuple(one for one in style if one.product.id != product), tuple(near))


async def test_the_same_style_as_a_product_of_its_own_is_told_from_what_is_near() -> None:
    async with open_tab(ByColour(), "/product/JK-Navy") as tab:
        await tab.until(lambda: "similar" in tab.names())
        assert tab.words("similar-same") == ["The same in another colour or size"]
        assert tab.words("similar") == ["You may also like"]
        names = tab.names()
        first, second = names.index("similar-same"), names.index("similar")
        assert names[first + 1 : second] == ["similar-JK-Ochre", "similar-JK-Clay"]
        assert names[second + 1 :][:2] == ["similar-KN102", "similar-CO106"]
        await tab.tap("similar-JK-Clay")
        assert tab.session.look.route == "/product/JK-Clay"


async def test_what_can_be_had_has_no_cards_of_its_own_variants() -> None:
    async with open_tab(FakeDevice(), f"/product/JK101?gtin={OCHRE_M}") as tab:
        await tab.until(lambda: "similar" in tab.names())
        assert "similar-same" not in tab.names()
        assert cards(tab, "instead-") == []


async def test_where_one_is_sold_out_the_same_size_in_other_colours_comes_first() -> None:
    async with open_tab(FakeDevice(), f"/product/JK101?gtin={PINE_M}") as tab:
        await tab.until(lambda: "similar" in tab.names())
        shown = [tab.words(f"instead-{one}") for one in cards(tab, "instead-")]
        # M in all other colours, then pine in other sizes, then the rest.
        assert [words[0] for words in shown] == [
            "Ochre, M",
            "Navy, M",
            "Clay, M",
            "Pine, XS",
            "Pine, L",
            "Pine, XL",
        ]
        assert shown[1] == ["Navy, M", "€129.00"]
        names = tab.names()
        assert names.index("sold-out") < names.index("similar-same") < names.index("similar")
        assert names.index("similar") < names.index("offer-north-N-0011")
        await tab.tap(f"instead-{NAVY_M}")
        assert tab.words("sums")[0] == "Navy, M"
        assert tab.can_tap("add-to-cart")
        assert "similar-same" not in tab.names()


@pytest.mark.parametrize("form", ["landscape", "portrait", "tall"])
@pytest.mark.parametrize("language", ["de", "ar"])
async def test_it_is_said_in_each_language(form: str, language: str) -> None:
    async with open_tab(FakeDevice(), f"/product/JK101?gtin={PINE_S}", form=form, language=language) as tab:
        await tab.until(lambda: "similar" in tab.names())
        words = [*tab.words("similar-same"), *tab.words("similar")]
        assert len(words) == 2
        assert not {"The same in another colour or size", "Or something like it"} & set(words)
        assert "trouble" not in tab.names()
