"""Vendure's answers as Pydantic models; they leave this package never. Amounts are in the shop's own minor units."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar

from babel.numbers import get_currency_precision
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from retail.errors import BadResponse
from retail.money import LIMIT, Money

Id = Annotated[str, Field(min_length=1, max_length=100)]
Text = Annotated[str, Field(max_length=100_000)]
Amount = Annotated[int, Field(ge=-LIMIT, le=LIMIT)]
Pieces = Annotated[int, Field(ge=0, le=10**9)]
Stock = Annotated[int, Field(ge=-(10**9), le=10**9)]
Time = Annotated[AwareDatetime, Field(strict=False)]
T = TypeVar("T")
Rows = Annotated[tuple[T, ...], Field(strict=False)]


class Wire(BaseModel):
    """One object of theirs. What we did not ask for is ignored; what we asked for is read strictly."""

    model_config = ConfigDict(strict=True, frozen=True, alias_generator=to_camel)


class GraphqlError(Wire):
    """One entry of an answer's errors."""

    message: Text = ""
    extensions: dict[str, Any] = {}

    @property
    def code(self) -> str:
        """Vendure's or Apollo's code, "" when there is none."""
        code = self.extensions.get("code")
        return code if isinstance(code, str) else ""


class Envelope(Wire):
    """What every answer is wrapped in."""

    data: dict[str, Any] | None = None
    errors: list[GraphqlError] | None = None


class Refusal(Wire):
    """A typed result that is an error."""

    error_code: Id
    message: Text = ""
    quantity_available: Pieces | None = None


class Named(Wire):
    """A thing of which only the name matters."""

    name: Text


class Group(Named):
    """An option group, such as size."""

    id: Id


class Option(Named):
    """An option, such as M."""

    group: Group


class Facet(Wire):
    """What kind a facet value is of."""

    code: Text


class FacetValue(Named):
    """A facet value, such as the brand's name."""

    id: Id
    facet: Facet


class Asset(Wire):
    """A picture."""

    preview: Text


class StockLevel(Wire):
    """What lies at one location."""

    stock_on_hand: Stock
    stock_allocated: Stock


class Product(Named):
    """What a variant is a variant of. ``description`` may hold HTML."""

    id: Id
    enabled: bool
    description: Text = ""
    featured_asset: Asset | None = None
    facet_values: Rows[FacetValue] = ()


class VariantFields(Wire):
    """The custom fields of a variant."""

    barcode: Text | None = None


class Variant(Named):
    """What can be sold."""

    id: Id
    sku: Id
    enabled: bool
    price_with_tax: Amount
    currency_code: Id
    track_inventory: Text
    use_global_out_of_stock_threshold: bool
    out_of_stock_threshold: Stock
    stock_levels: Rows[StockLevel]
    options: Rows[Option] = ()
    featured_asset: Asset | None = None
    product: Product
    custom_fields: VariantFields


class VariantList(Wire):
    """A list of variants."""

    items: Rows[Variant]


class GlobalSettings(Wire):
    """What holds for variants that do not say otherwise."""

    track_inventory: bool
    out_of_stock_threshold: Stock


class VariantsAnswer(Wire):
    """Variants, and what is needed to say how many of them can be had."""

    product_variants: VariantList
    global_settings: GlobalSettings


class Hit(Wire):
    """One row of a search."""

    sku: Id
    product_id: Id
    facet_value_ids: Rows[Id] = ()


class Hits(Wire):
    """A page of a search."""

    total_items: Pieces
    items: Rows[Hit]


class ShippingMethod(Wire):
    """One way to ship a draft, with its price for it."""

    id: Id
    code: Text
    price_with_tax: Amount


class Sku(Wire):
    """Which variant an order line is of."""

    sku: Id


class Line(Wire):
    """A line of an order; the price is for all its pieces, after discounts.

    ``quantity`` goes down when pieces are cancelled, ``order_placed_quantity`` stays as it was placed.
    """

    id: Id
    quantity: Pieces
    order_placed_quantity: Pieces
    prorated_line_price_with_tax: Amount
    product_variant: Sku


class Order(Wire):
    """An order. ``order_placed_at`` None means that nothing was bought."""

    id: Id
    code: Id
    state: Id
    order_placed_at: Time | None
    total_with_tax: Amount
    currency_code: Id
    lines: Rows[Line]


class ParcelLine(Wire):
    """How much of an order line is in a parcel."""

    order_line_id: Id
    quantity: Pieces


class Fulfillment(Wire):
    """A parcel."""

    id: Id
    state: Id
    method: Text = ""
    tracking_code: Text | None = None
    lines: Rows[ParcelLine]


class HistoryEntry(Wire):
    """Something that happened to an order; ``data`` depends on its kind."""

    created_at: Time
    data: dict[str, Any] = {}


class History(Wire):
    """What happened to an order."""

    items: Rows[HistoryEntry] = ()


class OrderFields(Wire):
    """The custom fields of an order."""

    aisle_key: Text | None = None
    aisle_lines: Text | None = None


class BookedOrder(Order):
    """An order with all that happened to it."""

    fulfillments: Rows[Fulfillment] | None = None
    history: History = History()
    custom_fields: OrderFields

    def happened(self, fulfillment: str, state: str) -> datetime | None:
        """When the parcel came into ``state``; None when the history does not say."""
        for entry in self.history.items:
            if str(entry.data.get("fulfillmentId")) == fulfillment and entry.data.get("to") == state:
                return entry.created_at
        return None


class OrderList(Wire):
    """A list of orders."""

    items: Rows[BookedOrder]


class Deletion(Wire):
    """How a deletion went: DELETED or NOT_DELETED."""

    result: Text
    message: Text | None = None


Ours = tuple[str, str, int]
"""One line of ours as it is kept in an order's ``aisleLines``: our line id, the SKU, how many pieces."""

OURS: TypeAdapter[list[Ours]] = TypeAdapter(list[Ours])


def read(kind: type[T] | TypeAdapter[T], data: object, what: str) -> T:
    """``data`` as ``kind``; raises BadResponse naming ``what`` and the wrong place, never the value there."""
    adapter: TypeAdapter[T] = kind if isinstance(kind, TypeAdapter) else TypeAdapter(kind)
    try:
        return adapter.validate_python(data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadResponse(f"{what}: {place or 'it'}: {first['msg']}") from error


def ours_text(lines: Sequence[Ours]) -> str:
    """``lines`` as they are kept in an order's ``aisleLines``."""
    return OURS.dump_json(list(lines)).decode()


def read_ours(text: str | None, what: str) -> list[Ours]:
    """The lines kept in ``text``; raises BadResponse when it is not ours."""
    try:
        return OURS.validate_json(text or "")
    except ValidationError as error:
        raise BadResponse(f"{what}: aisleLines is missing or not ours") from error


def money(amount: int, currency: str, decimals: int) -> Money:
    """``amount``, which has ``decimals`` decimal places, in the currency's own minor units.

    Raises BadResponse when it is no whole number of them, or no currency.
    """
    try:
        shift = get_currency_precision(currency) - decimals
        whole, rest = divmod(amount * 10 ** max(shift, 0), 10 ** max(-shift, 0))
        if rest:
            raise ValueError(f"{amount} with {decimals} decimals is no whole amount of {currency}")
        return Money(whole, currency)
    except ValueError as error:
        raise BadResponse(str(error)) from error
