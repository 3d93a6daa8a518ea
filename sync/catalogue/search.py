"""Finding products by words that may be mistyped, unfinished, joined, split or in another form.

    what was typed -> groups of ways (``query``) -> one question to the index -> rows, best first

Few matches are compared with what was typed one by one. Of many, the index is asked for the best ones only: first
for those with every word in their name. What was typed counts before what may have been meant: nothing is corrected
as long as something is found, and when it is, the page says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection

from retail.offer import Listing
from sync.catalogue import query as asking
from sync.catalogue.filters import MOST, Filters, marks_of, met_by
from sync.catalogue.index import EACH
from sync.catalogue.match import Entry, expression, of_way, said, score, strict
from sync.catalogue.query import EXACT, JOINED, NOISE, ONE, Group, Query
from sync.catalogue.schema import CATEGORIES

FEW = 100  # matches that are compared one by one; of more, the index says which are the best
COUNTED = 1000  # matches that are counted; of more it is only said that there are
WINDOW, SMALL_WINDOW = 400, 32  # matches of equal worth among which those that can be had come first
MATCHES = "SELECT rowid AS found FROM lexicon WHERE lexicon MATCH ? LIMIT ? OFFSET ?"
BUYABLE = "EXISTS (SELECT 1 FROM products p INDEXED BY products_buyable WHERE p.buyable = 1 AND p.row = {})"
BEST_FIRST = f"SELECT found FROM ({MATCHES}) ORDER BY {BUYABLE.format('found')} DESC"  # noqa: S608
COUNT = f"SELECT found % {CATEGORIES} AS number, count(*) AS n FROM ({MATCHES}) GROUP BY 1"  # noqa: S608
BROWSE = "SELECT row FROM products WHERE price BETWEEN ? AND ? ORDER BY buyable DESC, row LIMIT ? OFFSET ?"
ENTRIES = (
    f"SELECT e.row, e.name, e.brand, e.more, e.codes, {BUYABLE.format('e.row')}"  # noqa: S608
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

    ``meant`` is what was typed in the index's own language, ``question`` the same with the filters; "" stands for the
    whole catalogue. ``few`` is how many there are, None for many.
    """

    rows: tuple[int, ...]
    meant: str
    question: str
    few: int | None
    corrected: str | None = None
    relaxed: tuple[str, ...] = ()


NOTHING = Found((), "", "", 0)


def find(connection: Connection, text: str, filters: Filters, limit: int, offset: int) -> Found:
    """One page of what is found for ``text``; the whole catalogue when there is no word in it.

    What was meant is decided by ``text`` alone: nothing is corrected because a filter leaves nothing of it.
    """
    marks = marks_of(connection, filters)
    if marks is None:  # narrowed by something that no product has
        return NOTHING
    search = _Search(connection, filters, marks, limit, offset)
    query, rows = meant(connection, text)
    if query is None:
        return NOTHING
    return search.run(query, rows) if query.groups else search.browse()


def meant(connection: Connection, text: str) -> tuple[Query | None, Sequence[int]]:
    """The first reading of ``text`` that finds something, with up to FEW + 1 rows; None when none does."""
    query = asking.understand(connection, text)
    if not query.groups:
        return query, ()
    for attempt in _attempts(connection, query, text):
        if attempt.groups and attempt.possible():
            rows = matches(connection, expression(attempt), FEW + 1)
            if len(rows) <= FEW and any(group.begins for group in attempt.groups):
                rows = matches(connection, expression(attempt, all_beginnings=True), FEW + 1)
            if rows:
                return attempt, rows
    return None, ()


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


def matches(connection: Connection, question: str, most: int) -> Sequence[int]:
    """Rows that an expression of the index's language finds, in no order that means anything."""
    return connection.exec_driver_sql(MATCHES, (question, most, 0)).scalars().all()


@dataclass(frozen=True, slots=True)
class _Search:
    connection: Connection
    filters: Filters
    marks: tuple[str, ...]
    limit: int
    offset: int

    def run(self, query: Query, rows: Sequence[int]) -> Found:
        """What is found for one query, which has ``rows`` without the filters."""
        few = len(rows) <= FEW
        if few and any(group.plain and not group.known and strict(group) for group in query.groups):
            # What was typed may be the beginning of something and a slip of something else.
            query = asking.corrected(self.connection, query, all_words=False)
        asked = expression(query, all_beginnings=few)
        wanted = narrowed(asked, self.marks)
        if few or self.marks:
            rows = matches(self.connection, wanted, FEW + 1)
            few = len(rows) <= FEW
        ordered: Iterable[int]
        if len(query.groups) == 1 and not strict(query.groups[0]):
            ordered = self._spread(query.groups[0])
        elif few:
            ordered = self._compared(query, rows)
        else:
            ordered = self._streamed(query)
        page, count = self._page(ordered, len(rows) if few else None)
        return Found(page, asked, wanted, count, self._said(query, page), query.relaxed)

    def browse(self) -> Found:
        """The whole catalogue, or what of it the filters leave; what can be had first."""
        if self.marks:
            page, count = self._page(self._windows("", WINDOW), None)
            return Found(page, "", narrowed("", self.marks), count)
        if not self.filters.exacting():
            rows = self.connection.exec_driver_sql(BROWSE, (0, MOST, self.limit, self.offset)).scalars()
            return Found(tuple(rows), "", "", None)
        low, high = self.filters.price_from or 0, self.filters.price_to
        rows = self.connection.exec_driver_sql(
            BROWSE, (low, MOST if high is None else high, COUNTED, 0)
        ).scalars()
        page, count = self._page(rows, None)
        return Found(page, "", "", count)

    def _page(self, ordered: Iterable[int], few: int | None) -> tuple[tuple[int, ...], int | None]:
        """The page out of all rows in order, and how many there are when that is few."""
        if not self.filters.exacting():
            page = tuple(islice(_once(ordered), self.offset, self.offset + self.limit))
            return page, few
        rows = list(islice(_once(ordered), COUNTED))
        met = met_by(self.connection, rows, self.filters)
        kept = [row for row in rows if row in met]
        return tuple(kept[self.offset : self.offset + self.limit]), len(kept) if len(rows) < COUNTED else None

    def _compared(self, query: Query, rows: Sequence[int]) -> list[int]:
        """Few rows, each compared with what was typed."""
        ranked = []
        for row, entry, buyable in _entries(self.connection, rows):
            met = score(query, entry)
            if met is not None:
                ranked.append((met.tiers, met.fields, met.choice, not buyable, len(entry.name), row))
        return [row for *_, row in sorted(ranked)]

    def _streamed(self, query: Query) -> Iterator[int]:
        """Many rows, the best first as far as the index knows: what was typed before what is like it, names first."""
        readings = (_up_to(query, EXACT), _up_to(query, ONE - 1), query)
        questions = dict.fromkeys(expression(reading) for reading in readings if reading.possible())
        for where in ("name : ({})", "{{name brand}} : ({})", "{}"):
            for question in questions:
                yield from self._windows(where.format(question), WINDOW)

    def _spread(self, group: Group) -> Iterator[int]:
        """Rows for a word that may have been meant to be one of several: some of each by turns, the nearest first."""
        for tier in sorted({way.tier for way in group.ways}):
            streams = [self._windows(of_way(way), SMALL_WINDOW) for way in group.ways if way.tier == tier]
            while streams:
                for stream in list(streams):
                    row = next(stream, None)
                    if row is None:
                        streams.remove(stream)
                    else:
                        yield row

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

    def _said(self, query: Query, page: Sequence[int]) -> str | None:
        """What was searched for when words had to be corrected, as the first product has it; None when not."""
        if any(way.tier >= ONE for group in query.groups for way in group.ways):
            for _, entry, _ in _entries(self.connection, page[:1]):
                met = score(query, entry)
                if met is not None and any(way.tier >= ONE for way in met.ways):
                    return said(query, met.ways)
        return None


def _entries(connection: Connection, rows: Sequence[int]) -> Iterator[tuple[int, Entry, bool]]:
    """Products with what they are indexed by and whether they can be had."""
    found = connection.exec_driver_sql(ENTRIES, (json.dumps(list(rows)),))
    for row, name, brand, more, codes, buyable in found:
        yield (
            row,
            Entry(set(name.split()), set(brand.split()), set(more.split()), codes.split()),
            bool(buyable),
        )


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


def count(connection: Connection, found: Found, filters: Filters) -> tuple[int, bool, dict[str, int]]:
    """How many products there are, whether that is all of them, and how many of each category, whichever was asked for.

    Filters that need a look at the offers leave the categories out: ``facets`` has them.
    """
    if filters.exacting():
        return COUNTED if found.few is None else found.few, found.few is not None, {}
    if not found.question:
        if found.few == 0:
            return 0, True, {}
        rows = connection.exec_driver_sql("SELECT value, products FROM traits WHERE kind = 'category'").all()
        return sum(row.products for row in rows), True, {row.value: row.products for row in rows}
    names = {
        row.number: row.name for row in connection.exec_driver_sql("SELECT number, name FROM categories")
    }
    rows = connection.exec_driver_sql(COUNT, (found.question, COUNTED + 1, 0)).all()
    categories = {names.get(row.number, ""): row.n for row in rows}
    total = sum(categories.values())
    if filters.category is not None:
        marks = marks_of(connection, replace(filters, category=None)) or ()
        rows = connection.exec_driver_sql(COUNT, (narrowed(found.meant, marks), COUNTED + 1, 0)).all()
        categories = {names.get(row.number, ""): row.n for row in rows}
    return min(total, COUNTED), total <= COUNTED, categories
