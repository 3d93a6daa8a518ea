"""Turn a shape, a colour and a pattern into a shaded cut-out that can be put on any backdrop.

Light comes from the upper left. Fills lie on each other like cloth: each throws a soft shadow on what is under it.
"""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import NamedTuple

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from assets.tools import patterns
from assets.tools.paths import Layer, Point, Shape, mirrored

Colour = tuple[int, int, int]
BOARD = 1200  # pixels, twice the width of the picture that is kept
MARGIN = 0.07  # free on each side, as a part of the board
UNIT = BOARD / 100 * (1 - 2 * MARGIN)  # pixels per unit of a shape's 100 x 100

FILLS = {"full", "half", "pair"}  # cast a shadow and count to the outline; `paint` and `hpaint` do neither
NAMED: dict[str, Colour] = {
    "sole": (244, 241, 234),
    "gum": (196, 148, 96),
    "dark": (46, 42, 40),
    "black": (30, 31, 33),
    "wood": (196, 150, 102),
    "walnut": (122, 82, 56),
    "glow": (255, 232, 178),
    "metal": (178, 183, 187),
    "brass": (198, 164, 92),
    "leather": (150, 98, 62),
    "white": (250, 248, 244),
    "paper": (236, 231, 220),
    "leaf": (86, 124, 84),
    "coffee": (74, 48, 36),
    "glass": (214, 226, 226),
    "red": (188, 66, 58),
    "yellow": (224, 176, 72),
    "blue": (74, 116, 170),
    "green": (98, 146, 108),
    "straw": (214, 184, 128),
    "cork": (190, 146, 102),
    "rope": (206, 184, 146),
}


class Dress(NamedTuple):
    """How a shape is coloured: its own colour, the colour of its trim, and its pattern."""

    base: Colour
    trim: Colour
    pattern: str = "plain"


class CutOut(NamedTuple):
    """A drawn product: its picture, its outline, and whether it stands, hangs or lies."""

    picture: Image.Image
    outline: Image.Image
    stance: str


def mix(a: Colour, b: Colour, part: float) -> Colour:
    """``part`` of ``b`` in ``a``, 0 to 1."""
    return (
        round(a[0] + (b[0] - a[0]) * part),
        round(a[1] + (b[1] - a[1]) * part),
        round(a[2] + (b[2] - a[2]) * part),
    )


def rgb(code: str) -> Colour:
    """``#rrggbb`` as three numbers."""
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


def tone(text: str, dress: Dress) -> Colour:
    """The colour that ``text`` means: ``0.3`` lighter, ``-0.3`` darker, ``wood``, ``trim`` or ``trim:-0.2``."""
    name, _, shift = text.partition(":")
    if name == "trim":
        base = dress.trim
    elif name in NAMED:
        base = NAMED[name]
    else:
        base, shift = dress.base, name
    t = float(shift or 0)
    return mix(base, (255, 255, 255), t * 0.55) if t >= 0 else mix(base, (16, 18, 22), -t * 0.6)


def gradient(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    """A picture that goes from ``top`` to ``bottom``."""
    ramp = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), ramp)


def cut_out(shape: Shape, dress: Dress, stretch: tuple[float, float] = (1.0, 1.0)) -> CutOut:
    """Draw ``shape`` in ``dress``; ``stretch`` makes it wider and taller."""
    easel = _Easel(dress, stretch)
    for layer in shape.layers:
        easel.lay(layer)
    picture, outline = easel.shaded(), easel.outline
    left, top, right, bottom = outline.getbbox() or (0, 0, BOARD, BOARD)
    # To the middle of the board, a little below it: a card shows less of the bottom than of the top.
    dx, dy = (BOARD - left - right) // 2, round(BOARD * 1.03 - top - bottom) // 2
    return CutOut(ImageChops.offset(picture, dx, dy), ImageChops.offset(outline, dx, dy), shape.stance)


@lru_cache(maxsize=4)
def _inks(name: str) -> list[patterns.Ink]:
    return patterns.inks(name, BOARD, UNIT, round(BOARD * MARGIN))


class _Easel:
    """The picture while it is being drawn."""

    def __init__(self, dress: Dress, stretch: tuple[float, float]) -> None:
        self.dress, self.stretch = dress, stretch
        self.picture = Image.new("RGB", (BOARD, BOARD), dress.base)
        self.outline = Image.new("L", (BOARD, BOARD))

    def lay(self, layer: Layer) -> None:
        """Draw one layer over what is there."""
        match layer.kind:
            case "full" | "half" | "pair" | "paint" | "hpaint" | "cut":
                self._fill(layer)
            case "ring" | "hring":
                self._paste(self._strokes(layer), layer, solid=True)
            case "dot" | "hdot":
                self._paste(self._dots(layer), layer, solid=False)
            case "line" | "hline":
                self._paste(self._strokes(layer), layer, solid=False, strength=0.86)
            case "stitch" | "hstitch":
                self._paste(self._dashes(layer), layer, solid=False, strength=0.8)
            case "fold" | "hfold" | "shine" | "hshine":
                self._glaze(layer)
            case _:
                raise LookupError(f"no such kind of layer: {layer.kind}")

    def shaded(self) -> Image.Image:
        """The drawing with the light on it, transparent outside its outline."""
        out = self.picture.copy()
        far, soft = round(UNIT * 2.4), UNIT * 2.6
        for reach, ink, strength in ((-far, (14, 16, 24), 0.34), (far, (255, 255, 255), 0.26)):
            moved = ImageChops.offset(self.outline, reach, reach).filter(ImageFilter.GaussianBlur(soft))
            edge = ImageChops.subtract(self.outline, moved).point(lambda v, s=strength: int(v * s))
            out.paste(ink, mask=edge)
        glow = Image.new("L", (BOARD, BOARD))
        ImageDraw.Draw(glow).ellipse((BOARD * 0.14, 0, BOARD * 0.58, BOARD * 0.62), fill=40)
        glow = glow.filter(ImageFilter.GaussianBlur(UNIT * 9))
        out.paste((255, 255, 255), mask=ImageChops.multiply(glow, self.outline))
        out.putalpha(self.outline.filter(ImageFilter.GaussianBlur(0.7)))
        return out

    def _place(self, line: tuple[Point, ...]) -> list[Point]:
        wide, tall = self.stretch
        offset = BOARD * MARGIN
        # Taller shapes grow up from the floor, so that nothing leaves the board at the bottom.
        return [
            ((50 + (x - 50) * wide) * UNIT + offset, (92 + (y - 92) * tall) * UNIT + offset) for x, y in line
        ]

    def _lines(self, layer: Layer) -> list[tuple[Point, ...]]:
        both = layer.kind.startswith("h") or layer.kind == "pair"
        return [layer.points, mirrored(layer.points)] if both else [layer.points]

    def _fill(self, layer: Layer) -> None:
        lines = [layer.points + mirrored(layer.points)] if layer.kind == "half" else self._lines(layer)
        mask = Image.new("L", (BOARD, BOARD))
        for line in lines:
            ImageDraw.Draw(mask).polygon(self._place(line), fill=255)
        if layer.kind == "cut":
            self.outline = ImageChops.subtract(self.outline, mask)
        else:
            self._paste(mask, layer, solid=layer.kind in FILLS)

    def _strokes(self, layer: Layer) -> Image.Image:
        mask, width = Image.new("L", (BOARD, BOARD)), max(2.0, layer.width * UNIT)
        pen = ImageDraw.Draw(mask)
        for line in self._lines(layer):
            placed = self._place(line)
            pen.line(placed, fill=255, width=round(width), joint="curve")
            for x, y in (placed[0], placed[-1]):
                pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)
        return mask

    def _dots(self, layer: Layer) -> Image.Image:
        mask, r = Image.new("L", (BOARD, BOARD)), layer.width * UNIT
        for line in self._lines(layer):
            for x, y in self._place(line):
                ImageDraw.Draw(mask).ellipse((x - r, y - r, x + r, y + r), fill=255)
        return mask

    def _dashes(self, layer: Layer) -> Image.Image:
        mask = Image.new("L", (BOARD, BOARD))
        pen, dash, thin = ImageDraw.Draw(mask), UNIT * 1.1, UNIT * 0.15
        for line in self._lines(layer):
            placed, walked = self._place(line), 0.0
            for (ax, ay), (bx, by) in itertools.pairwise(placed):
                length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
                for n in range(int(length)):
                    if (walked + n) % (dash * 1.7) < dash:
                        x, y = ax + (bx - ax) * n / length, ay + (by - ay) * n / length
                        pen.ellipse((x - thin, y - thin, x + thin, y + thin), fill=255)
                walked += length
        return mask

    def _glaze(self, layer: Layer) -> None:
        """A fold is a wide soft dark stroke, a shine a light one; neither leaves the outline."""
        box, spread = self._strokes(layer), max(0.5, layer.width * 0.45) * UNIT
        mask = ImageChops.multiply(box.filter(ImageFilter.GaussianBlur(spread)), self.outline)
        strength = abs(float(layer.tone))
        ink = (255, 255, 255) if "shine" in layer.kind else mix(self.dress.base, (14, 16, 24), 0.75)
        self.picture.paste(ink, mask=mask.point(lambda v: int(v * strength)))

    def _paste(self, mask: Image.Image, layer: Layer, *, solid: bool, strength: float = 1.0) -> None:
        if not solid and layer.kind in ("paint", "hpaint"):
            mask = ImageChops.multiply(mask, self.outline)
        box = mask.getbbox()
        if box is None:
            return
        pad = round(UNIT * 4)
        area = (
            max(0, box[0] - pad),
            max(0, box[1] - pad),
            min(BOARD, box[2] + pad),
            min(BOARD, box[3] + pad),
        )
        part = mask.crop(area)
        if solid:
            self._shadow(part, area)
        fill = tone(layer.tone, self.dress)
        size = part.size
        skin = gradient(size, mix(fill, (255, 255, 255), 0.09), mix(fill, (0, 0, 0), 0.1))
        if not layer.tone[:1].isalpha() and layer.kind in (FILLS | {"ring", "hring"}):
            for ink, ink_tone in _inks(self.dress.pattern):
                dye = tone(ink_tone, self.dress)
                skin.paste(
                    gradient(size, mix(dye, (255, 255, 255), 0.09), mix(dye, (0, 0, 0), 0.1)),
                    mask=ink.crop(area),
                )
        soft = part.filter(ImageFilter.GaussianBlur(0.8))
        self.picture.paste(skin, area[:2], mask=soft.point(lambda v: int(v * strength)))
        if solid:
            self.outline.paste(255, area[:2], mask=part)

    def _shadow(self, part: Image.Image, area: tuple[int, int, int, int]) -> None:
        under = self.outline.crop(area)
        if under.getbbox() is None:
            return
        drop = ImageChops.offset(part, round(UNIT * 0.3), round(UNIT * 0.7)).filter(
            ImageFilter.GaussianBlur(UNIT * 0.9)
        )
        drop = ImageChops.multiply(drop, under).point(lambda v: int(v * 0.3))
        self.picture.paste((14, 16, 24), area[:2], mask=drop)
