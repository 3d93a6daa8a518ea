"""The remembered catalogue: look-ups, search and similar products, all without a network."""

from __future__ import annotations

import json
from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine

from retail.codes import Code
from retail.gtin import Gtin
from retail.offer import FRESH, Listing, Offer, rank
from sync.catalogue.crosswalk import Lead, leads
from sync.catalogue.facets import Facets, count_facets
from sync.catalogue.filters import EVERYTHING, Filters
from sync.catalogue.listings import listing, offers_where, previews
from sync.catalogue.load import withdraw
from sync.catalogue.quarantine import Quarantined, quarantined
from sync.catalogue.schema import prepare
from sync.catalogue.search import SearchPage, count, find, suggest
from sync.catalogue.similar import Similar, similar_rows
from sync.catalogue.write import write
from sync.store.engine import reading


@dataclass(frozen=True, slots=True)
class Load:
    """How far one partner's list is in.

    ``loading``: a load is under way or was interrupted, and ``count`` offers are in; ``expected`` is how many there
    were last time, None before the first. ``done_at``: the last whole list; ``confirmed_at``: the last changes; ``follows``: it tells what changed.
    """

    partner: str
    loading: bool
    count: int
    expected: int | None
    done_at: datetime | None
    confirmed_at: datetime | None
    follows: bool = False


class Shelf:
    """What this device knows of the partners' offers. Reading never waits for a load."""

    def __init__(self, engine: Engine, currency: str = "EUR") -> None:
        prepare(engine, currency)
        self.engine = engine
        self.currency = currency
        self._hidden: frozenset[str] = frozenset()

    def search(
        self,
        text: str,
        now: datetime,
        *,
        filters: Filters = EVERYTHING,
        limit: int = 24,
        offset: int = 0,
        ttl: timedelta = FRESH,
    ) -> SearchPage:
        """Products for ``text`` (all, when it holds no word), the best match first, of equal ones those that can be had."""
        with reading(self.engine) as connection:
            found = find(connection, text, filters, limit, offset)
            total, exact, categories = count(connection, found, filters)
            listings = tuple(previews(connection, found.rows, self.currency, self._hidden))
            suggested = suggest(connection, found)
        offers = [offer for listing in listings for offer in listing.offers]
        stale = any(offer.stale(now, ttl) for offer in offers)
        as_of = min((offer.as_of for offer in offers), default=None)
        return SearchPage(
            listings, total, categories, stale, as_of, exact, found.corrected, found.relaxed, suggested
        )

    def facets(self, text: str, filters: Filters = EVERYTHING) -> Facets:
        """What the products found for ``text`` can be narrowed by, with counts. Slower than the first page."""
        with reading(self.engine) as connection:
            return count_facets(connection, text, filters)

    def listing(self, product: str) -> Listing | None:
        """One product with all its variants and every remembered offer, best first."""
        with reading(self.engine) as connection:
            found = offers_where(connection, "p.id = ?", (product,), self._hidden)
        return listing(found, self.currency) if found else None

    def by_gtin(self, gtin: Gtin) -> tuple[Offer, ...]:
        """Every remembered offer for one variant, best first."""
        with reading(self.engine) as connection:
            return rank(self._of_lead(connection, Lead(gtin)), self.currency)

    def by_sku(self, sku: str) -> tuple[Offer, ...]:
        """Every remembered offer under this partner SKU; more than one product means the code is ambiguous.

        Capital and small letters are the same (A to Z), unless the SKU stands there exactly as it was given.
        """
        with reading(self.engine) as connection:
            return rank(self._of_lead(connection, Lead(sku=sku)), self.currency)

    def by_code(self, code: Code) -> tuple[Offer, ...]:
        """Every offer that ``code`` may mean: its GTIN, a partner's SKU, and what the crosswalk says; best first."""
        with reading(self.engine) as connection:
            found: dict[tuple[str, str], Offer] = {}
            for lead in self._meant(connection, code):
                for one in self._of_lead(connection, lead):
                    found.setdefault((one.partner, one.sku), one)
        return rank([found[key] for key in sorted(found)], self.currency)

    def leads(self, *codes: str) -> tuple[Lead, ...]:
        """What the store's crosswalk says about any of ``codes``."""
        with reading(self.engine) as connection:
            return leads(connection, *codes)

    def _meant(self, connection: Connection, code: Code) -> tuple[Lead, ...]:
        itself = (Lead.of(code), *leads(connection, code.text, code.key))
        if not code.also:
            return itself
        # Digits that are no product number as they stand may be one only when they are nothing else.
        if code.gtin is None and (len(itself) > 1 or self._of_lead(connection, itself[0])):
            return itself
        return (*itself, *map(Lead, code.also), *leads(connection, *code.also))

    def _of_lead(self, connection: Connection, lead: Lead) -> list[Offer]:
        if lead.gtin is not None:
            found = offers_where(connection, "o.gtin = ?", (int(lead.gtin),), self._hidden)
        else:
            found = offers_where(connection, "o.sku = ? COLLATE NOCASE", (lead.sku,), self._hidden)
            found = [one for one in found if lead.partner in (None, one.offer.partner)]
            found = [one for one in found if one.offer.sku == lead.sku] or found
        return [one.offer for one in found]

    def knows(self, gtin: Gtin) -> bool:
        """Whether any partner lists this product number, in stock or not."""
        with reading(self.engine) as connection:
            return bool(
                connection.exec_driver_sql(
                    "SELECT EXISTS (SELECT 1 FROM offers WHERE gtin = ?)", (int(gtin),)
                ).scalar()
            )

    def gtins(self) -> array[int]:
        """Every product number that any partner lists, as whole numbers in rising order, each once."""
        with reading(self.engine) as connection:
            found = connection.exec_driver_sql("SELECT DISTINCT gtin FROM offers ORDER BY gtin")
            return array("Q", found.scalars())

    def similar(self, product: str, limit: int = 6, partners: Collection[str] | None = None) -> Similar:
        """Other products like it that can be had (``partners``: from one of these), see ``sync.catalogue.similar``."""
        with reading(self.engine) as connection:
            same, near = similar_rows(connection, product, limit, partners, self._hidden)
            listings = tuple(previews(connection, [*same, *near], self.currency, self._hidden))
            return Similar(listings[: len(same)], listings[len(same) :])

    def remember(self, offers: Sequence[Offer]) -> None:
        """Put what a partner has just answered in place of what was known."""
        with self.engine.begin() as connection:
            write(connection, offers)

    def counts(self) -> tuple[int, int]:
        """How many products and offers are remembered."""
        with reading(self.engine) as connection:
            row = connection.exec_driver_sql("SELECT products, offers FROM totals").one()
            return row.products, row.offers

    def loaded_at(self, partner: str) -> datetime | None:
        """When the whole of a partner's catalogue was last loaded; None when it never was."""
        return next((load.done_at for load in self.loads() if load.partner == partner), None)

    def loads(self) -> tuple[Load, ...]:
        """How far the list of each partner is in, whichever process loads it."""
        with reading(self.engine) as connection:
            rows = connection.exec_driver_sql(
                "SELECT partner, cursor IS NOT NULL OR ending, count, expected, done_at, confirmed_at,"
                " changes IS NOT NULL FROM loads"
                " ORDER BY partner"
            ).all()
        return tuple(
            Load(row[0], bool(row[1]), row[2], row[3], _time(row[4]), _time(row[5]), bool(row[6]))
            for row in rows
        )

    def quarantine(self, limit: int = 1000) -> tuple[Quarantined, ...]:
        """Rows of lists and files that are no offers, with the reason."""
        with reading(self.engine) as connection:
            return quarantined(connection, limit)

    def quarantine_count(self) -> int:
        """How many rows are put aside."""
        with reading(self.engine) as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM quarantine").scalar_one())

    def shared_gtins(self, limit: int = 100) -> tuple[tuple[str, Gtin, tuple[str, ...]], ...]:
        """(partner, GTIN, SKUs) where one partner has a GTIN under several SKUs; takes a second at a million."""
        with reading(self.engine) as connection:
            rows = connection.exec_driver_sql(
                "SELECT s.partner, s.gtin, json_group_array(o.sku) FROM (SELECT gtin, partner FROM offers"
                " GROUP BY gtin, partner HAVING count(*) > 1 LIMIT ?) s"
                " JOIN offers o ON o.gtin = s.gtin AND o.partner = s.partner GROUP BY s.gtin, s.partner",
                (limit,),
            ).all()
        return tuple(
            (partner, Gtin(f"{gtin:014d}"), tuple(sorted(json.loads(skus)))) for partner, gtin, skus in rows
        )

    def show_only(self, partners: Collection[str]) -> None:
        """Hide the offers of everyone else from now on; ``withdraw`` takes them out."""
        self._hidden = frozenset(load.partner for load in self.loads()) - frozenset(partners)

    def withdraw(self) -> bool:
        """Take out the offers of partners that are hidden, a little at a time; whether there was anybody."""
        leaving = sorted(self._hidden)
        for partner in leaving:
            withdraw(self.engine, partner)
            self._hidden -= {partner}
        return bool(leaving)


def _time(at: float | None) -> datetime | None:
    return None if at is None else datetime.fromtimestamp(at, UTC)
