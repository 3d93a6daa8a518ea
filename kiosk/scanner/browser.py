"""Frames from the camera of the window itself, for tablets and machines whose camera only the browser may use.

The browser shows what it sees on its own; we ask it for one still picture after another and read those. What it
sends is judged like any other picture file: a window can be made to send anything.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Any, Protocol

from kiosk.scanner.formats import UnreadableImage, decode_image
from kiosk.scanner.sources import CameraLost, Frame, is_black

OPEN_SECONDS = 20.0  # the browser may first ask whether the camera may be used
DRAWN_SECONDS = 2.0  # until the window has drawn what the camera is seen on; before, it can be asked nothing
AGAIN_SECONDS = 0.1
STILL_SECONDS = 2.5  # for one picture; usual are 30 ms
MOST_BYTES = 8_000_000  # of one picture
MISSES = 5  # unreadable pictures in a row before the camera counts as lost
FACING = ("back", "external")  # which camera to take, when there are several; else the first


class Lens(Protocol):
    """What Flet's camera control does for us. Its ``page`` raises RuntimeError as long as it is on none."""

    @property
    def page(self) -> object: ...
    async def get_available_cameras(self) -> Sequence[Any]: ...
    async def initialize(
        self, description: Any, resolution_preset: Any, enable_audio: bool = True
    ) -> None: ...
    async def take_picture(self) -> bytes: ...


class BrowserCamera:
    """Frames of the camera that ``lens`` shows in its window, with the same face as ``sources.Camera``.

        async with BrowserCamera(control, ResolutionPreset.HIGH) as camera:
            async for frame in camera:
                ...

    ``resolution`` is one of the control's own presets. The control stays whose it was; one BrowserCamera is used
    once. ``drawn_seconds`` is how long the window may take to draw the control, ``still_seconds`` to take one picture.
    """

    def __init__(
        self,
        lens: Lens,
        resolution: Any,
        *,
        drawn_seconds: float = DRAWN_SECONDS,
        still_seconds: float = STILL_SECONDS,
    ) -> None:
        self._lens = lens
        self._resolution = resolution
        self._drawn_seconds = drawn_seconds
        self._still_seconds = still_seconds
        self._open = False
        self._mirrored = False
        self._left = False

    async def __aenter__(self) -> BrowserCamera:
        """Nothing is asked of the browser before the first frame."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the iteration."""
        self._left = True

    def __aiter__(self) -> AsyncIterator[Frame]:
        """Iterate over frames until the camera is lost or the block is left."""
        return self

    async def __anext__(self) -> Frame:
        """Ask for the next picture.

        Raises:
            CameraLost: the window has no camera, may not use it, or it gives no pictures (any more).
        """
        for _ in range(MISSES):
            if self._left:
                raise StopAsyncIteration
            data = await self._still()
            if not isinstance(data, bytes) or not 0 < len(data) <= MOST_BYTES:
                continue
            at = time.monotonic()
            try:
                image = await asyncio.to_thread(decode_image, data, "the camera's picture")
            except UnreadableImage:
                continue
            return Frame(image, at, is_black(image), mirrored=self._mirrored)
        raise CameraLost("The camera of this window gives no picture that can be read. Try another camera.")

    async def _still(self) -> object:
        try:
            if not self._open:
                async with asyncio.timeout(OPEN_SECONDS):
                    await self._begin(time.monotonic() + self._drawn_seconds)
                self._open = True
            async with asyncio.timeout(self._still_seconds):
                return await self._lens.take_picture()
        except TimeoutError as error:
            raise CameraLost(
                "The camera of this window does not answer. Allow this page to use it, then try again."
            ) from error
        except RuntimeError as error:  # what the browser said, in words for programmers
            raise CameraLost(
                "This window cannot use its camera. Check that it is plugged in, free and allowed, then try again."
            ) from error

    async def _begin(self, drawn: float) -> None:
        while not self._on_page() and time.monotonic() < drawn:  # noqa: ASYNC110 - Flet says to nobody when it is
            await asyncio.sleep(AGAIN_SECONDS)
        cameras = await self._lens.get_available_cameras()
        if not cameras:
            raise CameraLost("This window has no camera. Plug one in, or type the digits.")
        facing = {_facing(camera): camera for camera in reversed(cameras)}
        chosen = next((facing[side] for side in FACING if side in facing), cameras[0])
        self._mirrored = _facing(chosen) != "back"
        await self._lens.initialize(chosen, self._resolution, enable_audio=False)

    def _on_page(self) -> bool:
        try:
            return self._lens.page is not None
        except RuntimeError:
            return False


def _facing(camera: Any) -> str:
    return str(getattr(camera.lens_direction, "value", ""))
