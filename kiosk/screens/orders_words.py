"""Where an order stands, in words for people. Saved, placed and on its way are three different words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from kiosk.components.timeline import Step
from kiosk.strings import day
from kiosk.ui import Ui
from retail.order import OrderLine, PartnerOrder
from retail.status import LineState, LineStatus, PartnerOrderState
from sync.queue import OrderRecord

S = LineStatus
SENDING = frozenset({S.QUEUED, S.PLACING, S.UNKNOWN, S.AWAITING_PAYMENT})
PLACED = frozenset({S.ACCEPTED, S.BACKORDERED})
AWAY = frozenset({S.SHIPPED, S.DELIVERED})
ENDED = frozenset({S.REJECTED, S.CANCELLED})
ASKING = frozenset({S.NEEDS_PERSON, S.NEEDS_CONSENT})
# status: the word, its tone
WORDS: dict[LineStatus, tuple[str, str]] = {
    S.AWAITING_PAYMENT: ("Waiting for payment", "warn"),
    S.QUEUED: ("Waiting to be sent", "warn"),
    S.PLACING: ("Being placed", "info"),
    S.UNKNOWN: ("Being checked", "warn"),
    S.NEEDS_PERSON: ("We are looking into it", "warn"),
    S.NEEDS_CONSENT: ("Price has changed", "warn"),
    S.ACCEPTED: ("Placed", "good"),
    S.BACKORDERED: ("Comes later", "warn"),
    S.SHIPPED: ("On its way", "good"),
    S.DELIVERED: ("Delivered", "good"),
    S.REJECTED: ("Could not be had", "bad"),
    S.CANCELLED: ("Cancelled", "quiet"),
}
STAGES = ("Saved", "Placed", "On its way", "Delivered")


@dataclass(frozen=True, slots=True)
class Part:
    """One partner's share of an order: what was asked, where it stands, and the customer's lines in it."""

    order: PartnerOrder
    state: PartnerOrderState
    lines: tuple[tuple[OrderLine, LineState], ...]

    @property
    def partner(self) -> str:
        """The partner's id."""
        return self.order.partner

    def status(self) -> LineStatus:
        """The line that is least far."""
        return self.state.status()

    def promised(self) -> date | None:
        """When the last of it leaves; None when nobody said."""
        days = [when for line, state in self.lines if (when := state.promised or line.ships_by)]
        return max(days, default=None)


def parts_of(record: OrderRecord) -> tuple[Part, ...]:
    """The order by partner."""
    lines = {line.id: line for line in record.order.lines}
    return tuple(
        Part(order, state, tuple((lines[moved.line], moved) for moved in state.lines))
        for order, state in zip(record.partner_orders, record.states, strict=True)
    )


def differ(parts: Iterable[Part]) -> bool:
    """Whether the partners are not equally far."""
    return len({part.status() for part in parts}) > 1


def stage(status: LineStatus) -> int:
    """How many of STAGES are done, less one."""
    return 3 if status == S.DELIVERED else 2 if status == S.SHIPPED else 1 if status in PLACED else 0


def when(ui: Ui, moment: datetime, now: datetime) -> str:
    """ "Today, 14:32", or the day with the time."""
    local, today = moment.astimezone(), now.astimezone().date()
    if local.date() == today:
        return ui.t("Today, {time}", time=ui.clock(moment))
    return f"{day(ui.language, local.date())}, {ui.clock(moment)}"


def steps(ui: Ui, record: OrderRecord, now: datetime, *, online: bool) -> list[Step]:
    """The whole way of an order, nothing drawn as done that is not. ``online`` says whether anything can be sent."""
    parts = parts_of(record)
    live = [part for part in parts if part.status() not in ENDED]
    saved = Step(ui.t("Saved"), when(ui, record.order.created_at, now), "done")
    if not live:
        return [saved, _end(ui, parts)]
    away = [part for part in live if part.status() in AWAY]
    arrived = [part for part in live if part.status() == S.DELIVERED]
    out = [saved, _placing(ui, live, now, online=online)]
    if len(live) < len(parts):
        out.append(_end(ui, [part for part in parts if part.status() in ENDED]))
    out.append(_leaving(ui, live, away))
    if arrived:
        all_there = len(arrived) == len(live)
        out.append(Step(ui.t("Delivered"), "", "done" if all_there else "now"))
    return out


def _placing(ui: Ui, live: list[Part], now: datetime, *, online: bool) -> Step:
    count = len(live)
    statuses = {part.status() for part in live}
    done = [part for part in live if part.status() in PLACED | AWAY]
    if S.NEEDS_CONSENT in statuses:
        note = ui.t("Nothing was bought at another price. Please ask an associate.")
        return Step(ui.t("The price has changed"), note, "problem")
    if S.NEEDS_PERSON in statuses:
        note = ui.t("Your order is safe. There is nothing for you to do.")
        return Step(ui.t("An associate is looking into it"), note, "problem")
    if len(done) == count:
        title = ui.n("Placed with {count} partner", "Placed with {count} partners", count)
        return Step(title, _later(ui, live, now), "done")
    if S.UNKNOWN in statuses:
        note = ui.t("We are making sure that it arrived. Nothing for you to do")
    elif not online:
        note = ui.t("We will place it as soon as it is. Nothing for you to do")
        return Step(ui.t("Waiting for the store to be online"), note, "now")
    elif any(part.status() == S.QUEUED and part.state.reason for part in live):
        note = ui.t("A partner does not answer just now. We keep trying")
    else:
        note = ui.t("Usually within a minute")
    if done:
        title = ui.t("Placed with {done} of {count} partners", done=len(done), count=count)
    else:
        title = ui.n("Being placed with {count} partner", "Being placed with {count} partners", count)
    return Step(title, note, "now")


def _later(ui: Ui, live: list[Part], now: datetime) -> str:
    if any(part.status() == S.BACKORDERED for part in live):
        return ui.t("Some of it comes later than usual")
    if any(part.status() in AWAY for part in live):
        return ""  # the time of the last change is that of the parcel
    return when(ui, max(part.state.changed_at for part in live), now)


def _leaving(ui: Ui, live: list[Part], away: list[Part]) -> Step:
    if away:
        tracking = " · ".join(
            f"{parcel.carrier} {parcel.tracking}".strip() for part in away for parcel in part.state.shipments
        )
        if len(away) == len(live):
            return Step(ui.t("On its way"), tracking, "done")
        title = ui.t("{done} of {count} parcels are on their way", done=len(away), count=len(live))
        return Step(title, tracking, "now")
    promised = max((day_ for part in live if (day_ := part.promised())), default=None)
    return Step(ui.t("On its way"), ui.day(promised), "todo")


def _end(ui: Ui, ended: Iterable[Part]) -> Step:
    if any(part.status() == S.REJECTED for part in ended):
        note = ui.t("Nothing was bought. Please ask an associate for your money.")
        return Step(ui.t("A partner could not send it"), note, "problem")
    return Step(ui.t("Cancelled"), ui.t("Please ask an associate for your money."), "done")


def sentence(ui: Ui, record: OrderRecord, *, online: bool) -> str:
    """The one line under the order's number: what is true now."""
    parts = parts_of(record)
    statuses = {part.status() for part in parts}
    if statuses <= {S.CANCELLED}:
        return ui.t("This order is cancelled.")
    short = any(moved.refused for part in parts for _, moved in part.lines)
    if statuses <= ENDED:
        return ui.t("Our partners could not send this. Please ask an associate for your money.")
    if statuses & ENDED or short:
        return ui.t("A part of your order could not be had. Please ask an associate for the money.")
    if statuses & ASKING:
        return ui.t("Your order is saved. Something about it needs a person: please ask an associate.")
    if statuses <= {S.DELIVERED}:
        return ui.t("Your order has arrived.")
    if statuses <= AWAY:
        return ui.t("Your order is on its way.")
    if statuses <= PLACED | AWAY:
        return ui.t("Thank you. Your order is placed.")
    if not online:
        return ui.t("Order saved on this device. We will place it as soon as the store is online.")
    return ui.t("Thank you. Your order is saved and is being placed with our partners now.")
