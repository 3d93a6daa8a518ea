"""Prices in another currency than the store's: shown, and compared with nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from retail.money import Money
from sync.catalogue import Filters, Shelf
from sync.catalogue.bands import PriceCount
from sync.store.engine import open_engine
from tests.retail.samples import NOW, offer

KEY = bytes(range(32))
PRICES = (("K", 15000, "SEK"), ("E", 1500, "EUR"), ("Y", 1200, "JPY"), ("F", 2000, "EUR"))


def filled(shelf: Shelf) -> Shelf:
    shelf.remember(
        [
            offer(
                number,
                product=product,
                name=f"Zzwidget {product}",
                price=Money(minor, currency),
                shipping=None,
            )
            for number, (product, minor, currency) in enumerate(PRICES, 1)
        ]
    )
    return shelf


@pytest.fixture
def shop(shelf: Shelf) -> Shelf:
    """Two products in euros, one in kronor, one in yen."""
    return filled(shelf)


@pytest.fixture
def swedish(tmp_path: Path) -> Iterator[Shelf]:
    """The same, in a store that sells in kronor."""
    engine = open_engine(tmp_path / "swedish.db", KEY, synchronous="NORMAL")
    yield filled(Shelf(engine, "SEK"))
    engine.dispose()


def found(shelf: Shelf, **narrowing: object) -> list[str]:
    page = shelf.search("zzwidget", NOW, filters=Filters(**narrowing))  # type: ignore[arg-type]
    return sorted(listing.product.id for listing in page.listings)


@pytest.mark.parametrize("text", ["", "zzwidget"])
def test_price_facets_are_of_the_stores_currency(shop: Shelf, text: str) -> None:
    facets = shop.facets(text)

    assert facets.price == (1500, 2000)
    assert facets.prices == (PriceCount(None, 1599, 1), PriceCount(1600, None, 1))
    assert sum(one.count for one in facets.category) == 4


def test_price_filters_look_at_the_stores_currency_alone(shop: Shelf) -> None:
    assert found(shop) == ["E", "F", "K", "Y"]
    assert found(shop, price_from=0) == ["E", "F"]
    assert found(shop, price_to=1500) == ["E"]
    assert found(shop, price_from=1600, price_to=20000) == ["F"]
    assert found(shop, available=True) == ["E", "F", "K", "Y"]


def test_another_store_has_another_currency(swedish: Shelf) -> None:
    assert swedish.facets("").price == swedish.facets("zzwidget").price == (15000, 15000)
    assert found(swedish, price_from=0) == ["K"]


def test_without_a_price_in_the_stores_currency_there_is_no_price_to_narrow_by(shelf: Shelf) -> None:
    shelf.remember([offer(1, name="Zzwidget", price=Money(1500, "JPY"), shipping=None)])

    for text in ("", "zzwidget"):
        assert (shelf.facets(text).price, shelf.facets(text).prices) == (None, ())


def test_a_store_that_changes_its_currency_has_its_facets_in_the_new_one(shop: Shelf) -> None:
    again = Shelf(shop.engine, "SEK")
    assert (again.facets("").price, found(again, price_from=0)) == ((15000, 15000), ["K"])

    back = Shelf(shop.engine, "EUR")
    assert (back.facets("").price, found(back, price_from=0)) == ((1500, 2000), ["E", "F"])


def test_what_is_priced_in_another_currency_still_has_products_like_it(shop: Shelf) -> None:
    assert {one.product.id for one in shop.similar("K")} == {"E", "F", "Y"}
    assert {one.product.id for one in shop.similar("E")} == {"F", "K", "Y"}


def test_a_partners_offer_in_the_stores_currency_stands_for_it(shelf: Shelf) -> None:
    shelf.remember(
        [
            offer(1, product="P", name="Hat", price=Money(900, "SEK"), shipping=None),
            offer(2, product="P", name="Hat", price=Money(5000, "EUR"), shipping=None),
        ]
    )

    (listing,) = shelf.search("hat", NOW).listings
    assert [one.price for one in listing.offers] == [Money(5000, "EUR")]
    whole = shelf.listing("P")
    assert whole is not None
    assert [one.price.currency for one in whole.offers] == ["EUR", "SEK"]
