"""Staff corner: signing in. Checked on this device, offline too; the password is kept nowhere."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Literal

import flet as ft

from kiosk.components.banner import Banner
from kiosk.components.bars import BottomBar, Page, Shell, TopBar
from kiosk.components.buttons import Primary
from kiosk.components.form_keys import Form, FormField, FormKeys
from kiosk.guard import component
from kiosk.hooks import use_screen_state
from kiosk.screens.placeholder import Elsewhere
from kiosk.session import Draft, Session
from kiosk.theme import Size, Space
from kiosk.ui import T, Ui
from sync.associates import SignInRefused

USER, PASSWORD = "user", "password"
HOME = "/staff/home"


def _form() -> Form:
    return Form(Draft(), (USER, PASSWORD), active=USER)


@dataclass(eq=False)
class SignInState(ft.Observable):
    """The two fields. ``refused``: ``why`` and ``minutes`` say how long to wait; ``empty``: one was left out."""

    session: Session
    form: Form = field(default_factory=_form)
    phase: Literal["form", "busy", "empty", "refused"] = "form"
    why: Literal["wrong", "locked", "manager"] = "wrong"
    minutes: int = 0

    async def sign_in(self) -> None:
        """Ask who it is. The check takes a moment on purpose, so it runs beside the screens."""
        session, visit = self.session, self.session.look.visit
        user, password = self.form.draft.get(USER), self.form.draft.get(PASSWORD)
        if self.phase == "busy":
            return
        if not (user.strip() and password):
            self.phase = "empty"
            return
        self.phase = "busy"
        try:
            who = await asyncio.to_thread(session.device.sign_in, user, password)
        except SignInRefused as error:
            self.why = error.reason
            self.minutes = max(1, round((error.wait_seconds or 0) / 60 + 0.49))
            self.phase = "refused"
            return
        finally:
            self.form.fill(PASSWORD, "")
            if self.phase == "busy":
                self.phase = "form"
        if session.look.visit == visit:
            session.associate = who
            session.go(HOME)


@component
def SignIn(ui: Ui, session: Session) -> ft.Control:
    """User name and password; straight on for who is signed in already."""
    state = use_screen_state(lambda: SignInState(session))
    if session.associate is not None:
        return Elsewhere(ui, session, HOME)
    back = ui.to("/")
    words = ui.t("One moment") if state.phase == "busy" else ui.t("Sign in")
    button = Primary(
        ui,
        words,
        "sign-in",
        state.sign_in,
        icon=ft.Icons.LOGIN,
        height=Size.MAIN,
        expand=True,
        disabled=state.phase == "busy",
    )
    body: list[ft.Control] = [
        ft.Container(height=Space.XL),
        T(ui, ui.t("Who is it?"), "display"),
        *_trouble(ui, state),
        _Fields(ui, state, state.form),
    ]
    if ui.portrait:
        bar: ft.Control = BottomBar(ui, [button], back=back)
        if ui.tall:
            keys = FormKeys(ui, state.form, state.form.press, ui.t("Next"))
            bar = ft.Column([keys, bar], spacing=0, tight=True)
        return Shell(ui, TopBar(ui, ui.t("Staff"), back=back), Page(ui, body, width=560), bar)
    body.append(ft.Row([button]))
    return Shell(ui, TopBar(ui, ui.t("Staff"), back=back), Page(ui, body, width=520))


@component
def _Fields(ui: Ui, state: SignInState, form: Form) -> ft.Control:
    missing = state.phase == "empty"
    return ft.Column(
        [
            FormField(
                ui,
                form,
                USER,
                ui.t("User name"),
                error=ui.t("Please type your user name.")
                if missing and not form.draft.get(USER).strip()
                else "",
            ),
            FormField(
                ui,
                form,
                PASSWORD,
                ui.t("Password"),
                error=ui.t("Please type your password.") if missing and not form.draft.get(PASSWORD) else "",
                password=True,
                on_submit=state.sign_in,
            ),
        ],
        spacing=Space.M,
        tight=True,
    )


def _trouble(ui: Ui, state: SignInState) -> list[ft.Control]:
    if state.phase != "refused":
        return []
    if state.why == "wrong":
        text = ui.t("User name or password is not right. Please try again.")
    elif state.why == "locked":
        text = ui.n(
            "Too many tries. Please wait {count} minute, then try again.",
            "Too many tries. Please wait {count} minutes, then try again.",
            state.minutes,
        )
    else:
        text = ui.t("This sign-in is locked. A manager has to give you a new password.")
    return [Banner(ui, text, f"refused-{state.why}", tone="bad", icon=ft.Icons.LOCK_OUTLINE)]
