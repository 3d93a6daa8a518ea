"""What a key of a real keyboard means to our keys on the screen, so that both can be used for the same thing."""

from __future__ import annotations

from kiosk.scanner.wedge import NUMPAD

DELETE, CLEAR, ENTER = "delete", "clear", "enter"  # what ``on_key`` gets besides single characters
NAMED = {
    "Backspace": DELETE,
    "Delete": CLEAR,
    "Escape": CLEAR,
    "Enter": ENTER,
    "Numpad Enter": ENTER,
    "Space": " ",
}


def meaning(label: str) -> str | None:
    """What Flet's key ``label`` types or does; None for a key that our keys do not have."""
    if label in NAMED:
        return NAMED[label]
    if label in NUMPAD:
        return NUMPAD[label]
    return label.lower() if len(label) == 1 else None
