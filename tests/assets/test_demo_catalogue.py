"""The demo catalogue holds what a shop would believe: right numbers, offers that compete, pictures for all of it."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageStat

from assets.tools import make_catalogue, make_pictures
from assets.tools.products import read_products
from retail.gtin import Gtin

DEMO = Path(__file__).resolve().parents[2] / "assets" / "demo"
PARTNERS = {"north": "Nordic Outfitters", "berg": "Bergmann & Sohn", "atelier": "Atelier Direct"}


def load(name: str) -> Any:
    return json.loads((DEMO / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def products() -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = load("products.json")
    return loaded


@pytest.fixture(scope="module")
def variants(products: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Every variant by its GTIN, with its product's code."""
    return {v["gtin"]: v | {"product": p["product"]} for p in products for v in p["variants"]}


@pytest.fixture(scope="module")
def offers() -> dict[str, dict[str, dict[str, Any]]]:
    """What is offered, by GTIN and then by partner."""
    out: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for partner in PARTNERS:
        for item in load(f"partner-{partner}.json")["items"]:
            out[item["gtin"]][partner] = item
    return out


def test_there_is_enough_to_search_in(products: list[dict[str, Any]]) -> None:
    assert len(products) == 242
    assert sum(len(p["variants"]) for p in products) == 1598
    assert Counter(p["category"] for p in products) == {
        "Apparel": 61,
        "Home": 51,
        "Accessories": 37,
        "Footwear": 32,
        "Kids": 31,
        "Outdoor": 30,
    }
    assert len({p["brand"] for p in products}) == 22


def test_codes_and_names_are_given_once(products: list[dict[str, Any]]) -> None:
    assert [code for code, n in Counter(p["product"] for p in products).items() if n > 1] == []
    assert [name for name, n in Counter(p["name"] for p in products).items() if n > 1] == []


def test_every_gtin_is_right_and_names_one_variant(products: list[dict[str, Any]]) -> None:
    gtins = [v["gtin"] for p in products for v in p["variants"]]
    wrong = [
        g for g in gtins if sum(int(d) * (1, 3)[n % 2 == 0] for n, d in enumerate(g)) % 10 or len(g) != 14
    ]
    assert wrong == []
    assert [g for g in gtins if Gtin(g) != g] == []
    assert len(set(gtins)) == len(gtins)


def test_short_codes_are_among_them(variants: dict[str, dict[str, Any]]) -> None:
    lengths = Counter(len(gtin.lstrip("0")) for gtin in variants)
    assert set(lengths) == {8, 12, 13}
    assert lengths[8] == 10
    assert lengths[12] > 50


def test_a_variant_is_told_by_its_options(products: list[dict[str, Any]]) -> None:
    for product in products:
        choices = {
            name: [value["name"] for value in values] if name == "colour" else values
            for name, values in product["options"].items()
        }
        combinations = 1
        for values in choices.values():
            combinations *= len(values)
        chosen = {tuple(v["options"].items()) for v in product["variants"]}
        assert len(chosen) == len(product["variants"]) == combinations, product["product"]
        assert all(list(v["options"]) == list(choices) for v in product["variants"]), product["product"]
        assert all(
            value in choices[name] for v in product["variants"] for name, value in v["options"].items()
        )


def test_colours_can_be_drawn(products: list[dict[str, Any]]) -> None:
    colours = [c["hex"] for p in products for c in p["options"].get("colour", [])]
    assert [c for c in colours if not re.fullmatch("#[0-9a-f]{6}", c)] == []


def test_options_of_every_kind_are_shown(products: list[dict[str, Any]]) -> None:
    kinds = {frozenset(p["options"]) for p in products}
    assert {frozenset(), frozenset({"colour"}), frozenset({"size"}), frozenset({"colour", "size"})} <= kinds
    assert {name for kind in kinds for name in kind} >= {
        "colour",
        "size",
        "length",
        "capacity",
        "diameter",
        "scent",
    }


@pytest.mark.parametrize("partner", PARTNERS)
def test_a_partner_sells_what_the_catalogue_knows(partner: str, variants: dict[str, dict[str, Any]]) -> None:
    listing = load(f"partner-{partner}.json")
    assert (listing["partner"], listing["name"], listing["currency"]) == (partner, PARTNERS[partner], "EUR")
    items = listing["items"]
    assert len({i["sku"] for i in items}) == len({i["gtin"] for i in items}) == len(items)
    for item in items:
        variant = variants[item["gtin"]]
        assert (item["product"], item["options"], item["picture"]) == (
            variant["product"],
            variant["options"],
            variant["picture"],
        )


@pytest.mark.parametrize("partner", PARTNERS)
def test_prices_stock_and_days_are_whole_numbers(partner: str) -> None:
    for item in load(f"partner-{partner}.json")["items"]:
        numbers = {k: item[k] for k in ("price_minor", "stock", "lead_days", "shipping_minor")}
        assert all(type(n) is int for n in numbers.values()), item
        assert item["price_minor"] > 0, item
        assert item["lead_days"] > 0, item
        assert item["stock"] >= 0, item
        assert item["shipping_minor"] >= 0, item
        assert item["was_minor"] is None or item["was_minor"] > item["price_minor"], item


def test_each_partner_numbers_in_its_own_way() -> None:
    schemes = {
        "north": r"NO-[A-Z]{2}\d{3}(-[A-Z0-9]+)*",
        "berg": r"B-\d{6}",
        "atelier": r"[a-z0-9]+(-[a-z0-9]+)*",
    }
    for partner, scheme in schemes.items():
        skus = [i["sku"] for i in load(f"partner-{partner}.json")["items"]]
        assert [sku for sku in skus if not re.fullmatch(scheme, sku)] == []


def test_offers_compete(
    variants: dict[str, dict[str, Any]], offers: dict[str, dict[str, dict[str, Any]]]
) -> None:
    assert set(offers) == set(variants)
    at_two = [g for g in variants if len(offers[g]) >= 2]
    in_stock_at_two = [g for g in variants if sum(o["stock"] > 0 for o in offers[g].values()) >= 2]
    assert len(at_two) / len(variants) >= 0.7
    assert len(in_stock_at_two) / len(variants) >= 0.6
    cheapest = Counter(
        min(offers[g].values(), key=lambda o: o["price_minor"] + o["shipping_minor"])["sku"][0]
        for g in at_two
    )
    assert cheapest["N"] > 100
    assert cheapest["B"] > 100
    assert sum(n for letter, n in cheapest.items() if letter.islower()) > 100


def test_there_are_sold_out_and_nearly_sold_out_things(offers: dict[str, dict[str, dict[str, Any]]]) -> None:
    best = {gtin: max(o["stock"] for o in of.values()) for gtin, of in offers.items()}
    assert sum(stock == 0 for stock in best.values()) >= 50
    assert sum(0 < stock <= 3 for stock in best.values()) >= 100
    assert sum(len(of) == 1 for of in offers.values()) >= 100


def test_the_rain_jacket_is_as_the_design_shows_it(
    products: list[dict[str, Any]], offers: dict[str, dict[str, dict[str, Any]]]
) -> None:
    jacket = products[0]
    assert (jacket["product"], jacket["name"], jacket["brand"]) == ("JK101", "Alder rain jacket", "Norrland")
    gtin = {(v["options"]["colour"], v["options"]["size"]): v["gtin"] for v in jacket["variants"]}
    ochre = offers[gtin["Ochre", "M"]]
    assert {p: (o["price_minor"], o["shipping_minor"], o["lead_days"]) for p, o in ochre.items()} == {
        "north": (12900, 0, 3),
        "berg": (12490, 590, 4),
        "atelier": (13400, 0, 9),
    }
    assert ochre["atelier"]["stock"] == 2
    gone = {key for key, number in gtin.items() if all(o["stock"] == 0 for o in offers[number].values())}
    assert gone == {
        ("Ochre", "XS"),
        ("Pine", "S"),
        ("Pine", "M"),
        ("Navy", "XL"),
        ("Clay", "XS"),
        ("Clay", "S"),
        ("Clay", "XL"),
    }
    few = {key for key, number in gtin.items() if 0 < max(o["stock"] for o in offers[number].values()) <= 3}
    assert few == {("Ochre", "XL"), ("Navy", "S"), ("Clay", "M")}


def test_every_picture_is_there_and_none_is_left_over(products: list[dict[str, Any]]) -> None:
    fronts = {v["picture"] for p in products for v in p["variants"]}
    views = {name.replace(".webp", f"-{view}.webp") for name in fronts for view in ("detail", "scene")}
    files = {f.name for f in (DEMO / "pictures").iterdir()}
    assert files == fronts | views | {"placeholder.webp"}


def test_pictures_are_small_webp_files() -> None:
    files = list((DEMO / "pictures").iterdir())
    assert sum(f.stat().st_size for f in files) <= 9_000_000
    for file in files:
        with Image.open(file) as picture:
            assert picture.format == "WEBP", file.name
            assert picture.size == ((320, 320) if file.stem.endswith(("detail", "scene")) else (600, 600)), (
                file.name
            )


def test_the_files_are_what_the_table_gives() -> None:
    """Who edits ``products.psv`` and forgets to run the script sees it here."""
    products = read_products()
    numbers = make_catalogue.gtins(products)
    assert load("products.json") == [make_catalogue.product_entry(p, numbers) for p in products]
    for seller in make_catalogue.SELLERS:
        items = list(make_catalogue.partner_items(seller, products, numbers))
        assert load(f"partner-{seller.partner}.json")["items"] == items


def test_a_picture_is_what_the_shapes_give() -> None:
    lamp = next(p for p in read_products() if p.code == "LP301")
    for name, drawn in make_pictures.pictures(lamp):
        with Image.open(DEMO / "pictures" / name) as kept:
            apart = ImageStat.Stat(ImageChops.difference(kept.convert("RGB"), drawn)).mean
        assert max(apart) < 2, f"{name} is {apart} levels of 255 away from what the script draws"
