"""What ``aisle catalogue load | status | quarantine | crosswalk`` do; ``main.py`` prints what they yield."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from retail.errors import Rejected, TemporaryError
from sync import clock
from sync.catalogue.crosswalk import import_file
from sync.catalogue.file import load_file
from sync.catalogue.losses import losses
from sync.store.engine import reading

if TYPE_CHECKING:
    from sync.device import Device

Line = tuple[dict[str, Any], str]
Answer = TypeVar("Answer")
SAY_AGAIN = 2.0  # seconds between lines of progress
SHOWN = 20  # odd things that are named one by one


async def telling(
    work: Callable[[Callable[[Line], None]], Awaitable[Answer]], answers: list[Answer]
) -> AsyncIterator[Line]:
    """Yield what ``work`` says while it runs, the last word every two seconds; its answer goes into ``answers``."""
    said: list[Line] = []
    task = asyncio.ensure_future(work(lambda line: said.__setitem__(slice(None), [line])))
    try:
        while not task.done():
            await asyncio.wait([task], timeout=SAY_AGAIN)
            if said and not task.done():
                yield said.pop()
        answers.append(task.result())
    finally:
        task.cancel()


async def side_by_side(tellers: Iterable[AsyncIterator[Line]]) -> AsyncIterator[Line]:
    """Yield what all of these say, as it comes; what one of them raises ends it."""
    lines: asyncio.Queue[Line | None] = asyncio.Queue()

    async def listen(teller: AsyncIterator[Line]) -> None:
        async for line in teller:
            lines.put_nowait(line)

    everything = asyncio.gather(*map(listen, tellers))
    everything.add_done_callback(lambda _: lines.put_nowait(None))
    try:
        while line := await lines.get():
            yield line
        await everything
    finally:
        everything.cancel()


async def load(device: Device, file: str, partner: str | None, full: bool) -> AsyncIterator[Line]:
    """Load a catalogue file; says how far it is. Raises Rejected when it is no catalogue or the partner is unknown.

    Cancelled, it ends with the rows at hand: TemporaryError, since it goes on there when the file is loaded again.
    """
    if partner is not None and partner not in device.partners:
        have = ", ".join(device.partners) or "none"
        raise Rejected(
            "unknown_partner", f"there is no partner {partner!r} in use here. Partners in use: {have}."
        )

    async def work(say: Callable[[Line], None]) -> Any:
        cancelled = threading.Event()

        def progress(rows: int, share: float) -> None:
            if cancelled.is_set():
                raise asyncio.CancelledError
            say(({"rows": rows, "share": round(share, 3)}, f"{rows:,} rows, {share:.0%} of the file"))

        try:
            return await asyncio.to_thread(
                load_file,
                device.shelf.engine,
                Path(file),
                partner=partner,
                known=tuple(device.partners),
                full=full,
                now=clock.now(),
                progress=progress,
            )
        finally:
            cancelled.set()

    answers: list[Any] = []
    try:
        async for line in telling(work, answers):
            yield line
    except asyncio.CancelledError as error:
        raise TemporaryError(
            f"{Path(file).name} is not in as a whole; load it again, and it goes on where it was broken off"
        ) from error
    (done,) = answers
    text = f"{done.good:,} offers taken, {done.bad:,} rows put aside"
    if done.skipped:
        text += f"; gone on with after row {done.skipped:,}"
    if done.removed:
        text += f"; {done.removed:,} offers that the file does not name are gone"
    if done.kept_old:
        text += "; so many rows are bad that nothing was taken off the shelf"
    if done.bad:
        text += ". See: aisle catalogue quarantine"
    data = {
        "file": Path(file).name,
        "offers": done.good,
        "quarantined": done.bad,
        "removed": done.removed,
        "skipped": done.skipped,
        "kept_old": done.kept_old,
    }
    yield data, text


def status(device: Device) -> Iterator[Line]:
    """How far each partner's list is in, what is put aside, own codes, and GTINs that one partner has twice."""
    products, offers = device.shelf.counts()
    path = Path(device.shelf.engine.url.database or "")
    parts = [path.with_name(path.name + end) for end in ("", "-wal", "-shm")]
    size = sum(one.stat().st_size for one in parts if one.exists())
    yield (
        {"products": products, "offers": offers, "bytes": size},
        f"{products:,} products, {offers:,} offers, {size / 2**20:,.0f} MiB",
    )
    for loss in losses(device.shelf.engine):
        yield {"lost": loss.what, "advice": loss.advice}, f"{loss.what} {loss.advice}"
    for one in device.shelf.loads():
        data = {
            "partner": one.partner,
            "loading": one.loading,
            "offers": one.count,
            "expected": one.expected,
            "loaded_at": one.done_at.isoformat() if one.done_at else None,
            "confirmed_at": one.confirmed_at.isoformat() if one.confirmed_at else None,
            "follows": one.follows,
        }
        if one.loading:
            text = f"loading, {one.count:,}" + (f" of about {one.expected:,}" if one.expected else "")
        else:
            text = f"loaded {one.done_at:%Y-%m-%d %H:%M} UTC" if one.done_at else "never loaded whole"
        if one.follows:
            text += ", tells what changed"
        yield data, f"{device.partner_name(one.partner)}: {text}"
    with reading(device.shelf.engine) as connection:
        own = connection.exec_driver_sql("SELECT count(DISTINCT code) FROM crosswalk").scalar_one()
    yield {"own_codes": own}, f"{own:,} codes of the store's own"
    count = device.shelf.quarantine_count()
    yield (
        {"quarantined": count},
        f"{count:,} rows put aside" + (". See: aisle catalogue quarantine" if count else ""),
    )
    for partner, gtin, skus in device.shelf.shared_gtins(SHOWN):
        yield (
            {"shared_gtin": gtin, "partner": partner, "skus": list(skus)},
            f"{device.partner_name(partner)} has {gtin} under {', '.join(skus)}: whoever scans it is asked",
        )


def quarantine(device: Device, limit: int) -> Iterator[Line]:
    """The rows that are put aside: where they stand, which field is wrong, what to do."""
    rows = device.shelf.quarantine(limit)
    for one in rows:
        data = {
            "source": one.source,
            "row": one.row,
            "partner": one.partner,
            "sku": one.sku,
            "field": one.field,
            "reason": one.reason,
            "at": one.at.isoformat(),
        }
        about = f" (SKU {one.sku})" if one.sku else ""
        yield data, f"{one.source}, row {one.row}{about}, {one.field}: {one.reason}"
    count = device.shelf.quarantine_count()
    if not count:
        yield {"quarantined": 0}, "No rows are put aside."
    elif count > len(rows):
        yield {"quarantined": count}, f"These are {len(rows):,} of {count:,}. More of them: --limit N"


def crosswalk(device: Device, file: str, empty: bool = False) -> Iterator[Line]:
    """Keep the store's own codes in a file in place of those before. Raises Rejected when it is no such file.

    A file without rows is one only when it may be ``empty``.
    """
    done = import_file(device.shelf.engine, Path(file), empty=empty)
    for number, problem in done.bad:
        yield (
            {"row": number, "field": problem.field, "reason": problem.reason},
            f"row {number}, {problem.field}: {problem.reason}",
        )
    for conflict in done.conflicts:
        yield (
            {"conflict": conflict.code, "products": list(conflict.products)},
            f"{conflict.code} stands for {len(conflict.products)} products: whoever scans it is asked",
        )
    data = {
        "codes": done.codes,
        "bad": len(done.bad),
        "conflicts": len(done.conflicts),
        "unknown": done.unknown,
    }
    text = (
        f"{done.codes:,} codes kept, {len(done.bad):,} bad rows, {len(done.conflicts):,} stand for several products,"
        f" {done.unknown:,} lead to nothing on the shelf now"
    )
    yield data, text
