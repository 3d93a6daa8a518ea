"""A mistake in one part leaves the rest of the kiosk alive, and logs nothing that people typed."""

from __future__ import annotations

import flet as ft
from structlog.testing import capture_logs

from kiosk.components.touch import Named
from kiosk.guard import component, memo, report, safe
from kiosk.session import Session
from tests.kiosk.driver import connect
from tests.kiosk.fake_device import FakeDevice

SECRET = "Jane Miller, 12 High Street"


class Count(ft.Observable):
    """How often something was pressed; drawing fails at 2."""

    def __init__(self) -> None:
        self.value = 0


async def test_a_part_that_cannot_be_drawn_shows_the_calm_card_and_the_rest_goes_on() -> None:
    count = Count()

    @component
    def fragile(count: Count) -> ft.Control:
        if count.value == 2:
            raise ValueError(SECRET)
        return ft.Text(f"drawn {count.value}")

    @component
    def whole(count: Count) -> ft.Control:
        async def press() -> None:
            count.value += 1

        button = Named("press", ft.Container(ft.Text("press"), on_click=safe(press)))
        return ft.Column([fragile(count), button])

    def start(page: ft.Page) -> Session:
        page.render(whole, count)
        return Session(FakeDevice())

    with capture_logs() as logs:
        async with connect(start) as tab:
            await tab.tap("press")
            assert tab.words() == ["drawn 1", "press"]
            await tab.tap("press")
            assert tab.words("trouble") == [
                "Something went wrong here. Please start over, or ask an associate."
            ]
            await tab.tap("press")
            assert tab.words() == ["drawn 3", "press"]
    failures = [entry for entry in logs if entry["log_level"] == "error"]
    # Once for each time Flet tried to draw it.
    assert {(entry["event"], entry["error"], entry["part"]) for entry in failures} == {
        ("drawing failed", "ValueError", "fragile")
    }
    assert "Jane" not in str(logs)


async def test_a_handler_that_fails_tells_the_screen_and_the_log_but_not_what_was_typed() -> None:
    told: list[str] = []

    async def fails() -> None:
        raise RuntimeError(SECRET)

    with capture_logs() as logs:
        await safe(fails, before=lambda: told.append("touched"), failed=lambda: told.append("failed"))()
    assert told == ["touched", "failed"]
    assert [entry["error"] for entry in logs] == ["RuntimeError"]
    assert "Jane" not in str(logs)


async def test_a_handler_is_called_without_the_event() -> None:
    picked: list[int] = []
    handlers = [safe(lambda n=n: picked.append(n)) for n in range(3)]  # type: ignore[misc]
    for handler in handlers:
        await handler()
    assert picked == [0, 1, 2]


def test_a_report_names_the_place() -> None:
    try:
        raise KeyError(SECRET)
    except KeyError as error:
        with capture_logs() as logs:
            report("drawing failed", error, part="x")
    assert logs[0]["at"][0].startswith("test_guard.py:")


async def test_a_memo_part_is_drawn_again_only_for_other_arguments() -> None:
    count, drawn = Count(), list[str]()

    @memo
    def card(name: str) -> ft.Control:
        drawn.append(name)
        return ft.Text(name)

    @component
    def whole(count: Count) -> ft.Control:
        async def press() -> None:
            count.value += 1

        cards = [card("always"), card(f"now {count.value}")]
        return ft.Column([*cards, Named("press", ft.Container(on_click=safe(press)))])

    def start(page: ft.Page) -> Session:
        page.render(whole, count)
        return Session(FakeDevice())

    async with connect(start) as tab:
        await tab.tap("press")
    assert drawn == ["always", "now 0", "now 1"]
