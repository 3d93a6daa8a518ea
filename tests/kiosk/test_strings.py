"""Sentences: the right form, the right values, and translations that fit their source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.screens import (
    checkout,
    checkout_form,
    checkout_payment,
    orders_detail,
    orders_words,
    staff_health,
    staff_tasks,
)
from kiosk.strings import LANGUAGES, LOCALES, MESSAGES, PLURALS, clock, day, placeholders, tr, tr_count
from kiosk.ui import Ui
from sync.clock import now

KIOSK = Path(__file__).resolve().parents[2] / "kiosk"


def test_a_translation_is_used_and_its_values_are_filled_in() -> None:
    assert tr("de", "by {day}", day="Di. 24. Nov.") == "bis Di. 24. Nov."
    assert tr("en", "by {day}", day="Tue 24 Nov") == "by Tue 24 Nov"


def test_a_missing_translation_falls_back_to_english() -> None:
    assert tr("de", "Nobody has translated this") == "Nobody has translated this"
    assert tr("xx", "Cart") == "Cart"


def test_braces_in_a_value_stay_as_they_are() -> None:
    assert tr("en", "Remove: {name}", name="{evil}") == "Remove: {evil}"


@pytest.mark.parametrize(
    ("language", "count", "expected"),
    [
        ("en", 1, "from 1 partner"),
        ("en", 2, "from 2 partners"),
        ("de", 1, "von 1 Partner"),
        ("de", 3, "von 3 Partnern"),
        ("ar", 2, "من شريكين (2)"),
    ],
)
def test_the_count_chooses_the_form(language: str, count: int, expected: str) -> None:
    assert tr_count(language, "from {count} partner", "from {count} partners", count) == expected


def test_a_plural_that_is_not_translated_falls_back_to_english() -> None:
    assert tr_count("ar", "{count} unheard of", "{count} never heard of", 3) == "3 never heard of"


@pytest.mark.parametrize(
    ("count", "start"), [(1, "بقيت قطعة واحدة"), (2, "بقيت قطعتان"), (3, "بقيت 3 قطع"), (11, "بقيت 11 قطعة")]
)
def test_arabic_has_its_own_forms(count: int, start: str) -> None:
    assert tr_count("ar", "Only {count} left", "Only {count} left", count).startswith(start)


def test_days_are_said_as_in_a_store() -> None:
    moment = date(2026, 11, 24)
    assert day("en", moment) == "Tue 24 Nov"
    assert day("de", moment) == "Di. 24. Nov."


def test_the_time_of_day_is_the_stores() -> None:
    moment = datetime(2026, 11, 20, 9, 42, tzinfo=UTC)
    assert clock("en", moment) == moment.astimezone().strftime("%H:%M")


def test_every_language_has_a_name_and_a_locale() -> None:
    assert LANGUAGES.keys() == LOCALES.keys() == {"en", *MESSAGES} == {"en", *PLURALS}


def translations() -> Iterator[tuple[str, str, str]]:
    """Language, source, translation: of every sentence and every plural form."""
    for language, messages in MESSAGES.items():
        for source, text in messages.items():
            yield language, source, text
    for language, plurals in PLURALS.items():
        for source, forms in plurals.items():
            for text in forms.values():
                yield language, source, text


def test_every_translation_has_the_placeholders_of_its_source() -> None:
    wrong = [
        (language, source)
        for language, source, text in translations()
        if placeholders(text) != placeholders(source)
    ]
    assert wrong == []


def test_every_plural_has_the_form_for_all_other_numbers() -> None:
    assert all("other" in forms for plurals in PLURALS.values() for forms in plurals.values())


def said_in_code() -> Iterator[tuple[str, frozenset[str], frozenset[str]]]:
    """Place, placeholders and values of every ``ui.t`` and ``ui.n`` with a literal sentence."""
    for path in sorted(KIOSK.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            given = frozenset(keyword.arg for keyword in node.keywords if keyword.arg)
            place = f"{path.relative_to(KIOSK)}:{node.lineno}"
            if node.func.attr == "t" and len(texts) == 1:
                yield place, placeholders(texts[0]), given
            elif node.func.attr == "n" and len(texts) == 2:
                yield place, placeholders(texts[0]), given | {"count"}
                yield place, placeholders(texts[1]), given | {"count"}


def test_every_sentence_gets_exactly_its_values() -> None:
    said = list(said_in_code())
    assert len(said) > 30
    assert [(place, wanted, given) for place, wanted, given in said if wanted != given] == []


def test_an_answer_says_its_day_only_when_it_is_not_todays() -> None:
    nothing = lambda *_: None  # noqa: E731
    ui = Ui(1280, 800, False, "en", False, nothing, nothing, nothing)
    midday = now().astimezone().replace(hour=12)
    assert ui.moment(midday) == clock("en", midday)
    before = midday - timedelta(days=1)
    assert ui.moment(before) == f"{day('en', before)}, {clock('en', before)}"


def test_every_sentence_has_its_german() -> None:
    missing = []
    for path in sorted(KIOSK.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                texts = [
                    a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)
                ]
                if node.func.attr == "t" and len(texts) == 1 and texts[0] not in MESSAGES["de"]:
                    missing.append(texts[0])
                if node.func.attr == "n" and len(texts) == 2 and texts[1] not in PLURALS["de"]:
                    missing.append(texts[1])
    assert missing == []


def test_every_sentence_in_a_table_has_its_german() -> None:
    said = [word for word, _ in orders_words.WORDS.values()]
    said += [word for word, _ in orders_detail.OUTCOMES.values()]
    said += [word for word, _, _ in (*staff_health.LINKS.values(), *staff_health.PARTNER_LINKS.values())]
    said += [*orders_words.STAGES, *checkout.STEPS, *checkout_form.EMPTY.values()]
    said += [*checkout_payment.WORDS.values(), checkout_payment.UNSAFE, *staff_tasks.ADVICE.values()]
    assert [text for text in said if text not in MESSAGES["de"]] == []
