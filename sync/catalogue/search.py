"""Finding products by words that may be mistyped, unfinished, joined, split or in another form.

    what was typed -> groups of ways (``query``) -> one question to the index -> rows, best first

Few matches are compared with what was typed one by one. Of many, the index is asked for the best ones only: first
for those with every word in their name. What was typed counts before what may have been meant: nothing is corrected
as long as something is found, and when it is, the page says so.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, islice

from sqlalchemy import Connection

from retail.offer import Listing
from sync.catalogue import query as asking
from sync.catalogue.filters import EVERYTHING, MOST, Filters, marks_of, met_by, wanted_traits
from sync.catalogue.index import EACH
from sync.catalogue.match import Entry, expression, of_way, said, score, strict
from sync.catalogue.query import EXACT, JOINED, NOISE, ONE, Group, Query, Way
from sync.catalogue.schema import CATEGORIES

FEW = 100  # matches that are compared one by one; of more, the index says which are the best
COUNTED = 1000  # matches that are counted; of more it is only said that there are
SURE = 5  # products for what was typed before those for what may have been meant
WINDOW, SMALL_WINDOW = 100, 4  # matches of equal worth among which those that can be had come first
MATCHES = "SELECT rowid AS found FROM lexicon WHERE lexicon MATCH ? LIMIT ? OFFSET ?"
BUYABLE = "EXISTS (SELECT 1 FROM products p INDEXED BY products_buyable WHERE p.buyable = 1 AND p.row = {})"
BEST_FIRST = f"SELECT found FROM ({MATCHES}) ORDER BY {BUYABLE.format('found')} DESC"  # noqa: S608
COUNT = f"SELECT found % {CATEGORIES} AS number, count(*) AS n FROM ({MATCHES}) GROUP BY 1"  # noqa: S608
BROWSE = "SELECT row FROM products WHERE price <= ? ORDER BY buyable DESC, row LIMIT ? OFFSET ?"
ENTRIES = (
    f"SELECT e.row, e.name, e.brand, e.more, e.codes, e.told, {BUYABLE.format('e.row')}"  # noqa: S608
    f" FROM {EACH} CROSS JOIN entries e ON e.row = j.value"
)


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Some of the ``total`` products found. Each listing carries one offer per partner, the best.

    ``categories`` counts the matches whatever category was asked for. ``as_of`` is the oldest answer on this
    page, None when it is empty; ``stale`` says whether that is older than can be believed. ``exact_total``: False
    when there are more than were counted, then ``total`` and ``categories`` are what was counted. ``corrected`` are
    the words that were searched for in place of those typed, ``relaxed`` those that had to be left out.
    """

    listings: tuple[Listing, ...]
    total: int
    categories: Mapping[str, int]
    stale: bool
    as_of: datetime | None
    exact_total: bool = True
    corrected: str | None = None
    relaxed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """The row numbers of one page of products, best first, and what they were found by.

    ``meant`` is what was typed, without the filters, in the index's own language; "" stands for the whole catalogue.
    ``all_rows`` are those of every page, None when there are many. ``categories`` counts them before a category is chosen.
    """

    rows: tuple[int, ...]
    meant: str
    all_rows: tuple[int, ...] | None
    categories: Mapping[str, int] = field(default_factory=dict)
    corrected: str | None = None
    relaxed: tuple[str, ...] = ()


NOTHING = Found((), "", ())


def find(connection: Connection, text: str, filters: Filters, limit: int, offset: int) -> Found:
    """One page of what is found for ``text``; the whole catalogue when there is no word in it.

    What was meant is decided by ``text`` alone: nothing is corrected because a filter leaves nothing of it.
    """
    marks = marks_of(connection, filters)
    query, rows = meant(connection, text)
    if marks is None or query is None:  # narrowed by something that no product has, or nothing is like it
        return NOTHING
    search = _Search(connection, filters, marks, limit, offset)
    if not query.groups:
        return search.browse()
    if len(rows) <= FEW:
        return search.compared(query, rows)
    return search.streamed(query)


def meant(connection: Connection, text: str) -> tuple[Query | None, Sequence[int]]:
    """The first reading of ``text`` that finds something, with up to FEW + 1 rows; None when none does."""
    query = asking.understand(connection, text)
    if not query.groups:
        return query, ()
    for attempt in _attempts(connection, query, text):
        if attempt.groups and attempt.possible():
            rows = _found_by(connection, attempt)
            if rows:
                break
    else:
        return None, ()
    if any(group.doubtful() and strict(group) for group in attempt.groups) and (
        len(rows) <= FEW or len(attempt.groups) == 1
    ):
        # What was typed may be the beginning of something and a slip of something else.
        attempt = asking.corrected(connection, attempt, all_words=False)
        rows = _found_by(connection, attempt)
    return attempt, rows


def _attempts(connection: Connection, query: Query, text: str) -> Iterator[Query]:
    """What to look for, one after the other until something is found."""
    yield query
    near = asking.corrected(connection, query, all_words=False)
    yield near
    everything = asking.corrected(connection, query, all_words=True)
    yield everything
    begun = asking.begun_wrong(connection, query)
    if begun is not None:
        yield begun
    code = asking.as_code(text)
    if code is not None:
        yield code
    # Something is left out: words that say little, then words that nothing has, then one word after the other.
    words = range(len(query.groups))
    little = {at for at in words if query.groups[at].typed in NOISE}
    for attempt in (query, near, everything):
        unmet = {at for at in words if not attempt.groups[at].ways}
        for left in (little, unmet, little | unmet):
            if 0 < len(left) < len(query.groups):
                yield attempt.without(left)
    if len(query.groups) > 2:
        for at in sorted(words, key=lambda at: -query.groups[at].products):
            yield everything.without([at])


def _found_by(connection: Connection, query: Query) -> Sequence[int]:
    """Up to FEW + 1 rows that a query finds."""
    begun = [at for at, group in enumerate(query.groups) if group.begins]
    if begun:  # more words begin so than are among the ways: the other words decide, when they are rare
        others = query.without(begun)
        if others.groups and others.possible():
            near = _matches(connection, expression(others), FEW + 1)
            if len(near) <= FEW:
                return [
                    row for row, entry, _ in _entries(connection, near) if score(query, entry) is not None
                ]
    rows = _matches(connection, expression(query), FEW + 1)
    if len(rows) > FEW or not begun:
        return rows
    return _matches(connection, expression(query, all_beginnings=True), FEW + 1)


@dataclass(frozen=True, slots=True)
class _Search:
    connection: Connection
    filters: Filters
    marks: tuple[str, ...]
    limit: int
    offset: int

    def compared(self, query: Query, rows: Sequence[int]) -> Found:
        """Few rows, each compared with what was typed."""
        wanted = wanted_traits(replace(self.filters, category=None))
        ranked = []
        for row, entry, buyable in _entries(self.connection, rows):
            met = score(query, entry)
            if met is not None and wanted <= entry.traits():
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
        corrected = said(query, best[page[0]].ways) if page else None
        return Found(
            tuple(page),
            expression(query, all_beginnings=True),
            tuple(rows),
            categories,
            corrected,
            query.relaxed,
        )

    def streamed(self, query: Query) -> Found:
        """Many rows: the index is asked for the best first."""
        ordered = self._by_worth(query)
        if len(query.groups) == 1:
            ordered = _mixed(self._by_worth(_up_to(query, ONE - 1)), self._spread(query.groups[0]))
        found = self._page(ordered, expression(query))
        corrected = None
        if found.rows and any(way.tier >= ONE for group in query.groups for way in group.ways):
            for _, entry, _ in _entries(self.connection, found.rows[:1]):
                met = score(query, entry)
                corrected = said(query, met.ways) if met is not None else None
        return replace(found, corrected=corrected, relaxed=query.relaxed)

    def browse(self) -> Found:
        """The whole catalogue, or what of it the filters leave; what can be had first."""
        if self.marks:
            return self._page(self._windows("", WINDOW), "")
        if not self.filters.exacting():
            rows = self.connection.exec_driver_sql(BROWSE, (MOST, self.limit, self.offset)).scalars()
            return Found(tuple(rows), "", None)
        most = MOST if self.filters.price_to is None else self.filters.price_to
        return self._page(self.connection.exec_driver_sql(BROWSE, (most, COUNTED, 0)).scalars(), "")

    def _page(self, ordered: Iterable[int], question: str) -> Found:
        """The page out of all rows in order."""
        distinct = _once(ordered)
        if not self.filters.exacting():
            return Found(tuple(islice(distinct, self.offset, self.offset + self.limit)), question, None)
        rows = list(islice(distinct, COUNTED))
        met = met_by(self.connection, rows, self.filters)
        kept = tuple(row for row in rows if row in met)
        page = kept[self.offset : self.offset + self.limit]
        return Found(page, question, kept if len(rows) < COUNTED else None)

    def _by_worth(self, query: Query) -> Iterator[int]:
        """The best rows first as far as the index knows: what was typed before what is like it, names first."""
        readings = (_up_to(query, EXACT), _up_to(query, ONE - 1), query)
        questions = dict.fromkeys(expression(reading) for reading in readings if reading.possible())
        for where in ("name : ({})", "{{name brand}} : ({})", "{}"):
            for question in questions:
                yield from self._windows(where.format(question), WINDOW)

    def _spread(self, group: Group) -> Iterator[int]:
        """Rows for a word that may have been meant to be one of several: some of each by turns, the nearest first."""
        ways = (way for way in group.ways if way.tier >= ONE)
        return _by_turns([(way.tier, self._windows(of_way(way), SMALL_WINDOW)) for way in ways])

    def _windows(self, question: str, window: int) -> Iterator[int]:
        """The rows for an expression; of some at a time, those that can be had come first."""
        wanted = narrowed(question, self.marks)
        offset = 0
        while True:
            rows = self.connection.exec_driver_sql(BEST_FIRST, (wanted, window, offset)).scalars().all()
            yield from rows
            if len(rows) < window:
                return
            offset += window


def _matches(connection: Connection, question: str, most: int) -> Sequence[int]:
    """Rows that an expression of the index's language finds, in no order that means anything."""
    return connection.exec_driver_sql(MATCHES, (question, most, 0)).scalars().all()


def _entries(connection: Connection, rows: Sequence[int]) -> Iterator[tuple[int, Entry, bool]]:
    """Products with what they are indexed by and whether they can be had."""
    found = connection.exec_driver_sql(ENTRIES, (json.dumps(list(rows)),))
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


def count(connection: Connection, found: Found, filters: Filters) -> tuple[int, bool, Mapping[str, int]]:
    """How many products there are, whether that is all of them, and how many of each category, whichever was asked for.

    Of many that filters leave after a look at the offers, the categories are left out: ``facets`` has them.
    """
    if found.all_rows is not None:
        return len(found.all_rows), True, found.categories
    if filters.exacting():
        return COUNTED, False, {}
    if not found.meant and filters == EVERYTHING:
        rows = connection.exec_driver_sql("SELECT value, products FROM traits WHERE kind = 'category'").all()
        return sum(row.products for row in rows), True, {row.value: row.products for row in rows}
    names = {
        row.number: row.name for row in connection.exec_driver_sql("SELECT number, name FROM categories")
    }

    def counted(narrowing: Filters) -> dict[str, int]:
        question = narrowed(found.meant, marks_of(connection, narrowing) or ())
        rows = connection.exec_driver_sql(COUNT, (question, COUNTED + 1, 0))
        return {names.get(number, ""): products for number, products in rows}

    categories = counted(filters)
    total = sum(categories.values())
    if filters.category is not None and found.meant:
        categories = counted(replace(filters, category=None))
    return min(total, COUNTED), total <= COUNTED, categories
