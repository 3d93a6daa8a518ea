"""A hand scanner works on every screen, whatever has the focus and whatever lies over it, and leaves nothing behind."""

from __future__ import annotations

from dataclasses import dataclass

import flet as ft
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sync.associates import Associate
from tests.kiosk.driver import Tab, open_tab
from tests.kiosk.fake_device import FakeDevice, gtin

SCREENS = (
    "/",
    "/search",
    "/cart",
    "/product/JK101",
    "/checkout",
    "/orders",
    "/staff",
    "/scan",
    "/scan?type=1",
    f"/scan?code={gtin(3)}",
    "/nowhere",
)
WORDS = ("", "shoe", "Torstr 14", "1007")


class Watched(FakeDevice):
    """Counts who tries to sign in."""

    def __init__(self) -> None:
        super().__init__()
        self.tries = 0

    def sign_in(self, user: str, password: str) -> Associate:
        self.tries += 1
        return super().sign_in(user, password)


@dataclass(frozen=True)
class Step:
    """Somebody on ``screen`` types ``words`` into its ``field``-th field, waits, touches, and then a tag is scanned."""

    screen: str
    field: int
    words: str
    item: int
    gap: float
    warned: bool
    noticed: bool


steps = st.builds(
    Step,
    screen=st.sampled_from(SCREENS),
    field=st.integers(0, 8),
    words=st.sampled_from(WORDS),
    item=st.integers(1, 40),
    gap=st.floats(0.001, 0.03),
    warned=st.booleans(),
    noticed=st.booleans(),
)


def fields(tab: Tab) -> list[str]:
    """The names of the fields on the screen."""
    return [str(getattr(box.key, "value", box.key)).removesuffix("-box") for box in tab.all(ft.TextField)]


# Every example takes a tenth of a second: what fails is short enough to be read as it is.
@settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.lists(steps, min_size=1, max_size=4), st.sampled_from(["landscape", "portrait"]))
async def test_no_scan_is_lost_and_none_lands_in_a_field(rounds: list[Step], form: str) -> None:
    device = Watched()
    async with open_tab(device, form=form) as tab:
        best = device.listings["MG303"].best()
        assert best is not None
        tab.session.cart.add(best)
        for number, step in enumerate(rounds, 1):
            await tab.go(step.screen)
            here = fields(tab)
            field = here[step.field] if step.field < len(here) else None
            if field is not None:
                await tab.type(field, step.words)
            if step.noticed:
                tab.session.trouble()
            if step.warned and step.screen != "/":
                await tab.wait(0)
                await tab.wait(95)
                assert "idle-warning" in tab.names()
            item = gtin(step.item)
            await tab.scan(item.short, field, gap=step.gap)
            assert tab.session.look.route == f"/scan?code={item}"
            assert tab.session.router.counts["wedge"] == number
            assert "idle-warning" not in tab.names()
            assert not tab.session.look.notice
            texts = [*tab.session.draft.values.values(), tab.session.sought.text]
            assert [text for text in texts if item.short in text] == []
            if field is not None and step.screen == "/search":
                assert tab.session.sought.text == step.words
            if field is not None and step.screen == "/checkout":
                assert tab.session.draft.get(field.replace("-", "_")) == step.words
        assert (device.placed, device.tries) == ([], 0)


@pytest.mark.parametrize("screen", SCREENS)
async def test_the_next_scan_works_over_the_result_of_the_last(screen: str) -> None:
    async with open_tab(FakeDevice(), screen) as tab:
        for item in (gtin(1), gtin(6), gtin(1)):
            await tab.scan(item.short)
            assert tab.session.look.route == f"/scan?code={item}"


async def test_a_scanner_that_frames_its_codes_is_told_from_one_that_does_not() -> None:
    device = FakeDevice()
    device.scanner_frame = ("*", "#")
    async with open_tab(device, "/") as tab:
        await tab.scan(gtin(3))
        assert tab.session.look.route == "/"

        await tab.scan(f"*{gtin(3)}#")

        assert tab.session.look.route == f"/scan?code={gtin(3)}"


@pytest.mark.parametrize("button", ["see-it", "scan-again", "back"])
async def test_the_enter_that_ends_a_scan_presses_nothing(button: str) -> None:
    async with open_tab(FakeDevice(), "/scan") as tab:
        await tab.scan(gtin(1).short)
        await tab.scan(gtin(6).short, button=button)
        assert tab.session.look.route == f"/scan?code={gtin(6)}"
        await tab.tap(button)
        assert tab.session.look.route != f"/scan?code={gtin(6)}"
