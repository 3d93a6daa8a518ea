"""Write the demo catalogue: all products, and what each of three partners sells of them.

The same table gives the same files, and a new line in it leaves the other products' numbers, prices and stock
alone: chance is drawn per product. The GTINs are well-formed and invented: they say nothing about real goods.
Run: ``python -m assets.tools.make_catalogue``.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assets.tools.products import Product, Variant, read_products

OUT = Path(__file__).resolve().parents[1] / "demo"
CURRENCY = "EUR"

# Company prefixes: seven digits that a brand's items begin with, leading 0 for those that print a UPC-A.
PREFIXES = {
    "Norrland": "4099101",
    "Halden": "4099102",
    "Studio Fem": "4099103",
    "Maison Ode": "4099104",
    "Kiln & Co": "4099105",
    "Carry": "4099106",
    "Plain": "4099107",
    "Marlow": "0614141",
    "Saltwick": "4099108",
    "Arden Mill": "4099109",
    "Solveig": "4099110",
    "Ferrow": "4099111",
    "Bergkamm": "4099112",
    "Lumen Hall": "9521101",
    "Verde": "9521102",
    "Nineteen Oak": "9521103",
    "Kasane": "9521104",
    "Tveit": "9521105",
    "Quill": "0614142",
    "Otto & Ida": "9521106",
    "Little Fern": "0614143",
    "Petit Nuage": "9521107",
}
SMALL = ("KR433", "HB434", "CB530", "BD437")  # too small for a long code: these carry an EAN-8

# What the screens of the design show of the rain jacket: index of the colour and size.
GONE = {
    ("JK101", c, s) for c, s in ((0, "XS"), (1, "S"), (1, "M"), (2, "XL"), (3, "XS"), (3, "S"), (3, "XL"))
}
LOW = {("JK101", 0, "XL"), ("JK101", 2, "S"), ("JK101", 3, "M")}
JACKET = {"north": (12900, 0, 3), "berg": (12490, 590, 4), "atelier": (13400, 0, 9)}  # price, shipping, days


@dataclass(frozen=True, slots=True)
class Seller:
    """A simulated partner: what it likes to sell (category to chance), how dear and how quick it is."""

    partner: str
    name: str
    likes: dict[str, float]
    price: tuple[float, float]  # times the usual price, from and to
    days: tuple[int, int]
    shipping: int
    free_from: int  # cents; from this price on shipping costs nothing


SELLERS = (
    Seller(
        "north",
        "Nordic Outfitters",
        {"Apparel": 0.75, "Footwear": 0.7, "Home": 0.45, "Accessories": 0.65, "Outdoor": 0.9, "Kids": 0.65},
        (1.0, 1.0),
        (2, 4),
        490,
        4900,
    ),
    Seller(
        "berg",
        "Bergmann & Sohn",
        {"Apparel": 0.7, "Footwear": 0.75, "Home": 0.7, "Accessories": 0.6, "Outdoor": 0.65, "Kids": 0.7},
        (0.9, 0.99),
        (3, 5),
        590,
        20000,
    ),
    Seller(
        "atelier",
        "Atelier Direct",
        {"Apparel": 0.55, "Footwear": 0.5, "Home": 0.75, "Accessories": 0.7, "Outdoor": 0.35, "Kids": 0.5},
        (1.0, 1.08),
        (5, 9),
        0,
        0,
    ),
)


def with_check_digit(digits: str) -> str:
    """``digits`` with GS1's check digit at the end: weights 3 and 1 from the right."""
    total = sum(int(d) * (3 if n % 2 == 0 else 1) for n, d in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def gtins(products: Iterable[Product]) -> dict[tuple[str, int], str]:
    """A GTIN-14 for every variant, by product code and number of the variant."""
    count, small = dict.fromkeys(PREFIXES, 0), 0
    out = {}
    for product in products:
        count[product.brand] += 1
        small += product.code in SMALL
        for variant in product.variants():
            if product.code in SMALL:
                number = with_check_digit(f"409{small:02}{variant.number:02}")
            else:
                number = with_check_digit(
                    f"{PREFIXES[product.brand]}{count[product.brand]:03}{variant.number:02}"
                )
            out[product.code, variant.number] = number.zfill(14)
    return out


def options(product: Product, variant: Variant) -> dict[str, str]:
    """What was chosen to come to ``variant``, colour first."""
    out = {"colour": variant.colour.name} if variant.colour else {}
    return out | ({product.option: variant.value} if product.option and variant.value else {})


def sellers_of(product: Product) -> list[Seller]:
    """Who sells ``product``, the one that sets the price first."""
    if product.sellers:
        return [s for letter in product.sellers for s in SELLERS if s.partner.startswith(letter)]
    dice = random.Random(f"sellers {product.code}")
    chosen = [s for s in SELLERS if dice.random() < s.likes[product.category]]
    return chosen or [max(SELLERS, key=lambda s: s.likes[product.category])]


def stocks(product: Product, variant: Variant, sellers: list[Seller]) -> dict[str, int | None]:
    """How many each seller has; None where the seller does not have the variant in its range at all."""
    dice = random.Random(f"stock {product.code} {variant.number}")
    key = (product.code, product.colours.index(variant.colour) if variant.colour else 0, variant.value)
    mood, shelf = dice.random(), {s.partner: dice.randint(4, 48) for s in sellers}
    few = {partner: dice.randint(1, 3) for partner in shelf}
    if product.code == "JK101":
        if key in GONE:
            return dict.fromkeys(shelf, 0)
        two_left = {"atelier": 2} if key[1:] == (0, "M") else {}
        return dict[str, int | None](few if key in LOW else shelf | two_left)
    if product.stock == "low":
        return dict(few)
    if product.stock:
        return dict(shelf)
    if mood < 0.045:
        return dict.fromkeys(shelf, 0)
    if mood < 0.125:
        return dict(few)
    out: dict[str, int | None] = {}
    for partner in shelf:
        luck = dice.random()
        out[partner] = (
            None if luck < 0.06 else 0 if luck < 0.15 else few[partner] if luck < 0.24 else shelf[partner]
        )
    if all(n is None for n in out.values()):
        out[sellers[0].partner] = shelf[sellers[0].partner]
    return out


def terms(product: Product, variant: Variant, seller: Seller, *, leads: bool) -> tuple[int, int, int]:
    """Price and shipping in cents and days until dispatch; who ``leads`` asks the usual price."""
    if product.code == "JK101":
        return JACKET[seller.partner]
    dice = random.Random(f"terms {product.code} {seller.partner}")
    factor, days = dice.uniform(*seller.price), dice.randint(*seller.days)
    if product.stock == "order":
        days = 21
    if product.sellers and not leads:
        factor = 0.975 if seller.partner == "berg" else 1.04
    price = variant.price if leads else _charming(variant.price * factor)
    bulky = product.category == "Home" and variant.price >= 14000
    shipping = 3900 if bulky and seller.shipping else seller.shipping if price < seller.free_from else 0
    return price, 0 if product.sellers and leads else shipping, days


def _charming(minor: float) -> int:
    """The nearest price that a shop would write: 12490 rather than 12513."""
    step = 100 if minor >= 3000 else 50
    return max(step, round(minor / step) * step) - 10


def _short(text: str | None, length: int = 12) -> str:
    return re.sub(r"[^A-Z0-9]", "", (text or "").upper())[:length]


def _slug(*words: str | None) -> str:
    return re.sub(r"[^a-z0-9]+", "-", " ".join(w for w in words if w).lower()).strip("-")


def sku(seller: Seller, product: Product, variant: Variant) -> str:
    """The partner's own number: each has another idea of what one looks like."""
    colour = variant.colour.name if variant.colour else None
    match seller.partner:
        case "north":
            return "-".join(p for p in ("NO", product.code, _short(colour, 3), _short(variant.value)) if p)
        case "berg":
            return f"B-{int(product.code[2:]) * 1000 + variant.number:06}"
        case _:
            return _slug(product.name, colour, variant.value)


def product_entry(product: Product, numbers: dict[tuple[str, int], str]) -> dict[str, Any]:
    """A product as ``products.json`` has it."""
    choices: dict[str, Any] = {}
    if product.colours:
        choices["colour"] = [{"name": c.name, "hex": c.hex} for c in product.colours]
    if product.option:
        choices[product.option] = list(product.values)
    return {
        "product": product.code,
        "name": product.name,
        "brand": product.brand,
        "category": product.category,
        "description": product.description,
        "options": choices,
        "variants": [
            {"gtin": numbers[product.code, v.number], "options": options(product, v), "picture": v.picture}
            for v in product.variants()
        ],
    }


def partner_items(
    seller: Seller, products: Iterable[Product], numbers: dict[tuple[str, int], str]
) -> Iterable[dict[str, Any]]:
    """What ``seller`` offers, one entry per variant."""
    for product in products:
        sellers = sellers_of(product)
        if seller not in sellers:
            continue
        leads = seller is sellers[0]
        for variant in product.variants():
            stock = stocks(product, variant, sellers)[seller.partner]
            if stock is None:
                continue
            price, shipping, days = terms(product, variant, seller, leads=leads)
            yield {
                "sku": sku(seller, product, variant),
                "gtin": numbers[product.code, variant.number],
                "product": product.code,
                "name": product.name,
                "brand": product.brand,
                "category": product.category,
                "description": product.description,
                "options": options(product, variant),
                "swatch": variant.colour.hex if variant.colour else None,
                "price_minor": price,
                "was_minor": product.was if leads else None,
                "stock": stock,
                "lead_days": days,
                "shipping_minor": shipping,
                "picture": variant.picture,
            }


def lines(entries: Iterable[dict[str, Any]]) -> str:
    """A JSON array with one entry per line, so that a change shows as a line."""
    return "[\n" + ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries) + "\n]"


def main() -> None:
    """Write ``products.json`` and a file per partner to ``assets/demo``."""
    OUT.mkdir(parents=True, exist_ok=True)
    products = read_products()
    numbers = gtins(products)
    entries = [product_entry(p, numbers) for p in products]
    (OUT / "products.json").write_text(lines(entries) + "\n", encoding="utf-8")
    for seller in SELLERS:
        head = json.dumps(
            {"partner": seller.partner, "name": seller.name, "currency": CURRENCY}, ensure_ascii=False
        )
        items = lines(partner_items(seller, products, numbers))
        text = f'{head[:-1]}, "items": {items}}}\n'
        (OUT / f"partner-{seller.partner}.json").write_text(text, encoding="utf-8")
    print(f"{len(products)} products, {len(numbers)} variants")


if __name__ == "__main__":
    main()
