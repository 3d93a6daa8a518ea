"""Choosing a variant, whatever its options are called."""

from __future__ import annotations

from collections.abc import Mapping

import flet as ft

from kiosk.components.badges import Stock, stock_of
from kiosk.components.variant_grid import VariantGrid, axes, nearest
from kiosk.guard import component
from kiosk.session import Session
from kiosk.ui import Ui
from retail.gtin import Gtin
from retail.offer import Product, Variant
from tests.kiosk.driver import Tab, connect
from tests.kiosk.fake_device import FakeDevice, gtin


def product(*options: Mapping[str, str]) -> Product:
    """A product with one variant for each of ``options``."""
    variants = tuple(Variant(gtin(n), each) for n, each in enumerate(options))
    return Product("P", "Thing", variants=variants, swatches={"Pine": "#2f5d50"})


async def drawn(thing: Product, stock: Mapping[Gtin, Stock], picked: list[Gtin]) -> Tab:
    """The grid of ``thing`` in a tab, its first variant chosen."""
    nothing = lambda *_: None  # noqa: E731
    ui = Ui(1280, 800, False, "en", False, nothing, nothing, nothing)

    @component
    def whole() -> ft.Control:
        return VariantGrid(ui, thing, stock, thing.variants[0].gtin, picked.append)

    def start(page: ft.Page) -> Session:
        page.render(whole)
        return Session(FakeDevice())

    tab: Tab
    async with connect(start) as tab:
        for name in tab.names():
            if tab.can_tap(name):
                await tab.tap(name)
        return tab


def test_options_are_kept_in_display_order() -> None:
    thing = product({"Size": "M", "Colour": "Pine"}, {"Size": "L", "Colour": "Pine"})
    assert axes(thing) == {"Size": ("M", "L"), "Colour": ("Pine",)}


async def test_two_options_are_a_grid_with_the_coloured_one_down() -> None:
    thing = product(
        {"Size": "M", "Colour": "Pine"}, {"Size": "L", "Colour": "Pine"}, {"Size": "M", "Colour": "Ink"}
    )
    picked: list[Gtin] = []
    tab = await drawn(thing, {gtin(0): "in", gtin(1): "none", gtin(2): "few"}, picked)
    assert tab.names() == ["variant-Pine-M", "variant-Pine-L", "variant-Ink-M", "variant-Ink-L"]
    # What no partner has, and what does not exist, cannot be pressed.
    assert picked == [gtin(0), gtin(2)]


async def test_three_options_are_a_row_each_and_keep_what_can_be_kept() -> None:
    thing = product(
        {"Colour": "Pine", "Length": "32", "Waist": "30"},
        {"Colour": "Pine", "Length": "34", "Waist": "30"},
        {"Colour": "Ink", "Length": "32", "Waist": "30"},
        {"Colour": "Ink", "Length": "34", "Waist": "32"},
    )
    picked: list[Gtin] = []
    tab = await drawn(thing, {gtin(0): "in", gtin(1): "in", gtin(2): "none", gtin(3): "in"}, picked)
    assert [name for name in tab.names() if name.startswith("variant-Colour")] == [
        "variant-Colour-Pine",
        "variant-Colour-Ink",
    ]
    # Pine, then Ink: with length 32 it cannot be had, so the one that can is taken; 32, 34; 30, 32.
    assert picked == [gtin(0), gtin(3), gtin(0), gtin(1), gtin(0), gtin(3)]


async def test_one_variant_leaves_nothing_to_choose() -> None:
    tab = await drawn(product({"Colour": "Pine"}), {gtin(0): "in"}, [])
    assert tab.names() == []


def test_the_nearest_variant_keeps_the_other_choices() -> None:
    thing = product({"A": "1", "B": "1"}, {"A": "2", "B": "2"}, {"A": "2", "B": "1"})
    found = nearest(thing, {"B": "1"}, "A", "2")
    assert found is not None
    assert found.gtin == gtin(2)
    assert nearest(thing, {}, "A", "3") is None


def test_stock_has_four_words() -> None:
    offers = {offer.available: offer for offer in FakeDevice().listings["JK101"].offers}
    assert {count: stock_of(offer) for count, offer in offers.items()} == {0: "none", 2: "few", 12: "in"}
    assert stock_of(offers[12], stale=True) == "old"
    assert stock_of(None) == "none"
