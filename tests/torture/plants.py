"""Bugs planted on purpose (facts/promises R05): the torture must fail with each of them, or it proves nothing.

Each plant changes the program inside this process only, the way somebody in a hurry might have written it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from partners import placing
from partners.contract import LineAnswer, Ordering, Placed
from partners.http import HttpClient
from partners.placing import Booked, NeedsPerson, NotSent, Outcome
from retail.ids import new_id
from retail.money import Money
from retail.order import Order, PartnerOrder
from retail.status import LineStatus, PartnerOrderState
from retail.strict import to_json
from sync import client, outcomes, queue
from sync.facts import Identity
from sync.protocol import ChangesPage
from sync.queue import Claim, OrderQueue, parts
from sync.store import engine
from tests.torture import life


def new_key_per_attempt() -> None:
    """Every try gets a fresh idempotency key."""
    send = placing.send

    async def send_with_new_key(ordering: Ordering, order: PartnerOrder, **more: Any) -> Outcome:
        return await send(ordering, replace(order, key=new_id()), **more)

    placing.send = send_with_new_key


def sent_marked_before_sending() -> None:
    """The order counts as placed before the partner has heard of it."""
    about_to_send = OrderQueue.about_to_send

    def mark(self: OrderQueue, claim: Claim, now: datetime) -> Claim | None:
        lines = tuple(LineAnswer(line.line, line.quantity) for line in claim.order.lines)
        placed = Booked(Placed("assumed", lines, claim.order.total))
        placing_now = outcomes.moved(claim.state, LineStatus.PLACING, now)
        state, values = outcomes.after(placing_now, claim.sent, placed, now, 300.0)
        with self._engine.begin() as connection:
            connection.execute(
                update(parts)
                .where(parts.c.key == claim.order.key)
                .values(status=state.status(), state=to_json(state), **values)
            )
        return about_to_send(self, claim, now)

    def keep(self: OrderQueue, claim: Claim, state: PartnerOrderState, *, keep: bool, **values: Any) -> bool:
        return write(self, claim, state, keep=keep, **values) if not keep else True

    write = OrderQueue._write
    OrderQueue.about_to_send = mark  # type: ignore[method-assign]
    OrderQueue._write = keep  # type: ignore[method-assign]


def normal_durability() -> None:
    """synchronous=NORMAL: faster, and a pulled plug takes acknowledged orders with it."""
    opened = engine.open_engine

    def weaker(path: Any, key: bytes, *, synchronous: str = "FULL", **more: Any) -> Any:
        return opened(path, key, synchronous="NORMAL", **more)

    from sync import opening

    opening.open_engine = weaker  # type: ignore[attr-defined]


def naive_claim() -> None:
    """A worker takes what is due without looking whether another one has it."""

    def claim(
        self: OrderQueue, token: str, now: datetime, steady: float, *, owner: str, skip: Sequence[str] = ()
    ) -> Claim | None:
        with self._engine.begin() as connection:
            due = select(parts).where(parts.c.status.in_(queue.OPEN), parts.c.next_at <= now.timestamp())
            row = connection.execute(due.order_by(parts.c.seq).limit(1)).first()
            if row is None:
                return None
            connection.execute(update(parts).where(parts.c.seq == row.seq).values(claim=token))
        return replace(self._claimed(row, token), sent=placing.Sent())

    OrderQueue.claim = claim  # type: ignore[method-assign]


def acknowledged_before_commit() -> None:
    """The screen says "saved" while the transaction is still open."""

    async def place(device: Any, intent: int, offers: Any, report: life.Report) -> None:
        from retail.strict import digest

        report.say(begun=intent)
        quote = life.quote_for(intent, offers)
        report.say(acknowledged=quote.id, intent=intent, digest=digest(quote), number="?")
        await first(device, intent, offers, report)

    first = life.place
    life.place = place


def in_memory_dedupe() -> None:
    """Whether an order was placed before is remembered in memory only."""
    seen: dict[str, Order] = {}
    first = OrderQueue.place

    def place(
        self: OrderQueue,
        order_id: str,
        make: Callable[[str], Order],
        prefix: str,
        placed_by: Mapping[str, str],
        driver: Any = None,
    ) -> tuple[Order, bool]:
        if order_id not in seen:
            order, fresh = first(self, order_id, make, prefix, placed_by, driver)
            if not fresh:  # stored by an earlier life, which this one knows nothing of
                own = new_id()
                order, _ = first(
                    self, own, lambda number: replace(make(number), id=own), prefix, placed_by, driver
                )
            seen[order_id] = order
        return seen[order_id], True

    OrderQueue.place = place  # type: ignore[method-assign]


def status_going_back() -> None:
    """The latest news wins, even when it is old."""
    outcomes.move = lambda current, news: news  # type: ignore[attr-defined]
    outcomes.merge = lambda current, news: news  # type: ignore[attr-defined]


def currency_ignored() -> None:
    """Only the number of the total is looked at, not what money it is."""
    judge = placing.judge

    def blind(order: PartnerOrder, placed: Placed) -> Booked | NeedsPerson:
        return judge(order, replace(placed, total=Money(placed.total.minor, order.total.currency)))

    placing.judge = blind


def retry_on_refusal() -> None:
    """A refusal counts as a bad moment: tried again for ever."""
    send = placing.send

    async def again(ordering: Ordering, order: PartnerOrder, **more: Any) -> Outcome:
        outcome = await send(ordering, order, **more)
        return NotSent("try_again", 0.5) if isinstance(outcome, placing.Refused) else outcome

    placing.send = again


def no_deadline() -> None:
    """An exchange with a partner may take as long as it likes."""
    request = HttpClient.request

    async def patient(self: HttpClient, method: str, path: str, **more: Any) -> Any:
        return await request(self, method, path, **{**more, "deadline": 86_400.0})

    HttpClient.request = patient  # type: ignore[method-assign]


def cursor_ahead_of_data() -> None:
    """The cursor is kept first, the changes after it."""

    def apply(self: client.OmsClient, page: ChangesPage, asked: Identity) -> bool:
        with self._engine.begin() as connection:
            if not self._facts.advance(asked, page.cursor, connection):
                return False
        with self._engine.begin() as connection:
            for change in page.changes:
                client._apply_one(connection, self._facts, change)
        return True

    client.OmsClient._apply = apply  # type: ignore[method-assign]


def role_kept_on_the_page() -> None:
    """Who is signed in is kept on the page, where the browser can write."""
    from kiosk.app import open_session as opened
    from kiosk.session import Session
    from sync.associates import Associate
    from tests.kiosk import driver

    def open_session(page: Any, device: Any, **more: Any) -> Session:
        session = opened(page, device, **more)

        class OnPage(type(session)):  # type: ignore[misc]
            @property
            def associate(self) -> Associate | None:
                return Associate(**page.data) if isinstance(page.data, dict) else None

            @associate.setter
            def associate(self, signed_in: Associate | None) -> None:
                page.data = None

        session.__class__ = OnPage
        return session

    driver.open_session = open_session  # type: ignore[attr-defined]


PLANTS: dict[str, Callable[[], None]] = {
    plant.__name__.replace("_", "-"): plant
    for plant in (
        new_key_per_attempt,
        sent_marked_before_sending,
        normal_durability,
        naive_claim,
        acknowledged_before_commit,
        in_memory_dedupe,
        status_going_back,
        currency_ignored,
        retry_on_refusal,
        no_deadline,
        cursor_ahead_of_data,
        role_kept_on_the_page,
    )
}
