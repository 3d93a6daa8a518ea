"""The order of what is found: few matches are compared with what was typed, of many the index is asked for the best."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice

from sqlalchemy import Connection

from sync.catalogue.filters import MOST, Filters, met_by, wanted_traits
from sync.catalogue.index import EACH
from sync.catalogue.match import Entry, expression, of_way, said, score, strict
from sync.catalogue.query import EXACT, JOINED, ONE, TWO, Query, Way
from sync.store.engine import fetch

FEW = 24  # matches that are compared one by one; of more, the index says which are the best
FEW_OF_WORD = 10  # the same for a single word, where there is little to compare
FEW_GUESSED = 4  # and for one that nothing has
COUNTED = 10_000  # matches that are counted; of more it is only said that there are
LOOKED_AT = 3_000  # matches whose offers are looked at, where filters ask for that
SURE = 5  # products for what was typed before those for what may have been meant
WINDOW = 32  # matches of equal worth among which those that can be had come first; then twice as many, ...
WIDEST = 512  # at most: every window begins at the first match again
GUESSED = 16  # the same for what may have been meant, shared by those that are equally near
MATCHES = "SELECT rowid AS found FROM lexicon WHERE lexicon MATCH ? LIMIT ? OFFSET ?"
# What cannot be had stands together in one part of the index; it is small, so that it stays in memory.
BUYABLE = (
    "NOT EXISTS (SELECT 1 FROM products p INDEXED BY products_buyable WHERE p.buyable = 0 AND p.row = {})"
)
BEST_FIRST = f"SELECT found FROM ({MATCHES}) ORDER BY {BUYABLE.format('found')} DESC"  # noqa: S608
BROWSE = "SELECT row FROM products WHERE price <= ? ORDER BY buyable DESC, row LIMIT ? OFFSET ?"
ENTRIES = (
    f"SELECT e.row, e.name, e.brand, e.more, e.codes, e.told, {BUYABLE.format('e.row')}"  # noqa: S608
    f" FROM {EACH} CROSS JOIN entries e ON e.row = j.value"
)


@dataclass(frozen=True, slots=True)
class Found:
    """The row numbers of one page of products, best first, and what they were found by.

    ``meant`` is what was typed, without the filters, in the index's own language; "" stands for the whole catalogue.
    ``at_least`` is the same without rare words that begin so, "" when there are none: quicker to count.
    ``all_rows`` are those of every page, None when there are many; then ``met`` is how many were seen to have what
    the filters ask of a variant. ``categories`` counts them before a category is chosen. ``typed`` is what was searched
    for when it was neither corrected nor shortened, and ``matches`` how many products met it, None when there are many.
    """

    rows: tuple[int, ...]
    meant: str
    all_rows: tuple[int, ...] | None
    categories: Mapping[str, int] = field(default_factory=dict)
    at_least: str = ""
    corrected: str | None = None
    relaxed: tuple[str, ...] = ()
    met: int = 0
    typed: Query | None = None
    matches: int | None = None


NOTHING = Found((), "", ())


@dataclass(frozen=True, slots=True)
class Ranking:
    """Puts what is found in order. ``marks`` stand for the filters in the index."""

    connection: Connection
    filters: Filters
    marks: tuple[str, ...]
    limit: int
    offset: int

    def compared(self, query: Query, rows: Sequence[int]) -> Found:
        """Few rows, each compared with what was typed."""
        wanted = wanted_traits(replace(self.filters, category=None))
        ranked = []
        for row, entry, buyable in entries(self.connection, rows):
            met = score(query, entry)
            if met is not None and (not wanted or wanted <= entry.traits()):
                order = (met.tiers, met.fields, met.choice, not buyable, len(entry.name), row)
                ranked.append((order, met, entry))
        ranked.sort(key=lambda one: one[0])
        if self.filters.exacting():
            met_all = met_by(self.connection, [order[-1] for order, _, _ in ranked], self.filters)
            ranked = [one for one in ranked if one[0][-1] in met_all]
        categories = Counter(entry.category for _, _, entry in ranked)
        kept = [one for one in ranked if self.filters.category in (None, one[2].category)]
        rows = [order[-1] for order, _, _ in kept]
        if len(query.groups) == 1:
            by_way: dict[Way, list[int]] = {}
            for order, met, _ in kept:
                if met.tiers >= ONE:
                    by_way.setdefault(met.ways[0], []).append(order[-1])
            slips = _by_turns([(way.tier, iter(found)) for way, found in by_way.items()])
            rows = list(_mixed((order[-1] for order, met, _ in kept if met.tiers < ONE), slips))
        best = {order[-1]: met for order, met, _ in kept}
        page = rows[self.offset : self.offset + self.limit]
        corrected = said(query, best[rows[0]].ways) if rows else None
        return Found(
            tuple(page),
            expression(query, all_beginnings=True),
            tuple(rows),
            categories,
            corrected=corrected,
            relaxed=query.relaxed,
        )

    def streamed(self, query: Query) -> Found:
        """Many rows: the index is asked for the best first."""
        if len(query.groups) == 1:
            found, corrected = self._one_word(query)
        else:
            found, corrected = self._page(self._by_worth(query), expression(query, all_beginnings=True)), None
            if found.rows and any(way.tier >= ONE for group in query.groups for way in group.ways):
                for _, entry, _ in entries(self.connection, found.rows[:1]):
                    met = score(query, entry)
                    corrected = said(query, met.ways) if met is not None else None
        begun = any(group.begins for group in query.groups)
        at_least = expression(query) if begun else found.meant
        return replace(found, at_least=at_least, corrected=corrected, relaxed=query.relaxed)

    def _one_word(self, query: Query) -> tuple[Found, str | None]:
        """Rows for one word, and what it was corrected to when nothing has it as it was typed."""
        group = query.groups[0]
        ways = [way for way in group.ways if way.tier >= ONE]
        typed: set[int] = set()  # rows that have it as it was typed, as far as they were asked for

        def as_typed() -> Iterator[int]:
            for row in self._by_worth(_up_to(query, ONE - 1)):
                typed.add(row)
                yield row

        ordered = _mixed(as_typed(), self._spread(ways)) if strict(group) else self._spread(ways)
        found = self._page(ordered, expression(query, all_beginnings=True))
        if self.filters.exacting():
            typed &= set(found.rows)
        return found, said(query, ways[:1]) if ways and found.rows and not typed else None

    def browse(self) -> Found:
        """The whole catalogue, or what of it the filters leave; what can be had first."""
        if self.marks:
            return self._page(self._windows(""), "")
        if not self.filters.exacting():
            return Found(self._browsed(MOST, self.limit, self.offset), "", None)
        most = MOST if self.filters.price_to is None else self.filters.price_to
        return self._page(self._browsed(most, LOOKED_AT, 0), "")

    def _browsed(self, most: int, limit: int, offset: int) -> tuple[int, ...]:
        return tuple(row for (row,) in fetch(self.connection, BROWSE, most, limit, offset))

    def _page(self, ordered: Iterable[int], question: str) -> Found:
        """The page out of all rows in order."""
        distinct = _once(ordered)
        if not self.filters.exacting():
            return Found(tuple(islice(distinct, self.offset, self.offset + self.limit)), question, None)
        rows = list(islice(distinct, LOOKED_AT))
        met = met_by(self.connection, rows, self.filters)
        kept = tuple(row for row in rows if row in met)
        page = kept[self.offset : self.offset + self.limit]
        return Found(page, question, kept if len(rows) < LOOKED_AT else None, met=len(kept))

    def _by_worth(self, query: Query) -> Iterator[int]:
        """The best rows first as far as the index knows: what was typed before what is like it, names first."""
        asked: set[str] = set()
        code = any(all(way.tokens[0][0] == "#" for way in group.ways) for group in query.groups)
        fields = ("{}",) if code else ("name : ({})", "{{name brand}} : ({})", "{}")
        # Whatever has the words as they were typed comes before what only ends in one, T-shirts before sweatshirts.
        for tiers in (EXACT, JOINED), (ONE - 1, TWO):
            readings = [reading for tier in tiers if (reading := _up_to(query, tier)).possible()]
            questions = dict.fromkeys(map(expression, readings))
            for where in fields:
                for question in questions:
                    if question not in asked:
                        yield from self._windows(where.format(question))
            asked.update(questions)
        if query.possible() and any(group.begins for group in query.groups):
            yield from self._windows(expression(query, all_beginnings=True))

    def _spread(self, ways: Sequence[Way]) -> Iterator[int]:
        """Rows for a word that may have been meant to be one of several: some of each by turns, the nearest first."""
        sharing = Counter(way.tier for way in ways)
        return _by_turns(
            [(way.tier, self._windows(of_way(way), max(2, GUESSED // sharing[way.tier]))) for way in ways]
        )

    def _windows(self, question: str, window: int = WINDOW) -> Iterator[int]:
        """The rows for an expression; of some at a time, at first ``window``, those that can be had come first."""
        wanted = narrowed(question, self.marks)
        offset = 0
        while True:
            found = fetch(self.connection, BEST_FIRST, wanted, window, offset)
            yield from (row for (row,) in found)
            if len(found) < window:
                return
            offset, window = offset + window, min(max(2 * window, WINDOW), WIDEST)


def few(query: Query) -> int:
    """How many matches of ``query`` are compared one by one."""
    if len(query.groups) > 1:
        return FEW
    return min(FEW, FEW_OF_WORD if strict(query.groups[0]) else FEW_GUESSED)


def matches(connection: Connection, question: str, most: int) -> Sequence[int]:
    """Rows that an expression of the index's language finds, in no order that means anything."""
    return [row for (row,) in fetch(connection, MATCHES, question, most, 0)]


def entries(connection: Connection, wanted: Sequence[int]) -> Iterator[tuple[int, Entry, bool]]:
    """Products with what they are indexed by and whether they can be had."""
    found = fetch(connection, ENTRIES, json.dumps(list(wanted)))
    for row, name, brand, more, codes, told_of, buyable in found:
        yield (
            row,
            Entry(set(name.split()), set(brand.split()), set(more.split()), codes.split(), told_of),
            bool(buyable),
        )


def _mixed(typed: Iterator[int], slips: Iterator[int]) -> Iterator[int]:
    """What was typed before what may have been meant, but some of this among the first ten."""
    return chain(islice(typed, SURE), islice(slips, SURE), typed, slips)


def _by_turns(streams: Iterable[tuple[int, Iterator[int]]]) -> Iterator[int]:
    """One of each stream in turn, those of the lowest tier to their end first."""
    by_tier: dict[int, list[Iterator[int]]] = {}
    for tier, stream in streams:
        by_tier.setdefault(tier, []).append(stream)
    for tier in sorted(by_tier):
        left = by_tier[tier]
        while left:
            for stream in list(left):
                row = next(stream, None)
                if row is None:
                    left.remove(stream)
                else:
                    yield row


def _up_to(query: Query, tier: int) -> Query:
    """A query with only those ways that are at least as good as ``tier``."""
    groups = (
        replace(group, ways=tuple(way for way in group.ways if way.tier <= tier)) for group in query.groups
    )
    return replace(query, groups=tuple(groups), joins=query.joins if tier >= JOINED else {})


def narrowed(question: str, marks: Iterable[str]) -> str:
    """An expression with the filters' marks added; "" when there is neither."""
    return " AND ".join([*([f"({question})"] if question else ()), *(f'"{mark}"' for mark in marks)])


def _once(rows: Iterable[int]) -> Iterator[int]:
    seen: set[int] = set()
    for row in rows:
        if row not in seen:
            seen.add(row)
            yield row
