"""The pages name only what exists: files, links, commands, options, variables, targets."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import main
from oms.settings import OmsSettings
from sync.settings import Settings
from tests.docs.pages import ROOT, anchors, code, links, pages, spans, text_of

PAGES = [str(page.relative_to(ROOT)) for page in pages()]
PACKAGES = ("retail", "partners", "sync", "kiosk", "oms")
MADE = ("build/", ".venv/")  # these come and go
FILE = re.compile(r"[\w.@*/-]+")
PLACEHOLDER = re.compile(r"NAME|FILE|<")
DOTTED = re.compile(rf"(?:{'|'.join((*PACKAGES, 'tests', 'bench'))})(?:\.\w+)+")
DATA = (".db", ".key", ".epoch")  # files that the program makes
VARIABLE = re.compile(r"\bAISLE_[A-Z_]*[A-Z]\b(?!_?\.\.\.)")
COMMAND = re.compile(r"(?:^|[\s(>'`])(?:\.venv/bin/)?aisle ((?:[\w<-][^\s'`),;:]*)(?: [^'`\n]*)?)")
# Named by sentences of the program, but not on the command line yet. Take a line away when it is.
NOT_YET: set[str] = set()


def sources(*folders: str) -> Iterator[tuple[Path, str]]:
    """The Python files below ``folders``."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, path.read_text("utf-8")


PROGRAM = "\n".join(
    [text_of("main.py"), text_of("commands.py"), *(text for _, text in sources(*PACKAGES, "tests", "bench"))]
)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    for link in links(text_of(page)):
        path, _, anchor = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), f"{page} links to {link}"
        if anchor:
            assert anchor in anchors(target.read_text("utf-8")), f"{page} links to {link}"


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_is_named_exists(page: str) -> None:
    tops = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    for span in spans(text_of(page)):
        if not FILE.fullmatch(span) or PLACEHOLDER.search(span) or span.startswith(MADE):
            continue
        if "/" in span and span.split("/")[0] in tops:
            assert any(ROOT.glob(span.rstrip("/"))), f"{page} names {span}"
        elif span.endswith(".py"):
            assert span in tops or span in {path.name for path, _ in sources(*PACKAGES)}, f"{page}: {span}"


@pytest.mark.parametrize("page", PAGES)
def test_every_module_that_is_named_exists(page: str) -> None:
    for span in spans(text_of(page)):
        if DOTTED.fullmatch(span) and not span.endswith(DATA):
            assert _module(span), f"{page} names {span}"


def _module(dotted: str) -> bool:
    """Whether ``dotted`` is a package, a module, or a name that stands in one."""
    *parents, last = dotted.split(".")
    place = ROOT.joinpath(*parents)
    if place.joinpath(last).is_dir() or place.joinpath(f"{last}.py").is_file():
        return True
    module = place.with_suffix(".py")
    return module.is_file() and re.search(rf"\b{last}\b", module.read_text("utf-8")) is not None


# -- the command line --------------------------------------------------------------------------------------


def refusal(words: str) -> str | None:
    """Why ``aisle WORDS`` would not be understood, as far as commands and options go; None when it would."""
    parser, spoken = main.parser(), words.replace("|", " ").split()
    while spoken and (choices := _choices(parser)):
        if spoken[0] not in choices:
            placeholder = spoken[0].startswith("-") or not re.fullmatch(r"[a-z][a-z-]*", spoken[0])
            return None if placeholder else f"there is no command {spoken[0]!r}"
        parser = choices[spoken.pop(0)]
    known = {option for action in parser._actions for option in action.option_strings}
    for word in spoken:
        option = re.match(r"\[?(--[a-z-]+)", word)
        if option and option[1] not in known:
            return f"there is no option {option[1]}"
    return None


def _choices(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


@pytest.mark.parametrize("page", PAGES)
def test_every_command_that_is_named_exists(page: str) -> None:
    for line in code(text_of(page)):
        for found in COMMAND.finditer(line):
            words = re.split(r" {2,}|#", found[1])[0]
            assert refusal(words) is None, f"{page}: aisle {words}: {refusal(words)}"


def test_the_check_of_commands_would_notice() -> None:
    assert refusal("kiosk fly") == "there is no command 'fly'"
    assert refusal("oms serve --fast") == "there is no option --fast"
    assert refusal("oms serve --port 8600") is None
    assert [found[1] for found in COMMAND.finditer("run: aisle kiosk enrol CODE")] == ["kiosk enrol CODE"]


def test_every_command_is_in_the_readme() -> None:
    readme = text_of("README.md")
    for name, parser in _choices(main.parser()).items():
        for inner in _choices(parser) or {"": parser}:
            assert f"aisle {name} {inner}".strip() in readme, f"aisle {name} {inner}"


def test_the_program_advises_only_commands_that_exist() -> None:
    missing = {}
    for path, text in sources(*PACKAGES):
        for found in COMMAND.finditer(text):
            words = re.match(r"[a-z-]+(?: [a-z-]+)*", found[1])
            if words and refusal(words[0]) is not None:
                missing[words[0]] = path.name
    assert set(missing) == NOT_YET, f"see NOT_YET above; found in {missing}"


@pytest.mark.parametrize("page", PAGES)
def test_every_target_of_make_exists(page: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    for line in code(text_of(page)):
        for found in re.findall(r"(?:^|\s)make ([a-z]+)\b", line):
            assert found in targets, f"{page}: make {found}"


# -- settings ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_every_variable_is_read_somewhere(page: str) -> None:
    settings = {f"AISLE_{name}".upper() for name in Settings.model_fields}
    settings |= {f"AISLE_OMS_{name}".upper() for name in OmsSettings.model_fields}
    for name in VARIABLE.findall(text_of(page)):
        assert name in settings or f'"{name}"' in PROGRAM, f"{page} names {name}"
