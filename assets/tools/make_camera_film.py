"""Make a short film of tags held in front of a camera, for tests and trials that need a camera and have none.

OpenCV reads the file in place of a device. Films are not kept in the repository.
Run: ``python -m assets.tools.make_camera_film [--blur PIXELS] [--shake PIXELS] [--black SECONDS] TAG.png ... FILM.avi``.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 640, 480
WIDE = (1280, 720)  # for several tags: each must stay large enough to be read
TABLE = (118, 124, 128)  # the ground behind the tags, BGR
SHARE = 0.86  # of its place that a tag takes
NOISE = 3.0  # of 255: what a camera adds in a shop's light; blurred films have it, sharp ones are drawn


def make_film(
    tags: Path | Sequence[Path],
    target: Path,
    seconds: float = 4.0,
    fps: int = 15,
    *,
    blur: float = 0.0,
    shake: int = 0,
    black: float = 0.0,
) -> None:
    """Write ``target`` (MJPG in AVI) in which the pictures ``tags`` sway side by side as in a hand.

    One is shown on 640 x 480, several on 1280 x 720. They are whole in every frame, sharp, and wide enough that each
    frame can be read; ``blur`` (sigma, pixels of the film) makes them as when they are held too close to the lens,
    ``shake`` (pixels along the bars' row) as when the hand moves. ``black`` seconds without light follow. Repeating overwrites.

    Raises:
        FileNotFoundError: no picture there.
        OSError: the film could not be written.
    """
    pictures = [_read(tag) for tag in ([tags] if isinstance(tags, Path) else tags)]
    size = (WIDTH, HEIGHT) if len(pictures) < 2 else WIDE
    writer = cv2.VideoWriter(str(target), cv2.VideoWriter.fourcc(*"MJPG"), fps, size)
    if not writer.isOpened():
        raise OSError(f"cannot write a film to {target}")
    chance = np.random.default_rng(7)
    try:
        for number in range(max(1, round(seconds * fps)) if pictures else 0):
            frame = _frame(pictures, number / fps, size)
            writer.write(_blurred(frame, blur, shake, chance) if blur or shake else frame)
        for _ in range(round(black * fps)):
            writer.write(np.zeros((size[1], size[0], 3), np.uint8))
    finally:
        writer.release()


def _read(tag: Path) -> NDArray[np.uint8]:
    picture = cv2.imread(str(tag))
    if picture is None:
        raise FileNotFoundError(f"no picture at {tag}")
    return np.asarray(picture, np.uint8)


def _frame(pictures: Sequence[NDArray[np.uint8]], at: float, size: tuple[int, int]) -> NDArray[np.uint8]:
    """The pictures at ``at`` seconds: a few pixels and one degree to each side, so that no two frames are equal."""
    frame = np.full((size[1], size[0], 3), TABLE, np.uint8)
    place = size[0] / len(pictures)
    for index, picture in enumerate(pictures):
        height, width = picture.shape[:2]
        scale = min(place / width, size[1] / height) * SHARE
        turn = math.sin(at * 1.9 + index) * 1.1
        move = cv2.getRotationMatrix2D((width / 2, height / 2), turn, scale)
        move[0, 2] += place * (index + 0.5) - width / 2 + math.sin(at * 2.3 + index) * 9
        move[1, 2] += size[1] / 2 - height / 2 + math.cos(at * 1.7 + index) * 7
        cv2.warpAffine(
            picture,
            np.asarray(move),
            size,
            dst=frame,
            flags=cv2.INTER_AREA,
            borderMode=cv2.BORDER_TRANSPARENT,
        )
    return frame


def _blurred(
    frame: NDArray[np.uint8], sigma: float, shake: int, chance: np.random.Generator
) -> NDArray[np.uint8]:
    """``frame`` out of focus or moved, lit from the left and with a camera's noise."""
    light = np.linspace(1.05, 0.85, frame.shape[1], dtype=np.float32)[None, :, None]
    soft = frame.astype(np.float32) * light
    if sigma:
        soft = np.asarray(cv2.GaussianBlur(soft, (0, 0), sigma), np.float32)
    if shake:
        soft = np.asarray(cv2.blur(soft, (shake, 1)), np.float32)
    soft += chance.normal(0, NOISE, frame.shape).astype(np.float32)
    return np.asarray(soft.clip(0, 255), np.uint8)


def main() -> None:
    """Make the film named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tags", type=Path, nargs="*", help="pictures of tags, shown side by side")
    parser.add_argument("film", type=Path)
    parser.add_argument("--blur", type=float, default=0.0, help="sigma in pixels (default: sharp)")
    parser.add_argument("--shake", type=int, default=0, help="pixels that a hand moves meanwhile")
    parser.add_argument("--black", type=float, default=0.0, help="seconds without light at the end")
    given = parser.parse_args()
    make_film(given.tags, given.film, blur=given.blur, shake=given.shake, black=given.black)


if __name__ == "__main__":
    main()
