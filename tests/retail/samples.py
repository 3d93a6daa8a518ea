"""Orders, offers and customers to test with: exact ones, and hypothesis strategies for any."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st

from retail.address import Address, Customer
from retail.gtin import Gtin, check_digit
from retail.ids import new_id
from retail.money import Money, total
from retail.offer import Offer
from retail.order import Order, OrderLine, Payment, Shipping

NOW = datetime(2026, 3, 14, 9, 26, 53, 589793, tzinfo=UTC)
ADA = Customer(
    "Ada Byron",
    "ada@example.com",
    Address("DE", ("Rosenweg 12",), "Köln", "50667"),
    "+49 221 9123456",
)


def gtin(number: int) -> Gtin:
    """A valid GTIN made of ``number``."""
    payload = f"{number:013d}"
    return Gtin(payload + check_digit(payload))


def offer(number: int = 1, partner: str = "north", **changes: Any) -> Offer:
    """An offer; every field of it can be changed."""
    values: dict[str, Any] = {
        "partner": partner,
        "sku": f"{partner}-{number}",
        "gtin": gtin(number),
        "product": f"product-{number}",
        "name": f"Shirt {number}",
        "price": Money(4990, "EUR"),
        "available": 5,
        "as_of": NOW,
        "shipping": Money(490, "EUR"),
        "ships_by": date(2026, 3, 16),
    }
    return Offer(**(values | changes))


def order(
    *wanted: tuple[str, int, int],
    order_id: str | None = None,
    number: str = "S1-1001",
    customer: Customer = ADA,
    shipping_minor: int = 490,
    device: str = "device-1",
    **changes: Any,
) -> Order:
    """An order in euros of (partner, quantity, price in minor units); every partner ships for the same."""
    lines = tuple(
        OrderLine(
            new_id(),
            partner,
            f"{partner}-{index}",
            gtin(index),
            f"Thing {index}",
            quantity,
            Money(price, "EUR"),
        )
        for index, (partner, quantity, price) in enumerate(wanted or (("north", 2, 4990),), 1)
    )
    shipping = tuple(
        Shipping(partner, Money(shipping_minor, "EUR"))
        for partner in dict.fromkeys(line.partner for line in lines)
    )
    amount = total((line.sum() for line in lines), "EUR") + total((part.price for part in shipping), "EUR")
    return Order(
        id=order_id or new_id(),
        number=number,
        device=device,
        store="store-1",
        created_at=NOW,
        customer=customer,
        lines=lines,
        shipping=shipping,
        payments=(Payment("till", "T-1", amount),),
        total=amount,
        **changes,
    )


CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "KWD", "CHF", "INR"])


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """Any order whose sums hold: up to 12 lines at up to 4 partners, several payments, any currency."""
    currency = draw(CURRENCIES)
    partners = draw(st.lists(st.sampled_from(["north", "east", "south", "west"]), min_size=1, max_size=12))
    lines = tuple(
        OrderLine(
            f"line-{index}",
            partner,
            f"sku-{index}",
            gtin(index + 1),
            draw(st.sampled_from(["Linen shirt", "シャツ", "قميص"])),
            draw(st.integers(1, 99)),
            Money(draw(st.integers(0, 10**9)), currency),
            draw(st.dictionaries(st.sampled_from(["size", "colour"]), st.sampled_from(["M", "Öl"]))),
            draw(st.none() | st.dates()),
        )
        for index, partner in enumerate(partners)
    )
    paying = draw(st.lists(st.sampled_from(sorted(set(partners))), unique=True))
    shipping = tuple(Shipping(partner, Money(draw(st.integers(0, 10**6)), currency)) for partner in paying)
    amount = total((line.sum() for line in lines), currency)
    amount += total((part.price for part in shipping), currency)
    shares = amount.split(draw(st.lists(st.integers(1, 9), min_size=1, max_size=3)))
    return Order(
        id=draw(st.uuids().map(str)),
        number=f"S1-{draw(st.integers(1001, 99999))}",
        device="device-1",
        store="store-1",
        created_at=draw(st.datetimes(timezones=st.just(UTC))),
        customer=ADA,
        lines=lines,
        shipping=shipping,
        payments=tuple(Payment("till", f"T-{index}", share) for index, share in enumerate(shares)),
        total=amount,
        language=draw(st.sampled_from(["en", "de", "ja"])),
        associate=draw(st.none() | st.just("mia")),
    )
