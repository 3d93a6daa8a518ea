"""Searching forgives: slips, other forms, joined and split words, units, scripts; and it says what it did."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.catalogue import Filters, Shelf, ranking, search
from sync.catalogue.spelling import slips
from sync.catalogue.words import indexed
from sync.store.engine import open_engine
from tests.retail.samples import NOW, gtin, offer
from tests.sync.conftest import KEY

NAMES = (
    "Linen shirt", "T-Shirt basic", "Wind breaker light", "Windbreaker pro", "Bosch Winterjacke", "Rote Hosen",
    "Grüße-Karte", "Jägerhut", "Manteau d'hiver", "Chapeaux de paille", "Pantalón vaquero", "Zapatos de cuero",
    "قميص أبيض قطن", "القبعة الحمراء", "シャツ 麻 レディース", "ランニングシューズ", "Shampoo 500 ml",
    "Mineralwasser 2x1,5 l", 'Monitor 27" curved', "Sneaker EU 42", "iPhone 15 Pro", "Straßenschuh", "Knives set",
    "Scarf wool", "Men's jacket navy", "Crème brûlée dish", "Kettle enamel", "Refrigerator door", "Socks 39-41",
    "Edelstahl Trinkflasche", "High-rise leggings",
)  # fmt: skip
HOSTILE = [
    "x" * 10_000, "ab " * 4_000, "ab" * 5_000 + " cd", "!?" * 5_000, "🙂" * 3_000, "a" * 64 + " " + "b" * 64, "\x00" * 99,
    "\ud800\udfff", "12345 " * 2_000, "-" * 9_999, "a-" * 5_000, "1,2" * 3_000, '"' * 500, "' OR 1=1; DROP TABLE offers; --",
    "NEAR(a b, 2)", "name : linen", "{name brand} : x", "linen* AND NOT *", "^linen", "#4711 =1", "%_%", "麻" * 5_000, "ق" * 5_000,
    "e\u0301" * 5_000, "1x" * 5_000, "2x2x2x2x2 l",
]  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """One product for each name, with the SKU AB-4701-X and so on."""
    engine = open_engine(tmp_path_factory.mktemp("shop") / "catalogue.db", KEY, synchronous="NORMAL")
    shelf = Shelf(engine)
    shelf.remember(
        [
            offer(number, name=name, product=f"P{number}", sku=f"AB-{4700 + number}-X")
            for number, name in enumerate(NAMES, 1)
        ]
    )
    yield shelf
    engine.dispose()


def names(shelf: Shelf, text: str) -> list[str]:
    return [listing.product.name for listing in shelf.search(text, NOW).listings]


def of(shelf: Shelf, *told: str) -> None:
    """Products with these names; after a slash their brand, after another their category, - before what is sold out."""
    offers = []
    for number, text in enumerate(told, 1):
        name, brand, category = [*text.lstrip("-").split("/"), "", ""][:3]
        offers.append(
            offer(
                number,
                name=name,
                brand=brand,
                category=category,
                product=f"Q{number}",
                available=0 if text.startswith("-") else 5,
            )
        )
    shelf.remember(offers)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # joined and split
        ("tshirt", ["T-Shirt basic"]),
        ("t shirt", ["T-Shirt basic"]),
        ("T-SHIRTS", ["T-Shirt basic"]),
        ("t-shi", ["T-Shirt basic"]),
        ("edelstahlflasche", ["Edelstahl Trinkflasche"]),
        ("windbreaker", ["Windbreaker pro", "Wind breaker light"]),
        ("wind breaker", ["Wind breaker light", "Windbreaker pro"]),
        ("light wind-breaker", ["Wind breaker light"]),
        # German: ß and ss, ä and ae, plurals, what a compound ends in
        ("strassenschuhe", ["Straßenschuh"]),
        ("grusse", ["Grüße-Karte"]),
        ("gruesse", ["Grüße-Karte"]),
        ("jager", ["Jägerhut"]),
        ("jaeger", ["Jägerhut"]),
        ("hose", ["Rote Hosen"]),
        ("roter", ["Rote Hosen"]),
        ("jacke", ["Men's jacket navy", "Bosch Winterjacke"]),
        ("jacken bosch", ["Bosch Winterjacke"]),
        # French, Spanish, Arabic
        ("chapeau", ["Chapeaux de paille"]),
        ("manteaux", ["Manteau d'hiver"]),
        ("hiver manteau", ["Manteau d'hiver"]),
        ("creme brulee", ["Crème brûlée dish"]),
        ("pantalones vaqueros", ["Pantalón vaquero"]),
        ("zapato cuero", ["Zapatos de cuero"]),
        ("القميص", ["قميص أبيض قطن"]),
        ("قميـص ابيض", ["قميص أبيض قطن"]),
        ("قبعه حمراء", ["القبعة الحمراء"]),
        # Japanese: either kana, half width, no spaces, one sign
        ("しゃつ", ["シャツ 麻 レディース"]),
        ("ｼｬﾂ", ["シャツ 麻 レディース"]),
        ("麻シャツ", ["シャツ 麻 レディース"]),
        ("麻レディースシャツ", []),  # three words without a space
        ("レディースシャツ", ["シャツ 麻 レディース"]),
        ("シャツー", ["シャツ 麻 レディース"]),
        ("シューズ", ["ランニングシューズ"]),
        ("ニング", ["ランニングシューズ"]),
        ("麻", ["シャツ 麻 レディース"]),
        # amounts, sizes, numbers
        ("500ml", ["Shampoo 500 ml"]),
        ("shampoo 0,5 l", ["Shampoo 500 ml"]),
        ("1.5l", ["Mineralwasser 2x1,5 l"]),
        ("2 x 1.5 liter", ["Mineralwasser 2x1,5 l"]),
        ("27 zoll", ["Monitor 27\" curved"]),
        ("27″", ["Monitor 27\" curved"]),
        ("eu42", ["Sneaker EU 42"]),
        ("42 eu", ["Sneaker EU 42"]),
        ("iphone15", ["iPhone 15 Pro"]),
        ("iphone 15pr", ["iPhone 15 Pro"]),
        ("socks 40", ["Socks 39-41"]),
        ("socks 39-41", ["Socks 39-41"]),
        ("socks 42", []),
        # plurals that no rule makes
        ("knife", ["Knives set"]),
        ("scarves", ["Scarf wool"]),
        ("mens jacket", ["Men's jacket navy"]),
        # codes and pieces of codes
        ("AB-4703-X", ["Wind breaker light"]),
        ("ab4703x", ["Wind breaker light"]),
        ("4703", ["Wind breaker light"]),
        ("703x", ["Wind breaker light"]),
        ("pro 4704", ["Windbreaker pro"]),
        ("pro 4703", []),
        ("AB 4703 X", ["Wind breaker light"]),
        # unfinished
        ("shamp", ["Shampoo 500 ml"]),
        ("kettle ena", ["Kettle enamel"]),
    ],
)  # fmt: skip
def test_what_is_typed_finds_what_is_meant_without_a_correction(
    shop: Shelf, text: str, found: list[str]
) -> None:
    page = shop.search(text, NOW)

    if found:
        assert [listing.product.name for listing in page.listings] == found
        assert (page.total, page.exact_total, page.corrected, page.relaxed) == (len(found), True, None, ())
    else:
        assert page.relaxed or not page.listings


@pytest.mark.parametrize(
    ("text", "found", "corrected"),
    [
        ("lien shirt", "Linen shirt", "linen shirt"),
        ("shirt linnen", "Linen shirt", "shirt linen"),
        ("lniem shirt", "Linen shirt", None),  # two slips in five letters
        ("tshrit", "T-Shirt basic", "tshirt"),
        ("winbreaker", "Windbreaker pro", "windbreaker"),
        ("refrgerattor", "Refrigerator door", "refrigerator"),
        ("dorr refrigreator", "Refrigerator door", "door refrigerator"),
        ("kettel", "Kettle enamel", "kettle"),
        ("jackte nvay", "Men's jacket navy", "jacket navy"),
        ("zapatso", "Zapatos de cuero", "zapatos"),
        ("قميض", "قميص أبيض قطن", "قميص"),
        ("shampooo 500ml", "Shampoo 500 ml", "shampoo 500ml"),
        ("ihpone 15", "iPhone 15 Pro", "iphone 15"),
        ("shmap", "Shampoo 500 ml", "shampoo"),  # a beginning with a slip
        ("refirg", "Refrigerator door", "refrigerator"),
        ("kettlenamel", "Kettle enamel", "kettle enamel"),  # joined, and a letter shared
        ("refrigeratordoro", "Refrigerator door", "refrigerator door"),  # joined and mistyped
        ("shirtlinne", "Linen shirt", "shirt linen"),
        ("t-shrit", "T-Shirt basic", "t shirt"),
        ("hihg-rise leggings", "High-rise leggings", "high rise leggings"),
        ("high-rsie", "High-rise leggings", "high rise"),
        ("ihpone15", "iPhone 15 Pro", "iphone 15"),
        ("ste", "Knives set", "set"),  # of three letters, two swapped
    ],
)
def test_slips_are_forgiven_and_said(shop: Shelf, text: str, found: str, corrected: str | None) -> None:
    page = shop.search(text, NOW)

    if corrected is None:
        assert page.relaxed
        return
    assert [listing.product.name for listing in page.listings] == [found]
    assert (page.total, page.corrected, page.relaxed) == (1, corrected, ())


def test_numbers_and_codes_are_not_corrected(shop: Shelf) -> None:
    assert shop.search("501 ml", NOW).listings == ()
    assert shop.search("4799", NOW).listings == ()
    assert shop.search("AB-4799-X", NOW).listings == ()


@pytest.mark.parametrize("code", [str(gtin(3)), gtin(3).short, str(gtin(3))[-6:], str(gtin(13))[6:]])
def test_the_last_digits_on_the_tag_are_enough(shop: Shelf, code: str) -> None:
    number = 13 if code == str(gtin(13))[6:] else 3
    assert NAMES[number - 1] in names(shop, code)


def test_a_corrected_word_is_found_in_its_other_forms_too(shelf: Shelf) -> None:
    of(shelf, "Soy candle", "Dinner candles", "Toy boat", "Chelsea boots leather", "Rain boot")

    assert names(shelf, "candel") == ["Soy candle", "Dinner candles"]
    assert names(shelf, "dinner candel") == ["Dinner candles"]
    assert shelf.search("dinner candel", NOW).corrected == "dinner candles"
    assert names(shelf, "boat leather") == ["Chelsea boots leather"]
    of(shelf, "Gum sole trainer", "Wooden train")
    assert names(shelf, "trainers") == ["Gum sole trainer"]  # a form of it, so nothing was guessed


def test_a_word_is_rather_left_out_than_a_known_one_corrected(shelf: Shelf) -> None:
    of(shelf, "Rain jacket//Kids", "Train wooden//Kids", "Wool coat", "Card/Fjord")

    page = shelf.search("kids rain coat", NOW)

    assert [listing.product.name for listing in page.listings] == ["Rain jacket"]
    assert (page.corrected, page.relaxed) == (None, ("coat",))


def test_a_slip_that_makes_another_word_is_suggested(shelf: Shelf) -> None:
    kinds = ("Chelsea boot", "Desert boot", "Rain boot", "Navy boot", "Navy boot low", "Navy boot high")
    of(shelf, "Toy boat", "Navy toy boat", *kinds, "Wool coat", "Candle", *(f"Candles {n}" for n in range(9)))

    for text, found, suggested in (
        ("boat", 2, "boot"),
        ("navy boat", 1, "navy boot"),
        ("toy boat", 2, None),  # no toy boots
        ("navy toy boat", 1, None),
        ("boot", 6, None),
        ("coat", 1, None),  # two slips away
        ("candle", 10, None),
        ("wool", 1, None),
    ):
        page = shelf.search(text, NOW)
        assert (page.total, page.corrected, page.suggested) == (found, None, suggested), text
    assert shelf.search("boat", NOW, filters=Filters(price_to=1)).suggested == "boot"
    assert shelf.search("baot", NOW).suggested is None


def test_words_that_say_little_are_rather_left_out_than_corrected(shelf: Shelf) -> None:
    of(shelf, "Mug/Kiln & Co", "Sand mug/Kiln & Co", "Mug Andes/Kiln & Co")

    page = shelf.search("kiln and co", NOW)

    assert (page.total, page.corrected, page.relaxed) == (3, None, ("and",))


def test_words_that_nothing_has_are_left_out_and_said(shop: Shelf) -> None:
    for text, left in (
        ("linen unicornish shirt", ("unicornish",)),
        ("the linen shirt in size", ("the", "in", "size")),
        ("linen shirt kettle", ("kettle",)),
        ("lniem unicornish shirt linne", ("lniem", "unicornish")),
        ("linne unicornish shirt", ("unicornish",)),  # rather corrected than left out
    ):
        page = shop.search(text, NOW)
        assert [listing.product.name for listing in page.listings] == ["Linen shirt"]
        assert page.relaxed == left
    page = shop.search(
        "kettleshirt linen", NOW
    )  # of a word that is made of two, the last part says what it is
    assert [listing.product.name for listing in page.listings] == ["Linen shirt"]
    assert page.relaxed == ("kettle",)
    assert shop.search("linen kettle", NOW).listings == ()
    assert shop.search("unicornish", NOW).listings == ()


def test_words_that_very_many_have_are_not_tried_in_every_way(
    shop: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_WORK", 0)

    assert names(shop, "linen shirt") == ["Linen shirt"]
    assert names(shop, "linen shirt kettle") == []


@pytest.mark.parametrize("few", [0, 1, 100])
def test_the_nearer_a_product_is_to_what_was_typed_the_earlier_it_comes(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(ranking, "FEW", few)
    of(
        shelf,
        "Topshirt",
        "Skirt",
        "Shirts of wool",
        "-Shirt",
        "Lamp/Shirt",
        "Shirtmaker",
        "Hat//Shirt",
        "Shirt blue",
    )

    found = names(shelf, "shirt")

    assert found[:2] == ["Shirt blue", "Shirt"]
    assert sorted(found[2:]) == ["Hat", "Lamp", "Shirtmaker", "Shirts of wool", "Topshirt"]
    if few == 100:
        assert found[2:] == ["Lamp", "Hat", "Shirtmaker", "Shirts of wool", "Topshirt"]


@pytest.mark.parametrize("few", [0, 100])
@pytest.mark.parametrize("text", ["t-shirt", "tshirt", "t shirt", "T-Shirts", "tshirts"])
def test_what_only_ends_in_the_word_comes_last(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, few: int, text: str
) -> None:
    monkeypatch.setattr(ranking, "FEW", few)
    of(
        shelf,
        "Sweatshirt",
        "Crew//T-Shirts",
        "Sweatshirt grey//Sweaters",
        "T-Shirt",
        "Tshirts",
        "T shirt white",
    )

    found = names(shelf, text)

    assert set(found[:4]) == {"Crew", "T-Shirt", "Tshirts", "T shirt white"}
    assert set(found[4:]) <= {"Sweatshirt", "Sweatshirt grey"}


def test_a_word_that_may_have_been_several_shows_some_of_each(shelf: Shelf) -> None:
    of(shelf, *(f"Cart {number}" for number in range(150)), "Card game", "Care set")

    first = names(shelf, "carx")[:6]

    assert {name.split()[0] for name in first} == {"Cart", "Card", "Care"}
    assert shelf.search("carx", NOW).exact_total


def test_pages_of_what_may_have_been_meant_follow_each_other(shelf: Shelf) -> None:
    of(
        shelf,
        *(f"{'-' * (number % 3 == 0)}Cart {number}" for number in range(60)),
        *["Card game"] * 7,
        "Cartel",
    )

    for text, corrected in (("carx", "cart"), ("cartx", "cart"), ("carte", None)):
        whole = shelf.search(text, NOW, limit=100)
        ids = [listing.product.id for listing in whole.listings]
        pages = [shelf.search(text, NOW, limit=7, offset=at) for at in range(0, 77, 7)]
        assert [listing.product.id for page in pages for listing in page.listings] == ids
        assert len(set(ids)) == len(ids) == whole.total
        assert all(page.corrected == corrected for page in [whole, *pages] if page.listings), text


def test_a_letter_that_is_a_size_is_no_part_of_a_word(shelf: Shelf) -> None:
    shelf.remember([offer(1, name="Ledger", product="L"), offer(2, name="Pledge", product="P")])
    shelf.remember(
        [offer(number, name="Cap", product=f"C{number}", options={"size": "S"}) for number in range(3, 60)]
    )
    shelf.remember([offer(99, name="Ledger", product="M", options={"size": "S"})])

    assert shelf.search("sledger", NOW).corrected == "ledger"
    assert shelf.search("sledger", NOW).total == 2


def test_what_was_typed_is_not_corrected_because_a_better_known_word_is_near(shelf: Shelf) -> None:
    of(shelf, "Skirt", *(f"Shirt {number}" for number in range(20)))

    assert names(shelf, "skirt") == ["Skirt"]


def test_of_very_many_the_number_is_not_counted_to_the_end(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "FEW", 3)
    monkeypatch.setattr(ranking, "COUNTED", 5)
    of(shelf, *(f"Shirt {number}" for number in range(10, 16)))

    page = shelf.search("shirt", NOW, limit=2)

    assert (len(page.listings), page.total, page.exact_total) == (2, 5, False)
    whole = names(shelf, "shirt")
    pages = [shelf.search("shirt", NOW, limit=2, offset=at).listings for at in (0, 2, 4, 6)]
    assert [listing.product.name for page in pages for listing in page] == whole
    assert len(set(whole)) == 6


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_words_are_only_words_and_cost_little(shop: Shelf, text: str) -> None:
    taken = []
    for _ in range(3):
        started = time.thread_time()
        page = shop.search(text, NOW)
        shop.facets(text)
        taken.append(time.thread_time() - started)

    assert page.total >= len(page.listings)
    assert shop.counts() == (len(NAMES), len(NAMES))
    assert min(taken) <= 0.04  # seconds, for a page and its facets


WORDS = sorted({word for name in NAMES for word in indexed(name) if slips(word)})


@settings(max_examples=400, deadline=None)
@given(word=st.sampled_from(WORDS), seed=st.integers(0, 2**32))
def test_any_word_with_one_slip_still_finds_its_product(shop: Shelf, word: str, seed: int) -> None:
    chance = random.Random(seed)
    at = chance.randrange(len(word))
    letter = chance.choice("abcdefghijklmnopqrstuvwxyz" if word.isascii() else "ابتقمصض")
    typed = chance.choice(
        (
            word[:at] + letter + word[at:],
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at + 1 :],
            word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
        )
    )

    meant = {name for name in NAMES if word in indexed(name)}
    assert meant & set(names(shop, typed)[:10])


def kept(shelf: Shelf) -> dict[str, int]:
    """How much is in each table of the search index."""
    tables = ("lexicon", "vocabulary", "misspellings", "forms", "traits", "entries")
    with shelf.engine.connect() as connection:
        return {
            table: connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
            for table in tables
        }


def test_what_is_renamed_is_found_by_its_new_words_only_and_leaves_nothing_behind(shelf: Shelf) -> None:
    of(shelf, "Linen shirt/Harbour/Shirts", "Oak table/Harbour/Tables")
    before = kept(shelf)

    of(shelf, "Velvet curtain/Fjord/Curtains", "Oak table/Harbour/Tables")

    for text in ("linen", "shirt", "shirts", "shrit", "line"):
        assert names(shelf, text) == []
    assert names(shelf, "velvte") == names(shelf, "fjord") == names(shelf, "curtain") == ["Velvet curtain"]
    assert names(shelf, "harbour") == ["Oak table"]
    of(shelf, "Linen shirt/Harbour/Shirts", "Oak table/Harbour/Tables")
    assert kept(shelf) == before


def test_an_empty_catalogue_answers_everything_with_nothing(shelf: Shelf) -> None:
    for text in ("", "linen", "linne shirt", "4711", "麻", "the"):
        page = shelf.search(text, NOW)
        assert (page.listings, page.total, dict(page.categories), page.corrected) == ((), 0, {}, None)
        assert not shelf.facets(text).category


@pytest.mark.parametrize("few", [2, 100])
def test_an_unfinished_word_finds_every_word_that_begins_so(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(ranking, "FEW", few)
    kinds = [f"Sha{one}{two}ry" for one in "bdfgk" for two in "aeiou"]  # more than are looked up one by one
    of(shelf, *(f"Oak {kind}" for kind in kinds), "Oak table", "Shirt")

    for text in ("sha", "oak sha", "sha oak"):
        page = shelf.search(text, NOW, limit=50)
        assert sorted(listing.product.name for listing in page.listings) == sorted(
            f"Oak {kind}" for kind in kinds
        )
        assert (page.total, page.exact_total, page.corrected) == (25, True, None)
    for text in ("s", "sh"):
        assert shelf.search(text, NOW).total == 26
    assert names(shelf, "oak t") == ["Oak table"]
