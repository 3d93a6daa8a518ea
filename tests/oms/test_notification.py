"""Who is written to, what they read, and that they read it once."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from oms.events.models import DeadLetter, MailOut
from oms.events.service import handle
from oms.letters import LANGUAGES, TEMPLATES, words_for
from oms.models import PartnerRow
from oms.schema import migrate
from oms.services import notification
from oms.store import make_engine
from partners.contract import Capabilities, PartnerRecord
from retail.events import (
    LinesRejected,
    OrderCreated,
    OrderFulfilled,
    OrderNeedsPerson,
    OrderProcessed,
    ShipmentProcessed,
    event,
)
from retail.order import Order, Payment
from retail.status import LineState, LineStatus, Shipment
from retail.strict import digest, to_json
from tests.oms.mailing import NOW, a_state, an_order, eur, named, parts, store_order


@pytest.fixture
def engine(sqlite: str) -> Iterator[Engine]:
    """A migrated database."""
    migrate(sqlite)
    engine = make_engine(sqlite)
    yield engine
    engine.dispose()


def mails(engine: Engine, order: Order, *bodies: object) -> dict[str, MailOut]:
    """Let ``bodies`` happen to the stored ``order``; its mails by the role of who gets them."""
    events = [(number, event(order.id, body, NOW, cause=str(number))) for number, body in enumerate(bodies)]
    handle(engine, notification, events, NOW)
    with Session(engine) as session:
        return {row.id.split(":")[1]: row for row in session.exec(select(MailOut))}


def stored(engine: Engine, order: Order, *states: Any) -> Order:
    """``order``, in the database."""
    with Session(engine) as session, session.begin():
        store_order(session, order, *states)
    return order


def test_a_new_order_is_told_to_its_store(engine: Engine) -> None:
    order = stored(engine, an_order())
    found = mails(engine, order, OrderCreated(order.number, order.store, order.device))
    assert list(found) == ["store"]
    mail = found["store"]
    assert mail.recipient == "store:berlin"
    assert mail.subject == "New order A7-1042: 4 pieces, €322.30"
    assert (mail.order_id, mail.state, mail.attempts) == ("order-1", "queued", 0)
    for line in (
        "Paid: €322.30 at the till, receipt T-1001",
        "  2 × €129.00 = €258.00, sent by Tue 24 Nov",
        "Goods: €317.40",
        "Shipping: €4.90",
        "Total: €322.30",
    ):
        assert line in mail.text.splitlines()
    assert "anna@example.com" not in mail.text + mail.html
    assert "Lange Straße" not in mail.text + mail.html


def test_the_customer_is_thanked_in_their_language(engine: Engine) -> None:
    order = stored(engine, an_order("de-AT"))
    mail = mails(engine, order, OrderProcessed(order.number, 1))["customer"]
    assert mail.recipient == "anna@example.com"
    assert mail.language == "de-AT"
    assert mail.subject == "Danke für Ihre Bestellung A7-1042"
    lines = mail.text.replace("\xa0", " ").splitlines()
    assert "wir haben Ihre Zahlung über € 322,30 erhalten." in " ".join(lines)
    assert "  2 × € 129,00 = € 258,00, Versand bis Di., 24. Nov." in lines
    assert "  1 × € 39,50 = € 39,50, Versand bis Mo., 4. Jän. 2027" in lines
    assert lines[lines.index("Lieferung an:") :][:6] == [
        "Lieferung an:",
        "  Anna Schäfer",
        "  Lange Straße 5",
        "  Hinterhaus",
        "  10115 Berlin",
        "  Deutschland",
    ]


def test_a_language_we_do_not_speak_gets_english_throughout(engine: Engine) -> None:
    order = stored(engine, an_order("fr"))
    mail = mails(engine, order, OrderProcessed(order.number, 1))["customer"]
    assert (mail.language, mail.subject) == ("en-GB", "Thank you for your order A7-1042")
    assert "€322.30" in mail.text


@pytest.mark.parametrize(
    ("tag", "locale"), [("en", "en_GB"), ("en-US", "en_US"), ("de", "de"), ("??", "en_GB")]
)
def test_words_follow_the_tag(tag: str, locale: str) -> None:
    assert str(words_for(tag).locale) == locale


def test_a_parcel_is_announced_with_its_tracking_and_what_is_in_it(engine: Engine) -> None:
    order = an_order()
    north = parts(order)[0]
    parcel = Shipment("P1", (("L1", 1), ("L2", 1)), "DHL", "0034043", NOW)
    stored(engine, order, a_state(north, parcels=(parcel,)))
    mail = mails(engine, order, ShipmentProcessed("north", "P1", "DHL", "0034043", ("L1", "L2")))["customer"]
    assert mail.subject == "A parcel of your order A7-1042 is on its way"
    assert "Tracking number: 0034043 (with DHL)" in mail.text
    assert "Wool coat (M, Moss)\n  1 of 2\nScarf\n  1 piece\n" in mail.text.replace("(Moss, M)", "(M, Moss)")
    assert "Cup" not in mail.text


def test_a_parcel_with_everything_says_so_even_without_tracking(engine: Engine) -> None:
    order = stored(engine, an_order())
    mail = mails(engine, order, ShipmentProcessed("north", "P1", "", "", ("L1", "L2", "L3")))["customer"]
    assert mail.subject == "Your order A7-1042 is on its way"
    assert "Tracking: This parcel has no tracking number." in mail.text


def test_what_cannot_be_supplied_is_said_to_both_with_the_money_to_give_back(engine: Engine) -> None:
    order = an_order()
    north = parts(order)[0]
    partly = LineState("L1", LineStatus.ACCEPTED, accepted=1, refused=1)
    stored(engine, order, a_state(north, partly, LineState("L2", LineStatus.ACCEPTED, 1)))
    with Session(engine) as session, session.begin():
        record = PartnerRecord("north", "North Wear", "rest", "http://north", Capabilities("A"))
        session.add(PartnerRow(id="north", digest=digest(record), body=to_json(record)))
    found = mails(engine, order, LinesRejected("north", ("L1",), "sold_out"))
    assert set(found) == {"customer", "store"}
    assert found["customer"].subject == "Part of your order A7-1042 cannot be supplied"
    assert "It was sold out at our partner." in found["customer"].text
    assert "You have paid €129.00 for it." in found["customer"].text
    assert "  1 of 2" in found["customer"].text.splitlines()
    assert "North" not in found["customer"].text
    assert found["store"].subject == "Order A7-1042: North Wear cannot supply part of it"
    assert "Money to give back: €129.00" in found["store"].text.splitlines()
    assert "Our number at the partner: A7-1042-1" in found["store"].text.splitlines()


def test_when_a_partner_sends_nothing_its_shipping_is_given_back_too(engine: Engine) -> None:
    order = an_order()
    north = parts(order)[0]
    refused = [LineState(line.line, LineStatus.REJECTED, refused=line.quantity) for line in north.lines]
    stored(engine, order, a_state(north, *refused))
    mail = mails(engine, order, LinesRejected("north", ("L1", "L2"), "whatever"))["customer"]
    assert f"€{2 * 129 + 19.90 + 4.90:.2f} for it, shipping included." in mail.text
    assert "Our partner did not accept the order." in mail.text
    assert "whatever" not in mail.text + mail.html


def test_an_order_that_needs_a_person_tells_the_store_what_to_do(engine: Engine) -> None:
    order = stored(engine, an_order())
    found = mails(engine, order, OrderNeedsPerson("atelier", "outcome_unknown"))
    assert list(found) == ["store"]
    assert (
        "We do not know if atelier took it. Call them before sending it again."
        in found["store"].text.splitlines()[3]
    )
    assert "Cup & saucer <blue>\n  1 piece" in found["store"].text


@pytest.mark.parametrize(
    ("shipped", "refused", "says"),
    [
        (4, 0, "Everything in your order has been sent."),
        (1, 3, "1 of 4 pieces has been sent."),
        (3, 1, "3 of 4 pieces have been sent."),
    ],
)
def test_the_end_is_told_as_it_is(engine: Engine, shipped: int, refused: int, says: str) -> None:
    order = stored(engine, an_order())
    mail = mails(engine, order, OrderFulfilled(order.number, shipped, refused))["customer"]
    assert mail.subject == "Your order A7-1042 is complete"
    assert says in mail.text


def test_an_event_makes_its_mail_once_even_after_the_inbox_has_forgotten(engine: Engine) -> None:
    order = stored(engine, an_order())
    happened = event(order.id, OrderProcessed(order.number, 1), NOW, cause="x")
    for _ in range(2):
        with Session(engine) as session, session.begin():
            assert notification.handle(session, happened) == []
    with Session(engine) as session:
        assert [row.id for row in session.exec(select(MailOut))] == [f"{happened.id}:customer"]


def test_an_unknown_order_is_refused_and_leaves_nothing(engine: Engine) -> None:
    happened = event("nowhere", OrderProcessed("N", 1), NOW)
    with pytest.raises(Exception, match="the order nowhere is not stored"):
        handle(engine, notification, [(1, happened)], NOW)
    with Session(engine) as session:
        assert session.exec(select(MailOut)).all() == []
        assert session.exec(select(DeadLetter)).all() == []


def test_what_people_typed_cannot_become_markup(engine: Engine) -> None:
    order = stored(engine, named(an_order(name="Coat <img src=x>"), "<b>Eve</b> & {total}"))
    mail = mails(engine, order, OrderProcessed(order.number, 1))["customer"]
    assert "&lt;b&gt;Eve&lt;/b&gt; &amp; {total}" in mail.html
    assert "Coat &lt;img src=x&gt;" in mail.html
    assert "<b>" not in mail.html
    assert "<img" not in mail.html
    assert "Hello <b>Eve</b> & {total}," in mail.text.splitlines()


def test_a_gift_cards_number_is_in_no_mail(engine: Engine) -> None:
    order = an_order()
    paid = (Payment("gift_card", "GC-SECRET", eur(2000)), Payment("till", "T-1", eur(30230)))
    stored(engine, replace(order, payments=paid))
    found = mails(engine, order, OrderCreated("N", "berlin", "D1"), OrderProcessed("N", 2))
    assert all("GC-SECRET" not in mail.text + mail.html for mail in found.values())
    assert (
        "Paid: €20.00 with a gift card, €302.30 at the till, receipt T-1" in found["store"].text.splitlines()
    )


def test_both_languages_have_the_same_words_and_blanks() -> None:
    def blanks(entries: Any, path: str = "") -> dict[str, set[str | None]]:
        if isinstance(entries, dict):
            return {
                k: v for name, entry in entries.items() for k, v in blanks(entry, f"{path}.{name}").items()
            }
        if isinstance(entries, list):
            return {k: v for i, entry in enumerate(entries) for k, v in blanks(entry, f"{path}.{i}").items()}
        return {path: {name for _, name, _, _ in string.Formatter().parse(entries) if name is not None}}

    read = [tomllib.loads((TEMPLATES / f"mail.{lang}.toml").read_text("utf-8")) for lang in LANGUAGES]
    assert blanks(read[0]) == blanks(read[1])
    assert not any("!" in word for entries in read for word in re.findall(r'"[^"]*"', str(entries)))
