"""The demo's products as they are written in ``products.psv``: what they are, look like and come in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).resolve().parent / "products.psv"

PALETTE = {
    "Black": "#26282b",
    "Butter": "#e8cf87",
    "Camel": "#b58a5a",
    "Chalk": "#e6e1d8",
    "Charcoal": "#474b50",
    "Cherry": "#a8323a",
    "Clay": "#b8654a",
    "Cobalt": "#2f55a4",
    "Cocoa": "#5f4435",
    "Coral": "#e28468",
    "Forest": "#2b4f3b",
    "Ink": "#2b3340",
    "Ivory": "#efe7d6",
    "Lilac": "#a99bc0",
    "Mint": "#a9cdb8",
    "Moss": "#7b8455",
    "Navy": "#2c4468",
    "Oak": "#c8a070",
    "Ochre": "#d19a3d",
    "Olive": "#5d6141",
    "Pine": "#2f5d50",
    "Plum": "#6d4257",
    "Rose": "#d59a95",
    "Rust": "#a5502f",
    "Sand": "#cdb796",
    "Sky": "#7ba3c4",
    "Slate": "#5e6f7c",
    "Stone": "#9c9a92",
    "Teal": "#2f6f73",
    "Walnut": "#7a5238",
    "White": "#f4f2ee",
}
RUNS = {
    "ALPHA": "XS,S,M,L,XL",
    "ALPHA4": "S,M,L,XL",
    "BABY": "56,62,68,74",
    "KIDS": "98,104,110,116,122",
    "KIDS4": "98,104,110,116",
    "SHOES": "38,39,40,41,42,43,44",
    "SHOES_K": "25,26,27,28,29,30",
    "SHOES_M": "40,41,42,43,44,45",
    "SHOES_W": "36,37,38,39,40,41",
    "SOCKS": "36-38,39-41,42-44",
    "WAIST": "28,30,32,34,36",
}


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour as a customer reads it, and as ``#rrggbb``."""

    name: str
    hex: str


@dataclass(frozen=True, slots=True)
class Look:
    """How a product is drawn; ``trim`` is ``#rrggbb``, None leaves the choice to the artist."""

    shape: str
    stretch: tuple[float, float]
    pattern: str
    trim: str | None


@dataclass(frozen=True, slots=True)
class Variant:
    """One thing with one GTIN: ``number`` counts from 0 within its product, prices are cents."""

    number: int
    colour: Colour | None
    value: str | None
    price: int
    picture: str


@dataclass(frozen=True, slots=True)
class Product:
    """One line of the table; ``option`` is the second thing to choose beside the colour, None for nothing."""

    code: str
    name: str
    brand: str
    category: str
    description: str
    prices: tuple[int, ...]
    was: int | None
    sellers: str
    stock: str
    look: Look
    colours: tuple[Colour, ...]
    option: str | None
    values: tuple[str, ...]

    def picture(self, colour: int = 0, view: str = "") -> str:
        """The file name of the picture in the colour at index ``colour``; a ``view`` other than the front is added."""
        return f"{self.code}-{colour}{'-' + view if view else ''}.webp"

    def variants(self) -> Iterator[Variant]:
        """Every variant: colours in their order, within each the values of the option in theirs."""
        number = 0
        for index, colour in enumerate(self.colours or (None,)):
            for at, value in enumerate(self.values or (None,)):
                price = self.prices[at if len(self.prices) > 1 else 0]
                yield Variant(number, colour, value, price, self.picture(index))
                number += 1


def read_products(table: Path = TABLE) -> tuple[Product, ...]:
    """All products in the order of the table.

    Raises:
        ValueError: a line has the wrong number of fields, or prices that do not fit its options.
        LookupError: an unknown colour.
    """
    out, category = [], ""
    for line in table.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            category = line.strip("[]")
        elif line and not line.startswith("#"):
            out.append(_product(line.split("|"), category))
    return tuple(out)


def _product(fields: list[str], category: str) -> Product:
    code, name, brand, price, sellers, stock, look, colours, options, description = fields
    now, _, was = price.partition("<")
    option, _, run = options.partition("=")
    values = tuple(RUNS.get(run, run).split(",")) if run else ()
    prices = tuple(int(p) for p in now.split("/"))
    if len(prices) not in (1, len(values)):
        raise ValueError(f"{code}: {len(prices)} prices for {len(values)} values")
    return Product(
        code=code,
        name=name,
        brand=brand,
        category=category,
        description=description,
        prices=prices,
        was=int(was) if was else None,
        sellers=sellers,
        stock=stock,
        look=_look(look),
        colours=tuple(Colour(c, PALETTE[c]) for c in colours.split()),
        option=option or None,
        values=values,
    )


def _look(text: str) -> Look:
    shape, pattern, trim = [*text.split(), "plain", ""][:3] if " " in text else (text, "plain", "")
    shape, _, stretch = shape.partition("/")
    wide, tall = (float(n) for n in (stretch or "1,1").split(","))
    return Look(shape, (wide, tall), pattern, PALETTE[trim] if trim and trim != "plain" else None)
