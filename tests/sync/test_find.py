"""``aisle find``: offers for tired people, narrowed, with what was corrected said and a way on when there are none."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from partners.contract import Capabilities, PartnerRecord
from partners.goods import load_assortment
from partners.keystore import FileKeystore
from partners.memory import MemoryPartner
from retail.errors import Rejected
from retail.gtin import Gtin
from retail.money import Money
from retail.offer import Offer
from sync import clock
from sync.catalogue.crosswalk import import_file
from sync.device import Device
from sync.find import Narrowed, find
from sync.opening import open_shelf, open_store
from sync.settings import Settings
from tests.retail.samples import offer

DEMO = Path(__file__).resolve().parents[2] / "assets" / "demo"
NAMES = {"north": "Nordic Outfitters", "berg": "Bergmann & Sohn"}
JACKET = "4099101001029"  # the Alder rain jacket in ochre, size M


@dataclass
class Said:
    """What a search printed: objects, lines for people, and what was said beside them."""

    lines: list[dict[str, Any]]
    texts: list[str]
    beside: list[str]

    def names(self) -> list[str]:
        """The products in the offers, each once."""
        return list(dict.fromkeys(line["name"] for line in self.lines if "gtin14" in line))


@pytest.fixture(scope="module")
def partners() -> dict[str, MemoryPartner]:
    """Two of the demo's partners."""
    return {name: MemoryPartner(load_assortment(DEMO / f"partner-{name}.json")) for name in NAMES}


def open_device(folder: Path, partners: dict[str, MemoryPartner], **settled: Any) -> Device:
    """A device in ``folder`` with these partners; ``settled`` are settings."""
    settings = Settings(data_dir=folder, key_file=True, **settled)
    keystore = FileKeystore(folder / "kiosk")
    records = [
        PartnerRecord(name, NAMES[name], "rest", "https://none.example", Capabilities("A", can_look_up=True))
        for name in partners
    ]
    return Device(
        settings,
        open_store(settings, keystore),
        open_shelf(settings, keystore),
        keystore,
        records,
        lambda record: partners[record.id],
        None,
    )


@pytest.fixture
async def device(tmp_path: Path, partners: dict[str, MemoryPartner]) -> AsyncIterator[Device]:
    """A device that knows what both sell."""
    opened = open_device(tmp_path, partners)
    for name in partners:
        await opened.load_catalogue(name)
    yield opened
    await opened.aclose()


async def found(device: Device, words: str, limit: int = 24, facets: bool = False, **narrowed: Any) -> Said:
    """Everything that one search says. Raises as ``find`` does."""
    said = Said([], [], [])
    asked = find(device, words, Narrowed(**narrowed), limit=limit, facets=facets, say=said.beside.append)
    async for data, text in asked:
        said.lines.append(data)
        said.texts.append(text)
    return said


async def refused(device: Device, words: str, **narrowed: Any) -> tuple[str, str]:
    """The code and the words of a refusal."""
    with pytest.raises(Rejected) as error:
        await found(device, words, **narrowed)
    return error.value.reason, error.value.detail


async def test_what_was_meant_is_found_and_said(device: Device) -> None:
    said = await found(device, "alder rain jcaket")
    assert said.names() == ["Alder rain jacket"]
    assert said.beside == ["Showing results for: alder rain jacket"]


async def test_what_was_typed_right_says_nothing(device: Device) -> None:
    said = await found(device, "alder rain jacket")
    assert said.names() == ["Alder rain jacket"]
    assert said.beside == []


async def test_words_that_nothing_has_are_left_out_and_named(device: Device) -> None:
    said = await found(device, "alder jacket zyxwv")
    assert said.names() == ["Alder rain jacket"]
    assert said.beside == ["Nothing has all of these words. Left out: zyxwv"]


async def test_what_may_have_been_meant_follows_the_offers(device: Device) -> None:
    said = await found(device, "skirt", facets=True)
    assert said.names() == ["Pleated midi skirt", "Button denim skirt"]
    follows = next(number for number, line in enumerate(said.lines) if "gtin14" not in line)
    assert (said.lines[follows], said.texts[follows]) == ({"suggested": "shirt"}, "Did you mean: shirt?")
    assert said.lines[follows + 1]["facet"] == "category"


async def test_a_size_is_a_matter_of_offers_not_of_products(device: Device) -> None:
    said = await found(device, "alder rain jacket", size="m", colour="OCHRE", partner="bergmann & sohn")
    assert [(line["gtin14"], line["partner"]) for line in said.lines] == [(f"0{JACKET}", "berg")]


async def test_a_size_and_a_colour_among_the_words_come_first(device: Device) -> None:
    said = await found(device, "navy jacket alder xl")

    assert [line["options"] for line in said.lines[:2]] == [{"colour": "Navy", "size": "XL"}] * 2
    assert len({json.dumps(line["options"]) for line in said.lines}) > 5


async def test_a_device_without_partners_says_how_to_get_them(tmp_path: Path) -> None:
    opened = open_device(tmp_path, {})
    reason, words = await refused(opened, "jacket")
    await opened.aclose()

    assert reason == "not_found"
    assert words.startswith("this device has no partners")
    assert "AISLE_PARTNERS" in words


async def test_prices_are_in_the_stores_currency_and_both_ends_count(device: Device) -> None:
    said = await found(device, "mug", price_from=Decimal("11.90"), price_to=Decimal("12.90"))
    assert {line["price_minor"] for line in said.lines} == {1190, 1290}


async def test_a_price_in_another_currency_is_not_compared(device: Device) -> None:
    price, number = Money(1200, "JPY"), "4006381333931"
    yen = Offer("north", "J-1", Gtin.parse(number), "J", "Stoneware mug of Japan", price, 3, clock.now())
    device.shelf.remember([yen])
    assert "Stoneware mug of Japan" in (await found(device, "stoneware mug")).names()
    said = await found(device, "stoneware mug", price_from=Decimal(10), price_to=Decimal(20))
    assert said.names() == ["Stoneware mug"]


async def test_what_has_no_category_is_not_named_as_one(device: Device) -> None:
    price, number = Money(1200, "EUR"), "4006381333931"
    plain = Offer("north", "J-1", Gtin.parse(number), "J", "Zithern", price, 3, clock.now())
    device.shelf.remember([plain])
    assert (plain.category, plain.brand) == ("", "")
    said = await found(device, "zithern", facets=True)
    assert [line.get("facet") for line in said.lines] == [None, "partner", "price"]


async def test_only_what_can_be_sent_now(device: Device) -> None:
    every, can = await found(device, "alder"), await found(device, "alder", available=True)
    assert len(can.lines) < len(every.lines)
    assert all(line["available"] for line in can.lines)
    assert can.lines == [line for line in every.lines if line["available"]]
    assert any(text.endswith("sold out") for text in every.texts)


async def test_an_old_answer_says_of_when_it_is(tmp_path: Path, partners: dict[str, MemoryPartner]) -> None:
    opened = open_device(tmp_path, partners, fresh_seconds=1e-6)
    await opened.load_catalogue("north")
    said = await found(opened, "alder rain jacket", size="M", colour="Ochre")
    await opened.aclose()
    as_of = said.lines[0]["as_of"]
    assert said.texts[0].endswith(f"Nordic Outfitters, 42 left, as of {as_of[:10]} {as_of[11:16]} UTC")
    assert said.lines[0]["stale"]


async def test_categories_and_brands_are_found_however_they_are_written(device: Device) -> None:
    said = await found(device, "jacket", category="outdoor", brand="BERGKAMM")
    assert said.names() == ["Softshell jacket"]


async def test_more_than_was_asked_for_is_said(device: Device) -> None:
    said = await found(device, "jacket", limit=1)
    assert len(said.names()) == 1
    assert said.beside == ["4 products found; this is the first. More of them: --limit N"]
    said = await found(device, "jacket", limit=2)
    assert said.beside == ["4 products found; these are the first 2. More of them: --limit N"]


async def test_facets_come_after_the_offers(device: Device) -> None:
    said = await found(device, "alder rain jacket", facets=True)
    facets = {line["facet"]: line for line in said.lines if "facet" in line}
    assert [line for line in said.lines if "gtin14" in line] == said.lines[: -len(facets)]
    assert facets["brand"] == {
        "facet": "brand",
        "values": [{"value": "Norrland", "count": 1}],
        "approximate": False,
    }
    assert [one["value"] for one in facets["size"]["values"]] == ["XS", "S", "M", "L", "XL"]
    assert facets["price"] == {
        "facet": "price",
        "from_minor": 12490,
        "to_minor": 12900,
        "currency": "EUR",
        "values": [
            {"from_minor": None, "to_minor": 12599, "count": 1},
            {"from_minor": 12600, "to_minor": None, "count": 1},
        ],
        "approximate": False,
    }
    assert "partner: berg 1, north 1" in said.texts
    assert said.texts[-1] == "price: €124.90 to €129.00: up to €125.99 1, €126.00 and more 1"


async def test_a_number_is_every_offer_for_it_and_a_part_of_one_is_searched(device: Device) -> None:
    whole = await found(device, JACKET)
    assert [line["gtin14"] for line in whole.lines] == [f"0{JACKET}"] * 2
    part = await found(device, JACKET[:11])
    assert part.names() == ["Alder rain jacket"]


@pytest.mark.parametrize(
    ("words", "narrowed", "reason", "advice"),
    [
        ("qzxvkj", {}, "not_found", "Try another word for it"),
        ("wnter jaket", {}, "not_found", "Found for one word alone: winter (1), jacket (4)."),
        ("jacket", {"size": "Q"}, "not_found", "with --size 'Q'. There is: XS, S, M, L, XL"),
        ("jacket", {"brand": "Nobody"}, "not_found", "There is: Norrland, Bergkamm, Saltwick."),
        ("mug", {"price_from": Decimal(500)}, "not_found", "Products without them: 3. Leave one out."),
        ("mug", {"partner": "nobody"}, "unknown_partner", "Here: north (Nordic Outfitters), berg (Berg"),
        ("mug", {"category": "Cars"}, "unknown_category", "Here: Accessories, Apparel, "),
        ("mug", {"price_from": Decimal(9), "price_to": Decimal(8)}, "wrong_price", "Swap the two"),
        ("4099101001020", {}, "wrong_code", "the last would be 9"),
        ("99999", {}, "not_found", "the number under the barcode"),
        ("4111 1111 1111 1111", {}, "wrong_code", "looks like a card number"),
        ("!?", {}, "no_words", "aisle find rain jacket"),
        ("🧥", {}, "no_words", "aisle find rain jacket"),
    ],
)
async def test_nothing_found_or_a_wrong_option_says_the_way_on(
    device: Device, words: str, narrowed: dict[str, Any], reason: str, advice: str
) -> None:
    said, detail = await refused(device, words, **narrowed)
    assert said == reason
    assert advice in detail


async def test_what_was_looked_for_is_repeated_shortly_and_a_card_number_never(device: Device) -> None:
    _, detail = await refused(device, "q" * 10_000)
    assert f"nothing found for '{'q' * 60}...'" in detail
    assert len(detail) < 250
    _, detail = await refused(device, "4111 1111 1111 1111")
    assert "4111" not in detail


async def test_without_a_word_the_options_alone_decide(device: Device) -> None:
    said = await found(device, "!?", brand="bergkamm", category="outdoor")
    assert "Softshell jacket" in said.names()


async def test_the_stores_own_code_is_found_whatever_its_digits(device: Device, tmp_path: Path) -> None:
    own, mug = tmp_path / "own.csv", "4099105001025"
    own.write_text(f"code;gtin\n12345678;{JACKET}\nSHELF-9;{JACKET}\nSHELF-9;{mug}\n")
    import_file(device.shelf.engine, own)
    said = await found(device, "12345678")
    assert ({line["gtin14"] for line in said.lines}, said.beside) == ({f"0{JACKET}"}, [])
    assert (await refused(device, "12345679"))[0] == "wrong_code"
    said = await found(device, "shelf-9")
    assert {line["gtin14"] for line in said.lines} == {f"0{JACKET}", f"0{mug}"}
    assert said.beside == ["This code stands for 2 products: ask which is meant."]


async def test_an_empty_device_says_how_to_fill_it(
    tmp_path: Path, partners: dict[str, MemoryPartner]
) -> None:
    opened = open_device(tmp_path, partners)
    try:
        assert await refused(opened, "unicornish") == (
            "not_found",
            "there are no products on this device yet. Load them first: aisle sync",
        )
    finally:
        await opened.aclose()


async def test_partners_are_asked_for_what_is_not_remembered(
    tmp_path: Path, partners: dict[str, MemoryPartner]
) -> None:
    opened = open_device(tmp_path, partners)
    try:
        said = await found(opened, "alder rain jacket", size="M", colour="Ochre")
        assert {(line["gtin14"], line["partner"]) for line in said.lines} == {
            (f"0{JACKET}", "berg"),
            (f"0{JACKET}", "north"),
        }
    finally:
        await opened.aclose()


async def test_the_price_of_things_that_cost_the_same_is_said_once_and_other_currencies_are_left_out(
    tmp_path: Path, partners: dict[str, MemoryPartner]
) -> None:
    opened = open_device(tmp_path, partners)
    prices = ((1500, "EUR"), (1500, "JPY"), (15000, "SEK"))
    opened.shelf.remember(
        [
            offer(n, product=f"P{n}", name="Zzwidget", price=Money(*price), shipping=None)
            for n, price in enumerate(prices, 1)
        ]
    )
    try:
        said = await found(opened, "zzwidget", facets=True)
    finally:
        await opened.aclose()
    assert said.texts[-1] == "price: €15.00 1"
    assert said.lines[-1]["values"] == [{"from_minor": None, "to_minor": None, "count": 1}]
