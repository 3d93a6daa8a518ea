"""Keeping the catalogue up to date: what changed at a partner, or its whole list when it cannot tell.

    no cursor ----> ask for the cursor of now ----> load the whole list ----> keep the cursor
    cursor -------> ask what changed behind it ---> apply, keep the next cursor, in one transaction
       '-- the partner does not know it any more: as without one

The cursor is never ahead of the data, so what a kill interrupts is only applied again, which changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import Engine

from partners.contract import BadOffer, Catalogue, ChangePage
from retail.errors import PermanentError
from retail.offer import Offer
from sync import clock
from sync.catalogue import quarantine
from sync.catalogue.bulk import Bulk
from sync.catalogue.load import PAGE, SOON, in_turn, load
from sync.catalogue.write import write
from sync.store.engine import reading

log = structlog.get_logger("sync.catalogue.changes")


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did: offers of a whole list, or changes (``whole`` False)."""

    count: int
    whole: bool


@dataclass(slots=True)
class News:
    """What was read and is not applied yet, by SKU: the offer as it is now, or None for what is gone."""

    by_sku: dict[str, Offer | None] = field(default_factory=dict)
    bad: list[BadOffer] = field(default_factory=list)
    cursor: str = ""
    more: bool = True

    def add(self, page: ChangePage) -> None:
        """Take a page in; what it says of a SKU counts more than what was said before."""
        for sku in page.gone:
            self.by_sku[sku] = None
        for offer in page.offers:
            self.by_sku[offer.sku] = offer
        self.bad += page.bad
        self.cursor, self.more = page.cursor, page.more


async def refresh(
    engine: Engine,
    catalogue: Catalogue,
    now: datetime,
    progress: Callable[[int], None] | None = None,
    *,
    whole: bool = False,
    turn: asyncio.Lock | None = None,
) -> Refreshed:
    """Bring what is remembered of one partner up to date; goes on with a load that was interrupted.

    ``whole`` reads the whole list even when the partner can tell what changed; ``turn`` as in ``load``. Raises what the
    partner raises; what was read until then is kept.
    """
    turn = turn or asyncio.Lock()
    cursor, loading = await asyncio.to_thread(_place, engine, catalogue.partner_id)
    if cursor is not None and not loading and not whole:
        count = await follow(engine, catalogue, cursor, turn, progress)
        if count is not None:
            return Refreshed(count, False)
    start = await _told(catalogue, None)
    since = start.cursor if start else None
    count = await load(engine, catalogue, now, progress, since=since, turn=turn)
    if since is not None and (place := (await asyncio.to_thread(_place, engine, catalogue.partner_id))[0]):
        await follow(engine, catalogue, place, turn)
    return Refreshed(count, True)


async def follow(
    engine: Engine,
    catalogue: Catalogue,
    cursor: str,
    turn: asyncio.Lock,
    progress: Callable[[int], None] | None = None,
) -> int | None:
    """Apply what changed behind ``cursor``; how many SKUs that were, None when the partner cannot tell from there."""
    asked_at, news, count, read_at = clock.now(), News(cursor=cursor), 0, clock.steady()
    bulk = Bulk()
    try:
        while news.more:
            page = await _told(catalogue, news.cursor)
            if page is None:
                return None
            news.add(page)
            if progress:
                progress(count + len(news.by_sku))
            if not news.more or len(news.by_sku) >= bulk.size or clock.steady() - read_at >= SOON:
                done = news
                count, news, read_at = count + len(done.by_sku), News(cursor=done.cursor), clock.steady()
                news.more = done.more
                at = None if done.more else asked_at
                await in_turn(turn, _apply, bulk, engine, catalogue.partner_id, cursor, done, at)
                cursor = done.cursor
    finally:
        if news.by_sku:
            await in_turn(turn, _apply, bulk, engine, catalogue.partner_id, cursor, news, None)
    return count


async def _told(catalogue: Catalogue, cursor: str | None) -> ChangePage | None:
    """What changed; None, too, when its answer cannot be understood: its list may be readable all the same."""
    try:
        return await catalogue.changes(cursor, limit=PAGE)
    except PermanentError as error:
        log.warning("changes not understood", partner=catalogue.partner_id, why=type(error).__name__)
        return None


def _place(engine: Engine, partner: str) -> tuple[str | None, bool]:
    """The cursor behind which changes are asked for, and whether a whole load is under way."""
    with reading(engine) as connection:
        row = connection.exec_driver_sql(
            "SELECT changes, cursor IS NOT NULL OR ending FROM loads WHERE partner = ?", (partner,)
        ).first()
    return (row[0], bool(row[1])) if row else (None, False)


def _apply(
    bulk: Bulk, engine: Engine, partner: str, cursor: str, news: News, confirmed_at: datetime | None
) -> None:
    """Apply what was read behind ``cursor``, unless another process has done so meanwhile."""
    with bulk.transaction(engine, len(news.by_sku)) as connection:
        row = connection.exec_driver_sql(
            "SELECT changes, generation FROM loads WHERE partner = ?", (partner,)
        ).first()
        if row is None or row[0] != cursor:
            return
        offers = [offer for offer in news.by_sku.values() if offer is not None]
        gone = [(partner, sku) for sku, offer in news.by_sku.items() if offer is None]
        write(connection, offers, row[1], gone)
        quarantine.mended(connection, partner, news.by_sku)
        quarantine.of_partner(connection, partner, news.bad, row[1], clock.now())
        connection.exec_driver_sql(
            "UPDATE loads SET changes = ?, confirmed_at = ifnull(?, confirmed_at) WHERE partner = ?",
            (news.cursor, confirmed_at.timestamp() if confirmed_at else None, partner),
        )
