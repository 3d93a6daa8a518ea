"""What a partner record says beyond the contract for a Vendure shop."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from partners.contract import PartnerRecord
from retail.address import email_address
from retail.errors import Misconfigured


class Settings(BaseModel):
    """``record.settings`` of a Vendure shop; every one may be left out.

    ``decimals`` is the precision of the shop's money (its MoneyStrategy). ``country`` is where a quote without an
    address goes. ``customer_email`` books every order under one address of ours instead of the customer's own.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None
    channel_token: str | None = None
    language: str | None = None
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = None
    shipping_method: str | None = None
    payment_method: str = "endless-aisle"
    customer_email: str | None = None
    decimals: Annotated[int, Field(ge=0, le=6)] = 2
    sign_in: Literal["password", "api_key"] = "password"

    def query(self) -> dict[str, str]:
        """What goes into every request's address."""
        asked = {"currencyCode": self.currency, "languageCode": self.language}
        return {name: value for name, value in asked.items() if value}

    def headers(self) -> dict[str, str]:
        """What goes into every request's head."""
        return {"vendure-token": self.channel_token} if self.channel_token else {}


def read_settings(record: PartnerRecord) -> Settings:
    """The settings of ``record``; raises Misconfigured naming the first wrong one."""
    try:
        settings = Settings.model_validate(dict(record.settings))
        if settings.customer_email:
            email_address(settings.customer_email)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        raise Misconfigured(f"Setting {name!r} of partner {record.id}: {first['msg']}.") from error
    except ValueError as error:
        raise Misconfigured(f"Setting 'customer_email' of partner {record.id}: {error}") from error
    return settings
