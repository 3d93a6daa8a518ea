"""What the routes share: one object made at start, given to the app, closed at the end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fastapi import Request
from sqlalchemy import Engine

from oms.api.tries import Tries
from oms.auth import AccessReader, Claims, Keys
from oms.intake import Intake
from oms.metrics import Metrics
from oms.problems import no_token

Check = Callable[[], Awaitable[bool]]


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Parts:
    """The OMS of this process: engines, keys, intake, figures. ``checks`` say by name what /readyz asks."""

    engine: Engine
    reader: Engine
    keys: Keys
    intake: Intake
    metrics: Metrics
    clock: Callable[[], datetime] = utc_now
    checks: Mapping[str, Check] = field(default_factory=dict)
    tries: Tries = field(default_factory=Tries)
    access: AccessReader = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "access", AccessReader(self.keys))


def parts(request: Request) -> Parts:
    """The parts behind ``request``."""
    found = request.app.state.parts
    assert isinstance(found, Parts)
    return found


def claims(request: Request) -> Claims:
    """Who sends ``request``, by its access token alone; whether the device was shut out is asked with its data.

    Raises Refusal 401.
    """
    own = parts(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise no_token()
    return own.access.read(token.strip(), own.clock())
