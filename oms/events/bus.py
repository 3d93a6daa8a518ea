"""The event bus of one process: broker (embedded or by URL), relay, consumers, housekeeping.

With the embedded server all of it lives in sessions: when the server ends, or can no longer store (it does not
recover by itself from a full disk), everything is taken down and started anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import nats.errors
import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from prometheus_client.metrics_core import Metric
from sqlalchemy import Engine, delete
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col

from oms.events.consumer import BACKOFF, Consumer
from oms.events.counts import Counts
from oms.events.models import Inbox
from oms.events.relay import Relay
from oms.events.server import NatsServer
from oms.events.service import Service, in_words
from oms.events.stream import declare_consumer, declare_stream, trim, waiting
from oms.events.threads import in_thread
from oms.events.waiting import called_off, set_or_after
from retail.errors import AisleError, Misconfigured, Unreachable

CONNECTED = 3.0  # seconds until connecting is begun again
REQUEST = 5.0  # seconds for the broker to answer a question
PAUSE = 0.5  # seconds before a session is started anew
LOOK = 10.0  # seconds between looks at the consumers
TIDY = 3600.0  # seconds between tidying the stream and the inbox
STUCK = 60.0  # seconds of refused publishing after which the embedded server is started anew
REMEMBERED = timedelta(days=30)  # how long the inbox keeps what can hardly come again
log = structlog.get_logger(__name__)


class _Ended(Exception):
    """The session is over: asked to stop, or the embedded server has to be started anew."""


class EventBus:
    """Carries events from the outbox to the services of this process.

    ``broker`` is a folder for the embedded server or the URL of a NATS server (``nats://``, ``tls://``; several
    with commas). ``wake`` is to be set after every commit that wrote to the outbox. ``engine`` is used from the
    threads of ``executor`` (None: the loop's own), on SQLite from one thread of the bus's own. ``backoff`` is how
    many seconds a failed event waits, try by try. A bus runs once.
    """

    def __init__(
        self,
        engine: Engine,
        broker: str | Path,
        services: Sequence[Service],
        *,
        wake: asyncio.Event,
        executor: Executor | None = None,
        backoff: Sequence[float] = BACKOFF,
    ) -> None:
        self.engine = engine
        self.broker = broker
        self.services = services
        self.wake = wake
        # SQLite has one writer: threads of ours that wait for each other there would only sleep too long.
        self._own = ThreadPoolExecutor(1, "events") if engine.dialect.name == "sqlite" else None
        self.executor = self._own or executor
        self.counts = Counts()
        self._relay = Relay(engine, wake, self.counts, self.executor)
        self._consumers = [
            Consumer(service, engine, wake, self.counts, self.executor, backoff) for service in services
        ]
        self._serving = asyncio.Event()
        self._client: Client | None = None

    def ready(self) -> bool:
        """Whether the broker is there and takes what we publish (for /readyz)."""
        connected = self._client is not None and self._client.is_connected
        return connected and self._serving.is_set() and self.counts.relay_failing_since is None

    async def until_ready(self) -> None:
        """Return when the broker is connected and every consumer declared."""
        await self._serving.wait()

    def collect(self) -> Iterable[Metric]:
        """For ``CollectorRegistry.register``: the counts of ``Counts``."""
        return self.counts.collect()

    async def run(self, stop: asyncio.Event) -> None:
        """Carry events until ``stop`` is set; a batch in work is finished first.

        Raises Misconfigured at the start when the broker's program is missing, its folder is in use or cannot
        be written, or the URL is none; everything else is tried again for ever.
        """
        try:
            await self._sessions(stop)
        finally:
            if self._own is not None:
                self._own.shutdown()

    async def _sessions(self, stop: asyncio.Event) -> None:
        started = False
        while not stop.is_set():
            try:
                if isinstance(self.broker, Path):
                    await self._with_server(NatsServer(self.broker), stop)
                else:
                    await self._session(self.broker, None, stop)
                started = True
            except (AisleError, nats.errors.Error, OSError, TimeoutError) as error:
                if isinstance(error, Misconfigured) and not started:
                    raise
                self.counts.connects_failed += 1
                log.warning("broker_unreachable", error=type(error).__name__)
            await set_or_after(stop, PAUSE)

    async def _with_server(self, server: NatsServer, stop: asyncio.Event) -> None:
        url = await server.start()
        try:
            await self._session(url, server, stop)
        finally:
            await server.stop()

    async def _session(self, url: str, server: NatsServer | None, stop: asyncio.Event) -> None:
        """One connection: everything runs until ``stop``, or until the embedded ``server`` has to be restarted."""
        broken: BaseExceptionGroup[BaseException] | None = None
        async with self._connected(url) as client:
            stream = client.jetstream(timeout=REQUEST)
            await declare_stream(stream)
            for (
                service
            ) in self.services:  # before anything is published, so that nobody misses the first event
                await declare_consumer(stream, service)
            self._serving.set()
            try:
                async with asyncio.TaskGroup() as tasks:
                    consuming = [
                        tasks.create_task(consumer.run(stream, stop)) for consumer in self._consumers
                    ]
                    tasks.create_task(self._relay.run(stream))
                    tasks.create_task(self._keep(stream, restartable=server is not None))
                    if server is not None:
                        tasks.create_task(_watch(server))
                    await asyncio.gather(*consuming)
                    raise _Ended
            except* _Ended:
                pass
            except* (nats.errors.Error, OSError, TimeoutError) as group:
                broken = group
            finally:
                self._serving.clear()
        if broken is not None:
            raise Unreachable("the broker went away") from broken

    @contextlib.asynccontextmanager
    async def _connected(self, url: str) -> AsyncIterator[Client]:
        servers, client = _servers(url), Client()
        connecting = client.connect(
            servers,
            name="aisle-oms",
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.2,  # type: ignore[arg-type]  # a fraction of a second works
            error_cb=_trouble,
        )
        try:
            async with asyncio.timeout(CONNECTED):
                await connecting
        except BaseException:
            await client.close()
            raise
        self._client = client
        try:
            yield client
        finally:
            self._client = None
            with contextlib.suppress(nats.errors.Error, OSError, TimeoutError):
                await client.flush(1)  # the last acknowledgements; drain() would wait for unread events
            with contextlib.suppress(nats.errors.Error, OSError):
                await client.close()

    async def _keep(self, stream: JetStreamContext, *, restartable: bool) -> None:
        """Look after the consumers, the stream's size and a server that cannot store any more."""
        tidy_at = time.monotonic() + TIDY
        while not called_off():
            await asyncio.sleep(LOOK)
            failing = self.counts.relay_failing_since
            if restartable and failing is not None and time.monotonic() - failing > STUCK:
                raise _Ended
            try:
                await self.look(stream)
                if time.monotonic() > tidy_at:
                    tidy_at = time.monotonic() + TIDY
                    await self.tidy(stream)
            except (nats.errors.Error, SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("broker_look_failed", error=in_words(error))

    async def look(self, stream: JetStreamContext) -> None:
        """Count what waits for each service; declare again what has gone from the broker."""
        for service in self.services:
            try:
                self.counts.waiting[service.NAME] = await waiting(stream, service)
            except NotFoundError:  # somebody removed it, or the broker lost its store
                await declare_stream(stream)
                await declare_consumer(stream, service)

    async def tidy(self, stream: JetStreamContext) -> None:
        """Let go of events that every service has handled, and of inbox rows too old to matter."""
        floors = await trim(stream)
        before = datetime.now(UTC) - REMEMBERED

        def forget() -> None:
            with Session(self.engine) as session, session.begin():
                for service, floor in floors.items():
                    session.execute(
                        delete(Inbox).where(
                            col(Inbox.service) == service,
                            col(Inbox.sequence) <= floor,
                            col(Inbox.at) < before,
                        )
                    )

        await in_thread(self.executor, forget)


def _servers(urls: str) -> list[str]:
    """The addresses in ``urls``; Misconfigured, without quoting a password, when one of them is none."""
    servers = [url.strip() for url in urls.split(",")]
    for server in servers:
        try:
            parts = urlsplit(server)
            known = parts.scheme in ("nats", "tls", "ws", "wss") and parts.hostname and parts.port != 0
        except ValueError:
            known = None
        if not known:
            raise Misconfigured("The broker's URL cannot be read. Write nats://HOST:PORT.")
    return servers


async def _watch(server: NatsServer) -> None:
    code = await server.wait()
    log.error("broker_ended", code=code)
    raise _Ended


async def _trouble(error: Exception) -> None:
    log.info("broker_trouble", error=type(error).__name__)
