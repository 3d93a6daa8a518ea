"""An order while it is being made at a Vendure shop: a draft that nobody else can see, gone again if not placed.

    create -> set_key -> add -> customer -> address -> shipping -> (checked) -> freeze -> (checked) -> pay
                                                                                          the point of no return

A draft reserves nothing and is never placed by itself: with Vendure's own order process only a payment does that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from partners.vendure import queries
from partners.vendure.graph import Graph, answered, refused
from partners.vendure.shop import Shop
from partners.vendure.wire import Deletion, Order, Ours, Refusal, ShippingMethod, Wire, money, ours_text, read
from retail.address import Address, Customer
from retail.errors import AisleError, Rejected, Unreachable
from retail.money import Money

TIDYING = 5.0  # seconds to spend on removing a draft that is of no use


class _Made(Wire):
    id: str


class Draft:
    """One draft order. Its methods raise Rejected with the reason a caller of ``place`` expects."""

    def __init__(self, shop: Shop, order: Order) -> None:
        self._graph = shop.graph
        self._settings = shop.settings
        self.order = order

    @classmethod
    async def create(cls, shop: Shop) -> Draft:
        """An empty draft."""
        return cls(shop, answered(Order, await shop.graph.admin(queries.CREATE), "createDraftOrder"))

    async def set_key(self, key: str, lines: Sequence[Ours]) -> None:
        """Write our key and our lines into the draft, so that it can be found whatever happens afterwards.

        Raises Unreachable when another order has this key: somebody is placing it at this moment.
        """
        fields = {"aisleKey": key, "aisleLines": ours_text(lines)}
        order = self.order.id
        data = await self._graph.admin(
            queries.SET_KEY, order=order, input={"id": order, "customFields": fields}
        )
        answered(_Made, data, "setDraftOrderCustomFields")

    async def add(self, wanted: Mapping[str, int]) -> dict[str, int]:
        """Put pieces by variant id into the draft; answers how many there are of those that there are too few of."""
        variables: dict[str, Any] = {}
        for number, (variant, quantity) in enumerate(wanted.items()):
            variables |= {f"variant{number}": variant, f"quantity{number}": quantity}
        data = await self._graph.admin(queries.add_items(len(wanted)), order=self.order.id, **variables)
        short = {}
        for number, variant in enumerate(wanted):
            value = data.get(f"item{number}")
            if isinstance(value, Mapping) and value.get("errorCode") == "INSUFFICIENT_STOCK_ERROR":
                refusal = read(Refusal, value, "addItemToDraftOrder")
                if refusal.quantity_available is None:
                    raise refused(refusal)
                short[variant] = refusal.quantity_available
            else:
                answered(_Made, data, f"item{number}")
        return short

    async def customer(self, customer: Customer) -> None:
        """Say who buys. Names are not split: nobody can know which part is which."""
        person = {
            "emailAddress": self._settings.customer_email or customer.email,
            "firstName": customer.name,
            "lastName": "",
            "phoneNumber": customer.phone,
        }
        data = await self._graph.admin(
            queries.SET_CUSTOMER, refusal="customer", order=self.order.id, input=person
        )
        answered(_Made, data, "setCustomerForDraftOrder")

    async def address(self, address: Mapping[str, str]) -> None:
        """Say where it goes; Rejected ``address`` when the shop does not know the country."""
        data = await self._graph.admin(
            queries.SET_ADDRESS, refusal="address", order=self.order.id, input=address
        )
        answered(_Made, data, "setDraftOrderShippingAddress")

    async def shipping(self) -> None:
        """Choose the record's shipping method, or the cheapest; Rejected ``address`` when it is not offered."""
        data = await self._graph.admin(queries.SHIPPING_METHODS, order=self.order.id)
        methods = answered(list[ShippingMethod], data, "eligibleShippingMethodsForDraftOrder")
        wanted = self._settings.shipping_method
        methods = [method for method in methods if wanted in (None, method.code)]
        if not methods:
            raise Rejected(
                "address", f"no {wanted or 'shipping method'} is offered for this order and address"
            )
        method = min(methods, key=lambda one: (one.price_with_tax, one.code))
        data = await self._graph.admin(
            queries.SET_SHIPPING_METHOD, refusal="address", order=self.order.id, method=method.id
        )
        self.order = answered(Order, data, "setDraftOrderShippingMethod")

    async def freeze(self) -> None:
        """Make it ready to be paid; its lines and amounts cannot change any more.

        Raises Rejected ``not_ready`` when the shop will not have it so (a variant ran out, say).
        """
        data = await self._graph.admin(queries.MOVE, order=self.order.id, state="ArrangingPayment")
        try:
            self.order = answered(Order, data, "transitionOrderToState")
        except Rejected as error:
            raise Rejected("not_ready", error.detail) from error

    async def pay(self, reference: str, key: str) -> Order:
        """Place it. ``reference`` is what the shop's people see; every error but Rejected leaves the outcome open."""
        data = await self._graph.admin(
            queries.PAY,
            input={
                "orderId": self.order.id,
                "method": self._settings.payment_method,
                "transactionId": reference,
                "metadata": {"reference": reference, "key": key},
            },
        )
        return answered(Order, data, "addManualPaymentToOrder")

    async def discard(self) -> None:
        """Remove it if that can be done; one that stays is removed when its key is placed again."""
        with suppress(AisleError):
            await remove(self._graph, self.order.id, self.order.state, deadline=TIDYING)

    def pieces(self) -> dict[str, tuple[int, Money]]:
        """Pieces and the price of one, by SKU. What does not divide evenly is in ``rest``."""
        found: dict[str, tuple[int, int]] = {}
        for line in self.order.lines:
            quantity, amount = found.get(line.product_variant.sku, (0, 0))
            found[line.product_variant.sku] = (
                quantity + line.quantity,
                amount + self._money(line.prorated_line_price_with_tax).minor,
            )
        currency = self.order.currency_code
        return {
            sku: (quantity, Money(amount // quantity, currency))
            for sku, (quantity, amount) in found.items()
            if quantity
        }

    def total(self) -> Money:
        """All that the shop will charge."""
        return self._money(self.order.total_with_tax)

    def rest(self) -> Money:
        """What the total has above the pieces: shipping, surcharges, and the cents that do not divide evenly."""
        rest = self.total()
        for quantity, price in self.pieces().values():
            rest -= price * quantity
        return rest

    def _money(self, amount: int) -> Money:
        return money(amount, self.order.currency_code, self._settings.decimals)


async def remove(graph: Graph, order: str, state: str, deadline: float | None = None) -> None:
    """Make sure that an order which was never placed never will be, and that its key is free again.

    Raises Unreachable when it could not be removed: it may have been placed in this moment.
    """
    if state == "Draft":
        data = await graph.admin(queries.DELETE_DRAFT, deadline=deadline, order=order)
        deletion = answered(Deletion, data, "deleteDraftOrder")
        if deletion.result != "DELETED":
            raise Unreachable(f"draft {order} cannot be deleted: {(deletion.message or '')[:200]}")
        return
    if state != "Cancelled":
        try:
            data = await graph.admin(queries.MOVE, deadline=deadline, order=order, state="Cancelled")
            answered(Order, data, "transitionOrderToState")
        except Rejected as error:
            raise Unreachable(f"order {order} cannot be cancelled: {error.detail}") from error
    # Only now: an order without a key that can still be paid would be the one nobody ever finds.
    await graph.admin(queries.FREE_KEY, deadline=deadline, order=order)


def address_input(address: Address, name: str, phone: str | None, longest: int) -> dict[str, str]:
    """``address`` in Vendure's form, its text unchanged; Rejected ``address`` when it does not fit.

    Vendure has two lines: further ones follow the second, after a comma.
    """
    parts = {
        "fullName": name,
        "streetLine1": address.lines[0],
        "streetLine2": ", ".join(address.lines[1:]),
        "city": address.city,
        "province": address.region or "",
        "postalCode": address.postal_code or "",
        "phoneNumber": phone or "",
    }
    for part, text in parts.items():
        if len(text) > longest:
            raise Rejected("address", f"{part} has {len(text)} characters, the shop takes {longest}")
    return {part: text for part, text in parts.items() if text} | {"countryCode": address.country}
