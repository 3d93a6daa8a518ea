"""``aisle scan IMAGE|FOLDER|CODE|- ...``: what is on each picture, and what each typed code is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from kiosk.scanner.blurred.known import KnownCodes
from kiosk.scanner.blurred.prior import Matcher
from kiosk.scanner.formats import MOST_BYTES, UnreadableImage, decode_image, load_image
from kiosk.scanner.live import Proposal
from kiosk.scanner.read import read_codes
from kiosk.scanner.reading import Corners, Picture, Reading
from retail.codes import Code, UnreadableCode, own_code, read_code
from retail.gtin import InvalidGtin
from sync.catalogue import Shelf

PICTURES = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".avif", ".pdf"}
)
UNREAD = (
    "No code could be read. Hold it flat, close and in good light, take a new picture, or type the digits."
)
TYPED: dict[str, Any] = {
    "symbology": "typed",
    "reader": None,
    "corners": None,
    "size": None,
    "place": None,
}
THIRDS = (
    ("top left", "at the top", "top right"),
    ("on the left", "in the middle", "on the right"),
    ("bottom left", "at the bottom", "bottom right"),
)


class Catalogue(Protocol):
    """What a catalogue adds to what is read."""

    def guess(self, picture: Picture) -> Proposal | None:
        """Which known product a picture's unreadable bars may belong to."""
        ...

    def names(self, code: Code) -> Sequence[str]:
        """What the products are called that a code may stand for; none when it is not known."""
        ...


class Remembered:
    """The catalogue that this device remembers. Its product numbers are read once, for the first guess."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._matcher: Matcher | None = None

    def guess(self, picture: Picture) -> Proposal | None:
        """As ``Catalogue``; each picture for itself."""
        if self._matcher is None:
            self._matcher = Matcher(KnownCodes.of(self._shelf.gtins()))
        self._matcher.reset()
        return self._matcher.offer(picture)

    def names(self, code: Code) -> Sequence[str]:
        """As ``Catalogue``; the store's own codes and the partners' are known, too."""
        products: dict[str, str] = {}
        for offer in self._shelf.by_code(code):
            products.setdefault(offer.product, offer.name)
        return list(products.values())


def scan_files(
    given: Sequence[str], *, piped: BinaryIO | None = None, catalogue: Catalogue | None = None
) -> Iterator[dict[str, Any]]:
    """Yield one object per code read, or one with ``error`` for an input that gave none; in the order given.

    A code: ``input``, ``gtin14`` (None for a store's own code), ``symbology`` ("typed" for a typed one), ``text``,
    ``reader``, ``corners`` (four [x, y]), ``size`` ([columns, rows] of the picture in the same pixels: it is turned
    upright, and a very large one is looked at in a smaller form) and ``place`` (where that is, in words); the last
    four are None for a typed one. With a ``catalogue`` also the product's ``name``, where it knows it, or ``names`` where the code
    stands for several. An error is ``no_picture``, ``unread`` or ``wrong_code``, its ``message`` says why and what to
    do. A wrong code that was read from a picture has its place and reader, too; with a ``catalogue`` what is unread
    may have ``could_be``: the GTIN that its bars may be, with its ``name``. Of a folder it is every picture in it; "-" is a picture on
    ``piped``.
    """
    for one in given:
        if one == "-" and piped is not None:
            yield from _on_picture(one, partial(_load, piped), catalogue)
            continue
        path = _path(one)
        if path is None:
            yield from _typed(one, catalogue)
            continue
        try:
            pictures = _pictures(path)
        except OSError as error:
            yield _refused(one, "no_picture", f"{path.name} cannot be opened: {error.strerror}.")
            continue
        if pictures == []:
            yield _refused(one, "no_picture", f"There are no pictures in the folder {path.name}.")
        for picture in [path] if pictures is None else pictures:
            shown = one if pictures is None else str(picture)
            yield from _on_picture(shown, partial(load_image, picture), catalogue)


def in_words(found: dict[str, Any]) -> str:
    """One object of ``scan_files`` as a line for people: what, where on the picture, and who read it."""
    given = _printable(found["input"])
    if "error" in found:
        could_be = f" It could be {found['could_be']}" if found.get("could_be") else ""
        if could_be:
            could_be += f", {found['name']}: is it this one?" if found.get("name") else ": is it this one?"
        where = f" ({', '.join([found['symbology'], *_seen(found)])})" if "place" in found else ""
        return f"{given}: {_printable(found['message'])}{could_be}{where}"
    what = f"{given}: {found['text']}"
    if found.get("name"):
        what += f", {found['name']}"
    elif found.get("names"):
        what += f", one of these: {' / '.join(found['names'])}"
    how = [found["symbology"]]
    if found["gtin14"] and found["gtin14"] != found["text"]:
        how.append(f"product number {found['gtin14']}")
    if not found["gtin14"] and not found.keys() & {"name", "names"}:
        how.append("no product number")
    return f"{what}  ({', '.join(how + _seen(found))})"


def _seen(found: dict[str, Any]) -> list[str]:
    return [f"{found['place']} of the picture", f"read by {found['reader']}"] if found["place"] else []


def _path(given: str) -> Path | None:
    """Return the file that is meant, None when it is a code: what exists or is named like a picture is a file."""
    if "://" in given or "\0" in given or not given.strip():  # an empty path would be this folder
        return None
    path = Path(given)
    try:
        if path.exists():
            return path
    except OSError:  # longer than a name can be
        return None
    meant = path.suffix.lower() in PICTURES or given.startswith(("/", "./", "../", "~"))
    return path if meant else None


def _pictures(path: Path) -> list[Path] | None:
    """The pictures in a folder, by name; None when ``path`` is none."""
    if not path.is_dir():
        return None
    return sorted(found for found in path.iterdir() if found.suffix.lower() in PICTURES and found.is_file())


def _load(piped: BinaryIO) -> Picture:
    return decode_image(piped.read(MOST_BYTES + 1), "What came in")


def _typed(given: str, catalogue: Catalogue | None) -> Iterator[dict[str, Any]]:
    try:
        code = read_code(given)
    except InvalidGtin as error:
        code = own_code(given)
        if catalogue is None or not catalogue.names(code):
            yield _refused(given, "wrong_code", str(error))
            return
    except UnreadableCode as error:
        yield _refused(given, "wrong_code", str(error))
        return
    yield _found(given, code, TYPED, catalogue)


def _on_picture(
    given: str, load: Callable[[], Picture], catalogue: Catalogue | None
) -> Iterator[dict[str, Any]]:
    try:
        picture = load()
    except UnreadableImage as error:
        yield _refused(given, "no_picture", str(error))
        return
    refused, read = None, 0
    for made in read_codes(picture):
        where = _where(made, picture)
        try:
            code = read_code(made.text, made.symbology)
        except ValueError as error:
            refused = _refused(given, "wrong_code", str(error)) | where
            continue
        read += 1
        yield _found(given, code, where, catalogue)
    if refused is not None and not read:
        yield refused
    elif not read:
        proposal = catalogue.guess(picture) if catalogue is not None else None
        yield _refused(given, "unread", UNREAD) | (_proposed(proposal, catalogue) if proposal else {})


def _proposed(proposal: Proposal, catalogue: Catalogue | None) -> dict[str, Any]:
    gtin = proposal.gtin
    return {"could_be": str(gtin)} | _called(Code(gtin, gtin, "gtin"), catalogue)


def _where(made: Reading, picture: Picture) -> dict[str, Any]:
    return {
        "symbology": made.symbology,
        "reader": made.reader,
        "corners": [list(corner) for corner in made.corners],
        "size": [picture.shape[1], picture.shape[0]],
        "place": _place(made.corners, picture),
    }


def _place(corners: Corners, picture: Picture) -> str:
    """In which ninth of the picture the middle of a code lies."""
    rows, columns = picture.shape[:2]
    x, y = (sum(values) / len(corners) for values in zip(*corners, strict=True))
    row, column = (min(2, max(0, int(3 * at / size))) for at, size in ((y, rows), (x, columns)))
    return THIRDS[row][column]


def _found(given: str, code: Code, where: dict[str, Any], catalogue: Catalogue | None) -> dict[str, Any]:
    found = {"input": given, "gtin14": code.gtin, "symbology": "", "text": code.text} | where
    return found | _called(code, catalogue)


def _called(code: Code, catalogue: Catalogue | None) -> dict[str, Any]:
    names = list(catalogue.names(code)) if catalogue is not None else []
    return {"names": names} if len(names) > 1 else {"name": names[0]} if names else {}


def _refused(given: str, error: str, message: str) -> dict[str, Any]:
    return {"input": given, "error": error, "message": message}


def _printable(text: str) -> str:
    """``text`` on one line: a file's name may have in it what would move a terminal's cursor."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)
