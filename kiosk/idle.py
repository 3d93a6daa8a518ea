"""When nobody touches the screen: warn after 90 seconds, then 30 seconds to say "still here", then wipe.

active --patience--> warned --30 s--> over (the session is wiped, then active again)
  ^-------touch--------'
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import flet as ft

PATIENCE, NOTICE = 90.0, 30


@dataclass(eq=False)
class Idle(ft.Observable):
    """Counts from the last touch. Times are seconds of a monotonic clock, given by the caller.

    ``patience`` may be raised while something outside the screen is awaited, such as a payment on the phone.
    ``drawn`` says that the warning lies over the screen; a screen that shows the count itself does without.
    """

    phase: Literal["active", "warned", "over"] = "active"
    left: int = NOTICE
    patience: float = PATIENCE
    notice: int = NOTICE
    drawn: bool = True
    _touched: bool = True
    _since: float = 0.0

    def touch(self) -> None:
        """Somebody is here; cheap enough for every key and tap."""
        self._touched = True
        if self.phase != "active":
            self.phase = "active"
            self.left = self.notice

    def fresh(self) -> None:
        """As for the next customer."""
        self.patience, self.notice, self.drawn = PATIENCE, NOTICE, True
        self.left = NOTICE
        self.touch()

    def count_down(self, seconds: int) -> None:
        """Count down from ``seconds`` at once, without a warning: on a screen where nothing is left to do."""
        self.patience, self.notice, self.drawn = 0.0, seconds, False
        self.left = seconds
        self.touch()

    def tick(self, now: float) -> None:
        """Move on to ``now``; call about once a second."""
        if self._touched:
            self._touched, self._since = False, now
        waited = now - self._since
        if waited >= self.patience + self.notice:
            self.phase = "over"
        elif waited >= self.patience:
            self.left = round(self.patience + self.notice - waited)
            self.phase = "warned"
