"""Placing a partner order, and settling one whose outcome is unknown: the only code that calls ``Ordering.place``.

The caller owns durability. For every claimed partner order it asks ``next_step``; before a ``send`` it commits
that it is about to send (a crash then leaves an unknown outcome, never a silent second order); afterwards it
commits what ``send`` or ``ask`` found.

    not sent --send--> Booked | Refused | NeedsConsent
                 |---> NotSent     certainly not bought: send again later
                 '---> Unknown ---> class A, key alive:  send again, same key
                                    class B, or A that can be asked:  ask; "not there" counts only once settled
                                    else:  NeedsPerson
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from partners.contract import Capabilities, LineAnswer, Ordering, Placed
from retail.errors import BadResponse, Misconfigured, RateLimited, Rejected, Unreachable
from retail.money import total
from retail.order import PartnerOrder

DEADLINE = (
    20.0  # seconds for one send or look-up, however many requests it takes; less than any claim's lease
)
KEY_MARGIN = timedelta(minutes=5)  # a key this close to its end of life is not relied on
CONSENT = frozenset({"price_changed", "currency_changed", "tax_changed", "product_changed"})
BAFFLED = 3  # unreadable answers in a row before a person is asked
ASK_AGAIN = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Sent:
    """What is known of earlier sends of one partner order. Times are wall clock, as committed before sending.

    ``unknown`` is True while the latest send may have been carried out.
    """

    first_at: datetime | None = None
    last_at: datetime | None = None
    unknown: bool = False
    baffled: int = 0


@dataclass(frozen=True, slots=True)
class Booked:
    """It stands in the partner's books, exactly as agreed for the pieces it accepted."""

    placed: Placed


@dataclass(frozen=True, slots=True)
class Refused:
    """The partner said no; nothing was bought."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class NeedsConsent:
    """Not bought: price, currency, tax or product is not what the customer agreed to."""

    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class NotSent:
    """Certainly not bought; try again after ``after`` seconds."""

    reason: str
    after: float


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have been bought. Settle before anything is sent again; ask after ``after`` seconds."""

    reason: str
    after: float = ASK_AGAIN
    baffled: bool = False


@dataclass(frozen=True, slots=True)
class NotThere:
    """The partner was asked and has nothing under this key, long enough after the last send: it may be sent."""


@dataclass(frozen=True, slots=True)
class NeedsPerson:
    """Nothing the program may do; ``placed`` is set when it is booked but not as agreed."""

    reason: str
    detail: str = ""
    placed: Placed | None = None


Outcome = Booked | Refused | NeedsConsent | NotSent | Unknown | NotThere | NeedsPerson


def next_step(can: Capabilities, sent: Sent, now: datetime) -> Literal["send", "ask"] | NeedsPerson:
    """What to do with a partner order that is queued or whose outcome is unknown. Pure.

    A clock that went back makes ages negative; such a key counts as expired.
    """
    if not sent.unknown:
        return "send"
    if sent.baffled >= BAFFLED:
        return NeedsPerson(
            "unreadable_answer",
            "The partner answers in a way nobody understands. Ask them whether they have it.",
        )
    if can.ordering_class == "A" and sent.first_at is not None:
        age = now - sent.first_at
        if timedelta(0) <= age < can.key_life - KEY_MARGIN:
            return "send"
    if can.can_look_up:
        return "ask"
    if can.ordering_class == "A":
        return NeedsPerson(
            "key_expired", "We do not know if they took it, and asking again could order twice."
        )
    return NeedsPerson(
        "outcome_unknown", "We do not know if they took it. Call them before sending it again."
    )


async def send(ordering: Ordering, order: PartnerOrder, *, deadline: float = DEADLINE) -> Outcome:
    """Send ``order`` once. The caller has committed that it is about to; every outcome is an answer, not an error."""
    try:
        async with asyncio.timeout(deadline):
            placed = await ordering.place(order)
    except TimeoutError:
        return Unknown("no_answer")
    except Rejected as error:
        kind = NeedsConsent if error.reason in CONSENT else Refused
        return kind(error.reason, error.detail)
    except RateLimited as error:
        return NotSent("rate_limited", error.retry_after)
    except Misconfigured:
        return NotSent("misconfigured", 30.0)
    except Unreachable as error:
        return Unknown("no_answer") if error.sent else NotSent("unreachable", ASK_AGAIN)
    except BadResponse:
        return Unknown("unreadable_answer", baffled=True)
    return judge(order, placed)


async def ask(
    ordering: Ordering, order: PartnerOrder, sent: Sent, now: datetime, *, deadline: float = DEADLINE
) -> Outcome:
    """Look ``order`` up by its key. "Not there" is believed only ``settling`` after the last send."""
    try:
        async with asyncio.timeout(deadline):
            placed = await ordering.look_up(order.key)
        if (
            placed is not None and not placed.lines
        ):  # it names no lines of ours: ask again, with ours to go by
            placed = await ordering.status(placed.reference, order.lines)
    except RateLimited as error:
        return Unknown("rate_limited", error.retry_after)
    except (Misconfigured, Unreachable, TimeoutError):
        return Unknown("cannot_ask")
    except (Rejected, BadResponse):
        return Unknown("unreadable_answer", baffled=True)
    if placed is not None:
        return judge(order, placed)
    settled = (sent.last_at or now) + ordering.capabilities.settling
    if sent.last_at is None or sent.last_at <= now < settled:
        return Unknown("not_there_yet", max(0.1, (settled - now).total_seconds()))
    if now < sent.last_at:  # the clock went back: no telling how long ago it was
        return Unknown("not_there_yet", ordering.capabilities.settling.total_seconds())
    return NotThere()


def judge(order: PartnerOrder, placed: Placed) -> Booked | NeedsPerson:
    """Whether what the partner booked is what was agreed, to the minor unit, for the pieces it took.

    Nothing has to be paid for an order that it has cancelled or refused as a whole, shipping at most.
    """
    answers = {answer.line: answer for answer in placed.lines}
    if len(answers) != len(placed.lines) or set(answers) != {line.line for line in order.lines}:
        return NeedsPerson("lines_differ", "The partner answered for other lines than we ordered.", placed)
    for line in order.lines:
        answer = answers[line.line]
        negative = min(answer.accepted, answer.backordered, answer.refused) < 0
        if negative or _pieces(answer) + answer.refused != line.quantity:
            return NeedsPerson("quantities_differ", "The partner's quantities do not add up to ours.", placed)
    if placed.state == "cancelled":
        return Booked(placed)
    if placed.total.currency != order.total.currency:
        return NeedsPerson(
            "currency_differs", "The partner booked it in another currency than agreed.", placed
        )
    taken = [line.price * _pieces(answers[line.line]) for line in order.lines]
    agreed = total(taken, order.total.currency) + order.shipping
    nothing = not any(_pieces(answer) for answer in placed.lines) and not placed.total
    if placed.total != agreed and not nothing:
        return NeedsPerson("total_differs", "The partner booked it at another total than agreed.", placed)
    return Booked(placed)


def _pieces(answer: LineAnswer) -> int:
    return answer.accepted + answer.backordered
