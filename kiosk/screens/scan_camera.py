"""The camera on the scan screen: what it sees, and in words when it sees nothing.

off --shown--> opening --picture--> watching <--> dark (a covered lens)
                  |                    |
                  |                    '--2.5 s without a picture--> silent (back when pictures come)
                  '---no such camera, or pulled out---> lost (tried again by itself, back when pictures come)
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

import flet as ft
import flet_camera  # type: ignore[import-untyped]

from kiosk.components.touch import Named
from kiosk.scanner.accept import QUIET_SECONDS, Acceptance, Known
from kiosk.scanner.browser import BrowserCamera
from kiosk.scanner.formats import encode_preview
from kiosk.scanner.live import Look, Proposer, looks
from kiosk.scanner.reading import Picture, Reading
from kiosk.scanner.sources import Camera, CameraLost, Frame
from kiosk.theme import Glass, Radius, Size, Space
from kiosk.ui import T, Ui

SILENT_SECONDS = 2.5  # without a picture before it is said
RETRY_SECONDS = 1.5  # between tries to open a camera that was lost
PICTURE_SECONDS = (
    1 / 15
)  # between pictures shown: smooth enough to aim, and the window's machine has other work
DARK_SECONDS = 1.0  # of black pictures before it is said; a passing hand is none

EyePhase = Literal["off", "opening", "watching", "dark", "silent", "lost"]
Source: TypeAlias = int | Path | Literal["browser"]
"""A camera's number, a device or film file, or the camera of the window itself."""


def source_of(camera: str) -> Source | None:
    """What the device's setting names: a camera's number, a device or film file, "browser", or None."""
    named = camera.strip()
    if not named:
        return None
    if named == "browser":
        return "browser"
    return int(named) if named.isdecimal() else Path(named)


def glass_of(source: Source | None) -> ft.LayoutControl:
    """The control on which ``source`` is seen: the browser shows its own camera, others are painted by us.

    It is kept from one drawing to the next, so it must lie directly in a stack: in a container drawn anew around it
    Flet would lose the way from it to its page, and with it every question that we ask the browser's camera.
    """
    place: dict[str, Any] = {"left": 0, "top": 0, "right": 0, "bottom": 0, "key": "camera-picture"}
    if source == "browser":
        return cast("ft.LayoutControl", flet_camera.Camera(**place))
    return ft.RawImage(fit=ft.BoxFit.COVER, **place)


def kept(body: ft.Control, screen: ft.Control, *, aiming: bool) -> ft.Control:
    """``body`` in place of the picture, with a browser's camera out of sight: what is on no page cannot come back."""
    if not aiming or isinstance(screen, ft.RawImage):
        return body
    hidden = ft.Stack([screen], left=0, top=0, width=1, height=1)
    return ft.Stack([hidden, ft.Container(body, left=0, top=0, right=0, bottom=0)], expand=True)


@dataclass(eq=False)
class Eye(ft.Observable):
    """The camera while the screen shows it. ``seen``: it has given a picture at least once; ``tries`` restarts it."""

    phase: EyePhase = "off"
    seen: bool = False
    tries: int = 0
    _newest: Picture | None = None

    def again(self) -> None:
        """Try the camera once more, now."""
        self.phase, self.seen = "opening", False
        self.tries += 1

    async def watch(
        self,
        source: Source,
        screen: ft.Control,
        on_read: Callable[[Sequence[Reading], float], bool],
        on_look: Callable[[Look], None] = lambda look: None,
        known: Known | None = None,
        proposer: Proposer | None = None,
    ) -> None:
        """Show what ``source`` sees on ``screen`` and hand on the codes that count, until cancelled.

        ``on_read`` gets those that are in view together (different products: ask which) with the monotonic second
        they were seen, and again with every picture they are still on for as long as it answers False. ``on_look``
        gets every look before that. ``screen`` is what ``glass_of(source)`` made. A camera that is lost is tried
        again until it gives pictures; it is open only while this runs.
        """
        self.phase, self._newest = "opening", None
        fresh = asyncio.Event()
        painting = (
            asyncio.create_task(self._paint(screen, fresh)) if isinstance(screen, ft.RawImage) else None
        )
        offers = _Offers(on_read)

        def take(look: Look) -> None:
            self._newest = look.frame.image
            fresh.set()
            on_look(look)
            offers.take(look)

        try:
            while True:
                with suppress(CameraLost):
                    await self._see(_camera(source, screen), take, Acceptance(known), proposer)
                self._become("lost")
                await asyncio.sleep(RETRY_SECONDS)
        finally:
            if painting is not None:
                painting.cancel()

    async def _see(
        self,
        opening: AbstractAsyncContextManager[AsyncIterator[Frame]],
        take: Callable[[Look], None],
        acceptance: Acceptance,
        proposer: Proposer | None,
    ) -> None:
        loop = asyncio.get_running_loop()
        alarm = loop.call_later(SILENT_SECONDS, self._become, "silent")
        dark_since: float | None = None
        try:
            async with opening as camera, aclosing(looks(camera, acceptance, proposer)) as seeing:
                async for look in seeing:
                    alarm.cancel()
                    alarm = loop.call_later(SILENT_SECONDS, self._become, "silent")
                    at = look.frame.at
                    dark_since = (at if dark_since is None else dark_since) if look.frame.black else None
                    self.seen = True
                    dark = dark_since is not None and at - dark_since >= DARK_SECONDS
                    self._become("dark" if dark else "watching")
                    take(look)
        finally:
            alarm.cancel()

    def _become(self, phase: EyePhase) -> None:
        if self.phase != phase:
            self.phase = phase

    async def _paint(self, screen: ft.RawImage, fresh: asyncio.Event) -> None:
        """Give the window the newest picture when it has shown the last one; those in between are dropped."""
        while True:
            await asyncio.sleep(PICTURE_SECONDS)
            await fresh.wait()
            fresh.clear()
            if self._newest is not None:
                with suppress(TimeoutError):  # the window is hidden, or has just gone
                    await screen.render_encoded(encode_preview(self._newest))


class _Offers:
    """What was accepted and not yet taken: offered again with every picture that it is still on."""

    def __init__(self, on_read: Callable[[Sequence[Reading], float], bool]) -> None:
        self._on_read = on_read
        self._refused: list[Reading] = []
        self._seen: dict[str, float] = {}

    def take(self, look: Look) -> None:
        """Offer what counts on ``look``, and what was refused before and is on it, too."""
        at, in_view = look.frame.at, {reading.text for reading in look.readings}
        self._seen |= dict.fromkeys(in_view, at)
        tried = [*(held for held in self._refused if held.text in in_view), *look.accepted]
        self._refused = [
            held
            for held in self._refused
            if held.text not in in_view and at - self._seen.get(held.text, at) < QUIET_SECONDS
        ]
        if tried and not self._on_read(tried, at):
            self._refused += tried
        self._seen = {text: last for text, last in self._seen.items() if at - last < QUIET_SECONDS}


def _camera(source: Source, screen: ft.Control) -> AbstractAsyncContextManager[AsyncIterator[Frame]]:
    if source != "browser":
        return Camera(source)
    if not isinstance(screen, flet_camera.Camera):
        raise TypeError("the browser's camera is shown on its own control: see glass_of")
    return BrowserCamera(screen, flet_camera.ResolutionPreset.HIGH)


def Viewfinder(
    ui: Ui,
    screen: ft.Control,
    height: float,
    phase: EyePhase,
    *,
    found: bool,
    hint: tuple[ft.IconData, str] | None = None,
    aim: bool = True,
) -> ft.Control:
    """The picture, darkened around the place where the tag is held; ``hint``, or what is usual, above it.

    Without ``aim`` all of it counts, and nothing is darkened.
    """
    width = ui.width
    if ui.portrait:
        wide, high = width * 0.86, min(420.0, height * 0.4)
    else:
        wide, high = min(620.0, width * 0.62), min(380.0, height * 0.46)
    left, top = (width - wide) / 2, (height - high) / (2.1 if ui.portrait else 2.4)
    shade = [
        ft.Container(left=0, top=0, right=0, height=top, bgcolor=Glass.SHADE),
        ft.Container(left=0, top=top + high, right=0, bottom=0, bgcolor=Glass.SHADE),
        ft.Container(left=0, top=top, width=left, height=high, bgcolor=Glass.SHADE),
        ft.Container(left=left + wide, top=top, right=0, height=high, bgcolor=Glass.SHADE),
    ]
    if found:
        frame: ft.Control = ft.Container(
            left=left, top=top, width=wide, height=high, border=ft.Border.all(6, Glass.FOUND)
        )
        icon, words = ft.Icons.CHECK_CIRCLE, ui.t("Got it")
    else:
        frame = ft.Stack(
            [
                _corner(left=0, top=0),
                _corner(right=0, top=0),
                _corner(left=0, bottom=0),
                _corner(right=0, bottom=0),
                ft.Container(
                    left=18, right=18, top=high / 2 - 2, height=4, border_radius=2, bgcolor=Glass.BEAM
                ),
            ],
            left=left,
            top=top,
            width=wide,
            height=high,
        )
        icon, words = hint or _hint(ui, phase)
    pill = ft.Row([_pill(ui, icon, words)], alignment=ft.MainAxisAlignment.CENTER)
    return ft.Stack(
        [
            ft.Container(bgcolor=Glass.GROUND, left=0, right=0, top=0, bottom=0),
            screen,
            *([*shade, frame] if aim else []),
            ft.Container(
                Named(f"camera-{phase}", pill, live=True, container=True),
                left=ui.gutter,
                right=ui.gutter,
                top=max(top - 84, 20),
            ),
        ],
        expand=True,
    )


def _hint(ui: Ui, phase: EyePhase) -> tuple[ft.IconData, str]:
    if phase == "dark":
        return ft.Icons.VISIBILITY_OFF_OUTLINED, ui.t("The picture is dark. Is the lens covered?")
    if phase == "watching":
        return ft.Icons.CENTER_FOCUS_STRONG, ui.t("Hold the tag's barcode inside the frame")
    return ft.Icons.PHOTO_CAMERA_OUTLINED, ui.t("Starting the camera")


def _corner(
    left: int | None = None, right: int | None = None, top: int | None = None, bottom: int | None = None
) -> ft.Control:
    side, none = ft.BorderSide(6, Glass.PAPER), ft.BorderSide(0, ft.Colors.TRANSPARENT)
    return ft.Container(
        width=58,
        height=58,
        left=left,
        right=right,
        top=top,
        bottom=bottom,
        border=ft.Border(
            left=none if left is None else side,
            right=none if right is None else side,
            top=none if top is None else side,
            bottom=none if bottom is None else side,
        ),
    )


def _pill(ui: Ui, icon: ft.IconData, text: str) -> ft.Control:
    return ft.Container(
        ft.Row(
            [ft.Icon(icon, color=Glass.PAPER, size=Size.ICON), T(ui, text, "strong", Glass.PAPER)],
            spacing=Space.S,
            tight=True,
        ),
        bgcolor=Glass.PILL,
        border_radius=Radius.SHEET,
        padding=ft.Padding.symmetric(horizontal=Space.L, vertical=14),
    )
