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
    """

    phase: Literal["active", "warned", "over"] = "active"
    left: int = NOTICE
    patience: float = PATIENCE
    _touched: bool = True
    _since: float = 0.0

    def touch(self) -> None:
        """Somebody is here; cheap enough for every key and tap."""
        self._touched = True
        if self.phase != "active":
            self.phase = "active"
            self.left = NOTICE

    def fresh(self) -> None:
        """As for the next customer."""
        self.patience = PATIENCE
        self.touch()

    def tick(self, now: float) -> None:
        """Move on to ``now``; call about once a second."""
        if self._touched:
            self._touched, self._since = False, now
        waited = now - self._since
        if waited >= self.patience + NOTICE:
            self.phase = "over"
        elif waited >= self.patience:
            self.left = round(self.patience + NOTICE - waited)
            self.phase = "warned"
