"""From readings of single frames to codes that count.

A misreading has a right check digit as often as not, so one frame proves little. What proves more, weakest first:
a second equal reading within five frames; nothing else having been read at the same place; and the catalogue,
because of all the misreadings measured none was the number of a product in it.

    the catalogue   something else at the same place     counts
    knows it        no                                   at once
    knows it        something that it does not know      read twice in five frames
    knows it        something that it knows, too         read more than twice as often as the other
    cannot say      no                                   read twice in five frames
    cannot say      yes                                  read more than twice as often as the other
    knows it not    no / the same kind / a known one     as "cannot say" / as "cannot say" / never

A code that counts waits for others that are just being read, so that several tags in view come back together and a
screen can ask which one is meant; it waits two frames at most.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from kiosk.scanner.reading import Corners, Reading
from retail.codes import RETAIL, Code, UnreadableCode, read_code
from retail.gtin import InvalidGtin

FRAMES = 5
EQUAL = 2
PATIENCE = 3  # frames in which a code counts before it is handed out whatever else is coming
PREVAILS = 2  # times: more often than this many times anything else at the same place
QUIET_SECONDS = 1.5
# How far outside a place the middle of another may lie and still be there, of the place's longer side: between
# frames a hand moves; within one frame only a flat line's height is in doubt.
NEAR, TOUCHING = 0.2, 0.05

Known: TypeAlias = Callable[[str], bool | None]
"""Whether the catalogue has what a ``Code.key`` names: fourteen digits, or a code of somebody's own.

None when it cannot say, as while it is loading: then the plain rules hold. Called in the event loop, so it must be
quick, and for the same key again and again.
"""


@dataclass(frozen=True, slots=True)
class _Sight:
    reading: Reading
    code: Code | None  # None for a text that no code can be; it counts like any other, so that it can be told

    @property
    def key(self) -> str:
        return self.code.key if self.code else self.reading.text

    @property
    def beside(self) -> bool:
        """Whether it is printed next to the bars that are meant: an address without a product number, or the second
        bars of Japanese books, which begin with 191 or 192 and say genre and price.
        """
        if self.code is None:
            return False
        return (
            "://" in self.code.text if self.code.gtin is None else self.code.gtin.startswith(("0191", "0192"))
        )


class Acceptance:
    """Decides over the frames of one camera. Without ``known`` it knows of no catalogue."""

    def __init__(self, known: Known | None = None) -> None:
        self._known = known or (lambda key: None)
        self._frames: deque[dict[str, _Sight]] = deque(maxlen=FRAMES)
        self._seen: dict[str, float] = {}
        self._waiting: dict[str, int] = {}  # frames that a code which counts has waited for others
        self._handed: dict[str, float] = {}  # when what is in view was handed out

    def offer(self, readings: Iterable[Reading], now: float) -> list[Reading]:
        """Take the readings of the next frame, none included, and return those that now count.

        Each stands for one product, however many codes of it are in view. More than one means that several
        products are held up at once: ask which one. They come from top to bottom, each with its newest place.
        A code counts once and then not again until it has been out of view for 1.5 seconds. ``now`` is in
        monotonic seconds and never goes back.
        """
        frame = _by_key(readings)
        self._frames.append(frame)
        self._seen = {key: at for key, at in self._seen.items() if now - at < QUIET_SECONDS}
        newest = {key: sight for earlier in self._frames for key, sight in earlier.items()}
        known = {key: self._known(key) for key in newest}
        rivals = {key: self._rivals(key, newest) for key in newest}
        often = {key: sum(key in earlier for earlier in self._frames) for key in newest}
        counting = {
            key for key in newest if key not in self._seen and _counts(key, often, rivals[key], known)
        }
        self._waiting = {key: self._waiting.get(key, 0) + 1 for key in counting}
        ready = set() if self._waits(counting, newest, often, rivals, known) else counting
        self._seen |= dict.fromkeys((key for key in frame if key in self._seen), now)
        self._seen |= dict.fromkeys(ready, now)
        meant = self._meant(ready, newest, known, now)
        return sorted((newest[key].reading for key in meant), key=lambda made: _middle(made.corners)[::-1])

    def reset(self) -> None:
        """Forget everything, as when another screen or another customer begins."""
        self._frames.clear()
        self._seen.clear()
        self._waiting.clear()
        self._handed.clear()

    def _rivals(self, key: str, newest: dict[str, _Sight]) -> list[str]:
        """What else was read at the place of ``key``; never what one and the same frame showed apart from it."""
        place = newest[key].reading.corners
        return [
            other
            for other, sight in newest.items()
            if other != key
            and _overlap(place, sight.reading.corners, NEAR)
            and all(
                _overlap(frame[key].reading.corners, frame[other].reading.corners, TOUCHING)
                for frame in self._frames
                if key in frame and other in frame
            )
        ]

    def _waits(
        self,
        counting: set[str],
        newest: dict[str, _Sight],
        often: dict[str, int],
        rivals: dict[str, list[str]],
        known: dict[str, bool | None],
    ) -> bool:
        """Whether something is just being read beside what counts, and all of that can wait a frame more."""
        if not counting or any(frames >= PATIENCE for frames in self._waiting.values()):
            return False
        if all(newest[key].beside for key in counting):
            return True
        leaving = self._frames[0] if len(self._frames) == FRAMES else {}
        if any(often[key] - (key in leaving) < EQUAL for key in counting):
            return False
        sure = any(known[key] for key in counting)
        return any(
            key not in counting
            and key not in self._seen
            and not newest[key].beside
            and (known[key] or not sure)
            and not any(other in counting or other in self._seen for other in rivals[key])
            for key in newest
        )

    def _meant(
        self, ready: set[str], sights: dict[str, _Sight], known: dict[str, bool | None], now: float
    ) -> set[str]:
        """Which of ``ready`` to ask about: those that the catalogue knows, else those that are not ``beside``.

        The others are on the same tag, as a lot number or an advertisement; they may also come a moment later.
        """
        self._handed = {
            key: at for key, at in self._handed.items() if key in sights and now - at < QUIET_SECONDS
        }
        weight = {key: 2 if known[key] else 0 if sight.beside else 1 for key, sight in sights.items()}
        most = max((weight[key] for key in (*ready, *self._handed)), default=0)
        meant = {key for key in ready if weight[key] == most}
        self._handed |= dict.fromkeys(meant, now)
        return meant


def _by_key(readings: Iterable[Reading]) -> dict[str, _Sight]:
    """One sight for each product of a frame; bars rather than the square beside them that says the same."""
    frame: dict[str, _Sight] = {}
    for made in readings:
        sight = _Sight(made, _code(made))
        if sight.key not in frame or (
            made.symbology in RETAIL and frame[sight.key].reading.symbology not in RETAIL
        ):
            frame[sight.key] = sight
    return frame


def _code(made: Reading) -> Code | None:
    try:
        return read_code(made.text, made.symbology)
    except (InvalidGtin, UnreadableCode):
        return None


def _counts(key: str, often: dict[str, int], rivals: list[str], known: dict[str, bool | None]) -> bool:
    if known[key]:
        strangers = all(known[other] is False for other in rivals)
        if strangers:
            return often[key] >= (EQUAL if rivals else 1)
    elif any(known[other] for other in rivals):
        return False
    most = max((often[other] for other in rivals), default=0)
    return often[key] >= EQUAL and often[key] > PREVAILS * most


def _overlap(one: Corners, other: Corners, near: float) -> bool:
    """Whether the middle of either lies in or near the other; readers' corners can be as flat as a line."""
    return _holds(one, _middle(other), near) or _holds(other, _middle(one), near)


def _holds(place: Corners, point: tuple[float, float], near: float) -> bool:
    xs, ys = [x for x, _ in place], [y for _, y in place]
    edge = near * max(max(xs) - min(xs), max(ys) - min(ys))
    return min(xs) - edge <= point[0] <= max(xs) + edge and min(ys) - edge <= point[1] <= max(ys) + edge


def _middle(place: Corners) -> tuple[float, float]:
    return (sum(x for x, _ in place) / len(place), sum(y for _, y in place) / len(place))
