"""How many drawn tags are read when they are blurred, turned and far away: by us, by pyzbar, by zxing-cpp.

Draws ``docs/pictures/decode-rate.svg``. The same tags are drawn every time.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2

from bench import tags
from bench.readers import Reader, readers
from kiosk.scanner.reading import Picture

PICTURE = Path(__file__).parent.parent / "docs" / "pictures" / "decode-rate.svg"
SHOWN = {"ours": "Endless Aisle", "pyzbar": "pyzbar", "zxing": "zxing-cpp"}
COLOURS = {"ours": "#0b6e4f", "pyzbar": "#c8553d", "zxing": "#3d5a98"}
TAGS = 12  # at each point
SWEEPS: dict[str, tuple[str, list[float], Callable[[str, float, int], Picture]]] = {
    "blur": (
        "blur (sigma in modules) at 2.5 px per module",
        [step / 8 for step in range(15)],
        lambda text, value, seed: tags.tag("RETAIL", text, module=2.5, blur=value, turned=4, seed=seed),
    ),
    "rotation": (
        "rotation (degrees) at 3 px per module",
        [float(step) for step in range(0, 181, 10)],
        lambda text, value, seed: tags.tag("RETAIL", text, module=3.0, blur=0.2, turned=value, seed=seed),
    ),
    "distance": (
        "distance (px per module), slightly blurred",
        [0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.6, 1.8, 2.0, 2.4, 2.8],
        lambda text, value, seed: tags.tag(
            "RETAIL", text, module=value, blur=0.3, turned=4, grain=4, seed=seed
        ),
    ),
}


def run() -> Iterator[dict[str, object]]:
    """Read every drawn tag with each reader, and draw the shares."""
    available = readers()
    asked = {name: available[name] for name in SHOWN if name in available}
    shares: dict[str, dict[str, list[float]]] = {}
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        for sweep, (_, values, draw) in SWEEPS.items():
            points = [_point(draw, value, asked) for value in values]
            shares[sweep] = {name: [point[name] for point in points] for name in asked}
    finally:
        cv2.setNumThreads(threads)
    _draw(shares)
    figures = {
        f"{name}_{sweep}_share": round(sum(made) / len(made), 3)
        for sweep, by_reader in shares.items()
        for name, made in by_reader.items()
    }
    yield {"bench": "decode_rate", "figures": figures, "limit": _limits(figures)}


def _point(
    draw: Callable[[str, float, int], Picture], value: float, asked: dict[str, Reader]
) -> dict[str, float]:
    chance = random.Random(11)
    right = dict.fromkeys(asked, 0)
    for seed in range(TAGS):
        text = tags.text_for("RETAIL", chance)
        picture = draw(text, value, seed)
        for name, reader in asked.items():
            right[name] += text in reader(picture)
    return {name: count / TAGS for name, count in right.items()}


def _limits(figures: dict[str, float]) -> dict[str, float]:
    """Ours at least as much as the best of the others in the same run."""
    return {
        f"ours_{sweep}_share": max(
            value
            for name, value in figures.items()
            if name.endswith(f"_{sweep}_share") and name[:4] != "ours"
        )
        for sweep in SWEEPS
    }


def _draw(shares: dict[str, dict[str, list[float]]]) -> None:
    import matplotlib as mpl  # only measuring needs it

    mpl.use("Agg")
    mpl.rcParams.update({"svg.hashsalt": "decode-rate", "svg.fonttype": "none", "font.size": 9})
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(SWEEPS), figsize=(11, 3.2), sharey=True, layout="constrained")
    for axis, (sweep, (label, values, _)) in zip(axes, SWEEPS.items(), strict=True):
        for name, made in shares[sweep].items():
            axis.plot(
                values,
                [100 * share for share in made],
                color=COLOURS[name],
                label=SHOWN[name],
                linewidth=2 if name == "ours" else 1.2,
            )
        axis.set_xlabel(label)
        axis.set_ylim(-3, 103)
        axis.grid(alpha=0.3)
    axes[2].invert_xaxis()
    axes[0].set_ylabel("tags read right (%)")
    axes[0].legend(loc="lower left")
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(PICTURE, metadata={"Date": None})
    pyplot.close(figure)
