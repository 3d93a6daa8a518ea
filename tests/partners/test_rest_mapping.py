"""What is wrong with a mapping is told in plain words; what its expressions compute is exact."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.contract import PartnerRecord
from partners.rest.expression import BadExpression, read
from partners.rest.mapping import check_mapping
from partners.simulator.record import simulator_record
from retail.money import CURRENCIES, Money

NORTH = simulator_record("north", "North", "http://127.0.0.1:8001", "A")
Spoil = Callable[[dict[str, Any]], object]


def spoilt(spoil: Spoil, record: PartnerRecord = NORTH) -> PartnerRecord:
    mapping: dict[str, Any] = copy.deepcopy(dict(record.mapping))
    spoil(mapping)
    return replace(record, mapping=mapping)


@pytest.mark.parametrize("kind", ["A", "B", "C"])
def test_the_simulators_mapping_is_in_order(kind: Any) -> None:
    assert check_mapping(simulator_record("north", "North", "http://127.0.0.1:1", kind)) == []
    assert (
        check_mapping(simulator_record("north", "North", "http://127.0.0.1:1", kind, token="another")) == []
    )


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda m: m.clear(), "there is no mapping"),
        (lambda m: m.update(version=2), "it is of version 2; this release knows 1: update the program"),
        (lambda m: m.update(version="1"), "version: Input should be 1"),
        (lambda m: m.update(colour="red"), "colour: is not known here"),
        (lambda m: m.pop("refusal"), "refusal: is missing"),
        (lambda m: m["operations"].pop("place"), "operations.place is missing"),
        (lambda m: m["operations"].pop("look_up"), "operations.look_up is missing"),
        (
            lambda m: m["operations"].update(fax=m["operations"]["place"]),
            "operations.fax: there is no such operation",
        ),
        (lambda m: m["forms"].pop("order"), "forms.order is missing"),
        (
            lambda m: m["forms"].update(order="{reference: orderNumber"),
            "forms.order: not a JMESPath expression: at character 24",
        ),
        (
            lambda m: m["forms"].update(offer="to_cents(a)"),
            "forms.offer: not a JMESPath expression: there is no function to_cents()",
        ),
        (lambda m: m["forms"].update(offer="to_minor(a)"), "to_minor() takes 2 values, not 1"),
        (lambda m: m["forms"].update(offer=""), "forms.offer: not a JMESPath expression"),
        (lambda m: m["forms"].update(offer=7), "forms.offer: an expression is text"),
        (lambda m: m["forms"].update(offer="(" * 3000), "forms.offer: not a JMESPath expression"),
        (lambda m: m["forms"].update(offer="a" * 9000), "more than 8000 characters"),
        (lambda m: m["forms"].update(parcel="@"), "forms.parcel: there is no such form"),
        (
            lambda m: m["operations"]["find_sku"].update(path="/api/items/{code}"),
            "operations.find_sku.path: nothing is known as {code} here; there is sku",
        ),
        (
            lambda m: m["operations"]["find_sku"].update(path="/api/items"),
            "operations.find_sku never uses sku",
        ),
        (lambda m: m["operations"]["find_gtin"].pop("query"), "operations.find_gtin never uses gtin"),
        (
            lambda m: m["operations"]["look_up"].update(query={"q": "reference"}),
            "operations.look_up never uses key",
        ),
        (
            lambda m: m["operations"]["search"].update(path="api/items"),
            "operations.search.path: a path starts with one /",
        ),
        (
            lambda m: m["operations"]["search"].update(path="//evil/items"),
            "operations.search.path: a path starts with one /",
        ),
        (
            lambda m: m["operations"]["search"].update(path="/a/../b"),
            "operations.search.path: a path starts with one /",
        ),
        (
            lambda m: m["operations"]["search"].update(path="/a/{sku"),
            "operations.search.path: a { or } too many",
        ),
        (
            lambda m: m["operations"]["search"].update(method="get"),
            "operations.search.method: Input should be 'GET'",
        ),
        (lambda m: m["operations"]["search"].update(body="@"), "operations.search.body: a GET has no body"),
        (
            lambda m: m["operations"]["place"].update(headers={}, body="order.number"),
            "operations.place never uses order.key",
        ),
        (
            lambda m: m["auth"].update(format="Bearer {secret}"),
            "auth.format uses {secret}, but the record names no credential",
        ),
        (
            lambda m: m["reasons"].update(X="Sold out!"),
            "reasons.X: 'Sold out!' is no code; one looks like sold_out",
        ),
        (lambda m: m["statuses"].update(X="lost"), "statuses.X: Input should be 'accepted', 'shipped'"),
        (lambda m: m.update(statuses={}), "statuses is empty"),
    ],
)
def test_what_is_wrong_with_a_mapping_is_told(spoil: Spoil, says: str) -> None:
    problems = check_mapping(spoilt(spoil))
    assert [problem for problem in problems if says in problem], problems


def test_everything_that_is_wrong_is_told_at_once() -> None:
    def spoil(mapping: dict[str, Any]) -> None:
        mapping["operations"].pop("status")
        mapping["forms"].pop("quote")
        mapping["reasons"]["X"] = "No!"

    assert check_mapping(spoilt(spoil)) == [
        "operations.status is missing",
        "forms.quote is missing",
        "reasons.X: 'No!' is no code; one looks like sold_out",
    ]


def test_a_credential_that_is_never_used_is_told() -> None:
    record = replace(NORTH, credential="partner-north")
    assert check_mapping(record) == ["auth.format never uses {secret}, though the record names a credential"]


def test_what_a_partner_cannot_do_needs_no_operation() -> None:
    able = replace(NORTH.capabilities, ordering_class="C", can_look_up=False, cancel=False)

    def spoil(mapping: dict[str, Any]) -> None:
        for name in ("look_up", "cancel", "similar"):
            mapping["operations"].pop(name)

    assert check_mapping(spoilt(spoil, replace(NORTH, capabilities=able))) == []


@pytest.mark.parametrize(
    ("expression", "data", "value"),
    [
        ("to_minor(a, 'EUR')", {"a": "129.00"}, 12900),
        ("to_minor(a, 'EUR')", {"a": "129.000"}, 12900),
        ("to_minor(a, 'EUR')", {"a": 19.99}, 1999),
        ("to_minor(a, 'EUR')", {"a": 1e3}, 100000),
        ("to_minor(a, 'JPY')", {"a": "1980"}, 1980),
        ("to_minor(a, 'KWD')", {"a": "1.234"}, 1234),
        ("to_minor(a, 'EUR')", {"a": None}, None),
        ("to_minor(a, c)", {"a": "-0.50", "c": "EUR"}, -50),
        ("from_minor(a, 'EUR')", {"a": 12900}, "129.00"),
        ("from_minor(a, 'JPY')", {"a": 1980}, "1980"),
        ("gtin14(a)", {"a": "4006381333931"}, "04006381333931"),
        ("gtin_short(a)", {"a": "04006381333931"}, "4006381333931"),
        (
            "options(a, 'n', 'v')",
            {"a": [{"n": "size", "v": "M"}, {"n": "colour", "v": "Navy"}]},
            {"size": "M", "colour": "Navy"},
        ),
        ("concat(a, ' ', b, c)", {"a": "x", "b": None, "c": 1}, "x 1"),
        ("whole(a)", {"a": "5.0"}, 5),
        ("whole(a)", {"a": 5}, 5),
        ("minus(a, b)", {"a": 5, "b": 2}, 3),
        ("day(a)", {"a": "2026-03-01T10:00:00Z"}, "2026-03-01"),
        ("a.b[0]", {"a": {"b": [1]}}, 1),
    ],
)
def test_an_expression_computes_exactly(expression: str, data: Any, value: Any) -> None:
    found = read(expression).search(data)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("expression", "data"),
    [
        ("to_minor(a, 'EUR')", {"a": "129.005"}),
        ("to_minor(a, 'EUR')", {"a": "12,90"}),
        ("to_minor(a, 'EUR')", {"a": "NaN"}),
        ("to_minor(a, 'EUR')", {"a": "1e99"}),
        ("to_minor(a, 'EUR')", {"a": "1e999999999999"}),
        ("to_minor(a, 'EURO')", {"a": "1"}),
        ("to_minor(a, b)", {"a": "1"}),
        ("to_minor(a, 'EUR')", {"a": True}),
        ("gtin14(a)", {"a": "4006381333932"}),
        ("gtin14(a)", {"a": 4006381333931}),
        ("options(a, 'n', 'v')", {"a": [{"n": "size"}]}),
        ("options(a, 'n', 'v')", {"a": [1]}),
        ("options(a, 'n', 'v')", {"a": [{"n": ["x"], "v": 1}]}),
        ("options(a, 'n', 'v')", {"a": [{"n": "x", "v": 1}, {"n": "x", "v": 2}]}),
        ("whole(a)", {"a": 5.5}),
        ("whole(a)", {"a": "many"}),
        ("a > b", {"a": 1, "b": "x"}),
        ("sort_by(@, &a)", [1]),
        ("sum(@)", ["x"]),
    ],
)
def test_what_it_cannot_compute_is_one_kind_of_error_without_the_data(expression: str, data: Any) -> None:
    with pytest.raises(BadExpression) as caught:
        read(expression).search(data)
    for value in data.values() if isinstance(data, dict) else ():
        assert len(str(value)) < 4 or str(value) not in str(caught.value)


@given(st.integers(-(10**15), 10**15), st.sampled_from(sorted(CURRENCIES)))
def test_money_goes_there_and_back(minor: int, currency: str) -> None:
    data = {"minor": minor, "currency": currency}
    text = read("from_minor(minor, currency)").search(data)
    assert text == f"{Money(minor, currency).decimal():f}"
    assert read("to_minor(text, currency)").search({"text": text, "currency": currency}) == minor
