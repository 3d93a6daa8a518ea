"""A camera for hours, and texts that were made to do harm: nothing may grow, fall over or reach the outside."""

from __future__ import annotations

import asyncio
import gc
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from assets.tools.make_camera_film import HEIGHT, WIDTH, make_film
from bench.hostile import texts, watched
from kiosk.scanner.live import looks
from kiosk.scanner.reading import Picture
from kiosk.scanner.router import Router
from kiosk.scanner.sources import Camera, Frame, is_black
from retail.codes import Code, UnreadableCode, read_code
from retail.gtin import InvalidGtin

CODES = Path(__file__).resolve().parent.parent / "assets" / "demo" / "codes"
TEXTS = 200_000
FRAMES = 43_200  # twelve hours at one a second, or half an hour of a busy camera
WARM = 3_000
LONGEST_SECONDS = 420.0  # a quiet machine needs about 310; a slow one stops here and says how far it came
PER_SECOND = 24  # frames of the camera that is played; only Acceptance and Router see this clock
TAGS, EACH = 6, 20


def run() -> Iterator[dict[str, Any]]:
    """Read hostile texts, then the frames of a long day."""
    yield _fuzz()
    yield asyncio.run(_frames())


def _fuzz() -> dict[str, Any]:
    crashes = refused = 0
    slowest = spent = 0.0
    touched: list[str] = []
    made = texts(TEXTS)
    while chunk := list(islice(made, 5_000)):  # made outside the watch, as making them may load a codec
        with watched() as seen:
            for text, symbology in chunk:
                began = time.thread_time()
                try:
                    read_code(text, symbology)
                except (InvalidGtin, UnreadableCode):
                    refused += 1
                except Exception as error:  # noqa: BLE001 - whatever it is, it is what is counted
                    crashes += 1
                    print(f"  crash on {ascii(text)[:80]}: {error!r}", file=sys.stderr)
                took = time.thread_time() - began
                slowest, spent = max(slowest, took), spent + took
            touched += seen
    return {
        "bench": "hostile texts",
        "figures": {
            "texts": TEXTS,
            "crashes": crashes,
            "requests": sum(event.startswith("socket.") for event in touched),
            "files_or_programs": len(touched),
            "slowest_ms": slowest * 1000,
            "mean_ms": spent / TEXTS * 1000,
            "refused": refused,
        },
        "limit": {"crashes": 0, "requests": 0, "files_or_programs": 0, "slowest_ms": 20},
    }


async def _frames() -> dict[str, Any]:
    routed: list[str] = []

    def note(code: Code, source: object) -> None:
        routed[:] = [code.key]

    with tempfile.TemporaryDirectory() as folder:
        shown = await _pictures(Path(folder))
    router, process = Router(note), psutil.Process()
    warm = grown = handles = run = 0
    began, began_cpu = time.perf_counter(), time.process_time()
    async with aclosing(looks(_day(shown))) as seen:
        async for look in seen:
            run += 1
            for made in look.accepted:
                router.route(made.text, "camera", look.frame.at, made.symbology)
            if run == WARM:
                gc.collect()
                warm, handles = process.memory_info().rss, process.num_fds()
            if time.perf_counter() - began > LONGEST_SECONDS:
                break
    gc.collect()
    grown, more = process.memory_info().rss - warm, process.num_fds() - handles
    return {
        "bench": "frames",
        "figures": {
            "frames": run,
            "scans": router.counts["camera"],
            "memory_growth_mb": grown / 2**20,
            "handles_growth": more,
            "frame_cpu_ms": (time.process_time() - began_cpu) / run * 1000,
            "seconds": time.perf_counter() - began,
        },
        "limit": {"memory_growth_mb": 50, "handles_growth": 0},
    }


async def _pictures(folder: Path) -> list[Picture]:
    """The pictures of films of several tags, each followed by a bare table; taken through the camera's own source."""
    pictures: list[Picture] = []
    bare = np.full((HEIGHT, WIDTH, 3), 120, np.uint8)
    for tag in sorted(CODES.glob("*.png"))[:TAGS]:
        film = folder / f"{tag.stem}.avi"
        make_film(tag, film, seconds=EACH / 15)
        async with Camera(film) as camera:
            pictures += [(await anext(camera)).image for _ in range(EACH)]
        pictures += [bare] * (EACH // 5)
    return [*pictures, np.zeros_like(bare)]


async def _day(pictures: Sequence[Picture]) -> AsyncIterator[Frame]:
    """The same pictures over and over; each is a copy, as every frame of a camera is a new one."""
    for number in range(FRAMES):
        image = pictures[number % len(pictures)].copy()
        yield Frame(image, number / PER_SECOND, is_black(image))
