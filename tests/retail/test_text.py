"""What people type: emoji out, keycaps kept as digits, every script byte-true, nothing hidden, no card numbers."""

from __future__ import annotations

import unicodedata

import emoji
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from retail.gtin import check_digit
from retail.text import BIDI, UnusableText, clean, has_card_number, mask_card_numbers, required

EMOJI = sorted(emoji.EMOJI_DATA)
SCRIPTS = (
    "Straße 5, Größenwahn",
    "東京都　千代田区丸の内1-9-1",
    "서울특별시 종로구",
    "قميص أزرق",
    "می‌خواهم",
    "क्‍ष हिन्दी पता",
    "ถนนสุขุมวิท",
    "Đường Nguyễn Huệ",
    "Ελληνικά Ωμέγα",
    "Ул. Пушкина, д. 7",
    "שדרות רוטשילד 3",
    "葛\U000e0100城市",
    "𠮷野家",
    "O'Neill & Søn, 2½",
)
CARDS = ("4111111111111111", "378282246310005", "6011111111111117", "4222222222222", "6304000000000000000")


def luhn(payload: str) -> str:
    """``payload`` with the check digit of a card number."""
    doubled = [int(digit) * (2 - index % 2) for index, digit in enumerate(reversed(payload))]
    return payload + str(-sum(value - 9 * (value > 9) for value in doubled) % 10)


@pytest.mark.parametrize("text", SCRIPTS)
def test_every_script_is_carried_byte_true(text: str) -> None:
    assert clean(text) == unicodedata.normalize("NFC", text)


letters = st.characters(categories=["L", "M", "Nd", "P", "Zs", "Sc", "Sm"], exclude_characters="\u00ad")


@given(st.text(letters, max_size=60))
def test_letters_marks_and_digits_of_any_script_stay(text: str) -> None:
    assume(not emoji.emoji_count(text) and "\ufe0f" not in text and "\u20e3" not in text)
    try:
        kept = clean(text)
    except UnusableText as error:
        assert error.reason in ("card number", "hidden characters")  # noqa: PT017 (U+3164 and its like)
        return
    assert kept.replace(" ", "") == unicodedata.normalize("NFC", text).strip().replace(" ", "")


@given(st.lists(st.sampled_from(EMOJI) | st.text(max_size=3), max_size=12).map("".join))
@example("🇩😀🇪")
@example("1😀\u20e3")
@example("e😀\u0301")
@example("👩😀\u200d🚀")
def test_emoji_are_gone_and_what_is_clean_stays(text: str) -> None:
    try:
        kept = clean(text)
    except UnusableText:
        return
    assert emoji.emoji_count(kept) == 0
    assert unicodedata.is_normalized("NFC", kept)
    assert clean(kept) == kept


@settings(max_examples=50)
@given(st.integers(0, 9), st.booleans())
def test_keycaps_become_their_digit(digit: int, styled: bool) -> None:
    keycap = f"{digit}{chr(0xFE0F) if styled else ''}\u20e3"

    assert clean(f"{keycap} High St") == f"{digit} High St"


def test_the_other_keycaps() -> None:
    assert clean("#️⃣5 *️⃣ 🔟 High St") == "#5 * 10 High St"


def test_emoji_between_words_leave_one_space() -> None:
    assert clean("  Rose 🌹 Street  👩‍🦼‍➡️🏴󠁧󠁢󠁥󠁮󠁧󠁿 ") == "Rose Street"
    assert clean("🎉") == ""
    assert clean("") == ""


@pytest.mark.parametrize(
    "character", sorted({*BIDI, *map(chr, [*range(9), *range(10, 32), *range(127, 160)])})
)
def test_bidi_and_control_characters_are_refused(character: str) -> None:
    with pytest.raises(UnusableText) as refused:
        clean(f"Rose{character}Street")
    assert refused.value.reason == "hidden characters"


@pytest.mark.parametrize("character", ["\u200b", "\u2060", "\ufeff", "\u00ad", "\u3164", "\u2028", "\ud800"])
def test_characters_that_are_never_drawn_are_refused(character: str) -> None:
    with pytest.raises(UnusableText) as refused:
        required(character)
    assert refused.value.reason == "hidden characters"


def test_a_tab_is_a_space_and_a_line_break_is_refused() -> None:
    assert clean("a\tb") == "a b"
    with pytest.raises(UnusableText):
        clean("a\nb")


def test_nothing_is_cut() -> None:
    assert clean("x" * 20, longest=20) == "x" * 20
    with pytest.raises(UnusableText) as refused:
        clean("x" * 21, longest=20)
    assert refused.value.reason == "too long"
    assert str(refused.value) == "At most 20 characters, please; these are 21."


@pytest.mark.parametrize("text", ["", "   ", "🎉", "\u3000"])
def test_what_must_be_filled_in(text: str) -> None:
    with pytest.raises(UnusableText) as refused:
        required(text)
    assert refused.value.reason == "empty"


# -- card numbers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("form", ["{}", "card {}", "{} 12/29", "12 {}", "{} 123", "{}, thanks", "nr.{}!"])
def test_card_numbers_are_refused_wherever_they_stand(card: str, form: str) -> None:
    with pytest.raises(UnusableText) as refused:
        clean(form.format(card))
    assert refused.value.reason == "card number"
    assert card not in str(refused.value)


@pytest.mark.parametrize("separator", [" ", "-", ".", "\u00a0", "–"])
def test_grouped_card_numbers_are_seen(separator: str) -> None:
    text = separator.join(("4111", "1111", "1111", "1111"))

    assert has_card_number(text)
    assert has_card_number(f"7 {text} 12 29 123")
    assert mask_card_numbers(f"call 7, {text}!") == "call 7, [card ending 1111]!"


def test_digits_of_other_scripts_are_digits() -> None:
    assert has_card_number("٤١١١١١١١١١١١١١١١")


@given(st.integers(10**11, 10**18 - 1).map(str))
def test_any_luhn_run_of_13_to_19_digits_is_one_unless_it_is_a_gtin(payload: str) -> None:
    card = luhn(payload)
    is_gtin = len(card) in (13, 14) and check_digit(card[:-1]) == card[-1]
    wrong = card[:-1] + str((int(card[-1]) + 5) % 10)

    assert has_card_number(card) is not is_gtin
    assert not has_card_number(wrong)
    assert mask_card_numbers(f"a{card}b") == (f"a{card}b" if is_gtin else f"a[card ending {card[-4:]}]b")


@given(st.integers(1, 10**12 - 1).map("{:012d}".format) | st.integers(1, 10**13 - 1).map("{:013d}".format))
def test_gtins_are_no_card_numbers(payload: str) -> None:
    assert clean(payload + check_digit(payload)) == payload + check_digit(payload)


@pytest.mark.parametrize(
    "text", ["411111111111", "41111111111111111111", "2026-10-17", "T-1001", "+49 170 1234567"]
)
def test_other_numbers_pass(text: str) -> None:
    assert clean(text) == text
    assert mask_card_numbers(text) == text


def test_masking_keeps_the_rest_of_the_text() -> None:
    said = "first 4111 1111 1111 1111, then 378282246310005 12/29 at 14:30"

    assert mask_card_numbers(said) == "first [card ending 1111], then [card ending 0005] 12/29 at 14:30"
