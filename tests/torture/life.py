"""What a device does between two deaths: orders, places, exchanges, as fast as it can, and says what it has promised."""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import NAMESPACE_OID, uuid5

from retail.address import Address, Customer
from retail.cart import Quote
from retail.money import Money, total
from retail.offer import Offer
from retail.order import OrderLine, Shipping
from retail.strict import digest
from sync import clock
from sync.device import Device
from sync.opening import open_device
from sync.settings import Settings

NAMES = ("Ada Byron", "Zoë Müller", "山田 太郎", "أحمد الهاشمي", "Nguyễn Thị Minh", "O'Neill & Søn")


@dataclass(frozen=True, slots=True)
class Report:
    """The line to the one who counts; what is written here is known to the outside world."""

    pipe: int

    def say(self, **what: object) -> None:
        """Tell one thing, in one write."""
        os.write(self.pipe, json.dumps(what, ensure_ascii=False).encode() + b"\n")


def quote_for(intent: int, offers: Sequence[Offer]) -> Quote:
    """What customer number ``intent`` wants; always the same for the same number."""
    chance = random.Random(intent)
    chosen = chance.sample(offers, min(len(offers), chance.choice((1, 1, 2, 3))))
    lines = tuple(
        OrderLine(
            id=str(uuid5(NAMESPACE_OID, f"{intent}/{index}")),
            partner=offer.partner,
            sku=offer.sku,
            gtin=offer.gtin,
            name=offer.name,
            quantity=chance.choice((1, 1, 2)),
            price=offer.price,
        )
        for index, offer in enumerate(chosen)
    )
    shipping = {offer.partner: offer.shipping or Money.zero(offer.price.currency) for offer in chosen}
    freight = tuple(Shipping(partner, price) for partner, price in shipping.items())
    currency = lines[0].price.currency
    amount = total((line.sum() for line in lines), currency) + total(
        (part.price for part in freight), currency
    )
    now = clock.now()
    return Quote(
        str(uuid5(NAMESPACE_OID, str(intent))),
        lines,
        freight,
        amount,
        now,
        now + timedelta(minutes=15),
        dict.fromkeys(shipping, False),
    )


def customer_for(intent: int) -> Customer:
    """Who customer number ``intent`` is."""
    name = NAMES[intent % len(NAMES)]
    address = Address("DE", (f"Straße {intent}", name), "Köln", "50667")
    return Customer(name, f"customer{intent}@example.com", address)


async def place(device: Device, intent: int, offers: Sequence[Offer], report: Report) -> None:
    """One customer orders; the promise is told once ``place`` has returned."""
    report.say(begun=intent)
    order = await device.place(
        quote_for(intent, offers),
        customer_for(intent),
        payment="till",
        reference=f"T-{intent}",
        language="de",
    )
    report.say(acknowledged=order.id, intent=intent, digest=digest(order), number=order.number)


async def work(device: Device, offers: Sequence[Offer], intents: Iterable[int], report: Report) -> None:
    """Order, place and exchange until somebody pulls the plug."""
    report.say(open=True)
    device.queue.hurry()
    for intent in intents:
        await place(device, intent, offers, report)
        await asyncio.gather(device.worker.drain(), device.exchange())
    report.say(idle=True)
    while True:
        device.queue.hurry()
        await asyncio.gather(device.worker.drain(), device.exchange())


def live(settings: Settings, offers: Sequence[Offer], intents: Sequence[int], report: Report) -> None:
    """A whole life, in this process; returns only if something is wrong."""

    async def start() -> None:
        device = open_device(settings)
        await work(device, offers, intents, report)

    asyncio.run(start())


async def quieten(device: Device, deadline: float) -> bool:
    """Work without being disturbed until nothing waits any more except for people; whether that was reached."""
    until = clock.steady() + deadline
    while clock.steady() < until:
        device.queue.hurry()
        await device.worker.drain()
        await device.exchange()
        health = device.health()
        waiting = sum(health.queue[status] for status in ("queued", "placing", "unknown"))
        if not waiting and not health.unsynced:
            return True
        await asyncio.sleep(0.05)
    return False
