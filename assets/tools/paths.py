"""Small paths on a 100 x 100 board, written like those of SVG, and the shapes made of them.

Commands: ``M`` and ``L`` points, ``Q`` and ``C`` curves, ``Z`` ignored (every fill is closed), and two of our own:
``E cx cy rx ry`` an ellipse, ``R x y w h r`` a rectangle with round corners.

A shape file has blocks. ``#`` starts a comment line; a block's first line is ``[name]`` and may say that it stands or hangs:

    [mug] stands
    ring:4 -0.1 M66 42 C88 36 88 70 66 66
    full 0 M26 32 L70 32 ...
    + other-shape dx dy scale
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

Point = tuple[float, float]
FOLDER = Path(__file__).resolve().parent / "shapes"
STEPS = 20  # straight pieces per curve

_TOKEN = re.compile(r"[A-Z]|-?\d*\.?\d+")
_ARGUMENTS = {"M": 2, "L": 2, "Q": 4, "C": 6, "E": 4, "R": 5, "Z": 0}


@dataclass(frozen=True, slots=True)
class Layer:
    """One thing to draw: ``kind`` says how, ``width`` is in board units and only for strokes and dots."""

    kind: str
    width: float
    tone: str
    points: tuple[Point, ...]

    def moved(self, dx: float, dy: float, scale: float) -> Layer:
        """The same layer made ``scale`` times as large about the middle of the board, then moved."""
        points = tuple((50 + (x - 50) * scale + dx, 50 + (y - 50) * scale + dy) for x, y in self.points)
        return Layer(self.kind, self.width * scale, self.tone, points)


@dataclass(frozen=True, slots=True)
class Shape:
    """A product's outline; ``stance`` is how one would show it: ``stands``, ``hangs`` or ``lies``."""

    name: str
    stance: str
    layers: tuple[Layer, ...]


def points(path: str) -> tuple[Point, ...]:
    """The corner points of ``path``, curves cut into straight pieces."""
    out: list[Point] = []
    for command, n in _commands(path):
        match command:
            case "M" | "L":
                out.append((n[0], n[1]))
            case "Q":
                out += _curve((out[-1], _between(out[-1], n[0:2]), _between(n[2:4], n[0:2]), (n[2], n[3])))
            case "C":
                out += _curve((out[-1], (n[0], n[1]), (n[2], n[3]), (n[4], n[5])))
            case "E":
                out += _arc(n[0], n[1], n[2], n[3], 0, math.tau, STEPS * 3)
            case "R":
                out += _box(*n)
    return tuple(out)


def mirrored(line: tuple[Point, ...]) -> tuple[Point, ...]:
    """``line`` seen in a mirror at the middle of the board, walked backwards."""
    return tuple((100 - x, y) for x, y in reversed(line))


def read_shapes(folder: Path = FOLDER) -> dict[str, Shape]:
    """Every shape in the ``.txt`` files of ``folder`` by name.

    Raises:
        LookupError: a shape includes one that does not exist or that comes later in the reading order.
    """
    shapes: dict[str, Shape] = {}
    for file in sorted(folder.glob("*.txt")):
        name, stance, layers = "", "lies", list[Layer]()
        for line in [*file.read_text(encoding="utf-8").splitlines(), "[]"]:
            words = line.split()
            if not words or line.startswith("#"):
                continue
            if line.startswith("["):
                if name:
                    shapes[name] = Shape(name, stance, tuple(layers))
                name, stance, layers = words[0].strip("[]"), [*words, "lies"][1], []
            elif words[0] == "+":
                dx, dy, scale = ([float(w) for w in words[2:]] + [0, 0, 1][len(words) - 2 :])[:3]
                layers += [layer.moved(dx, dy, scale) for layer in shapes[words[1]].layers]
            else:
                kind, _, width = words[0].partition(":")
                layers.append(Layer(kind, float(width or 0.7), words[1], points(" ".join(words[2:]))))
    return shapes


def _commands(path: str) -> Iterator[tuple[str, list[float]]]:
    command, numbers = "M", list[float]()
    for token in _TOKEN.findall(path):
        if token.isalpha():
            command, numbers = token, []
            continue
        numbers.append(float(token))
        if len(numbers) == _ARGUMENTS[command]:
            yield command, numbers
            numbers = []
            command = "L" if command == "M" else command


def _between(end: Point | list[float], bend: list[float]) -> Point:
    return end[0] + (bend[0] - end[0]) * 2 / 3, end[1] + (bend[1] - end[1]) * 2 / 3


def _curve(p: tuple[Point, Point, Point, Point]) -> list[Point]:
    out = []
    for step in range(1, STEPS + 1):
        t = step / STEPS
        a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        out.append(
            (
                a * p[0][0] + b * p[1][0] + c * p[2][0] + d * p[3][0],
                a * p[0][1] + b * p[1][1] + c * p[2][1] + d * p[3][1],
            )
        )
    return out


def _arc(cx: float, cy: float, rx: float, ry: float, start: float, turn: float, steps: int) -> list[Point]:
    angles = [start + turn * n / steps for n in range(steps + 1)]
    return [(cx + rx * math.cos(a), cy + ry * math.sin(a)) for a in angles]


def _box(x: float, y: float, w: float, h: float, r: float) -> list[Point]:
    quarter = math.pi / 2
    corners = ((x + w - r, y + r, 3), (x + w - r, y + h - r, 0), (x + r, y + h - r, 1), (x + r, y + r, 2))
    return [p for cx, cy, n in corners for p in _arc(cx, cy, r, r, n * quarter, quarter, 8)]
