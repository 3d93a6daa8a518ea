"""Fonts, sounds and icons: what they can write, how long they last, how large they are."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from PIL import Image

ASSETS = Path(__file__).resolve().parents[2] / "assets"
LATIN = (
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    "ÄÖÜäöüßÀÂÆÇÉÈÊËÎÏÔŒÙÛŸàâæçéèêëîïôœùûÿÑñÁÍÓÚáíóú¿¡ÅåØøÆæĄĆĘŁŃŚŹŻąćęłńśźżČĎĚŇŘŠŤŮŽčďěňřšťůžŐőŰűĞİŞğışŢţȘșȚțĂăƠơƯưẠạẾếỆệ"
    "€£$.,:;!?·–—…“”„’‘«»()/+-×%&@#"
)
GREEK = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰΆΈΉΊΌΎΏ"
CYRILLIC = "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюяЁёЄєІіЇїҐґЂђЈјЉљЊњЋћЏџ"
ARABIC = "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيًٌٍَُِّْ٠١٢٣٤٥٦٧٨٩،؛؟پچژگکی"


@pytest.mark.parametrize("name", ["aisle-medium", "aisle-bold", "aisle-extrabold"])
@pytest.mark.parametrize("letters", [LATIN, GREEK, CYRILLIC], ids=["latin", "greek", "cyrillic"])
def test_a_text_font_has_the_letters(name: str, letters: str) -> None:
    with TTFont(ASSETS / "fonts" / f"{name}.ttf") as font:
        assert [c for c in letters if ord(c) not in font.getBestCmap()] == []


@pytest.mark.parametrize("name", ["arabic-regular", "arabic-bold"])
def test_the_arabic_font_has_the_letters(name: str) -> None:
    with TTFont(ASSETS / "fonts" / f"{name}.ttf") as font:
        assert [c for c in ARABIC if ord(c) not in font.getBestCmap()] == []


@pytest.mark.parametrize("name", ["aisle-medium", "aisle-bold", "aisle-extrabold"])
def test_digits_are_equally_wide(name: str) -> None:
    with TTFont(ASSETS / "fonts" / f"{name}.ttf") as font:
        widths = {font["hmtx"][font.getBestCmap()[ord(d)]][0] for d in "0123456789"}
    assert len(widths) == 1


def test_fonts_come_with_their_licence_and_own_names() -> None:
    text = (ASSETS / "fonts" / "LICENSE.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in text
    assert "The Manrope Project Authors" in text
    assert "Google LLC" in text
    with TTFont(ASSETS / "fonts" / "aisle-bold.ttf") as font:
        assert font["name"].getDebugName(4) == "Aisle Bold"
        assert "Manrope" in font["name"].getDebugName(0)


@pytest.mark.parametrize(("name", "milliseconds"), [("found", 245), ("wrong", 320)])
def test_sounds_are_short_and_begin_and_end_in_silence(name: str, milliseconds: int) -> None:
    with wave.open(str(ASSETS / "sounds" / f"{name}.wav"), "rb") as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 22_050)
        assert round(sound.getnframes() / 22.05) == milliseconds
        data = sound.readframes(sound.getnframes())
    levels = [int.from_bytes(data[n : n + 2], "little", signed=True) for n in range(0, len(data), 2)]
    assert abs(levels[0]) < 300
    assert abs(levels[-1]) < 300
    assert 8_000 < max(levels) < 32_767, "loud enough to hear, never clipped"


@pytest.mark.parametrize(("name", "size"), [("icon", 512), ("favicon", 64)])
def test_icons_are_square_with_round_transparent_corners(name: str, size: int) -> None:
    with Image.open(ASSETS / "icons" / f"{name}.png") as icon:
        assert (icon.size, icon.mode) == ((size, size), "RGBA")
        red, green, blue, solid = icon.split()
    corners = [(x, y) for x in (0, size - 1) for y in (0, size - 1)]
    assert [solid.getpixel(at) for at in corners] == [0, 0, 0, 0]
    brand, middle = (size // 2, size // 8), (size // 2, size // 2)
    assert [band.getpixel(brand) for band in (red, green, blue, solid)] == [14, 88, 74, 255]
    assert all(band.getpixel(middle) in (254, 255) for band in (red, green, blue, solid)), "the sign is white"
