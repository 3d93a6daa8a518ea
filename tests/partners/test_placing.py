"""Placing: what may be sent when, and that nothing is ever bought twice or at another price than agreed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners import placing
from partners.contract import Cancelled, Capabilities, LineAnswer, Placed
from partners.memory import MemoryPartner
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
    next_step,
)
from retail.errors import BadResponse, Misconfigured, RateLimited, Rejected, Unreachable
from retail.money import Money
from retail.order import PartnerLine, PartnerOrder
from tests.retail.samples import ADA, NOW, gtin

A = Capabilities("A", key_life=timedelta(hours=24))
A_ASKABLE = Capabilities("A", key_life=timedelta(hours=24), can_look_up=True)
B = Capabilities("B", settling=timedelta(seconds=30))
C = Capabilities("C")
MINUTE = timedelta(minutes=1)
WAYS = {"A": A, "A askable": A_ASKABLE, "B": B, "C": C}


def partner_order(*lines: tuple[str, int, int], shipping: int = 490, currency: str = "EUR") -> PartnerOrder:
    """A partner order for (sku, quantity, price in minor units)."""
    asked = tuple(
        PartnerLine(f"l{index}", sku, gtin(index), quantity, Money(price, currency))
        for index, (sku, quantity, price) in enumerate(lines or (("NO-00", 2, 4990),), 1)
    )
    amount = sum(line.price.minor * line.quantity for line in asked) + shipping
    return PartnerOrder(
        "key-1",
        "order-1",
        "S1-1001-1",
        "north",
        "device-1",
        NOW,
        ADA,
        asked,
        Money(shipping, currency),
        Money(amount, currency),
    )


ORDER = partner_order()
TAKEN = Placed("R-1", (LineAnswer("l1", 2),), Money(10470, "EUR"))


@dataclass
class Scripted:
    """A partner that answers what it is told to, and counts what it was asked."""

    answer: Placed | Exception | None
    capabilities: Capabilities = B
    partner_id: str = "north"
    asked: int = 0

    async def place(self, order: PartnerOrder) -> Placed:
        placed = await self.look_up(order.key)
        assert placed is not None
        return placed

    async def look_up(self, key: str) -> Placed | None:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def status(self, reference: str, lines: Sequence[PartnerLine]) -> Placed:
        raise AssertionError

    async def cancel(self, reference: str) -> Cancelled:
        raise AssertionError


# -- the next step -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("can", WAYS.values(), ids=WAYS)
def test_what_was_certainly_not_sent_is_sent(can: Capabilities) -> None:
    assert next_step(can, Sent(), NOW) == "send"
    assert next_step(can, Sent(NOW - timedelta(days=42), NOW - timedelta(days=42)), NOW) == "send"


def unknown(age: timedelta, baffled: int = 0) -> Sent:
    return Sent(NOW - age, NOW - age, True, baffled)


@pytest.mark.parametrize("can", [A, A_ASKABLE], ids=["A", "A askable"])
@pytest.mark.parametrize(
    ("age", "lives"),
    [
        (timedelta(0), True),
        (MINUTE, True),
        (timedelta(hours=23, minutes=54, seconds=59), True),
        (timedelta(hours=23, minutes=55), False),
        (timedelta(hours=24), False),
        (timedelta(days=42), False),
        (-timedelta(seconds=1), False),
        (-timedelta(days=365), False),
    ],
)
def test_class_a_repeats_with_the_same_key_only_while_it_surely_lives(
    can: Capabilities, age: timedelta, lives: bool
) -> None:
    step = next_step(can, unknown(age), NOW)

    if lives:
        assert step == "send"
    elif can is A_ASKABLE:
        assert step == "ask"
    else:
        assert isinstance(step, NeedsPerson)
        assert step.reason == "key_expired"


def test_how_long_a_key_lives_counts_from_the_first_send() -> None:
    sent = Sent(NOW - timedelta(hours=25), NOW - MINUTE, True)

    assert next_step(A_ASKABLE, sent, NOW) == "ask"


@given(
    st.timedeltas(timedelta(minutes=30), timedelta(days=42)),
    st.timedeltas(timedelta(minutes=6), timedelta(days=30)),
    st.booleans(),
)
def test_no_expired_key_is_ever_sent_blindly(age: timedelta, key_life: timedelta, back: bool) -> None:
    can = Capabilities("A", key_life=key_life)

    step = next_step(can, unknown(-age if back else age), NOW)

    if back or age >= key_life:
        assert isinstance(step, NeedsPerson)
    assert next_step(replace(can, can_look_up=True), unknown(-age if back else age), NOW) in ("send", "ask")


def test_class_b_asks_before_anything_else() -> None:
    assert next_step(B, unknown(timedelta(0)), NOW) == "ask"
    assert next_step(B, unknown(timedelta(days=42)), NOW) == "ask"
    assert next_step(Capabilities("B"), unknown(MINUTE), NOW) == "ask"


def test_class_c_goes_to_a_person() -> None:
    step = next_step(C, unknown(timedelta(0)), NOW)

    assert isinstance(step, NeedsPerson)
    assert step.reason == "outcome_unknown"


@pytest.mark.parametrize("can", WAYS.values(), ids=WAYS)
def test_three_unreadable_answers_are_for_a_person(can: Capabilities) -> None:
    step = next_step(can, unknown(MINUTE, baffled=3), NOW)

    assert isinstance(step, NeedsPerson)
    assert step.reason == "unreadable_answer"
    assert can is C or not isinstance(next_step(can, unknown(MINUTE, baffled=2), NOW), NeedsPerson)


# -- sending -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (TAKEN, Booked(TAKEN)),
        (Rejected("sold_out", "NO-00"), Refused("sold_out", "NO-00")),
        (Rejected("address"), Refused("address")),
        (Rejected("price_changed", "shipping"), NeedsConsent("price_changed", "shipping")),
        (Rejected("currency_changed"), NeedsConsent("currency_changed")),
        (Rejected("tax_changed"), NeedsConsent("tax_changed")),
        (Rejected("product_changed"), NeedsConsent("product_changed")),
        (RateLimited("busy", retry_after=7.0), NotSent("rate_limited", 7.0)),
        (Misconfigured("key"), NotSent("misconfigured", 30.0)),
        (Unreachable("refused", sent=False), NotSent("unreachable", 5.0)),
        (Unreachable("timeout"), Unknown("no_answer", 5.0)),
        (BadResponse("<html>"), Unknown("unreadable_answer", 5.0, baffled=True)),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_every_answer_to_an_order_is_an_outcome(said: Placed | Exception, outcome: Outcome) -> None:
    partner = Scripted(said)

    assert await placing.send(partner, ORDER) == outcome
    assert partner.asked == 1


async def test_a_bug_in_an_adapter_is_not_taken_for_an_answer() -> None:
    with pytest.raises(KeyError):
        await placing.send(Scripted(KeyError("total")), ORDER)


class Silent(Scripted):
    async def look_up(self, key: str) -> Placed | None:
        await asyncio.Event().wait()
        raise AssertionError


async def test_a_partner_that_never_answers_cannot_hold_an_order() -> None:
    assert await placing.send(Silent(None), ORDER, deadline=0.01) == Unknown("no_answer")
    asking = placing.ask(Silent(None), ORDER, unknown(MINUTE), NOW, deadline=0.01)
    assert await asking == Unknown("cannot_ask")


# -- asking ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (TAKEN, Booked(TAKEN)),
        (RateLimited("busy", retry_after=7.0), Unknown("rate_limited", 7.0)),
        (Misconfigured("key"), Unknown("cannot_ask")),
        (Unreachable("refused", sent=False), Unknown("cannot_ask")),
        (Unreachable("timeout"), Unknown("cannot_ask")),
        (Rejected("no"), Unknown("unreadable_answer", baffled=True)),
        (BadResponse("<html>"), Unknown("unreadable_answer", baffled=True)),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_every_answer_to_a_question_is_an_outcome(said: Placed | Exception, outcome: Outcome) -> None:
    assert await placing.ask(Scripted(said), ORDER, unknown(timedelta(hours=1)), NOW) == outcome


@pytest.mark.parametrize(
    ("age", "outcome"),
    [
        (timedelta(0), Unknown("not_there_yet", 30.0)),
        (timedelta(seconds=20), Unknown("not_there_yet", 10.0)),
        (timedelta(seconds=29, milliseconds=999), Unknown("not_there_yet", 0.1)),
        (timedelta(seconds=30), NotThere()),
        (timedelta(days=42), NotThere()),
        (-timedelta(days=365), Unknown("not_there_yet", 30.0)),
    ],
)
async def test_not_there_counts_only_once_it_has_settled(age: timedelta, outcome: Outcome) -> None:
    assert await placing.ask(Scripted(None), ORDER, unknown(age), NOW) == outcome


async def test_not_there_counts_from_the_last_send() -> None:
    sent = Sent(NOW - timedelta(hours=1), NOW - timedelta(seconds=1), True)

    assert await placing.ask(Scripted(None), ORDER, sent, NOW) == Unknown("not_there_yet", 29.0)
    nobody_knows = Sent(None, None, True)
    assert await placing.ask(Scripted(None), ORDER, nobody_knows, NOW) == Unknown("not_there_yet", 30.0)


# -- judging -----------------------------------------------------------------------------------------------

TWO = partner_order(("a", 2, 1000), ("b", 1, 50))


def booked(*answers: LineAnswer, minor: int, currency: str = "EUR", **more: Any) -> Placed:
    return Placed("R-1", answers, Money(minor, currency), **more)


@pytest.mark.parametrize(
    "placed",
    [
        booked(LineAnswer("l1", 2), LineAnswer("l2", 1), minor=2540),
        booked(LineAnswer("l2", 1), LineAnswer("l1", 2), minor=2540),
        booked(LineAnswer("l1", 1, refused=1), LineAnswer("l2", 1), minor=1540),
        booked(LineAnswer("l1", 0, backordered=2), LineAnswer("l2", 1), minor=2540),
        booked(LineAnswer("l1", 1, 1), LineAnswer("l2", 0, 0, 1), minor=2490),
        booked(LineAnswer("l1", 0, refused=2), LineAnswer("l2", 0, refused=1), minor=0),
        booked(LineAnswer("l1", 0, refused=2), LineAnswer("l2", 0, refused=1), minor=490),
        booked(LineAnswer("l1", 2), LineAnswer("l2", 1), minor=0, state="cancelled"),
    ],
)
def test_what_was_agreed_is_booked(placed: Placed) -> None:
    assert placing.judge(TWO, placed) == Booked(placed)


@pytest.mark.parametrize(
    ("placed", "reason"),
    [
        (booked(LineAnswer("l1", 2), LineAnswer("l2", 1), minor=2541), "total_differs"),
        (booked(LineAnswer("l1", 2), LineAnswer("l2", 1), minor=2539), "total_differs"),
        (booked(LineAnswer("l1", 2), LineAnswer("l2", 1), minor=0), "total_differs"),
        (booked(LineAnswer("l1", 1, refused=1), LineAnswer("l2", 1), minor=2540), "total_differs"),
        (booked(LineAnswer("l1", 0, 0, 2), LineAnswer("l2", 0, 0, 1), minor=2540), "total_differs"),
        (booked(LineAnswer("l1", 2), LineAnswer("l2", 1), minor=2540, currency="USD"), "currency_differs"),
        (booked(LineAnswer("l1", 2), LineAnswer("l2", 1), minor=254000, currency="JPY"), "currency_differs"),
        (booked(LineAnswer("l1", 3), LineAnswer("l2", 1), minor=3540), "quantities_differ"),
        (booked(LineAnswer("l1", 1), LineAnswer("l2", 1), minor=1540), "quantities_differ"),
        (booked(LineAnswer("l1", 3, refused=-1), LineAnswer("l2", 1), minor=3540), "quantities_differ"),
        (booked(LineAnswer("l1", 2), minor=2490), "lines_differ"),
        (booked(LineAnswer("l1", 2), LineAnswer("l3", 1), minor=2540), "lines_differ"),
        (booked(LineAnswer("l1", 2), LineAnswer("l2", 1), LineAnswer("l2", 1), minor=2540), "lines_differ"),
        (booked(minor=0), "lines_differ"),
    ],
)
def test_what_differs_from_the_agreement_is_for_a_person(placed: Placed, reason: str) -> None:
    verdict = placing.judge(TWO, placed)

    assert isinstance(verdict, NeedsPerson)
    assert (verdict.reason, verdict.placed) == (reason, placed)


# -- all of it with a partner that really books --------------------------------------------------------------


@dataclass
class Life:
    """A partner order placed the way its owner does it, as time goes by."""

    partner: MemoryPartner
    order: PartnerOrder
    clock: list[datetime]
    sent: Sent = field(default_factory=Sent)

    async def step(self) -> Outcome:
        now = self.clock[0]
        step = next_step(self.partner.capabilities, self.sent, now)
        if isinstance(step, NeedsPerson):
            return step
        if step == "send":
            self.sent = replace(self.sent, first_at=self.sent.first_at or now, last_at=now)
            outcome = await placing.send(self.partner, self.order)
        else:
            outcome = await placing.ask(self.partner, self.order, self.sent, now)
        match outcome:
            case Unknown(baffled=baffled):
                self.sent = replace(self.sent, unknown=True, baffled=self.sent.baffled + baffled)
            case NotThere():
                self.sent = Sent()
        return outcome

    async def live(self, pause: timedelta) -> Outcome:
        while isinstance(outcome := await self.step(), Unknown | NotSent | NotThere):
            self.clock[0] += pause
        return outcome


def life(can: Capabilities, fault: str = "none", times: int = 1) -> Life:
    clock = [NOW]
    partner = MemoryPartner(capabilities=can, now=lambda: clock[0], slow_seconds=0.0)
    partner.faults.plan(fault, times, "place")
    return Life(partner, partner_order(("NO-00", 2, 4990)), clock)


@pytest.mark.parametrize(
    "fault", ["none", "drop-after-accept", "timeout-after-accept", "500", "429", "slow", "garbage"]
)
@pytest.mark.parametrize("can", [A, A_ASKABLE, B], ids=["A", "A askable", "B"])
@pytest.mark.parametrize("pause", [timedelta(seconds=1), timedelta(minutes=30), timedelta(days=42)], ids=str)
async def test_a_lost_answer_never_buys_twice(can: Capabilities, fault: str, pause: timedelta) -> None:
    one = life(can, fault, times=2)

    outcome = await one.live(pause)

    assert len(one.partner.bookings) == 1
    if isinstance(outcome, NeedsPerson):
        assert (can, outcome.reason) == (A, "key_expired")
    else:
        assert outcome == Booked(one.partner.bookings[0].placed)


@pytest.mark.parametrize("fault", ["drop-after-accept", "timeout-after-accept", "500", "garbage"])
async def test_class_c_with_a_lost_answer_is_not_sent_again(fault: str) -> None:
    one = life(C, fault)

    outcome = await one.live(MINUTE)

    assert isinstance(outcome, NeedsPerson)
    assert outcome.reason == "outcome_unknown"
    assert one.partner.requests == 1


@pytest.mark.parametrize("can", WAYS.values(), ids=WAYS)
async def test_a_busy_partner_is_asked_again_whatever_its_class(can: Capabilities) -> None:
    one = life(can, "429", times=3)

    assert isinstance(await one.live(MINUTE), Booked)
    assert (one.partner.requests, len(one.partner.bookings)) == (4, 1)


async def test_what_is_certainly_not_at_a_class_b_partner_is_sent_again() -> None:
    one = life(B)
    one.sent = Sent(NOW, NOW, True)  # died before a byte was out

    outcomes = []
    for _ in range(3):
        outcomes.append(type(await one.step()))
        one.clock[0] += timedelta(seconds=30)

    assert outcomes == [Unknown, NotThere, Booked]
    assert len(one.partner.bookings) == 1


@pytest.mark.parametrize("can", WAYS.values(), ids=WAYS)
async def test_a_new_price_is_never_paid_silently(can: Capabilities) -> None:
    one = life(can, "reprice")

    assert await one.live(MINUTE) == NeedsConsent("price_changed", "NO-00")
    assert one.partner.bookings == []


@pytest.mark.parametrize("can", WAYS.values(), ids=WAYS)
async def test_sold_out_is_a_refusal(can: Capabilities) -> None:
    one = life(can, "sold-out")

    assert await one.live(MINUTE) == Refused("sold_out", "NO-00")
    assert one.partner.bookings == []


async def test_a_part_is_booked_as_what_it_is() -> None:
    one = life(B, "partial")

    outcome = await one.live(MINUTE)

    assert isinstance(outcome, Booked)
    assert outcome.placed.lines == (LineAnswer("l1", 1, refused=1, reason="sold_out"),)
    assert outcome.placed.total == Money(4990 + 490, "EUR")
