"""Hand scanners that pretend to be keyboards: which runs of keys were a scan, and what it said.

A scanner's keys come within a few milliseconds and end with Enter or Tab; nobody types six in a row that fast. Keys
are what Flet gives: letters always upper case beside whether Shift was held, names like "Enter" for the rest.
"""

from __future__ import annotations

from retail.codes import GS, LONGEST

GAP_SECONDS = 0.080
# A busy machine hands keys over late. Within a burst that long, one pause up to this is the machine's: to begin anew
# there would leave the end of a code, and eight digits of one can pass as a code of their own.
STALL_SECONDS = 0.250
UNDERWAY = 3
FEWEST = 6
ENDS = frozenset({"Enter", "Numpad Enter", "Tab"})
# Flet's label is the US key; it gives marks as typed, but digits under Shift as digits.
SHIFTED_DIGITS = dict(zip("1234567890", "!@#$%^&*()", strict=True))
NUMPAD = {f"Numpad {digit}": digit for digit in "0123456789"} | {
    "Numpad Subtract": "-",
    "Numpad Add": "+",
    "Numpad Decimal": ".",
    "Numpad Divide": "/",
    "Numpad Multiply": "*",
}
SILENT = ("Shift", "Control", "Alt", "Meta", "Caps Lock", "Num Lock")


class Wedge:
    """Watches the keys of one window. Only a burst that has the ``prefix`` and ``suffix`` set in the scanner counts."""

    def __init__(self, prefix: str = "", suffix: str = "") -> None:
        self.typed = ""
        """What the last scan put into a focused field, prefix and suffix included, so that it can be taken out."""
        self._prefix = prefix
        self._suffix = suffix
        self._burst = ""
        self._stalled = False
        self._last = float("-inf")

    def feed(self, key: str, shift: bool, at: float, *, ctrl: bool = False) -> str | None:
        """Take one key and return the scanned text when it completes a scan, else None.

        ``at`` is when the key came, in monotonic seconds. Prefix and suffix are taken off the text. Control with
        ``]`` is how scanners send the GS between the parts of a GS1 string.
        """
        if key.startswith(SILENT):
            return None
        gap = at - self._last
        stalled = GAP_SECONDS + 1e-9 < gap <= STALL_SECONDS and len(self._burst) >= UNDERWAY
        if gap < 0 or (gap > GAP_SECONDS + 1e-9 and (self._stalled or not stalled)):
            self._burst, self._stalled = "", False
        self._stalled = self._stalled or stalled
        self._last = at
        if key in ENDS:
            burst, self._burst, self._stalled = self._burst, "", False
            return self._scanned(burst)
        character = _character(key, shift, ctrl)
        # One more than allowed is kept, so that an endless burst is known as such and takes no memory.
        self._burst = "" if character is None else (self._burst + character)[: LONGEST + 1]
        return None

    def _scanned(self, burst: str) -> str | None:
        fixed = len(self._prefix) + len(self._suffix)
        if not max(FEWEST, fixed + 1) <= len(burst) <= LONGEST:
            return None
        if not (burst.startswith(self._prefix) and burst.endswith(self._suffix)):
            return None
        self.typed = burst
        return burst[len(self._prefix) : len(burst) - len(self._suffix)]


def _character(key: str, shift: bool, ctrl: bool) -> str | None:
    """Return what ``key`` types; None for a key that types nothing, which no scanner sends within a code."""
    if ctrl:
        return GS if key == "]" else None
    if key in NUMPAD:
        return NUMPAD[key]
    if len(key) != 1:
        return " " if key == "Space" else None
    if key.isalpha():
        return key.upper() if shift else key.lower()
    return SHIFTED_DIGITS.get(key, key) if shift else key
