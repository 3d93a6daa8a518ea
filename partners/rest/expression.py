"""JMESPath expressions with a few functions that money, codes and options need.

    to_minor(amount, currency)      "129.00" or 129 -> 12900; never rounds: an amount with half a cent is an error
    from_minor(minor, currency)     12900 -> "129.00"
    gtin14(code)                    any GTIN or UPC-E spelling -> fourteen digits
    gtin_short(gtin)                fourteen digits -> 8, 12, 13 or 14, as printed
    options(list, name, value)      [{"name": "size", "value": "M"}] -> {"size": "M"}
    concat(a, b, ...)               the parts as one text; null counts as nothing
    whole(number)                   "5" or 5.0 -> 5; never rounds
    minus(a, b)                     a - b
    day(time)                       "2026-03-01T10:00:00Z" -> "2026-03-01"

Null goes through every one of them as null.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, cast

import jmespath
from babel.numbers import get_currency_precision
from jmespath import functions
from jmespath.exceptions import JMESPathError, ParseError

from retail.gtin import Gtin
from retail.money import Money

LONGEST = 8000  # characters of one expression
# What an expression can meet in data that is not as its author thought; jmespath lets some of these through bare.
FAILURES = (
    JMESPathError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    RecursionError,
)


class BadExpression(ValueError):
    """The expression cannot be read, or failed on this data; the text says where and why, without the data."""


class _Functions(functions.Functions):
    @functions.signature({"types": ["string", "number", "null"]}, {"types": ["string"]})
    def _func_to_minor(self, amount: str | float | None, currency: str) -> int | None:
        if amount is None:
            return None
        exact = _decimal(amount).scaleb(get_currency_precision(Money.zero(currency).currency))
        if exact != exact.to_integral_value():
            raise BadExpression(f"to_minor: an amount with a fraction of the smallest unit of {currency}")
        return Money(int(exact), currency).minor

    @functions.signature({"types": ["number", "null"]}, {"types": ["string"]})
    def _func_from_minor(self, minor: int | None, currency: str) -> str | None:
        return None if minor is None else f"{Money(minor, currency).decimal():f}"

    @functions.signature({"types": ["string", "null"]})
    def _func_gtin14(self, code: str | None) -> str | None:
        return None if code is None else str(Gtin.parse(code))

    @functions.signature({"types": ["string", "null"]})
    def _func_gtin_short(self, gtin: str | None) -> str | None:
        return None if gtin is None else Gtin(gtin).short

    @functions.signature({"types": ["array", "null"]}, {"types": ["string"]}, {"types": ["string"]})
    def _func_options(self, rows: list[Any] | None, name: str, value: str) -> dict[str, Any] | None:
        if rows is None:
            return None
        found = {row[name]: row[value] for row in rows}
        if len(found) != len(rows):
            raise BadExpression("options: one name stands twice")
        return found

    @functions.signature({"types": ["string", "number", "null"], "variadic": True})
    def _func_concat(self, *parts: str | float | None) -> str:
        return "".join(str(part) for part in parts if part is not None)

    @functions.signature({"types": ["string", "number", "null"]})
    def _func_whole(self, number: str | float | None) -> int | None:
        if number is None:
            return None
        exact = _decimal(number)
        if exact != exact.to_integral_value() or abs(exact) > 10**15:
            raise BadExpression("whole: not a whole number")
        return int(exact)

    @functions.signature({"types": ["number", "null"]}, {"types": ["number", "null"]})
    def _func_minus(self, one: float | None, other: float | None) -> float | None:
        return None if one is None or other is None else one - other

    @functions.signature({"types": ["string", "null"]})
    def _func_day(self, time: str | None) -> str | None:
        return None if time is None else time[:10]


OPTIONS = jmespath.Options(custom_functions=_Functions())


@dataclass(frozen=True, slots=True)
class Expression:
    """One compiled expression; ``fields`` are all names it reads, at any depth."""

    text: str
    fields: frozenset[str]

    def search(self, data: Any) -> Any:
        """What it yields from ``data``; raises BadExpression when a function meets what it cannot take."""
        try:
            return jmespath.compile(self.text).search(data, options=OPTIONS)
        except BadExpression:
            raise
        except FAILURES as error:
            raise BadExpression(f"{type(error).__name__}: {_without_values(error)}") from error


def read(text: str) -> Expression:
    """Compile ``text``; raises BadExpression with the position of what is wrong."""
    if len(text) > LONGEST:
        raise BadExpression(f"more than {LONGEST} characters")
    try:
        tree = jmespath.compile(text).parsed
        nodes = list(_nodes(cast("dict[str, Any]", tree)))
    except ParseError as error:
        position = int(error.lex_position)
        raise BadExpression(
            f"at character {position + 1}, near {text[max(0, position - 10) : position + 10]!r}"
        ) from error
    except RecursionError as error:
        raise BadExpression("nested too deeply") from error
    except JMESPathError as error:
        raise BadExpression(str(error)) from error
    for node in nodes:
        if node["type"] == "function_expression":
            _check_call(node["value"], len(node["children"]))
    return Expression(text, frozenset(node["value"] for node in nodes if node["type"] == "field"))


def _check_call(name: str, given: int) -> None:
    table = _Functions.FUNCTION_TABLE
    if name not in table:
        raise BadExpression(f"there is no function {name}()")
    wanted = table[name]["signature"]
    variadic = bool(wanted) and wanted[-1].get("variadic", False)
    if given < len(wanted) or (given > len(wanted) and not variadic):
        raise BadExpression(
            f"{name}() takes {len(wanted)}{' or more' if variadic else ''} values, not {given}"
        )


def _nodes(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield tree
    for child in tree.get("children", ()):
        yield from _nodes(child)


def _decimal(value: str | float) -> Decimal:
    # str() of a float gives the shortest spelling, which is what the partner wrote.
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise BadExpression("not a number") from error
    if not number.is_finite() or abs(number.adjusted()) > 20:
        raise BadExpression("not a usable number")
    return number


def _without_values(error: BaseException) -> str:
    """The error's words up to where it starts to quote data, which may be a customer's."""
    return str(error).partition(" for value:")[0].partition("received")[0][:120]
