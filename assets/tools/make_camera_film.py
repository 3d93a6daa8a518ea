"""Make a short film of a tag held in front of a camera, for tests that need a camera and have none.

OpenCV reads the file in place of a device. Films are not kept in the repository.
Run: ``python -m assets.tools.make_camera_film TAG.png FILM.avi``.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import cv2
import numpy as np

WIDTH, HEIGHT = 640, 480
TABLE = (118, 124, 128)  # the ground behind the tag, BGR
SHARE = 0.86  # of the film's width that the tag takes


def make_film(tag: Path, target: Path, seconds: float = 4.0, fps: int = 15) -> None:
    """Write ``target`` (MJPG in AVI, 640 x 480) in which the picture ``tag`` sways as in a hand.

    The tag is whole in every frame, sharp, and wide enough that each frame can be read. Repeating overwrites.

    Raises:
        FileNotFoundError: no picture there.
        OSError: the film could not be written.
    """
    picture = cv2.imread(str(tag))
    if picture is None:
        raise FileNotFoundError(f"no picture at {tag}")
    writer = cv2.VideoWriter(str(target), cv2.VideoWriter.fourcc(*"MJPG"), fps, (WIDTH, HEIGHT))
    if not writer.isOpened():
        raise OSError(f"cannot write a film to {target}")
    try:
        for number in range(max(1, round(seconds * fps))):
            writer.write(_frame(picture, number / fps))
    finally:
        writer.release()


def _frame(picture: cv2.typing.MatLike, at: float) -> cv2.typing.MatLike:
    """The picture at ``at`` seconds: a few pixels and one degree to each side, so that no two frames are equal."""
    height, width = picture.shape[:2]
    scale = min(WIDTH / width, HEIGHT / height) * SHARE
    turn = math.sin(at * 1.9) * 1.1
    move = cv2.getRotationMatrix2D((width / 2, height / 2), turn, scale)
    move[0, 2] += WIDTH / 2 - width / 2 + math.sin(at * 2.3) * 9
    move[1, 2] += HEIGHT / 2 - height / 2 + math.cos(at * 1.7) * 7
    return cv2.warpAffine(
        picture,
        np.asarray(move),
        (WIDTH, HEIGHT),
        flags=cv2.INTER_AREA,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=TABLE,
    )


def main() -> None:
    """Make the film named on the command line."""
    make_film(Path(sys.argv[1]), Path(sys.argv[2]))


if __name__ == "__main__":
    main()
