"""Holds an uploaded order against the rules before anything is stored: pure, and one bad order fails alone."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, ValidationError

from oms.auth import Claims
from retail.address import Customer
from retail.money import Money, total
from retail.order import Order, PartnerLine, PartnerOrder
from retail.status import LineState, LineStatus, PartnerOrderState
from retail.strict import STRICT, from_data, to_json
from retail.text import UnusableText, clean
from sync.protocol import ItemAnswer, own_prefix

OMS = "oms"  # placed_by of what the OMS places itself
ID = re.compile(r"[0-9A-Za-z-]{1,64}")
NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")
NUMBER = re.compile(r"[0-9A-Z]{1,20}(-[0-9A-Z]{1,20}){0,3}")
MOST = 2**31 - 1  # of what is only counted


class Bad(Exception):
    """This order is not stored; ``reason`` is a stable code."""

    def __init__(self, reason: str, result: Literal["conflict", "refused"] = "refused") -> None:
        super().__init__(reason)
        self.reason = reason
        self.result = result

    def answer(self, order_id: str) -> ItemAnswer:
        """What the device is told."""
        return ItemAnswer(order_id, self.result, self.reason)


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded order that keeps every rule, with exactly one state for each of its partner orders."""

    order: Order
    body: str  # the order as canonical JSON
    digest: str
    parts: tuple[PartnerOrder, ...]
    states: tuple[PartnerOrderState, ...]
    store: str  # whose it is: the order's own, or for one from before enrolment its device's now


@dataclass(frozen=True, slots=True)
class _Part:
    """A partner order as it is uploaded, without its customer: that must be the order's own, and is read once."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    key: str
    order: str
    number: str
    partner: str
    placed_by: str
    created_at: datetime
    lines: tuple[PartnerLine, ...]
    shipping: Money
    total: Money
    language: str = "en"

    def of(self, customer: Customer) -> PartnerOrder:
        """The partner order."""
        return PartnerOrder(
            key=self.key,
            order=self.order,
            number=self.number,
            partner=self.partner,
            placed_by=self.placed_by,
            created_at=self.created_at,
            customer=customer,
            lines=self.lines,
            shipping=self.shipping,
            total=self.total,
            language=self.language,
        )


@dataclass(frozen=True, slots=True)
class _Found:
    """``sync.protocol.OrderUpload`` as it is read here."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    order: Order
    digest: str
    partner_orders: tuple[_Part, ...]
    states: tuple[PartnerOrderState, ...]


def upload_id(data: Mapping[str, Any]) -> str:
    """The id that the answer to ``data`` is given under, "" when it has none."""
    order = data.get("order")
    found = order.get("id") if isinstance(order, dict) else None
    return found if isinstance(found, str) and ID.fullmatch(found) else ""


def read_upload(data: Mapping[str, Any], claims: Claims) -> Upload:
    """``data`` as an order of the device that ``claims`` name.

    Raises Bad with ``wrong_form``, ``not_yours``, ``digest``, ``wrong_id``, ``payment_reference``,
    ``partner_orders`` or ``states``.
    """
    shared = _shared_customer(data)
    try:
        found = from_data(_Found, shared)
        order = found.order
        parts = tuple(part.of(order.customer) for part in found.partner_orders)
    except (ValidationError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
        raise Bad("wrong_form") from error
    unenrolled = order.store == "" and order.number.startswith(f"{own_prefix(order.device)}-")
    if not unenrolled and (order.device != claims.device or order.store != claims.store):
        raise Bad("not_yours")
    body = to_json(order)
    if hashlib.sha256(body.encode()).hexdigest() != found.digest:
        raise Bad("digest")
    _check_names(order, parts)
    _check_parts(order, parts)
    return Upload(order, body, found.digest, parts, _states(parts, found.states), claims.store)


def _shared_customer(data: Mapping[str, Any]) -> dict[str, Any]:
    """``data`` without the customer in its partner orders, which has to be the order's, field by field."""
    order, parts = data.get("order"), data.get("partner_orders")
    if not isinstance(order, dict) or not isinstance(parts, list):
        raise Bad("wrong_form")
    bare = []
    for part in parts:
        if not isinstance(part, dict) or "customer" not in part:
            raise Bad("wrong_form")
        if part["customer"] != order.get("customer"):
            raise Bad("partner_orders")
        bare.append({name: value for name, value in part.items() if name != "customer"})
    return {**data, "partner_orders": bare}


def _check_names(order: Order, parts: tuple[PartnerOrder, ...]) -> None:
    ids = [order.id, *(line.id for line in order.lines), *(part.key for part in parts)]
    numbers = [order.number, *(part.number for part in parts)]
    names = [line.partner for line in order.lines]
    if not (
        all(map(ID.fullmatch, ids))
        and all(map(NUMBER.fullmatch, numbers))
        and all(map(NAME.fullmatch, names))
    ):
        raise Bad("wrong_id")
    try:
        if any(clean(payment.reference, longest=100) != payment.reference for payment in order.payments):
            raise Bad("payment_reference")
    except UnusableText as error:
        raise Bad("payment_reference") from error


def _check_parts(order: Order, parts: tuple[PartnerOrder, ...]) -> None:
    """The partner orders are the order, cut by partner: each line once and unchanged, the same sums."""
    wanted: dict[str, dict[str, PartnerLine]] = {}
    for line in order.lines:
        asked = PartnerLine(line.id, line.sku, line.gtin, line.quantity, line.price)
        wanted.setdefault(line.partner, {})[line.id] = asked
    freight = {part.partner: part.price for part in order.shipping}
    none = Money.zero(order.total.currency)
    right = (
        len({part.key for part in parts}) == len(parts) == len({part.number for part in parts})
        and sorted(part.partner for part in parts) == sorted(wanted)
        and all(
            part.order == order.id
            and part.number.startswith(f"{order.number}-")
            and part.placed_by in (order.device, OMS)
            and part.language == order.language
            and len(part.lines) == len(wanted[part.partner])
            and {line.line: line for line in part.lines} == wanted[part.partner]
            and part.shipping == freight.get(part.partner, none)
            for part in parts
        )
        and total((part.total for part in parts), order.total.currency) == order.total
    )
    if not right:
        raise Bad("partner_orders")


def _states(
    parts: tuple[PartnerOrder, ...], states: tuple[PartnerOrderState, ...]
) -> tuple[PartnerOrderState, ...]:
    given = {state.key: state for state in states}
    if len(given) != len(states) or not given.keys() <= {part.key for part in parts}:
        raise Bad("states")
    return tuple(_state(part, given[part.key]) if part.key in given else _first(part) for part in parts)


def _first(part: PartnerOrder) -> PartnerOrderState:
    lines = tuple(LineState(line.line, LineStatus.QUEUED) for line in part.lines)
    return PartnerOrderState(part.key, 0, lines, part.created_at)


def _state(part: PartnerOrder, state: PartnerOrderState) -> PartnerOrderState:
    """``state``, when it speaks of exactly the lines of ``part`` and of no more pieces than were ordered."""
    ordered = {line.line: line.quantity for line in part.lines}
    right = (
        0 <= state.revision <= MOST
        and 0 <= state.attempts <= MOST
        and state.changed_at.tzinfo is not None
        and len(state.lines) == len(ordered)
        and {line.line for line in state.lines} == ordered.keys()
        and all(
            0 <= count <= ordered[line.line]
            for line in state.lines
            for count in (line.accepted, line.shipped, line.refused)
        )
        and len({parcel.id for parcel in state.shipments}) == len(state.shipments)
        and all(
            line in ordered and 0 < quantity <= ordered[line]
            for parcel in state.shipments
            for line, quantity in parcel.lines
        )
    )
    if not right:
        raise Bad("states")
    return state
