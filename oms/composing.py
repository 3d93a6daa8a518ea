"""What each mail says: from an event and its order to a letter. No I/O.

To customers: what is true now, then what happens next; a partner's name and our reasons stay inside. To the
store: what has to be done, and the facts for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oms.letters import Box, Letter, Row, Sum, Words
from retail.events import (
    LinesRejected,
    OrderCreated,
    OrderFulfilled,
    OrderNeedsPerson,
    OrderProcessed,
    ShipmentProcessed,
)
from retail.money import Money, total
from retail.order import Order, OrderLine, PartnerOrder, Payment
from retail.status import LineStatus, PartnerOrderState

CUSTOMER, STORE = "customer", "store"


@dataclass(frozen=True, slots=True)
class News:
    """An event with what mails about it need; ``part`` and ``state`` when it is about one partner order."""

    order: Order
    words: Words
    body: object
    part: PartnerOrder | None = None
    state: PartnerOrderState | None = None
    partner: str = ""

    def lines(self, ids: Iterable[str]) -> tuple[OrderLine, ...]:
        """The order's lines with these ``ids``, in the order's order."""
        wanted = set(ids)
        return tuple(line for line in self.order.lines if line.id in wanted)


def _created_store(news: News) -> Letter:
    order, words = news.order, news.words
    pieces = sum(line.quantity for line in order.lines)
    return _to_store(
        news,
        "created.store",
        subject=words.say(
            "created.store.subject", pieces, number=order.number, total=words.money(order.total)
        ),
        facts=[
            ("helped", order.associate or words.say("store_facts.kiosk")),
            ("payment", ", ".join(_paid(words, payment) for payment in order.payments)),
        ],
        rows=_priced(news, order.lines),
        sums=_sums(news),
    )


def _processed_customer(news: News) -> Letter:
    order, words = news.order, news.words
    address = order.customer.address
    city = " ".join(part for part in (address.postal_code, address.city) if part)
    return _to_customer(
        news,
        "processed.customer",
        paragraphs=words.paragraphs("processed.customer.text", total=words.money(order.total)),
        rows_title=words.say("items"),
        rows=_priced(news, order.lines),
        sums=_sums(news),
        address_title=words.say("goes_to"),
        address=(
            order.customer.name,
            *address.lines,
            city,
            *([address.region] if address.region else []),
            words.locale.territories.get(address.country, address.country),
        ),
        payments_title=words.say("payment"),
        payments=tuple(_paid(words, payment) for payment in order.payments),
    )


def _shipped_customer(news: News) -> Letter:
    body, words = news.body, news.words
    assert isinstance(body, ShipmentProcessed)
    inside = dict.fromkeys(body.lines, 0)
    for parcel in news.state.shipments if news.state else ():
        if parcel.id == body.shipment:
            inside = dict(parcel.lines)
    lines = news.lines(inside)
    whole = len(lines) == len(news.order.lines) and all(
        inside[line.id] in (0, line.quantity) for line in lines
    )
    part = "" if whole else "_part"
    carrier, tracking = _one_line(body.carrier), _one_line(body.tracking)
    carrier = words.say("shipped.customer.carrier", carrier=carrier) if carrier else ""
    box = (
        Box(words.say("shipped.customer.tracking"), tracking, carrier)
        if tracking
        else Box(
            words.say("shipped.customer.tracking_none"),
            words.say("shipped.customer.tracking_none_text"),
            carrier,
        )
    )
    return _to_customer(
        news,
        "shipped.customer",
        variant=part,
        paragraphs=words.paragraphs(f"shipped.customer.text{part}"),
        box=box,
        rows_title=words.say("shipped.customer.items"),
        rows=_counted(words, lines, inside),
    )


def _rejected_customer(news: News) -> Letter:
    body, words = news.body, news.words
    assert isinstance(body, LinesRejected)
    refused, back, freight = _refused(news)
    everything = sum(refused.values()) == sum(line.quantity for line in news.order.lines)
    why = words.any("why", body.reason)
    said = [*words.paragraphs("rejected.customer.text", why=why)]
    if back:
        key = "rejected.customer.back_shipping" if freight else "rejected.customer.back"
        said.append(words.say(key, amount=words.money(back)))
    if not everything:
        said.append(words.say("rejected.customer.rest"))
    return _to_customer(
        news,
        "rejected.customer",
        variant="_all" if everything else "",
        paragraphs=said,
        rows_title=words.say("rejected.customer.items"),
        rows=_counted(words, news.lines(refused), refused),
    )


def _rejected_store(news: News) -> Letter:
    body, words = news.body, news.words
    assert isinstance(body, LinesRejected)
    refused, back, _ = _refused(news)
    return _to_store(
        news,
        "rejected.store",
        facts=[
            *_partner_facts(news),
            ("reason", words.any("why_store", body.reason, reason=body.reason)),
            ("back", words.money(back)),
        ],
        rows=_counted(words, news.lines(refused), refused),
    )


def _person_store(news: News) -> Letter:
    body, words = news.body, news.words
    assert isinstance(body, OrderNeedsPerson)
    assert news.part is not None
    why = words.any("needs", body.reason, partner=news.partner, reason=body.reason)
    lines = news.lines(line.line for line in news.part.lines)
    return _to_store(
        news,
        "person.store",
        why=why,
        facts=_partner_facts(news),
        rows=_counted(words, lines, {line.id: line.quantity for line in lines}),
    )


def _fulfilled_customer(news: News) -> Letter:
    body, words = news.body, news.words
    assert isinstance(body, OrderFulfilled)
    if body.refused:
        of = words.say("of_pieces", body.shipped + body.refused)
        said = [words.say("fulfilled.customer.text_part", body.shipped, shipped=body.shipped, of_pieces=of)]
    else:
        said = [*words.paragraphs("fulfilled.customer.text")]
    lines = () if body.refused else news.order.lines
    return _to_customer(
        news,
        "fulfilled.customer",
        paragraphs=said,
        rows_title=words.say("fulfilled.customer.items"),
        rows=_counted(words, lines, {line.id: line.quantity for line in lines}),
    )


def _to_customer(
    news: News, key: str, *, variant: str = "", paragraphs: Sequence[str], **more: Any
) -> Letter:
    order, words = news.order, news.words
    return Letter(
        language=str(words.locale).replace("_", "-"),
        brand=words.say("brand"),
        subject=words.say(f"{key}.subject{variant}", number=order.number),
        order=words.say("order", number=order.number),
        heading=words.say(f"{key}.heading{variant}", number=order.number),
        paragraphs=(words.say("hello", name=order.customer.name), *paragraphs),
        foot=words.say("foot.customer", number=order.number),
        **more,
    )


def _to_store(
    news: News,
    key: str,
    *,
    subject: str | None = None,
    why: str = "",
    facts: Sequence[tuple[str, str]],
    rows: tuple[Row, ...],
    sums: tuple[Sum, ...] = (),
) -> Letter:
    order, words = news.order, news.words
    values = {"number": order.number, "partner": news.partner, "why": why}
    first = [("number", order.number), ("customer", order.customer.name)]
    return Letter(
        language=str(words.locale).replace("_", "-"),
        brand=words.say("brand"),
        subject=subject or words.say(f"{key}.subject", **values),
        order=words.say("order", number=order.number),
        heading=words.say(f"{key}.heading", **values),
        paragraphs=words.paragraphs(f"{key}.text", **values),
        foot=words.say("foot.store"),
        facts=tuple((words.say(f"store_facts.{name}"), value) for name, value in [*first, *facts]),
        rows_title=words.say(f"{key}.items"),
        rows=rows,
        sums=sums,
    )


def _partner_facts(news: News) -> list[tuple[str, str]]:
    return [("partner", news.partner), ("reference", news.part.number if news.part else "")]


def _paid(words: Words, payment: Payment) -> str:
    """How it was paid; a gift card's number is as good as money and is not shown."""
    return words.say(
        f"paid.{payment.method}", amount=words.money(payment.amount), reference=payment.reference
    )


def _one_line(text: str) -> str:
    """What a partner wrote, such as a tracking number, where it can do no harm."""
    return " ".join(text.split())[:100]


def _detail(line: OrderLine) -> str:
    return ", ".join(line.options.values())


def _priced(news: News, lines: Iterable[OrderLine]) -> tuple[Row, ...]:
    words, today = news.words, news.order.created_at.date()
    return tuple(
        Row(
            line.name,
            _detail(line),
            words.say("quantity", quantity=line.quantity, price=words.money(line.price)),
            words.money(line.sum()),
            words.say("sent_by", date=words.day(line.ships_by, today)) if line.ships_by else "",
        )
        for line in lines
    )


def _counted(words: Words, lines: Iterable[OrderLine], pieces: Mapping[str, int]) -> tuple[Row, ...]:
    """Rows without prices; ``pieces`` by line id, 0 when nobody counted them: then it is the whole line."""
    return tuple(
        Row(
            line.name,
            _detail(line),
            words.say("pieces_of", n=pieces[line.id], whole=line.quantity)
            if 0 < pieces[line.id] < line.quantity
            else words.say("pieces", line.quantity),
        )
        for line in lines
    )


def _sums(news: News) -> tuple[Sum, ...]:
    order, words = news.order, news.words
    freight = order.freight()
    return (
        Sum(words.say("goods"), words.money(order.goods())),
        Sum(words.say("shipping"), words.money(freight) if freight else words.say("free")),
        Sum(words.say("total"), words.money(order.total), strong=True),
    )


def _refused(news: News) -> tuple[dict[str, int], Money, bool]:
    """Refused pieces by line, what they cost, and whether that includes shipping because nothing will come.

    Counts are all that was refused so far, so that two mails about one line never add up to too much.
    """
    body = news.body
    assert isinstance(body, LinesRejected)
    lines = {line.id: line for line in news.lines(body.lines)}
    states = {line.line: line for line in news.state.lines} if news.state else {}
    refused = {}
    for key, line in lines.items():
        state = states.get(key)
        whole = state is None or state.status is LineStatus.REJECTED or not state.refused
        refused[key] = line.quantity if whole or state is None else min(state.refused, line.quantity)
    back = total((line.price * refused[key] for key, line in lines.items()), news.order.total.currency)
    nothing = bool(states) and all(state.status is LineStatus.REJECTED for state in states.values())
    if nothing and news.part is not None and news.part.shipping:
        return refused, back + news.part.shipping, True
    return refused, back, False


Compose = Callable[[News], Letter]
MAILS: Mapping[str, Sequence[tuple[str, Compose]]] = {
    OrderCreated.__name__: [(STORE, _created_store)],
    OrderProcessed.__name__: [(CUSTOMER, _processed_customer)],
    ShipmentProcessed.__name__: [(CUSTOMER, _shipped_customer)],
    LinesRejected.__name__: [(CUSTOMER, _rejected_customer), (STORE, _rejected_store)],
    OrderNeedsPerson.__name__: [(STORE, _person_store)],
    OrderFulfilled.__name__: [(CUSTOMER, _fulfilled_customer)],
}
