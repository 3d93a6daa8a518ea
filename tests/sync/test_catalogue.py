"""The remembered catalogue: loaded whole or gone on with, found by words, harmless whatever is typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from partners.contract import OfferPage
from retail.errors import BadResponse, Unreachable
from retail.gtin import Gtin
from retail.money import Money
from retail.offer import Offer
from sync.catalogue import Filters, Shelf, Similar, load, ranking
from sync.store.engine import open_engine
from tests.retail.samples import NOW, gtin, offer
from tests.sync.conftest import KEY

LATER = NOW + timedelta(hours=1)


class Pages:
    """A partner whose catalogue comes in pages of ``size``, and breaks off when told to."""

    def __init__(self, partner: str, offers: Sequence[Offer], size: int = 2) -> None:
        self.partner_id = partner
        self.offers = list(offers)
        self.size = size
        self.cursors: list[str | None] = []
        self.breaks_at: dict[str | None, Exception] = {}

    async def search(self, text: str, *, limit: int = 24, cursor: str | None = None) -> OfferPage:
        assert text == ""
        self.cursors.append(cursor)
        if cursor in self.breaks_at:
            raise self.breaks_at.pop(cursor)
        start = int(cursor or 0)
        end = start + self.size
        return OfferPage(tuple(self.offers[start:end]), str(end) if end < len(self.offers) else None)


async def fill(shelf: Shelf, *pages: Pages, now: object = NOW) -> None:
    for page in pages:
        await load(shelf.engine, page, now)  # type: ignore[arg-type]


def names(shelf: Shelf, text: str, **how: object) -> list[str]:
    return [listing.product.name for listing in shelf.search(text, NOW, **how).listings]  # type: ignore[arg-type]


def thing(number: int, name: str, partner: str = "north", **changes: object) -> Offer:
    return offer(number, partner, name=name, product=f"p{number}", **changes)


# -- loading -----------------------------------------------------------------------------------------------


async def test_everything_is_loaded_page_by_page(shelf: Shelf) -> None:
    partner = Pages("north", [offer(number) for number in range(1, 8)])
    heard: list[int] = []

    count = await load(shelf.engine, partner, NOW, heard.append)  # type: ignore[arg-type]

    assert count == 7
    assert heard == [2, 4, 6, 7]
    assert partner.cursors == [None, "2", "4", "6"]
    assert shelf.counts() == (7, 7)
    assert shelf.loaded_at("north") == NOW
    assert shelf.by_gtin(gtin(3)) == (offer(3),)


async def test_an_interrupted_load_goes_on_where_it_stopped_and_keeps_the_old_offers(shelf: Shelf) -> None:
    old = Pages("north", [offer(number, price=Money(100, "EUR")) for number in range(1, 7)])
    await fill(shelf, old)
    new = Pages("north", [offer(number, price=Money(200, "EUR")) for number in range(2, 8)])
    new.breaks_at["4"] = Unreachable("gone")

    with pytest.raises(Unreachable):
        await load(shelf.engine, new, LATER)  # type: ignore[arg-type]

    prices = {o.sku: o.price.minor for number in range(1, 8) for o in shelf.by_gtin(gtin(number))}
    assert prices == {"north-1": 100, **{f"north-{n}": 200 for n in (2, 3, 4, 5)}, "north-6": 100}
    assert shelf.loaded_at("north") == NOW

    assert await load(shelf.engine, new, LATER) == 6  # type: ignore[arg-type]
    assert new.cursors == [None, "2", "4", "4"]
    assert shelf.by_gtin(gtin(1)) == ()
    assert shelf.counts() == (6, 6)
    assert shelf.search("Shirt 1", NOW).relaxed == ("1",)
    assert shelf.loaded_at("north") == LATER


async def test_a_load_killed_half_way_is_resumed_by_another_process(shelf: Shelf, tmp_path: Path) -> None:
    partner = Pages("north", [offer(number) for number in range(1, 7)])
    partner.breaks_at["2"] = KeyboardInterrupt()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        await load(shelf.engine, partner, NOW)  # type: ignore[arg-type]

    engine = open_engine(tmp_path / "catalogue.db", KEY, synchronous="NORMAL")
    again = Shelf(engine)
    assert await load(engine, partner, NOW) == 6  # type: ignore[arg-type]
    assert again.counts() == (6, 6)
    assert partner.cursors == [None, "2", "2", "4"]
    engine.dispose()


async def test_a_place_that_the_partner_has_forgotten_means_starting_anew(shelf: Shelf) -> None:
    partner = Pages("north", [offer(number) for number in range(1, 7)])
    partner.breaks_at["4"] = BadResponse("cursor expired")

    with pytest.raises(BadResponse):
        await load(shelf.engine, partner, NOW)  # type: ignore[arg-type]
    assert await load(shelf.engine, partner, NOW) == 6  # type: ignore[arg-type]

    assert partner.cursors == [None, "2", "4", None, "2", "4"]


async def test_what_one_partner_no_longer_has_others_may_still_have(shelf: Shelf) -> None:
    await fill(
        shelf, Pages("north", [offer(1), offer(2)]), Pages("east", [offer(1, "east"), offer(2, "east")])
    )

    await fill(shelf, Pages("north", [offer(2)]))

    assert [o.partner for o in shelf.by_gtin(gtin(1))] == ["east"]
    assert shelf.counts() == (2, 3)
    assert names(shelf, "shirt") == ["Shirt 1", "Shirt 2"]


async def test_a_product_is_described_by_whoever_still_offers_it(shelf: Shelf) -> None:
    await fill(shelf, Pages("north", [thing(1, "New name")]), Pages("east", [thing(1, "Other name", "east")]))
    assert names(shelf, "other") == names(shelf, "new") == ["Other name"]
    assert [o.name for o in shelf.by_gtin(gtin(1))] == ["Other name", "New name"]

    await fill(shelf, Pages("east", []))

    assert names(shelf, "other") == []
    assert names(shelf, "new") == ["New name"]


async def test_a_renamed_product_is_found_by_its_new_name_only(shelf: Shelf) -> None:
    await fill(shelf, Pages("north", [thing(1, "Linen shirt", category="Shirts")]))
    await fill(shelf, Pages("north", [thing(1, "Cotton blouse", category="Blouses")]))

    assert names(shelf, "linen") == names(shelf, "shirts") == []
    assert names(shelf, "cotton") == names(shelf, "blouses") == ["Cotton blouse"]
    assert shelf.search("cotton", NOW).categories == {"Blouses": 1}
    assert shelf.search("", NOW).categories == {"Blouses": 1}


async def test_a_sku_that_now_means_another_product_leaves_the_old_one(shelf: Shelf) -> None:
    await fill(shelf, Pages("north", [thing(1, "Lamp"), thing(2, "Mug")]))
    moved = replace(thing(2, "Mug"), sku="north-1")

    shelf.remember([moved])

    assert names(shelf, "lamp") == []
    assert shelf.counts() == (1, 2)
    assert [o.product for o in shelf.by_sku("north-1")] == ["p2"]


async def test_a_live_answer_replaces_what_was_known(shelf: Shelf) -> None:
    await fill(shelf, Pages("north", [offer(1), offer(2)]))

    shelf.remember([offer(1, available=0, as_of=LATER)])

    assert shelf.by_gtin(gtin(1)) == (offer(1, available=0, as_of=LATER),)
    assert names(shelf, "shirt") == ["Shirt 2", "Shirt 1"]
    shelf.remember([])
    assert shelf.counts() == (2, 2)


# -- looking up ---------------------------------------------------------------------------------------------


async def test_an_offer_comes_back_as_it_was_but_for_its_pictures_host(shelf: Shelf) -> None:
    whole = offer(
        1,
        options={"size": "M", "colour": "Öl"},
        swatch="#c58b2a",
        was=Money(5990, "EUR"),
        picture="https://north.example/1.jpg",
        brand="Fjord",
        category="Shirts",
        description="…",
    )
    bare = offer(2, shipping=None, ships_by=None)
    free = offer(3, shipping=Money(0, "EUR"))

    shelf.remember([whole, bare, free])

    assert shelf.by_sku("north-1") == (replace(whole, picture="north/1.jpg"),)
    assert shelf.by_sku("north-2") == (bare,)
    assert shelf.by_sku("north-3") == (free,), (
        "free delivery is not the same as delivery that nobody knows yet"
    )
    assert shelf.by_sku("nothing") == shelf.by_gtin(gtin(9)) == ()


def test_every_product_number_is_known_once_and_in_order(shelf: Shelf) -> None:
    shelf.remember([offer(3), offer(1), offer(2, available=0), offer(1, "east")])

    assert list(shelf.gtins()) == sorted(int(gtin(number)) for number in (1, 2, 3))
    assert shelf.gtins().typecode == "Q"
    assert shelf.knows(gtin(2))
    assert not shelf.knows(gtin(4))


def test_offers_are_ranked_best_first(shelf: Shelf) -> None:
    dear, cheap, gone = offer(1, "a", price=Money(900, "EUR")), offer(1, "b"), offer(1, "c", available=0)
    shelf.remember([gone, cheap, dear])

    assert [o.partner for o in shelf.by_gtin(gtin(1))] == ["a", "b", "c"]


def test_one_sku_may_mean_two_things(shelf: Shelf) -> None:
    shelf.remember([replace(thing(1, "Lamp"), sku="X"), replace(thing(2, "Mug", "east"), sku="X")])

    assert {o.product for o in shelf.by_sku("X")} == {"p1", "p2"}


def test_a_listing_has_its_variants_in_order_of_size(shelf: Shelf) -> None:
    sizes = ["XL", "S", "42", "M", "9,5", "10²", "L", "One"]
    shelf.remember(
        [
            replace(offer(number), product="p", options={"size": size}, swatch=None)
            for number, size in enumerate(sizes, 1)
        ]
    )

    listing = shelf.listing("p")

    assert listing is not None
    found = [variant.options["size"] for variant in listing.product.variants]
    assert found == ["S", "M", "L", "XL", "9,5", "42", "10²", "One"]
    assert len(listing.offers) == 8
    assert shelf.listing("nothing") is None


@pytest.mark.parametrize("option", ["colour", "Color", "Farbe", "couleur", "COLORIS", "اللون", "カラー"])
def test_a_swatch_belongs_to_the_colour_in_whatever_language_that_is_called(
    shelf: Shelf, option: str
) -> None:
    shelf.remember([offer(1, product="p", options={"size": "M", option: "Ochre"}, swatch="#c58b2a")])

    listing = shelf.listing("p")

    assert listing is not None
    assert listing.product.swatches == {"Ochre": "#c58b2a"}


def test_similar_products_can_be_had_and_are_near_in_price(shelf: Shelf) -> None:
    shelf.remember(
        [
            thing(1, "This", category="Shirts", brand="Fjord", price=Money(1000, "EUR")),
            thing(2, "Same brand, dear", category="Shirts", brand="Fjord", price=Money(9000, "EUR")),
            thing(3, "Near", category="Shirts", brand="Other", price=Money(1100, "EUR")),
            thing(4, "Far", category="Shirts", brand="Other", price=Money(3000, "EUR")),
            thing(5, "Nearest", category="Shirts", brand="Other", price=Money(950, "EUR")),
            thing(6, "Sold out", category="Shirts", brand="Fjord", price=Money(1000, "EUR"), available=0),
            thing(7, "Other category", category="Hats", brand="Fjord", price=Money(1000, "EUR")),
        ]
    )

    found = [listing.product.name for listing in shelf.similar("p1")]

    assert found == ["Nearest", "Near", "Far", "Same brand, dear"]
    assert [listing.product.name for listing in shelf.similar("p1", 2)] == ["Nearest", "Near"]
    assert shelf.similar("nothing") == Similar()


# -- searching ----------------------------------------------------------------------------------------------


@pytest.fixture
def shop(shelf: Shelf) -> Shelf:
    """A few things in two categories at two partners."""
    shelf.remember(
        [
            thing(1, "Linen shirt", category="Shirts", brand="Harbour", options={"colour": "Ochre"}),
            thing(1, "Linen shirt", "east", category="Shirts", price=Money(100, "EUR")),
            thing(2, "Crème brûlée dish", category="Kitchen", brand="Søn"),
            thing(3, "Shirt dress", category="Dresses", brand="Linen & Co"),
            thing(4, "Linen shirt, striped", category="Shirts", available=0),
            thing(5, "シャツ 麻", category="シャツ"),
        ]
    )
    return shelf


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("linen shirt", ["Linen shirt", "Linen shirt, striped", "Shirt dress"]),
        ("SHIRT Linen", ["Linen shirt", "Linen shirt, striped", "Shirt dress"]),
        ("shirt lin", ["Linen shirt", "Linen shirt, striped", "Shirt dress"]),
        ("lin shirt", ["Linen shirt", "Linen shirt, striped", "Shirt dress"]),
        ("creme brulee", ["Crème brûlée dish"]),
        ("CRE\u0300ME", ["Crème brûlée dish"]),
        ("brûl", ["Crème brûlée dish"]),
        ("ochre", ["Linen shirt"]),
        ("harbour", ["Linen shirt"]),
        ("kitchen", ["Crème brûlée dish"]),
        ("シャ", ["シャツ 麻"]),
        ("麻", ["シャツ 麻"]),
        ("north-3", ["Shirt dress"]),
        ("unicorn", []),
    ],
)
def test_word_order_case_accents_and_endings_do_not_matter(shop: Shelf, text: str, found: list[str]) -> None:
    assert names(shop, text) == found


def test_a_gtin_is_found_as_it_is_printed(shop: Shelf) -> None:
    assert names(shop, str(gtin(3))) == names(shop, gtin(3).short) == ["Shirt dress"]


def test_the_counts_are_over_all_matches_whatever_the_category(shop: Shelf) -> None:
    page = shop.search("shirt", NOW, filters=Filters(category="Dresses"), limit=1)

    assert [listing.product.name for listing in page.listings] == ["Shirt dress"]
    assert (page.total, page.categories) == (1, {"Shirts": 2, "Dresses": 1})
    assert shop.search("shirt", NOW, limit=1).total == 3
    assert shop.search("shirt", NOW, filters=Filters(category="Nowhere")).listings == ()
    assert shop.search("", NOW).categories == {"Shirts": 2, "Kitchen": 1, "Dresses": 1, "シャツ": 1}
    assert shop.search("🙂 !", NOW).total == 5


def test_a_preview_has_the_best_offer_of_each_partner(shop: Shelf) -> None:
    first = shop.search("linen", NOW).listings[0]

    assert [(o.partner, o.price.minor) for o in first.offers] == [("east", 100), ("north", 4990)]


def test_pages_follow_each_other(shop: Shelf) -> None:
    for text in ("", "shirt"):
        whole = names(shop, text)
        assert [name for offset in range(6) for name in names(shop, text, limit=1, offset=offset)] == whole


def test_how_old_the_oldest_answer_is_is_said(shop: Shelf) -> None:
    assert shop.search("", NOW).as_of == NOW
    assert not shop.search("", NOW + timedelta(minutes=15)).stale
    assert shop.search("", NOW + timedelta(minutes=16)).stale
    assert shop.search("", NOW - timedelta(days=1)).stale
    assert shop.search("unicorn", NOW).as_of is None


@pytest.mark.parametrize("most", [3, 100])
def test_matches_in_the_name_come_first_then_those_in_the_brand_however_many_there_are(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(ranking, "FEW", most)
    shelf.remember(
        [
            thing(1, "Mug", category="Linen"),
            thing(2, "Linen napkin", available=0),
            thing(3, "Lamp", brand="Linen", available=0),
            thing(4, "Table linen"),
            thing(5, "Bag", options={"stuff": "linen"}),
        ]
    )

    whole = ["Table linen", "Linen napkin", "Lamp", "Mug", "Bag"]
    assert names(shelf, "linen") == whole
    assert [name for offset in range(6) for name in names(shelf, "linen", limit=1, offset=offset)] == whole
    assert names(shelf, "linen", filters=Filters(category="")) == [
        "Table linen",
        "Linen napkin",
        "Lamp",
        "Bag",
    ]


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    engine = open_engine(tmp_path_factory.mktemp("busy") / "catalogue.db", KEY, synchronous="NORMAL")
    shelf = Shelf(engine)
    shelf.remember(
        [thing(number, name) for number, name in enumerate(("Linen shirt", "Or not", "Near mug"), 1)]
    )
    yield shelf
    engine.dispose()


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(text=st.text(max_size=80))
@example(text='"')
@example(text='linen" OR "x')
@example(text="NEAR(linen shirt, 2)")
@example(text="name : linen")
@example(text="-linen AND NOT *")
@example(text="linen^2 + 'shirt'; DROP TABLE products; --")
@example(text="\x00linen\x00")
@example(text="\ud800")
@example(text="x" * 5000)
@example(text="a " * 5000)
@example(text="½ ² \u0e31 \U0001e922")
def test_whatever_is_typed_is_only_searched_for(busy: Shelf, text: str) -> None:
    page = busy.search(text, NOW)

    assert page.total == sum(page.categories.values()) >= len(page.listings)
    assert busy.counts() == (3, 3)


def test_operators_are_words(busy: Shelf) -> None:
    assert names(busy, "or not") == ["Or not"]
    assert names(busy, "near") == ["Near mug"]
    page = busy.search("linen OR mug", NOW)  # as a sentence: the thing, without what follows a small word
    assert ([one.product.name for one in page.listings], page.relaxed) == (["Linen shirt"], ("or", "mug"))
    assert names(busy, "linen mug") == []


def test_an_older_layout_is_dropped_and_loaded_anew(shelf: Shelf, engine: Engine) -> None:
    shelf.remember([offer(1)])
    with shelf.engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA user_version = 1")

    again = Shelf(shelf.engine)

    assert again.counts() == (0, 0)
    assert again.loaded_at("north") is None


def test_a_gtin_stays_one(shelf: Shelf) -> None:
    shelf.remember([offer(1)])

    assert type(shelf.by_sku("north-1")[0].gtin) is Gtin


async def test_a_price_that_changes_keeps_a_variants_words_and_picture(shelf: Shelf) -> None:
    north = offer(1, partner="north", sku="n", options={"size": "M"}, picture="/n.png")
    berg = replace(north, partner="berg", sku="b", options={"Size": "m"}, picture="/b.png")
    for cheaper in (north, berg):
        changed = [replace(one, price=Money(100, "EUR")) if one is cheaper else one for one in (north, berg)]
        shelf.remember(changed)
        listing = shelf.listing(north.product)
        assert listing is not None
        assert listing.offers[0].partner == cheaper.partner
        (variant,) = listing.product.variants
        assert (variant.options, variant.picture) == ({"Size": "m"}, "berg/b.png")
