"""Frames from films that stand in for a camera, and cameras that are not there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.scanner import read_image
from kiosk.scanner.reading import Picture
from kiosk.scanner.sources import Camera, CameraLost, Frame, is_black
from tests.kiosk.scanner.drawn import bars, scene

PEN = "4006381333931"
SHOWN = scene((bars(PEN), 100, 120))
BLACK = np.full((480, 640, 3), 3, np.uint8)


def film(path: Path, pictures: Sequence[Picture], fps: int = 100) -> Path:
    """Write ``pictures`` as a film."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), fps, (640, 480))
    for picture in pictures:
        writer.write(picture)
    writer.release()
    return path


async def take(camera: Camera, count: int) -> list[Frame]:
    """Return the next ``count`` frames."""
    return [await anext(camera) for _ in range(count)]


async def test_a_film_is_read_and_starts_over_at_its_end(tmp_path: Path) -> None:
    source = film(tmp_path / "a.avi", [SHOWN, SHOWN])
    async with asyncio.timeout(20), Camera(source) as camera:
        frames = await take(camera, 7)
    assert [frame.image.shape for frame in frames] == [(480, 640, 3)] * 7
    assert read_image(frames[6].image) == [PEN]
    assert all(earlier.at < later.at for earlier, later in pairwise(frames))


async def test_frames_nobody_had_time_for_are_gone(tmp_path: Path) -> None:
    async with asyncio.timeout(20), Camera(film(tmp_path / "a.avi", [SHOWN])) as camera:
        first = await anext(camera)
        threading.Event().wait(0.3)  # a screen that is busy for thirty frames
        then = await anext(camera)
    assert then.at - first.at > 0.2


async def test_black_frames_are_marked(tmp_path: Path) -> None:
    async with asyncio.timeout(20), Camera(film(tmp_path / "a.avi", [BLACK])) as camera:
        assert (await anext(camera)).black
    async with asyncio.timeout(20), Camera(film(tmp_path / "b.avi", [SHOWN])) as camera:
        assert not (await anext(camera)).black


def test_a_dark_room_is_not_a_covered_lens() -> None:
    dark = (SHOWN // 12).astype(np.uint8)
    assert not is_black(dark)
    assert is_black(np.zeros((480, 640, 3), np.uint8))


async def lost(source: int | Path) -> str:
    """Return what is said when ``source`` gives no picture; asking again says the same."""
    async with asyncio.timeout(20), Camera(source) as camera:
        with pytest.raises(CameraLost) as first:
            await anext(camera)
        with pytest.raises(CameraLost):
            await anext(camera)
    return str(first.value)


async def test_a_source_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "Camera 99 does not answer. Check that it is plugged in" in await lost(99)
    assert "There is no film" in await lost(tmp_path / "none.avi")
    (tmp_path / "text.avi").write_text("not a film")
    assert "text.avi cannot be played" in await lost(tmp_path / "text.avi")


async def test_a_film_that_vanishes_is_told(tmp_path: Path) -> None:
    source = film(tmp_path / "a.avi", [SHOWN])
    async with asyncio.timeout(20), Camera(source) as camera:
        await anext(camera)
        source.unlink()
        with pytest.raises(CameraLost, match="There is no film"):
            await take(camera, 1000)


async def test_leaving_ends_the_thread_and_whoever_waits(tmp_path: Path) -> None:
    source = film(tmp_path / "a.avi", [SHOWN], fps=1)
    async with asyncio.timeout(20):
        async with Camera(source) as camera:
            await anext(camera)
            waiting = asyncio.create_task(take(camera, 1000))
            await asyncio.sleep(0)
        with pytest.raises((StopAsyncIteration, RuntimeError)):
            await waiting
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("camera")]
