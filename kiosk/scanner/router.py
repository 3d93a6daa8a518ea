"""The one way in for every code, however it was read, so that all screens and all sources behave the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Literal

from retail.codes import Code, read_code

QUIET_SECONDS = 1.5

Source = Literal["camera", "wedge", "typed", "file"]


class Router:
    """Turns texts into codes and hands each to ``on_code`` once.

    ``counts`` has how many codes of each source were handed on, ``repeats`` how many were held back.
    """

    def __init__(self, on_code: Callable[[Code, Source], None]) -> None:
        self.counts: Counter[Source] = Counter()
        self.repeats = 0
        self._on_code = on_code
        self._recent: dict[str, float] = {}

    def route(self, text: str, source: Source, now: float, symbology: str | None = None) -> Code | None:
        """Hand on what ``text`` says and return it; None when the same code came less than 1.5 seconds ago.

        The same product counts as the same code whichever way it was written or read. ``now`` is in monotonic
        seconds; ``symbology`` is the kind of bars, None when it is not known.

        Raises:
            InvalidGtin, UnreadableCode: nothing was handed on; the text of the error says what to do.
        """
        code = read_code(text, symbology)
        self._recent = {key: at for key, at in self._recent.items() if now - at < QUIET_SECONDS}
        if code.key in self._recent:
            self.repeats += 1
            return None
        self._recent[code.key] = now
        self.counts[source] += 1
        self._on_code(code, source)
        return code

    def reset(self) -> None:
        """Forget what came before, as when another customer begins; the counts go on."""
        self._recent.clear()
