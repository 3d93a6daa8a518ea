"""The store's own codes: what a file of them must be, what they lead to, and what is asked when they clash."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from retail.codes import own_code, read_code
from retail.errors import Rejected
from retail.gtin import Gtin, InvalidGtin
from sync.catalogue import Shelf
from sync.catalogue.crosswalk import Conflict, Imported, Lead, import_file
from sync.catalogue.rows import Problem
from tests.retail.samples import gtin, offer

PEN, SODA = "4006381333931", "036000291452"


def keep(shelf: Shelf, tmp_path: Path, text: str, *, empty: bool = False) -> Imported:
    path = tmp_path / "crosswalk"
    path.write_text(text)
    return import_file(shelf.engine, path, empty=empty)


def scanned(shelf: Shelf, code: str) -> list[str]:
    return [one.product for one in shelf.by_code(read_code(code))]


def test_a_code_leads_to_a_gtin_or_to_a_partners_sku(shelf: Shelf, tmp_path: Path) -> None:
    shelf.remember([offer(1), offer(2), offer(2, "east"), replace(offer(3, "east"), sku="north-1")])

    done = keep(
        shelf,
        tmp_path,
        f"code,gtin,partner,sku\nLABEL-7,{gtin(2).short},,\nold 12,,east,north-1\nX,,north,gone\n",
    )

    assert done == Imported(codes=3, bad=(), conflicts=(), unknown=1)
    assert scanned(shelf, "label-7") == ["product-2", "product-2"]
    assert scanned(shelf, "old 12") == ["product-3"], "not the SKU of the same name of another partner"
    assert scanned(shelf, "X") == []
    assert shelf.leads("x") == (Lead(partner="north", sku="gone"),)
    assert scanned(shelf, "north-2") == ["product-2"]
    assert scanned(shelf, str(gtin(1))) == ["product-1"]


def test_a_number_that_passes_for_a_gtin_may_be_the_stores_own(shelf: Shelf, tmp_path: Path) -> None:
    shelf.remember([offer(1)])
    own = gtin(200_000_000_001).short

    keep(shelf, tmp_path, f"code,gtin\n{own},{gtin(1)}\n")

    assert scanned(shelf, own) == ["product-1"]


@pytest.mark.parametrize("kept", [SODA, f"0{SODA}", f"00{SODA}", "0-36000-29145-2", "0 036000 291452"])
@pytest.mark.parametrize(
    "met",
    [
        SODA, f"0{SODA}", f"00{SODA}", "0 36000 29145 2", f"]E00{SODA}", f"]C10100{SODA}10A7", f"(01)00{SODA}(10)A7",
        f"https://shop.example/01/00{SODA}?10=A7", f"{SODA} 12",
    ],
)  # fmt: skip
def test_an_old_product_number_is_met_in_every_spelling(
    shelf: Shelf, tmp_path: Path, kept: str, met: str
) -> None:
    shelf.remember([offer(1)])

    assert keep(shelf, tmp_path, f"code,gtin\n{kept},{gtin(1)}\n").codes == 1

    assert scanned(shelf, met) == ["product-1"]


def test_an_old_short_upc_is_met_however_it_is_written(shelf: Shelf, tmp_path: Path) -> None:
    shelf.remember([offer(1)])
    keep(shelf, tmp_path, f"code,gtin\n04252614,{gtin(1)}\n")
    for met in ("04252614", "042100005264", "425261", "]E0425261", "00042100005264"):
        assert scanned(shelf, met) == ["product-1"], met


@pytest.mark.parametrize(
    "kept", [f"(01)00{SODA}(10)A7", f"https://shop.example/01/00{SODA}", "old 036000291452"]
)
def test_what_only_holds_a_product_number_is_kept_as_it_is_written(
    shelf: Shelf, tmp_path: Path, kept: str
) -> None:
    shelf.remember([offer(1)])
    keep(shelf, tmp_path, f"code,gtin\n{kept},{gtin(1)}\n")
    assert (scanned(shelf, kept), scanned(shelf, SODA)) == (["product-1"], [])


@pytest.mark.parametrize("kept", [SODA, f"0{SODA}", f"00{SODA}", "0 36000 29145 2"])
def test_rows_of_an_older_version_are_met_as_they_were_and_more(shelf: Shelf, kept: str) -> None:
    shelf.remember([offer(1)])
    with shelf.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO crosswalk VALUES (?, '', ?)", (kept, str(gtin(1))))
    assert scanned(shelf, kept) == ["product-1"]
    if " " not in kept:
        assert scanned(shelf, f"00{SODA}") == scanned(shelf, SODA) == ["product-1"]


def test_spellings_of_one_code_are_one_code(shelf: Shelf, tmp_path: Path) -> None:
    done = keep(shelf, tmp_path, f"code,gtin\n{SODA},{PEN}\n0{SODA},{PEN}\nA,{PEN}\na,{PEN}\n")
    assert done == Imported(codes=2, bad=(), conflicts=(), unknown=2)
    assert shelf.leads(SODA) == shelf.leads("a") == (Lead(gtin=Gtin.parse(PEN)),)


def test_an_old_number_that_is_a_product_on_the_shelf_too_is_reported(shelf: Shelf, tmp_path: Path) -> None:
    shelf.remember([offer(1), offer(2)])
    done = keep(shelf, tmp_path, f"code,gtin\n{gtin(1).short},{gtin(2)}\n")
    assert done.conflicts == (Conflict(gtin(1), ("product-1", "product-2")),)
    assert scanned(shelf, gtin(1)) == ["product-1", "product-2"]


def test_an_empty_file_empties_the_crosswalk_only_when_that_is_meant(shelf: Shelf, tmp_path: Path) -> None:
    keep(shelf, tmp_path, f"code,gtin\nA,{PEN}\n")
    assert keep(shelf, tmp_path, "code,gtin\n", empty=True) == Imported(0, (), (), 0)
    assert shelf.leads("A") == ()


# -- digits that may be two numbers ------------------------------------------------------------------------

EAN, UPC = Gtin("00000012345670"), Gtin("00123456000070")


@pytest.mark.parametrize(
    ("known", "text", "meant"),
    [
        ((EAN, UPC), "12345670", [EAN, UPC]),
        ((EAN,), "12345670", [EAN]),
        ((UPC,), "12345670", [UPC]),
        ((EAN, UPC), "]E412345670", [EAN]),
        ((EAN, UPC), "]E012345670", [UPC]),
        ((UPC,), "]E412345670", []),
        ((UPC,), "1234567", [UPC]),
        ((UPC,), "1234568", []),
        ((UPC,), "12345600007012", [UPC]),
        ((UPC,), "12345600007051299", [UPC]),
        ((UPC,), f"01{UPC}17269999", [UPC]),
    ],
)
def test_digits_that_may_be_two_numbers_are_what_the_catalogue_knows(
    shelf: Shelf, known: tuple[Gtin, ...], text: str, meant: list[Gtin]
) -> None:
    shelf.remember([replace(offer(n), gtin=one) for n, one in enumerate(known, 1)])
    try:
        code = read_code(text)
    except InvalidGtin:
        code = own_code(text)
    assert sorted(one.gtin for one in shelf.by_code(code)) == meant


def test_a_short_upc_is_one_only_when_the_digits_are_nothing_else(shelf: Shelf, tmp_path: Path) -> None:
    shelf.remember([offer(1), replace(offer(2), gtin=UPC), replace(offer(3), sku="123456")])
    assert scanned(shelf, "1234567") == ["product-2"]
    keep(shelf, tmp_path, f"code,gtin\n1234567,{gtin(1)}\n123456,{PEN}\n")
    assert scanned(shelf, "1234567") == ["product-1"]
    assert scanned(shelf, "123456") == ["product-3"]


def test_one_code_for_several_products_is_reported_and_asked(shelf: Shelf, tmp_path: Path) -> None:
    shelf.remember([offer(1), offer(2), offer(3)])

    done = keep(
        shelf, tmp_path,
        "".join(
            json.dumps(one) + "\n"
            for one in (
                {"code": "A", "gtin": gtin(1)},
                {"code": "A", "gtin": gtin(2)},
                {"code": "north-3", "gtin": gtin(1)},
                {"code": "B", "gtin": gtin(1)},
                {"code": "B", "partner": "north", "sku": "north-1"},
            )
        ),
    )  # fmt: skip

    assert done.conflicts == (
        Conflict("A", ("product-1", "product-2")),
        Conflict("north-3", ("product-1", "product-3")),
    )
    assert scanned(shelf, "a") == ["product-1", "product-2"]
    assert scanned(shelf, "north-3") == ["product-1", "product-3"]
    assert scanned(shelf, "B") == ["product-1"]


def test_bad_rows_are_named_and_the_others_kept(shelf: Shelf, tmp_path: Path) -> None:
    rows = [
        f"A,{gtin(1)},,",
        "B,4012345678902,,",
        "C,,,",
        f"D,{gtin(1)},north,x",
        f",{gtin(1)},,",
        "E,,north,",
        f"{'F' * 121},{gtin(1)},,",
    ]

    done = keep(shelf, tmp_path, "code,gtin,partner,sku\n" + "\n".join(rows))

    one_missing = "A code stands for a gtin, or for a partner and its sku: one of them is missing."
    assert done.codes == 1
    assert [(number, problem.field) for number, problem in done.bad] == [
        (2, "gtin"), (3, "gtin"), (4, "gtin"), (5, "code"), (6, "gtin"), (7, "code"),
    ]  # fmt: skip
    assert done.bad[1][1] == Problem("gtin", one_missing)
    assert done.bad[4][1] == Problem("gtin", one_missing)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a,b\n1,2\n", "needs the columns code and gtin"),
        ("code,gtin,price\nA,1,2\n", "has a column price that nobody knows"),
        (
            "code,gtin\n",
            "has no rows, so no code would be left. If that is meant: --empty. Nothing was changed.",
        ),
        ("code,gtin\nA,1\n", "has no good row. Row 1, gtin: A product number has 8, 12, 13 or 14 digits"),
    ],
)
def test_what_is_no_crosswalk_changes_nothing(shelf: Shelf, tmp_path: Path, text: str, says: str) -> None:
    shelf.remember([offer(1)])
    keep(shelf, tmp_path, f"code,gtin\nA,{gtin(1)}\n")

    with pytest.raises(Rejected, match="no_crosswalk") as refused:
        keep(shelf, tmp_path, text)

    assert says in refused.value.detail
    assert scanned(shelf, "A") == ["product-1"]


def test_one_file_is_the_whole_crosswalk_and_outlives_the_catalogues_layout(
    shelf: Shelf, tmp_path: Path
) -> None:
    keep(shelf, tmp_path, f"code,gtin\nA,{gtin(1)}\n")
    keep(shelf, tmp_path, f"code,gtin\nB,{gtin(1)}\n")
    with shelf.engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA user_version = 1")

    again = Shelf(shelf.engine)

    assert (again.leads("A"), again.leads("B")) == ((), (Lead(gtin(1)),))
