"""Sends the queue of mails by SMTP.

    queued --sent--> sent
       |---the server is away, or says "not now" (4xx)---> queued, later again, for ever
       '---it refuses this mail (5xx)--------------------> parked, with the reason

A mail is claimed before it is sent, so that several processes share the queue. Killed between the server's yes and
our note of it, we send it once more after the lease, with the same Message-ID. No address is ever logged.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, formataddr, parseaddr
from pathlib import Path
from typing import Literal

import aiosmtplib
import structlog
from prometheus_client.metrics_core import CounterMetricFamily, Metric
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from oms import mail_queue
from oms.events.threads import in_thread
from oms.events.waiting import set_or_after
from oms.mail_queue import Claimed
from retail.errors import Misconfigured

POLL = 1.0  # seconds between looks at the queue
DEADLINE = 120.0  # seconds for one batch
BACKOFF = (30.0, 120.0, 600.0, 1800.0)  # seconds before a mail is tried again
RECONNECT = (1.0, 5.0, 15.0, 60.0)  # seconds before an absent server is asked again
LATER = timedelta(minutes=15)  # a mail that waits for a setting
log = structlog.get_logger(__name__)


class MailSettings(BaseModel):
    """Where mails go. ``sender`` is an address, with or without a name: ``Store <orders@example.com>``.

    ``stores`` gives each store's address by its id, "" that of all others. ``security`` None is ``plain`` on
    loopback and ``starttls`` elsewhere; a password is never sent unencrypted. ``authority`` is a file with the
    certificate authorities to trust instead of the system's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    host: str
    port: int = Field(default=25, ge=1, le=65535)
    security: Literal["plain", "starttls", "tls"] | None = None
    username: str | None = None
    password: SecretStr | None = None
    authority: Path | None = None
    sender: str
    stores: Mapping[str, str] = Field(default_factory=dict)
    timeout_seconds: float = Field(default=30, gt=0)

    def address(self, recipient: str) -> str | None:
        """The address for a queued mail's ``recipient``; None for a store that has none."""
        if not recipient.startswith("store:"):
            return recipient
        return self.stores.get(recipient.removeprefix("store:")) or self.stores.get("") or None

    def loopback(self) -> bool:
        """Whether the mail server is on this machine."""
        with contextlib.suppress(ValueError):
            return ipaddress.ip_address(self.host).is_loopback
        return self.host == "localhost"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try: ``state`` afterwards, and when it is due again if that is queued."""

    state: Literal["sent", "queued", "parked"]
    reason: str | None = None
    again: timedelta | None = None


class Mailer:
    """Sends due mails until stopped; good ones are tried for ever.

    Raises Misconfigured when made with a sender that is no address, or a password without encryption.
    """

    def __init__(
        self,
        engine: Engine,
        settings: MailSettings,
        executor: Executor | None = None,
        *,
        backoff: Sequence[float] = BACKOFF,
        reconnect: Sequence[float] = RECONNECT,
    ) -> None:
        if "@" not in parseaddr(settings.sender)[1]:
            raise Misconfigured("The sender of mails is no address. Write it like orders@example.com.")
        self.security = settings.security or ("plain" if settings.loopback() else "starttls")
        if settings.password is not None and self.security == "plain" and not settings.loopback():
            raise Misconfigured(
                "A mail password is not sent unencrypted. Set the security to starttls or tls."
            )
        self.engine = engine
        self.settings = settings
        self.executor = executor
        self.backoff = backoff
        self.reconnect = reconnect
        self.counts: Counter[str] = Counter()  # sent, queued (again), parked, unreachable

    async def run(self, stop: asyncio.Event) -> None:
        """Send what is due until ``stop``; the mail in work is finished first."""
        failures = 0
        while not stop.is_set():
            pause = POLL
            try:
                if await self.once():
                    pause = 0.0
                failures = 0
            except (aiosmtplib.SMTPException, ssl.SSLError, OSError, TimeoutError, SQLAlchemyError) as error:
                pause = self.reconnect[min(failures, len(self.reconnect) - 1)]
                failures += 1
                self.counts["unreachable"] += 1
                log.warning("mail_server_unreachable", error=type(error).__name__, again_in=pause)
            await set_or_after(stop, pause)

    async def once(self) -> int:
        """Send one batch; how many mails were tried. Nothing is claimed unless the server is there.

        Raises aiosmtplib.SMTPException or OSError when it is not, or goes away meanwhile.
        """
        if not await in_thread(self.executor, lambda: mail_queue.due(self.engine, datetime.now(UTC))):
            return 0
        async with self._connected() as server:
            mails = await in_thread(self.executor, lambda: mail_queue.claim(self.engine, datetime.now(UTC)))
            left = {mail.id: mail.attempts for mail in mails}
            trying = ""
            try:
                async with asyncio.timeout(DEADLINE):
                    for mail in mails:
                        trying = mail.id
                        await self._note(mail, await self._deliver(server, mail))
                        del left[mail.id]
            finally:
                if attempts := left.pop(trying, 0):  # should it be its fault, the others come first now
                    await self._put_back([trying], self._wait(attempts))
                if left:
                    await self._put_back(left, timedelta(0))
        return len(mails)

    def collect(self) -> Iterable[Metric]:
        """For ``CollectorRegistry.register``."""
        family = CounterMetricFamily(
            "aisle_mails", "Tries to send a mail, by what became of them", labels=["result"]
        )
        for result in ("sent", "queued", "parked", "unreachable"):
            family.add_metric([result], self.counts[result])
        yield family

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[aiosmtplib.SMTP]:
        settings = self.settings
        server = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            username=settings.username,
            password=settings.password.get_secret_value() if settings.password else None,
            use_tls=self.security == "tls",
            start_tls=self.security == "starttls",
            cert_bundle=str(settings.authority) if settings.authority else None,
            local_hostname="localhost" if settings.loopback() else None,
            timeout=settings.timeout_seconds,
        )
        await server.connect()
        try:
            yield server
        finally:
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await server.quit()
            server.close()

    async def _deliver(self, server: aiosmtplib.SMTP, mail: Claimed) -> Outcome:
        address = self.settings.address(mail.recipient)
        if address is None:
            return Outcome("queued", f"no address is set for {mail.recipient}", LATER)
        try:
            await server.send_message(
                compose(mail, self.settings.sender, address),
                sender=parseaddr(self.settings.sender)[1],
                recipients=[_ascii_domain(address)],
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            return self._refused(mail, error.recipients[0].code, error.recipients[0].message, address)
        except aiosmtplib.SMTPDataError as error:
            return self._refused(mail, error.code, error.message, address)
        except aiosmtplib.SMTPNotSupported as error:
            return Outcome("parked", error.message)
        except ValueError:
            return Outcome("parked", "the address has a form that cannot be sent to")
        except aiosmtplib.SMTPResponseException as error:
            # Our sender or the session is refused: that is not this mail's fault.
            return self._again(mail, f"{error.code} {_without(error.message, address)}")
        return Outcome("sent")

    def _refused(self, mail: Claimed, code: int, message: str, address: str) -> Outcome:
        reason = f"{code} {_without(message, address)}"
        return Outcome("parked", reason) if 500 <= code < 600 else self._again(mail, reason)

    def _again(self, mail: Claimed, reason: str) -> Outcome:
        return Outcome("queued", reason, self._wait(mail.attempts))

    def _wait(self, attempts: int) -> timedelta:
        return timedelta(seconds=self.backoff[min(attempts, len(self.backoff)) - 1])

    async def _put_back(self, ids: Iterable[str], after: timedelta) -> None:
        """Let go of claimed mails before the lease ends."""
        values = {"next_try_at": datetime.now(UTC) + after}
        await in_thread(self.executor, lambda: mail_queue.write(self.engine, ids, values))

    async def _note(self, mail: Claimed, outcome: Outcome) -> None:
        now = datetime.now(UTC)
        values = {
            "state": outcome.state,
            "reason": outcome.reason,
            "sent_at": now if outcome.state == "sent" else None,
            "next_try_at": now + (outcome.again or timedelta(0)),
        }
        await in_thread(self.executor, lambda: mail_queue.write(self.engine, [mail.id], values))
        self.counts[outcome.state] += 1
        if outcome.state == "parked":
            log.error("mail_parked", mail=mail.id, code=(outcome.reason or "")[:3])
        elif outcome.state == "queued":
            log.warning("mail_later", mail=mail.id, code=(outcome.reason or "")[:3], attempts=mail.attempts)


def compose(mail: Claimed, sender: str, address: str) -> EmailMessage:
    """The message for ``mail``; the same each time, its Message-ID made of the mail's id."""
    name, sender_address = parseaddr(sender)
    message = EmailMessage(policy=SMTP_POLICY)
    message["From"] = formataddr((name, sender_address))
    message["To"] = _ascii_domain(address)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = (
        f"<{mail.id.replace(':', '.')}@{_ascii_domain(sender_address).rpartition('@')[2]}>"
    )
    message["Content-Language"] = mail.language
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    return message


def _ascii_domain(address: str) -> str:
    """``address`` with its domain in the form that every mail server knows (xn--...)."""
    local, _, domain = address.rpartition("@")
    with contextlib.suppress(UnicodeError):
        domain = domain.encode("idna").decode()
    return f"{local}@{domain}"


def _without(text: str, address: str) -> str:
    """What the server said, without the address that it repeats; cut to 200 characters."""
    for form in (address, _ascii_domain(address)):
        text = text.replace(form, "(the address)")
    return " ".join(text.split())[:200]
