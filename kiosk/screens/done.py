"""Confirmation: the number, where the order stands in truth, and a picture to find it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import flet as ft

from kiosk.components.badges import Badge
from kiosk.components.bars import Card, Page, Shell
from kiosk.components.buttons import Primary
from kiosk.components.states import EmptyState, Qr
from kiosk.components.timeline import StatusTimeline
from kiosk.components.touch import Named
from kiosk.guard import component
from kiosk.hooks import use_news, use_screen_state
from kiosk.idle import Idle
from kiosk.screens.orders_words import ASKING, ENDED, WORDS, differ, parts_of, sentence, steps
from kiosk.session import Session
from kiosk.theme import Size, Space
from kiosk.ui import T, Ui
from sync import clock
from sync.queue import OrderRecord

SECONDS = 45


@dataclass(eq=False)
class DoneState(ft.Observable):
    """The order as the device knows it, followed live. ``none``: there is no order to show."""

    session: Session
    order_id: str | None
    phase: Literal["ready", "none"] = "none"
    record: OrderRecord | None = None
    online: bool = True

    @classmethod
    def of(cls, session: Session) -> DoneState:
        """The order of this visit."""
        state = cls(session, session.order)
        state.load()
        return state

    def load(self) -> None:
        """Read what is stored."""
        device = self.session.device
        self.online = device.online()
        self.record = device.order(self.order_id) if self.order_id else None
        self.phase = "none" if self.record is None else "ready"

    def heard(self, topic: str) -> None:
        """Follow this order and the store's link."""
        if topic in (f"order:{self.order_id}", "health"):
            self.load()


def use_countdown(session: Session, seconds: int) -> None:
    """While on screen, wipe and start over ``seconds`` after the last touch; the order is not shown to who comes next."""

    def leave() -> None:
        session.idle.fresh()
        session.order = None

    ft.use_effect(lambda: session.idle.count_down(seconds), [], cleanup=leave)


@component
def DoneScreen(ui: Ui, session: Session) -> ft.Control:
    """Only ever reached with an order that is safe."""
    state = use_screen_state(lambda: DoneState.of(session))
    use_news(session, state.heard)
    use_countdown(session, SECONDS)
    if state.record is None:
        start = Primary(ui, ui.t("Start over"), "start-over", session.reset, icon=ft.Icons.HOME_OUTLINED)
        text = ui.t("Look an order up by its number, or ask an associate.")
        return Shell(
            ui,
            None,
            EmptyState(
                ui, ft.Icons.RECEIPT_LONG_OUTLINED, ui.t("No order to show"), text, "no-order", [start]
            ),
        )
    now = clock.now()
    return (_portrait if ui.portrait else _landscape)(ui, session, state, state.record, now)


def _landscape(ui: Ui, session: Session, state: DoneState, record: OrderRecord, now: datetime) -> ft.Control:
    tall = ft.Row(
        [
            ft.Container(_number(ui, state, record), width=420),
            ft.Row(
                [
                    ft.Container(_status(ui, state, record, now), expand=True),
                    ft.Container(_follow(ui, record), width=300),
                ],
                spacing=Space.L,
                intrinsic_height=True,
                vertical_alignment=ft.CrossAxisAlignment.STRETCH,
                expand=True,
            ),
        ],
        spacing=Space.L,
        vertical_alignment=ft.CrossAxisAlignment.CENTER,
    )
    body = ft.Container(
        ft.Column([tall], scroll=ft.ScrollMode.AUTO, alignment=ft.MainAxisAlignment.CENTER),
        padding=ft.Padding.symmetric(horizontal=ui.gutter, vertical=Space.M),
        alignment=ft.Alignment.CENTER,
        expand=True,
    )
    return Shell(ui, None, body, _foot(ui, session))


def _portrait(ui: Ui, session: Session, state: DoneState, record: OrderRecord, now: datetime) -> ft.Control:
    body = Page(
        ui,
        [
            ft.Container(height=Space.L),
            _number(ui, state, record),
            _status(ui, state, record, now),
            ft.Row([ft.Container(_follow(ui, record), expand=True)]),
        ],
    )
    return Shell(ui, None, body, _foot(ui, session))


def _number(ui: Ui, state: DoneState, record: OrderRecord) -> ft.Control:
    c = ui.c
    well = not any(part.status() in ENDED | ASKING for part in parts_of(record))
    ink, ground = (c.on_primary, c.primary) if well else c.tone("warn")
    tick = ft.Container(
        ft.Icon(ft.Icons.CHECK if well else ft.Icons.PRIORITY_HIGH, color=ink, size=40),
        width=72,
        height=72,
        border_radius=36,
        bgcolor=ground,
        alignment=ft.Alignment.CENTER,
    )
    number = record.order.number
    return ft.Column(
        [
            tick,
            T(ui, ui.t("Your order number"), "heading", c.ink2),
            Named("order-number", T(ui, number, "number" if len(number) <= 7 else "hero", no_wrap=True)),
            Named("order-status", T(ui, sentence(ui, record, online=state.online), "heading"), live=True),
        ],
        spacing=Space.S,
        tight=True,
    )


def _status(ui: Ui, state: DoneState, record: OrderRecord, now: datetime) -> ft.Control:
    parts = parts_of(record)
    rows: list[ft.Control] = [
        T(ui, ui.t("What happens now"), "heading"),
        StatusTimeline(ui, steps(ui, record, now, online=state.online), "step"),
    ]
    if differ(parts):
        rows.append(ft.Divider(height=1, color=ui.c.line))
        for part in parts:
            word, tone = WORDS[part.status()]
            row = ft.Row(
                [
                    T(ui, state.session.device.partner_name(part.partner), "strong", expand=True),
                    Badge(ui, ui.t(word), tone),
                ]
            )
            rows.append(Named(f"partner-{part.partner}", row))
    return Card(ui, ft.Column(rows, spacing=Space.M, tight=True), name="what-happens")


def _follow(ui: Ui, record: OrderRecord) -> ft.Control:
    centre = ft.TextAlign.CENTER
    return Card(
        ui,
        ft.Column(
            [
                Qr(ui, record.order.number, size=240 if ui.tall else 190),
                T(ui, ui.t("Take a picture of this"), "heading", text_align=centre),
                T(
                    ui,
                    ui.t("Show it to a scanner here, or type the number, to see where your order is."),
                    "caption",
                    ui.c.ink2,
                    text_align=centre,
                ),
            ],
            spacing=Space.S,
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
            tight=True,
        ),
        name="keep",
    )


def _foot(ui: Ui, session: Session) -> ft.Control:
    done = _DoneButton(ui, session, session.idle)
    return ft.Container(
        ft.Row([done], alignment=ft.MainAxisAlignment.END),
        bgcolor=ui.c.surface,
        padding=ft.Padding.symmetric(horizontal=ui.gutter, vertical=Space.L if ui.tall else Space.M),
        border=ft.Border.only(top=ft.BorderSide(1, ui.c.line)),
    )


@component
def _DoneButton(ui: Ui, session: Session, idle: Idle) -> ft.Control:
    """Counts down on its own, so that a second that passes redraws nothing else."""
    return Primary(
        ui,
        ui.t("I'm done ({seconds})", seconds=idle.left),
        "finish",
        session.reset,
        height=Size.MAIN,
        width=None if ui.portrait else 300,
        expand=True if ui.portrait else None,
    )
