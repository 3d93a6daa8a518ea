"""The audit trail shows every edit, deletion, swap and cut (R33)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from oms import audit
from oms.audit import Entry
from tests.oms.uploads import NOW


@pytest.fixture
def trail(engines: tuple[Engine, Engine]) -> Engine:
    """Ten entries in four transactions."""
    writer, _ = engines
    for first in (0, 3, 6, 9):
        with Session(writer) as session:
            for number in range(first, min(first + 3, 10)):
                audit.note(
                    session, Entry(NOW + timedelta(seconds=number), "d1", "order.stored", f"o{number}", "x")
                )
            session.commit()
    return writer


def check(engine: Engine) -> list[int]:
    with Session(engine) as session:
        return audit.check(session)


def test_a_whole_trail_is_whole(trail: Engine) -> None:
    assert check(trail) == []
    with Session(trail) as session:
        assert audit.entries(session, "o4") == [
            Entry(NOW + timedelta(seconds=4), "d1", "order.stored", "o4", "x")
        ]


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("UPDATE audit SET detail = 'y' WHERE sequence = 4", [4]),
        ("UPDATE audit SET actor = 'd2' WHERE sequence = 10", [10]),
        ("UPDATE audit SET hash = 'x' WHERE sequence = 4", [4, 5]),
        ("DELETE FROM audit WHERE sequence = 4", [5]),
        ("DELETE FROM audit WHERE sequence = 10", [10]),
        ("DELETE FROM audit", [1]),
        (
            "UPDATE audit SET target = CASE target WHEN 'o1' THEN 'o2' ELSE 'o1' END WHERE target IN ('o1', 'o2')",
            [2, 3],
        ),
    ],
)
def test_damage_is_found(trail: Engine, damage: str, found: list[int]) -> None:
    with trail.begin() as connection:
        connection.execute(text(damage))
    assert check(trail) == found


def test_a_rolled_back_entry_is_not_in_it(trail: Engine) -> None:
    with Session(trail) as session:
        audit.note(session, Entry(NOW, "d1", "lost", "o1"))
        session.rollback()
        audit.note(session, Entry(NOW, "d1", "kept", "o1"))
        session.commit()
    assert check(trail) == []
    with Session(trail) as session:
        assert [entry.action for entry in audit.entries(session, "o1")] == ["order.stored", "kept"]
