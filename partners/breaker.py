"""A circuit breaker: a partner that does not answer is left alone for a while, at no cost to anybody.

closed --5 failures in a row within a minute--> open --4 s--> one attempt --ok--> closed
                                                  ^                 |
                                                  '-----fails-------'
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from retail.errors import AisleError, Unreachable

FAILURES = 5
WITHIN = 60.0  # seconds
REST = 4.0  # seconds; so that what waited for the network is placed within ten seconds of its return


class Breaker:
    """Counts what happens to attempts; ``clock`` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: deque[float] = deque(maxlen=FAILURES)
        self._open_until: float | None = None
        self._trying = False

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """Hold one attempt, to be left with its outcome.

        Raises Unreachable(sent=False) at once while the breaker is open. Only Unreachable is a
        failure; any other answer, a refusal too, shows that the partner is there.
        """
        trial = self._open_until is not None
        if trial:
            if self._trying or self._clock() < (self._open_until or 0.0):
                raise Unreachable("left alone for a while after several failures", sent=False)
            self._trying = True
        try:
            yield
        except Unreachable:
            self._failed()
            raise
        except AisleError:
            self._answered()
            raise
        else:
            self._answered()
        finally:
            if trial:
                self._trying = False

    def _failed(self) -> None:
        now = self._clock()
        self._failures.append(now)
        in_a_row = len(self._failures) == FAILURES and now - self._failures[0] <= WITHIN
        if self._open_until is not None or in_a_row:
            self._open_until = now + REST

    def _answered(self) -> None:
        self._failures.clear()
        self._open_until = None
