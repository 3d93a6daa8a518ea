"""What a tired person types finds what the demo's partners sell: joined, split, swapped, in other units, pieces of codes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from partners.goods import load_assortment
from partners.memory import MemoryPartner
from sync.catalogue import Shelf, load
from sync.store.engine import open_engine
from tests.retail.samples import NOW
from tests.sync.conftest import KEY

DEMO = Path(__file__).resolve().parents[3] / "assets" / "demo"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """Everything that the three partners of the demo sell."""
    engine = open_engine(tmp_path_factory.mktemp("demo") / "catalogue.db", KEY, synchronous="NORMAL")
    shelf = Shelf(engine)
    for partner in ("north", "berg", "atelier"):
        asyncio.run(load(engine, MemoryPartner(load_assortment(DEMO / f"partner-{partner}.json")), NOW))
    yield shelf
    engine.dispose()


@pytest.mark.parametrize(
    ("text", "first", "total", "corrected", "relaxed"),
    [
        ("rainjacket", ["Alder rain jacket", "Splash rain jacket"], 2, None, ()),
        ("rain jaket", ["Alder rain jacket", "Splash rain jacket"], 2, "rain jacket", ()),
        ("jackte rain aldre", ["Alder rain jacket"], 1, "jacket rain alder", ()),
        ("camp linen shrit", ["Linen camp shirt"], 1, "camp linen shirt", ()),
        ("linenshirt", ["Linen camp shirt"], 1, None, ()),
        ("sungalsses", ["Round sunglasses", "Square sunglasses"], 2, "sunglasses", ()),
        ("sun glasses", ["Round sunglasses", "Square sunglasses"], 2, None, ()),
        ("ombrella", ["Storm umbrella", "Pocket umbrella", "Mouse ear umbrella"], 3, "umbrella", ()),
        ("karabiner", ["Carabiner pair"], 1, "carabiner", ()),
        ("turtle neck", ["Lambswool turtleneck"], 1, None, ()),
        ("turtelneck", ["Lambswool turtleneck"], 1, "turtleneck", ()),
        ("highrise legging", ["High-rise leggings"], 1, None, ()),
        ("v neck tee", ["V-neck tee"], 1, None, ()),
        ("vneck", ["Merino V-neck", "V-neck tee"], 2, None, ()),
        ("slipon", ["Canvas slip-on"], 1, None, ()),
        ("sleepin bag", ["Down sleeping bag"], 1, None, ()),
        ("sleping bag", ["Down sleeping bag"], 1, "sleeping bag", ()),
        ("tea pot", ["Round teapot"], 1, None, ()),
        ("headlmap", ["Headlamp"], 1, "headlamp", ()),
        ("hoody", ["Field hoodie", "Zip hoodie", "Bear ear hoodie"], 3, "hoodie", ()),
        ("pajamas", ["Night sky pyjamas", "Piped pyjama shirt"], 2, "pyjamas", ()),
        ("candel", ["Soy candle", "Dinner candles, set of four"], 2, "candle", ()),
        ("chef knifes", ["Chef's knife"], 1, None, ()),
        ("trainers", ["Gum sole trainer", "Knit day trainer"], 2, None, ()),
        ("hta", ["Bobble hat", "Sun hat", "Bucket hat"], 4, "hat", ()),
        ("jakcets", ["Alder rain jacket", "Softshell jacket", "Splash rain jacket"], 5, "jacket", ()),
        ("snekaers", ["Court low sneaker", "Easy-strap sneaker"], 2, "sneaker", ()),
        ("snakers", ["Court low sneaker", "Easy-strap sneaker"], 2, "sneaker", ()),
        ("scraves", ["Lambswool scarf"], 1, "scarf", ()),
        ("dresess wrap", ["Wrap midi dress"], 1, "dress wrap", ()),
        ("hodoies", ["Field hoodie", "Zip hoodie", "Bear ear hoodie"], 3, "hoodie", ()),
        ("mgu", ["Stoneware mug", "Enamel camp mug", "Tall latte mug"], 3, "mug", ()),
        ("bottle 500 ml", ["Insulated bottle"], 1, None, ()),
        ("0,5l bottle", ["Insulated bottle"], 1, None, ()),
        ("35cl french press", ["French press"], 1, None, ()),
        ("skillet 280mm", ["Cast iron skillet"], 1, None, ()),
        ("rope 60m", ["Climbing rope"], 1, None, ()),
        ('laptop sleeve 14"', ["Felt laptop sleeve"], 1, None, ()),
        ("laptop 14 in", ["Felt laptop sleeve"], 1, None, ()),
        ("gloves 7,5", ["Leather gloves"], 1, None, ()),
        ("socks 40", ["Striped socks", "Hiking socks", "Everyday socks, three pairs"], 3, None, ()),
        ("boot size 42", ["Chelsea boot", "Desert boot", "Rubber rain boot"], 5, None, ("size",)),
        ("eu 42 boot", ["Chelsea boot", "Desert boot", "Rubber rain boot"], 5, None, ("eu",)),
        ("blanket 130x170", ["Waffle blanket"], 1, None, ()),
        ("20 liter dry bag", ["Dry bag"], 1, None, ()),
        ("jk 101", ["Alder rain jacket"], 1, None, ()),
        ("NO JK101 OCH", ["Alder rain jacket"], 1, None, ()),
        ("nojk101", ["Alder rain jacket"], 1, None, ()),
        ("B 101 005", ["Alder rain jacket"], 1, None, ()),
        ("4 099101 001029", ["Alder rain jacket"], 1, None, ()),
        ("409910-1001029", ["Alder rain jacket"], 1, None, ()),
        ("kiln and co mug", ["Stoneware mug", "Tall latte mug"], 2, None, ("and",)),
        ("maisonode dress", ["Wrap midi dress", "Pinstripe shirt dress", "Satin slip dress"], 4, None, ()),
        ("navy coat wool m", ["Harbour wool coat"], 1, None, ()),
        ("boat", ["Chelsea boot", "Harbour wool coat", "Rubber rain boot"], 12, "boot", ()),
        ("wool cost", ["Harbour wool coat"], 1, "wool coat", ()),
        ("womens boots", ["Chelsea boot", "Desert boot", "Puddle boot"], 9, None, ("womens",)),
        ("kids rain coat", ["Splash rain jacket"], 1, None, ("coat",)),
        ("tent two person", ["Two-person tent"], 1, None, ()),
        ("2-person tent", ["Two-person tent"], 1, None, ("2",)),
        ("bag for laptop 14", ["Felt laptop sleeve"], 1, None, ("bag", "for")),
        ("v-nekc tee", ["V-neck tee"], 1, "v neck tee", ()),
        ("high-rsie legings", ["High-rise leggings"], 1, "high rise leggings", ()),
        ("a4 frame", ["Picture frame"], 1, None, ()),
    ],
)  # fmt: skip
def test_tired_people_find_what_they_mean(
    demo: Shelf, text: str, first: list[str], total: int, corrected: str | None, relaxed: tuple[str, ...]
) -> None:
    page = demo.search(text, NOW, limit=3)

    assert {listing.product.name for listing in page.listings} == set(first)
    assert (page.total, page.exact_total, page.corrected, page.relaxed) == (total, True, corrected, relaxed)


@pytest.mark.parametrize(
    ("text", "first", "total", "relaxed"),
    [
        ("rain jacket for women with hood", ["Alder rain jacket", "Splash rain jacket"], 2, ("for", "women", "with", "hood")),
        ("rain jacket women hood", ["Alder rain jacket", "Splash rain jacket"], 2, ("women", "hood")),
        ("teapot aus enamel", ["Round teapot"], 1, ("aus", "enamel")),
        ("sneaker für den sport", ["Court low sneaker", "Easy-strap sneaker"], 2, ("fur", "den", "sport")),
        ("poncho para la lluvia", ["Rain poncho"], 1, ("para", "la", "lluvia")),
        ("sandales pour femme", ["Trekking sandal", "Two-strap sandal"], 2, ("pour", "femme")),
        (
            "backpack with laptop pocket for school",
            ["Commuter backpack", "Mini backpack", "Fox backpack"],
            3,
            ("with", "laptop", "pocket", "for", "school"),
        ),
    ],
)  # fmt: skip
def test_of_a_sentence_the_thing_itself_is_kept(
    demo: Shelf, text: str, first: list[str], total: int, relaxed: tuple[str, ...]
) -> None:
    page = demo.search(text, NOW, limit=3)

    assert [listing.product.name for listing in page.listings] == first
    assert (page.total, page.corrected, page.relaxed) == (total, None, relaxed)


@pytest.mark.parametrize(
    "word",
    [
        "jackets",
        "blazers",
        "hoodies",
        "dresses",
        "scarves",
        "candles",
        "blousen",
        "sandalen",
        "parkas",
        "vases",
    ],
)
def test_a_plural_is_found_with_any_one_slip(demo: Shelf, word: str) -> None:
    whole = {listing.product.id for listing in demo.search(word, NOW).listings}
    places = range(1, len(word))
    slips = {
        *(word[:at] + word[at + 1 :] for at in places),
        *(word[:at] + "q" + word[at:] for at in places),
        *(word[:at] + "q" + word[at + 1 :] for at in places),
        *(word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in places[:-1]),
    } - {word}

    missed = [
        slip
        for slip in sorted(slips)
        if not whole & {one.product.id for one in demo.search(slip, NOW).listings}
    ]

    assert whole
    assert len(missed) <= len(slips) // 33  # vabses is nearer to other words


@pytest.mark.parametrize(
    "text",
    [
        "rucksack",
        "シャツ",
        "chaise longue",
        "4711",
        "linen kettle",
        "tee shirt",
        "rain coat",
        "linen zyxwv kettle",
    ],
)
def test_what_nobody_sells_finds_nothing(demo: Shelf, text: str) -> None:
    page = demo.search(text, NOW)

    assert (page.listings, page.total, page.corrected, page.relaxed, page.suggested) == (
        (),
        0,
        None,
        (),
        None,
    )
