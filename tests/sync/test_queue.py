"""The queue: what was acknowledged is placed exactly once, whatever dies when and however many work on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from partners.contract import LineAnswer, Placed
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
from retail.money import Money
from retail.status import LineState, LineStatus, OrderStatus, Shipment
from sync.queue import LEASE, OrderQueue
from tests.retail.samples import NOW, order
from tests.sync.processes import together
from tests.sync.queueing import SECOND, STEADY, S, books, put, record, sending, settle, status, take, taken

# -- placing -----------------------------------------------------------------------------------------------


def test_an_order_is_stored_with_its_partner_orders(queue: OrderQueue) -> None:
    made = put(queue, "o1", ("north", 2, 4990), ("east", 1, 100), ("north", 1, 50))

    found = record(queue)
    assert found.order == made
    assert (made.id, made.number) == ("o1", "S1-1001")
    assert [(part.partner, part.placed_by, part.total.minor) for part in found.partner_orders] == [
        ("north", "device-1", 10520),
        ("east", "device-1", 590),
    ]
    assert [state.key for state in found.states] == [part.key for part in found.partner_orders]
    assert found.status() is OrderStatus.QUEUED
    assert (found.synced, found.revision, found.problem) == (False, 1, None)
    assert queue.order("s1-1001") == found
    assert queue.order("nothing") is None


def test_the_same_id_is_one_order_however_often(queue: OrderQueue) -> None:
    first = put(queue)

    again, fresh = queue.place("o1", lambda number: pytest.fail("not asked for"), "S2", {})

    assert (again, fresh) == (first, False)
    assert queue.verify() == (1, ())
    assert put(queue, "o2").number == "S1-1002"


def test_an_order_that_cannot_be_made_leaves_nothing(queue: OrderQueue) -> None:
    with pytest.raises(ValueError, match="another id"):
        queue.place("o1", lambda number: order(order_id="o2", number=number), "S1", {})
    with pytest.raises(ZeroDivisionError):
        queue.place("o1", lambda number: order(order_id=str(1 // 0)), "S1", {})

    assert queue.orders() == ()
    assert put(queue).number == "S1-1001"


def test_four_processes_make_no_gap_and_no_double(engine: Engine, tmp_path: Path) -> None:
    said = together("place", tmp_path / "orders.db", 4)

    answers = [answer.split(":") for each in said for answer in each]
    assert len(answers) == 4 * 70
    assert len({placed for placed, _, _ in answers}) == 4 * 50 + 20
    assert sum(fresh == "True" for _, _, fresh in answers) == 220
    numbers = {placed: number for placed, number, _ in answers}
    assert sorted(numbers.values()) == [f"S1-{number}" for number in range(1001, 1221)]
    assert all([placed, numbers[placed]] == [placed, number] for placed, number, _ in answers)
    assert OrderQueue(engine).verify() == (220, ())


# -- claiming ----------------------------------------------------------------------------------------------


def test_every_one_of_500_is_claimed_once_by_four_processes(
    engine: Engine, queue: OrderQueue, tmp_path: Path
) -> None:
    keys = set()
    for number in range(500):
        put(queue, f"o{number}")
    with engine.connect() as connection:
        keys = set(connection.execute(text("SELECT key FROM partner_orders")).scalars())

    said = together("claim", tmp_path / "orders.db", 4)

    claimed = [key for each in said for key in each]
    assert len(claimed) == 500
    assert set(claimed) == keys
    assert sum(1 for each in said if each) > 1


def test_the_oldest_is_taken_first_and_once(queue: OrderQueue) -> None:
    first, second = put(queue, "o1"), put(queue, "o2")

    claims = [taken(queue, "a"), taken(queue, "b")]

    assert [claim.order.order for claim in claims] == [first.id, second.id]
    assert [(claim.mode, claim.sent) for claim in claims] == [("place", Sent())] * 2
    assert take(queue, "c") is None


def test_partners_may_be_left_alone(queue: OrderQueue) -> None:
    put(queue, "o1", ("north", 1, 100), ("east", 1, 100))

    claim = queue.claim("t", NOW, STEADY, owner="device-1", skip=["north"])

    assert claim is not None
    assert claim.order.partner == "east"
    assert queue.claim("t", NOW, STEADY, owner="device-1", skip=["north", "east"]) is None


def test_what_the_oms_places_is_not_touched_here(queue: OrderQueue) -> None:
    put(queue, "o1", ("north", 1, 100), north="oms")

    assert take(queue) is None
    assert queue.claim("t", NOW, STEADY, owner="oms") is not None


def test_what_was_ordered_before_the_device_was_enrolled_is_placed_by_it(queue: OrderQueue) -> None:
    put(queue)

    claim = queue.claim("t", NOW, STEADY, owner="device-as-the-oms-calls-it")

    assert claim is not None
    assert claim.order.placed_by == "device-1"


def test_a_dead_worker_is_taken_over_when_its_lease_has_ended(queue: OrderQueue) -> None:
    put(queue)
    taken(queue, "dead")

    assert take(queue, "new", steady=STEADY + LEASE - 0.1) is None
    assert taken(queue, "new", steady=STEADY + LEASE).token == "new"
    assert LEASE <= 30


def test_a_dead_worker_of_this_machine_is_taken_over_at_once(queue: OrderQueue) -> None:
    put(queue, "o1")
    put(queue, "o2")
    taken(queue, "dead")
    taken(queue, "living")

    assert queue.release_dead(lambda token: token != "dead") == 1

    assert taken(queue, "new").order.order == "o1"
    assert take(queue, "newer") is None
    assert queue.release_dead(lambda token: True) == 0


def test_after_the_machine_was_restarted_old_leases_mean_nothing(queue: OrderQueue) -> None:
    put(queue)
    taken(queue, "before", steady=1_000_000.0)

    assert taken(queue, "after", steady=12.0).token == "after"


def test_a_claim_made_a_moment_ago_is_not_taken_for_one_from_before_a_restart(queue: OrderQueue) -> None:
    put(queue)
    taken(queue, "quick", steady=STEADY + 30)

    assert take(queue, "waited for the lock since", steady=STEADY) is None


def test_a_claim_that_was_lost_writes_nothing(queue: OrderQueue) -> None:
    put(queue)
    slow = sending(queue, "slow")
    quick = sending(queue, "quick", steady=STEADY + LEASE)
    before = record(queue)

    assert queue.about_to_send(slow, NOW) is None
    assert queue.record(slow, Booked(books(slow)), NOW) is None
    assert queue.record(slow, Refused("sold_out"), NOW) is None
    assert queue.record_news(slow, books(slow), NOW, follow_after=300) is None
    queue.release(slow, NOW)

    assert record(queue) == before
    assert queue.record(quick, Booked(books(quick)), NOW) is not None
    assert status(queue) is S.ACCEPTED


def test_a_claim_let_go_is_free_when_it_is_due(queue: OrderQueue) -> None:
    put(queue)
    queue.release(taken(queue), NOW + 30 * SECOND)

    assert take(queue, now=NOW + 29 * SECOND) is None
    assert taken(queue, now=NOW + 30 * SECOND).sent == Sent()


# -- sending -----------------------------------------------------------------------------------------------


def test_that_it_is_being_sent_is_committed_before(queue: OrderQueue) -> None:
    put(queue)

    claim = sending(queue)

    assert claim.sent == Sent(NOW, NOW, False, 0)
    state = record(queue).states[0]
    assert state == claim.state
    assert (state.status(), state.attempts, state.revision) == (S.PLACING, 1, 2)


@pytest.mark.parametrize("lease", [LEASE, -900.0], ids=["lease ended", "machine restarted"])
def test_death_between_sending_and_recording_leaves_the_outcome_unknown(
    queue: OrderQueue, lease: float
) -> None:
    put(queue)
    sending(queue)

    claim = taken(queue, "new", now=NOW + 60 * SECOND, steady=STEADY + lease)

    assert claim.sent == Sent(NOW, NOW, True, 0)
    assert claim.mode == "place"
    # and dying again, before anything is asked, changes nothing
    again = taken(queue, "newer", now=NOW + 90 * SECOND, steady=STEADY + lease + LEASE)
    assert again.sent == Sent(NOW, NOW, True, 0)


def test_death_before_sending_leaves_it_unsent(queue: OrderQueue) -> None:
    put(queue)
    taken(queue)

    assert taken(queue, "new", steady=STEADY + LEASE).sent == Sent()


@pytest.mark.parametrize(
    ("outcome", "after", "sent"),
    [
        (Refused("sold_out", "NO-1"), S.REJECTED, None),
        (NeedsConsent("price_changed"), S.NEEDS_CONSENT, None),
        (NeedsPerson("outcome_unknown", "Call them."), S.NEEDS_PERSON, None),
        (NotSent("unreachable", 5.0), S.QUEUED, Sent()),
        (Unknown("no_answer", 5.0), S.UNKNOWN, Sent(NOW, NOW, True, 0)),
        (Unknown("unreadable_answer", 5.0, baffled=True), S.UNKNOWN, Sent(NOW, NOW, True, 1)),
        (NotThere(), S.QUEUED, Sent()),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, S) else value,
)
def test_every_outcome_is_kept(
    queue: OrderQueue, outcome: Outcome, after: LineStatus, sent: Sent | None
) -> None:
    put(queue)

    settle(queue, outcome)

    state = record(queue).states[0]
    assert state.status() is after
    assert state.reason == getattr(outcome, "reason", None)
    assert state.detail == (getattr(outcome, "detail", "") or None) or state.detail == ""
    assert record(queue).revision == 3
    due = take(queue, now=NOW + timedelta(days=1))
    assert (due.sent if due else None) == sent
    if isinstance(outcome, NotSent | Unknown):
        assert take(queue, now=NOW + 4.9 * SECOND) is None


def test_what_was_booked_is_kept_and_followed(queue: OrderQueue) -> None:
    put(queue, "o1", ("north", 2, 4990))
    claim = sending(queue)
    line = claim.order.lines[0].line

    queue.record(claim, Booked(books(claim)), NOW, follow_after=300)

    assert record(queue).states[0].lines == (LineState(line, S.ACCEPTED, accepted=2),)
    assert record(queue).states[0].reference == "R-1"
    assert take(queue, now=NOW + 299 * SECOND) is None
    followed = taken(queue, now=NOW + 300 * SECOND)
    assert followed.mode == "follow"

    parcel = Shipment("P-1", ((line, 2),), "NordPost", "T-1", NOW)
    queue.record_news(followed, books(claim, state="shipped", shipments=(parcel,)), NOW, follow_after=300)
    assert record(queue).states[0].lines == (LineState(line, S.SHIPPED, accepted=2, shipped=2),)

    followed = taken(queue, now=NOW + 600 * SECOND)
    arrived = replace(parcel, delivered_at=NOW)
    queue.record_news(followed, books(claim, state="delivered", shipments=(arrived,)), NOW, follow_after=300)
    assert record(queue).status() is OrderStatus.DELIVERED
    assert record(queue).states[0].shipments == (arrived,)
    assert take(queue, now=NOW + timedelta(days=9)) is None


def test_news_that_is_none_counts_nothing_up(queue: OrderQueue) -> None:
    put(queue)
    claim = sending(queue)
    queue.record(claim, Booked(books(claim)), NOW, follow_after=300)
    before = record(queue)

    followed = taken(queue, now=NOW + 300 * SECOND)
    queue.record_news(followed, books(claim), NOW + 300 * SECOND, follow_after=300)

    assert record(queue) == before
    assert take(queue, now=NOW + 599 * SECOND) is None
    assert taken(queue, now=NOW + 600 * SECOND).mode == "follow"


@pytest.mark.parametrize("state", ["shipped", "delivered"])
def test_a_partner_that_does_not_speak_of_parcels_is_believed(queue: OrderQueue, state: str) -> None:
    put(queue)
    claim = sending(queue)

    queue.record(claim, Booked(books(claim, state=state)), NOW)

    assert status(queue) is LineStatus(state)


def test_part_of_it_may_be_refused_or_come_later(queue: OrderQueue) -> None:
    put(queue, "o1", ("north", 3, 100), ("north", 1, 50), ("north", 1, 10))
    claim = sending(queue)
    one, two, three = (line.line for line in claim.order.lines)
    answers = (
        LineAnswer(one, 2, refused=1, reason="sold_out"),
        LineAnswer(two, 0, backordered=1, promised=NOW.date()),
        LineAnswer(three, 0, refused=1),
    )

    queue.record(claim, Booked(Placed("R-1", answers, Money(740, "EUR"))), NOW)

    assert record(queue).states[0].lines == (
        LineState(one, S.ACCEPTED, accepted=2, refused=1, reason="sold_out"),
        LineState(two, S.BACKORDERED, accepted=1, promised=NOW.date()),
        LineState(three, S.REJECTED, refused=1),
    )


def test_a_key_begins_to_live_when_it_may_first_have_arrived(queue: OrderQueue) -> None:
    put(queue)
    settle(queue, NotSent("unreachable", 5.0))
    later = NOW + timedelta(days=2)
    settle(queue, Unknown("no_answer"), later)

    assert taken(queue, now=later + timedelta(hours=1)).sent == Sent(later, later, True, 0)
    # once it may have arrived, that it could not be sent again says nothing


def test_not_sent_again_does_not_make_an_unknown_outcome_known(queue: OrderQueue) -> None:
    put(queue)
    settle(queue, Unknown("no_answer"))
    later = NOW + timedelta(hours=1)

    settle(queue, NotSent("unreachable", 5.0), later)

    assert status(queue) is S.UNKNOWN
    assert taken(queue, now=later + timedelta(hours=1)).sent == Sent(NOW, later, True, 0)


def test_a_clock_that_went_back_is_counted_from_anew(queue: OrderQueue) -> None:
    put(queue)
    settle(queue, Unknown("no_answer"))
    back = NOW - timedelta(days=365)
    queue.hurry()
    claim = taken(queue, now=back)

    queue.record(claim, Unknown("not_there_yet", 30.0), back)

    assert taken(queue, now=back + 30 * SECOND).sent.last_at == back


def test_hurry_makes_what_waits_due(queue: OrderQueue) -> None:
    put(queue, "o1", ("north", 1, 100))
    put(queue, "o2", ("east", 1, 100))
    settle(queue, NotSent("unreachable", 3600.0))
    settle(queue, Unknown("no_answer", 3600.0))
    assert take(queue) is None

    queue.hurry("east")
    assert taken(queue, "a").order.partner == "east"
    queue.hurry()
    assert taken(queue, "b").order.partner == "north"


def test_what_is_placed_is_hurried_only_when_asked(queue: OrderQueue) -> None:
    put(queue)
    claim = sending(queue)
    queue.record(claim, Booked(books(claim)), NOW, follow_after=300)

    queue.hurry()
    assert take(queue) is None
    queue.hurry(followed=True)
    assert taken(queue).mode == "follow"


def test_what_waits_to_be_placed_comes_before_what_is_followed(queue: OrderQueue) -> None:
    put(queue, "o1")
    claim = sending(queue)
    queue.record(claim, Booked(books(claim)), NOW, follow_after=0)
    put(queue, "o2")

    assert [taken(queue, "a").mode, taken(queue, "b").mode] == ["place", "follow"]
