"""Staff corner: what needs a person first, then how the queue and the links stand, then the last orders."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Literal
from urllib.parse import quote

import flet as ft

from kiosk.components.badges import Badge
from kiosk.components.bars import BottomBar, Card, Page, Shell
from kiosk.components.buttons import IconAction, Primary, Secondary
from kiosk.components.touch import Named
from kiosk.guard import component, safe
from kiosk.hooks import use_news, use_screen_state, use_task
from kiosk.screens.orders import order_route
from kiosk.screens.orders_words import WORDS, Part, parts_of, when
from kiosk.screens.placeholder import Elsewhere
from kiosk.session import Session
from kiosk.theme import Radius, Size, Space
from kiosk.ui import T, Ui
from retail.status import LineStatus
from sync import clock
from sync.device import Health
from sync.queue import OrderRecord

SHOWN = 6  # recent orders
LOOK_AGAIN = 5.0  # seconds
S = LineStatus
WAITING = (S.NEEDS_PERSON, S.NEEDS_CONSENT, S.UNKNOWN)
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

# What the placing code and the partners call it (partners.placing), as a sentence for the store's people.
ADVICE = {
    "outcome_unknown": "We do not know if they took it. Call them before sending it again.",
    "key_expired": "We do not know if they took it, and asking again could order twice. Call them.",
    "unreadable_answer": "They answer in a way that nobody understands. Call them and ask if they have it.",
    "lines_differ": "They have booked other things than were ordered. Call them.",
    "quantities_differ": "They have booked other quantities than were ordered. Call them.",
    "total_differs": "They have booked it at another total than agreed. Call them.",
    "currency_differs": "They have booked it in another currency than agreed. Call them.",
    "damaged": "What is stored of it here is damaged. Do not send it again: call them and the help desk.",
    "price_changed": "They want another price now, so nothing was bought. Ask the customer.",
    "currency_changed": "They want another currency now, so nothing was bought. Ask the customer.",
    "tax_changed": "The tax is another one now, so nothing was bought. Ask the customer.",
    "product_changed": "They would send another product now, so nothing was bought. Ask the customer.",
}


@dataclass(eq=False)
class HomeState(ft.Observable):
    """What the store's people have to know. ``none``: nobody is signed in (any more)."""

    session: Session
    phase: Literal["ready", "none"] = "none"
    tasks: tuple[tuple[OrderRecord, Part], ...] = ()
    recent: tuple[OrderRecord, ...] = ()
    health: Health | None = None

    @classmethod
    def of(cls, session: Session) -> HomeState:
        """As it stands now."""
        state = cls(session)
        state.load()
        return state

    def load(self) -> None:
        """Read the queue. Nothing of it is read for anybody who is not signed in."""
        if self.session.associate is None:
            self.phase, self.tasks, self.recent, self.health = "none", (), (), None
            return
        device = self.session.device
        self.tasks = tuple(
            (record, part)
            for record in device.orders(needs_person=True)
            for part in parts_of(record)
            if part.status() in WAITING
        )
        self.recent = device.orders(limit=SHOWN)
        self.health = device.health()
        self.phase = "ready"

    def heard(self, _topic: str) -> None:
        """Anything may have moved a figure."""
        self.load()

    async def keep_fresh(self) -> None:
        """Ages grow without any news."""
        while True:
            await asyncio.sleep(LOOK_AGAIN)
            await safe(self.load)()


@component
def StaffHome(ui: Ui, session: Session) -> ft.Control:
    """Landscape in two columns, portrait in one."""
    state = use_screen_state(lambda: HomeState.of(session))
    use_news(session, state.heard)
    use_task(session, state.keep_fresh, [])
    if state.health is None or session.associate is None:
        return Elsewhere(ui, session, "/staff")
    start = _start(ui)
    tasks, queue, recent = _tasks(ui, session, state), _queue(ui, state.health), _recent(ui, state)
    links = _links(ui, session, state.health)
    if ui.portrait:
        body = Page(ui, [ft.Container(height=1), tasks, queue, links, recent], spacing=Space.M)
        return Shell(ui, _top(ui, session, session.associate.name), body, BottomBar(ui, start))
    left = ft.Column(
        [
            ft.Container(height=Space.XXS),
            ft.Row(start, spacing=Space.S),
            tasks,
            links,
            ft.Container(height=Space.M),
        ],
        spacing=20,
        scroll=ft.ScrollMode.AUTO,
        expand=True,
    )
    right = ft.Column(
        [ft.Container(height=Space.XXS), queue, recent, ft.Container(height=Space.M)],
        spacing=20,
        scroll=ft.ScrollMode.AUTO,
        width=440,
    )
    columns = ft.Row([left, right], spacing=Space.L, vertical_alignment=ft.CrossAxisAlignment.START)
    inside = ft.Container(columns, padding=ft.Padding.symmetric(horizontal=ui.gutter), expand=True)
    return Shell(ui, _top(ui, session, session.associate.name), inside)


def _start(ui: Ui) -> list[ft.Control]:
    return [
        Secondary(
            ui,
            ui.t("Search"),
            "search",
            ui.to("/search"),
            icon=ft.Icons.SEARCH,
            height=Size.MAIN,
            expand=1,
        ),
        Secondary(
            ui,
            ui.t("Find order"),
            "find-order",
            ui.to("/orders"),
            icon=ft.Icons.RECEIPT_LONG_OUTLINED,
            height=Size.MAIN,
            expand=1,
        ),
        Primary(
            ui,
            ui.t("Scan"),
            "scan",
            ui.to("/scan"),
            icon=ft.Icons.QR_CODE_SCANNER,
            height=Size.MAIN,
            expand=2,
        ),
    ]


def _top(ui: Ui, session: Session, name: str) -> ft.Control:
    c = ui.c
    initials = "".join(word[0] for word in name.split()[:2]).upper()
    who = ft.Row(
        [
            ft.Container(
                T(ui, initials, "label", c.on_primary),
                width=44,
                height=44,
                border_radius=22,
                bgcolor=c.primary,
                alignment=ft.Alignment.CENTER,
            ),
            ft.Column(
                [
                    T(ui, name, "strong", max_lines=1, overflow=ft.TextOverflow.ELLIPSIS),
                    T(ui, session.device.store_name, "caption", c.ink2, no_wrap=True),
                ],
                spacing=0,
                tight=True,
            ),
        ],
        spacing=Space.S,
        tight=True,
    )
    dark = session.look.dark
    theme = IconAction(
        ui,
        ft.Icons.LIGHT_MODE_OUTLINED if dark else ft.Icons.DARK_MODE_OUTLINED,
        ui.t("Light theme") if dark else ui.t("Dark theme"),
        "theme",
        partial(session.darken, not dark),
    )
    leave = Secondary(
        ui, ui.t("Sign out"), "sign-out", session.reset, icon=ft.Icons.LOGOUT, height=Size.CONTROL
    )
    return ft.Container(
        ft.Row([who, ft.Container(expand=True), theme, leave], spacing=Space.S),
        height=Size.BAR,
        padding=ft.Padding.symmetric(horizontal=ui.gutter),
        bgcolor=c.surface,
        border=ft.Border.only(bottom=ft.BorderSide(1, c.line)),
    )


# -- needs a person ----------------------------------------------------------------------------------------


def headline(ui: Ui, record: OrderRecord, part: Part, partner: str) -> str:
    """What is the matter, in one line."""
    number = record.order.number
    match part.status():
        case S.UNKNOWN:
            return ui.t("{number}: checking whether {partner} took it", number=number, partner=partner)
        case S.NEEDS_CONSENT:
            return ui.t("{number}: not as agreed any more at {partner}", number=number, partner=partner)
        case _ if part.state.reference:
            return ui.t("{number}: {partner} booked something else", number=number, partner=partner)
        case _:
            return ui.t("{number}: we do not know if {partner} took it", number=number, partner=partner)


def advice(ui: Ui, part: Part) -> str:
    """What to do about it."""
    if part.status() == S.UNKNOWN:
        return ui.t("We keep asking them by ourselves. Call them if it takes long.")
    return ui.t(ADVICE.get(part.state.reason or "", ADVICE["outcome_unknown"]))


def _tasks(ui: Ui, session: Session, state: HomeState) -> ft.Control:
    c = ui.c
    count = len(state.tasks)
    head: list[ft.Control] = [T(ui, ui.t("Needs a person"), "title")]
    if count:
        head.append(
            ft.Container(
                T(ui, str(count), "label", c.on_accent),
                bgcolor=c.accent,
                height=30,
                padding=ft.Padding.symmetric(horizontal=11, vertical=4),
                border_radius=15,
            )
        )
    rows: list[ft.Control] = [ft.Row(head, spacing=Space.S)]
    for record, part in state.tasks:
        rows += [_task(ui, session, record, part), ft.Divider(height=1, color=c.line)]
    if count:
        rows.pop()
    else:
        rows.append(T(ui, ui.t("Nothing. All orders go their way."), "body", c.ink2))
    return Card(ui, ft.Column(rows, spacing=Space.M, tight=True), name="needs-person")


def _task(ui: Ui, session: Session, record: OrderRecord, part: Part) -> ft.Control:
    tone = "info" if part.status() == S.UNKNOWN else "warn" if part.status() == S.NEEDS_CONSENT else "bad"
    ink, ground = ui.c.tone(tone)
    partner = session.device.partner_name(part.partner)
    icon = ft.Icons.PRICE_CHANGE_OUTLINED if part.status() == S.NEEDS_CONSENT else ft.Icons.SYNC_PROBLEM
    words = ft.Column(
        [T(ui, headline(ui, record, part, partner), "strong"), T(ui, advice(ui, part), "caption", ui.c.ink2)],
        spacing=2,
        expand=True,
        tight=True,
    )
    go = ui.to(f"/staff/decide/{quote(part.order.key, safe='')}")
    return ft.Row(
        [
            ft.Container(
                ft.Icon(icon, color=ink, size=28),
                width=56,
                height=56,
                border_radius=Radius.CONTROL,
                bgcolor=ground,
                alignment=ft.Alignment.CENTER,
            ),
            words,
            Secondary(ui, ui.t("Decide"), f"decide-{part.order.number}", go, height=Size.CONTROL, width=128),
        ],
        spacing=Space.M,
    )


# -- how it stands -----------------------------------------------------------------------------------------


def age(ui: Ui, seconds: float | None) -> str:
    """How long something has waited: "20 s", "12 min", "3 h"; "-" for nothing."""
    if seconds is None:
        return "–"
    if seconds < 60:
        return ui.t("{count} s", count=round(seconds))
    if seconds < 3600:
        return ui.t("{count} min", count=round(seconds / 60))
    return ui.t("{count} h", count=round(seconds / 3600))


def _queue(ui: Ui, health: Health) -> ft.Control:
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


def _links(ui: Ui, session: Session, health: Health) -> ft.Control:
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


def _recent(ui: Ui, state: HomeState) -> ft.Control:
    rows: list[ft.Control] = [T(ui, ui.t("Recent orders"), "title")]
    if not state.recent:
        rows.append(T(ui, ui.t("No orders on this device yet."), "body", ui.c.ink2))
    now = clock.now()
    for record in state.recent:
        order = record.order
        least = min((part.status() for part in parts_of(record)), key=list(LineStatus).index)
        word, tone = WORDS[least]
        row = ft.Container(
            ft.Row(
                [
                    ft.Column(
                        [
                            T(ui, order.number, "strong"),
                            T(
                                ui,
                                f"{when(ui, order.created_at, now)} · {ui.money(order.total)}",
                                "caption",
                                ui.c.ink2,
                                no_wrap=True,
                            ),
                        ],
                        spacing=0,
                        tight=True,
                        expand=True,
                    ),
                    Badge(ui, ui.t(word), tone),
                    ft.Icon(ft.Icons.CHEVRON_RIGHT, color=ui.c.ink2),
                ],
                spacing=Space.S,
            ),
            height=Size.BUTTON,
            ink=True,
            border_radius=12,
            on_click=ui.on(ui.to(order_route(order.number))),
        )
        rows.append(Named(f"order-{order.number}", row, button=True))
    return Card(ui, ft.Column(rows, spacing=Space.XXS, tight=True), name="recent")
