"""What devices get from the OMS besides news: partner records and settings. Setting the same again changes nothing."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from oms import audit, changes
from oms.models import PartnerRow, Setting
from partners.contract import PartnerRecord
from retail.strict import digest, to_data, to_json


def set_partner(session: Session, record: PartnerRecord, now: datetime, *, actor: str = "oms") -> bool:
    """Give ``record`` to all devices; False when they have exactly it already."""
    found = session.get(PartnerRow, record.id, with_for_update=True)
    mark = digest(record)
    if found is not None and found.digest == mark:
        return False
    row = found or PartnerRow(id=record.id, digest="", body="")
    row.digest, row.body = mark, to_json(record)
    session.add(row)
    changes.put(session, changes.News("partner", to_data(record)))
    audit.note(session, audit.Entry(now, actor, "partner.set", record.id, mark))
    return True


def set_setting(
    session: Session, name: str, value: str, now: datetime, *, store: str = "", actor: str = "oms"
) -> bool:
    """Set ``name`` for the devices of ``store`` ("": all); False when it is so already."""
    found = session.get(Setting, (name, store), with_for_update=True)
    if found is not None and found.value == value:
        return False
    row = found or Setting(name=name, store=store, value="")
    row.value = value
    session.add(row)
    changes.put(session, changes.News("setting", {"name": name, "value": value}, store=store))
    audit.note(session, audit.Entry(now, actor, "setting.set", name, store or "all stores"))
    return True
