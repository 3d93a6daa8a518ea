"""Draw price tags to scan, each with the code of a demo product, and check that two readers read them.

The files are for printing, for holding a telephone with the picture in front of the camera, and for ``aisle scan``.
``codes.json`` beside them says what is on each. Run: ``python -m assets.tools.make_codes``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageFont
from pyzbar import pyzbar  # type: ignore[import-untyped, unused-ignore]

from assets.tools.make_catalogue import gtins, options
from assets.tools.products import read_products

OUT = Path(__file__).resolve().parents[1] / "demo" / "codes"
FONTS = Path(__file__).resolve().parents[1] / "fonts"
WIDTH, HEIGHT = 900, 560
INK, QUIET, CARD, HOLE = (22, 26, 24), (92, 100, 95), (255, 255, 255), (206, 212, 207)


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag: whose variant, in which symbology, and what it shows in the demo."""

    product: str
    options: dict[str, str]
    symbology: str
    shows: str


TAGS = (
    Tag(
        "JK101", {"colour": "Ochre", "size": "M"}, "EAN-13", "Sold out in this store; three partners have it."
    ),
    Tag(
        "JK101",
        {"colour": "Pine", "size": "M"},
        "EAN-13",
        "Sold out everywhere; other sizes and colours are not.",
    ),
    Tag("SN201", {"colour": "Chalk", "size": "42"}, "EAN-13", "Shoes with many sizes, at three partners."),
    Tag("JK110", {"colour": "Navy", "size": "L"}, "UPC-A", "An American tag: twelve digits."),
    Tag("KR433", {"colour": "Camel"}, "EAN-8", "A short code on a small article."),
    Tag("LP301", {"colour": "Clay"}, "QR Code", "A GS1 Digital Link; only a few left."),
)


def content(tag: Tag, gtin: str) -> str:
    """What the code of ``tag`` says for the product with this GTIN-14."""
    lengths = {"EAN-13": 13, "UPC-A": 12, "EAN-8": 8}
    return gtin[-lengths[tag.symbology] :] if tag.symbology in lengths else f"https://id.example/01/{gtin}"


def bars(symbology: str, text: str) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The code's modules, one pixel each, 0 for black; of a linear code a single row."""
    formats = {
        "EAN-13": zxingcpp.BarcodeFormat.EAN13,
        "UPC-A": zxingcpp.BarcodeFormat.UPCA,
        "EAN-8": zxingcpp.BarcodeFormat.EAN8,
        "QR Code": zxingcpp.BarcodeFormat.QRCode,
    }
    code = zxingcpp.create_barcode(text, formats[symbology])
    image = np.array(zxingcpp.write_barcode_to_image(code, scale=1, add_quiet_zones=False), dtype=np.uint8)
    return image if symbology == "QR Code" else image[:1]


def draw(tag: Tag, name: str, brand: str, price_minor: int, text: str) -> Image.Image:
    """The tag as a picture with the quiet zone that readers need all around its code."""
    card = Image.new("RGB", (WIDTH, HEIGHT), CARD)
    pen = ImageDraw.Draw(card)
    pen.rounded_rectangle((0, 0, WIDTH - 1, HEIGHT - 1), 28, fill=CARD, outline=HOLE, width=3)
    pen.ellipse((WIDTH // 2 - 19, 24, WIDTH // 2 + 19, 62), fill=HOLE)
    pen.text((56, 82), name, font=_font("extrabold", 44), fill=INK)
    pen.text((56, 140), " · ".join([brand, *tag.options.values()]), font=_font("medium", 30), fill=QUIET)
    price = f"€{price_minor // 100}.{price_minor % 100:02}"
    pen.text((WIDTH - 56, 82), price, font=_font("extrabold", 44), fill=INK, anchor="ra")
    modules = bars(tag.symbology, text)
    wide = 7 if tag.symbology != "QR Code" else 10
    height = 250 if tag.symbology != "QR Code" else modules.shape[0] * wide
    code = Image.fromarray(modules).resize((modules.shape[1] * wide, height), Image.Resampling.NEAREST)
    left = (WIDTH - code.width) // 2
    card.paste(code.convert("RGB"), (left, 210))
    if tag.symbology != "QR Code":
        pen.text((WIDTH // 2, 474), " ".join(text), font=_font("bold", 34), fill=INK, anchor="ma")
    return card


def read_back(picture: Image.Image) -> set[str]:
    """What zxing-cpp and zbar read on ``picture``; one element if they agree. zbar writes a UPC-A with a leading 0."""
    grey = picture.convert("L")
    texts = {code.text for code in zxingcpp.read_barcodes(np.array(grey))}
    return {t.zfill(13) if t.isdigit() and len(t) == 12 else t for t in texts} | {
        code.data.decode() for code in pyzbar.decode(grey)
    }


def _font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / f"aisle-{weight}.ttf"), size)


def main() -> None:
    """Write the tags and their index to ``assets/demo/codes``.

    Raises:
        RuntimeError: a reader did not read a tag, or read something else.
    """
    OUT.mkdir(parents=True, exist_ok=True)
    products = {p.code: p for p in read_products()}
    numbers = gtins(products.values())
    index = []
    for tag in TAGS:
        product = products[tag.product]
        variant = next(v for v in product.variants() if options(product, v) == tag.options)
        gtin = numbers[product.code, variant.number]
        text = content(tag, gtin)
        picture = draw(tag, product.name, product.brand, variant.price, text)
        expected = text.zfill(13) if tag.symbology == "UPC-A" else text
        if read_back(picture) != {expected}:
            raise RuntimeError(f"{tag.product}: read {read_back(picture)}, not {expected}")
        name = "-".join([tag.product, *tag.options.values()]).lower() + ".png"
        picture.save(OUT / name, optimize=True)
        index.append(
            {
                "file": name,
                "symbology": tag.symbology,
                "text": text,
                "gtin": gtin,
                "product": tag.product,
                "options": tag.options,
                "shows": tag.shows,
            }
        )
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in index)
    (OUT / "codes.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
