"""Codes and what they led to: one that was scanned, several held up at once, and a guess at one nobody could read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import flet as ft

from kiosk.components.keypad import pressed
from kiosk.device import Device
from kiosk.scanner.reading import Reading
from kiosk.screens.scan_typed import MOST, spaced
from kiosk.strings import code_trouble
from retail.codes import LONGEST, Code, UnreadableCode, own_code, read_code
from retail.errors import AisleError
from retail.gtin import Gtin, InvalidGtin
from sync.device import Found


@dataclass(frozen=True, slots=True)
class Asked:
    """What the route asks for. ``typing``: the keys, whether or not there is a camera."""

    code: str = ""
    sku: str = ""
    typing: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A product to choose. ``number`` is that of its tag among those in view, from 1; None for a code by itself."""

    found: Found
    number: int | None = None


@dataclass(eq=False)
class ScanState(ft.Observable):
    """A code and what it led to. ``trouble`` is why it could not be read; ``typed`` what is on the keys so far.

    ``held`` are the codes of several tags that are in view together, as they were read. ``guess`` is the product
    that unreadable bars may belong to.
    """

    device: Device
    phase: Literal["idle", "asking", "found", "several", "unknown", "wrong", "failed"] = "idle"
    found: tuple[Found, ...] = ()
    choices: tuple[Choice, ...] = ()
    held: tuple[Reading, ...] = ()
    guess: Found | None = None
    typed: str = ""
    trouble: str = ""
    shown: str = ""

    async def look_up(self, asked: Asked, language: str) -> None:
        """Find what the route asks for. It is cancelled when the next code comes, so no answer is late."""
        self.clear()
        if not (asked.code or asked.sku):
            return
        wrong: InvalidGtin | None = None
        try:
            code = read_code(asked.code) if asked.code else Code(asked.sku[:LONGEST], None, "sku")
        except InvalidGtin as error:
            code, wrong = own_code(asked.code), error
        except UnreadableCode as error:
            self.trouble, self.phase = code_trouble(language, error), "wrong"
            return
        self.shown = spaced(code.gtin.short) if code.gtin else code.text
        self.phase = "asking"
        found = await self._ask(code)
        self.found = found or ()
        self.choices = tuple(Choice(each) for each in self.found)
        if wrong is not None and not found:
            self.trouble, self.phase = code_trouble(language, wrong), "wrong"
        elif found is None:
            self.phase = "failed"
        else:
            self.phase = "found" if len(found) == 1 else "several" if found else "unknown"

    async def compare(self, held: Sequence[Reading]) -> Reading | None:
        """Find what each of ``held`` leads to; the one to take when there is nothing to choose between."""
        self.phase, self.choices = "asking", ()
        answers = await asyncio.gather(*(self._ask(_code(each)) for each in held))
        choices: dict[tuple[str, Gtin], Choice] = {}
        for number, answer in enumerate(answers, 1):
            for found in answer or ():
                choices.setdefault((found.listing.product.id, found.gtin), Choice(found, number))
        if len(choices) > 1:
            self.choices, self.phase = tuple(choices.values()), "several"
            return None
        for choice in choices.values():
            return held[(choice.number or 1) - 1]
        return held[0]

    async def suppose(self, gtin: Gtin | None) -> None:
        """Find the product to ask about; None for none. What the catalogue does not know any more is not asked."""
        self.guess = None
        if gtin is not None:
            found = await self._ask(Code(gtin, gtin, "gtin"))
            self.guess = found[0] if found else None

    async def _ask(self, code: Code) -> tuple[Found, ...] | None:
        """What the device answers; None when it could not look."""
        try:
            return await self.device.by_code(code)
        except AisleError:
            return None

    def hold(self, held: Sequence[Reading]) -> None:
        """Several tags are in view: the screen is to ask which is meant."""
        self.held, self.phase = tuple(held), "asking"

    def clear(self) -> None:
        """As if nothing had been scanned."""
        self.typed = self.trouble = ""
        self.found, self.choices, self.held, self.guess = (), (), (), None
        self.phase = "idle"

    def press(self, key: str) -> None:
        """One key more or less."""
        if key.isdecimal() or len(key) > 1:
            self.typed, self.trouble = pressed(self.typed, key, longest=MOST), ""

    async def check(self, language: str) -> str | None:
        """What is typed if it is a product number or known here; else None, and ``trouble`` says what is wrong."""
        typed = self.typed
        try:
            Gtin.parse(typed)
        except InvalidGtin as error:
            if await self._ask(own_code(typed)):
                return typed
            if self.typed == typed:
                self.trouble = code_trouble(language, error)
            return None
        return typed


def readable(readings: Sequence[Reading]) -> list[Reading]:
    """Those of ``readings`` whose text is a code."""
    return [each for each in readings if _is_code(each)]


def _is_code(reading: Reading) -> bool:
    try:
        _code(reading)
    except (InvalidGtin, UnreadableCode):
        return False
    return True


def _code(reading: Reading) -> Code:
    return read_code(reading.text, reading.symbology)
