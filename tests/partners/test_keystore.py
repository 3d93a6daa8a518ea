"""Secrets by name: the machine's keystore, the guarded file, and what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as Fail
from keyring.backends.null import Keyring as Null
from keyring.errors import KeyringLocked, PasswordDeleteError

from partners.keystore import FILE, FileKeystore, Keystore, SystemKeystore, open_keystore
from retail.errors import Misconfigured


class Held(KeyringBackend):
    """A keystore of the operating system's kind, in memory."""

    priority = 5.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.held: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._open()
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._open()
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._open()
        if self.held.pop((service, username), None) is None:
            raise PasswordDeleteError("not there")

    def _open(self) -> None:
        if self.locked:
            raise KeyringLocked("locked")


class Plaintext(Held):
    """As keyrings.alt's: keeps secrets, but readable."""

    priority = 0.5


class Elsewhere(Held):
    """A plaintext backend that thinks much of itself."""

    priority = 9.0


Elsewhere.__module__ = "keyrings.alt.file"


@pytest.fixture(params=["system", "file"])
def keystore(request: pytest.FixtureRequest, tmp_path: Path) -> Keystore:
    if request.param == "system":
        return open_keystore(tmp_path / "kiosk", allow_file=False, backend=Held())
    return open_keystore(tmp_path / "kiosk", allow_file=True, backend=Fail())  # type: ignore[no-untyped-call]


def test_what_is_set_can_be_got_and_forgotten(keystore: Keystore) -> None:
    assert keystore.get("partner-north") is None
    keystore.set("partner-north", "geheim é 王")
    keystore.set("device-store-key", "00ff")
    keystore.set("device-store-key", "11ff")
    assert (keystore.get("partner-north"), keystore.get("device-store-key")) == ("geheim é 王", "11ff")
    keystore.delete("partner-north")
    keystore.delete("partner-north")
    assert (keystore.get("partner-north"), keystore.get("device-store-key")) == (None, "11ff")


def test_adding_never_replaces(keystore: Keystore) -> None:
    assert keystore.add("device-store-key", "first") == "first"
    assert keystore.add("device-store-key", "second") == "first"
    assert keystore.get("device-store-key") == "first"


def test_explaining_never_shows_a_secret(keystore: Keystore) -> None:
    keystore.set("partner-north", "geheim")
    assert "geheim" not in keystore.explain()
    assert keystore.explain().endswith(".")


def test_the_machines_own_keystore_is_chosen_first(tmp_path: Path) -> None:
    held = Held()
    keystore = open_keystore(tmp_path, allow_file=True, backend=held)
    keystore.set("a", "b")
    assert isinstance(keystore, SystemKeystore)
    assert held.held == {("endless-aisle", "a"): "b"}
    assert not (tmp_path / FILE).exists()


def test_a_key_file_in_use_stays_in_use(tmp_path: Path) -> None:
    FileKeystore(tmp_path).set("a", "b")
    assert open_keystore(tmp_path, allow_file=True, backend=Held()).get("a") == "b"


def refused() -> list[KeyringBackend]:
    silent = Held()
    silent.locked = True
    return [Fail(), Null(), Plaintext(), Elsewhere(), silent]  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("backend", refused(), ids=lambda one: type(one).__name__)
def test_a_keystore_that_keeps_nothing_or_keeps_it_readable_is_refused(
    tmp_path: Path, backend: KeyringBackend
) -> None:
    with pytest.raises(Misconfigured, match="AISLE_KEY_FILE=1"):
        open_keystore(tmp_path, allow_file=False, backend=backend)
    assert isinstance(open_keystore(tmp_path, allow_file=True, backend=backend), FileKeystore)


def test_a_keystore_that_locks_itself_says_what_to_do(tmp_path: Path) -> None:
    held = Held()
    keystore = open_keystore(tmp_path, allow_file=False, backend=held)
    held.locked = True
    with pytest.raises(Misconfigured, match="Unlock"):
        keystore.get("a")
    with pytest.raises(Misconfigured, match="Unlock"):
        keystore.set("a", "b")
    with pytest.raises(Misconfigured, match="Unlock"):
        keystore.delete("a")


def test_only_its_owner_can_read_the_file(tmp_path: Path) -> None:
    keystore = FileKeystore(tmp_path / "kiosk")
    keystore.set("a", "b")
    keystore.set("c", "d")
    path = tmp_path / "kiosk" / FILE
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o400, 0o700)
    assert json.loads(path.read_text("utf-8")) == {"a": "b", "c": "d"}
    assert sorted(one.name for one in path.parent.iterdir()) == [FILE, "keys.lock"]


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    keystore = FileKeystore(tmp_path)
    keystore.set("a", "b")
    (tmp_path / FILE).chmod(0o440)
    with pytest.raises(Misconfigured, match="chmod 400"):
        keystore.get("a")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"a": 1}', b"\xff"])
def test_a_damaged_file_is_never_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    (tmp_path / FILE).chmod(0o400)
    keystore = FileKeystore(tmp_path)
    with pytest.raises(Misconfigured, match="damaged"):
        keystore.set("a", "b")
    assert (tmp_path / FILE).read_bytes() == content


def test_a_folder_that_is_a_file_is_said_to_be_unusable(tmp_path: Path) -> None:
    (tmp_path / "kiosk").write_text("")
    with pytest.raises(Misconfigured, match="cannot be written"):
        FileKeystore(tmp_path / "kiosk").set("a", "b")


def test_processes_that_add_at_once_agree(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from partners.keystore import FileKeystore\n"
        "print(FileKeystore(Path(sys.argv[1])).add('key', sys.argv[2]))"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path), str(n)], stdout=subprocess.PIPE, text=True
        )
        for n in range(4)
    ]
    said = {process.communicate()[0].strip() for process in running}
    assert len(said) == 1
    assert FileKeystore(tmp_path).get("key") == said.pop()
