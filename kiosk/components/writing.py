"""Other people's words on a screen that is written from right to left: names, sizes, codes in Latin letters and digits."""

from __future__ import annotations

import unicodedata

from kiosk.ui import Ui

LEFT_TO_RIGHT, ENDED = (
    "\u2066",
    "\u2069",
)  # Unicode's isolates: what is between them has a direction of its own
RIGHT = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI"})


def own_way(ui: Ui, text: str) -> str:
    """``text`` in its own direction; without that, "13 inch" would read "inch 13" among Arabic, and a code backwards."""
    if not ui.rtl or not text or any(unicodedata.bidirectional(char) in RIGHT for char in text):
        return text
    return f"{LEFT_TO_RIGHT}{text}{ENDED}"
