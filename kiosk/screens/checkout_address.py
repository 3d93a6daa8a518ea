"""Checkout, step 1: who buys and where it goes. Errors are said when the customer presses on, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

import flet as ft

from kiosk.components.banner import Banner
from kiosk.components.fields import PickField
from kiosk.components.form_keys import Form, FormField, FormKeys
from kiosk.components.touch import Named
from kiosk.guard import component
from kiosk.hooks import use_screen_state
from kiosk.screens.checkout import ROUTES, Forward, Frame, NothingToBuy
from kiosk.screens.checkout_form import (
    CAPITALS,
    Mistake,
    country_of,
    read_form,
    rules_of,
    shown,
    words,
)
from kiosk.screens.checkout_places import SHOWN, Finder, Places, countries, country_name, ship_to
from kiosk.session import Session
from kiosk.theme import Space
from kiosk.ui import T, Ui
from retail.cart import Cart


@dataclass(eq=False)
class AddressState(ft.Observable):
    """The form. ``unsure``: its only faults are doubts, so it may be kept as it is."""

    session: Session
    cart: Cart
    form: Form
    phase: Literal["form", "country", "region"] = "form"
    faults: tuple[Mistake, ...] = ()
    unsure: bool = False
    finder: Finder = field(default_factory=Finder)

    @classmethod
    def of(cls, session: Session) -> AddressState:
        """With what was typed before."""
        fields = shown(country_of(session.draft, session.device.country))
        first = next((name for name in fields if not session.draft.get(name)), fields[0])
        form = Form(session.draft, fields, CAPITALS, active=first)
        return cls(session, session.cart.cart, form)

    @property
    def country(self) -> str:
        """Where it goes."""
        return country_of(self.form.draft, self.session.device.country)

    def press_on(self) -> None:
        """Go to the next step, or say everything that is not right."""
        found = read_form(self.form.draft, self.session.device.country)
        self.faults = found.mistakes + found.doubts
        self.unsure = found.customer is not None
        for fault in self.faults:
            if fault.reason == "card number":  # such a number is not kept anywhere, not even on the screen
                self.form.fill(fault.field, "")
        if not self.faults:
            self.session.go(ROUTES[1])

    def keep(self) -> None:
        """The customer knows better than the rules of the post."""
        found = read_form(self.form.draft, self.session.device.country)
        if found.customer is None:
            self.press_on()
        else:
            self.session.go(ROUTES[1])

    def open(self, phase: Literal["country", "region"]) -> None:
        """Show the list of places for one field."""
        self.finder, self.phase = Finder(), phase

    def choose(self, place: str) -> None:
        """Take the country or region that was being chosen."""
        if self.phase == "country" and place != self.country:
            self.form.draft.put("region", "")
            self.faults, self.unsure = (), False
        self.form.draft.put(self.phase, place)
        self.form.fields = shown(self.country)
        self.phase = "form"

    def back(self) -> None:
        """From the list to the form, from the form to the cart."""
        if self.phase != "form":
            self.phase = "form"
        else:
            self.session.go("/cart")


@component
def AddressStep(ui: Ui, session: Session) -> ft.Control:
    """The form, or the list that one of its fields opens."""
    state = use_screen_state(lambda: AddressState.of(session))
    finder = state.finder
    if not state.cart.lines:
        return NothingToBuy(ui)
    if state.phase == "form":
        body: list[ft.Control] = [_AddressForm(ui, state, state.form)]
        action = Forward(ui, ui.t("Continue to delivery"), "to-delivery", state.press_on)
        keys = FormKeys(ui, state.form, state.form.press, ui.t("Next")) if ui.tall else None
    else:
        choices = _choices(ui, state)
        title = ui.t("Which country?") if state.phase == "country" else ui.t("Which region?")
        chosen = state.country if state.phase == "country" else state.form.draft.get("region")
        body = [Places(ui, choices, chosen, title, finder, finder.form, state.choose)]
        action = ft.Container()
        long = ui.tall and len(choices) > SHOWN
        keys = FormKeys(ui, finder.form, finder.form.press, ui.t("Next")) if long else None
    return Frame(ui, 0, state.cart, body, action, back=state.back, keys=keys)


def _choices(ui: Ui, state: AddressState) -> Sequence[tuple[str, str]]:
    if state.phase == "region":
        return rules_of(state.country).regions
    device = state.session.device
    partners = {line.offer.partner for line in state.cart.lines}
    return countries(ui.language, ship_to(device, partners), device.country)


@component
def _AddressForm(ui: Ui, state: AddressState, form: Form) -> ft.Control:
    """Redrawn when our own keys type; everybody else's typing redraws nothing."""
    rules = rules_of(state.country)
    name = country_name(ui.language, state.country)
    said = {fault.field: words(ui, fault, state.country, name) for fault in state.faults}

    def box(
        of: str,
        label: str,
        share: int,
        keyboard: ft.KeyboardType = ft.KeyboardType.TEXT,
        help: str = "",  # noqa: A002 - the word on the screen
    ) -> ft.Control:
        drawn = FormField(ui, form, of, label, error=said.get(of, ""), help=help, keyboard=keyboard)
        return ft.Container(drawn, expand=share)

    pick = PickField(
        ui, ui.t("Country"), name, "country", partial(state.open, "country"), icon=ft.Icons.PUBLIC
    )
    place: list[ft.Control] = []
    if rules.postal_code:
        needed = ui.t("Postcode") if rules.postal_code_needed else ui.t("Postcode (optional)")
        place.append(box("postal_code", needed, 2))
    place.append(box("city", ui.t("Town"), 3))
    if rules.regions:
        chosen = dict(rules.regions).get(form.draft.get("region"), ui.t("Please choose"))
        region = PickField(ui, ui.t("Region"), chosen, "region", partial(state.open, "region"))
        message: list[ft.Control] = []
        if "region" in said:
            message.append(Named("region-error", T(ui, said["region"], "label", ui.c.bad), live=True))
        place.append(ft.Container(ft.Column([region, *message], spacing=6, tight=True), expand=3))
    elif rules.region:
        place.append(box("region", ui.t("Region"), 3))
    rows = [
        [ft.Container(pick, expand=1), box("name", ui.t("Full name"), 1, ft.KeyboardType.NAME)],
        [box("street", ui.t("Street and number"), 3), box("extra", ui.t("Extra line (optional)"), 2)],
        place,
        [
            box(
                "email",
                ui.t("E-mail"),
                1,
                ft.KeyboardType.EMAIL,
                ui.t("For the receipt and news of the parcel"),
            ),
            box(
                "phone",
                ui.t("Mobile phone (optional)"),
                1,
                ft.KeyboardType.PHONE,
                ui.t("Only for the courier"),
            ),
        ],
    ]
    parts: list[ft.Control] = [T(ui, ui.t("Where should it go?"), "headline"), *_faults(ui, state)]
    parts += [ft.Row(row, spacing=Space.M, vertical_alignment=ft.CrossAxisAlignment.START) for row in rows]
    return ft.Column(parts, spacing=Space.M, tight=True)


def _faults(ui: Ui, state: AddressState) -> list[ft.Control]:
    """How many, on top; a doubt may be kept as it is."""
    count = len(state.faults)
    if not count:
        return []
    if state.unsure:
        text = ui.t("We cannot confirm this address. Please check it, or keep it as you typed it.")
        action = ui.t("Keep it")
        return [Banner(ui, text, "unsure", tone="warn", action=action, on_click=state.keep)]
    text = ui.n(
        "{count} thing needs your attention. Everything else is kept.",
        "{count} things need your attention. Everything else is kept.",
        count,
    )
    return [Banner(ui, text, "faults", tone="bad", icon=ft.Icons.ERROR_OUTLINE)]
