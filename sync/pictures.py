"""Product pictures on the device: fetched once from the partner, checked, kept in a bounded folder.

The kiosk's browser only ever sees pictures from here, never a partner's address.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path

import structlog

from partners.http import HttpClient
from retail.errors import AisleError

MOST_BYTES = 5 * 2**20
MOST_FILES = 20_000
KINDS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
log = structlog.get_logger("sync.pictures")


class Pictures:
    """A folder of pictures by name. ``sources`` maps a partner id to the client of its picture address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.sources: dict[str, HttpClient] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def get(self, name: str) -> tuple[bytes, str] | None:
        """The picture ``name`` ("partner/file") and its media type; None when there is none to be had now."""
        partner, _, file = name.partition("/")
        if partner not in self.sources or not file or "/" in file or ".." in file or len(name) > 300:
            return None
        path = self._folder / f"{hashlib.sha256(name.encode()).hexdigest()}.picture"
        async with self._asking.setdefault(name, asyncio.Lock()):
            content = await asyncio.to_thread(_read, path)
            if content is None:
                content = await self._fetch(partner, file)
                if content is not None:
                    await asyncio.to_thread(self._keep, path, content)
        self._asking.pop(name, None)
        kind = media_type(content) if content else None
        return (content, kind) if content and kind else None

    async def _fetch(self, partner: str, file: str) -> bytes | None:
        try:
            answer = await self.sources[partner].request(
                "GET", f"/{file}", headers={"accept": "image/*"}, deadline=5.0, most_bytes=MOST_BYTES
            )
        except AisleError as error:
            log.info("no picture", partner=partner, why=type(error).__name__)
            return None
        return answer.content if answer.status == 200 and media_type(answer.content) else None

    async def aclose(self) -> None:
        """Close the connections."""
        for source in self.sources.values():
            await source.aclose()

    def _keep(self, path: Path, content: bytes) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(f".{os.getpid()}")
            fresh.write_bytes(content)
            fresh.replace(path)
        except OSError as error:  # a full disk costs the picture, nothing else
            log.warning("picture not kept", why=error.strerror)


def media_type(content: bytes) -> str | None:
    """The kind of picture by its first bytes: JPEG, PNG or WebP; None for anything else."""
    for start, kind in KINDS.items():
        if content.startswith(start):
            return kind
    return "image/webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else None


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
