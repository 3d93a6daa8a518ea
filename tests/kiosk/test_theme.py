"""Every pair of colours that is used together can be read: WCAG AA, in both themes."""

from __future__ import annotations

import pytest

from kiosk.theme import DARK, LIGHT, TYPE, Attraction, Palette

GROUNDS = ("bg", "surface", "fill")
TEXT = [(ink, ground) for ink in ("ink", "ink2") for ground in GROUNDS] + [
    ("on_primary", "primary"),
    ("on_soft", "soft"),
    ("ink", "soft"),
    ("ink2", "soft"),
    ("on_accent", "accent"),
    ("primary", "bg"),
    ("primary", "surface"),
    *((tone, f"{tone}_bg") for tone in ("good", "warn", "bad", "info")),
    *((tone, "surface") for tone in ("good", "warn", "bad", "info")),
]
EDGES = [("border", ground) for ground in ("bg", "surface")] + [("primary", "surface"), ("primary", "soft")]


def luminance(colour: str) -> float:
    """WCAG relative luminance of #rrggbb."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG contrast, 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_black_on_white_is_21() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read(palette: Palette, ink: str, ground: str) -> None:
    assert contrast(getattr(palette, ink), getattr(palette, ground)) >= 4.5


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_edges_that_mean_something_can_be_seen(palette: Palette, edge: str, ground: str) -> None:
    assert contrast(getattr(palette, edge), getattr(palette, ground)) >= 3


@pytest.mark.parametrize("ground", [Attraction.DEEP, Attraction.MID])
@pytest.mark.parametrize("ink", [Attraction.PAPER, Attraction.SOFT])
def test_the_idle_screen_can_be_read(ink: str, ground: str) -> None:
    assert contrast(ink, ground) >= 4.5


def test_the_idle_screens_large_and_small_accents_can_be_read() -> None:
    assert contrast(Attraction.ON_CORAL, Attraction.CORAL) >= 4.5
    assert contrast(Attraction.DEEP, Attraction.PAPER) >= 4.5
    assert min(contrast(Attraction.WARM, ground) for ground in (Attraction.DEEP, Attraction.MID)) >= 3
    assert min(contrast(Attraction.FAINT, ground) for ground in (Attraction.DEEP, Attraction.MID)) >= 3


def test_no_type_is_smaller_than_16() -> None:
    assert min(size for size, *_ in TYPE.values()) == 16
