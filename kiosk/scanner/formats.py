"""Picture files to pixels, whatever is in them, and pixels to the JPEG of a preview.

A file is judged by its first bytes, never by its name. What it would unfold to is worked out from its header before
anything is decoded, so a small file that unfolds to gigabytes is refused for the price of reading it. Photos may be
larger than that limit: a JPEG can be decoded at a half, a quarter or an eighth of its size at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from struct import error as too_short
from struct import unpack_from
from typing import Literal

import cv2
import numpy as np

from kiosk.scanner.reading import Picture
from kiosk.scanner.zxing import MOST_LONG

MOST_BYTES = 60_000_000
TOO_MANY_BYTES = "is larger than 60 MB. Give a smaller picture."
MOST_PIXELS = 100_000_000
MOST_UNFOLDED = 64 << 20  # bytes; about 22 million pixels in three colours
# Photos shrink to a fifth or a thirtieth when they are saved. What shrank much more may be meant to do harm, and
# nothing is lost if it must be smaller: decoding takes twice this at its worst.
SUSPICIOUS = 50  # times the size of the file
MOST_SUSPICIOUS = 32 << 20  # bytes
STRIP = 256  # rows
MOST_SCANS = 100  # of a progressive JPEG; usual are about ten, each takes as long as the whole picture
REDUCED = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}

Kind = Literal["JPEG", "PNG", "GIF", "BMP", "WebP"]


class UnreadableImage(ValueError):
    """A file that cannot be used as a picture; the text says in plain words why and what to do."""


@dataclass(frozen=True, slots=True)
class _Header:
    """What a file says of itself. ``depth``: bytes that decoding one pixel takes. ``scaling``: may be decoded smaller."""

    width: int
    height: int
    depth: int
    scaling: bool = False

    @property
    def unfolded(self) -> int:
        return self.width * self.height * max(self.depth, 3)


def load_image(path: Path) -> Picture:
    """Load a JPEG, PNG, WebP, GIF or BMP file as rows, columns and blue-green-red bytes.

    Of an animation it is the first frame; what is transparent becomes white; a JPEG is turned the way that its
    camera was held, and one of more than 22 million pixels comes at a half, a quarter or an eighth of its size.

    Raises:
        UnreadableImage: no such file, not a picture, cut off, or too large (60 MB; 65,535 pixels a side; 100 million pixels
            for a JPEG, 64 MB unfolded for the others, or 32 MB where the file is suspiciously small).
    """
    return decode_image(_read(path), path.name)


def decode_image(data: bytes, name: str) -> Picture:
    """As ``load_image``, for the bytes of a file; ``name`` is what messages call it.

    Raises:
        UnreadableImage: as ``load_image``.
    """
    if not data:
        raise UnreadableImage(f"{name} is empty. Copy the file again or take a new picture.")
    if len(data) > MOST_BYTES:
        raise UnreadableImage(f"{name} {TOO_MANY_BYTES}")
    kind = _kind(data)
    if kind is None:
        other = _other_kind(data)
        if other is not None:
            raise UnreadableImage(
                f"{name} is {other} file, which cannot be read here. Save it as JPEG or PNG and give that."
            )
        raise UnreadableImage(f"{name} is not a picture. Give a JPEG, PNG, WebP, GIF or BMP file.")
    try:
        header = _HEADERS[kind](data)
    except (too_short, IndexError, ValueError):
        header = _Header(0, 0, 0)
    factor = _factor(header, len(data), name)
    image = _decode(data, kind, factor) if header.width and header.height else None
    if image is None:
        raise UnreadableImage(f"{name} is damaged or cut off. Copy the file again or take a new picture.")
    return image


def _factor(header: _Header, size: int, name: str) -> int:
    """By how much a picture in ``size`` bytes has to be made smaller while it is decoded, to be no burden."""
    shown = f"{header.width} by {header.height} pixels"
    if header.width * header.height > MOST_PIXELS:
        raise UnreadableImage(f"{name} is too large, {shown}. Give one of at most 100 million pixels.")
    if max(header.width, header.height) > MOST_LONG:
        raise UnreadableImage(f"{name} is too long, {shown}. Cut it in parts of at most 65,535 pixels.")
    most = MOST_SUSPICIOUS if header.unfolded > SUSPICIOUS * size else MOST_UNFOLDED
    if header.unfolded > most and not header.scaling:
        raise UnreadableImage(
            f"{name} is too large, {shown}. Make it smaller, at most 3000 by 2500, or save it as an ordinary JPEG."
        )
    return next(factor for factor in REDUCED if header.unfolded <= most * factor * factor)


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
            raise UnreadableImage(f"{path.name} {TOO_MANY_BYTES}")
        return path.read_bytes()
    except FileNotFoundError:
        raise UnreadableImage(f"There is no file {path}. Check its name.") from None
    except OSError as error:
        raise UnreadableImage(
            f"{path.name} cannot be opened: {error.strerror or 'it is no file'}."
        ) from error


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


def _other_kind(data: bytes) -> str | None:
    """What people take for a picture, too, and we cannot read; with its article."""
    if data[4:8] == b"ftyp":
        return {b"avif": "an AVIF", b"avis": "an AVIF"}.get(data[8:12], "a HEIC or video")
    if data.startswith((b"II*\0", b"MM\0*")):
        return "a TIFF"
    if data.startswith(b"%PDF"):
        return "a PDF"
    return "an SVG" if b"<svg" in data[:1000] else None


def _jpeg(data: bytes) -> _Header:
    at, found = 2, _Header(0, 0, 0)
    while True:
        while data[at] == 0xFF and data[at + 1] == 0xFF:
            at += 1
        marker, length = data[at + 1], unpack_from(">H", data, at + 2)[0]
        if data[at] != 0xFF:
            raise ValueError("no marker")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = unpack_from(">HH", data, at + 5)
            found = _Header(width, height, data[at + 9], scaling=marker in (0xC0, 0xC1))
        if marker == 0xDA:
            # The pixels follow. The two bytes of the end cannot occur among them by chance; without them OpenCV
            # would fill the missing part with grey instead of refusing as it does with all other forms.
            if data.find(b"\xff\xd9", at) < 0 or data.count(b"\xff\xda", at) > MOST_SCANS:
                raise ValueError("no end, or no end of scans")
            # Only what comes in one scan needs no memory for the whole picture at once.
            return replace(found, scaling=found.scaling and data[at + 4] == found.depth)
        at += 2 + length


def _png(data: bytes) -> _Header:
    width, height = unpack_from(">II", data, 16)
    channels = {0: 1, 2: 3, 3: 4, 4: 4, 6: 4}.get(data[25], 4)
    return _Header(width, height, channels * (2 if data[24] == 16 else 1))


def _gif(data: bytes) -> _Header:
    width, height = unpack_from("<HH", data, 6)
    return _Header(width, height, 8)  # as of a moving WebP


def _bmp(data: bytes) -> _Header:
    width, height = unpack_from("<ii", data, 18)
    return _Header(abs(width), abs(height), 4)


def _webp(data: bytes) -> _Header:
    if data[12:16] == b"VP8X":
        width, height = int.from_bytes(data[24:27], "little"), int.from_bytes(data[27:30], "little")
        moving = data[20] & 0x02  # each frame is laid over the one before
        return _Header(1 + width, 1 + height, 8 if moving else 4)
    if data[12:16] == b"VP8L":
        bits = unpack_from("<I", data, 21)[0]
        return _Header(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF), 4)
    width, height = unpack_from("<HH", data, 26)
    return _Header(width & 0x3FFF, height & 0x3FFF, 3)


_HEADERS = {"JPEG": _jpeg, "PNG": _png, "GIF": _gif, "BMP": _bmp, "WebP": _webp}


def _decode(data: bytes, kind: Kind, factor: int) -> Picture | None:
    # Only the colour modes turn a JPEG upright; only the unchanged mode keeps what is transparent.
    silence()
    mode = REDUCED[factor] if kind == "JPEG" else cv2.IMREAD_UNCHANGED
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), mode)
    except (cv2.error, MemoryError):
        return None
    if image is None:
        return None
    if image.dtype == np.uint16:
        image = np.right_shift(np.asarray(image, np.uint16), 8).astype(np.uint8)
    if image.dtype != np.uint8:
        return None
    if image.ndim == 2:
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)
    if image.shape[2] == 4:
        return _on_white(np.asarray(image, np.uint8))
    return np.asarray(image, np.uint8)


def _on_white(image: Picture) -> Picture:
    """Lay a picture with transparent parts on white, a strip at a time so that it takes no more room than it has."""
    flat = np.empty((*image.shape[:2], 3), np.uint8)
    for top in range(0, len(image), STRIP):
        strip = image[top : top + STRIP]
        solid = strip[:, :, 3:].astype(np.uint16)
        flat[top : top + STRIP] = (strip[:, :, :3] * solid + 255 * (255 - solid)) // 255
    return flat
