"""Reading a file of rows: JSON Lines, or CSV with a header, plain or gzipped; streamed, whatever its size.

A row that cannot be read is a Problem and the next one follows; a file that is none of these is refused as a whole.
"""

from __future__ import annotations

import csv
import gzip
import io
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
    """An open file of rows. ``header`` are the columns of a CSV file, None for JSON Lines."""

    def __init__(self, stream: IO[bytes], packed: IO[bytes], size: int, name: str) -> None:
        self._stream = stream
        self._packed = packed
        self._size = max(1, size)
        self._name = name
        self._read = 0
        first = self._line()
        if first is None:
            raise _refused(name, "is empty")
        text = _text(first.removeprefix(b"\xef\xbb\xbf"))
        if text is None or "\0" in text or len(first) > LONGEST_ROW:
            raise _refused(name, "is no text with one row on each line")
        self._first = text
        self.header: Sequence[str] | None = None
        self._delimiter = ","
        if not text.lstrip().startswith("{"):
            self._delimiter = max(DELIMITERS, key=text.count)
            self.header = tuple(
                column.strip() for column in next(csv.reader([text], delimiter=self._delimiter))
            )

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
        problems: list[Problem] = []

        def lines() -> Iterator[str]:
            for line in self._lines(None):
                if isinstance(line, Problem):
                    problems.append(line)
                else:
                    yield line

        reader = csv.reader(lines(), delimiter=self._delimiter)
        while True:
            try:
                values = next(reader)
            except StopIteration:
                break
            except csv.Error:
                yield Problem("row", "It cannot be read as CSV; look for a quote that is not closed.")
                continue
            finally:
                while problems:
                    yield problems.pop(0)
            if not any(values):
                continue
            if len(values) != len(header):
                yield Problem("row", f"It has {len(values)} values, the header has {len(header)}.")
            else:
                yield {name: value for name, value in zip(header, values, strict=True) if value.strip()}
        yield from problems

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
            yield text if text is not None else Problem("row", "It is not in UTF-8.")

    def _line(self) -> bytes | None:
        try:
            line = self._stream.readline(LONGEST_ROW + 1)
        except (OSError, EOFError) as error:
            raise _refused(self._name, f"cannot be read to its end ({error})") from error
        self._read += len(line)
        if self._read > MOST_BYTES:
            raise _refused(self._name, f"unpacks to more than {MOST_BYTES // 2**30} GiB")
        return line or None


@contextmanager
def open_rows(path: Path) -> Iterator[Rows]:
    """The rows of the file at ``path``; raises Rejected when it is no such file at all, with what to do."""
    if path.is_dir():
        raise Rejected("no_file", f"{path} is a folder.")
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise _refused(path.name, f"is larger than {MOST_BYTES // 2**30} GiB")
        with path.open("rb") as packed:
            zipped = packed.read(2) == GZIP
            packed.seek(0)
            stream: IO[bytes] = gzip.GzipFile(fileobj=packed) if zipped else packed  # type: ignore[assignment]
            yield Rows(io.BufferedReader(stream, 2**20) if zipped else stream, packed, size, path.name)  # type: ignore[type-var]
    except FileNotFoundError as error:
        raise Rejected("no_file", f"There is no file {path}.") from error
    except PermissionError as error:
        raise Rejected("no_file", f"{path} may not be read by this user.") from error


def _text(line: bytes) -> str | None:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _refused(name: str, why: str) -> Rejected:
    return Rejected(
        "no_catalogue",
        f"{name} {why}. Nothing was taken from it. A catalogue file is JSON Lines or CSV with a header, in UTF-8, "
        "plain or gzipped; see docs/run-a-store.md.",
    )
