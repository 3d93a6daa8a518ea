"""A camera's frames turned into accepted codes, without ever holding up the screen.

When nothing could be read for a second although there is something to see, a proposer is asked which product it may
be. It works beside the reading, in a thread of its own, and its answer is only ever a question to a person.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from kiosk.scanner.accept import Acceptance
from kiosk.scanner.read import read_codes
from kiosk.scanner.reading import Corners, Picture, Reading
from kiosk.scanner.sources import Frame
from retail.gtin import Gtin

UNREAD_SECONDS = 1.0  # before the proposer is asked at all
PROPOSING_SECONDS = 0.5  # between two frames that it is asked about


class Proposal(Protocol):
    """Which product bars may be that nobody could read: ask "is it this one?", never take it as read."""

    @property
    def gtin(self) -> Gtin: ...
    @property
    def corners(self) -> Corners: ...


class Proposer(Protocol):
    """Compares bars with the products that this store knows, over the frames of one showing."""

    def offer(self, picture: Picture) -> Proposal | None:
        """Take one more frame in and say what it may be; None when that is not clear, or no bars are there."""
        ...

    def reset(self) -> None:
        """Forget the frames so far: something was read, or something else is shown."""
        ...


Frames: TypeAlias = AsyncIterator[Frame]
"""Where frames come from: a ``sources.Camera``, or the browser's."""


@dataclass(frozen=True, slots=True)
class Look:
    """One frame with the codes on it. ``accepted`` are those that count now; each comes once.

    ``proposal`` is what unreadable bars may be; it stays until something is read, it goes dark or the bars go.
    """

    frame: Frame
    readings: tuple[Reading, ...]
    accepted: tuple[Reading, ...]
    proposal: Proposal | None = None

    @property
    def several(self) -> bool:
        """Whether different products are held up at once: ask which of ``accepted`` is meant, take none of them."""
        return len(self.accepted) > 1


async def looks(
    camera: Frames, acceptance: Acceptance | None = None, proposer: Proposer | None = None
) -> AsyncGenerator[Look, None]:
    """Yield a look at each frame that there is time for; reading is done in a thread.

    Ends when the camera's block is left. A black frame is not searched for codes. ``proposer`` is used by one
    iteration at a time and is left as it was made.

    Raises:
        CameraLost: the camera gives no pictures (any more).
    """
    decides = acceptance or Acceptance()
    guesses = _Guessing(proposer)
    async with aclosing(guesses):
        async for frame in camera:
            readings = [] if frame.black else await asyncio.to_thread(read_codes, frame.image)
            accepted = decides.offer(readings, frame.at)
            proposal = guesses.after(frame, read=bool(readings))
            yield Look(frame, tuple(readings), tuple(accepted), proposal)


class _Guessing:
    """When to ask the proposer, and how long its answer holds."""

    def __init__(self, proposer: Proposer | None) -> None:
        self._proposer = proposer
        self._unread_since: float | None = None
        self._asked = float("-inf")
        self._answer: asyncio.Task[Proposal | None] | None = None
        self._outdated = False  # the answer that is being worked on: something was read meanwhile
        self._proposal: Proposal | None = None

    def after(self, frame: Frame, *, read: bool) -> Proposal | None:
        """What to propose now that ``frame`` was looked at; never waits for the proposer."""
        if self._proposer is None:
            return None
        if self._answer is not None and self._answer.done():
            proposal, self._answer = self._answer.result(), None
            if self._outdated:
                self._outdated = False
                self._proposer.reset()
            else:
                self._proposal = proposal
        if read or frame.black:
            self._forget(self._proposer)
            return None
        if self._unread_since is None:
            self._unread_since = frame.at
        waited = frame.at - self._unread_since >= UNREAD_SECONDS
        if waited and self._answer is None and frame.at - self._asked >= PROPOSING_SECONDS:
            self._asked = frame.at
            self._answer = asyncio.create_task(asyncio.to_thread(self._proposer.offer, frame.image))
        return self._proposal

    def _forget(self, proposer: Proposer) -> None:
        if self._answer is not None:
            self._outdated = True
        elif self._unread_since is not None:
            proposer.reset()
        self._unread_since = self._proposal = None

    async def aclose(self) -> None:
        """Wait for the last answer, as a thread cannot be called back."""
        if self._answer is not None:
            await asyncio.wait({self._answer})
            self._answer.exception()
        if self._proposer is not None:
            self._proposer.reset()
