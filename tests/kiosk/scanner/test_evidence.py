"""What several readers' words about one place are worth together."""

from __future__ import annotations

import pytest

from kiosk.scanner.evidence import Said, guessed, one_sided, settled, winner, worth
from kiosk.scanner.reading import Reading

PLACE = ((0, 0), (9, 0), (9, 4), (0, 4))


def _said(*words: tuple[str, str, int]) -> list[Said]:
    return [(Reading(text, "EAN-13", PLACE, reader), lines) for text, reader, lines in words]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], None),
        ([("a", "zbar, plain", 3)], None),
        ([("a", "zbar, plain", 8)], "a"),
        ([("a", "zbar, plain", 2), ("a", "zxing-cpp, plain", 2)], "a"),
        ([("a", "zbar, plain", 2), ("a", "zbar, plain", 2)], None),  # the same look twice is one look
        ([("a", "zbar, plain", 8), ("b", "zxing-cpp, plain", 3)], "a"),
        ([("a", "zbar, plain", 8), ("b", "zxing-cpp, plain", 4)], None),
        ([("a", "zbar, plain", 8), ("b", "zbar, wide", 2), ("c", "zxing-cpp, plain", 2)], None),
        ([("a", "zbar, plain", 200), ("b", "zbar, wide", 7)], None),  # more lines of one look say nothing new
        ([("a", "zxing-cpp", 6), ("b", "zxing-cpp, plain", 6)], None),
        ([("a", f"zxing-cpp, {form}", 1) for form in "1234"], "a"),
        ([*(("a", f"zxing-cpp, {form}", 1) for form in "1234"), ("b", "zxing-cpp, 5", 1)], None),
        ([*(("a", f"zxing-cpp, {form}", 2) for form in "1234"), ("b", "zxing-cpp, 5", 1)], "a"),
    ],
)
def test_who_wins(words: list[tuple[str, str, int]], text: str | None) -> None:
    won = winner(_said(*words))
    assert (won.text if won else None) == text


def test_two_programs_settle_it_and_one_needs_three_tall_looks() -> None:
    assert settled(_said(("a", "zxing-cpp, plain", 6), ("a", "zbar, plain", 2)))
    assert not settled(_said(("a", "zxing-cpp, plain", 6), ("a", "zxing-cpp, wide", 6)))
    assert settled(_said(("a", "zxing-cpp", 6), ("a", "zxing-cpp, plain", 6), ("a", "zxing-cpp, wide", 6)))
    assert not settled(_said(("a", "zxing-cpp, plain", 6), ("a", "zbar, plain", 2), ("b", "zbar, wide", 5)))


def test_what_one_program_says_twice_is_one_sided() -> None:
    said = _said(("a", "zxing-cpp, plain", 6), ("a", "zxing-cpp, wide", 6))
    won = winner(said)
    assert won is not None
    assert one_sided(said, won)
    assert not one_sided([*said, *_said(("a", "our own fit, band 1", 1))], won)


@pytest.mark.parametrize(
    ("words", "is_guess"),
    [
        ([("a", "zbar, contrast, flat", 9)], True),
        ([("a", "zbar, contrast, flat", 4), ("a", "zbar, contrast", 7)], True),
        ([("a", "zbar, inverse, flat", 9)], False),  # light bars: our own eyes cannot say
        ([("a", "zbar, contrast, flat", 9), ("a", "our own fit, band 2", 1)], False),
        ([("a", "zbar, contrast, flat", 9), ("a", "zxing-cpp, plain", 1)], False),
        ([("a", "zxing-cpp, plain", 6), ("a", "zxing-cpp, wide", 6)], False),
    ],
)
def test_what_zbar_alone_says_is_a_guess_when_our_own_eyes_see_nothing(
    words: list[tuple[str, str, int]], is_guess: bool
) -> None:
    said = _said(*words)
    won = winner(said)
    assert won is not None
    assert guessed(said, won) is is_guess


@pytest.mark.parametrize(
    ("symbology", "flatness", "lines"),
    [("EAN-13", 0.3, 6), ("EAN-13", 0.05, 2), ("EAN-8", 0.3, 2), ("UPC-E", 0.3, 1), ("Code 128", 0.0, 6)],
)
def test_short_codes_and_flat_looks_are_worth_less(symbology: str, flatness: float, lines: int) -> None:
    assert worth(Reading("1", symbology, PLACE, "zxing-cpp"), flatness) == lines
