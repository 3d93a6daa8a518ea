"""Which adapter speaks which protocol: the only list of them, and the only door to a partner."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

import httpx

from partners.contract import Catalogue, Ordering, PartnerRecord
from retail.errors import Misconfigured

# Loaded when first needed, so that a kiosk without Vendure partners never imports that adapter.
PROTOCOLS = {
    "rest": "partners.rest.adapter:RestPartner",
    "vendure": "partners.vendure.adapter:VendurePartner",
}


class Partner(Catalogue, Ordering, Protocol):
    """An open partner, for looking and for buying; close it when done."""

    async def aclose(self) -> None:
        """Close its connections."""
        ...


class Adapter(Protocol):
    """How every adapter's class is called; ``secret`` is what the keystore holds under the record's name."""

    def __call__(
        self, record: PartnerRecord, secret: str | None, transport: httpx.AsyncBaseTransport | None = None
    ) -> Partner: ...


def open_partner(
    record: PartnerRecord, secret: str | None, *, transport: httpx.AsyncBaseTransport | None = None
) -> Partner:
    """The partner that ``record`` describes; nothing is sent yet.

    Raises Misconfigured, saying what to mend, when the record cannot be used or its secret is missing.
    """
    if record.credential and not secret:
        raise Misconfigured(
            f"The key of partner {record.id} is not on this machine. "
            f"Store it in the keystore under the name {record.credential!r}."
        )
    return adapter(record.protocol)(record, secret, transport)


def adapter(protocol: str) -> Adapter:
    """The adapter class for ``protocol``; raises Misconfigured when there is none."""
    if protocol not in PROTOCOLS:
        raise Misconfigured(f"{protocol!r} is no protocol of ours; there are {', '.join(PROTOCOLS)}.")
    module, _, name = PROTOCOLS[protocol].partition(":")
    return cast("Adapter", getattr(import_module(module), name))
