"""Checkout, step 2: what each partner sends, by when and for how much. What has changed is agreed to, never slipped in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import flet as ft

from kiosk.components.banner import Banner
from kiosk.components.bars import Card
from kiosk.components.buttons import Secondary
from kiosk.components.states import Waiting
from kiosk.guard import component, safe
from kiosk.hooks import use_screen_state, use_task
from kiosk.screens.checkout import ROUTES, Forward, Frame, NothingToBuy
from kiosk.screens.checkout_changes import Changes, agreed
from kiosk.screens.checkout_form import read_form
from kiosk.screens.placeholder import Elsewhere
from kiosk.session import Session
from kiosk.theme import Size, Space
from kiosk.ui import T, Ui
from retail.cart import Cart, Quote
from retail.money import Money
from retail.order import Shipping

FAILED = "We could not ask for delivery just now. Please try again, or ask an associate."


def dearer(before: Quote | None, now: Quote) -> tuple[Money, Money] | None:
    """Old and new delivery cost, when it is not what was said for the very same things before; else None."""
    if before is None or _sold(before) != _sold(now):
        return None
    old, new = before.total - before.goods(), now.total - now.goods()
    return None if old == new else (old, new)


def _sold(quote: Quote) -> list[tuple[str, str, int, Money]]:
    return [(line.partner, line.sku, line.quantity, line.price) for line in quote.lines]


@dataclass(eq=False)
class DeliveryState(ft.Observable):
    """Asks the partners. ``changed``: the customer has to agree first; ``failed``: ``why`` says what to do."""

    session: Session
    cart: Cart
    before: Quote | None
    phase: Literal["busy", "ready", "changed", "failed"] = "busy"
    quote: Quote | None = None
    why: str = ""

    @classmethod
    def of(cls, session: Session) -> DeliveryState:
        """Nothing is agreed until the partners were asked again."""
        before, session.quote = session.quote, None
        return cls(session, session.cart.cart, before)

    async def ask(self) -> None:
        """Ask every partner what it would charge now."""
        self.phase, visit = "busy", self.session.look.visit
        customer = read_form(self.session.draft, self.session.device.country).customer
        try:
            quote = await self.session.device.quote(self.cart, customer.address if customer else None)
        except ValueError as error:
            self.why, self.phase = str(error), "failed"
            return
        if self.session.look.visit != visit:
            return  # the customer has gone meanwhile
        self.quote = quote
        if not quote.changes:
            self.session.quote = quote
        self.phase = "changed" if quote.changes else "ready"

    async def load(self) -> None:
        """``ask``, whatever happens."""
        await safe(self.ask, failed=self.fail)()

    def fail(self) -> None:
        """Something that nobody foresaw."""
        self.why, self.phase = FAILED, "failed"

    def agree(self) -> None:
        """The customer takes it as it is now."""
        assert self.quote is not None
        self.cart = agreed(self.cart, self.quote.changes)
        self.session.cart.replace(self.cart)
        self.quote = replace(self.quote, changes=())
        self.session.quote = self.quote
        self.phase = "ready"


@component
def DeliveryStep(ui: Ui, session: Session) -> ft.Control:
    """The parcels, or what has to be settled first."""
    ready = ft.use_memo(lambda: read_form(session.draft, session.device.country).customer is not None, [])
    if not session.cart.cart.lines:
        return NothingToBuy(ui)
    if not ready:
        return Elsewhere(ui, session, ROUTES[0])
    return _Delivery(ui, session)


@component
def _Delivery(ui: Ui, session: Session) -> ft.Control:
    state = use_screen_state(lambda: DeliveryState.of(session))
    use_task(session, state.load, [])
    back = ui.to(ROUTES[0])
    if state.phase == "failed":
        action = Forward(ui, ui.t("Back to the cart"), "to-cart", ui.to("/cart"))
        return Frame(ui, 1, state.cart, _failed(ui, state), action, back=back)
    if state.quote is None or state.phase == "busy":
        action = Forward(ui, ui.t("Waiting for our partners"), "to-payment", busy=True)
        return Frame(ui, 1, state.cart, _busy(ui), action, back=back)
    if state.phase == "changed":
        words = ui.t("Agree, {total}", total=ui.money(state.quote.total))
        return Frame(
            ui,
            1,
            state.quote,
            Changes(ui, state.cart, state.quote),
            Forward(ui, words, "agree", state.agree),
            back=ui.to("/cart"),
        )
    action = Forward(ui, ui.t("Continue to payment"), "to-payment", ui.to(ROUTES[2]))
    return Frame(ui, 1, state.quote, _parcels(ui, state, state.quote), action, back=back)


def _busy(ui: Ui) -> list[ft.Control]:
    return [
        T(ui, ui.t("How it arrives"), "headline"),
        Card(ui, Waiting(ui, ui.t("Asking our partners for price and date"), "asking")),
    ]


def _failed(ui: Ui, state: DeliveryState) -> list[ft.Control]:
    return [
        T(ui, ui.t("This cannot be sent as it is"), "headline"),
        Banner(ui, ui.t(state.why), "quote-failed", tone="bad", icon=ft.Icons.ERROR_OUTLINE),
        ft.Row([Secondary(ui, ui.t("Try again"), "again", state.load, icon=ft.Icons.REFRESH)]),
    ]


# -- the parcels -------------------------------------------------------------------------------------------


def _parcels(ui: Ui, state: DeliveryState, quote: Quote) -> list[ft.Control]:
    out: list[ft.Control] = [T(ui, ui.t("How it arrives"), "headline")]
    other = dearer(state.before, quote)
    if other is not None:
        old, new = (ui.money(amount) for amount in other)
        text = ui.t("Delivery costs {new} now, it was {old} before.", new=new, old=old)
        out.append(Banner(ui, text, "delivery-changed", tone="warn"))
    count = len(quote.shipping)
    out += [
        _parcel(ui, state.session, quote, part, number, count)
        for number, part in enumerate(quote.shipping, 1)
    ]
    return out


def _parcel(ui: Ui, session: Session, quote: Quote, part: Shipping, number: int, count: int) -> ft.Control:
    c = ui.c
    lines = [line for line in quote.lines if line.partner == part.partner]
    partner = session.device.partner_name(part.partner)
    days = [line.ships_by for line in lines if line.ships_by]
    when = ui.t("On its way {by}", by=ui.day(max(days))) if days else ui.t("We write to you when it leaves")
    title = (
        ui.t("From {partner}", partner=partner)
        if count == 1
        else ui.t("Parcel {number} of {count}, from {partner}", number=number, count=count, partner=partner)
    )
    things = ", ".join(f"{line.name}{f' × {line.quantity}' if line.quantity > 1 else ''}" for line in lines)
    price = ui.money(part.price) if part.price else ui.t("Free")
    row = ft.Row(
        [
            ft.Container(
                ft.Icon(ft.Icons.LOCAL_SHIPPING_OUTLINED, color=c.on_soft, size=Size.ICON_L),
                width=Size.CONTROL,
                height=Size.CONTROL,
                border_radius=Size.CONTROL / 2,
                bgcolor=c.soft,
                alignment=ft.Alignment.CENTER,
            ),
            ft.Column(
                [T(ui, title, "heading"), T(ui, when, "strong"), T(ui, things, "caption", c.ink2)],
                spacing=2,
                tight=True,
                expand=True,
            ),
            ft.Column(
                [T(ui, price, "price", no_wrap=True), T(ui, ui.t("Delivery"), "caption", c.ink2)],
                spacing=0,
                tight=True,
                horizontal_alignment=ft.CrossAxisAlignment.END,
            ),
        ],
        spacing=Space.M,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
    parts: list[ft.Control] = [row]
    if not quote.confirmed.get(part.partner, True):
        text = ui.t(
            "{partner} did not answer just now. These are the prices we saw last: you never pay more, "
            "but they may have to say no.",
            partner=partner,
        )
        parts.append(Banner(ui, text, f"unconfirmed-{part.partner}", tone="warn"))
    return Card(
        ui,
        ft.Column(parts, spacing=Space.M, tight=True),
        name=f"parcel-{part.partner}",
    )
