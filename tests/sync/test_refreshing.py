"""The device's catalogue in the background: changes where partners tell them; nothing of partners that nobody places at."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

from partners.contract import Capabilities, ChangePage, OfferPage
from partners.goods import sample_assortment
from partners.memory import MemoryPartner
from partners.registry import open_partner
from partners.simulator.record import simulator_record
from retail.codes import read_code
from retail.errors import Rejected, TemporaryError, Unreachable
from retail.strict import to_json
from sync import command
from sync.catalogue.changes import Refreshed
from sync.catalogue.command import crosswalk, load, quarantine, status
from sync.refreshing import Refreshing
from tests.retail.samples import gtin
from tests.sync.test_device import Store, record


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = Store(tmp_path)
    yield opened
    await opened.device.aclose()


async def stocked(store: Store) -> None:
    for partner in ("north", "east"):
        assert await store.device.refresh_catalogue(partner) == Refreshed(20, whole=True)


def sellers(store: Store) -> set[str]:
    listings = store.device.search("", limit=100).listings
    return {offer.partner for listing in listings for offer in listing.offers}


async def test_after_the_whole_list_only_changes_are_asked_for(store: Store) -> None:
    await stocked(store)
    store.partners["north"].change("NO-00", price_minor=100)
    store.partners["north"].withdraw("NO-01")
    store.topics.clear()

    assert await store.device.refresh_catalogue("north") == Refreshed(2, whole=False)

    assert store.topics == ["catalogue"]
    assert store.device.health().offers == 39
    assert await store.device.refresh_catalogue("north") == Refreshed(0, whole=False)
    assert store.topics == ["catalogue"], "nothing changed, so nothing is told"


async def test_changes_come_in_by_themselves(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.refreshing.CHANGES_AGAIN", 0.0)
    told = asyncio.Event()
    store.device.watch(lambda topic: told.set() if topic == "catalogue" else None)
    stop = asyncio.Event()
    running = asyncio.create_task(store.device.refreshing.run(stop))
    async with asyncio.timeout(60):
        while store.device.health().offers < 40:
            await told.wait()
            told.clear()
        store.partners["east"].change("EA-00", price_minor=1)
        while not any(offer.price.minor == 1 for offer in store.device.shelf.by_sku("EA-00")):
            await told.wait()
            told.clear()
    stop.set()
    await running


@pytest.mark.parametrize("why", ["oms", "gone", "misconfigured"])
async def test_what_nobody_would_place_leaves_the_shelf(store: Store, why: str) -> None:
    await stocked(store)
    offer = store.device.shelf.by_sku("NO-00")[0]
    await store.device.aclose()
    store.records = [record("east")]
    if why == "oms":
        store.records.append(record("north", placed_by="oms"))
    elif why == "misconfigured":
        store.records.append(record("north"))
        del store.partners["north"]

    store.device = store.open()

    assert sellers(store) == {"east"}, "at once, before anything is taken out"
    assert store.device.shelf.by_sku("NO-00") == store.device.shelf.by_code(read_code("NO-00")) == ()
    assert {one.partner for one in store.device.shelf.by_gtin(offer.gtin)} == {"east"}
    listing = store.device.listing(offer.product)
    assert listing is not None
    assert {one.partner for one in listing.offers} == {"east"}
    await store.device.refreshing.withdraw()
    assert store.device.health().offers == 20
    assert [one.partner for one in store.device.shelf.loads()] == ["east"]
    assert sellers(store) == {"east"}


async def test_a_record_that_changes_while_the_kiosk_runs_counts_at_once(store: Store) -> None:
    await stocked(store)
    store.device.facts.put("partner:north", to_json(record("north", placed_by="oms")))

    store.device.adopt_records()

    assert sellers(store) == {"east"}
    assert [found async for found in store.device.live("linen-shirt")][-1].offers[0].partner == "east"


async def test_similar_things_are_those_that_can_be_sent_here(tmp_path: Path) -> None:
    store = Store(tmp_path, country="DE")
    felt = replace(sample_assortment("north").items[8], sku="NO-99", product="felt-hat", name="Felt hat")
    store.partners["north"].add(felt)
    for partner in ("north", "east"):
        await store.device.load_catalogue(partner)

    def names() -> list[str]:
        return [one.product.name for one in store.device.similar("wool-hat")]

    assert names() == ["Felt hat"]
    french = replace(record("north"), capabilities=Capabilities("A", can_look_up=True, ship_to=("FR",)))
    store.device.records["north"] = french
    assert names() == []
    await store.device.aclose()


async def test_a_code_of_the_stores_own_is_asked_of_partners_under_what_it_stands_for(
    store: Store, tmp_path: Path
) -> None:
    known = await store.partners["north"].find(sku="NO-11")
    assert known is not None
    (tmp_path / "own.csv").write_text(f"code,gtin\nSHELF-4,{known.gtin}\n")
    assert list(crosswalk(store.device, str(tmp_path / "own.csv")))[-1][0] == {
        "codes": 1, "bad": 0, "conflicts": 0, "unknown": 1,
    }  # fmt: skip

    (found,) = await store.device.by_code(read_code("shelf-4"))

    assert (found.gtin, found.listing.product.name) == (known.gtin, "Rain jacket")


# -- side by side ------------------------------------------------------------------------------------------


class Silent:
    """Partners that take a question about their list and never answer, until told to ``refuse``."""

    def __init__(self, store: Store, *partners: str) -> None:
        self.asked: list[str] = []
        self.broken_off: list[str] = []
        self.news = asyncio.Event()
        self._refused = asyncio.Event()
        for partner in partners:
            store.device.partners[partner] = self._of(partner)

    def refuse(self) -> None:
        """Answer, and be of no use, from now on."""
        self._refused.set()

    def _of(self, partner: str) -> MemoryPartner:
        async def keep_waiting() -> NoReturn:
            self.asked.append(partner)
            self.news.set()
            try:
                await self._refused.wait()
            except asyncio.CancelledError:
                self.broken_off.append(partner)
                raise
            raise Unreachable("no answer", sent=True)

        class Quiet(MemoryPartner):
            async def search(self, text: str, *, limit: int = 24, cursor: str | None = None) -> OfferPage:
                await keep_waiting()

            async def changes(self, cursor: str | None, *, limit: int = 100) -> ChangePage | None:
                await keep_waiting()

        return Quiet(sample_assortment(partner))


async def until(news: asyncio.Event, so: Callable[[], bool]) -> None:
    """Until it is ``so``, looked at whenever there are ``news``."""
    async with asyncio.timeout(60):
        while not so():
            await news.wait()
            news.clear()


def catalogue_news(store: Store) -> asyncio.Event:
    news = asyncio.Event()
    store.device.watch(lambda topic: news.set() if topic == "catalogue" else None)
    return news


async def test_a_partner_that_never_answers_holds_up_nobody(tmp_path: Path) -> None:
    hung_up = asyncio.Event()

    async def take_and_say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        hung_up.set()

    server = await asyncio.start_server(take_and_say_nothing, "127.0.0.1", 0)
    store = Store(tmp_path)
    port = server.sockets[0].getsockname()[1]
    wanted = simulator_record("north", "North", f"http://127.0.0.1:{port}", "A")
    north = store.device.partners["north"] = open_partner(wanted, None)
    stop = asyncio.Event()
    running = asyncio.create_task(store.device.refreshing.run(stop))

    await until(catalogue_news(store), lambda: store.device.health().offers == 20)

    assert sellers(store) == {"east"}
    assert not running.done()
    stop.set()
    await asyncio.wait_for(running, 60)
    await north.aclose()
    await asyncio.wait_for(hung_up.wait(), 60)
    server.close()
    await server.wait_closed()
    await store.device.aclose()


async def test_at_most_three_are_read_at_once_and_all_are_broken_off_when_the_device_stops(
    store: Store,
) -> None:
    silent = Silent(store, "a", "b", "c", "d", "north", "east")
    stop = asyncio.Event()
    running = asyncio.create_task(store.device.refreshing.run(stop))
    await until(silent.news, lambda: len(silent.asked) == 3)
    for _ in range(100):
        await asyncio.sleep(0)
    assert len(silent.asked) == 3

    stop.set()
    await asyncio.wait_for(running, 60)

    assert sorted(silent.broken_off) == sorted(silent.asked)


async def test_whoever_is_slow_lets_those_go_first_that_wait(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.refreshing.AT_ONCE", 1)
    monkeypatch.setattr("sync.refreshing.TURN", 0.0)
    monkeypatch.setattr(sys.modules["sync.catalogue.load"], "PAGE", 5)
    refreshing = Refreshing(
        store.device.shelf, store.device.partners, lambda partner, answered: None, lambda: None, 60
    )
    order: list[str] = []

    done = await asyncio.gather(
        *(refreshing.one(name, lambda _, name=name: order.append(name)) for name in ("north", "east"))  # type: ignore[misc]
    )

    assert done == [Refreshed(20, whole=True), Refreshed(20, whole=True)]
    assert order == ["north", "east"] * 4
    assert store.device.health().offers == 40


async def test_what_was_read_of_a_list_is_kept_when_the_device_stops(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["sync.catalogue.load"], "PAGE", 5)
    slow = store.device.partners["north"] = MemoryPartner(sample_assortment("north"), slow_seconds=0.0)
    slow.faults.plan("slow", None)
    count: list[int] = []

    def heard(so_far: int) -> None:
        count.append(so_far)
        if so_far == 10:
            running.cancel()

    running = asyncio.create_task(store.device.refresh_catalogue("north", heard))
    await asyncio.wait([running])

    assert store.device.health().loading == {"north": (10, None)}
    assert store.device.health().offers == 10
    assert await store.device.refresh_catalogue("north", count.append) == Refreshed(20, whole=True)
    assert count == [5, 10, 15, 20]


async def test_a_partner_whose_record_goes_is_broken_off_and_leaves_the_shelf(store: Store) -> None:
    await stocked(store)
    silent = Silent(store, "north")
    stop = asyncio.Event()
    running = asyncio.create_task(store.device.refreshing.run(stop))
    store.device.facts.put("partner:north", to_json(record("north", placed_by="oms")))
    await until(silent.news, lambda: bool(silent.asked))
    news = catalogue_news(store)

    store.device.adopt_records()

    await until(news, lambda: store.device.health().offers == 20)
    assert silent.broken_off == ["north"]
    stop.set()
    await running


# -- commands ----------------------------------------------------------------------------------------------


async def test_sync_says_what_it_loaded_and_what_changed(store: Store) -> None:
    first = [data async for data, _ in command.sync_once(store.device)]
    store.partners["north"].change("NO-00", stock=0)
    again = [data async for data, _ in command.sync_once(store.device)]

    def by_name(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return sorted(lines, key=lambda line: str(line["catalogue"]))

    assert by_name(first[1:]) == [{"catalogue": "east", "offers": 20}, {"catalogue": "north", "offers": 20}]
    assert by_name(again[1:]) == [{"catalogue": "east", "changes": 0}, {"catalogue": "north", "changes": 1}]


async def test_sync_shows_how_far_each_partner_is_while_another_does_not_answer(store: Store) -> None:
    silent = Silent(store, "north")
    lines = command.sync_once(store.device)
    said = [(await anext(lines))[0] for _ in range(2)]
    assert said[-1] == {"catalogue": "east", "offers": 20}

    silent.refuse()

    assert [data async for data, _ in lines] == [{"catalogue": "north", "offers": None}]


async def test_a_file_is_taken_and_what_is_odd_in_it_shown(store: Store, tmp_path: Path) -> None:

    rows = "sku,gtin,name,price_minor,currency,available\nX1,96385074,Mug,100,EUR,1\nX2,96385074,Mug,100,EUR,1\nX3,1,M,1,EUR,1\n"
    (tmp_path / "a.csv").write_text(rows)

    lines = [data async for data, _ in load(store.device, str(tmp_path / "a.csv"), "north", False)]

    assert lines[-1] == {
        "file": "a.csv", "offers": 2, "quarantined": 1, "removed": 0, "skipped": 0, "kept_old": False,
    }  # fmt: skip
    ((data, text),) = quarantine(store.device, 10)
    assert (data["row"], data["sku"], data["field"]) == (3, "X3", "gtin")
    assert text.startswith("file a.csv, row 3 (SKU X3), gtin: A product number has 8, 12, 13 or 14 digits")
    shown = [data for data, _ in status(store.device)]
    assert (shown[0]["products"], shown[0]["offers"]) == (2, 2)
    assert shown[-2:] == [
        {"quarantined": 1},
        {"shared_gtin": "00000096385074", "partner": "north", "skus": ["X1", "X2"]},
    ]
    assert len(await store.device.by_code(read_code("96385074"))) == 2
    assert store.device.health().quarantined == 1
    data, text = await command.status(store.device)
    assert "1 rows put aside. See: aisle catalogue quarantine" in text
    with pytest.raises(Rejected, match="no partner 'south' in use here"):
        [line async for line in load(store.device, str(tmp_path / "a.csv"), "south", False)]


async def test_a_file_whose_load_is_broken_off_is_gone_on_with(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.catalogue.command.SAY_AGAIN", 0.01)
    monkeypatch.setattr("sync.catalogue.bulk.BATCH", 5)
    rows = [f"X{number},{gtin(number)},Mug,100,EUR,1" for number in range(1, 2001)]
    (tmp_path / "a.csv").write_text("\n".join(["sku,gtin,name,price_minor,currency,available", *rows]) + "\n")
    said: list[dict[str, Any]] = []

    async def listen() -> None:
        async for data, _ in load(store.device, str(tmp_path / "a.csv"), "north", False):
            said.append(data)
            loading.cancel()

    loading = asyncio.create_task(listen())
    with pytest.raises(TemporaryError, match=r"a\.csv is not in as a whole; load it again"):
        await loading

    assert said[0]["rows"] >= 5
    last = [data async for data, _ in load(store.device, str(tmp_path / "a.csv"), "north", False)][-1]
    assert (last["offers"], last["quarantined"], store.device.health().offers) == (2000, 0, 2000)
    assert last["skipped"] >= said[0]["rows"]


async def test_a_load_under_way_is_in_the_health(store: Store) -> None:
    await stocked(store)
    with store.device.shelf.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE loads SET cursor = '10', count = 10 WHERE partner = 'north'")

    assert store.device.health().loading == {"north": (10, 20)}
    _, text = await command.status(store.device)
    assert "loading North: 10 of about 20" in text
