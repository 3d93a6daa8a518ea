"""JSON as the standard says it and no further: what Python's parser lets pass is refused here."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from retail.errors import BadResponse

DEEPEST = 32
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def parse(content: bytes, where: str) -> Any:
    """``content`` as JSON: UTF-8, finite numbers, every key once, at most 32 levels deep, whole characters.

    Raises BadResponse, naming ``where`` and what is wrong.
    """
    try:
        text = content.decode("utf-8")
        data = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite)
        if SURROGATE.search(text):
            json.dumps(data, ensure_ascii=False).encode()
    except RecursionError as error:
        raise BadResponse(f"{where}: JSON more than {DEEPEST} levels deep") from error
    except UnicodeError as error:
        raise BadResponse(f"{where}: JSON with half a character or not in UTF-8") from error
    except ValueError as error:
        raise BadResponse(f"{where}: not JSON: {error}"[:200]) from error
    if _deeper(data):
        raise BadResponse(f"{where}: JSON more than {DEEPEST} levels deep")
    return data


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number of JSON's")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _deeper(data: Any) -> bool:
    level = [data]
    for _ in range(DEEPEST):
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
        ]
        if not level:
            return False
    return any(isinstance(node, dict | list) for node in level)


def to_text(data: Any) -> str:
    """``data`` as JSON text; raises ValueError for what JSON cannot say."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False)
