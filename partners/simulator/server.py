"""The simulated partner's API. What is under /api needs its token; /ledger, /faults, /clock and /goods are for tests.

GET  /api/items?q=&size=&page=   /api/items?ean=   /api/items/{code}
GET  /api/changes?after=&size=   /api/styles/{style}/items   /api/styles/{style}/similar?size=
POST /api/quotes   POST /api/orders   GET /api/orders?yourReference=   GET /api/orders/{number}
POST /api/orders/{number}/cancel      GET /pictures/{name}
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, ConfigDict, Field

from partners.contract import OrderingClass
from partners.faults import FAULTS, Faults
from partners.simulator import dialect
from partners.simulator.books import Books
from partners.simulator.dialect import NewOrder, NewQuote
from partners.simulator.entries import Entry, Refusal
from partners.simulator.misbehaviour import GARBAGE, Silence
from retail.gtin import Gtin
from retail.money import Money


@dataclass(frozen=True, slots=True)
class Manners:
    """How this partner behaves: its ordering class, how long keys live and what slow means, in seconds."""

    ordering_class: OrderingClass
    token: str
    key_life: float = 86400.0
    slow_seconds: float = 3.0
    ship_to: tuple[str, ...] = ()


class NewFault(BaseModel):
    """A fault to plan."""

    model_config = ConfigDict(extra="forbid", strict=True)
    fault: str
    times: int | None = 1
    on: str | None = None
    add: bool = False


class NewTime(BaseModel):
    """How far the partner's clock is ahead, in seconds."""

    model_config = ConfigDict(extra="forbid", strict=True)
    ahead_seconds: float = Field(ge=0)


class Change(BaseModel):
    """Another price or stock for one item, or that it is sold no longer."""

    model_config = ConfigDict(extra="forbid", strict=True)
    sku: str
    price_minor: int | None = Field(default=None, ge=0)
    stock: int | None = Field(default=None, ge=0)
    gone: bool = False


class Simulator:
    """One partner's API over its books."""

    def __init__(self, books: Books, manners: Manners, pictures: Path | None = None) -> None:
        self._books = books
        self._manners = manners
        self._faults = Faults()
        self._rubbish = 0
        self.app = FastAPI(title="Simulated partner", openapi_url=None)
        self.app.add_exception_handler(Refusal, _refused)
        self.app.add_exception_handler(RequestValidationError, _malformed)
        known = [Depends(self._known_buyer)]
        for method, path, handler in (
            ("GET", "/api/items", self.items),
            ("GET", "/api/items/{code:path}", self.item),
            ("GET", "/api/changes", self.changes),
            ("GET", "/api/styles/{style}/items", self.style),
            ("GET", "/api/styles/{style}/similar", self.similar),
            ("POST", "/api/quotes", self.quote),
            ("POST", "/api/orders", self.place),
            ("GET", "/api/orders/{number}", self.status),
            ("POST", "/api/orders/{number}/cancel", self.cancel),
        ):
            self.app.add_api_route(path, handler, methods=[method], dependencies=known, response_model=None)
        if manners.ordering_class != "C":
            self.app.add_api_route(
                "/api/orders", self.look_up, methods=["GET"], dependencies=known, response_model=None
            )
        self.app.add_api_route("/ledger", self.ledger, methods=["GET"])
        self.app.add_api_route("/faults", self.planned, methods=["GET"])
        self.app.add_api_route("/faults", self.plan, methods=["POST"])
        self.app.add_api_route("/clock", self.set_clock, methods=["POST"])
        self.app.add_api_route("/goods", self.change, methods=["POST"])
        if pictures is not None:
            self.app.mount("/pictures", StaticFiles(directory=pictures))

    def _known_buyer(self, authorization: Annotated[str, Header()] = "") -> None:
        if not secrets.compare_digest(authorization.encode(), f"Bearer {self._manners.token}".encode()):
            raise Refusal("WHO_ARE_YOU", "the token is missing or wrong", 401)

    # Goods

    async def items(
        self,
        q: str = "",
        ean: str | None = None,
        size: Annotated[int, Query(ge=1, le=100)] = 24,
        page: Annotated[int, Query(ge=0)] = 0,
    ) -> Response:
        """Search by words, or exactly by EAN."""
        fault = self._faults.take("search" if ean is None else "find")
        if ean is not None and fault != "wrong-item":
            gtin = Gtin.or_none(ean)
            found = self._books.by_gtin(gtin) if gtin else []
            return await self._answer(fault, {"items": self._shown(found), "next": None})
        found = self._books.search(q, page, size + 1)
        more = str(page + size) if len(found) > size else None
        return await self._answer(fault, {"items": self._shown(found[:size]), "next": more})

    async def item(self, code: str) -> Response:
        """One item by its code."""
        fault = self._faults.take("find")
        found = self._books.by_sku(code)
        if fault == "wrong-item":
            found = self._books.search("", 1, 1)[0]
        if found is None:
            raise Refusal("NO_SUCH_ITEM", f"{code} is not sold here", 404)
        return await self._answer(fault, self._shown([found])[0])

    async def changes(
        self, after: str | None = None, size: Annotated[int, Query(ge=1, le=100)] = 100
    ) -> Response:
        """What changed behind ``after``; without it, only from where to ask on."""
        fault = self._faults.take("changes")
        if after is None:
            start = {"items": [], "withdrawn": [], "next": str(self._books.newest_change()), "more": False}
            return await self._answer(fault, start)
        known = after.isascii() and after.isdigit() and len(after) < 16
        found = self._books.changes(int(after), size) if known else None
        if found is None:
            raise Refusal("TOO_OLD", "what changed since then is not known any more", 410)
        goods, gone, last, more = found
        answer = {"items": self._shown(goods), "withdrawn": gone, "next": str(last), "more": more}
        return await self._answer(fault, answer)

    async def style(self, style: str) -> Response:
        """All items of one style."""
        return await self._answer(
            self._faults.take("variants"), {"items": self._shown(self._books.of_product(style))}
        )

    async def similar(self, style: str, size: Annotated[int, Query(ge=1, le=100)] = 8) -> Response:
        """Items that go with a style."""
        return await self._answer(
            self._faults.take("similar"), {"items": self._shown(self._books.like(style, size))}
        )

    async def quote(self, asked: NewQuote) -> Response:
        """Prices now."""
        fault = self._faults.take("quote")
        answer = dialect.quote(asked, self._books)
        if asked.shipTo is not None and not self._serves(asked.shipTo.countryCode):
            answer["positions"] = [{**one, "free": 0} for one in answer["positions"]]
        return await self._answer(fault, answer)

    # Orders

    async def place(
        self, wanted: NewOrder, request: Request, idempotency_key: Annotated[str | None, Header()] = None
    ) -> Response:
        """Book an order; only class A looks at the idempotency key."""
        fault = self._faults.take("place")
        if fault == "429":
            return await self._answer(fault, None)
        if self._manners.ordering_class != "A":
            idempotency_key = None
        digest = hashlib.sha256(await request.body()).hexdigest()
        entry = None
        if idempotency_key is not None:
            entry = self._books.remembered(idempotency_key, self._manners.key_life, digest)
        if entry is None:
            entry = self._book(wanted, digest, idempotency_key, fault)
        return await self._answer(fault, dialect.order(entry, self._books), status=201)

    def _book(self, wanted: NewOrder, digest: str, idempotency_key: str | None, fault: str | None) -> Entry:
        if not self._serves(wanted.consignee.countryCode):
            raise Refusal("NO_DELIVERY", f"nothing is sent to {wanted.consignee.countryCode}", 422)
        if wanted.currencyCode != self._books.currency:
            raise Refusal("PRICE_CHANGED", f"prices are in {self._books.currency}")
        currency = wanted.currencyCode
        wishes = [position.wish(currency) for position in wanted.positions]
        freight = dialect.minor(wanted.freight, currency)
        if sum(one.quantity * one.price_minor for one in wishes) + freight != dialect.minor(
            wanted.grandTotal, currency
        ):
            raise Refusal("MALFORMED", "the positions do not add up to the total", 422)
        first = self._books.by_sku(wishes[0].sku)
        if first is not None and fault == "reprice":
            self._books.change(first.sku, price_minor=first.price_minor + max(1, first.price_minor // 10))
        if first is not None and fault == "sold-out":
            self._books.change(first.sku, stock=0)
        return self._books.book(
            wanted.yourReference,
            wishes,
            shipping=Money(freight, currency),
            customer=wanted.consignee.model_dump(),
            digest=digest,
            idempotency_key=idempotency_key,
            partly=fault == "partial",
        )

    async def look_up(self, yourReference: str) -> Response:  # noqa: N803
        """Orders by the buyer's own reference."""
        found = [dialect.order(one, self._books) for one in self._books.under_key(yourReference)]
        return await self._answer(self._faults.take("look_up"), {"orders": found})

    async def status(self, number: str) -> Response:
        """One order."""
        return await self._answer(
            self._faults.take("status"), dialect.order(self._entry(number), self._books)
        )

    async def cancel(self, number: str) -> Response:
        """Withdraw an order that has not left."""
        fault = self._faults.take("cancel")
        if fault == "429":
            return await self._answer(fault, None)
        self._books.cancel(self._entry(number))
        return await self._answer(fault, {"result": "WITHDRAWN"})

    # For tests

    async def ledger(self) -> list[dict[str, Any]]:
        """Every order."""
        return [dialect.ledger_row(one, self._books) for one in self._books.ledger()]

    async def planned(self) -> dict[str, Any]:
        """What is planned to go wrong, and what could."""
        return {"planned": self._faults.planned(), "faults": FAULTS}

    async def plan(self, wanted: NewFault) -> dict[str, Any]:
        """Plan a fault."""
        try:
            self._faults.plan(wanted.fault, wanted.times, wanted.on, add=wanted.add)
        except ValueError as error:
            raise Refusal("NO_SUCH_FAULT", str(error), 422) from error
        return {"planned": self._faults.planned()}

    async def set_clock(self, wanted: NewTime) -> dict[str, float]:
        """Let time pass."""
        self._books.clock.ahead = wanted.ahead_seconds
        return {"now": self._books.clock.now()}

    async def change(self, wanted: Change) -> dict[str, bool]:
        """Set another price or stock, or sell it no longer."""
        if wanted.gone:
            self._books.withdraw(wanted.sku)
            return {"done": True}
        self._books.change(wanted.sku, price_minor=wanted.price_minor, stock=wanted.stock)
        return {"done": self._books.by_sku(wanted.sku) is not None}

    # Inside

    def _shown(self, found: list[Any]) -> list[dict[str, Any]]:
        now = self._books.clock.at()
        return [dialect.item(one, self._books.currency, now) for one in found]

    def _serves(self, country: str) -> bool:
        return not self._manners.ship_to or country in self._manners.ship_to

    def _entry(self, number: str) -> Entry:
        digits = number.removeprefix("N-")
        entry = (
            self._books.entry(int(digits))
            if digits.isascii() and digits.isdigit() and len(digits) < 16
            else None
        )
        if entry is None:
            raise Refusal("NO_SUCH_ORDER", f"there is no order {number[:40]}", 404)
        return entry

    async def _answer(self, fault: str | None, body: Any, *, status: int = 200) -> Response:
        if fault == "429":
            return _error("SLOW_DOWN", "too many requests", 429, {"Retry-After": "1"})
        if fault == "500":
            return _error("OOPS", "something broke", 500)
        if fault in ("drop-after-accept", "timeout-after-accept"):
            return Silence(close=fault == "drop-after-accept")
        if fault == "garbage":
            kind, content = GARBAGE[self._rubbish % len(GARBAGE)]
            self._rubbish += 1
            return Response(content, media_type=kind)
        if fault == "slow":
            await asyncio.sleep(self._manners.slow_seconds)
        return Response(json.dumps(body, ensure_ascii=False), status, media_type="application/json")


def _error(code: str, message: str, status: int, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, status, headers)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return _error(error.code, error.message, error.status)


def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    return _error("MALFORMED", f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}", 422)
