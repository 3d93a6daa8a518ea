"""The mail sender against real SMTP: each mail once, good ones for ever, refused ones parked with the reason."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiosmtpd.smtp import SMTP, AuthResult
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from oms.events.models import MailOut
from oms.mail import Mailer, MailSettings
from oms.mail_queue import LEASE, claim, send_again
from oms.schema import migrate
from oms.sink import Caught, Sink
from oms.store import make_engine
from retail.errors import Misconfigured
from tests.oms.events.toys import PATIENCE, until

CREATED = datetime(2025, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """A migrated database of either kind."""
    migrate(database)
    engine = make_engine(database)
    yield engine
    engine.dispose()


@pytest.fixture
async def sink(tmp_path: Path) -> AsyncIterator[Sink]:
    """A mail server that takes everything."""
    async with Sink(tmp_path / "mails") as sink:
        yield sink


@dataclass
class Moody(Sink):
    """A sink that first gives ``answers`` to what it is asked (RCPT or DATA)."""

    folder: Path
    answers: list[str] = field(default_factory=list)
    at: str = "RCPT"
    refuse: str = ""

    def __post_init__(self) -> None:
        super().__init__(self.folder)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        """Answer for one recipient."""
        if address == self.refuse:
            return f"550 5.1.1 <{address}> is unknown here"
        if self.answers and self.at == "RCPT":
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Answer for the mail."""
        if self.answers and self.at == "DATA":
            return self.answers.pop(0)
        return await super().handle_DATA(server, session, envelope)


def queue(engine: Engine, *ids: str, recipient: str = "anna@example.com") -> None:
    """Mails that are due."""
    with Session(engine) as session, session.begin():
        for id_ in ids:
            session.add(
                MailOut(
                    id=id_, order_id="o1", recipient=recipient, language="de", subject="Danke für alles",
                    text="Größe M\n", html="<p>Größe M</p>", created_at=CREATED, next_try_at=CREATED,
                )
            )  # fmt: skip


def row(engine: Engine, id_: str = "e1:customer") -> MailOut:
    """The mail as it stands."""
    with Session(engine) as session:
        return session.exec(select(MailOut).where(MailOut.id == id_)).one()


def settings(sink: Sink, **more: Any) -> MailSettings:
    """For the sink's port."""
    values = {"host": "127.0.0.1", "port": sink.port, "sender": "Aisle Store <orders@store.example>"}
    return MailSettings(**{**values, **more})


@contextlib.asynccontextmanager
async def sending(engine: Engine, where: MailSettings) -> AsyncIterator[Mailer]:
    """A mailer at work, impatient."""
    mailer, stop = Mailer(engine, where, backoff=(0.01,), reconnect=(0.01,)), asyncio.Event()
    task = asyncio.create_task(mailer.run(stop))
    try:
        async with asyncio.timeout(PATIENCE):
            yield mailer
    finally:
        stop.set()
        await task


async def settled(engine: Engine, state: str, id_: str = "e1:customer") -> MailOut:
    """The mail, once it is in ``state``."""
    await until(lambda: row(engine, id_).state == state, f"{id_} is {state}")
    return row(engine, id_)


def body(mail: Caught, kind: str) -> str:
    """The part of ``mail`` that is text/``kind``."""
    part = mail.message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


async def test_a_mail_arrives_whole_and_is_noted_as_sent(engine: Engine, sink: Sink) -> None:
    queue(engine, "e1:customer")
    async with sending(engine, settings(sink)) as mailer:
        (mail,) = await sink.wait_for(1)
        sent = await settled(engine, "sent")
        registry = CollectorRegistry()
        registry.register(mailer)
        assert registry.get_sample_value("aisle_mails_total", {"result": "sent"}) == 1
    assert mail.recipients == ("anna@example.com",)
    message = mail.message
    assert message["From"] == "Aisle Store <orders@store.example>"
    assert message["To"] == "anna@example.com"
    assert message["Subject"] == "Danke für alles"
    assert message["Message-ID"] == "<e1.customer@store.example>"
    assert message["Date"] == "Thu, 20 Nov 2025 09:00:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert body(mail, "plain") == "Größe M\n"
    assert body(mail, "html") == "<p>Größe M</p>\n"
    assert sent.sent_at is not None
    assert sent.attempts == 1
    assert mail.path.name == "00001-Danke-für-alles.eml"
    assert mail.path.read_bytes().startswith(b"From: Aisle Store")


async def test_each_of_many_goes_out_once_also_with_two_senders(engine: Engine, sink: Sink) -> None:
    ids = [f"e{n}:customer" for n in range(60)]
    queue(engine, *ids)
    async with sending(engine, settings(sink)), sending(engine, settings(sink)):
        mails = await sink.wait_for(60)
        await settled(engine, "sent", ids[-1])
    assert sorted(str(mail.message["Message-ID"]) for mail in mails) == sorted(
        f"<e{n}.customer@store.example>" for n in range(60)
    )


@pytest.mark.parametrize("at", ["RCPT", "DATA"])
async def test_not_now_is_tried_until_it_works(engine: Engine, tmp_path: Path, at: str) -> None:
    queue(engine, "e1:customer")
    async with (
        Moody(tmp_path / "mails", ["451 greylisted"] * 6, at) as sink,
        sending(engine, settings(sink)),
    ):
        await sink.wait_for(1)
        sent = await settled(engine, "sent")
    assert sent.attempts == 7
    assert sent.reason is None


@pytest.mark.parametrize("at", ["RCPT", "DATA"])
async def test_a_refused_mail_is_parked_with_the_reason_and_holds_nobody_up(
    engine: Engine, tmp_path: Path, at: str
) -> None:
    queue(engine, "e1:customer", "e2:customer")
    with structlog.testing.capture_logs() as logs:
        refusal = "550 5.1.1 <anna@example.com> unknown"
        async with Moody(tmp_path / "mails", [refusal], at) as sink, sending(engine, settings(sink)):
            (mail,) = await sink.wait_for(1)
            parked = await settled(engine, "parked")
            await settled(engine, "sent", "e2:customer")
            assert parked.reason == "550 5.1.1 <(the address)> unknown"
            assert mail.message["Message-ID"] == "<e2.customer@store.example>"
            with Session(engine) as session, session.begin():
                assert send_again(session, "e1:customer", datetime.now(UTC))
                assert not send_again(session, "e2:customer", datetime.now(UTC))
            await settled(engine, "sent")
    assert "anna" not in str(logs)
    assert {"mail": "e1:customer", "code": "550", "event": "mail_parked", "log_level": "error"} in logs


async def test_our_own_refusal_parks_nothing(engine: Engine, tmp_path: Path) -> None:
    class Picky(Moody):
        async def handle_MAIL(
            self, server: Any, session: Any, envelope: Any, address: str, options: Any
        ) -> str:
            """Refuse our sender a few times."""
            if self.answers:
                return self.answers.pop(0)
            envelope.mail_from = address
            return "250 OK"

    queue(engine, "e1:customer")
    async with (
        Picky(tmp_path / "mails", ["550 who are you"] * 3, "MAIL") as sink,
        sending(engine, settings(sink)),
    ):
        await sink.wait_for(1)
        assert (await settled(engine, "sent")).attempts == 4


async def test_an_absent_server_is_waited_for_and_costs_no_try(engine: Engine, tmp_path: Path) -> None:
    async with Sink(tmp_path / "mails") as sink:
        port = sink.port
    queue(engine, "e1:customer")
    async with sending(engine, settings(sink)) as mailer:
        await until(lambda: mailer.counts["unreachable"] >= 3, "three attempts")
        assert row(engine).attempts == 0
        async with Sink(tmp_path / "mails", port) as back:
            await back.wait_for(1)
            assert (await settled(engine, "sent")).attempts == 1


async def test_a_mail_that_breaks_the_connection_does_not_hold_up_the_others(
    engine: Engine, tmp_path: Path
) -> None:
    class Fragile(Moody):
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            """Hang up on one mail."""
            if b"e1.customer" in envelope.original_content:
                server.transport.abort()
            return await super().handle_DATA(server, session, envelope)

    queue(engine, "e1:customer", "e2:customer", "e3:customer")
    stop = asyncio.Event()
    begun = datetime.now(UTC)
    async with Fragile(tmp_path / "mails") as sink:
        mailer = Mailer(engine, settings(sink), reconnect=(0.01,))
        task = asyncio.create_task(mailer.run(stop))
        await settled(engine, "sent", "e2:customer")
        await settled(engine, "sent", "e3:customer")
        assert row(engine).state == "queued"
        assert row(engine).next_try_at > begun + timedelta(seconds=20)
        stop.set()
        await task


async def test_a_claim_of_a_killed_sender_ends(engine: Engine, sink: Sink) -> None:
    queue(engine, "e1:customer")
    now = datetime.now(UTC)
    assert [mail.id for mail in claim(engine, now - LEASE - timedelta(seconds=1))] == ["e1:customer"]
    async with sending(engine, settings(sink)):
        await sink.wait_for(1)
        assert (await settled(engine, "sent")).attempts == 2
    queue(engine, "e2:customer")
    assert len(claim(engine, now)) == 1
    assert claim(engine, now) == []


async def test_a_stores_mail_goes_to_its_address_and_waits_while_there_is_none(
    engine: Engine, sink: Sink
) -> None:
    queue(engine, "e1:store", recipient="store:berlin")
    queue(engine, "e2:store", recipient="store:hamburg")
    async with sending(engine, settings(sink, stores={"berlin": "berlin@store.example"})):
        (mail,) = await sink.wait_for(1)
        assert mail.recipients == ("berlin@store.example",)
        await until(lambda: row(engine, "e2:store").reason is not None, "the try without an address")
    waiting = row(engine, "e2:store")
    assert (waiting.state, waiting.reason) == ("queued", "no address is set for store:hamburg")
    with Session(engine) as session, session.begin():
        session.exec(select(MailOut).where(col(MailOut.id) == "e2:store")).one().next_try_at = CREATED
    async with sending(engine, settings(sink, stores={"": "all@store.example"})):
        assert (await sink.wait_for(2))[1].recipients == ("all@store.example",)


async def test_addresses_of_every_script_arrive(engine: Engine, sink: Sink) -> None:
    queue(engine, "e1:customer", recipient="anna@bücher.example")
    queue(engine, "e2:customer", recipient="用户@例え.example")
    async with sending(engine, settings(sink)):
        mails = await sink.wait_for(2)
    assert [mail.recipients for mail in mails] == [
        ("anna@xn--bcher-kva.example",),
        ("用户@xn--r8jz45g.example",),
    ]


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that only its own file vouches for, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj", "/CN=mail", "-addext", "subjectAltName=IP:127.0.0.1"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    return folder / "cert.pem", folder / "key.pem"


class Guarded(Sink):
    """A sink with STARTTLS and a login."""

    def __init__(self, folder: Path, certificate: tuple[Path, Path]) -> None:
        super().__init__(folder)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*certificate)

    def protocol(self) -> asyncio.BaseProtocol:
        """SMTP that asks for both."""

        def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
            return AuthResult(success=data.login == b"aisle" and data.password == b"secret", handled=False)

        made: asyncio.BaseProtocol = SMTP(
            self, hostname="localhost", tls_context=self.context, require_starttls=True, auth_required=True,
            authenticator=check, loop=asyncio.get_running_loop(),
        )  # fmt: skip
        return made


async def test_encryption_and_login(engine: Engine, tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    queue(engine, "e1:customer")
    login = {"username": "aisle", "security": "starttls", "authority": certificate[0]}
    async with Guarded(tmp_path / "mails", certificate) as sink:
        for wrong in (
            {**login, "password": SecretStr("guess")},
            {**login, "password": SecretStr("secret"), "authority": None},  # nobody we trust vouches for it
        ):
            async with sending(engine, settings(sink, **wrong)) as mailer:
                await until(lambda: mailer.counts["unreachable"] >= 2, "two attempts")
        assert (row(engine).state, row(engine).attempts, sink.mails) == ("queued", 0, [])
        async with sending(engine, settings(sink, **login, password=SecretStr("secret"))):
            await sink.wait_for(1)
            await settled(engine, "sent")


@pytest.mark.parametrize(
    ("wrong", "advice"),
    [
        ({"sender": "nobody"}, "Write it like orders@example.com"),
        ({"host": "mail.example.com", "security": "plain", "password": "x"}, "not sent unencrypted"),
    ],
)
def test_settings_that_cannot_work_are_refused(engine: Engine, wrong: dict[str, str], advice: str) -> None:
    with pytest.raises(Misconfigured, match=advice):
        Mailer(engine, MailSettings(**{"host": "127.0.0.1", "sender": "a@b.example", **wrong}))


@pytest.mark.parametrize(
    ("host", "security"), [("localhost", "plain"), ("::1", "plain"), ("mail.example", "starttls")]
)
def test_mail_leaves_this_machine_encrypted_unless_told_otherwise(
    engine: Engine, host: str, security: str
) -> None:
    assert Mailer(engine, MailSettings(host=host, sender="a@b.example")).security == security
