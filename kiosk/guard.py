"""A mistake of ours never freezes a screen: drawing is fenced in, and so is every handler.

Without ``component`` an exception while drawing ends the session's updates and logs nothing; without ``safe``
an exception in a handler replaces the kiosk by its traceback. What is logged is where it happened and the kind
of error: never its text, which may hold a name or an address.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import traceback
from collections.abc import Awaitable, Callable
from typing import Any, ParamSpec, cast

import flet as ft
import structlog

P = ParamSpec("P")
Handler = Callable[[], Awaitable[None] | None]
"""What screens give to a component: called without arguments when it is touched."""

log = structlog.get_logger("kiosk")


def component(draw: Callable[P, ft.Control]) -> Callable[P, ft.Control]:
    """Make ``draw`` a Flet component that shows a calm card instead of failing."""

    @functools.wraps(draw)
    def fenced(*args: P.args, **kwargs: P.kwargs) -> ft.Control:
        try:
            return draw(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the error boundary: one broken part must not stop the kiosk
            report("drawing failed", error, part=draw.__name__)
            return trouble_card(args[0] if args else None)

    return cast("Callable[P, ft.Control]", ft.component(fenced))


def memo(draw: Callable[P, ft.Control]) -> Callable[P, ft.Control]:
    """Make ``draw`` a component that is drawn again only when its arguments have changed."""
    return cast("Callable[P, ft.Control]", cast("Any", ft.memo)(component(draw)))


def keyed(key: str, drawn: Callable[P, ft.Control]) -> Callable[P, ft.Control]:
    """``drawn`` with an identity: another ``key`` starts it afresh, the same one keeps its state."""

    def with_key(*args: P.args, **kwargs: P.kwargs) -> ft.Control:
        return cast("Callable[..., ft.Control]", drawn)(*args, key=key, **kwargs)

    return with_key


def safe(
    handler: Handler,
    *,
    before: Callable[[], bool | None] | None = None,
    failed: Callable[[], None] | None = None,
) -> Callable[[], Awaitable[None]]:
    """``handler`` as Flet may call it. ``before`` runs first, and its False says that nobody touched anything;
    ``failed`` runs when it raised, after logging.

    It takes no event, so that ``lambda n=n: pick(n)`` means what it says.
    """

    async def handled() -> None:
        try:
            if before is not None and before() is False:
                return
            result = handler()
            if inspect.isawaitable(result):
                await result
        except Exception as error:  # noqa: BLE001 - the last fence before Flet would show the traceback
            report("handler failed", error, part=getattr(handler, "__qualname__", type(handler).__name__))
            if failed is not None:
                failed()

    return handled


def report(what: str, error: BaseException, **where: str) -> None:
    """Log ``error`` by kind and place, without its text."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    log.error(
        what,
        error=type(error).__name__,
        at=[f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in frames],
        **where,
    )


def trouble_card(ui: Any) -> ft.Control:
    """The calm card: what happened, in words that help. Uses nothing that could fail a second time."""
    words = "Something went wrong here. Please start over, or ask an associate."
    with contextlib.suppress(AttributeError):
        words = ui.t(words)
    return ft.Semantics(
        identifier="trouble",
        container=True,
        content=ft.Container(
            ft.Text(words, size=18, text_align=ft.TextAlign.CENTER),
            padding=24,
            alignment=ft.Alignment.CENTER,
        ),
    )
