"""The queue when something is wrong with what it stored, how it is doing, and what the OMS has of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from partners.placing import (
    Refused,
    Unknown,
)
from sync.queue import LEASE, Damaged, OrderQueue
from tests.retail.samples import NOW
from tests.sync.queueing import SECOND, STEADY, S, put, record, sending, settle, take, taken

# -- damage ------------------------------------------------------------------------------------------------

Harm = Callable[[Engine], None]


def harm(sql: str) -> Harm:
    def do(engine: Engine) -> None:
        with engine.begin() as connection:
            assert connection.exec_driver_sql(sql).rowcount == 1

    return do


ONE = "WHERE order_id = 'o1'"
HARMS = {
    "amount": harm("UPDATE orders SET body = replace(body, '4990', '4991') WHERE id = 'o1'"),
    "address": harm("UPDATE orders SET body = replace(body, 'Rosenweg', 'Rosenwep') WHERE id = 'o1'"),
    "digest": harm("UPDATE orders SET digest = replace(digest, substr(digest, 1, 1), 'x') WHERE id = 'o1'"),
    "cut off": harm("UPDATE orders SET body = substr(body, 1, 100) WHERE id = 'o1'"),
    "part": harm(f"UPDATE partner_orders SET body = replace(body, '\"quantity\":2', '\"quantity\":3') {ONE}"),
    "part cut off": harm(f"UPDATE partner_orders SET body = substr(body, 1, 50) {ONE}"),
    "state": harm(f"UPDATE partner_orders SET state = substr(state, 1, 20) {ONE}"),
    "status": harm(f"UPDATE partner_orders SET state = replace(state, 'queued', 'shipped') {ONE}"),
    "key": harm(f"UPDATE partner_orders SET state = replace(state, key, 'other') {ONE}"),
}


@pytest.mark.parametrize("damage", HARMS.values(), ids=HARMS)
def test_a_damaged_order_is_named_and_the_others_go_on(
    queue: OrderQueue, engine: Engine, damage: Harm
) -> None:
    put(queue, "o1")
    put(queue, "o2")

    damage(engine)

    with pytest.raises(Damaged):
        queue.order("o1")
    count, wrong = queue.verify()
    assert count == 2
    assert len(wrong) == 1
    assert wrong[0].startswith("S1-1001: ")
    assert [found.order.id for found in queue.orders()] == ["o2"]
    assert [found.order.id for found in queue.unsynced(1)] == ["o2"]
    assert queue.health(NOW).by_status["queued"] == 2
    assert queue.verify()[1] == wrong


@pytest.mark.parametrize("name", ["part", "part cut off", "state", "status", "key"])
def test_a_damaged_partner_order_is_kept_for_a_person_and_holds_up_nobody(
    queue: OrderQueue, engine: Engine, name: str
) -> None:
    put(queue, "o1")
    put(queue, "o2")
    HARMS[name](engine)

    assert taken(queue).order.order == "o2"

    assert take(queue, "t2", steady=STEADY + LEASE - 1) is None
    assert queue.health(NOW).by_status["needs_person"] == 1
    with pytest.raises(Damaged):
        queue.order("o1")
    assert len(queue.verify()[1]) == 1


def test_the_same_order_again_after_damage_is_not_answered_with_it(queue: OrderQueue, engine: Engine) -> None:
    put(queue)
    HARMS["amount"](engine)

    with pytest.raises(Damaged):
        put(queue)


# -- health and the OMS ------------------------------------------------------------------------------------


def test_health_counts_by_status(queue: OrderQueue) -> None:
    empty = queue.health(NOW)
    assert (set(empty.by_status), sum(empty.by_status.values())) == ({status.value for status in S}, 0)
    assert (empty.unsynced, empty.oldest_seconds) == (0, None)

    put(queue, "o1", ("north", 1, 100), ("east", 1, 100))
    put(queue, "o2")
    settle(queue, Refused("sold_out"))

    health = queue.health(NOW + timedelta(minutes=2))
    assert {name: count for name, count in health.by_status.items() if count} == {"queued": 2, "rejected": 1}
    assert (health.unsynced, health.oldest_seconds) == (2, 120.0)
    assert queue.health(NOW - timedelta(days=365)).oldest_seconds == 0.0


def test_the_oms_has_exactly_the_revision_it_answered_for(queue: OrderQueue) -> None:
    put(queue)
    sent = record(queue)
    sending(queue)  # it moves on while the OMS answers

    queue.mark_synced([("o1", sent.revision, None)])

    assert not record(queue).synced
    assert [found.revision for found in queue.unsynced(9)] == [2]
    queue.mark_synced([("o1", 2, None)])
    assert record(queue).synced
    assert queue.unsynced(9) == ()
    queue.mark_synced([("o1", 1, "conflict: late answer")])
    assert record(queue).synced


def test_a_refused_order_is_not_sent_for_ever_and_says_why(queue: OrderQueue) -> None:
    put(queue)

    queue.mark_synced([("o1", 1, "refused: digest")])

    found = record(queue)
    assert (found.synced, found.problem) == (False, "refused: digest")
    assert queue.unsynced(9) == ()
    sending(queue)
    queue.mark_synced([("o1", 2, None)])
    assert (record(queue).synced, record(queue).problem) == (True, None)


def test_unsynced_orders_come_oldest_first_in_batches(queue: OrderQueue) -> None:
    for number in range(5):
        put(queue, f"o{number}")
    queue.mark_synced([("o1", 1, None)])

    assert [found.order.id for found in queue.unsynced(3)] == ["o0", "o2", "o3"]
    assert queue.offer_again() == 5
    assert [found.order.id for found in queue.unsynced(3)] == ["o0", "o1", "o2"]


def test_everything_survives_reopening(queue: OrderQueue, engine: Engine) -> None:
    put(queue)
    settle(queue, Unknown("no_answer"))
    before = record(queue)

    engine.dispose()

    assert record(queue) == before
    assert taken(queue, now=NOW + 60 * SECOND).sent.unknown
