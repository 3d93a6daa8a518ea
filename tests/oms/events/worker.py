"""A process that runs the toy chain until it is killed: python -m tests.oms.events.worker DATABASE BROKER"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from oms.events.bus import EventBus
from oms.store import make_engine
from tests.oms.events.toys import chain


async def main(database: str, broker: str) -> None:
    """``broker`` is a folder or a URL."""
    where = broker if "://" in broker else Path(broker)
    bus = EventBus(make_engine(database), where, chain(), wake=asyncio.Event())
    await bus.run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
