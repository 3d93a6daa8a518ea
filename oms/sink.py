"""An SMTP server on loopback that delivers nothing: each mail becomes a file. For the demo and for tests."""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from types import TracebackType
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Caught:
    """A mail that came in, for whom, and the file it was written to."""

    recipients: tuple[str, ...]
    message: EmailMessage
    path: Path


class Sink:
    """Catches mails in ``folder`` as NUMBER-SUBJECT.eml while it is entered; port 0 takes a free one.

    ``mails`` are those of this run, oldest first; files of earlier runs stay.
    """

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = folder
        self.port = port
        self.mails: list[Caught] = []
        self._arrived = asyncio.Condition()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Sink:
        self.folder.mkdir(parents=True, exist_ok=True)
        logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd would log every address
        self._server = await asyncio.get_running_loop().create_server(self.protocol, HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def protocol(self) -> asyncio.BaseProtocol:
        """What speaks SMTP on a new connection."""
        protocol: asyncio.BaseProtocol = SMTP(
            self, hostname="localhost", enable_SMTPUTF8=True, loop=asyncio.get_running_loop()
        )
        return protocol

    async def wait_for(self, count: int) -> list[Caught]:
        """The mails, once there are at least ``count``."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: len(self.mails) >= count)
        return self.mails

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep one mail; called by aiosmtpd."""
        content = envelope.original_content or b""
        message = message_from_bytes(content, policy=default)
        assert isinstance(message, EmailMessage)
        number = 1 + max((int(path.name[:5]) for path in self.folder.glob("[0-9]*-*.eml")), default=0)
        subject = re.sub(r"\W+", "-", str(message["Subject"] or "")).strip("-")[:60]
        path = self.folder / f"{number:05d}-{subject}.eml"
        path.write_bytes(content)
        async with self._arrived:
            self.mails.append(Caught(tuple(envelope.rcpt_tos), message, path))
            self._arrived.notify_all()
        return "250 kept"
