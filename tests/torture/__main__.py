"""``make torture``: kill -9 at random points, then three ledgers are compared. Exit 0 when the invariant holds, 1 when not.

A fork server forks a device's life, lets it work for some milliseconds, kills it, and forks the next one on the
same data folder; two lives share it at any time. Only kills confirmed by the wait status are counted. The data
folder of a failing run is kept, with its seed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.programs import aisle
from retail.logs import to_stderr
from retail.offer import Offer
from sync.opening import open_device
from sync.settings import Settings, load_settings
from tests import servers
from tests.torture import life, ordeals, power
from tests.torture.counting import Counts, compare
from tests.torture.plants import PLANTS

FAULTS = ("drop-after-accept", "500", "429", "sold-out", "partial", "garbage", "reprice")
LANES = 2
EARLY = 0.15  # share of lives that end before the device is open
WORKING = 0.18  # seconds that the others work at most, from the moment it is open: a busy machine does not change it
OLDEST = 5.0  # seconds after which a life ends in any case
SETTLE = 90.0  # seconds for the last life to bring everything home
READY = 5.0  # seconds after a kill until orders are taken again
MOST_PER_LIFE = 3


@dataclass
class Outside:
    """What the outside world has been told so far."""

    promised: dict[str, dict[str, Any]] = field(default_factory=dict)
    begun: set[int] = field(default_factory=set)
    answered: set[int] = field(default_factory=set)

    def hear(self, line: bytes) -> None:
        """One line of a life's report."""
        said = json.loads(line)
        if "begun" in said:
            self.begun.add(said["begun"])
        if "acknowledged" in said:
            self.promised[said["acknowledged"]] = said
            self.answered.add(said["intent"])

    def again(self) -> list[int]:
        """Customers who got no answer and press the button once more."""
        return sorted(self.begun - self.answered)[:2]


@dataclass
class Lane:
    """One life at a time."""

    pid: int
    pipe: int
    ends_at: float
    working: float = 0.0
    heard: bytes = b""


def main() -> int:
    """Run the torture; the exit code says whether the invariant held."""
    parser = argparse.ArgumentParser(prog="make torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=2000, help="confirmed kills to reach")
    parser.add_argument("--plant", choices=sorted(PLANTS), help="a bug to plant; the run must then fail")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument(
        "--ready", type=float, default=READY, help="seconds that may pass until orders are taken again"
    )
    parser.add_argument("--keep", action="store_true", help="keep the data folder of a good run, too")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else int(time.time())
    to_stderr("critical")
    folder = Path(tempfile.mkdtemp(prefix="aisle-torture-"))
    started = time.monotonic()
    plant = PLANTS[arguments.plant] if arguments.plant else None
    failed = _ordeals(folder, plant)
    counts, kills, ready = _kills(folder, arguments.kills, seed, plant)
    for name, what in failed.items():
        counts.blame("ordeals_failed", f"{name}: {what}")
    seconds = time.monotonic() - started
    for example in counts.examples:
        print(f"  {example}")
    figures = {name: value for name, value in asdict(counts).items() if name != "examples"}
    print(
        json.dumps(
            {"kills": kills, "ready_s": round(ready, 2), **figures, "seconds": round(seconds), "seed": seed}
        )
    )
    good = counts.holds() and ready <= arguments.ready and kills >= arguments.kills
    print(
        f"{kills} confirmed kills in {seconds:.0f} s: {counts.acknowledged} acknowledged,"
        f" {counts.acknowledged_but_missing} acknowledged but missing, {counts.duplicates} duplicates,"
        f" {counts.undelivered_and_not_queued} undelivered and not queued,"
        f" {counts.undelivered_but_queued} undelivered but queued, {counts.with_a_person} with a person,"
        f" {counts.missing_at_oms} missing at the OMS, {len(failed)} of {len(ordeals.ORDEALS) + 1} ordeals failed: "
        + ("the invariant holds" if good else "THE INVARIANT DOES NOT HOLD")
    )
    if good and not arguments.keep:
        shutil.rmtree(folder)
    else:
        print(f"kept: {folder} (seed {seed})")
    return 0 if good else 1


def _ordeals(folder: Path, plant: Any) -> dict[str, str]:
    place = folder / "ordeals"
    place.mkdir()
    found = ordeals.suffer(place, plant)
    found["pulled_plug"] = power.pulled_plug(folder / "power", plant)
    return {name: what for name, what in found.items() if what is not None}


def _kills(folder: Path, wanted: int, seed: int, plant: Any) -> tuple[Counts, int, float]:
    chance = random.Random(seed)
    with servers.partners(folder) as (records, urls), servers.oms(folder) as (oms_url, database):
        environment = {
            "AISLE_DATA_DIR": str(folder / "device"),
            "AISLE_KEY_FILE": "1",
            "AISLE_PARTNERS": str(records),
            "AISLE_EXCHANGE_SECONDS": "1",
        }
        os.environ |= environment
        oms_environment = {"AISLE_DATA_DIR": str(folder / "oms-data"), "AISLE_KEY_FILE": "1"}
        database_url = f"sqlite:///{database}"
        code = aisle(
            "oms", "enrol-code", "--database", database_url, "--store", "s1", environment=oms_environment
        )
        aisle("kiosk", "enrol", code["code"], "--oms", oms_url, environment=environment)
        settings = load_settings()
        offers = asyncio.run(_offers(settings))
        ordeals.warm_up(folder / "warm")
        outside = Outside()
        kills = _kill_until(wanted, settings, offers, outside, chance, urls, plant)
        for url in urls.values():
            servers.plan(url, "none")
        ready = _last_life(settings, offers, outside, plant)
        from sync.opening import keystore_of, open_store
        from sync.queue import OrderQueue

        engine = open_store(settings, keystore_of(settings))
        counts = compare(
            outside.promised,
            OrderQueue(engine),
            {name: servers.ledger(url) for name, url in urls.items()},
            database,
        )
        engine.dispose()
    return counts, kills, ready


async def _offers(settings: Settings) -> list[Offer]:
    """What can be bought, from the partners themselves; plenty of it."""
    device = open_device(settings)
    found: list[Offer] = []
    for partner in device.partners.values():
        page = await partner.search("", limit=100)
        found += [offer for offer in page.offers if offer.available >= 5]
    await device.aclose()
    return found


def _kill_until(
    wanted: int,
    settings: Settings,
    offers: Sequence[Offer],
    outside: Outside,
    chance: random.Random,
    urls: dict[str, str],
    plant: Any,
) -> int:
    kills, intent, lanes = 0, 0, list[Lane]()
    next_fault = time.monotonic()
    while kills < wanted or lanes:
        while len(lanes) < LANES and kills + len(lanes) < wanted + LANES and kills < wanted:
            intents = [*outside.again(), *range(intent, intent + MOST_PER_LIFE)]
            intent += MOST_PER_LIFE
            lane = _fork(settings, offers, intents, plant)
            early = chance.random() < EARLY
            lane.ends_at = time.monotonic() + (chance.uniform(0.0, 0.02) if early else OLDEST)
            lane.working = chance.uniform(0.0, WORKING)
            lanes.append(lane)
        now = time.monotonic()
        if now >= next_fault:
            servers.plan(chance.choice(list(urls.values())), chance.choice(FAULTS), chance.randint(1, 3))
            next_fault = now + 0.25
        _listen(lanes, outside, max(0.0, min(lane.ends_at for lane in lanes) - now))
        for lane in [lane for lane in lanes if lane.ends_at <= time.monotonic()]:
            kills += _kill(lane, outside)
            lanes.remove(lane)
    return kills


def _fork(settings: Settings, offers: Sequence[Offer], intents: Sequence[int], plant: Any) -> Lane:
    end, start = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(end)
            if plant:
                plant()
            life.live(settings, offers, intents, life.Report(start))
        except BaseException:
            traceback.print_exc()
            raise
        finally:
            os._exit(70)
    os.close(start)
    return Lane(child, end, 0.0)


def _listen(lanes: Sequence[Lane], outside: Outside, seconds: float) -> None:
    readable, _, _ = select.select([lane.pipe for lane in lanes], [], [], seconds)
    for lane in lanes:
        if lane.pipe in readable:
            _hear(lane, outside, os.read(lane.pipe, 65536))


def _hear(lane: Lane, outside: Outside, said: bytes) -> None:
    if not said:
        lane.ends_at = 0.0  # it ended by itself
    *whole, lane.heard = (lane.heard + said).split(b"\n")
    for line in whole:
        if b'"open"' in line:
            lane.ends_at = min(lane.ends_at, time.monotonic() + lane.working)
        outside.hear(line)


def _kill(lane: Lane, outside: Outside) -> int:
    os.kill(lane.pid, signal.SIGKILL)
    _, status = os.waitpid(lane.pid, 0)
    while said := os.read(lane.pipe, 65536):
        _hear(lane, outside, said)
    os.close(lane.pipe)
    return int(os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL)


def _last_life(settings: Settings, offers: Sequence[Offer], outside: Outside, plant: Any) -> float:
    """One life that nobody ends: it takes an order, then brings everything home. Seconds until the order was taken."""
    end, start = os.pipe()
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        os.close(end)
        try:
            if plant:
                plant()
            asyncio.run(_bring_home(settings, offers, life.Report(start)))
        finally:
            os._exit(0)
    os.close(start)
    lane, first = Lane(child, end, 0.0), None
    until = began + SETTLE + 30.0
    while time.monotonic() < until and select.select([end], [], [], until - time.monotonic())[0]:
        said = os.read(end, 65536)
        if not said:
            break
        if first is None and b"acknowledged" in said:
            first = time.monotonic()
        _hear(lane, outside, said)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(end)
    return (first or time.monotonic()) - began


async def _bring_home(settings: Settings, offers: Sequence[Offer], report: life.Report) -> None:
    device = open_device(settings)
    await life.place(device, 10**9, offers, report)
    await life.quieten(device, SETTLE)


if __name__ == "__main__":
    sys.exit(main())
