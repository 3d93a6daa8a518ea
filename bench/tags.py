"""Tags drawn for measuring: codes on something like a photo, as blurred, turned, small and grainy as asked."""

from __future__ import annotations

import random

import cv2
import numpy as np
import zxingcpp

from kiosk.scanner.reading import Picture
from retail.gtin import check_digit

FINE = 16  # pixels a module in the drawing that everything is made from
SIZE = (480, 640)
GREY = 120  # of what is behind a tag

KINDS = {
    "RETAIL": zxingcpp.BarcodeFormat.EAN13,
    "CODE128": zxingcpp.BarcodeFormat.Code128,
    "QR": zxingcpp.BarcodeFormat.QRCode,
    "DATAMATRIX": zxingcpp.BarcodeFormat.DataMatrix,
}


def text_for(kind: str, chance: random.Random) -> str:
    """What a code of one of ``KINDS`` may say; an EAN-13's digits for RETAIL."""
    if kind == "RETAIL":
        payload = f"{chance.randrange(1, 10)}" + "".join(chance.choices("0123456789", k=11))
        return payload + check_digit(payload)
    if kind == "CODE128":
        return "".join(chance.choices("ABCDEFGHJKLMNPRSTUVWXYZ0123456789-", k=chance.randint(6, 12)))
    return f"https://shop.example/{''.join(chance.choices('abcdefgh0123456789', k=12))}"


def tag(
    kind: str,
    text: str,
    *,
    module: float = 3.0,
    blur: float = 0.0,
    turned: float = 0.0,
    grain: float = 3.0,
    seed: int = 0,
) -> Picture:
    """Draw one tag on a 640x480 picture in blue, green and red.

    ``module`` is the width of the narrowest bar in pixels, ``blur`` a sigma in modules, ``turned`` degrees and
    ``grain`` the standard deviation of noise. The same ``seed`` puts the same speck at the same place.
    """
    made = zxingcpp.create_barcode(text, KINDS[kind])
    drawn = np.asarray(zxingcpp.write_barcode_to_image(made, scale=1), np.uint8)
    if kind in {"RETAIL", "CODE128"}:
        drawn = np.repeat(drawn[:1], 45, 0)
    drawn = np.pad(drawn, 10, constant_values=255)
    fine = np.kron(drawn, np.ones((FINE, FINE), np.uint8))
    if blur:
        fine = np.asarray(cv2.GaussianBlur(fine, (0, 0), blur * FINE), np.uint8)
    # Ink is never black nor paper white in a photo.
    fine = np.asarray(40 + fine.astype(np.float32) * (180 / 255), np.uint8)
    rng = np.random.default_rng(seed)
    middle = np.array(SIZE[::-1]) / 2 + rng.uniform(-8, 8, 2)
    scale, angle = module / FINE, np.radians(turned)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * scale
    shift = middle - turn @ (np.array(fine.shape[::-1]) / 2)
    # Twice the size first, then averaged: what a sensor's pixels do.
    large = cv2.warpAffine(
        cv2.resize(fine, None, fx=2 * scale, fy=2 * scale, interpolation=cv2.INTER_AREA),
        np.column_stack([turn / scale, 2 * shift]).astype(np.float32),
        (SIZE[1] * 2, SIZE[0] * 2),
        flags=cv2.INTER_LINEAR,
        borderValue=(GREY,),
    )
    picture = cv2.resize(large, SIZE[::-1], interpolation=cv2.INTER_AREA).astype(np.float32)
    grainy = np.clip(picture + rng.normal(0, grain, SIZE), 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(grainy, cv2.COLOR_GRAY2BGR), np.uint8)


def empty(seed: int) -> Picture:
    """Draw a picture without a code: stripes, lines of text, squares or grain, in turns."""
    rng = np.random.default_rng(seed)
    picture = np.full(SIZE, GREY, np.uint8)
    if seed % 4 == 0:
        columns = np.repeat(rng.integers(30, 220, SIZE[1] // 6 + 1, dtype=np.uint8), 6)[: SIZE[1]]
        picture[:] = columns[None]
    elif seed % 4 == 1:
        for row in range(30, SIZE[0], 28):
            words = " ".join("".join(chr(97 + at) for at in rng.integers(0, 26, 6)) for _ in range(9))
            cv2.putText(picture, words, (8, row), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (20,), 2)
    elif seed % 4 == 2:
        for x in range(0, SIZE[1], 40):
            for y in range(0, SIZE[0], 40):
                cv2.rectangle(picture, (x + 3, y + 3), (x + 34, y + 34), (int(rng.integers(30, 220)),), -1)
    grainy = picture.astype(np.float32) + rng.normal(0, 25 if seed % 4 == 3 else 4, SIZE)
    return np.asarray(cv2.cvtColor(np.clip(grainy, 0, 255).astype(np.uint8), cv2.COLOR_GRAY2BGR), np.uint8)


def jittered(picture: Picture, seed: int) -> Picture:
    """The same view a moment later: shifted, turned, nearer, lighter and grainier by a little."""
    rng = np.random.default_rng(seed)
    rows, columns = picture.shape[:2]
    matrix = np.asarray(
        cv2.getRotationMatrix2D((columns / 2, rows / 2), rng.uniform(-3, 3), rng.uniform(0.94, 1.06))
    )
    matrix[:, 2] = matrix[:, 2] + rng.uniform(-0.02, 0.02, 2) * np.array([columns, rows])
    moved = cv2.warpAffine(
        picture, matrix, (columns, rows), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.float32)
    lit = moved * rng.uniform(0.9, 1.1) + rng.uniform(-10, 10) + rng.normal(0, 3, moved.shape)
    return np.asarray(np.clip(lit, 0, 255), np.uint8)


def framed(picture: Picture) -> Picture:
    """``picture`` brought to a camera's 1280x720, with grey at its sides."""
    rows, columns = picture.shape[:2]
    scale = min(1280 / columns, 720 / rows)
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    inside = cv2.resize(picture, (round(columns * scale), round(rows * scale)), interpolation=way)
    frame = np.full((720, 1280, 3), GREY, np.uint8)
    top, left = (720 - inside.shape[0]) // 2, (1280 - inside.shape[1]) // 2
    frame[top : top + inside.shape[0], left : left + inside.shape[1]] = inside
    return frame
