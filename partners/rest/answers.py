"""From checked rows to our own words: offers, quotes, and what stands in a partner's books."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar
from urllib.parse import urljoin, urlsplit

from partners.contract import LineAnswer, PartnerQuote, PartnerRecord, Placed, QuotedLine, Wanted
from partners.rest.mapping import State
from partners.rest.wire import AnswerRow, OfferRow, OrderRow, ParcelRow, QuoteRow
from retail.errors import BadResponse
from retail.money import Money
from retail.offer import Offer
from retail.order import PartnerLine
from retail.status import Shipment


class _OfOneSku(Protocol):
    @property
    def sku(self) -> str: ...
    @property
    def line(self) -> str | None: ...


Row = TypeVar("Row", bound=_OfOneSku)


def offer(row: OfferRow, record: PartnerRecord, as_of: datetime) -> Offer:
    """``row`` as an offer of the partner, true at ``as_of``."""
    return Offer(
        partner=record.id,
        sku=row.sku,
        gtin=row.gtin,
        product=row.product,
        name=row.name,
        price=Money(row.price_minor, row.currency),
        available=row.available,
        as_of=as_of,
        brand=row.brand or "",
        category=row.category or "",
        description=row.description or "",
        options=row.options or {},
        swatch=row.swatch,
        shipping=Money(row.shipping_minor, row.currency) if row.shipping_minor is not None else None,
        was=Money(row.was_minor, row.currency) if row.was_minor is not None else None,
        ships_by=row.ships_by,
        picture=_picture(row.picture, record),
        attributes=row.attributes or {},
    )


def _picture(path: str | None, record: PartnerRecord) -> str | None:
    """Its whole address; None for a picture anywhere but below the record's picture base (or endpoint)."""
    if path is None:
        return None
    base = urlsplit((record.picture_base or record.endpoint).rstrip("/") + "/")
    try:
        whole = urlsplit(urljoin(base.geturl(), path))
    except ValueError:
        return None
    return whole.geturl() if (whole.scheme, whole.netloc) == (base.scheme, base.netloc) else None


def quote(row: QuoteRow, wanted: Sequence[Wanted], as_of: datetime, where: str) -> PartnerQuote:
    """``row`` as a quote with exactly the wanted SKUs; raises BadResponse when one is not answered."""
    by_sku = {line.sku: line for line in row.lines}
    missing = [line.sku for line in wanted if line.sku not in by_sku]
    if missing:
        raise BadResponse(f"{where}: no answer for {len(missing)} of {len(wanted)} items")
    found = (by_sku[line.sku] for line in wanted)
    lines = tuple(
        QuotedLine(line.sku, Money(line.price_minor, row.currency), line.available, line.ships_by)
        for line in found
    )
    return PartnerQuote(lines, Money(row.shipping_minor, row.currency), as_of)


def placed(row: OrderRow, state: State, lines: Sequence[PartnerLine] | None, where: str) -> Placed:
    """``row`` as what stands in the books. ``lines`` are those ordered, None when they are not at hand.

    Raises BadResponse when an ordered line is not answered or its pieces do not add up.
    """
    answered = _echoed(row.lines or []) if lines is None else _answers(row.lines, lines, where)
    return Placed(
        reference=row.reference,
        lines=answered,
        total=Money(row.total_minor, row.currency),
        state=state,
        shipments=tuple(_parcel(one, lines, where) for one in row.parcels or []),
    )


def _echoed(rows: Sequence[AnswerRow]) -> tuple[LineAnswer, ...]:
    if any(row.line is None for row in rows):
        return ()
    return tuple(_answer(str(row.line), row, row.accepted, row.backordered, row.refused) for row in rows)


def _answer(line: str, row: AnswerRow, accepted: int, backordered: int, refused: int) -> LineAnswer:
    return LineAnswer(line, accepted, backordered, refused, row.promised, row.reason)


def _answers(
    rows: Sequence[AnswerRow] | None, lines: Sequence[PartnerLine], where: str
) -> tuple[LineAnswer, ...]:
    if rows is None:
        return tuple(LineAnswer(line.line, line.quantity) for line in lines)
    found = []
    for row, mine in _matched(_merged(rows), lines, where):
        left = [row.accepted, row.backordered, row.refused]
        if sum(left) != sum(line.quantity for line in mine):
            raise BadResponse(f"{where}: lines: the pieces of one item do not add up to those ordered")
        # Several of our lines may be of one SKU: what is accepted goes to the first ones.
        for line in mine:
            parts = _take(left, line.quantity)
            found.append(_answer(line.line, row, *parts))
    if {answer.line for answer in found} != {line.line for line in lines}:
        raise BadResponse(f"{where}: lines: not every item ordered is answered")
    order = {line.line: number for number, line in enumerate(lines)}
    return tuple(sorted(found, key=lambda answer: order[answer.line]))


def _merged(rows: Sequence[AnswerRow]) -> list[AnswerRow]:
    """One row for each item: some partners answer in several, what they have now and what comes later."""
    found: dict[tuple[str, str | None], AnswerRow] = {}
    for row in rows:
        before = found.get((row.sku, row.line))
        if before is not None:
            row = row.model_copy(
                update={
                    "accepted": row.accepted + before.accepted,
                    "backordered": row.backordered + before.backordered,
                    "refused": row.refused + before.refused,
                    "promised": row.promised or before.promised,
                    "reason": row.reason or before.reason,
                }
            )
        found[row.sku, row.line] = row
    return list(found.values())


def _take(left: list[int], pieces: int) -> tuple[int, int, int]:
    taken = [0, 0, 0]
    for place, there in enumerate(left):
        taken[place] = min(there, pieces)
        pieces -= taken[place]
        left[place] -= taken[place]
    return taken[0], taken[1], taken[2]


def _matched(
    rows: Sequence[Row], lines: Sequence[PartnerLine], where: str
) -> list[tuple[Row, tuple[PartnerLine, ...]]]:
    """Each row with the ordered lines that it is about, by our line id when echoed, else by SKU."""
    found = []
    for row in rows:
        mine = tuple(
            line for line in lines if line.sku == row.sku and (row.line is None or row.line == line.line)
        )
        if not mine:
            raise BadResponse(f"{where}: lines: an item that was not ordered")
        found.append((row, mine))
    return found


def _parcel(row: ParcelRow, lines: Sequence[PartnerLine] | None, where: str) -> Shipment:
    pieces: list[tuple[str, int]] = []
    if lines is None:
        pieces = [(one.line, one.quantity) for one in row.lines if one.line is not None]
    else:
        for one, mine in _matched(row.lines, lines, where):
            left = one.quantity
            for line in mine:
                taken = min(left, line.quantity)
                left -= taken
                if taken:
                    pieces.append((line.line, taken))
    return Shipment(
        row.id, tuple(pieces), row.carrier or "", row.tracking or "", row.shipped_at, row.delivered_at
    )


def reason(theirs: str | None, known: Mapping[str, str]) -> str:
    """Our stable code for the partner's; ``other`` for one that the mapping does not have."""
    return known.get(theirs or "", "other")
