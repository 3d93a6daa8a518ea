"""The shop's catalogue: Vendure's own demo products and a few of clothing, with an EAN-13 on every variant."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from retail.gtin import check_digit

COLOURS = {"Black": "BLK", "White": "WHT", "Red": "RED"}


@dataclass(frozen=True, slots=True)
class Garment:
    """One product of ours in sizes and colours. ``price`` is in major units without tax."""

    name: str
    slug: str
    description: str
    picture: str
    facets: str
    sku: str
    price: str
    sizes: tuple[str, ...]
    colours: tuple[str, ...]
    stock: int
    gone: str = ""

    def rows(self) -> Iterator[list[str]]:
        """Vendure's import rows: the first one holds the product, all of them a variant each."""
        head = [self.name, self.slug, self.description, self.picture, self.facets, "size|colour"]
        for colour in self.colours:
            for size in self.sizes:
                sku = f"{self.sku}-{COLOURS[colour]}-{size}"
                stock = 0 if sku == self.gone else self.stock
                yield [
                    *head,
                    f"{size}|{colour}",
                    sku,
                    self.price,
                    "standard",
                    str(stock),
                    "true",
                    "",
                    f"colour:{colour}",
                ]
                head = [""] * 6


GARMENTS = (
    Garment(
        name="Crew Neck T-Shirt",
        slug="crew-neck-t-shirt",
        description="<p>Organic cotton crew&nbsp;neck.</p><p>Wash at 40&deg;.</p>",
        picture="thomas-serer-420833-unsplash.jpg",
        facets="category:Apparel|brand:Everyday",
        sku="TEE100",
        price="19.90",
        sizes=("S", "M", "L", "XL"),
        colours=("Black", "White", "Red"),
        stock=500,
        gone="TEE100-RED-XL",
    ),
    Garment(
        name="Rain Jacket",
        slug="rain-jacket",
        description="Waterproof shell with hood.",
        picture="neonbrand-428982-unsplash.jpg",
        facets="category:Apparel|brand:Everyday",
        sku="RJK200",
        price="129.00",
        sizes=("S", "M", "L"),
        colours=("Black", "Red"),
        stock=2,
    ),
    Garment(
        name="手ぬぐい Tenugui",
        slug="tenugui",
        description="Dyed cotton, 90 × 35 cm.",
        picture="thomas-serer-420833-unsplash.jpg",
        facets="category:Apparel|brand:かまわぬ",
        sku="TNG300",
        price="12.00",
        sizes=("M",),
        colours=("Black", "Red"),
        stock=500,
    ),
)


def ean13(number: int) -> str:
    """The EAN-13 with store-internal prefix 20 for ``number``, below ten million."""
    payload = f"20000{number:07d}"
    return payload + check_digit(payload)


def write_catalogue(demo: Path, into: Path) -> int:
    """Write Vendure's import file ``into`` from its ``demo`` file and our garments; answers the number of variants."""
    with demo.open(encoding="utf-8", newline="") as file:
        head, *rows = [[cell.strip() for cell in row] for row in csv.reader(file, skipinitialspace=True)]
    rows += [row for garment in GARMENTS for row in garment.rows()]
    with into.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*head, "variant:barcode"])
        writer.writerows([*row, ean13(number)] for number, row in enumerate(rows, 1))
    return len(rows)
