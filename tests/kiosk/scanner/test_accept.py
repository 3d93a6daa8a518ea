"""Which readings count: twice in five frames, agreed upon, vouched for by the catalogue, once per showing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.scanner import Reading
from kiosk.scanner.accept import Acceptance
from kiosk.scanner.reading import Corners

PEN, MUG = "4006381333931", "5000112637922"
SLIP = "4006381833936"  # the pen misread, with a right check digit
LINK = "https://id.gs1.org/01/04006381333931/10/A1"
ADVERT = "https://brand.example/summer"


def box(left: int, top: int, width: int = 90, height: int = 40) -> Corners:
    """Four corners of a place."""
    return ((left, top), (left + width, top), (left + width, top + height), (left, top + height))


HERE, BELOW, AWAY = box(100, 100), box(100, 150), box(400, 300)


def seen(text: str, place: Corners = HERE, symbology: str | None = None) -> Reading:
    """One code as a reader gives it; thirteen digits are an EAN-13, addresses a QR, the rest Code 128."""
    kind = "EAN-13" if text.isdigit() and len(text) == 13 else "QR" if "://" in text else "Code 128"
    return Reading(text, symbology or kind, place, "test")


def run(
    acceptance: Acceptance, frames: Iterable[Sequence[Reading]], *, step: float = 0.1, start: float = 0.0
) -> list[tuple[int, list[str]]]:
    """Offer frames and say which of them made what count."""
    counted = []
    for number, readings in enumerate(frames):
        if made := acceptance.offer(readings, start + number * step):
            counted.append((number, [each.text for each in made]))
    return counted


def words(
    acceptance: Acceptance, *texts: str, step: float = 0.1, start: float = 0.0
) -> list[tuple[int, str]]:
    """As ``run``, for one code a frame at one place; "" is a frame without any."""
    frames = [[seen(text)] if text else [] for text in texts]
    return [(number, made[0]) for number, made in run(acceptance, frames, step=step, start=start)]


def catalogue(**known: bool | None) -> Acceptance:
    """An acceptance with a catalogue that says this of codes, called n4006381333931 or by their text; else no."""
    said: Mapping[str, bool | None] = {
        key.removeprefix("n").zfill(14) if key.startswith("n") else key: value for key, value in known.items()
    }
    return Acceptance(lambda key: said.get(key, False))


# -- frames ------------------------------------------------------------------------------------------------


def test_the_second_of_five_frames_counts() -> None:
    assert words(Acceptance(), "A") == []
    assert words(Acceptance(), "A", "A") == [(1, "A")]
    assert words(Acceptance(), "A", "", "", "", "A") == [(4, "A")]
    assert words(Acceptance(), "A", "", "", "", "", "A") == []


def test_a_code_held_in_view_counts_once() -> None:
    assert words(Acceptance(), *["A"] * 100) == [(1, "A")]


def test_it_counts_again_after_it_was_out_of_view() -> None:
    shown = ["A", "A", *[""] * 13, "A", "A"]
    assert words(Acceptance(), *shown) == [(1, "A")]
    away = ["A", "A", *[""] * 14, "A", "A"]
    assert words(Acceptance(), *away) == [(1, "A"), (17, "A")]


def test_reset_forgets() -> None:
    acceptance = Acceptance()
    assert words(acceptance, "A", "A") == [(1, "A")]
    acceptance.reset()
    assert words(acceptance, "A", start=0.2) == []
    assert words(acceptance, "A", start=0.3) == [(0, "A")]


# -- disagreement ------------------------------------------------------------------------------------------


def test_two_different_readings_of_one_place_are_no_read_until_one_prevails() -> None:
    assert words(Acceptance(), "A", "B", "C", "D", "E") == []
    assert words(Acceptance(), "A", "B", "A") == []
    assert words(Acceptance(), "A", "B", "A", "A") == [(3, "A")]
    assert words(Acceptance(), "A", "B", "A", "B", "A") == []
    assert words(Acceptance(), "A", "B", "B", "A", "A", "A") == []
    assert words(Acceptance(), "A", "B", "B", "A", "A", "A", "A") == [(6, "A")]


def test_another_tag_at_the_same_place_counts_when_the_first_has_faded() -> None:
    assert words(Acceptance(), *"AAAAA", *"BBBBB") == [(1, "A"), (8, "B")]


def test_readings_of_different_places_do_not_dispute_each_other() -> None:
    frames = [[seen("A", HERE)], [seen("B", AWAY)], [seen("A", HERE)], [seen("B", AWAY)], [seen("B", AWAY)]]
    assert run(Acceptance(), frames) == [(3, ["A", "B"])]


def test_what_one_frame_showed_apart_is_never_a_dispute() -> None:
    """A label with two codes close together, moved by its own height between frames."""
    first, second, third = (box(100, top, width=300) for top in (100, 150, 200))
    up, down = [seen("A", first), seen("B", second)], [seen("A", second), seen("B", third)]
    assert run(Acceptance(), [up, down]) == [(1, ["A", "B"])]


def test_flat_lines_of_one_code_are_one_place() -> None:
    """zbar gives the scan line that it read, which has no height."""
    line, other = box(100, 100, 300, 0), box(100, 140, 300, 0)
    assert run(Acceptance(), [[seen("A", line)], [seen("B", other)], [seen("A", line)]]) == []
    frames = [[seen("A", line)], [seen("B", other)]] * 2
    assert run(Acceptance(), frames) == []


# -- the catalogue -----------------------------------------------------------------------------------------


def test_what_the_catalogue_knows_counts_at_once() -> None:
    assert words(catalogue(n4006381333931=True), PEN) == [(0, PEN)]
    assert words(catalogue(), PEN) == []
    assert words(catalogue(), PEN, PEN) == [(1, PEN)]


def test_a_catalogue_that_cannot_say_changes_nothing() -> None:
    assert words(catalogue(n4006381333931=None), PEN) == []
    assert words(catalogue(n4006381333931=None), PEN, PEN) == [(1, PEN)]


def test_an_unknown_code_never_wins_against_a_known_one_at_its_place() -> None:
    assert words(catalogue(n4006381333931=True), SLIP, SLIP, PEN) == [(1, SLIP)]
    assert words(catalogue(n4006381333931=True), SLIP, PEN, SLIP, SLIP, SLIP) == []
    assert words(catalogue(n4006381333931=True), SLIP, PEN, SLIP, PEN, SLIP) == [(3, PEN)]


def test_known_codes_of_one_place_dispute_each_other() -> None:
    acceptance = catalogue(n4006381333931=True, n4006381833936=True)
    assert words(acceptance, PEN) == [(0, PEN)]
    acceptance.reset()
    assert run(acceptance, [[seen(PEN), seen(SLIP)], [seen(SLIP), seen(PEN)]]) == []


def test_the_catalogue_is_asked_by_the_whole_number_or_by_the_text() -> None:
    asked: set[str] = set()

    def known(key: str) -> bool | None:
        asked.add(key)
        return None

    Acceptance(known).offer([seen(PEN), seen(LINK), seen("AB-12"), seen("x" * 600)], 0)
    assert asked == {"04006381333931", "AB-12", "x" * 600}


# -- several in view ---------------------------------------------------------------------------------------


def test_several_products_in_view_come_together_from_top_to_bottom() -> None:
    both = [seen(MUG, AWAY), seen(PEN, HERE)]
    assert run(Acceptance(), [both, both]) == [(1, [PEN, MUG])]
    known = catalogue(n4006381333931=True, n5000112637922=True)
    assert run(known, [both]) == [(0, [PEN, MUG])]


def test_what_counts_waits_for_what_is_just_being_read() -> None:
    frames = [[seen(PEN)], [seen(PEN), seen(MUG, AWAY)], [seen(PEN), seen(MUG, AWAY)]]
    assert run(Acceptance(), frames) == [(2, [PEN, MUG])]


@pytest.mark.parametrize("after", [[[seen(PEN)]] * 6, [[]] * 6])
def test_it_does_not_wait_for_ever_and_is_not_lost(after: list[list[Reading]]) -> None:
    frames = [[seen(PEN)], [seen(PEN), seen(MUG, AWAY)], *after]
    [(number, texts)] = run(Acceptance(), frames)
    assert texts == [PEN]
    assert number <= 4


def test_what_would_leave_the_five_frames_does_not_wait() -> None:
    frames = [[seen(PEN)], [], [], [], [seen(PEN), seen(MUG, AWAY)], [], []]
    assert run(Acceptance(), frames) == [(4, [PEN])]


def test_a_square_that_says_what_the_bars_say_is_one_product() -> None:
    both = [seen(LINK, AWAY), seen(PEN, HERE)]
    acceptance = Acceptance()
    assert run(acceptance, [both, both, *[both] * 5]) == [(1, [PEN])]
    assert run(Acceptance(), [[seen(LINK, AWAY)], [seen(PEN)]]) == [(1, [PEN])]


def test_an_advertisement_beside_the_bars_is_not_asked_about() -> None:
    both = [seen(ADVERT, AWAY), seen(PEN)]
    assert run(Acceptance(), [both] * 20) == [(1, [PEN])]
    late = [[seen(ADVERT, AWAY)], [seen(ADVERT, AWAY)], both, both, *[both] * 10]
    assert run(Acceptance(), late) == [(3, [PEN])]


def test_the_second_bars_of_a_japanese_book_are_not_asked_about() -> None:
    both = [seen("9784872348880", HERE), seen("1920081045006", BELOW)]
    assert run(Acceptance(), [both] * 20) == [(1, ["9784872348880"])]
    late = [[seen("1920081045006", BELOW)], [seen("1920081045006", BELOW)], *[both] * 20]
    assert run(Acceptance(), late) == [(3, ["9784872348880"])]


def test_an_address_alone_counts_a_little_later() -> None:
    assert run(Acceptance(), [[seen(ADVERT)]] * 20) == [(3, [ADVERT])]


def test_beside_what_the_catalogue_knows_nothing_unknown_is_asked_about() -> None:
    known = catalogue(n4006381333931=True)
    both = [seen("LOT-77", AWAY), seen(PEN)]
    assert run(known, [both] * 20) == [(0, [PEN])]
    known.reset()
    late = [[seen(PEN)], [seen(PEN)], *[[seen("LOT-77", AWAY), seen(PEN)]] * 20]
    assert run(known, late, start=9) == [(0, [PEN])]


def test_an_unknown_code_shown_later_counts_although_a_known_one_is_still_there() -> None:
    """As when a poster with a code hangs in view."""
    poster, tag = seen(PEN, AWAY), seen("LOT-77", HERE)
    frames = [*[[poster]] * 18, *[[poster, tag]] * 3]
    assert run(catalogue(n4006381333931=True), frames) == [(0, [PEN]), (19, ["LOT-77"])]


def test_a_code_that_cannot_be_one_counts_too_so_that_it_is_told() -> None:
    assert words(Acceptance(), "x" * 600, "x" * 600) == [(1, "x" * 600)]


def test_thirty_codes_at_once_are_no_burden() -> None:
    sheet = [seen(f"AB-{number}", box(100 * (number % 6), 100 * (number // 6))) for number in range(30)]
    assert run(Acceptance(), [sheet] * 3) == [(1, [made.text for made in sheet])]


texts = st.lists(st.sampled_from(["", "A", "B", "A B"]), max_size=80)


@given(texts, st.floats(0.01, 0.5), st.sampled_from([None, True, False]))
def test_nothing_counts_twice_within_the_quiet_time_nor_from_too_few_frames(
    shown: list[str], step: float, knows: bool | None
) -> None:
    places = {"A": HERE, "B": AWAY}
    frames = [[seen(word, places[word]) for word in text.split()] for text in shown]
    last: dict[str, int] = {}
    for number, counted in run(Acceptance(lambda key: knows), frames, step=step):
        for text in counted:
            window = shown[max(0, number - 4) : number + 1]
            assert sum(text in frame.split() for frame in window) >= (1 if knows else 2)
            assert text not in last or (number - last[text]) * step >= 1.5 - 1e-9
            last[text] = number
