"""The command line as people and other programs use it: real processes, real servers, exit codes."""

from __future__ import annotations

import json
import os
import random
import resource
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bench.programs import ROOT, aisle, served
from sync.orderfile import example
from tests.servers import ledger

MAIN = ROOT / "main.py"


@dataclass
class Answer:
    """What a command said and how it ended."""

    code: int
    lines: list[dict[str, Any]]
    errors: str


@dataclass
class Store:
    """A device with one partner and an OMS, each of which can be down."""

    folder: Path
    port: int = 0
    oms_port: int = 0
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.environment = {
            "AISLE_DATA_DIR": str(self.folder / "device"),
            "AISLE_KEY_FILE": "1",
            "AISLE_PARTNERS": str(self.folder / "north.toml"),
        }

    def run(
        self, *arguments: str, stdin: str | None = None, before: Callable[[], None] | None = None
    ) -> Answer:
        """Run one command with --json."""
        done = subprocess.run(
            [sys.executable, str(MAIN), *arguments, "--json"],
            input=stdin,
            capture_output=True,
            text=True,
            env={**os.environ, **self.environment},
            preexec_fn=before,
            check=False,
        )
        return Answer(done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr)

    def partner(self) -> Any:
        """The partner, on the same port and with the same books every time."""
        return served(
            *(
                "partner",
                "simulate",
                "--id",
                "north",
                "--port",
                str(self.port),
                "--record",
                str(self.folder / "north.toml"),
            ),
            *("--database", str(self.folder / "north.db"), "--ships-after", "100000"),
        )

    def oms(self) -> Any:
        """The OMS, on the same port and with the same database every time."""
        return served(*("oms", "serve", "--port", str(self.oms_port)), environment=self.oms_environment())

    def oms_environment(self) -> dict[str, str]:
        """Where the OMS keeps its data."""
        return {"AISLE_DATA_DIR": str(self.folder / "oms"), "AISLE_KEY_FILE": "1"}

    def order_file(self, gtin: str, quantity: int = 2) -> str:
        """A whole order for the partner."""
        return json.dumps(example() | {"lines": [{"gtin": gtin, "partner": "north", "quantity": quantity}]})


def free_port() -> int:
    """A port for a server that goes and comes back; below those that systems give to whoever wants any."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path, free_port(), free_port())


@pytest.fixture
def stocked(store: Store) -> Iterator[tuple[Store, str]]:
    """A device that knows its partner's catalogue, the partner being up, and a GTIN of which there is plenty."""
    yield from _stocked(store)


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, str]]:
    """As ``stocked``, for tests in which nothing is ever placed."""
    yield from _stocked(Store(tmp_path_factory.mktemp("refusing"), free_port(), free_port()))


def _stocked(store: Store) -> Iterator[tuple[Store, str]]:
    with store.partner():
        assert store.run("sync", "--once").code == 0
        offers = store.run("find", "rain jacket").lines
        yield store, next(offer["gtin14"] for offer in offers if offer["available"] >= 5)


def test_an_order_placed_with_everything_down_arrives_once_when_it_is_up_again(store: Store) -> None:
    tries = count()
    with ExitStack() as up:
        up.enter_context(store.partner())
        oms = up.enter_context(store.oms())
        code = aisle("oms", "enrol-code", "--store", "s1", environment=store.oms_environment())["code"]
        assert store.run("kiosk", "enrol", code, "--oms", oms.url).code == 0
        assert store.run("sync", "--once").code == 0
        gtin = next(o["gtin14"] for o in store.run("find", "rain jacket").lines if o["available"] >= 5)

    placed = store.run("order", "place", "-", stdin=store.order_file(gtin))
    assert placed.code == 0
    assert placed.lines[0]["status"] == "queued"
    down = store.run("sync", "--once")
    assert (down.code, down.lines[0]["oms"], down.lines[0]["queue"]["queued"]) == (0, "down", 1)
    assert store.run("status").lines[0]["unsynced"] == 1

    with store.partner() as partner, store.oms():
        assert store.run("sync", "--once").code == 0
        assert store.run("sync", "--once").code == 0
        (entry,) = ledger(partner.url)
        while (status := store.run("status").lines[0])[
            "oms"
        ] == "down":  # it has two seconds to say that it is up
            assert next(tries) < 20
        shown = store.run("order", "show", placed.lines[0]["number"]).lines[0]
    assert (entry["lines"][0]["quantity"], entry["customer"]["name"]) == (2, "Ada Byron")
    assert (status["unsynced"], status["queue"]["accepted"], status["oms"]) == (0, 1, "up")
    assert (shown["status"], shown["synced"]) == ("placed", True)
    with sqlite3.connect(store.folder / "oms" / "oms.db") as database:
        assert database.execute("SELECT id FROM orders").fetchall() == [(placed.lines[0]["order_id"],)]


def test_orders_from_before_enrolment_reach_the_oms(stocked: tuple[Store, str]) -> None:
    store, gtin = stocked
    placed = store.run("order", "place", "-", stdin=store.order_file(gtin)).lines[0]
    with store.oms() as oms:
        code = aisle("oms", "enrol-code", "--store", "s1", environment=store.oms_environment())["code"]
        assert store.run("kiosk", "enrol", code, "--oms", oms.url).code == 0
        assert store.run("sync", "--once").code == 0
        later = store.run("order", "place", "-", stdin=store.order_file(gtin)).lines[0]
        assert store.run("sync", "--once").code == 0
        shown = [order["problem"] for order in store.run("order", "list").lines]
    assert shown == [None, None]
    with sqlite3.connect(store.folder / "oms" / "oms.db") as database:
        kept = database.execute("SELECT id, store FROM orders ORDER BY received_at").fetchall()
    assert kept == [(placed["order_id"], "s1"), (later["order_id"], "s1")]
    assert (store.folder / "oms" / "oms.db").stat().st_mode & 0o077 == 0
    assert placed["number"].startswith("X")


def test_find_answers_with_offers_as_documented(refusing: tuple[Store, str]) -> None:
    store, gtin = refusing
    (offer,) = store.run("find", gtin).lines
    assert set(offer) == {
        *(
            "gtin14",
            "sku",
            "name",
            "options",
            "partner",
            "price_minor",
            "currency",
            "available",
            "ships_by",
            "as_of",
            "stale",
        )
    }
    assert (offer["gtin14"], offer["partner"], offer["currency"], offer["stale"]) == (
        gtin,
        "north",
        "EUR",
        False,
    )


def test_find_forgives_a_tired_person_and_says_so_beside_the_offers(refusing: tuple[Store, str]) -> None:
    store, _ = refusing
    answer = store.run("find", "rain", "jcaket", "--size", "m", "--available", "--price-to", "129,00")
    assert answer.code == 0
    assert "Showing results for: rain jacket\n" in answer.errors
    assert {line["options"]["size"] for line in answer.lines} == {"M"}
    assert all(line["available"] and line["price_minor"] <= 12900 for line in answer.lines)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("qzxvkj",), 1, "Try another word for it"),
        (("jacket", "--size", "Q"), 1, "There is: XS, S, M, L, XL"),
        (("mug", "--price-from", "ten"), 2, "'ten' is not an amount: write it like 49.90"),
        (("mug", "--price-to", "-1"), 2, "'-1' is not an amount"),
        (("mug", "--limit", "0"), 2, "'0' is not a number from 1 to 1000"),
        (("mug", "--limit", "9" * 5000), 2, "is not a number from 1 to 1000"),
    ],
)
def test_find_without_an_answer_says_the_way_on(
    refusing: tuple[Store, str], arguments: tuple[str, ...], code: int, words: str
) -> None:
    store, _ = refusing
    answer = store.run("find", *arguments)
    assert answer.code == code
    assert words in answer.errors
    assert "Traceback" not in answer.errors


@pytest.mark.parametrize(
    ("command", "examples"),
    [(("find",), 5), (("scan",), 5), (("catalogue", "load"), 2)],
)
def test_help_teaches_by_examples(command: tuple[str, ...], examples: int) -> None:
    shown = subprocess.run(
        [sys.executable, str(MAIN), *command, "--help"], capture_output=True, text=True, check=True
    ).stdout
    words = f"  aisle {' '.join(command)} "
    assert sum(line.startswith(words) for line in shown.splitlines()) == examples


@pytest.mark.parametrize("command", [("catalogue", "quarantine"), ("order", "list")])
@pytest.mark.parametrize("limit", ["0", "-5", "x"])
def test_a_list_of_no_rows_is_wrong_usage(store: Store, command: tuple[str, ...], limit: str) -> None:
    answer = store.run(*command, "--limit", limit)
    assert (answer.code, f"'{limit}' is not a number from 1 to 1000000" in answer.errors) == (2, True)


@pytest.mark.parametrize("as_json", [True, False])
def test_a_terminal_without_our_letters_gets_them_escaped(tmp_path: Path, as_json: bool) -> None:
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.png")
    given = [
        sys.executable,
        str(MAIN),
        "scan",
        "\u20ac-1",
        "\U0001f9e5",
        odd,
        *(["--json"] if as_json else []),
    ]
    for encoding, euro in (("ascii", b"\\u20ac-1"), ("utf-8", "\u20ac-1".encode())):
        done = subprocess.run(
            given, capture_output=True, check=False, env={**os.environ, "PYTHONIOENCODING": encoding}
        )
        assert (done.returncode, b"Traceback" in done.stderr) == (0, False)
        assert euro in done.stdout
        if as_json:
            texts = [json.loads(line).get("text") for line in done.stdout.decode(encoding).splitlines()]
            assert texts == ["\u20ac-1", "\U0001f9e5", None]


def test_scan_prints_what_it_read_and_why_it_read_nothing(
    refusing: tuple[Store, str], tmp_path: Path
) -> None:
    store, gtin = refusing
    codes = ROOT / "assets" / "demo" / "codes"
    (tmp_path / "cut.jpg").write_bytes(b"\xff\xd8\xff")
    answer = store.run(
        "scan", str(codes / "jk101-ochre-m.png"), str(tmp_path / "cut.jpg"), gtin, "4099101001028", "--known"
    )
    assert answer.code == 0
    assert [(line.get("text"), line.get("name"), line.get("error")) for line in answer.lines] == [
        ("4099101001029", "Alder rain jacket", None),
        (None, None, "no_picture"),
        (gtin, "Alder rain jacket", None),
        (None, None, "wrong_code"),
    ]
    assert answer.lines[0]["reader"].startswith("zxing-cpp")
    assert "cut.jpg is damaged or cut off" in answer.errors
    assert "the last would be 9" in answer.errors
    assert store.run("scan", str(tmp_path)).code == 1


@pytest.mark.parametrize(
    ("change", "code", "reason", "words"),
    [
        ("not json", 1, "order_file", "not JSON"),
        ({"lines": []}, 1, "order_file", "lines"),
        ({"discount": 5}, 1, "order_file", "is not a field of an order"),
        ({"lines": [{"gtin": "4012345678900", "quantity": 1}]}, 1, "order_file", "the last would be 1"),
        (
            {"lines": [{"gtin": "4012345678901", "quantity": 1}]},
            1,
            "unknown_product",
            "no partner here sells",
        ),
        ({"lines": [{"gtin": "GTIN", "quantity": 99}]}, 1, "not_enough", "99 asked for"),
        ({"lines": [{"gtin": "GTIN", "quantity": 0}]}, 1, "order_file", "quantity"),
        ({"lines": [{"gtin": "GTIN", "partner": "nobody", "quantity": 1}]}, 1, "unknown_partner", "north"),
        ({"payment": {"method": "till", "reference": ""}}, 1, "not_placed", "fill"),
        ({"payment": {"method": "till", "reference": "4111 1111 1111 1111"}}, 1, "not_placed", "card number"),
    ],
)
def test_a_wrong_order_file_is_refused_with_words_and_nothing_is_placed(
    refusing: tuple[Store, str], change: Any, code: int, reason: str, words: str
) -> None:
    store, gtin = refusing
    text = (
        change
        if isinstance(change, str)
        else json.dumps(json.loads(store.order_file(gtin)) | change).replace("GTIN", gtin)
    )
    answer = store.run("order", "place", "-", stdin=text)
    assert (answer.code, answer.lines[0]["error"]) == (code, reason)
    assert words in answer.errors
    assert "Traceback" not in answer.errors
    assert store.run("order", "list").lines == []


def test_an_address_without_a_city_is_refused(refusing: tuple[Store, str]) -> None:
    store, gtin = refusing
    order = json.loads(store.order_file(gtin))
    del order["customer"]["address"]["city"]
    answer = store.run("order", "place", "-", stdin=json.dumps(order))
    assert (answer.code, "customer.address.city: is missing" in answer.errors) == (1, True)


def test_a_product_nobody_knows_while_the_partner_is_down_is_try_again_later(store: Store) -> None:
    with store.partner():
        pass  # the record exists, the catalogue was never loaded
    answer = store.run("order", "place", "-", stdin=store.order_file("04012345678901"))
    assert answer.code == 3


def test_a_full_disk_refuses_the_order_and_says_so(stocked: tuple[Store, str]) -> None:
    store, gtin = stocked

    def no_more_room() -> None:
        room = (
            33 * 1024
        )  # bytes of any file: enough to open the store (its index of 32 KiB), not for an order's log
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    answer = store.run("order", "place", "-", stdin=store.order_file(gtin), before=no_more_room)
    assert answer.code == 3, answer
    assert "Nothing was saved" in answer.errors
    assert store.run("order", "list").lines == []
    assert store.run("order", "place", "-", stdin=store.order_file(gtin)).code == 0


def test_cancel_before_it_was_sent_buys_nothing(stocked: tuple[Store, str]) -> None:
    store, gtin = stocked
    number = store.run("order", "place", "-", stdin=store.order_file(gtin)).lines[0]["number"]
    assert store.run("order", "cancel", number).lines[0]["outcome"] == "cancelled"
    store.run("sync", "--once")
    assert store.run("order", "show", number).lines[0]["status"] == "cancelled"
    assert store.run("verify").lines[-1] == {"orders": 1, "wrong": 0}


def test_a_port_in_use_is_said(store: Store) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for command in (("partner", "simulate", "--port", port), ("oms", "serve", "--port", port)):
            answer = store.run(*command)
            assert answer.code == 1
            assert port in answer.errors
            assert "Traceback" not in answer.errors


def test_a_broken_mapping_is_named_and_the_rest_works(stocked: tuple[Store, str]) -> None:
    store, _ = stocked
    record = store.folder / "north.toml"
    record.write_text(record.read_text().replace("gtin14(ean)", "gtin14(ean"))
    answer = store.run("partner", "check", "north")
    assert (answer.code, answer.lines[0]["error"]) == (1, "record")
    assert "offer" in answer.errors
    assert store.run("status").code == 0


def test_unknown_settings_and_usage(store: Store) -> None:
    store.environment["AISLE_CURRENCY"] = "euro"
    with store.partner():
        pass
    answer = store.run("status")
    assert (answer.code, "currency" in answer.errors) == (1, True)
    assert store.run("nonsense").code == 2
