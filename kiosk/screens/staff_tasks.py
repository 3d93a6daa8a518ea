"""Staff corner: the orders that need a person, and what that person should do about each."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import flet as ft

from kiosk.components.bars import Card
from kiosk.components.buttons import Secondary
from kiosk.screens.orders_words import Part
from kiosk.session import Session
from kiosk.theme import Radius, Size, Space
from kiosk.ui import T, Ui
from retail.status import LineStatus
from sync.queue import OrderRecord

S = LineStatus
WAITING = (S.NEEDS_PERSON, S.NEEDS_CONSENT, S.UNKNOWN)
# What the placing code and the partners call it (partners.placing), as a sentence for the store's people.
ADVICE = {
    "outcome_unknown": "We do not know if they took it. Call them before sending it again.",
    "key_expired": "We do not know if they took it, and asking again could order twice. Call them.",
    "unreadable_answer": "They answer in a way that nobody understands. Call them and ask if they have it.",
    "lines_differ": "They have booked other things than were ordered. Call them.",
    "quantities_differ": "They have booked other quantities than were ordered. Call them.",
    "total_differs": "They have booked it at another total than agreed. Call them.",
    "currency_differs": "They have booked it in another currency than agreed. Call them.",
    "damaged": "What is stored of it here is damaged. Do not send it again: call them and the help desk.",
    "price_changed": "They want another price now, so nothing was bought. Ask the customer.",
    "currency_changed": "They want another currency now, so nothing was bought. Ask the customer.",
    "tax_changed": "The tax is another one now, so nothing was bought. Ask the customer.",
    "product_changed": "They would send another product now, so nothing was bought. Ask the customer.",
}


def headline(ui: Ui, record: OrderRecord, part: Part, partner: str) -> str:
    """What is the matter, in one line."""
    number = record.order.number
    match part.status():
        case S.UNKNOWN:
            return ui.t("{number}: checking whether {partner} took it", number=number, partner=partner)
        case S.NEEDS_CONSENT:
            return ui.t("{number}: not as agreed any more at {partner}", number=number, partner=partner)
        case _ if part.state.reference:
            return ui.t("{number}: {partner} booked something else", number=number, partner=partner)
        case _:
            return ui.t("{number}: we do not know if {partner} took it", number=number, partner=partner)


def advice(ui: Ui, part: Part) -> str:
    """What to do about it."""
    if part.status() == S.UNKNOWN:
        return ui.t("We keep asking them by ourselves. Call them if it takes long.")
    return ui.t(ADVICE.get(part.state.reason or "", ADVICE["outcome_unknown"]))


def Tasks(ui: Ui, session: Session, tasks: Sequence[tuple[OrderRecord, Part]]) -> ft.Control:
    """The list; each with the way to settle it."""
    c = ui.c
    count = len(tasks)
    head: list[ft.Control] = [T(ui, ui.t("Needs a person"), "title")]
    if count:
        head.append(
            ft.Container(
                T(ui, str(count), "label", c.on_accent),
                bgcolor=c.accent,
                height=30,
                padding=ft.Padding.symmetric(horizontal=11, vertical=4),
                border_radius=15,
            )
        )
    rows: list[ft.Control] = [ft.Row(head, spacing=Space.S)]
    for record, part in tasks:
        rows += [_task(ui, session, record, part), ft.Divider(height=1, color=c.line)]
    if count:
        rows.pop()
    else:
        rows.append(T(ui, ui.t("Nothing. All orders go their way."), "body", c.ink2))
    return Card(ui, ft.Column(rows, spacing=Space.M, tight=True), name="needs-person")


def _task(ui: Ui, session: Session, record: OrderRecord, part: Part) -> ft.Control:
    tone = "info" if part.status() == S.UNKNOWN else "warn" if part.status() == S.NEEDS_CONSENT else "bad"
    ink, ground = ui.c.tone(tone)
    partner = session.device.partner_name(part.partner)
    icon = ft.Icons.PRICE_CHANGE_OUTLINED if part.status() == S.NEEDS_CONSENT else ft.Icons.SYNC_PROBLEM
    words = ft.Column(
        [T(ui, headline(ui, record, part, partner), "strong"), T(ui, advice(ui, part), "caption", ui.c.ink2)],
        spacing=2,
        expand=True,
        tight=True,
    )
    go = ui.to(f"/staff/decide/{quote(part.order.key, safe='')}")
    return ft.Row(
        [
            ft.Container(
                ft.Icon(icon, color=ink, size=28),
                width=56,
                height=56,
                border_radius=Radius.CONTROL,
                bgcolor=ground,
                alignment=ft.Alignment.CENTER,
            ),
            words,
            Secondary(ui, ui.t("Decide"), f"decide-{part.order.number}", go, height=Size.CONTROL, width=128),
        ],
        spacing=Space.M,
    )
