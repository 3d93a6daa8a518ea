"""What ``aisle order | sync | status | verify | partner`` do; ``main.py`` prints what they yield.

Each yields (one JSON object, one line for people) pairs and raises our errors; nothing here prints.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from retail.cart import Cart
from retail.errors import Rejected, TemporaryError
from retail.gtin import Gtin
from retail.offer import Offer, rank
from retail.order import PartnerOrder
from retail.status import PartnerOrderState
from retail.strict import to_data
from sync.catalogue.changes import Refreshed
from sync.catalogue.command import side_by_side, telling
from sync.device import Device
from sync.orderfile import FileLine, read_order_file
from sync.queue import OrderRecord

Line = tuple[dict[str, Any], str]


async def place(device: Device, text: str | bytes) -> Line:
    """Place the order in an order file; the answer exists only once it is committed.

    Raises:
        Rejected: the file, a code, a quantity or an address is wrong; nothing was placed.
        TemporaryError: a product is not known here and its partner does not answer.
        StoreUnavailable: the disk; nothing was placed.
    """
    file = read_order_file(text)
    cart = Cart()
    for line in file.lines:
        offer = await _offer_for(device, line)
        if line.quantity > offer.available:
            raise Rejected(
                "not_enough", f"{offer.name}: {line.quantity} asked for, {offer.available} available."
            )
        cart = cart.add(offer, line.quantity)
    customer = file.customer.customer()
    try:
        quote = await device.quote(cart, customer.address)
        short = [change for change in quote.changes if change.what != "price"]
        if short:
            raise Rejected(
                "not_enough", "; ".join(f"{c.name}: {c.old} asked for, {c.new} available" for c in short)
            )
        order = await device.place(
            quote,
            customer,
            payment=file.payment.method,
            reference=file.payment.reference,
            language=file.language,
        )
    except ValueError as error:
        raise Rejected("not_placed", str(error)) from error
    answer = {"order_id": order.id, "number": order.number, "status": "queued"}
    return (
        answer,
        f"Order {order.number} is saved on this device ({order.total.format('en')}) and waits to be placed.",
    )


async def _offer_for(device: Device, line: FileLine) -> Offer:
    gtin: Gtin = line.product()
    known = [o for o in device.shelf.by_gtin(gtin) if line.partner in (None, o.partner)]
    if not known:
        if line.partner is not None and line.partner not in device.records:
            have = ", ".join(device.records) or "none"
            raise Rejected("unknown_partner", f"there is no partner {line.partner!r}. Partners here: {have}.")
        known = await _ask_partners(device, gtin, line.partner)
    if not known:
        raise Rejected("unknown_product", f"no partner here sells {gtin}.")
    return known[0]


async def _ask_partners(device: Device, gtin: Gtin, only: str | None) -> list[Offer]:
    offers, silent = [], None
    for name, partner in device.partners.items():
        if only in (None, name):
            try:
                offer = await partner.find(gtin=gtin)
            except TemporaryError as error:
                silent = error
                continue
            if offer is not None:
                offers.append(offer)
    if not offers and silent is not None:
        raise silent
    return list(rank(offers, device.currency))


def show(device: Device, order: str) -> Line:
    """One order with where each of its parts stands. Raises Rejected when it is not on this device."""
    record = device.order(order)
    if record is None:
        raise Rejected("unknown_order", f"there is no order {order!r} on this device. See: aisle order list")
    return _record_line(device, record)


def listing(device: Device, limit: int) -> Iterator[Line]:
    """The newest orders."""
    for record in device.orders(limit=limit):
        yield _record_line(device, record)


def _record_line(device: Device, record: OrderRecord) -> Line:
    pairs = list(zip(record.partner_orders, record.states, strict=True))
    data = {
        "order_id": record.order.id,
        "number": record.order.number,
        "status": record.status().value,
        "total_minor": record.order.total.minor,
        "currency": record.order.total.currency,
        "created_at": record.order.created_at.isoformat(),
        "synced": record.synced,
        "problem": record.problem,
        "partner_orders": [_part(part, state) for part, state in pairs],
    }
    parts = "; ".join(f"{device.partner_name(part.partner)}: {_words(state)}" for part, state in pairs)
    synced = "known to the OMS" if record.synced else record.problem or "not yet at the OMS"
    return data, f"{record.order.number}  {record.order.total.format('en')}  {parts}  ({synced})"


def _part(order: PartnerOrder, state: PartnerOrderState) -> dict[str, Any]:
    return {
        "key": order.key,
        "partner": order.partner,
        "status": state.status().value,
        "reference": state.reference,
        "reason": state.reason,
        "attempts": state.attempts,
        "lines": [to_data(line) for line in state.lines],
        "shipments": [to_data(parcel) for parcel in state.shipments],
    }


def _words(state: PartnerOrderState) -> str:
    words = state.status().value.replace("_", " ")
    tracking = ", ".join(f"{parcel.carrier} {parcel.tracking}".strip() for parcel in state.shipments)
    return " ".join(
        filter(
            None,
            (words, state.reference, f"({state.detail or state.reason})" if state.reason else "", tracking),
        )
    )


async def cancel(device: Device, order: str) -> Line:
    """Cancel an order as far as it goes. Raises Rejected when it cannot be cancelled any more, or is unknown."""
    record = device.order(order)
    if record is None:
        raise Rejected("unknown_order", f"there is no order {order!r} on this device. See: aisle order list")
    outcome = await device.cancel(record.order.id)
    if outcome == "refused":
        raise Rejected(
            "too_late",
            f"{record.order.number} cannot be cancelled any more: a partner has sent it or said no.",
        )
    words = (
        "is cancelled"
        if outcome == "cancelled"
        else "is asked to be cancelled; the partner has not answered yet"
    )
    return {
        "order_id": record.order.id,
        "number": record.order.number,
        "outcome": outcome,
    }, f"{record.order.number} {words}."


async def sync_once(device: Device) -> AsyncIterator[Line]:
    """Drain the queue, exchange with the OMS, refresh catalogues that are due; say what happened."""
    first = await device.exchange()
    device.queue.hurry(followed=True)
    steps = await device.worker.drain()
    done = await device.exchange()
    uploaded = sum(part.uploaded for part in (first, done) if part)
    changes = sum(part.changes for part in (first, done) if part)
    health = device.health()
    data = {
        "steps": steps,
        "uploaded": uploaded,
        "changes": changes,
        "oms": health.oms,
        "queue": dict(health.queue),
    }
    yield (
        data,
        f"{steps} steps at partners, {uploaded} orders to the OMS ({health.oms}), {changes} changes from it",
    )
    await device.refreshing.withdraw()
    due = [partner for partner in device.partners if device.refreshing.due(partner)]
    async for line in side_by_side(_refreshed(device, partner) for partner in due):
        yield line


async def _refreshed(device: Device, partner: str) -> AsyncIterator[Line]:
    name = device.partner_name(partner)
    expected = next((one.expected for one in device.shelf.loads() if one.partner == partner), None)

    async def work(say: Callable[[Line], None]) -> Refreshed | None:
        def progress(count: int) -> None:
            of = f" of about {expected:,}" if expected else ""
            say(({"loading": partner, "offers": count, "of": expected}, f"{name}: {count:,}{of}"))

        return await device.refresh_catalogue(partner, progress)

    answers: list[Refreshed | None] = []
    async for line in telling(work, answers):
        yield line
    (done,) = answers
    if done is None:
        yield {"catalogue": partner, "offers": None}, f"{name}: does not answer"
    elif done.whole:
        yield {"catalogue": partner, "offers": done.count}, f"{name}: {done.count:,} offers"
    else:
        yield {"catalogue": partner, "changes": done.count}, f"{name}: {done.count:,} changes"


async def status(device: Device) -> Line:
    """How the queue and the links stand, as one object."""
    await device.ping()
    health = device.health()
    data = asdict(health) | {"device": device.identity().device, "enrolled": device.identity().enrolled}
    waiting = {name: count for name, count in health.queue.items() if count}
    text = [
        f"orders: {', '.join(f'{count} {name}' for name, count in waiting.items()) or 'none'}; not yet at the OMS: {health.unsynced}",
        f"OMS: {health.oms}",
        *(f"{device.partner_name(partner)}: {state}" for partner, state in health.partners.items()),
        f"catalogue: {health.products} products, {health.offers} offers",
        *(
            f"loading {device.partner_name(partner)}: {count:,}{f' of about {of:,}' if of else ''}"
            for partner, (count, of) in health.loading.items()
        ),
    ]
    if health.quarantined:
        text.append(f"{health.quarantined:,} rows put aside. See: aisle catalogue quarantine")
    return data, "\n".join(text)


def verify(device: Device) -> Iterator[Line]:
    """Recompute every digest and sum. Raises Rejected after naming what is wrong."""
    count, wrong = device.queue.verify()
    for problem in wrong:
        yield {"problem": problem}, problem
    yield {"orders": count, "wrong": len(wrong)}, f"{count} orders, {len(wrong)} wrong"
    if wrong:
        raise Rejected(
            "damaged",
            f"{len(wrong)} of {count} orders are not what was written. Keep the file and call support.",
        )


def read_input(name: str) -> bytes:
    """The file ``name``, or standard input for ``-``. Raises Rejected when it cannot be read."""
    import sys

    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise Rejected("no_file", f"{name} cannot be read: {error.strerror}.") from error


async def sync_watch(device: Device) -> AsyncIterator[Line]:
    """Work until Ctrl-C, telling each order that moves and each change of the links."""
    topics: asyncio.Queue[str] = asyncio.Queue()
    end = device.watch(topics.put_nowait)
    stop = asyncio.Event()
    work = asyncio.create_task(device.run(stop))
    device.queue.hurry()
    try:
        while not work.done():
            topic = await topics.get()
            kind, _, about = topic.partition(":")
            if kind == "order" and (record := device.order(about)):
                yield _record_line(device, record)
            elif kind == "health":
                yield {"oms": device.health().oms}, f"OMS: {device.health().oms}"
    finally:
        end()
        stop.set()
        await work


def partners(device: Device) -> Iterator[Line]:
    """The partners of this device, usable or not."""
    for record in device.records.values():
        wrong = device.misconfigured.get(record.id)
        data = {
            "id": record.id,
            "name": record.name,
            "protocol": record.protocol,
            "endpoint": record.endpoint,
            "class": record.capabilities.ordering_class,
            "placed_by": record.placed_by,
            "problem": wrong,
        }
        yield data, f"{record.id}  {record.name}  {record.protocol} {record.endpoint}  {wrong or 'usable'}"
    if not device.records:
        yield (
            {"partners": 0},
            "No partners yet: enrol this device, or name a file of records in AISLE_PARTNERS.",
        )


async def check_partner(device: Device, name: str) -> AsyncIterator[Line]:
    """Check one partner's record and whether it answers. Raises Rejected for what only a person can mend."""
    record = device.records.get(name)
    if record is None:
        raise Rejected(
            "unknown_partner",
            f"there is no partner {name!r}. Partners here: {', '.join(device.records) or 'none'}.",
        )
    wrong = device.misconfigured.get(name)
    if wrong:
        raise Rejected("record", wrong)
    yield {"check": "record", "ok": True}, "record: usable"
    page = await device.partners[name].search("", limit=5)
    yield (
        {"check": "search", "ok": bool(page.offers), "offers": len(page.offers)},
        f"search: {len(page.offers)} offers",
    )
    if page.offers:
        offer = page.offers[0]
        again = await device.partners[name].find(gtin=offer.gtin)
        ok = again is not None and again.gtin == offer.gtin
        yield {"check": "find", "ok": ok}, f"find by GTIN: {'right' if ok else 'does not find its own offer'}"


def keep_key(device: Device, name: str, secret: str) -> Line:
    """Keep the secret of a partner in this device's keystore. Raises Rejected when its record asks for none."""
    record = device.records.get(name)
    if record is None:
        have = ", ".join(device.records) or "none"
        raise Rejected("unknown_partner", f"there is no partner {name!r}. Partners here: {have}.")
    if record.credential is None:
        raise Rejected("no_credential", f"The record of {record.name} asks for no secret.")
    if not secret:
        raise Rejected("empty", "The secret is empty; nothing was kept.")
    device.keystore.set(record.credential, secret)
    return {
        "partner": name,
        "kept": True,
    }, f"The secret of {record.name} is kept. It is used from the next start on."
