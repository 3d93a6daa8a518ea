"""Texts that somebody may put into bars to do harm, and a watch on what reading them does to the outside.

A seed gives the same texts on every machine, so that one that did harm can be had again.
"""

from __future__ import annotations

import random
import string
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

SYMBOLOGIES = (
    None,
    "EAN-13",
    "EAN-8",
    "UPC-A",
    "UPC-E",
    "ITF-14",
    "Code 128",
    "GS1-128",
    "GS1 DataBar",
    "QR",
    "GS1 QR",
    "Data Matrix",
    "GS1 Data Matrix",
    "nonsense",
)
GOOD = (
    "4006381333931",
    "04252614",
    "0104006381333931172512311012\x1d21A7",
    "]C10104006381333931172512311012\x1d21A7",
    "(01)04006381333931(17)251231(10)12(21)A7",
    "https://id.gs1.org/01/04006381333931/10/AB%2F1/21/77?17=251231",
    "HTTPS://SHOP.EXAMPLE/A/B/01/4006381333931/",
    "978020137962451299",
)
BAIT = (
    "http://127.0.0.1:1/01/04006381333931",
    "http://169.254.169.254/latest/meta-data/01/04006381333931",
    "file:///etc/passwd",
    "ftp://127.0.0.1/01/04006381333931",
    "javascript:fetch('http://127.0.0.1:1')",
    "data:text/html,<script>1</script>",
    "\\\\127.0.0.1\\share\\x",
    "WIFI:T:WPA;S:net;P:secret;;",
    "BEGIN:VCARD\nURL:http://127.0.0.1:1\nEND:VCARD",
    "'; DROP TABLE orders; --",
    '" OR "a"="a',
    "x' UNION SELECT sql FROM sqlite_master --",
    '"shoe" NEAR/2 "lamp" OR name:*',
    'AND OR NOT ( " * ^ : -',
    "<script src=http://127.0.0.1:1/x.js></script>",
    "<img src=x onerror=alert(1)>",
    "{{7*7}}${7*7}#{7*7}<%= 7*7 %>",
    "%s%s%n%x %(a)s {0.__class__} {}",
    "${jndi:ldap://127.0.0.1:1/a}",
    "$(touch /tmp/x) `touch /tmp/x` | touch /tmp/x",
    "../../../../etc/passwd\x00.png",
    "\x1b]0;title\x07\x1b[2J\r\n\x00\x08\x7f",
    "\u202egnp.exe\u2066\u200b\ufeff\u2028\u2029",
    "=cmd|' /C calc'!A0",
    "http://[::1]:1/01/04006381333931?x=[",
    "http://user:pw@127.0.0.1:1/01/04006381333931",
    "https://xn--/01/04006381333931",
    "https://" + "a." * 120 + "example/01/04006381333931",
    "4111 1111 1111 1111",
    "\ud800\udfff",
    "\U0001f600\u0301\u20e3" * 20,
)
ALPHABETS = (
    string.digits,
    string.digits + " -",
    string.digits + "()\x1d",
    string.printable,
    "%0123456789abcdefABCDEF/",
    "(){}[]<>'\"\\;:&|%$#@!?=",
    "".join(map(chr, range(0x20))),
    "\u0660\u0669\u0966\u096f\uff10\uff19\u00b2\u2460",
    "e\u0301\u0327\u034f\u200d\ufe0f\u202e\u2067",
)


def texts(count: int, seed: int = 1) -> Iterator[tuple[str, str | None]]:
    """Yield ``count`` hostile texts, each with the kind of bars that it is said to come from."""
    rng = random.Random(seed)
    makers = (_bytes, _run, _code_points, _broken, _element_string, _link, _nested, _bait, _long)
    for number in range(count):
        yield makers[number % len(makers)](rng), rng.choice(SYMBOLOGIES)


def _bytes(rng: random.Random) -> str:
    return rng.randbytes(rng.randrange(200)).decode(rng.choice(("latin-1", "utf-8", "utf-16-le")), "replace")


def _run(rng: random.Random) -> str:
    return "".join(rng.choices(rng.choice(ALPHABETS), k=rng.randrange(1, 520)))


def _code_points(rng: random.Random) -> str:
    return "".join(chr(rng.randrange(0x110000)) for _ in range(rng.randrange(60)))


def _broken(rng: random.Random) -> str:
    """A good code with some of its characters changed, doubled, left out or swapped."""
    text = list(rng.choice(GOOD))
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(text) + 1)
        match rng.randrange(4):
            case 0:
                text[at:at] = rng.choice((*"0123456789()/%?=&\x1d", chr(rng.randrange(0x300))))
            case 1:
                del text[at : at + rng.randrange(1, 4)]
            case 2:
                text[at:at] = text[: rng.randrange(40)]
            case _:
                text[at : at + 2] = text[at : at + 2][::-1]
    return "".join(text)


def _element_string(rng: random.Random) -> str:
    """Identifiers that exist and others, with values of any length, in or without brackets."""
    parts = []
    for _ in range(rng.randrange(1, 40)):
        identifier = rng.choice(
            ("01", "02", "10", "17", "21", "37", "3103", "3929", "8006", "7007", "703", "99")
        )
        if rng.random() < 0.2:
            identifier = str(rng.randrange(10_000))
        value = "".join(
            rng.choices(string.digits if rng.random() < 0.7 else string.printable, k=rng.randrange(1, 22))
        )
        parts.append((identifier, value))
    if rng.random() < 0.5:
        parts.insert(rng.randrange(len(parts) + 1), ("01", "04006381333931"))
    if rng.random() < 0.5:
        return "".join(f"({identifier}){value}" for identifier, value in parts)
    start = rng.choice(("", "\x1d", "]C1", "]d2", "]Q3", "]e0"))
    return start + rng.choice(("\x1d", "")).join(identifier + value for identifier, value in parts)


def _link(rng: random.Random) -> str:
    scheme = rng.choice(("http://", "https://", "HTTPS://", "ftp://", "//", ""))
    host = rng.choice(
        ("127.0.0.1:1", "[::1]:1", "localhost", "id.gs1.org", "a@b", "..", "", "x" * 300, "\u0430.example")
    )
    path = "/".join(
        rng.choice(
            ("01", "gtin", "10", "21", "..", "", "%2e%2e", "04006381333931", "4006381333931", "%00", "8006")
        )
        for _ in range(rng.randrange(1, 60))
    )
    query = "&".join(
        f"{rng.choice(('17', '10', '3103', 'linkType', '', '%31%30'))}={rng.choice(('251231', '999999', '%1d', ''))}"
        for _ in range(rng.randrange(20))
    )
    return f"{scheme}{host}/{path}?{query}#{path[:10]}"


def _nested(rng: random.Random) -> str:
    """Something harmful, percent-encoded several times over."""
    text = rng.choice(BAIT)[:30]
    for _ in range(rng.randrange(1, 5)):
        text = quote(text, safe="", errors="replace")
    return f"https://id.gs1.org/01/04006381333931/10/{text}"[: rng.randrange(40, 600)]


def _bait(rng: random.Random) -> str:
    bait = rng.choice(BAIT)
    match rng.randrange(4):
        case 0:
            return bait
        case 1:
            return bait + rng.choice(BAIT)
        case 2:
            return f"(01)04006381333931(10){bait}"
        case _:
            return f"0104006381333931{rng.choice(('10', '21', '240'))}{bait}"


def _long(rng: random.Random) -> str:
    unit = rng.choice(
        ("1 ", "1-", "0", "(01)", "()", "\x1d", "%", "/01/", "a", "\u0301", "\u202e", "10A\x1d", ". ", "01")
    )
    return (unit * 600)[
        : rng.choice((500, 511, 512, 513, 600, 1200, 100_000 if rng.random() < 0.01 else 512))
    ]


TOUCHES = (
    "socket.",
    "open",
    "subprocess.",
    "os.",
    "shutil.",
    "exec",
    "compile",
    "import",
    "urllib.",
    "http.",
    "webbrowser.",
    "sqlite3.",
    "ctypes.",
)
_seen: list[str] = []
_watching = False
_hooked = False


def _watch(event: str, args: tuple[object, ...]) -> None:
    if _watching and event.startswith(TOUCHES):
        _seen.append(event)


@contextmanager
def watched() -> Iterator[list[str]]:
    """Every attempt within the block to reach a network, a file, another program or more code, by its audit event.

    Python's audit hooks cannot be taken off again; ours sleeps outside the block. Blocks are not nested.
    """
    global _hooked, _watching
    if not _hooked:
        sys.addaudithook(_watch)
        _hooked = True
    _seen.clear()
    _watching = True
    try:
        yield _seen
    finally:
        _watching = False
