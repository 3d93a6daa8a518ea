"""The cart page: who sends what, how many, what it comes to, and what has changed since."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.screens.cart_state import CartPage
from kiosk.strings import LANGUAGES
from retail.money import Money
from retail.offer import Listing, Offer
from tests.kiosk.driver import SIZES, Tab, open_tab
from tests.kiosk.fake_device import FakeDevice

JACKET, SCARCE, LAMP = "north-N-0006", "north-N-0015", "bergmann-B-0001"


def offer(device: FakeDevice, name: str) -> Offer:
    """The offer that a line is called after: "north-N-0006"."""
    return next(o for each in device.listings.values() for o in each.offers if f"{o.partner}-{o.sku}" == name)


def put(tab: Tab, device: FakeDevice, *names: str) -> None:
    """One piece of each into the cart, as the product page does."""
    for name in names:
        tab.session.cart.add(offer(device, name))


def change(device: FakeDevice, name: str, **change: object) -> None:
    """Let a partner change its offer, and the device hear of it."""
    old = offer(device, name)
    listing = device.listings[old.product]
    offers = tuple(replace(o, **change) if o is old else o for o in listing.offers)  # type: ignore[arg-type]
    device.listings[old.product] = Listing(listing.product, offers)
    device.tell("catalogue")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("form", sorted(SIZES))
async def test_it_is_drawn_in_every_form_theme_and_language(form: str, language: str, dark: bool) -> None:
    device = FakeDevice()
    async with open_tab(device, form=form, language=language, dark=dark) as tab:
        put(tab, device, JACKET, LAMP)
        await tab.go("/cart")
        assert {"parcel-north", "parcel-bergmann", "check-out", "back", "scan"} <= set(tab.names())
        assert "trouble" not in tab.names()


@pytest.mark.parametrize("form", sorted(SIZES))
async def test_an_empty_cart_leads_on(form: str) -> None:
    async with open_tab(FakeDevice(), "/cart", form=form) as tab:
        assert "Your cart is empty" in tab.words("cart-empty")
        assert "check-out" not in tab.names()
        await tab.tap("scan-tag")
        assert tab.session.look.route == "/scan"


async def test_lines_stand_in_parcels_with_their_delivery_and_all_of_it_adds_up() -> None:
    device = FakeDevice()
    async with open_tab(device) as tab:
        put(tab, device, JACKET, LAMP, SCARCE)
        await tab.go("/cart")
        parcels = [name for name in tab.names() if name.startswith("parcel-")]
        assert parcels == ["parcel-north", "parcel-bergmann"]
        north, bergmann = tab.words("parcel-north"), tab.words("parcel-bergmann")
        assert north[:3] == [
            "Sent by Nordic Outfitters",
            "Parcel 1 of 2, leaves by Tue 24 Nov",
            "Free delivery",
        ]
        assert bergmann[:3] == [
            "Sent by Bergmann & Sohn",
            "Parcel 2 of 2, leaves by Wed 25 Nov",
            "€5.90 delivery",
        ]
        assert tab.words(f"line-{JACKET}") == ["Alder rain jacket", "Ochre, M"]
        # 129.00 + 114.90 + 129.00, and one parcel of 5.90
        assert {"3 items", "€372.90", "€5.90", "€378.80"} <= set(tab.words())
        await tab.tap("check-out")
        assert tab.session.look.route == "/checkout"


async def test_one_parcel_is_not_counted_and_unknown_delivery_is_said() -> None:
    device = FakeDevice()
    async with open_tab(device) as tab:
        tab.session.cart.add(replace(offer(device, JACKET), shipping=None))
        await tab.go("/cart")
        assert tab.words("parcel-north")[1:3] == ["Leaves by Tue 24 Nov", "Delivery after the address"]
        assert "After the address" in tab.words()


async def test_the_quantity_stops_at_what_the_partner_has() -> None:
    device = FakeDevice()
    async with open_tab(device) as tab:
        put(tab, device, SCARCE)  # two pieces
        await tab.go("/cart")
        await tab.tap(f"step-{SCARCE}-more")
        assert tab.words(f"step-{SCARCE}-quantity") == ["2"]
        assert "€129.00 each" in tab.words(f"line-{SCARCE}")
        assert not tab.can_tap(f"step-{SCARCE}-more")
        await tab.tap(f"step-{SCARCE}-less")
        assert tab.session.cart.cart.count() == 1


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The way back stays for as long as a machine may stall."""
    monkeypatch.setattr("kiosk.screens.cart_state.UNDO_SECONDS", 600.0)


async def test_what_was_taken_out_can_be_put_back(unhurried: None) -> None:
    device = FakeDevice()
    async with open_tab(device) as tab:
        put(tab, device, JACKET, LAMP)
        await tab.go("/cart")
        await tab.tap(f"step-{JACKET}-less")
        assert "parcel-north" not in tab.names()
        assert tab.words("removed")[0] == "Alder rain jacket was taken out."
        await tab.tap("removed-action")
        assert [line.offer.sku for line in tab.session.cart.cart.lines] == ["N-0006", "B-0001"]
        assert "removed" not in tab.names()


async def test_the_last_thing_taken_out_can_be_put_back_too(unhurried: None) -> None:
    device = FakeDevice()
    async with open_tab(device) as tab:
        put(tab, device, JACKET)
        await tab.go("/cart")
        await tab.tap(f"step-{JACKET}-less")
        assert "cart-empty" in tab.names()
        await tab.tap("removed-action")
        assert f"line-{JACKET}" in tab.names()


async def test_the_way_back_goes_with_time_and_with_the_next_change() -> None:
    device = FakeDevice()
    async with open_tab(device) as tab:
        put(tab, device, JACKET, LAMP, SCARCE)
        cart = tab.session.cart
        asked: list[float] = []
        page = CartPage.of(device, cart)
        page.step(0, 0, asked.append)
        assert (page.removed, asked) == ("Alder rain jacket", [5.0])
        await page.forget(0)
        page.undo()
        assert page.removed == ""
        assert len(cart.cart.lines) == 2, "after five seconds it is gone"
        page.step(0, 0, asked.append)
        page.step(0, 2, asked.append)
        page.undo()
        assert [line.quantity for line in cart.cart.lines] == [2], "a later change is not taken back instead"


async def test_an_older_clock_does_not_end_a_newer_way_back() -> None:
    device = FakeDevice()
    async with open_tab(device) as tab:
        put(tab, device, JACKET, LAMP)
        page = CartPage.of(device, tab.session.cart)
        page.step(0, 0, lambda seconds: None)
        first = page.forget(0.02)
        waiting = tab.session.start(first)
        await tab.settle()
        page.step(0, 0, lambda seconds: None)
        await waiting
        assert page.removed == "Dome table lamp"


async def test_a_price_that_changed_is_shown_beside_the_old_one_and_agreed_to() -> None:
    device = FakeDevice()
    async with open_tab(device) as tab:
        put(tab, device, JACKET)
        await tab.go("/cart")
        assert f"changed-{JACKET}" not in tab.names()
        change(device, JACKET, price=Money(13900, "EUR"))
        await tab.settle()
        assert tab.words(f"changed-{JACKET}")[0] == "The price is now €139.00, it was €129.00."
        assert tab.session.cart.cart.lines[0].offer.price == Money(12900, "EUR"), "never silently"
        await tab.tap(f"changed-{JACKET}-action")
        assert tab.session.cart.cart.lines[0].offer.price == Money(13900, "EUR")
        assert f"changed-{JACKET}" not in tab.names()


async def test_fewer_pieces_than_chosen_are_said_and_taken() -> None:
    device = FakeDevice()
    async with open_tab(device) as tab:
        tab.session.cart.add(offer(device, JACKET), 5)
        change(device, JACKET, available=1)
        await tab.go("/cart")
        assert tab.words(f"changed-{JACKET}")[0] == "Only 1 is left now."
        assert not tab.can_tap(f"step-{JACKET}-more")
        await tab.tap(f"changed-{JACKET}-action")
        assert tab.session.cart.cart.lines[0].quantity == 1


async def test_what_has_sold_out_is_said_and_taken_out_by_a_touch() -> None:
    device = FakeDevice()
    async with open_tab(device) as tab:
        put(tab, device, JACKET, LAMP)
        await tab.go("/cart")
        change(device, JACKET, available=0)
        await tab.settle()
        assert tab.words(f"changed-{JACKET}")[0] == "This has sold out since you chose it."
        await tab.tap(f"changed-{JACKET}-action")
        assert [line.offer.sku for line in tab.session.cart.cart.lines] == ["B-0001"]


async def test_what_a_device_no_longer_knows_stays_as_it_was_chosen() -> None:
    device = FakeDevice()
    async with open_tab(device) as tab:
        put(tab, device, JACKET)
        device.listings.clear()
        await tab.go("/cart")
        assert f"line-{JACKET}" in tab.names()
        assert f"changed-{JACKET}" not in tab.names()


async def test_a_line_leads_back_to_its_variant() -> None:
    device = FakeDevice()
    async with open_tab(device) as tab:
        put(tab, device, JACKET)
        await tab.go("/cart")
        await tab.tap(f"line-{JACKET}")
        assert tab.session.look.route == f"/product/JK101?gtin={offer(device, JACKET).gtin}"
        assert tab.words("sums")[0] == "Ochre, M"
