"""Which readings count: twice in five frames, once per showing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kiosk.scanner import Reading
from kiosk.scanner.accept import Acceptance

PLACE = ((0, 0), (9, 0), (9, 9), (0, 9))


def frames(
    acceptance: Acceptance, *texts: str, step: float = 0.1, start: float = 0.0
) -> list[tuple[int, str]]:
    """Offer one frame for each of ``texts`` (several codes apart by a blank) and say which frame made what count."""
    counted = []
    for number, text in enumerate(texts):
        readings = [Reading(word, "EAN-13", PLACE, "test") for word in text.split()]
        counted += [(number, made.text) for made in acceptance.offer(readings, start + number * step)]
    return counted


def test_the_second_of_five_frames_counts() -> None:
    assert frames(Acceptance(), "A") == []
    assert frames(Acceptance(), "A", "A") == [(1, "A")]
    assert frames(Acceptance(), "A", "", "", "", "A") == [(4, "A")]
    assert frames(Acceptance(), "A", "", "", "", "", "A") == []


def test_two_different_readings_are_not_two_equal_ones() -> None:
    assert frames(Acceptance(), "A", "B", "C", "D", "E") == []
    assert frames(Acceptance(), "A", "X", "A", "A") == [(2, "A")]


def test_several_codes_in_view_count_each_for_itself() -> None:
    assert frames(Acceptance(), "A B", "A", "B") == [(1, "A"), (2, "B")]


def test_a_code_held_in_view_counts_once() -> None:
    assert frames(Acceptance(), *["A"] * 100) == [(1, "A")]


def test_it_counts_again_after_it_was_out_of_view() -> None:
    shown = ["A", "A", *[""] * 13, "A", "A"]
    assert frames(Acceptance(), *shown) == [(1, "A")]
    away = ["A", "A", *[""] * 14, "A", "A"]
    assert frames(Acceptance(), *away) == [(1, "A"), (17, "A")]


def test_reset_forgets() -> None:
    acceptance = Acceptance()
    assert frames(acceptance, "A", "A") == [(1, "A")]
    acceptance.reset()
    assert frames(acceptance, "A", start=0.2) == []
    assert frames(acceptance, "A", start=0.3) == [(0, "A")]


@given(st.lists(st.sampled_from(["", "A", "B", "A B"]), max_size=80), st.floats(0.01, 0.5))
def test_nothing_counts_twice_within_the_quiet_time_nor_from_one_frame(texts: list[str], step: float) -> None:
    last: dict[str, int] = {}
    for number, text in frames(Acceptance(), *texts, step=step):
        window = texts[max(0, number - 4) : number + 1]
        assert sum(text in frame.split() for frame in window) >= 2
        assert text not in last or (number - last[text]) * step >= 1.5 - 1e-9
        last[text] = number
