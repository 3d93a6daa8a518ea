"""Draw the app's icon: a rounded green square with the sign for endless.

Run: ``python -m assets.tools.make_icons``.
"""

from __future__ import annotations

import math
from pathlib import Path

from PIL import Image, ImageDraw

OUT = Path(__file__).resolve().parents[1] / "icons"
GREEN, DEEP, PAPER = (15, 91, 76), (10, 68, 57), (255, 255, 255)
FINE = 4  # drawn this many times larger, then made smaller, for smooth edges


def loop(size: int, half_width: float, height: float) -> list[tuple[float, float]]:
    """The sign for endless as two round eyes joined by straight crossing strokes, centred on the picture.

    ``half_width`` and ``height`` are parts of the picture's size.
    """
    r, d = height / 2 * size, half_width * size - height / 2 * size
    # The crossing stroke touches both circles: it leaves the right one where its tangent meets the middle.
    lean = math.acos(r / d)
    right = [math.pi - lean - (math.tau - 2 * lean) * n / 96 for n in range(97)]
    centre = size / 2
    points = [(centre + d + r * math.cos(a), centre - r * math.sin(a)) for a in right]
    points += [(centre - d - r * math.cos(a), centre - r * math.sin(a)) for a in right]
    return [*points, points[0]]


def icon(size: int) -> Image.Image:
    """The icon with a transparent outside, ``size`` pixels wide and high."""
    big = size * FINE
    ramp = Image.linear_gradient("L").resize((big, big))
    ground = Image.composite(Image.new("RGB", (big, big), DEEP), Image.new("RGB", (big, big), GREEN), ramp)
    pen = ImageDraw.Draw(ground)
    path, width = loop(big, 0.315, 0.27), big * 0.068
    pen.line(path, fill=PAPER, width=round(width), joint="curve")
    for x, y in path:  # round joints: a line alone leaves notches on its outside
        pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=PAPER)
    shape = Image.new("L", (big, big))
    ImageDraw.Draw(shape).rounded_rectangle((0, 0, big - 1, big - 1), radius=big * 0.24, fill=255)
    ground.putalpha(shape)
    return ground.resize((size, size), Image.Resampling.LANCZOS)


def main() -> None:
    """Write the icons to ``assets/icons``."""
    OUT.mkdir(parents=True, exist_ok=True)
    icon(512).save(OUT / "icon.png", optimize=True)
    icon(64).save(OUT / "favicon.png", optimize=True)


if __name__ == "__main__":
    main()
