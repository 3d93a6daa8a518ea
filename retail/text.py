"""What people type, made safe to carry: composed, without emoji, refused when it hides something.

Every script is carried byte-true; only emoji are taken out, keycaps becoming their digit first
("1\\ufe0f\\u20e3 High St" keeps its house number).
"""

from __future__ import annotations

import re
import unicodedata

import emoji

KEYCAP = re.compile("([0-9#*])\ufe0f?\u20e3")
BIDI = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
CARD = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")


class UnusableText(ValueError):
    """The text cannot be carried; ``reason`` is ``hidden characters``, ``too long``, ``empty`` or ``card number``."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(advice)
        self.reason = reason


def clean(text: str, *, longest: int = 200) -> str:
    """``text`` in NFC without emoji and surrounding or doubled spaces; "" stays "".

    Raises:
        UnusableText: control or bidirectional formatting characters (``hidden characters``), more than
            ``longest`` characters (nothing is ever cut silently), or what looks like a card number.
    """
    text = KEYCAP.sub(r"\1", text).replace("\t", " ")
    for character in text:
        if character in BIDI or unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp"):
            raise UnusableText(
                "hidden characters", "Please type this again: it contains characters that cannot be seen."
            )
    text = emoji.replace_emoji(text, "").replace("\ufe0f", "").replace("\u20e3", "")
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if len(text) > longest:
        raise UnusableText("too long", f"At most {longest} characters, please; these are {len(text)}.")
    if has_card_number(text):
        raise UnusableText("card number", "This looks like a card number. Please never type one here.")
    return text


def required(text: str, *, longest: int = 200) -> str:
    """As ``clean``, but what is left must not be empty."""
    text = clean(text, longest=longest)
    if not text:
        raise UnusableText("empty", "Please fill this in.")
    return text


def has_card_number(text: str) -> bool:
    """Whether ``text`` holds 13 to 19 digits that pass the Luhn check and are no GTIN (R30)."""
    return any(_luhn(digits) and not _gtin(digits) for digits in _runs(text))


def mask_card_numbers(text: str) -> str:
    """``text`` with every card number replaced, its last four digits kept."""

    def masked(match: re.Match[str]) -> str:
        digits = re.sub(r"\D", "", match[0])
        return f"[card ending {digits[-4:]}]" if _luhn(digits) and not _gtin(digits) else match[0]

    return CARD.sub(masked, text)


def _runs(text: str) -> list[str]:
    return [re.sub(r"\D", "", run) for run in CARD.findall(text)]


def _luhn(digits: str) -> bool:
    values = [int(d) for d in reversed(digits)]
    return sum(v if i % 2 == 0 else v * 2 - 9 * (v > 4) for i, v in enumerate(values)) % 10 == 0


def _gtin(digits: str) -> bool:
    if len(digits) not in (13, 14):
        return False
    values = [int(d) for d in reversed(digits)]
    return sum(v * (3 if i % 2 else 1) for i, v in enumerate(values)) % 10 == 0
