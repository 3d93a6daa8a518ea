"""Which words may mean the same: other forms of one word, and words that are one or two slips of a finger apart.

Both are looked up, not searched for. A word is kept under every form that it may be a form of, and under everything
that is left of its beginning when one or two letters are taken out; so is what is typed, and where they meet is a
candidate. (Taking out alone is enough: a letter too many on one side is a letter too few on the other, and a wrong
letter is both.) How far a candidate really is, is counted afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import combinations
from zlib import crc32

from rapidfuzz.distance import OSA

from sync.catalogue.words import RUN

SLIPS_FROM = (4, 8)  # letters of a word from which one slip is forgiven, and two
BEGINNING = 7  # letters whose deletions are kept; what follows is compared with the candidates
ENDS_FROM, HEAD = 5, 3  # letters of a word that others may end in, and of what stands before it
LONG = 24  # letters of a word of which endings are kept
SHORTEST = 3  # letters that are left when an ending is taken off
# Endings of plurals and cases and what stands in their place otherwise, in English, German, French and Spanish.
ENDINGS = (
    ("s", ""), ("es", ""), ("e", ""), ("n", ""), ("en", ""), ("er", ""), ("ern", ""), ("em", ""), ("aux", "au"),
    ("eux", "eu"), ("oux", "ou"), ("ies", "y"), ("ves", "f"), ("ves", "fe"), ("aux", "al"), ("ces", "z"), ("a", "o"),
    ("as", "o"), ("os", "o"),
)  # fmt: skip
LONGEST_ENDING = 3  # letters
SISTERS = (
    "e",
    "er",
    "es",
    "en",
    "em",
)  # two words that differ in these alone belong together, too: roter, rotes
ODD = {  # plurals that no rule makes
    "women": "woman", "men": "man", "womens": "woman", "mens": "man", "children": "child", "feet": "foot",
    "teeth": "tooth", "mice": "mouse", "geese": "goose", "yeux": "oeil",
}  # fmt: skip
UMLAUTS = re.compile("([aou])e")
ARABIC = re.compile("[\u0600-\u06ff]")
ARABIC_STARTS = re.compile("^(?:[وبكف]?ال|لل|و)(?=.{3})")
ARABIC_ENDS = re.compile("(?<=.{3})(?:ها|ان|ات|ون|ين|يه|ه|ي|ا)$")
WHOLE = re.compile(r"[^\W\d_]+")


def slips(word: str) -> int:
    """How many slips are forgiven in ``word``. None in numbers and codes, nor where a sign is a syllable or more."""
    if len(word) < SLIPS_FROM[0] or not WHOLE.fullmatch(word) or RUN.search(word):
        return 0
    return 2 if len(word) >= SLIPS_FROM[1] else 1


def kept(word: str) -> set[int]:
    """Under what ``word`` is kept, so that other forms of it and what it ends in lead to it."""
    return {_key("=", word), *(_key("<", base) for base in bases(word)), *_sisters(word), *ends(word)}


def sought(word: str) -> list[int]:
    """Where other forms of ``word`` are kept: plurals, cases, ``ae`` for ``ä``. It need not be a word that is known."""
    return [_key("<", word), *(_key("=", base) for base in bases(word)), *_sisters(word)]


def ends(word: str) -> list[int]:
    """Under what ``word`` is kept, so that the word it may end in leads to it: *Winterjacke* under *jacke*."""
    if not WHOLE.fullmatch(word) or RUN.search(word) or len(word) > LONG:
        return []
    return [_key("-", word[at:]) for at in range(HEAD, len(word) - ENDS_FROM + 1)]


def ended_by(word: str) -> list[int]:
    """Where the words are kept that end in ``word`` or in the shorter form of it."""
    return [_key("-", base) for base in (word, *bases(word)) if len(base) >= ENDS_FROM]


def without_umlauts(word: str) -> str:
    """``ae`` as ``a`` and so on: how a folded word is written whose accents were written out."""
    return UMLAUTS.sub(r"\1", word) if len(word) > 4 else word


@lru_cache(maxsize=4096)
def bases(word: str) -> tuple[str, ...]:
    """What ``word`` may be a form of."""
    if len(word) <= SHORTEST or not WHOLE.fullmatch(word) or RUN.search(word) or ARABIC.search(word):
        return ()
    whole = dict.fromkeys((word, ODD.get(word, word), without_umlauts(word)))
    bases = dict.fromkeys(whole)
    for one in whole:
        for ending, instead in ENDINGS:
            if one.endswith(ending) and len(one) - len(ending) + len(instead) >= SHORTEST:
                bases[one[: len(one) - len(ending)] + instead] = None
    bases.pop(word)
    return tuple(bases)


def _sisters(word: str) -> set[int]:
    """Under what words meet of which neither is the shorter one."""
    if ARABIC.search(word):
        bare = ARABIC_STARTS.sub("", word)
        return {_key("~", word), _key("~", bare), _key("~", ARABIC_ENDS.sub("", bare))}
    if not WHOLE.fullmatch(word):
        return set()
    return {
        _key("~", word.removesuffix(ending))
        for ending in SISTERS
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST
    }


def deletions(word: str, most: int) -> set[int]:
    """Under what ``word`` is kept, so that what is at most ``most`` slips away meets it there."""
    start = word[:BEGINNING]
    left = {start}
    for taken in range(1, most + 1):
        left.update("".join(kept) for kept in combinations(start, max(len(start) - taken, 0)))
    return {crc32(each.encode()) for each in left}


def near(typed: str, words: Iterable[str]) -> list[tuple[int, str]]:
    """Those of ``words`` that may be meant by ``typed``, each with how many slips it is away."""
    found = []
    for word in words:
        distance = OSA.distance(typed, word, score_cutoff=2)
        if 0 < distance <= 2 and distance <= slips(word):
            found.append((distance, word))
    return found


def begun(typed: str) -> set[int]:
    """Where words are kept of which a form, a plural perhaps, may be one slip away from ``typed``."""
    shorter = {typed[:-taken] for taken in range(1, LONGEST_ENDING + 1)} | set(bases(typed))
    return {key for each in shorter if len(each) >= SHORTEST for key in deletions(each, 1)}


def near_form(typed: str, word: str) -> bool:
    """Whether a form of ``word`` is one slip away from ``typed``, which is none itself: *jakcets* and *jacket*."""
    if not slips(word) or OSA.distance(typed, word, score_cutoff=LONGEST_ENDING + 1) > LONGEST_ENDING + 1:
        return False
    return any(
        word.endswith(instead)
        and (word[-1] != "s" or ending == "es")  # most likely a plural itself
        and OSA.distance(typed, word[: len(word) - len(instead)] + ending, score_cutoff=1) == 1
        for ending, instead in ENDINGS
    )


def swapped(one: str, other: str) -> bool:
    """Whether these differ only in the order of their letters."""
    return len(one) == len(other) and sorted(one) == sorted(other)


def slipped_beginnings(typed: str) -> set[str]:
    """What somebody may have wanted to begin with ``typed``: everything that is one slip away."""
    letters = _alphabet(typed)
    found: set[str] = set()
    for at in range(len(typed) + 1):
        head, tail = typed[:at], typed[at:]
        found.update(head + letter + tail for letter in letters)
        if tail:
            found.add(head + tail[1:])
            found.update(head + letter + tail[1:] for letter in letters)
        if len(tail) > 1:
            found.add(head + tail[1] + tail[0] + tail[2:])
    found.discard(typed)
    return found


def _alphabet(typed: str) -> str:
    if ARABIC.search(typed):
        return "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"
    first = typed[:1]
    for start, end in (("а", "я"), ("α", "ω")):
        if start <= first <= end:
            return "".join(map(chr, range(ord(start), ord(end) + 1)))
    return "abcdefghijklmnopqrstuvwxyz"


def _key(kind: str, text: str) -> int:
    return crc32(f"{kind}{text}".encode())
