"""Hand scanners that pretend to be keyboards: which runs of keys were a scan, and what it said.

A scanner's keys come 0 to 30 ms apart and end with Enter or Tab; the fastest hands need 60 ms a key. The line is
drawn between the two. Keys are what Flet gives: letters always upper case beside whether Shift was held, names like
"Enter" for the rest.
"""

from __future__ import annotations

from collections import deque

from retail.codes import LONGEST
from retail.elements import GS
from retail.gtin import Gtin

GAP_SECONDS = 0.058
# A busy machine hands keys over late and in heaps. To begin anew after each pause would leave the end of a code, and
# eight digits of one can pass as a code of their own. So once a burst is under way, keys that are a little late are
# borne while its pace is a scanner's, and one short stall; more and longer ones within a product number, which its
# check digit vouches for: people pause at every key.
UNDERWAY = 3
TARDY_SECONDS, PACE_SECONDS = 0.080, 0.045
STALL_SECONDS = 0.250
LATE_SECONDS, MOST_PAUSES = 1.0, (2, 3)  # fewer than two in three
LENGTHS_BY_USE = (13, 12, 14, 8)
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
        # Characters, each with the seconds since the key before. One more than allowed is kept, so that an endless
        # burst is known as such and takes no memory.
        self._run: deque[tuple[str, float]] = deque(maxlen=LONGEST + 1)
        self._last = float("-inf")

    def feed(self, key: str, shift: bool, at: float, *, ctrl: bool = False) -> str | None:
        """Take one key and return the scanned text when it completes a scan, else None.

        ``at`` is when the key came, in monotonic seconds. Prefix and suffix are taken off the text. Control with
        ``]`` is how scanners send the GS between the parts of a GS1 string.
        """
        if key.startswith(SILENT):
            return None
        gap = at - self._last
        self._last = at
        if not 0 <= gap <= LATE_SECONDS:
            self._run.clear()
        if key in ENDS:
            run = list(self._run)
            self._run.clear()
            number = "" if self._prefix or self._suffix else _number(run, gap)
            return self._scanned(number or _burst(run, gap))
        character = _character(key, shift, ctrl)
        if character is None:
            self._run.clear()
        else:
            self._run.append((character, gap))
        return None

    def _scanned(self, burst: str) -> str | None:
        fixed = len(self._prefix) + len(self._suffix)
        if not max(FEWEST, fixed + 1) <= len(burst) <= LONGEST:
            return None
        if not (burst.startswith(self._prefix) and burst.endswith(self._suffix)):
            return None
        self.typed = burst
        return burst[len(self._prefix) : len(burst) - len(self._suffix)]


def _slow(gap: float) -> bool:
    return gap > GAP_SECONDS + 1e-9


def _burst(run: list[tuple[str, float]], last: float) -> str:
    """The end of ``run`` that came at a scanner's speed, with at most one short stall; ``last`` is the gap at its end."""
    burst, spent, stalled = "", 0.0, False
    for character, gap in [*run, ("", last)]:
        if _slow(gap):
            underway = len(burst) >= UNDERWAY
            tardy = underway and gap <= TARDY_SECONDS and spent + gap <= PACE_SECONDS * len(burst)
            stalls = underway and gap <= STALL_SECONDS and not stalled and not tardy
            if not (tardy or stalls):
                burst, spent, stalled = "", 0.0, False
            stalled = stalled or stalls
        spent += gap if burst else 0.0
        burst += character
    return burst


def _number(run: list[tuple[str, float]], last: float) -> str:
    """The end of ``run`` that is a product number and came mostly at a scanner's speed; "" when there is none.

    It may begin wherever a pause was, so what somebody typed before is no part of it.
    """
    gaps = [gap for _, gap in run[1:]] + [last]
    for length in LENGTHS_BY_USE:
        start = len(run) - length
        if start < 0 or (start > 0 and not _slow(run[start][1])):
            continue
        digits = "".join(character for character, _ in run[start:])
        pauses = sum(_slow(gap) for gap in gaps[start:])
        few = pauses * MOST_PAUSES[1] < length * MOST_PAUSES[0]
        if few and digits.isascii() and digits.isdigit() and Gtin.or_none(digits):
            return digits
    return ""


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
