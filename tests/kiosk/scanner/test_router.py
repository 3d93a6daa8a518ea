"""One way in: every source gives the same codes, and none twice in a row."""

from __future__ import annotations

from datetime import date

import pytest

from kiosk.scanner import read_codes
from kiosk.scanner.router import Router, Source
from retail.codes import Code, UnreadableCode
from retail.gtin import Gtin, InvalidGtin
from tests.kiosk.scanner.drawn import Kind, bars, scene

PEN = Gtin("04006381333931")


@pytest.fixture
def handed() -> list[tuple[str, Source]]:
    """Return what came out, in order."""
    return []


@pytest.fixture
def router(handed: list[tuple[str, Source]]) -> Router:
    """Give a router that writes down what it hands on."""

    def note(code: Code, source: Source) -> None:
        handed.append((code.key, source))

    return Router(note)


def test_every_source_ends_in_the_same_code(router: Router, handed: list[tuple[str, Source]]) -> None:
    router.route("4006381333931", "camera", 0, "EAN-13")
    router.route("(01)04006381333931(10)A", "wedge", 10)
    router.route("4006381 333931", "typed", 20)
    router.route("https://id.gs1.org/01/04006381333931", "file", 30, "QR")
    assert handed == [(PEN, "camera"), (PEN, "wedge"), (PEN, "typed"), (PEN, "file")]
    assert router.counts == {"camera": 1, "wedge": 1, "typed": 1, "file": 1}


def test_the_same_code_is_held_back_for_one_and_a_half_seconds(
    router: Router, handed: list[tuple[str, Source]]
) -> None:
    assert router.route("4006381333931", "camera", 0.0) is not None
    assert router.route("(01)04006381333931", "wedge", 1.49) is None
    assert router.route("AB-12", "wedge", 1.49) is not None
    assert router.route("4006381333931", "typed", 1.5) is not None
    assert handed == [(PEN, "camera"), ("AB-12", "wedge"), (PEN, "typed")]
    assert (router.counts.total(), router.repeats) == (3, 1)


def test_what_cannot_be_read_is_told_and_not_handed_on(
    router: Router, handed: list[tuple[str, Source]]
) -> None:
    with pytest.raises(InvalidGtin):
        router.route("4006381333932", "typed", 0)
    with pytest.raises(UnreadableCode):
        router.route("", "wedge", 0)
    assert (handed, router.counts.total(), router.repeats) == ([], 0, 0)


def test_another_customer_may_scan_the_same_at_once(router: Router, handed: list[tuple[str, Source]]) -> None:
    router.route("AB-12", "wedge", 0)
    router.reset()
    router.route("AB-12", "wedge", 0.5)
    assert handed == [("AB-12", "wedge")] * 2


GS1 = "(01)04006381333931(17)251231(10)A1"
LINK = "https://id.gs1.org/01/04006381333931/10/A1?17=251231"


@pytest.mark.parametrize(
    ("kind", "text", "gs1", "key"),
    [
        (Kind.EAN13, "4006381333931", False, PEN),
        (Kind.EAN8, "96385074", False, "00000096385074"),
        (Kind.UPCA, "036000291452", False, "00036000291452"),
        (Kind.UPCE, "04252614", False, "00042100005264"),
        (Kind.ITF14, "14006381333938", False, "14006381333938"),
        (Kind.Code128, "AB-12/x", False, "AB-12/x"),
        (Kind.Code128, GS1, True, PEN),
        (Kind.DataBarOmni, "04006381333931", False, PEN),
        (Kind.DataBarStk, "04006381333931", False, PEN),
        (Kind.DataBarStkOmni, "04006381333931", False, PEN),
        (Kind.DataBarLtd, "04006381333931", False, PEN),
        (Kind.DataBarExp, GS1, True, PEN),
        (Kind.DataBarExpStk, GS1, True, PEN),
        (Kind.QRCode, GS1, True, PEN),
        (Kind.QRCode, LINK, False, PEN),
        (Kind.DataMatrix, GS1, True, PEN),
        (Kind.DataMatrix, LINK, False, PEN),
        (Kind.QRCode, "AB-12/x", False, "AB-12/x"),
    ],
)
def test_every_kind_of_bars_ends_in_its_product(
    router: Router, handed: list[tuple[str, Source]], kind: Kind, text: str, gs1: bool, key: str
) -> None:
    drawn = bars(text, kind, scale=4, gs1=gs1)
    rows, columns = drawn.shape[:2]
    [made] = read_codes(scene((drawn, 40, 40), size=(rows + 80, columns + 80)))
    code = router.route(made.text, "camera", 0.0, made.symbology)
    assert handed == [(key, "camera")]
    if gs1 or text == LINK:
        assert code is not None
        assert (code.lot, code.expiry) == ("A1", date(2025, 12, 31))
