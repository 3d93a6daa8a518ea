"""Bars read by zbar, where its system library (``libzbar0`` on Debian) is installed; without it, nothing is read.

pyzbar's own ``decode`` cannot set how densely a picture is scanned, so its bindings are used directly. Every scan
has a fresh scanner: a kept one carries half-read codes from one picture into the next. DataBar, ITF and Code 39
stay off because zbar finds them in noise; QR is read better by zxing-cpp.
"""

from __future__ import annotations

import importlib
from ctypes import c_char_p, c_void_p, cast, string_at
from functools import cache
from types import ModuleType

import numpy as np

from kiosk.scanner.reading import Picture, Reading, around, reading

SYMBOLOGIES = {"EAN13": "EAN-13", "EAN8": "EAN-8", "UPCA": "UPC-A", "UPCE": "UPC-E", "CODE128": "Code 128"}
GREY = 0x30303859  # the four letters Y800, zbar's name for one byte of grey per pixel


@cache
def _library() -> ModuleType | None:
    try:
        return importlib.import_module("pyzbar.wrapper")
    except (ImportError, OSError):
        return None


def available() -> bool:
    """Whether the zbar library is there; the readers do without it, at a loss. Loads it on the first call."""
    return _library() is not None


def scan(grey: Picture, density: int = 1, *, reader: str = "zbar") -> list[tuple[Reading, int]]:
    """Read the bars on a grey picture, looking along every ``density``-th row and column; [] without zbar.

    With each reading comes how many scan lines said the same: more is surer.
    """
    zbar = _library()
    if zbar is None or grey.size == 0:
        return []
    scanner = zbar.zbar_image_scanner_create()
    image = zbar.zbar_image_create()
    try:
        for symbol in zbar.ZBarSymbol:
            if symbol > zbar.ZBarSymbol.PARTIAL:
                wanted = int(symbol.name in SYMBOLOGIES)
                zbar.zbar_image_scanner_set_config(scanner, symbol, zbar.ZBarConfig.CFG_ENABLE, wanted)
        for axis in (zbar.ZBarConfig.CFG_X_DENSITY, zbar.ZBarConfig.CFG_Y_DENSITY):
            zbar.zbar_image_scanner_set_config(scanner, 0, axis, density)
        rows, columns = grey.shape
        data = np.ascontiguousarray(grey).tobytes()  # must outlive the scan
        zbar.zbar_image_set_format(image, GREY)
        zbar.zbar_image_set_size(image, columns, rows)
        zbar.zbar_image_set_data(image, cast(c_char_p(data), c_void_p), len(data), None)
        zbar.zbar_scan_image(scanner, image)
        return _sights(zbar, image, reader)
    finally:
        zbar.zbar_image_destroy(image)
        zbar.zbar_image_scanner_destroy(scanner)


def _sights(zbar: ModuleType, image: object, reader: str) -> list[tuple[Reading, int]]:
    sights = []
    symbol = zbar.zbar_image_first_symbol(image)
    while symbol:
        kind = symbol.contents.type
        name = zbar.ZBarSymbol(kind).name if kind in set(zbar.ZBarSymbol) else ""
        size = zbar.zbar_symbol_get_loc_size(symbol)
        if name in SYMBOLOGIES and size:
            data = string_at(zbar.zbar_symbol_get_data(symbol), zbar.zbar_symbol_get_data_length(symbol))
            corners = around(
                (zbar.zbar_symbol_get_loc_x(symbol, at), zbar.zbar_symbol_get_loc_y(symbol, at))
                for at in range(size)
            )
            made = reading(data.decode("utf-8", "replace"), SYMBOLOGIES[name], corners, reader)
            if made is not None:
                sights.append((made, int(zbar.zbar_symbol_get_quality(symbol))))
        symbol = zbar.zbar_symbol_next(symbol)
    return sights
