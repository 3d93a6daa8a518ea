"""Weighing what the readers say of one place: who says what, how surely, and whether that is enough.

A wrong code is worse than none: every wrong EAN that was ever seen here passed its check digit, and two readers
sometimes agree on one. So a text wins only with more than twice the support of all others together; otherwise
nothing is said and the next frame decides.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import TypeAlias

from kiosk.scanner.reading import Reading

# A reading this flat (height over width) came from a line or two and needs somebody to agree. Short codes are
# misread most easily; zxing-cpp makes DataBar out of text now and then.
DOUBTFUL = {"EAN-13": 0.1, "UPC-A": 0.1, "EAN-8": 0.4, "UPC-E": 0.5, "GS1 DataBar": 0.02}

MOST_LINES = 12  # of one form; its neighbours' lines say nothing new
AGREED = 4  # lines over two forms or more
ALONE = 8  # lines of a single form
SETTLED = 8  # lines over two programs: no need to look on
SETTLED_ALONE = 18  # lines of one program: three forms of a picture, all tall
PREVAILS = 2  # times the support of all other texts together

Said: TypeAlias = tuple[Reading, int]
"""A reading and how many scan lines stand behind it; zxing-cpp does not count them, so its are estimated."""


def doubtful(made: Reading, flatness: float) -> bool:
    """Whether a reading of zxing-cpp needs somebody to agree."""
    return flatness < DOUBTFUL.get(made.symbology, 0.0)


def worth(made: Reading, flatness: float) -> int:
    """Estimate in lines what a reading of zxing-cpp counts for."""
    if not doubtful(made, flatness):
        return 6
    return 1 if made.symbology == "UPC-E" else 2  # a UPC-E has only 6 of its digits in bars, and it shows


def settled(said: Iterable[Said]) -> bool:
    """Whether it is so clear what is said that nobody else needs to be asked."""
    support, forms = _support(said)
    text = _leader(support)
    if text is None:
        return False
    return support[text] >= (SETTLED if len(_programs(forms[text])) > 1 else SETTLED_ALONE)


def winner(said: Iterable[Said]) -> Reading | None:
    """Return what is surely said; None when it is too little, or too much of something else is said."""
    said = list(said)
    support, forms = _support(said)
    text = _leader(support)
    if text is None:
        return None
    if support[text] < ALONE and (support[text] < AGREED or len(forms[text]) < 2):
        return None
    weak = max(lines for made, lines in said if made.text == text) < 2
    if weak and len(support) > 1 and len(_programs(forms[text])) < 2:
        return None  # a line here and there, and the program is not even at one with itself
    return next(made for made, _ in said if made.text == text)


def one_sided(said: Iterable[Said], won: Reading) -> bool:
    """Whether one program alone says what ``won``, and not often; it is sometimes wrong in two forms of a picture."""
    support, forms = _support(said)
    return len(_programs(forms[won.text])) < 2 and support[won.text] < SETTLED_ALONE


def guessed(said: Iterable[Said], won: Reading) -> bool:
    """Whether zbar alone says what ``won``, of dark bars, when our own eyes have looked there, too.

    zbar asks for no white beside a code, so it reads some of what is cut off and joins the rest from elsewhere.
    Light bars are nothing to our own eyes, so their silence says nothing then.
    """
    forms = _support(said)[1][won.text]
    return _programs(forms) == {"zbar"} and not all("inverse" in form for form in forms)


def _programs(forms: Iterable[str]) -> set[str]:
    """The programs that ``Reading.reader`` names before how they saw the picture."""
    return {form.partition(",")[0] for form in forms}


def _support(said: Iterable[Said]) -> tuple[Counter[str], dict[str, set[str]]]:
    """Lines behind each text, counting the best of each form once, and the forms that say it."""
    best: dict[tuple[str, str], int] = {}
    for made, lines in said:
        key = made.text, made.reader
        best[key] = max(min(lines, MOST_LINES), best.get(key, 0))
    support: Counter[str] = Counter()
    forms: defaultdict[str, set[str]] = defaultdict(set)
    for (text, form), lines in best.items():
        support[text] += lines
        forms[text].add(form)
    return support, forms


def _leader(support: Counter[str]) -> str | None:
    ranked = support.most_common(1)
    if not ranked:
        return None
    text, lines = ranked[0]
    return text if lines > PREVAILS * (sum(support.values()) - lines) else None
