"""Product pictures on the device: fetched once from the partner, checked, kept in a bounded folder.

A picture is called "partner/path" here: the partner's address without its host. So a name stays right when a partner
moves to another host, a picture is only ever asked of the partner it came from, and the kiosk's browser never sees
a partner's address.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from partners.contract import PartnerRecord
from partners.http import HttpClient
from retail.errors import AisleError, Misconfigured

LONGEST_NAME = 500
MOST_BYTES = 5 * 2**20
MOST_FILES = 20_000
KINDS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
log = structlog.get_logger("sync.pictures")


def picture_name(partner: str, picture: str | None) -> str | None:
    """How this device calls what ``partner`` gave as a picture's address or path; None when that cannot be one."""
    try:
        parts = urlsplit(picture or "")
    except ValueError:
        return None
    path = parts.path.lstrip("/") + (f"?{parts.query}" if parts.query else "")
    name = f"{partner}/{path}"
    if parts.scheme not in ("", "http", "https") or not path or len(name) > LONGEST_NAME:
        return None
    return name


class Pictures:
    """A folder of pictures by name; ``most_files`` is how many it keeps, the longest unused go first."""

    def __init__(self, folder: Path, *, most_files: int = MOST_FILES) -> None:
        self._folder = folder
        self._most_files = most_files
        self._kept: int | None = None
        self._sources: dict[str, HttpClient] = {}
        self._left: list[HttpClient] = []
        self._asking: dict[str, asyncio.Lock] = {}

    def adopt(self, record: PartnerRecord) -> None:
        """Take pictures of this partner from where its record says: its picture base, else its endpoint.

        Raises Misconfigured when that is no address.
        """
        address = record.picture_base or record.endpoint
        try:
            parts = urlsplit(address)
        except ValueError as error:
            raise Misconfigured(f"{address!r} is no web address.") from error
        fresh = HttpClient(f"{parts.scheme}://{parts.netloc}")
        if record.id in self._sources:  # somebody may still be waiting for its answer
            self._left.append(self._sources[record.id])
        self._sources[record.id] = fresh

    async def get(self, name: str) -> tuple[bytes, str] | None:
        """The picture called ``name`` and its media type; None when there is none to be had now."""
        partner, _, path = name.partition("/")
        if partner not in self._sources or not path or len(name) > LONGEST_NAME:
            return None
        if ".." in path or not name.isprintable():
            return None
        file = self._folder / f"{hashlib.sha256(name.encode()).hexdigest()}.picture"
        async with self._asking.setdefault(name, asyncio.Lock()):
            content = await asyncio.to_thread(_read, file)
            if content is None:
                content = await self._fetch(partner, path)
                if content is not None:
                    await asyncio.to_thread(self._keep, file, content)
        self._asking.pop(name, None)
        kind = media_type(content) if content else None
        return (content, kind) if content and kind else None

    async def _fetch(self, partner: str, path: str) -> bytes | None:
        try:
            answer = await self._sources[partner].request(
                "GET", path, headers={"accept": "image/*"}, deadline=5.0, most_bytes=MOST_BYTES
            )
        except AisleError as error:
            log.info("no picture", partner=partner, why=type(error).__name__)
            return None
        return answer.content if answer.status == 200 and media_type(answer.content) else None

    async def aclose(self) -> None:
        """Close the connections."""
        for source in (*self._sources.values(), *self._left):
            await source.aclose()

    def _keep(self, file: Path, content: bytes) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh = file.with_suffix(f".{os.getpid()}")
            fresh.write_bytes(content)
            fresh.replace(file)
            self._bound()
        except OSError as error:  # a full disk costs the picture, nothing else
            log.warning("picture not kept", why=error.strerror)

    def _bound(self) -> None:
        """Drop a tenth of the pictures, those written or read longest ago, when there are too many."""
        self._kept = None if self._kept is None else self._kept + 1
        if self._kept is not None and self._kept <= self._most_files:
            return
        files = sorted(self._folder.glob("*.picture"), key=lambda file: file.stat().st_mtime)
        self._kept = len(files)
        if self._kept > self._most_files:
            for file in files[: len(files) - self._most_files * 9 // 10]:
                file.unlink(missing_ok=True)
                self._kept -= 1


def media_type(content: bytes) -> str | None:
    """The kind of picture by its first bytes: JPEG, PNG or WebP; None for anything else."""
    for start, kind in KINDS.items():
        if content.startswith(start):
            return kind
    return "image/webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else None


def _read(file: Path) -> bytes | None:
    try:
        content = file.read_bytes()
        os.utime(file)  # so that the pictures in use are the last to go
    except OSError:
        return None
    return content
