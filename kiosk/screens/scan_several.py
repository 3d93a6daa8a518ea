"""Several tags before the camera: a number on each, and which one is meant when the others have gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import flet as ft

from kiosk.components.touch import Named
from kiosk.guard import component
from kiosk.scanner.live import Look
from kiosk.scanner.reading import Corners, Reading
from kiosk.theme import Glass, Radius
from kiosk.ui import T, Ui

LOST_SECONDS = 0.7  # a tag that was not read for so long has no place any more
ALONE_SECONDS = 2.0  # and so long after all others went the one that is left is meant
EDGE, MARGIN, BADGE = 4, 10, 40  # pixels of the frame around a tag, and of its number


@dataclass(eq=False)
class Several(ft.Observable):
    """The tags of one asking. ``places`` are where they are on a picture of ``size``, None for those out of view.

    ``mirrored`` when the picture is shown the other way round.
    """

    places: tuple[Corners | None, ...] = ()
    size: tuple[int, int] = (1280, 720)
    mirrored: bool = False
    _held: tuple[Reading, ...] = ()
    _seen: tuple[float, ...] = ()

    def begin(self, held: Sequence[Reading], at: float) -> None:
        """Follow these, as they were read at ``at``."""
        self._held, self._seen = tuple(held), (at,) * len(held)
        self.places = tuple(each.corners for each in held)

    def look(self, look: Look) -> Reading | None:
        """Take in the next look; the reading of the only tag that stayed, once."""
        if not self._held:
            return None
        at = look.frame.at
        now = {each.text: each for each in look.readings}
        self._seen = tuple(
            at if each.text in now else seen for each, seen in zip(self._held, self._seen, strict=True)
        )
        places = tuple(
            now[each.text].corners if each.text in now else place if at - seen < LOST_SECONDS else None
            for each, place, seen in zip(self._held, self.places, self._seen, strict=True)
        )
        height, width = look.frame.image.shape[:2]
        self.size, self.places, self.mirrored = (width, height), places, look.frame.mirrored
        here = [each for each, place in zip(self._held, places, strict=True) if place is not None]
        gone = [seen for seen, place in zip(self._seen, places, strict=True) if place is None]
        if len(here) == 1 and gone and all(at - seen >= ALONE_SECONDS for seen in gone):
            self.clear()
            return here[0]
        return None

    def clear(self) -> None:
        """Nothing is asked any more."""
        self._held, self._seen, self.places = (), (), ()


def in_reading_order(held: Sequence[Reading]) -> list[Reading]:
    """``held`` from left to right, or from top to bottom where they lie more below each other than beside."""
    middles = {each: _middle(each.corners) for each in held}
    spread = [max(way) - min(way) for way in zip(*middles.values(), strict=True)]
    return sorted(held, key=lambda each: middles[each][0 if spread[0] > spread[1] else 1])


def _middle(place: Corners) -> tuple[float, float]:
    return sum(x for x, _ in place) / len(place), sum(y for _, y in place) / len(place)


@component
def Marks(ui: Ui, several: Several, width: float, height: float) -> ft.Control:
    """A frame with its number around every tag, over a picture that covers ``width`` x ``height``."""
    frames: list[ft.Control] = []
    for number, place in enumerate(several.places, 1):
        if place is not None:
            frames += _mark(ui, number, on_view(place, several.size, width, height), width)
    return Named("marks", ft.Stack(frames, expand=True))


def on_view(
    place: Corners, size: tuple[int, int], width: float, height: float, *, mirrored: bool = False
) -> tuple[float, float, float, float]:
    """Left, top, width and height of ``place`` where a picture of ``size`` covers a view from its middle."""
    scale = max(width / size[0], height / size[1])
    left, top = (width - size[0] * scale) / 2, (height - size[1] * scale) / 2
    xs, ys = [size[0] - x if mirrored else x for x, _ in place], [y for _, y in place]
    return (
        left + min(xs) * scale,
        top + min(ys) * scale,
        (max(xs) - min(xs)) * scale,
        (max(ys) - min(ys)) * scale,
    )


def _mark(ui: Ui, number: int, box: tuple[float, float, float, float], widest: float) -> list[ft.Control]:
    left, top, width, height = box
    # A picture that is wider than the view is cut at both sides; the number of a tag out there stays at the edge.
    corner = min(max(left - MARGIN - BADGE / 2, MARGIN), widest - BADGE - MARGIN)
    frame = ft.Container(
        left=left - MARGIN,
        top=top - MARGIN,
        width=width + 2 * MARGIN,
        height=height + 2 * MARGIN,
        border=ft.Border.all(EDGE, Glass.FOUND),
        border_radius=Radius.CONTROL,
    )
    badge = ft.Container(
        Number(ui, number),
        left=corner,
        top=max(top - MARGIN - BADGE / 2, MARGIN),
        key=f"mark-{number}",
    )
    return [frame, badge]


def Number(ui: Ui, number: int) -> ft.Control:
    """The number of a tag, the same on the picture and in the list."""
    return ft.Container(
        T(ui, str(number), "heading", Glass.INK),
        width=BADGE,
        height=BADGE,
        border_radius=BADGE / 2,
        bgcolor=Glass.FOUND,
        alignment=ft.Alignment.CENTER,
    )
