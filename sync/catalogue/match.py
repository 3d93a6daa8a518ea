"""How a product meets a query: the question for the index, and the score of one product, word by word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

from sync.catalogue.index import trait_key, traits_of
from sync.catalogue.query import BEGINS, EXACT, ONE, Group, Query, Way


@dataclass(frozen=True, slots=True)
class Entry:
    """What one product is indexed by."""

    name: set[str]
    brand: set[str]
    more: set[str]
    codes: list[str]
    told: str

    @property
    def category(self) -> str:
        """The product's category as it is written."""
        return self.told.split("\n")[1]

    def traits(self) -> set[tuple[str, str]]:
        """What it can be narrowed by, as it is compared."""
        return {(kind, trait_key(kind, value)) for kind, value in traits_of(*self.told.split("\n"))}


Meeting = tuple[
    int, int, int, Way
]  # how well a word is met, less is better: its tier, where, which of equal ways


@dataclass(frozen=True, slots=True)
class Score:
    """How well a product meets a query, less is better: the sum over its words, and the ways in which they are met."""

    tiers: int
    fields: int
    choice: int
    ways: tuple[Way, ...]


def strict(group: Group) -> bool:
    """Whether something meets a word without a slip."""
    return any(way.tier < ONE for way in group.ways)


def expression(query: Query, *, all_beginnings: bool = False) -> str:
    """The query in the index's own language. ``all_beginnings``: with more than the most frequent words that begin so."""
    parts = []
    for pair, joins in query.steps():
        words = [_any(group, all_beginnings) for group in pair]
        if not joins:
            parts += words
            continue
        either = [of_way(join) for join in joins]
        if all(words):
            either.insert(0, f"({' AND '.join(words)})")
        parts.append(f"({' OR '.join(either)})")
    return " AND ".join(parts)


def _any(group: Group, all_beginnings: bool) -> str:
    ways = [of_way(way) for way in group.ways]
    if all_beginnings and group.begins:
        ways.append(f'"{group.typed}"*')
    return f"({' OR '.join(ways)})" if ways else ""


def of_way(way: Way) -> str:
    """One way in the index's own language."""
    words = [f'"{token[:-1]}"*' if token.endswith("*") else f'"{token}"' for token in way.tokens]
    return f"({' AND '.join(words)})" if len(words) > 1 else words[0]


def score(query: Query, entry: Entry) -> Score | None:
    """How well a product meets a query; None when it does not."""
    met: list[Meeting] = []
    for pair, joins in query.steps():
        best = [_best(group, entry) for group in pair]
        if None in best:
            whole = [_meeting(join, entry, 0) for join in joins]
            best = [min((one for one in whole if one is not None), key=itemgetter(1), default=None)]
            if None in best:
                return None
        met += [one for one in best if one is not None]
    tiers, fields, choices, ways = zip(*met, strict=True)
    return Score(sum(tiers), sum(fields), sum(choices), ways)


def said(query: Query, ways: Sequence[Way]) -> str | None:
    """What was searched for: the typed words, the corrected ones in their place; None when none was corrected."""
    if all(way.tier < ONE for way in ways):
        return None
    typed = iter(query.groups)
    words = []
    for way in ways:
        words.append(" ".join(way.tokens) if way.tier >= ONE else next(typed).typed)
        if way.tier >= ONE:
            next(typed)
        elif any(way in joins for joins in query.joins.values()):
            words.append(next(typed).typed)
    return " ".join(words)


def _best(group: Group, entry: Entry) -> Meeting | None:
    best: Meeting | None = None
    for number, way in enumerate(group.ways):
        if best is not None and way.tier > best[0]:
            break
        here = _code(group, way, entry) if way.tokens[0][0] == "#" else _meeting(way, entry, number)
        if here is not None and (best is None or here[:3] < best[:3]):
            best = here
    if best is None and group.begins:  # with a word that is none of the most frequent ones
        return _meeting(Way(BEGINS, (f"{group.typed}*",)), entry, 0)
    return best


def _meeting(way: Way, entry: Entry, number: int) -> Meeting | None:
    field = _field(way, entry)
    return None if field is None else (way.tier, field, number if way.tier >= ONE else 0, way)


def _code(group: Group, way: Way, entry: Entry) -> Meeting | None:
    """A whole code is as good as a name, a piece of one less."""
    if group.typed in entry.codes:
        return (EXACT, 0, 0, way)
    return (way.tier, 2, 0, way) if any(group.typed in code for code in entry.codes) else None


def _field(way: Way, entry: Entry) -> int | None:
    """Where a way is met: 0 in the name, 1 with the brand, 2 anywhere; None: it is not."""
    most = 0
    for token in way.tokens:
        for at, words in enumerate((entry.name, entry.brand, entry.more)):
            if token in words or (token[-1] == "*" and any(word.startswith(token[:-1]) for word in words)):
                most = max(most, at)
                break
        else:
            return None
    return most
