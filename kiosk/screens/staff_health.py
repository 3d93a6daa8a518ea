"""Staff corner: how the order queue and the links stand."""

from __future__ import annotations

import flet as ft

from kiosk.components.badges import Badge
from kiosk.components.bars import Card
from kiosk.components.touch import Named
from kiosk.session import Session
from kiosk.theme import Space
from kiosk.ui import T, Ui
from retail.status import LineStatus
from sync.device import Health

S = LineStatus
LINKS = {
    "up": ("Online", "good", ft.Icons.CLOUD_DONE_OUTLINED),
    "down": ("Offline", "warn", ft.Icons.CLOUD_OFF_OUTLINED),
    "not enrolled": ("Not connected", "quiet", ft.Icons.LINK_OFF),
}
PARTNER_LINKS = {
    "up": ("Answers", "good", ft.Icons.CHECK_CIRCLE),
    "down": ("Does not answer", "warn", ft.Icons.CLOUD_OFF_OUTLINED),
    "unknown": ("Not asked yet", "quiet", ft.Icons.HELP_OUTLINE),
}


def age(ui: Ui, seconds: float | None) -> str:
    """How long something has waited: "20 s", "12 min", "3 h"; "-" for nothing."""
    if seconds is None:
        return "–"
    if seconds < 60:
        return ui.t("{count} s", count=round(seconds))
    if seconds < 3600:
        return ui.t("{count} min", count=round(seconds / 60))
    return ui.t("{count} h", count=round(seconds / 3600))


def Queue(ui: Ui, health: Health) -> ft.Control:
    """Partner orders by how far they are, the age of the oldest, and the link to the OMS."""

    def pieces(*statuses: LineStatus) -> int:
        return sum(health.queue.get(status.value, 0) for status in statuses)

    waiting = pieces(S.QUEUED, S.PLACING, S.UNKNOWN)
    asked = pieces(S.NEEDS_PERSON, S.NEEDS_CONSENT)
    placed = pieces(S.ACCEPTED, S.BACKORDERED, S.SHIPPED, S.DELIVERED)
    ended = pieces(S.REJECTED, S.CANCELLED)
    figures = [
        _figure(ui, "figure-waiting", str(waiting), ui.t("not sent yet"), "warn" if waiting else None),
        _figure(ui, "figure-oldest", age(ui, health.oldest_seconds), ui.t("oldest waits")),
        _figure(ui, "figure-placed", str(placed), ui.t("placed"), "good" if placed else None),
    ]
    more = [
        _figure(ui, "figure-person", str(asked), ui.t("need a person"), "bad" if asked else None),
        _figure(ui, "figure-ended", str(ended), ui.t("cancelled or refused")),
        _figure(ui, "figure-unsynced", str(health.unsynced), ui.t("not at head office yet")),
    ]
    note = (
        ui.t("Saved safely on this device. They go out by themselves.")
        if waiting
        else ui.t("Everything has been sent.")
    )
    word, tone, icon = LINKS[health.oms]
    return Card(
        ui,
        ft.Column(
            [
                ft.Row([T(ui, ui.t("Order queue"), "title", expand=True), Badge(ui, ui.t(word), tone, icon)]),
                ft.Row(figures, spacing=Space.S, vertical_alignment=ft.CrossAxisAlignment.START),
                ft.Row(more, spacing=Space.S, vertical_alignment=ft.CrossAxisAlignment.START),
                T(ui, note, "caption", ui.c.ink2),
            ],
            spacing=Space.M,
            tight=True,
        ),
        name="queue",
    )


def _figure(ui: Ui, name: str, number: str, text: str, tone: str | None = None) -> ft.Control:
    ink = ui.c.tone(tone)[0] if tone else None
    column = ft.Column(
        [T(ui, number, "headline", ink, no_wrap=True), T(ui, text, "caption", ui.c.ink2)],
        spacing=0,
        tight=True,
    )
    return Named(name, column, expand=True)


def Partners(ui: Ui, session: Session, health: Health) -> ft.Control:
    """Who answers, and how much is remembered here."""
    rows: list[ft.Control] = [T(ui, ui.t("Partners"), "title")]
    for partner, state in health.partners.items():
        word, tone, icon = PARTNER_LINKS[state]
        row = ft.Row(
            [
                T(ui, session.device.partner_name(partner), "strong", expand=True),
                Badge(ui, ui.t(word), tone, icon),
            ],
            spacing=Space.S,
        )
        rows.append(Named(f"partner-{partner}", row))
    rows.append(
        T(
            ui,
            ui.t(
                "{products} products and {offers} offers are on this device.",
                products=health.products,
                offers=health.offers,
            ),
            "caption",
            ui.c.ink2,
        )
    )
    return Card(ui, ft.Column(rows, spacing=Space.S, tight=True), name="partners")
