"""Much at once: the write-ahead log stays small, whatever is looked at meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.catalogue import Shelf, load
from sync.catalogue.changes import refresh
from sync.store.engine import open_engine, reading
from tests.retail.samples import NOW, offer
from tests.sync.catalogue.partner import Telling
from tests.sync.conftest import KEY

OFFERS = 2_000
PAGE = 4096 + 24  # bytes in the log


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalogue.db"


class Watched:
    """The size of the log in pages, at its largest, told after every page of a list."""

    def __init__(self, path: Path) -> None:
        self.most = 0
        self._log = path.with_name(path.name + "-wal")

    def __call__(self, count: int) -> None:
        self.most = max(self.most, self._log.stat().st_size // PAGE)


@pytest.mark.parametrize("size", [1, 90])
async def test_a_transaction_fills_the_log_as_far_as_it_may_and_the_next_one_begins_it_anew(
    path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr("sync.catalogue.bulk.FIRST", 20)
    monkeypatch.setattr("sync.catalogue.bulk.PAGES", 400)
    shelf = Shelf(open_engine(path, KEY, synchronous="NORMAL"))
    partner = Telling(
        offers=[offer(n, name=f"{n * 7919:x} {n * 104729:x}", brand=f"{n % 97}") for n in range(1, OFFERS)],
        size=size,
    )
    first, then = Watched(path), Watched(path)

    await load(shelf.engine, partner, NOW, first)  # type: ignore[arg-type]
    await refresh(shelf.engine, partner, NOW)  # type: ignore[arg-type]
    partner.put(*(offer(n, name=f"{n * 7907:x}", available=0) for n in range(1, OFFERS)))
    await refresh(shelf.engine, partner, NOW, then)  # type: ignore[arg-type]

    assert shelf.counts() == (OFFERS - 1, OFFERS - 1)
    assert first.most < 700
    assert then.most < 700
    shelf.engine.dispose()


async def test_who_looks_at_an_older_moment_keeps_it_and_stops_nobody(path: Path) -> None:
    shelf = Shelf(open_engine(path, KEY, synchronous="NORMAL"))
    partner = Telling(offers=[offer(1)])
    await load(shelf.engine, partner, NOW)  # type: ignore[arg-type]
    counted = "SELECT count(*) FROM offers"
    with reading(shelf.engine) as connection:
        assert connection.exec_driver_sql(counted).scalar_one() == 1
        partner.put(offer(2))

        assert await load(shelf.engine, partner, NOW) == 2  # type: ignore[arg-type]

        assert connection.exec_driver_sql(counted).scalar_one() == 1
    assert shelf.counts() == (2, 2)
    shelf.engine.dispose()
