"""Finding products by words that may be mistyped, unfinished, joined, split or in another form.

    what was typed -> groups of ways (``query``) -> one question to the index -> rows, best first

Few matches are compared with what was typed one by one. Of many, the index is asked for the best ones only: first
for those with every word in their name. What was typed counts before what may have been meant: nothing is corrected
as long as something is found, and when it is, the page says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from sqlalchemy import Connection

from retail.offer import Listing
from sync.catalogue import guessing, ranking
from sync.catalogue import query as asking
from sync.catalogue.filters import EVERYTHING, Filters, marks_of
from sync.catalogue.match import expression, score, strict
from sync.catalogue.query import NOISE, Query
from sync.catalogue.ranking import MATCHES, NOTHING, Found, Ranking, entries, few, matches, narrowed
from sync.catalogue.schema import CATEGORIES
from sync.catalogue.spelling import slips
from sync.store.engine import fetch

LITERAL = 3  # products for what was typed with which it may be a slip of something else,
MORE = 3  # when there are so many times as many for that
MOST_WORK = 80_000  # products that are looked at for one search
LOOK_UP = 30  # of them cost as much as finding a word
SMALL = 3  # letters of a word that says little when nothing has it
COUNT = f"SELECT found % {CATEGORIES} AS number, count(*) AS n FROM ({MATCHES}) GROUP BY 1"  # noqa: S608


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Some of the ``total`` products found. Each listing carries one offer per partner, the best.

    ``categories`` counts the matches whatever category was asked for. ``as_of`` is the oldest answer on this
    page, None when it is empty; ``stale`` says whether that is older than can be believed. ``exact_total``: False
    when there are more than were counted, then ``total`` and ``categories`` are what was counted. ``corrected`` are
    the words that were searched for in place of those typed, ``relaxed`` those that had to be left out. ``suggested`` is
    what may have been meant instead: few products have the words as they were typed, many more have these.
    """

    listings: tuple[Listing, ...]
    total: int
    categories: Mapping[str, int]
    stale: bool
    as_of: datetime | None
    exact_total: bool = True
    corrected: str | None = None
    relaxed: tuple[str, ...] = ()
    suggested: str | None = None


def find(connection: Connection, text: str, filters: Filters, limit: int, offset: int) -> Found:
    """One page of what is found for ``text``; the whole catalogue when there is no word in it.

    What was meant is decided by ``text`` alone: nothing is corrected because a filter leaves nothing of it.
    """
    marks = marks_of(connection, filters)
    query, rows = meant(connection, text)
    if marks is None or query is None:  # narrowed by something that no product has, or nothing is like it
        return NOTHING
    found = Ranking(connection, filters, marks, limit, offset)
    if not query.groups:
        return found.browse()
    page = found.streamed(query) if rows is None else found.compared(query, rows)
    if page.corrected or page.relaxed:
        return page
    return replace(page, typed=query, matches=None if rows is None else len(rows))


def meant(connection: Connection, text: str) -> tuple[Query | None, Sequence[int] | None]:
    """The first reading of ``text`` that finds something, None when none does; its rows, None when there are many."""
    query = asking.understand(connection, text)
    if not query.groups:
        return query, ()
    tried: set[str] = set()
    spent = 0
    for attempt in _attempts(connection, query, text):
        if spent > MOST_WORK:  # words that very many have, never all together: leaving some out is no help
            break
        if not attempt.groups or not attempt.possible() or (asked := expression(attempt)) in tried:
            continue
        tried.add(asked)
        spent += work(attempt)
        rows = _found_by(connection, attempt)
        if rows is None or rows:
            return (attempt, rows) if attempt is not query else _or_meant(connection, query, rows)
    return None, ()


def _or_meant(
    connection: Connection, query: Query, rows: Sequence[int] | None
) -> tuple[Query, Sequence[int] | None]:
    """``query`` and its rows, with slips where what was typed may be the beginning of something and a slip of something else."""
    doubtful = any(group.doubtful() and strict(group) for group in query.groups)
    if not doubtful or (rows is None and len(query.groups) > 1):
        return query, rows
    near = guessing.corrected(connection, query, all_words=False)
    return near, _found_by(connection, near)


def _attempts(connection: Connection, query: Query, text: str, *, apart: bool = False) -> Iterator[Query]:
    """What to look for, one after the other until something is found. ``apart``: no more words to be taken apart."""
    yield query
    near = guessing.corrected(connection, query, all_words=False)
    yield near
    parted = None if apart else asking.taken_apart(text)
    several = None if parted is None else asking.understand(connection, parted)
    if several is not None:  # a slip in a part of T-shirt
        yield guessing.corrected(connection, several, all_words=False)
    everything = guessing.corrected(connection, query, all_words=True)
    yield everything
    begun = guessing.begun_wrong(connection, query)
    if begun is not None:
        yield begun
    code = asking.as_code(text)
    if code is not None:
        yield code
    yield from query.heads()
    # Something is left out: words that say little, then words that nothing has, then one word after the other.
    words = range(len(query.groups))
    little = {at for at in words if _says_little(query, at)}
    fewer = []
    for attempt in (query, near, everything):
        unmet = {at for at in words if not attempt.groups[at].ways}
        fewer += [(attempt, left) for left in (little, unmet, little | unmet) if 0 < len(left) < len(words)]
    for attempt, left in sorted(fewer, key=lambda one: len(one[1])):  # rather corrected than left out
        yield attempt.without(left)
    frequent = sorted(words, key=lambda at: -query.groups[at].products)
    for attempt in (near, query, everything):
        gone = little | {at for at in words if not attempt.groups[at].ways}
        kept = [at for at in frequent if at not in gone]
        for at in kept if len(kept) > 2 else ():
            yield attempt.without({*gone, at})
    # What follows a small word tells more about the thing before it: the end of *jacket for my son* goes first.
    gone = little | {at for at in words if not strict(query.groups[at])}
    kept = [at for at in words if at not in gone]
    for before, start in reversed(list(pairwise(kept))):
        if not little.isdisjoint(range(before, start)):
            yield query.without(gone | set(range(start, len(words))))
    if several is not None and parted is not None:
        yield from _attempts(connection, several, parted, apart=True)


def _says_little(query: Query, at: int) -> bool:
    """Whether a word is one of the small ones of a sentence: known as such, or so short and nothing has it."""
    group = query.groups[at]
    short = len(group.typed) <= SMALL and group.typed.isalpha() and at < len(query.groups) - 1
    return group.typed in NOISE or (group.plain and short and not group.known)


def work(query: Query) -> int:
    """About how many places in the index have to be looked at for ``query``: each word's, as often as the rarest occurs."""
    ways = sum(len(group.ways) for group in query.groups)
    rarest = min(sum(way.products for way in group.ways) for group in query.groups)
    return rarest * len(query.groups) + LOOK_UP * ways


def _found_by(connection: Connection, query: Query) -> Sequence[int] | None:
    """Rows that a query finds; None when they are too many to be compared one by one."""
    most = few(query)
    if len(query.groups) == 1 and any(way.products > most for way in query.groups[0].ways):
        return None
    begun = [at for at, group in enumerate(query.groups) if group.begins]
    if begun:  # more words begin so than are among the ways: the other words decide, when they are rare
        others = query.without(begun)
        if others.groups and others.possible():
            near = matches(connection, expression(others), most + 1)
            if len(near) <= most:
                return [row for row, entry, _ in entries(connection, near) if score(query, entry) is not None]
    rows = matches(connection, expression(query), most + 1)
    if len(rows) <= most and begun:
        rows = matches(connection, expression(query, all_beginnings=True), most + 1)
    return rows if len(rows) <= most else None


def suggest(connection: Connection, found: Found) -> str | None:
    """What may have been meant instead of words that few products have: a slip can make another word, *boat* for *boot*."""
    if found.typed is None or found.matches is None or not 0 < found.matches <= LITERAL:
        return None
    groups = found.typed.groups
    for at, group in enumerate(groups):
        if not (group.plain and group.known and slips(group.typed)):
            continue
        met = {way.tokens for way in group.ways if way.tier < asking.ONE}
        for way in guessing.nearest(connection, group.typed, 1):
            if way.tokens in met or way.products < MORE * max(group.products, found.matches):
                continue
            instead = replace(group, ways=(way,))
            other = replace(found.typed, groups=(*groups[:at], instead, *groups[at + 1 :]), joins={})
            if len(matches(connection, expression(other), MORE * found.matches)) == MORE * found.matches:
                return " ".join(way.tokens[0] if one is group else one.typed for one in groups)
    return None


def count(connection: Connection, found: Found, filters: Filters) -> tuple[int, bool, Mapping[str, int]]:
    """How many products there are, whether that is all of them, and how many of each category, whichever was asked for.

    Of many that filters leave after a look at the offers, the categories are left out: ``facets`` has them.
    """
    if found.all_rows is not None:
        return len(found.all_rows), True, found.categories
    if filters.exacting():
        return found.met, False, {}
    if not found.meant and filters == EVERYTHING:
        by_name = dict(fetch(connection, "SELECT value, products FROM traits WHERE kind = 'category'"))
        return sum(by_name.values()), True, by_name
    names = dict(fetch(connection, "SELECT number, name FROM categories"))

    def counted(narrowing: Filters) -> tuple[int, dict[str, int]]:
        marks = marks_of(connection, narrowing) or ()
        categories: dict[str, int] = {}
        for question in dict.fromkeys((found.at_least or found.meant, found.meant)):
            counts = fetch(connection, COUNT, narrowed(question, marks), ranking.COUNTED + 1, 0)
            categories = {names.get(number, ""): products for number, products in counts}
            if sum(categories.values()) > ranking.COUNTED:
                break
        return sum(categories.values()), categories

    total, categories = counted(filters)
    if filters.category is not None and found.meant:
        _, categories = counted(replace(filters, category=None))
    return min(total, ranking.COUNTED), total <= ranking.COUNTED, categories
