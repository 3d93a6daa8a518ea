"""A screen whose socket is lost comes back by itself: the kiosk's machine slept, stalled, or was out of memory."""

from __future__ import annotations

from playwright.sync_api import Browser, WebSocketRoute, expect

from tests.browser.kiosk_window import Kiosk, window

Socket = tuple[WebSocketRoute, WebSocketRoute]


def test_a_screen_that_loses_its_socket_comes_back_with_what_was_chosen(
    browser: Browser, kiosk: Kiosk
) -> None:
    with window(browser) as seen:
        sockets: list[Socket] = []
        seen.page.route_web_socket("**/ws", lambda ours: sockets.append((ours, ours.connect_to_server())))
        seen.open(kiosk.urls[0])
        expect(seen.named("language-ar")).to_be_attached()
        seen.tap("language-ar")
        expect(seen.page.get_by_text("لدينا ما تريد.")).to_be_attached()
        ours, theirs = sockets[-1]
        with seen.page.expect_navigation():
            theirs.close(code=1011)
            ours.close(code=1011)
        seen.see()
        expect(seen.page.get_by_text("لدينا ما تريد.")).to_be_attached()
        seen.tap("search")
        expect(seen.named("cart")).to_be_attached()
        assert seen.page.url == f"{kiosk.base}/search"
        assert len(sockets) == 2
