"""Other forms of a word and slips of a finger lead to it; other words do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from sync.catalogue.spelling import (
    deletions,
    ended_by,
    ends,
    kept,
    near,
    slipped_beginnings,
    slips,
    sought,
    swapped,
)
from sync.catalogue.words import fold

WORDS = st.text("abcdeß", min_size=1, max_size=10).map(fold)


def alike(one: str, other: str) -> bool:
    return bool(kept(fold(one)) & {*sought(fold(other))}) and bool(kept(fold(other)) & {*sought(fold(one))})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("shirt", "shirts"), ("dress", "dresses"), ("box", "boxes"), ("battery", "batteries"), ("shoe", "shoes"),
        ("knife", "knives"), ("scarf", "scarves"), ("shelf", "shelves"), ("woman", "women"), ("child", "children"),
        ("Jacke", "Jacken"), ("Hemd", "Hemden"), ("Kleid", "Kleider"), ("Schuh", "Schuhe"), ("Rock", "Röcke"),
        ("Tuch", "Tüchern"), ("rot", "roten"), ("roter", "rotes"), ("Jäger", "Jaeger"), ("Grüße", "Gruesse"), ("Mütze", "Muetzen"),
        ("chapeau", "chapeaux"), ("robe", "robes"), ("cheval", "chevaux"), ("noir", "noires"),
        ("camisa", "camisas"), ("pantalón", "pantalones"), ("luz", "luces"), ("blanco", "blancas"),
        ("قميص", "القميص"), ("قبعه", "القبعة"), ("ساعة", "ساعات"), ("قميصًا", "قميص"), ("إبيض", "ابيض"),
    ],
)  # fmt: skip
def test_forms_of_one_word_are_kept_together(one: str, other: str) -> None:
    assert alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("poet", "pot"),
        ("blue", "bleu"),
        ("shirt", "short"),
        ("42", "421"),
        ("シャツ", "シャ"),
        ("قميص", "قلم"),
    ],
)
def test_other_words_are_kept_apart(one: str, other: str) -> None:
    assert not alike(one, other)


def test_the_end_of_a_long_word_leads_to_it() -> None:
    assert set(ended_by("jacke")) & set(ends("winterjacke"))
    assert set(ended_by("jacken")) & set(ends("winterjacke"))
    assert not set(ended_by("acke")) & set(ends("winterjacke"))  # too short
    assert not set(ended_by("jacke")) & set(ends("ajacke"))  # too little before it
    assert not set(ended_by("winterjacke")) & set(ends("winterjacke"))


def test_one_slip_is_forgiven_from_four_letters_and_two_from_eight() -> None:
    assert [slips(word) for word in ("lin", "line", "linensh", "linenshi", "line4", "シャツシャツ")] == [
        0,
        1,
        1,
        2,
        0,
        0,
    ]
    assert near("linne", ["linen", "line", "lin", "linens"]) == [(1, "linen"), (1, "line")]
    assert near("linnenshrit", ["linenshirt"]) == [(2, "linenshirt")]
    assert near("linnenshrti", ["linenshirt"]) == []
    assert near("linen", ["linen"]) == []


@given(typed=WORDS, word=WORDS)
def test_whatever_is_near_enough_meets_under_a_deletion(typed: str, word: str) -> None:
    most = slips(word)
    if 0 < OSA.distance(typed, word) <= most:
        assert deletions(typed, 2 if len(typed) >= 6 else 1) & deletions(word, most)


def test_a_beginning_with_a_slip_leads_to_the_right_one() -> None:
    assert "jack" in slipped_beginnings("jakc") & slipped_beginnings("jck") & slipped_beginnings("javk")
    assert "кур" in slipped_beginnings("ккур")
    assert "قميص" in slipped_beginnings("قمص")
    assert "jack" not in slipped_beginnings("jack")


def test_a_swap_is_told_from_another_letter() -> None:
    assert swapped("shrit", "shirt")
    assert not swapped("shart", "shirt")
