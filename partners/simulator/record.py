"""The partner record that reaches a simulator: how its words translate to ours, as data."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from partners.contract import Capabilities, OrderingClass, PartnerRecord

DEMO_TOKEN = "demo-token"  # noqa: S105
OFFER = """{
    sku: itemCode, gtin: gtin14(ean), product: styleCode, name: title, brand: brandName,
    category: department, description: text, options: options(attributes, 'name', 'value'), swatch: swatchHex,
    price_minor: to_minor(unitPrice, currencyCode), was_minor: to_minor(oldPrice, currencyCode),
    currency: currencyCode, available: onHand, shipping_minor: to_minor(freight, currencyCode),
    ships_by: dispatchOn, picture: image
}"""
QUOTE = """{
    lines: positions[].{sku: itemCode, price_minor: to_minor(unitPrice, currencyCode), available: free,
                        ships_by: dispatchOn},
    shipping_minor: to_minor(freight, currencyCode), currency: currencyCode
}"""
ORDER = """{
    reference: orderNumber, key: yourReference, state: status,
    total_minor: to_minor(grandTotal, currencyCode), currency: currencyCode,
    lines: positions[].{sku: itemCode, line: yourPosition, accepted: confirmed, backordered: later,
                        refused: refused, promised: expectedOn, reason: why},
    parcels: parcels[].{id: parcelNumber, carrier: carrier, tracking: trackingCode, shipped_at: sentAt,
                        delivered_at: arrivedAt,
                        lines: positions[].{sku: itemCode, line: yourPosition, quantity: count}}
}"""
PLACE = """{
    yourReference: order.key, yourNumber: order.number, lang: order.language,
    currencyCode: order.total.currency,
    freight: from_minor(order.shipping.minor, order.shipping.currency),
    grandTotal: from_minor(order.total.minor, order.total.currency),
    positions: order.lines[].{yourPosition: line, itemCode: sku, ean: gtin_short(gtin), count: quantity,
                              unitPrice: from_minor(price.minor, price.currency)},
    consignee: order.customer.{name: name, mail: email, phone: phone, street: address.lines, town: address.city,
                               zip: address.postal_code, province: address.region, countryCode: address.country}
}"""


def mapping(ordering_class: OrderingClass, token: str = DEMO_TOKEN) -> dict[str, Any]:
    """The mapping; the demo's token is no secret and stands in it, any other comes from the keystore."""
    operations: dict[str, Any] = {
        "search": {
            "path": "/api/items",
            "query": {"q": "text", "size": "limit", "page": "cursor"},
            "response": "items",
            "cursor": "next",
        },
        "changes": {
            "path": "/api/changes",
            "query": {"after": "cursor", "size": "limit"},
            "response": "items",
            "cursor": "next",
            "gone": "withdrawn",
            "more": "more",
        },
        "find_gtin": {"path": "/api/items", "query": {"ean": "gtin_short(gtin)"}, "response": "items"},
        "find_sku": {"path": "/api/items/{sku}", "response": "[@]"},
        "variants": {"path": "/api/styles/{product}/items", "response": "items"},
        "similar": {"path": "/api/styles/{product}/similar", "query": {"size": "limit"}, "response": "items"},
        "quote": {
            "method": "POST",
            "path": "/api/quotes",
            "body": "{positions: lines[].{itemCode: sku, count: quantity},"
            " shipTo: address.{countryCode: country, zip: postal_code}}",
        },
        "place": {"method": "POST", "path": "/api/orders", "body": PLACE},
        "status": {"path": "/api/orders/{reference}"},
        "cancel": {
            "method": "POST",
            "path": "/api/orders/{reference}/cancel",
            "response": "result",
        },
    }
    if ordering_class == "A":
        operations["place"]["headers"] = {"Idempotency-Key": "order.key"}
    if ordering_class != "C":
        operations["look_up"] = {
            "path": "/api/orders",
            "query": {"yourReference": "key"},
            "response": "orders",
        }
    return {
        "version": 1,
        "auth": {
            "header": "Authorization",
            "format": f"Bearer {DEMO_TOKEN}" if token == DEMO_TOKEN else "Bearer {secret}",
        },
        "operations": operations,
        "forms": {"offer": OFFER, "quote": QUOTE, "order": ORDER},
        "refusal": {"reason": "error.code", "detail": "error.message"},
        "reasons": {
            "OUT_OF_STOCK": "sold_out",
            "PRICE_CHANGED": "price_changed",
            "NO_SUCH_ITEM": "unknown_sku",
            "NO_SUCH_ORDER": "unknown_order",
            "NO_DELIVERY": "address",
            "ALREADY_SHIPPED": "shipped",
            "MALFORMED": "malformed",
            "TOO_OLD": "too_old",
        },
        "statuses": {
            "BOOKED": "accepted",
            "SENT": "shipped",
            "ARRIVED": "delivered",
            "WITHDRAWN": "cancelled",
        },
    }


def simulator_record(
    partner_id: str,
    name: str,
    url: str,
    ordering_class: OrderingClass,
    *,
    token: str = DEMO_TOKEN,
    key_life: timedelta = timedelta(hours=24),
    currency: str = "EUR",
    ship_to: tuple[str, ...] = (),
) -> PartnerRecord:
    """A record that is ready to use; with another token than the demo's, its key goes into the keystore first."""
    return PartnerRecord(
        id=partner_id,
        name=name,
        protocol="rest",
        endpoint=url,
        capabilities=Capabilities(
            ordering_class,
            key_life=key_life,
            can_look_up=ordering_class != "C",
            # It books before it answers, so that what was sent is there, or nowhere, at once.
            settling=timedelta(seconds=2),
            partial_acceptance=True,
            backorder=True,
            cancel=True,
            currencies=(currency,),
            ship_to=ship_to,
        ),
        credential=None if token == DEMO_TOKEN else f"partner-{partner_id}",
        mapping=mapping(ordering_class, token),
        picture_base=url,
    )
