"""Frames from the window's own camera: a lens that answers, is slow, refuses, or sends anything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pytest
from flet_camera import CameraLensDirection  # type: ignore[import-untyped]

from kiosk.scanner import read_image
from kiosk.scanner.browser import BrowserCamera
from kiosk.scanner.formats import encode_preview
from kiosk.scanner.sources import CameraLost
from tests.kiosk.scanner.drawn import bars, scene

PEN = "4006381333931"
SHOWN = encode_preview(scene((bars(PEN), 100, 120)), quality=90)
BLACK = cv2.imencode(".jpg", np.zeros((480, 640, 3), np.uint8))[1].tobytes()


@dataclass
class Side:
    """One camera of a machine."""

    name: str
    lens_direction: CameraLensDirection


FRONT, BACK = Side("front", CameraLensDirection.FRONT), Side("back", CameraLensDirection.BACK)


class FakeLens:
    """A camera control: ``take`` says what each picture is; it may raise or never answer."""

    def __init__(self, take: Callable[[int], object] = lambda number: SHOWN, *cameras: Side) -> None:
        self.take = take
        self.cameras = cameras or (FRONT, BACK)
        self.drawn_at = 0  # before so many questions there is no control on the page
        self.questions = 0
        self.begun: list[tuple[str, object, bool]] = []
        self.taken = 0

    @property
    def page(self) -> object:
        """The page, once the control is drawn on it."""
        self.questions += 1
        if self.questions <= self.drawn_at:
            raise RuntimeError("Control must be added to the page first")
        return self

    async def get_available_cameras(self) -> tuple[Side, ...]:
        """Name them."""
        assert self.page is self
        return self.cameras

    async def initialize(self, description: Any, resolution_preset: Any, enable_audio: bool = True) -> None:
        """Write down which camera is wanted."""
        self.begun.append((description.name, resolution_preset, enable_audio))

    async def take_picture(self) -> Any:
        """Take the next one."""
        self.taken += 1
        given = self.take(self.taken)
        if isinstance(given, Exception):
            raise given
        if given is asyncio.Event:
            await asyncio.Event().wait()
        return given


async def lost(lens: FakeLens) -> str:
    """What is said when ``lens`` gives no frame."""
    opened = BrowserCamera(lens, "high", drawn_seconds=0.3, still_seconds=0.3)
    async with asyncio.timeout(60), opened as camera:
        with pytest.raises(CameraLost) as told:
            await anext(camera)
    return str(told.value)


async def test_its_pictures_are_frames_and_the_camera_at_the_back_is_taken() -> None:
    lens = FakeLens()
    async with asyncio.timeout(60), BrowserCamera(lens, "high") as camera:
        frames = [await anext(camera) for _ in range(3)]
    assert [read_image(frame.image) for frame in frames] == [[PEN]] * 3
    assert not any(frame.black or frame.mirrored for frame in frames)
    assert frames[0].at < frames[1].at < frames[2].at
    assert lens.begun == [("back", "high", False)]


async def test_with_one_camera_that_one_is_taken() -> None:
    lens = FakeLens(lambda number: SHOWN, FRONT)
    async with asyncio.timeout(60), BrowserCamera(lens, "high") as camera:
        frame = await anext(camera)
    assert [name for name, _, _ in lens.begun] == ["front"]
    assert frame.mirrored  # as people see themselves


async def test_black_pictures_are_marked() -> None:
    async with asyncio.timeout(60), BrowserCamera(FakeLens(lambda number: BLACK), "high") as camera:
        assert (await anext(camera)).black


async def test_it_waits_until_the_window_has_drawn_the_control() -> None:
    lens = FakeLens()
    lens.drawn_at = 3
    async with asyncio.timeout(60), BrowserCamera(lens, "high", drawn_seconds=60) as camera:
        assert read_image((await anext(camera)).image) == [PEN]
    assert lens.begun


async def test_a_control_that_is_never_drawn_is_a_lost_camera() -> None:
    lens = FakeLens()
    lens.drawn_at = 1000
    assert "This window cannot use its camera" in await lost(lens)


async def test_a_refused_missing_or_pulled_out_camera_is_told() -> None:
    assert "cannot use its camera. Check that it is plugged in, free and allowed" in await lost(
        FakeLens(lambda number: RuntimeError("CameraException(...)"))
    )
    none = FakeLens()
    none.cameras = ()
    assert "has no camera" in await lost(none)


async def test_a_camera_that_hangs_is_told() -> None:
    assert "does not answer" in await lost(FakeLens(lambda number: asyncio.Event))


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"not a picture",
        SHOWN[: len(SHOWN) // 2],
        SHOWN + bytes(8_000_000),
        "text",
        None,
        {"a": 1},
        b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\x0dIHDR\x00\x01\x00\x00\x00\x01\x00\x00\x08\x06\x00\x00\x00",
    ],
    ids=["empty", "no picture", "cut off", "too large", "text", "nothing", "an object", "a bomb"],
)
async def test_whatever_a_window_sends_does_no_harm(sent: object) -> None:
    lens = FakeLens(lambda number: sent)
    assert "no picture that can be read" in await lost(lens)
    assert lens.taken == 5


async def test_a_single_bad_picture_is_passed_over() -> None:
    lens = FakeLens(lambda number: b"" if number == 1 else SHOWN)
    async with asyncio.timeout(60), BrowserCamera(lens, "high") as camera:
        assert read_image((await anext(camera)).image) == [PEN]
    assert lens.taken == 2


async def test_leaving_ends_the_iteration() -> None:
    async with BrowserCamera(FakeLens(), "high") as camera:
        await anext(camera)
    with pytest.raises(StopAsyncIteration):
        await anext(camera)
