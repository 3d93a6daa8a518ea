"""The device's settings: ``aisle.toml`` in the data folder, overridden by ``AISLE_*`` variables. Never a secret."""

from __future__ import annotations

import os
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

from platformdirs import user_data_path
from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from retail.errors import Misconfigured

FILE = "aisle.toml"


class Settings(BaseSettings):
    """What store IT may set. Times are in seconds; ``oms`` is the OMS's URL, None for a device on its own."""

    model_config = SettingsConfigDict(env_prefix="AISLE_", extra="ignore", frozen=True)
    data_dir: Path
    partners: Path | None = None
    oms: str | None = None
    key_file: bool = False
    store_name: str = "Our store"
    currency: str = Field(default="EUR", pattern="^[A-Z]{3}$")
    country: str = Field(default="DE", pattern="^[A-Z]{2}$")
    language: str = "en"
    camera: str = "0"
    scanner_prefix: str = ""
    scanner_suffix: str = ""
    follow_seconds: float = Field(default=300.0, gt=0)
    exchange_seconds: float = Field(default=5.0, gt=0)
    catalogue_seconds: float = Field(default=1800.0, gt=0)
    fresh_seconds: float = Field(default=900.0, gt=0)
    quote_seconds: float = Field(default=900.0, gt=0)

    @property
    def fresh(self) -> timedelta:
        """How long a price is believed."""
        return timedelta(seconds=self.fresh_seconds)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then ``aisle.toml``."""
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, data_dir() / FILE))


def data_dir() -> Path:
    """The data folder: AISLE_DATA_DIR, else the user's own for this product."""
    named = os.environ.get("AISLE_DATA_DIR")
    return Path(named) if named else user_data_path("endless-aisle")


def load_settings(**given: Any) -> Settings:
    """The settings, read once at start.

    Raises Misconfigured naming the file or variable and what is wrong with it.
    """
    try:
        return Settings(data_dir=data_dir(), **given)
    except ValidationError as error:
        places = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise Misconfigured(
            f"The settings ({data_dir() / FILE} or AISLE_...) are not right: {places}"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"{data_dir() / FILE} is not valid TOML: {error}") from error
    except OSError as error:
        raise Misconfigured(f"{data_dir() / FILE} cannot be read: {error.strerror}") from error
