"""What people gave a device is never lost without a word: an unreadable catalogue, an update that empties it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sync.catalogue import Shelf, crosswalk
from sync.catalogue.file import load_file
from sync.catalogue.losses import losses
from sync.opening import keystore_of, open_shelf
from sync.settings import Settings
from sync.store.engine import open_engine
from tests.retail.samples import NOW, offer

ROWS = "sku;gtin;name;price_minor;currency;available\nJ-1;4012345678901;Hat;1500;EUR;5\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A device in a folder of its own."""
    return Settings(data_dir=tmp_path, key_file=True)


def opened(settings: Settings) -> Shelf:
    return open_shelf(settings, keystore_of(settings))


def kept(settings: Settings) -> list[str]:
    folder = settings.data_dir / "kiosk"
    return sorted(
        one.name for one in folder.glob("catalogue.db*") if "." in one.name.removeprefix("catalogue.db")
    )


def take(shelf: Shelf, path: Path) -> None:
    path.write_text(ROWS)
    load_file(shelf.engine, path, partner="north", known=["north"], full=False, now=NOW)


def own_codes(shelf: Shelf, path: Path) -> None:
    path.write_text("code;gtin\nA;4012345678901\n")
    crosswalk.import_file(shelf.engine, path)


@pytest.fixture
def filled(settings: Settings, tmp_path: Path) -> Path:
    """The catalogue of a device that was given a file and own codes."""
    shelf = opened(settings)
    take(shelf, tmp_path / "hats.csv")
    own_codes(shelf, tmp_path / "own.csv")
    assert losses(shelf.engine) == ()
    shelf.engine.dispose()
    return tmp_path / "kiosk" / "catalogue.db"


@pytest.mark.parametrize("how", ["overwritten", "another key"])
def test_a_catalogue_that_cannot_be_read_is_put_aside_and_said_until_the_file_is_gone(
    settings: Settings, filled: Path, tmp_path: Path, how: str
) -> None:
    if how == "another key":
        filled.unlink()
        open_engine(filled, bytes(32)).dispose()
    else:
        filled.write_bytes(b"no catalogue " * 1000)
    was = filled.read_bytes()

    for _ in range(2):  # it is said every time
        shelf = opened(settings)
        (loss,) = losses(shelf.engine)
        assert shelf.counts() == (0, 0)
        shelf.engine.dispose()
        assert re.fullmatch(
            r"The catalogue could not be read on \d{4}-\d\d-\d\d \d\d:\d\d UTC and was begun anew\."
            rf" The old one is kept as {re.escape(str(filled))}\.unreadable\.",
            loss.what,
        )
        assert loss.advice == (
            "Load your catalogue files and the crosswalk again (aisle catalogue load, aisle catalogue crosswalk),"
            " then delete that file."
        )
    aside = filled.with_name("catalogue.db.unreadable")
    assert aside.read_bytes() == was
    aside.unlink()
    shelf = opened(settings)
    assert losses(shelf.engine) == ()
    shelf.engine.dispose()


def test_of_several_that_cannot_be_read_the_last_one_is_kept(settings: Settings, filled: Path) -> None:
    for number in range(3):
        filled.write_bytes(b"no catalogue %d" % number * 1000)
        opened(settings).engine.dispose()

    assert kept(settings) == ["catalogue.db.unreadable"]
    assert filled.with_name("catalogue.db.unreadable").read_bytes() == b"no catalogue 2" * 1000


def test_an_update_keeps_own_codes_and_names_the_files_to_load_again(
    settings: Settings, filled: Path, tmp_path: Path
) -> None:
    shelf = opened(settings)
    take(shelf, tmp_path / "caps.csv")
    with shelf.engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA user_version = 1")
    shelf.engine.dispose()

    shelf = opened(settings)
    assert shelf.counts() == (0, 0)
    assert [lead.gtin for lead in shelf.leads("A")] == ["04012345678901"]
    (loss,) = losses(shelf.engine)
    assert loss.what == (
        "An update of the program has emptied the catalogue, of what was loaded from caps.csv, hats.csv, too."
    )
    assert loss.advice == "Load it again: aisle catalogue load"
    take(shelf, tmp_path / "hats.csv")
    assert ["caps.csv, too" in one.what for one in losses(shelf.engine)] == [True]
    take(shelf, tmp_path / "caps.csv")
    assert losses(shelf.engine) == ()
    shelf.engine.dispose()


def test_an_update_of_a_device_that_was_given_nothing_says_nothing(shelf: Shelf) -> None:
    shelf.remember([offer(1)])
    with shelf.engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA user_version = 1")

    assert losses(Shelf(shelf.engine).engine) == ()


def test_opening_and_searching_wait_for_nobody_who_writes(settings: Settings, filled: Path) -> None:
    writer = opened(settings)
    with writer.engine.connect() as connection, connection.begin():  # holds the lock
        shelf = opened(settings)
        assert [one.product.name for one in shelf.search("hat", NOW).listings] == ["Hat"]
        shelf.engine.dispose()
    writer.engine.dispose()
