"""What is found can be narrowed: by what products are, and by what one variant of them has all at once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from retail.money import Money
from sync.catalogue import EVERYTHING, FacetCount, Facets, Filters, Shelf, ranking
from sync.catalogue import facets as counting
from tests.retail.samples import NOW, offer


def variant(
    number: int, product: str, name: str, size: str, colour: str, partner: str = "north", **changes: object
) -> object:
    options = {"Größe" if partner == "berg" else "size": size, "color": colour}
    values = {"brand": "Harbour", "category": "Shirts", **changes}
    return offer(
        number, partner, product=product, name=name, options={k: v for k, v in options.items() if v}, **values
    )


@pytest.fixture
def shop(shelf: Shelf) -> Shelf:
    """Two shirts and a hat at two partners."""
    offers: Sequence[object] = [
        variant(1, "A", "Linen shirt", "M", "White", price=Money(5000, "EUR")),
        variant(2, "A", "Linen shirt", "L", "Navy", price=Money(7000, "EUR")),
        variant(3, "A", "Linen shirt", "L", "Navy", "berg", price=Money(6000, "EUR"), available=0),
        variant(4, "B", "Wool shirt", "m", "navy", price=Money(9000, "EUR"), brand="Fjord"),
        variant(5, "B", "Wool shirt", "XS", "navy", "berg", price=Money(9000, "EUR"), brand="Fjord"),
        variant(6, "C", "Wool hat", "", "Navy", price=Money(2000, "EUR"), brand="Fjord", category="Hats"),
    ]
    shelf.remember(offers)  # type: ignore[arg-type]
    return shelf


def found(shelf: Shelf, text: str, **narrowing: object) -> list[str]:
    page = shelf.search(text, NOW, filters=Filters(**narrowing))  # type: ignore[arg-type]
    assert page.total == len(page.listings)
    assert page.exact_total
    return sorted(listing.product.id for listing in page.listings)


@pytest.mark.parametrize("few", [0, 100])
@pytest.mark.parametrize(
    ("text", "narrowing", "products"),
    [
        ("shirt", {}, "AB"),
        ("", {}, "ABC"),
        ("shirt", {"size": "M"}, "AB"),
        ("shirt", {"colour": "NAVY"}, "AB"),
        ("shirt", {"size": "M", "colour": "navy"}, "B"),  # A has both, but not in one
        ("", {"size": "M", "colour": "navy"}, "B"),
        ("shirt", {"partner": "berg"}, "AB"),
        ("shirt", {"partner": "berg", "size": "M"}, ""),
        ("shirt", {"partner": "berg", "size": "xs"}, "B"),
        ("shirt", {"partner": "berg", "available": True}, "B"),
        ("wool", {"category": "Hats"}, "C"),
        ("wool", {"category": "hats"}, ""),
        ("", {"category": "Hats", "brand": "fjord"}, "C"),
        ("", {"brand": "FJORD"}, "BC"),
        ("", {"price_to": 5000}, "AC"),
        ("", {"price_from": 5001, "price_to": 7000}, "A"),
        ("shirt", {"price_to": 5000, "colour": "navy"}, ""),
        ("shirt", {"size": "XXL"}, ""),
        ("", {"size": "XXL"}, ""),
        ("shrit", {"size": "XS"}, "B"),
        ("hat shirt", {}, ""),
    ],
)
def test_products_are_narrowed_to_those_of_which_one_variant_has_everything(
    shop: Shelf,
    monkeypatch: pytest.MonkeyPatch,
    few: int,
    text: str,
    narrowing: dict[str, object],
    products: str,
) -> None:
    monkeypatch.setattr(ranking, "FEW", few)

    assert found(shop, text, **narrowing) == list(products)


def test_of_very_many_only_those_seen_to_have_everything_are_counted(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "FEW", 3)
    monkeypatch.setattr(ranking, "LOOKED_AT", 10)
    prices = [Money(1000 if number % 5 else 5000, "EUR") for number in range(20)]
    shelf.remember([offer(number, name=f"Shirt {number}", price=prices[number]) for number in range(1, 20)])

    page = shelf.search("shirt", NOW, filters=Filters(price_from=2000))

    assert (len(page.listings), page.total, page.exact_total) == (2, 2, False)


def test_nothing_is_corrected_because_a_filter_leaves_nothing(shelf: Shelf) -> None:
    shelf.remember([offer(1, name="Skirt"), offer(2, name="Shirt", category="Hats")])

    page = shelf.search("skirt", NOW, filters=Filters(category="Hats"))

    assert (page.listings, page.total, page.corrected, dict(page.categories)) == ((), 0, None, {"": 1})


WHOLE = Facets(
    category=(FacetCount("Shirts", 2), FacetCount("Hats", 1)),
    brand=(FacetCount("Fjord", 2), FacetCount("Harbour", 1)),
    size=(FacetCount("XS", 1), FacetCount("M", 2), FacetCount("L", 1)),
    colour=(FacetCount("Navy", 3), FacetCount("White", 1)),
    partner=(FacetCount("north", 3), FacetCount("berg", 2)),
    price=(2000, 9000),
)


def lowered(one: Facets) -> Facets:
    """With colours and sizes however they are written: two products write them differently."""

    def lower(counts: Sequence[FacetCount]) -> tuple[FacetCount, ...]:
        return tuple(FacetCount(count.value.lower(), count.count) for count in counts)

    return Facets(
        one.category, one.brand, lower(one.size), lower(one.colour), one.partner, one.price, one.approximate
    )


def test_the_whole_catalogue_has_facets_with_counts(shop: Shelf) -> None:
    assert lowered(shop.facets("")) == lowered(WHOLE)
    assert lowered(shop.facets("", EVERYTHING)) == lowered(WHOLE)


@pytest.mark.parametrize("few", [0, 100])
def test_facets_count_what_is_found(shop: Shelf, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(ranking, "FEW", few)

    facets = lowered(shop.facets("shirts"))

    assert facets == lowered(
        Facets(
            category=(FacetCount("Shirts", 2),),
            brand=(FacetCount("Fjord", 1), FacetCount("Harbour", 1)),
            size=(FacetCount("XS", 1), FacetCount("M", 2), FacetCount("L", 1)),
            colour=(FacetCount("Navy", 2), FacetCount("White", 1)),
            partner=(FacetCount("berg", 2), FacetCount("north", 2)),
            price=(5000, 9000),
        )
    )
    assert shop.facets("unicornish") == Facets()


def test_a_facet_is_counted_without_its_own_filter(shop: Shelf) -> None:
    facets = lowered(shop.facets("shirt", Filters(colour="Navy", size="M")))

    assert facets.size == (FacetCount("xs", 1), FacetCount("m", 1), FacetCount("l", 1))
    assert facets.colour == (FacetCount("navy", 1), FacetCount("white", 1))
    assert facets.brand == (FacetCount("Fjord", 1),)
    assert facets.price == (9000, 9000)
    assert shop.facets("", Filters(price_to=3000)).price == (2000, 9000)
    assert shop.facets("", Filters(price_to=3000)).brand == (FacetCount("Fjord", 1),)


def test_of_very_many_the_counts_are_estimated_and_that_is_said(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "LOOKED_AT", 40)
    monkeypatch.setattr(ranking, "FEW", 10)
    shelf.remember([offer(number, name=f"Shirt {number}", category="Shirts") for number in range(1, 201)])

    facets = shelf.facets("shirt")

    assert facets.approximate
    assert facets.category == (FacetCount("Shirts", 200),)
    assert not shelf.facets("").approximate


def test_what_comes_back_at_every_so_many_products_is_estimated_too(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "LOOKED_AT", 40)
    colours = ("Navy", "White", "Sand", "Plum", "Moss", "Teal")
    shelf.remember(
        [
            variant(number, f"P{number}", "Shirt", "M", colours[number % 6])  # type: ignore[misc]
            for number in range(1, 601)
        ]
    )

    for colour in colours:  # a hundred of each
        facets = shelf.facets(colour)
        assert facets.approximate
        assert (facets.category, facets.colour) == ((FacetCount("Shirts", 100),), (FacetCount(colour, 100),))


def test_counts_follow_what_changes(shop: Shelf) -> None:
    shop.remember([variant(6, "C", "Wool hat", "", "White", brand="Harbour", category="Caps")])  # type: ignore[list-item]

    facets = lowered(shop.facets(""))

    assert facets.category == (FacetCount("Shirts", 2), FacetCount("Caps", 1))
    assert facets.brand == (FacetCount("Harbour", 2), FacetCount("Fjord", 1))
    assert facets.colour == (FacetCount("navy", 2), FacetCount("white", 2))
    assert dict(shop.search("", NOW).categories) == {"Shirts": 2, "Caps": 1}
