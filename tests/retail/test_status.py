"""Where things stand: the table never goes backwards, news may come in any order, an order's status is computed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retail.status import (
    FINAL,
    TRANSITIONS,
    WAITING,
    LineState,
    LineStatus,
    OrderStatus,
    PartnerOrderState,
    Shipment,
    merge,
    move,
    order_status,
)
from retail.strict import from_json, to_json
from tests.retail.samples import NOW

S = LineStatus
Order = OrderStatus
STATUSES = st.sampled_from(list(S))
# How far a line is on its way to the customer; none of it can be taken back but by an ending.
SAID = {S.ACCEPTED: 1, S.BACKORDERED: 1, S.SHIPPED: 2, S.DELIVERED: 3}


@given(STATUSES, st.lists(STATUSES, max_size=30))
def test_a_line_never_goes_back_behind_what_the_partner_has_said(start: S, news: list[S]) -> None:
    current = start
    for status in news:
        after = move(current, status)

        assert after in (current, status)
        if current in FINAL:
            assert after is current
        if current in SAID:
            assert SAID.get(after, 9) >= SAID[current]
        if current in (S.SHIPPED, S.DELIVERED):
            assert after in (S.SHIPPED, S.DELIVERED)
        current = after


@pytest.mark.parametrize("status", list(S))
def test_every_status_has_its_row_and_leads_to_an_end(status: S) -> None:
    reached, more = {status}, {status}
    while more:
        more = {onward for one in more for onward in TRANSITIONS[one]} - reached
        reached |= more

    assert reached & FINAL
    assert status not in TRANSITIONS[status]
    assert (status in WAITING) is (status not in SAID and status not in FINAL)


def test_the_ends() -> None:
    assert {S.DELIVERED, S.REJECTED, S.CANCELLED} == FINAL


# -- merging -----------------------------------------------------------------------------------------------


@st.composite
def histories(draw: st.DrawFn) -> list[PartnerOrderState]:
    """What one owner wrote of one partner order: steps of the table, counts that grow, parcels that get known."""
    lines = tuple(LineState(f"l{index}", S.QUEUED) for index in range(draw(st.integers(1, 3))))
    state = PartnerOrderState("k", 1, lines, NOW)
    history = [state]
    for revision in range(2, draw(st.integers(2, 8))):
        moved = tuple(
            LineState(
                line.line,
                move(line.status, draw(STATUSES)),
                line.accepted + draw(st.integers(0, 2)),
                line.shipped + draw(st.integers(0, 1)),
                line.refused + draw(st.integers(0, 1)),
                line.promised or draw(st.none() | st.dates(date(2026, 1, 1), date(2026, 2, 1))),
                draw(st.none() | st.sampled_from(["sold_out", "no_answer"])),
            )
            for line in state.lines
        )
        parcels = {parcel.id: parcel for parcel in state.shipments}
        for name in draw(st.sets(st.sampled_from(["p1", "p2", "p3"]))):
            old = parcels.get(name, Shipment(name, (("l0", 1),)))
            parcels[name] = replace(
                old,
                tracking=old.tracking or draw(st.sampled_from(["", f"T-{name}"])),
                carrier=old.carrier or draw(st.sampled_from(["", "NordPost"])),
                shipped_at=old.shipped_at or draw(st.none() | st.just(NOW)),
                delivered_at=old.delivered_at or draw(st.none() | st.just(NOW)),
            )
        state = PartnerOrderState(
            "k",
            revision,
            moved,
            NOW + timedelta(seconds=revision),
            state.reference or draw(st.none() | st.just("R-1")),
            tuple(parcels[name] for name in sorted(parcels)),
            state.attempts + draw(st.integers(0, 1)),
            draw(st.none() | st.just("no_answer")),
        )
        history.append(state)
    return history


@settings(max_examples=100)
@given(histories(), st.data())
def test_news_in_any_order_and_however_often_ends_in_the_same_state(
    history: list[PartnerOrderState], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(history), max_size=4))
    heard = data.draw(st.permutations([*history, *again]))

    current: PartnerOrderState | None = None
    for news in heard:
        before, current = current, merge(current, news)
        assert before is None or current.revision >= before.revision
        assert merge(current, news) == current

    assert current == history[-1]


@settings(max_examples=50)
@given(histories(), st.data())
def test_what_was_missed_does_not_matter_once_the_last_news_is_there(
    history: list[PartnerOrderState], data: st.DataObject
) -> None:
    current: PartnerOrderState | None = None
    for news in [*data.draw(st.lists(st.sampled_from(history))), history[-1]]:
        current = merge(current, news)

    assert current == history[-1]


def state(revision: int, status: S, **changes: object) -> PartnerOrderState:
    return PartnerOrderState("k", revision, (LineState("l", status),), NOW, **changes)  # type: ignore[arg-type]


def test_what_a_partner_said_is_not_taken_back_by_later_news() -> None:
    shipped = PartnerOrderState(
        "k", 5, (LineState("l", S.SHIPPED, accepted=2, shipped=2),), NOW, "R-1", attempts=3
    )

    merged = merge(shipped, state(6, S.UNKNOWN, reason="no_answer"))

    assert merged.lines == (LineState("l", S.SHIPPED, accepted=2, shipped=2),)
    assert (merged.revision, merged.reference, merged.attempts) == (6, "R-1", 3)


def test_tracking_is_merged_and_not_replaced() -> None:
    first = Shipment("p1", (("l", 1),), "NordPost", "T-1", NOW)
    second = Shipment("p2", (("l", 1),), "", "T-2", NOW)
    later = Shipment("p1", (("l", 1),), "", "", None, NOW)

    merged = merge(state(2, S.SHIPPED, shipments=(first,)), state(3, S.SHIPPED, shipments=(later, second)))

    assert merged.shipments == (replace(first, delivered_at=NOW), second)


def test_news_of_another_partner_order_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="another partner order"):
        merge(state(1, S.QUEUED), replace(state(2, S.PLACING), key="other"))


def test_the_status_of_a_partner_order_is_that_of_its_line_which_is_least_far() -> None:
    two = replace(state(1, S.SHIPPED), lines=(LineState("a", S.SHIPPED), LineState("b", S.ACCEPTED)))

    assert two.status() is S.ACCEPTED
    assert state(1, S.DELIVERED).status() is S.DELIVERED


def test_json_and_back() -> None:
    whole = state(7, S.SHIPPED, shipments=(Shipment("p1", (("l", 1),), "NordPost", "T-1", NOW),))

    assert from_json(PartnerOrderState, to_json(whole)) == whole
    with pytest.raises(ValueError, match="revision"):
        from_json(PartnerOrderState, to_json(whole).replace('"revision":7', '"revision":true'))


# -- the order's own status --------------------------------------------------------------------------------

ALL = [frozenset(found) for size in range(1, len(S) + 1) for found in combinations(S, size)]
# What a customer is told, from nothing happened to all is there.
WAY = [
    Order.AWAITING_PAYMENT,
    Order.QUEUED,
    Order.PLACING,
    Order.PARTLY_PLACED,
    Order.PLACED,
    Order.PARTLY_SHIPPED,
    Order.SHIPPED,
    Order.DELIVERED,
]


def test_every_combination_of_lines_has_a_status() -> None:
    assert len(ALL) == 4095
    assert {order_status(lines) for lines in ALL} == set(Order)


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ({S.QUEUED}, Order.QUEUED),
        ({S.QUEUED, S.PLACING}, Order.PLACING),
        ({S.UNKNOWN}, Order.PLACING),
        ({S.QUEUED, S.ACCEPTED}, Order.PARTLY_PLACED),
        ({S.ACCEPTED, S.BACKORDERED}, Order.PLACED),
        ({S.ACCEPTED, S.REJECTED}, Order.PLACED),
        ({S.ACCEPTED, S.SHIPPED}, Order.PARTLY_SHIPPED),
        ({S.QUEUED, S.DELIVERED}, Order.PARTLY_SHIPPED),
        ({S.SHIPPED, S.DELIVERED}, Order.SHIPPED),
        ({S.DELIVERED, S.CANCELLED}, Order.DELIVERED),
        ({S.REJECTED, S.CANCELLED}, Order.REJECTED),
        ({S.CANCELLED}, Order.CANCELLED),
        ({S.NEEDS_PERSON, S.SHIPPED}, Order.NEEDS_ATTENTION),
        ({S.NEEDS_CONSENT}, Order.NEEDS_ATTENTION),
        ({S.AWAITING_PAYMENT, S.NEEDS_PERSON}, Order.AWAITING_PAYMENT),
    ],
)
def test_a_customer_is_told_no_more_than_every_line_allows(lines: set[S], status: Order) -> None:
    assert order_status(lines) is status


def test_a_line_that_gets_further_never_makes_the_order_look_less_far() -> None:
    ladder = [S.QUEUED, S.PLACING, S.ACCEPTED, S.SHIPPED, S.DELIVERED]
    calm = [lines for lines in ALL if not lines & {S.NEEDS_PERSON, S.NEEDS_CONSENT, S.AWAITING_PAYMENT}]
    for others in [*calm, frozenset[S]()]:
        seen = [WAY.index(order_status(others | {step})) for step in ladder]
        assert seen == sorted(seen), others


def test_ended_lines_do_not_count_while_others_live() -> None:
    for lines in ALL:
        live = lines - {S.REJECTED, S.CANCELLED}
        if live:
            assert order_status(lines) is order_status(live)


def test_an_order_without_lines_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="has lines"):
        order_status([])
