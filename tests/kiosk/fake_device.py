"""A small device in memory, for tests of screens: a few products of three partners, orders in a list, no disk.

Everything that happened can be read back: ``placed``, ``cancelled``, ``settled``; what should happen is set:
``up``, ``changes``, ``refuse``, ``delay``, ``aged``, ``camera``; ``corrections`` and ``left_out`` are what the search
does with words that nothing has, ``exact`` whether it counts them all.
"""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

from retail.address import Address, Customer
from retail.cart import Cart, Change, Quote
from retail.codes import Code
from retail.gtin import Gtin, check_digit
from retail.ids import new_id
from retail.money import Money, total
from retail.offer import Listing, Offer, Product, Variant, rank
from retail.order import Order, OrderLine, Payment, PaymentMethod, Shipping, partner_orders
from retail.status import LineState, LineStatus, PartnerOrderState, Shipment
from sync.associates import Associate, SignInRefused
from sync.catalogue import EVERYTHING, FacetCount, Facets, Filters, SearchPage, Similar
from sync.catalogue.bands import price_bands
from sync.device import Found, Health
from sync.queue import OrderRecord

NOW = datetime(2026, 11, 20, 8, 42, tzinfo=UTC)
PICTURES = Path(__file__).resolve().parents[2] / "assets" / "demo" / "pictures"
PARTNERS = {"north": "Nordic Outfitters", "bergmann": "Bergmann & Sohn", "atelier": "Atelier Direct"}
COLOURS = {
    "Ochre": "#d19a3d",
    "Pine": "#2f5d50",
    "Navy": "#2c4468",
    "Clay": "#b8654a",
    "Chalk": "#e6e1d8",
    "Sky": "#7ba3c4",
    "Ink": "#2b3340",
}
ALPHA, SHOES = ("XS", "S", "M", "L", "XL"), ("38", "39", "40", "41", "42", "43", "44")
# id, name, brand, category, price in cents, colours, sizes
GOODS: tuple[tuple[str, str, str, str, int, tuple[str, ...], tuple[str, ...]], ...] = (
    ("LP301", "Dome table lamp", "Studio Fem", "Home", 11900, ("Clay", "Pine", "Chalk"), ()),
    ("JK101", "Alder rain jacket", "Norrland", "Apparel", 12900, ("Ochre", "Pine", "Navy", "Clay"), ALPHA),
    ("VS304", "Ribbed vase", "Kiln & Co", "Home", 4200, ("Chalk", "Pine"), ()),
    ("RN203", "Trail runner", "Halden", "Footwear", 13900, ("Sky", "Ochre", "Ink"), SHOES),
    ("CH302", "Oak lounge chair", "Studio Fem", "Home", 34900, ("Pine", "Ink"), ()),
    ("KN102", "Fjord crew knit", "Norrland", "Apparel", 7900, ("Sky", "Chalk"), ALPHA),
    ("MG303", "Stoneware mug", "Kiln & Co", "Home", 1850, ("Chalk", "Sky", "Ink"), ()),
    ("CO106", "Harbour wool coat", "Maison Ode", "Apparel", 21900, ("Chalk", "Navy"), ALPHA),
    ("BP401", "Commuter backpack", "Carry", "Accessories", 9900, ("Navy", "Pine"), ()),
    ("PT306", "Enamel pot, 4 litres", "Kiln & Co", "Home", 8400, ("Clay", "Navy"), ()),
    ("DR103", "Wrap midi dress", "Maison Ode", "Apparel", 9400, ("Ink", "Clay"), ALPHA),
    ("BN402", "Merino beanie", "Norrland", "Accessories", 2900, ("Clay", "Navy"), ()),
    ("SN201", "Court low sneaker", "Halden", "Footwear", 9500, ("Chalk", "Pine", "Clay"), SHOES),
    ("TE105", "Everyday tee", "Plain", "Apparel", 2490, ("Chalk", "Ink", "Clay"), ALPHA),
)
GONE = {("JK101", "Ochre", "XS"), ("JK101", "Pine", "S"), ("JK101", "Pine", "M"), ("JK101", "Navy", "XL")}
FEW = {("JK101", "Ochre", "XL"), ("JK101", "Navy", "S")}


def gtin(number: int) -> Gtin:
    """The ``number``-th product number of the demo's own range."""
    payload = f"04012345{number:05d}"
    return Gtin(payload + check_digit(payload))


def catalogue() -> tuple[Listing, ...]:
    """The same few products every time."""
    listings, number = [], 0
    for position, (id_, name, brand, category, price, colours, sizes) in enumerate(GOODS):
        variants, offers = [], []
        for tint, colour in enumerate(colours):
            for size in sizes or (None,):
                number += 1
                options = {"Colour": colour} | ({"Size": size} if size else {})
                picture = f"{id_}-{tint}.webp"
                variants.append(Variant(gtin(number), options, picture))
                for index, partner in enumerate(PARTNERS):
                    if index > 0 and (position + index) % 3 == 0:
                        continue  # not every partner has everything
                    key = (id_, colour, size or "")
                    offers.append(
                        Offer(
                            partner=partner,
                            sku=f"{partner[0].upper()}-{number:04d}",
                            gtin=variants[-1].gtin,
                            product=id_,
                            name=name,
                            price=Money(price + (0, -410, 500)[index], "EUR"),
                            available=0 if key in GONE else 2 if key in FEW else 12,
                            as_of=NOW,
                            brand=brand,
                            category=category,
                            options=options,
                            swatch=COLOURS[colour],
                            shipping=Money((0, 590, 0)[index], "EUR"),
                            was=Money(9900, "EUR") if id_ == "KN102" else None,
                            ships_by=date(2026, 11, 24) + timedelta(days=(0, 1, 6)[index]),
                            picture=picture,
                        )
                    )
        product = Product(
            id_,
            name,
            brand,
            category,
            f"{name} by {brand}, made to last and easy to send back.",
            tuple(variants),
            {colour: COLOURS[colour] for colour in colours},
        )
        listings.append(Listing(product, rank(offers)))
    return tuple(listings)


def offer_fits(offer: Offer, filters: Filters) -> bool:
    """Whether one offer has all that is asked of a variant at a partner."""
    return (
        filters.size in (None, offer.options.get("Size"))
        and filters.colour in (None, offer.options.get("Colour"))
        and filters.partner in (None, offer.partner)
        and (filters.price_from or 0) <= offer.price.minor <= (filters.price_to or offer.price.minor)
        and (offer.available > 0 or not filters.available)
    )


class FakeDevice:
    """Answers like the real device; ``pictures`` is a folder of files, PICTURES by default."""

    store_name, currency, country = "Teststadt 1", "EUR", "DE"

    def __init__(self, *, pictures: Path = PICTURES) -> None:
        self.listings = {listing.product.id: listing for listing in catalogue()}
        self.pictures = pictures
        self.up = True
        self.aged = False
        self.camera = ""
        self.scanner_frame = ("", "")
        self.delay = 0.0
        self.corrections: dict[str, str] = {}
        self.left_out: set[str] = set()
        self.exact = True
        self.changes: tuple[Change, ...] = ()
        self.refuse: Exception | None = None
        self.records: list[OrderRecord] = []
        self.placed: list[Order] = []
        self.cancelled: list[str] = []
        self.settled: list[tuple[str, str, str | None, str]] = []
        self.watchers: list[Callable[[str], None]] = []

    def partner_name(self, partner: str, /) -> str:
        return PARTNERS.get(partner, partner)

    def ship_to(self, partner: str, /) -> tuple[str, ...]:
        return ()

    def online(self) -> bool:
        return self.up

    def search(
        self, text: str = "", *, filters: Filters = EVERYTHING, limit: int = 24, offset: int = 0
    ) -> SearchPage:
        words, relaxed = self._understood(text)
        found = [listing for listing in self.listings.values() if self._fits(listing, words, filters)]
        counts: dict[str, int] = {}
        for listing in found:
            counts[listing.product.category] = counts.get(listing.product.category, 0) + 1
        chosen = [listing for listing in found if filters.category in (None, listing.product.category)]
        page = tuple(chosen[offset : offset + limit])
        corrected = (
            " ".join(words) if any(word in self.corrections for word in text.lower().split()) else None
        )
        return SearchPage(
            page, len(chosen), counts, self.aged, NOW if page else None, self.exact, corrected, relaxed
        )

    def _understood(self, text: str) -> tuple[list[str], tuple[str, ...]]:
        words = [self.corrections.get(word, word) for word in text.lower().split()]
        left_out = tuple(word for word in words if word in self.left_out)
        return [word for word in words if word not in left_out], left_out

    def _fits(self, listing: Listing, words: list[str], filters: Filters) -> bool:
        about = f"{listing.product.name} {listing.product.brand}".lower()
        return (
            all(word in about for word in words)
            and filters.brand in (None, listing.product.brand)
            and any(offer_fits(offer, filters) for offer in listing.offers)
        )

    def facets(self, text: str = "", filters: Filters = EVERYTHING) -> Facets:
        words, _ = self._understood(text)

        def found(without: Filters) -> list[Listing]:
            fitting = (x for x in self.listings.values() if self._fits(x, words, without))
            return [x for x in fitting if without.category in (None, x.product.category)]

        def counted(without: Filters, values: Callable[[Offer], str | None]) -> tuple[FacetCount, ...]:
            counts: dict[str, int] = {}
            for listing in found(without):
                for value in {values(offer) for offer in listing.offers if offer_fits(offer, without)}:
                    if value:
                        counts[value] = counts.get(value, 0) + 1
            return tuple(
                FacetCount(*one) for one in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
            )

        free = replace(filters, price_from=None, price_to=None)
        priced = [{o.price.minor for o in x.offers if offer_fits(o, free)} for x in found(free)]
        prices = sorted(price for own in priced for price in own)
        return Facets(
            counted(replace(filters, category=None), lambda offer: offer.category),
            counted(replace(filters, brand=None), lambda offer: offer.brand),
            counted(replace(filters, size=None), lambda offer: offer.options.get("Size")),
            counted(replace(filters, colour=None), lambda offer: offer.options.get("Colour")),
            counted(replace(filters, partner=None), lambda offer: offer.partner),
            (prices[0], prices[-1]) if prices else None,
            not self.exact,
            price_bands({number: own for number, own in enumerate(priced) if own}),
        )

    def listing(self, product: str, /) -> Listing | None:
        return self.listings.get(product)

    async def live(self, product: str, /) -> AsyncIterator[Listing]:
        listing = self.listings.get(product)
        if listing is None:
            return
        yield listing
        for _ in PARTNERS if self.up else ():
            await asyncio.sleep(self.delay)
            yield self.listings[product]

    async def by_code(self, code: Code) -> tuple[Found, ...]:
        return tuple(
            Found(listing, variant.gtin)
            for listing in self.listings.values()
            for variant in listing.product.variants
            if variant.gtin == code.gtin
        )

    def gtins(self) -> array[int]:
        known = {int(each.gtin) for x in self.listings.values() for each in x.product.variants}
        return array("Q", sorted(known))

    def stale(self, offer: Offer, /) -> bool:
        return self.aged

    def similar(self, product: str, /, limit: int = 6) -> Similar:
        category = self.listings[product].product.category
        can = (x for x in self.listings.values() if any(offer.available for offer in x.offers))
        like = (x for x in can if x.product.category == category)
        return Similar((), tuple(x for x in like if x.product.id != product)[:limit])

    async def picture(self, name: str) -> tuple[bytes, str] | None:
        path = self.pictures / name
        if path.parent != self.pictures or not path.is_file():
            return None
        return path.read_bytes(), "image/webp"

    async def quote(self, cart: Cart, address: Address | None = None) -> Quote:
        if not cart.lines:
            raise ValueError("The cart is empty.")
        await asyncio.sleep(self.delay)
        lines = tuple(
            OrderLine(
                new_id(),
                line.offer.partner,
                line.offer.sku,
                line.offer.gtin,
                line.offer.name,
                line.quantity,
                line.offer.price,
                line.offer.options,
                line.offer.ships_by,
                line.offer.picture,
            )
            for line in cart.lines
        )
        freight = {line.offer.partner: line.offer.shipping or Money.zero("EUR") for line in cart.lines}
        shipping = tuple(Shipping(partner, price) for partner, price in freight.items())
        sums = [line.sum() for line in lines] + [part.price for part in shipping]
        return Quote(
            new_id(),
            lines,
            shipping,
            total(sums, "EUR"),
            NOW,
            NOW + timedelta(minutes=15),
            dict.fromkeys(freight, self.up),
            self.changes,
        )

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
        if self.refuse is not None:
            raise self.refuse
        order = Order(
            id=quote.id,
            number=f"T1-{len(self.placed) + 1:05d}",
            device="device-1",
            store="store-1",
            created_at=NOW,
            customer=customer,
            lines=quote.lines,
            shipping=quote.shipping,
            payments=(Payment(payment, reference, quote.total),),
            total=quote.total,
            language=language,
            associate=associate,
        )
        parts = partner_orders(order, {})
        states = tuple(
            PartnerOrderState(
                part.key, 1, tuple(LineState(line.line, LineStatus.QUEUED) for line in part.lines), NOW
            )
            for part in parts
        )
        self.placed.append(order)
        self.records.append(OrderRecord(order, parts, states, False, 1))
        return order

    def become(self, order_id: str, status: LineStatus, *, shipments: tuple[Shipment, ...] = ()) -> None:
        """Move every line of an order to ``status`` and tell whoever watches."""
        for index, record in enumerate(self.records):
            if record.order.id == order_id:
                states = tuple(
                    replace(
                        state,
                        revision=state.revision + 1,
                        lines=tuple(replace(line, status=status) for line in state.lines),
                        shipments=shipments,
                    )
                    for state in record.states
                )
                self.records[index] = replace(record, states=states)
        self.tell(f"order:{order_id}")

    def order(self, id_or_number: str) -> OrderRecord | None:
        wanted = id_or_number.strip()
        return next((r for r in self.records if wanted in (r.order.id, r.order.number)), None)

    def orders(self, *, limit: int = 50, needs_person: bool = False) -> tuple[OrderRecord, ...]:
        waiting = (LineStatus.NEEDS_PERSON, LineStatus.NEEDS_CONSENT, LineStatus.UNKNOWN)
        records = [
            record
            for record in reversed(self.records)
            if not needs_person or any(state.status() in waiting for state in record.states)
        ]
        return tuple(records[:limit])

    async def cancel(self, order_id: str) -> Literal["cancelled", "asked", "refused"]:
        self.cancelled.append(order_id)
        return "cancelled"

    async def settle(
        self,
        key: str,
        decision: Literal["placed", "not placed", "cancelled"],
        *,
        reference: str | None = None,
        associate: str,
    ) -> None:
        self.settled.append((key, decision, reference, associate))
        self.tell("health")

    def sign_in(self, user: str, password: str) -> Associate:
        if (user, password) == ("mara", "aisle-7Gulls"):
            return Associate("mara", "Mara Lind", "associate")
        raise SignInRefused("wrong")

    def health(self) -> Health:
        counts: dict[str, int] = {}
        for record in self.records:
            for state in record.states:
                counts[state.status()] = counts.get(state.status(), 0) + 1
        partners: dict[str, Literal["up", "down", "unknown"]] = dict.fromkeys(
            PARTNERS, "up" if self.up else "down"
        )
        offers = sum(len(listing.offers) for listing in self.listings.values())
        return Health(counts, 0, None, "up" if self.up else "down", partners, len(self.listings), offers)

    def watch(self, callback: Callable[[str], None]) -> Callable[[], None]:
        self.watchers.append(callback)
        return lambda: self.watchers.remove(callback)

    def tell(self, topic: str) -> None:
        """Have news, as the device would: on the event loop, out of nobody's event."""
        for callback in tuple(self.watchers):
            callback(topic)
