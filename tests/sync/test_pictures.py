"""Pictures: one name from the partner's answer to the screen, fetched once, never from anywhere else."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from partners.contract import Capabilities, PartnerRecord
from retail.errors import Misconfigured
from sync.pictures import Pictures, media_type, picture_name

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 30
WEBP = b"RIFF\x1e\x00\x00\x00WEBPVP8 " + b"0" * 14


class Gallery:
    """A partner's picture server: ``files`` by path, and every path it was ``asked`` for."""

    def __init__(self) -> None:
        self.files = {"/pictures/jacket.png": PNG, "/pictures/coat.webp?w=600": WEBP, "/page.html": b"<html>"}
        self.asked: list[str] = []
        gallery = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                gallery.asked.append(self.path)
                content = gallery.files.get(self.path)
                self.send_response(200 if content else 404)
                self.send_header("content-length", str(len(content or b"")))
                self.end_headers()
                self.wfile.write(content or b"")

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def gallery() -> Iterator[Gallery]:
    made = Gallery()
    thread = threading.Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def record(partner: str, endpoint: str, picture_base: str | None = None) -> PartnerRecord:
    return PartnerRecord(
        id=partner,
        name=partner.title(),
        protocol="rest",
        endpoint=endpoint,
        capabilities=Capabilities("A"),
        picture_base=picture_base,
    )


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("http://127.0.0.1:4711/pictures/JK101-0.webp", "north/pictures/JK101-0.webp"),
        ("https://cdn.example/a/b.png?w=600", "north/a/b.png?w=600"),
        ("/pictures/JK101-0.webp", "north/pictures/JK101-0.webp"),
        ("JK101-0.webp", "north/JK101-0.webp"),
        (None, None),
        ("", None),
        ("https://cdn.example", None),
        ("data:image/png;base64,AAAA", None),
        ("javascript:alert(1)", None),
        ("http://[broken/x.png", None),
        ("/" + "x" * 600, None),
    ],
)
def test_a_picture_is_called_by_its_partner_and_path(given: str | None, name: str | None) -> None:
    assert picture_name("north", given) == name


async def test_a_picture_is_fetched_once_and_then_kept(tmp_path: Path, gallery: Gallery) -> None:
    pictures = Pictures(tmp_path / "pictures")
    pictures.adopt(record("north", f"{gallery.url}/api"))
    assert await pictures.get("north/pictures/jacket.png") == (PNG, "image/png")
    assert await pictures.get("north/pictures/coat.webp?w=600") == (WEBP, "image/webp")
    assert await pictures.get("north/pictures/jacket.png") == (PNG, "image/png")
    assert gallery.asked == ["/pictures/jacket.png", "/pictures/coat.webp?w=600"]
    await pictures.aclose()


async def test_a_partner_that_has_moved_keeps_its_pictures(tmp_path: Path, gallery: Gallery) -> None:
    pictures = Pictures(tmp_path)
    pictures.adopt(record("north", gallery.url))
    assert await pictures.get("north/pictures/jacket.png") is not None
    pictures.adopt(record("north", "http://127.0.0.1:9"))
    assert await pictures.get("north/pictures/jacket.png") == (PNG, "image/png")
    await pictures.aclose()


async def test_the_picture_base_goes_before_the_endpoint(tmp_path: Path, gallery: Gallery) -> None:
    pictures = Pictures(tmp_path)
    pictures.adopt(record("north", "http://127.0.0.1:9", picture_base=gallery.url))
    assert await pictures.get("north/pictures/jacket.png") == (PNG, "image/png")
    await pictures.aclose()


@pytest.mark.parametrize(
    "name",
    [
        "",
        "north",
        "north/",
        "nobody/pictures/jacket.png",
        "north/../secret",
        "north/pictures/\njacket.png",
        "north/" + "x" * 600,
    ],
)
async def test_a_name_that_is_none_asks_nobody(tmp_path: Path, gallery: Gallery, name: str) -> None:
    pictures = Pictures(tmp_path)
    pictures.adopt(record("north", gallery.url))
    assert await pictures.get(name) is None
    assert gallery.asked == []
    await pictures.aclose()


@pytest.mark.parametrize("name", ["north/page.html", "north/pictures/none.png", "north//evil.example/x.png"])
async def test_what_is_no_picture_is_neither_shown_nor_kept(
    tmp_path: Path, gallery: Gallery, name: str
) -> None:
    pictures = Pictures(tmp_path)
    pictures.adopt(record("north", gallery.url))
    assert await pictures.get(name) is None
    assert list(tmp_path.iterdir()) == []
    assert len(gallery.asked) == 1, "this partner and nobody else was asked"
    await pictures.aclose()


async def test_the_folder_stays_bounded_and_what_is_used_stays(tmp_path: Path, gallery: Gallery) -> None:
    gallery.files = {f"/{number}.png": PNG for number in range(21)}
    pictures = Pictures(tmp_path, most_files=20)
    pictures.adopt(record("north", gallery.url))
    for number in range(20):
        await pictures.get(f"north/{number}.png")
    for age, file in enumerate(sorted(tmp_path.iterdir())):
        os.utime(file, (1000 + age, 1000 + age))
    await pictures.get("north/0.png")
    await pictures.get("north/20.png")
    assert len(list(tmp_path.iterdir())) == 18
    gallery.asked.clear()
    await pictures.get("north/0.png")
    assert gallery.asked == [], "it was looked at last, so it is the last to go"
    await pictures.aclose()


def test_an_address_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no web address"):
        Pictures(tmp_path).adopt(record("north", "ftp://north.example"))


def test_pictures_are_known_by_their_first_bytes() -> None:
    assert [media_type(each) for each in (PNG, WEBP, b"\xff\xd8\xff\xe0", b"<svg/>", b"")] == [
        "image/png",
        "image/webp",
        "image/jpeg",
        None,
        None,
    ]
