"""The reference adapter: shows in plain code what each promise of the contract means."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from partners.contract import (
    Cancelled,
    Capabilities,
    ChangePage,
    LineAnswer,
    OfferPage,
    PartnerQuote,
    Placed,
    QuotedLine,
    Wanted,
)
from partners.faults import Faults
from partners.goods import Assortment, Goods, sample_assortment
from retail.address import Address
from retail.errors import BadResponse, Misconfigured, RateLimited, Rejected, Unreachable
from retail.gtin import Gtin
from retail.money import Money, total
from retail.offer import Offer
from retail.order import PartnerLine, PartnerOrder
from retail.status import Shipment

LATER = timedelta(days=14)
A_TENTH = 10


@dataclass(frozen=True, slots=True)
class Booking:
    """One order in the partner's books."""

    placed: Placed
    order: PartnerOrder
    booked_at: datetime


class MemoryPartner:
    """A partner in memory, of ordering class A, B or C, with faults on demand.

    ``bookings`` is its ledger, oldest first; ``requests`` counts the calls of ``place`` that reached it.
    ``now`` is the partner's clock. ``slow_seconds`` is how long the fault ``slow`` takes.
    """

    def __init__(
        self,
        assortment: Assortment | None = None,
        *,
        capabilities: Capabilities | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        slow_seconds: float = 1.0,
    ) -> None:
        assortment = assortment or sample_assortment()
        self.partner_id = assortment.partner
        self.capabilities = capabilities or Capabilities("A", can_look_up=True)
        self.faults = Faults()
        self.bookings: list[Booking] = []
        self.requests = 0
        self._now = now
        self._slow_seconds = slow_seconds
        self._currency = assortment.currency
        self._goods = {item.sku: item for item in assortment.items}
        self._changed: list[str] = []  # SKUs, oldest change first; a cursor is how many of them are known

    # Looking

    async def search(self, text: str, *, limit: int = 24, cursor: str | None = None) -> OfferPage:
        """Offers of which every word of ``text`` is part, in the assortment's order."""
        await self._answering("search")
        words = text.casefold().split()
        found = [item for item in self._goods.values() if all(word in _text(item) for word in words)]
        start = int(cursor or 0)
        more = start + limit < len(found)
        return OfferPage(self._offers(found[start : start + limit]), str(start + limit) if more else None)

    async def changes(self, cursor: str | None, *, limit: int = 100) -> ChangePage | None:
        """What was changed or withdrawn behind ``cursor``; None for a cursor of another run."""
        await self._answering("changes")
        if cursor is None:
            return ChangePage(str(len(self._changed)))
        if not cursor.isdecimal() or int(cursor) > len(self._changed):
            return None
        end = min(int(cursor) + limit, len(self._changed))
        skus = dict.fromkeys(self._changed[int(cursor) : end])
        offers = self._offers([self._goods[sku] for sku in skus if sku in self._goods])
        gone = tuple(sku for sku in skus if sku not in self._goods)
        return ChangePage(str(end), offers, gone, more=end < len(self._changed))

    async def find(self, *, gtin: Gtin | None = None, sku: str | None = None) -> Offer | None:
        """The offer with exactly this code, or None."""
        if gtin is None and sku is None:
            raise ValueError("a gtin or a sku is needed")
        await self._answering("find")
        for item in self._goods.values():
            if gtin in (None, item.gtin) and sku in (None, item.sku):
                return self._offers([item])[0]
        return None

    async def variants(self, product: str) -> Sequence[Offer]:
        """All offers of one product."""
        await self._answering("variants")
        return self._offers([item for item in self._goods.values() if item.product == product])

    async def similar(self, product: str, *, limit: int = 8) -> Sequence[Offer]:
        """Offers of other products in the same category or of the same brand."""
        await self._answering("similar")
        mine = [item for item in self._goods.values() if item.product == product]
        like = {item.category for item in mine} | {item.brand for item in mine}
        others = [i for i in self._goods.values() if i.product != product and {i.category, i.brand} & like]
        return self._offers(others[:limit])

    async def quote(self, lines: Sequence[Wanted], address: Address | None) -> PartnerQuote:
        """Price, availability and shipping now; a SKU that is not known any more has none available."""
        await self._answering("quote")
        now = self._now()
        served = address is None or self._serves(address)
        quoted = []
        for wanted in lines:
            item = self._goods.get(wanted.sku)
            available = min(item.stock, wanted.quantity) if item and served else 0
            price = Money(item.price_minor if item else 0, self._currency)
            ships_by = (now + timedelta(days=item.lead_days)).date() if item else None
            quoted.append(QuotedLine(wanted.sku, price, available, ships_by))
        return PartnerQuote(tuple(quoted), self._shipping(wanted.sku for wanted in lines), now)

    # Buying

    async def place(self, order: PartnerOrder) -> Placed:
        """Book ``order``; at class A a key that is still alive answers with its first booking."""
        fault = self.faults.take("place")
        self.requests += 1
        if fault == "429":
            raise RateLimited("busy", retry_after=1.0)
        booking = self._known(order) or self._book(order, fault)
        await self._disturb(fault)
        return booking.placed

    async def look_up(self, key: str) -> Placed | None:
        """What was booked first under ``key``."""
        if not self.capabilities.can_look_up:
            raise Misconfigured(f"{self.partner_id} cannot be asked for an order by our key.")
        await self._answering("look_up")
        return next((one.placed for one in self.bookings if one.order.key == key), None)

    async def status(self, reference: str, lines: Sequence[PartnerLine]) -> Placed:
        """How the order stands; BadResponse when there is none of this reference."""
        await self._answering("status")
        return self._booked(reference).placed

    async def cancel(self, reference: str) -> Cancelled:
        """Cancel what has not been shipped."""
        await self._answering("cancel")
        booking = self._booked(reference)
        if not self.capabilities.cancel:
            return Cancelled(False, "not_possible")
        if booking.placed.state in ("shipped", "delivered"):
            return Cancelled(False, "shipped")
        if booking.placed.state != "cancelled":
            for line, answer in zip(booking.order.lines, booking.placed.lines, strict=True):
                self._stock(line.sku, answer.accepted)
            self._change(booking, replace(booking.placed, state="cancelled"))
        return Cancelled(True)

    async def aclose(self) -> None:
        """Nothing to close."""

    # What the partner does on its own

    def ship(self, reference: str, carrier: str = "NordPost") -> None:
        """Hand what was accepted to the carrier, in one parcel."""
        booking = self._booked(reference)
        if booking.placed.state == "accepted":
            pieces = tuple(
                (answer.line, answer.accepted) for answer in booking.placed.lines if answer.accepted
            )
            parcel = Shipment(f"{reference}-1", pieces, carrier, f"T{reference}", self._now())
            self._change(booking, replace(booking.placed, state="shipped", shipments=(parcel,)))

    def deliver(self, reference: str) -> None:
        """Let every parcel arrive."""
        booking = self._booked(reference)
        if booking.placed.state == "shipped":
            arrived = tuple(replace(one, delivered_at=self._now()) for one in booking.placed.shipments)
            self._change(booking, replace(booking.placed, state="delivered", shipments=arrived))

    def change(self, sku: str, *, price_minor: int | None = None, stock: int | None = None) -> None:
        """Set another price or stock for one SKU."""
        item = self._goods[sku]
        self._goods[sku] = replace(
            item,
            price_minor=item.price_minor if price_minor is None else price_minor,
            stock=item.stock if stock is None else stock,
        )
        self._changed.append(sku)

    def withdraw(self, sku: str) -> None:
        """Sell this no longer."""
        del self._goods[sku]
        self._changed.append(sku)

    def add(self, item: Goods) -> None:
        """Sell this from now on, in place of what has its SKU."""
        self._goods[item.sku] = item
        self._changed.append(item.sku)

    # Inside

    async def _answering(self, operation: str) -> None:
        await self._disturb(self.faults.take(operation))

    async def _disturb(self, fault: str | None) -> None:
        if fault == "429":
            raise RateLimited("busy", retry_after=1.0)
        if fault in ("drop-after-accept", "timeout-after-accept", "500"):
            raise Unreachable(f"{self.partner_id} did not answer ({fault})", sent=True)
        if fault == "garbage":
            raise BadResponse(f"{self.partner_id} answered with something else")
        if fault == "slow":
            await asyncio.sleep(self._slow_seconds)

    def _offers(self, items: Sequence[Goods]) -> tuple[Offer, ...]:
        now = self._now()
        return tuple(item.offer(self.partner_id, self._currency, now) for item in items)

    def _serves(self, address: Address) -> bool:
        return not self.capabilities.ship_to or address.country in self.capabilities.ship_to

    def _shipping(self, skus: Iterable[str]) -> Money:
        dearest = max((self._goods[sku].shipping_minor for sku in skus if sku in self._goods), default=0)
        return Money(dearest, self._currency)

    def _known(self, order: PartnerOrder) -> Booking | None:
        if self.capabilities.ordering_class != "A":
            return None
        alive = self._now() - self.capabilities.key_life
        for booking in self.bookings:
            if booking.order.key == order.key and booking.booked_at > alive:
                if booking.order != order:
                    raise BadResponse("another order was placed under this key")
                return booking
        return None

    def _book(self, order: PartnerOrder, fault: str | None) -> Booking:
        first = order.lines[0].sku
        if fault == "reprice" and first in self._goods:
            price = self._goods[first].price_minor
            self.change(first, price_minor=price + max(1, price // A_TENTH))
        if fault == "sold-out" and first in self._goods:
            self.change(first, stock=0)
        self._check(order)
        answers = _answers(order, partly=fault == "partial", later=(self._now() + LATER).date())
        for line, answer in zip(order.lines, answers, strict=True):
            self._stock(line.sku, -answer.accepted)
        charged = total(
            (
                line.price * (answer.accepted + answer.backordered)
                for line, answer in zip(order.lines, answers, strict=True)
            ),
            self._currency,
        )
        reference = f"{self.partner_id.upper()}-{1001 + len(self.bookings)}"
        booking = Booking(Placed(reference, answers, charged + order.shipping), order, self._now())
        self.bookings.append(booking)
        return booking

    def _check(self, order: PartnerOrder) -> None:
        if not self._serves(order.customer.address):
            raise Rejected("address", f"nothing is sent to {order.customer.address.country}")
        wanted: dict[str, int] = {}
        for line in order.lines:
            item = self._goods.get(line.sku)
            if item is None:
                raise Rejected("unknown_sku", line.sku)
            if line.price != Money(item.price_minor, self._currency):
                raise Rejected("price_changed", line.sku)
            wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity
            if wanted[line.sku] > item.stock:
                raise Rejected("sold_out", line.sku)
        if order.shipping != self._shipping(wanted):
            raise Rejected("price_changed", "shipping")

    def _stock(self, sku: str, difference: int) -> None:
        self.change(sku, stock=self._goods[sku].stock + difference)

    def _booked(self, reference: str) -> Booking:
        for booking in self.bookings:
            if booking.placed.reference == reference:
                return booking
        raise BadResponse(f"{self.partner_id} knows no order {reference}")

    def _change(self, booking: Booking, placed: Placed) -> None:
        self.bookings[self.bookings.index(booking)] = replace(booking, placed=placed)


def _text(item: Goods) -> str:
    words = (item.name, item.brand, item.category, *item.options.values(), item.sku, item.gtin)
    return " ".join(words).casefold()


def _answers(order: PartnerOrder, *, partly: bool, later: date) -> tuple[LineAnswer, ...]:
    answers = [LineAnswer(line.line, line.quantity) for line in order.lines]
    if partly:
        last = order.lines[-1]
        if sum(line.quantity for line in order.lines) > 1:
            answers[-1] = LineAnswer(last.line, last.quantity - 1, refused=1, reason="sold_out")
        else:
            answers[-1] = LineAnswer(last.line, 0, backordered=1, promised=later)
    return tuple(answers)
