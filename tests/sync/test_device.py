"""The device: what screens and commands do, on real files, with partners in memory and an OMS that does as told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from partners.contract import Capabilities, PartnerRecord
from partners.goods import sample_assortment
from partners.keystore import FileKeystore
from partners.memory import MemoryPartner
from retail.cart import Cart, Quote
from retail.codes import read_code
from retail.errors import Misconfigured
from retail.gtin import Gtin
from retail.order import Order, partner_orders
from retail.status import OrderStatus
from retail.strict import to_data
from sync import clock
from sync.catalogue import Filters
from sync.client import enrol
from sync.device import Device
from sync.opening import open_device, open_shelf, open_store
from sync.protocol import own_prefix
from sync.queue import OrderQueue
from sync.settings import Settings
from tests.retail.samples import ADA, gtin
from tests.sync.scripted_oms import ScriptedOms
from tests.sync.test_worker import becomes


def record(partner: str, **changes: Any) -> PartnerRecord:
    return PartnerRecord(
        partner,
        partner.title(),
        "rest",
        f"https://{partner}.example",
        Capabilities("A", can_look_up=True),
        **changes,
    )


class Store:
    """A device with two partners in memory, in a folder, that can be closed and opened again."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.settings = Settings(data_dir=folder, key_file=True, exchange_seconds=0.05, **settings)
        self.oms = ScriptedOms()
        self.partners = {name: MemoryPartner(sample_assortment(name)) for name in ("north", "east")}
        self.records = [record("north"), record("east")]
        self.keystore = FileKeystore(folder / "kiosk")
        self.device = self.open()
        self.topics: list[str] = []
        self.device.watch(self.topics.append)

    def open(self) -> Device:
        """The device, as it is after a restart."""
        engine = open_store(self.settings, self.keystore)
        shelf = open_shelf(self.settings, self.keystore)
        return Device(
            self.settings, engine, shelf, self.keystore, self.records, self._partner, self.oms.client()
        )

    def _partner(self, wanted: PartnerRecord) -> MemoryPartner:
        if wanted.id not in self.partners:
            raise Misconfigured(f"The key of partner {wanted.id} is not on this machine.")
        return self.partners[wanted.id]

    async def quote(self, *skus: str) -> Quote:
        cart = Cart()
        for sku in skus:
            partner = next(one for one in self.partners.values() if sku[:2] == one.partner_id[:2].upper())
            found = await partner.find(sku=sku)
            assert found is not None
            cart = cart.add(found)
        return await self.device.quote(cart, ADA.address)

    async def buy(self, *skus: str) -> Order:
        return await self.place(await self.quote(*(skus or ("NO-00",))))

    async def place(self, quote: Quote, **changes: Any) -> Order:
        how = {"payment": "till", "reference": "T-1001", "language": "de", "associate": "mia"}
        return await self.device.place(quote, ADA, **(how | changes))

    def status(self, order: Order) -> OrderStatus:
        found = self.device.order(order.id)
        assert found is not None
        return found.status()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = Store(tmp_path)
    yield opened
    await opened.device.aclose()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Move the wall clock."""
    return lambda seconds: monkeypatch.setenv("AISLE_CLOCK_OFFSET", str(seconds))


# -- buying ------------------------------------------------------------------------------------------------


async def test_an_order_is_on_the_disk_when_place_returns(store: Store) -> None:
    quote = await store.quote("NO-00", "EA-00", "NO-10")

    order = await store.place(quote)

    other = open_store(store.settings, store.keystore)
    found = OrderQueue(other).order(order.number)
    other.dispose()
    assert found is not None
    assert found.order == order
    assert (order.id, order.total, order.lines, order.shipping) == (
        quote.id,
        quote.total,
        quote.lines,
        quote.shipping,
    )
    assert (order.payments[0].reference, order.language, order.associate) == ("T-1001", "de", "mia")
    assert (order.customer, order.device) == (ADA, store.device.identity().device)
    assert found.status() is OrderStatus.QUEUED
    keys = [part.key for part in found.partner_orders]
    assert found.partner_orders == partner_orders(order, {}, keys)


async def test_a_quote_becomes_one_order_however_often_it_is_placed(
    store: Store, later: Callable[[float], None]
) -> None:
    quote = await store.quote("NO-00")

    orders = await asyncio.gather(*(store.place(quote) for _ in range(8)))
    later(86400.0)
    orders.append(await store.place(quote))

    assert len({order.number for order in orders}) == 1
    assert len(store.device.orders()) == 1
    assert await store.device.worker.drain() == 1
    assert len(store.partners["north"].bookings) == 1


@pytest.mark.parametrize(
    ("seconds", "good"), [(890, True), (905, False), (-50, True), (-70, False), (86400 * 365, False)]
)
async def test_prices_are_good_for_as_long_as_the_quote_says(
    store: Store, later: Callable[[float], None], seconds: float, good: bool
) -> None:
    quote = await store.quote("NO-00")
    later(seconds)

    if good:
        assert (await store.place(quote)).id == quote.id
        return
    with pytest.raises(ValueError, match="too old"):
        await store.place(quote)
    assert store.device.orders() == ()


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"payment": "link"}, "pay at the till"),
        ({"reference": "  "}, "fill this in"),
        ({"reference": "x" * 41}, "At most 40"),
        ({"reference": "4111 1111 1111 1111"}, "card number"),
    ],
)
async def test_what_is_missing_is_said_and_nothing_is_placed(
    store: Store, how: dict[str, str], says: str
) -> None:
    quote = await store.quote("NO-00")

    with pytest.raises(ValueError, match=says):
        await store.place(quote, **how)

    assert store.device.orders() == ()
    assert (await store.place(quote)).number.endswith("-1001")


async def test_everything_is_as_it_was_after_a_restart(store: Store) -> None:
    order = await store.buy("NO-00")
    mine = store.device.identity()
    await store.device.aclose()

    store.device = store.open()

    assert store.device.identity() == mine
    assert [found.order for found in store.device.orders()] == [order]
    assert await store.device.worker.drain() == 1
    assert store.status(order) is OrderStatus.PLACED


async def test_a_record_can_leave_the_buying_to_the_oms(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.device.records["north"] = record("north", placed_by="oms")

    order = await store.buy("NO-00", "EA-00")
    await store.device.worker.drain()

    assert [part.placed_by for part in store.device.orders()[0].partner_orders] == ["oms", order.device]
    assert (store.partners["north"].bookings, len(store.partners["east"].bookings)) == ([], 1)
    await store.device.aclose()


# -- cancelling --------------------------------------------------------------------------------------------


async def test_what_was_not_sent_is_cancelled_at_once(store: Store) -> None:
    order = await store.buy("NO-00", "EA-00")

    assert await store.device.cancel(order.number) == "cancelled"

    assert store.status(order) is OrderStatus.CANCELLED
    await store.device.worker.drain()
    assert store.partners["north"].bookings == store.partners["east"].bookings == []


async def test_what_was_accepted_is_cancelled_by_the_partner(store: Store) -> None:
    order = await store.buy("NO-00")
    await store.device.worker.drain()

    assert await store.device.cancel(order.id) == "cancelled"

    assert store.partners["north"].bookings[0].placed.state == "cancelled"
    assert store.status(order) is OrderStatus.CANCELLED


@pytest.mark.parametrize("delivered", [False, True])
async def test_what_is_on_its_way_is_not_cancelled(store: Store, delivered: bool) -> None:
    order = await store.buy("NO-00", "EA-00")
    await store.device.worker.drain()
    north = store.partners["north"]
    north.ship(north.bookings[0].placed.reference)
    if delivered:
        north.deliver(north.bookings[0].placed.reference)
    store.device.queue.hurry(followed=True)
    await store.device.worker.drain()

    assert await store.device.cancel(order.id) == "refused"

    states = store.device.orders()[0].states
    assert [state.status().value for state in states] == [
        "delivered" if delivered else "shipped",
        "cancelled",
    ]


async def test_a_partner_that_does_not_answer_has_only_been_asked(store: Store) -> None:
    order = await store.buy("NO-00")
    await store.device.worker.drain()
    store.partners["north"].faults.plan("500", 1, "cancel")

    assert await store.device.cancel(order.id) == "asked"

    assert store.status(order) is OrderStatus.PLACED


async def test_an_unknown_order_cannot_be_cancelled(store: Store) -> None:
    with pytest.raises(LookupError):
        await store.device.cancel("nothing")


async def test_a_person_settles_what_the_program_cannot(store: Store) -> None:
    store.partners["north"].capabilities = Capabilities("C")
    store.partners["north"].faults.plan("drop-after-accept", 1)
    order = await store.buy("NO-00")
    await store.device.worker.drain()
    store.device.queue.hurry()
    await store.device.worker.drain()
    (waiting,) = store.device.orders(needs_person=True)
    reference = store.partners["north"].bookings[0].placed.reference

    await store.device.settle(waiting.states[0].key, "placed", reference=reference, associate="mia")

    assert store.status(order) is OrderStatus.PLACED
    assert store.device.orders(needs_person=True) == ()
    assert "health" in store.topics


# -- finding -----------------------------------------------------------------------------------------------


async def test_a_whole_catalogue_is_loaded_and_searched_offline(store: Store) -> None:
    counted: list[int] = []

    assert await store.device.load_catalogue("north", counted.append) == 20
    store.partners["north"].faults.plan("500", None)

    page = store.device.search("linen shi", filters=Filters(category="Shirts"))
    assert [(one.product.name, len(one.offers)) for one in page.listings] == [("Linen shirt", 1)]
    assert not page.stale
    assert counted[-1] == 20
    assert "catalogue" in store.topics
    assert store.device.health().offers == 20
    assert await store.device.load_catalogue("north") is None


async def test_a_screen_hears_when_the_last_partner_goes_and_when_one_comes_back(store: Store) -> None:
    async def look() -> list[bool]:
        return [store.device.online() async for _ in store.device.live("linen-shirt")]

    await store.device.load_catalogue("north")
    for partner in store.partners.values():
        partner.faults.plan("500", None)
    store.topics.clear()
    await look()
    assert (store.device.online(), store.topics) == (False, ["health"])
    store.partners["east"].faults.plan("none")
    await look()
    assert (store.device.online(), store.topics) == (True, ["health", "health"])


async def test_a_code_nobody_remembers_is_asked_of_the_partners(store: Store) -> None:
    code = read_code("09520000000004")
    known = await store.partners["north"].find(sku="NO-00")
    assert known is not None
    store.partners["east"].faults.plan("500", 1, "find")

    (found,) = await store.device.by_code(read_code(known.gtin))

    assert (found.gtin, found.listing.product.name) == (known.gtin, "Linen shirt")
    assert await store.device.by_code(replace(code, gtin=gtin(12345))) == ()
    (again,) = await store.device.by_code(read_code("NO-00"))
    assert again.gtin == known.gtin


async def test_a_number_of_the_stores_own_is_not_asked_of_partners(store: Store) -> None:
    own = Gtin("02000000000008")
    (goods, *_), north = sample_assortment("north").items, sample_assortment("north")
    store.partners["north"] = MemoryPartner(replace(north, items=(replace(goods, gtin=own),)))
    store.device.partners["north"] = store.partners["north"]
    assert await store.partners["north"].find(gtin=own) is not None

    assert await store.device.by_code(read_code(own)) == ()


async def test_live_offers_come_in_as_partners_answer(store: Store) -> None:
    await store.device.load_catalogue("north")
    store.partners["north"].change("NO-00", price_minor=100)

    seen = [listing async for listing in store.device.live("linen-shirt")]

    assert {offer.partner for offer in seen[0].offers} == {"north"}
    assert {offer.partner for offer in seen[-1].offers} == {"north", "east"}
    assert min(offer.price.minor for offer in seen[-1].offers) == 100
    assert len(seen) == 3


async def test_a_silent_partner_does_not_keep_the_screen_waiting(store: Store) -> None:
    await store.device.load_catalogue("north")
    store.partners["north"].faults.plan("500", 1, "variants")

    seen = [listing async for listing in store.device.live("linen-shirt")]

    assert len(seen) == 2
    assert store.device.health().partners == {"north": "down", "east": "up"}
    assert store.device.online()


# -- partner records ---------------------------------------------------------------------------------------


async def test_a_record_that_cannot_be_used_keeps_nobody_else_out(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.records.append(record("berg"))

    device = store.open()

    assert sorted(device.partners) == ["east", "north"]
    assert device.misconfigured == {"berg": "The key of partner berg is not on this machine."}
    assert device.partner_name("berg") == "Berg"
    assert device.partner_name("gone") == "gone"
    assert device.health().partners == {"north": "unknown", "east": "unknown", "berg": "unknown"}
    await device.aclose()
    await store.device.aclose()


# -- the OMS -----------------------------------------------------------------------------------------------


async def enrolled(store: Store) -> None:
    await enrol(store.oms.client(), store.device.facts, store.keystore, "GOODCODE", "till 1")


async def test_a_device_on_its_own_works(store: Store) -> None:
    assert await store.device.exchange() is None
    assert store.device.health().oms == "not enrolled"
    order = await store.buy("NO-00")
    assert (order.store, order.number.split("-")[0]) == ("", own_prefix(order.device))
    assert store.oms.requests == []


async def test_an_exchange_brings_orders_up_and_news_down(store: Store) -> None:
    await enrolled(store)
    order = await store.buy("NO-00")
    assert order.number == "K9-1001"
    store.partners["berg"] = MemoryPartner(sample_assortment("berg"))
    store.oms.say("partner", **to_data(record("berg")))
    store.oms.say("setting", name="store_name", value="Rosenweg")
    store.oms.say("order_status", order=order.id, status="placed")

    done = await store.device.exchange()

    assert done is not None
    assert (done.uploaded, done.changes) == (1, 3)
    assert list(store.oms.orders) == [order.id]
    assert "berg" in store.device.partners
    assert store.device.store_name == "Rosenweg"
    assert store.device.health().oms == "up"
    assert store.topics[0] == store.topics[-1] == f"order:{order.id}"
    assert "health" in store.topics


async def test_an_oms_that_is_down_stops_nothing(store: Store) -> None:
    await enrolled(store)
    store.oms.next("/v1/token", *[ConnectionError()] * 9)
    order = await store.buy("NO-00")

    assert await store.device.exchange() is None
    await store.device.worker.drain()

    assert store.status(order) is OrderStatus.PLACED
    assert (store.device.health().oms, store.device.health().unsynced) == ("down", 1)


async def test_orders_from_before_enrolment_are_placed_after_it(store: Store) -> None:
    order = await store.buy("NO-00")
    await enrolled(store)
    await store.device.aclose()

    store.device = store.open()
    await store.device.worker.drain()

    assert store.status(order) is OrderStatus.PLACED


# -- in the background --------------------------------------------------------------------------------------


async def test_in_the_background_orders_are_placed_and_the_oms_is_told(store: Store) -> None:
    await enrolled(store)
    stop = asyncio.Event()
    task = asyncio.create_task(store.device.run(stop))

    order = await store.buy("NO-00", "EA-00")

    def known() -> bool:
        states = store.oms.orders.get(order.id, {}).get("states", [])
        lines = [line["status"] for state in states for line in state["lines"]]
        return lines == ["accepted", "accepted"]

    await becomes(known)
    await becomes(lambda: store.device.health().offers == 40)
    stop.set()
    await task

    assert store.status(order) is OrderStatus.PLACED
    health = store.device.health()
    assert (health.queue["accepted"], health.unsynced, health.oldest_seconds) == (2, 0, None)
    assert health.partners == {"north": "up", "east": "up"}
    assert f"order:{order.id}" in store.topics


async def test_who_watches_no_more_hears_no_more(store: Store) -> None:
    heard: list[str] = []
    end = store.device.watch(heard.append)
    end()
    end()

    await store.buy("NO-00")

    assert heard == []
    assert len(store.topics) == 1


# -- opening -----------------------------------------------------------------------------------------------


async def test_a_device_opens_where_it_was(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, key_file=True)
    first = open_device(settings)
    mine = first.identity()
    await first.aclose()

    second = open_device(settings)

    assert second.identity() == mine
    assert second.health().oms == "not enrolled"
    await second.aclose()
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in (tmp_path / "kiosk").iterdir()}
    assert modes["orders.db"] == modes["catalogue.db"] == "0o600"
    assert modes["keys.json"] == "0o400"
    assert oct((tmp_path / "kiosk").stat().st_mode & 0o777) == "0o700"


async def test_a_store_without_its_key_is_refused_and_kept(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, key_file=True)
    await open_device(settings).aclose()
    (tmp_path / "kiosk" / "keys.json").unlink()
    before = (tmp_path / "kiosk" / "orders.db").read_bytes()

    with pytest.raises(
        Misconfigured, match=r"no key for .*orders\.db\. Restore the key, or move the file away"
    ):
        open_device(settings)

    assert (tmp_path / "kiosk" / "orders.db").read_bytes() == before
    assert not (tmp_path / "kiosk" / "keys.json").exists()


async def test_an_unreadable_catalogue_is_made_anew(store: Store) -> None:
    await store.device.load_catalogue("north")
    order = await store.buy("NO-00")
    await store.device.aclose()
    folder = store.settings.data_dir / "kiosk"
    (folder / "catalogue.db").write_bytes(b"x" * 8192)

    store.device = store.open()

    assert store.device.health().offers == 0
    assert [found.order for found in store.device.orders()] == [order]
    assert await store.device.load_catalogue("north") == 20


def test_the_wall_clock_of_a_source_checkout_can_be_moved(later: Callable[[float], None]) -> None:
    before = clock.now()
    later(3600.0)

    assert timedelta(minutes=59) < clock.now() - before < timedelta(minutes=61)
