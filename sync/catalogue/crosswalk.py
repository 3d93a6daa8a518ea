"""The store's own codes: an internal SKU, a shelf label, an old number, and the GTIN or partner's SKU it stands for.

One file is the whole crosswalk. A code may lead to several products; then the person who scans it is asked.
A code that is a product number (an old one) is kept as its fourteen digits, so every spelling of it is met.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine

from retail.codes import Code
from retail.errors import Rejected
from retail.gtin import LENGTHS, Gtin, InvalidGtin
from sync.catalogue.rows import Problem, open_rows

COLUMNS = ("code", "gtin", "partner", "sku")
LONGEST = 120


@dataclass(frozen=True, slots=True)
class Lead:
    """What a code stands for: a GTIN, or the SKU of one partner."""

    gtin: Gtin | None = None
    partner: str | None = None
    sku: str | None = None

    @classmethod
    def of(cls, code: Code) -> Lead:
        """What a code stands for by itself: its GTIN, else anybody's SKU."""
        return cls(gtin=code.gtin) if code.gtin else cls(sku=code.text)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A code that leads to several ``products``: whoever scans it is asked which is meant."""

    code: str
    products: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What a crosswalk file brought: ``codes`` kept, rows that are ``bad`` (number and problem), and what is odd.

    ``unknown`` counts codes that lead to nothing on this device's shelf now.
    """

    codes: int
    bad: tuple[tuple[int, Problem], ...]
    conflicts: tuple[Conflict, ...]
    unknown: int


def import_file(engine: Engine, path: Path, *, empty: bool = False) -> Imported:
    """Keep the crosswalk at ``path`` in place of the one before; bad rows are left out and reported.

    Raises Rejected, and changes nothing, when it is no such file or no row of it is good; a file without rows is
    taken only when it may be ``empty``.
    """
    found: set[tuple[str, str, str]] = set()
    bad: list[tuple[int, Problem]] = []
    with open_rows(path) as rows:
        if rows.header is not None and (wrong := _wrong(rows.header)):
            raise Rejected("no_crosswalk", f"{path.name} {wrong}. Nothing was changed.")
        for row in rows:
            lead = row.data if isinstance(row.data, Problem) else _read(row.data)
            if isinstance(lead, Problem):
                bad.append((row.number, lead))
            else:
                found.add(lead)
    if bad and not found:
        number, problem = bad[0]
        raise Rejected(
            "no_crosswalk",
            f"{path.name} has no good row. Row {number}, {problem.field}: {problem.reason} Nothing was changed.",
        )
    if not found and not empty:
        raise Rejected(
            "no_crosswalk",
            f"{path.name} has no rows, so no code would be left. If that is meant: --empty. Nothing was changed.",
        )
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM crosswalk")
        if found:
            connection.exec_driver_sql("INSERT OR IGNORE INTO crosswalk VALUES (?, ?, ?)", sorted(found))
        codes = connection.exec_driver_sql("SELECT count(DISTINCT code) FROM crosswalk").scalar_one()
        conflicts, unknown = _report(connection)
    return Imported(codes, tuple(bad), conflicts, unknown)


def leads(connection: Connection, *codes: str) -> tuple[Lead, ...]:
    """What any of ``codes`` stands for; capital and small letters (A to Z) and all spellings of a GTIN are the same."""
    spelled = tuple(sorted({spelling for code in codes for spelling in _spellings(code)}))
    any_of = ", ".join("?" * len(spelled))
    rows = connection.exec_driver_sql(
        f"SELECT DISTINCT partner, leads_to FROM crosswalk WHERE code IN ({any_of}) ORDER BY 1, 2",  # noqa: S608
        spelled,
    ).all()
    return tuple(Lead(None, row[0], row[1]) if row[0] else Lead(Gtin(row[1])) for row in rows)


def _spellings(code: str) -> set[str]:
    """How ``code`` may be kept: in one way now, but as its file spelled it in a crosswalk of an older version."""
    gtin = Gtin.or_none(code)
    if gtin is None:
        return {code}
    return {code, *(gtin[-length:] for length in LENGTHS if length >= len(gtin.short))}


def _key(code: str) -> str:
    """``code`` as it is kept."""
    return Gtin.or_none(code) or code


def _read(data: Mapping[str, object]) -> tuple[str, str, str] | Problem:
    for name, value in data.items():
        if name not in COLUMNS:
            return Problem(name[:40], f"There is no such field; there are {', '.join(COLUMNS)}.")
        if not isinstance(value, str) or not 0 < len(value.strip()) <= LONGEST or not value.isprintable():
            return Problem(name, f"It has to be text of 1 to {LONGEST} characters.")
    values = {name: str(value).strip() for name, value in data.items()}
    if "code" not in values:
        return Problem("code", "It is missing.")
    if "gtin" in values:
        if "sku" in values or "partner" in values:
            return Problem("gtin", "A code stands for a gtin, or for a partner's sku: leave one of them out.")
        try:
            return _key(values["code"]), "", str(Gtin.parse(values["gtin"]))
        except InvalidGtin as error:
            return Problem("gtin", str(error))
    if "partner" not in values or "sku" not in values:
        return Problem(
            "gtin", "A code stands for a gtin, or for a partner and its sku: one of them is missing."
        )
    return _key(values["code"]), values["partner"], values["sku"]


def _wrong(header: Sequence[str]) -> str | None:
    unknown = [name for name in header if name and name not in COLUMNS]
    if "code" not in header or not {"gtin", "sku"} & set(header):
        return "needs the columns code and gtin, or code, partner and sku"
    return f"has a column {unknown[0][:40]} that nobody knows" if unknown else None


def _report(connection: Connection) -> tuple[tuple[Conflict, ...], int]:
    """Codes that lead to several products, their own being a product's code counted, and those that lead to none."""
    products: dict[str, set[str]] = {}
    rows = connection.exec_driver_sql(
        "SELECT c.code, p.id FROM crosswalk c LEFT JOIN offers o ON"
        " (c.partner = '' AND o.gtin = CAST(c.leads_to AS INTEGER)) LEFT JOIN products p ON p.row = o.product"
        " WHERE c.partner = ''"
        " UNION SELECT c.code, p.id FROM crosswalk c LEFT JOIN offers o ON"
        " o.sku = c.leads_to COLLATE NOCASE AND o.sku = c.leads_to AND o.partner = c.partner"
        " LEFT JOIN products p ON p.row = o.product WHERE c.partner <> ''"
        " UNION SELECT c.code, p.id FROM crosswalk c JOIN offers o ON o.sku = c.code COLLATE NOCASE"
        " JOIN products p ON p.row = o.product"
        " UNION SELECT c.code, p.id FROM crosswalk c JOIN offers o ON o.gtin = CAST(c.code AS INTEGER)"
        " JOIN products p ON p.row = o.product WHERE length(c.code) = 14 AND c.code NOT GLOB '*[^0-9]*'"
    )
    for code, product in rows.all():
        products.setdefault(code, set())
        if product is not None:
            products[code].add(product)
    conflicts = tuple(
        Conflict(code, tuple(sorted(found))) for code, found in sorted(products.items()) if len(found) > 1
    )
    return conflicts, sum(not found for found in products.values())
