"""One order, with the truth about each line, and the wish to cancel it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import flet as ft

from kiosk.components.badges import Badge
from kiosk.components.banner import Banner
from kiosk.components.bars import BottomBar, Card, Page, Shell, TopBar
from kiosk.components.buttons import Primary, Quiet, Secondary
from kiosk.components.states import Waiting
from kiosk.components.timeline import StatusTimeline
from kiosk.components.touch import Named
from kiosk.guard import component
from kiosk.hooks import use_news, use_screen_state
from kiosk.screens.orders_parcel import Parcel
from kiosk.screens.orders_words import AWAY, ENDED, parts_of, steps, when
from kiosk.screens.placeholder import Elsewhere
from kiosk.session import Session
from kiosk.theme import Size, Space
from kiosk.ui import T, Ui
from sync import clock
from sync.queue import Damaged, OrderRecord

OUTCOMES: dict[str, tuple[str, str]] = {
    "cancelled": ("Cancelled. Please ask an associate for your money.", "good"),
    "asked": (
        "We have asked our partners. They have not answered yet: please look here again later.",
        "info",
    ),
    "refused": ("This cannot be cancelled any more: a partner has sent it or said no.", "warn"),
    "failed": ("We could not cancel it just now. Please try again, or ask an associate.", "bad"),
}


@dataclass(eq=False)
class DetailState(ft.Observable):
    """One order. ``none``: not here, or not for these eyes. ``asking``: cancel, really? ``busy``: being cancelled."""

    session: Session
    number: str
    phase: Literal["ready", "none", "asking", "busy"] = "none"
    record: OrderRecord | None = None
    online: bool = True
    outcome: str = ""

    @classmethod
    def of(cls, session: Session, number: str) -> DetailState:
        """The order, for the customer who has shown that it is theirs, and for staff."""
        state = cls(session, number)
        state.load()
        return state

    def allowed(self, record: OrderRecord) -> bool:
        """Whether this visit may see ``record``; asked each time, because visits end."""
        return self.session.associate is not None or self.session.order == record.order.id

    def load(self) -> None:
        """Read what is stored."""
        device = self.session.device
        try:
            record = device.order(self.number)
        except Damaged:
            record = None
        self.online = device.online()
        self.record = record if record is not None and self.allowed(record) else None
        if self.record is None:
            self.phase = "none"
        elif self.phase == "none":
            self.phase = "ready"

    def heard(self, topic: str) -> None:
        """Follow this order live."""
        if topic == "health" or (self.record is not None and topic == f"order:{self.record.order.id}"):
            self.load()

    def ask(self) -> None:
        """Cancel, really?"""
        self.phase, self.outcome = "asking", ""

    def keep(self) -> None:
        """No."""
        self.phase = "ready"

    async def cancel(self) -> None:
        """Yes. What the partners say to it is said as it is."""
        if self.phase != "asking":
            return
        self.load()
        if self.record is None:
            return
        self.phase, outcome = "busy", "failed"
        try:
            outcome = await self.session.device.cancel(self.record.order.id)
        finally:
            self.phase, self.outcome = "ready", outcome
            self.load()


def can_cancel(record: OrderRecord) -> bool:
    """Whether anything of it is still here or at a partner, neither sent nor ended."""
    return any(line.status not in AWAY | ENDED for state in record.states for line in state.lines)


@component
def OrderDetail(ui: Ui, session: Session, number: str) -> ft.Control:
    """The order, or the way to the look-up."""
    state = use_screen_state(lambda: DetailState.of(session, number))
    use_news(session, state.heard)
    if state.record is None:
        return Elsewhere(ui, session, "/orders")
    return _draw(ui, session, state, state.record)


def _draw(ui: Ui, session: Session, state: DetailState, record: OrderRecord) -> ft.Control:
    back = ui.to("/staff/home" if session.associate else "/orders")
    parts = parts_of(record)
    cards: list[ft.Control] = [
        Parcel(ui, session, part, number, len(parts)) for number, part in enumerate(parts, 1)
    ]
    way = Card(
        ui,
        ft.Column(
            [
                T(ui, ui.t("What happened"), "heading"),
                StatusTimeline(ui, steps(ui, record, clock.now(), online=state.online), "step"),
            ],
            spacing=Space.M,
            tight=True,
        ),
        name="what-happened",
    )
    column = [_head(ui, record, session.device.store_name), *_cancelling(ui, state), *cards]
    top = TopBar(ui, ui.t("Order"), back=back, actions=[] if ui.portrait else _actions(ui, state, record))
    if ui.portrait:
        bar = BottomBar(ui, [ft.Container(expand=True), *_actions(ui, state, record)], back=back)
        return Shell(ui, top, Page(ui, [ft.Container(height=1), *column, way], spacing=Space.M), bar)
    main = ft.Column(
        [ft.Container(height=Space.XS), *column, ft.Container(height=Space.M)],
        spacing=20,
        scroll=ft.ScrollMode.AUTO,
        expand=True,
    )
    side = ft.Column(
        [ft.Container(height=Space.XS), way, ft.Container(height=Space.M)],
        scroll=ft.ScrollMode.AUTO,
        width=340,
    )
    columns = ft.Row([main, side], spacing=Space.L, vertical_alignment=ft.CrossAxisAlignment.START)
    return Shell(
        ui,
        top,
        ft.Container(columns, padding=ft.Padding.symmetric(horizontal=ui.gutter), expand=True),
    )


def _actions(ui: Ui, state: DetailState, record: OrderRecord) -> list[ft.Control]:
    actions: list[ft.Control] = []
    if state.phase == "ready" and can_cancel(record):
        actions.append(
            Secondary(
                ui,
                ui.t("Cancel this order"),
                "cancel",
                state.ask,
                icon=ft.Icons.CANCEL_OUTLINED,
                height=Size.CONTROL,
            )
        )
    if state.session.associate is None:
        actions.append(Quiet(ui, ui.t("I'm done"), "finish", state.session.reset))
    return actions


def _head(ui: Ui, record: OrderRecord, store: str) -> ft.Control:
    order = record.order
    ordered = f"{when(ui, order.created_at, clock.now())} · {store}"
    paid = Badge(ui, ui.t("Paid at the till"), "good", ft.Icons.CHECK_CIRCLE)
    return ft.Row(
        [
            ft.Column(
                [
                    Named("order-number", T(ui, order.number, "display", no_wrap=True)),
                    T(ui, ordered, "body", ui.c.ink2),
                ],
                spacing=2,
                tight=True,
                expand=True,
            ),
            ft.Column(
                [T(ui, ui.money(order.total), "price_l", no_wrap=True), paid],
                spacing=Space.XXS,
                horizontal_alignment=ft.CrossAxisAlignment.END,
                tight=True,
            ),
        ]
    )


def _cancelling(ui: Ui, state: DetailState) -> list[ft.Control]:
    if state.phase == "asking":
        return [_really(ui, state)]
    if state.phase == "busy":
        return [Card(ui, Waiting(ui, ui.t("Asking our partners to cancel it"), "cancelling"))]
    if state.outcome:
        text, tone = OUTCOMES[state.outcome]
        return [Banner(ui, ui.t(text), f"cancel-{state.outcome}", tone=tone)]
    return []


def _really(ui: Ui, state: DetailState) -> ft.Control:
    buttons: list[ft.Control] = [
        Secondary(ui, ui.t("Yes, cancel it"), "cancel-yes", state.cancel, expand=True),
        Primary(ui, ui.t("Keep the order"), "cancel-no", state.keep, expand=True),
    ]
    return Card(
        ui,
        ft.Column(
            [
                T(ui, ui.t("Cancel the whole order?"), "title"),
                T(
                    ui,
                    ui.t("What has not been sent yet is cancelled. You get your money back at the till."),
                    "body",
                    ui.c.ink2,
                ),
                ft.Row(buttons, spacing=Space.S),
            ],
            spacing=Space.M,
            tight=True,
        ),
        name="cancel-question",
    )
