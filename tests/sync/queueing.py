"""Orders in a queue and the steps of a worker, for the tests of the queue."""

from __future__ import annotations

from datetime import datetime, timedelta

from partners.contract import LineAnswer, Placed
from partners.placing import (
    Outcome,
)
from retail.order import Order
from retail.status import LineStatus
from sync.queue import Claim, OrderQueue, OrderRecord
from tests.retail.samples import NOW, order

S = LineStatus
STEADY = 1000.0
SECOND = timedelta(seconds=1)


def put(queue: OrderQueue, order_id: str = "o1", *wanted: tuple[str, int, int], **how: str) -> Order:
    """Place an order for (partner, quantity, price in minor units); two at north when nothing is said."""
    made, _ = queue.place(
        order_id, lambda number: order(*wanted, order_id=order_id, number=number), "S1", how
    )
    return made


def take(queue: OrderQueue, token: str = "t", now: datetime = NOW, steady: float = STEADY) -> Claim | None:
    return queue.claim(token, now, steady, owner="device-1")


def taken(queue: OrderQueue, token: str = "t", now: datetime = NOW, steady: float = STEADY) -> Claim:
    claim = take(queue, token, now, steady)
    assert claim is not None
    return claim


def sending(queue: OrderQueue, token: str = "t", now: datetime = NOW, steady: float = STEADY) -> Claim:
    claim = queue.about_to_send(taken(queue, token, now, steady), now)
    assert claim is not None
    return claim


def record(queue: OrderQueue, order_id: str = "o1") -> OrderRecord:
    found = queue.order(order_id)
    assert found is not None
    return found


def status(queue: OrderQueue, order_id: str = "o1") -> LineStatus:
    return record(queue, order_id).states[0].status()


def books(claim: Claim, **how: object) -> Placed:
    answers = tuple(LineAnswer(line.line, line.quantity) for line in claim.order.lines)
    return Placed("R-1", answers, claim.order.total, **how)  # type: ignore[arg-type]


def settle(queue: OrderQueue, outcome: Outcome, now: datetime = NOW) -> None:
    assert queue.record(sending(queue, now=now), outcome, now) is not None
