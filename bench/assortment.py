"""A made-up assortment of up to a million variants: dictionary words, brands, sizes and colours, all from one seed.

Every thing is computed from its number, so nothing is kept in memory and any part can be asked for.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from partners.contract import OfferPage
from retail.gtin import Gtin, check_digit
from retail.money import Money
from retail.offer import Offer

NOW = datetime(2026, 3, 14, tzinfo=UTC)
DICTIONARIES = Path("/usr/share/dict")
SHARES = {"american-english": 24_000, "ngerman": 8_000, "french": 8_000, "spanish": 8_000}
FREQUENT = 2_000  # words that half of all names draw from; the rest is drawn from all words alike
SYLLABLES = [first + second for first in "bdfgklmnprstvz" for second in "aeiou"]
KIND_WORDS = (
    "shirt jacket trousers dress skirt coat sweater cardigan blouse jeans shorts socks scarf gloves hat cap belt boots"
    " trainers sandals slippers bag backpack wallet watch ring necklace bracelet lamp chair table sofa cushion blanket"
    " curtain carpet mirror shelf vase candle mug plate bowl kettle teapot pan knife fork spoon glass bottle towel"
    " pillow clock frame basket ball racket helmet tent lantern rucksack"
)
COLOUR_WORDS = "Black White Navy Ochre Forest Chalk Cherry Moss Cobalt Sky Pine Clay Plum Sand Grey Rosé Crème Olive Teal Coral"
SIZE_WORDS = "XS S M L XL 36 37 38 39 40 41 42 43 44"
KINDS, COLOURS, SIZES = (listed.split() for listed in (KIND_WORDS, COLOUR_WORDS, SIZE_WORDS))
MASK = 2**64 - 1


@dataclass(frozen=True)
class Assortment:
    """``variants`` variants; ``per_product`` of them make one product, which is named once.

    ``source`` says where the words are from: this machine's word lists, or made-up ones when it has none.
    """

    variants: int = 1_000_000
    per_product: int = 1
    seed: int = 3
    partner: str = "north"
    currency: str = field(default="EUR", repr=False)

    @cached_property
    def source(self) -> str:
        """Where the words come from."""
        return "word lists" if all((DICTIONARIES / name).exists() for name in SHARES) else "made-up words"

    @cached_property
    def words(self) -> tuple[str, ...]:
        """At least 30,000 distinct words of 3 to 14 letters, in an order that says how frequent they are."""
        chance = random.Random(self.seed)
        found: dict[str, str] = {}  # by how they sound without accents, so that no two differ by these alone
        if self.source == "word lists":
            for name, share in SHARES.items():
                listed = (DICTIONARIES / name).read_text("utf-8", "replace").split()
                good = [word.lower() for word in listed if word.isalpha() and 3 <= len(word) <= 14]
                chance.shuffle(good)
                for word in good[: share + share // 8]:
                    found.setdefault(_plain(word), word)
        while len(found) < 48_000:
            word = "".join(chance.choices(SYLLABLES, k=chance.choice((2, 2, 3, 3, 3, 4, 4, 5))))
            word += chance.choice(("", "", "n", "r", "s", "l"))
            found.setdefault(word, word)
        words = list(found.values())[:60_000]
        chance.shuffle(words)
        return tuple(words)

    @cached_property
    def brands(self) -> tuple[str, ...]:
        """Four hundred brands."""
        chance = random.Random(self.seed + 1)
        return tuple("".join(chance.choices(SYLLABLES, k=chance.choice((2, 3)))).title() for _ in range(400))

    def parts(self, product: int) -> tuple[str, str, str, str]:
        """Brand, two words, and kind of one product, by its number."""
        one = _mixed(self.seed * 1_000_003 + product)
        two = _mixed(one)
        return (
            self.brands[one % len(self.brands)],
            self._word(one >> 20),
            self._word(two),
            KINDS[(two >> 40) % len(KINDS)],
        )

    def name(self, product: int) -> str:
        """What one product is called: two words and its kind."""
        _, first, second, kind = self.parts(product)
        return f"{first.capitalize()} {second} {kind}"

    def offer(self, number: int, as_of: datetime = NOW) -> Offer:
        """One variant as its partner offers it, by its number from 0; one in eight is sold out."""
        product, nth = divmod(number, self.per_product)
        brand, first, second, kind = self.parts(product)
        chance = _mixed(number + self.seed)
        payload = f"02{number:011d}"
        return Offer(
            partner=self.partner,
            sku=f"{brand[:2].upper()}-{number:07d}",
            gtin=Gtin(payload + check_digit(payload)),
            product=f"{kind[:2].upper()}{product}",
            name=f"{first.capitalize()} {second} {kind}",
            price=Money(995 + chance % 20_000, self.currency),
            available=chance >> 20 & 7,
            as_of=as_of,
            brand=brand,
            category=kind.capitalize(),
            description=f"{first.capitalize()} {second} by {brand}.",
            options={
                "colour": COLOURS[(product + nth // 2) % len(COLOURS)],
                "size": SIZES[(product // 7 + nth % 2) % len(SIZES)],
            },
            shipping=Money(490, self.currency),
        )

    def offers(self, start: int = 0, stop: int | None = None) -> Iterator[Offer]:
        """All variants, or those from number ``start`` to before ``stop``."""
        return map(self.offer, range(start, self.variants if stop is None else stop))

    def _word(self, chance: int) -> str:
        frequent = chance & 1
        return self.words[(chance >> 1) % (FREQUENT if frequent else len(self.words))]


class Generated:
    """A partner that offers an assortment, page by page, as one does over the network."""

    def __init__(self, assortment: Assortment) -> None:
        self.partner_id = assortment.partner
        self.assortment = assortment

    async def search(self, text: str, *, limit: int = 24, cursor: str | None = None) -> OfferPage:
        """One page of everything."""
        start = int(cursor or 0)
        stop = min(start + limit, self.assortment.variants)
        offers = tuple(self.assortment.offers(start, stop))
        return OfferPage(offers, str(stop) if stop < self.assortment.variants else None)


def _plain(word: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFD", word) if not unicodedata.combining(sign))


def _mixed(number: int) -> int:
    """A number that looks like chance, always the same for the same ``number`` (splitmix64)."""
    number = (number + 0x9E3779B97F4A7C15) & MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & MASK
    return number ^ (number >> 31)
