"""The first sale, as a customer makes it: a tag before the camera, a real Chromium, everything else real too.

``aisle demo`` runs OMS, broker, three simulated partners, a mail server and the kiosk; what came of the purchase is
then read from each of them.
"""

from __future__ import annotations

import json
import re
import sqlite3
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from assets.tools.make_camera_film import make_film
from bench.programs import served
from tests.browser.kiosk_window import PATIENCE, Window, window

TAG = Path(__file__).resolve().parents[2] / "assets" / "demo" / "codes" / "jk101-ochre-m.png"
TAKEN = ("accepted", "shipped", "delivered")  # the demo's parcels leave after twenty seconds
CUSTOMER = {
    "name": "Marta Lindqvist",
    "street": "Torstraße 14",
    "postal-code": "10119",
    "city": "Berlin",
    "email": "marta@example.com",
}


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo: the kiosk's address and the folder with what everybody keeps."""

    url: str
    folder: Path

    def ledgers(self) -> list[dict[str, Any]]:
        """Every order that stands in any partner's books."""
        records = tomllib.loads((self.folder / "partners.toml").read_text("utf-8"))
        endpoints = re.findall(r'"(http://127\.0\.0\.1:\d+)"', json.dumps(records))
        books = [
            httpx.get(f"{endpoint}/ledger", timeout=PATIENCE).json() for endpoint in dict.fromkeys(endpoints)
        ]
        return [entry for book in books for entry in book]

    def stored(self, number: str) -> list[tuple[str, ...]]:
        """The OMS's order of that number, with the state of each of its partner orders."""
        with closing(sqlite3.connect(f"file:{self.folder}/oms/oms.db?mode=ro", uri=True)) as database:
            return database.execute(
                "SELECT orders.store, partner_orders.partner, partner_order_states.status FROM orders"
                " JOIN partner_orders ON partner_orders.order_id = orders.id"
                " JOIN partner_order_states ON partner_order_states.key = partner_orders.key"
                " WHERE orders.number = ?",
                (number,),
            ).fetchall()

    def mails(self, to: str) -> list[EmailMessage]:
        """What the mail server has caught for somebody, oldest first."""
        found = []
        for path in sorted((self.folder / "mail").glob("*.eml")):
            message = message_from_bytes(path.read_bytes(), policy=default)
            assert isinstance(message, EmailMessage)
            if to in str(message["To"]):
                found.append(message)
        return found


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """``aisle demo`` in a folder of its own, with a film of somebody holding a tag for a camera."""
    film = tmp_path / "tag.avi"
    make_film(TAG, film)
    settings = {"AISLE_DATA_DIR": str(tmp_path), "AISLE_KEY_FILE": "1", "AISLE_CAMERA": str(film)}
    with served("demo", environment=settings, log=tmp_path / "demo.log") as running:
        yield Demo(running.url, tmp_path / "demo")


def test_a_customer_buys_what_is_not_on_the_shelf(browser: Browser, demo: Demo) -> None:
    with window(browser) as seen:
        seen.open(demo.url)
        expect(seen.named("scan")).to_be_attached()
        seen.tap("scan")
        expect(seen.named("see-it")).to_be_attached()
        seen.shoot("purchase-1-scanned")
        seen.tap("see-it")
        expect(seen.named("variant-Ochre-M")).to_have_attribute("aria-current", "true")
        seen.shoot("purchase-2-product")
        seen.tap("add-to-cart")
        expect(seen.named("go-to-cart")).to_be_attached()
        seen.tap("go-to-cart")
        expect(seen.named("check-out")).to_be_attached()
        seen.shoot("purchase-3-cart")
        seen.tap("check-out")
        expect(seen.named("to-delivery")).to_be_attached()
        for field, text in CUSTOMER.items():
            seen.type(field, text)
        seen.shoot("purchase-4-address")
        seen.tap("to-delivery")
        expect(seen.page.get_by_role("button", name="Continue to payment")).to_be_enabled()
        seen.shoot("purchase-5-delivery")
        seen.tap("to-payment")
        expect(seen.named("receipt")).to_be_attached()
        for digit in "1007":
            seen.tap(f"key-{digit}")
        seen.shoot("purchase-6-payment")
        seen.tap("place")
        expect(seen.named("order-number")).to_be_attached()
        seen.shoot("purchase-7-saved")
        expect(seen.page.get_by_text("Thank you. Your order is placed.").last).to_be_attached()
        seen.shoot("purchase-8-placed")
        number = words(seen, "order-number")
        (entry,) = demo.ledgers()
        assert entry["state"] in TAKEN

        eventually(lambda: len(demo.stored(number)) == 1)
        ((store, partner, _),) = demo.stored(number)
        assert store == "demo"
        eventually(lambda: len(demo.mails("marta@example.com")) >= 1)
        eventually(lambda: len(demo.mails("store@example.com")) >= 1)
        assert number in content(demo.mails("marta@example.com")[0])
        assert "Alder rain jacket" in content(demo.mails("marta@example.com")[0])
        assert number in content(demo.mails("store@example.com")[0])
        eventually(lambda: demo.stored(number) in [[("demo", partner, state)] for state in TAKEN])
        assert len(demo.ledgers()) == 1
        seen.tap("finish")
        expect(seen.named("scan")).to_be_attached()
        said = (demo.folder.parent / "demo.log").read_text("utf-8")
        assert [word for word in ("drawing failed", "handler failed", "Traceback") if word in said] == []
        assert [text for text in CUSTOMER.values() if text in said] == []


def words(seen: Window, name: str) -> str:
    """What is read of the thing with this name."""
    place = seen.named(name)
    return str(place.get_attribute("aria-label") or place.inner_text()).strip()


def content(mail: EmailMessage) -> str:
    """The mail's text, for people."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def eventually(true: Callable[[], bool]) -> None:
    """Wait until ``true()``; what happens elsewhere has no event to wait for here."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"not within {PATIENCE} s"
        time.sleep(0.1)
