"""Which product unreadable bars may belong to: when to ask about it, and when to let it go.

nothing --proposed--> asking --a code counts---------------> nothing
                         |----not proposed for 8 s---------> nothing
                         |----another one, this one not for 1.5 s --> asking about that
                         '----"no"--> not again before it has been out of view for 8 s
"""

from __future__ import annotations

from dataclasses import dataclass, field

import flet as ft

from kiosk.scanner.live import Look
from retail.gtin import Gtin

GONE_SECONDS = 8.0  # whoever reaches for a button on the screen has put the tag down
OTHER_SECONDS = 1.5  # a product that changes under the finger would be taken for the other


@dataclass(eq=False)
class Guess(ft.Observable):
    """``gtin`` is the product to ask about, None for none."""

    gtin: Gtin | None = None
    _last: float = 0.0
    _declined: dict[Gtin, float] = field(default_factory=dict)

    def look(self, look: Look) -> None:
        """Take in the next look of a camera."""
        at, proposal = look.frame.at, look.proposal
        if look.accepted:
            self.clear()
            return
        self._declined = {gtin: last for gtin, last in self._declined.items() if at - last < GONE_SECONDS}
        if proposal is not None and proposal.gtin in self._declined:
            self._declined[proposal.gtin] = at
        elif proposal is not None and (
            self.gtin in (None, proposal.gtin) or at - self._last >= OTHER_SECONDS
        ):
            self.gtin, self._last = proposal.gtin, at
        if self.gtin is not None and at - self._last >= GONE_SECONDS:
            self.gtin = None

    def decline(self) -> None:
        """It is not this one."""
        if self.gtin is not None:
            self._declined[self.gtin] = self._last
            self.gtin = None

    def clear(self) -> None:
        """Forget everything."""
        self._declined.clear()
        self.gtin = None
