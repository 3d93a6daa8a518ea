"""What somebody typed, as the ways in which a product can meet it: one group of ways for each word.

A way is better the nearer it is to what was typed: the word itself, what begins with it, other forms of it, the word
split or joined, words that end in it (*Winterjacke* for *jacke*), then words that are one and two slips away
(``guessing``). Everything is looked up in the vocabulary; the index is asked only for words that it has.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection

from sync.catalogue.index import EACH, GRAM, grams
from sync.catalogue.spelling import bases, ended_by, sought, without_umlauts
from sync.catalogue.words import Term, squeezed, terms
from sync.store.engine import fetch

EXACT, BEGINS, FORM, JOINED, ENDS, ONE, TWO = range(7)  # how well a word is met, best first
MOST_SIGNS, MOST_WORDS = 400, 12  # of a query; the rest is left out
MOST_WAYS = 24  # of one kind for one word
SPLIT_FROM, PART = 5, 3  # letters of a word that may be two, and of a part that can stand alone
APART_FROM = 4  # letters of the longest part of a word that may be taken apart
LETTER = 20  # times as many products with a letter as with the word behind it: then it is a size, no part (T-shirt)
SHORT = 2  # letters: all that begins with so few is kept together in the index
FEW_BEGINNINGS = 6  # words that begin with what was typed; with more, somebody is probably still typing
LAST = "\U0010ffff"
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
ANY_BEGINNING = "SELECT word, products FROM vocabulary WHERE word > ? AND word < ? LIMIT ?"
BEGINNING = "SELECT word, products FROM vocabulary WHERE word > ? AND word < ? ORDER BY products DESC LIMIT ?"


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
    splits = {word: splits_of(word) for word in plain if len(word) >= SPLIT_FROM and word.isalpha()}
    joined = (word for pair in pairs.values() for word in _joined(pair))
    asked = {*plain, *joined, *(part for each in splits.values() for pair in each for part in pair)}
    asked.update(base for term in typed if term.whole and term.parts for base in bases(term.parts[-1]))
    known: dict[str, int] = dict(looked_up(connection, KNOWN, asked))
    by_key: dict[int, list[tuple[str, int]]] = {}
    keys = {key for word in plain for key in (*sought(word), *ended_by(word))}
    found = looked_up(connection, FORMS, keys)
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
    """``text`` with its words of several parts, but not its codes, written as several words; None when it has none."""
    typed = list(terms(text[:MOST_SIGNS]))[:MOST_WORDS]
    if not any(map(_separable, typed)):
        return None
    return " ".join(" ".join(term.parts) if _separable(term) else term.whole or _run(term) for term in typed)


def _separable(term: Term) -> bool:
    """Whether somebody may have meant several words: 2-person, T-shirt; not A5 nor JK101-OCH."""
    words = [part for part in term.parts if part.isalpha()]
    numbers = [part for part in term.parts if part.isdigit()]
    return (
        bool(term.whole and words)
        and len(max(words, key=len)) >= APART_FROM
        and all(len(number) <= 2 for number in numbers)
        and len(term.parts) > 1
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


def splits_of(word: str) -> list[tuple[str, str]]:
    """The ways to cut a word in two; of one letter only the first part may be (T-shirt, T-shirts)."""
    cuts = [(word[:at], word[at:]) for at in range(1, len(word) - 2) if at != 2]
    return [*cuts, (word[0], word[1:-1])] if word[-1] == "s" else cuts


def looked_up(connection: Connection, statement: str, values: Iterable[object]) -> Sequence[tuple[Any, ...]]:
    """What ``statement`` finds for a list of values; nothing is asked for none."""
    listed = list(values)
    if not listed:
        return []
    return fetch(connection, statement, LISTED(listed))
