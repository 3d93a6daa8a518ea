"""Hooks of our own, for what Flet's do not do: ending work when a screen or its session goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import TypeVar, cast

import flet as ft

from kiosk.session import Session

S = TypeVar("S", bound=ft.Observable)


def use_screen_state(make: Callable[[], S]) -> S:
    """The state of this screen: made once, kept while it is on screen, redrawing it when it changes."""
    state, _ = cast("tuple[S, object]", ft.use_state(cast("Callable[[], object]", make)))
    return state


def use_task(
    session: Session, work: Callable[[], Coroutine[object, object, None]], dependencies: Sequence[object]
) -> None:
    """Run ``work()`` while this component is on screen; again when ``dependencies`` change.

    It is cancelled when the component goes and when the session closes, which Flet's own effects are not.
    """
    running: ft.MutableRef[asyncio.Task[None] | None] = ft.use_ref(None)

    def begin() -> None:
        running.current = session.start(work())

    def end() -> None:
        if running.current is not None:
            running.current.cancel()

    ft.use_effect(begin, list(dependencies), cleanup=end)


def use_news(session: Session, hear: Callable[[str], None]) -> None:
    """Call ``hear(topic)`` with the device's news while this component is on screen."""
    ending: ft.MutableRef[Callable[[], None] | None] = ft.use_ref(None)

    def begin() -> None:
        ending.current = session.watch(hear)

    def end() -> None:
        if ending.current is not None:
            ending.current()

    ft.use_effect(begin, [], cleanup=end)


def use_keys(session: Session, hear: Callable[[str], None]) -> None:
    """Call ``hear(key)`` with keys of a real keyboard while this component is on screen, as KeyPad does."""
    ears: ft.MutableRef[Callable[[str], None]] = ft.use_ref(lambda: hear)
    ending: ft.MutableRef[Callable[[], None] | None] = ft.use_ref(None)
    ears.current = hear

    def begin() -> None:
        ending.current = session.hear_keys(lambda key: ears.current(key))

    def end() -> None:
        if ending.current is not None:
            ending.current()

    ft.use_effect(begin, [], cleanup=end)
