"""From readings of single frames to codes that count: seen twice in five frames, and once per showing.

One frame can be misread with a right check digit; that the same misreading comes twice in five frames was not seen in
any of the photos measured.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable

from kiosk.scanner.reading import Reading

FRAMES = 5
EQUAL = 2
QUIET_SECONDS = 1.5


class Acceptance:
    """Decides over the frames of one camera. Several codes in view are accepted each for itself."""

    def __init__(self) -> None:
        self._frames: deque[frozenset[str]] = deque(maxlen=FRAMES)
        self._seen: dict[str, float] = {}

    def offer(self, readings: Iterable[Reading], now: float) -> list[Reading]:
        """Take the readings of the next frame, none included, and return those that now count.

        A code counts once and then not again until it has been out of view for 1.5 seconds. ``now`` is in
        monotonic seconds and never goes back.
        """
        read = {made.text: made for made in readings}
        self._frames.append(frozenset(read))
        often = Counter(text for frame in self._frames for text in frame)
        self._seen = {text: at for text, at in self._seen.items() if now - at < QUIET_SECONDS}
        counting = [made for text, made in read.items() if often[text] >= EQUAL and text not in self._seen]
        self._seen.update((text, now) for text in read if text in self._seen or often[text] >= EQUAL)
        return counting

    def reset(self) -> None:
        """Forget everything, as when another screen or another customer begins."""
        self._frames.clear()
        self._seen.clear()
