"""Orders come in once, whole and unchanged, or are refused alone."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from oms.models import OrderRow, PartnerOrderStateRow
from retail.ids import new_id
from retail.money import Money
from retail.order import Payment
from retail.status import LineStatus
from retail.strict import digest, from_json, to_data, to_json
from sync.protocol import EnrolAnswer, own_prefix
from tests.oms.counter import Counter
from tests.oms.locks import until, waiting_for_locks
from tests.oms.uploads import DEVICE, NOW, again, data, moved, put, stored, upload

STORED = ("stored", None)


async def test_an_order_is_stored_once_with_all_that_follows(oms: Counter) -> None:
    device = await oms.enrol()
    before = oms.counts()
    one = upload(device.who)
    answer = await oms.post(device, one)
    assert [(item.id, item.result, item.reason) for item in answer.answers] == [(one.order.id, *STORED)]
    assert answer.epoch == oms.epoch() == device.who.epoch
    added = {name: count - before[name] for name, count in oms.counts().items()}
    assert added == {
        "orders": 1,
        "partner_orders": 2,
        "partner_order_states": 2,
        "changes": 1,
        "audit": 1,
        "outbox": 1,
    }
    (created,) = oms.events()
    assert (created.type, created.subject, created.time) == ("OrderCreated", one.order.id, NOW)
    assert created.data == {"number": one.order.number, "store": "berlin", "device": device.who.device}
    assert oms.news() == [("order_status", {"order": one.order.id, "status": "queued"})]


async def test_the_stored_body_is_what_the_digest_says(oms: Counter) -> None:
    device = await oms.enrol()
    one = upload(device.who)
    await oms.post(device, one)
    with Session(oms.reader) as session:
        row = session.exec(select(OrderRow)).one()
    assert row.body == to_json(one.order)
    assert row.digest == one.digest
    assert from_json(type(one.order), row.body) == one.order
    assert row.received_at == NOW


async def test_a_repeat_changes_nothing(oms: Counter) -> None:
    device = await oms.enrol()
    one = upload(device.who)
    await oms.post(device, one)
    before = oms.counts()
    assert await oms.results(device, one, one) == [STORED, STORED]
    assert oms.counts() == before


async def test_the_same_order_from_64_at_once_is_one_order(oms: Counter) -> None:
    device = await oms.enrol()
    one = upload(device.who)
    body = data(one)
    before = oms.counts()
    free = asyncio.Semaphore(64)

    async def post() -> str:
        async with free:
            answer = await oms.http.post("/v1/orders:batch", json=body, headers=device.headers)
            return str(answer.json()["answers"][0]["result"])

    results = await asyncio.gather(*(post() for _ in range(1000)))
    assert set(results) == {"stored"}
    added = {name: count - before[name] for name, count in oms.counts().items()}
    assert added == {
        "orders": 1,
        "partner_orders": 2,
        "partner_order_states": 2,
        "changes": 1,
        "audit": 1,
        "outbox": 1,
    }


async def test_two_processes_store_the_same_orders_once(oms: Counter, tmp_path: Any) -> None:
    """Two OMS processes on one database, the same new orders at the same time, in different order."""
    device = await oms.enrol()
    uploads = [upload(device.who, serial) for serial in range(1001, 1041)]
    async with Counter.open(oms.url, tmp_path) as other:
        other.clock.now = oms.clock.now
        results = await asyncio.gather(
            *(oms.results(device, *uploads) for _ in range(5)),
            *(other.results(device, *reversed(uploads)) for _ in range(5)),
        )
    assert all(result == [STORED] * 40 for result in results)
    assert oms.count(OrderRow) == 40
    assert sorted(event.subject for event in oms.events()) == sorted(one.order.id for one in uploads)


async def test_another_content_under_the_same_id_is_a_conflict(oms: Counter) -> None:
    device = await oms.enrol()
    one = upload(device.who)
    await oms.post(device, one)
    other = again(one, language="fr")
    assert await oms.results(device, other) == [("conflict", "other_content")]
    with Session(oms.reader) as session:
        assert session.exec(select(OrderRow)).one().digest == one.digest


async def test_of_two_contents_at_once_the_first_is_stored(oms: Counter) -> None:
    device = await oms.enrol()
    one = upload(device.who)
    other = again(one, language="fr")
    assert await oms.results(device, one, other) == [STORED, ("conflict", "other_content")]
    with Session(oms.reader) as session:
        assert session.exec(select(OrderRow)).one().digest == one.digest


async def test_a_taken_number_is_a_conflict(oms: Counter) -> None:
    device = await oms.enrol()
    await oms.post(device, upload(device.who, 1001))
    assert await oms.results(device, upload(device.who, 1001)) == [("conflict", "number_taken")]
    assert oms.count(OrderRow) == 1


async def test_a_taken_partner_order_key_fails_its_order_alone(oms: Counter) -> None:
    device = await oms.enrol()
    first = upload(device.who, 1001)
    await oms.post(device, first)
    second = upload(device.who, 1002)
    thief = replace(
        second,
        partner_orders=(
            replace(second.partner_orders[0], key=first.partner_orders[0].key),
            second.partner_orders[1],
        ),
        states=(replace(second.states[0], key=first.states[0].key), second.states[1]),
    )
    good = [upload(device.who, serial) for serial in (1003, 1004)]
    assert await oms.results(device, good[0], thief, good[1]) == [STORED, ("conflict", "key_taken"), STORED]
    assert oms.count(OrderRow) == 3


async def test_a_bad_order_does_not_fail_its_neighbours(oms: Counter) -> None:
    device = await oms.enrol()
    good = [upload(device.who, serial) for serial in (1001, 1002)]
    body = data(*good)
    body["orders"].insert(1, {"order": {"id": "x-1"}, "nonsense": [1, 2, 3]})
    answer = await oms.http.post("/v1/orders:batch", json=body, headers=device.headers)
    assert [(item["id"], item["result"], item["reason"]) for item in answer.json()["answers"]] == [
        (good[0].order.id, "stored", None),
        ("x-1", "refused", "wrong_form"),
        (good[1].order.id, "stored", None),
    ]
    assert oms.count(OrderRow) == 2


def _broken(name: str, one: dict[str, Any]) -> None:
    order, part, state = one["order"], one["partner_orders"][0], one["states"][0]
    line = order["lines"][0]
    match name:
        case "digest":
            one["digest"] = "0" * 64
        case "price":
            line["price"]["minor"] += 1
        case "quantity as text":
            line["quantity"] = "2"
        case "unknown field":
            order["discount"] = 5
        case "no customer":
            del order["customer"]
        case "id with a space":
            order["id"] = "not an id"
        case "other partner order customer":
            part["customer"] = {**part["customer"], "name": "Somebody Else"}
        case "partner order of another order":
            part["order"] = new_id()
        case "partner order missing":
            one["partner_orders"].pop()
            one["states"].pop()
        case "partner order price":
            part["lines"][0]["price"]["minor"] += 100
            part["total"]["minor"] += 200
        case "partner order shipping moved":
            part["shipping"]["minor"] += 1
            part["total"]["minor"] += 1
            one["partner_orders"][1]["shipping"]["minor"] -= 1
            one["partner_orders"][1]["total"]["minor"] -= 1
        case "placed by another device":
            part["placed_by"] = new_id()
        case "same key twice":
            one["partner_orders"][1]["key"] = part["key"]
        case "state of another partner order":
            state["key"] = new_id()
        case "two states for one":
            one["states"][1] = dict(state)
        case "more shipped than ordered":
            state["lines"][0]["shipped"] = 3
        case "line of another order":
            state["lines"][0]["line"] = new_id()
        case "huge revision":
            state["revision"] = 2**40
        case "parcel with a strange line":
            parcel = {"id": "p", "lines": [["x", 1]], "carrier": "", "tracking": ""}
            state["shipments"] = [{**parcel, "shipped_at": None, "delivered_at": None}]
        case _:
            raise LookupError(name)


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("digest", "digest"),
        ("price", "wrong_form"),
        ("quantity as text", "wrong_form"),
        ("unknown field", "wrong_form"),
        ("no customer", "partner_orders"),
        ("id with a space", "digest"),
        ("other partner order customer", "partner_orders"),
        ("partner order of another order", "partner_orders"),
        ("partner order missing", "partner_orders"),
        ("partner order price", "partner_orders"),
        ("partner order shipping moved", "partner_orders"),
        ("placed by another device", "partner_orders"),
        ("same key twice", "partner_orders"),
        ("state of another partner order", "states"),
        ("two states for one", "states"),
        ("more shipped than ordered", "states"),
        ("line of another order", "states"),
        ("huge revision", "states"),
        ("parcel with a strange line", "states"),
    ],
)
async def test_what_is_refused_and_why(light: Counter, what: str, reason: str) -> None:
    device = await light.enrol()
    before = light.counts()
    body = data(upload(device.who))
    _broken(what, body["orders"][0])
    answer = await light.http.post("/v1/orders:batch", json=body, headers=device.headers)
    assert [(item["result"], item["reason"]) for item in answer.json()["answers"]] == [("refused", reason)]
    assert light.counts() == before


async def test_an_id_that_is_none_is_refused_even_with_a_right_digest(light: Counter) -> None:
    device = await light.enrol()
    one = again(upload(device.who), id="not an id")
    one = replace(one, partner_orders=tuple(replace(part, order="not an id") for part in one.partner_orders))
    assert await light.results(device, one) == [("refused", "wrong_id")]


async def test_a_reference_that_hides_something_is_refused(light: Counter) -> None:
    device = await light.enrol()
    one = upload(device.who)
    paid = replace(one.order.payments[0], reference="T\u202e1")
    assert await light.results(device, again(one, payments=(paid,))) == [("refused", "payment_reference")]


async def test_an_order_from_before_enrolment_belongs_to_the_store_that_its_device_joined(
    light: Counter,
) -> None:
    device = await light.enrol()
    before = EnrolAnswer(new_id(), "", "", "", "")
    prefix = own_prefix(before.device)
    assert await light.results(device, upload(replace(before, prefix=prefix))) == [("stored", None)]
    assert await light.results(device, upload(replace(before, prefix="K7"))) == [("refused", "not_yours")]


async def test_another_devices_order_is_refused(light: Counter) -> None:
    device, neighbour = await light.enrol(), await light.enrol()
    assert await light.results(device, upload(neighbour.who)) == [("refused", "not_yours")]
    assert light.count(OrderRow) == 0


async def test_a_number_with_another_devices_prefix_is_refused(light: Counter) -> None:
    device, neighbour = await light.enrol(), await light.enrol()
    one = upload(device.who)
    stolen = again(one, number=f"{neighbour.who.prefix}-1001")
    assert await light.results(device, stolen) == [("refused", "wrong_number")]


async def test_what_moved_is_told_once(oms: Counter) -> None:
    device = await oms.enrol()
    one = upload(device.who)
    await oms.post(device, one)
    accepted = moved(one, LineStatus.ACCEPTED, reference="N-1")
    assert await oms.results(device, accepted, accepted) == [STORED, STORED]
    await oms.post(device, accepted)
    assert [event.type for event in oms.events()] == ["OrderCreated", "PartnerOrderMoved"]
    assert oms.events()[1].data == {"key": one.states[0].key, "revision": 2, "status": "accepted"}
    assert [body["status"] for _, body in oms.news()] == ["queued", "partly_placed"]


async def test_late_news_never_moves_an_order_back(oms: Counter) -> None:
    device = await oms.enrol()
    one = upload(device.who, partners=("north",))
    accepted = moved(one, LineStatus.ACCEPTED)
    shipped = moved(accepted, LineStatus.SHIPPED)
    await oms.post(device, one)
    await oms.post(device, shipped)
    before = oms.counts()
    assert await oms.results(device, accepted, one) == [STORED, STORED]
    assert oms.counts() == before
    answer = await oms.http.get(f"/v1/orders/{one.order.id}", headers=device.headers)
    assert answer.json()["status"] == "shipped"
    assert answer.json()["states"] == [to_data(shipped.states[0])]


async def test_news_at_two_processes_at_once_is_put_together(oms: Counter, tmp_path: Any) -> None:
    device = await oms.enrol()
    uploads = [upload(device.who, serial, partners=("north",)) for serial in range(1001, 1031)]
    await oms.post(device, *uploads)
    accepted = [moved(one, LineStatus.ACCEPTED, reference="N-1") for one in uploads]
    shipped = [moved(one, LineStatus.SHIPPED) for one in accepted]
    async with Counter.open(oms.url, tmp_path) as other:
        other.clock.now = oms.clock.now
        early = [oms.post(device, one) for one in accepted]
        late = [other.post(device, one) for one in shipped]
        await asyncio.gather(*(post for pair in zip(early, late, strict=True) for post in pair))
    for one, last in zip(uploads, shipped, strict=True):
        answer = await oms.http.get(f"/v1/orders/{one.order.id}", headers=device.headers)
        assert answer.json()["states"] == [to_data(last.states[0])]


def test_older_news_waits_for_newer_that_is_being_stored(postgresql: tuple[Engine, Engine]) -> None:
    writer, reader = postgresql
    one = upload(DEVICE, partners=("north",))
    accepted = moved(one, LineStatus.ACCEPTED)
    shipped = moved(accepted, LineStatus.SHIPPED)
    put(writer, one)
    with ThreadPoolExecutor(1) as pool, Session(writer) as first:
        stored(first, shipped)
        second = pool.submit(put, writer, accepted)
        until(lambda: waiting_for_locks(reader) == 1)
        first.commit()
        second.result(60)
    with Session(reader) as session:
        assert session.exec(select(PartnerOrderStateRow.body)).one() == to_json(shipped.states[0])


async def test_an_order_that_comes_late_tells_what_has_happened_already(oms: Counter) -> None:
    device = await oms.enrol()
    one = moved(upload(device.who, partners=("north",)), LineStatus.ACCEPTED)
    await oms.post(device, one)
    assert [event.type for event in oms.events()] == ["OrderCreated", "PartnerOrderMoved"]


async def test_a_refusal_by_the_partner_names_the_lines(oms: Counter) -> None:
    device = await oms.enrol()
    one = upload(device.who)
    await oms.post(device, one)
    rejected = moved(one, LineStatus.REJECTED, reason="sold_out")
    await oms.post(device, rejected)
    await oms.post(device, rejected)
    event = oms.events()[-1]
    assert [event.type for event in oms.events()] == ["OrderCreated", "PartnerOrderMoved", "LinesRejected"]
    assert event.data == {
        "key": one.states[0].key,
        "lines": [one.order.lines[0].id],
        "reason": "sold_out",
    }
    (notice,) = [body for kind, body in oms.news() if kind == "notice"]
    assert notice["title"] == f"Order {one.order.number} was refused in part"
    assert notice["text"] == "1 line cannot be supplied (sold_out)."


async def test_an_order_that_needs_a_person_says_so_once_each_time(oms: Counter) -> None:
    device = await oms.enrol()
    one = upload(device.who, partners=("north",))
    await oms.post(device, one)
    stuck = moved(one, LineStatus.NEEDS_PERSON, reason="key_expired")
    await oms.post(device, stuck)
    still = moved(stuck, LineStatus.NEEDS_PERSON, reason="key_expired", detail="asked again")
    await oms.post(device, still)
    told = [event.data for event in oms.events() if event.type == "OrderNeedsPerson"]
    assert told == [{"key": one.states[0].key, "reason": "key_expired"}]
    number = one.order.number
    assert [news for news in oms.news() if news[0] == "notice"] == [
        (
            "notice",
            {
                "order": one.order.id,
                "number": number,
                "title": f"Order {number} needs somebody",
                "text": "It cannot go on by itself (key_expired). Please look at it.",
            },
        )
    ]
    assert oms.news()[-1] == ("order_status", {"order": one.order.id, "status": "needs_attention"})


async def test_retries_that_change_nothing_for_anybody_make_no_events(oms: Counter) -> None:
    device = await oms.enrol()
    one = upload(device.who, partners=("north",))
    await oms.post(device, one)
    tried = replace(one, states=(replace(one.states[0], revision=7, attempts=3),))
    await oms.post(device, tried)
    assert [event.type for event in oms.events()] == ["OrderCreated"]
    answer = await oms.http.get(f"/v1/orders/{one.order.id}", headers=device.headers)
    assert answer.json()["states"][0]["attempts"] == 3


async def test_a_device_does_not_speak_of_what_the_oms_places(oms: Counter) -> None:
    device = await oms.enrol()
    one = upload(device.who, partners=("north",))
    ours = replace(one, partner_orders=(replace(one.partner_orders[0], placed_by="oms"),))
    await oms.post(device, ours)
    assert await oms.results(device, moved(ours, LineStatus.ACCEPTED)) == [STORED]
    answer = await oms.http.get(f"/v1/orders/{one.order.id}", headers=device.headers)
    assert answer.json()["status"] == "queued"


async def test_partner_orders_are_never_exchanged(oms: Counter) -> None:
    device = await oms.enrol()
    one = upload(device.who, partners=("north",))
    await oms.post(device, one)
    other = replace(one, partner_orders=(replace(one.partner_orders[0], key=new_id()),), states=())
    assert await oms.results(device, other) == [("refused", "partner_orders")]


async def test_an_order_without_states_waits_in_the_queue(light: Counter) -> None:
    device = await light.enrol()
    one = replace(upload(device.who), states=())
    assert await light.results(device, one) == [STORED]
    answer = await light.http.get(f"/v1/orders/{one.order.id}", headers=device.headers)
    assert answer.json()["status"] == "queued"


async def test_every_script_comes_back_byte_for_byte(oms: Counter) -> None:
    device = await oms.enrol()
    one = upload(device.who)
    person = replace(one.order.customer, name="Ђорђе 王小明 د. سارة  O’Neill"[:60])
    changed = again(one, customer=person)
    changed = replace(changed, digest=digest(changed.order))
    assert await oms.results(device, changed) == [STORED]
    answer = await oms.http.get(f"/v1/orders/{one.order.id}", headers=device.headers)
    assert answer.json()["order"] == to_data(changed.order)


async def test_large_amounts_stay_exact(oms: Counter) -> None:
    device = await oms.enrol()
    one = upload(device.who, partners=("north",))
    line = replace(one.order.lines[0], price=Money(4 * 10**14, "EUR"))
    whole = Money(8 * 10**14 + 490, "EUR")
    big = again(one, lines=(line,), total=whole, payments=(Payment("till", "T-1", whole),))
    assert await oms.results(device, big) == [STORED]
