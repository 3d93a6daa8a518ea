"""A Vendure shop in memory: it knows the requests of ``partners/vendure/queries.py`` by name and answers as 3.7 does.

``tests/real`` shows with the same tests that a real shop answers so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from partners.contract import Capabilities, PartnerRecord
from tests.partners.contract import Goods

OPERATION = re.compile(r"\s*(?:query|mutation)\s+(\w+)")
RENAMED = {"input": "given", "filter": "rules"}  # Python has its own meaning for these
NAME, PASSWORD = "aisle@example.com", "secret"
TOKEN = "Bearer token-1"
SECRET = f"{NAME}:{PASSWORD}"
RECORD = PartnerRecord(
    id="tees",
    name="Tees",
    protocol="vendure",
    endpoint="http://127.0.0.1:9",
    capabilities=Capabilities("B"),
    credential="tees",
    settings={"currency": "USD", "country": "DE"},
)
GOODS = Goods(one="TEE100-BLK-M", other="TEE100-BLK-S", third="RJK200-BLK-S", text="crew neck")
PLACED_AT = "2026-05-04T10:00:00.000Z"
SHIPPED_AT = "2026-05-05T09:30:00.000Z"
METHODS = {"1": ("standard-shipping", 500), "2": ("express-shipping", 1000)}


class Mistake(Exception):
    """An entry for the answer's ``errors``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.entry = {"message": message, "extensions": {"code": code}}


@dataclass
class Variant:
    """One variant; all of them are of product 1 but those named Jacket, which are of product 2."""

    id: str
    sku: str
    barcode: str
    name: str
    size: str
    price: int
    stock: int

    def data(self) -> dict[str, Any]:
        """It as the admin API says it."""
        jacket = "Jacket" in self.name
        return {
            "id": self.id,
            "sku": self.sku,
            "name": f"{self.name} {self.size}",
            "enabled": True,
            "priceWithTax": self.price,
            "currencyCode": "USD",
            "trackInventory": "INHERIT",
            "useGlobalOutOfStockThreshold": True,
            "outOfStockThreshold": 0,
            "stockLevels": [{"stockOnHand": self.stock, "stockAllocated": 0}],
            "options": [{"name": self.size, "group": {"id": "1", "name": "size"}}],
            "featuredAsset": None,
            "product": {
                "id": "2" if jacket else "1",
                "name": self.name,
                "enabled": True,
                "description": "<p>Cotton &amp; more</p>",
                "featuredAsset": {"preview": "http://127.0.0.1:9/assets/tee.jpg"},
                "facetValues": [{"id": "40", "name": "Everyday", "facet": {"code": "brand"}}],
            },
            "customFields": {"barcode": self.barcode},
        }


def shelf() -> list[Variant]:
    """What it sells."""
    return [
        Variant("90", "TEE100-BLK-M", "2000000000909", "Crew Neck T-Shirt", "M", 2388, 9),
        Variant("91", "TEE100-BLK-S", "2000000000893", "Crew Neck T-Shirt", "S", 2388, 9),
        Variant("92", "RJK200-BLK-S", "2000000001012", "Rain Jacket", "S", 15480, 9),
    ]


@dataclass
class Made:
    """One order, placed or not."""

    id: str
    state: str = "Draft"
    placed_at: str | None = None
    lines: dict[str, int] = field(default_factory=dict)
    prices: dict[str, int] = field(default_factory=dict)
    shipping: int = 0
    fields: dict[str, Any] = field(default_factory=lambda: {"aisleKey": None, "aisleLines": None})
    customer: dict[str, Any] = field(default_factory=dict)
    address: dict[str, Any] = field(default_factory=dict)
    parcels: list[dict[str, Any]] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)

    @property
    def total(self) -> int:
        """All that is charged; nothing when cancelled."""
        goods = sum(self.prices[sku] * pieces for sku, pieces in self.lines.items())
        return 0 if self.state == "Cancelled" else goods + self.shipping

    def data(self) -> dict[str, Any]:
        """It as the admin API says it, in both of our fragments."""
        return {
            "__typename": "Order",
            "id": self.id,
            "code": f"CODE{self.id}",
            "state": self.state,
            "orderPlacedAt": self.placed_at,
            "totalWithTax": self.total,
            "currencyCode": "USD",
            "lines": [
                {
                    "id": f"{self.id}-{sku}",
                    "quantity": 0 if self.state == "Cancelled" else pieces,
                    "orderPlacedQuantity": pieces if self.placed_at else 0,
                    "proratedLinePriceWithTax": self.prices[sku] * pieces,
                    "productVariant": {"sku": sku},
                }
                for sku, pieces in self.lines.items()
            ],
            "fulfillments": self.parcels,
            "history": {"items": self.history},
            "customFields": self.fields,
        }


class FakeVendure:
    """The shop. ``asked`` are the operations that arrived, oldest first."""

    def __init__(self) -> None:
        self.variants = {variant.id: variant for variant in shelf()}
        self.orders: dict[str, Made] = {}
        self.asked: list[str] = []
        self.token = TOKEN
        self._made = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        """The answer to one request."""
        body = json.loads(request.content)
        found = OPERATION.match(body["query"])
        assert found, body["query"]
        operation = found[1]
        self.asked.append(operation)
        headers = {}
        try:
            if operation == "SignIn":
                headers = {"vendure-auth-token": self.token.removeprefix("Bearer ")}
            elif request.url.path == "/admin-api" and request.headers.get("authorization") != self.token:
                raise Mistake("FORBIDDEN", "You are not currently authorized to perform this action")
            does: Callable[..., dict[str, Any]] = getattr(self, f"_{operation}")
            document: dict[str, Any] = {
                "data": does(**{RENAMED.get(name, name): value for name, value in body["variables"].items()})
            }
        except Mistake as mistake:
            document = {"data": None, "errors": [mistake.entry]}
        return httpx.Response(200, json=document, headers=headers)

    # Looking

    def _SignIn(self, username: str, password: str) -> dict[str, Any]:
        if (username, password) == (NAME, PASSWORD):
            return {"login": {"__typename": "CurrentUser"}}
        return {"login": _error("INVALID_CREDENTIALS_ERROR", "The provided credentials are invalid")}

    def _Search(self, given: Mapping[str, Any]) -> dict[str, Any]:
        words = str(given.get("term") or "").casefold().split()
        rows = [one for one in self.variants.values() if all(word in one.name.casefold() for word in words)]
        page = rows[given["skip"] : given["skip"] + given["take"]]
        items = [
            {"sku": one.sku, "productId": one.data()["product"]["id"], "facetValueIds": ["40"]}
            for one in page
        ]
        return {"search": {"totalItems": len(rows), "items": items}}

    def _Variants(self, rules: Mapping[str, Any], take: int) -> dict[str, Any]:
        def passes(variant: Variant) -> bool:
            values = {"sku": variant.sku, "barcode": variant.barcode}
            return all(values[name] in (rule.get("in") or [rule["eq"]]) for name, rule in rules.items())

        return self._rows([variant for variant in self.variants.values() if passes(variant)][:take])

    def _VariantsOfProduct(self, product: str, take: int) -> dict[str, Any]:
        return self._rows(
            [one for one in self.variants.values() if one.data()["product"]["id"] == product][:take]
        )

    def _rows(self, variants: list[Variant]) -> dict[str, Any]:
        return {
            "productVariants": {"items": [variant.data() for variant in variants]},
            "globalSettings": {"trackInventory": True, "outOfStockThreshold": 0},
        }

    # Making an order

    def _Create(self) -> dict[str, Any]:
        self._made += 1
        order = Made(str(self._made))
        self.orders[order.id] = order
        return {"createDraftOrder": order.data()}

    def _SetKey(self, order: str, given: Mapping[str, Any]) -> dict[str, Any]:
        key = given["customFields"]["aisleKey"]
        if any(other.fields["aisleKey"] == key for other in self.orders.values()):
            raise Mistake("", "UNIQUE constraint failed: order.customFieldsAislekey")
        self._draft(order).fields = dict(given["customFields"])
        return {"setDraftOrderCustomFields": {"id": order, "customFields": given["customFields"]}}

    def _AddItems(self, order: str, **variables: Any) -> dict[str, Any]:
        made, answers = self._draft(order), {}
        for number in range(len(variables) // 2):
            if variables[f"variant{number}"] not in self.variants:
                raise Mistake("ENTITY_NOT_FOUND", "No ProductVariant with this id could be found")
            variant, quantity = self.variants[variables[f"variant{number}"]], variables[f"quantity{number}"]
            made.lines[variant.sku] = min(quantity, variant.stock)
            made.prices[variant.sku] = variant.price
            answers[f"item{number}"] = {"__typename": "Order", "id": order}
            if quantity > variant.stock:
                short = _error(
                    "INSUFFICIENT_STOCK_ERROR", f"Only {variant.stock} items were added to the order"
                )
                answers[f"item{number}"] = short | {"quantityAvailable": variant.stock}
        return answers

    def _SetCustomer(self, order: str, given: Mapping[str, Any]) -> dict[str, Any]:
        if given["emailAddress"] == "registered@example.com":
            return {
                "setCustomerForDraftOrder": _error(
                    "EMAIL_ADDRESS_CONFLICT_ERROR", "The email is not available."
                )
            }
        self._draft(order).customer = dict(given)
        return {"setCustomerForDraftOrder": {"__typename": "Order", "id": order}}

    def _SetAddress(self, order: str, given: Mapping[str, Any]) -> dict[str, Any]:
        if given["countryCode"] == "AQ":
            raise Mistake("USER_INPUT_ERROR", 'The countryCode "AQ" was not recognized')
        self._draft(order).address = dict(given)
        return {"setDraftOrderShippingAddress": {"id": order}}

    def _ShippingMethods(self, order: str) -> dict[str, Any]:
        self._draft(order)
        return {
            "eligibleShippingMethodsForDraftOrder": [
                {"id": id_, "code": code, "priceWithTax": price} for id_, (code, price) in METHODS.items()
            ]
        }

    def _SetShippingMethod(self, order: str, method: str) -> dict[str, Any]:
        if method not in METHODS:
            raise Mistake("ENTITY_NOT_FOUND", "No ShippingMethod with this id could be found")
        self._draft(order).shipping = METHODS[method][1]
        return {"setDraftOrderShippingMethod": self.orders[order].data()}

    def _Move(self, order: str, state: str) -> dict[str, Any]:
        made = self._order(order)
        allowed = {"Draft": ("ArrangingPayment", "Cancelled"), "ArrangingPayment": ("Cancelled",)}
        short = any(self._sku(sku).stock < pieces for sku, pieces in made.lines.items())
        if state not in allowed.get(made.state, ()) or (state == "ArrangingPayment" and short):
            return {"transitionOrderToState": _error("ORDER_STATE_TRANSITION_ERROR", "Cannot transition")}
        made.state = state
        return {"transitionOrderToState": made.data()}

    def _Pay(self, given: Mapping[str, Any]) -> dict[str, Any]:
        made = self._order(given["orderId"])
        if made.state != "ArrangingPayment":
            return {
                "addManualPaymentToOrder": _error("MANUAL_PAYMENT_STATE_ERROR", "A manual payment may only")
            }
        for sku, pieces in made.lines.items():
            self._sku(sku).stock -= pieces
        made.state, made.placed_at = "PaymentSettled", PLACED_AT
        return {"addManualPaymentToOrder": made.data()}

    def _DeleteDraft(self, order: str) -> dict[str, Any]:
        if self._order(order).state != "Draft":
            return {"deleteDraftOrder": {"result": "NOT_DELETED", "message": "No draft Order"}}
        del self.orders[order]
        return {"deleteDraftOrder": {"result": "DELETED", "message": None}}

    def _FreeKey(self, order: str) -> dict[str, Any]:
        self._order(order).fields["aisleKey"] = None
        return {"setOrderCustomFields": {"id": order, "customFields": {"aisleKey": None}}}

    # The books

    def _ByKey(self, key: str) -> dict[str, Any]:
        return {
            "orders": {"items": [one.data() for one in self.orders.values() if one.fields["aisleKey"] == key]}
        }

    def _ByCode(self, code: str) -> dict[str, Any]:
        return {"orders": {"items": [one.data() for one in self.orders.values() if f"CODE{one.id}" == code]}}

    def _Cancel(self, given: Mapping[str, Any]) -> dict[str, Any]:
        made = self._order(given["orderId"])
        for sku, pieces in made.lines.items():
            self._sku(sku).stock += pieces
        made.state = "Cancelled"
        return {"cancelOrder": {"__typename": "Order", "id": made.id, "state": "Cancelled"}}

    def ship(self, reference: str) -> None:
        """Hand everything to the carrier in one parcel."""
        made = self.orders[reference.removeprefix("CODE")]
        made.state = "Shipped"
        lines = [{"orderLineId": f"{made.id}-{sku}", "quantity": n} for sku, n in made.lines.items()]
        made.parcels.append(
            {"id": "7", "state": "Shipped", "method": "DPD", "trackingCode": "DPD1", "lines": lines}
        )
        moved = {"fulfillmentId": 7, "from": "Pending", "to": "Shipped"}
        made.history.append({"createdAt": SHIPPED_AT, "data": moved})

    def _sku(self, sku: str) -> Variant:
        return next(variant for variant in self.variants.values() if variant.sku == sku)

    def _order(self, order: str) -> Made:
        if order not in self.orders:
            raise Mistake("ENTITY_NOT_FOUND", f'No Order with the id "{order}" could be found')
        return self.orders[order]

    def _draft(self, order: str) -> Made:
        made = self._order(order)
        if made.state != "Draft":
            raise Mistake("INTERNAL_SERVER_ERROR", "the order is not a draft any more")
        return made


def _error(code: str, message: str) -> dict[str, Any]:
    kind = "".join(word.title() for word in code.split("_"))
    return {"__typename": kind, "errorCode": code, "message": message}
