"""One partner's part of an order, line by line."""

from __future__ import annotations

import flet as ft

from kiosk.components.badges import Badge
from kiosk.components.bars import Card
from kiosk.components.pictures import Picture
from kiosk.components.summary import choice
from kiosk.components.timeline import LineProgress
from kiosk.screens.orders_words import ASKING, AWAY, ENDED, STAGES, WORDS, Part, stage
from kiosk.session import Session
from kiosk.strings import day
from kiosk.theme import Space
from kiosk.ui import T, Ui
from retail.order import OrderLine
from retail.status import LineState


def Parcel(ui: Ui, session: Session, part: Part, number: int, count: int) -> ft.Control:
    """What one partner sends: its lines, each with where it stands."""
    partner = session.device.partner_name(part.partner)
    title = (
        ui.t("From {partner}", partner=partner)
        if count == 1
        else ui.t("Parcel {number} of {count}, from {partner}", number=number, count=count, partner=partner)
    )
    if part.status() in ENDED:
        icon, ink = ft.Icons.BLOCK, ui.c.ink2
    elif part.status() in ASKING:
        icon, ink = ft.Icons.HELP_OUTLINE, ui.c.warn
    else:
        icon, ink = ft.Icons.LOCAL_SHIPPING_OUTLINED, ui.c.primary
    notes = [
        f"{parcel.carrier} {parcel.tracking}".strip() for parcel in part.state.shipments if parcel.tracking
    ]
    head = ft.Row(
        [
            ft.Icon(icon, color=ink, size=28),
            ft.Column(
                [T(ui, title, "heading"), *[T(ui, note, "caption", ui.c.ink2) for note in notes]],
                spacing=0,
                expand=True,
                tight=True,
            ),
        ],
        spacing=Space.S,
    )
    rows = [_line(ui, line, state) for line, state in part.lines]
    return Card(
        ui,
        ft.Column([head, ft.Divider(height=1, color=ui.c.line), *rows], spacing=Space.M, tight=True),
        name=f"parcel-{part.partner}",
    )


def _line(ui: Ui, line: OrderLine, state: LineState) -> ft.Control:
    word, tone = WORDS[state.status]
    details = " · ".join(
        filter(None, (choice(line.options), ui.n("{count} piece", "{count} pieces", line.quantity)))
    )
    notes: list[ft.Control] = []
    if state.status not in ENDED:
        names = [ui.t(name) for name in STAGES]
        notes.append(LineProgress(ui, names, stage(state.status), problem=state.status in ASKING))
    notes += [T(ui, note, "caption", ui.c.ink2) for note in _notes(ui, line, state)]
    return ft.Row(
        [
            Picture(ui, line.picture, width=88, height=88, radius=12),
            ft.Column(
                [
                    ft.Row(
                        [
                            T(
                                ui,
                                line.name,
                                "strong",
                                expand=True,
                                max_lines=1,
                                overflow=ft.TextOverflow.ELLIPSIS,
                            ),
                            Badge(ui, ui.t(word), tone),
                        ]
                    ),
                    T(ui, details, "caption", ui.c.ink2),
                    *notes,
                ],
                spacing=6,
                expand=True,
                tight=True,
            ),
        ],
        spacing=Space.M,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )


def _notes(ui: Ui, line: OrderLine, state: LineState) -> list[str]:
    """Dates and counts that are not as agreed."""
    notes = []
    if state.refused:
        notes.append(
            ui.n(
                "{count} of {all} pieces could not be had.",
                "{count} of {all} pieces could not be had.",
                state.refused,
                all=line.quantity,
            )
        )
    if state.status in ENDED or state.status in AWAY:
        return notes
    late = state.promised and line.ships_by and state.promised > line.ships_by
    if late and state.promised and line.ships_by:
        notes.append(
            ui.t(
                "Later than promised: {now} instead of {before}.",
                now=ui.day(state.promised),
                before=day(ui.language, line.ships_by),
            )
        )
    elif promised := state.promised or line.ships_by:
        notes.append(ui.t("On its way {by}", by=ui.day(promised)))
    return notes
