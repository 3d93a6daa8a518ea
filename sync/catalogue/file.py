"""A catalogue from a file: one offer in each row, added to what is known or in place of it.

Rows are written thousands at a time, with their place in the file in the same transaction: a load that is killed goes
on there when the same file is loaded again. Bad rows are put aside and stop nobody.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from retail.errors import Rejected
from retail.offer import Offer
from sync.catalogue import quarantine
from sync.catalogue.bulk import Bulk
from sync.catalogue.load import begin_in, end
from sync.catalogue.losses import given
from sync.catalogue.offerrow import columns_wrong, read_offer
from sync.catalogue.quarantine import Quarantined
from sync.catalogue.rows import Problem, open_rows
from sync.catalogue.write import write

TRIED = 100  # rows of which one has to be good, else the file is no catalogue
TAKEN = "Its first {row:,} rows are taken; nothing left the shelf. Mend the file and load it again."
MOST_BAD = 0.1  # share of bad rows with which a whole list is still believed to be whole


@dataclass(frozen=True, slots=True)
class FileLoaded:
    """What a file brought: rows written, put aside, offers ``removed``; ``skipped`` rows were in from last time.

    ``kept_old``: it was to replace everything, but so many rows were bad that what it does not name stayed.
    """

    good: int
    bad: int
    removed: int
    skipped: int
    kept_old: bool = False


@dataclass(slots=True)
class _Batch:
    """What was read and is not written yet, by partner and SKU."""

    offers: dict[tuple[str, str], Offer | None] = field(default_factory=dict)
    bad: list[Quarantined] = field(default_factory=list)
    row: int = 0
    good: int = 0


def load_file(
    engine: Engine,
    path: Path,
    *,
    partner: str | None,
    known: Collection[str],
    full: bool,
    now: datetime,
    progress: Callable[[int, float], None] | None = None,
) -> FileLoaded:
    """Load the catalogue file at ``path``; idempotent, and gone on with after a kill.

    ``partner`` is whose offers these are when the rows do not say; ``known`` are the partners of this device. With
    ``full`` what the file does not name goes from the shelf, of the partners that it names. ``progress`` hears the
    rows so far and the share of the file, 0 to 1; what it raises ends the load. Raises Rejected, and changes nothing, when
    it is no such file; when it cannot be read to its end, the words say how much of it is in.
    """
    with open_rows(path) as rows:
        if rows.header is not None and (wrong := columns_wrong(rows.header, partner)):
            raise Rejected(
                "no_catalogue", f"{path.name} {wrong}. Nothing was taken from it; see docs/run-a-store.md."
            )
        source = f"file {path.name}"
        place = _Place.open(engine, f"{_digest(path)} {partner or ''} {'full' if full else ''}", source)
        skipped, batch, bulk = place.row, _Batch(row=place.row), Bulk()
        for row in rows:
            if row.number <= place.row:
                continue
            read = (
                row.data
                if isinstance(row.data, Problem)
                else read_offer(row.data, now, partner, known, text=rows.header is not None)
            )
            if isinstance(read, Problem):
                batch.bad.append(
                    Quarantined(source, row.number, read.partner, read.sku, read.field, read.reason, now)
                )
            else:
                batch.offers[read[0], read[1]] = read[2]
                batch.good += 1
            batch.row = row.number
            if row.number == TRIED and not batch.good and not place.good:
                raise _nothing_good(path, batch)
            if len(batch.offers) + len(batch.bad) >= bulk.size:
                place.keep(bulk, engine, batch, full=full)
                batch = _Batch(row=row.number)
                rows.taken = TAKEN.format(row=row.number)
                if progress:
                    progress(row.number, row.share)
        if not place.good and not batch.good:
            raise _nothing_good(path, batch)
        place.keep(bulk, engine, batch, full=full)
        if progress:
            progress(batch.row, 1.0)
    believed = place.bad <= MOST_BAD * (place.good + place.bad)
    removed = 0
    if full:
        for one, generation in place.partners.items():
            removed += end(engine, one, generation, now, remove=believed)
    place.close(engine, path.name, now)
    return FileLoaded(place.good, place.bad, removed, skipped, full and not believed)


@dataclass(slots=True)
class _Place:
    """How far a file is in, kept in the transactions that write its rows."""

    digest: str
    source: str
    row: int
    partners: dict[str, int]
    good: int
    bad: int

    @classmethod
    def open(cls, engine: Engine, digest: str, source: str) -> _Place:
        with engine.begin() as connection:
            found = connection.exec_driver_sql(
                "SELECT row, partners, good, bad FROM files WHERE digest = ?", (digest,)
            ).first()
            if found is not None:
                return cls(digest, source, found[0], json.loads(found[1]), found[2], found[3])
            connection.exec_driver_sql("DELETE FROM files")  # of loads that nobody went on with
            return cls(digest, source, 0, {}, 0, 0)

    def keep(self, bulk: Bulk, engine: Engine, batch: _Batch, *, full: bool) -> None:
        with bulk.transaction(engine, len(batch.offers)) as connection:
            if not self.row:
                quarantine.clear(connection, self.source)
            self._begin(connection, {partner for partner, _ in batch.offers}, full=full)
            for partner, generation in self.partners.items():
                offers = {key: one for key, one in batch.offers.items() if key[0] == partner}
                gone = [key for key, one in offers.items() if one is None]
                write(connection, [one for one in offers.values() if one is not None], generation, gone)
                bad = [one for one in batch.bad if one.partner == partner]
                quarantine.put_aside(connection, bad, generation)
            others = [one for one in batch.bad if one.partner not in self.partners]
            quarantine.put_aside(connection, others, 0)
            self.row, self.good, self.bad = batch.row, self.good + batch.good, self.bad + len(batch.bad)
            connection.exec_driver_sql(
                "INSERT OR REPLACE INTO files VALUES (?,?,?,?,?)",
                (self.digest, self.row, json.dumps(self.partners), self.good, self.bad),
            )

    def _begin(self, connection: Connection, partners: Collection[str], *, full: bool) -> None:
        for partner in sorted(set(partners) - set(self.partners)):
            if full:
                self.partners[partner] = begin_in(connection, partner)
            else:
                found = connection.exec_driver_sql(
                    "SELECT generation FROM loads WHERE partner = ?", (partner,)
                ).scalar()
                self.partners[partner] = found or 0

    def close(self, engine: Engine, name: str, now: datetime) -> None:
        with engine.begin() as connection:
            given(connection, name, now)
            connection.exec_driver_sql("DELETE FROM files WHERE digest = ?", (self.digest,))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _nothing_good(path: Path, batch: _Batch) -> Rejected:
    if not batch.bad:
        return Rejected("no_catalogue", f"{path.name} has a header and no rows. Nothing was taken from it.")
    first = batch.bad[0]
    return Rejected(
        "no_catalogue",
        f"{path.name} holds no offer in its first rows. Row {first.row}, {first.field}: {first.reason}"
        " Nothing was taken from it; see docs/run-a-store.md.",
    )
