"""Picture files to pixels, whatever is in them, and pixels to the JPEG of a preview.

A file is judged by its first bytes, never by its name. Its size in pixels is read from the header before anything
is decoded, so a small file that unfolds to gigabytes is refused for the price of reading it.
"""

from __future__ import annotations

from pathlib import Path
from struct import error as too_short
from struct import unpack_from
from typing import Literal

import cv2
import numpy as np

from kiosk.scanner.reading import Picture

MOST_BYTES = 100_000_000
MOST_PIXELS = 100_000_000

Kind = Literal["JPEG", "PNG", "GIF", "BMP", "WebP"]


class UnreadableImage(ValueError):
    """A file that cannot be used as a picture; the text says in plain words why and what to do."""


def load_image(path: Path) -> Picture:
    """Load a JPEG, PNG, WebP, GIF or BMP file as rows, columns and blue-green-red bytes.

    Of an animation it is the first frame; what is transparent becomes white; a JPEG is turned the way that its
    camera was held.

    Raises:
        UnreadableImage: no such file, not a picture, cut off, or over 100 million pixels or bytes.
    """
    data = _read(path)
    kind = _kind(data)
    if kind is None:
        raise UnreadableImage(f"{path.name} is not a picture. Give a JPEG, PNG, WebP, GIF or BMP file.")
    try:
        width, height = _SIZES[kind](data)
    except (too_short, IndexError, ValueError):
        width, height = 0, 0
    if width * height > MOST_PIXELS:
        raise UnreadableImage(
            f"{path.name} is too large, {width} by {height} pixels. Give one of at most 100 million pixels."
        )
    image = _decode(data, kind) if width and height else None
    if image is None:
        raise UnreadableImage(
            f"{path.name} is damaged or cut off. Copy the file again or take a new picture."
        )
    return image


def encode_preview(image: Picture, *, width: int = 640, quality: int = 70) -> bytes:
    """Return ``image`` as a JPEG at most ``width`` pixels wide, for showing what the camera sees."""
    scale = width / image.shape[1]
    if scale < 1:
        size = (width, max(1, round(image.shape[0] * scale)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return bytes(data)


def silence() -> None:
    """Keep OpenCV from writing its own words about bad files and missing cameras to stderr; ours say what to do."""
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def _read(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise UnreadableImage(f"{path.name} is not a file. Give the name of a picture.")
        if path.stat().st_size > MOST_BYTES:
            raise UnreadableImage(f"{path.name} is larger than 100 MB. Give a smaller picture.")
        data = path.read_bytes()
    except FileNotFoundError:
        raise UnreadableImage(f"There is no file {path}. Check its name.") from None
    except OSError as error:
        raise UnreadableImage(
            f"{path.name} cannot be opened: {error.strerror or 'it is no file'}."
        ) from error
    if not data:
        raise UnreadableImage(f"{path.name} is empty. Copy the file again or take a new picture.")
    return data


def _kind(data: bytes) -> Kind | None:
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WebP"
    return "BMP" if data.startswith(b"BM") else None


def _jpeg(data: bytes) -> tuple[int, int]:
    at, width, height = 2, 0, 0
    while True:
        while data[at] == 0xFF and data[at + 1] == 0xFF:
            at += 1
        marker, length = data[at + 1], unpack_from(">H", data, at + 2)[0]
        if data[at] != 0xFF:
            raise ValueError("no marker")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = unpack_from(">HH", data, at + 5)
        if marker == 0xDA:
            # The pixels follow. The two bytes of the end cannot occur among them by chance; without them OpenCV
            # would fill the missing part with grey instead of refusing as it does with all other forms.
            if data.find(b"\xff\xd9", at) < 0:
                raise ValueError("no end")
            return width, height
        at += 2 + length


def _png(data: bytes) -> tuple[int, int]:
    width, height = unpack_from(">II", data, 16)
    return width, height


def _gif(data: bytes) -> tuple[int, int]:
    width, height = unpack_from("<HH", data, 6)
    return width, height


def _bmp(data: bytes) -> tuple[int, int]:
    width, height = unpack_from("<ii", data, 18)
    return abs(width), abs(height)


def _webp(data: bytes) -> tuple[int, int]:
    if data[12:16] == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if data[12:16] == b"VP8L":
        bits = unpack_from("<I", data, 21)[0]
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


_SIZES = {"JPEG": _jpeg, "PNG": _png, "GIF": _gif, "BMP": _bmp, "WebP": _webp}


def _decode(data: bytes, kind: Kind) -> Picture | None:
    # Only the colour mode turns a JPEG upright; only the unchanged mode keeps what is transparent.
    silence()
    mode = cv2.IMREAD_COLOR if kind == "JPEG" else cv2.IMREAD_UNCHANGED
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), mode)
    except cv2.error:
        return None
    if image is None:
        return None
    if image.dtype == np.uint16:
        image = np.asarray(image // 257, np.uint8)
    if image.dtype != np.uint8:
        return None
    if image.ndim == 2:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)
    if image.shape[2] == 4:
        return _on_white(np.asarray(image, np.uint8))
    return np.asarray(image, np.uint8)


def _on_white(image: Picture) -> Picture:
    solid = image[:, :, 3:].astype(np.uint16)
    return np.asarray((image[:, :, :3] * solid + 255 * (255 - solid)) // 255, np.uint8)
