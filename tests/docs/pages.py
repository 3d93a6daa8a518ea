"""The pages of the documentation, and what can be picked out of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?:^(?: {4,}\S.*|)\n)+", re.MULTILINE)
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


def pages() -> list[Path]:
    """Every page, the README first."""
    return [*sorted(ROOT.glob("*.md"), reverse=True), *sorted((ROOT / "docs").rglob("*.md"))]


def text_of(page: str | Path) -> str:
    """What stands on one page, named from the root."""
    return (ROOT / page).read_text("utf-8")


def fenced(text: str, language: str) -> list[str]:
    """The code blocks of one language."""
    return [found[2] for found in FENCE.finditer(text) if found[1] == language]


def code(text: str) -> Iterator[str]:
    """Everything that is set as code: spans, and the lines of fenced and indented blocks."""
    for found in FENCE.finditer(text):
        yield from found[2].splitlines()
    prose = FENCE.sub("", text)
    for block in INDENTED.finditer(prose):
        yield from (line.strip() for line in block[0].splitlines() if line.strip())
    for span in SPAN.finditer(prose):
        yield span[1].replace("\\|", "|")


def spans(text: str) -> set[str]:
    """What stands between single backticks."""
    return {found[1].replace("\\|", "|") for found in SPAN.finditer(FENCE.sub("", text))}


def links(text: str) -> list[str]:
    """The targets of all links but those to other sites."""
    return [found for found in LINK.findall(FENCE.sub("", text)) if "://" not in found]


def anchors(text: str) -> set[str]:
    """What a link can jump to on a page."""
    plain = (re.sub(r"[`*]", "", found) for found in HEADING.findall(FENCE.sub("", text)))
    return {re.sub(r"[^\w -]", "", found.lower()).strip().replace(" ", "-") for found in plain}


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of all tables whose first column is called ``heading``, without the head."""
    found: list[list[str]] = []
    inside = False
    for line in text.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]
        if not cells:
            inside = False
        elif cells[0] == heading:
            inside = True
        elif inside and not set(cells[0]) <= set("-: "):
            found.append(cells)
    return found


def named(text: str, heading: str, column: int = 0) -> set[str]:
    """The code in one column of those tables."""
    return {span for row in rows(text, heading) for span in SPAN.findall(row[column])}
