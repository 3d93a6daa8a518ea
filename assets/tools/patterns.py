"""What a cloth or a glaze looks like: stripes, checks, knits, speckles.

A pattern is a list of inks: a mask over the whole board and the tone to lay through it. Masks are 8 bit, drawn on
a board of ``size`` pixels of which 100 units are the width; ``unit`` is how many pixels a unit has.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Ink = tuple[Image.Image, str]
Draw = Callable[[ImageDraw.ImageDraw, float], None]


def inks(name: str, size: int, unit: float, margin: int) -> list[Ink]:
    """The inks of pattern ``name``; the shape's own 100 units begin ``margin`` pixels from each edge.

    Raises:
        LookupError: no such pattern.
    """
    return [
        (ImageChops.offset(_mask(size, unit, draw, blur), margin, margin), tone)
        for draw, tone, blur in PATTERNS[name]
    ]


def _mask(size: int, unit: float, draw: Draw, blur: float) -> Image.Image:
    mask = Image.new("L", (size, size))
    draw(ImageDraw.Draw(mask), unit)
    return mask.filter(ImageFilter.GaussianBlur(blur * unit)) if blur else mask


def _rows(every: float, thick: float, start: float = 0, end: float = 110, fill: int = 255) -> Draw:
    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        y = start
        while y < end:
            pen.rectangle((0, y * k, 200 * k, (y + thick) * k), fill=fill)
            y += every

    return draw


def _columns(every: float, thick: float, start: float = 0, fill: int = 255) -> Draw:
    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        x = 50 + start - 60 // every * every
        while x < 115:
            pen.rectangle(((x - thick / 2) * k, 0, (x + thick / 2) * k, 200 * k), fill=fill)
            x += every

    return draw


def _band(top: float, bottom: float) -> Draw:
    return lambda pen, k: pen.rectangle((0, top * k, 200 * k, bottom * k), fill=255)


def _slope(pen: ImageDraw.ImageDraw, k: float) -> None:
    for y in range(round(105 * k)):
        pen.line((0, y, 200 * k, y), fill=round(255 * min(1.0, max(0.0, (y / k - 42) / 34))))


def _dots(step: float, radius: float) -> Draw:
    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        for row in range(int(110 / step)):
            for column in range(int(110 / step) + 1):
                x, y = (column + (row % 2) / 2) * step, row * step
                pen.ellipse(
                    ((x - radius) * k, (y - radius) * k, (x + radius) * k, (y + radius) * k), fill=255
                )

    return draw


def _scatter(seed: str, count: int, smallest: float, largest: float) -> Draw:
    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        dice = random.Random(seed)
        for _ in range(count):
            x, y, r = dice.uniform(0, 100), dice.uniform(0, 100), dice.uniform(smallest, largest)
            pen.ellipse(((x - r) * k, (y - r * 0.8) * k, (x + r) * k, (y + r * 0.8) * k), fill=255)

    return draw


def _shards(seed: str, count: int) -> Draw:
    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        dice = random.Random(seed)
        for _ in range(count):
            x, y, turn = dice.uniform(0, 100), dice.uniform(0, 100), dice.uniform(0, math.tau)
            corners = [(turn + n * math.tau / 5, dice.uniform(0.8, 2.1)) for n in range(5)]
            pen.polygon(
                [((x + r * math.cos(a)) * k, (y + r * math.sin(a)) * k) for a, r in corners], fill=255
            )

    return draw


def _zigzag(every: float, height: float, width: float, thick: float) -> Draw:
    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        steps = int(110 / width) + 1
        y = -height
        while y < 110:
            line = [(n * width * k, (y + (height if n % 2 else 0)) * k) for n in range(steps)]
            pen.line(line, fill=255, width=max(1, round(thick * k)), joint="curve")
            y += every

    return draw


def _lattice(step: float, thick: float) -> Draw:
    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        at = -110.0
        while at < 220:
            pen.line((at * k, 0, (at + 110) * k, 110 * k), fill=255, width=max(1, round(thick * k)))
            pen.line((at * k, 110 * k, (at + 110) * k, 0), fill=255, width=max(1, round(thick * k)))
            at += step

    return draw


def _cables(pen: ImageDraw.ImageDraw, k: float) -> None:
    for middle in (26, 38, 50, 62, 74):
        for phase in (0.0, math.pi):
            line = [((middle + 1.7 * math.sin(y / 2.6 + phase)) * k, y * k) for y in range(8, 98)]
            pen.line(line, fill=255, width=max(1, round(0.55 * k)), joint="curve")
        for side in (-3.4, 3.4):
            pen.line(
                ((middle + side) * k, 0, (middle + side) * k, 100 * k), fill=170, width=max(1, round(0.4 * k))
            )


def _fair_isle(pen: ImageDraw.ImageDraw, k: float) -> None:
    def cell(x: float, y: float) -> None:
        pen.rectangle((x * k, y * k, (x + 1.15) * k, (y + 1.15) * k), fill=255)

    for y in (26.0, 43.0, 78.0):
        for n in range(40):
            cell(n * 2.6, y)
            cell(n * 2.6 + 1.3, y + 1.3)
    for n in range(14):
        x, y = n * 7.8 + 1.3, 35.0
        for dx, dy in ((0, -2), (-1, -1), (1, -1), (-2, 0), (0, 0), (2, 0), (-1, 1), (1, 1), (0, 2)):
            cell(x + dx * 1.3, y + dy * 1.3)


def _stars(step: float, radius: float) -> Draw:
    def draw(pen: ImageDraw.ImageDraw, k: float) -> None:
        for row in range(int(110 / step)):
            for column in range(int(110 / step) + 1):
                x, y = (column + (row % 2) / 2) * step, row * step
                spokes = [
                    (n * math.pi / 5 - math.pi / 2, radius if n % 2 == 0 else radius * 0.42)
                    for n in range(10)
                ]
                pen.polygon(
                    [((x + r * math.cos(a)) * k, (y + r * math.sin(a)) * k) for a, r in spokes], fill=255
                )

    return draw


def _leaves(pen: ImageDraw.ImageDraw, k: float) -> None:
    dice = random.Random("leaves")
    for row in range(11):
        for column in range(11):
            x, y = column * 10 + (row % 2) * 5 + dice.uniform(-1, 1), row * 9.5 + dice.uniform(-1, 1)
            turn, long = dice.uniform(0, math.tau), dice.uniform(3.0, 4.4)
            for side in (-0.6, 0.0, 0.6):
                ax, ay = math.cos(turn + side), math.sin(turn + side)
                tip, bulge = (x + ax * long, y + ay * long), long * 0.22
                mid = (x + ax * long * 0.55, y + ay * long * 0.55)
                leaf = [
                    (x, y),
                    (mid[0] - ay * bulge, mid[1] + ax * bulge),
                    tip,
                    (mid[0] + ay * bulge, mid[1] - ax * bulge),
                ]
                pen.polygon([(px * k, py * k) for px, py in leaf], fill=255)


def _waves(pen: ImageDraw.ImageDraw, k: float) -> None:
    for row in range(18):
        line = [(x / 2 * k, (row * 6 + 1.3 * math.sin(x / 5 + row)) * k) for x in range(220)]
        pen.line(line, fill=255, width=max(1, round(1.1 * k)), joint="curve")


def _grain(pen: ImageDraw.ImageDraw, k: float) -> None:
    dice = random.Random("grain")
    for n in range(40):
        y, sway = n * 2.7 + dice.uniform(-0.8, 0.8), dice.uniform(0, math.tau)
        line = [(x * k, (y + 0.9 * math.sin(x / 17 + sway)) * k) for x in range(0, 110, 2)]
        pen.line(
            line,
            fill=dice.randrange(120, 256),
            width=max(1, round(dice.uniform(0.25, 0.6) * k)),
            joint="curve",
        )


PATTERNS: dict[str, list[tuple[Draw, str, float]]] = {
    "plain": [],
    "breton": [(_rows(5.2, 1.9, start=1), "trim", 0)],
    "stripes": [(_rows(9, 4.2, start=3), "trim", 0)],
    "pinstripe": [(_columns(3.4, 0.45), "trim", 0)],
    "bold-stripe": [(_columns(8, 3.6, start=4), "trim", 0)],
    "gingham": [(_rows(4.4, 2.2, fill=120), "trim", 0), (_columns(4.4, 2.2, fill=120), "trim", 0)],
    "plaid": [
        (_rows(13, 5, start=2, fill=140), "trim", 0),
        (_columns(13, 5, fill=140), "trim", 0),
        (_rows(13, 0.7, start=10.4, fill=200), "0.7", 0),
        (_columns(13, 0.7, start=6.5, fill=200), "0.7", 0),
    ],
    "tattersall": [(_rows(6, 0.5), "trim", 0), (_columns(6, 0.5), "-0.4", 0)],
    "dots": [(_dots(5.5, 0.95), "trim", 0)],
    "big-dots": [(_dots(11, 2.5), "trim", 0)],
    "stars": [(_stars(9.5, 2.0), "trim", 0)],
    "rib": [(_columns(2.5, 0.6), "-0.22", 0.12)],
    "cord": [(_columns(1.9, 0.7), "-0.2", 0.15)],
    "cable": [(_cables, "-0.28", 0.12)],
    "fair-isle": [(_fair_isle, "trim", 0)],
    "chevron": [(_zigzag(6, 3, 4, 1.5), "trim", 0)],
    "herringbone": [(_zigzag(1.9, 1.5, 2.5, 0.55), "-0.22", 0)],
    "quilt": [(_lattice(11, 0.5), "-0.34", 0.12), (_lattice(11, 1.6), "-0.14", 0.9)],
    "waffle": [(_rows(2.6, 0.6), "-0.16", 0.15), (_columns(2.6, 0.6), "-0.16", 0.15)],
    "speckle": [(_scatter("a", 900, 0.12, 0.34), "-0.55", 0), (_scatter("b", 260, 0.12, 0.3), "0.7", 0)],
    "terrazzo": [
        (_shards("a", 130), "trim", 0),
        (_shards("b", 110), "-0.4", 0),
        (_shards("c", 90), "0.7", 0),
    ],
    "confetti": [(_scatter("c", 220, 0.7, 1.1), "trim", 0), (_scatter("d", 140, 0.6, 1.0), "0.8", 0)],
    "melange": [
        (_scatter("e", 2600, 0.15, 0.5), "0.22", 0.25),
        (_scatter("f", 2600, 0.15, 0.5), "-0.2", 0.25),
    ],
    "block": [(_band(52, 110), "trim", 0)],
    "yoke": [(_band(0, 41), "trim", 0)],
    "chest": [(_band(40, 52), "trim", 0)],
    "dip": [(_slope, "trim", 0.6)],
    "leaves": [(_leaves, "trim", 0)],
    "waves": [(_waves, "trim", 0)],
    "grain": [(_grain, "-0.18", 0.12)],
}
