"""What every component needs to know: size, colours, language, and how to move. Values only, no authority."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import flet as ft

from kiosk.guard import Handler, safe
from kiosk.strings import LOCALES, RIGHT_TO_LEFT, clock, day, number, tr, tr_count, whole
from kiosk.theme import DARK, LIGHT, Palette, Size, style
from retail.money import Money
from sync.clock import now


@dataclass(frozen=True, slots=True)
class Ui:
    """Equal when nothing on the screen would look different, so that memo components can trust it.

    ``width`` and ``height`` are logical pixels. ``go`` opens a route. ``touched`` is told of every touch, and may say
    False: nobody touched anything. ``failed`` is told when a handler raised.
    """

    width: float
    height: float
    dark: bool
    language: str
    offline: bool
    go: Callable[[str], None]
    touched: Callable[[], bool | None]
    failed: Callable[[], None]

    @property
    def c(self) -> Palette:
        """The colours of the theme in use."""
        return DARK if self.dark else LIGHT

    @property
    def portrait(self) -> bool:
        """Higher than wide: what must be pressed lives in the bottom bar."""
        return self.height > self.width

    @property
    def tall(self) -> bool:
        """A standing kiosk: controls stay in the lower two thirds."""
        return self.portrait and self.height >= 1400

    @property
    def form(self) -> Literal["landscape", "portrait", "tall"]:
        """The layout, decided from the size alone, never from a device's name."""
        return "tall" if self.tall else "portrait" if self.portrait else "landscape"

    @property
    def gutter(self) -> int:
        """Space left and right of the content."""
        return 32 if self.width >= 800 else 20

    @property
    def reading(self) -> float:
        """Width of the content column."""
        return min(Size.READING, self.width - 2 * self.gutter)

    @property
    def rtl(self) -> bool:
        """Whether the language is written from right to left."""
        return self.language in RIGHT_TO_LEFT

    def t(self, text: str, **values: object) -> str:
        """``text`` in the customer's language; ``values`` fill its {placeholders}."""
        return tr(self.language, text, **values)

    def n(self, one: str, other: str, count: int, **values: object) -> str:
        """The form that ``count`` asks for: ``ui.n("{count} item", "{count} items", 3)``."""
        return tr_count(self.language, one, other, count, **values)

    def money(self, amount: Money) -> str:
        """``amount`` as people of the customer's language write it."""
        return amount.format(LOCALES[self.language])

    def whole(self, amount: Money) -> str:
        """A round ``amount`` without its cents: "€20"."""
        return whole(self.language, amount)

    def number(self, value: int) -> str:
        """A whole number as people of the customer's language write it: "12,000"."""
        return number(self.language, value)

    def day(self, moment: date | None) -> str:
        """A promise: "by Tue 24 Nov"; "" when the partner promises none."""
        return self.t("by {day}", day=day(self.language, moment)) if moment else ""

    def clock(self, moment: datetime) -> str:
        """A time of day on the store's clock: "09:42"."""
        return clock(self.language, moment)

    def moment(self, moment: datetime) -> str:
        """When an answer was given: "09:42", with its day in front when that is not today."""
        when, today = moment.astimezone(), now().astimezone()
        if when.date() == today.date():
            return clock(self.language, moment)
        return f"{day(self.language, when)}, {clock(self.language, moment)}"

    def on(self, handler: Handler | None) -> Callable[[], Awaitable[None]] | None:
        """``handler`` as every control takes it: fenced in, and counted as a touch. None stays None."""
        return safe(handler, before=self.touched, failed=self.failed) if handler else None

    def to(self, route: str) -> Handler:
        """A handler that opens ``route``."""
        return lambda: self.go(route)


def T(
    ui: Ui,
    text: str,
    role: str = "body",
    color: str | None = None,
    *,
    decoration: ft.TextDecoration | None = None,
    **more: Any,
) -> ft.Text:
    """The only way to put words on the screen: role, colour and fallback fonts in one place.

    ``text`` is shown as it is; sentences of ours go through ``ui.t`` first, other people's words never do.
    """
    return ft.Text(text, style=style(role, color or ui.c.ink, decoration), **more)
