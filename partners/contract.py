"""What every partner adapter does for us: two Protocols, no base class. ``tests/partners/contract.py`` holds them to it.

``Catalogue`` is for looking, ``Ordering`` for buying. Whoever owns a partner order uses the second, through
``partners.placing`` only. Adapters translate; they own no retries, no caching and no clock.
All methods may raise TemporaryError, Misconfigured and BadResponse (``retail.errors``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import ClassVar, Literal, Protocol

from pydantic import ConfigDict

from retail.address import Address
from retail.gtin import Gtin
from retail.money import Money
from retail.offer import Offer
from retail.order import PartnerLine, PartnerOrder
from retail.status import Shipment
from retail.strict import STRICT

OrderingClass = Literal["A", "B", "C"]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a partner can do, from its record.

    ``ordering_class``: A honours our idempotency key for ``key_life``; B can be asked by our key; C neither.
    A class A partner may also be askable (``can_look_up``). ``settling`` is how long after sending an order may
    still appear in a look-up: before that, "not found" proves nothing.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    ordering_class: OrderingClass
    key_life: timedelta = timedelta(hours=24)
    can_look_up: bool = False
    settling: timedelta = timedelta(seconds=30)
    partial_acceptance: bool = False
    backorder: bool = False
    cancel: bool = True
    webhooks: bool = False
    returns: bool = False
    languages: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ()
    ship_to: tuple[str, ...] = ()
    address_line_limit: int = 120

    def __post_init__(self) -> None:
        if self.ordering_class == "B" and not self.can_look_up:
            object.__setattr__(self, "can_look_up", True)


@dataclass(frozen=True, slots=True)
class BadOffer:
    """A row of a partner's list that is no offer: its ``field`` and what is wrong with it, in words; never its value."""

    sku: str | None
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class OfferPage:
    """Some offers and the ``cursor`` for the next ones; None means there are no more.

    ``bad`` are rows that nobody can sell as they are; they do not keep the others out.
    """

    offers: tuple[Offer, ...]
    cursor: str | None = None
    bad: tuple[BadOffer, ...] = ()


@dataclass(frozen=True, slots=True)
class ChangePage:
    """What changed at a partner, and the ``cursor`` behind it; ``more`` says that there is more to be asked for now.

    ``offers`` are new or changed as they stand now, ``gone`` the SKUs that are sold no longer. A SKU is in one of them.
    """

    cursor: str
    offers: tuple[Offer, ...] = ()
    gone: tuple[str, ...] = ()
    more: bool = False
    bad: tuple[BadOffer, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a quote is asked for: pieces of one partner SKU."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """The partner's word on one wanted line; ``available`` may be less than wanted, 0 when gone."""

    sku: str
    price: Money
    available: int
    ships_by: date | None = None


@dataclass(frozen=True, slots=True)
class PartnerQuote:
    """What a partner would charge now, tax included, for one parcel to one address."""

    lines: tuple[QuotedLine, ...]
    shipping: Money
    as_of: datetime


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """The partner's answer to one line: pieces accepted, backordered and refused add up to those ordered."""

    line: str
    accepted: int
    backordered: int = 0
    refused: int = 0
    promised: date | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """What stands in the partner's books for one of our keys, as far as it is known.

    ``total`` and ``currency`` are what the partner will charge; a caller compares them with what was agreed.
    """

    reference: str
    lines: tuple[LineAnswer, ...]
    total: Money
    state: Literal["accepted", "shipped", "delivered", "cancelled"] = "accepted"
    shipments: tuple[Shipment, ...] = ()


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The outcome of a cancellation request: ``done``, or refused with the partner's ``reason``."""

    done: bool
    reason: str | None = None


class Catalogue(Protocol):
    """Looking. Every offer carries ``as_of``; nothing here changes anything at the partner."""

    partner_id: str

    async def search(self, text: str, *, limit: int = 24, cursor: str | None = None) -> OfferPage:
        """Offers for ``text``; the whole catalogue, page by page, when it is empty."""
        ...

    async def changes(self, cursor: str | None, *, limit: int = 100) -> ChangePage | None:
        """What changed behind ``cursor`` (words, price, availability, new, gone), oldest first; asked again, the same.

        ``cursor`` None asks for nothing but the cursor of now: a list that is read after that misses nothing.
        Returns None when the partner cannot tell, never or no longer from there: then its whole list has to be read.
        """
        ...

    async def find(self, *, gtin: Gtin | None = None, sku: str | None = None) -> Offer | None:
        """The one offer with exactly this code, or None. Never a neighbour: what comes back is checked."""
        ...

    async def variants(self, product: str) -> Sequence[Offer]:
        """All offers of one product, as the partner groups them."""
        ...

    async def similar(self, product: str, *, limit: int = 8) -> Sequence[Offer]:
        """Offers that the partner calls similar; empty when it has no such answer."""
        ...

    async def quote(self, lines: Sequence[Wanted], address: Address | None) -> PartnerQuote:
        """Price, availability and shipping now; ``address`` None asks for the partner's home country."""
        ...


class Ordering(Protocol):
    """Buying. Only ``partners.placing`` calls ``place``."""

    partner_id: str
    capabilities: Capabilities

    async def place(self, order: PartnerOrder) -> Placed:
        """Place ``order`` and return what the partner booked.

        Idempotent at class A: a repeated ``order.key`` returns the first booking.

        Raises:
            Rejected: the partner refused (``reason`` is ``sold_out``, ``price_changed``, ``unknown_sku``,
                ``address`` or another stable code); nothing was bought.
            RateLimited: nothing was bought; wait.
            Unreachable: no answer; unless ``sent`` is False it may have been bought.
            BadResponse: an answer nobody understands; it may have been bought.
        """
        ...

    async def look_up(self, key: str) -> Placed | None:
        """What stands in the partner's books under our ``key``; None when nothing does (yet).

        Raises Misconfigured when the partner cannot be asked.
        """
        ...

    async def status(self, reference: str, lines: Sequence[PartnerLine]) -> Placed:
        """How the order ``reference`` stands now; ``lines`` translates the partner's SKUs to our line ids."""
        ...

    async def cancel(self, reference: str) -> Cancelled:
        """Ask for the cancellation of an order; the partner may refuse (shipped already)."""
        ...


@dataclass(frozen=True, slots=True)
class PartnerRecord:
    """All we know of one partner. A new partner on a known protocol is a record and nothing else.

    ``credential`` names a secret in the keystore, never the secret. ``placed_by`` is ``kiosk`` or ``oms``.
    ``mapping`` is for the protocol ``rest``: see ``partners.rest.mapping``; ``settings`` for the others.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: str
    name: str
    protocol: Literal["rest", "vendure"]
    endpoint: str
    capabilities: Capabilities
    credential: str | None = None
    placed_by: Literal["kiosk", "oms"] = "kiosk"
    mapping: Mapping[str, object] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    picture_base: str | None = None
    reliability: float = 1.0
