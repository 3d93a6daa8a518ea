"""Staff corner: settling a partner order whose outcome only a person can find out.

Who may do what is checked when it is done, from our own session: a client can press what it cannot see.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

import flet as ft

from kiosk.components.banner import Banner
from kiosk.components.bars import BottomBar, Card, Page, Shell, TopBar
from kiosk.components.buttons import Primary, Secondary
from kiosk.components.form_keys import Form, FormField, FormKeys
from kiosk.components.summary import choice
from kiosk.guard import component
from kiosk.hooks import use_screen_state
from kiosk.screens.orders_words import Part, parts_of, when
from kiosk.screens.placeholder import Elsewhere
from kiosk.screens.staff_tasks import WAITING, S, advice, headline
from kiosk.session import Draft, Session
from kiosk.theme import Size, Space
from kiosk.ui import T, Ui
from retail.text import UnusableText, required
from sync import clock
from sync.associates import Associate
from sync.queue import OrderRecord

REFERENCE = "reference"
LONGEST = 80
Decision = Literal["placed", "not placed", "cancelled"]
MANAGERS = frozenset({"cancelled"})  # decisions that give money back


class NotAllowed(Exception):
    """Nobody is signed in, or their role may not decide this."""


def allowed(associate: Associate | None, decision: Decision) -> Associate:
    """Who decides. Raises NotAllowed when they may not."""
    if associate is None or (decision in MANAGERS and associate.role != "manager"):
        raise NotAllowed(decision)
    return associate


@dataclass(eq=False)
class DecideState(ft.Observable):
    """One partner order. ``confirm``: ``decision`` is asked once more; ``none``: there is nothing to decide (any more)."""

    session: Session
    key: str
    form: Form
    phase: Literal["choose", "confirm", "busy", "none"] = "none"
    decision: Decision = "placed"
    record: OrderRecord | None = None
    part: Part | None = None
    fault: str = ""

    @classmethod
    def of(cls, session: Session, key: str) -> DecideState:
        """As it stands; nothing is read for anybody who is not signed in."""
        state = cls(session, key, Form(Draft(), (REFERENCE,), active=REFERENCE))
        if session.associate is not None:
            for record in session.device.orders(needs_person=True):
                for part in parts_of(record):
                    if part.order.key == key and part.status() in WAITING:
                        state.record, state.part, state.phase = record, part, "choose"
        return state

    def choose(self, decision: Decision) -> None:
        """What was found out; it is asked once more before anything happens."""
        self.phase, self.decision, self.fault = "confirm", decision, ""

    def back(self) -> None:
        """Back to the three ways, or to the list."""
        if self.phase == "confirm":
            self.phase, self.fault = "choose", ""
        else:
            self.session.go("/staff/home")

    async def settle(self, decision: Decision) -> None:
        """Do it, if whoever is signed in now may."""
        if self.phase == "busy":
            return
        visit = self.session.look.visit
        try:
            who = allowed(self.session.associate, decision)
            reference = self._reference() if decision == "placed" else None
        except NotAllowed:
            self.fault = "Only a manager can do this. Please ask one to sign in."
            return
        except UnusableText as error:
            self.fault = {
                "empty": "Please type the partner's order number.",
                "card number": "This looks like a card number. Please never type one here.",
            }.get(error.reason, "Please type this again, in at most 80 characters.")
            return
        self.phase, self.fault = "busy", ""
        try:
            await self.session.device.settle(self.key, decision, reference=reference, associate=who.user)
        except (ValueError, LookupError):
            # It has moved on meanwhile: the partner answered, or somebody else decided.
            self.phase = "none"
            return
        finally:
            if self.phase == "busy":
                self.phase = "confirm"
        if self.session.look.visit == visit:
            self.session.go("/staff/home")

    def _reference(self) -> str:
        return required(self.form.draft.get(REFERENCE), longest=LONGEST)


@component
def StaffDecide(ui: Ui, session: Session, key: str) -> ft.Control:
    """What is known, and the ways to settle it."""
    state = use_screen_state(lambda: DecideState.of(session, key))
    if session.associate is None or (state.record is None or state.part is None):
        return Elsewhere(ui, session, "/staff/home")
    body: list[ft.Control] = [ft.Container(height=Space.XS), _what(ui, state, state.record, state.part)]
    bar: ft.Control | None = BottomBar(ui, [], back=state.back) if ui.portrait else None
    if state.phase == "choose":
        body.append(_ways(ui, state, state.part, session.associate))
    elif state.phase == "none":
        text = ui.t("This has been settled meanwhile.")
        body.append(Banner(ui, text, "settled", tone="good", icon=ft.Icons.CHECK_CIRCLE))
    else:
        body.append(_Really(ui, state, state.form))
        if ui.tall and state.decision == "placed":
            keys = FormKeys(ui, state.form, state.form.press, ui.t("Next"))
            bar = ft.Column([keys, bar] if bar else [keys], spacing=0, tight=True)
    top = TopBar(ui, ui.t("Needs a person"), back=state.back)
    return Shell(ui, top, Page(ui, body, width=860), bar)


def _what(ui: Ui, state: DecideState, record: OrderRecord, part: Part) -> ft.Control:
    device = state.session.device
    partner = device.partner_name(part.partner)
    facts = [
        (ui.t("Our number with them"), part.order.number),
        (ui.t("Ordered"), when(ui, record.order.created_at, clock.now())),
        (ui.t("Amount"), ui.money(part.order.total)),
        (ui.t("Times sent"), str(part.state.attempts)),
    ]
    if part.state.reference:
        facts.append((ui.t("Their order number"), part.state.reference))
    things = [
        f"{line.quantity} × {line.name}{f' ({choice(line.options)})' if line.options else ''}, {line.sku}"
        for line, _ in part.lines
    ]
    return Card(
        ui,
        ft.Column(
            [
                T(ui, headline(ui, record, part, partner), "headline"),
                T(ui, advice(ui, part), "strong", ui.c.warn),
                ft.Divider(height=1, color=ui.c.line),
                *[T(ui, thing, "body") for thing in things],
                *[
                    ft.Row([ft.Container(T(ui, label, "body", ui.c.ink2), width=260), T(ui, value, "strong")])
                    for label, value in facts
                ],
            ],
            spacing=Space.S,
            tight=True,
        ),
        name="what",
    )


def _ways(ui: Ui, state: DecideState, part: Part, who: Associate) -> ft.Control:
    consent = part.status() == S.NEEDS_CONSENT
    rows: list[ft.Control] = [T(ui, ui.t("What did you find out?"), "title")]
    if not consent:
        rows.append(
            _way(ui, state, "placed", "they-have-it", ui.t("They have it"), ft.Icons.CHECK_CIRCLE_OUTLINE)
        )
    again = ui.t("Send it again as agreed") if consent else ui.t("They do not have it: send it again")
    rows.append(_way(ui, state, "not placed", "send-again", again, ft.Icons.SEND_OUTLINED))
    if who.role == "manager":
        rows.append(
            _way(ui, state, "cancelled", "cancel", ui.t("Cancel it, money back"), ft.Icons.CANCEL_OUTLINED)
        )
    else:
        rows.append(T(ui, ui.t("To cancel it, ask a manager to sign in."), "caption", ui.c.ink2))
    return ft.Column(rows, spacing=Space.S, tight=True)


def _way(
    ui: Ui, state: DecideState, decision: Decision, name: str, text: str, icon: ft.IconData
) -> ft.Control:
    button = Secondary(
        ui, text, name, partial(state.choose, decision), icon=icon, height=Size.MAIN, expand=True
    )
    return ft.Row([button])


@component
def _Really(ui: Ui, state: DecideState, form: Form) -> ft.Control:
    busy = state.phase == "busy"
    decision = state.decision
    if decision == "placed":
        title = ui.t("What is their order number?")
        note = ui.t("It was placed then, and nothing is sent again.")
        words = ui.t("Keep it as placed")
    elif decision == "cancelled":
        title = ui.t("Cancel this part of the order?")
        note = ui.t(
            "Only if they do not have it, or have cancelled it too. The customer gets the money back."
        )
        words = ui.t("Yes, cancel it")
    else:
        title = ui.t("Send it again?")
        note = (
            ui.t("It goes out at the price that was agreed. They may say no again.")
            if state.part is not None and state.part.status() == S.NEEDS_CONSENT
            else ui.t("If they have it after all, the customer gets it twice. Only after asking them.")
        )
        words = ui.t("Yes, send it again")
    parts: list[ft.Control] = [T(ui, title, "title"), T(ui, note, "body", ui.c.ink2)]
    if decision == "placed":
        parts.append(
            FormField(
                ui,
                form,
                REFERENCE,
                ui.t("Partner's order number"),
                error=ui.t(state.fault) if state.fault else "",
                on_submit=partial(state.settle, decision),
            )
        )
    elif state.fault:
        parts.append(Banner(ui, ui.t(state.fault), "not-allowed", tone="bad", icon=ft.Icons.LOCK_OUTLINE))
    buttons: list[ft.Control] = [
        Secondary(ui, ui.t("Back"), "reconsider", state.back, height=Size.MAIN, expand=1),
        Primary(
            ui,
            ui.t("One moment") if busy else words,
            "settle",
            partial(state.settle, decision),
            height=Size.MAIN,
            expand=2,
            disabled=busy,
        ),
    ]
    parts.append(ft.Row(buttons, spacing=Space.S))
    return Card(ui, ft.Column(parts, spacing=Space.M, tight=True), name="really")
