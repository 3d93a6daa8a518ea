"""The cart: limits, undo, sums."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail.cart import Cart
from retail.money import Money
from tests.retail.samples import offer


def test_the_same_offer_twice_is_one_line() -> None:
    cart = Cart().add(offer(1)).add(offer(2)).add(offer(1), 2)

    assert [(line.offer.sku, line.quantity) for line in cart.lines] == [("north-1", 3), ("north-2", 1)]
    assert cart.count() == 4
    assert cart.goods() == Money(4 * 4990, "EUR")


def test_the_same_thing_at_two_partners_is_two_lines() -> None:
    cart = Cart().add(offer(1, "north")).add(offer(1, "east"))

    assert [line.offer.partner for line in cart.lines] == ["north", "east"]


def test_a_quantity_is_at_most_what_the_partner_has() -> None:
    cart = Cart().add(offer(1, available=3), 7)
    assert cart.lines[0].quantity == 3
    assert cart.add(offer(1, available=3)).lines[0].quantity == 3
    assert cart.change(0, 9).lines[0].quantity == 3
    assert Cart().add(offer(1, available=500), 500).lines[0].quantity == 99


def test_newer_news_of_an_offer_replaces_the_old() -> None:
    cart = Cart().add(offer(1)).add(offer(1, price=Money(100, "EUR")))

    assert cart.goods() == Money(200, "EUR")


def test_a_change_leaves_the_old_cart_as_it_was() -> None:
    before = Cart().add(offer(1)).add(offer(2))

    after = before.change(0, 0)

    assert [line.offer.sku for line in after.lines] == ["north-2"]
    assert before.count() == 2


def test_what_cannot_be_sold_is_refused_in_words() -> None:
    full = Cart()
    for number in range(1, 51):
        full = full.add(offer(number))

    with pytest.raises(ValueError, match="sold out"):
        Cart().add(offer(1, available=0))
    with pytest.raises(ValueError, match="holds 50"):
        full.add(offer(51))
    with pytest.raises(ValueError, match="different currencies"):
        full.change(0, 0).add(offer(50, price=Money(1, "USD"), shipping=None))
    assert full.add(offer(49)).count() == 51


def test_an_empty_cart_has_no_sum() -> None:
    assert Cart().goods() is None
    assert Cart().count() == 0


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(-3, 120), st.integers(0, 120)), max_size=30))
def test_whatever_is_done_to_it_a_cart_can_be_ordered(steps: list[tuple[int, int, int]]) -> None:
    cart = Cart()
    for number, quantity, available in steps:
        if available == 0 and cart.lines:
            cart = cart.change(number % len(cart.lines), quantity)
        elif available:
            cart = cart.add(offer(number, available=available), quantity)

    goods = sum(line.offer.price.minor * line.quantity for line in cart.lines)
    assert all(1 <= line.quantity <= min(99, line.offer.available) for line in cart.lines)
    assert len({(line.offer.partner, line.offer.sku) for line in cart.lines}) == len(cart.lines)
    assert cart.goods() == (Money(goods, "EUR") if cart.lines else None)
