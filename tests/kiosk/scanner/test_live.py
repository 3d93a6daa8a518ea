"""From a film to accepted codes."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from kiosk.scanner.live import Look, looks
from kiosk.scanner.sources import Camera, CameraLost
from tests.kiosk.scanner.drawn import bars, scene
from tests.kiosk.scanner.test_sources import BLACK, film

PEN = "4006381333931"


async def first(source: Path, count: int) -> list[Look]:
    """Return ``count`` looks at ``source``."""
    found: list[Look] = []
    async with asyncio.timeout(30), Camera(source) as camera, aclosing(looks(camera)) as seen:
        async for look in seen:
            found.append(look)
            if len(found) == count:
                break
    return found


async def test_a_code_held_before_the_camera_is_accepted_once_on_its_second_frame(tmp_path: Path) -> None:
    shown = film(tmp_path / "a.avi", [scene((bars(PEN), 100, 120))], fps=30)
    found = await first(shown, 10)
    assert [[made.text for made in look.readings] for look in found] == [[PEN]] * 10
    assert [[made.text for made in look.accepted] for look in found] == [[], [PEN], *[[]] * 8]


async def test_nothing_is_searched_on_black_frames(tmp_path: Path) -> None:
    found = await first(film(tmp_path / "a.avi", [BLACK], fps=30), 3)
    assert [(look.frame.black, look.readings, look.accepted) for look in found] == [(True, (), ())] * 3


async def test_a_lost_camera_is_told(tmp_path: Path) -> None:
    with pytest.raises(CameraLost):
        await first(tmp_path / "none.avi", 1)
