"""How words become JSON and back: strictly, canonically, and with a digest that shows any damage."""

from __future__ import annotations

import hashlib
import json
from typing import Any, TypeVar

from pydantic import ConfigDict, TypeAdapter

STRICT = ConfigDict(extra="forbid", strict=True)
T = TypeVar("T")


_canonical = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False
).encode
_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def to_json(value: object) -> str:
    """``value`` (one of our dataclasses) as canonical JSON: sorted keys, no spaces, text as it is."""
    return _canonical(_adapter(type(value)).dump_python(value, mode="json"))


def to_data(value: object) -> Any:
    """``value`` as what JSON can say: dicts, lists, text, whole numbers."""
    return _adapter(type(value)).dump_python(value, mode="json")


def from_json(kind: type[T], text: str | bytes) -> T:
    """``text`` as a ``kind``, strictly: no unknown field, no text for a number.

    Raises pydantic.ValidationError, a ValueError, naming every wrong place.
    """
    value: T = _adapter(kind).validate_json(text, strict=True)
    return value


def from_data(kind: type[T], data: object) -> T:
    """As ``from_json``, from parsed JSON."""
    return from_json(kind, json.dumps(data))


def digest(value: object) -> str:
    """SHA-256 of the canonical JSON of ``value``, in hexadecimal: equal exactly when the value is."""
    return sealed(value)[1]


def sealed(value: object) -> tuple[str, str]:
    """The canonical JSON of ``value`` and its digest."""
    text = to_json(value)
    return text, hashlib.sha256(text.encode()).hexdigest()
