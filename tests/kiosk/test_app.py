"""What holds on every screen: routes, scanning anywhere, the idle clock, nothing left for the next customer."""

from __future__ import annotations

from kiosk.session import Session
from sync.associates import Associate
from tests.kiosk.driver import open_tab
from tests.kiosk.fake_device import FakeDevice, gtin


async def test_a_scan_opens_its_result_from_every_screen() -> None:
    async with open_tab(FakeDevice()) as tab:
        await tab.press(*gtin(1), "Enter")
        assert tab.session.look.route == f"/scan?code={gtin(1)}"
        await tab.go("/somewhere")
        await tab.press(*gtin(2), "Enter")
        assert tab.session.look.route == f"/scan?code={gtin(2)}"


async def test_a_misread_code_says_so_and_stays() -> None:
    wrong = gtin(1)[:-1] + str((int(gtin(1)[-1]) + 1) % 10)
    async with open_tab(FakeDevice(), "/somewhere") as tab:
        await tab.press(*wrong, "Enter")
        assert tab.session.look.route == "/somewhere"
        assert tab.words("trouble-line")[0].startswith("One of the digits is wrong")
        tab.clock.now += 0.5  # what is pressed together with the scanner's last key would not count
        await tab.tap("trouble-close")
        assert "trouble-line" not in tab.names()


async def test_a_scan_is_taken_out_of_the_field_that_it_fell_into() -> None:
    async with open_tab(FakeDevice()) as tab:
        tab.session.draft.put("city", "Berlin" + gtin(1))
        await tab.press(*gtin(1), "Enter")
        assert tab.session.draft.get("city") == "Berlin"


async def test_staff_routes_are_not_drawn_for_customers() -> None:
    async with open_tab(FakeDevice(), "/staff/orders") as tab:
        assert "staff-only" in tab.names()
        tab.session.associate = Associate("mara", "Mara Lind", "associate")
        await tab.go("/staff/queue")
        assert "staff-only" not in tab.names()


async def test_turning_the_screen_changes_the_form_and_keeps_the_visit() -> None:
    async with open_tab(FakeDevice()) as tab:
        await tab.tap("language-de")
        await tab.resize(800, 1280)
        assert tab.words("scan") == ["Etikett scannen"]
        assert (tab.session.look.width, tab.session.look.height) == (800, 1280)


async def test_the_idle_warning_counts_and_one_tap_extends() -> None:
    async with open_tab(FakeDevice(), "/search") as tab:
        await tab.wait(0)
        await tab.wait(89)
        assert "idle-warning" not in tab.names()
        await tab.wait(9)
        assert any("In 22 seconds" in words for words in tab.words("idle-warning"))
        await tab.tap("keep-going")
        assert "idle-warning" not in tab.names()
        await tab.wait(0)
        await tab.wait(89)
        assert "idle-warning" not in tab.names()


async def test_when_nobody_answers_everything_is_wiped() -> None:
    device = FakeDevice()
    async with open_tab(device, "/search") as tab:
        session = tab.session
        fill(session, device)
        visit = session.look.visit
        await tab.wait(0)
        await tab.wait(119)
        assert not session.clean()
        await tab.wait(1)
        assert session.clean()
        assert (session.look.route, session.look.visit) == ("/", visit + 1)
        assert tab.words("scan") == ["Scan a tag"]
        assert "idle-warning" not in tab.names()


async def test_done_wipes_at_once() -> None:
    device = FakeDevice()
    async with open_tab(device, "/search") as tab:
        fill(tab.session, device)
        await tab.wait(0)
        await tab.wait(95)
        await tab.tap("done")
        assert tab.session.clean()
        assert tab.session.look.route == "/"


async def test_nobody_is_warned_on_an_untouched_idle_screen() -> None:
    async with open_tab(FakeDevice()) as tab:
        for _ in range(10):
            await tab.wait(50)
            assert "idle-warning" not in tab.names()
        assert tab.session.look.visit == 0


async def test_a_language_left_behind_on_the_idle_screen_goes() -> None:
    async with open_tab(FakeDevice()) as tab:
        await tab.tap("language-ar")
        await tab.wait(0)
        await tab.wait(120)
        assert tab.words("scan") == ["Scan a tag"]


async def test_a_closed_session_keeps_nothing_and_hears_nothing() -> None:
    device = FakeDevice()
    async with open_tab(device) as tab:
        session = tab.session
        fill(session, device)
        assert device.watchers
        session.close()
        assert device.watchers == []
        assert session.clean()


async def test_the_offline_line_is_shown_when_the_link_goes_and_leaves_when_it_comes() -> None:
    device = FakeDevice()
    async with open_tab(device, "/search") as tab:
        assert "offline" not in tab.names()
        device.up = False
        device.tell("health")
        await tab.settle()
        assert "offline" in tab.names()
        device.up = True
        device.tell("health")
        await tab.settle()
        assert "offline" not in tab.names()


async def test_a_window_that_was_away_shows_what_changed_meanwhile_and_what_changes_then() -> None:
    async with open_tab(FakeDevice(), "/search") as tab:
        async with tab.away():
            tab.session.look.notice = "What was said meanwhile"
        assert tab.words("trouble-line") == ["What was said meanwhile"]
        await tab.go("/cart")
        assert tab.session.look.notice == ""
        assert "cart-empty" in tab.names()


async def test_two_tabs_are_two_customers() -> None:
    device = FakeDevice()
    async with open_tab(device) as one, open_tab(device) as other:
        fill(one.session, device)
        assert other.session.clean()


def fill(session: Session, device: FakeDevice) -> None:
    """A visit with something of everything in it."""
    session.cart.add(device.listings["MG303"].offers[0])
    session.draft.put("name", "Jane Miller")
    session.associate = Associate("mara", "Mara Lind", "associate")
    session.order = "order-1"
    session.speak("de")
