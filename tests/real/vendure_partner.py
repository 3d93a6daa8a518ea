"""What the tests against a real Vendure shop share: the adapter, orders for it, and a network that loses things."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from partners.vendure.adapter import VendurePartner
from retail.address import Address, Customer
from retail.errors import Rejected
from retail.ids import new_id
from retail.money import Money, total
from retail.offer import Offer
from retail.order import PartnerLine, PartnerOrder
from tests.real.vendure_server import Shop, record

TEE = "TEE100-BLK-M"
LONDON = Address("GB", ("1 High Street",), "London", "N1 1AA")
ADA = Customer("Ada Lovelace", "ada@example.com", LONDON, "+442071838750")
SHIPPING = Money(500, "USD")
OPERATION = re.compile(r"\s*(?:query|mutation)\s+(\w+)")


def partner(shop: Shop, network: httpx.AsyncBaseTransport | None = None, **settings: str) -> VendurePartner:
    """The adapter, open; close it when done."""
    return VendurePartner(record(shop, **settings), shop.secret, network or loopback())


def loopback() -> httpx.AsyncHTTPTransport:
    """A network without the certificates, which take long to read and are of no use on loopback."""
    return httpx.AsyncHTTPTransport(trust_env=False, verify=False)


def order_of(
    *wanted: tuple[Offer, int], customer: Customer = ADA, shipping: Money = SHIPPING, key: str | None = None
) -> PartnerOrder:
    """A partner order for ``wanted`` pieces at the offers' own prices."""
    lines = tuple(
        PartnerLine(new_id(), offer.sku, offer.gtin, quantity, offer.price) for offer, quantity in wanted
    )
    return of_lines(lines, customer, shipping=shipping, key=key)


def of_lines(
    lines: tuple[PartnerLine, ...],
    customer: Customer = ADA,
    *,
    shipping: Money = SHIPPING,
    key: str | None = None,
) -> PartnerOrder:
    """A partner order of exactly ``lines``."""
    goods = total((line.price * line.quantity for line in lines), shipping.currency)
    return PartnerOrder(
        key=key or new_id(),
        order=new_id(),
        number="M1-0042-1",
        partner="vendure",
        placed_by="kiosk-1",
        created_at=datetime(2026, 5, 4, 10, 0, tzinfo=UTC),
        customer=customer,
        lines=lines,
        shipping=shipping,
        total=goods + shipping,
    )


def repriced(order: PartnerOrder, minor: int) -> PartnerOrder:
    """``order`` as if the customer had agreed to ``minor`` more or less for each piece."""
    lines = tuple(replace(line, price=line.price + Money(minor, line.price.currency)) for line in order.lines)
    return of_lines(lines, order.customer, shipping=order.shipping)


async def tee(shop: VendurePartner, sku: str = TEE) -> Offer:
    """The offer for ``sku``, which is there."""
    found = await shop.find(sku=sku)
    assert found is not None
    return found


async def refusal(shop: VendurePartner, order: PartnerOrder) -> str:
    """Why the shop refuses ``order``, as it must."""
    with pytest.raises(Rejected) as caught:
        await shop.place(order)
    return caught.value.reason


class LossyNetwork(httpx.AsyncBaseTransport):
    """A real network that loses the request or the answer of one GraphQL operation, ``times`` times.

    When the answer is lost the shop has done what it was asked.
    """

    def __init__(self, operation: str, *, request_lost: bool = False, times: int = 1) -> None:
        self._wire = loopback()
        self._operation = operation
        self._request_lost = request_lost
        self._times = times

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Forward, or lose."""
        found = OPERATION.match(json.loads(request.content)["query"])
        name = found[1] if found else ""
        lose = name == self._operation and self._times > 0
        if lose:
            self._times -= 1
            if self._request_lost:
                raise httpx.ReadError("the request was lost")
        response = await self._wire.handle_async_request(request)
        if lose:
            await response.aread()
            await response.aclose()
            raise httpx.ReadError("the answer was lost")
        return response

    async def aclose(self) -> None:
        """Close the real network."""
        await self._wire.aclose()
