"""Single ordeals that random kills would meet too seldom: each is one story, told by its outcome.

An ordeal returns None when the product holds, or one sentence about what went wrong. Each runs in a process of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import httpx

from partners.contract import Cancelled, Capabilities, LineAnswer, Placed
from partners.http import DEADLINE, HttpClient
from partners.memory.adapter import MemoryPartner
from retail.errors import AisleError, Rejected, Unreachable
from retail.money import Money
from retail.offer import Offer
from retail.order import Order, PartnerLine, PartnerOrder, Payment
from retail.status import LineStatus, PartnerOrderState, Shipment
from sync import client, clock
from sync.associates import Associates
from sync.client import REFRESH, OmsClient, http_client
from sync.facts import Facts, Identity
from sync.queue import OrderQueue
from sync.store import engine as store
from sync.store.schema import migrate
from sync.worker import PlacingWorker
from tests.loop_time import go_by, until_idle
from tests.torture.life import customer_for, quote_for

KEY = b"o" * 32


@dataclass
class Scripted:
    """A partner that does as it is told: what ``place`` raises or changes, what ``status`` says each time."""

    partner_id: str = "north"
    capabilities: Capabilities = field(default_factory=lambda: Capabilities("A"))
    placing: Callable[[Placed], Placed] = lambda placed: placed
    news: list[Callable[[Placed], Placed]] = field(default_factory=list)
    asked: int = 0
    booked: Placed | None = None

    async def place(self, order: PartnerOrder) -> Placed:
        """Book everything, changed as told."""
        self.asked += 1
        lines = tuple(LineAnswer(line.line, line.quantity) for line in order.lines)
        self.booked = self.placing(Placed("P-1", lines, order.total))
        return self.booked

    async def look_up(self, key: str) -> Placed | None:
        """What was booked."""
        return self.booked

    async def status(self, reference: str, lines: Sequence[PartnerLine]) -> Placed:
        """The next news, then no more."""
        assert self.booked is not None
        return self.news.pop(0)(self.booked) if self.news else self.booked

    async def cancel(self, reference: str) -> Cancelled:
        """Never."""
        return Cancelled(False, "too late")


def some_offers() -> list[Offer]:
    """A few things to buy, all at the partner ``north``."""
    page = asyncio.run(MemoryPartner().search("", limit=100))
    return [replace(offer, partner="north") for offer in page.offers if offer.available > 3]


async def _steps(folder: Path, partner: Scripted, steps: int) -> PartnerOrderState:
    """One order for ``partner`` in a store of its own, after so many steps of the worker; its state then."""
    engine = store.open_engine(folder / "orders.db", KEY)
    migrate(engine)
    queue = OrderQueue(engine)
    quote = quote_for(1, [(await asyncio.to_thread(some_offers))[0]])

    def make(number: str) -> Order:
        paid = (Payment("till", "T-1", quote.total),)
        customer = customer_for(1)
        return Order(
            quote.id,
            number,
            "device",
            "s",
            clock.now(),
            customer,
            quote.lines,
            quote.shipping,
            paid,
            quote.total,
        )

    queue.place(quote.id, make, "T", {})
    worker = PlacingWorker(
        queue, {"north": partner}, "device", now=clock.now, steady=clock.steady, follow_seconds=0.001
    )
    for _ in range(steps):
        queue.hurry()
        if claim := await worker._claim():
            await worker._work(claim)
    found = queue.order(quote.id)
    assert found is not None
    return found.states[0]


async def late_news(folder: Path) -> str | None:
    """A partner's server answers with yesterday's state after it has told today's."""

    def shipped(placed: Placed) -> Placed:
        line = placed.lines[0]
        parcel = Shipment("1", ((line.line, line.accepted),), "DHL", "JD01", datetime.now(UTC))
        return replace(placed, state="shipped", shipments=(parcel,))

    state = await _steps(folder, Scripted(news=[shipped, lambda placed: placed]), 3)
    if state.status() is not LineStatus.SHIPPED or not state.shipments:
        return f"a shipped order went back to {state.status().value}"
    return None


async def another_currency(folder: Path) -> str | None:
    """A partner books the right number in the wrong money."""
    partner = Scripted(placing=lambda placed: replace(placed, total=Money(placed.total.minor, "USD")))
    state = await _steps(folder, partner, 1)
    return (
        None
        if state.status() is LineStatus.NEEDS_PERSON
        else f"booked in dollars and called {state.status().value}"
    )


async def refused(folder: Path) -> str | None:
    """A partner says no; it must not be asked again."""

    def no(placed: Placed) -> Placed:
        raise Rejected("sold_out")

    partner = Scripted(placing=no)
    state = await _steps(folder, partner, 4)
    if partner.asked != 1 or state.status() is not LineStatus.REJECTED:
        return f"refused once, asked {partner.asked} times, {state.status().value}"
    return None


async def silence(folder: Path) -> str | None:
    """A partner takes the request and never answers."""
    heard = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await reader.readline()
            heard.set()
            await reader.read()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    http = HttpClient(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    asking = asyncio.create_task(http.request("GET", "/"))
    try:
        await heard.wait()
        go_by(DEADLINE + 1)
        await until_idle(1000)
        if not asking.done():
            return f"still waiting after {DEADLINE + 1:.0f} s for a partner that never answers"
        await asking
    except Unreachable:
        return None
    finally:
        asking.cancel()
        await http.aclose()
        server.close()
    return "a silent partner was taken for one that answers"


class _Keys:
    """A keystore that knows one token."""

    def get(self, name: str) -> str | None:
        """The refresh token."""
        return "refresh" if name == REFRESH else None

    def set(self, name: str, value: str) -> None:
        """Nothing to keep."""

    def add(self, name: str, value: str) -> str:
        """What is there already."""
        return value

    def delete(self, name: str) -> None:
        """Nothing to forget."""

    def explain(self) -> str:
        """Nothing to say."""
        return ""


PEOPLE = ("ada", "ben", "cleo", "dora", "emil")


def _oms(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/v1/token":
        return httpx.Response(200, json={"access_token": "a", "expires_in": 900, "refresh_token": "refresh"})
    start = int(request.url.params["cursor"])
    body = {"name": "N", "password_hash": "x", "role": "associate", "active": True, "version": 1}
    changes = [
        {"sequence": index, "kind": "associate", "body": {"user": user, **body}}
        for index, user in enumerate(PEOPLE, 1)
        if index > start
    ]
    return httpx.Response(200, json={"epoch": "e", "changes": changes, "cursor": len(PEOPLE), "more": False})


async def killed_between_changes(folder: Path) -> str | None:
    """The plug is pulled while the third of five changes is applied."""
    engine = store.open_engine(folder / "orders.db", KEY)
    migrate(engine)
    facts = Facts(engine)
    facts.become(Identity("d", "n", "T", "s", "e", 0))
    engine.dispose()
    child = os.fork()
    if child == 0:
        apply_one = client._apply_one

        def die_at_third(connection: object, facts: object, change: object) -> None:
            if getattr(change, "sequence", 0) == 3:
                os.kill(os.getpid(), signal.SIGKILL)
            apply_one(connection, facts, change)  # type: ignore[arg-type]

        client._apply_one = die_at_third
        try:
            asyncio.new_event_loop().run_until_complete(_take(folder))
        finally:
            os._exit(1)
    _, status = await asyncio.to_thread(os.waitpid, child, 0)
    if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
        return "the kill did not happen"
    known = await _take(folder)
    return None if known == len(PEOPLE) else f"{known} of {len(PEOPLE)} changes arrived"


async def _take(folder: Path) -> int:
    engine = store.open_engine(folder / "orders.db", KEY)
    queue = OrderQueue(engine)
    http = http_client("http://oms.test", httpx.MockTransport(_oms))
    oms = OmsClient(http, engine, queue, Facts(engine), _Keys(), clock.steady)
    await oms.take_changes()
    return Associates(engine).count()


async def killed_while_sending(folder: Path) -> str | None:
    """The plug is pulled before the partner has heard anything; afterwards nobody may believe that it was placed."""

    def die(placed: Placed) -> Placed:
        os.kill(os.getpid(), signal.SIGKILL)
        return placed

    child = os.fork()
    if child == 0:
        try:
            asyncio.new_event_loop().run_until_complete(_steps(folder, Scripted(placing=die), 1))
        finally:
            os._exit(1)
    _, status = await asyncio.to_thread(os.waitpid, child, 0)
    if not (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL):
        return "the kill did not happen"
    record = OrderQueue(store.open_engine(folder / "orders.db", KEY)).orders()[0]
    found = record.states[0].status()
    return None if found is LineStatus.PLACING else f"never sent, but {found.value}"


async def forged_role(folder: Path) -> str | None:
    """A browser tells the page that a manager is signed in, and asks for the staff's own screen."""
    from tests.kiosk.driver import open_tab
    from tests.kiosk.fake_device import FakeDevice

    async with open_tab(FakeDevice(), "/") as tab:
        tab.forge(data={"user": "mallory", "name": "Mallory", "role": "manager"})
        await tab.go("/staff/home")
        shown = tab.words()
    return None if "Only for staff" in shown else f"a forged manager saw: {', '.join(shown[:6])}"


ORDEALS = (
    late_news,
    another_currency,
    refused,
    silence,
    killed_between_changes,
    killed_while_sending,
    forged_role,
)


def warm_up(folder: Path) -> None:
    """Place one order in this process, so that whoever is forked from it starts with warm caches."""
    folder.mkdir()
    asyncio.run(_steps(folder, Scripted(), 2))


def suffer(folder: Path, plant: Callable[[], None] | None, only: str | None = None) -> dict[str, str | None]:
    """Every ordeal (or ``only`` one), each in a fork of this process with ``plant`` in it; what went wrong, by name."""
    found: dict[str, str | None] = {}
    for ordeal in [one for one in ORDEALS if only in (None, one.__name__)]:
        place = folder / ordeal.__name__
        place.mkdir()
        end, start = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(end)
            said: str | None = "ended without a word"
            try:
                if plant:
                    plant()
                said = asyncio.run(ordeal(place))
            except AisleError as error:
                said = f"{type(error).__name__}: {error}"
            finally:
                os.write(start, json.dumps(said).encode())
                os._exit(0)
        os.close(start)
        with os.fdopen(end, "rb") as pipe:
            answer = pipe.read()
        os.waitpid(child, 0)
        found[ordeal.__name__] = json.loads(answer or b'"ended without a word"')
    return found
