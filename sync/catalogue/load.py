"""Filling the catalogue: whole, page by page, resumable; searches see the old offers until the new ones are there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine

from partners.contract import Catalogue, OfferPage
from retail.errors import PermanentError
from sync.catalogue.write import refresh, write

PAGE = 100


async def load(
    engine: Engine, catalogue: Catalogue, now: datetime, progress: Callable[[int], None] | None = None
) -> int:
    """Load everything ``catalogue`` offers; how many offers it has. Interrupted, it goes on where it stopped.

    What the partner no longer lists disappears only once the last page is in. ``progress`` hears the count so far.
    Raises what the partner raises; after an answer that trying again cannot mend, the next load starts anew.
    """
    partner = catalogue.partner_id
    generation, cursor, count = await asyncio.to_thread(_begin, engine, partner)
    while True:
        try:
            page = await catalogue.search("", limit=PAGE, cursor=cursor)
        except PermanentError:  # it may not know our place any more
            await asyncio.to_thread(_forget_place, engine, partner)
            raise
        count += len(page.offers)
        await asyncio.to_thread(_keep, engine, partner, page, generation, count)
        if progress:
            progress(count)
        if page.cursor is None:
            break
        cursor = page.cursor
    await asyncio.to_thread(_end, engine, partner, generation, now)
    return count


def _begin(engine: Engine, partner: str) -> tuple[int, str | None, int]:
    with engine.begin() as connection:
        old = connection.exec_driver_sql("SELECT * FROM loads WHERE partner = ?", (partner,)).first()
        if old is not None and old.cursor is not None:
            return old.generation, old.cursor, old.offers
        generation = 1 if old is None else old.generation + 1
        connection.exec_driver_sql(
            "INSERT INTO loads (partner, generation) VALUES (?, ?) ON CONFLICT (partner) DO UPDATE"
            " SET generation = excluded.generation, cursor = NULL, offers = 0",
            (partner, generation),
        )
        return generation, None, 0


def _keep(engine: Engine, partner: str, page: OfferPage, generation: int, count: int) -> None:
    with engine.begin() as connection:
        write(connection, page.offers, generation)
        connection.exec_driver_sql(
            "UPDATE loads SET cursor = ?, offers = ? WHERE partner = ?", (page.cursor, count, partner)
        )


def _forget_place(engine: Engine, partner: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE loads SET cursor = NULL WHERE partner = ?", (partner,))


def _end(engine: Engine, partner: str, generation: int, now: datetime) -> None:
    with engine.begin() as connection:
        gone = connection.exec_driver_sql(
            "DELETE FROM offers WHERE partner = ? AND generation < ? RETURNING product", (partner, generation)
        ).all()
        refresh(connection, {row.product for row in gone})
        connection.exec_driver_sql(
            "UPDATE loads SET cursor = NULL, done_at = ? WHERE partner = ?", (now.timestamp(), partner)
        )
