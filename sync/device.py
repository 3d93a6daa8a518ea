"""One device: everything that a screen or a command does goes through here, with the same rules.

It works without the OMS and without any partner: what is remembered can be searched, orders are kept and placed later.
"""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

import structlog
from sqlalchemy import Engine

from partners.contract import PartnerRecord
from partners.http import HttpClient
from partners.keystore import Keystore
from partners.registry import Partner
from retail.address import Address, Customer
from retail.cart import Cart, Quote
from retail.codes import Code
from retail.errors import AisleError, Misconfigured
from retail.offer import Listing, Offer
from retail.order import Order, PaymentMethod
from sync import buying, clock, quoting
from sync.associates import Associate, Associates
from sync.catalogue import EVERYTHING, Facets, Filters, SearchPage, Shelf, Similar
from sync.catalogue.changes import Refreshed
from sync.client import Exchanged, OmsClient, explain
from sync.facts import Facts, Identity
from sync.finding import Finding, Found
from sync.pictures import Pictures
from sync.queue import OrderQueue, OrderRecord
from sync.refreshing import Refreshing
from sync.settings import Settings
from sync.worker import PlacingWorker

__all__ = ["Device", "Found", "Health"]

STEPS_TOGETHER = 0.3  # seconds that an order may move on before the OMS is told
log = structlog.get_logger("sync.device")


@dataclass(frozen=True, slots=True)
class Health:
    """How this device is doing, for staff and for ``aisle status``.

    ``queue`` counts partner orders by status; ``oldest_seconds`` is the age of the oldest not yet placed. ``loading``
    says, by partner, how many offers of its list are in and of about how many, None when that is not known yet;
    ``quarantined`` is how many rows of lists and files are no offers.
    """

    queue: Mapping[str, int]
    unsynced: int
    oldest_seconds: float | None
    oms: Literal["up", "down", "not enrolled"]
    partners: Mapping[str, Literal["up", "down", "unknown"]]
    products: int
    offers: int
    loading: Mapping[str, tuple[int, int | None]] = field(default_factory=dict)
    quarantined: int = 0


class Device:
    """Opened by ``sync.opening.open_device``; ``run`` does the background work until told to stop."""

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        shelf: Shelf,
        keystore: Keystore,
        records: Sequence[PartnerRecord],
        open_partner: Callable[[PartnerRecord], Partner],
        oms: HttpClient | None,
    ) -> None:
        self.settings = settings
        self.keystore = keystore
        self.engine = engine
        self.shelf = shelf
        self.queue = OrderQueue(engine)
        self.facts = Facts(engine)
        self.associates = Associates(engine)
        self.records: dict[str, PartnerRecord] = {}
        self.partners: dict[str, Partner] = {}
        self.misconfigured: dict[str, str] = {}
        self._open_partner = open_partner
        self._local_records = tuple(records)
        self._pictures = Pictures(settings.data_dir / "kiosk" / "pictures")
        self.worker = PlacingWorker(
            self.queue,
            self.partners,
            self.identity().device,
            now=clock.now,
            steady=clock.steady,
            follow_seconds=settings.follow_seconds,
            changed=self._moved_on,
        )
        self._moved = asyncio.Event()
        self._oms_http = oms
        self._client = OmsClient(oms, engine, self.queue, self.facts, keystore, clock.steady) if oms else None
        self._link: Literal["up", "down", "not enrolled"] = "down" if oms else "not enrolled"
        self._watchers: set[Callable[[str], None]] = set()
        self._answered: dict[str, bool] = {}
        self._finding = Finding(shelf, self.partners, self._heard_from)
        self.refreshing = Refreshing(
            shelf,
            self.partners,
            self._heard_from,
            lambda: self._tell("catalogue"),
            settings.catalogue_seconds,
        )
        self.adopt_records()

    # -- who we are ----------------------------------------------------------------------------------------

    def identity(self) -> Identity:
        """This device's id, store and order-number prefix."""
        return self.facts.identity()

    def adopt_records(self) -> None:
        """Take the partner records as they are now: those of the OMS, then those of the local file.

        A record that cannot be used is kept out, with the reason in ``misconfigured``; the others do not feel it.
        """
        from_oms = {record.id: record for record in self.facts.records()}
        for record in ({record.id: record for record in self._local_records} | from_oms).values():
            if self.records.get(record.id) == record:
                continue
            self.records[record.id] = record
            self.misconfigured.pop(record.id, None)
            try:
                if record.placed_by == "oms":
                    raise Misconfigured("The OMS does not place orders yet: set placed_by to kiosk.")
                self.partners[record.id] = self._open_partner(record)
                self._pictures.adopt(record)
            except Misconfigured as error:
                self.partners.pop(record.id, None)
                self.misconfigured[record.id] = str(error)
                log.error("partner cannot be used", partner=record.id, why=str(error))
        # What nobody would place must not be sold: an order from it would wait for ever.
        self.shelf.show_only(self.partners)

    @property
    def store_name(self) -> str:
        """The store's name for people."""
        return self.facts.setting("store_name") or self.settings.store_name

    @property
    def currency(self) -> str:
        """The store's currency."""
        return self.settings.currency

    @property
    def country(self) -> str:
        """The store's country, ISO 3166."""
        return self.settings.country

    @property
    def camera(self) -> str:
        """The camera that reads codes: its number, a device or film file, or "" for none."""
        return self.settings.camera

    @property
    def scanner_frame(self) -> tuple[str, str]:
        """What the hand scanner is set to send before and after each code; "" for nothing."""
        return self.settings.scanner_prefix, self.settings.scanner_suffix

    def partner_name(self, partner: str) -> str:
        """A partner's name for people; its id when it is not known any more."""
        record = self.records.get(partner)
        return record.name if record else partner

    def ship_to(self, partner: str, /) -> tuple[str, ...]:
        """The countries that a partner sends to, ISO 3166; empty when it sends everywhere or is not known."""
        record = self.records.get(partner)
        return record.capabilities.ship_to if record else ()

    def online(self) -> bool:
        """Whether the OMS or at least one partner answered at the last try; without an OMS, also until one was asked."""
        states = self._partner_states().values()
        untried = self._link == "not enrolled" and "down" not in states
        return self._link == "up" or "up" in states or untried

    # -- finding -------------------------------------------------------------------------------------------

    def search(
        self, text: str = "", *, filters: Filters = EVERYTHING, limit: int = 24, offset: int = 0
    ) -> SearchPage:
        """Products from the remembered catalogue; the whole of it when ``text`` holds no word."""
        return self.shelf.search(
            text, clock.now(), filters=filters, limit=limit, offset=offset, ttl=self.settings.fresh
        )

    def facets(self, text: str = "", filters: Filters = EVERYTHING) -> Facets:
        """What the products found can be narrowed by, with counts. Slower than a page: ask after showing one."""
        return self.shelf.facets(text, filters)

    def listing(self, product: str) -> Listing | None:
        """One product as it is remembered, at once; None when it is not known."""
        return self.shelf.listing(product)

    def live(self, product: str) -> AsyncIterator[Listing]:
        """The remembered listing first, then again each time a partner has answered with something newer."""
        return self._finding.live(product)

    async def by_code(self, code: Code) -> tuple[Found, ...]:
        """What a scanned or typed code stands for; several when it is ambiguous, none when nobody knows it.

        What is not remembered is asked of every partner that answers within 0.8 s.
        """
        return await self._finding.by_code(code)

    def gtins(self) -> array[int]:
        """Every product number that the catalogue knows, as whole numbers in rising order; a second at a million."""
        return self.shelf.gtins()

    def stale(self, offer: Offer) -> bool:
        """Whether ``offer`` is too old to be believed without asking its partner again."""
        return offer.stale(clock.now(), self.settings.fresh)

    def similar(self, product: str, limit: int = 6) -> Similar:
        """Other products like it that can be had and sent to this store's country."""
        country = self.settings.country
        senders = [one for one in self.partners if country in (self.ship_to(one) or (country,))]
        return self._finding.similar(product, limit, senders)

    async def picture(self, name: str) -> tuple[bytes, str] | None:
        """The picture that an offer names and its media type; None: show the placeholder."""
        return await self._pictures.get(name)

    # -- buying --------------------------------------------------------------------------------------------

    async def quote(self, cart: Cart, address: Address | None = None) -> Quote:
        """What ``cart`` costs now; ``changes`` in it need the customer's consent before ``place``.

        Raises ValueError, with a sentence for people, when there is nothing left to buy.
        """
        lasts = timedelta(seconds=self.settings.quote_seconds)
        return await quoting.quote(cart, address, self.partners, clock.now(), lasts)

    async def place(
        self,
        quote: Quote,
        customer: Customer,
        *,
        payment: PaymentMethod,
        reference: str,
        language: str,
        associate: str | None = None,
    ) -> Order:
        """Order what ``quote`` says. Returned only after COMMIT: the order survives a pulled plug from here on.

        Idempotent: a quote becomes one order, however often it is placed.

        Raises:
            ValueError: the quote is too old or something is missing; the text says what to do. Nothing was placed.
            StoreUnavailable: the disk is full or read-only. Nothing was placed.
        """
        placed_by = {record.id: "oms" for record in self.records.values() if record.placed_by == "oms"}
        order, fresh = await asyncio.to_thread(
            buying.place,
            self.engine,
            self.facts,
            self.queue,
            quote,
            customer,
            payment=payment,
            reference=reference,
            language=language,
            associate=associate,
            placed_by=placed_by,
            now=clock.now(),
        )
        if fresh:
            log.info("order placed on this device", order=order.id, lines=len(order.lines))
        self.worker.wake()
        self._moved_on(order.id)
        return order

    def order(self, id_or_number: str) -> OrderRecord | None:
        """One order by its id or number; None when it is not on this device. Raises Damaged."""
        return self.queue.order(id_or_number.strip())

    def orders(self, *, limit: int = 50, needs_person: bool = False) -> tuple[OrderRecord, ...]:
        """The newest orders, or those that wait for a person."""
        return self.queue.orders(limit=limit, needs_person=needs_person)

    async def cancel(self, order_id: str) -> Literal["cancelled", "asked", "refused"]:
        """Ask for an order's cancellation: what was not sent yet is cancelled here, the rest at the partners.

        "cancelled": all of it; "refused": a partner had shipped or said no; "asked": one has not answered yet.
        Raises LookupError when the order is not known.
        """
        record = self.order(order_id)
        if record is None:
            raise LookupError(order_id)
        outcome = await buying.cancel(self.queue, self.partners, record, clock.now())
        self._moved_on(record.order.id)
        return outcome

    async def settle(
        self,
        key: str,
        decision: Literal["placed", "not placed", "cancelled"],
        *,
        reference: str | None = None,
        associate: str,
    ) -> None:
        """Keep what a person found out about a partner order whose outcome is unknown. Errors as ``OrderQueue.decide``."""
        await asyncio.to_thread(
            self.queue.decide, key, decision, clock.now(), by=associate, reference=reference
        )
        self.worker.wake()
        self._tell("health")

    # -- people and health ---------------------------------------------------------------------------------

    def sign_in(self, user: str, password: str) -> Associate:
        """Who ``user`` is, checked here, offline too. Raises SignInRefused."""
        return self.associates.sign_in(user, password, clock.now())

    def health(self) -> Health:
        """How the queue and the links stand."""
        queue = self.queue.health(clock.now())
        products, offers = self.shelf.counts()
        return Health(
            queue.by_status,
            queue.unsynced,
            queue.oldest_seconds,
            self._link,
            self._partner_states(),
            products,
            offers,
            {load.partner: (load.count, load.expected) for load in self.shelf.loads() if load.loading},
            self.shelf.quarantine_count(),
        )

    def _partner_states(self) -> dict[str, Literal["up", "down", "unknown"]]:
        states: dict[str, Literal["up", "down", "unknown"]] = {}
        for partner in self.records:
            up = self.worker.partner_is_up(partner)
            answered = self._answered.get(partner, up)
            states[partner] = (
                "unknown" if answered is None else "up" if answered and up is not False else "down"
            )
        return states

    def watch(self, callback: Callable[[str], None]) -> Callable[[], None]:
        """Call ``callback(topic)`` on the event loop when something changed ("order:ID", "health", "catalogue").

        Returns the function that ends it.
        """
        self._watchers.add(callback)
        return lambda: self._watchers.discard(callback)

    def _moved_on(self, order_id: str) -> None:
        self._moved.set()
        self._tell(f"order:{order_id}")

    def _tell(self, topic: str) -> None:
        for callback in tuple(self._watchers):
            callback(topic)

    def _heard_from(self, partner: str, answered: bool) -> None:
        """Keep whether a partner answered, and tell when that changes whether the store is online."""
        before = self.online()
        self._answered[partner] = answered
        if self.online() != before:
            self._tell("health")

    async def ping(self) -> None:
        """Find out which of the OMS and the partners answer now, at most 2 s each; changes nothing."""
        await asyncio.gather(self._ping_oms(), *(self._ping(partner) for partner in self.partners))

    async def _ping_oms(self) -> None:
        if self._oms_http is None or not self.identity().enrolled:
            self._link = "not enrolled"
            return
        try:
            answer = await self._oms_http.request("GET", "/healthz", deadline=2.0)
            self._link = "up" if answer.status == 200 else "down"
        except AisleError as error:
            self._link = explain(error)

    async def _ping(self, partner: str) -> None:
        try:
            async with asyncio.timeout(2.0):
                await self.partners[partner].search("", limit=1)
            self._heard_from(partner, True)
        except (AisleError, TimeoutError):
            self._heard_from(partner, False)

    # -- background ----------------------------------------------------------------------------------------

    async def exchange(self) -> Exchanged | None:
        """Exchange with the OMS once; None when there is none or it does not answer (the link says which)."""
        if self._client is None or not self.identity().enrolled:
            self._link = "not enrolled"
            return None
        before = self._link
        try:
            done = await self._client.exchange()
            self._link = "up"
        except AisleError as error:
            self._link = explain(error)
            log.info("no exchange with the OMS", why=type(error).__name__)
            return None
        finally:
            if self._link != before:
                self._tell("health")
        if "health" in done.topics:
            self.adopt_records()
        for topic in done.topics:
            self._tell(topic)
        return done

    async def refresh_catalogue(
        self, partner: str, progress: Callable[[int], None] | None = None
    ) -> Refreshed | None:
        """Ask one partner what changed, or for its whole list when it cannot tell; None when it did not answer."""
        return await self.refreshing.one(partner, progress)

    async def load_catalogue(self, partner: str, progress: Callable[[int], None] | None = None) -> int | None:
        """Load one partner's whole catalogue; None when it did not answer to the end (it goes on there next time)."""
        done = await self.refreshing.one(partner, progress, whole=True)
        return None if done is None else done.count

    async def run(self, stop: asyncio.Event) -> None:
        """Place, follow, exchange and refresh until ``stop`` is set."""
        await asyncio.gather(self.worker.run(stop), self._exchanging(stop), self.refreshing.run(stop))

    async def _exchanging(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self._moved.clear()
            await self.exchange()
            nudge = (self._moved.wait(),) if self._link == "up" else ()
            await _first(stop.wait(), *nudge, timeout=self.settings.exchange_seconds)
            if self._moved.is_set() and self._link == "up":
                # a moment for orders to move on, so that they are not uploaded once per step
                await _first(stop.wait(), timeout=STEPS_TOGETHER)

    async def aclose(self) -> None:
        """Close every connection and the store."""
        for partner in self.partners.values():
            await partner.aclose()
        if self._oms_http is not None:
            await self._oms_http.aclose()
        await self._pictures.aclose()
        self.engine.dispose()
        self.shelf.engine.dispose()


async def _first(*waits: object, timeout: float) -> None:  # noqa: ASYNC109 (the pause is the point)
    tasks = [asyncio.ensure_future(wait) for wait in waits]  # type: ignore[call-overload]
    with suppress(TimeoutError):
        await asyncio.wait(tasks, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
