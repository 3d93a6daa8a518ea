"""The simulated partner as a process: starting, stopping, its own side, and what it must be bad at."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from partners.contract import Wanted
from partners.goods import load_assortment, sample_assortment
from partners.registry import open_partner
from partners.simulator.command import run
from retail.errors import Misconfigured, Rejected
from retail.strict import to_json
from tests.partners.contract import agreed
from tests.partners.simulators import PATIENCE, BehindSimulator, Running, running, start

TOKEN = {"authorization": "Bearer demo-token"}


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    pictures = tmp_path_factory.mktemp("pictures")
    (pictures / "shirt.png").write_bytes(b"\x89PNG")
    with running("A", tmp_path_factory.mktemp("simulator"), pictures=pictures) as one:
        yield one


def get(simulator: Running, path: str, **more: Any) -> httpx.Response:
    return httpx.get(simulator.url + path, trust_env=False, timeout=PATIENCE, **more)


def post(simulator: Running, path: str, body: object, **more: Any) -> httpx.Response:
    return httpx.post(simulator.url + path, json=body, trust_env=False, timeout=PATIENCE, **more)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_and_ends_cleanly_when_told(tmp_path: Path, number: signal.Signals) -> None:
    one = start("B", tmp_path)
    assert one.line == {
        "url": one.url,
        "id": "north",
        "class": "B",
        "record": str(tmp_path / "record-B.toml"),
    }
    assert one.url.startswith("http://127.0.0.1:")
    one.process.send_signal(number)
    assert one.process.wait(PATIENCE) == 0


def test_it_ends_even_while_somebody_waits_for_an_answer(tmp_path: Path) -> None:
    one = start("A", tmp_path)
    post(one, "/faults", {"fault": "slow", "times": 1, "on": "search"})
    url = httpx.URL(one.url)
    with socket.create_connection((url.host, url.port or 0)) as waiting:
        waiting.sendall(b"GET /api/items HTTP/1.1\r\nhost: x\r\nauthorization: Bearer demo-token\r\n\r\n")
        assert one.stop() == 0


def test_only_this_machine_can_reach_it(simulator: Running) -> None:
    port = httpx.URL(simulator.url).port
    listening = Path("/proc/net/tcp").read_text() if Path("/proc/net/tcp").exists() else ""
    if not listening:
        pytest.skip("there is no /proc/net/tcp here")
    addresses = {row.split()[1] for row in listening.splitlines()[1:] if row.split()[3] == "0A"}
    assert {one for one in addresses if one.endswith(f":{port:04X}")} == {f"0100007F:{port:04X}"}


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer wrong"}, {"authorization": "demo-token"}])
def test_strangers_are_refused(simulator: Running, headers: dict[str, str]) -> None:
    answer = get(simulator, "/api/items", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "WHO_ARE_YOU")
    assert get(simulator, "/ledger", headers=headers).status_code == 200


async def test_another_token_is_the_keystores_business(tmp_path: Path) -> None:
    with running("A", tmp_path, token="another") as one:
        assert one.record.credential == "partner-north"
        assert "another" not in (tmp_path / "record-A.toml").read_text("utf-8")
        for secret, fits in (("another", True), ("wrong", False)):
            partner = open_partner(one.record, secret)
            if fits:
                assert (await partner.search("linen")).offers
            else:
                with pytest.raises(Misconfigured):
                    await partner.search("linen")
            await partner.aclose()


def test_a_port_in_use_is_said_to_be(simulator: Running) -> None:
    with pytest.raises(Misconfigured, match=r"Port \d+ cannot be used: .*0 for a free one"):
        run(httpx.URL(simulator.url).port or 0)


def test_paths_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text('{"partner": "x"}')
    (tmp_path / "books.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(Misconfigured, match=r"broken\.json is no assortment"):
        run(catalogue=tmp_path / "broken.json")
    with pytest.raises(Misconfigured, match=r"nothing\.json cannot be read"):
        run(catalogue=tmp_path / "nothing.json")
    with pytest.raises(Misconfigured, match="no folder"):
        run(pictures=tmp_path / "nothing")
    with pytest.raises(Misconfigured, match=r"books\.db cannot be opened"):
        run(database=tmp_path / "books.db")
    with pytest.raises(Misconfigured, match="record cannot be written"):
        run(record=tmp_path / "nowhere" / "record.toml")


def test_pictures_are_served_and_nothing_else(simulator: Running) -> None:
    assert get(simulator, "/pictures/shirt.png").content == b"\x89PNG"
    for path in ("/pictures/hat.png", "/pictures/../record-A.toml", "/pictures/%2e%2e/record-A.toml"):
        assert get(simulator, path).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"fault": "earthquake"},
        {"fault": "500", "on": "sleep"},
        {"fault": "500", "times": -1},
        {"times": 1},
        [],
    ],
)
def test_a_fault_that_is_none_is_refused(simulator: Running, body: object) -> None:
    post(simulator, "/faults", {"fault": "none"})
    answer = post(simulator, "/faults", body)
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] in ("NO_SUCH_FAULT", "MALFORMED")
    assert get(simulator, "/faults").json()["planned"] == []


def test_faults_are_counted_and_replaced(simulator: Running) -> None:
    post(simulator, "/faults", {"fault": "drop-after-accept", "times": 3})
    assert get(simulator, "/faults").json()["planned"] == [
        {"fault": "drop-after-accept", "times": 3, "on": ["place"]}
    ]
    post(simulator, "/faults", {"fault": "500", "times": 2, "on": "search"})
    post(simulator, "/faults", {"fault": "429", "on": "quote", "add": True})
    assert [one["fault"] for one in get(simulator, "/faults").json()["planned"]] == ["500", "429"]
    codes = [get(simulator, "/api/items", headers=TOKEN).status_code for _ in range(3)]
    assert codes == [500, 500, 200]
    post(simulator, "/faults", {"fault": "none"})
    assert get(simulator, "/faults").json()["planned"] == []


async def test_a_dropped_answer_is_a_closed_connection(simulator: Running) -> None:
    partner = open_partner(simulator.record, None)
    order = await agreed(partner, Wanted("NO-02", 1))
    await partner.aclose()
    body = json.dumps(
        {
            "yourReference": order.key,
            "currencyCode": "EUR",
            "freight": "4.90",
            "grandTotal": "54.80",
            "positions": [{"itemCode": "NO-02", "count": 1, "unitPrice": "49.90"}],
            "consignee": {"name": "Zoë", "street": ["x"], "town": "y", "countryCode": "DE"},
        }
    ).encode()
    post(simulator, "/faults", {"fault": "drop-after-accept"})
    url = httpx.URL(simulator.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = "POST /api/orders HTTP/1.1\r\nhost: x\r\nauthorization: Bearer demo-token\r\ncontent-type: application/json\r\n"
    writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
    assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
    writer.close()
    await writer.wait_closed()
    rows = [row for row in get(simulator, "/ledger").json() if row["key"] == order.key]
    assert rows == [
        {
            "key": order.key,
            "reference": rows[0]["reference"],
            "lines": [{"sku": "NO-02", "quantity": 1, "price_minor": 4990}],
            "total_minor": 5480,
            "currency": "EUR",
            "state": "accepted",
            "customer": {
                "name": "Zoë",
                "street": ["x"],
                "town": "y",
                "countryCode": "DE",
                "zip": None,
                "province": None,
                "mail": None,
                "phone": None,
            },
        }
    ]


async def test_the_books_outlive_the_process_and_the_shelves_are_not_filled_twice(tmp_path: Path) -> None:
    database = tmp_path / "books.db"
    with running("B", tmp_path, database=database) as one:
        partner = open_partner(one.record, None)
        order = await agreed(partner, Wanted("NO-00", 2))
        placed = await partner.place(order)
        await partner.aclose()
    with running("B", tmp_path, database=database) as one:
        partner = open_partner(one.record, None)
        assert await partner.look_up(order.key) == placed
        offer = await partner.find(sku="NO-00")
        assert offer is not None
        assert offer.available == 5 - 2
        await partner.aclose()


async def test_a_catalogue_file_is_what_it_sells(tmp_path: Path) -> None:
    path = tmp_path / "partner-east.json"
    path.write_text(to_json(sample_assortment("east", "East & Sons")), "utf-8")
    assert load_assortment(path).name == "East & Sons"
    with running("C", tmp_path, catalogue=path) as one:
        assert (one.line["id"], one.record.id, one.record.name) == ("east", "east", "East & Sons")
        partner = open_partner(one.record, None)
        assert {offer.sku[:2] for offer in (await partner.search("", limit=50)).offers} == {"EA"}
        await partner.aclose()


async def test_nobody_gets_the_last_piece_twice(tmp_path: Path) -> None:
    with running("B", tmp_path) as one:
        behind, partner = BehindSimulator(one.url), open_partner(one.record, None)
        await behind.change("NO-00", stock=3)
        orders = [await agreed(partner, Wanted("NO-00", 1)) for _ in range(8)]
        outcomes = await asyncio.gather(*(partner.place(order) for order in orders), return_exceptions=True)
        assert sum(isinstance(one, Rejected) and one.reason == "sold_out" for one in outcomes) == 5
        assert len(await behind.ledger()) == 3
        offer = await partner.find(sku="NO-00")
        assert offer is not None
        assert offer.available == 0
        await partner.aclose()
        await behind.aclose()


async def test_nothing_is_sent_where_it_does_not_send(tmp_path: Path) -> None:
    with running("B", tmp_path, ship_to=("FR",)) as one:
        partner = open_partner(one.record, None)
        order = await agreed(partner, Wanted("NO-00", 1))
        assert (await partner.quote([Wanted("NO-00", 1)], order.customer.address)).lines[0].available == 0
        with pytest.raises(Rejected) as caught:
            await partner.place(order)
        assert caught.value.reason == "address"
        await partner.aclose()


async def test_a_parcel_leaves_and_then_arrives(tmp_path: Path) -> None:
    with running("B", tmp_path, ships_after=1000.0) as one:
        behind, partner = BehindSimulator(one.url), open_partner(one.record, None)
        order = await agreed(partner, Wanted("NO-00", 1))
        reference = (await partner.place(order)).reference
        states = []
        for ahead in (0, 500, 1100, 2100):
            await behind._post("/clock", {"ahead_seconds": ahead})
            placed = await partner.status(reference, order.lines)
            states.append((placed.state, [bool(parcel.delivered_at) for parcel in placed.shipments]))
        assert states == [("accepted", []), ("accepted", []), ("shipped", [False]), ("delivered", [True])]
        await partner.aclose()
        await behind.aclose()


def test_it_cannot_be_asked_at_class_c(tmp_path: Path) -> None:
    with running("C", tmp_path) as one:
        assert get(one, "/api/orders?yourReference=x", headers=TOKEN).status_code == 405
        assert "look_up" not in one.record.mapping["operations"]  # type: ignore[operator]


def test_the_same_key_for_another_order_is_refused(simulator: Running) -> None:
    post(simulator, "/faults", {"fault": "none"})
    body = {
        "yourReference": "k",
        "currencyCode": "EUR",
        "freight": "4.90",
        "grandTotal": "54.80",
        "positions": [{"itemCode": "NO-03", "count": 1, "unitPrice": "49.90"}],
        "consignee": {"name": "Zoë", "street": ["x"], "town": "y", "countryCode": "DE"},
    }
    key = {**TOKEN, "idempotency-key": "k"}
    first = post(simulator, "/api/orders", body, headers=key)
    again = post(simulator, "/api/orders", body, headers=key)
    other = post(simulator, "/api/orders", {**body, "lang": "de"}, headers=key)
    assert (first.status_code, again.json()) == (201, first.json())
    assert (other.status_code, other.json()["error"]["code"]) == (422, "KEY_REUSED")
