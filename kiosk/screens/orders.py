"""Where is my order? Nobody reads another's: the number alone is not enough, except for staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

import flet as ft

from kiosk.components.banner import Banner
from kiosk.components.bars import BottomBar, Page, Shell, TopBar
from kiosk.components.buttons import Primary, Secondary
from kiosk.components.form_keys import Form, FormField, FormKeys
from kiosk.components.keypad import KeyPad
from kiosk.guard import component
from kiosk.hooks import use_screen_state
from kiosk.session import Draft, Session
from kiosk.theme import Size, Space
from kiosk.ui import T, Ui
from retail.order import Order
from sync.queue import Damaged

NUMBER, PROOF = "order_number", "proof"


def known_to(order: Order, proof: str) -> bool:
    """Whether ``proof`` is the e-mail address or the postcode of ``order``; case and spaces do not count."""
    given = _plain(proof)
    theirs = {_plain(order.customer.email), _plain(order.customer.address.postal_code or "")}
    return bool(given) and given in theirs - {""}


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()


def order_route(number: str) -> str:
    """Where the order ``number`` is shown."""
    return f"/orders/{quote(number, safe='')}"


@dataclass(eq=False)
class LookupState(ft.Observable):
    """What was typed. ``missing``: a field is empty; ``unknown``: no such order with these details; ``wait``: too many tries."""

    session: Session
    form: Form
    phase: Literal["form", "missing", "unknown", "wait"] = "form"
    seconds: int = 0

    @classmethod
    def of(cls, session: Session, number: str) -> LookupState:
        """With ``number`` typed already, as after scanning it."""
        fields = (NUMBER, PROOF) if session.associate is None else (NUMBER,)
        form = Form(Draft(), fields, frozenset({NUMBER}), active=fields[-1] if number else NUMBER)
        form.draft.put(NUMBER, number)
        return cls(session, form)

    def show(self) -> None:
        """Open the order when the details fit."""
        session, staff = self.session, self.session.associate is not None
        number, proof = self.form.draft.get(NUMBER).strip(), self.form.draft.get(PROOF)
        if not number or not (proof.strip() or staff):
            self.phase = "missing"
            return
        now = session.steady()
        self.seconds = 0 if staff else session.tries.wait(now)
        if self.seconds:
            self.phase = "wait"
            return
        order = self._find(number)
        if order is None or not (staff or known_to(order, proof)):
            # The same words whether there is no such order or it is somebody else's.
            session.tries.fail(now)
            self.phase = "unknown"
            return
        session.tries.clear()
        session.order = order.id
        session.go(order_route(order.number))

    def _find(self, number: str) -> Order | None:
        try:
            record = self.session.device.order(number)
        except Damaged:
            return None
        return None if record is None else record.order


@component
def OrderLookup(ui: Ui, session: Session, number: str) -> ft.Control:
    """Number and proof, typed on our keys or a keyboard."""
    state = use_screen_state(lambda: LookupState.of(session, number))
    back = ui.to("/staff/home" if session.associate else "/")
    show = Primary(
        ui,
        ui.t("Show my order"),
        "show-order",
        state.show,
        icon=ft.Icons.ARROW_FORWARD,
        height=Size.MAIN,
        expand=True,
    )
    words = _Words(ui, state, state.form)
    top = TopBar(ui, ui.t("Find my order"), back=back)
    if ui.portrait:
        bar: ft.Control = BottomBar(ui, [show], back=back)
        if ui.tall:
            keys = FormKeys(ui, state.form, state.form.press, ui.t("Next"))
            bar = ft.Column([keys, bar], spacing=0, tight=True)
            return Shell(ui, top, Page(ui, [ft.Container(height=ui.height * 0.1), words]), bar)
        pad = ft.Row([KeyPad(ui, state.form.press, width=420)], alignment=ft.MainAxisAlignment.CENTER)
        return Shell(ui, top, Page(ui, [ft.Container(height=ui.height * 0.1), words, pad]), bar)
    right = ft.Column(
        [KeyPad(ui, state.form.press, width=420), ft.Row([show], width=420)], spacing=Space.M, tight=True
    )
    body = ft.Container(
        ft.Row(
            [ft.Container(words, width=520), right],
            spacing=96,
            alignment=ft.MainAxisAlignment.CENTER,
            vertical_alignment=ft.CrossAxisAlignment.CENTER,
        ),
        alignment=ft.Alignment.CENTER,
        expand=True,
    )
    return Shell(ui, top, body)


@component
def _Words(ui: Ui, state: LookupState, form: Form) -> ft.Control:
    staff = state.session.associate is not None
    empty = state.phase == "missing"
    fields = [
        FormField(
            ui,
            form,
            NUMBER,
            ui.t("Order number"),
            error=ui.t("Please type the number from the mail or the screen.")
            if empty and not form.draft.get(NUMBER).strip()
            else "",
            on_submit=state.show,
            keys=True,
        )
    ]
    if not staff:
        fields.append(
            FormField(
                ui,
                form,
                PROOF,
                ui.t("E-mail or postcode of the order"),
                error=ui.t("Please type one of the two, so that nobody else sees your order.")
                if empty and not form.draft.get(PROOF).strip()
                else "",
                keyboard=ft.KeyboardType.EMAIL,
                on_submit=state.show,
                keys=True,
            )
        )
    return ft.Column(
        [
            T(ui, ui.t("Where is my order?"), "display"),
            T(ui, ui.t("Type the number, or show its code to a scanner."), "body", ui.c.ink2),
            *_trouble(ui, state),
            *fields,
            ft.Row(
                [Secondary(ui, ui.t("Scan the code"), "scan", ui.to("/scan"), icon=ft.Icons.QR_CODE_SCANNER)]
            ),
        ],
        spacing=Space.M,
        tight=True,
    )


def _trouble(ui: Ui, state: LookupState) -> list[ft.Control]:
    if state.phase == "unknown":
        text = ui.t(
            "We have no order with these details on this device. Please check both, or ask an associate."
        )
        return [Banner(ui, text, "unknown-order", tone="bad", icon=ft.Icons.SEARCH_OFF)]
    if state.phase == "wait":
        text = ui.n(
            "Too many tries. Please wait {count} second, or ask an associate.",
            "Too many tries. Please wait {count} seconds, or ask an associate.",
            state.seconds,
        )
        return [Banner(ui, text, "too-many-tries", tone="bad", icon=ft.Icons.HOURGLASS_BOTTOM)]
    return []
