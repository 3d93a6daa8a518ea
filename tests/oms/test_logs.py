"""What a customer typed is in the order and nowhere else: not in logs, metrics, events, refusals or the audit trail."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import structlog
from sqlalchemy import text
from sqlmodel import Session, select

from oms.models import Audit
from retail.address import Address, Customer
from retail.logs import to_stderr
from retail.status import LineStatus
from tests.oms.counter import Counter
from tests.oms.uploads import again, data, moved, upload

CANARY = Customer(
    "Quetzalcanary Person",
    "quetzalcanary@example.com",
    Address("DE", ("Quetzalcanary Weg 77",), "Quetzalcanarystadt", "10115"),
    "+4915112345678",
)
SECRETS = ("quetzalcanary", "5112345678")


async def test_nothing_personal_leaves_the_order(
    oms: Counter, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    to_stderr("debug")
    try:
        device = await oms.enrol()
        uploads = [upload(device.who, serial, customer=CANARY) for serial in range(1001, 1021)]
        await oms.post(device, *uploads)
        await oms.post(device, moved(uploads[0], LineStatus.REJECTED, reason="sold_out"))
        await oms.post(device, again(uploads[0], language="fr"))
        broken = data(upload(device.who, 1500, customer=CANARY))
        broken["orders"][0]["digest"] = CANARY.name
        await oms.http.post("/v1/orders:batch", json=broken, headers=device.headers)
        await oms.http.post(
            "/v1/orders:batch", json={"version": CANARY.name, "orders": []}, headers=device.headers
        )
        stolen = upload(device.who, 1600, customer=CANARY)
        part = replace(stolen.partner_orders[0], key=uploads[0].partner_orders[0].key)
        stolen = replace(stolen, partner_orders=(part, stolen.partner_orders[1]), states=())
        assert await oms.results(device, stolen) == [("conflict", "key_taken")]
        await oms.http.get(f"/v1/orders/{CANARY.email}", headers=device.headers)
        await oms.http.get(f"/{CANARY.email}")
        with oms.engine.begin() as connection:
            connection.execute(text("ALTER TABLE partner_order_states RENAME TO gone"))
        last = upload(device.who, 1700, customer=CANARY)
        answer = await oms.http.post("/v1/orders:batch", json=data(last), headers=device.headers)
        assert answer.status_code == 503
    finally:
        structlog.reset_defaults()
    out, err = capsys.readouterr()
    lines = [json.loads(line) for line in err.splitlines()]
    assert {line["event"] for line in lines} >= {"api.refused", "intake.order", "intake.database"}
    assert not [line for line in lines if "dropped" in line]
    with Session(oms.reader) as session:
        trail = "".join(row.model_dump_json() for row in session.exec(select(Audit)).all())
    told = "".join(json.dumps(dict(event.data)) for event in oms.events())
    metrics = (await oms.http.get("/metrics")).text
    for place in (out, err, trail, told, metrics, json.dumps(oms.news()), answer.text):
        for secret in (*SECRETS, device.tokens.access_token, device.tokens.refresh_token):
            assert secret.lower() not in place.lower()
