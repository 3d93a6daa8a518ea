"""What the demo tells people to type can be typed."""

from __future__ import annotations

import shlex

from demo import welcome


def test_a_folder_with_a_space_in_its_name_stays_one_word() -> None:
    folder = "/Users/anna/Library/Application Support/endless-aisle/demo"
    about = {"url": "http://127.0.0.1:1/", "folder": folder, "mail": f"{folder}/mail", "codes": "/My codes"}

    lines = welcome(about).splitlines()

    (find,) = (line.partition(": ")[2] for line in lines if "Command line on the same data" in line)
    assert shlex.split(find)[0] == f"AISLE_DATA_DIR={folder}"
    assert shlex.split(find)[-3:] == ["find", "rian", "jcaket"]
    (scan,) = (line.partition("or: ")[2] for line in lines if "Scan: type" in line)
    assert shlex.split(scan)[-2:] == ["scan", "/My codes/*.png"]
