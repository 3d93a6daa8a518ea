"""Similar products: the same style first, then what is near; only what can be had and sent."""

from __future__ import annotations

from typing import Any

import pytest

from retail.money import Money
from retail.offer import Offer
from sync.catalogue import Shelf, similar
from sync.catalogue.likeness import alike, signature_of, style_of
from sync.catalogue.settle import Telling
from tests.retail.samples import offer


def thing(number: int, name: str, price: int = 1000, partner: str = "north", **changes: Any) -> Offer:
    about = {"category": "Shirts", "brand": "Fjord", "product": f"p{number}"} | changes
    return offer(number, partner, name=name, price=Money(price, "EUR"), **about)


def names(shelf: Shelf, product: str = "p1", **how: Any) -> list[str]:
    return [one.product.name for one in shelf.similar(product, **how)]


def test_the_same_style_in_another_colour_comes_first_whatever_it_costs(shelf: Shelf) -> None:
    shelf.remember(
        [
            thing(1, "Linen shirt navy", options={"colour": "Navy"}),
            thing(2, "Linen shirt ochre", 3000, options={"colour": "Ochre"}),
            thing(3, "Silk shirt navy", options={"colour": "Navy"}),
            thing(4, "Shirt linen RED", 900, options={"colour": "red"}),
            thing(5, "Linen shirt ochre", options={"colour": "Ochre"}, brand="Harbour"),
            thing(6, "Linen shirt white", options={"colour": "White"}, available=0),
        ]
    )

    assert names(shelf) == ["Shirt linen RED", "Linen shirt ochre", "Silk shirt navy", "Linen shirt ochre"]
    found = shelf.similar("p1", 3)
    assert [one.product.id for one in found.same] == ["p4", "p2"]
    assert [one.product.id for one in found.near] == ["p3"]
    assert [one.product.id for one in shelf.similar("p1", 1)] == ["p4"]


def test_then_words_and_attributes_brand_and_price_count(shelf: Shelf) -> None:
    shelf.remember(
        [
            thing(1, "Linen summer shirt", attributes={"material": "linen"}),
            thing(2, "Shirt one", brand="Other", attributes={"material": "linen"}),
            thing(3, "Shirt two", brand="Other"),
            thing(4, "Shirt three"),
            thing(5, "Linen summer shirt, long", brand="Other"),
            thing(6, "Shirt four", 9000, brand="Other"),
        ]
    )

    assert names(shelf) == ["Shirt three", "Linen summer shirt, long", "Shirt one", "Shirt two", "Shirt four"]
    assert names(shelf, limit=2) == ["Shirt three", "Linen summer shirt, long"]


def test_only_what_one_of_these_partners_can_send(shelf: Shelf) -> None:
    shelf.remember(
        [
            thing(1, "Linen shirt"),
            thing(2, "Wool shirt", partner="berg"),
            thing(3, "Silk shirt", available=0),
            thing(3, "Silk shirt", partner="berg"),
            thing(4, "Cord shirt"),
        ]
    )

    assert sorted(names(shelf)) == ["Cord shirt", "Silk shirt", "Wool shirt"]
    assert names(shelf, partners={"north"}) == ["Cord shirt"]
    assert sorted(names(shelf, partners={"berg"})) == ["Silk shirt", "Wool shirt"]
    shelf.show_only({"north"})
    assert names(shelf) == ["Cord shirt"]
    assert names(shelf, partners={"north", "berg"}) == ["Cord shirt"]


def test_nothing_of_another_category_and_never_the_thing_itself(shelf: Shelf) -> None:
    shelf.remember([thing(1, "Linen shirt"), thing(2, "Linen shirt", category="Hats")])

    assert names(shelf) == []
    assert names(shelf, "nothing") == []


def test_a_large_category_is_looked_at_around_the_price(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similar, "LOOKED_AT", 2)
    shelf.remember([thing(number, f"Shirt {number}", 100 * number, brand="") for number in range(1, 12)])

    assert sorted(names(shelf, "p6", limit=10)) == ["Shirt 4", "Shirt 5", "Shirt 7", "Shirt 8"]


def test_a_style_is_the_name_without_the_products_own_options() -> None:
    def style(name: str, *options: str, brand: str = "Fjord") -> int:
        return style_of(Telling(name, brand, "Shirts", "", ""), options)

    assert style("Crème shirt, Navy", "navy") == style("creme SHIRT ochre", "Ochre", "M")
    assert style("Linen shirt", "M") != style("Linen shirt", "M", brand="Harbour")
    assert style("Linen shirt navy") != style("Linen shirt ochre")


def test_signatures_say_how_alike_two_products_are() -> None:
    def signature(name: str, attributes: str = "") -> int:
        return signature_of(Telling(name, "", "", "", attributes))

    linen = signature("Linen shirt", '{"material": "linen"}')
    assert alike(linen, linen) == 1.0
    assert alike(linen, signature("Linen shirt")) > alike(linen, signature("Shirt")) > 0
    assert alike(0, 0) == 0.0
    assert 0 <= linen < 2**63
