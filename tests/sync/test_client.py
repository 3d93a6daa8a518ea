"""The link to the OMS: orders up, changes down, each once, whatever breaks in between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from partners.contract import Capabilities, PartnerRecord
from partners.keystore import FileKeystore
from retail.errors import (
    BadResponse,
    Misconfigured,
    RateLimited,
    Rejected,
    TemporaryError,
    Unreachable,
)
from retail.order import Order
from retail.strict import digest, from_data, to_data
from sync.associates import hash_password
from sync.client import Exchanged, OmsClient, enrol, explain, http_client
from sync.facts import Facts
from sync.protocol import OrderUpload
from sync.queue import OrderQueue
from sync.store.engine import StoreUnavailable, open_engine, reading
from sync.store.schema import migrate
from tests.retail.samples import NOW, order
from tests.sync.conftest import KEY
from tests.sync.scripted_oms import ScriptedOms, problem

NORTH = PartnerRecord("north", "North", "rest", "https://north.example", Capabilities("A"))
BERG = PartnerRecord("berg", "Berg", "rest", "https://berg.example", Capabilities("C"))


class Linked:
    """An enrolled device without its screens."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        self.queue = OrderQueue(engine)
        self.facts = Facts(engine)
        self.keystore = FileKeystore(folder / "keys")
        self.oms = ScriptedOms()
        self.steady = 1000.0
        self.client = self.again()

    def again(self) -> OmsClient:
        """The client as it is after a restart."""
        return OmsClient(
            self.oms.client(), self.engine, self.queue, self.facts, self.keystore, lambda: self.steady
        )

    async def enrol(self, code: str = "GOOD-code") -> None:
        await enrol(self.oms.client(), self.facts, self.keystore, code, "till 1")

    def put(self, *ids: str) -> None:
        mine = self.facts.identity()

        def make(order_id: str, number: str) -> Order:
            return order(order_id=order_id, number=number, device=mine.device)

        for order_id in ids:
            self.queue.place(order_id, lambda number, name=order_id: make(name, number), mine.prefix, {})  # type: ignore[misc]

    def notices(self) -> list[tuple[int, str]]:
        with reading(self.engine) as connection:
            rows = connection.execute(text("SELECT sequence, order_id FROM notices ORDER BY sequence"))
            return [tuple(row) for row in rows]


@pytest.fixture
def fresh(engine: Engine, tmp_path: Path) -> Linked:
    """Not enrolled yet."""
    return Linked(engine, tmp_path)


@pytest.fixture
async def linked(fresh: Linked) -> Linked:
    await fresh.enrol()
    return fresh


# -- enrolment and tokens ----------------------------------------------------------------------------------


async def test_a_device_becomes_who_the_oms_says(fresh: Linked) -> None:
    before = fresh.facts.identity()
    assert not before.enrolled
    assert before == fresh.facts.identity()

    await fresh.enrol(" good-code ")

    mine = fresh.facts.identity()
    assert (mine.device, mine.store, mine.prefix, mine.name) == ("device-9", "store-1", "K9", "till 1")
    assert (mine.epoch, mine.cursor, mine.enrolled) == ("epoch-1", 0, True)
    fresh.put("o1")
    assert fresh.queue.orders()[0].order.number == "K9-1001"


async def test_a_code_that_is_not_taken_changes_nothing(fresh: Linked) -> None:
    before = fresh.facts.identity()

    with pytest.raises(Rejected) as refused:
        await fresh.enrol("BAD")
    assert refused.value.reason == "code"
    fresh.oms.next("/v1/enrol", httpx.Response(200, json={"device": "x"}))
    with pytest.raises(BadResponse):
        await fresh.enrol()
    fresh.oms.next("/v1/enrol", httpx.ConnectError("refused"))
    with pytest.raises(TemporaryError):
        await fresh.enrol()

    assert fresh.facts.identity() == before
    assert fresh.keystore.get("oms-refresh") is None


async def test_a_device_that_is_not_enrolled_says_what_to_do(fresh: Linked) -> None:
    with pytest.raises(
        Misconfigured, match=r"not enrolled\. Ask store IT for a code, then run: aisle kiosk enrol"
    ):
        await fresh.client.take_changes()
    assert fresh.oms.requests == []


async def test_the_token_is_kept_in_the_keystore_and_renewed_before_its_end(linked: Linked) -> None:
    await linked.client.take_changes()
    await linked.client.take_changes()
    assert linked.oms.tokens == 1
    assert linked.keystore.get("oms-refresh") == "refresh-1"

    linked.steady += 839
    await linked.client.take_changes()
    assert linked.oms.tokens == 1
    linked.steady += 2
    await linked.client.take_changes()
    assert linked.oms.tokens == 2

    await linked.again().take_changes()
    assert linked.oms.tokens == 3
    with linked.engine.connect() as connection:
        kept = connection.execute(text("SELECT group_concat(value) FROM facts")).scalar()
    assert "refresh-" not in str(kept)


async def test_a_token_that_is_not_taken_any_more_is_renewed_once(linked: Linked) -> None:
    linked.put("o1")
    await linked.client.take_changes()
    linked.oms.access = "another"

    assert await linked.client.upload() == (1, 0)

    assert linked.oms.tokens == 2
    assert linked.oms.asked("/v1/orders:batch") == 2


async def test_a_revoked_device_says_so_and_keeps_its_orders(linked: Linked) -> None:
    linked.put("o1")
    linked.oms.revoke()

    with pytest.raises(Misconfigured, match=r"does not accept this device any more\. Enrol it again"):
        await linked.client.exchange()

    assert [found.order.id for found in linked.queue.unsynced(9)] == ["o1"]
    linked.oms.refresh = "refresh-0"
    linked.oms.next("/v1/changes", problem(403, "role"), problem(403, "role"))
    with pytest.raises(Misconfigured):
        await linked.client.take_changes()


# -- orders up ---------------------------------------------------------------------------------------------


async def test_an_order_arrives_whole_with_its_digest(linked: Linked) -> None:
    linked.put("o1")
    found = linked.queue.orders()[0]

    assert await linked.client.exchange() == Exchanged(1, 0, 0)

    upload = from_data(OrderUpload, linked.oms.orders["o1"])
    assert upload == OrderUpload(found.order, digest(found.order), found.partner_orders, found.states)
    assert linked.queue.orders()[0].synced
    assert await linked.client.exchange() == Exchanged(0, 0, 0)
    assert len(linked.oms.batches) == 1


async def test_each_order_has_its_own_answer(linked: Linked) -> None:
    linked.put("o1", "o2", "o3", "o4")
    linked.oms.refuse = {"o2": ("conflict", "other digest"), "o3": ("refused", "wrong_form")}

    assert await linked.client.upload() == (2, 2)

    found = {one.order.id: (one.synced, one.problem) for one in linked.queue.orders()}
    assert found == {
        "o1": (True, None),
        "o2": (False, "conflict: other digest"),
        "o3": (False, "refused: wrong_form"),
        "o4": (True, None),
    }
    assert await linked.client.upload() == (0, 0)


async def test_orders_go_in_batches_of_100_oldest_first(linked: Linked) -> None:
    names = [f"o{number}" for number in range(230)]
    linked.put(*names)

    assert await linked.client.upload() == (230, 0)

    assert [len(batch) for batch in linked.oms.batches] == [100, 100, 30]
    assert [name for batch in linked.oms.batches for name in batch] == names


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.ReadTimeout("lost"), Unreachable),
        (httpx.ConnectError("refused"), Unreachable),
        (httpx.Response(500), Unreachable),
        (problem(429, "busy"), RateLimited),
        (problem(422, "version"), Rejected),
        (httpx.Response(200, html="<h1>Wi-Fi</h1>"), BadResponse),
        (httpx.Response(302, headers={"location": "https://portal"}), BadResponse),
        (httpx.Response(200, json={"epoch": "epoch-1", "answers": []}), BadResponse),
        (httpx.Response(200, json={"epoch": "epoch-1", "answers": [{"id": "o2", "result": "stored", "reason": None}]}), BadResponse),
        (httpx.Response(200, json={"epoch": "epoch-1", "answers": [{"id": "o1", "result": "fine", "reason": None}]}), BadResponse),
        (httpx.Response(200, json={"answers": 1}), BadResponse),
    ],
    ids=lambda value: getattr(value, "__name__", None) or str(value)[:40],
)  # fmt: skip
async def test_without_a_proper_answer_the_order_is_sent_again(
    linked: Linked, answer: httpx.Response | Exception, error: type[Exception]
) -> None:
    linked.put("o1")
    linked.oms.next("/v1/orders:batch", answer)

    with pytest.raises(error):
        await linked.client.upload()
    assert [found.order.id for found in linked.queue.unsynced(9)] == ["o1"]

    assert await linked.client.upload() == (1, 0)


async def test_an_answer_lost_after_storing_changes_nothing(linked: Linked) -> None:
    linked.put("o1")
    body: list[bytes] = []

    def store_and_die(request: httpx.Request) -> Exception:
        body.append(request.content)
        return httpx.ReadError("connection reset")

    linked.oms.next("/v1/orders:batch", store_and_die, store_and_die)
    for _ in range(2):
        with pytest.raises(Unreachable):
            await linked.client.upload()

    assert body[0] == body[1]
    assert await linked.client.upload() == (1, 0)


async def test_an_order_that_moved_while_it_was_sent_is_sent_again(linked: Linked) -> None:
    linked.put("o1")

    def move(request: httpx.Request) -> httpx.Response:
        claim = linked.queue.claim("t", NOW, 1.0, owner="device-9")
        assert claim is not None
        assert linked.queue.about_to_send(claim, NOW)
        return httpx.Response(
            200,
            json={"epoch": "epoch-1", "answers": [{"id": "o1", "result": "stored", "reason": None}]},
        )

    linked.oms.next("/v1/orders:batch", move)
    await linked.client.upload()

    assert [found.revision for found in linked.queue.unsynced(9)] == [2]
    assert await linked.client.upload() == (1, 0)
    assert linked.oms.orders["o1"]["states"][0]["lines"][0]["status"] == "placing"


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


# -- what the link is --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Unreachable("x"), "down"),
        (RateLimited("x", retry_after=1.0), "down"),
        (StoreUnavailable("x"), "down"),
        (Misconfigured("x"), "not enrolled"),
        (Rejected("x"), "up"),
        (BadResponse("x"), "up"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_state_of_the_link(error: Exception, state: str) -> None:
    assert explain(error) == state  # type: ignore[arg-type]


def test_an_unusable_url_is_said_at_once() -> None:
    with pytest.raises(Misconfigured, match="no web address"):
        http_client("oms.example")


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
