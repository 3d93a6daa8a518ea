"""What may have been meant by words that nothing has: those one and two slips away, words joined, swapped or begun wrong.

A guess is one more way to meet a word, worse than all in which it is met as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from sync.catalogue.index import EACH
from sync.catalogue.query import (
    FORM,
    FORMS,
    JOINED,
    KNOWN,
    LAST,
    MOST_WAYS,
    NOISE,
    ONE,
    TWO,
    Group,
    Query,
    Way,
    looked_up,
    splits_of,
)
from sync.catalogue.spelling import (
    ENDS_FROM,
    SLIPS_FROM,
    begun,
    deletions,
    ended_by,
    near,
    near_form,
    slipped_beginnings,
    slips,
    sought,
    swapped,
)
from sync.catalogue.words import RUN

RARE = 10  # products of a guessed word, at most, whose other forms are looked for
FORMED = 3  # of so many such words
LONGEST_RUN = 16  # signs without a space that are looked for as two words
LONG_VOWEL = "ー"  # some write it at the end of a word, some do not
IDEOGRAPH = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")  # one sign of these is a word
NEAR = (
    f"SELECT v.word, v.products FROM (SELECT DISTINCT m.word AS id FROM {EACH} CROSS JOIN misspellings m ON m.key = j.value) n"  # noqa: S608
    " CROSS JOIN vocabulary v ON v.id = n.id"
)
SLIPPED = (
    f"SELECT DISTINCT v.word, v.products FROM {EACH} CROSS JOIN vocabulary v"  # noqa: S608
    f" ON v.word >= j.value AND v.word < j.value || '{LAST}' LIMIT 200"
)


def corrected(connection: Connection, query: Query, *, all_words: bool) -> Query:
    """With words that are one slip away from the unknown words of ``query``, else two; ``all_words``: from every one."""
    groups = []
    for group in query.groups:
        if group.typed in NOISE and len(query.groups) > 1:
            pass  # rather left out
        elif group.plain and (all_words or not group.known):
            nearby = [] if all_words else nearest(connection, group.typed, 1)
            nearby = nearby or nearest(connection, group.typed, 2)
            if not nearby and not group.ways:
                nearby = (
                    _form_with_a_slip(connection, group.typed)
                    or _joined_with_an_ending(connection, group.typed)
                    or _joined_with_a_slip(connection, group.typed)
                    or _swapped(connection, group.typed)
                )
            nearby = nearby[:MOST_WAYS]
            group = replace(group, ways=(*group.ways, *nearby, *_other_forms(connection, group, nearby)))
        elif RUN.search(group.typed):
            group = replace(group, ways=(*group.ways, *_run_apart(group.typed)))
        groups.append(group)
    return replace(query, groups=tuple(groups))


def nearest(connection: Connection, typed: str, most: int) -> list[Way]:
    """Words that may be meant by a mistyped one: fewest slips first, then swapped letters, then the more frequent."""
    if len(typed) < 3 or not typed.isalpha():
        return []
    most = most if len(typed) >= 6 else 1  # what is two slips away has at least eight letters
    products = dict(looked_up(connection, NEAR, deletions(typed, most)))
    found = [one for one in near(typed, products) if one[0] <= most]
    found.sort(
        key=lambda one: (one[0], not swapped(typed, one[1]), one[1][0] != typed[0], -products[one[1]], one[1])
    )
    return [Way(ONE if distance == 1 else TWO, (word,), products[word]) for distance, word in found]


def _other_forms(connection: Connection, group: Group, nearby: Sequence[Way]) -> list[Way]:
    """Other forms of the best words that may be meant, where few products have these: *candel* finds *candles*, too."""
    met = {way.tokens for way in group.ways}
    best = [way for way in nearby if way.tier == nearby[0].tier and 0 < way.products <= RARE]
    have = {way.tokens[0] for way in nearby}
    found: dict[str, Way] = {}
    for way in best[:FORMED]:
        for _, word, products in (
            looked_up(connection, FORMS, sought(way.tokens[0])) if way.tokens not in met else ()
        ):
            if word not in have:
                found[word] = Way(way.tier, (word,), products)
    return list(found.values())


def _form_with_a_slip(connection: Connection, typed: str) -> list[Way]:
    """Words of which something mistyped may be a plural or a case, the more frequent first."""
    if not slips(typed):
        return []
    products = dict(looked_up(connection, NEAR, begun(typed)))
    found = [word for word in products if near_form(typed, word)]
    found.sort(key=lambda word: (word[0] != typed[0], -products[word], word))
    return [Way(ONE, (word,), products[word]) for word in found]


def _joined_with_an_ending(connection: Connection, typed: str) -> list[Way]:
    """A word joined with what only ends other words: *Edelstahlflasche* is found as *Edelstahl Trinkflasche*."""
    splits = [
        (one, two) for one, two in splits_of(typed) if len(one) >= SLIPS_FROM[0] and len(two) >= ENDS_FROM
    ]
    known = {word for word, _ in looked_up(connection, KNOWN, {one for one, _ in splits})}
    ways = []
    for one, two in splits:
        found = looked_up(connection, FORMS, ended_by(two)) if one in known else ()
        ways += [Way(JOINED, (one, word)) for word in dict.fromkeys(word for _, word, _ in found)]
    return ways


def _joined_with_a_slip(connection: Connection, typed: str) -> list[Way]:
    """Two words that may have been joined and one of them mistyped; the more frequent first."""
    splits = [(one, two) for one, two in splits_of(typed) if min(len(one), len(two)) >= SLIPS_FROM[0]]
    known: dict[str, int] = dict(looked_up(connection, KNOWN, {part for split in splits for part in split}))
    found: dict[tuple[str, str], int] = {}
    for one, two in splits:
        if one in known:
            found |= {(one, way.tokens[0]): known[one] for way in nearest(connection, two, 1)[:1]}
        elif two in known:
            found |= {(way.tokens[0], two): known[two] for way in nearest(connection, one, 1)[:1]}
    return [Way(ONE, parts) for parts in sorted(found, key=lambda parts: (-found[parts], parts))]


def _swapped(connection: Connection, typed: str) -> list[Way]:
    """Words of three letters, of which two were swapped: all that is forgiven in words so short."""
    if len(typed) != 3 or not typed.isalpha():
        return []
    swaps = {typed[1] + typed[0] + typed[2], typed[0] + typed[2] + typed[1]} - {typed}
    found = looked_up(connection, KNOWN, swaps)
    return [
        Way(ONE, (word,), products) for word, products in sorted(found, key=lambda one: (-one[1], one[0]))
    ]


def _run_apart(run: str) -> list[Way]:
    """A run of signs that nothing has just so as two words in any order, or without its last long vowel."""
    ways = [Way(FORM, tuple(_signs(run[:-1])))] if len(run) > 3 and run.endswith(LONG_VOWEL) else []
    for at in range(1, len(run)) if len(run) <= LONGEST_RUN else ():
        parts = run[:at], run[at:]
        if all(len(part) > 1 or IDEOGRAPH.match(part) for part in parts):
            ways.append(Way(JOINED, tuple(dict.fromkeys(sign for part in parts for sign in _signs(part)))))
    return ways


def _signs(run: str) -> list[str]:
    """What a part of a run is found by: its pairs of signs; all that begins with it when it is one sign."""
    return [run[at : at + 2] for at in range(len(run) - 1)] or [f"{run}*"]


def begun_wrong(connection: Connection, query: Query) -> Query | None:
    """With words that begin with something one slip away from the last word; None when there are none."""
    *others, group = query.groups
    if not (group.plain and group.typed.isalpha() and slips(group.typed) and len(group.typed) <= 12):
        return None
    products = dict(looked_up(connection, SLIPPED, slipped_beginnings(group.typed)))
    best = sorted(products, key=lambda word: (-products[word], word))[:MOST_WAYS]
    ways = tuple(Way(ONE, (word,)) for word in best)
    return replace(query, groups=(*others, replace(group, ways=ways))) if ways else None
