"""Orders: sums by construction, partner orders that add up, strict JSON, digests."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retail.money import Money
from retail.order import Order, OrderLine, PartnerOrder, Payment, Shipping, partner_orders
from retail.strict import digest, from_json, to_data, to_json
from tests.retail.samples import gtin, order, orders


@settings(max_examples=80)
@given(orders())
def test_partner_orders_add_up_to_the_order(whole: Order) -> None:
    parts = partner_orders(whole, {"east": "oms"})

    assert sum(part.total.minor for part in parts) == whole.total.minor
    assert {part.total.currency for part in parts} == {whole.total.currency}
    assert sum(part.shipping.minor for part in parts) == whole.freight().minor
    assert sorted(line.line for part in parts for line in part.lines) == sorted(
        line.id for line in whole.lines
    )
    assert tuple(part.partner for part in parts) == whole.partners()
    assert len({part.key for part in parts}) == len(parts)
    for part in parts:
        assert part.placed_by == ("oms" if part.partner == "east" else whole.device)
        assert part.customer == whole.customer
        for line in part.lines:
            (ordered,) = (one for one in whole.lines if one.id == line.line)
            assert (line.sku, line.gtin, line.quantity, line.price) == (
                ordered.sku,
                ordered.gtin,
                ordered.quantity,
                ordered.price,
            )


def test_partner_orders_are_numbered_and_keyed() -> None:
    parts = partner_orders(order(("north", 1, 100), ("east", 2, 50), ("north", 1, 10)), {}, ["k1", "k2"])

    assert [(part.key, part.number, part.partner, part.total.minor) for part in parts] == [
        ("k1", "S1-1001-1", "north", 600),
        ("k2", "S1-1001-2", "east", 590),
    ]


@settings(max_examples=80)
@given(orders())
def test_json_and_back_is_the_same_order_with_the_same_digest(whole: Order) -> None:
    text = to_json(whole)

    back = from_json(Order, text)

    assert back == whole
    assert to_json(back) == text
    assert digest(back) == digest(whole)
    for part in partner_orders(whole, {}):
        assert from_json(PartnerOrder, to_json(part)) == part


@settings(max_examples=40)
@given(orders(), st.data())
def test_any_other_value_is_another_digest(whole: Order, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([field.name for field in fields(Order)]))
    other = data.draw(orders())

    try:
        changed = replace(whole, **{name: getattr(other, name)})
    except ValueError:  # its sums do not hold
        return
    assert (digest(changed) == digest(whole)) is (changed == whole)


def test_the_digest_is_the_same_everywhere_and_for_ever() -> None:
    line = OrderLine(
        "l1", "north", "N-1", gtin(7), "シャツ", 2, Money(4990, "EUR"), {"size": "M", "colour": "Öl"}
    )
    stored = replace(
        order(order_id="o1"),
        lines=(line,),
        shipping=(Shipping("north", Money(490, "EUR")),),
    )

    assert digest(stored) == "8595228349e3c084577faefd351d255fe2087a36da21a195345395d406124ab7"


@pytest.mark.parametrize(
    "change",
    [
        {"total": Money(1, "EUR")},
        {"total": Money(10470, "USD")},
        {"payments": ()},
        {"payments": (Payment("till", "T-1", Money(10469, "EUR")),)},
        {"payments": (Payment("till", "T-1", Money(10470, "USD")),)},
        {"shipping": ()},
        {"shipping": (Shipping("east", Money(490, "EUR")),)},
        {"shipping": (Shipping("north", Money(490, "EUR")), Shipping("north", Money(0, "EUR")))},
        {"lines": ()},
        {"created_at": datetime(2026, 3, 14)},  # noqa: DTZ001
    ],
)
def test_an_order_that_does_not_add_up_cannot_be_made(change: dict[str, Any]) -> None:
    whole = order()
    assert whole.total == Money(10470, "EUR")

    with pytest.raises(ValueError, match=r"negative|add up|added|once|lines|aware"):
        replace(whole, **change)


@pytest.mark.parametrize("quantity", [0, -1, 100])
def test_quantities_are_1_to_99(quantity: int) -> None:
    with pytest.raises(ValueError, match="1 to 99"):
        replace(order().lines[0], quantity=quantity)


def test_nothing_in_an_order_is_negative() -> None:
    minus = Money(-1, "EUR")
    part = partner_orders(order(), {})[0]

    for wrong in (
        lambda: replace(order().lines[0], price=minus),
        lambda: Shipping("north", minus),
        lambda: Payment("till", "T-1", minus),
        lambda: replace(part, shipping=minus, total=Money(9979, "EUR")),
        lambda: replace(part, lines=(), total=part.shipping),
        lambda: replace(part, lines=part.lines * 2, total=Money(2 * 9980 + 490, "EUR")),
        lambda: replace(part, total=part.total + Money(1, "EUR")),
    ):
        with pytest.raises(ValueError, match=r"negative|add up|added|once|lines|aware"):
            wrong()


def test_lines_and_pieces_are_limited() -> None:
    with pytest.raises(ValueError, match="1 to 50"):
        order(*[("north", 1, 1)] * 51)
    one = order().lines[0]
    with pytest.raises(ValueError, match="same id"):
        replace(order(), lines=(one, one))


def places(data: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of every object in JSON."""
    if isinstance(data, dict):
        inner = [place for name, value in data.items() for place in places(value, (*path, name))]
        return inner if path and path[-1] == "options" else [path, *inner]
    if isinstance(data, list):
        return [place for index, value in enumerate(data) for place in places(value, (*path, index))]
    return []


@pytest.mark.parametrize("path", places(to_data(order())))
def test_an_unknown_field_is_refused_at_every_depth(path: tuple[str | int, ...]) -> None:
    data = to_data(order())
    inner = data
    for step in path:
        inner = inner[step]
    inner["price_minor"] = 0

    with pytest.raises(ValueError, match="price_minor"):
        from_json(Order, json.dumps(data))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"minor":490', '"minor":false'),
        ('"minor":490', '"minor":"490"'),
        ('"minor":490', '"minor":490.0'),
        ('"quantity":2', '"quantity":true'),
        ('"quantity":2', '"quantity":"2"'),
        ('"number":"S1-1001"', '"number":1001'),
        ('"associate":null', '"associate":false'),
        ('"method":"till"', '"method":"cash"'),
        ('"created_at":"2026-03-14T09:26:53.589793Z"', '"created_at":1773480413'),
        ('"created_at":"2026-03-14T09:26:53.589793Z"', '"created_at":"2026-03-14T09:26:53"'),
        ('"gtin":"00000000000017"', '"gtin":"00000000000018"'),
        ('"gtin":"00000000000017"', '"gtin":17'),
    ],
)
def test_false_is_not_0_and_text_is_no_number(old: str, new: str) -> None:
    text = to_json(order())
    assert old in text

    with pytest.raises(ValueError, match="Order"):
        from_json(Order, text.replace(old, new))
