"""Reading real photos: how many are read right and wrong, by us and by each library alone, and at what cost.

The photos lie in ``barcodes/dev`` of the folder beside this checkout, or of AISLE_SHARED. Where there are none, tags
are drawn and the figures are those of ``scan_drawn``, which are higher: compare them with themselves only.
"""

from __future__ import annotations

import csv
import os
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

import cv2
import numpy as np

from bench import tags
from bench.readers import Reader, readers
from kiosk.scanner import read_codes, zbar
from kiosk.scanner.accept import Acceptance
from kiosk.scanner.reading import Picture
from retail.codes import RETAIL
from retail.gtin import Gtin, InvalidGtin

GROUPS = {
    "EAN13": "RETAIL",
    "EAN8": "RETAIL",
    "UPCA": "RETAIL",
    "UPCE": "RETAIL",
    "CODE128": "CODE128",
    "QR": "QR",
    "DATAMATRIX": "DATAMATRIX",
    "": "NONE",
}
KINDS = {"EAN13": "EAN-13", "EAN8": "EAN-8", "UPCA": "UPC-A", "UPCE": "UPC-E"}
DRAWN = 40  # of each kind
BLURS = {"RETAIL": 0.9, "CODE128": 0.4, "QR": 0.3, "DATAMATRIX": 0.3}  # the most, in modules
FRAMES = 5
FRAME_SECONDS = 0.1
TIMED = {"ours": "", "pyzbar": "pyzbar_", "zxing": "zxing_"}
LIMITS = {
    "retail_right_share": 0.88,
    "retail_wrong_images": 2,
    "code128_right_share": 0.97,
    "qr_right_share": 0.93,
    "datamatrix_right_share": 0.91,
    "none_wrong_images": 0,
    "no_zbar_retail_right_share": 0.80,
    "five_frames_right_share": 0.82,
    "five_frames_wrong_images": 0,
    "code_p50_ms": 20.0,
    "code_p95_ms": 40.0,
    "no_code_p50_ms": 20.0,
    "no_code_p95_ms": 40.0,
}


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture and what is on it; ``says`` is empty for none, ``also`` is a second code that counts as neither."""

    image: Picture
    symbology: str
    says: str
    also: str

    @property
    def group(self) -> str:
        """One of the groups that have a limit, else "OTHER": kinds that no shop meets."""
        return GROUPS.get(self.symbology if self.says else "", "OTHER")

    def is_right(self, text: str) -> bool:
        """Whether ``text`` is what is on it, however it is written."""
        return bool(self.says) and _plain(text, self.symbology) == _plain(self.says, self.symbology)

    def is_wrong(self, text: str) -> bool:
        """Whether ``text`` is nothing that is on it."""
        second = bool(self.also) and _plain(text, self.symbology) == _plain(self.also, self.symbology)
        return not self.is_right(text) and not second


def run() -> Iterator[dict[str, object]]:
    """Read everything with every reader, then measure the cost of ours."""
    folder = photos_folder()
    photos = list(_photos(folder)) if folder else list(_drawn())
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        figures: dict[str, float] = {"photos": len(photos)}
        for name, reader in readers().items():
            figures |= _rates(photos, reader, "" if name == "ours" else f"{name}_")
        figures |= _five_frames([photo for photo in photos if photo.group in {"RETAIL", "NONE"}])
        frames = [(tags.framed(photo.image), bool(photo.says)) for photo in photos]
        for name, reader in readers().items():
            if name in TIMED:
                figures |= _costs(frames, reader, TIMED[name])
    finally:
        cv2.setNumThreads(threads)
    limits = dict(LIMITS)
    if not zbar.available():
        # What is promised without it is the figure of that name.
        limits = {name: limit for name, limit in limits.items() if name != "retail_right_share"}
    yield {"bench": "scan" if folder else "scan_drawn", "figures": figures, "limit": limits}


def photos_folder() -> Path | None:
    """Return the folder of photos with their index, None when there is none on this machine."""
    shared = os.environ.get("AISLE_SHARED")
    beside = Path(shared) if shared else Path(__file__).parents[2] / "shared"
    folder = beside / "barcodes" / "dev"
    return folder if (folder / "index.csv").is_file() else None


def _photos(folder: Path) -> Iterator[Photo]:
    with (folder / "index.csv").open(newline="", encoding="utf-8") as index:
        for row in csv.DictReader(index):
            image = cv2.imread(str(folder / row["file"]), cv2.IMREAD_COLOR)
            yield Photo(np.asarray(image, np.uint8), row["symbology"], row["expected"], row["also"] or "")


def _drawn() -> Iterator[Photo]:
    chance = random.Random(4)
    for kind in tags.KINDS:
        for number in range(DRAWN):
            text = tags.text_for(kind, chance)
            image = tags.tag(
                kind,
                text,
                module=chance.uniform(2.0, 4.0)
                if kind in {"RETAIL", "CODE128"}
                else chance.uniform(3.0, 7.0),
                blur=chance.uniform(0.0, BLURS[kind]),
                turned=chance.uniform(0, 360),
                grain=chance.uniform(2, 8),
                seed=number,
            )
            yield Photo(image, "EAN13" if kind == "RETAIL" else kind, text, "")
    for number in range(DRAWN):
        yield Photo(tags.empty(number), "", "", "")


def _rates(photos: list[Photo], reader: Reader, prefix: str) -> dict[str, float]:
    right = dict.fromkeys(GROUPS.values(), 0)
    wrong, count = dict(right), dict(right)
    for photo in photos:
        if photo.group not in right:
            continue
        texts = reader(photo.image)
        is_right = any(photo.is_right(text) for text in texts)
        right[photo.group] += is_right
        wrong[photo.group] += not is_right and any(photo.is_wrong(text) for text in texts)
        count[photo.group] += 1
    figures: dict[str, float] = {}
    for group in right:
        if group != "NONE":
            figures[f"{prefix}{group.lower()}_right_share"] = round(right[group] / count[group], 4)
        figures[f"{prefix}{group.lower()}_wrong_images"] = wrong[group]
    return figures


def _five_frames(photos: list[Photo]) -> dict[str, float]:
    """What counts after five frames of a hand that is not still, two equal reads being asked for."""
    right = wrong = wrong_reads = 0
    for number, photo in enumerate(photos):
        acceptance, counted = Acceptance(), set[str]()
        for frame in range(FRAMES):
            made = read_codes(tags.jittered(photo.image, number * FRAMES + frame))
            wrong_reads += any(photo.is_wrong(one.text) for one in made)
            counted |= {one.text for one in acceptance.offer(made, frame * FRAME_SECONDS)}
        right += any(photo.is_right(text) for text in counted)
        wrong += any(photo.is_wrong(text) for text in counted)
    with_code = sum(bool(photo.says) for photo in photos)
    return {
        "five_frames_right_share": round(right / with_code, 4),
        "five_frames_wrong_images": wrong,
        "five_frames_wrong_reads": wrong_reads,
    }


def _costs(frames: list[tuple[Picture, bool]], reader: Reader, prefix: str) -> dict[str, float]:
    """CPU of one thread on frames of a camera; some are read beforehand, as what is drawn once is kept."""
    for frame, _ in frames[:: max(len(frames) // 60, 1)]:
        reader(frame)
    taken: dict[bool, list[float]] = {True: [], False: []}
    for frame, has_code in frames:
        started = time.thread_time()
        reader(frame)
        taken[has_code].append((time.thread_time() - started) * 1000)
    return {
        f"{prefix}{name}_{cut}_ms": round(value, 1)
        for has_code, name in ((True, "code"), (False, "no_code"))
        for cut, value in (("p50", median(taken[has_code])), ("p95", quantiles(taken[has_code], n=20)[-1]))
    }


def _plain(text: str, symbology: str) -> str:
    """``text`` so that the same content is the same text: GTINs as fourteen digits, nothing that is not seen."""
    kind = KINDS.get(symbology)
    if kind in RETAIL:
        digits = text.strip()
        try:
            # Readers write a UPC-E out; in the photos' index it stands as it is printed.
            return Gtin.parse(digits, "UPC-E" if kind == "UPC-E" and len(digits) == 8 else None)
        except InvalidGtin:
            return digits
    return "".join(text.replace("\x1d", "").replace("\ufeff", "").replace("(", "").replace(")", "").split())
