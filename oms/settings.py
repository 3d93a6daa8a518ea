"""The OMS's settings: the table ``[oms_server]`` of ``aisle.toml`` in the data folder, overridden by AISLE_OMS_*.

No secret is among them: the signing key is a file of its own, a mail server's password comes from the keystore.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from oms.mail import MailSettings
from partners.keystore import Keystore, open_keystore
from retail.errors import Misconfigured

FILE = "aisle.toml"
TABLE = "oms_server"
EMBEDDED = "embedded"
MAIL_PASSWORD = "oms-smtp"  # noqa: S105 - the secret's name in the keystore


class OmsSettings(BaseSettings):
    """What store IT may set.

    ``database`` None is an SQLite file in the data folder; ``broker`` is ``embedded`` or nats:// URLs; ``port`` 0
    is a free one; ``smtp_host`` None sends no mail (it waits); ``store_mail`` says where each store's mails go, ""
    being all others. With ``smtp_user`` the password comes from the keystore (``aisle oms mail-password``), or, where
    there is none and ``secrets_file`` allows it, from a file that only its owner can read.
    """

    model_config = SettingsConfigDict(env_prefix="AISLE_OMS_", extra="forbid", frozen=True)
    data_dir: Path
    database: str | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65535)
    broker: str = EMBEDDED
    key_file: Path | None = None
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    smtp_host: str | None = None
    smtp_port: int = Field(default=25, ge=1, le=65535)
    smtp_security: Literal["plain", "starttls", "tls"] | None = None
    smtp_user: str | None = None
    smtp_authority: Path | None = None
    secrets_file: bool = False
    mail_from: str = "orders@store.example"
    store_mail: dict[str, str] = Field(default_factory=dict)

    @property
    def database_url(self) -> str:
        """The URL of the database."""
        return self.database or f"sqlite:///{self.data_dir / 'oms.db'}"

    @property
    def key_path(self) -> Path:
        """The file whose content signs tokens and proves codes."""
        return self.key_file or self.data_dir / "oms.key"

    @property
    def marker_path(self) -> Path:
        """The file that remembers how far the database was, so that a restored backup is noticed."""
        return self.data_dir / "oms.epoch"

    def keystore(self) -> Keystore:
        """Where this OMS's secrets are. Raises Misconfigured when there is nowhere."""
        return open_keystore(self.data_dir, allow_file=self.secrets_file)

    def mail(self) -> MailSettings | None:
        """How mails are sent; None when they wait. Raises Misconfigured when the password is missing."""
        if self.smtp_host is None:
            return None
        password = self.keystore().get(MAIL_PASSWORD) if self.smtp_user else None
        if self.smtp_user and password is None:
            raise Misconfigured(
                "The mail server's password is not known. Give it with: aisle oms mail-password"
            )
        return MailSettings(
            host=self.smtp_host,
            port=self.smtp_port,
            security=self.smtp_security,
            username=self.smtp_user,
            password=SecretStr(password) if password else None,
            authority=self.smtp_authority,
            sender=self.mail_from,
            stores=self.store_mail,
        )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then the file."""
        given = dict(init_settings())
        folder = Path(given.get("data_dir") or data_dir())
        return (init_settings, env_settings, InitSettingsSource(settings_cls, _table(folder / FILE)))


def data_dir() -> Path:
    """The data folder: AISLE_DATA_DIR, else the user's own for this product."""
    named = os.environ.get("AISLE_DATA_DIR")
    return Path(named) if named else user_data_path("endless-aisle")


def _table(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    found = tomllib.loads(path.read_text(encoding="utf-8")).get(TABLE, {})
    if not isinstance(found, dict):
        raise Misconfigured(f"{path}: write the OMS's settings below [{TABLE}].")
    return found


def load_settings(**given: Any) -> OmsSettings:
    """The settings, read once at start; what is ``given`` and not None wins.

    Raises Misconfigured naming the setting and what is wrong with it.
    """
    kept = {name: value for name, value in given.items() if value is not None}
    kept.setdefault("data_dir", data_dir())
    place = f"{Path(kept['data_dir']) / FILE} [{TABLE}] or AISLE_OMS_..."
    try:
        return OmsSettings(**kept)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, found['loc']))}: {found['msg']}" for found in error.errors())
        raise Misconfigured(f"The OMS's settings ({place}) are not right: {wrong}") from error
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"{Path(kept['data_dir']) / FILE} is not valid TOML: {error}") from error
    except OSError as error:
        raise Misconfigured(f"{Path(kept['data_dir']) / FILE} cannot be read: {error.strerror}") from error
