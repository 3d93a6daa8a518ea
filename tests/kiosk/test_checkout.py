"""Checkout on the real device: nothing typed is lost, nothing is ordered that was not agreed, and once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from kiosk.screens.checkout_form import read_form
from kiosk.session import Draft
from partners.goods import sample_assortment
from partners.memory.adapter import MemoryPartner
from retail.money import Money
from retail.order import Order
from tests.kiosk.driver import SIZES, open_tab
from tests.kiosk.fake_device import FakeDevice
from tests.kiosk.real_store import ADDRESS, HAT, JACKET, Store, open_shop, to_payment, type_address


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_shop(tmp_path) as opened:
        yield opened


# -- the address -------------------------------------------------------------------------------------------


async def test_an_empty_cart_leads_to_the_products(shop: Store) -> None:
    for route in ("/checkout", "/checkout/delivery", "/checkout/payment"):
        async with open_tab(shop.device, route) as tab:
            assert "cart-empty" in tab.names()
            await tab.tap("search")
            assert tab.session.look.route == "/search"


async def test_all_mistakes_are_said_at_once_with_their_count_and_everything_typed_is_kept(
    shop: Store,
) -> None:
    async with open_tab(shop.device) as tab:
        await shop.add(tab.session, "north", JACKET)
        await tab.go("/checkout")
        await tab.type("city", "Berlin")
        await tab.type("email", "jane.example.com")
        assert not [name for name in tab.names() if name.endswith("-error")]
        await tab.tap("to-delivery")
        assert tab.session.look.route == "/checkout"
        assert tab.words("faults") == ["4 things need your attention. Everything else is kept."]
        assert tab.words("name-error") == ["Please type the name on the doorbell."]
        assert tab.words("street-error") == ["Please type street and number."]
        assert tab.words("email-error") == ["An e-mail address looks like name@example.com."]
        assert tab.words("postal-code-error") == ["5 digits in Germany, like 26133."]
        assert (tab.text("city"), tab.text("email")) == ("Berlin", "jane.example.com")


async def test_a_mistake_put_right_leads_on(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await shop.add(tab.session, "north", JACKET)
        await tab.go("/checkout")
        await type_address(tab, email="jane")
        await tab.tap("to-delivery")
        assert tab.words("faults") == ["1 thing needs your attention. Everything else is kept."]
        await tab.type("email", "jane@example.com")
        await tab.tap("to-delivery")
        assert tab.session.look.route == "/checkout/delivery"


async def test_a_postcode_that_cannot_be_is_doubted_with_an_example_and_may_be_kept(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await shop.add(tab.session, "north", JACKET)
        await tab.go("/checkout")
        await type_address(tab, postal_code="1011")
        await tab.tap("to-delivery")
        assert tab.session.look.route == "/checkout"
        assert tab.words("postal-code-error") == ["5 digits in Germany, like 26133."]
        assert "faults" not in tab.names()
        await tab.tap("unsure-action")
        assert tab.session.look.route == "/checkout/delivery"
        assert tab.session.draft.get("postal_code") == "1011"


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("name", "Jane\u202eMiller", "Please type this again: it contains characters that cannot be seen."),
        ("street", "a" * 121, "At most 120 characters, please."),
        ("phone", "abc", "A phone number looks like +49 30 123456."),
    ],
)
async def test_what_cannot_be_carried_is_said_at_its_field(
    shop: Store, field: str, text: str, said: str
) -> None:
    async with open_tab(shop.device) as tab:
        await shop.add(tab.session, "north", JACKET)
        await tab.go("/checkout")
        await type_address(tab, **{field: text})
        await tab.tap("to-delivery")
        assert tab.words(f"{field}-error") == [said]
        assert tab.text(field) == text


async def test_a_card_number_is_refused_and_taken_off_the_screen(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await shop.add(tab.session, "north", JACKET)
        await tab.go("/checkout")
        await type_address(tab, extra="4111 1111 1111 1111")
        await tab.tap("to-delivery")
        assert tab.words("extra-error") == ["This looks like a card number. Please never type one here."]
        assert (tab.text("extra"), tab.session.draft.get("extra")) == ("", "")


async def test_another_country_asks_for_what_its_post_needs(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await shop.add(tab.session, "north", JACKET)
        await tab.go("/checkout")
        await type_address(tab)
        assert "region" not in tab.names()
        await tab.tap("country")
        assert tab.words("place-DE") == ["Germany"]
        await tab.type("find-place", "united sta")
        await tab.tap("place-US")
        assert tab.text("name") == "Jane Miller"
        await tab.tap("to-delivery")
        assert tab.words("region-error") == ["This is usually needed in United States."]
        await tab.tap("region")
        assert tab.words("place-CA") == ["California"]
        await tab.type("find-place", "cal")
        await tab.tap("place-CA")
        customer = read_form(tab.session.draft, "DE").customer
        assert customer is not None
        assert (customer.address.country, customer.address.region) == ("US", "CA")


async def test_only_countries_that_all_partners_of_the_cart_send_to_are_offered(tmp_path: Path) -> None:
    lists = {"north": ("DE", "AT", "FR"), "berg": ("DE", "AT", "IT")}
    async with open_shop(tmp_path, ship_to=lists) as shop, open_tab(shop.device) as tab:
        await shop.add(tab.session, "north", JACKET)
        await shop.add(tab.session, "berg", HAT)
        await tab.go("/checkout")
        await tab.tap("country")
        places = [name for name in tab.names() if name.startswith("place-")]
        assert places == ["place-DE", "place-AT"]


async def test_back_and_forth_keeps_everything_typed(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await shop.add(tab.session, "north", JACKET)
        await tab.go("/checkout")
        await to_payment(tab)
        await tab.type("receipt", "T-10")
        await tab.tap("back")
        await tab.until(lambda: "to-payment" in tab.names() and tab.can_tap("to-payment"))
        await tab.tap("back")
        assert {name: tab.text(name) for name in ADDRESS} == ADDRESS
        await tab.tap("to-delivery")
        await tab.until(lambda: tab.can_tap("to-payment"))
        await tab.tap("to-payment")
        assert tab.text("receipt") == "T-10"


async def test_our_own_keys_type_into_the_field_that_was_touched(shop: Store) -> None:
    async with open_tab(shop.device, form="tall") as tab:
        await shop.add(tab.session, "north", JACKET)
        await tab.go("/checkout")
        for key in ("j", "o", "space", "l", "i"):
            await tab.tap(f"key-{key}")
        assert tab.text("name") == "Jo Li"
        for _ in range(5):
            await tab.tap("key-enter")
        for key in ("j", "at", "x", "dot", "d", "delete", "e", "u"):
            await tab.tap(f"key-{key}")
        assert tab.text("email") == "j@x.eu"
        await tab.focus("city")
        await tab.tap("key-marks")
        await tab.tap("key-ü")
        await tab.tap("key-marks")
        await tab.tap("key-shift")
        await tab.tap("key-b")
        assert tab.text("city") == "ÜB"
        assert (tab.text("name"), tab.text("email")) == ("Jo Li", "j@x.eu")


async def test_both_kinds_of_keys_work_on_the_same_field(shop: Store) -> None:
    async with open_tab(shop.device, form="tall") as tab:
        await shop.add(tab.session, "north", JACKET)
        await tab.go("/checkout")
        await tab.type("name", "Jane")
        await tab.tap("key-s")
        assert tab.text("name") == "Janes"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("language", ["en", "de", "ar"])
@pytest.mark.parametrize("form", sorted(SIZES))
async def test_every_step_is_drawn_in_whatever_form_theme_and_language(
    shop: Store, form: str, language: str, dark: bool
) -> None:
    async with open_tab(shop.device, form=form, language=language, dark=dark) as tab:
        await shop.add(tab.session, "north", JACKET)
        await tab.go("/checkout")
        assert {"country", "name", "to-delivery", "back"} <= set(tab.names())
        await to_payment(tab)
        assert {"pay-till", "pay-phone", "pay-gift-card", "receipt", "place"} <= set(tab.names())
        assert "trouble" not in tab.names()


# -- delivery ----------------------------------------------------------------------------------------------


async def test_each_partners_parcel_says_what_is_in_it_by_when_and_for_how_much(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await shop.add(tab.session, "north", JACKET)
        await shop.add(tab.session, "north", HAT, 2)
        await shop.add(tab.session, "berg", HAT)
        await tab.go("/checkout")
        await type_address(tab)
        await tab.tap("to-delivery")
        await tab.until(lambda: "parcel-north" in tab.names())
        north, berg = tab.words("parcel-north"), tab.words("parcel-berg")
        assert north[0] == "Parcel 1 of 2, from Nordic Outfitters"
        assert north[1].startswith("On its way by ")
        assert north[2:4] == ["Rain jacket, Wool hat × 2", "€5.90"]
        assert berg[0] == "Parcel 2 of 2, from Bergmann & Sohn"
        assert berg[3] == "€3.90"
        assert tab.words("total") == ["Total, 4 items", "€213.50"]


async def test_while_partners_are_asked_the_screen_says_so_and_one_cannot_go_on() -> None:
    device = FakeDevice()
    device.delay = 30
    async with open_tab(device) as tab:
        tab.session.cart.add(device.listings["MG303"].offers[0])
        await tab.go("/checkout")
        await type_address(tab)
        await tab.tap("to-delivery")
        assert tab.words("asking") == ["Asking our partners for price and date"]
        assert not tab.can_tap("to-payment")


async def test_a_partner_that_does_not_answer_is_named(shop: Store) -> None:
    shop.partners["berg"].faults.plan("500", None, on="quote")
    async with open_tab(shop.device) as tab:
        await shop.add(tab.session, "north", JACKET)
        await shop.add(tab.session, "berg", HAT)
        await tab.go("/checkout")
        await type_address(tab)
        await tab.tap("to-delivery")
        await tab.until(lambda: "parcel-berg" in tab.names())
        assert tab.words("unconfirmed-berg")[0].startswith("Bergmann & Sohn did not answer just now.")
        assert "unconfirmed-north" not in tab.names()
        assert tab.can_tap("to-payment")


async def test_a_changed_price_is_shown_old_and_new_and_only_taken_when_agreed(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await shop.add(tab.session, "north", JACKET)
        shop.partners["north"].change("NO-10", price_minor=13300)
        await tab.go("/checkout")
        await type_address(tab)
        await tab.tap("to-delivery")
        await tab.until(lambda: "change-0" in tab.names())
        words = tab.words("change-0")
        assert words.index("€129.00") < words.index("€133.00")
        assert "Dearer now" in words
        assert tab.session.quote is None
        await tab.go("/checkout/payment")
        assert tab.session.look.route == "/checkout/delivery"  # not past it by the address bar either
        await tab.until(lambda: "agree" in tab.names())
        assert tab.words("agree") == ["Agree, €138.90"]
        await tab.tap("agree")
        assert tab.session.quote is not None
        assert tab.session.quote.total == Money(13890, "EUR")
        assert tab.session.cart.cart.lines[0].offer.price == Money(13300, "EUR")
        await tab.tap("to-payment")
        await tab.type("receipt", "T-1")
        await tab.tap("place")
        await tab.until(lambda: tab.session.look.route == "/done")
        (record,) = shop.device.orders()
        assert record.order.total == Money(13890, "EUR")


async def test_prices_agreed_to_before_do_not_hide_a_later_change(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await shop.add(tab.session, "north", JACKET)
        await tab.go("/checkout")
        await to_payment(tab)
        shop.partners["north"].change("NO-10", price_minor=13300)
        await tab.tap("back")
        await tab.until(lambda: "agree" in tab.names())
        assert tab.session.quote is None
        await tab.go("/checkout/payment")
        assert tab.session.look.route == "/checkout/delivery"


async def test_one_may_go_back_instead_of_agreeing_and_nothing_changes(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await shop.add(tab.session, "north", JACKET)
        shop.partners["north"].change("NO-10", price_minor=13300)
        await tab.go("/checkout")
        await type_address(tab)
        await tab.tap("to-delivery")
        await tab.until(lambda: "to-cart" in tab.names())
        await tab.tap("to-cart")
        assert tab.session.look.route == "/cart"
        assert tab.session.quote is None
        assert tab.session.cart.cart.lines[0].offer.price == Money(12900, "EUR")


async def test_fewer_and_none_left_are_said_and_agreed_to(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await shop.add(tab.session, "north", JACKET, 3)
        await shop.add(tab.session, "north", HAT)
        shop.partners["north"].change("NO-10", stock=1)
        shop.partners["north"].change("NO-20", stock=0)
        await tab.go("/checkout")
        await type_address(tab)
        await tab.tap("to-delivery")
        await tab.until(lambda: "change-1" in tab.names())
        assert [word for word in tab.words("change-0") if "piece" in word] == ["3 pieces", "1 piece"]
        assert "None left" in tab.words("change-1")
        await tab.tap("agree")
        lines = tab.session.cart.cart.lines
        assert [(line.offer.sku, line.quantity) for line in lines] == [("NO-10", 1)]
        assert tab.words("total") == ["Total, 1 item", "€134.90"]


async def test_when_all_has_sold_out_the_way_is_back_to_the_cart(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await shop.add(tab.session, "north", JACKET)
        shop.partners["north"].change("NO-10", stock=0)
        await tab.go("/checkout")
        await type_address(tab)
        await tab.tap("to-delivery")
        await tab.until(lambda: "quote-failed" in tab.names())
        assert tab.words("quote-failed") == [
            "Everything in the cart has just sold out. Please choose something else."
        ]
        await tab.tap("to-cart")
        assert tab.session.look.route == "/cart"


# -- payment -----------------------------------------------------------------------------------------------


async def test_an_order_paid_at_the_till_is_stored_with_its_receipt_and_then_confirmed(shop: Store) -> None:
    async with open_tab(shop.device, language="de") as tab:
        await shop.add(tab.session, "north", JACKET)
        await tab.go("/checkout")
        await to_payment(tab)
        for key in ("1", "0", "0", "7"):
            await tab.tap(f"key-{key}")
        await tab.tap("place")
        await tab.until(lambda: tab.session.look.route == "/done")
        (record,) = shop.device.orders()
        order = record.order
        assert (order.payments[0].method, order.payments[0].reference) == ("till", "1007")
        assert (order.customer.name, order.customer.email) == ("Jane Miller", "jane@example.com")
        assert order.customer.address.normalised is not None
        assert (order.total, order.language, order.associate) == (Money(13490, "EUR"), "de", None)
        assert tab.words("order-number") == [order.number]
        assert tab.session.cart.cart.lines == ()
        assert not any(tab.session.draft.values.values())


async def test_a_double_tap_orders_once(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await shop.add(tab.session, "north", JACKET)
        await tab.go("/checkout")
        await to_payment(tab)
        await tab.type("receipt", "T-1")
        await asyncio.gather(tab.tap("place"), tab.tap("place"), tab.tap("place"))
        await tab.until(lambda: tab.session.look.route == "/done")
        assert len(shop.device.orders()) == 1
        await shop.device.worker.drain()
        assert len(shop.partners["north"].bookings) == 1


async def test_while_it_is_being_saved_the_device_is_asked_once() -> None:
    saving = asyncio.Event()

    class SlowDevice(FakeDevice):
        async def place(self, *given: Any, **named: Any) -> Order:
            order = await super().place(*given, **named)
            await saving.wait()
            return order

    device = SlowDevice()
    async with open_tab(device) as tab:
        tab.session.cart.add(device.listings["MG303"].offers[0])
        await tab.go("/checkout")
        await to_payment(tab)
        await tab.type("receipt", "T-1")
        first = asyncio.create_task(tab.tap("place"))
        await tab.until(lambda: not tab.can_tap("place"))
        assert tab.words("place") == ["Saving your order"]
        second = asyncio.create_task(tab.type("receipt", "T-2", submit=True))
        await tab.settle()
        saving.set()
        await asyncio.gather(first, second)
        assert len(device.placed) == 1
        assert tab.session.look.route == "/done"


@pytest.mark.parametrize(
    ("typed", "said", "left"),
    [
        ("  ", "Please type the number on the till's receipt.", "  "),
        (
            "4111111111111111",
            "This looks like a card number. Please type the receipt's number, never a card.",
            "",
        ),
        ("9" * 41 + "x", "A receipt number has at most 40 characters.", "9" * 41 + "x"),
    ],
)
async def test_without_a_usable_receipt_number_nothing_is_ordered(
    shop: Store, typed: str, said: str, left: str
) -> None:
    async with open_tab(shop.device) as tab:
        await shop.add(tab.session, "north", JACKET)
        await tab.go("/checkout")
        await to_payment(tab)
        await tab.type("receipt", typed)
        await tab.tap("place")
        assert tab.words("receipt-error") == [said]
        assert tab.text("receipt") == left
        assert shop.device.orders() == ()


async def test_a_device_that_cannot_save_says_so_and_nothing_is_lost(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await shop.add(tab.session, "north", JACKET)
        await tab.go("/checkout")
        await to_payment(tab)
        await tab.type("receipt", "T-1")
        with read_only(shop):
            await tab.tap("place")
            await tab.until(lambda: "unsafe" in tab.names())
        assert tab.words("unsafe")[0].startswith("This device cannot save orders right now")
        assert shop.device.orders() == ()
        assert (tab.text("receipt"), tab.session.cart.cart.count()) == ("T-1", 1)
        await tab.tap("place")
        await tab.until(lambda: tab.session.look.route == "/done")
        assert len(shop.device.orders()) == 1


async def test_prices_that_got_too_old_are_asked_again_and_nothing_is_lost(tmp_path: Path) -> None:
    async with open_shop(tmp_path, quote_seconds=0.001) as shop, open_tab(shop.device) as tab:
        await shop.add(tab.session, "north", JACKET)
        await tab.go("/checkout")
        await to_payment(tab)
        await tab.type("receipt", "T-1")
        await tab.tap("place")
        await tab.until(lambda: "old-prices" in tab.names())
        said = "These prices are too old. Please check them once more."
        assert tab.words("old-prices") == [f"{said} Nothing was ordered, and nothing you typed is lost."]
        assert shop.device.orders() == ()
        await tab.tap("check-again")
        assert tab.session.look.route == "/checkout/delivery"
        await tab.until(lambda: tab.can_tap("to-payment"))
        await tab.tap("to-payment")
        assert tab.text("receipt") == "T-1"


async def test_a_delivery_that_costs_more_when_asked_again_is_said(shop: Store) -> None:
    goods = sample_assortment("north")
    dearer = replace(goods, items=tuple(replace(item, shipping_minor=790) for item in goods.items))
    async with open_tab(shop.device) as tab:
        await shop.add(tab.session, "north", JACKET)
        await tab.go("/checkout")
        await to_payment(tab)
        shop.device.partners["north"] = MemoryPartner(dearer)
        await tab.tap("back")
        await tab.until(lambda: tab.can_tap("to-payment"))
        assert tab.words("delivery-changed") == ["Delivery costs €7.90 now, it was €5.90 before."]


async def test_what_a_signed_in_associate_sells_carries_the_name(shop: Store) -> None:
    shop.employ("mara")
    async with open_tab(shop.device) as tab:
        tab.session.associate = shop.device.sign_in("mara", "aisle-7Gulls")
        await shop.add(tab.session, "north", JACKET)
        await tab.go("/checkout")
        await to_payment(tab)
        await tab.type("receipt", "T-1")
        await tab.tap("place")
        await tab.until(lambda: tab.session.look.route == "/done")
        assert shop.device.orders()[0].order.associate == "mara"


async def test_an_order_whose_customer_has_left_is_kept_but_not_shown_to_the_next(shop: Store) -> None:
    async with open_tab(shop.device) as tab:
        await shop.add(tab.session, "north", JACKET)
        await tab.go("/checkout")
        await to_payment(tab)
        await tab.type("receipt", "T-1")
        placing = asyncio.create_task(tab.tap("place"))
        await asyncio.sleep(0)
        tab.session.reset()
        await placing
        await tab.until(lambda: len(shop.device.orders()) == 1)
        assert (tab.session.order, tab.session.look.route) == (None, "/")


def test_a_form_is_read_without_any_screen() -> None:
    draft = Draft({"name": " Jane\t Miller ", "email": "Jane@EXAMPLE.com", "street": "1\ufe0f\u20e3 High St"})
    draft.put("city", "London")
    draft.put("country", "GB")
    draft.put("postal_code", "EC1Y 8SY")
    found = read_form(draft, "DE")
    assert found.mistakes == found.doubts == ()
    assert found.customer is not None
    assert (found.customer.name, found.customer.address.lines) == ("Jane Miller", ("1 High St",))


@contextmanager
def read_only(shop: Store) -> Iterator[None]:
    """The device's store cannot be written while this lasts, as on a disk that went bad."""

    def lock(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA query_only = ON")

    def unlock(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA query_only = OFF")

    event.listen(shop.device.engine, "checkout", lock)
    event.listen(shop.device.engine, "checkin", unlock)
    try:
        yield
    finally:
        event.remove(shop.device.engine, "checkout", lock)
        event.remove(shop.device.engine, "checkin", unlock)
