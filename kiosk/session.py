"""One visit at one screen: what the customer has chosen and typed so far, and who is signed in.

A session is made for each browser tab and closed over by its handlers. Nothing of it lies on a Flet object,
because a client can set any property of those; and each thing that redraws on its own is observable on its own.
"""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

import flet as ft

from kiosk.assortment import Assortment
from kiosk.device import Device
from kiosk.guard import report
from kiosk.idle import Idle
from kiosk.keys import meaning
from kiosk.scanner.router import Router, Source
from kiosk.strings import LANGUAGES, code_trouble
from kiosk.tries import Tries
from retail.cart import Cart, Quote
from retail.codes import Code, UnreadableCode, own_code
from retail.errors import AisleError
from retail.gtin import InvalidGtin
from retail.offer import Offer
from sync.catalogue import EVERYTHING, Filters

if TYPE_CHECKING:
    from sync.associates import Associate

ENTER_SECONDS = 0.15  # after a hand scanner's last key, in which that key also presses whatever has the focus


@dataclass(eq=False)
class Look(ft.Observable):
    """What the whole screen depends on. Only the shell listens to it.

    ``notice`` is one sentence that says why the last touch or scan led nowhere. ``visit`` counts resets: it is part of every screen's key, so that nothing typed survives one.
    """

    route: str = "/"
    width: float = 1280
    height: float = 800
    dark: bool = False
    language: str = "en"
    offline: bool = False
    notice: str = ""
    visit: int = 0


@dataclass(eq=False)
class CartState(ft.Observable):
    """The cart, and the one before the last change so that it can be undone."""

    cart: Cart = field(default_factory=Cart)
    before: Cart | None = None

    def add(self, offer: Offer, quantity: int = 1) -> None:
        """Put ``quantity`` more of ``offer`` in. Raises ValueError with a sentence for people (sold out, full)."""
        self._become(self.cart.add(offer, quantity))

    def change(self, index: int, quantity: int) -> None:
        """Set the quantity of line ``index``; 0 removes it, too many becomes the limit."""
        self._become(self.cart.change(index, quantity))

    def replace(self, cart: Cart) -> None:
        """Take ``cart`` over, as after an agreed price."""
        self._become(cart)

    def undo(self) -> None:
        """Go back before the last change; nothing when there is none."""
        if self.before is not None:
            self.cart, self.before = self.before, None

    def clear(self) -> None:
        """Empty, with nothing to undo."""
        self.cart, self.before = Cart(), None

    def _become(self, cart: Cart) -> None:
        self.before = self.cart
        self.cart = cart


@dataclass(eq=False)
class Draft:
    """What was typed into the customer form so far, by field name. Plain: nothing redraws while somebody types."""

    values: dict[str, str] = field(default_factory=dict)
    last: str = ""

    def get(self, name: str) -> str:
        """The text of field ``name``, "" at first."""
        return self.values.get(name, "")

    def put(self, name: str, text: str) -> None:
        """Keep ``text`` for field ``name``."""
        self.values[name] = text
        self.last = name

    def take_out(self, burst: str) -> None:
        """Take a scan out of the field that it fell into."""
        text = self.get(self.last)
        if burst and text.endswith(burst):
            self.values[self.last] = text.removesuffix(burst)


@dataclass(eq=False)
class Sought:
    """What was searched for last, so that the way back from a product leads to the same results. Plain, as Draft."""

    text: str = ""
    filters: Filters = EVERYTHING
    pages: int = 1

    def clean(self) -> bool:
        """Whether nothing is asked for."""
        return not self.text and self.filters == EVERYTHING

    def take_out(self, burst: str) -> None:
        """Take a scan out of the words that it fell into."""
        if burst:
            self.text = self.text.removesuffix(burst)


class Session:
    """Everything of one visit. ``associate`` is None for a customer; screens for staff need one.

    ``assortment`` is what the device's catalogue knows, shared by its windows.
    """

    def __init__(self, device: Device, *, language: str = "en", assortment: Assortment | None = None) -> None:
        self.device = device
        self.assortment = assortment or Assortment(device)
        self.home_language = language if language in LANGUAGES else "en"
        self.look = Look(language=self.home_language)
        self.cart = CartState()
        self.idle = Idle()
        self.draft = Draft()
        self.sought = Sought()
        self.router = Router(self._scanned)
        self.tries = Tries()
        self.quote: Quote | None = None
        self.order: str | None = None
        self.associate: Associate | None = None
        self.navigate: Callable[[str], None] = lambda route: setattr(self.look, "route", route)
        self.dress: Callable[[], None] = lambda: None
        self.steady: Callable[[], float] = time.monotonic
        self._scan_ended = float("-inf")
        self._keys: list[Callable[[str], None]] = []
        self._doubt: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._ends: set[Callable[[], None]] = set()
        self._closed = False

    def go(self, route: str) -> None:
        """Open ``route`` ("/cart"). A route for staff shows the sign-in to everybody else."""
        self._end_doubt()
        self.look.notice = ""
        self.navigate(route)

    def speak(self, language: str) -> None:
        """Change the language of this visit. Raises ValueError for one that is not offered."""
        if language not in LANGUAGES:
            raise ValueError(f"no such language: {language!r}")
        self.look.language = language
        self.dress()

    def darken(self, dark: bool) -> None:
        """Change to the dark theme or back."""
        self.look.dark = dark
        self.dress()

    def trouble(self) -> None:
        """Say calmly that the last touch did not work."""
        self.look.notice = "That did not work. Please try again, or ask an associate."

    def touch(self) -> bool:
        """Somebody is here; False when what was pressed was pressed by the Enter key that ends a hand scanner's burst."""
        self.idle.touch()
        return self.steady() - self._scan_ended >= ENTER_SECONDS

    def scan(self, text: str, source: Source, now: float, symbology: str | None = None) -> None:
        """Open what a code leads to, from whatever screen. The same code within 1.5 s of ``now`` is ignored.

        ``symbology`` is the kind of bars when a camera read it.
        """
        if source == "wedge":
            self._scan_ended = now
        try:
            self._end_doubt()
            self.router.route(text, source, now, symbology)
        except InvalidGtin as error:
            self._doubt = self.start(self._own_or_wrong(own_code(text), error))
        except UnreadableCode as error:
            self.look.notice = code_trouble(self.look.language, error)

    async def _own_or_wrong(self, code: Code, error: InvalidGtin) -> None:
        """Open what this store knows a wrong product number as, else say what is wrong with it."""
        try:
            found = await self.device.by_code(code)
        except AisleError:
            found = ()
        self._doubt = None
        if found:
            self.go(f"/scan?code={quote(code.text, safe='')}")
        else:
            self.look.notice = code_trouble(self.look.language, error)

    def _end_doubt(self) -> None:
        if self._doubt is not None:
            self._doubt.cancel()
            self._doubt = None

    def _scanned(self, code: Code, source: Source) -> None:
        if code.gtin is None and self._has_order(code.text):
            self.go(f"/orders?number={quote(code.text, safe='')}")
            return
        # Digits are shown as they were read only where they are a store's own number: 8 of those in a Code 128
        # would be a mistyped GTIN if they were read a second time. What may be several numbers is read again.
        shown = code.text if code.also else code.gtin
        self.go(f"/scan?{'code' if shown else 'sku'}={quote(shown or code.text, safe='')}")

    def _has_order(self, number: str) -> bool:
        try:
            return self.device.order(number) is not None
        except AisleError:  # it cannot be read now; the look-up will say so
            return True

    def take_out(self, burst: str) -> None:
        """Take a hand scanner's keys out of whatever field they fell into."""
        self.draft.take_out(burst)
        self.sought.take_out(burst)

    def key(self, label: str) -> None:
        """Hand a key of a real keyboard to the screen that has keys of its own on it, if one is shown."""
        key = meaning(label)
        if key is not None and self._keys:
            self._keys[-1](key)

    def hear_keys(self, hear: Callable[[str], None]) -> Callable[[], None]:
        """Call ``hear(key)`` for keys of a real keyboard, as our own keys on the screen do; the answer ends it."""
        self._keys.append(hear)

        def end() -> None:
            if hear in self._keys:
                self._keys.remove(hear)

        return end

    def clean(self) -> bool:
        """Whether there is nothing that the next person must not see."""
        return (
            not self.cart.cart.lines
            and not any(self.draft.values.values())
            and self.sought.clean()
            and self.quote is None
            and self.order is None
            and self.associate is None
            and self.look.language == self.home_language
        )

    def wipe(self) -> None:
        """Forget everything of this visit: cart, form, quote, order, sign-in, language, what screens had typed."""
        self._end_doubt()
        self.cart.clear()
        self.draft = Draft()
        self.sought = Sought()
        self.quote = self.order = self.associate = None
        self.look.language = self.home_language
        self.look.notice = ""
        self.router.reset()
        self.look.visit += 1
        self.idle.fresh()
        self.dress()

    def reset(self) -> None:
        """Wipe and show the idle screen: the next customer's first sight."""
        self.wipe()
        self.go("/")

    def start(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Run ``work`` beside the screens until it ends, is cancelled, or the session closes. Failing is logged."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        if self._closed:  # a screen that was drawn once more while its window went
            task.cancel()
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            report("background work failed", error, part=task.get_name())

    def watch(self, hear: Callable[[str], None]) -> Callable[[], None]:
        """Call ``hear(topic)`` when the device has news; the answer ends it, as does closing.

        ``hear`` runs as if this session's own event had called it, so it may change observables.
        """
        if self._closed:
            return lambda: None
        context = contextvars.copy_context()
        stop = self.device.watch(lambda topic: context.copy().run(hear, topic))

        def end() -> None:
            self._ends.discard(end)
            stop()

        self._ends.add(end)
        return end

    def close(self) -> None:
        """End everything that runs for this session, and forget the customer. Idempotent."""
        self._closed = True
        for task in tuple(self._tasks):
            task.cancel()
        for end in tuple(self._ends):
            end()
        self.wipe()
