"""Other people's words on a screen that is written from right to left: names, sizes, codes in Latin letters and digits."""

from __future__ import annotations

import unicodedata

from kiosk.ui import Ui

# Unicode's isolates: what is between them has a direction of its own.
LEFT_TO_RIGHT, ENDED = "\u2066", "\u2069"
NO_BREAK = "\u00a0"
RIGHT = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI"})


def own_way(ui: Ui, text: str, *, together: bool = False) -> str:
    """``text`` in its own direction; without that, "13 inch" would read "inch 13" among Arabic, and a code backwards.

    ``together``: it stands on one line, in a place that is as wide as it. Flutter measures such a text without the
    signs around it and would break it at a space.
    """
    if not ui.rtl or not text or any(unicodedata.bidirectional(char) in RIGHT for char in text):
        return text
    if together:
        text = text.replace(" ", NO_BREAK)
        if text.replace(NO_BREAK, "").isdecimal():
            return text  # groups of digits that nothing can break are one number, which is read from the left anyway
    return f"{LEFT_TO_RIGHT}{text}{ENDED}"
