"""The adapter for partners that are described by their record alone: it asks and understands as the mapping says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx

from partners.contract import (
    BadOffer,
    Cancelled,
    ChangePage,
    LineAnswer,
    OfferPage,
    PartnerQuote,
    PartnerRecord,
    Placed,
    Wanted,
)
from partners.http import DEADLINE, Answer, HttpClient
from partners.rest import answers, wire
from partners.rest.expression import BadExpression, Expression
from partners.rest.mapping import NOT_FOUND, Operation, State, read_mapping
from partners.strict_json import to_text
from retail.address import Address
from retail.errors import BadResponse, Misconfigured, Rejected
from retail.gtin import Gtin
from retail.offer import Offer
from retail.order import PartnerLine, PartnerOrder
from retail.strict import to_data

CATALOGUE_BYTES = 16 * 2**20  # of one page of offers
TOO_OLD = "too_old"  # our word for: I cannot say what changed since then
SHORTEST, LONGEST = 0.1, 60.0  # seconds, for the record's own deadline


class RestPartner:
    """A partner of protocol ``rest``. Nothing is sent before the first call.

    ``settings`` of the record may have ``deadline_seconds`` (20) and ``at_once`` (4). ``now`` dates the offers.
    Raises Misconfigured, with everything that is wrong, when the record cannot be used.
    """

    def __init__(
        self,
        record: PartnerRecord,
        secret: str | None,
        transport: httpx.AsyncBaseTransport | None = None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.partner_id = record.id
        self.capabilities = record.capabilities
        self._record = record
        self._mapping = read_mapping(record)
        self._now = now
        auth = self._mapping.auth
        self._http = HttpClient(
            record.endpoint,
            headers={auth.header: auth.format.replace("{secret}", secret or "")} if auth else {},
            deadline=_number(record, "deadline_seconds", DEADLINE, SHORTEST, LONGEST),
            at_once=int(_number(record, "at_once", 4, 1, 64)),
            transport=transport,
        )

    async def aclose(self) -> None:
        """Close its connections."""
        await self._http.aclose()

    # Looking

    async def search(self, text: str, *, limit: int = 24, cursor: str | None = None) -> OfferPage:
        """Offers for ``text``, as the partner searches; BadResponse when no row of a page is an offer."""
        given = {"text": text, "limit": limit, "cursor": cursor}
        document, offers, bad = await self._sorted("search", given)
        return OfferPage(offers, self._cursor("search", document), bad)

    async def changes(self, cursor: str | None, *, limit: int = 100) -> ChangePage | None:
        """What changed behind ``cursor``; None when the mapping has no such operation or the cursor is too old."""
        if "changes" not in self._mapping.operations:
            return None
        where = f"{self.partner_id} changes"
        try:
            document, offers, bad = await self._sorted("changes", {"cursor": cursor, "limit": limit})
        except Rejected as error:
            if error.reason == TOO_OLD:
                return None
            raise BadResponse(f"{where}: refused as {error.reason}") from error
        operation = self._mapping.operations["changes"]
        gone = _search(operation.gone, document, where, "gone") if operation.gone else []
        skus = wire.check(wire.GoneRow, {"gone": gone}, where).gone
        after = self._cursor("changes", document)
        if after is None:
            raise BadResponse(f"{where}: cursor: nothing says where to go on")
        more = _search(operation.more, document, where, "more") if operation.more else after != cursor
        if cursor is None:
            return ChangePage(after)
        named = {one.sku for one in offers}
        return ChangePage(
            after,
            offers,
            tuple(sku for sku in skus if sku not in named),
            more=more is True and after != cursor,
            bad=bad,
        )

    async def find(self, *, gtin: Gtin | None = None, sku: str | None = None) -> Offer | None:
        """The offer with exactly this code; of several with one GTIN, one that can be had."""
        if gtin is None and sku is None:
            raise ValueError("a gtin or a sku is needed")
        name, given = ("find_sku", {"sku": sku}) if sku is not None else ("find_gtin", {"gtin": str(gtin)})
        try:
            _, offers = await self._offers(name, given)
        except Rejected as error:
            if error.reason in NOT_FOUND:
                return None
            raise BadResponse(f"{self.partner_id} {name}: refused as {error.reason}") from error
        # A shop that does not know the filter answers 200 with other things (facts/partners.md, trap 1).
        found = [one for one in offers if gtin in (None, one.gtin) and sku in (None, one.sku)]
        return max(found, key=lambda one: one.available > 0, default=None)

    async def variants(self, product: str) -> Sequence[Offer]:
        """All offers of ``product``; others that come back with them are left out."""
        return tuple(
            one for one in await self._listed("variants", {"product": product}) if one.product == product
        )

    async def similar(self, product: str, *, limit: int = 8) -> Sequence[Offer]:
        """What the partner calls similar; nothing when the mapping has no such operation."""
        if "similar" not in self._mapping.operations:
            return ()
        offers = await self._listed("similar", {"product": product, "limit": limit})
        return tuple(one for one in offers if one.product != product)[:limit]

    async def quote(self, lines: Sequence[Wanted], address: Address | None) -> PartnerQuote:
        """Price, availability and shipping now; every wanted SKU is answered, in the order asked."""
        now = self._now()
        given = {
            "lines": [{"sku": line.sku, "quantity": line.quantity} for line in lines],
            "address": to_data(address) if address else None,
        }
        where = f"{self.partner_id} quote"
        try:
            document = await self._ask("quote", given)
        except Rejected as error:
            raise BadResponse(f"{where}: refused as {error.reason}") from error
        row = wire.check(wire.QuoteRow, self._form("quote", document, where), where)
        return answers.quote(row, lines, now, where)

    # Buying

    async def place(self, order: PartnerOrder) -> Placed:
        """Send ``order`` once; class A partners know a repeated key by themselves."""
        limit = self.capabilities.address_line_limit
        for line in order.customer.address.lines:
            if len(line) > limit:
                raise Rejected("address", f"an address line has {len(line)} characters, they print {limit}")
        where = f"{self.partner_id} place"
        document = await self._ask("place", {"order": to_data(order)})
        row = self._order_row(self._picked("place", document, where), where)
        if row.key not in (None, order.key):
            raise BadResponse(f"{where}: the answer is about another order")
        return self._placed(row, order.lines, where)

    async def look_up(self, key: str) -> Placed | None:
        """What stands under ``key``; its lines are empty when the partner does not echo our line ids."""
        if not self.capabilities.can_look_up:
            raise Misconfigured(f"{self.partner_id} cannot be asked for an order by our key.")
        where = f"{self.partner_id} look_up"
        try:
            document = await self._ask("look_up", {"key": key})
        except Rejected as error:
            if error.reason in NOT_FOUND:
                return None
            raise BadResponse(f"{where}: refused as {error.reason}") from error
        picked = wire.check_list(self._picked("look_up", document, where), where)
        rows = [self._order_row(one, where) for one in picked]
        found = [row for row in rows if row.key == key]
        if rows and not found:
            raise BadResponse(f"{where}: other orders came back, so nothing is known of this one")
        live = [row for row in found if self._state(row, where) != "cancelled"] or found
        if len(live) > 1:
            raise BadResponse(f"{where}: {len(live)} orders stand under one key; call them")
        return self._placed(live[0], None, where) if live else None

    async def status(self, reference: str, lines: Sequence[PartnerLine]) -> Placed:
        """How order ``reference`` stands; BadResponse when the partner does not know it."""
        where = f"{self.partner_id} status"
        try:
            document = await self._ask("status", {"reference": reference})
        except Rejected as error:
            raise BadResponse(f"{where}: refused as {error.reason}") from error
        row = self._order_row(self._picked("status", document, where), where)
        if row.reference != reference:
            raise BadResponse(f"{where}: the answer is about another order")
        return self._placed(row, lines, where)

    async def cancel(self, reference: str) -> Cancelled:
        """Ask for a cancellation; a partner that never cancels is not asked."""
        if not self.capabilities.cancel:
            return Cancelled(False, "not_possible")
        where = f"{self.partner_id} cancel"
        try:
            document = await self._ask("cancel", {"reference": reference})
        except Rejected as error:
            return Cancelled(False, error.reason)
        word = self._picked("cancel", document, where)
        if self._mapping.statuses.get(str(word)) == "cancelled":
            return Cancelled(True)
        if str(word) in self._mapping.reasons:
            return Cancelled(False, self._mapping.reasons[str(word)])
        raise BadResponse(
            f"{where}: response: {str(word)[:60]!r} is neither a status nor a reason of the mapping"
        )

    # Asking

    async def _ask(self, name: str, given: Mapping[str, Any]) -> Any:
        """Send one operation and return its JSON; raises Rejected for a refusal whose reason is known."""
        operation = self._mapping.operations[name]
        where = f"{self.partner_id} {name}"
        answer = await self._http.request(
            operation.method,
            operation.fill(given),
            params=_scalars(operation, given, where),
            json=_evaluate(operation.body, given, where, "body") if operation.body else None,
            headers=_headers(operation, given, where),
            most_bytes=CATALOGUE_BYTES if name in ("search", "changes", "variants", "similar") else None,
        )
        return self._understood(answer, where)

    def _understood(self, answer: Answer, where: str) -> Any:
        document = answer.document() if answer.content else None
        refusal = self._mapping.refusal
        theirs = _search(refusal.reason, document, where, "refusal.reason")
        if theirs is not None:
            code = theirs if isinstance(theirs, str) else to_text(theirs)
            if code not in self._mapping.reasons:
                raise BadResponse(
                    f"{where}: refused as {code[:60]!r}, which the mapping's reasons do not have"
                )
            detail = _search(refusal.detail, document, where, "refusal.detail") if refusal.detail else None
            raise Rejected(self._mapping.reasons[code], wire.shown(detail) if isinstance(detail, str) else "")
        if answer.status >= 300:
            raise BadResponse(f"{where}: status {answer.status} without a reason that the mapping finds")
        return document

    async def _listed(self, name: str, given: Mapping[str, Any]) -> tuple[Offer, ...]:
        try:
            return (await self._offers(name, given))[1]
        except Rejected as error:
            if error.reason in NOT_FOUND:
                return ()
            raise BadResponse(f"{self.partner_id} {name}: refused as {error.reason}") from error

    async def _offers(self, name: str, given: Mapping[str, Any]) -> tuple[Any, tuple[Offer, ...]]:
        where = f"{self.partner_id} {name}"
        now = self._now()
        document = await self._ask(name, given)
        rows = wire.check_list(self._picked(name, document, where), where)
        offers = []
        for number, row in enumerate(rows):
            place = f"{where}: offer {number}"
            checked = wire.check(wire.OfferRow, self._form("offer", row, place), place)
            offers.append(answers.offer(checked, self._record, now))
        return document, tuple(offers)

    async def _sorted(
        self, name: str, given: Mapping[str, Any]
    ) -> tuple[Any, tuple[Offer, ...], tuple[BadOffer, ...]]:
        """A page of offers, and its rows that are none; raises BadResponse when all of several are bad."""
        where = f"{self.partner_id} {name}"
        now = self._now()
        document = await self._ask(name, given)
        rows = wire.check_list(self._picked(name, document, where), where)
        offers: list[Offer] = []
        bad: list[BadOffer] = []
        for number, row in enumerate(rows):
            place = f"{where}: offer {number}"
            form: Any = None
            try:
                form = self._form("offer", row, place)
                offers.append(answers.offer(wire.check(wire.OfferRow, form, place), self._record, now))
            except BadResponse as error:
                if not offers and number == len(rows) - 1:
                    raise  # the whole page: then it is the mapping, not the goods
                field, _, why = str(error).removeprefix(f"{place}: ").partition(": ")
                sku = form.get("sku") if isinstance(form, dict) else None
                bad.append(BadOffer(sku if isinstance(sku, str) else None, field, why))
        return document, tuple(offers), tuple(bad)

    def _cursor(self, name: str, document: Any) -> str | None:
        where = f"{self.partner_id} {name}"
        expression = self._mapping.operations[name].cursor
        cursor = _search(expression, document, where, "cursor") if expression else None
        if cursor is None or cursor == "":
            return None
        if not isinstance(cursor, str | int) or len(str(cursor)) > 500:
            raise BadResponse(f"{where}: cursor: not a short text")
        return str(cursor)

    def _picked(self, name: str, document: Any, where: str) -> Any:
        return _search(self._mapping.operations[name].response, document, where, "response")

    def _form(self, form: str, data: Any, where: str) -> Any:
        return _search(self._mapping.forms[form], data, where, f"forms.{form}")

    def _order_row(self, picked: Any, where: str) -> wire.OrderRow:
        return wire.check(wire.OrderRow, self._form("order", picked, where), where)

    def _state(self, row: wire.OrderRow, where: str) -> State:
        if row.state not in self._mapping.statuses:
            raise BadResponse(f"{where}: state {row.state[:60]!r}, which the mapping's statuses do not have")
        return self._mapping.statuses[row.state]

    def _placed(self, row: wire.OrderRow, lines: Sequence[PartnerLine] | None, where: str) -> Placed:
        placed = answers.placed(row, self._state(row, where), lines, where)
        known = self._mapping.reasons
        return replace(placed, lines=tuple(_with_reason(line, known) for line in placed.lines))


def _with_reason(line: LineAnswer, known: Mapping[str, str]) -> LineAnswer:
    return replace(line, reason=answers.reason(line.reason, known)) if line.reason else line


def _search(expression: Expression, data: Any, where: str, part: str) -> Any:
    try:
        return expression.search(data)
    except BadExpression as error:
        raise BadResponse(f"{where}: {part}: {error}") from error


def _evaluate(expression: Expression, given: Mapping[str, Any], where: str, part: str) -> Any:
    """An expression of a request: when it fails nothing was sent, and the mapping is to blame."""
    try:
        return expression.search(dict(given))
    except BadExpression as error:
        raise Misconfigured(f"{where}: {part} of the mapping: {error}") from error


def _scalars(operation: Operation, given: Mapping[str, Any], where: str) -> dict[str, str] | None:
    found = {}
    for name, expression in operation.query.items():
        value = _evaluate(expression, given, where, f"query.{name}")
        if isinstance(value, dict | list):
            raise Misconfigured(f"{where}: query.{name} of the mapping yields no single value")
        if value is not None:
            found[name] = value if isinstance(value, str) else to_text(value)
    return found or None


def _headers(operation: Operation, given: Mapping[str, Any], where: str) -> dict[str, str]:
    found = {}
    for name, expression in operation.headers.items():
        value = _evaluate(expression, given, where, f"headers.{name}")
        if not isinstance(value, str):
            raise Misconfigured(f"{where}: headers.{name} of the mapping yields no text")
        found[name] = value
    return found


def _number(record: PartnerRecord, name: str, usual: float, least: float, most: float) -> float:
    text = record.settings.get(name)
    if text is None:
        return usual
    try:
        number = float(text)
    except ValueError as error:
        raise Misconfigured(f"Partner {record.id}: settings.{name} is a number.") from error
    if not least <= number <= most:
        raise Misconfigured(f"Partner {record.id}: settings.{name} is {least:g} to {most:g}.")
    return number
