"""Staff corner: what needs a person first, then how the queue and the links stand, then the last orders."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Literal

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
from kiosk.screens.staff_health import Partners, Queue
from kiosk.screens.staff_tasks import WAITING, Tasks
from kiosk.session import Session
from kiosk.theme import Size, Space
from kiosk.ui import T, Ui
from retail.status import LineStatus
from sync import clock
from sync.device import Health
from sync.queue import OrderRecord

SHOWN = 6  # recent orders
LOOK_AGAIN = 5.0  # seconds


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
    tasks, queue, recent = Tasks(ui, session, state.tasks), Queue(ui, state.health), _recent(ui, state)
    links = Partners(ui, session, state.health)
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
