"""The real device with a few partners in memory: encrypted store, queue, worker and sign-in as in a shop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kiosk.session import Session
from partners.contract import Capabilities, OrderingClass, PartnerRecord
from partners.goods import sample_assortment
from partners.memory.adapter import MemoryPartner
from partners.registry import Partner
from retail.address import Address, Customer
from retail.order import Order
from sync.associates import Role, apply_associate, hash_password
from sync.device import Device
from sync.opening import keystore_of, open_shelf, open_store
from sync.settings import Settings
from tests.kiosk.driver import Tab

NAMES = {"north": "Nordic Outfitters", "berg": "Bergmann & Sohn"}
PASSWORD = "aisle-7Gulls"  # of everybody in these tests
ADDRESS = {
    "name": "Jane Miller",
    "street": "Torstraße 14",
    "postal-code": "10119",
    "city": "Berlin",
    "email": "jane@example.com",
}
# The first of a rain jacket (129.00 + 5.90 delivery) and of a wool hat (24.90 + 3.90 delivery), at each partner.
JACKET, HAT = "{}-10", "{}-20"


@dataclass(frozen=True, slots=True)
class Store:
    """A device and its partners by id."""

    device: Device
    partners: dict[str, MemoryPartner]

    async def add(self, session: Session, partner: str, sku: str, quantity: int = 1) -> None:
        """Put something of ``partner`` into the cart, as the product screen does."""
        offer = await self.partners[partner].find(sku=sku.format(partner[:2].upper()))
        assert offer is not None
        session.cart.add(offer, quantity)

    async def order(self, session: Session, *partners: str) -> Order:
        """Order one jacket from each of ``partners`` for Jane Miller, without any screen."""
        for partner in partners:
            await self.add(session, partner, JACKET)
        address = Address("DE", ("Torstraße 14",), "Berlin", "10119")
        quote = await self.device.quote(session.cart.cart, address)
        session.cart.clear()
        return await self.device.place(
            quote,
            Customer("Jane Miller", "jane@example.com", address),
            payment="till",
            reference="T-1001",
            language="en",
        )

    def employ(self, user: str, role: Role = "associate") -> None:
        """Let ``user`` sign in with PASSWORD."""
        body = {
            "user": user,
            "name": f"{user.title()} Lind",
            "password_hash": _hash(),
            "role": role,
            "active": True,
            "version": 1,
        }
        with self.device.engine.begin() as connection:
            apply_associate(connection, body)


@cache
def _hash() -> str:
    return hash_password(PASSWORD)


@asynccontextmanager
async def open_shop(
    folder: Path,
    classes: Mapping[str, OrderingClass] | None = None,
    *,
    ship_to: Mapping[str, tuple[str, ...]] | None = None,
    **given: Any,
) -> AsyncIterator[Store]:
    """A shop with its data in ``folder``; ``classes`` says how each partner takes orders, ``given`` are settings."""
    classes = classes or {"north": "A", "berg": "A"}
    partners, records = {}, []
    for name, ordering_class in classes.items():
        can = Capabilities(
            ordering_class, can_look_up=ordering_class != "C", ship_to=(ship_to or {}).get(name, ())
        )
        partners[name] = MemoryPartner(sample_assortment(name), capabilities=can)
        records.append(PartnerRecord(name, NAMES[name], "rest", "http://127.0.0.1:9", can))

    def opener(record: PartnerRecord) -> Partner:
        return partners[record.id]

    settings = Settings(data_dir=folder, key_file=True, store_name="Teststadt 1", **given)
    keystore = keystore_of(settings)
    engine, shelf = open_store(settings, keystore), open_shelf(settings, keystore)
    device = Device(settings, engine, shelf, keystore, records, opener, None)
    try:
        await device.ping()
        yield Store(device, partners)
    finally:
        await device.aclose()


async def type_address(tab: Tab, **other: str) -> None:
    """Type Jane Miller's address; ``other`` are fields with other texts."""
    for name, text in (ADDRESS | {field.replace("_", "-"): text for field, text in other.items()}).items():
        await tab.type(name, text)


async def to_payment(tab: Tab) -> None:
    """From the address to the payment, with everything as it should be."""
    await type_address(tab)
    await tab.tap("to-delivery")
    await tab.until(lambda: tab.session.quote is not None)
    await tab.tap("to-payment")
