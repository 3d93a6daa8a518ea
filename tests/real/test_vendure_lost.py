"""Requests and answers that get lost between us and a real Vendure shop: whatever happens, it is bought once."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

import pytest

from partners import placing
from partners.contract import LineAnswer
from retail.errors import Unreachable
from tests.real.vendure_partner import (
    LossyNetwork,
    order_of,
    partner,
    refusal,
    tee,
)
from tests.real.vendure_server import Admin, Shop
from tests.real.vendure_staff import all_orders, books, change, with_key


async def test_an_order_whose_answer_was_lost_is_found_by_its_key(vendure: Shop, staff: Admin) -> None:
    network = LossyNetwork("Pay")
    async with aclosing(partner(vendure, network)) as shop:
        order = order_of((await tee(shop), 2))
        with pytest.raises(Unreachable) as caught:
            await shop.place(order)
        assert caught.value.sent is True
        placed = await shop.look_up(order.key)
        assert placed is not None
        assert (placed.total, placed.lines) == (order.total, (LineAnswer(order.lines[0].line, 2),))
        assert await shop.place(order) == placed
    assert [found["code"] for found in with_key(staff, order.key)] == [placed.reference]


async def test_placing_settles_a_lost_answer_by_asking(vendure: Shop) -> None:
    now = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
    async with aclosing(partner(vendure, LossyNetwork("Pay"))) as shop:
        order = order_of((await tee(shop), 1))
        outcome = await placing.send(shop, order)
        assert isinstance(outcome, placing.Unknown)
        sent = placing.Sent(first_at=now, last_at=now, unknown=True)
        assert placing.next_step(shop.capabilities, sent, now) == "ask"
        asked = await placing.ask(shop, order, sent, now)
        assert isinstance(asked, placing.Booked)
        assert asked.placed.total == order.total


STEPS = (
    "ByKey",
    "Variants",
    "Create",
    "SetKey",
    "AddItems",
    "SetCustomer",
    "SetAddress",
    "ShippingMethods",
    "SetShippingMethod",
    "Move",
    "Pay",
)


@pytest.mark.parametrize("request_lost", [True, False], ids=["request", "answer"])
@pytest.mark.parametrize("step", STEPS)
async def test_whatever_is_lost_trying_again_buys_it_exactly_once(
    vendure: Shop, staff: Admin, step: str, request_lost: bool
) -> None:
    before = {order["id"] for order in all_orders(staff) if order["orderPlacedAt"]}
    network = LossyNetwork(step, request_lost=request_lost)
    async with aclosing(partner(vendure)) as shop:
        order = order_of((await tee(shop), 1))
    async with aclosing(partner(vendure, network)) as shop:
        with pytest.raises(Unreachable) as caught:
            await shop.place(order)
        assert caught.value.sent is (step == "Pay")
        placed = await shop.place(order)
    assert [found["code"] for found in with_key(staff, order.key)] == [placed.reference]
    bought = {found["id"] for found in all_orders(staff) if found["orderPlacedAt"]} - before
    assert len(bought) == 1


async def test_a_payment_that_arrives_late_cannot_buy_a_second_time(vendure: Shop, staff: Admin) -> None:
    held: list[Any] = []

    class Holding(LossyNetwork):
        """Keeps the first payment back, as a slow network does."""

        async def handle_async_request(self, request: Any) -> Any:
            if b"mutation Pay" in request.content and not held:
                held.append(request)
            return await super().handle_async_request(request)

    network = Holding("Pay", request_lost=True)
    async with aclosing(partner(vendure, network)) as shop:
        order = order_of((await tee(shop), 1))
        with pytest.raises(Unreachable):
            await shop.place(order)
        assert await shop.look_up(order.key) is None
        placed = await shop.place(order)
        late = await network.handle_async_request(held[0])
        await late.aread()
    assert late.json()["data"]["addManualPaymentToOrder"]["errorCode"] == "MANUAL_PAYMENT_STATE_ERROR"
    assert [found["code"] for found in with_key(staff, order.key)] == [placed.reference]
    found = books(staff, placed.reference)
    assert len(found["payments"]) == 1
    # It was for the very order that the second attempt took up again, so it could only have been this one purchase.
    assert json.loads(held[0].content)["variables"]["input"]["orderId"] == found["id"]


async def test_an_unfinished_order_that_no_longer_holds_is_cancelled_not_paid(
    vendure: Shop, staff: Admin
) -> None:
    async with aclosing(partner(vendure, LossyNetwork("Pay", request_lost=True))) as shop:
        order = order_of((await tee(shop, "RJK200-BLK-M"), 2))
        with pytest.raises(Unreachable):
            await shop.place(order)
        change(staff, "RJK200-BLK-M", stockOnHand=1)
        assert await refusal(shop, order) == "sold_out"
        assert await shop.look_up(order.key) is None
    assert with_key(staff, order.key) == []
    change(staff, "RJK200-BLK-M", stockOnHand=2)


async def test_two_attempts_at_once_buy_once(vendure: Shop, staff: Admin) -> None:
    async with aclosing(partner(vendure)) as one, aclosing(partner(vendure)) as other:
        order = order_of((await tee(one), 1))
        before = {found["id"] for found in all_orders(staff) if found["orderPlacedAt"]}
        answers = await asyncio.gather(one.place(order), other.place(order), return_exceptions=True)
        assert all(hasattr(answer, "reference") or isinstance(answer, Unreachable) for answer in answers)
        placed = await one.place(order)
    assert [found["code"] for found in with_key(staff, order.key)] == [placed.reference]
    bought = {found["id"] for found in all_orders(staff) if found["orderPlacedAt"]} - before
    assert len(bought) == 1
