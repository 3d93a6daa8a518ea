"""What people type, made safe to carry: composed, without emoji, refused when it hides something.

Every script is carried byte-true; only emoji are taken out, keycaps becoming their digit first
("1\\ufe0f\\u20e3 High St" keeps its house number).
"""

from __future__ import annotations

import re
import unicodedata

import emoji

KEYCAP = re.compile("([0-9#*])\ufe0f?\u20e3")
KEYCAP_TEN = "\U0001f51f"
BIDI = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Never drawn in any script: they make two texts look the same, or an empty one look filled in. The joiners
# U+200C and U+200D are not among them: Persian and Indic scripts are written with them.
INVISIBLE = frozenset("\u00ad\u034f\u115f\u1160\u180e\u200b\u2060\u2061\u2062\u2063\u2064\u3164\ufeff\uffa0")
TAGS = frozenset(map(chr, range(0xE0000, 0xE0080)))  # what is left of a flag that nobody knows
SPACES = re.compile(" {2,}")
DIGITS = re.compile(r"\d(?:[ .\u00a0\u2010-\u2015-]?\d)*")
GROUP = re.compile(r"\d+")
CARD_LENGTHS = range(13, 20)


class UnusableText(ValueError):
    """The text cannot be carried; ``reason`` is ``hidden characters``, ``too long``, ``empty`` or ``card number``."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(advice)
        self.reason = reason


def clean(text: str, *, longest: int = 200, card_numbers: bool = False) -> str:
    """``text`` in NFC without emoji and surrounding or doubled spaces; "" stays "".

    What comes out goes in again unchanged, so a stored text can always be read back.

    Raises:
        UnusableText: control or bidirectional formatting characters (``hidden characters``), more than
            ``longest`` characters (nothing is ever cut silently), or what looks like a card number unless
            ``card_numbers`` lets it pass.
    """
    text = text.replace("\t", " ")
    for character in "" if text.isascii() and text.isprintable() else text:
        if (
            character in BIDI
            or character in INVISIBLE
            or unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        ):
            raise UnusableText(
                "hidden characters", "Please type this again: it contains characters that cannot be seen."
            )
    while (plain := _plain(text)) != text:  # what stood around an emoji may be one when it is gone
        text = plain
    if len(text) > longest:
        raise UnusableText("too long", f"At most {longest} characters, please; these are {len(text)}.")
    if not card_numbers and has_card_number(text):
        raise UnusableText("card number", "This looks like a card number. Please never type one here.")
    return text


def _plain(text: str) -> str:
    if text.isascii():
        return SPACES.sub(" ", text).strip()
    text = KEYCAP.sub(r"\1", text).replace(KEYCAP_TEN, "10")
    text = emoji.replace_emoji(text, "").replace("\ufe0f", "").replace("\u20e3", "")
    text = "".join(character for character in text if character not in TAGS)
    return SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def required(text: str, *, longest: int = 200) -> str:
    """As ``clean``, but what is left must not be empty."""
    text = clean(text, longest=longest)
    if not text:
        raise UnusableText("empty", "Please fill this in.")
    return text


def has_card_number(text: str) -> bool:
    """Whether ``text`` holds 13 to 19 digits that pass the Luhn check and are no GTIN (R30).

    They may be grouped, and other digits may stand beside them (an expiry date, a house number).
    """
    return any(_cards(run[0]) for run in DIGITS.finditer(text))


def mask_card_numbers(text: str) -> str:
    """``text`` with every card number replaced, its last four digits kept."""

    def masked(run: re.Match[str]) -> str:
        shown = run[0]
        for start, end in reversed(_cards(shown)):
            last = "".join(GROUP.findall(shown[start:end]))[-4:]
            shown = f"{shown[:start]}[card ending {last}]{shown[end:]}"
        return shown

    return DIGITS.sub(masked, text)


def _cards(run: str) -> list[tuple[int, int]]:
    """Where card numbers stand in a run of digits: whole groups of it, none used twice, the longest first."""
    groups = [(match.start(), match.end()) for match in GROUP.finditer(run)]
    found, first = [], 0
    while first < len(groups):
        for last in range(min(len(groups), first + CARD_LENGTHS[-1]) - 1, first - 1, -1):
            digits = "".join(run[start:end] for start, end in groups[first : last + 1])
            if len(digits) in CARD_LENGTHS and _luhn(digits) and not _gtin(digits):
                found.append((groups[first][0], groups[last][1]))
                first = last
                break
        first += 1
    return found


def _luhn(digits: str) -> bool:
    values = [int(d) for d in reversed(digits)]
    return sum(v if i % 2 == 0 else v * 2 - 9 * (v > 4) for i, v in enumerate(values)) % 10 == 0


def _gtin(digits: str) -> bool:
    if len(digits) not in (13, 14):
        return False
    values = [int(d) for d in reversed(digits)]
    return sum(v * (3 if i % 2 else 1) for i, v in enumerate(values)) % 10 == 0
