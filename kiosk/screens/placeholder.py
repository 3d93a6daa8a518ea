"""A calm stand-in for a place that cannot be shown, with the way back to the start."""

from __future__ import annotations

import flet as ft

from kiosk.components.bars import Shell, TopBar
from kiosk.components.buttons import Primary
from kiosk.components.states import EmptyState
from kiosk.guard import component
from kiosk.session import Session
from kiosk.ui import Ui


@component
def Placeholder(ui: Ui) -> ft.Control:
    """For a route that leads nowhere (yet)."""
    return Shell(
        ui,
        TopBar(ui, back=ui.to("/")),
        EmptyState(
            ui,
            ft.Icons.CONSTRUCTION_OUTLINED,
            ui.t("This page is not ready yet"),
            ui.t("Please go back to the start and try another way."),
            "placeholder",
            [Primary(ui, ui.t("Start over"), "start-over", ui.to("/"), icon=ft.Icons.HOME_OUTLINED)],
        ),
    )


@component
def StaffOnly(ui: Ui) -> ft.Control:
    """What anybody sees of a staff route without being signed in: nothing of it."""
    return Shell(
        ui,
        TopBar(ui, back=ui.to("/")),
        EmptyState(
            ui,
            ft.Icons.BADGE_OUTLINED,
            ui.t("Only for staff"),
            ui.t("Please sign in to see this page."),
            "staff-only",
            [Primary(ui, ui.t("Sign in"), "sign-in", ui.to("/staff"))],
        ),
    )


@component
def Elsewhere(ui: Ui, session: Session, route: str) -> ft.Control:
    """Leads to ``route``: something that comes first is missing."""
    ft.use_effect(lambda: session.go(route), [], cleanup=lambda: None)
    return ft.Container(bgcolor=ui.c.bg, expand=True)
