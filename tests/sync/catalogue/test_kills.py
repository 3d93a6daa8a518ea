"""Killed half-way, a load leaves the old catalogue whole, and the next one goes on where it stopped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sync.catalogue import Shelf, load
from sync.catalogue.changes import Refreshed, refresh
from sync.catalogue.file import FileLoaded, load_file
from sync.store.engine import open_engine
from tests.retail.samples import NOW, gtin, offer
from tests.sync.catalogue.partner import Telling
from tests.sync.catalogue.process import BATCH, OFFERS, killed_after, news, partner
from tests.sync.conftest import KEY


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "catalogue.db"


def opened(path: Path) -> Shelf:
    return Shelf(open_engine(path, KEY, synchronous="NORMAL"))


async def filled(path: Path, told: Telling) -> None:
    shelf = opened(path)
    await refresh(shelf.engine, told, NOW)  # type: ignore[arg-type]
    shelf.engine.dispose()


def prices(shelf: Shelf) -> dict[int, int]:
    """Number and price of everything, each checked to be found by every way there is."""
    found = {}
    for number in range(1, 120):
        for one in shelf.by_sku(f"north-{number}"):
            assert shelf.by_gtin(gtin(number)) == (one,)
            listing = shelf.listing(one.product)
            assert listing is not None
            assert listing.offers == (one,)
            found[number] = one.price.minor
    names = {one.product.name for one in shelf.search("shirt", NOW, limit=500).listings}
    assert names == {f"Shirt {number}" for number in found}
    assert shelf.counts() == (len(found), len(found))
    return found


@pytest.mark.parametrize("pages", [1, 4, 12, 19])
async def test_a_load_that_is_killed(path: Path, pages: int) -> None:
    await filled(path, partner(0))

    assert killed_after("load", path, pages)

    shelf = opened(path)
    half = prices(shelf)
    (state,) = shelf.loads()
    new = {number for number, price in half.items() if price == 200}
    listed = sorted(partner(200).offers)[: len(new)]
    assert {f"north-{number}" for number in new} == set(listed), "the pages that are in, and all of them"
    assert {number for number, price in half.items() if price == 0} == set(range(1, OFFERS + 1)) - new
    assert len(new) <= 3 * pages + BATCH
    assert not state.loading or state.count == len(new)
    assert state.loading or pages < 6, "two batches on, the first is in"
    again = partner(200)
    assert await load(shelf.engine, again, NOW) == OFFERS  # type: ignore[arg-type]
    assert again.asked[0] == ("search", str(len(new)) if state.loading else None)
    assert prices(shelf) == dict.fromkeys(range(3, OFFERS + 3), 200)
    shelf.engine.dispose()


@pytest.mark.parametrize("pages", [1, 5, 14])
async def test_changes_that_are_killed(path: Path, pages: int) -> None:
    await filled(path, partner(0))
    end = {number: 777 if number % 2 == 0 else 0 for number in range(1, OFFERS + 1) if number % 10}
    end |= dict.fromkeys(range(100, 110), 777)

    assert killed_after("changes", path, pages)

    shelf = opened(path)
    half = prices(shelf)
    for number, price in half.items():
        assert price in (0, 777)
        assert price == 0 or end[number] == 777
    told = news(partner(0))
    done = await refresh(shelf.engine, told, NOW)  # type: ignore[arg-type]
    assert done.whole is False
    assert prices(shelf) == end
    assert await refresh(shelf.engine, told, NOW) == Refreshed(0, whole=False)  # type: ignore[arg-type]
    shelf.engine.dispose()


@pytest.mark.parametrize("said", [1, 5])
async def test_a_file_that_is_killed(path: Path, tmp_path: Path, said: int) -> None:
    await filled(path, partner(0))
    rows = [
        {"partner": "north", "sku": f"north-{n}", "gtin": str(gtin(n)), "name": f"Shirt {n}", "price_minor": 300,
         "currency": "EUR", "available": 1, "product": f"product-{n}", "shipping_minor": 490}
        for n in range(3, OFFERS + 3)
    ]  # fmt: skip
    rows[1]["currency"] = "Euro"
    source = tmp_path / "all.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))

    assert killed_after("file", path, said, source=str(source))

    shelf = opened(path)
    half = prices(shelf)
    assert set(range(1, OFFERS + 1)) <= set(half)
    done = load_file(shelf.engine, source, partner=None, known=("north",), full=True, now=NOW)
    assert done.skipped % BATCH == 0
    assert done.skipped >= said * BATCH
    assert done == FileLoaded(good=OFFERS - 1, bad=1, removed=2, skipped=done.skipped)
    assert prices(shelf) == dict.fromkeys(range(3, OFFERS + 3), 300) | {4: 0}
    assert [(one.row, one.sku) for one in shelf.quarantine()] == [(2, "north-4")]
    shelf.engine.dispose()


@pytest.mark.parametrize("size", [1, 4])
async def test_a_place_is_never_kept_without_its_offers(
    path: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.catalogue.bulk.BATCH", 2)
    shelf = opened(path)
    unwritable = offer(3, name="half a character \ud800")
    told = Telling(offers=[offer(1), offer(2), unwritable, offer(4), offer(5), offer(6)], size=size)

    with pytest.raises(UnicodeEncodeError):
        await load(shelf.engine, told, NOW)  # type: ignore[arg-type]

    known = {number for number in range(1, 7) if shelf.by_sku(f"north-{number}")}
    assert known == (set() if size == 4 else {1, 2})
    told.offers["north-3"] = offer(3)
    told.asked.clear()
    assert await load(shelf.engine, told, NOW) == 6  # type: ignore[arg-type]
    assert told.asked[0] == ("search", "2" if size == 1 else None)
    assert shelf.counts() == (6, 6)
    shelf.engine.dispose()


async def test_changes_that_cannot_be_written_are_asked_for_again(path: Path) -> None:
    shelf = opened(path)
    told = Telling(offers=[offer(1)])
    await refresh(shelf.engine, told, NOW)  # type: ignore[arg-type]
    told.put(offer(1, available=0), offer(2, name="half a character \ud800"))
    with pytest.raises(UnicodeEncodeError):
        await refresh(shelf.engine, told, NOW)  # type: ignore[arg-type]
    assert shelf.by_sku("north-1")[0].available == 5

    told.offers["north-2"] = offer(2)

    assert await refresh(shelf.engine, told, NOW) == Refreshed(2, whole=False)  # type: ignore[arg-type]
    assert shelf.by_sku("north-1")[0].available == 0
    assert shelf.counts() == (2, 2)
    shelf.engine.dispose()
