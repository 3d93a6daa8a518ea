"""Partner records in TOML: read strictly, written so that they read back the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from partners.contract import Capabilities, PartnerRecord
from partners.records import dump_record, load_records
from partners.simulator.record import simulator_record
from retail.errors import Misconfigured

NORTH = simulator_record("north", 'North "&" Söhne', "http://127.0.0.1:8001", "A")
SMALL = """[[partner]]
id = "east"
name = "East"
protocol = "vendure"
endpoint = "http://127.0.0.1:3000"
[partner.capabilities]
ordering_class = "B"
"""


def read(path: Path, text: str) -> tuple[PartnerRecord, ...]:
    (path / "partners.toml").write_text(text, "utf-8")
    return load_records(path / "partners.toml")


def test_what_is_written_reads_back_the_same(tmp_path: Path) -> None:
    odd = replace(
        NORTH,
        id="south-2",
        credential="partner-south",
        capabilities=replace(NORTH.capabilities, settling=timedelta(seconds=2.5), ship_to=("DE", "JP")),
        settings={"deadline_seconds": "5", "a b\nc": "tab\tquote\"\\ \x7f ' '''\nend'"},
        mapping={
            **NORTH.mapping,
            "reasons": {"A.B": "x", "": "y", "Ü": "z"},
            "empty": {},
            "list": [1, [True, {"a": 2}]],
        },
    )
    assert read(tmp_path, dump_record(NORTH) + "\n" + dump_record(odd)) == (NORTH, odd)


def test_a_record_needs_only_what_has_no_usual_value(tmp_path: Path) -> None:
    [east] = read(tmp_path, SMALL)
    assert east == PartnerRecord("east", "East", "vendure", "http://127.0.0.1:3000", Capabilities("B"))
    assert east.capabilities.can_look_up is True


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", r"no \[\[partner\]\] table"),
        ("id = ", "not TOML: Invalid value"),
        ("[partner]\nid = 'a'", r"only \[\[partner\]\] tables"),
        ("[[partners]]\nid = 'a'", r"only \[\[partner\]\] tables"),
        ("[[partner]]\nname = 'x'", "partner number 1: id: small letters"),
        (SMALL.replace('"east"', '"East Wing"'), "partner East Wing: id: small letters"),
        (SMALL + SMALL, "partner east twice"),
        (
            SMALL.replace('"B"', '"D"'),
            "partner east: capabilities.ordering_class: Input should be 'A', 'B' or 'C'",
        ),
        (SMALL + "key_life = 'long'", "partner east: capabilities.key_life: a number of seconds"),
        (SMALL + "key_life = true", "partner east: capabilities.key_life: a number of seconds"),
        (SMALL + "cancel = 1", "partner east: capabilities.cancel: Input should be a valid boolean"),
        (SMALL + "colour = 'red'", "partner east: capabilities.colour: there is no such field"),
        (SMALL.replace('"vendure"', '"fax"'), "partner east: protocol: Input should be 'rest' or 'vendure'"),
        (SMALL.replace("endpoint", "address"), "partner east: endpoint: this field is missing"),
        (SMALL + "[partner.settings]\nsince = 2026-01-01", "partner east: dates and times"),
    ],
)
def test_what_is_wrong_is_named_with_its_record_and_field(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(Misconfigured, match=says):
        read(tmp_path, text)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"nothing\.toml cannot be read: No such file"):
        load_records(tmp_path / "nothing.toml")
    (tmp_path / "latin.toml").write_bytes(b"# caf\xe9")
    with pytest.raises(Misconfigured, match="not in UTF-8"):
        load_records(tmp_path / "latin.toml")
