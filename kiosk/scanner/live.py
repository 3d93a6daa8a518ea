"""A camera's frames turned into accepted codes, without ever holding up the screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from kiosk.scanner.accept import Acceptance
from kiosk.scanner.read import read_codes
from kiosk.scanner.reading import Reading
from kiosk.scanner.sources import Camera, Frame


@dataclass(frozen=True, slots=True)
class Look:
    """One frame with the codes on it. ``accepted`` are those that count now: give each to the router once."""

    frame: Frame
    readings: tuple[Reading, ...]
    accepted: tuple[Reading, ...]


async def looks(camera: Camera, acceptance: Acceptance | None = None) -> AsyncGenerator[Look, None]:
    """Yield a look at each frame that there is time for; reading is done in a thread.

    Ends when the camera's block is left. A black frame is not searched for codes.

    Raises:
        CameraLost: the camera gives no pictures (any more).
    """
    decides = acceptance or Acceptance()
    async for frame in camera:
        readings = [] if frame.black else await asyncio.to_thread(read_codes, frame.image)
        yield Look(frame, tuple(readings), tuple(decides.offer(readings, frame.at)))
