"""The store's own codes: what a file of them must be, what they lead to, and what is asked when they clash."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from retail.codes import read_code
from retail.errors import Rejected
from sync.catalogue import Shelf
from sync.catalogue.crosswalk import Conflict, Imported, Lead, import_file
from sync.catalogue.rows import Problem
from tests.retail.samples import gtin, offer


def keep(shelf: Shelf, tmp_path: Path, text: str) -> Imported:
    path = tmp_path / "crosswalk"
    path.write_text(text)
    return import_file(shelf.engine, path)


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
