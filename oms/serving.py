"""Runs a whole OMS in this process: API, relay, services, mail; until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as DatabaseTimeout
from sqlmodel import col

from oms import auth, restored, schema
from oms.api.app import create_app
from oms.api.state import Parts, utc_now
from oms.events.bus import EventBus
from oms.intake import Intake
from oms.mail import Mailer
from oms.metrics import Metrics
from oms.models import Meta
from oms.precedence import Later
from oms.services import fulfilment, notification, order
from oms.settings import EMBEDDED, OmsSettings
from oms.store import make_engine, make_reader, read_url, sqlite_file
from retail.errors import AisleError, Misconfigured, Unreachable

SERVICES = (order, fulfilment, notification)
THREADS = 6  # for the services' transactions
GOODBYE = 10  # seconds for requests in work when we stop
PATIENCE = 15  # seconds for the broker, until we say that we are ready without it
MARK_EVERY = 30  # seconds


class _Server(uvicorn.Server):
    """Says when it listens, and leaves signals to whoever runs it."""

    def __init__(self, settings: OmsSettings, app: FastAPI) -> None:
        config = uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GOODBYE,
            ssl_certfile=settings.tls_certificate,
            ssl_keyfile=settings.tls_key,
        )
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        self.up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Catch none."""
        yield


async def serve(
    settings: OmsSettings,
    ready: Callable[[str], None],
    stop: asyncio.Event,
    *,
    clock: Callable[[], datetime] = utc_now,
) -> None:
    """Serve until ``stop`` is set; ``ready`` gets the URL once orders can be stored and events published.

    A new database gets its tables. Raises:
        Misconfigured: port in use, no broker program, a folder that cannot be written, an old or newer database.
        Unreachable: the database server does not answer; trying later can help.
    """
    with contextlib.closing(_listen(settings.host, settings.port)) as listening:
        mail = settings.mail()
        await asyncio.to_thread(prepare, settings)
        keys = auth.load_keys(settings.key_path)
        engine, reader = make_engine(settings.database_url), make_reader(settings.database_url)
        executor = ThreadPoolExecutor(THREADS, "service")
        wake, metrics = asyncio.Event(), Metrics()
        intake = Intake(engine, clock, metrics, stored=wake.set)
        background = make_engine(settings.database_url)
        Later(background, intake.pressed)
        bus = EventBus(background, _broker(settings), SERVICES, wake=wake, executor=executor)
        metrics.registry.register(bus)
        mailer = Mailer(background, mail, executor) if mail else None
        checks = {"database": _database_check(reader), "broker": _broker_check(bus)}
        server = _Server(settings, create_app(Parts(engine, reader, keys, intake, metrics, clock, checks)))
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(bus.run(stop))
                tasks.create_task(server.serve([listening]))
                if mailer:
                    metrics.registry.register(mailer)
                    tasks.create_task(mailer.run(stop))
                tasks.create_task(_keep_marker(engine, settings, stop, clock))
                tasks.create_task(_announce(bus, server, stop, lambda: ready(url_of(settings, listening))))
                await stop.wait()
                server.should_exit = True
        except* (AisleError, OSError) as group:
            raise _first(group) from None
        finally:
            stop.set()
            await intake.stop()
            executor.shutdown()
            for used in (engine, reader, background):
                used.dispose()


async def _announce(bus: EventBus, server: _Server, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """Say that we are ready; without a broker too, after a while, because orders can be stored without one."""
    await server.up.wait()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(bus.until_ready(), PATIENCE)
    if not stop.is_set():
        ready()


async def _keep_marker(
    engine: Engine, settings: OmsSettings, stop: asyncio.Event, clock: Callable[[], datetime]
) -> None:
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), MARK_EVERY)
        # Without the database there is nothing to compare with; the next round will do.
        with contextlib.suppress(DBAPIError, DatabaseTimeout):
            await asyncio.to_thread(restored.watch, engine, settings.marker_path, clock())


def _first(group: BaseExceptionGroup[Exception]) -> Exception:
    while True:
        error = group.exceptions[0]
        if not isinstance(error, BaseExceptionGroup):
            return error
        group = error


def prepare(settings: OmsSettings, now: datetime | None = None) -> None:
    """Make what a new OMS needs and refuse what would go wrong later: folder, database, tables, restored backups.

    Raises Misconfigured or Unreachable.
    """
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        writable = os.access(settings.data_dir, os.W_OK)
    except OSError:
        writable = False
    if not writable:
        raise Misconfigured(
            f"The data folder {settings.data_dir} cannot be written. Change its owner, or set AISLE_DATA_DIR."
        )
    with reachable(settings.database_url):
        schema.own_file(settings.database_url)
        engine = make_engine(settings.database_url, connections=1)
        try:
            found = schema.version(engine)
            if found is None or sqlite_file(settings.database_url) is not None:
                schema.migrate(settings.database_url)
            elif found != schema.newest():
                raise Misconfigured(
                    "The database is not of this program's version. Stop every OMS and run: aisle oms migrate"
                )
            restored.watch(engine, settings.marker_path, now or utc_now())
        finally:
            engine.dispose()


@contextlib.contextmanager
def reachable(url: str) -> Iterator[None]:
    """Say in plain words what is wrong with the database. Raises Misconfigured or Unreachable."""
    shown = read_url(url).render_as_string(hide_password=True)
    try:
        yield
    except DatabaseTimeout as error:
        raise Unreachable(f"The database {shown} does not answer") from error
    except DBAPIError as error:
        why = str(error.orig).splitlines()[0] if error.orig else type(error).__name__
        if sqlite_file(url) is not None and "locked" not in why:
            raise Misconfigured(f"The database file {shown} cannot be used: {why}.") from error
        raise Unreachable(f"The database {shown} does not answer: {why}") from error
    except OSError as error:
        raise Misconfigured(f"The database {shown} cannot be used: {error.strerror}.") from error


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(
        family, socket.SOCK_STREAM, socket.IPPROTO_TCP
    )  # or asyncio sets no TCP_NODELAY
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(2048)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise Misconfigured(
                f"Port {port} is in use. Stop what uses it, or choose another with --port (0: a free one)."
            ) from error
        raise Misconfigured(f"Cannot listen on {host} port {port}: {error.strerror}.") from error
    return listening


def url_of(settings: OmsSettings, listening: socket.socket) -> str:
    """Where devices reach us."""
    host, port = listening.getsockname()[:2]
    scheme = "https" if settings.tls_certificate else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def _broker(settings: OmsSettings) -> Path | str:
    return settings.data_dir / "broker" if settings.broker == EMBEDDED else settings.broker


def _database_check(reader: Engine) -> Callable[[], Awaitable[bool]]:
    def ask() -> bool:
        try:
            with reader.connect() as connection:
                return (
                    connection.execute(select(col(Meta.value)).where(col(Meta.name) == "epoch")).first()
                    is not None
                )
        except (DBAPIError, DatabaseTimeout):
            return False

    return lambda: asyncio.to_thread(ask)


def _broker_check(bus: EventBus) -> Callable[[], Awaitable[bool]]:
    async def ask() -> bool:
        return bus.ready()

    return ask
