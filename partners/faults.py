"""What can be made to go wrong at a partner of ours (memory, simulator), so that everything else can be tried.

A booking is made and kept before its fault acts, except where the partner must not have booked at all.
"""

from __future__ import annotations

from dataclasses import dataclass

FAULTS = {
    "drop-after-accept": "the order is booked, then the connection closes without an answer",
    "timeout-after-accept": "the order is booked, then no answer ever comes",
    "500": "the request is carried out (an order is booked), then answered with status 500",
    "429": "the request is not carried out; wait a second",
    "slow": "the request is carried out, the answer takes a while",
    "garbage": "the request is carried out, the answer is not in the documented form",
    "reprice": "the price of the order's first line has gone up by a tenth",
    "sold-out": "the order's first line has just been sold to somebody else",
    "partial": "one piece of the order is refused, or comes later when it is the only one",
    "wrong-item": "a search for one code answers with other things, as shops do that do not know the filter",
    "none": "all is well again",
}
PLACING_ONLY = frozenset({"drop-after-accept", "timeout-after-accept", "reprice", "sold-out", "partial"})
OPERATIONS = (
    "search",
    "changes",
    "find",
    "variants",
    "similar",
    "quote",
    "place",
    "look_up",
    "status",
    "cancel",
)


@dataclass(slots=True)
class Fault:
    """One planned fault: it acts ``times`` more (None: until cleared) on these operations."""

    fault: str
    times: int | None
    on: frozenset[str]


class Faults:
    """The faults planned at one partner, oldest first."""

    def __init__(self) -> None:
        self._planned: list[Fault] = []

    def plan(self, fault: str, times: int | None = 1, on: str | None = None, *, add: bool = False) -> None:
        """Let ``fault`` act ``times`` on operation ``on``, instead of what was planned before unless ``add``.

        Without ``on`` it acts on orders being placed when it can act there only, else on every operation.
        Raises ValueError for a name that is none.
        """
        if fault not in FAULTS:
            raise ValueError(f"{fault!r} is no fault; there are {', '.join(FAULTS)}")
        if on not in (None, "any", *OPERATIONS):
            raise ValueError(f"{on!r} is no operation; there are any, {', '.join(OPERATIONS)}")
        if times is not None and times < 0:
            raise ValueError("times is 0 or more")
        if not add:
            self._planned.clear()
        if fault == "none" or times == 0:
            return
        if fault in PLACING_ONLY:
            where = frozenset({"place"})
        else:
            where = frozenset(OPERATIONS if on in (None, "any") else (on,))
        self._planned.append(Fault(fault, times, where))

    def take(self, operation: str) -> str | None:
        """The fault that acts on this one request, if any; it has then one time less to go."""
        for fault in self._planned:
            if operation in fault.on:
                if fault.times is not None:
                    fault.times -= 1
                self._planned = [one for one in self._planned if one.times != 0]
                return fault.fault
        return None

    def planned(self) -> list[dict[str, object]]:
        """What is still planned, as data."""
        return [{"fault": one.fault, "times": one.times, "on": sorted(one.on)} for one in self._planned]
