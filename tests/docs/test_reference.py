"""The tables of the pages hold what the code has: no more, no less, and with the same defaults."""

from __future__ import annotations

import re
import secrets
import textwrap
import tomllib
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from bench.__main__ import MODULES
from kiosk.scanner import accept, live, reading, router, wedge
from kiosk.scanner import sources as cameras
from kiosk.scanner.blurred import known, prior
from oms.settings import OmsSettings
from partners.contract import Capabilities, PartnerRecord
from partners.faults import FAULTS
from partners.records import load_records
from partners.rest.expression import _Functions
from partners.rest.mapping import OPERATIONS, check_mapping
from partners.rest.wire import OfferRow, OrderRow, QuoteRow
from partners.simulator.record import mapping
from retail import address, cart, codes, events, gtin, money, offer, order, status
from retail.strict import to_data
from sync import find
from sync.catalogue import crosswalk, facets, filters, quarantine, query, search, shelf, words
from sync.catalogue import rows as catalogue_rows
from sync.catalogue.file import load_file
from sync.settings import Settings
from sync.store.engine import open_engine
from tests.docs.pages import FENCE, INDENTED, ROOT, fenced, named, rows, spans, text_of
from tests.docs.test_docs import PACKAGES, sources

LARGEST_PICTURE = 200_000  # bytes


@pytest.mark.parametrize(
    ("page", "settings"), [("docs/run-a-store.md", Settings), ("docs/operations.md", OmsSettings)]
)
def test_every_setting_is_there_with_its_default(page: str, settings: type[BaseSettings]) -> None:
    documented = {row[0].strip("`"): row[1] for row in rows(text_of(page), "setting")}
    wanted = {name: field for name, field in settings.model_fields.items() if name != "data_dir"}
    assert documented.keys() == wanted.keys()
    for name, field in wanted.items():
        default = (
            field.default
            if field.default is not PydanticUndefined
            else field.get_default(call_default_factory=True)
        )
        assert documented[name] == _written(default), name


def _written(default: Any) -> str:
    if default is None:
        return "none"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, str):
        return f'`"{default}"`'
    return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads(text_of("pyproject.toml"))["project"]
    declared = [*project["dependencies"]]
    for more in project["optional-dependencies"].values():
        declared += more
    names = {re.split(r"[\[<>=]", one)[0].strip() for one in declared}
    page = text_of("docs/dependencies.md").partition("## Wheels")[0]
    documented = {name.partition(" ")[0] for row in rows(page, "package") for name in row[0].split(", ")}
    assert documented == names


def test_every_package_is_in_the_architecture() -> None:
    page = text_of("docs/architecture.md")
    for package in PACKAGES:
        for init in sorted((ROOT / package).rglob("__init__.py")):
            folder = init.parent.relative_to(ROOT)
            if "migrations" not in folder.parts and "store" not in folder.parts[2:]:
                assert f"`{folder.as_posix()}/" in page, folder


def test_the_architecture_draws_the_status_table_as_the_code_does() -> None:
    page, drawn = text_of("docs/architecture.md"), str(status.__doc__).split("\n\n")[1]
    assert "queued -> placing" in drawn
    assert drawn.strip("\n") in page


def test_the_list_of_fences_is_complete() -> None:
    page = text_of("docs/adr/0007-where-any-exception-is-caught.md")
    fences = {str(path.relative_to(ROOT)) for path, text in sources(*PACKAGES) if "except Exception" in text}
    assert named(page, "module") == fences


def test_the_words_of_the_code_are_in_the_glossary() -> None:
    page = text_of("docs/glossary.md")
    for module in (money, gtin, offer, cart, order, address, status, events, codes):
        for name, kind in vars(module).items():
            ours = (
                isinstance(kind, type)
                and kind.__module__ == module.__name__
                and kind.__name__ == name
                and not name.startswith("_")
            )
            if ours and not issubclass(kind, Exception):
                assert re.search(rf"\b{name}\b", page), f"{module.__name__}.{name}"
    for one in status.LineStatus:
        assert f"`{one.value}`" in page


SCANNING = (accept, reading, router, wedge, live, cameras, known)
FINDING = (shelf, crosswalk, facets, filters, search, quarantine, query, words, catalogue_rows, find)


@pytest.mark.parametrize("module", [*SCANNING, prior, *FINDING], ids=lambda module: str(module.__name__))
def test_the_words_of_scanning_and_finding_are_in_the_glossary(module: ModuleType) -> None:
    page = set(re.findall(r"\w+", text_of("docs/glossary.md")))
    ours = {name for name, kind in vars(module).items() if _ours(kind, name, module)}
    assert ours - page <= {"Codes", "Imported", "CameraLost"}  # what one module alone speaks of


def _ours(kind: Any, name: str, module: ModuleType) -> bool:
    return isinstance(kind, type) and kind.__module__ == module.__name__ and not name.startswith("_")


@pytest.mark.parametrize("language", ["json", "csv"])
def test_the_catalogue_file_that_is_shown_loads(language: str, tmp_path: Path) -> None:
    text = text_of("docs/run-a-store.md").partition("### A catalogue file")[2]
    (lines,) = fenced(text, "json")
    table = next(block for block in INDENTED.findall(FENCE.sub("", text)) if "sku;gtin" in block)
    path = tmp_path / "offers"
    path.write_text(lines if language == "json" else textwrap.dedent(table).strip(), "utf-8")
    engine = open_engine(tmp_path / "catalogue.db", secrets.token_bytes(32))
    kept = shelf.Shelf(engine)
    now = datetime(2026, 3, 14, tzinfo=UTC)
    done = load_file(engine, path, partner="north", known=("north",), full=False, now=now)
    assert (done.good, done.bad) == ((2, 0) if language == "json" else (1, 0))
    assert kept.counts() == (1, 1)
    engine.dispose()


def test_the_crosswalk_that_is_shown_can_be_imported(tmp_path: Path) -> None:
    text = text_of("docs/run-a-store.md").partition("A crosswalk is CSV")[2]
    table = next(block for block in INDENTED.findall(FENCE.sub("", text)) if "code;gtin" in block)
    path = tmp_path / "crosswalk.csv"
    path.write_text(textwrap.dedent(table).strip(), "utf-8")
    engine = open_engine(tmp_path / "catalogue.db", secrets.token_bytes(32))
    shelf.Shelf(engine)
    done = crosswalk.import_file(engine, path)
    assert (done.codes, done.bad) == (2, ())
    engine.dispose()


# -- operations --------------------------------------------------------------------------------------------


def _in_oms(pattern: str) -> set[str]:
    return {found for _, text in sources("oms") for found in re.findall(pattern, text)}


def test_every_figure_of_the_oms_is_explained() -> None:
    counted = _in_oms(r'(?:Counter|Gauge|Histogram|MetricFamily)\(\s*"(aisle_[a-z_]+)"')
    counted |= {f"aisle_events_{name}" for name in ("handled", "repeated", "failed", "dead")}
    documented = {
        re.sub(r"(_total)?(\{.*)?$", "", one) for one in named(text_of("docs/operations.md"), "figure")
    }
    assert documented == counted


def test_every_refusal_of_the_oms_is_explained() -> None:
    page = text_of("docs/operations.md")
    given = {(status_, code) for status_, code in _pairs(r'Refusal\(\s*(\d+),\s*"([a-z_]+)"')}
    documented = {(row[0], row[1].strip("`")) for row in rows(page, "status")} - {("other", "refused")}
    assert documented == given
    assert named(page, "reason") == _in_oms(r'Bad\("([a-z_]+)"')


def _pairs(pattern: str) -> set[tuple[str, str]]:
    return {found for _, text in sources("oms") for found in re.findall(pattern, text)}


# -- partners ----------------------------------------------------------------------------------------------

PARTNER = "docs/add-a-partner.md"


def test_the_record_that_is_shown_is_the_one_that_works(tmp_path: Path) -> None:
    (shown,) = fenced(text_of(PARTNER), "toml")
    path = tmp_path / "partners.toml"
    path.write_text(shown, "utf-8")
    (record,) = load_records(path)
    assert check_mapping(record) == []
    assert _spaced(to_data(record)["mapping"]) == _spaced(mapping("B", "another token"))


def _spaced(value: Any) -> Any:
    """``value`` without the layout of its expressions."""
    if isinstance(value, dict):
        return {name: _spaced(one) for name, one in value.items()}
    return re.sub(r"\s+", "", value) if isinstance(value, str) else value


def test_every_part_of_a_record_is_explained() -> None:
    explained = named(text_of(PARTNER), "field")
    assert {field.name for field in fields(PartnerRecord)} - explained == {"capabilities", "reliability"}
    assert {field.name for field in fields(Capabilities)} <= explained
    assert {"A", "B", "C"} == {row[0] for row in rows(text_of(PARTNER), "class")}


def test_operations_forms_functions_and_faults_are_those_of_the_code() -> None:
    page = text_of(PARTNER)
    assert named(page, "operation") - {"cancel = false", "can_look_up"} == set(OPERATIONS)
    assert named(page, "fault") == set(FAULTS)
    functions = {name.removeprefix("_func_") for name in vars(_Functions) if name.startswith("_func_")}
    assert {found.partition("(")[0] for found in spans(page) if found.endswith(")")} >= functions
    forms = {row[0].strip("`"): set(re.findall(r"`(\w+)`", row[1])) for row in rows(page, "form")}
    for form, model in (("offer", OfferRow), ("quote", QuoteRow), ("order", OrderRow)):
        assert set(model.model_fields) <= forms[form], form


# -- testing -----------------------------------------------------------------------------------------------

TESTING = "docs/testing.md"


def test_what_may_be_missing_is_what_tests_ask_for() -> None:
    asked = {found for _, text in sources("tests") for found in re.findall(r'\bneed\(\s*"([a-z-]+)"', text)}
    assert named(text_of(TESTING), "name") >= asked


def test_plants_and_benchmarks_are_those_of_the_code() -> None:
    source = text_of("tests/torture/plants.py").partition("PLANTS:")[2]
    planted = {name.replace("_", "-") for name in re.findall(r"^        (\w+),$", source, re.MULTILINE)}
    assert named(text_of(TESTING), "plant") == planted
    measured = {name for name in MODULES if (ROOT / "bench" / f"{name}.py").exists()}
    documented = {row[0].strip("`") for row in rows(text_of(TESTING), "name") if len(row) == 3}
    assert documented == measured


def test_pictures_are_small() -> None:
    pictures = [path for path in (ROOT / "docs").rglob("*") if path.suffix in (".png", ".jpg", ".webp")]
    assert pictures
    assert [path.name for path in pictures if path.stat().st_size >= LARGEST_PICTURE] == []
