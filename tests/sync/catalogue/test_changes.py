"""Changes: only what changed is asked for, nothing is missed, and the end is the same as a whole load's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partners.contract import BadOffer
from retail.errors import BadResponse, Unreachable
from retail.money import Money
from retail.offer import Offer
from sync.catalogue import Shelf
from sync.catalogue.bulk import Bulk
from sync.catalogue.changes import Refreshed, refresh
from sync.catalogue.write import write
from sync.store.engine import open_engine
from tests.retail.samples import NOW, gtin, offer
from tests.sync.catalogue.partner import Telling
from tests.sync.conftest import KEY


async def refreshed(shelf: Shelf, partner: Telling, **how: Any) -> Refreshed:
    return await refresh(shelf.engine, partner, NOW, **how)  # type: ignore[arg-type]


def names(shelf: Shelf, text: str = "") -> list[str]:
    return [one.product.name for one in shelf.search(text, NOW, limit=100).listings]


async def test_the_first_time_everything_is_loaded_then_only_what_changed(shelf: Shelf) -> None:
    partner = Telling(offers=[offer(number) for number in range(1, 6)])
    assert await refreshed(shelf, partner) == Refreshed(5, whole=True)
    partner.put(offer(2, price=Money(100, "EUR")), offer(9, name="Hat"))
    partner.withdraw("north-3")
    partner.asked.clear()

    assert await refreshed(shelf, partner) == Refreshed(3, whole=False)

    assert partner.asked == [("changes", "0"), ("changes", "2")]
    assert shelf.by_sku("north-2")[0].price.minor == 100
    assert shelf.by_sku("north-3") == ()
    assert names(shelf, "hat") == ["Hat"]
    assert shelf.counts() == (5, 5)
    assert await refreshed(shelf, partner) == Refreshed(0, whole=False)


async def test_what_changes_while_the_list_is_read_is_not_missed(shelf: Shelf) -> None:
    partner = Telling(offers=[offer(number) for number in range(1, 6)])
    read = partner.search

    async def search(text: str, **how: Any) -> Any:
        page = await read(text, **how)
        if how["cursor"] is None:  # the first page is read, then its first offer changes
            partner.put(offer(1, available=0))
        return page

    partner.search = search  # type: ignore[method-assign]

    assert await refreshed(shelf, partner) == Refreshed(5, whole=True)

    assert shelf.by_sku("north-1")[0].available == 0


async def test_a_partner_that_has_forgotten_the_cursor_is_read_anew(shelf: Shelf) -> None:
    partner = Telling(offers=[offer(1), offer(2)])
    await refreshed(shelf, partner)
    partner.withdraw("north-1")
    partner.forget()

    assert await refreshed(shelf, partner) == Refreshed(1, whole=True)

    assert shelf.counts() == (1, 1)
    partner.put(offer(3))
    assert await refreshed(shelf, partner) == Refreshed(1, whole=False)


async def test_a_load_that_broke_off_is_gone_on_with_before_changes_are_asked_for(shelf: Shelf) -> None:
    partner = Telling(offers=[offer(number) for number in range(1, 6)])
    partner.breaks_at["search", "4"] = Unreachable("gone")
    with pytest.raises(Unreachable):
        await refreshed(shelf, partner)
    partner.put(offer(1, available=1))
    partner.asked.clear()

    assert await refreshed(shelf, partner) == Refreshed(5, whole=True)

    assert partner.asked == [("changes", None), ("search", "4"), ("changes", "0")]
    assert shelf.by_sku("north-1")[0].available == 1, "the cursor is that from before the first page"


async def test_changes_that_break_off_are_kept_and_gone_on_with(shelf: Shelf) -> None:
    partner = Telling(offers=[offer(number) for number in range(1, 4)])
    await refreshed(shelf, partner)
    partner.put(*(offer(number, available=1) for number in range(1, 4)))
    partner.breaks_at["changes", "2"] = Unreachable("gone")

    with pytest.raises(Unreachable):
        await refreshed(shelf, partner)

    assert [shelf.by_sku(f"north-{number}")[0].available for number in (1, 2, 3)] == [1, 1, 5]
    partner.asked.clear()
    assert await refreshed(shelf, partner) == Refreshed(1, whole=False)
    assert partner.asked == [("changes", "2")]


async def test_a_partner_whose_changes_nobody_understands_is_read_whole(shelf: Shelf) -> None:
    partner = Telling(offers=[offer(1), offer(2)])
    await refreshed(shelf, partner)
    partner.withdraw("north-1")
    for cursor in ("0", None):
        partner.breaks_at["changes", cursor] = BadResponse("no cursor")

    assert await refreshed(shelf, partner) == Refreshed(1, whole=True)

    assert shelf.counts() == (1, 1)
    assert [load.follows for load in shelf.loads()] == [False]


async def test_of_two_processes_one_applies_the_changes(shelf: Shelf, tmp_path: Path) -> None:
    partner = Telling(offers=[offer(1)])
    await refreshed(shelf, partner)
    partner.put(offer(1, available=1))
    read = partner.changes

    async def slow(cursor: str | None, **how: Any) -> Any:
        page = await read(cursor, **how)
        partner.changes = read  # type: ignore[method-assign]
        partner.put(offer(1, available=2))
        await refreshed(shelf, partner)  # another process is quicker, and further
        return page

    partner.changes = slow  # type: ignore[method-assign]
    await refreshed(shelf, partner)

    assert shelf.by_sku("north-1")[0].available == 2
    assert await refreshed(shelf, partner) == Refreshed(0, whole=False)


async def test_an_offer_that_has_not_changed_is_as_true_as_the_last_answer(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.clock.now", lambda: NOW)
    partner = Telling(offers=[offer(1), offer(2)])
    await refreshed(shelf, partner)
    shelf.remember([offer(3)])
    later = NOW + timedelta(hours=2)
    monkeypatch.setattr("sync.clock.now", lambda: later)
    assert shelf.by_sku("north-1")[0].as_of == NOW

    await refreshed(shelf, partner)

    assert shelf.by_sku("north-1")[0].as_of == later
    assert shelf.by_sku("north-3")[0].as_of == NOW, "it is in no list, so nothing was said about it"
    assert [load.confirmed_at for load in shelf.loads()] == [later]


async def test_bad_rows_are_put_aside_until_they_are_mended(shelf: Shelf) -> None:
    partner = Telling(offers=[offer(number) for number in range(1, 4)])
    await refreshed(shelf, partner)
    partner.bad["north-2"] = BadOffer("north-2", "price_minor", "Input should be a valid integer")

    await refreshed(shelf, partner, whole=True)

    assert [(one.source, one.row, one.partner, one.sku, one.field) for one in shelf.quarantine()] == [
        ("partner north", 1, "north", "north-2", "price_minor")
    ]
    assert replace_as_of(shelf.by_sku("north-2")) == [offer(2)], "what cannot be read now is not gone"
    partner.bad["north-9"] = BadOffer("north-9", "gtin", "wrong")
    partner.put(offer(9))
    await refreshed(shelf, partner)
    assert [one.sku for one in shelf.quarantine()] == ["north-2", "north-9"]
    partner.bad.clear()
    partner.put(offer(9))
    partner.withdraw("north-2")
    await refreshed(shelf, partner)
    assert shelf.quarantine() == ()


# -- any sequence of changes is the same as a whole load of its end ----------------------------------------

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["north", "east"]),
        st.integers(1, 5),  # SKU
        st.none()
        | st.tuples(
            st.integers(1, 3),  # product
            st.sampled_from(["Linen shirt", "Wool hat", "Shirt of wool"]),
            st.sampled_from(["Shirts", "Hats"]),
            st.integers(0, 1),  # pieces
            st.integers(1, 3),  # price, GTIN
        ),
    ),
    max_size=20,
)


def made(partner: str, sku: int, about: tuple[int, str, str, int, int]) -> Offer:
    product, name, category, available, price = about
    return offer(
        price, partner, sku=f"{partner}-{sku}", product=f"p{product}", name=name, category=category,
        available=available, price=Money(price, "EUR"), options={"size": str(sku)}, brand=name.split()[0],
        attributes={"material": name.split()[-1]} if price > 1 else {},
    )  # fmt: skip


def view(shelf: Shelf) -> Sequence[object]:
    """All that can be asked of a catalogue, whatever its row numbers are."""
    pages = [
        shelf.search(text, NOW, limit=50) for text in ("", "linen", "shirt wool", "hats", "north-1", "p2")
    ]
    with shelf.engine.connect() as connection:
        leftovers = [
            connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
            for table in ("products", "tellings", "offers")
        ]
    return [
        shelf.counts(),
        leftovers,
        [shelf.listing(f"p{number}") for number in (1, 2, 3)],
        [
            (sorted(one.product.id for one in page.listings), page.total, dict(page.categories))
            for page in pages
        ],
        [shelf.by_gtin(gtin(number)) for number in (1, 2, 3)],
        [shelf.by_sku(f"north-{number}") for number in range(1, 6)],
        list(shelf.gtins()),
        [
            sorted((one.product.id, one.product.name) for one in shelf.similar(f"p{number}"))
            for number in (1, 2, 3)
        ],
    ]


@settings(max_examples=40)
@given(steps=STEPS, chunks=st.integers(1, 4))
async def test_any_changes_lead_to_what_a_whole_load_would(steps: list[Any], chunks: int) -> None:
    with TemporaryDirectory() as folder:
        followed, whole = (
            Shelf(open_engine(Path(folder) / name, KEY, synchronous="OFF", pool=2))
            for name in ("a.db", "b.db")
        )
        partners = {
            name: Telling(name, [made(name, 1, (1, "Wool hat", "Hats", 1, 1))]) for name in ("north", "east")
        }
        for partner in partners.values():
            await refreshed(followed, partner)
        for start in range(0, len(steps), chunks):
            for name, sku, about in steps[start : start + chunks]:
                if about is None:
                    partners[name].withdraw(f"{name}-{sku}")
                else:
                    partners[name].put(made(name, sku, about))
            for partner in partners.values():
                assert not (await refreshed(followed, partner)).whole
        for partner in reversed(partners.values()):
            await refreshed(whole, partner)
        try:
            assert [replace_as_of(one) for one in view(followed)] == [
                replace_as_of(one) for one in view(whole)
            ]
        finally:
            followed.engine.dispose()
            whole.engine.dispose()


def replace_as_of(value: Any) -> Any:
    """``value`` without when its offers were confirmed: that is when they were asked for."""
    if isinstance(value, Offer):
        return replace(value, as_of=NOW)
    if isinstance(value, list | tuple):
        return [replace_as_of(one) for one in value]
    if hasattr(value, "offers"):
        return (value.product, [replace_as_of(one) for one in value.offers])
    return value


def test_while_a_batch_is_written_searches_and_look_ups_see_what_was_there(shelf: Shelf) -> None:
    shelf.remember([offer(1, name="Old shirt")])

    with Bulk().transaction(shelf.engine, 0) as connection:
        write(connection, [offer(1, name="New shirt"), offer(2, name="Another shirt")])
        assert names(shelf, "shirt") == ["Old shirt"]
        assert shelf.by_sku("north-2") == ()
        assert shelf.counts() == (1, 1)

    assert sorted(names(shelf, "shirt")) == ["Another shirt", "New shirt"]
