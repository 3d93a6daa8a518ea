"""Opening a device: its folder, its key, its store, its catalogue and the partners it may ask."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Engine

from partners.contract import PartnerRecord
from partners.keystore import Keystore, open_keystore
from partners.records import load_records
from partners.registry import Partner, open_partner
from retail.errors import Misconfigured
from sync.catalogue import Shelf
from sync.catalogue.losses import put_aside
from sync.client import http_client
from sync.device import Device
from sync.facts import Facts
from sync.settings import Settings
from sync.store.engine import KEY_BYTES, open_engine
from sync.store.schema import migrate

KEY_NAME = "device-store-key"
CATALOGUE_CACHE = 32  # MB of its file in memory: a search jumps about in it


def folder_of(settings: Settings) -> Path:
    """Where a device keeps its files, under the data folder."""
    return settings.data_dir / "kiosk"


def keystore_of(settings: Settings) -> Keystore:
    """The device's keystore; raises Misconfigured with what to do when there is none."""
    return open_keystore(folder_of(settings), allow_file=settings.key_file)


def open_store(settings: Settings, keystore: Keystore) -> Engine:
    """The device's encrypted store at the newest schema.

    A key is made only together with a new file: an existing file without its key is refused, never replaced.

    Raises:
        Misconfigured: the key is missing or does not fit, or the store is newer than this program.
        StoreUnavailable: the folder cannot be written.
    """
    path = folder_of(settings) / "orders.db"
    engine = open_engine(path, _key(keystore, path))
    migrate(engine)
    return engine


def open_shelf(settings: Settings, keystore: Keystore) -> Shelf:
    """The remembered catalogue. It can be loaded again, so its commits need not wait for the disk.

    For the same reason one that cannot be read is begun anew; the old one is put aside, see ``catalogue.losses``.
    """
    path = folder_of(settings) / "catalogue.db"
    key = _key(keystore, path)

    def opened() -> Engine:
        return open_engine(path, key, synchronous="NORMAL", cache_mb=CATALOGUE_CACHE, waits=False)

    engine = None
    with suppress(Misconfigured):
        engine = opened()
    if engine is None:
        put_aside(path)
        engine = opened()
    return Shelf(engine, settings.currency)


def open_device(settings: Settings) -> Device:
    """The device of ``settings``, ready for use; nothing runs in the background yet.

    Raises as ``open_store``, and Misconfigured when the file of partner records cannot be used.
    """
    keystore = keystore_of(settings)
    engine = open_store(settings, keystore)
    shelf = open_shelf(settings, keystore)

    def opener(record: PartnerRecord) -> Partner:
        return open_partner(record, keystore.get(record.credential) if record.credential else None)

    url = settings.oms or Facts(engine).get("oms url")
    local = load_records(settings.partners) if settings.partners else ()
    return Device(settings, engine, shelf, keystore, local, opener, http_client(url) if url else None)


def _key(keystore: Keystore, path: Path) -> bytes:
    found = keystore.get(KEY_NAME)
    if found is None:
        if path.exists() and path.stat().st_size:
            raise Misconfigured(
                f"The keystore has no key for {path}. Restore the key, or move the file away to start with an empty store."
            )
        found = keystore.add(KEY_NAME, secrets.token_hex(KEY_BYTES))
    return bytes.fromhex(found)
