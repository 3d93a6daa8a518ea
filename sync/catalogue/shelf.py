"""The remembered catalogue: look-ups, search and similar products, all without a network."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from retail.gtin import Gtin
from retail.offer import FRESH, Listing, Offer, rank
from sync.catalogue.facets import EVERYTHING, FacetCount, Facets, Filters
from sync.catalogue.listings import listing, offers_where, previews
from sync.catalogue.schema import prepare
from sync.catalogue.search import SearchPage, find_rows
from sync.catalogue.similar import similar_rows
from sync.catalogue.write import write
from sync.store.engine import reading


class Shelf:
    """What this device knows of the partners' offers. Reading never waits for a load."""

    def __init__(self, engine: Engine) -> None:
        prepare(engine)
        self.engine = engine
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
        """Products for ``text`` (all, when it holds no word), those that can be had first, then the best match."""
        with reading(self.engine) as connection:
            rows, counts = find_rows(connection, text, filters.category, limit, offset)
            listings = tuple(previews(connection, rows, self._hidden))
        total = sum(counts.values()) if filters.category is None else counts.get(filters.category, 0)
        offers = [offer for listing in listings for offer in listing.offers]
        stale = any(offer.stale(now, ttl) for offer in offers)
        return SearchPage(listings, total, counts, stale, min((o.as_of for o in offers), default=None))

    def facets(self, text: str, filters: Filters = EVERYTHING) -> Facets:
        """What the products found for ``text`` can be narrowed by, with counts. Slower than the first page."""
        with reading(self.engine) as connection:
            _, counts = find_rows(connection, text, None, 0, 0)
        return Facets(category=tuple(FacetCount(value, count) for value, count in counts.items()))

    def listing(self, product: str) -> Listing | None:
        """One product with all its variants and every remembered offer, best first."""
        with reading(self.engine) as connection:
            found = offers_where(connection, "p.id = ?", (product,), self._hidden)
        return listing(found) if found else None

    def by_gtin(self, gtin: Gtin) -> tuple[Offer, ...]:
        """Every remembered offer for one variant, best first."""
        return self._ranked("o.gtin = ?", int(gtin))

    def by_sku(self, sku: str) -> tuple[Offer, ...]:
        """Every remembered offer under this partner SKU; more than one product means the code is ambiguous.

        Capital and small letters are the same (A to Z), unless the SKU stands there exactly as it was given.
        """
        found = self._ranked("o.sku = ? COLLATE NOCASE", sku)
        return tuple(offer for offer in found if offer.sku == sku) or found

    def _ranked(self, where: str, *values: object) -> tuple[Offer, ...]:
        with reading(self.engine) as connection:
            found = offers_where(connection, where, values, self._hidden)
        return rank([one.offer for one in found])

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

    def similar(
        self, product: str, limit: int = 6, partners: Collection[str] | None = None
    ) -> tuple[Listing, ...]:
        """Other products like it that can be had (``partners``: from one of these), see ``sync.catalogue.similar``."""
        with reading(self.engine) as connection:
            rows = similar_rows(connection, product, limit, partners, self._hidden)
            return tuple(previews(connection, rows, self._hidden))

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
        with reading(self.engine) as connection:
            at = connection.exec_driver_sql(
                "SELECT done_at FROM loads WHERE partner = ?", (partner,)
            ).scalar()
        return None if at is None else datetime.fromtimestamp(at, UTC)
