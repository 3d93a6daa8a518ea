"""How often somebody may guess before they have to wait. Kept across customers, so that starting over buys no tries."""

from __future__ import annotations

from dataclasses import dataclass

FREE = 5
WAIT_SECONDS = 60.0


@dataclass(slots=True)
class Tries:
    """Counts wrong guesses. Times are seconds of a monotonic clock, given by the caller."""

    failures: int = 0
    until: float = 0.0

    def wait(self, now: float) -> int:
        """Whole seconds to wait before the next guess; 0 when it may be made."""
        return max(0, round(self.until - now))

    def fail(self, now: float) -> None:
        """Count a wrong guess; every fifth one costs a minute."""
        self.failures += 1
        if self.failures % FREE == 0:
            self.until = now + WAIT_SECONDS

    def clear(self) -> None:
        """A right one: whoever it is, they are not guessing."""
        self.failures = 0
