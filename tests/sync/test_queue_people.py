"""The queue's side for people: cancelling, and deciding what the program cannot."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from partners.placing import (
    Booked,
    NeedsConsent,
    NeedsPerson,
    NotSent,
    NotThere,
    Outcome,
    Refused,
    Sent,
    Unknown,
)
from retail.order import PartnerOrder
from retail.status import OrderStatus
from sync.queue import OrderQueue
from tests.retail.samples import NOW
from tests.sync.queueing import SECOND, S, books, put, record, sending, settle, status, take, taken

# -- cancelling --------------------------------------------------------------------------------------------


def test_what_was_certainly_not_sent_is_cancelled_here(queue: OrderQueue) -> None:
    put(queue, "o1", ("north", 1, 100), ("east", 1, 100))

    assert queue.cancel("o1", NOW) == ()

    assert record(queue).status() is OrderStatus.CANCELLED
    assert take(queue) is None


def test_a_cancelled_order_is_not_sent_by_who_had_just_claimed_it(queue: OrderQueue) -> None:
    put(queue)
    claim = taken(queue)

    queue.cancel("o1", NOW)

    assert queue.about_to_send(claim, NOW) is None
    assert status(queue) is S.CANCELLED


def test_what_may_have_been_sent_is_left_to_ask_for(queue: OrderQueue) -> None:
    put(queue, "o1", ("north", 1, 100), ("east", 1, 100), ("south", 1, 100), ("west", 1, 100))
    placing = sending(queue, "a")
    settle(queue, Unknown("no_answer", 5.0))
    accepted = sending(queue, "b")
    queue.record(accepted, Booked(books(accepted)), NOW)

    left = queue.cancel("o1", NOW)

    assert [(state.key, state.status()) for state in left] == [
        (placing.order.key, S.PLACING),
        (record(queue).partner_orders[1].key, S.UNKNOWN),
        (accepted.order.key, S.ACCEPTED),
    ]
    assert [state.status() for state in record(queue).states] == [
        S.PLACING,
        S.UNKNOWN,
        S.ACCEPTED,
        S.CANCELLED,
    ]


def test_what_was_sent_again_after_an_unknown_outcome_is_not_cancelled_here(queue: OrderQueue) -> None:
    put(queue)
    settle(queue, Unknown("no_answer"))
    settle(queue, NotSent("unreachable", 5.0), NOW + 60 * SECOND)

    (left,) = queue.cancel("o1", NOW)

    assert left.status() is S.UNKNOWN


def test_what_the_oms_places_is_for_the_oms_to_cancel(queue: OrderQueue) -> None:
    put(queue, "o1", ("north", 1, 100), north="oms")

    (left,) = queue.cancel("o1", NOW)

    assert left.status() is S.QUEUED
    assert status(queue) is S.QUEUED


def test_what_is_delivered_is_left_and_what_is_over_is_not(queue: OrderQueue) -> None:
    put(queue, "o1", ("north", 1, 100), ("east", 1, 100))
    delivered = sending(queue)
    queue.record(delivered, Booked(books(delivered, state="delivered")), NOW)
    settle(queue, Refused("sold_out"))

    (left,) = queue.cancel("o1", NOW)

    assert left.status() is S.DELIVERED


# -- deciding ----------------------------------------------------------------------------------------------


def wants_a_person(queue: OrderQueue) -> PartnerOrder:
    put(queue)
    settle(queue, NeedsPerson("outcome_unknown"))
    return record(queue).partner_orders[0]


def test_a_person_found_it_in_the_partners_books(queue: OrderQueue, engine: Engine) -> None:
    part = wants_a_person(queue)

    state = queue.decide(part.key, "placed", NOW, by="mia", reference="R-9")

    assert state == record(queue).states[0]
    assert (state.status(), state.reference, state.reason) == (S.ACCEPTED, "R-9", None)
    assert state.lines[0].accepted == 2
    assert taken(queue).mode == "follow"
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT who, what, about FROM journal")).all()
    assert [tuple(row) for row in rows] == [("mia", "decided: placed", part.key)]


def test_a_person_found_that_it_is_not_there(queue: OrderQueue) -> None:
    part = wants_a_person(queue)

    queue.decide(part.key, "not placed", NOW, by="mia")

    assert status(queue) is S.QUEUED
    assert taken(queue).sent == Sent()


def test_a_person_cancels(queue: OrderQueue) -> None:
    part = wants_a_person(queue)

    queue.decide(part.key, "cancelled", NOW, by="mia")

    assert record(queue).status() is OrderStatus.CANCELLED
    assert take(queue) is None


def test_a_decision_while_a_worker_asks_is_the_last_word(queue: OrderQueue) -> None:
    put(queue)
    settle(queue, Unknown("no_answer", 0.0))
    asking = taken(queue)

    queue.decide(asking.order.key, "cancelled", NOW, by="mia")

    assert queue.record(asking, NotThere(), NOW) is None
    assert status(queue) is S.CANCELLED


@pytest.mark.parametrize("decision", ["placed", "not placed", "cancelled"])
@pytest.mark.parametrize("outcome", [None, Refused("sold_out"), NotSent("unreachable", 5.0)], ids=str)
def test_only_what_waits_for_a_person_can_be_decided(
    queue: OrderQueue, decision: str, outcome: Outcome | None
) -> None:
    put(queue)
    if outcome:
        settle(queue, outcome)
    before = record(queue)

    with pytest.raises(ValueError, match="does not wait for that decision"):
        queue.decide(before.states[0].key, decision, NOW, by="mia", reference="R")  # type: ignore[arg-type]
    assert record(queue) == before


def test_what_needs_consent_was_certainly_not_placed(queue: OrderQueue) -> None:
    put(queue)
    settle(queue, NeedsConsent("price_changed"))
    key = record(queue).states[0].key

    with pytest.raises(ValueError, match="does not wait for that decision"):
        queue.decide(key, "placed", NOW, by="mia", reference="R")
    queue.decide(key, "cancelled", NOW, by="mia")
    assert status(queue) is S.CANCELLED


def test_an_accepted_one_can_only_be_cancelled(queue: OrderQueue) -> None:
    put(queue)
    claim = sending(queue)
    queue.record(claim, Booked(books(claim)), NOW)

    with pytest.raises(ValueError, match="does not wait"):
        queue.decide(claim.order.key, "not placed", NOW, by="mia")
    queue.decide(claim.order.key, "cancelled", NOW, by="partner")
    assert status(queue) is S.CANCELLED


def test_a_decision_needs_what_it_needs(queue: OrderQueue) -> None:
    part = wants_a_person(queue)

    with pytest.raises(ValueError, match="order number"):
        queue.decide(part.key, "placed", NOW, by="mia")
    with pytest.raises(LookupError):
        queue.decide("nothing", "cancelled", NOW, by="mia")


def test_who_waits_for_a_person_is_listed_oldest_first(queue: OrderQueue) -> None:
    for number, outcome in enumerate(
        (NeedsPerson("a"), Booked, NeedsConsent("b"), Unknown("c"), Refused("d")), 1
    ):
        put(queue, f"o{number}")
        claim = sending(queue)
        queue.record(claim, outcome(books(claim)) if outcome is Booked else outcome, NOW)  # type: ignore[arg-type]

    waiting = queue.orders(needs_person=True)

    assert [found.order.id for found in waiting] == ["o1", "o3", "o4"]
    assert [found.order.id for found in queue.orders()] == ["o5", "o4", "o3", "o2", "o1"]
    assert [found.order.id for found in queue.orders(limit=2, offset=1)] == ["o4", "o3"]
