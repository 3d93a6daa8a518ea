"""The link to the OMS: who the device is, and orders up, each once, whatever breaks in between."""

from __future__ import annotations

import httpx
import pytest
from sqlalchemy import text

from retail.errors import (
    BadResponse,
    Misconfigured,
    RateLimited,
    Rejected,
    TemporaryError,
    Unreachable,
)
from retail.strict import digest, from_data
from sync.client import Exchanged, explain, http_client
from sync.protocol import OrderUpload
from sync.store.engine import StoreUnavailable
from tests.retail.samples import NOW
from tests.sync.linking import Linked
from tests.sync.scripted_oms import problem

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
