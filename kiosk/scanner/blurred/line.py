"""One line through a place with bars: straight, and averaged over the rows that agree."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.scanner.blurred.symbols import Floats
from kiosk.scanner.reading import Picture

LONGEST = 1600  # samples along the bars; more say nothing new
MOST_SPOTS = 9  # where a code may begin, and as many where it may end
MOST_FAN = 1.0  # radians that bars may turn over the height of a place


@dataclass(frozen=True, slots=True)
class Line:
    """Brightness along the bars. The place that was found is from ``left`` to ``right`` (in samples)."""

    bright: Floats
    left: float
    right: float


def line(grey: Picture, quad: NDArray[np.float32]) -> Line | None:
    """Average a place over its rows, along the true direction of its bars; None when it is too small."""
    along = (quad[1] - quad[0] + quad[2] - quad[3]) / 2
    across = (quad[3] - quad[0] + quad[2] - quad[1]) / 2
    width, height = float(np.linalg.norm(along)), float(np.linalg.norm(across))
    if min(width, height) < 8:
        return None
    direction, fan = _direction(grey, quad)
    if abs(direction @ along) * height < abs(direction @ across) * width:  # it lies across: bars are long
        along, width, height = across, height, width
    if direction @ along < 0:
        direction = -direction
    step = max(1.0, 2.6 * width / LONGEST)
    count, rows = int(2.6 * width / step), max(int(height * 0.8), 3)
    at = (np.arange(count) - (count - 1) / 2) * step
    down = np.arange(rows)[:, None] - (rows - 1) / 2
    x, y = (quad.mean(0)[axis] + direction[axis] * at for axis in (0, 1))
    left, right = (count - width / step) / 2, (count + width / step) / 2
    sharpest: tuple[float, Floats] | None = None
    for share in (0.0, 0.5, 1.0) if abs(fan) * width > 0.02 else (0.0,):
        # Seen from the side, the bars are not parallel: each column has a direction of its own.
        angles = np.arctan2(direction[0], -direction[1]) + share * fan * at
        strip = cv2.remap(
            grey,
            (x + np.cos(angles) * down).astype(np.float32),
            (y + np.sin(angles) * down).astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        ).astype(np.float32)
        bright = _agreeing(strip, int(left), int(right))
        steep = float((np.diff(bright[int(left) : int(right)]) ** 2).sum())
        if sharpest is None or steep > sharpest[0]:
            sharpest = steep, bright
    assert sharpest is not None
    return Line(sharpest[1], left, right)


def _direction(grey: Picture, quad: NDArray[np.float32]) -> tuple[NDArray[np.float64], float]:
    """The unit vector across the bars, by the gradients inside ``quad``, and by how much it turns per pixel."""
    low = np.maximum(np.floor(quad.min(0)).astype(int) - 2, 0)
    high = np.maximum(np.ceil(quad.max(0)).astype(int) + 3, low + 3)
    part = cv2.GaussianBlur(grey[low[1] : high[1], low[0] : high[0]].astype(np.float32), (0, 0), 1.0)
    inside = np.zeros(part.shape, np.uint8)
    centre = quad.mean(0)
    cv2.fillConvexPoly(inside, np.round((quad - centre) * 0.85 + centre - low).astype(np.int32), 1)
    x = cv2.Sobel(part, cv2.CV_32F, 1, 0)[inside > 0].astype(float)
    y = cv2.Sobel(part, cv2.CV_32F, 0, 1)[inside > 0].astype(float)
    angle = 0.5 * np.arctan2(2 * (x @ y), x @ x - y @ y)
    direction = np.array([np.cos(angle), np.sin(angle)])
    rows, columns = np.nonzero(inside)
    side = (columns + low[0] - centre[0]) * direction[0] + (rows + low[1] - centre[1]) * direction[1]
    turns, middles = [], []
    for half in (side < 0, side >= 0):
        # Relative to the whole, so that nothing wraps around.
        along = x[half] * direction[0] + y[half] * direction[1]
        across = y[half] * direction[0] - x[half] * direction[1]
        energy = along @ along + across @ across
        if energy < 0.1 * (x @ x + y @ y) or energy == 0:
            return direction, 0.0
        turns.append(0.5 * np.arctan2(2 * (along @ across), along @ along - across @ across))
        middles.append(float(side[half].mean()))
    fan = (turns[1] - turns[0]) / max(middles[1] - middles[0], 1.0)
    return direction, float(np.clip(fan, -MOST_FAN / len(part), MOST_FAN / len(part)))


def _agreeing(strip: Floats, left: int, right: int) -> Floats:
    """Mean of the rows that look like most rows do: no digits below, no glare, no thumb."""
    core = strip[:, left:right]
    core = core - core.mean(1, keepdims=True)
    usual = np.median(core, 0)
    alike = core @ usual / (np.linalg.norm(core, axis=1) * np.linalg.norm(usual) + 1e-3)
    return np.asarray(
        strip[alike >= min(max(0.5, 0.8 * np.quantile(alike, 0.8)), np.quantile(alike, 0.5))].mean(0)
    )


def spots(seen: Line) -> tuple[list[float], list[float]]:
    """Where the code may begin and where it may end, in samples, the likeliest first."""
    bright, length = seen.bright, seen.right - seen.left
    outer, inner = max(int(length * 0.05), 2), max(int(length * 0.12), 4)
    slope = np.gradient(cv2.GaussianBlur(bright[None], (0, 0), 1.0)[0])
    sums = np.concatenate([[0.0], np.cumsum(bright, dtype=float)])
    squares = np.concatenate([[0.0], np.cumsum(bright.astype(float) ** 2)])
    contrast = float(np.std(bright[int(seen.left) : int(seen.right)])) + 1e-3

    def spread(
        first: NDArray[np.intp], end: NDArray[np.intp]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        count = np.maximum(end - first, 1)
        mean = (sums[end] - sums[first]) / count
        return mean, np.sqrt(np.maximum((squares[end] - squares[first]) / count - mean**2, 0))

    def ends(falling: bool) -> list[float]:
        steep = -slope if falling else slope
        here = steep[1:-1]
        tops = np.flatnonzero((here >= steep[:-2]) & (here > steep[2:]) & (here > 0.02 * contrast)) + 1
        out, into = (tops - 1 - outer, tops - 1), (tops, tops + inner)
        if not falling:
            out, into = (tops + 2, tops + 2 + outer), (tops - inner + 1, tops + 1)
        (a, b), (c, d) = np.clip(out, 0, len(bright)), np.clip(into, 0, len(bright))
        mean_in, std_in = spread(c, d)
        mean_out, std_out = spread(a, b)
        mean_out, std_out = np.where(b > a, mean_out, bright[tops]), np.where(b > a, std_out, 0.0)
        worth = (
            np.minimum(mean_out - mean_in, 1.5 * contrast) / contrast
            + np.minimum(std_in / contrast, 1)
            - 1.5 * std_out / contrast
        )
        worth[d - c < inner * 0.6] = -np.inf
        ranked = np.argsort(-worth, kind="stable")[:MOST_SPOTS]
        return [float(tops[at]) for at in ranked if worth[at] > -np.inf]

    return ends(True), ends(False)


def sampled(bright: Floats, places: NDArray[np.floating]) -> Floats:
    """Brightness at ``places`` (rows of positions in samples); what lies outside is as bright as the end."""
    row = bright[None].astype(np.float32)
    where = places.astype(np.float32)
    return np.asarray(
        cv2.remap(row, where, np.zeros_like(where), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE),
        np.float32,
    )
