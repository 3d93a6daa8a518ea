"""``aisle scan IMAGE|CODE ...``: what is on each picture, and what each typed code is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from kiosk.scanner.formats import UnreadableImage, load_image
from kiosk.scanner.read import read_codes
from retail.codes import Code, read_code

PICTURES = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".avif", ".pdf"}
)


def scan_files(paths_or_codes: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield one object per code read, or one with ``error`` for an input that gave none; in the order given.

    A code: ``input``, ``gtin14`` (None for a store's own code), ``symbology`` ("typed" for a typed one), ``text``,
    ``reader`` and ``corners`` (four [x, y] in pixels); the last two are None for a typed one.
    """
    for given in paths_or_codes:
        path = _path(given)
        yield from _typed(given) if path is None else _on_picture(given, path)


def _path(given: str) -> Path | None:
    """Return the file that is meant, None when it is a code: what exists or is named like a picture is a file."""
    if "://" in given or "\0" in given:
        return None
    path = Path(given)
    try:
        if path.exists():
            return path
    except OSError:  # longer than a name can be
        return None
    meant = path.suffix.lower() in PICTURES or given.startswith(("/", "./", "../", "~"))
    return path if meant else None


def _typed(given: str) -> Iterator[dict[str, Any]]:
    try:
        code = read_code(given)
    except ValueError as error:
        yield {"input": given, "error": str(error)}
        return
    yield _found(given, code, "typed", None, None)


def _on_picture(given: str, path: Path) -> Iterator[dict[str, Any]]:
    try:
        readings = read_codes(load_image(path))
    except UnreadableImage as error:
        yield {"input": given, "error": str(error)}
        return
    refused = "No code could be read. Hold it flat, close and in good light, take a new picture, or type the digits."
    read = 0
    for made in readings:
        try:
            code = read_code(made.text, made.symbology)
        except ValueError as error:
            refused = str(error)
            continue
        read += 1
        yield _found(given, code, made.symbology, made.reader, [list(corner) for corner in made.corners])
    if not read:
        yield {"input": given, "error": refused}


def _found(
    given: str, code: Code, symbology: str, reader: str | None, corners: list[list[int]] | None
) -> dict[str, Any]:
    return {
        "input": given,
        "gtin14": code.gtin,
        "symbology": symbology,
        "text": code.text,
        "reader": reader,
        "corners": corners,
    }
