"""How alike two products are, as two numbers each: a style, the same for all colours of a thing, and a signature.

A signature is a set of words in 63 bits: each word of the name and each attribute sets one. Of two signatures, the
share of common bits says how alike the products are, without reading anything else of them.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache
from hashlib import blake2b
from typing import Protocol
from zlib import crc32

BITS = 63
NAME_BITS = 32  # of a style, say the name; those before them, brand and category
WORD = re.compile(r"\w+")


class Told(Protocol):
    """What is said about a product; ``attributes`` are JSON, or "" for none."""

    @property
    def name(self) -> str: ...
    @property
    def brand(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def attributes(self) -> str: ...


def style_of(told: Told, options: Collection[str]) -> int:
    """The same number for products of one brand and category whose names differ in sizes and colours alone.

    ``options`` are the values of the product's own options: what of the name is among them does not count. The numbers
    of one brand and category follow each other, see ``kin_of``.
    """
    own = {word for value in options for word in _folded(value)}
    name = " ".join(sorted(word for word in _words(told.name) if word not in own))
    return _kin(told.brand.casefold(), told.category.casefold()) << NAME_BITS | _number(name, NAME_BITS)


def kin_of(style: int) -> tuple[int, int]:
    """The least and the greatest style of the brand and category that ``style`` belongs to."""
    first = style >> NAME_BITS << NAME_BITS
    return first, first + 2**NAME_BITS - 1


def signature_of(told: Told) -> int:
    """The words of its name and its attributes as bits."""
    bits = 0
    for mark in marks_of(told.name, told.attributes):
        bits |= _bit(mark)
    return bits


def marks_of(name: str, attributes: str) -> list[str]:
    """The words of a name, and attributes as "name=value"."""
    marks = _words(name)
    if attributes:
        marks += [f"{one}={value}".casefold() for one, value in json.loads(attributes).items()]
    return marks


def alike(one: int, other: int) -> float:
    """The share of common bits, 0 to 1; two empty signatures have nothing in common."""
    union = one | other
    return (one & other).bit_count() / union.bit_count() if union else 0.0


@lru_cache(maxsize=10_000)
def _kin(brand: str, category: str) -> int:
    return _number(f"{brand}\n{category}", BITS - NAME_BITS)


def _number(text: str, bits: int) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()) >> 64 - bits


@lru_cache(maxsize=50_000)
def _bit(word: str) -> int:
    return 1 << crc32(word.encode("utf-8", "surrogatepass")) % BITS


@lru_cache(maxsize=10_000)
def _folded(text: str) -> tuple[str, ...]:
    return tuple(_words(text))


def _words(text: str) -> list[str]:
    if not text.isascii():
        text = "".join(
            char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)
        )
    return WORD.findall(text.casefold())
