"""Runs the measurements and holds each figure against its limit: ``python -m bench [NAME ...]``.

Every benchmark is a module with ``run()``, which yields ``{"bench": name, "figures": {...}, "limit": {...}}``.
Figures carry their unit in their name. A limit is a most, except for rates (``..._per_s``), shares and recalls,
where it is a least. Each result is one line of build/bench.jsonl; the exit code is 1 when a limit is missed.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

MODULES = (
    "place",
    "catalogue",
    "search",
    "scan",
    "decode_rate",
    "frames",
    "prior",
    "reconnect",
    "ingest",
    "events",
    "demo",
)
LINES = Path(__file__).parent.parent / "build" / "bench.jsonl"
AT_LEAST = ("_per_s", "_share")


def main(arguments: list[str]) -> int:
    """Run what is named (all, when nothing is); 0 when every limit is kept, 1 when not, 2 for an unknown name."""
    unknown = [name for name in arguments if name not in MODULES]
    if unknown:
        print(f"There is no benchmark {unknown[0]!r}; there are {', '.join(MODULES)}.", file=sys.stderr)
        return 2
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as main.py does; before numpy is loaded
    LINES.parent.mkdir(exist_ok=True)
    kept = True
    for name in arguments or MODULES:
        for result in _results(name):
            with LINES.open("a") as lines:
                lines.write(json.dumps(result) + "\n")
            kept &= _show(result)
    return 0 if kept else 1


def _results(name: str) -> Iterator[Mapping[str, Any]]:
    try:
        run = import_module(f"bench.{name}").run
    except ModuleNotFoundError as error:
        if error.name != f"bench.{name}":
            raise
        print(f"{name}: not built yet")
        return
    try:
        yield from run()
    except FileNotFoundError as error:  # a program that this measurement needs
        print(f"{name}: left out, {error}")


def _show(result: Mapping[str, Any]) -> bool:
    """Print one result as a table; whether its limits are kept."""
    figures, limits = result["figures"], result["limit"]
    print(f"\n{result['bench']}")
    kept = True
    for figure, value in figures.items():
        limit = limits.get(figure)
        if limit is None:
            print(f"  {figure:34} {_number(value):>12}")
            continue
        least = figure.endswith(AT_LEAST) or "recall" in figure
        good = value >= limit if least else value <= limit
        kept &= good
        sign = ">=" if least else "<="
        print(
            f"  {figure:34} {_number(value):>12}  {sign} {_number(limit):>10}  {'ok' if good else 'MISSED'}"
        )
    sys.stdout.flush()
    return kept


def _number(value: object) -> str:
    return f"{value:,.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
