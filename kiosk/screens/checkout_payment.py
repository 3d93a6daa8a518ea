"""Checkout, step 3: paid at the till, then ordered. The order is safe on this device before anything says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import flet as ft

from kiosk.components.badges import Badge
from kiosk.components.banner import Banner
from kiosk.components.buttons import Primary
from kiosk.components.form_keys import Form, FormField, FormKeys
from kiosk.components.keypad import KeyPad
from kiosk.components.offer_row import RadioDot
from kiosk.components.touch import Named
from kiosk.guard import component
from kiosk.hooks import use_screen_state
from kiosk.screens.checkout import ROUTES, Forward, Frame, NothingToBuy
from kiosk.screens.checkout_form import read_form
from kiosk.screens.placeholder import Elsewhere
from kiosk.session import Draft, Session
from kiosk.theme import Radius, Size, Space
from kiosk.ui import T, Ui
from retail.address import Customer
from retail.cart import Quote
from retail.text import UnusableText, required
from sync.store.engine import StoreUnavailable

RECEIPT = "receipt"
LONGEST = 40
WORDS = {
    "empty": "Please type the number on the till's receipt.",
    "card number": "This looks like a card number. Please type the receipt's number, never a card.",
    "hidden characters": "Please type this again: it contains characters that cannot be seen.",
    "too long": "A receipt number has at most 40 characters.",
}
UNSAFE = (
    "This device cannot save orders right now, so nothing was ordered. Everything you typed is kept: "
    "please ask an associate, then try again."
)


@dataclass(eq=False)
class PaymentState(ft.Observable):
    """One order, placed once. ``old``: the prices must be asked again; ``unsafe``: the device cannot save it now."""

    session: Session
    quote: Quote
    customer: Customer
    form: Form
    phase: Literal["ready", "busy", "old", "unsafe", "placed"] = "ready"
    why: str = ""
    fault: str = ""

    @classmethod
    def of(cls, session: Session) -> PaymentState | None:
        """None when address or prices are missing."""
        customer = read_form(session.draft, session.device.country).customer
        if session.quote is None or customer is None:
            return None
        form = Form(session.draft, (RECEIPT,), frozenset({RECEIPT}), active=RECEIPT)
        return cls(session, session.quote, customer, form)

    async def place(self) -> None:
        """Order it. A second tap while the first is on its way does nothing; a later one finds the same order."""
        if self.phase in ("busy", "placed"):
            return
        session, visit = self.session, self.session.look.visit
        try:
            receipt = required(self.form.draft.get(RECEIPT), longest=LONGEST)
        except UnusableText as error:
            self.fault = WORDS[error.reason]
            if error.reason == "card number":  # such a number is not kept anywhere, not even on the screen
                self.form.fill(RECEIPT, "")
            return
        self.phase, self.fault, self.why = "busy", "", ""
        try:
            order = await session.device.place(
                self.quote,
                self.customer,
                payment="till",
                reference=receipt,
                language=session.look.language,
                associate=session.associate.user if session.associate else None,
            )
            self.phase = "placed"
        except StoreUnavailable:
            self.phase = "unsafe"
            return
        except ValueError as error:
            self.phase, self.why = "old", str(error)
            return
        finally:
            if self.phase == "busy":
                self.phase = "ready"
        if session.look.visit != visit:
            return  # the customer has gone meanwhile; the order is safe
        session.cart.clear()
        session.quote, session.draft, session.order = None, Draft(), order.id
        session.go("/done")


@component
def PaymentStep(ui: Ui, session: Session) -> ft.Control:
    """How it is paid, or the step that is missing."""
    state = ft.use_memo(lambda: PaymentState.of(session), [])
    if state is not None:
        return _Payment(ui, state, state.form)
    if not session.cart.cart.lines:
        return NothingToBuy(ui)
    return Elsewhere(ui, session, ROUTES[1])


@component
def _Payment(ui: Ui, made: PaymentState, form: Form) -> ft.Control:
    state = use_screen_state(lambda: made)
    body: list[ft.Control] = [T(ui, ui.t("How would you like to pay?"), "headline"), *_trouble(ui, state)]
    body += [_till(ui, state, form), _others(ui)]
    keys = FormKeys(ui, form, form.press, ui.t("Next")) if ui.tall else None
    return Frame(ui, 2, state.quote, body, _action(ui, state), back=ui.to(ROUTES[1]), keys=keys)


def _action(ui: Ui, state: PaymentState) -> ft.Control:
    if state.phase in ("busy", "placed"):
        return Forward(ui, ui.t("Saving your order"), "place", busy=True)
    if state.phase == "old":
        return Forward(ui, ui.t("Check the prices again"), "check-again", ui.to(ROUTES[1]))
    words = ui.t("Order now, paid at the till")
    return Primary(ui, words, "place", state.place, icon=ft.Icons.LOCK_OUTLINE, height=Size.MAIN)


def _trouble(ui: Ui, state: PaymentState) -> list[ft.Control]:
    if state.phase == "unsafe":
        return [Banner(ui, ui.t(UNSAFE), "unsafe", tone="bad", icon=ft.Icons.ERROR_OUTLINE)]
    if state.phase == "old":
        text = f"{ui.t(state.why)} {ui.t('Nothing was ordered, and nothing you typed is lost.')}"
        return [Banner(ui, text, "old-prices", tone="warn", icon=ft.Icons.UPDATE)]
    return []


def _till(ui: Ui, state: PaymentState, form: Form) -> ft.Control:
    """The way that works now, with the receipt's number typed on our keys or a keyboard."""
    c = ui.c
    steps = ui.t(
        "Pay {total} at the till, and come back with the receipt. We order as soon as you have typed its number.",
        total=ui.money(state.quote.total),
    )
    field = FormField(
        ui,
        form,
        RECEIPT,
        ui.t("Receipt number"),
        error=ui.t(state.fault) if state.fault else "",
        help=ui.t("As printed on the till's receipt"),
        on_submit=state.place,
        keys=True,
    )
    head = ft.Row(
        [
            RadioDot(ui, True),
            ft.Icon(ft.Icons.POINT_OF_SALE, color=c.primary, size=30),
            T(ui, ui.t("At the till"), "strong", expand=True),
        ],
        spacing=Space.M,
    )
    words = ft.Column([head, T(ui, steps, "body", c.ink2), field], spacing=Space.M, tight=True)
    inside: ft.Control = words
    if not ui.tall:
        pad = KeyPad(ui, form.press, width=300)
        inside = ft.Row(
            [ft.Container(words, expand=True), pad],
            spacing=Space.L,
            vertical_alignment=ft.CrossAxisAlignment.START,
        )
    return Named(
        "pay-till",
        ft.Container(
            inside,
            padding=Space.M,
            border_radius=Radius.CONTROL,
            bgcolor=c.soft,
            border=ft.Border.all(2, c.primary),
        ),
        container=True,
    )


def _others(ui: Ui) -> ft.Control:
    """What will be here one day; visible, so that nobody looks for it."""
    ways = (
        ("pay-phone", ft.Icons.QR_CODE_2, ui.t("On your phone")),
        ("pay-gift-card", ft.Icons.CARD_GIFTCARD, ui.t("Gift card")),
    )
    return ft.Row([_not_now(ui, *way) for way in ways], spacing=Space.S)


def _not_now(ui: Ui, name: str, icon: ft.IconData, title: str) -> ft.Control:
    c = ui.c
    head = ft.Row(
        [T(ui, title, "strong", c.ink2, no_wrap=True), Badge(ui, ui.t("Not now"), "warn")],
        spacing=10,
        wrap=True,
        run_spacing=Space.XXS,
    )
    return Named(
        name,
        ft.Container(
            ft.Row(
                [
                    ft.Icon(icon, color=c.ink2, size=30),
                    ft.Column(
                        [head, T(ui, ui.t("Not at this kiosk yet"), "caption", c.ink2)],
                        spacing=2,
                        expand=True,
                        tight=True,
                    ),
                ],
                spacing=Space.M,
            ),
            padding=ft.Padding.symmetric(horizontal=Space.M, vertical=Space.S),
            border_radius=Radius.CONTROL,
            bgcolor=c.fill,
        ),
        expand=True,
    )
