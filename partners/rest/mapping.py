"""The declarative mapping of a partner's record: how we ask, and what the answers mean. Data, no code.

    {"version": 1,
     "auth": {"header": "Authorization", "format": "Bearer {secret}"},
     "operations": {"find_sku": {"method": "GET", "path": "/items/{sku}", "query": {"lang": "'en'"},
                                 "headers": {}, "body": null, "response": "[@]", "cursor": null}, ...},
     "forms": {"offer": "{sku: code, price_minor: to_minor(price, currency), ...}", "quote": ..., "order": ...},
     "refusal": {"reason": "error.code", "detail": "error.message"},
     "reasons": {"OUT_OF_STOCK": "sold_out"}, "statuses": {"SENT": "shipped"}}

Requests: values of ``query`` and ``headers`` and the ``body`` are expressions over what OPERATIONS lists; null query
values are left out; ``{name}`` in ``path`` is filled in and quoted.

Answers: ``response`` picks what matters: a list for offers and for look_up (an answer without one is an error;
``items || `[]` `` where null means none), one thing for quote, place and status, which the operation's form
then translates to what ``partners.rest.wire`` documents. For cancel it picks a word of ``statuses`` that means
cancelled, or one of ``reasons``. For changes, ``cursor`` finds where to go on, ``gone`` a list of SKUs, ``more`` whether
there is more now; asked with a null cursor it answers with the cursor of now. A reason that does not stand in ``reasons`` leaves the outcome unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, get_args
from urllib.parse import quote

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from partners.contract import PartnerRecord
from partners.rest.expression import BadExpression, Expression, read
from retail.errors import Misconfigured

VERSION = 1
State = Literal["accepted", "shipped", "delivered", "cancelled"]
NOT_FOUND = frozenset({"unknown_sku", "unknown_product", "unknown_order", "not_found"})
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an operation may use (``given``), what it must use, and the form of its answer."""

    given: frozenset[str]
    must: frozenset[str]
    form: str | None
    needed: Callable[[PartnerRecord], bool] = field(default=lambda record: True)


OPERATIONS: Mapping[str, Asked] = {
    "search": Asked(frozenset({"text", "limit", "cursor"}), frozenset({"text"}), "offer"),
    "changes": Asked(frozenset({"cursor", "limit"}), frozenset({"cursor"}), "offer", lambda record: False),
    "find_gtin": Asked(frozenset({"gtin"}), frozenset({"gtin"}), "offer"),
    "find_sku": Asked(frozenset({"sku"}), frozenset({"sku"}), "offer"),
    "variants": Asked(frozenset({"product"}), frozenset({"product"}), "offer"),
    "similar": Asked(frozenset({"product", "limit"}), frozenset({"product"}), "offer", lambda record: False),
    "quote": Asked(frozenset({"lines", "address"}), frozenset({"lines"}), "quote"),
    "place": Asked(frozenset({"order"}), frozenset({"order"}), "order"),
    "look_up": Asked(
        frozenset({"key"}), frozenset({"key"}), "order", lambda record: record.capabilities.can_look_up
    ),
    "status": Asked(frozenset({"reference"}), frozenset({"reference"}), "order"),
    "cancel": Asked(
        frozenset({"reference"}), frozenset({"reference"}), None, lambda record: record.capabilities.cancel
    ),
}
FORMS = ("offer", "quote", "order")


def _compiled(text: object) -> Expression:
    if isinstance(text, Expression):
        return text
    if not isinstance(text, str):
        raise ValueError("an expression is text")
    try:
        return read(text)
    except BadExpression as error:
        raise ValueError(f"not a JMESPath expression: {error}") from error


def _path(text: object) -> object:
    if isinstance(text, str):
        if not text.startswith("/") or text.startswith("//") or "/.." in text or re.search(r"[\s?#]", text):
            raise ValueError("a path starts with one / and has no spaces, ?, # or ..")
        if "{" in PLACEHOLDER.sub("", text) or "}" in PLACEHOLDER.sub("", text):
            raise ValueError("a { or } too many")
    return text


Compiled = Annotated[Expression, BeforeValidator(_compiled)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True)


class Operation(_Part):
    """How one thing is asked, and where in the answer what we need stands."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    path: Annotated[str, BeforeValidator(_path)]
    query: dict[str, Compiled] = Field(default_factory=dict)
    headers: dict[str, Compiled] = Field(default_factory=dict)
    body: Compiled | None = None
    response: Compiled = Field(default_factory=lambda: read("@"))
    cursor: Compiled | None = None
    gone: Compiled | None = None
    more: Compiled | None = None

    def placeholders(self) -> frozenset[str]:
        """The names in the path."""
        return frozenset(PLACEHOLDER.findall(self.path))

    def fields(self) -> frozenset[str]:
        """Every name that the request reads."""
        parts = [*self.query.values(), *self.headers.values(), *([self.body] if self.body else [])]
        return self.placeholders().union(*(part.fields for part in parts))

    def fill(self, given: Mapping[str, object]) -> str:
        """The path with its placeholders filled in from ``given`` and quoted."""
        return PLACEHOLDER.sub(lambda match: quote(str(given[match[1]]), safe=""), self.path)


class Auth(_Part):
    """The header that shows who we are; ``{secret}`` in ``format`` is the partner's key from the keystore."""

    header: str = "Authorization"
    format: str = "Bearer {secret}"


class Refusal(_Part):
    """Where the reason for a refusal stands; null there means that it is none."""

    reason: Compiled
    detail: Compiled | None = None


class RestMapping(_Part):
    """A whole mapping, every expression compiled."""

    version: Literal[1]
    auth: Auth | None = None
    operations: dict[str, Operation]
    forms: dict[str, Compiled]
    refusal: Refusal
    reasons: dict[str, str] = Field(default_factory=dict)
    statuses: dict[str, State] = Field(default_factory=dict)


def read_mapping(record: PartnerRecord) -> RestMapping:
    """The mapping of ``record``; raises Misconfigured with everything that is wrong with it."""
    problems = check_mapping(record)
    if problems:
        raise Misconfigured(
            f"The mapping of partner {record.id} cannot be used: " + "; ".join(problems) + "."
        )
    return RestMapping.model_validate(record.mapping)


def check_mapping(record: PartnerRecord) -> list[str]:
    """Everything that is wrong with the mapping of ``record``, in plain words; empty when it can be used."""
    if not record.mapping:
        return ["there is no mapping; a partner of protocol rest needs one"]
    version = record.mapping.get("version")
    if type(version) is int and version > VERSION:
        return [f"it is of version {version}; this release knows {VERSION}: update the program"]
    try:
        mapping = RestMapping.model_validate(record.mapping)
    except ValidationError as error:
        return [_words(problem) for problem in error.errors(include_input=False)]
    return [*_operations(record, mapping), *_forms(mapping), *_auth(record, mapping), *_words_used(mapping)]


def _words(problem: ErrorDetails) -> str:
    place = ".".join(str(part) for part in problem["loc"])
    message = {"missing": "is missing", "extra_forbidden": "is not known here"}.get(
        problem["type"], problem["msg"]
    )
    return f"{place}: {message.removeprefix('Value error, ')}"


def _operations(record: PartnerRecord, mapping: RestMapping) -> list[str]:
    problems = [
        f"operations.{name}: there is no such operation; there are {', '.join(OPERATIONS)}"
        for name in mapping.operations
        if name not in OPERATIONS
    ]
    for name, asked in OPERATIONS.items():
        operation = mapping.operations.get(name)
        if operation is None:
            if asked.needed(record):
                problems.append(f"operations.{name} is missing")
            continue
        problems += [
            f"operations.{name}.path: nothing is known as {{{unknown}}} here; there is {', '.join(sorted(asked.given))}"
            for unknown in sorted(operation.placeholders() - asked.given)
        ]
        problems += [
            f"operations.{name} never uses {missing}, so the partner cannot know which is meant"
            for missing in sorted(asked.must - operation.fields())
        ]
        if operation.body is not None and operation.method == "GET":
            problems.append(f"operations.{name}.body: a GET has no body")
    changes = mapping.operations.get("changes")
    if changes is not None and (changes.cursor is None or changes.gone is None):
        problems.append(
            "operations.changes needs cursor and gone: where to go on, and which SKUs are sold no longer"
        )
    place = mapping.operations.get("place")
    if place is not None and record.capabilities.ordering_class != "C" and "key" not in place.fields():
        problems.append(
            "operations.place never uses order.key, without which a partner of class "
            f"{record.capabilities.ordering_class} cannot know an order again"
        )
    return problems


def _forms(mapping: RestMapping) -> list[str]:
    wanted = {OPERATIONS[name].form for name in mapping.operations if name in OPERATIONS} - {None}
    problems = [f"forms.{form} is missing" for form in FORMS if form in wanted and form not in mapping.forms]
    unknown = sorted(set(mapping.forms) - set(FORMS))
    return problems + [
        f"forms.{form}: there is no such form; there are {', '.join(FORMS)}" for form in unknown
    ]


def _auth(record: PartnerRecord, mapping: RestMapping) -> list[str]:
    uses = mapping.auth is not None and "{secret}" in mapping.auth.format
    if record.credential and not uses:
        return ["auth.format never uses {secret}, though the record names a credential"]
    if uses and not record.credential:
        return ["auth.format uses {secret}, but the record names no credential"]
    return []


def _words_used(mapping: RestMapping) -> list[str]:
    problems = [
        f"reasons.{theirs}: {ours!r} is no code; one looks like sold_out"
        for theirs, ours in mapping.reasons.items()
        if not CODE.fullmatch(ours)
    ]
    if not mapping.statuses:
        problems.append(f"statuses is empty; it says which of theirs means {', '.join(get_args(State))}")
    return problems
