"""The shop's own people in the tests against a real Vendure shop: what they see, and what they do meanwhile."""

from __future__ import annotations

from typing import Any

from tests.real.vendure_server import Admin

ORDERS = """query ($skip: Int!) { orders(options: {take: 100, skip: $skip}) {
  totalItems items { id code state orderPlacedAt customFields { aisleKey } } } }"""


def all_orders(staff: Admin) -> list[dict[str, Any]]:
    """Every order that the shop knows, placed or not."""
    found: list[dict[str, Any]] = []
    while True:
        page = staff(ORDERS, skip=len(found))["orders"]
        found += page["items"]
        if len(found) >= page["totalItems"]:
            return found


def with_key(staff: Admin, key: str) -> list[dict[str, Any]]:
    """The orders with our ``key``, placed or not."""
    return [order for order in all_orders(staff) if order["customFields"]["aisleKey"] == key]


def books(staff: Admin, reference: str) -> dict[str, Any]:
    """One order as the shop's own people see it."""
    query = """query ($code: String!) { orders(options: {filter: {code: {eq: $code}}}) { items {
      id state totalWithTax customFields { aisleKey aisleLines }
      customer { emailAddress firstName lastName phoneNumber }
      shippingAddress { fullName streetLine1 streetLine2 city province postalCode countryCode phoneNumber }
      payments { id method amount state transactionId metadata }
      lines { id quantity productVariant { sku } } } } }"""
    (found,) = staff(query, code=reference)["orders"]["items"]
    assert isinstance(found, dict)
    return found


def ship(staff: Admin, reference: str, pieces: dict[str, int], tracking: str, state: str = "Shipped") -> str:
    """Put ``pieces`` by SKU in a parcel and hand it over; answers the parcel's id."""
    lines = [
        {"orderLineId": line["id"], "quantity": pieces[line["productVariant"]["sku"]]}
        for line in books(staff, reference)["lines"]
        if line["productVariant"]["sku"] in pieces
    ]
    arguments = [{"name": "method", "value": "DPD"}, {"name": "trackingCode", "value": tracking}]
    made = staff(
        """mutation ($input: FulfillOrderInput!) { addFulfillmentToOrder(input: $input) {
          __typename ... on Fulfillment { id } ... on ErrorResult { message } } }""",
        input={"lines": lines, "handler": {"code": "manual-fulfillment", "arguments": arguments}},
    )["addFulfillmentToOrder"]
    parcel = str(made["id"])
    if state != "Pending":
        move(staff, parcel, state)
    return parcel


def move(staff: Admin, parcel: str, state: str) -> None:
    """Bring a parcel into ``state``."""
    moved = staff(
        """mutation ($id: ID!, $state: String!) { transitionFulfillmentToState(id: $id, state: $state) {
          __typename ... on Fulfillment { state } ... on ErrorResult { message } } }""",
        id=parcel,
        state=state,
    )["transitionFulfillmentToState"]
    assert moved["state"] == state


def change(staff: Admin, sku: str, **values: object) -> None:
    """Let the shop's people change a variant."""
    found = staff(
        "query ($sku: String!) { productVariants(options: {filter: {sku: {eq: $sku}}}) { items { id } } }",
        sku=sku,
    )["productVariants"]["items"]
    staff(
        "mutation ($input: [UpdateProductVariantInput!]!) { updateProductVariants(input: $input) { id } }",
        input=[{"id": found[0]["id"], **values}],
    )
