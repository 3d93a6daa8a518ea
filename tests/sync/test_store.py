"""The store: encrypted, durable, and clear about what is wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from retail.address import Address, Customer
from retail.errors import Misconfigured
from sync.queue import OrderQueue
from sync.store.engine import StoreUnavailable, open_engine, reading
from sync.store.schema import HEAD, migrate
from tests.retail.samples import order
from tests.sync.conftest import KEY

CANARY = Customer(
    "Kanarie Vogel",
    "kanarie.vogel@example.com",
    Address("DE", ("Kanarienweg 7",), "Vogelstadt", "50667"),
    "+492219123456",
)


def fill(queue: OrderQueue, count: int) -> None:
    for number in range(count):
        new = f"many-{number}"
        queue.place(new, lambda number, new=new: order(order_id=new, number=number), "S1", {})  # type: ignore[misc]


def pragma(engine: Engine, name: str) -> object:
    with reading(engine) as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_a_commit_waits_for_the_disk(engine: Engine) -> None:
    with engine.connect() as first, engine.connect().execution_options(aisle_mode="DEFERRED") as second:
        for connection in (first, second):
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_nothing_on_disk_can_be_read_without_the_key(
    engine: Engine, queue: OrderQueue, tmp_path: Path
) -> None:
    queue.place("o1", lambda number: order(order_id="o1", number=number, customer=CANARY), "S1", {})

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"orders.db", "orders.db-wal", "orders.db-shm"}
    for path in files:
        content = path.read_bytes()
        for word in (
            "Kanarie",
            "kanarie",
            "Vogel",
            "Kanarienweg",
            "9123456",
            "CREATE TABLE",
            "SQLite format",
        ):
            assert word.encode() not in content, (path.name, word)
    found = queue.order("o1")
    assert found is not None
    assert found.order.customer == CANARY


def test_only_its_owner_can_read_the_file(engine: Engine, tmp_path: Path) -> None:
    assert {oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir()} == {"0o600"}


def test_another_key_is_said_to_be_wrong_and_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    OrderQueue(engine).place("o1", lambda number: order(order_id="o1", number=number), "S1", {})
    engine.dispose()
    before = (tmp_path / "orders.db").read_bytes()

    with pytest.raises(Misconfigured, match=r"cannot be opened with this device's key\. Restore the key"):
        open_engine(tmp_path / "orders.db", bytes(32))

    assert (tmp_path / "orders.db").read_bytes() == before


def test_what_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "orders.db").write_bytes(b"not a database, but a letter to Santa Claus" * 200)

    with pytest.raises(Misconfigured, match="move the file away"):
        open_engine(tmp_path / "orders.db", KEY)


def test_a_key_has_32_bytes(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        open_engine(tmp_path / "orders.db", b"short")


# -- a disk that does not do what it should ----------------------------------------------------------------

AS_NOBODY = """
import os, sys
from pathlib import Path
from sync.store.engine import StoreUnavailable, open_engine
from sync.queue import OrderQueue
from tests.retail.samples import order
open_engine(Path(sys.argv[2]), bytes(range(32)))  # what is imported when first needed
if os.geteuid() == 0:
    os.setgid(65534); os.setuid(65534)
try:
    engine = open_engine(Path(sys.argv[1]), bytes(range(32)))
    OrderQueue(engine).place("o2", lambda number: order(order_id="o2", number=number), "S1", {})
except StoreUnavailable as error:
    print(error)
"""


def as_nobody(path: Path, other: Path) -> str:
    """What opening ``path`` and placing an order comes to for a user without rights; root can open ``other`` first."""
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, str(path), str(other)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def open_path(tmp_path: Path) -> Path:
    """``tmp_path``, reachable by every user."""
    for folder in (tmp_path, *tmp_path.parents):
        if folder.owner() == "root" and folder.stat().st_mode & 0o005 != 0o005:
            folder.chmod(0o755)
    return tmp_path


def test_a_read_only_store_is_said_to_be_read_only(engine: Engine, open_path: Path) -> None:
    OrderQueue(engine).place("o1", lambda number: order(order_id="o1", number=number), "S1", {})
    engine.dispose()
    path = open_path / "orders.db"
    path.chmod(0o444)

    assert (
        as_nobody(path, open_path / "other.db")
        == f"{path} is read-only for this user. Make it writable, then try again."
    )

    path.chmod(0o600)
    again = open_engine(path, KEY)
    assert OrderQueue(again).verify() == (1, ())
    again.dispose()


def test_a_folder_that_cannot_be_written_is_named(open_path: Path) -> None:
    assert as_nobody(open_path / "new" / "orders.db", open_path / "other.db") == (
        f"{open_path / 'new'} cannot be written by this user. Make it writable, then try again."
    )


def test_a_file_where_the_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "kiosk").write_text("")

    with pytest.raises(StoreUnavailable, match=r"orders\.db cannot be written"):
        open_engine(tmp_path / "kiosk" / "orders.db", KEY)


def test_a_full_disk_loses_nothing_and_goes_on_when_there_is_space(engine: Engine, queue: OrderQueue) -> None:
    queue.place("o1", lambda number: order(order_id="o1", number=number), "S1", {})
    pages = pragma(engine, "page_count")
    engine.dispose()
    with engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    # the pool gives the same connection again as long as one at a time is asked for
    with pytest.raises(StoreUnavailable, match=r"is full\. Nothing was saved; free some space"):
        fill(queue, 50)
    kept, wrong = queue.verify()
    assert wrong == ()

    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    _, fresh = queue.place("again", lambda number: order(order_id="again", number=number), "S1", {})
    assert fresh
    assert queue.verify() == (kept + 1, ())


def test_a_damaged_page_is_never_read_as_if_it_were_right(
    engine: Engine, queue: OrderQueue, tmp_path: Path
) -> None:
    fill(queue, 30)
    with engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    path = tmp_path / "orders.db"
    whole = bytearray(path.read_bytes())
    assert len(whole) > 20 * 4096

    for page in range(1, len(whole) // 4096, 5):
        damaged = bytearray(whole)
        damaged[page * 4096 + 1000] ^= 0x10
        path.write_bytes(damaged)
        again = open_engine(path, KEY)
        try:
            count, wrong = OrderQueue(again).verify()
        except (StoreUnavailable, Misconfigured) as error:
            assert "aisle verify" in str(error)  # noqa: PT017
        else:
            assert (count, wrong) == (30, ())
        again.dispose()


# -- versions ----------------------------------------------------------------------------------------------


def look(engine: Engine) -> None:
    with reading(engine) as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")
        connection.exec_driver_sql("CREATE TABLE x (y)")  # which needs the lock


def test_what_is_in_use_says_whether_something_was_to_be_saved(engine: Engine) -> None:
    with engine.connect() as holder, holder.begin():
        with pytest.raises(StoreUnavailable, match=r"in use by another program\. It could not be read; try"):
            look(engine)
        with pytest.raises(StoreUnavailable, match=r"in use by another program\. Nothing was saved; try"):
            OrderQueue(engine).place("x", lambda number: order(number=number), "S1", {})


def test_a_store_is_migrated_once(engine: Engine) -> None:
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == HEAD
    migrate(engine)


def test_a_store_of_a_newer_program_is_refused_untouched(engine: Engine, tmp_path: Path) -> None:
    OrderQueue(engine).place("o1", lambda number: order(order_id="o1", number=number), "S1", {})
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(Misconfigured, match=r"at version 9999, newer than this program .* Install the newer"):
        migrate(engine)

    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "9999"
    assert OrderQueue(engine).verify() == (1, ())


def test_the_migrations_make_what_the_program_expects(engine: Engine) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from sync.store.models import DeviceTable

    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, DeviceTable.metadata) == []


def test_two_programs_may_start_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from sync.store.engine import open_engine; from sync.store.schema import migrate\n"
        "migrate(open_engine(Path(sys.argv[1]), bytes(range(32))))"
    )
    path = tmp_path / "orders.db"
    starting = [
        subprocess.Popen([sys.executable, "-W", "error::ImportWarning", "-c", code, str(path)])
        for _ in range(3)
    ]

    assert [process.wait(60) for process in starting] == [0, 0, 0]
    engine = open_engine(path, KEY)
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").all() == [(HEAD,)]
    engine.dispose()
