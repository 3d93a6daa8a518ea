"""Hand scanners that type: every scan is found with its exact text, and nobody's typing is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kiosk.scanner.wedge import Wedge
from retail.codes import LONGEST
from retail.gtin import Gtin, InvalidGtin

MARKS = {shifted: digit for digit, shifted in zip("1234567890", "!@#$%^&*()", strict=True)}


def key_of(character: str) -> tuple[str, bool]:
    """Say which key and Shift Flet gives for a character typed on a US keyboard."""
    if character.isalpha():
        return character.upper(), character.isupper()
    if character in MARKS:
        return MARKS[character], True
    return character, character in '_?:"{}|<>~+'


def press(
    wedge: Wedge, text: str, *, start: float = 0.0, gap: float = 0.01, end: str = "Enter"
) -> str | None:
    """Type ``text`` and ``end``, ``gap`` seconds apart, and return what the last key completed."""
    at = start
    for character in text:
        key, shift = key_of(character)
        if shift:
            assert wedge.feed("Shift Left", True, at) is None
        assert wedge.feed(key, shift, at) is None
        at += gap
    return wedge.feed(end, False, at)


@pytest.mark.parametrize("end", ["Enter", "Tab", "Numpad Enter"])
@pytest.mark.parametrize(
    "text", ["4006381333931", "aB-12/x", "https://id.gs1.org/01/04006381333931?17=251231", "A b%(1)"]
)
def test_a_burst_is_a_scan_with_its_exact_text(text: str, end: str) -> None:
    assert press(Wedge(), text, end=end) == text


@pytest.mark.parametrize(
    ("gap", "scanned"),
    [(0.0, True), (0.03, True), (0.058, True), (0.06, False), (0.08, False), (0.15, False)],
)
def test_sixty_milliseconds_between_keys_are_a_persons(gap: float, scanned: bool) -> None:
    assert press(Wedge(), "4006381333931", gap=gap) == ("4006381333931" if scanned else None)


def keyed(text: str, stalls: dict[int, float]) -> str | None:
    """What comes of ``text`` and Enter at 10 ms a key, but with these gaps before some of the characters."""
    wedge, at = Wedge(), 100.0
    for index, character in enumerate(text):
        at += stalls.get(index, 0.01)
        assert wedge.feed(character, False, at) is None
    return wedge.feed("Enter", False, at + stalls.get(len(text), 0.01))


@pytest.mark.parametrize(
    "stalls",
    [
        {3: 0.25},
        {1: 0.9},
        {1: 0.5, 7: 0.9},
        {4: 0.2, 5: 0.2, 13: 0.4},
        {12: 0.1},
        dict.fromkeys(range(1, 7), 0.2),
        # Seen with a browser on a machine that had six times more to do than it could.
        dict(
            enumerate(
                [0.582, 0.064, 0.063, 0.038, 0.075, 0.119, 0.074, 0.064, 0.05, 0.054, 0.037, 0.041, 0.039]
            )
        ),
    ],
)
def test_a_busy_machine_does_not_cut_a_product_number_in_two(stalls: dict[int, float]) -> None:
    assert keyed("4006381333931", stalls) == "4006381333931"


@pytest.mark.parametrize("typed", ["shoe", "1", "77", "4"])
def test_what_was_typed_just_before_is_no_part_of_it_even_then(typed: str) -> None:
    begin = len(typed)
    pauses = dict.fromkeys(range(1, begin), 0.2) | {begin: 0.4, begin + 1: 0.5}
    assert keyed(typed + "4006381333931", pauses) == "4006381333931"


@pytest.mark.parametrize("gap", [0.06, 0.07, 0.09])
@pytest.mark.parametrize("number", ["4006381333931", "96385074", "036000291452"])
def test_a_number_typed_by_a_fast_hand_is_no_scan(number: str, gap: float) -> None:
    assert press(Wedge(), number, gap=gap) is None
    assert keyed(number, {index: gap for index in range(1, len(number) + 1) if index % 3}) is None


@pytest.mark.parametrize(
    ("stalls", "scanned"),
    [
        ({3: 0.25}, "AB-17/4711x"),
        ({11: 0.2}, "AB-17/4711x"),
        ({2: 0.2}, "-17/4711x"),
        ({5: 0.26}, "/4711x"),
        ({4: 0.2, 5: 0.2}, "/4711x"),
        ({4: 0.08, 7: 0.08, 10: 0.06}, "AB-17/4711x"),  # a little late, and the rest in heaps
        ({1: 0.061}, "B-17/4711x"),
    ],
)
def test_other_codes_bear_one_short_stall_and_some_late_keys(stalls: dict[int, float], scanned: str) -> None:
    wedge, at = Wedge(), 100.0
    for index, character in enumerate("AB-17/4711x"):
        at += stalls.get(index, 0.01)
        assert wedge.feed(*key_of(character), at) is None
    assert wedge.feed("Enter", False, at + stalls.get(11, 0.01)) == scanned


@pytest.mark.parametrize(("text", "scanned"), [("12345", False), ("123456", True), ("", False)])
def test_six_characters_are_the_least(text: str, scanned: bool) -> None:
    assert press(Wedge(), text) == (text if scanned else None)


def test_the_longest_code_is_taken_and_a_longer_one_is_not() -> None:
    assert press(Wedge(), "A" * LONGEST) == "A" * LONGEST
    assert press(Wedge(), "A" * (LONGEST + 1)) is None
    assert press(Wedge(), "A" * 100_000, gap=0.0001) is None


def test_typing_before_and_after_a_scan_is_no_part_of_it() -> None:
    wedge = Wedge()
    assert press(wedge, "shi", gap=0.2, end="r") is None
    assert press(wedge, "4006381333931", start=5.0) == "4006381333931"
    assert press(wedge, "4006381333931", start=5.3) == "4006381333931"
    assert press(wedge, "", start=5.45) is None


def test_a_long_letter_before_a_scan_is_no_part_of_it() -> None:
    wedge = Wedge()
    press(wedge, "A" * 600, gap=0.2, end="B")
    assert press(wedge, "4006381333931", start=0.2 * 601 + 0.4) == "4006381333931"


def test_a_key_that_types_nothing_ends_a_burst() -> None:
    wedge = Wedge()
    press(wedge, "400638", end="Backspace")
    assert press(wedge, "1333", start=0.07) is None


def test_numbers_of_the_number_pad_count() -> None:
    wedge = Wedge()
    for at, digit in enumerate("96385074"):
        wedge.feed(f"Numpad {digit}", False, at * 0.01)
    assert wedge.feed("Numpad Enter", False, 0.09) == "96385074"


def test_control_and_bracket_is_the_separator_of_gs1() -> None:
    wedge = Wedge()
    press(wedge, "010400638133393110ab", end="3")
    wedge.feed("]", False, 0.21, ctrl=True)
    assert press(wedge, "217", start=0.22) == "010400638133393110ab3\x1d217"
    wedge.feed("C", False, 5.0, ctrl=True)
    assert press(wedge, "12345", start=5.01) is None


def test_prefix_and_suffix_are_asked_for_and_taken_off() -> None:
    wedge = Wedge(prefix="~", suffix="#")
    assert press(wedge, "~4006381333931#") == "4006381333931"
    assert wedge.typed == "~4006381333931#"
    assert press(wedge, "4006381333931#", start=5) is None
    assert press(wedge, "~4006381333931", start=10) is None
    assert press(Wedge(prefix="abc", suffix="def"), "abcdef") is None


def test_a_clock_that_steps_back_begins_anew() -> None:
    wedge = Wedge()
    press(wedge, "400638", start=100.0, end="1")
    assert press(wedge, "333931", start=1.0) == "333931"


printable = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=6, max_size=60)
numbers = st.sampled_from(["4006381333931", "96385074", "036000291452", "04252614", "14006381333938"])
typed_keys = st.sampled_from([*"abcXYZ0123456789 -", "Enter", "Tab", "Backspace"])
human_gap = st.floats(0.06, 1.5)
human = st.lists(st.tuples(typed_keys, human_gap), max_size=40)
scanner_gaps = st.lists(st.floats(0.0, 0.03), min_size=61, max_size=61)
affix = st.sampled_from(["", "~", "]", "AIM", "%%"])


class Hands:
    """A keyboard on which somebody types and a scanner types, each in its own way."""

    def __init__(self, prefix: str = "", suffix: str = "") -> None:
        self.wedge = Wedge(prefix, suffix)
        self.scans: list[str] = []
        self.at = 0.0

    def press(self, key: str, gap: float) -> None:
        """One key, ``gap`` seconds after the one before."""
        self.at += gap
        name, shift = key_of(key) if len(key) == 1 else (key, False)
        scanned = self.wedge.feed(name, shift, self.at)
        if scanned is not None:
            self.scans.append(scanned)

    def type(self, keys: list[tuple[str, float]]) -> None:
        """What a person does."""
        for key, gap in keys:
            self.press(key, gap)

    def scan(self, text: str, before: float, gaps: list[float], end: str) -> None:
        """What a scanner does, ``before`` seconds after the last key."""
        for character, gap in zip(text, [before, *gaps], strict=False):
            self.press(character, gap)
        self.press(end, gaps[-1])


@settings(max_examples=400)
@given(st.lists(st.tuples(human, numbers, human_gap), max_size=4))
def test_typing_at_sixty_milliseconds_a_key_or_slower_is_never_a_scan(
    rounds: list[tuple[list[tuple[str, float]], str, float]],
) -> None:
    hands = Hands()
    for keys, number, gap in rounds:
        hands.type(keys)
        hands.type([(digit, gap) for digit in number] + [("Enter", gap)])
    assert hands.scans == []


def completes_a_number(keys: list[tuple[str, float]], text: str) -> bool:
    """Whether ``text`` with what was typed right before it is a product number: then nobody can tell them apart."""
    typed = ""
    for key, _ in keys:
        typed = typed + key if len(key) == 1 else ""
    ends = [(typed + text)[-length:] for length in (8, 12, 13, 14) if length > len(text)]
    return any(is_gtin(end) for end in ends)


def is_gtin(digits: str) -> bool:
    try:
        Gtin.parse(digits)
    except InvalidGtin:
        return False
    return True


@settings(max_examples=400)
@given(
    st.lists(
        st.tuples(
            human, st.one_of(printable, numbers), human_gap, scanner_gaps, st.sampled_from(["Enter", "Tab"])
        ),
        min_size=1,
        max_size=4,
    ),
    affix,
    affix,
)
def test_no_scan_is_lost_among_typing_whatever_its_prefix_and_suffix(
    rounds: list[tuple[list[tuple[str, float]], str, float, list[float], str]], prefix: str, suffix: str
) -> None:
    assume(prefix or suffix or not any(completes_a_number(keys, text) for keys, text, *_ in rounds))
    hands = Hands(prefix, suffix)
    for keys, text, before, gaps, end in rounds:
        hands.type(keys)
        hands.scan(prefix + text + suffix, before, gaps, end)
    assert hands.scans == [text for _, text, _, _, _ in rounds]
