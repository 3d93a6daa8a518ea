"""What we ask of a Vendure shop, in GraphQL. Everything is for the admin API but SEARCH."""

from __future__ import annotations

LOGIN = """
mutation SignIn($username: String!, $password: String!) {
  login(username: $username, password: $password) { __typename ... on ErrorResult { errorCode message } }
}
"""

# Looking

SEARCH = """
query Search($input: SearchInput!) {
  search(input: $input) { totalItems items { sku productId facetValueIds } }
}
"""

VARIANT = """
fragment Sold on ProductVariant {
  id sku name enabled priceWithTax currencyCode
  trackInventory useGlobalOutOfStockThreshold outOfStockThreshold
  stockLevels { stockOnHand stockAllocated }
  options { name group { id name } }
  featuredAsset { preview }
  product {
    id name enabled description
    featuredAsset { preview }
    facetValues { id name facet { code } }
  }
  customFields { barcode }
}
"""

VARIANTS = (
    """
query Variants($filter: ProductVariantFilterParameter!, $take: Int!) {
  productVariants(options: {filter: $filter, take: $take}) { items { ...Sold } }
  globalSettings { trackInventory outOfStockThreshold }
}
"""
    + VARIANT
)

VARIANTS_OF_PRODUCT = (
    """
query VariantsOfProduct($product: ID!, $take: Int!) {
  productVariants(productId: $product, options: {take: $take}) { items { ...Sold } }
  globalSettings { trackInventory outOfStockThreshold }
}
"""
    + VARIANT
)

# Making an order

ORDER = """
fragment Made on Order {
  id code state orderPlacedAt totalWithTax currencyCode
  lines { id quantity orderPlacedQuantity proratedLinePriceWithTax productVariant { sku } }
}
"""

CREATE = "mutation Create { createDraftOrder { ...Made } }" + ORDER

SET_KEY = """
mutation SetKey($order: ID!, $input: UpdateOrderInput!) {
  setDraftOrderCustomFields(orderId: $order, input: $input) { id customFields { aisleKey aisleLines } }
}
"""

SET_CUSTOMER = """
mutation SetCustomer($order: ID!, $input: CreateCustomerInput!) {
  setCustomerForDraftOrder(orderId: $order, input: $input) {
    __typename ... on Order { id } ... on ErrorResult { errorCode message }
  }
}
"""

SET_ADDRESS = """
mutation SetAddress($order: ID!, $input: CreateAddressInput!) {
  setDraftOrderShippingAddress(orderId: $order, input: $input) { id }
}
"""

SHIPPING_METHODS = """
query ShippingMethods($order: ID!) {
  eligibleShippingMethodsForDraftOrder(orderId: $order) { id code priceWithTax }
}
"""

SET_SHIPPING_METHOD = (
    """
mutation SetShippingMethod($order: ID!, $method: ID!) {
  setDraftOrderShippingMethod(orderId: $order, shippingMethodId: $method) {
    __typename ...Made ... on ErrorResult { errorCode message }
  }
}
"""
    + ORDER
)

MOVE = (
    """
mutation Move($order: ID!, $state: String!) {
  transitionOrderToState(id: $order, state: $state) {
    __typename ...Made ... on ErrorResult { errorCode message }
  }
}
"""
    + ORDER
)

PAY = (
    """
mutation Pay($input: ManualPaymentInput!) {
  addManualPaymentToOrder(input: $input) { __typename ...Made ... on ErrorResult { errorCode message } }
}
"""
    + ORDER
)

DELETE_DRAFT = "mutation DeleteDraft($order: ID!) { deleteDraftOrder(orderId: $order) { result message } }"

FREE_KEY = """
mutation FreeKey($order: ID!) {
  setOrderCustomFields(input: {id: $order, customFields: {aisleKey: null}}) { id customFields { aisleKey } }
}
"""


def add_items(count: int) -> str:
    """One request that adds ``count`` variants, ``$variant0`` ... with ``$quantity0`` ..., to ``$order``."""
    variables = "".join(f", $variant{n}: ID!, $quantity{n}: Int!" for n in range(count))
    fields = "".join(
        f"""
  item{n}: addItemToDraftOrder(orderId: $order, input: {{productVariantId: $variant{n}, quantity: $quantity{n}}}) {{
    __typename ... on Order {{ id }} ... on ErrorResult {{ errorCode message }}
    ... on InsufficientStockError {{ quantityAvailable }}
  }}"""
        for n in range(count)
    )
    return f"mutation AddItems($order: ID!{variables}) {{{fields}\n}}"


# An order in the books

BOOKED = (
    """
fragment Booked on Order {
  ...Made
  fulfillments { id state method trackingCode lines { orderLineId quantity } }
  history(options: {filter: {type: {eq: "ORDER_FULFILLMENT_TRANSITION"}}, take: 100}) { items { createdAt data } }
  customFields { aisleKey aisleLines }
}
"""
    + ORDER
)

BY_KEY = (
    "query ByKey($key: String!) { orders(options: {filter: {aisleKey: {eq: $key}}, take: 10}) { items { ...Booked } } }"
    + BOOKED
)

BY_CODE = (
    "query ByCode($code: String!) { orders(options: {filter: {code: {eq: $code}}, take: 10}) { items { ...Booked } } }"
    + BOOKED
)

CANCEL = """
mutation Cancel($input: CancelOrderInput!) {
  cancelOrder(input: $input) { __typename ... on Order { id state } ... on ErrorResult { errorCode message } }
}
"""
