"""Introducing this device to an OMS, from the command line or the demo."""

from __future__ import annotations

import socket
from typing import Any

from retail.errors import Misconfigured, Rejected
from sync.client import enrol, http_client
from sync.facts import Facts
from sync.opening import keystore_of, open_store
from sync.settings import Settings


async def enrol_device(
    settings: Settings, code: str, *, url: str | None = None, name: str | None = None
) -> tuple[dict[str, Any], str]:
    """Enrol with ``code`` at ``url`` (default: the one in the settings or known from before); what to print.

    Raises:
        Misconfigured: no OMS is named, or its URL is unusable.
        Rejected: the code is wrong, used up or too old.
        TemporaryError: the OMS does not answer.
    """
    keystore = keystore_of(settings)
    engine = open_store(settings, keystore)
    facts = Facts(engine)
    target = url or settings.oms or facts.get("oms url")
    if not target:
        raise Misconfigured(
            "No OMS is named. Say which: aisle kiosk enrol CODE --oms https://oms.example.com"
        )
    http = http_client(target)
    try:
        mine = await enrol(http, facts, keystore, code, name or socket.gethostname()[:60])
    except Rejected as error:
        words = (
            "The OMS does not take this code: it is wrong, used or older than 10 minutes. Ask for a new one."
        )
        raise Rejected(error.reason, words) from error
    finally:
        await http.aclose()
    facts.put("oms url", target)
    engine.dispose()
    data = {"device": mine.device, "store": mine.store, "prefix": mine.prefix}
    return (
        data,
        f"This device is {mine.prefix} of store {mine.store}. Its orders will be numbered {mine.prefix}-1001 and so on.",
    )
