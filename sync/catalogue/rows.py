"""Reading a file of rows: JSON Lines, or CSV with a header, plain or gzipped; streamed, whatever its size.

A row that cannot be read is a Problem and the next one follows; a file that is none of these is refused as a whole.
"""

from __future__ import annotations

import csv
import gzip
import io
import stat
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from partners.strict_json import parse
from retail.errors import BadResponse, Rejected

MOST_BYTES = 4 * 2**30  # of a file, as it lies there and unpacked
LONGEST_ROW = 256 * 2**10  # bytes
DELIMITERS = (",", ";", "\t")
GZIP = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"
AS_UTF_8 = 'save it as UTF-8; in a spreadsheet, as "CSV UTF-8"'
# What a file that is none of ours begins with, and what to do then.
OTHERS = {
    b"\xff\xfe": f"is in UTF-16: {AS_UTF_8}",
    b"\xfe\xff": f"is in UTF-16: {AS_UTF_8}",
    b"PK": 'is a spreadsheet or a ZIP file: in the spreadsheet, save it as "CSV UTF-8"',
    b"[": "is one JSON list: write each object on a line of its own, as jq -c '.[]' does",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row cannot be read, and which field is to blame ("row" when it is all of it)."""

    field: str
    reason: str
    sku: str | None = None
    partner: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the file, from 1 without the header, what it says, and how far the file is read, 0 to 1."""

    number: int
    data: Mapping[str, Any] | Problem
    share: float


class Rows:
    """An open file of rows. ``header`` are the columns of a CSV file, None for JSON Lines.

    ``taken`` is the sentence that says what of it is kept when it cannot be read further.
    """

    def __init__(self, stream: IO[bytes], packed: IO[bytes], size: int, name: str) -> None:
        self.taken = "Nothing was taken from it."
        self._stream = stream
        self._packed = packed
        self._size = max(1, size)
        self._name = name
        self._read = 0
        first = (self._line() or b"").removeprefix(BOM)
        while not first.strip():
            line = self._line()
            if line is None:
                raise self._refused("is empty")
            first = line
        for start, why in OTHERS.items():
            if first.startswith(start):
                raise self._refused(why)
        if b"\0" in first or len(first) > LONGEST_ROW:
            raise self._refused("is no text with one row on each line")
        text = _text(first)
        if text is None:
            raise self._refused(f"is no text in UTF-8: {AS_UTF_8}")
        self._first = text
        self.header: Sequence[str] | None = None
        self._delimiter = ","
        if not text.lstrip().startswith("{"):
            self._delimiter = max(DELIMITERS, key=text.count)
            try:
                columns = next(csv.reader([text], delimiter=self._delimiter, strict=True))
            except csv.Error as error:
                raise self._refused("has a first line that cannot be read as CSV") from error
            self.header = tuple(column.strip() for column in columns)

    def __iter__(self) -> Iterator[Row]:
        """Every row, once."""
        found = self._objects() if self.header is None else self._records(self.header)
        for number, data in enumerate(found, 1):
            yield Row(number, data, min(1.0, self._packed.tell() / self._size))

    def _objects(self) -> Iterator[Mapping[str, Any] | Problem]:
        for line in self._lines(self._first):
            if isinstance(line, Problem):
                yield line
            elif line.strip():
                try:
                    found = parse(line.encode(), "row")
                except BadResponse:
                    found = None
                yield (
                    found if isinstance(found, dict) else Problem("row", "It is no JSON object on one line.")
                )

    def _records(self, header: Sequence[str]) -> Iterator[Mapping[str, Any] | Problem]:
        lines = _Lines(self._lines(None))
        reader = csv.reader(lines, delimiter=self._delimiter, strict=True)
        while True:
            lines.record()
            problem, values = None, None
            try:
                values = next(reader)
            except StopIteration:
                yield from lines.problems
                return
            except csv.Error:
                problem = Problem("row", "It cannot be read as CSV; look for a quote that is not closed.")
            yield from lines.problems
            if values is not None:
                problem = _misfit(values, header)
            if problem:
                # A quote that is not closed swallows the rows behind it: they are read again, by themselves.
                lines.again()
                reader = csv.reader(lines, delimiter=self._delimiter, strict=True)
                yield problem
            elif values and any(values):
                yield {name: value for name, value in zip(header, values, strict=True) if value.strip()}

    def _lines(self, first: str | None) -> Iterator[str | Problem]:
        if first is not None:
            yield first
        while (line := self._line()) is not None:
            if len(line) > LONGEST_ROW:
                while line is not None and not line.endswith(b"\n"):
                    line = self._line()
                yield Problem("row", f"It is longer than {LONGEST_ROW // 1024} KiB.")
                continue
            text = _text(line)
            yield (text if text is not None else Problem("row", f"It is not in UTF-8: {AS_UTF_8}."))

    def _line(self) -> bytes | None:
        try:
            line = self._stream.readline(LONGEST_ROW + 1)
        except (OSError, EOFError) as error:
            raise self._refused(f"cannot be read to its end ({error})") from error
        self._read += len(line)
        if self._read > MOST_BYTES:
            raise self._refused(f"unpacks to more than {MOST_BYTES // 2**30} GiB")
        return line or None

    def _refused(self, why: str) -> Rejected:
        return _refused(self._name, why, self.taken)


class _Lines:
    """The lines of a CSV file, of which those of the record at hand can be read again, but for its first."""

    def __init__(self, lines: Iterator[str | Problem]) -> None:
        self.problems: list[Problem] = []
        self._lines = lines
        self._waiting: deque[str] = deque()
        self._record: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        while True:
            line = self._waiting.popleft() if self._waiting else next(self._lines)
            if isinstance(line, str):
                self._record.append(line)
                return line
            self.problems.append(line)

    def record(self) -> None:
        """The next line begins a record."""
        self._record.clear()
        self.problems.clear()

    def again(self) -> None:
        """Read the lines of this record again, without its first."""
        self._waiting.extendleft(reversed(self._record[1:]))


def _misfit(values: Sequence[str], header: Sequence[str]) -> Problem | None:
    """What is wrong with the number of values, None when it will do; empty columns without a name are none."""
    if not any(values):
        return None
    if len(values) != len(header):
        return Problem("row", f"It has {len(values)} values, the header has {len(header)}.")
    for number, (name, value) in enumerate(zip(header, values, strict=True), 1):
        if not name and value.strip():
            return Problem("row", f"It has a value in column {number}, which has no name.")
    return None


@contextmanager
def open_rows(path: Path) -> Iterator[Rows]:
    """The rows of the file at ``path``; raises Rejected when it is no such file at all, with what to do."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise Rejected("no_file", f"{path} is {'a folder' if path.is_dir() else 'no ordinary file'}.")
        if found.st_size > MOST_BYTES:
            raise _refused(path.name, f"is larger than {MOST_BYTES // 2**30} GiB")
        with path.open("rb") as packed:
            zipped = packed.read(2) == GZIP
            packed.seek(0)
            stream: IO[bytes] = gzip.GzipFile(fileobj=packed) if zipped else packed  # type: ignore[assignment]
            yield Rows(
                io.BufferedReader(stream, 2**20) if zipped else stream,  # type: ignore[type-var]
                packed,
                found.st_size,
                path.name,
            )
    except FileNotFoundError as error:
        raise Rejected("no_file", f"There is no file {path}.") from error
    except PermissionError as error:
        raise Rejected("no_file", f"{path} may not be read by this user.") from error


def _text(line: bytes) -> str | None:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _refused(name: str, why: str, taken: str = "Nothing was taken from it.") -> Rejected:
    return Rejected(
        "no_catalogue",
        f"{name} {why}. {taken} A catalogue file is JSON Lines or CSV with a header, in UTF-8, plain or gzipped; see "
        "docs/run-a-store.md.",
    )
