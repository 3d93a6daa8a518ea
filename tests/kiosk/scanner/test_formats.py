"""Picture files of every form, and files that are none."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import tracemalloc
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from kiosk.scanner import read_image
from kiosk.scanner.formats import UnreadableImage, decode_image, encode_preview, load_image
from tests.kiosk.scanner.drawn import bars

PEN = "4006381333931"
CODE = bars(PEN)
GREY = Image.fromarray(CODE[:, :, 0])
BLANK = Image.new("L", GREY.size, 255)
SHAPE = CODE.shape


def transparent() -> Image.Image:
    """Draw black bars on nothing at all, as design programs export them."""
    picture = Image.new("RGBA", GREY.size, (0, 0, 0, 0))
    picture.putalpha(Image.fromarray(255 - CODE[:, :, 0]))
    return picture


def sideways() -> Image.Exif:
    """Say that the camera was held upright while the picture lies on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


PICTURES = {
    "grey.png": (GREY, {}),
    "two_colours.png": (GREY.convert("1"), {}),
    "sixteen_bits.png": (Image.fromarray(CODE[:, :, 0].astype(np.uint16) * 257), {}),
    "transparent.png": (transparent(), {}),
    "transparent.webp": (transparent(), {"lossless": True}),
    "transparent.gif": (transparent(), {}),
    "colours.jpg": (GREY.convert("RGB"), {}),
    "print.jpg": (GREY.convert("CMYK"), {}),
    "progressive.jpg": (GREY.convert("RGB"), {"progressive": True}),
    "colours.webp": (GREY.convert("RGB"), {}),
    "palette.gif": (GREY.convert("P"), {}),
    "colours.bmp": (GREY.convert("RGB"), {}),
    "moving.gif": (GREY, {"save_all": True, "append_images": [BLANK, BLANK]}),
    "moving.png": (GREY, {"save_all": True, "append_images": [BLANK]}),
    "moving.webp": (GREY.convert("RGB"), {"save_all": True, "append_images": [BLANK.convert("RGB")]}),
    "jpeg_called.png": (GREY.convert("RGB"), {"format": "JPEG"}),
}


@pytest.mark.parametrize("name", PICTURES)
def test_every_form_of_picture_is_loaded_and_read(name: str, tmp_path: Path) -> None:
    picture, how = PICTURES[name]
    picture.save(tmp_path / name, **how)  # type: ignore[arg-type]
    image = load_image(tmp_path / name)
    assert (image.shape, image.dtype.name) == (SHAPE, "uint8")
    assert read_image(image) == [PEN]


def test_sixteen_bits_keep_their_shade(tmp_path: Path) -> None:
    Image.fromarray(np.full((4, 4), 0x80FF, np.uint16)).save(tmp_path / "a.png")
    assert np.unique(load_image(tmp_path / "a.png")).tolist() == [128]


def test_a_photo_is_turned_the_way_the_camera_was_held(tmp_path: Path) -> None:
    GREY.convert("RGB").save(tmp_path / "a.jpg", exif=sideways())
    assert load_image(tmp_path / "a.jpg").shape == (SHAPE[1], SHAPE[0], 3)


@pytest.mark.parametrize(
    "name",
    [
        "grey.png",
        "transparent.webp",
        "colours.jpg",
        "progressive.jpg",
        "colours.webp",
        "palette.gif",
        "colours.bmp",
    ],
)
@pytest.mark.parametrize("share", [0.02, 0.5, 0.97])
def test_a_picture_that_was_cut_off_says_so(name: str, share: float, tmp_path: Path) -> None:
    picture, how = PICTURES[name]
    picture.save(tmp_path / name, **how)  # type: ignore[arg-type]
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: max(16, int(len(whole) * share))])
    with pytest.raises(UnreadableImage, match=r"damaged or cut off\. Copy the file again"):
        load_image(tmp_path / name)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"hello, I am a text", "is not a picture. Give a JPEG"),
        (b"%PDF-1.7", r"is a PDF file, which cannot be read here\. Save it as JPEG"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "is a HEIC or video file"),
        (b"\0\0\0\x18ftypavif\0\0\0\0", "is an AVIF file"),
        (b"II*\0\x08\0\0\0", "is a TIFF file"),
        (b"<?xml version='1.0'?><svg onload='alert(1)'/>", "is an SVG file"),
        (b"\xff\xd8\xff" + b"\xff" * 50, "damaged"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"GIF89a", "damaged"),
        (b"BM", "damaged"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "damaged"),
    ],
)
def test_what_is_no_picture_says_so(data: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(UnreadableImage, match=words):
        load_image(tmp_path / "a.png")


@pytest.mark.parametrize("ending", ["png", "bmp"])
@pytest.mark.parametrize(("size", "shown"), [((9, 65_536), "9 by 65536"), ((65_536, 9), "65536 by 9")])
def test_a_picture_that_is_too_long_for_the_readers_says_so(
    size: tuple[int, int], shown: str, ending: str, tmp_path: Path
) -> None:
    Image.new("L", size, 255).save(tmp_path / f"a.{ending}")
    with pytest.raises(UnreadableImage, match=f"a.{ending} is too long, {shown} pixels. Cut it in parts"):
        load_image(tmp_path / f"a.{ending}")


def test_a_picture_just_short_enough_is_read(tmp_path: Path) -> None:
    Image.new("L", (9, 65_535), 255).save(tmp_path / "a.png")
    assert read_image(load_image(tmp_path / "a.png")) == []


def test_missing_files_folders_and_devices_say_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableImage, match="There is no file"):
        load_image(tmp_path / "none.png")
    with pytest.raises(UnreadableImage, match="is not a file"):
        load_image(tmp_path)
    with pytest.raises(UnreadableImage, match="is not a file"):
        load_image(Path(os.devnull))


def png_of(width: int, height: int) -> bytes:
    """Write a few bytes that claim to be a picture of any size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 64)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_a_huge_picture_is_refused_without_unfolding_it(tmp_path: Path) -> None:
    (tmp_path / "huge.png").write_bytes(png_of(20_000, 20_000))
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableImage, match=r"20000 by 20000 pixels\. Give one of at most 100 million"):
            load_image(tmp_path / "huge.png")
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


BOMBS = """
import resource, sys, time
from pathlib import Path
from kiosk.scanner.formats import UnreadableImage, load_image

def most():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

load_image(Path(sys.argv[1]))
for name in sys.argv[2:]:
    before, began = most(), time.process_time()
    try:
        said = "x".join(map(str, load_image(Path(name)).shape))
    except UnreadableImage as error:
        said = "too large" if "is too large" in str(error) else str(error)
    print(Path(name).name, round(most() - before), round(time.process_time() - began, 2), said, sep="|")
"""


def test_bombs_cost_little_memory_and_time(tmp_path: Path) -> None:
    """Each is a small file; what it would unfold to is 50 to 600 MB."""
    GREY.save(tmp_path / "first.png")
    large = Image.new("RGB", (10_000, 10_000), (200, 190, 180))
    large.save(tmp_path / "huge.jpg", quality=50)
    large.crop((0, 0, 5000, 5000)).save(tmp_path / "progressive.jpg", quality=50, progressive=True)
    large.crop((0, 0, 4600, 4600)).save(tmp_path / "half.png")
    Image.new("RGBA", (5000, 5000)).save(tmp_path / "clear.png")
    Image.fromarray(np.zeros((4500, 4500), np.uint16)).save(tmp_path / "deep.png")
    Image.new("CMYK", (5000, 5000)).save(tmp_path / "print.jpg", quality=50)
    Image.new("P", (5000, 5000)).save(tmp_path / "flat.gif")
    moving = [Image.new("L", (1900, 1900), shade) for shade in range(20)]
    moving[0].save(tmp_path / "moving.gif", save_all=True, append_images=moving[1:])
    moving[0].save(tmp_path / "moving.webp", save_all=True, append_images=moving[1:])
    expected = {
        "huge.jpg": "2500x2500x3",
        "progressive.jpg": "too large",
        "half.png": "too large",
        "clear.png": "too large",
        "deep.png": "too large",
        "print.jpg": "2500x2500x3",
        "flat.gif": "too large",
        "moving.gif": "1900x1900x3",
        "moving.webp": "1900x1900x3",
    }
    paths = [str(tmp_path / name) for name in expected]
    done = subprocess.run(
        [sys.executable, "-c", BOMBS, str(tmp_path / "first.png"), *paths],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    rows = [line.split("|") for line in done.stdout.splitlines()]
    assert {name: said for name, _, _, said in rows} == expected
    assert all(int(megabytes) <= 64 and float(seconds) <= 2 for _, megabytes, seconds, _ in rows), rows


def test_a_photo_of_many_pixels_is_read_at_a_smaller_size(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    photo = np.repeat(np.repeat(rng.integers(0, 255, (600, 800, 3), np.uint8), 10, 0), 10, 1)
    drawn = bars(PEN, scale=12)
    photo[1000 : 1000 + drawn.shape[0], 2000 : 2000 + drawn.shape[1]] = drawn
    Image.fromarray(photo).save(tmp_path / "photo.jpg", quality=80)
    image = load_image(tmp_path / "photo.jpg")
    assert image.shape == (3000, 4000, 3)
    assert read_image(image) == [PEN]


def test_a_jpeg_that_never_ends_its_scans_is_refused(tmp_path: Path) -> None:
    GREY.save(tmp_path / "a.jpg", progressive=True)
    data = (tmp_path / "a.jpg").read_bytes()
    last = data.rindex(b"\xff\xda")
    (tmp_path / "a.jpg").write_bytes(data[:last] + data[last:-2] * 200 + data[-2:])
    with pytest.raises(UnreadableImage, match="damaged"):
        load_image(tmp_path / "a.jpg")


def test_pictures_come_from_memory_too(tmp_path: Path) -> None:
    GREY.save(tmp_path / "a.png")
    assert read_image(decode_image((tmp_path / "a.png").read_bytes(), "what came in")) == [PEN]
    with pytest.raises(UnreadableImage, match="what came in is empty"):
        decode_image(b"", "what came in")
    with pytest.raises(UnreadableImage, match="larger than 60 MB"):
        decode_image(bytes(60_000_001), "what came in")


@pytest.mark.parametrize(
    ("form", "mark", "behind", "fields"),
    [
        ("GIF", b"GIF8", 6, "<HH"),
        ("BMP", b"BM", 18, "<ii"),
        ("WEBP", b"RIFF", 26, "<HH"),
        ("JPEG", b"\xff\xc0", 5, ">HH"),
    ],
)
def test_every_header_tells_its_size(
    form: str, mark: bytes, behind: int, fields: str, tmp_path: Path
) -> None:
    GREY.convert("RGB").save(tmp_path / "huge", format=form)
    data = bytearray((tmp_path / "huge").read_bytes())
    struct.pack_into(fields, data, data.index(mark) + behind, 16_000, 9_000)
    (tmp_path / "huge").write_bytes(data)
    with pytest.raises(UnreadableImage, match=r"16000 by 9000 pixels|9000 by 16000 pixels"):
        load_image(tmp_path / "huge")


def test_a_preview_is_a_small_jpeg() -> None:
    data = encode_preview(np.zeros((720, 1280, 3), np.uint8), width=640)
    assert data.startswith(b"\xff\xd8\xff")
    assert np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)).shape == (360, 640, 3)
    assert (
        np.asarray(cv2.imdecode(np.frombuffer(encode_preview(CODE), np.uint8), cv2.IMREAD_COLOR)).shape
        == SHAPE
    )
