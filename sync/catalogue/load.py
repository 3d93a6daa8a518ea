"""Filling the catalogue: whole, page by page, resumable; searches see the old offers until the new ones are there.

One partner's place in its list is kept in the transaction that writes what was read up to there, so a load that is
killed goes on there, and nothing is skipped. Until the last page is in, the catalogue holds every product it had: those
that the load has reached with their new prices, the others as they were. What the partner no longer lists goes last.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import ParamSpec, TypeVar

from sqlalchemy import Connection, Engine

from partners.contract import BadOffer, Catalogue
from retail.errors import PermanentError
from retail.offer import Offer
from sync import clock
from sync.catalogue import index, quarantine
from sync.catalogue.bulk import Bulk
from sync.catalogue.write import write

P = ParamSpec("P")
Answer = TypeVar("Answer")
PAGE = 100
SOON = 2.0  # seconds after which what was read is written, however little it is
GONE = 1_000  # offers that leave in one transaction, so that nobody waits long
FOREVER = 2**62  # a generation after all others


@dataclass(slots=True)
class Reading:
    """What was read of a partner's list and is not written yet: its offers, and the place behind them."""

    offers: list[Offer] = field(default_factory=list)
    bad: list[BadOffer] = field(default_factory=list)
    cursor: str | None = None
    last: bool = False
    since: float = 0.0

    def due(self, size: int) -> bool:
        """Whether it is time to write; ``size`` is how many offers are enough."""
        return self.last or len(self.offers) >= size or clock.steady() - self.since >= SOON


async def load(
    engine: Engine,
    catalogue: Catalogue,
    now: datetime,
    progress: Callable[[int], None] | None = None,
    *,
    since: str | None = None,
    turn: asyncio.Lock | None = None,
) -> int:
    """Load everything ``catalogue`` offers; how many offers it has. Interrupted, it goes on where it stopped.

    Several at a time may have one ``turn``: they write one after the other.

    ``since`` is the partner's cursor of changes from before the load: kept once it is done, with that of a load that
    is gone on with staying the one from before its first page. What the partner no longer lists disappears only once the last page is in. ``progress`` hears the count so far.
    Raises what the partner raises; after an answer that trying again cannot mend, the next load starts anew.
    """
    partner = catalogue.partner_id
    turn = turn or asyncio.Lock()
    generation, cursor, count, ending = await in_turn(turn, begin, engine, partner, since)
    writing: asyncio.Task[None] | None = None
    pending, bulk = Reading(since=clock.steady()), Bulk()
    try:
        while not ending:
            try:
                page = await catalogue.search("", limit=PAGE, cursor=cursor)
            except PermanentError:  # it may not know our place any more
                await _done(writing)
                pending = Reading()
                await in_turn(turn, _forget_place, engine, partner)
                raise
            count += len(page.offers)
            cursor, ending = page.cursor, page.cursor is None
            pending.offers += page.offers
            pending.bad += page.bad
            pending.cursor, pending.last = cursor, ending
            if pending.due(bulk.size):
                # The next pages are asked for while these are written.
                await _done(writing)
                writing = asyncio.create_task(
                    in_turn(turn, _keep, bulk, engine, partner, pending, generation, count)
                )
                pending = Reading(since=clock.steady())
            if progress:
                progress(count)
    finally:
        await _done(writing)
        if pending.offers or pending.bad:
            await in_turn(turn, _keep, bulk, engine, partner, pending, generation, count)
    await in_turn(turn, end, engine, partner, generation, now)
    return count


async def in_turn(turn: asyncio.Lock, work: Callable[P, Answer], *args: P.args, **named: P.kwargs) -> Answer:
    """Do ``work`` in a thread while nobody else with this ``turn`` does. Cancelled, it first ends what it has begun."""
    async with turn:
        task = asyncio.create_task(asyncio.to_thread(work, *args, **named))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            raise


async def _done(writing: asyncio.Task[None] | None) -> None:
    if writing is not None:
        await asyncio.shield(writing)


def begin(engine: Engine, partner: str, since: str | None) -> tuple[int, str | None, int, bool]:
    """Go on with a partner's load, or begin one: its generation, its place, how many are in, whether all are."""
    with engine.begin() as connection:
        old = connection.exec_driver_sql(
            "SELECT generation, cursor, count, ending FROM loads WHERE partner = ?", (partner,)
        ).first()
        if old is not None and (old[1] is not None or old[3]):
            return old[0], old[1], old[2], bool(old[3])
        generation = begin_in(connection, partner, since)
        quarantine.clear(connection, quarantine.source_of(partner))
        return generation, None, 0, False


def begin_in(connection: Connection, partner: str, since: str | None = None) -> int:
    """Begin a load of everything that ``partner`` offers, in place of one that is under way; its generation."""
    return int(
        connection.exec_driver_sql(
            "INSERT INTO loads (partner, generation, since) VALUES (?, 1, ?) ON CONFLICT (partner) DO UPDATE SET"
            " generation = generation + 1, cursor = NULL, ending = 0, count = 0, since = excluded.since"
            " RETURNING generation",
            (partner, since),
        ).scalar_one()
    )


def _keep(bulk: Bulk, engine: Engine, partner: str, read: Reading, generation: int, count: int) -> None:
    with bulk.transaction(engine, len(read.offers)) as connection:
        write(connection, read.offers, generation)
        quarantine.of_partner(connection, partner, read.bad, generation, clock.now())
        connection.exec_driver_sql(
            "UPDATE loads SET cursor = ?, ending = ?, count = ? WHERE partner = ?",
            (read.cursor, read.last, count, partner),
        )


def _forget_place(engine: Engine, partner: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE loads SET cursor = NULL WHERE partner = ?", (partner,))


def end(engine: Engine, partner: str, generation: int, now: datetime, *, remove: bool = True) -> int:
    """Take out what the list of this ``generation`` did not name, and say that the load is done; how many went.

    Without ``remove`` they stay. Killed in between, it is done again.
    """
    went, place = 0, 0
    while remove:
        with engine.begin() as connection:
            rows = connection.exec_driver_sql(
                "SELECT row, sku FROM offers WHERE partner = ? AND generation < ? AND row > ? ORDER BY row LIMIT ?",
                (partner, generation, place, GONE),
            ).all()
            write(connection, (), gone=[(partner, row.sku) for row in rows])
        if not rows:
            break
        went, place = went + len(rows), rows[-1].row
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE loads SET cursor = NULL, ending = 0, done_at = ?, expected = count, changes = since, since = NULL,"
            " confirmed_at = NULL WHERE partner = ?",
            (now.timestamp(), partner),
        )
    index.tidy(engine)
    return went


def withdraw(engine: Engine, partner: str) -> None:
    """Take everything of this partner out, a little at a time, and forget how far its list was read."""
    end(engine, partner, FOREVER, clock.now())
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM loads WHERE partner = ?", (partner,))
        quarantine.clear(connection, quarantine.source_of(partner))
