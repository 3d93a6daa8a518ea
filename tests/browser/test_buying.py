"""Buying, looking an order up and the staff corner in a real browser; the device is real, its partners are in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser, expect

from retail.address import Address, Customer
from retail.cart import Cart
from retail.order import Order
from sync.associates import apply_associate, hash_password
from tests.browser.kiosk_window import PATIENCE, SIZES, Window, window
from tests.browser.real_device import OpenStore, Store

JACKET, SHOES = "4099101001029", "4099102003046"
CUSTOMER = {
    "name": "Marta Lindqvist",
    "street": "Torstraße 14",
    "postal-code": "10119",
    "city": "Berlin",
    "email": "marta@example.com",
}
PASSWORD = "endless-aisle"
FLAT, UPRIGHT, TALL = SIZES
T = TypeVar("T")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_from_the_cart_to_an_order_that_is_placed(
    browser: Browser, open_store: OpenStore, width: int, height: int
) -> None:
    with open_store() as store, window(browser, width, height) as seen:
        seen.open(store.kiosk.urls[0])
        to_address(seen)
        seen.tap("to-delivery")
        expect(seen.named("faults")).to_be_attached()
        seen.shoot("address-errors")
        seen.tap("country")
        expect(seen.named("place-AT")).to_be_attached()
        seen.shoot("address-country")
        seen.tap("place-DE")
        fill(seen)
        seen.shoot("address")
        to_payment(seen)
        for digit in "1007":
            seen.tap(f"key-{digit}")
        seen.shoot("payment")
        seen.tap("place")
        expect(seen.page.get_by_text("Thank you. Your order is placed.").last).to_be_attached()
        seen.shoot("done")
        (record,) = store.device.orders()
        assert record.order.payments[0].reference == "1007"
        assert record.order.customer.name == "Marta Lindqvist"
        assert record.order.customer.address.lines == ("Torstraße 14",)
        assert sum(len(partner.bookings) for partner in store.partners.values()) == len(record.partner_orders)


def test_our_own_keys_and_a_keyboard_type_into_the_same_fields(
    browser: Browser, open_store: OpenStore
) -> None:
    with open_store() as store, window(browser, *TALL) as seen:
        seen.open(store.kiosk.urls[0])
        to_address(seen)
        fill(seen)
        for key in ("delete", "delete", "delete", "n", "e", "t"):
            seen.tap(f"key-{key}")
        seen.type("city", " Mitte")
        seen.tap("key-delete")
        seen.type("street", "b")
        to_payment(seen)
        for key in ("t", "hyphen", "1", "7"):
            seen.tap(f"key-{key}")
        seen.shoot("payment-keys")
        seen.tap("place")
        expect(seen.named("order-number")).to_be_attached()
        (record,) = store.device.orders()
        customer = record.order.customer
        assert (customer.email, customer.address.city) == ("marta@example.net", "Berlin Mitt")
        assert customer.address.lines == ("Torstraße 14b",)
        assert record.order.payments[0].reference == "T-17"


@pytest.mark.parametrize("language", ["de", "ar"])
def test_the_checkout_reads_in_the_customers_direction(
    browser: Browser, open_store: OpenStore, language: str
) -> None:
    with open_store() as store, window(browser, *FLAT) as seen:
        seen.open(store.kiosk.urls[0])
        expect(seen.named(f"language-{language}")).to_be_attached()
        seen.tap(f"language-{language}")
        to_address(seen)
        fill(seen)
        seen.shoot(f"address-{language}")
        to_payment(seen)
        left, right = (seen.named(name).bounding_box() for name in ("summary", "pay-till"))
        assert left is not None
        assert right is not None
        assert (left["x"] < right["x"]) is (language == "ar")
        seen.shoot(f"payment-{language}")
        for digit in "1007":
            seen.tap(f"key-{digit}")
        seen.tap("place")
        expect(seen.named("step-1-done")).to_be_attached()
        seen.shoot(f"done-{language}")


@pytest.mark.parametrize(("width", "height"), [FLAT, UPRIGHT])
def test_what_has_changed_is_shown_before_it_is_agreed_to(
    browser: Browser, open_store: OpenStore, width: int, height: int
) -> None:
    with open_store() as store, window(browser, width, height) as seen:
        seen.open(store.kiosk.urls[0])
        to_address(seen)
        (offer,) = {offer.partner: offer for offer in best(store, JACKET)}.values()
        store.partners[offer.partner].change(offer.sku, price_minor=offer.price.minor + 400)
        fill(seen)
        seen.tap("to-delivery")
        expect(seen.named("change-0")).to_be_attached()
        seen.shoot("delivery-changed")
        seen.tap("agree")
        expect(seen.named("to-payment")).to_be_attached()


@pytest.mark.parametrize(("width", "height"), [FLAT, UPRIGHT])
def test_an_order_is_found_again_and_cancelled(
    browser: Browser, open_store: OpenStore, width: int, height: int
) -> None:
    with open_store() as store, window(browser, width, height) as seen:
        order = in_kiosk(store, place(store, JACKET, SHOES))
        seen.open(store.kiosk.urls[0])
        expect(seen.named("find-order")).to_be_attached()
        seen.tap("find-order")
        expect(seen.named("show-order")).to_be_attached()
        seen.type("order-number", order.number)
        seen.type("proof", "10119")
        seen.shoot("order-lookup")
        seen.tap("show-order")
        expect(seen.named("what-happened")).to_be_attached()
        seen.shoot("order")
        seen.tap("cancel")
        expect(seen.named("cancel-yes")).to_be_attached()
        seen.shoot("order-cancel")
        seen.tap("cancel-yes")
        expect(seen.named("cancel-cancelled")).to_be_attached()
        seen.shoot("order-cancelled")


@pytest.mark.parametrize(("width", "height"), [FLAT, UPRIGHT])
def test_staff_see_what_needs_them_and_settle_it(
    browser: Browser, open_store: OpenStore, width: int, height: int
) -> None:
    with open_store() as store, window(browser, width, height) as seen:
        employ(store)
        partner = best(store, JACKET)[0].partner
        store.partners[partner].faults.plan("reprice")
        in_kiosk(store, place(store, JACKET))
        in_kiosk(store, place(store, SHOES))
        seen.open(store.kiosk.urls[0])
        expect(seen.named("staff")).to_be_attached()
        seen.tap("staff")
        expect(seen.named("sign-in")).to_be_attached()
        seen.type("user", "anna")
        seen.type("password", PASSWORD)
        seen.shoot("staff-sign-in")
        seen.tap("sign-in")
        expect(seen.named("needs-person")).to_be_attached()
        seen.shoot("staff-home")
        seen.tap("theme")
        seen.shoot("staff-home-dark")
        (record,) = store.device.orders(needs_person=True)
        seen.tap(f"decide-{record.partner_orders[0].number}")
        expect(seen.named("cancel")).to_be_attached()
        seen.shoot("staff-decide-dark")
        seen.tap("cancel")
        expect(seen.named("settle")).to_be_attached()
        seen.tap("settle")
        expect(seen.page.get_by_text("Nothing. All orders go their way.").last).to_be_attached()
        assert store.device.orders(needs_person=True) == ()


# -- what people do ----------------------------------------------------------------------------------------


def to_address(seen: Window) -> None:
    """Find the Alder rain jacket, ochre, size M, and take it to the checkout."""
    expect(seen.named("search")).to_be_attached()
    seen.tap("search")
    expect(seen.named("product-JK101")).to_be_attached()
    seen.tap("product-JK101")
    expect(seen.named("variant-Ochre-M")).to_be_attached()
    seen.tap("variant-Ochre-M")
    expect(seen.named("variant-Ochre-M")).to_have_attribute("aria-current", "true")
    seen.tap("add-to-cart")
    expect(seen.named("go-to-cart")).to_be_attached()
    seen.tap("go-to-cart")
    expect(seen.named("check-out")).to_be_attached()
    seen.tap("check-out")
    expect(seen.named("to-delivery")).to_be_attached()


def fill(seen: Window) -> None:
    """Type the address."""
    for field, text in CUSTOMER.items():
        seen.type(field, text)


def to_payment(seen: Window) -> None:
    """Past the delivery, once all partners have answered."""
    seen.tap("to-delivery")
    expect(seen.named("asking")).not_to_be_attached()
    expect(seen.page.locator('[flt-semantics-identifier^="parcel-"]').first).to_be_attached()
    seen.shoot("delivery")
    seen.tap("to-payment")
    expect(seen.named("receipt")).to_be_attached()


# -- behind the screens ------------------------------------------------------------------------------------


def best(store: Store, *codes: str) -> list[Any]:
    """The best offer for each code."""
    return [store.device.shelf.by_gtin(f"{code:0>14}")[0] for code in codes]  # type: ignore[arg-type]


def in_kiosk(store: Store, work: Coroutine[Any, Any, T]) -> T:
    """Run ``work`` where the kiosk runs."""
    return asyncio.run_coroutine_threadsafe(work, store.kiosk.loop).result(PATIENCE)


async def place(store: Store, *codes: str) -> Order:
    """Order the best offer for each code, without any screen."""
    address = Address("DE", ("Torstraße 14",), "Berlin", "10119")
    cart = Cart()
    for offer in best(store, *codes):
        cart = cart.add(offer)
    quote = await store.device.quote(cart, address)
    return await store.device.place(
        quote,
        Customer("Marta Lindqvist", "marta@example.com", address),
        payment="till",
        reference="T-1001",
        language="en",
    )


def employ(store: Store) -> None:
    """Let anna, a manager, sign in."""
    body: dict[str, Any] = {
        "user": "anna",
        "name": "Anna Lind",
        "password_hash": hash_password(PASSWORD),
        "role": "manager",
        "active": True,
        "version": 1,
    }
    with store.device.engine.begin() as connection:
        apply_associate(connection, body)
