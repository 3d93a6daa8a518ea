"""The search index: which words lead to which product, which words there are, and what products can be narrowed by.

    lexicon      product rows by word, by four signs of a code (``#4711``) and by trait (``=12``)
    vocabulary   every word with the number of products it leads to
    misspellings, forms    under what a word is kept (``spelling``), so that slips of a finger and other words lead to it
    traits       every brand, category, size, colour and partner with its number of products
    entries      what a product was indexed by, to take it out again and to say how well it matches

All of it is written with the catalogue, in its transactions: there is nothing to build when the program starts.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from sqlalchemy import Connection, Engine

from sync.catalogue.spelling import deletions, kept, slips
from sync.catalogue.words import fold, indexed, squeezed
from sync.store.engine import many

TABLES = """
CREATE VIRTUAL TABLE lexicon USING fts5 (
    name, brand, more, content = '', contentless_delete = 1, detail = column, prefix = '1 2',
    tokenize = "ascii tokenchars '.#='");
CREATE TABLE vocabulary (id INTEGER PRIMARY KEY, word TEXT NOT NULL, products INTEGER NOT NULL);
CREATE UNIQUE INDEX vocabulary_word ON vocabulary (word, products);
CREATE TABLE misspellings (key INTEGER NOT NULL, word INTEGER NOT NULL, PRIMARY KEY (key, word)) WITHOUT ROWID;
CREATE TABLE forms (key INTEGER NOT NULL, word INTEGER NOT NULL, PRIMARY KEY (key, word)) WITHOUT ROWID;
CREATE TABLE traits (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, value TEXT NOT NULL, key TEXT NOT NULL, products INTEGER NOT NULL,
    UNIQUE (kind, key));
CREATE TABLE entries (
    row INTEGER PRIMARY KEY, name TEXT NOT NULL, brand TEXT NOT NULL, more TEXT NOT NULL, codes TEXT NOT NULL,
    told TEXT NOT NULL);
"""
EACH = "json_each(?) AS j"  # a list of any length as one value
INDEXED = f"SELECT e.name, e.brand, e.more, e.told FROM {EACH} CROSS JOIN entries e ON e.row = j.value"  # noqa: S608
WORD_NUMBERS = f"SELECT v.word, v.id, v.products FROM {EACH} CROSS JOIN vocabulary v ON v.word = j.value"  # noqa: S608
COUNT_TRAIT = (
    "INSERT INTO traits (kind, value, key, products) VALUES (?,?,?,?) ON CONFLICT (kind, key) DO UPDATE"
    " SET products = products + excluded.products RETURNING id, products"
)
TIDIED = 2_000  # pages of the index that are put in order in one transaction
GRAM = 4  # signs of a code that are enough to look for it
KINDS = ("category", "brand", "partner", "size", "colour")
# How partners call the two options that everybody narrows by; folded.
OPTION_NAMES = {
    **dict.fromkeys(("size", "sizes", "grosse", "groesse", "gr", "taille", "pointure", "talla", "tamano", "numero"), "size"),
    **dict.fromkeys(("المقاس", "مقاس", "サイズ", "taglia", "maat", "eu size", "shoe size"), "size"),
    **dict.fromkeys(("colour", "color", "colours", "colors", "farbe", "couleur", "coloris", "colore", "kleur"), "colour"),
    **dict.fromkeys(("اللون", "لون", "カラー", "色"), "colour"),
}  # fmt: skip


def text_of(
    name: str,
    brand: str,
    category: str,
    more: Iterable[str],
    codes: Iterable[str],
    sellers: Iterable[tuple[str, str]],
) -> str:
    """What a product is found by, in the form that ``put`` takes: one text for one product, in whatever order it is told.

    ``more`` are further words; ``sellers`` are the partner and the options, as JSON, of each of its offers.
    """
    offered = set(sellers)
    variants = {
        f"{partner}\x1f{size}\x1f{colour}"
        for partner, options in offered
        for size, colour, _ in (told(options),)
    }
    values = {value for _, options in offered for value in told(options)[2]}
    lines = (
        name,
        brand,
        category,
        " ".join(sorted({*more, *values})),
        "\x1e".join(sorted(set(codes))),
        "\x1e".join(sorted(variants)),
    )
    return "\n".join(line.replace("\n", " ") for line in lines)


@lru_cache(maxsize=8192)
def told(options: str) -> tuple[str, str, tuple[str, ...]]:
    """Size, colour and all values of a variant's options, which are JSON."""
    found = {"size": "", "colour": ""}
    values = json.loads(options)
    for name, value in values.items():
        kind = OPTION_NAMES.get(fold(name))
        if kind:
            found[kind] = " ".join(value.split())
    return found["size"], found["colour"], tuple(values.values())


def told_of(options: Mapping[str, str]) -> tuple[str, str, tuple[str, ...]]:
    """The same of options that are no JSON yet."""
    return told(json.dumps(dict(options)))


def put(connection: Connection, entries: Sequence[tuple[int, str]]) -> None:
    """Index products by their row numbers and ``text_of`` them. What is indexed under a row must be forgotten first."""
    if not entries:
        return
    lines = [(row, text.split("\n")) for row, text in entries]
    traits = [traits_of(brand, category, variants) for _, (_, brand, category, _, _, variants) in lines]
    numbers = _count_traits(connection, traits, 1)
    docs: list[tuple[object, ...]] = []
    told_of_all: list[tuple[object, ...]] = []
    counts: Counter[str] = Counter()
    for (row, (name, brand, category, more, codes, variants)), own in zip(lines, traits, strict=True):
        fields = [indexed(name), indexed(brand), indexed(f"{category} {more}")]
        counts.update({word for words in fields for word in words})
        short = [squeezed(code) for code in codes.split("\x1e")]
        marks = [f"={numbers[trait]}" for trait in own]
        texts = [" ".join(words) for words in fields]
        docs.append((row, *texts[:2], " ".join([texts[2], *marks, *grams(short)])))
        told_of_all.append((row, *texts, " ".join(short), f"{brand}\n{category}\n{variants}"))
    many(connection, "INSERT INTO lexicon (rowid, name, brand, more) VALUES (?,?,?,?)", docs)
    many(connection, "INSERT INTO entries VALUES (?,?,?,?,?,?)", told_of_all)
    _count_words(connection, counts)


def forget(connection: Connection, rows: Iterable[int]) -> None:
    """Take products out by their row numbers."""
    gone = [(row,) for row in rows]
    if not gone:
        return
    counts: Counter[str] = Counter()
    traits = []
    for name, brand, more, told_of in connection.exec_driver_sql(
        INDEXED, (json.dumps([row for (row,) in gone]),)
    ):
        counts.subtract({*name.split(), *brand.split(), *more.split()})
        traits.append(traits_of(*told_of.split("\n")))
    _count_traits(connection, traits, -1)
    _count_words(connection, counts)
    many(connection, "DELETE FROM lexicon WHERE rowid = ?", gone)
    many(connection, "DELETE FROM entries WHERE row = ?", gone)


def tidy(engine: Engine) -> None:
    """Put the index in its best order, a little at a time: after a long list has come in, searches are twice as fast.

    It may be broken off anywhere, and called again.
    """
    pages, changes = -TIDIED, 2  # negative: begin, whatever there is to do
    while changes > 1:
        with engine.begin() as connection:
            before = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
            connection.exec_driver_sql("INSERT INTO lexicon (lexicon, rank) VALUES ('merge', ?)", (pages,))
            changes = connection.exec_driver_sql("SELECT total_changes()").scalar_one() - before
        pages = TIDIED


def traits_of(brand: str, category: str, variants: str) -> set[tuple[str, str]]:
    """What a product can be narrowed by: (kind, value), values as they are written."""
    found = {("category", category), ("brand", brand)}
    for variant in variants.split("\x1e"):
        found.update(zip(KINDS[2:], variant.split("\x1f"), strict=False))
    return {trait for trait in found if trait[1]} | {("category", category)}


def grams(codes: Iterable[str]) -> list[str]:
    """What codes without spaces are found by: every four signs that follow each other in one of them."""
    found = {f"#{code[at : at + GRAM]}" for code in codes for at in range(max(1, len(code) - GRAM + 1))}
    return sorted(found - {"#"})


@lru_cache(maxsize=8192)
def trait_key(kind: str, value: str) -> str:
    """A value as it is compared: size ``m`` is size ``M``, but categories and partners are what they are."""
    return value if kind in ("category", "partner") else " ".join(fold(value).split())


def _count_traits(
    connection: Connection, products: Iterable[set[tuple[str, str]]], difference: int
) -> dict[tuple[str, str], int]:
    """Count the traits of each product up or down; the numbers of all of them, made for those that are new."""
    counts: Counter[tuple[str, str]] = Counter()
    written: dict[tuple[str, str], dict[str, None]] = {}  # the ways in which a value is written
    for traits in products:
        own = set()
        for kind, value in traits:
            own.add((kind, trait_key(kind, value)))
            written.setdefault((kind, trait_key(kind, value)), {})[value] = None
        counts.update(own)
    numbers: dict[tuple[str, str], int] = {}
    for (kind, key), count in counts.items():
        values = written[kind, key]
        row = connection.exec_driver_sql(
            COUNT_TRAIT, (kind, next(iter(values)), key, count * difference)
        ).one()
        numbers.update({(kind, value): row.id for value in values})
        if row.products <= 0:
            connection.exec_driver_sql("DELETE FROM traits WHERE id = ?", (row.id,))
    return numbers


def _count_words(connection: Connection, counts: Counter[str]) -> None:
    """Count words up or down. New ones are kept under what leads to them; those that lead nowhere any more go."""
    rows = connection.exec_driver_sql(WORD_NUMBERS, (json.dumps(list(counts), ensure_ascii=False),))
    known = {word: (number, products) for word, number, products in rows}
    last = connection.exec_driver_sql("SELECT ifnull(max(id), 0) FROM vocabulary").scalar_one()
    fresh = {word: last + nth for nth, word in enumerate((word for word in counts if word not in known), 1)}
    many(
        connection,
        "INSERT INTO vocabulary VALUES (?,?,?)",
        [(number, word, counts[word]) for word, number in fresh.items()],
    )
    many(connection, "INSERT OR IGNORE INTO misspellings VALUES (?,?)", _keys(fresh, _deletions))
    many(connection, "INSERT OR IGNORE INTO forms VALUES (?,?)", _keys(fresh, kept))
    left = {word: products + counts[word] for word, (_, products) in known.items()}
    many(
        connection,
        "UPDATE vocabulary SET products = ? WHERE id = ?",
        [(count, known[word][0]) for word, count in left.items() if count > 0],
    )
    gone = {word: known[word][0] for word, count in left.items() if count <= 0}
    many(connection, "DELETE FROM vocabulary WHERE id = ?", [(number,) for number in gone.values()])
    many(connection, "DELETE FROM misspellings WHERE key = ? AND word = ?", _keys(gone, _deletions))
    many(connection, "DELETE FROM forms WHERE key = ? AND word = ?", _keys(gone, kept))


def _keys(words: Mapping[str, int], under: Callable[[str], Iterable[int]]) -> list[tuple[int, int]]:
    """Under what each word is kept, in order, so that neighbours are written together."""
    return sorted((key, number) for word, number in words.items() for key in under(word))


def _deletions(word: str) -> set[int]:
    most = slips(word)
    return deletions(word, most) if most else set()
