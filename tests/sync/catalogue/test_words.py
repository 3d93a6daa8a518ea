"""What is sold and what is typed are taken apart in the same way, in every script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.catalogue.words import fold, indexed, squeezed, terms


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("Linen SHIRT, linen", ["linen", "shirt"]),
        ("T-Shirt", ["tshirt", "t", "shirt"]),
        ("men's l'eau", ["mens", "leau", "l", "eau"]),
        ("Straße Crème Søn Łódź", ["strasse", "creme", "son", "lodz"]),
        ("EU42 iphone15pro", ["eu42", "eu", "42", "iphone15pro", "iphone", "15", "pro"]),
        ("500 ml", ["500ml", "500", "ml"]),
        ("0,5 Liter", ["500ml", "0.5", "liter"]),
        ("1.5 kg, 1.500 g, 1,500 g", ["1500000mg", "1.5", "kg", "1500", "g"]),
        ("2x1,5 l", ["2x", "2", "1500ml", "1.5", "l"]),
        ("30 × 40 cm", ["30x", "30", "400mm", "40", "cm"]),
        ('27"', ["27in", "27"]),
        ("27 Zoll", ["27in", "27", "zoll"]),
        ("7,5", ["7.5"]),
        ("60W", ["60w", "60", "w"]),
        ("500mlx", ["500mlx", "500", "mlx"]),
        ("٥٠٠ مل", ["500ml", "500", "مل"]),
        ("قمـيصٌ إيران على", ["قميص", "ايران", "علي"]),
        ("しゃつ ｼｬﾂ", ["シャ", "ャツ", "ツ"]),
        ("麻シャツ", ["麻シ", "シャ", "ャツ", "ツ"]),
        ("麻", ["麻"]),
        ("Leinenシャツ2枚", ["leinen", "シャ", "ャツ", "ツ", "2", "枚"]),
        ("🙂 !?_ \x00 \ud800 ½", ["1", "2"]),
        ("", []),
    ],
)
def test_words_are_taken_apart(written: str, found: list[str]) -> None:
    assert indexed(written) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0.5 l", "500 ml"),
        ("50cl", "500ml"),
        ("1 kg", "1000 g"),
        ("1,5 l", "1.5L"),
        ("27″", "27 inch"),
        ("2 x 1,5 l", "2x1.5l"),
        ("1.20 m", "120 cm"),
    ],
)
def test_amounts_are_the_same_in_any_unit(one: str, other: str) -> None:
    assert [term.whole for term in terms(one)] == [term.whole for term in terms(other)]


def test_a_code_is_the_same_without_its_spaces_and_hyphens() -> None:
    assert squeezed("LIN-042 / m") == squeezed("lin042M") == "lin042m"
    assert squeezed("\x00 -- 🙂") == ""


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_more_and_no_word_can_hurt_the_index(text: str) -> None:
    words = indexed(text)

    assert fold(fold(text)) == fold(text)
    assert len(words) == len(set(words))
    assert all(word and not set(word) & set(" \"'#=*()^:-+\x00") for word in words)
