"""Catalogue files: what is taken, what is put aside and why, what is refused as a whole."""

from __future__ import annotations

import gzip
import json
import secrets
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from retail.errors import Rejected
from retail.money import Money
from retail.offer import Offer
from sync.catalogue import Shelf
from sync.catalogue.file import FileLoaded, load_file
from tests.retail.samples import NOW, gtin, offer

KNOWN = ("north", "east")


def row(number: int, **changes: Any) -> dict[str, Any]:
    found = {
        "partner": "north",
        "sku": f"N-{number}",
        "gtin": gtin(number).short,
        "name": f"Shirt {number}",
        "price_minor": 4990,
        "currency": "EUR",
        "available": 3,
    }
    return {name: value for name, value in (found | changes).items() if value is not None}


def lines(path: Path, *rows: Any) -> Path:
    path.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in rows) + "\n")
    return path


def take(shelf: Shelf, path: Path, partner: str | None = None, *, full: bool = False) -> FileLoaded:
    return load_file(shelf.engine, path, partner=partner, known=KNOWN, full=full, now=NOW)


def put_aside(shelf: Shelf) -> list[tuple[int, str | None, str, str]]:
    return [(one.row, one.sku, one.field, one.reason) for one in shelf.quarantine()]


def test_every_field_of_a_row_arrives(shelf: Shelf, tmp_path: Path) -> None:
    whole = row(
        1,
        product="shirt",
        brand="Fjord",
        category="Shirts",
        description="Of linen.",
        options={"size": "M"},
        attributes={"material": "linen"},
        swatch="#c58b2a",
        shipping_minor=490,
        was_minor=5990,
        ships_by="2026-03-20",
        picture="/p/1.jpg",
        as_of="2026-03-14T10:00:00+01:00",
    )

    done = take(shelf, lines(tmp_path / "a.jsonl", whole, row(2)))

    assert done == FileLoaded(good=2, bad=0, removed=0, skipped=0)
    assert shelf.by_sku("N-1") == (
        Offer(
            partner="north",
            sku="N-1",
            gtin=gtin(1),
            product="shirt",
            name="Shirt 1",
            price=Money(4990, "EUR"),
            available=3,
            as_of=datetime(2026, 3, 14, 9, tzinfo=UTC),
            brand="Fjord",
            category="Shirts",
            description="Of linen.",
            options={"size": "M"},
            swatch="#c58b2a",
            shipping=Money(490, "EUR"),
            was=Money(5990, "EUR"),
            ships_by=date(2026, 3, 20),
            picture="north/p/1.jpg",
            attributes={"material": "linen"},
        ),
    )
    (bare,) = shelf.by_gtin(gtin(2))
    assert (bare.product, bare.as_of, bare.options) == ("N-2", NOW, {})
    assert [one.product.id for one in shelf.search("linen", NOW).listings] == ["shirt"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("packed", [False, True])
def test_csv_says_the_same_as_json_lines(shelf: Shelf, tmp_path: Path, delimiter: str, packed: bool) -> None:
    header = [
        "sku",
        "gtin",
        "name",
        "price_minor",
        "currency",
        "available",
        "option.size",
        "attribute.material",
    ]
    cells = ["N-1", gtin(1).short, '"Shirt, with ""quotes""; and all"', "4990", "EUR", "3", "M", "linen"]
    bare = ["N-2", gtin(2).short, "Mug", "0", "EUR", "0", "", ""]
    text = "\ufeff" + "\r\n".join(delimiter.join(one) for one in (header, cells, bare)) + "\r\n"
    path = tmp_path / ("a.csv.gz" if packed else "a.csv")
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())

    assert take(shelf, path, "north").good == 2

    (one,) = shelf.by_sku("N-1")
    assert (one.name, one.price, one.options, one.attributes) == (
        'Shirt, with "quotes"; and all',
        Money(4990, "EUR"),
        {"size": "M"},
        {"material": "linen"},
    )
    assert shelf.by_sku("N-2")[0].options == {}


BAD = {
    "gtin": (
        row(1, gtin="4012345678902"),
        "One of the digits is wrong: with the others as they are, the last would be",
    ),
    "gtin number": (row(1, gtin=4012345678901), "It has to be text: numbers lose their leading zeros."),
    "missing": (row(1, name=None), "It is missing."),
    "empty": (row(1, name=" \u200b "), "It is empty."),
    "float": (row(1, price_minor=49.9), "It has to be a whole number, in minor units (4990 for 49.90)."),
    "false": (row(1, price_minor=False), "It has to be a whole number, in minor units (4990 for 49.90)."),
    "pieces": (row(1, available=True), "It has to be a whole number."),
    "negative": (row(1, available=-1), "It must not be negative."),
    "huge": (row(1, price_minor=10**16), "The number is too large."),
    "currency": (row(1, currency="EURO"), "It is no ISO 4217 currency code, like EUR."),
    "date": (row(1, ships_by="20.3.2026"), "It has to be a date like 2026-03-14."),
    "time": (row(1, as_of="2026-03-14T10:00:00"), "It needs its offset from UTC, like +01:00 or Z."),
    "swatch": (row(1, swatch="red"), "It has to look like #c58b2a."),
    "options": (row(1, options=["M"]), 'It has to be an object, like {"size": "M"}.'),
    "unknown": (row(1, colour="red"), "There is no such field; see docs/run-a-store.md for those there are."),
    "spaces": (row(1, product=" p"), "It has characters that cannot be seen, or spaces around it."),
    "partner": (row(1, partner="south"), "There is no such partner on this device; see: aisle partner list"),
    "nobody": (
        row(1, partner=None),
        "The row does not say whose offer it is; name it in the row or with --partner.",
    ),
}
FIELDS = {"gtin number": "gtin", "missing": "name", "empty": "name", "float": "price_minor", "false": "price_minor",
          "negative": "available", "pieces": "available", "huge": "price_minor", "date": "ships_by", "time": "as_of", "unknown": "colour",
          "spaces": "product", "nobody": "partner"}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_a_bad_row_is_put_aside_with_its_reason_and_stops_nobody(
    shelf: Shelf, tmp_path: Path, what: str
) -> None:
    bad, reason = BAD[what]

    done = take(shelf, lines(tmp_path / "a.jsonl", row(2), bad, row(3)))

    assert done == FileLoaded(good=2, bad=1, removed=0, skipped=0)
    ((number, sku, field, why),) = put_aside(shelf)
    assert (number, sku, field) == (2, "N-1", FIELDS.get(what, what))
    assert why.startswith(reason)
    assert ("minor units" in why) == ("minor units" in reason)
    assert shelf.counts() == (2, 2)
    assert shelf.quarantine_count() == 1
    take(shelf, lines(tmp_path / "a.jsonl", row(2), row(1), row(3)))
    assert (put_aside(shelf), shelf.counts()) == ([], (3, 3))


def test_rows_that_cannot_even_be_read_are_put_aside(shelf: Shelf, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    good = json.dumps(row(1)).encode()
    doubled = b'{"sku": "a", "price_minor": 1, "price_minor": 2}'
    path.write_bytes(
        b"\n".join(
            [good, b"{", b'["x"]', b'{"sku": "\xff"}', b"{" + b" " * 600_000, doubled, b"", b'{"a": NaN}']
        )
    )

    assert take(shelf, path) == FileLoaded(good=1, bad=6, removed=0, skipped=0)

    assert [(number, reason) for number, _, _, reason in put_aside(shelf)] == [
        (2, "It is no JSON object on one line."),
        (3, "It is no JSON object on one line."),
        (4, 'It is not in UTF-8: save it as UTF-8; in a spreadsheet, as "CSV UTF-8".'),
        (5, "It is longer than 256 KiB."),
        (6, "It is no JSON object on one line."),
        (7, "It is no JSON object on one line."),
    ]


def test_a_csv_row_with_too_few_values_is_put_aside(shelf: Shelf, tmp_path: Path) -> None:
    text = f"sku,gtin,name,price_minor,currency,available\nN-1,{gtin(1)},Mug,100,EUR,1\nN-2,{gtin(2)},Mug\n"
    text += f"N-3,{gtin(3)},Mug,1e3,EUR,1\n"
    (tmp_path / "a.csv").write_text(text)

    assert take(shelf, tmp_path / "a.csv", "north").good == 1
    assert put_aside(shelf) == [
        (2, None, "row", "It has 3 values, the header has 6."),
        (3, "N-3", "price_minor", "It has to be a whole number, in minor units (4990 for 49.90)."),
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "is no text"),
        (b"\x00" * 5000, "is no text"),
        (b"1," * 200_000, "is no text with one row on each line"),
        (b"[\n{}]", "is one JSON list: write each object on a line of its own"),
        (b" \n\n", "is empty"),
        ("sku;name\n".encode("utf-16"), "is in UTF-16: save it as UTF-8"),
        ("sku;größe\n".encode("latin-1"), "is no text in UTF-8: save it as UTF-8"),
        (b"PK\x03\x04\x14\x00", "is a spreadsheet or a ZIP file"),
        (b"sku;name\rN-1;Mug\r", "has a first line that cannot be read as CSV"),
        (b"partner,sku,gtin,name,price_minor,currency,available\n", "has a header and no rows"),
        (b"hello\nworld\n", "has no column partner, sku, gtin"),
        (b"partner,sku,gtin,name,price_minor,currency,available,sku\n", "has a column twice"),
        (
            b"partner,sku,gtin,name,price_minor,currency,available,colour\n",
            "has a column colour that nobody knows",
        ),
        (b'{"a": 1}\n{"b": 2}\n', "holds no offer in its first rows. Row 1, partner: The row does not say"),
        (gzip.compress(b'{"a"')[:-6], "cannot be read to its end"),
        (b"\x1f\x8bnonsense", "cannot be read to its end"),
    ],
)
def test_what_is_no_catalogue_is_refused_as_a_whole(
    shelf: Shelf, tmp_path: Path, content: bytes, says: str
) -> None:
    take(shelf, lines(tmp_path / "good.jsonl", row(1), row(2, name="")))
    path = tmp_path / "bad"
    path.write_bytes(content)

    with pytest.raises(Rejected) as refused:
        take(shelf, path, full=True)

    assert refused.value.reason == "no_catalogue"
    assert says in refused.value.detail
    assert "Nothing was taken from it" in refused.value.detail
    assert shelf.counts() == (1, 1)
    assert [one.source for one in shelf.quarantine()] == ["file good.jsonl"]


def test_a_file_that_is_too_large_or_not_there_is_refused(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync.catalogue import rows

    path = lines(tmp_path / "a.jsonl", *(row(number) for number in range(1, 9)))
    packed = tmp_path / "a.jsonl.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    monkeypatch.setattr(rows, "MOST_BYTES", 500)
    for one, reason in (
        (path, "no_catalogue"),
        (packed, "no_catalogue"),
        (tmp_path, "no_file"),
        (Path("/dev/null"), "no_file"),
        (tmp_path / "nothing", "no_file"),
    ):
        with pytest.raises(Rejected) as refused:
            take(shelf, one)
        assert refused.value.reason == reason
    assert shelf.counts() == (0, 0)


HEADER = "sku,gtin,name,price_minor,currency,available,description\n"


def plain(*numbers: int) -> str:
    return "".join(f"N-{number},{gtin(number)},Mug,100,EUR,1,\n" for number in numbers)


@pytest.mark.parametrize("behind", [3, 4000], ids=["to the end of the file", "more than fits into a field"])
def test_a_quote_that_is_not_closed_costs_its_own_row_alone(
    shelf: Shelf, tmp_path: Path, behind: int
) -> None:
    take(shelf, lines(tmp_path / "a.jsonl", row(4, name="As it was")))
    text = HEADER + plain(1) + f'N-2,{gtin(2)},Mug,100,EUR,1,"open\n' + plain(*range(3, 3 + behind))
    (tmp_path / "a.csv").write_text(text)

    done = take(shelf, tmp_path / "a.csv", "north", full=True)

    assert done == FileLoaded(good=1 + behind, bad=1, removed=0, skipped=0, kept_old=behind == 3)
    assert put_aside(shelf) == [
        (2, None, "row", "It cannot be read as CSV; look for a quote that is not closed.")
    ]
    assert shelf.by_sku("N-4")[0].name == "Mug"
    assert shelf.counts() == (1 + behind, 1 + behind)


def test_an_open_quote_that_another_row_seems_to_close_costs_neither_the_rows_between(
    shelf: Shelf, tmp_path: Path
) -> None:
    text = HEADER + f'N-1,{gtin(1)},"Mug,100,EUR,1,\n' + plain(2, 3)
    text += f'N-4,{gtin(4)},"Mug, blue",100,EUR,1,"two\nlines"\n' + plain(5)
    (tmp_path / "a.csv").write_text(text)

    assert take(shelf, tmp_path / "a.csv", "north").good == 4

    assert [one[0] for one in put_aside(shelf)] == [1]
    assert shelf.by_sku("N-4")[0].name == "Mug, blue"


def test_empty_columns_of_a_spreadsheet_are_none(shelf: Shelf, tmp_path: Path) -> None:
    head = "sku;gtin;name;price_minor;currency;available;;\r\n"
    good, bad = (f"N-{n};{gtin(n)};Mug;100;EUR;1;;{note}\r\n" for n, note in ((1, ""), (2, "note")))
    rounded = "N-3;4,01235E+12;Mug;100;EUR;1;;\r\n"
    (tmp_path / "a.csv").write_text(head + good + bad + rounded)

    assert take(shelf, tmp_path / "a.csv", "north").good == 1
    assert put_aside(shelf) == [
        (2, None, "row", "It has a value in column 8, which has no name."),
        (3, "N-3", "gtin", "A spreadsheet has rounded it. Make the column text there, and export it again."),
    ]


def test_how_much_of_a_file_is_in_that_breaks_off_is_said(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.catalogue.bulk.BATCH", 100)
    take(shelf, lines(tmp_path / "a.jsonl", row(999)))
    rows = (
        row(number, description=secrets.token_hex(1900)) for number in range(1, 701)
    )  # more than is read ahead
    whole = lines(tmp_path / "b.jsonl", *rows).read_bytes()
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(whole)[:-8])

    with pytest.raises(Rejected, match="cannot be read to its end") as refused:
        take(shelf, tmp_path / "b.jsonl.gz", full=True)

    products, _ = shelf.counts()
    assert products > 100
    assert f"Its first {products - 1} rows are taken; nothing left the shelf. Mend" in refused.value.detail
    assert take(shelf, tmp_path / "b.jsonl", full=True) == FileLoaded(good=700, bad=0, removed=1, skipped=0)


def test_a_row_can_say_that_something_is_gone(shelf: Shelf, tmp_path: Path) -> None:
    take(shelf, lines(tmp_path / "a.jsonl", row(1), row(2), row(3)))

    done = take(
        shelf,
        lines(
            tmp_path / "b.jsonl",
            {"partner": "north", "sku": "N-1", "gone": True},
            {"partner": "north", "sku": "N-9", "gone": True},
            row(2, price_minor=100),
        ),
    )

    assert done == FileLoaded(good=3, bad=0, removed=0, skipped=0)
    assert shelf.by_sku("N-1") == ()
    assert shelf.by_sku("N-2")[0].price.minor == 100
    assert shelf.counts() == (2, 2)
    (tmp_path / "c.csv").write_text("partner,sku,gone\nnorth,N-3,true\n")
    take(shelf, tmp_path / "c.csv")
    assert shelf.counts() == (1, 1)


def test_a_full_file_takes_off_the_shelf_what_it_does_not_name(shelf: Shelf, tmp_path: Path) -> None:
    shelf.remember([offer(7, "east"), offer(8, "north")])
    take(shelf, lines(tmp_path / "a.jsonl", *(row(number) for number in range(1, 31))))
    bad = row(2, price_minor="x")

    done = take(shelf, lines(tmp_path / "b.jsonl", row(1), bad, *(row(n) for n in range(4, 31))), full=True)

    assert done == FileLoaded(good=28, bad=1, removed=2, skipped=0)
    assert shelf.by_sku("N-3") == shelf.by_sku("north-8") == ()
    assert shelf.by_sku("N-2")[0].price.minor == 4990, "what cannot be read now is not gone"
    assert shelf.by_sku("east-7") != (), "of another partner"
    assert shelf.loaded_at("north") == NOW
    assert shelf.loaded_at("east") is None


def test_with_many_bad_rows_nothing_is_taken_off_the_shelf(shelf: Shelf, tmp_path: Path) -> None:
    take(shelf, lines(tmp_path / "a.jsonl", *(row(number) for number in range(1, 9))))

    done = take(shelf, lines(tmp_path / "b.jsonl", row(1), row(2, gtin="x")), full=True)

    assert done == FileLoaded(good=1, bad=1, removed=0, skipped=0, kept_old=True)
    assert shelf.counts() == (8, 8)


def test_loading_again_changes_nothing(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.catalogue.bulk.BATCH", 3)
    path = lines(tmp_path / "a.jsonl", *(row(number) for number in range(1, 8)), row(3, name="Other"))
    take(shelf, path)
    before = [shelf.by_sku(f"N-{number}") for number in range(1, 8)]

    assert take(shelf, path) == FileLoaded(good=8, bad=0, removed=0, skipped=0)

    assert [shelf.by_sku(f"N-{number}") for number in range(1, 8)] == before
    assert before[2][0].name == "Other", "the last row under one SKU counts"


def test_progress_is_told(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.catalogue.bulk.BATCH", 3)
    path = lines(tmp_path / "a.jsonl", *(row(number) for number in range(1, 8)))
    heard: list[tuple[int, float]] = []

    load_file(
        shelf.engine, path, partner=None, known=KNOWN, full=False, now=NOW,
        progress=lambda rows, share: heard.append((rows, share)),
    )  # fmt: skip

    assert [rows for rows, _ in heard] == [3, 6, 7]
    assert heard[-1][1] == 1.0


def test_one_gtin_twice_at_one_partner_is_reported_and_neither_is_lost(shelf: Shelf, tmp_path: Path) -> None:
    take(
        shelf, lines(tmp_path / "a.jsonl", row(1), row(2, gtin=gtin(1).short), row(3), row(3, partner="east"))
    )

    assert shelf.shared_gtins() == (("north", gtin(1), ("N-1", "N-2")),)
    assert {one.product for one in shelf.by_gtin(gtin(1))} == {"N-1", "N-2"}
    assert len(shelf.by_gtin(gtin(3))) == 2
