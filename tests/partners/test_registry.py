"""Every protocol has its adapter and its test module."""

from __future__ import annotations

from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from partners.contract import Capabilities, PartnerRecord
from partners.registry import PROTOCOLS, adapter, open_partner
from partners.simulator.record import simulator_record
from retail.errors import Misconfigured


@pytest.mark.parametrize("protocol", sorted(PROTOCOLS))
def test_every_protocol_has_an_adapter_and_a_test_module(protocol: str) -> None:
    opened = adapter(protocol)
    for promise in (
        "search",
        "find",
        "variants",
        "similar",
        "quote",
        "place",
        "look_up",
        "status",
        "cancel",
        "aclose",
    ):
        assert callable(getattr(opened, promise))
    tests = Path(__file__).parent / f"test_{protocol}.py"
    assert tests.exists()
    assert "OrderingContract" in tests.read_text("utf-8")


def test_records_can_name_just_these_protocols() -> None:
    assert set(get_args(get_type_hints(PartnerRecord)["protocol"])) == set(PROTOCOLS)


async def test_a_record_is_opened_without_anything_being_sent() -> None:
    record = simulator_record("north", "North", "http://127.0.0.1:9", "B")
    partner = open_partner(record, None)
    assert (partner.partner_id, partner.capabilities) == ("north", record.capabilities)
    await partner.aclose()


def test_a_missing_key_is_named() -> None:
    record = simulator_record("north", "North", "http://127.0.0.1:9", "B", token="other")
    with pytest.raises(Misconfigured, match="partner-north"):
        open_partner(record, None)


def test_a_broken_mapping_is_told_when_it_is_opened() -> None:
    record = PartnerRecord(
        "east", "East", "rest", "http://127.0.0.1:9", Capabilities("C"), mapping={"version": 1}
    )
    with pytest.raises(
        Misconfigured, match=r"mapping of partner east cannot be used: operations: is missing"
    ):
        open_partner(record, None)


def test_an_unknown_protocol_is_told() -> None:
    with pytest.raises(Misconfigured, match="rest, vendure"):
        adapter("fax")
