"""``aisle catalogue``: what is said when there is more than is shown."""

from __future__ import annotations

import json
from pathlib import Path

from partners.goods import load_assortment
from partners.memory import MemoryPartner
from sync.catalogue.command import crosswalk, load, quarantine, status
from tests.sync.test_find import DEMO, open_device


async def test_more_rows_than_are_shown_are_counted(tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    good = {
        "sku": "N-1",
        "gtin": "4012345678901",
        "name": "Shirt",
        "price_minor": 1,
        "currency": "EUR",
        "available": 1,
    }
    bad.write_text("\n".join(json.dumps(row) for row in (good, {"sku": "a"}, {"sku": "b"}, {"sku": "c"})))
    device = open_device(tmp_path, {"north": MemoryPartner(load_assortment(DEMO / "partner-north.json"))})
    try:
        assert list(quarantine(device, 2)) == [({"quarantined": 0}, "No rows are put aside.")]
        _ = [line async for line in load(device, str(bad), "north", False)]
        assert list(quarantine(device, 2))[2:] == [
            ({"quarantined": 3}, "These are 2 of 3. More of them: --limit N")
        ]
        assert [data["row"] for data, _ in quarantine(device, 3)] == [2, 3, 4]
    finally:
        await device.aclose()


async def test_the_status_says_what_was_lost_and_counts_the_catalogue_alone(tmp_path: Path) -> None:
    path = tmp_path / "kiosk" / "catalogue.db"
    open_device_once = open_device(tmp_path, {})
    await open_device_once.aclose()
    path.write_bytes(b"no catalogue" * 10**6)
    device = open_device(tmp_path, {})
    try:
        lines = list(status(device))
    finally:
        await device.aclose()
    (lost,) = (line for line in lines if "lost" in line[0])
    assert str(lost[0]["lost"]).startswith("The catalogue could not be read on ")
    assert lost[1] == f"{lost[0]['lost']} {lost[0]['advice']}"
    assert lines[0][0]["bytes"] < 10**6


async def test_the_status_says_how_many_codes_are_the_stores_own(tmp_path: Path) -> None:
    device = open_device(tmp_path, {})
    own = tmp_path / "own.csv"
    own.write_text("code;gtin\nA;4012345678901\na;96385074\nB;96385074\n")
    try:
        assert ({"own_codes": 0}, "0 codes of the store's own") in list(status(device))
        _ = list(crosswalk(device, str(own)))
        assert ({"own_codes": 2}, "2 codes of the store's own") in list(status(device))
    finally:
        await device.aclose()
