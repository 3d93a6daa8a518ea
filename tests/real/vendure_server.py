"""A real Vendure shop on this machine, for tests and for trying things out. Needs node and npm.

    python -m tests.real.vendure_server install     about a minute, once; 250 MB under build/vendure
    python -m tests.real.vendure_server run         prints its addresses, ends with Ctrl-C
        --record FILE                               writes a partner record for it, for AISLE_PARTNERS=FILE

Everything lies in one cache folder (AISLE_VENDURE_DIR, else build/vendure). A running shop keeps its database in
memory, so each one starts as populated and several can run at once.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from partners.contract import Capabilities, PartnerRecord
from partners.records import dump_record
from tests.real.vendure_catalogue import write_catalogue

SOURCES = Path(__file__).parent / "vendure"
ROOT = Path(__file__).parents[2]
OLDEST_NODE = 20
SUPERADMIN = "superadmin"  # name and password: the shop lives on loopback, in memory, for a test
SUPERADMIN_SECRET = f"{SUPERADMIN}:{SUPERADMIN}"
# What partners/vendure needs to be allowed, and nothing more; docs/partners-vendure.md names the same.
PERMISSIONS = ("ReadCatalog", "ReadOrder", "CreateOrder", "UpdateOrder", "DeleteOrder")


@dataclass(frozen=True, slots=True)
class Shop:
    """A running shop. ``secret`` signs in an administrator who may do only what the adapter needs."""

    url: str
    superadmin: str
    secret: str
    pid: int


def record(shop: Shop, **settings: str) -> PartnerRecord:
    """The partner record of ``shop``, with ``settings`` besides the usual ones."""
    usual = {"currency": "USD", "country": "GB", "shipping_method": "standard-shipping"}
    return PartnerRecord(
        id="vendure",
        name="Vendure",
        protocol="vendure",
        endpoint=shop.url,
        capabilities=Capabilities("B", currencies=("USD",)),
        credential="partner-vendure",
        settings=usual | settings,
    )


class NotInstalled(Exception):
    """The packages cannot be got here; the text says why."""


def cache_folder() -> Path:
    """Where everything lies."""
    return Path(os.environ.get("AISLE_VENDURE_DIR") or ROOT / "build" / "vendure").resolve()


def why_not() -> str | None:
    """Why no shop can be started on this machine; None when one can."""
    node = shutil.which("node")
    if not node or not shutil.which("npm"):
        return "install node 20 or newer with npm to test against a real Vendure shop"
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = version.strip().lstrip("v").partition(".")[0]
    if not major.isdigit() or int(major) < OLDEST_NODE:
        return f"node {OLDEST_NODE} or newer is needed for Vendure, this is {version.strip() or 'unknown'}"
    return None


def install(folder: Path) -> dict[str, float]:
    """Make ``folder`` ready to run from; answers the seconds each step took, nothing when it was ready already.

    Safe when called by several processes at once. Raises NotInstalled when npm cannot get the packages, and
    RuntimeError when Vendure cannot be populated, with the end of the step's log.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        seconds = {}
        for step, sources, work in (
            ("install", ("package.json",), _install),
            ("populate", ("package.json", "*.js", "../vendure_catalogue.py"), _populate),
        ):
            stamp, wanted = folder / f"{step}.stamp", _digest(sources)
            if stamp.exists() and stamp.read_text() == wanted:
                continue
            stamp.unlink(missing_ok=True)
            began = time.monotonic()
            work(folder)
            seconds[step] = time.monotonic() - began
            stamp.write_text(wanted)
        return seconds


def _digest(patterns: tuple[str, ...]) -> str:
    found = sorted(path for pattern in patterns for path in SOURCES.glob(pattern))
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in found)).hexdigest()


def _install(folder: Path) -> None:
    shutil.copy(SOURCES / "package.json", folder)
    command = [
        "npm",
        "install",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--no-package-lock",
        "--fetch-retries=1",
    ]
    if not _run(command, folder, dict(os.environ), folder / "install.log"):
        raise NotInstalled(f"npm could not install Vendure:\n{_end(folder / 'install.log')}")


def _populate(folder: Path) -> None:
    for source in SOURCES.glob("*.js"):
        shutil.copy(source, folder)
    write_catalogue(folder / "node_modules/@vendure/create/assets/products.csv", folder / "products.csv")
    shutil.rmtree(folder / "static", ignore_errors=True)
    (folder / "static/assets").mkdir(parents=True)
    (folder / "vendure.sqlite").unlink(missing_ok=True)
    environment = _environment(folder, _free_port()) | {"VENDURE_POPULATE": "1"}
    if not _run(["node", "populate.js"], folder, environment, folder / "populate.log"):
        raise RuntimeError(f"Vendure could not be populated:\n{_end(folder / 'populate.log')}")


def _run(command: list[str], folder: Path, environment: dict[str, str], log: Path) -> bool:
    with log.open("wb") as output:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
        )
    return done.returncode == 0


def _end(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]


def _environment(folder: Path, port: int) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PORT": str(port),
        "VENDURE_DATABASE": str(folder / "vendure.sqlite"),
        "VENDURE_PASSWORD": SUPERADMIN,
        "VENDURE_DISABLE_TELEMETRY": "true",
    }


def _free_port() -> int:
    """A port below those that systems give to whoever wants any: nobody gets it before the shop does."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextmanager
def running(folder: Path, port: int | None = None) -> Iterator[Shop]:
    """A shop started from an installed ``folder``; it is ended on leaving, by its own pid.

    Its log is ``run-PORT.log`` in the folder. Raises RuntimeError with the end of that log when it does not start.
    """
    port = port or _free_port()
    log = folder / f"run-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["node", "index.js"],
            cwd=folder,
            env=_environment(folder, port),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
                _wait_until_up(client, process, log)
                yield Shop(url, SUPERADMIN_SECRET, _settle(client), process.pid)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_up(
    client: httpx.Client, process: subprocess.Popen[bytes], log: Path, patience: float = 120
) -> None:
    until = time.monotonic() + patience
    while time.monotonic() < until and process.poll() is None:
        try:
            if client.get("/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError(f"Vendure did not start:\n{_end(log)}")


def _settle(client: httpx.Client) -> str:
    """Wait until everything is indexed, and make the administrator for the adapter; answers its secret."""
    admin = Admin(client, SUPERADMIN_SECRET)
    while admin("{ jobs(options: {filter: {isSettled: {eq: false}}}) { totalItems } }")["jobs"]["totalItems"]:
        time.sleep(0.1)
    role = admin(
        "mutation ($input: CreateRoleInput!) { createRole(input: $input) { id } }",
        input={"code": "endless-aisle", "description": "Endless aisle", "permissions": list(PERMISSIONS)},
    )["createRole"]
    account = {"emailAddress": "aisle@example.com", "firstName": "Endless", "lastName": "Aisle"}
    account |= {"password": secrets.token_hex(16)}
    admin(
        "mutation ($input: CreateAdministratorInput!) { createAdministrator(input: $input) { id } }",
        input={**account, "roleIds": [role["id"]]},
    )
    return f"{account['emailAddress']}:{account['password']}"


class Admin:
    """The shop's own staff, through the admin API: what a test needs to change behind the adapter's back."""

    def __init__(self, client: httpx.Client, secret: str) -> None:
        self._client = client
        self._headers: dict[str, str] = {}
        username, _, password = secret.partition(":")
        self(
            "mutation ($u: String!, $p: String!) { login(username: $u, password: $p) { __typename } }",
            u=username,
            p=password,
        )

    def __call__(self, query: str, **variables: Any) -> dict[str, Any]:
        """Send ``query`` and return its data; raises AssertionError when the shop answers an error."""
        body = {"query": query, "variables": variables}
        answer = self._client.post("/admin-api", json=body, headers=self._headers)
        self._client.cookies.clear()
        if token := answer.headers.get("vendure-auth-token"):
            self._headers = {"authorization": f"Bearer {token}"}
        document = answer.json()
        assert "errors" not in document, document["errors"]
        data: dict[str, Any] = document["data"]
        return data


def main() -> int:
    """Install, or install and run until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m tests.real.vendure_server", description=__doc__)
    parser.add_argument("command", choices=["install", "run"])
    parser.add_argument("--port", type=int, help="for run; any free one when left out")
    parser.add_argument("--record", type=Path, help="for run; where to write a partner record (TOML)")
    arguments = parser.parse_args()
    if reason := why_not():
        print(reason, file=sys.stderr)
        return 1
    folder = cache_folder()
    for step, seconds in install(folder).items():
        print(f"{step}: {seconds:.1f} s", file=sys.stderr)
    if arguments.command == "run":
        began = time.monotonic()
        with running(folder, arguments.port) as shop:
            print(f"started and indexed in {time.monotonic() - began:.1f} s", file=sys.stderr)
            print(f"shop    {shop.url}/shop-api\nadmin   {shop.url}/admin-api\nsign in {shop.superadmin}")
            one = record(shop)
            if arguments.record:
                arguments.record.write_text(dump_record(one), "utf-8")
            print(f"secret  {shop.secret}   (to be kept as {one.credential!r})", flush=True)
            # Being told to end is no reason to leave the shop running.
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
            with suppress(KeyboardInterrupt):
                signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main())
