"""The wire format between devices and the OMS, version 1. Both sides import it; nothing else is shared.

POST /v1/enrol            EnrolRequest  -> EnrolAnswer       single-use code, at most 10 minutes old
POST /v1/token            TokenRequest  -> Tokens            rotating refresh token, access token 15 minutes
POST /v1/orders:batch     OrdersBatch   -> BatchAnswer       idempotent, an answer for each order
GET  /v1/changes?cursor=  -> ChangesPage                     server-assigned sequence, never a clock
GET  /v1/orders/{id}      -> OrderView
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict

from retail.order import Order, PartnerOrder
from retail.status import OrderStatus, PartnerOrderState
from retail.strict import STRICT

VERSION = 1
BATCH = 100  # orders in one request at most


def own_prefix(device: str) -> str:
    """What the numbers of a device's orders start with before it is enrolled: they are of no store yet (``store`` "").

    An OMS takes such orders from whoever enrols afterwards, as orders of that device's store.
    """
    return f"X{device[-6:].upper()}"


@dataclass(frozen=True, slots=True)
class EnrolRequest:
    """A device introduces itself with the code that store IT was given."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class EnrolAnswer:
    """Who the device is from now on. ``prefix`` starts its order numbers and is its own."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    device: str
    store: str
    prefix: str
    refresh_token: str
    epoch: str


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """The refresh token; each works once, a repeat of an old one within a minute gets the same answer."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    refresh_token: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """``access_token`` goes into ``Authorization: Bearer``, for ``expires_in`` seconds."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    access_token: str
    expires_in: int
    refresh_token: str


@dataclass(frozen=True, slots=True)
class OrderUpload:
    """One order with the partner orders its device made and where each stands.

    ``digest`` is ``retail.strict.digest(order)``; the same id with another digest is refused as a conflict.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    order: Order
    digest: str
    partner_orders: tuple[PartnerOrder, ...]
    states: tuple[PartnerOrderState, ...]


@dataclass(frozen=True, slots=True)
class OrdersBatch:
    """At most 100 orders, new ones and ones that have moved. Orders are plain JSON so that one bad one fails alone."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    version: int
    orders: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """What became of one uploaded order: ``stored`` now or before, ``conflict`` or ``refused`` with a reason."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: str
    result: Literal["stored", "conflict", "refused"]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """One answer for each order, in the order of the request."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    epoch: str
    answers: tuple[ItemAnswer, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """Something the device should know.

    ``kind`` and its ``body``: ``order_status`` {"order", "status"}, ``notice`` {"order", "number", "title", "text"},
    ``associate`` {"user", "name", "password_hash", "role", "active", "version"}, ``partner`` (a PartnerRecord),
    ``setting`` {"name", "value"}. An unknown kind is kept and skipped.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    sequence: int
    kind: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """The changes after the cursor, oldest first; ask again at once while ``more``.

    Another ``epoch`` than before means that the OMS was restored: offer recent orders again, start at cursor 0.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    epoch: str
    changes: tuple[Change, ...]
    cursor: int
    more: bool


@dataclass(frozen=True, slots=True)
class OrderView:
    """An order as the OMS knows it."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    order: Order
    status: OrderStatus
    states: tuple[PartnerOrderState, ...]
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Problem:
    """Every refusal, with a stable ``code`` and a sentence for people (RFC 9457: application/problem+json)."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    status: int
    code: str
    title: str
