"""Partner records as a TOML file, for a machine that gets none from the OMS.

[[partner]]
id = "north"                      # small letters, digits and hyphens
name = "North"
protocol = "rest"                 # or "vendure"
endpoint = "https://partner.example/api"
credential = "partner-north"      # the name of its key in the keystore, never the key
[partner.capabilities]
ordering_class = "A"
key_life = 86400                  # seconds, as settling
[partner.mapping]
...
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from partners.contract import PartnerRecord
from retail.errors import Misconfigured
from retail.strict import from_data, to_data

DURATIONS = ("key_life", "settling")
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
WORDS = {
    "unexpected_keyword_argument": "there is no such field",
    "missing": "this field is missing",
    "missing_argument": "this field is missing",
}
BARE = re.compile(r"[A-Za-z0-9_-]+")


def load_records(path: Path) -> tuple[PartnerRecord, ...]:
    """The records in the TOML file ``path``.

    Raises Misconfigured, naming the file, the record and the field, for anything that is not just right.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise Misconfigured(f"The partner records {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Misconfigured(f"The partner records {path} are not in UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"{path} is not TOML: {error}.") from error
    tables = data.pop("partner", [])
    if data or not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise Misconfigured(f"{path} has only [[partner]] tables, each with one record.")
    records = tuple(_record(table, number, path) for number, table in enumerate(tables, 1))
    if not records:
        raise Misconfigured(f"{path} has no [[partner]] table, so there is nobody to buy from.")
    ids = [record.id for record in records]
    twice = {one for one in ids if ids.count(one) > 1}
    if twice:
        raise Misconfigured(f"{path} has partner {', '.join(sorted(twice))} twice.")
    return records


def _record(table: Mapping[str, Any], number: int, path: Path) -> PartnerRecord:
    name = table.get("id")
    which = f"{path}: partner {name if isinstance(name, str) else f'number {number}'}"
    if not (isinstance(name, str) and NAME.fullmatch(name)):
        raise Misconfigured(f"{which}: id: small letters, digits and hyphens, at most 40, please.")
    able = dict(table.get("capabilities") or {})
    for field in DURATIONS:
        seconds = able.get(field)
        if seconds is None:
            continue
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= 10**9:
            raise Misconfigured(f"{which}: capabilities.{field}: a number of seconds, please.")
        able[field] = f"PT{seconds}S"
    try:
        return from_data(PartnerRecord, {**table, "capabilities": able})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Misconfigured(f"{which}: {place}: {WORDS.get(first['type'], first['msg'])}.") from error
    except TypeError as error:
        raise Misconfigured(f"{which}: dates and times have no place in a record.") from error


def dump_record(record: PartnerRecord) -> str:
    """``record`` as one [[partner]] table; ``load_records`` reads it back as it was."""
    data = {name: value for name, value in to_data(record).items() if value is not None}
    for field in DURATIONS:
        seconds = getattr(record.capabilities, field).total_seconds()
        data["capabilities"][field] = int(seconds) if seconds == int(seconds) else seconds
    return "\n".join(["[[partner]]", *_table(data, ["partner"])]) + "\n"


def _table(data: Mapping[str, Any], place: list[str]) -> Iterable[str]:
    for name, value in data.items():
        if value is not None and not isinstance(value, dict):
            yield f"{_key(name)} = {_value(value)}"
    for name, value in data.items():
        if isinstance(value, dict) and (value or name not in ("settings", "mapping")):
            inner = [*place, _key(name)]
            if not value or any(not isinstance(one, dict) for one in value.values()):
                yield f"\n[{'.'.join(inner)}]"
            yield from _table(value, inner)


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else _text(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        return f"[{', '.join(_value(one) for one in value)}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(name)} = {_value(one)}" for name, one in value.items()) + "}"
    return _lines(value) if "\n" in value and _plain(value) else _text(value)


def _plain(text: str) -> bool:
    return "'''" not in text and not text.endswith("'") and all(c == "\n" or c.isprintable() for c in text)


def _lines(text: str) -> str:
    return f"'''\n{text}'''"


def _text(text: str) -> str:
    # A JSON string is a TOML basic string but for DEL, which TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
