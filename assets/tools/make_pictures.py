"""Draw the demo catalogue's pictures: a front, a detail and a scene for every product and colour.

Nothing is drawn from a photo. The same table and shapes give the same pictures. All of it takes about three minutes:
``python -m assets.tools.make_pictures [PRODUCT ...]``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from assets.tools.drawing import BOARD, UNIT, Colour, CutOut, Dress, cut_out, gradient, mix, rgb
from assets.tools.paths import read_shapes
from assets.tools.products import Product, read_products

OUT = Path(__file__).resolve().parents[1] / "demo" / "pictures"
SIZE, SMALL = 600, 320  # pixels: of a front, of the other views
QUALITY = 82
WHITE, SHADE = (255, 255, 255), (20, 24, 30)
CREAM, NIGHT = (244, 242, 238), (44, 58, 84)
UNDYED: Colour = (206, 198, 184)  # stands in where a product has no colours to choose


def trim_for(base: Colour) -> Colour:
    """A trim that is seen on ``base``: cream on dark, night blue on light."""
    return CREAM if sum(base) < 430 else NIGHT


def backdrop(base: Colour) -> Colour:
    """A quiet paper in the colour's own family; pale goods need a deeper one."""
    return (214, 217, 210) if sum(base) > 600 else mix(base, (246, 246, 244), 0.82)


def front(product: CutOut, base: Colour) -> Image.Image:
    """The product on its paper, seen from the front."""
    return _on_paper(product, base).resize((SIZE, SIZE), Image.Resampling.LANCZOS)


def detail(product: CutOut, base: Colour) -> Image.Image:
    """The upper middle of the product, close."""
    left, top, right, bottom = product.outline.getbbox() or (0, 0, BOARD, BOARD)
    half = max(BOARD * 0.19, min(right - left, bottom - top) * 0.3)
    x, y = (left + right) / 2 + half * 0.1, top + (bottom - top) * 0.42
    box = (round(x - half), round(y - half), round(x + half), round(y + half))
    return _on_paper(product, base).crop(box).resize((SMALL, SMALL), Image.Resampling.LANCZOS)


def scene(product: CutOut, base: Colour) -> Image.Image:
    """The product in a room by a window: on a table, on a peg, or lying flat."""
    tint = mix(base, (205, 208, 200), 0.75) if sum(base) > 600 else mix(base, (250, 248, 244), 0.66)
    canvas = gradient((BOARD, BOARD), mix(tint, WHITE, 0.28), mix(tint, (110, 110, 110), 0.1))
    _window_light(canvas)
    side, floor, edge = round(BOARD * 0.74), round(BOARD * 0.84), round(BOARD * 0.77)
    outline = product.outline.resize((side, side))
    _, upper, _, lower = outline.getbbox() or (0, 0, side, side)
    at = ((BOARD - side) // 2, round(BOARD * 0.13))
    if product.stance == "stands":
        table = gradient(
            (BOARD, BOARD - edge), mix(tint, (150, 112, 78), 0.42), mix(tint, (96, 70, 50), 0.55)
        )
        canvas.paste(table, (0, edge))
        ImageDraw.Draw(canvas).line((0, edge, BOARD, edge), fill=mix(tint, WHITE, 0.4), width=3)
        at = (at[0], floor - lower)
    elif product.stance == "hangs":
        _pegs(canvas, at[1] + upper + round(BOARD * 0.012), mix(tint, (160, 118, 80), 0.6))
    spread, whole = Image.new("L", (BOARD, BOARD)), Image.new("RGBA", (BOARD, BOARD))
    spread.paste(outline, at)
    whole.paste(product.picture.resize((side, side)), at)
    _ground(canvas, CutOut(whole, spread, product.stance), mix(tint, SHADE, 0.8))
    canvas.paste(whole, mask=whole)
    return canvas.resize((SMALL, SMALL), Image.Resampling.LANCZOS)


def placeholder() -> Image.Image:
    """What is shown while a picture is missing: a hanger, hardly there."""
    size, ink, width = 960, (178, 187, 181), 22
    canvas, mid = gradient((size, size), (240, 242, 239), (226, 230, 225)), size // 2
    pen = ImageDraw.Draw(canvas)
    left, right, neck = (mid - 250, mid + 90), (mid + 250, mid + 90), (mid, mid - 74)
    pen.arc((mid - 42, mid - 190, mid + 42, mid - 106), 150, 90, fill=ink, width=width)
    pen.line([neck, (mid, mid - 116)], fill=ink, width=width)
    pen.line([neck, right, left, neck], fill=ink, width=width, joint="curve")
    for x, y in (left, right, neck):
        pen.ellipse((x - 11, y - 11, x + 11, y + 11), fill=ink)
    return canvas.resize((SIZE, SIZE), Image.Resampling.LANCZOS)


def pictures(product: Product) -> Iterator[tuple[str, Image.Image]]:
    """Every picture of ``product`` with its file name."""
    shape = SHAPES[product.look.shape]
    for index, colour in enumerate([rgb(c.hex) for c in product.colours] or [UNDYED]):
        trim = rgb(product.look.trim) if product.look.trim else trim_for(colour)
        drawn = cut_out(shape, Dress(colour, trim, product.look.pattern), product.look.stretch)
        yield product.picture(index), front(drawn, colour)
        yield product.picture(index, "detail"), detail(drawn, colour)
        yield product.picture(index, "scene"), scene(drawn, colour)


def _on_paper(product: CutOut, base: Colour) -> Image.Image:
    paper = backdrop(base)
    canvas = gradient((BOARD, BOARD), mix(paper, WHITE, 0.45), mix(paper, (120, 120, 120), 0.08))
    _ground(canvas, product, mix(paper, SHADE, 0.75))
    canvas.paste(product.picture, mask=product.picture)
    return canvas


def _ground(canvas: Image.Image, product: CutOut, ink: Colour) -> None:
    """The shadow that the product throws: behind it when it lies, under it when it stands."""
    shape = product.outline
    drop = ImageChops.offset(shape, round(UNIT * 0.6), round(UNIT * 2.2)).filter(
        ImageFilter.GaussianBlur(UNIT * 2.4)
    )
    canvas.paste(ink, mask=drop.point(lambda v: int(v * (0.16 if product.stance == "stands" else 0.27))))
    box = shape.getbbox()
    if product.stance == "stands" and box is not None:
        floor = Image.new("L", shape.size)
        left, _, right, bottom = box
        ImageDraw.Draw(floor).ellipse(
            (left + UNIT, bottom - UNIT * 2.5, right - UNIT, bottom + UNIT * 2.4), fill=125
        )
        canvas.paste(ink, mask=floor.filter(ImageFilter.GaussianBlur(UNIT * 1.3)))


def _window_light(canvas: Image.Image) -> None:
    light = Image.new("L", (960, 960))
    pen = ImageDraw.Draw(light)
    for row in range(2):
        for column in range(2):
            x, y = 90 + column * 250 + row * 90, 40 + row * 330 + column * 40
            pen.polygon([(x, y), (x + 220, y + 36), (x + 300, y + 330), (x + 80, y + 296)], fill=92)
    canvas.paste(WHITE, mask=light.filter(ImageFilter.GaussianBlur(12)).resize(canvas.size))


def _pegs(canvas: Image.Image, y: int, wood: Colour) -> None:
    pen, mid, r = ImageDraw.Draw(canvas), BOARD // 2, BOARD / 64
    pen.rounded_rectangle(
        (mid - BOARD * 0.3, y - BOARD / 44, mid + BOARD * 0.3, y + BOARD / 44), r, fill=wood
    )
    for x in (mid - BOARD * 0.24, mid, mid + BOARD * 0.24):
        pen.ellipse((x - r, y - r, x + r, y + r), fill=mix(wood, SHADE, 0.3))
        pen.ellipse((x - r * 0.85, y - r * 1.05, x + r * 0.75, y + r * 0.55), fill=mix(wood, WHITE, 0.25))


SHAPES = read_shapes()


def main() -> None:
    """Write all pictures, or those of the products named, to ``assets/demo/pictures``."""
    OUT.mkdir(parents=True, exist_ok=True)
    placeholder().save(OUT / "placeholder.webp", quality=QUALITY, method=6)
    for product in read_products():
        if len(sys.argv) == 1 or product.code in sys.argv[1:]:
            for name, picture in pictures(product):
                picture.save(OUT / name, quality=QUALITY, method=6)


if __name__ == "__main__":
    main()
