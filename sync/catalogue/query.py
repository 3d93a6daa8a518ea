"""What somebody typed, as the ways in which a product can meet it: one group of ways for each word.

A way is better the nearer it is to what was typed: the word itself, what begins with it, other forms of it, the word
split or joined, words that end in it (*Winterjacke* for *jacke*), then words that are one and two slips away. Everything
is looked up in the vocabulary; the index is asked only for words that it has.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection

from sync.catalogue.index import EACH, GRAM, grams
from sync.catalogue.spelling import (
    ENDS_FROM,
    SLIPS_FROM,
    bases,
    deletions,
    ended_by,
    near,
    slipped_beginnings,
    slips,
    sought,
    swapped,
    without_umlauts,
)
from sync.catalogue.words import RUN, Term, squeezed, terms
from sync.store.engine import fetch

EXACT, BEGINS, FORM, JOINED, ENDS, ONE, TWO = range(7)  # how well a word is met, best first
MOST_SIGNS, MOST_WORDS = 400, 12  # of a query; the rest is left out
MOST_WAYS = 24  # of one kind for one word
SPLIT_FROM, PART = 5, 3  # letters of a word that may be two, and of a part that can stand alone
LETTER = 20  # times as many products with a letter as with the word behind it: then it is a size, no part (T-shirt)
SHORT = 2  # letters: all that begins with so few is kept together in the index
RARE, FORMED = (
    10,
    3,
)  # products of a guessed word whose other forms are looked for, and of how many such words
FEW_BEGINNINGS = 6  # words that begin with what was typed; with more, somebody is probably still typing
LAST = "\U0010ffff"
LONGEST_RUN = 16  # signs without a space that are looked for as two words
LONG_VOWEL = "ー"  # some write it at the end of a word, some do not
IDEOGRAPH = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")  # one sign of these is a word
LISTED = json.JSONEncoder(ensure_ascii=False).encode  # dumps would make an encoder for every call
# Said in a query, seldom in a name: left out when nothing has them.
NOISE_WORDS = (
    "a an and for in of on or the to with size colour color und fur mit der die das ein eine grosse farbe de du des la le les"
    " un une et pour avec taille couleur el los las y con para por talla en von im am"
)  # fmt: skip
NOISE = frozenset(NOISE_WORDS.split())
KNOWN = f"SELECT v.word, v.products FROM {EACH} CROSS JOIN vocabulary v ON v.word = j.value"  # noqa: S608
FORMS = (
    f"SELECT f.key, v.word, v.products FROM {EACH} CROSS JOIN forms f ON f.key = j.value"  # noqa: S608
    " CROSS JOIN vocabulary v ON v.id = f.word"
)
NEAR = (
    f"SELECT v.word, v.products FROM (SELECT DISTINCT m.word AS id FROM {EACH} CROSS JOIN misspellings m ON m.key = j.value) n"  # noqa: S608
    " CROSS JOIN vocabulary v ON v.id = n.id"
)
ANY_BEGINNING = "SELECT word, products FROM vocabulary WHERE word > ? AND word < ? LIMIT ?"
BEGINNING = "SELECT word, products FROM vocabulary WHERE word > ? AND word < ? ORDER BY products DESC LIMIT ?"
SLIPPED = (
    f"SELECT DISTINCT v.word, v.products FROM {EACH} CROSS JOIN vocabulary v"  # noqa: S608
    f" ON v.word >= j.value AND v.word < j.value || '{LAST}' LIMIT 200"
)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to meet a word: ``tokens`` are all there. One that ends in * stands for all that begin so.

    ``products`` is how many are met so, 0 when that is not known.
    """

    tier: int
    tokens: tuple[str, ...]
    products: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Group:
    """One word as it was typed, and the ways to meet it, best first.

    ``known``: a product has it just so. ``begins``: so many words begin with it that not all are among the ways.
    """

    typed: str
    ways: tuple[Way, ...]
    known: bool = False
    begins: bool = False
    products: int = 0
    plain: bool = False

    def doubtful(self) -> bool:
        """Whether it is met, but may as well be mistyped: no word, and the beginning of few, or very short."""
        beginnings = sum(way.tier == BEGINS for way in self.ways)
        return self.plain and not self.known and (beginnings <= FEW_BEGINNINGS or len(self.typed) == 3)


@dataclass(frozen=True, slots=True)
class Query:
    """All groups must be met; a pair in ``joins`` (by the number of its first) also as one word."""

    groups: tuple[Group, ...]
    joins: Mapping[int, tuple[Way, ...]] = field(default_factory=dict)
    relaxed: tuple[str, ...] = ()

    def possible(self) -> bool:
        """Whether every group can be met at all."""
        joined = {at for first in self.joins for at in (first, first + 1)}
        return all(group.ways or at in joined for at, group in enumerate(self.groups))

    def steps(self) -> Iterator[tuple[tuple[Group, ...], tuple[Way, ...]]]:
        """Its groups in order; two that may also be one word come together, with the ways in which they are."""
        at = 0
        while at < len(self.groups):
            joins = self.joins.get(at, ())
            pair = self.groups[at : at + (2 if joins else 1)]
            yield pair, joins
            at += len(pair)

    def heads(self) -> Iterator[Query]:
        """This query with only the last part of a word that is made of two: *coat* when there is no *raincoat*."""
        for at, group in enumerate(self.groups):
            for way in group.ways if group.plain else ():
                if (
                    way.tier == JOINED
                    and len(way.tokens) == 2
                    and all(len(part) >= PART for part in way.tokens)
                ):
                    left, head = way.tokens
                    groups = (
                        *self.groups[:at],
                        Group(head, (Way(EXACT, (head,)),), known=True),
                        *self.groups[at + 1 :],
                    )
                    yield Query(groups, {}, (*self.relaxed, left))

    def without(self, at: Iterable[int]) -> Query:
        """This query with some of its groups left out."""
        left = set(at)
        groups = tuple(group for number, group in enumerate(self.groups) if number not in left)
        said = tuple(self.groups[number].typed for number in sorted(left))
        return Query(groups, {}, (*self.relaxed, *said))


def understand(connection: Connection, text: str) -> Query:
    """``text`` as a query; without groups when there is no word in it."""
    typed = list(terms(text[:MOST_SIGNS]))[:MOST_WORDS]
    plain = [term.whole for term in typed if term.whole]
    pairs = {
        at: one.whole + two.whole
        for at, (one, two) in enumerate(pairwise(typed))
        if one.whole and two.whole and not (one.whole.isdigit() and two.whole.isdigit())
    }
    splits = {word: _splits(word) for word in plain if len(word) >= SPLIT_FROM and word.isalpha()}
    joined = (word for pair in pairs.values() for word in _joined(pair))
    asked = {*plain, *joined, *(part for each in splits.values() for pair in each for part in pair)}
    asked.update(base for term in typed if term.whole and term.parts for base in bases(term.parts[-1]))
    known: dict[str, int] = dict(_tuples(connection, KNOWN, asked))
    by_key: dict[int, list[tuple[str, int]]] = {}
    keys = {key for word in plain for key in (*sought(word), *ended_by(word))}
    found = _tuples(connection, FORMS, keys)
    for key, word, products in sorted(found, key=lambda one: (-one[2], one[1])):
        by_key.setdefault(key, []).append((word, products))
    groups = []
    for at, term in enumerate(typed):
        groups.append(
            _group(connection, term, known, by_key, splits.get(term.whole, ()), at == len(typed) - 1)
        )
    joins: dict[int, tuple[Way, ...]] = {}
    for at, word in pairs.items():
        whole = [each for each in _joined(word) if each in known]
        if whole and at - 1 not in joins:
            joins[at] = tuple(Way(JOINED, (each,)) for each in whole)
    return Query(tuple(groups), joins)


def taken_apart(text: str) -> str | None:
    """``text`` with its words of several parts written as several words; None when it has none."""
    typed = list(terms(text[:MOST_SIGNS]))[:MOST_WORDS]
    if not any(term.whole and len(term.parts) > 1 for term in typed):
        return None
    return " ".join(
        " ".join(term.parts) if term.whole and len(term.parts) > 1 else term.whole or _run(term)
        for term in typed
    )


def _run(term: Term) -> str:
    """A run without spaces as it was typed."""
    *head, end = term.parts
    return "".join([*(part[0] for part in head), end])


def _group(
    connection: Connection,
    term: Term,
    known: Mapping[str, int],
    by_key: Mapping[int, list[tuple[str, int]]],
    splits: Iterable[tuple[str, str]],
    last: bool,
) -> Group:
    word = term.whole
    if not word:  # a run without spaces; a single sign may be the first of two
        *head, end = term.parts
        parts = (*head, f"{end}*" if len(end) == 1 else end)
        return Group(_run(term), (Way(EXACT, parts),), known=True)
    if word in NOISE and word not in known and not last:
        return Group(word, (), plain=True)
    ways = [Way(EXACT, (word,), known[word])] if word in known else []
    begins = False
    if last or (word not in known and len(word) > 2):
        beginning = _beginning(connection, word)
        if not beginning and without_umlauts(word) != word:
            beginning = _beginning(connection, without_umlauts(word))
        if len(word) <= SHORT:
            beginning = [(f"{word}*", 0)] if beginning else []
        begins = len(beginning) == MOST_WAYS
        ways += [Way(BEGINS, (each,), products) for each, products in beginning]
    if term.parts:
        *head, end = term.parts
        ways.append(Way(JOINED, (*head, f"{end}*" if last and end.isalpha() else end)))
        ways += [Way(JOINED, (*head, base)) for base in bases(end) if base in known]
    if any(map(str.isdigit, word)) and len(word) >= GRAM:
        ways.append(Way(BEGINS, tuple(grams([word]))))
    have = dict.fromkeys((way.tokens[0] for way in ways if len(way.tokens) == 1), 0)
    for tier, keys in ((FORM, sought(word)), (ENDS, ended_by(word))):
        like = {each: many for key in keys for each, many in by_key.get(key, ()) if each not in have}
        have.update(like)
        ways += [Way(tier, (each,), many) for each, many in like.items()][:MOST_WAYS]
    whole = [
        (min(known[one], known[two]), one, two)
        for one, two in splits
        if one in known and two in known and (len(one) > 1 or known[one] <= LETTER * known[two])
    ]
    ways += [Way(JOINED, (one, two)) for _, one, two in sorted(whole, reverse=True)[:3]]
    ways.sort(key=lambda way: way.tier)
    return Group(word, tuple(ways), word in known, begins, known.get(word, 0), plain=not term.parts)


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
                    _joined_with_an_ending(connection, group.typed)
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
    products = dict(_tuples(connection, NEAR, deletions(typed, most)))
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
            _tuples(connection, FORMS, sought(way.tokens[0])) if way.tokens not in met else ()
        ):
            if word not in have:
                found[word] = Way(way.tier, (word,), products)
    return list(found.values())


def _joined_with_an_ending(connection: Connection, typed: str) -> list[Way]:
    """A word joined with what only ends other words: *Edelstahlflasche* is found as *Edelstahl Trinkflasche*."""
    splits = [
        (one, two) for one, two in _splits(typed) if len(one) >= SLIPS_FROM[0] and len(two) >= ENDS_FROM
    ]
    known = {word for word, _ in _tuples(connection, KNOWN, {one for one, _ in splits})}
    ways = []
    for one, two in splits:
        found = _tuples(connection, FORMS, ended_by(two)) if one in known else ()
        ways += [Way(JOINED, (one, word)) for word in dict.fromkeys(word for _, word, _ in found)]
    return ways


def _joined_with_a_slip(connection: Connection, typed: str) -> list[Way]:
    """Two words that may have been joined and one of them mistyped; the more frequent first."""
    splits = [(one, two) for one, two in _splits(typed) if min(len(one), len(two)) >= SLIPS_FROM[0]]
    known: dict[str, int] = dict(_tuples(connection, KNOWN, {part for split in splits for part in split}))
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
    found = _tuples(connection, KNOWN, swaps)
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
    products = dict(_tuples(connection, SLIPPED, slipped_beginnings(group.typed)))
    best = sorted(products, key=lambda word: (-products[word], word))[:MOST_WAYS]
    ways = tuple(Way(ONE, (word,)) for word in best)
    return replace(query, groups=(*others, replace(group, ways=ways))) if ways else None


def as_code(text: str) -> Query | None:
    """All that was typed as a piece of one code; None when it is too short for that."""
    code = squeezed(text[:MOST_SIGNS])
    if not GRAM <= len(code) <= 40:
        return None
    return Query((Group(code, (Way(BEGINS, tuple(grams([code]))),), known=True),))


def _beginning(connection: Connection, word: str) -> Sequence[tuple[str, int]]:
    """The most frequent words that begin with ``word`` and are longer, each with its number of products."""
    statement, most = (ANY_BEGINNING, 1) if len(word) <= SHORT else (BEGINNING, MOST_WAYS)
    return fetch(connection, statement, word, word + LAST, most)


def _joined(word: str) -> tuple[str, ...]:
    """Two words that were joined, and the plural or the singular of that."""
    return word, f"{word}s", f"{word}n", *((word[:-1],) if word[-1] in "sn" else ())


def _splits(word: str) -> list[tuple[str, str]]:
    """The ways to cut a word in two; of one letter only the first part may be (T-shirt, T-shirts)."""
    cuts = [(word[:at], word[at:]) for at in range(1, len(word) - 2) if at != 2]
    return [*cuts, (word[0], word[1:-1])] if word[-1] == "s" else cuts


def _tuples(connection: Connection, statement: str, values: Iterable[object]) -> Sequence[tuple[Any, ...]]:
    listed = list(values)
    if not listed:
        return []
    return fetch(connection, statement, LISTED(listed))
