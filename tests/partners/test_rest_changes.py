"""What changed, told by a mapping: what is gone, when to read everything, and rows that are no offers."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from partners.contract import BadOffer, ChangePage
from partners.goods import Assortment, sample_assortment
from partners.rest.adapter import RestPartner
from partners.rest.mapping import check_mapping
from partners.simulator import dialect
from partners.simulator.books import Books
from partners.simulator.entries import Clock
from partners.simulator.record import simulator_record
from retail.errors import BadResponse

RECORD = simulator_record("north", "North", "http://north.test", "B")
NOW = datetime(2026, 3, 14, tzinfo=UTC)
ITEMS = [dialect.item(one, "EUR", NOW) for one in sample_assortment().items[:3]]


def saying(body: Mapping[str, Any], status: int = 200) -> RestPartner:
    return RestPartner(RECORD, None, httpx.MockTransport(lambda request: httpx.Response(status, json=body)))


def answer(**changes: Any) -> dict[str, Any]:
    return {"items": ITEMS, "withdrawn": ["NO-99"], "next": "7", "more": True} | changes


async def test_new_gone_and_where_to_go_on() -> None:
    page = await saying(answer()).changes("5")

    assert page is not None
    assert [one.sku for one in page.offers] == ["NO-00", "NO-01", "NO-02"]
    assert (page.gone, page.cursor, page.more, page.bad) == (("NO-99",), "7", True, ())


async def test_the_cursor_of_now_comes_without_offers() -> None:
    assert await saying(answer()).changes(None) == ChangePage("7")


async def test_what_is_sold_is_not_gone_and_no_progress_is_no_more() -> None:
    page = await saying(answer(withdrawn=["NO-01", "NO-98"], next="5")).changes("5")

    assert page is not None
    assert (page.gone, page.more) == (("NO-98",), False)


async def test_a_cursor_that_is_too_old_means_reading_everything() -> None:
    refused = {"error": {"code": "TOO_OLD", "message": ""}}

    assert await saying(refused, 410).changes("5") is None


async def test_a_partner_without_the_operation_cannot_tell() -> None:
    operations: Any = dict(RECORD.mapping["operations"])  # type: ignore[call-overload]
    del operations["changes"]
    record = replace(RECORD, mapping={**RECORD.mapping, "operations": operations})
    assert check_mapping(record) == []

    def nothing(request: httpx.Request) -> httpx.Response:
        raise AssertionError("nothing is asked")

    assert await RestPartner(record, None, httpx.MockTransport(nothing)).changes(None) is None


@pytest.mark.parametrize("part", ["cursor", "gone"])
def test_a_mapping_says_where_to_go_on_and_what_is_gone(part: str) -> None:
    operations: Any = dict(RECORD.mapping["operations"])  # type: ignore[call-overload]
    operations["changes"] = {name: one for name, one in operations["changes"].items() if name != part}

    (problem,) = check_mapping(replace(RECORD, mapping={**RECORD.mapping, "operations": operations}))

    assert problem.startswith("operations.changes needs cursor and gone")


@pytest.mark.parametrize(
    "wrong",
    [
        {"next": None},
        {"withdrawn": None},
        {"withdrawn": "NO-1"},
        {"withdrawn": [7]},
        {"items": None},
        {"next": []},
    ],
)
async def test_an_answer_that_says_too_little_is_not_believed(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadResponse):
        await saying(answer(**wrong)).changes("5")


async def test_a_bad_row_is_named_and_keeps_no_others_out() -> None:
    items = [ITEMS[0], ITEMS[1] | {"onHand": "many"}, ITEMS[2] | {"ean": "4012345678902"}]

    page = await saying({"items": items, "next": None}).search("")

    assert [one.sku for one in page.offers] == ["NO-00"]
    assert page.bad[0] == BadOffer("NO-01", "available", "Input should be a valid integer")
    assert page.bad[1].sku is None
    assert [one.field for one in page.bad] == ["available", "forms.offer"]


async def test_a_page_without_one_offer_is_the_mappings_fault() -> None:
    with pytest.raises(BadResponse, match="offer 1: available"):
        await saying({"items": [one | {"onHand": None} for one in ITEMS[:2]], "next": None}).search("")


# -- the simulated partner's log ---------------------------------------------------------------------------


def open_books(path: Path, goods: Assortment) -> Books:
    return Books(goods, path, ships_after=None, clock=Clock())


def test_what_is_withdrawn_is_told_once_and_what_is_sold_is_a_change(tmp_path: Path) -> None:
    goods = sample_assortment()
    with closing(open_books(tmp_path / "books.db", goods)) as books:
        start = books.newest_change()
        books.withdraw("NO-00")
        books.change("NO-01", stock=1)
        books.change("NO-01", stock=2)

        found = books.changes(start, 10)

        assert found is not None
        changed, gone, last, more = found
        assert ([(one.sku, one.stock) for one in changed], gone, more) == ([("NO-01", 2)], ["NO-00"], False)
        assert last == start + 3
        assert books.changes(last, 10) == ([], [], last, False)
        assert books.changes(last + 1, 10) is None


def test_after_other_goods_came_everything_has_to_be_read(tmp_path: Path) -> None:
    goods = sample_assortment()
    with closing(open_books(tmp_path / "books.db", goods)) as books:
        start = books.newest_change()
    with closing(open_books(tmp_path / "books.db", goods)) as books:
        assert books.changes(start, 10) == ([], [], start, False), "the same goods after a restart"
    with closing(open_books(tmp_path / "books.db", replace(goods, items=goods.items[1:]))) as books:
        assert books.changes(start, 10) is None
        assert books.changes(books.newest_change(), 10) is not None
