"""The placing worker: takes partner orders from the queue, places or follows them, records what happened.

Several workers, in one process or many, may work on one queue: a row belongs to whoever holds its claim.
A partner that does not answer is left alone for a moment, the others do not feel it; when it answers again
everything that waits for it is due at once.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog

from partners import placing
from partners.contract import Ordering, Placed
from partners.placing import Booked, NeedsConsent, NeedsPerson, NotSent, NotThere, Outcome, Refused, Unknown
from retail.errors import AisleError
from sync import workers
from sync.queue import Claim, OrderQueue
from sync.store.engine import StoreUnavailable

AT_ONCE = 4  # at one partner; each partner has places of its own, so that a slow one holds up nobody else
PAUSES = (1.0, 2.0, 4.0)  # seconds that a partner which does not answer is left alone, the last one for ever
BURY = 3.0  # seconds between looks for claims of dead workers
LOOK = 0.5  # seconds between looks for work that another process queued
LATER = timedelta(seconds=30)  # until a partner that is not known here is looked for again
T = TypeVar("T")
log = structlog.get_logger("sync.worker")


class PlacingWorker:
    """Works on the partner orders of ``owner``. ``now`` is the wall clock, ``steady`` one that never jumps.

    ``changed(order_id)`` is called on the event loop after every committed step.
    """

    def __init__(
        self,
        queue: OrderQueue,
        partners: Mapping[str, Ordering],
        owner: str,
        *,
        now: Callable[[], datetime],
        steady: Callable[[], float],
        follow_seconds: float = 300.0,
        changed: Callable[[str], None] = lambda order_id: None,
    ) -> None:
        self.queue, self.partners, self.owner = queue, partners, owner
        self._now, self._steady, self._changed = now, steady, changed
        self._follow = follow_seconds
        self._down: dict[str, float] = {}  # by partner: 0 while it answers, else when it is tried again
        self._failures: Counter[str] = Counter()
        self._wake = asyncio.Event()
        self._busy: Counter[str] = Counter()
        self._bury_at = 0.0

    def wake(self) -> None:
        """There is something to do now."""
        self._wake.set()

    def partner_is_up(self, partner: str) -> bool | None:
        """Whether ``partner`` answered at the last try; None when it was never asked."""
        return None if partner not in self._down else self._down[partner] == 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set; what is being sent is finished and recorded first."""
        running: set[asyncio.Task[None]] = set()
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                self._wake.clear()
                await self._bury()
                while not stop.is_set() and (claim := await self._claim()):
                    running.add(asyncio.create_task(self._work(claim)))
                waking = asyncio.create_task(self._wake.wait())
                done, _ = await asyncio.wait(
                    {stopping, waking, *running}, timeout=LOOK, return_when=asyncio.FIRST_COMPLETED
                )
                waking.cancel()
                running -= done
        finally:
            stopping.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*running)

    async def drain(self) -> int:
        """Work until nothing is due any more; how many steps were taken."""
        steps, running = 0, set[asyncio.Task[None]]()
        await self._bury()
        while True:
            while claim := await self._claim():
                running.add(asyncio.create_task(self._work(claim)))
                steps += 1
            if not running:
                return steps
            _, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)

    async def _bury(self) -> None:
        """Every few seconds, take over from workers that died: a restart goes on at once, without waiting for leases."""
        steady = self._steady()
        if steady >= self._bury_at:
            self._bury_at = steady + BURY
            with suppress(StoreUnavailable):
                await asyncio.to_thread(self.queue.release_dead, workers.alive)

    async def _claim(self) -> Claim | None:
        steady = self._steady()
        skip = {partner for partner, until in self._down.items() if until > steady}
        # One order is enough to find out whether a partner is back.
        skip |= {
            partner
            for partner, places in self._busy.items()
            if places >= (1 if self._down.get(partner) else AT_ONCE)
        }
        try:
            claim = await asyncio.to_thread(
                self.queue.claim, workers.token(), self._now(), steady, owner=self.owner, skip=sorted(skip)
            )
        except StoreUnavailable as error:
            log.error("the store cannot be written", why=str(error))
            return None
        if claim is not None:
            self._busy[claim.order.partner] += 1
        return claim

    async def _work(self, claim: Claim) -> None:
        ordering = self.partners.get(claim.order.partner)
        try:
            if ordering is None:
                await asyncio.to_thread(self.queue.release, claim, self._now() + LATER)
            elif claim.mode == "follow":
                await self._follow_up(claim, ordering)
            else:
                await self._place(claim, ordering)
        except StoreUnavailable as error:  # what was sent is found out again when the lease has ended
            log.error("the store cannot be written", why=str(error), key=claim.order.key)
        finally:
            self._busy[claim.order.partner] -= 1
        self._changed(claim.order.order)

    async def _guarded(self, claim: Claim, asking: Coroutine[Any, Any, T]) -> T | None:
        """What ``asking`` a partner comes to; None after a bug in the program, which must neither lose nor loop an order."""
        try:
            return await asking
        except Exception:
            log.exception("the program failed", key=claim.order.key, partner=claim.order.partner)
            return None

    async def _place(self, claim: Claim, ordering: Ordering) -> None:
        step = placing.next_step(ordering.capabilities, claim.sent, self._now())
        outcome: Outcome
        if isinstance(step, NeedsPerson):
            outcome = step
        else:
            if step == "send":
                sending = await asyncio.to_thread(self.queue.about_to_send, claim, self._now())
                if sending is None:
                    return
                claim = sending
                asking = placing.send(ordering, claim.order)
            else:
                asking = placing.ask(ordering, claim.order, claim.sent, self._now())
            outcome = await self._guarded(claim, asking) or NeedsPerson(
                "program_error", "Something went wrong in this program while placing it."
            )
        back = self._notice(claim.order.partner, outcome)
        state = await asyncio.to_thread(
            self.queue.record, claim, outcome, self._now(), follow_after=self._follow
        )
        log.info(
            "partner order",
            key=claim.order.key,
            partner=claim.order.partner,
            outcome=type(outcome).__name__,
            status=state.status().value if state else "claim lost",
        )
        if back:
            await asyncio.to_thread(self.queue.hurry, claim.order.partner)

    def _notice(self, partner: str, outcome: Outcome) -> bool:
        """Remember whether ``partner`` answers; whether it does again after it did not."""
        was_down = self._down.get(partner, 0.0) > 0.0
        pause = PAUSES[min(self._failures[partner], len(PAUSES) - 1)]
        match outcome:
            case NotSent("rate_limited", asked) | Unknown("rate_limited", asked):
                self._down[partner] = self._steady() + max(PAUSES[0], asked)
            case NotSent() | Unknown("no_answer" | "cannot_ask"):
                self._failures[partner] += 1
                self._down[partner] = self._steady() + pause
            case Booked() | Refused() | NeedsConsent() | NotThere() | Unknown("not_there_yet"):
                self._failures[partner] = 0
                self._down[partner] = 0.0
                return was_down
        return False

    async def _follow_up(self, claim: Claim, ordering: Ordering) -> None:
        placed = await self._guarded(claim, self._status(claim, ordering))
        if placed is None:
            await asyncio.to_thread(self.queue.release, claim, self._now() + timedelta(seconds=self._follow))
            return
        await asyncio.to_thread(self.queue.record_news, claim, placed, self._now(), follow_after=self._follow)

    async def _status(self, claim: Claim, ordering: Ordering) -> Placed | None:
        try:
            async with asyncio.timeout(placing.DEADLINE):
                return await ordering.status(claim.state.reference or "", claim.order.lines)
        except (AisleError, TimeoutError) as error:
            log.info("partner order not followed", key=claim.order.key, why=type(error).__name__)
            return None
