"""The search index: which words lead to which product. What the words of a product are is decided in ``write``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

TABLES = """
CREATE VIRTUAL TABLE lexicon USING fts5 (
    name, brand, more, content = '', contentless_delete = 1, prefix = '1 2 3',
    tokenize = "unicode61 remove_diacritics 2");
"""


def put(connection: Connection, entries: Sequence[tuple[int, str]]) -> None:
    """Index products by their row number and their words: three lines, for name, brand and the rest."""
    if entries:
        connection.exec_driver_sql(
            "INSERT INTO lexicon (rowid, name, brand, more) VALUES (?,?,?,?)",
            [(row, *words.split("\n", 2)) for row, words in entries],
        )


def forget(connection: Connection, rows: Iterable[int]) -> None:
    """Take products out by their row numbers."""
    gone = [(row,) for row in rows]
    if gone:
        connection.exec_driver_sql("DELETE FROM lexicon WHERE rowid = ?", gone)
