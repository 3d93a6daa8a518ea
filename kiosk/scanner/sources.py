"""Frames from a camera, or from a film file that stands in for one and starts over at its end.

A thread of its own waits for the device, so neither the screen nor the decoder ever does; whoever asks gets the
newest frame, and those that nobody had time for are gone.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Protocol, cast

import cv2
import numpy as np

from kiosk.scanner.formats import silence
from kiosk.scanner.reading import Picture

MISSING_SECONDS = 1.5  # without a picture, each read failing, before a camera that gave some counts as lost
FIRST_SECONDS = 6.0  # the same before the first picture: some cameras take their time to begin
MISS_PAUSE = 0.05  # seconds after a read that failed at once
BLACK_MEAN, BLACK_SPREAD = 16.0, 6.0  # of 255; a covered lens or a closed shutter stays below both
JOIN_SECONDS = 3.0  # a device that was pulled out can keep its last read waiting; closing does not


class CameraLost(Exception):
    """The camera or film gives no pictures (any more); the text says what to do. Make a new Camera to try again."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture and when it was taken, in monotonic seconds. ``black`` when nothing can be seen on it.

    ``mirrored`` when people see it the other way round, as a browser shows a camera that faces them.
    """

    image: Picture
    at: float
    black: bool
    mirrored: bool = False


class Capture(Protocol):
    """An open device or film, as OpenCV's VideoCapture is one."""

    def read(self) -> tuple[bool, object]: ...
    def get(self, property_: int, /) -> float: ...
    def set(self, property_: int, value: float, /) -> bool: ...
    def release(self) -> None: ...


class Camera:
    """Frames of the device with that number, or of that film file; always the newest one.

        async with Camera(0) as camera:
            async for frame in camera:
                ...

    Leaving the block stops the thread and frees the device. One Camera is used once.
    """

    def __init__(
        self,
        source: int | Path,
        *,
        width: int = 1280,
        height: int = 720,
        opening: Callable[[int | Path], Capture] | None = None,
    ) -> None:
        """Nothing is opened yet. ``opening`` stands in for OpenCV's way to open a source."""
        self.source = source
        self._opening = opening or _open
        self._size = (width, height)
        self._stop = Event()
        self._fresh = asyncio.Event()
        self._newest: Frame | CameraLost | None = None
        self._given: Frame | None = None
        self._thread: Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __aenter__(self) -> Camera:
        """Start reading; the device is opened in the thread, so a missing one is told by the first frame."""
        self._loop = asyncio.get_running_loop()
        self._thread = Thread(target=self._run, name=f"camera {self.source}", daemon=True)
        self._thread.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop reading, free the device and end every iteration; a device that hangs is left after 3 seconds."""
        self._stop.set()
        self._fresh.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, JOIN_SECONDS)

    def __aiter__(self) -> AsyncIterator[Frame]:
        """Iterate over frames until the camera is lost or the block is left."""
        return self

    async def __anext__(self) -> Frame:
        """Wait for a frame newer than the last one.

        Raises:
            CameraLost: there is no picture to be had from this source.
        """
        while not self._stop.is_set():
            news = self._newest
            if isinstance(news, CameraLost):
                raise news
            if news is not None and news is not self._given:
                self._given = news
                return news
            self._fresh.clear()
            await self._fresh.wait()
        raise StopAsyncIteration

    def _run(self) -> None:
        try:
            if isinstance(self.source, Path) and not self.source.is_char_device():
                self._play(self.source)
            else:
                self._watch(self.source)
        except CameraLost as lost:
            self._hand_over(lost)

    def _watch(self, device: int | Path) -> None:
        capture = self._opening(device)
        try:
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, self._size[0])
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, self._size[1])
            capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
            patient_until = time.monotonic() + FIRST_SECONDS
            while not self._stop.is_set():
                there, image = capture.read()
                if there:
                    patient_until = time.monotonic() + MISSING_SECONDS
                    self._hand_over(_frame(image))
                elif time.monotonic() >= patient_until:
                    raise CameraLost("The camera gives no picture. Check its plug and cable, then try again.")
                else:
                    self._stop.wait(MISS_PAUSE)
        finally:
            capture.release()

    def _play(self, film: Path) -> None:
        while not self._stop.is_set():
            shown = 0
            capture = self._opening(film)
            try:
                pause = 1 / min(max(capture.get(cv2.CAP_PROP_FPS) or 30.0, 1.0), 120.0)
                due = time.monotonic()
                while not self._stop.wait(max(0.0, due - time.monotonic())):
                    there, image = capture.read()
                    if not there:
                        break
                    self._hand_over(_frame(image))
                    shown += 1
                    due += pause
            finally:
                capture.release()
            if shown == 0 and not self._stop.is_set():
                raise CameraLost(f"The film {film.name} has no pictures. Give another file.")

    def _hand_over(self, news: Frame | CameraLost) -> None:
        self._newest = news  # before the wake-up, so that a loop that was busy finds only the newest
        if self._loop is not None and not self._stop.is_set():
            with suppress(RuntimeError):  # the loop was closed without leaving the block
                self._loop.call_soon_threadsafe(self._fresh.set)


def first_frame(source: int | Path, seconds: float = 3.0) -> Frame:
    """Open ``source``, wait for one picture and close it again; for a look at whether it works at all.

    Raises:
        CameraLost: it gives none, or none within ``seconds``.
    """

    async def one() -> Frame:
        async with Camera(source) as camera:
            try:
                async with asyncio.timeout(seconds):
                    return await anext(camera)
            except TimeoutError:
                raise CameraLost(
                    f"Camera {source} opens but gives no picture. Close other programs that use it."
                ) from None

    with ThreadPoolExecutor(1) as threads:  # whoever asks may be in an event loop already
        return threads.submit(asyncio.run, one()).result()


def _frame(image: object) -> Frame:
    picture = np.asarray(image, np.uint8)
    return Frame(picture, time.monotonic(), is_black(picture))


def is_black(image: Picture) -> bool:
    """Whether nothing can be seen on ``image``, as with a covered lens; looks at every eighth pixel."""
    few = image[::8, ::8]
    return bool(few.mean() < BLACK_MEAN and few.std() < BLACK_SPREAD)


def _open(source: int | Path) -> Capture:
    silence()
    # A device that was pulled out, or never sends anything, is waited for this long by each read; OpenCV's own is 10.
    os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "1")
    if isinstance(source, Path) and not source.exists():
        raise CameraLost(f"There is no film {source}. Check its name.")
    capture = cv2.VideoCapture(source if isinstance(source, int) else str(source))
    if capture.isOpened():
        return cast("Capture", capture)
    if isinstance(source, Path) and not source.is_char_device():
        raise CameraLost(f"The film {source.name} cannot be played. Give another file.")
    raise CameraLost(
        f"Camera {source} does not answer. Check that it is plugged in and free, then try again."
    )
