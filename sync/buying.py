"""Turning a quote into an order on this device, and asking for an order's cancellation."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Engine

from partners.registry import Partner
from retail.address import Customer
from retail.cart import Quote
from retail.errors import AisleError, TemporaryError
from retail.order import Order, Payment, PaymentMethod
from retail.text import required
from sync.facts import Facts, Identity
from sync.queue import OrderQueue, OrderRecord
from sync.store.engine import writing

Outcome = Literal["cancelled", "asked", "refused"]
CLOCK_SLACK = timedelta(minutes=1)  # a quote from further in the future means that the clock was put back


def place(
    engine: Engine,
    facts: Facts,
    queue: OrderQueue,
    quote: Quote,
    customer: Customer,
    *,
    payment: PaymentMethod,
    reference: str,
    language: str,
    associate: str | None,
    placed_by: Mapping[str, str],
    now: datetime,
) -> tuple[Order, bool]:
    """Order what ``quote`` says, and whether that is new; returned only after COMMIT.

    Idempotent: a quote becomes one order. ``placed_by`` says which partners' parts are not this device's to place.

    Raises:
        ValueError: the quote is too old or something is missing; the text says what to do. Nothing was placed.
        StoreUnavailable: the disk is full or read-only. Nothing was placed.
    """

    def make(number: str, mine: Identity) -> Order:  # not called for a quote that is an order already
        if not quote.made_at - CLOCK_SLACK <= now <= quote.expires_at:
            raise ValueError("These prices are too old. Please check them once more.")
        if payment != "till":
            raise ValueError("This way to pay is not ready yet. Please pay at the till.")
        receipt = required(reference, longest=40)
        return Order(
            id=quote.id,
            number=number,
            device=mine.device,
            store=mine.store,
            created_at=now,
            customer=customer,
            lines=quote.lines,
            shipping=quote.shipping,
            payments=(Payment(payment, receipt, quote.total),),
            total=quote.total,
            language=language,
            associate=associate,
        )

    with writing(engine) as driver:
        mine = facts.identity(driver)
        return queue.place(quote.id, lambda number: make(number, mine), mine.prefix, placed_by, driver)


async def cancel(
    queue: OrderQueue, partners: Mapping[str, Partner], record: OrderRecord, now: datetime
) -> Outcome:
    """Cancel what was not sent yet here, and ask the partners for the rest.

    "cancelled": all of it; "refused": a partner had shipped or said no; "asked": one has not answered yet.
    """
    left = await asyncio.to_thread(queue.cancel, record.order.id, now)
    outcomes: set[Outcome] = {"cancelled"}
    partner_of = {part.key: part.partner for part in record.partner_orders}
    for state in left:
        partner = partners.get(partner_of[state.key])
        if partner is None or state.reference is None:
            outcomes.add("asked")
            continue
        try:
            answer = await partner.cancel(state.reference)
        except TemporaryError:
            outcomes.add("asked")
            continue
        except AisleError:
            outcomes.add("refused")
            continue
        if answer.done:
            with suppress(ValueError):  # news of it came first
                await asyncio.to_thread(queue.decide, state.key, "cancelled", now, by="partner")
        outcomes.add("cancelled" if answer.done else "refused")
    return "refused" if "refused" in outcomes else "asked" if "asked" in outcomes else "cancelled"
