"""Words as they are compared: folded, split and joined in the same way in what is sold and in what is typed.

A *term* is one thing that somebody wrote: a word, ``t-shirt``, ``EU42``, ``0,5 l``, a run of signs without spaces. What
is sold is indexed by the whole of each term and by its parts; what is typed is looked for as the whole or as the parts.
So it does not matter on which side something was joined.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

MOST_SIGNS = 64  # of one word; more is cut off
WIDEST = 4  # from the first to the last of several sizes that are written as two
MARKS = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u200b-\u200f\ufe0f]"
)
SIGNS = {
    **dict(zip("øœæłđðþı", ("o", "oe", "ae", "l", "d", "d", "th", "i"), strict=True)),
    # Arabic: forms of alef and ya, ta marbuta, Persian kaf and ya, the stroke that only stretches a word
    **dict(zip("أإآٱىئةؤکی", "اااايي\u0647وكي", strict=True)),
    "ـ": "",
    **{chr(start + digit): str(digit) for start in (0x660, 0x6F0) for digit in range(10)},
    **{chr(kana): chr(kana + 0x60) for kana in range(0x3041, 0x3097)},  # Hiragana to Katakana
    "”": '"', "″": '"', "′": "'", "’": "'", "×": "x", "‐": "-", "‑": "-", "–": "-",
}  # fmt: skip
FOLDS = str.maketrans(SIGNS)

# What a unit is called, and what it is in the unit that amounts are compared in; 0 keeps the number as it is.
UNITS: dict[str, tuple[str, int]] = {
    **dict.fromkeys(("ml", "milliliter", "millilitre", "mililitro", "مل"), ("ml", 1)),
    **dict.fromkeys(("cl", "centiliter", "centilitre"), ("ml", 10)),
    **dict.fromkeys(("dl", "deciliter"), ("ml", 100)),
    **dict.fromkeys(("l", "lt", "liter", "liters", "litre", "litres", "litro", "litros", "لتر"), ("ml", 1000)),
    **dict.fromkeys(("mg", "milligram", "milligramm"), ("mg", 1)),
    **dict.fromkeys(("g", "gr", "gram", "grams", "gramm", "gramme", "grammes", "gramo", "gramos", "غرام"), ("mg", 1000)),
    **dict.fromkeys(("kg", "kilo", "kilos", "kilogram", "kilogramm"), ("mg", 1_000_000)),
    **dict.fromkeys(("mm", "millimeter", "millimetre"), ("mm", 1)),
    **dict.fromkeys(("cm", "centimeter", "centimetre", "zentimeter", "centimetro", "سم"), ("mm", 10)),
    **dict.fromkeys(("m", "meter", "metre", "metres", "metro", "metros"), ("mm", 1000)),
    **dict.fromkeys(('"', "''", "in", "inch", "inches", "zoll", "pouce", "pouces", "pulgada", "pulgadas"), ("in", 0)),
    **dict.fromkeys(("ft", "feet", "foot"), ("ft", 0)),
    **dict.fromkeys(("oz", "ounce", "ounces"), ("oz", 0)),
    **dict.fromkeys(("lb", "lbs", "pound", "pounds"), ("lb", 0)),
    **dict.fromkeys(("w", "watt", "watts"), ("w", 0)),
    **{unit: (unit, 0) for unit in ("v", "kw", "ah", "mah", "gb", "tb", "mb", "hz", "lm", "den")},
}  # fmt: skip
_UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
# Signs of scripts that put no space between words: kana, Chinese characters, Thai.
UNSPACED = (
    "\u0e00-\u0e7f\u3005-\u3007\u3031-\u3035\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
)
RUN = re.compile(f"[{UNSPACED}]")
TERM = re.compile(
    rf"(?P<run>[{UNSPACED}]+)"
    rf"|(?P<times>\d{{1,6}})\s?x(?=\s?\d)"
    rf"|(?P<number>\d+(?:[.,]\d+)*)\s?(?P<unit>{_UNIT})(?![^\W_])"
    rf"|(?P<amount>\d+(?:[.,]\d+)+)(?![^\W_])"
    rf"|(?P<word>(?:(?![{UNSPACED}_])\w)+(?:[-'](?:(?![{UNSPACED}_])\w)+)*)"
)
PIECES = re.compile(r"\d+|[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that somebody wrote. ``whole`` is "" for a run without spaces, which is all of its ``parts`` together."""

    whole: str
    parts: tuple[str, ...] = ()


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """``text`` without what does not matter for comparing: case, accents, width, ways to write the same letter."""
    if text.isascii():
        return text.lower()
    bare = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", MARKS.sub("", bare).translate(FOLDS))


def terms(text: str) -> Iterator[Term]:
    """What is written in ``text``, in order. Signs that are in no word are left out."""
    for found in TERM.finditer(fold(text)):
        kind, value = found.lastgroup, found.group()
        if kind == "word":
            yield _word(value)
        elif kind == "run":
            value = value[:MOST_SIGNS]
            yield Term("", tuple(value[at : at + 2] for at in range(max(1, len(value) - 1))))
        elif kind == "times":
            yield Term(found["times"] + "x", (found["times"],))
        elif kind == "amount":
            yield Term(_number(value[:MOST_SIGNS]))
        else:
            number, unit = _number(found["number"][:MOST_SIGNS]), found["unit"]
            name, factor = UNITS[unit]
            said = (number, unit) if unit.isalpha() else (number,)
            yield Term(_times(number, factor) + name, said)


@lru_cache(maxsize=65536)
def _word(written: str) -> Term:
    """A word with its hyphens and apostrophes; an ending in 's belongs to its word."""
    if written.endswith("'s"):
        written = written[:-2] + "s"
    whole = written.replace("-", "").replace("'", "")[:MOST_SIGNS]
    parts = tuple(PIECES.findall(written[: 2 * MOST_SIGNS]))
    return Term(whole, parts if len(parts) > 1 else ())


def indexed(text: str) -> list[str]:
    """What ``text`` is found by, each once: the whole of every term and its parts."""
    found: dict[str, None] = {}
    for term in terms(text):
        if term.whole:
            found[term.whole] = None
        for part in (*term.parts, *_between(term.parts)):
            found[part] = None
        if not term.whole and len(term.parts[-1]) == 2:
            found[term.parts[-1][1]] = None  # so that the last sign, too, begins something
    return list(found)


def _between(parts: Sequence[str]) -> list[str]:
    """The sizes between two that are written together: 40 for ``39-41``."""
    if len(parts) != 2 or not all(part.isdecimal() and len(part) <= 3 for part in parts):
        return []
    low, high = map(int, parts)
    return list(map(str, range(low + 1, high))) if high - low <= WIDEST else []


def squeezed(code: str) -> str:
    """A code without its spaces, hyphens and case."""
    return "".join(PIECES.findall(fold(code)))


def _number(written: str) -> str:
    """``1,50`` as 1.5, ``1.000`` and ``1,000`` as 1000, ``0.500`` as 0.5."""
    head, *groups = re.split("[.,]", written)
    if not groups:
        return head
    if head.strip("0") and all(len(group) == 3 for group in groups):
        return head + "".join(groups)
    whole = "".join([head, *groups[:-1]])
    return f"{whole.lstrip('0') or '0'}.{groups[-1]}".rstrip("0").rstrip(".")


def _times(number: str, factor: int) -> str:
    if not factor:
        return number
    whole, _, part = number.partition(".")
    scaled = int(whole + part) * factor
    shift = 10 ** len(part)
    return str(scaled // shift) if scaled % shift == 0 else f"{scaled / shift:.3f}".rstrip("0")
