"""Frames from films that stand in for a camera, and cameras that are not there."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.scanner import read_image, sources
from kiosk.scanner.reading import Picture
from kiosk.scanner.sources import MISS_PAUSE, Camera, CameraLost, Frame, first_frame, is_black
from tests.kiosk.scanner.drawn import bars, scene

PATIENCE = 60.0  # seconds for what a quiet machine does at once
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
    async with asyncio.timeout(PATIENCE), Camera(source) as camera:
        frames = await take(camera, 7)
    assert [frame.image.shape for frame in frames] == [(480, 640, 3)] * 7
    assert read_image(frames[6].image) == [PEN]
    assert all(earlier.at < later.at for earlier, later in pairwise(frames))


async def test_black_frames_are_marked(tmp_path: Path) -> None:
    async with asyncio.timeout(PATIENCE), Camera(film(tmp_path / "a.avi", [BLACK])) as camera:
        assert (await anext(camera)).black
    async with asyncio.timeout(PATIENCE), Camera(film(tmp_path / "b.avi", [SHOWN])) as camera:
        assert not (await anext(camera)).black


def test_a_dark_room_is_not_a_covered_lens() -> None:
    dark = (SHOWN // 12).astype(np.uint8)
    assert not is_black(dark)
    assert is_black(np.zeros((480, 640, 3), np.uint8))


async def lost(source: int | Path) -> str:
    """Return what is said when ``source`` gives no picture; asking again says the same."""
    async with asyncio.timeout(PATIENCE), Camera(source) as camera:
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


@pytest.mark.skipif(not Path("/dev/null").is_char_device(), reason="no device files here")
async def test_a_device_that_is_no_camera_is_told() -> None:
    assert "Camera /dev/null does not answer. Check that it is plugged in" in await lost(Path("/dev/null"))


class Device:
    """A camera's driver: what each read gives, and how long it takes to say so."""

    def __init__(self, reads: Callable[[int], Picture | None], seconds: float = 0.01) -> None:
        self.reads = reads
        self.seconds = seconds
        self.asked = 0
        self.settings: dict[int, float] = {}
        self.released = threading.Event()

    def read(self) -> tuple[bool, Picture | None]:
        """Give the next picture, or that there is none."""
        threading.Event().wait(self.seconds)
        self.asked += 1
        picture = self.reads(self.asked)
        return picture is not None, picture

    def get(self, property_: int, /) -> float:
        """Know nothing."""
        return 0.0

    def set(self, property_: int, value: float, /) -> bool:
        """Keep it."""
        self.settings[property_] = value
        return True

    def release(self) -> None:
        """Note it."""
        self.released.set()


async def test_frames_nobody_had_time_for_are_gone() -> None:
    thirty = threading.Event()

    def numbered(number: int) -> Picture:
        if number == 32:  # thirty-one have been handed over
            thirty.set()
        return np.full((480, 640), min(number, 255), np.uint8)

    device = Device(numbered)
    async with asyncio.timeout(PATIENCE), Camera(0, opening=lambda source: device) as camera:
        first = await anext(camera)
        assert thirty.wait(PATIENCE)  # a screen that is busy for so many frames
        then = await anext(camera)
    assert then.at > first.at
    assert int(then.image[0, 0]) >= 31


async def seconds_until_lost(device: Device, after: int) -> float:
    """How long after ``after`` frames the loss was told."""
    async with asyncio.timeout(PATIENCE), Camera(0, opening=lambda source: device) as camera:
        last = [frame.at for frame in await take(camera, after)]
        with pytest.raises(CameraLost, match="Check its plug and cable"):
            await take(camera, 1000)
        return time.monotonic() - last[-1]


async def test_a_camera_is_asked_for_pictures_of_the_usual_size_and_given_back() -> None:
    device = Device(lambda number: SHOWN)
    async with asyncio.timeout(PATIENCE), Camera(0, opening=lambda source: device) as camera:
        assert read_image((await anext(camera)).image) == [PEN]
    assert device.settings[cv2.CAP_PROP_FRAME_WIDTH] == 1280
    assert device.released.is_set()


@pytest.mark.parametrize("slow", [0.01, 0.7])
async def test_a_camera_that_is_pulled_out_is_told_within_three_seconds(slow: float) -> None:
    """Some drivers fail at once when that happens, others wait for a picture each time."""
    device = Device(lambda number: SHOWN if number <= 3 else None)

    def pulled_out(number: int) -> Picture | None:
        device.seconds = 0.01 if number < 3 else slow
        return SHOWN if number <= 3 else None

    device.reads = pulled_out
    assert await seconds_until_lost(device, 1) > 1.0
    assert device.released.is_set()
    assert (device.asked - 3) * (
        slow + MISS_PAUSE
    ) <= 3.0  # a machine that stalls asks less often, never more


async def test_single_reads_that_fail_are_no_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MISSING_SECONDS", PATIENCE)
    device = Device(lambda number: SHOWN if number % 5 == 0 else None)
    async with asyncio.timeout(PATIENCE), Camera(0, opening=lambda source: device) as camera:
        assert len(await take(camera, 4)) == 4


async def test_a_camera_may_begin_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "FIRST_SECONDS", PATIENCE)
    assert 40 * MISS_PAUSE > sources.MISSING_SECONDS
    device = Device(lambda number: SHOWN if number > 40 else None)
    async with asyncio.timeout(PATIENCE), Camera(0, opening=lambda source: device) as camera:
        assert (await anext(camera)).image.shape == SHOWN.shape
    assert device.asked >= 41


@pytest.mark.parametrize("shape", [(480, 640), (480, 640, 3)])
async def test_grey_cameras_are_read_too(shape: tuple[int, ...]) -> None:
    picture = SHOWN if len(shape) == 3 else np.ascontiguousarray(SHOWN[:, :, 0])
    device = Device(lambda number: picture)
    async with asyncio.timeout(PATIENCE), Camera(0, opening=lambda source: device) as camera:
        frame = await anext(camera)
    assert frame.image.shape == shape
    assert read_image(frame.image) == [PEN]


async def test_a_first_look_says_whether_a_source_works(tmp_path: Path) -> None:
    assert first_frame(film(tmp_path / "a.avi", [SHOWN]), PATIENCE).image.shape == (480, 640, 3)
    with pytest.raises(CameraLost, match="Camera 99 does not answer"):
        first_frame(99)


async def test_a_film_that_vanishes_is_told(tmp_path: Path) -> None:
    source = film(tmp_path / "a.avi", [SHOWN])
    async with asyncio.timeout(PATIENCE), Camera(source) as camera:
        await anext(camera)
        source.unlink()
        with pytest.raises(CameraLost, match="There is no film"):
            await take(camera, 1000)


async def test_leaving_ends_the_thread_and_whoever_waits(tmp_path: Path) -> None:
    source = film(tmp_path / "a.avi", [SHOWN], fps=1)
    async with asyncio.timeout(PATIENCE):
        async with Camera(source) as camera:
            await anext(camera)
            waiting = asyncio.create_task(take(camera, 1000))
            await asyncio.sleep(0)
        with pytest.raises((StopAsyncIteration, RuntimeError)):
            await waiting
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("camera")]
