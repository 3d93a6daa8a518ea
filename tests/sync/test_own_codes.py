"""Old product numbers, a store's own digits and short UPC-Es, on a whole device: what is found, what is asked of whom."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from partners.goods import load_assortment
from partners.memory import MemoryPartner
from retail.codes import own_code, read_code
from retail.errors import Rejected
from retail.gtin import Gtin
from sync.catalogue.command import crosswalk
from sync.device import Device
from sync.find import Narrowed, find
from tests.retail.samples import offer
from tests.sync.test_find import DEMO, JACKET, open_device

OLD, CHOSEN, MISTYPED = "036000291452", "12345678", "4099101001020"
EAN, UPC = Gtin("00000012345670"), Gtin("00123456000070")


@pytest.fixture
def partner() -> MemoryPartner:
    """One of the demo's partners; it has the jacket, and its last SKU looks like a mistyped product number."""
    assortment = load_assortment(DEMO / "partner-north.json")
    *goods, last = assortment.items
    return MemoryPartner(replace(assortment, items=(*goods, replace(last, sku=MISTYPED))))


@pytest.fixture
async def device(tmp_path: Path, partner: MemoryPartner) -> AsyncIterator[Device]:
    """A device that remembers no product yet, with an old number and digits of its own for the jacket."""
    opened = open_device(tmp_path, {"north": partner})
    (tmp_path / "own.csv").write_text(
        f"code,gtin\n{OLD},{JACKET}\n{CHOSEN},{JACKET}\n4012345678902,{JACKET}\n"
    )
    *_, (said, _) = crosswalk(opened, str(tmp_path / "own.csv"))
    assert said == {"codes": 3, "bad": 0, "conflicts": 0, "unknown": 3}
    yield opened
    await opened.aclose()


async def names(device: Device, words: str) -> list[str]:
    """What ``aisle find`` finds for these words, each product once."""
    lines = [line async for line, _ in find(device, words, Narrowed(), limit=10, say=lambda _: None)]
    return list(dict.fromkeys(str(line["name"]) for line in lines))


@pytest.mark.parametrize(
    "words",
    [
        OLD, f"0{OLD}", f"00{OLD}", f"(01)00{OLD}(10)A7", f"]C10100{OLD}17269999",
        f"https://id.gs1.org/01/00{OLD}/21/7", f"{OLD} 51299", CHOSEN, "4012345678902",
    ],
)  # fmt: skip
async def test_own_digits_and_old_numbers_lead_to_a_product_that_is_not_remembered_yet(
    device: Device, words: str
) -> None:
    assert await names(device, words) == ["Alder rain jacket"]


async def test_a_mistyped_number_is_never_asked_of_partners(device: Device) -> None:
    with pytest.raises(Rejected, match="the last would be 9"):
        await names(device, MISTYPED)
    assert await device.by_code(own_code(MISTYPED)) == ()
    assert len(await device.by_code(read_code(MISTYPED, "Code 128"))) == 1, "in bars it is somebody's own"


async def test_eight_digits_that_are_two_products_are_asked(device: Device) -> None:
    said: list[str] = []
    device.shelf.remember([replace(offer(1), gtin=EAN), replace(offer(2), gtin=UPC)])
    lines = [line async for line, _ in find(device, "12345670", Narrowed(), limit=10, say=said.append)]
    assert [line["gtin14"] for line in lines] == [EAN, UPC]
    assert said == ["This code stands for 2 products: ask which is meant."]
    (found,) = await device.by_code(read_code("]E012345670"))
    assert found.gtin == UPC


async def test_a_short_upc_counts_only_when_the_catalogue_knows_it(device: Device) -> None:
    assert await device.by_code(read_code("425261")) == ()
    device.shelf.remember([replace(offer(1), gtin=Gtin("00042100005264"))])
    (found,) = await device.by_code(read_code("425261"))
    assert found.gtin == "00042100005264"


async def test_two_products_in_one_string_are_refused_in_words(device: Device) -> None:
    with pytest.raises(Rejected, match="names more than one product"):
        await names(device, f"(01)00{OLD}(01)0{JACKET}")


def test_a_file_without_rows_empties_nothing_unless_it_is_meant(device: Device, tmp_path: Path) -> None:
    (tmp_path / "none.csv").write_text("code,gtin\n")
    with pytest.raises(Rejected, match="has no rows"):
        _ = list(crosswalk(device, str(tmp_path / "none.csv")))
    assert len(device.shelf.leads(OLD)) == 1
    *_, (said, _) = crosswalk(device, str(tmp_path / "none.csv"), empty=True)
    assert said == {"codes": 0, "bad": 0, "conflicts": 0, "unknown": 0}
    assert device.shelf.leads(OLD) == ()
