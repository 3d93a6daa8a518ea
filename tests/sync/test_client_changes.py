"""The link to the OMS: changes down, each once, whatever breaks in between and whatever they say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from retail.errors import (
    Unreachable,
)
from retail.strict import to_data
from sync.associates import hash_password
from sync.client import Exchanged
from sync.store.engine import StoreUnavailable, open_engine
from sync.store.schema import migrate
from tests.sync.conftest import KEY
from tests.sync.linking import BERG, NORTH, Linked

# -- changes down ------------------------------------------------------------------------------------------


async def test_changes_are_applied_and_said_whom_they_concern(linked: Linked) -> None:
    linked.oms.say("partner", **to_data(NORTH))
    linked.oms.say("setting", name="store_name", value="Rosenweg")
    linked.oms.say("notice", order="o1", number="K9-1001", title="Shipped", text="On its way.")
    linked.oms.say("order_status", order="o2", status="shipped")
    linked.oms.say(
        "associate",
        user="Mia",
        name="Mia",
        password_hash=hash_password("x"),
        role="manager",
        active=True,
        version=1,
    )
    linked.oms.say("weather", sunny=True)

    done = await linked.client.exchange()

    assert done == Exchanged(0, 0, 6, ("health", "order:o1", "order:o2"))
    assert linked.facts.records() == (NORTH,)
    assert linked.facts.setting("store_name") == "Rosenweg"
    assert linked.notices() == [(3, "o1")]
    assert linked.facts.identity().cursor == 6
    assert await linked.client.exchange() == Exchanged(0, 0, 0)
    assert linked.oms.cursors == [0, 6]


async def test_pages_are_taken_until_there_is_no_more(linked: Linked) -> None:
    linked.oms.page = 2
    for number in range(5):
        linked.oms.say("notice", order=f"o{number}", number="", title="", text="")

    assert (await linked.client.exchange()).changes == 5

    assert linked.oms.cursors == [0, 2, 4]
    assert [sequence for sequence, _ in linked.notices()] == [1, 2, 3, 4, 5]


async def test_a_crash_between_pages_repeats_nothing_wrong(linked: Linked) -> None:
    linked.oms.page = 2
    for number in range(6):
        linked.oms.say("notice", order=f"o{number}", number="", title="", text="")
    linked.oms.next("/v1/changes", lambda request: linked.oms.page_after(0), httpx.ReadError("gone"))

    with pytest.raises(Unreachable):
        await linked.client.take_changes()
    assert linked.facts.identity().cursor == 2
    assert (await linked.again().take_changes())[0] == 4

    assert linked.oms.cursors == [0, 2, 4]
    assert [sequence for sequence, _ in linked.notices()] == [1, 2, 3, 4, 5, 6]


async def test_a_page_and_its_cursor_are_one_transaction(linked: Linked) -> None:
    for number in range(4):
        linked.oms.say("notice", order=f"o{number}", number="", title="", text="")
    with linked.engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TRIGGER full BEFORE INSERT ON notices WHEN new.sequence = 3"
                " BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END"
            )
        )

    with pytest.raises(StoreUnavailable):
        await linked.client.take_changes()
    assert linked.notices() == []
    assert linked.facts.identity().cursor == 0

    with linked.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER full"))
    await linked.client.take_changes()
    assert [sequence for sequence, _ in linked.notices()] == [1, 2, 3, 4]


async def test_two_processes_that_exchange_at_once_apply_each_change_once(linked: Linked) -> None:
    linked.oms.page = 2
    for number in range(6):
        linked.oms.say("setting", name="greeting", value=str(number))
    seen: list[str | None] = []

    async def while_the_other_takes_everything(request: httpx.Request) -> httpx.Response:
        page = linked.oms.page_after(0)
        await linked.again().take_changes()
        seen.append(linked.facts.setting("greeting"))
        return page

    linked.oms.next("/v1/changes", while_the_other_takes_everything)
    assert await linked.client.take_changes() == (0, ())

    assert seen == ["5"]
    assert linked.facts.setting("greeting") == "5"
    assert linked.facts.identity().cursor == 6


POISON = [
    ("partner", {"id": "north"}),
    ("partner", {**to_data(NORTH), "unknown": 1}),
    ("partner", {**to_data(NORTH), "reliability": "1.0"}),
    ("setting", {}),
    ("notice", {"order": {"a": [1]}, "text": ""}),
    ("notice", {"order": 2**70}),
    ("associate", {"user": "mia"}),
    ("associate", {"user": "mia", "name": "", "password_hash": "", "role": "root", "active": True, "version": 1}),
    ("associate", {"user": "mia", "name": "", "password_hash": "", "role": "manager", "active": "no", "version": 1}),
    ("associate", {"user": "mia", "name": "", "password_hash": "", "role": "manager", "active": True, "version": 10**30}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "body"), POISON)
async def test_a_change_that_cannot_be_used_holds_up_nothing(
    linked: Linked, kind: str, body: dict[str, object]
) -> None:
    linked.oms.say("setting", name="before", value="1")
    linked.oms.say(kind, **body)
    linked.oms.say("setting", name="after", value="2")

    await linked.client.exchange()

    assert (linked.facts.setting("before"), linked.facts.setting("after")) == ("1", "2")
    assert linked.facts.identity().cursor == 3
    assert linked.facts.records() == ()
    assert linked.notices() == []


async def test_a_record_that_this_program_cannot_read_is_left_out(linked: Linked) -> None:
    linked.facts.put("partner:old", '{"id":"old"}')
    linked.oms.say("partner", **to_data(BERG))

    await linked.client.exchange()

    assert linked.facts.records() == (BERG,)


async def test_newer_news_of_a_partner_replaces_the_older(linked: Linked) -> None:
    linked.oms.say("partner", **to_data(NORTH))
    linked.oms.say("partner", **to_data(replace(NORTH, name="North & Sons")))

    await linked.client.exchange()

    assert [record.name for record in linked.facts.records()] == ["North & Sons"]


# -- an OMS restored from a backup --------------------------------------------------------------------------


async def test_a_restored_oms_is_offered_everything_again(linked: Linked) -> None:
    linked.put("o1", "o2")
    linked.oms.say("setting", name="greeting", value="hello")
    await linked.client.exchange()
    assert linked.queue.unsynced(9) == ()

    linked.oms.orders.clear()
    linked.oms.epoch = "epoch-2"
    linked.oms.changes = [
        {"sequence": 1, "kind": "setting", "body": {"name": "greeting", "value": "restored"}}
    ]
    await linked.client.exchange()
    await linked.client.exchange()

    assert sorted(linked.oms.orders) == ["o1", "o2"]
    assert linked.facts.setting("greeting") == "restored"
    mine = linked.facts.identity()
    assert (mine.epoch, mine.cursor) == ("epoch-2", 1)
    assert linked.queue.unsynced(9) == ()


async def test_a_new_epoch_seen_while_uploading_is_answered_in_the_same_exchange(linked: Linked) -> None:
    linked.put("o1")
    await linked.client.exchange()
    linked.put("o2")
    linked.oms.orders.clear()
    linked.oms.epoch = "epoch-2"

    await linked.client.upload()

    assert sorted(linked.oms.orders) == ["o1", "o2"]
    assert linked.oms.batches == [["o1"], ["o2"], ["o1", "o2"]]


async def test_the_first_epoch_is_no_restore(linked: Linked) -> None:
    linked.put("o1")

    await linked.client.exchange()
    await linked.client.exchange()

    assert linked.oms.batches == [["o1"]]


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Linked]:
    folder = tmp_path_factory.mktemp("lasting")
    engine = open_engine(folder / "orders.db", KEY)
    migrate(engine)
    yield Linked(engine, folder)
    engine.dispose()


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KINDS = st.sampled_from(["partner", "setting", "notice", "associate", "order_status"])
NAMES = st.sampled_from(
    ["id", "name", "value", "order", "user", "password_hash", "role", "active", "version"]
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(kind=KINDS, body=st.dictionaries(NAMES, anything, max_size=6))
async def test_no_change_whatever_it_says_stops_the_exchange(
    lasting: Linked, kind: str, body: dict[str, object]
) -> None:
    if not lasting.facts.identity().enrolled:
        await lasting.enrol()
    lasting.oms.say(kind, **body)

    assert (await lasting.client.take_changes())[0] == 1
    assert lasting.facts.identity().cursor == len(lasting.oms.changes)
